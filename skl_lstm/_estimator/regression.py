"""scikit-learn's convention: feature rows in, an array of predictions out."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import r2_score
from sklearn.utils.validation import validate_data

from skl_lstm._estimator.learning import learn
from skl_lstm._forecasting.fitted import Fitted
from skl_lstm._series.checks import (
    check_enough_rows,
    check_some_feature,
    check_sorted,
    check_target,
    time_index_of,
)
from skl_lstm._series.history import History, make_history
from skl_lstm._series.panel import Key
from skl_lstm._series.placement import Place, find_place
from skl_lstm._series.queries import ask_for_rows
from skl_lstm._windows.columns import warn_of_leaks


def fit_rows(estimator: Any, X: Any, y: Any) -> None:
    """Train an estimator on feature rows."""
    name = type(estimator).__name__
    index = time_index_of(X)
    check_sorted(index, name)
    estimator._reset_at("pretrained")
    rows = validate_data(estimator, X, dtype=float, ensure_all_finite="allow-nan")
    check_enough_rows(len(rows), name)
    check_some_feature(rows)
    target = check_target(rows, y)
    estimator._n_target_dimensions = target.ndim
    target = target.reshape(len(target), -1)
    names = list(getattr(estimator, "feature_names_in_", range(rows.shape[1])))
    histories: dict[Key, History] = {(): make_history(target, rows, index)}
    fitted = learn(estimator, histories, names, estimator.autoregressive, None)
    estimator._keep(fitted)
    warn_of_leaks(fitted.model.columns, rows, target, names, name)
    estimator._convention = "sklearn"
    estimator._state = "fitted"


def predict_rows(
    estimator: Any, X: Any, return_std: bool = False, quantiles: Any = None
) -> Any:
    """Predict rows, and their standard deviations if asked, or their quantiles."""
    if quantiles is not None:
        if return_std:
            raise TypeError(
                f"{type(estimator).__name__}.predict() returns either standard "
                "deviations or quantiles: pass return_std or quantiles, not both."
            )
        return _predict_quantiles(estimator, X, quantiles)
    fitted, rows, place = _place_rows(estimator, X)
    std = None
    if fitted.model.spec.autoregressive:
        queries = [ask_for_rows(fitted.history, rows, place)]
        (values,) = fitted.forecast(queries)
        if return_std:
            (std,) = fitted.spread(queries)
    else:
        follows = place.n_missing == 0
        values = fitted.predict_rows(rows, follows)
        if return_std:
            std = fitted.spread_of_rows(rows, follows)
    shape = (-1,) if estimator._n_target_dimensions == 1 else values.shape
    values = values.reshape(shape)
    return values if std is None else (values, std.reshape(shape))


def _place_rows(estimator: Any, X: Any) -> tuple[Fitted, np.ndarray, Place]:
    """Check rows, and find where they stand in time."""
    index = time_index_of(X)
    check_sorted(index, type(estimator).__name__)
    rows = validate_data(
        estimator, X, dtype=float, reset=False, ensure_all_finite="allow-nan"
    )
    fitted = estimator._fitted
    place = find_place(rows, index, fitted.history, estimator.window_length_)
    return fitted, rows, place


def _compute_quantiles(estimator: Any, X: Any, levels: list[float]) -> np.ndarray:
    """Return quantiles of rows, (n_rows, n_outputs, n_levels)."""
    fitted, rows, place = _place_rows(estimator, X)
    if fitted.model.spec.autoregressive:
        queries = [ask_for_rows(fitted.history, rows, place)]
        (values,) = fitted.quantiles(queries, levels)
    else:
        values = fitted.quantiles_of_rows(rows, place.n_missing == 0, levels)
    return values.reshape(len(rows), -1, len(levels))


def _predict_quantiles(estimator: Any, X: Any, quantiles: Any) -> np.ndarray:
    """Return quantiles as an array, one more axis for a list of levels."""
    levels = _check_levels(quantiles, "quantiles", estimator)
    values = _compute_quantiles(estimator, X, levels)
    if estimator._n_target_dimensions == 1:
        values = values[:, 0]
    return values[..., 0] if np.ndim(quantiles) == 0 else values


def quantiles_of_rows(estimator: Any, X: Any, alpha: Any = None) -> pd.DataFrame:
    """Return quantiles as a table, see `ProbabilisticMixin.predict_quantiles`."""
    levels = _check_levels([0.05, 0.95] if alpha is None else alpha, "alpha", estimator)
    values = _compute_quantiles(estimator, X, levels)
    targets = range(values.shape[1])
    columns = pd.MultiIndex.from_product([targets, levels])
    return pd.DataFrame(
        values.reshape(len(values), -1), getattr(X, "index", None), columns
    )


def interval_of_rows(estimator: Any, X: Any, coverage: Any = None) -> pd.DataFrame:
    """Return intervals as a table, see `ProbabilisticMixin.predict_interval`."""
    shares = _check_levels(0.9 if coverage is None else coverage, "coverage", estimator)
    levels = [0.5 + side * share / 2 for share in shares for side in (-1, 1)]
    values = _compute_quantiles(estimator, X, levels)
    parts = [range(values.shape[1]), shares, ["lower", "upper"]]
    columns = pd.MultiIndex.from_product(parts)
    return pd.DataFrame(
        values.reshape(len(values), -1), getattr(X, "index", None), columns
    )


def _label_rows(values: np.ndarray, X: Any, columns: pd.MultiIndex) -> pd.DataFrame:
    """Put (n_rows, n_outputs, n_levels) into a table on the index of X, if any."""
    index = X.index if isinstance(X, pd.DataFrame) else None
    return pd.DataFrame(values.reshape(len(values), -1), index, columns)


def _check_levels(levels: Any, parameter: str, estimator: Any) -> list[float]:
    """Return levels as a list of different numbers in (0, 1)."""
    values = np.atleast_1d(np.asarray(levels, dtype=float))
    inside = ((values > 0) & (values < 1)).all()
    if values.ndim > 1 or not inside or len(np.unique(values)) != len(values):
        raise ValueError(
            f"The '{parameter}' of {type(estimator).__name__} must be a number in "
            f"(0, 1), or different ones. Got {levels!r} instead."
        )
    return values.tolist()


def score_rows(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
    """Return R2 of the predictions of rows, those without a target left out."""
    truth, predicted = np.asarray(y, dtype=float), estimator.predict(X)
    truth = truth.reshape(predicted.shape)
    known = ~np.isnan(truth.reshape(len(truth), -1)).any(axis=1)
    weights = None if sample_weight is None else np.asarray(sample_weight)[known]
    return r2_score(truth[known], predicted[known], sample_weight=weights)
