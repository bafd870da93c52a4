"""The compiled programs of this process: kept, shared, shown to users and limited.

Nothing here loads TensorFlow before the first program is built.
"""

import threading
from collections import OrderedDict
from numbers import Integral
from typing import TYPE_CHECKING, NamedTuple

from skl_lstm._engine.spec import NetworkSpec

if TYPE_CHECKING:
    from skl_lstm._engine.program import Program


class ProgramCacheInfo(NamedTuple):
    """What `program_cache_info` tells.

    Attributes
    ----------
    n_programs : int
        Programs kept now.
    limit : int
        The most that are kept; the one used least recently goes first.
    n_built : int
        Programs built since the process began.
    """

    n_programs: int
    limit: int
    n_built: int


class ProgramCache:
    """The most recently used programs of this process.

    Parameters
    ----------
    limit : int
        How many programs are kept; the least recently used one is dropped.
    """

    def __init__(self, limit: int):
        self.limit = limit
        self.n_built = 0
        self._programs: OrderedDict[NetworkSpec, Program] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._programs)

    def get(self, spec: NetworkSpec) -> "Program":
        """Return the program of a specification, building it if need be.

        Its batch size is the smallest of those that share it.
        """
        from skl_lstm._engine.backend import check_not_forked
        from skl_lstm._engine.program import Program

        # Before the lock, which another thread may have held when the process forked.
        check_not_forked()
        key = spec.shared()
        with self._lock:
            if key not in self._programs:
                self._programs[key] = Program(key)
                self.n_built += 1
            self._programs.move_to_end(key)
            self._drop_oldest()
            return self._programs[key]

    def resize(self, limit: int) -> None:
        """Keep at most ``limit`` programs from now on."""
        with self._lock:
            self.limit = limit
            self._drop_oldest()

    def clear(self) -> None:
        """Drop every program; estimators keep their numbers."""
        with self._lock:
            self._programs.clear()

    def _drop_oldest(self) -> None:
        while len(self._programs) > self.limit:
            self._programs.popitem(last=False)


PROGRAMS = ProgramCache(limit=16)


def program_cache_info() -> ProgramCacheInfo:
    """Tell how many compiled programs this process keeps.

    Every network specification (cell, units, window, horizon, ...) has a program,
    which all estimators of that specification share. Learning rate, epochs, seed and,
    but for a GRU compiled by XLA, the batch size are no part of it.

    Returns
    -------
    ProgramCacheInfo
        Named tuple of ``n_programs``, ``limit`` and ``n_built``.

    Examples
    --------
    >>> import skl_lstm
    >>> skl_lstm.program_cache_info().limit
    16
    """
    return ProgramCacheInfo(len(PROGRAMS), PROGRAMS.limit, PROGRAMS.n_built)


def clear_programs() -> None:
    """Drop every compiled program of this process and give its memory back.

    Estimators keep their numbers; the next fit or forecast compiles anew. A program
    that another thread is running goes when that call ends.

    Examples
    --------
    >>> import skl_lstm
    >>> skl_lstm.clear_programs()
    >>> skl_lstm.program_cache_info().n_programs
    0
    """
    PROGRAMS.clear()


def set_program_limit(limit: int) -> None:
    """Set how many compiled programs this process keeps, 16 at first.

    A search over more specifications than that compiles some of them again and again;
    a program takes some megabytes.

    Parameters
    ----------
    limit : int
        At least 1.

    Raises
    ------
    ValueError
        If it is not an integer of at least 1.

    Examples
    --------
    >>> import skl_lstm
    >>> skl_lstm.set_program_limit(40)
    >>> skl_lstm.program_cache_info().limit
    40
    >>> skl_lstm.set_program_limit(16)
    """
    if not isinstance(limit, Integral) or isinstance(limit, bool) or limit < 1:
        raise ValueError(
            "The 'limit' parameter of set_program_limit must be an int of at least 1. "
            f"Got {limit!r} instead."
        )
    PROGRAMS.resize(int(limit))
