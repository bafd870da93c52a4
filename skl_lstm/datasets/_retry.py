"""How long to wait between two attempts of a download."""

from collections.abc import Iterator
from numbers import Integral, Real


def check_retry_settings(n_retries: int, delay: float, timeout: float) -> None:
    """Raise ``ValueError`` for a setting outside its legal values."""
    if not isinstance(n_retries, Integral) or n_retries < 0:
        raise ValueError(f"`n_retries` must be an int >= 0. Got {n_retries!r} instead.")
    if not isinstance(delay, Real) or delay < 0:
        raise ValueError(
            f"`delay` must be a number of seconds >= 0. Got {delay!r} instead."
        )
    if not isinstance(timeout, Real) or timeout <= 0:
        raise ValueError(
            f"`timeout` must be a number of seconds > 0. Got {timeout!r} instead."
        )


def generate_waits(n_retries: int, delay: float) -> Iterator[float]:
    """Yield the seconds to wait before each attempt: 0, delay, 2 delay, 4 delay, ..."""
    yield 0.0
    for k in range(n_retries):
        yield delay * 2.0**k
