"""The compiled programs of this process, as a user sees and limits them.

Nothing here loads TensorFlow: before the first fit or forecast there is no program.
"""

import sys
from numbers import Integral
from typing import Any, NamedTuple

from skl_lstm._engine import limits

ENGINE = f"{limits.__name__.rpartition('.')[0]}.program"


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
    programs = _loaded_programs()
    if programs is None:
        return ProgramCacheInfo(0, limits.n_programs, 0)
    return ProgramCacheInfo(len(programs), programs.limit, programs.n_built)


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
    programs = _loaded_programs()
    if programs is not None:
        programs.clear()


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
    limits.n_programs = int(limit)
    programs = _loaded_programs()
    if programs is not None:
        programs.resize(limits.n_programs)


def _loaded_programs() -> Any:
    """Return the cache of the engine, None before it is loaded."""
    engine = sys.modules.get(ENGINE)
    return getattr(engine, "PROGRAMS", None)
