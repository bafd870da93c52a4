"""Checks of parameters and data; the only importer of scikit-learn's private API."""

import warnings
from collections.abc import Mapping
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
from sklearn.utils.validation import check_array, check_consistent_length

from skl_lstm._engine.spec import WINDOW_SCALING_NAMES
from skl_lstm._planning import Columns
from skl_lstm._residuals import INTERVALS
from skl_lstm._scaling import SCALERS

_AUTO = StrOptions({"auto"})
_COUNT = Interval(Integral, 1, None, closed="left")
_RATE = Interval(Real, 0, 1, closed="left")
TREATMENTS = ("concurrent", "shifted")

PARAMETER_CONSTRAINTS: dict[str, list[Any]] = {
    "window_length": [_AUTO, _COUNT],
    "horizon": [_AUTO, _COUNT],
    "units": [_COUNT, tuple, list],
    "activation": [str],
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
    "y_transform": [StrOptions({"log"}), None],
    "X_treatment": [StrOptions(set(TREATMENTS)), dict],
    "autoregressive": ["boolean"],
    "sp": [_AUTO, _COUNT],
    "loss": [str, HasMethods(["get_config", "call"])],
    "optimizer": [str, HasMethods(["get_config", "apply"])],
    "learning_rate": [_AUTO, Interval(Real, 0, None, closed="neither")],
    "epochs": [_AUTO, _COUNT],
    "batch_size": [_AUTO, _COUNT],
    "early_stopping": [_AUTO, "boolean"],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "n_iter_no_change": [_COUNT],
    "n_estimators": [_COUNT],
    "theta_share": [_AUTO, Interval(Real, 0, 1, closed="both")],
    "intervals": [StrOptions(set(INTERVALS))],
    "warm_start": ["boolean"],
    "pretrain_mode": [StrOptions({"finetune", "frozen"})],
    "callbacks": [list, tuple, None],
    "verbose": ["verbose"],
    "random_state": ["random_state"],
}


def read_parameters(estimator: Any) -> dict[str, Any]:
    """Return all parameters of the network, also those that a subclass fixes."""
    return {name: getattr(estimator, name) for name in PARAMETER_CONSTRAINTS}


def check_parameters(parameters: Mapping[str, Any], name: str) -> None:
    """Raise unless every constructor parameter is legal.

    Raises
    ------
    ValueError
        In scikit-learn's words: parameter, class, what is legal, what was got
        (its ``InvalidParameterError`` is a ValueError and a TypeError).
    """
    validate_parameter_constraints(PARAMETER_CONSTRAINTS, parameters, name)
    if isinstance(parameters["scaler"], type):
        raise ValueError(
            f"The 'scaler' parameter of {name} must be an instance, not a class. Got "
            f"{parameters['scaler']!r} instead. Write parentheses behind it."
        )
    drops = parameters["dropout"] > 0 or parameters["recurrent_dropout"] > 0
    if parameters["intervals"] == "dropout" and not drops:
        raise ValueError(
            f"The 'intervals' parameter of {name} must not be 'dropout' where nothing "
            "is dropped: draws of the network would all be the same. Got 'dropout' "
            "instead. Set dropout, for example to 0.1, or take 'conformal' or "
            "'quantile'."
        )
    units = parameters["units"]
    if isinstance(units, (tuple, list)):
        legal = all(isinstance(u, Integral) and int(u) >= 1 for u in units)
        if not units or not legal:
            raise ValueError(
                f"The 'units' parameter of {name} must be an int of at least 1 or a "
                f"tuple of such ints, one per layer. Got {units!r} instead."
            )
    treatment = parameters["X_treatment"]
    if isinstance(treatment, dict) and not set(treatment.values()) <= set(TREATMENTS):
        raise ValueError(
            f"The values of the 'X_treatment' dict of {name} must be among "
            f"{TREATMENTS}. Got {treatment!r} instead."
        )


def resolve_columns(
    treatment: str | dict[Any, str], names: list[Any], estimator: str
) -> Columns:
    """Sort the columns of X by how they are treated.

    Parameters
    ----------
    treatment : {"concurrent", "shifted"} or dict
        The ``X_treatment`` parameter; columns that a dict does not name are
        concurrent.
    names : list
        Names of the columns, or their positions where they have none.
    estimator : str
        Name of the estimator, for the error.

    Raises
    ------
    ValueError
        If a dict names a column that is not there.
    """
    if isinstance(treatment, dict):
        unknown = [column for column in treatment if column not in names]
        if unknown:
            raise ValueError(
                f"The 'X_treatment' parameter of {estimator} must name columns of X, "
                f"which are {names}. Got {unknown} instead."
            )
    given = (
        treatment if isinstance(treatment, dict) else dict.fromkeys(names, treatment)
    )
    each = [given.get(column, "concurrent") for column in names]
    return Columns(
        concurrent=tuple(i for i, t in enumerate(each) if t == "concurrent"),
        shifted=tuple(i for i, t in enumerate(each) if t == "shifted"),
    )


