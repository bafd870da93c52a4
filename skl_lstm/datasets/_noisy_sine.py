"""A sine wave with noise: the smallest series worth a forecast."""

from numbers import Integral, Real

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state


def make_noisy_sine(
    n_samples: int = 1000,
    *,
    noise: float = 0.1,
    stop: float = 50.0,
    random_state: int | np.random.RandomState | None = None,
) -> pd.Series:
    """Make a sine wave with Gaussian noise.

    ``n_samples`` values of ``sin(x) + e`` at equal steps of ``x`` from 0 to
    ``stop``, both included, with ``e`` normal of standard deviation ``noise``.

    Parameters
    ----------
    n_samples : int, default=1000
        Number of values, at least 1.
    noise : float, default=0.1
        Standard deviation of the noise, at least 0, in units of the amplitude.
        It is also the root mean squared error of the best possible forecast.
    stop : float, default=50.0
        Last angle, in radians, greater than 0. One period is
        ``2 * pi * (n_samples - 1) / stop`` values, 125.5 by default.
    random_state : int, RandomState instance or None, default=None
        Source of the noise. Pass an int for the same series at each call.

    Returns
    -------
    pandas.Series of shape (n_samples,)
        The series, named "noisy_sine", with a ``RangeIndex``.

    Raises
    ------
    ValueError
        A parameter lies outside its legal values.

    Examples
    --------
    >>> from skl_lstm.datasets import make_noisy_sine
    >>> y = make_noisy_sine(n_samples=200, random_state=0)
    >>> y.shape
    (200,)
    """
    _check_parameters(n_samples, noise, stop)
    angles = np.linspace(0.0, stop, n_samples)
    errors = check_random_state(random_state).normal(size=n_samples)
    return pd.Series(np.sin(angles) + noise * errors, name="noisy_sine")


def _check_parameters(n_samples: int, noise: float, stop: float) -> None:
    if not isinstance(n_samples, Integral) or n_samples < 1:
        raise ValueError(f"`n_samples` must be an int >= 1. Got {n_samples!r} instead.")
    if not isinstance(noise, Real) or not 0 <= noise < np.inf:
        raise ValueError(f"`noise` must be a number >= 0. Got {noise!r} instead.")
    if not isinstance(stop, Real) or not 0 < stop < np.inf:
        raise ValueError(f"`stop` must be a number > 0. Got {stop!r} instead.")
