"""Several ways side by side, asked in turn."""

import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import asdict
from typing import Any

from benchmarks.speed._tasks import Task

Seconds = dict[str, list[float]]
# Of every way that has been started.
VERSIONS: dict[str, str] = {}


class Way:
    """A worker process that times one way of doing things.

    Parameters
    ----------
    name : str
        Module `benchmarks.speed._way_NAME`.

    Raises
    ------
    RuntimeError
        If the worker does not start or does not survive a question; the message ends
        with what it wrote last.
    """

    def __init__(self, name: str):
        self.name = name
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "benchmarks.speed._worker", name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            bufsize=1,
        )
        VERSIONS[name] = self._read()["version"]

    def ask(self, task: Task, work: str, **options: Any) -> dict[str, Any]:
        """Do a work once; see `Worker.answer`."""
        question = {"task": asdict(task), "work": work, "options": options}
        assert self._process.stdin is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._errors.seek(0)
            last = self._errors.read()[-1500:]
            raise RuntimeError(f"{self.name} did not answer. It wrote last:\n{last}")
        return json.loads(line)

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()
        self._errors.close()


def time_in_turn(
    ways: list[Way], task: Task, work: str, n_repeats: int, **options: Any
) -> Seconds:
    """Ask every way in turn, again and again; the first round is not counted."""
    found: Seconds = {}
    for i in range(n_repeats + 1):
        for way in ways:
            answer = way.ask(task, work, **options)
            if "seconds" in answer and i > 0:
                found.setdefault(way.name, []).append(answer["seconds"])
    return found


def describe(values: list[float], factor: float = 1.0) -> str:
    """Write a median, with minimum and maximum if there are several values."""
    three = (statistics.median(values), min(values), max(values))
    middle, low, high = (
        f"{value:,.0f}" if value >= 1e3 else f"{value:.3g}"
        for value in (factor * each for each in three)
    )
    return middle if len(values) == 1 else f"{middle} ({low} - {high})"


def ratios(found: Seconds, name: str, base: str = "ours") -> list[float]:
    """Divide the times of one way by those of another, round by round."""
    return [a / b for a, b in zip(found[name], found[base], strict=True)]
