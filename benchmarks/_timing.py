"""How the benchmarks take time, and how they describe it."""

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any


def time_call(function: Callable, *args: Any, **kwargs: Any) -> tuple[float, Any]:
    """Return the wall time of a call in seconds, and what it returned."""
    start = time.perf_counter()
    result = function(*args, **kwargs)
    return time.perf_counter() - start, result


def call_in_process(function: Callable, *args: Any) -> Any:
    """Call a function in a process of its own, where nothing was fitted before."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *args).result()


def describe(values: list[float], factor: float = 1.0, digits: int = 3) -> str:
    """Write a median, with minimum and maximum if there are several values."""
    three = (statistics.median(values), min(values), max(values))
    middle, low, high = (
        f"{value:,.0f}" if value >= 1e3 else f"{value:.{digits}g}"
        for value in (factor * each for each in three)
    )
    return middle if len(values) == 1 else f"{middle} ({low} - {high})"


def ratios(times: dict[str, list[float]], name: str, base: str = "ours") -> list[float]:
    """Divide the times of one way by those of another, round by round."""
    return [a / b for a, b in zip(times[name], times[base], strict=True)]
