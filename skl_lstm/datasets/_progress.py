"""A progress bar of one line on stderr."""

import sys

_WIDTH = 30


class ProgressBar:
    """Count finished items; silent unless ``enabled``.

    Parameters
    ----------
    n_items : int
        Number of items to come.
    enabled : bool
        Whether to write at all.
    """

    def __init__(self, n_items: int, *, enabled: bool) -> None:
        self.n_items = n_items
        self.enabled = enabled
        self.n_done = 0

    def advance(self, label: str) -> None:
        """Count one item and show its label."""
        self.n_done += 1
        if self.enabled:
            filled = "#" * (_WIDTH * self.n_done // self.n_items)
            line = f"[{filled:<{_WIDTH}}] {self.n_done}/{self.n_items} {label}"
            # Spaces cover the rest of a longer label before.
            sys.stderr.write(f"\r{line:<79}")
            sys.stderr.flush()

    def close(self) -> None:
        """End the line."""
        if self.enabled and self.n_done:
            sys.stderr.write("\n")
