"""What training prints while it runs: epochs and losses."""

import sys

# Lines of one training where a line cannot be written over, as in a notebook.
MOST_LINES = 10


class Progress:
    """The epochs of one training; nothing at all when not verbose.

    A terminal shows one line, which is written over. Elsewhere whole lines are printed,
    some ten of them, so that a notebook keeps them when it is exported.

    Parameters
    ----------
    title : str
        What is trained.
    epochs, steps : int
        Epochs planned, and the steps of each.
    verbose : int
        0 for silence.
    """

    def __init__(self, title: str, epochs: int, steps: int, verbose: int):
        self._title, self._epochs, self._steps = title, epochs, steps
        # Some editors give standard output as None, or as less than a file.
        self._verbose = verbose
        self._is_terminal = getattr(sys.stdout, "isatty", bool)()
        self._seen, self._next = 0, 1.0
        self._line = self._last = ""
        self._metrics: dict[str, float] = {}

    def advance(self, n_steps: int, **metrics: float) -> None:
        """Move on by ``n_steps``, none of them at the end of an epoch."""
        self._seen += n_steps
        self._metrics |= metrics
        if not self._verbose:
            return
        self._line = self._write()
        epoch = self._seen / self._steps
        if self._is_terminal:
            print(f"\r{self._line:<{len(self._last)}}", end="", flush=True)
            self._last = self._line
        elif n_steps == 0 and epoch >= self._next:
            self._print(self._line)
            self._next = epoch + self._epochs / MOST_LINES

    def _write(self) -> str:
        epoch = max(1, -(-self._seen // self._steps))
        step = self._seen - (epoch - 1) * self._steps
        parts = [f"{self._title}: epoch {epoch}/{self._epochs}"]
        if step < self._steps:
            parts.append(f"step {step}/{self._steps}")
        parts += [f"{name} {value:.4g}" for name, value in self._metrics.items()]
        return ", ".join(parts)

    def _print(self, line: str) -> None:
        if line != self._last:
            print(line, flush=True)
        self._last = line

    def close(self) -> None:
        """End the line, also when training stopped early."""
        if self._verbose and self._is_terminal:
            print(flush=True)
        elif self._verbose and self._line:
            self._print(self._line)
