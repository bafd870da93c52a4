"""Checks of parameters and data; the only importer of scikit-learn's private API."""

from itertools import pairwise
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import _check_sample_weight

from skl_lstm._engine.spec import WINDOW_SCALING_NAMES
from skl_lstm._intervals.conformal import INTERVALS
from skl_lstm._training.settings import Settings
from skl_lstm._windows.columns import TREATMENTS
from skl_lstm._windows.scaling import SCALERS

_AUTO = StrOptions({"auto"})
_COUNT = Interval(Integral, 1, None, closed="left")
_RATE = Interval(Real, 0, 1, closed="left")
PARAMETER_CONSTRAINTS: dict[str, list[Any]] = {
    "window_length": [_AUTO, _COUNT],
    "horizon": [_AUTO, _COUNT],
    "units": [_AUTO, _COUNT, tuple, list],
    "activation": [str, callable],
    "dropout": [_RATE],
    "recurrent_dropout": [_RATE],
    "bidirectional": ["boolean"],
    "kernel_regularizer": [str, HasMethods(["get_config", "__call__"]), None],
    "linear_skip": ["boolean"],
    "scaler": [
        StrOptions(set(SCALERS)),
        HasMethods(["fit", "transform", "inverse_transform"]),
        None,
    ],
    "window_scaling": [StrOptions({"auto", *WINDOW_SCALING_NAMES}), None],
    "y_transform": [StrOptions({"auto", "log", "log1p", "sqrt"}), None],
    "bounds": [tuple, list, None],
    "X_treatment": [StrOptions(set(TREATMENTS)), dict],
    "static_features": [pd.DataFrame, None],
    "autoregressive": ["boolean"],
    "sp": [_AUTO, _COUNT, tuple, list],
    "calendar": [_AUTO, None],
    "loss": [str, HasMethods(["get_config", "call"]), callable],
    "halflife": [Interval(Real, 0, None, closed="neither"), None],
    "optimizer": [str, HasMethods(["get_config", "apply"])],
    "learning_rate": [_AUTO, Interval(Real, 0, None, closed="neither")],
    "epochs": [_AUTO, _COUNT],
    "batch_size": [_AUTO, _COUNT],
    "early_stopping": [_AUTO, "boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [_AUTO, _COUNT],
    "n_estimators": [_COUNT],
    "theta_share": [_AUTO, Interval(Real, 0, 1, closed="both")],
    "intervals": [StrOptions(set(INTERVALS))],
    "warm_start": ["boolean"],
    "pretrain_mode": [StrOptions({"finetune", "frozen"})],
    "callbacks": [list, tuple, None],
    "verbose": ["verbose"],
    "random_state": ["random_state"],
}


def check_parameters(settings: Settings, name: str) -> None:
    """Raise unless every constructor parameter is legal.

    Raises
    ------
    ValueError
        In scikit-learn's words: parameter, class, what is legal, what was got
        (its ``InvalidParameterError`` is a ValueError and a TypeError).
    """
    validate_parameter_constraints(PARAMETER_CONSTRAINTS, vars(settings), name)
    if isinstance(settings.scaler, type):
        raise ValueError(
            f"The 'scaler' parameter of {name} must be an instance, not a class. Got "
            f"{settings.scaler!r} instead. Did you mean {settings.scaler.__name__}()?"
        )
    units = settings.units
    if isinstance(units, (tuple, list)):
        legal = all(isinstance(u, Integral) and int(u) >= 1 for u in units)
        if not units or not legal:
            raise ValueError(
                f"The 'units' parameter of {name} must be an int of at least 1 or a "
                f"tuple of such ints, one per layer. Got {units!r} instead."
            )
    _check_seasons(settings.sp, name)
    _check_bounds(settings.bounds, name)
    static = settings.static_features
    if static is not None and not static.index.is_unique:
        raise ValueError(
            f"The 'static_features' parameter of {name} must have one row for each "
            f"series. Got {static.index[static.index.duplicated()][0]!r} twice."
        )
    treatment = settings.X_treatment
    if isinstance(treatment, dict) and not set(treatment.values()) <= set(TREATMENTS):
        raise ValueError(
            f"The values of the 'X_treatment' dict of {name} must be among "
            f"{TREATMENTS}. Got {treatment!r} instead."
        )


def check_weights(sample_weight: Any, rows: np.ndarray) -> np.ndarray | None:
    """Return the weights of rows as numbers, None if there are none.

    Raises
    ------
    ValueError
        If they are not a number for each row, or negative.
    """
    if sample_weight is None:
        return None
    return _check_sample_weight(
        sample_weight, rows, dtype=float, ensure_non_negative=True
    )


def read_levels(levels: Any, name: str) -> list[float]:
    """Return coverages or quantile levels as a list.

    Raises
    ------
    ValueError
        If one of them is not between 0 and 1.
    """
    numbers = [levels] if isinstance(levels, Real) else list(levels)
    if not all(isinstance(n, Real) and 0 < float(n) < 1 for n in numbers):
        raise ValueError(
            f"'{name}' must be a number, or a list of numbers, between 0 and 1. Got "
            f"{levels!r} instead. Pass 0.9 for 90 percent."
        )
    return [float(number) for number in numbers]


def _check_seasons(sp: Any, name: str) -> None:
    """Raise unless several seasons are rising lengths, all but the last whole."""
    if not isinstance(sp, (tuple, list)):
        return
    legal = len(sp) > 0 and all(isinstance(m, Real) and float(m) > 1 for m in sp)
    if (
        not legal
        or any(not isinstance(m, Integral) for m in sp[:-1])
        or any(a >= b for a, b in pairwise(sp))
    ):
        raise ValueError(
            f"The 'sp' parameter of {name} must be 'auto', the rows of one season, or "
            "those of several, rising, such as (24, 168); only the last may have a "
            f"fraction. Got {sp!r} instead."
        )


def _check_bounds(bounds: Any, name: str) -> None:
    """Raise unless bounds are a rising pair of numbers, either of which may be None."""
    if bounds is None:
        return
    numbers = [b for b in bounds if b is not None]
    are_real = all(isinstance(b, Real) and b == b for b in numbers)
    if (
        len(bounds) != 2
        or not are_real
        or (len(numbers) == 2 and bounds[0] >= bounds[1])
    ):
        raise ValueError(
            f"The 'bounds' parameter of {name} must be a pair (low, high) of rising "
            f"numbers, None for no bound on a side. Got {bounds!r} instead. Write "
            "bounds=(0, None) for targets that are never negative."
        )
