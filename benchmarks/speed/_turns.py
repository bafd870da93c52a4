"""Several ways side by side, asked in turn."""

import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from benchmarks.speed._tasks import Task

# Of every way that has been started.
VERSIONS: dict[str, str] = {}


class Process:
    """A process that answers lines of JSON by lines of JSON.

    Parameters
    ----------
    name : str
        What messages call it.
    arguments : sequence of str
        Those of the Python interpreter.
    **options : Any
        Passed to `subprocess.Popen`.

    Raises
    ------
    RuntimeError
        If it does not start or does not survive a question; the message ends with what
        it wrote last.
    """

    def __init__(self, name: str, arguments: Sequence[str], **options: Any):
        self.name = name
        self._errors = tempfile.TemporaryFile("w+")
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            bufsize=1,
            **options,
        )

    def send(self, question: Any) -> dict[str, Any]:
        """Ask, and return the answer."""
        assert self._process.stdin is not None
        print(json.dumps(question), file=self._process.stdin, flush=True)
        return self.read()

    def read(self) -> dict[str, Any]:
        """Return the next answer."""
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


class Way(Process):
    """A worker process that times one way of doing things.

    Parameters
    ----------
    name : str
        Module `benchmarks.speed._way_NAME`, or a class of `benchmarks.peers`.
    """

    def __init__(self, name: str):
        super().__init__(name, ["-m", "benchmarks.speed._worker", name])
        VERSIONS[name] = self.read()["version"]

    def ask(self, task: Task, work: str, **options: Any) -> dict[str, Any]:
        """Do a work once; see `Worker.answer`."""
        return self.send({"task": asdict(task), "work": work, "options": options})


@contextlib.contextmanager
def start_ways(names: list[str]) -> Iterator[list[Way]]:
    """Start a worker for each name, and end them all."""
    with contextlib.ExitStack() as stack:
        ways = []
        for name in names:
            ways.append(Way(name))
            stack.callback(ways[-1].close)
        yield ways


def print_versions() -> None:
    """Print what was asked; others start for seconds only to say their version."""
    print("\n" + "\n".join(f"* {name}: {v}" for name, v in VERSIONS.items()))


def time_in_turn(
    ways: list[Way], task: Task, work: str, n_repeats: int, **options: Any
) -> dict[str, list[float]]:
    """Ask every way in turn, again and again; the first round is not counted."""
    times: dict[str, list[float]] = {}
    for i in range(n_repeats + 1):
        for way in ways:
            answer = way.ask(task, work, **options)
            if "seconds" in answer and i > 0:
                times.setdefault(way.name, []).append(answer["seconds"])
    return times
