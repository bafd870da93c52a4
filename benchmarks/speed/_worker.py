"""One way in a process of its own, told what to time line by line.

    python -m benchmarks.speed._worker WAY

Reads JSON lines from standard input, each a task, a work and its options; answers each
with a JSON line of seconds. The framework is started before the first answer.
"""

import contextlib
import importlib.util
import json
import logging
import os
import resource
import sys
import warnings
from typing import Any

from benchmarks._timing import time_call
from benchmarks.speed._tasks import Task, candidates, count_steps, read_rows


class Worker:
    """What has been prepared and fitted by one way.

    Parameters
    ----------
    way : str
        As in `Way`.
    """

    def __init__(self, way: str):
        self.way = find_way(way)
        self.version = self.way.start()
        self.data: dict[Task, Any] = {}
        self.fitted: dict[Task, Any] = {}

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """Do a work once and return its seconds."""
        task = Task(**question["task"] | {"units": tuple(question["task"]["units"])})
        work, options = question["work"], question.get("options", {})
        if work == "search":
            return {"seconds": self.search(task)}
        if not hasattr(self.way, work):
            return {"missing": True}
        if task not in self.data:
            rows = read_rows(task)
            self.data[task] = self.way.prepare(rows, task), count_steps(rows, task)
        data, n_steps = self.data[task]
        if work == "fit":
            seconds, self.fitted[task] = time_call(self.way.fit, data, task)
        else:
            if task not in self.fitted:
                self.fitted[task] = self.way.fit(data, task)
            function = getattr(self.way, work)
            seconds, _ = time_call(function, self.fitted[task], data, **options)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        return {"seconds": seconds, "n_steps": n_steps, "peak_mib": peak}

    def search(self, task: Task) -> float:
        """Fit 24 networks on 3 folds each, with the package's own search if ours."""
        if hasattr(self.way, "search"):
            data = self.way.prepare(read_rows(task), task)
            return time_call(self.way.search, data, task)[0]
        total = 0.0
        for candidate in candidates(task):
            data = self.way.prepare(read_rows(candidate), candidate)
            seconds, model = time_call(self.way.fit, data, candidate)
            total += seconds + time_call(self.way.forecast, model, data)[0]
        return total


def find_way(name: str) -> Any:
    """Return the module or class that knows a package."""
    module = f"benchmarks.speed._way_{name}"
    if importlib.util.find_spec(module):
        return importlib.import_module(module)
    return importlib.import_module("benchmarks.peers").WAYS[name]


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    # What the frameworks print must not get between the answers.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    with contextlib.redirect_stdout(sys.stderr):
        worker = Worker(sys.argv[1])
        print(json.dumps({"version": worker.version}), file=answers)
        for line in sys.stdin:
            print(json.dumps(worker.answer(json.loads(line))), file=answers)


if __name__ == "__main__":
    main()