def check_target(X: np.ndarray, y: Any) -> np.ndarray:
    """Check the target of a scikit-learn fit; NaN marks rows without one.

    Returns
    -------
    ndarray of shape (n_samples,) or (n_samples, n_outputs)

    Raises
    ------
    ValueError
        If it is not numeric, infinite, all NaN, or of another length than X.
    """
    y = check_array(
        y,
        dtype="numeric",
        ensure_2d=False,
        ensure_all_finite="allow-nan",
        input_name="y",
    )
    y = np.asarray(y, dtype=float)
    check_consistent_length(X, y)
    if np.isnan(y).all(axis=0).any():
        raise ValueError(
            "Input y contains NaN in every row of an output: there is nothing to learn "
            "from. Pass at least one target that is not missing."
        )
    return y


def check_some_target(y: np.ndarray, key: tuple) -> None:
    """Raise unless every target column of a series has a finite value.

    Raises
    ------
    ValueError
        If values are infinite, or all missing.
    """
    check_not_infinite(y, "y")
    if np.isnan(y).all(axis=0).any():
        series = f"the series {key}" if key else "y"
        raise ValueError(
            f"Input y contains NaN in every row of a column of {series}: there is "
            "nothing to learn from. Pass at least one value that is not missing."
        )


def check_some_feature(X: np.ndarray) -> None:
    """Raise if values of X are infinite, or a column has none.

    Raises
    ------
    ValueError
        Naming the column by its position.
    """
    check_not_infinite(X, "X")
    empty = np.flatnonzero(np.isnan(X).all(axis=0)).tolist()
    if empty:
        raise ValueError(
            f"Input X contains NaN in every row of the columns {empty} (by position). "
            "Drop columns that hold nothing."
        )


def check_not_infinite(values: np.ndarray, name: str) -> None:
    """Raise if there are infinite values.

    Raises
    ------
    ValueError
        Naming the argument.
    """
    if np.isinf(values).any():
        raise ValueError(
            f"Input {name} contains infinity. Replace it, for example by NaN, which "
            "counts as missing."
        )


def check_enough_rows(n_rows: int, name: str) -> None:
    """Raise unless there are two rows to learn one step from.

    Raises
    ------
    ValueError
        If there is one row at most.
    """
    if n_rows < 2:
        raise ValueError(
            f"{name} needs at least 2 rows to learn from one row to the next, but the "
            f"data has n_samples = {n_rows}."
        )


def time_index_of(data: Any) -> pd.Index | None:
    """Return the time index of data: dates, periods or numbers; None if it has none."""
    index = getattr(data, "index", None)
    if not isinstance(index, pd.Index) or isinstance(index, pd.MultiIndex):
        return None
    calendar = isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex))
    return index if calendar or pd.api.types.is_integer_dtype(index.dtype) else None


def check_sorted(index: pd.Index | None, name: str) -> None:
    """Raise unless rows are in order of time.

    Raises
    ------
    ValueError
        If the index goes back or stands still.
    """
    if index is None or (index.is_monotonic_increasing and index.is_unique):
        return
    problem = "duplicate" if not index.is_unique else "unsorted"
    raise ValueError(
        f"{name}: the index of the data has {problem} entries, but rows must be in "
        "order of time. Sort it with sort_index(); split with TimeSeriesSplit, or "
        "with train_test_split(..., shuffle=False)."
    )


def _is_copy(column: np.ndarray, target: np.ndarray) -> bool:
    known = ~np.isnan(target)
    column, target = column[known], target[known]
    return len(column) > 0 and np.ptp(column) > 0 and np.array_equal(column, target)


def warn_of_leaks(
    columns: Columns, X: np.ndarray, y: np.ndarray, names: list[Any], name: str
) -> None:
    """Warn of concurrent columns that equal the target wherever it is known."""
    leaking = [
        names[i]
        for i in columns.concurrent
        if any(_is_copy(X[:, i], target) for target in y.T)
    ]
    if leaking:
        warnings.warn(
            f"{name}: the columns {leaking} of X equal the target of the same row, so "
            "the score will say nothing about forecasting. Drop them, use "
            "X_treatment='shifted' (strictly past rows), or autoregressive=True.",
            UserWarning,
            stacklevel=4,
        )
