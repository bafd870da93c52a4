"""scikit-learn's convention: feature rows in, an array of predictions out."""

from typing import Any

import numpy as np
from sklearn.metrics import r2_score
from sklearn.utils.validation import validate_data

from skl_lstm._estimator.learning import learn
from skl_lstm._series.checks import (
    check_enough_rows,
    check_some_feature,
    check_sorted,
    check_target,
    time_index_of,
)
from skl_lstm._series.history import History, make_history
from skl_lstm._series.panel import Key
from skl_lstm._series.placement import find_place
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


def predict_rows(estimator: Any, X: Any, return_std: bool) -> Any:
    """Predict rows, and their standard deviations if asked."""
    index = time_index_of(X)
    check_sorted(index, type(estimator).__name__)
    rows = validate_data(
        estimator, X, dtype=float, reset=False, ensure_all_finite="allow-nan"
    )
    fitted = estimator._fitted
    place = find_place(rows, index, fitted.history, estimator.window_length_)
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
            std = fitted.spread_of_rows(rows, follows, values)
    shape = (-1,) if estimator._n_target_dimensions == 1 else values.shape
    values = values.reshape(shape)
    return values if std is None else (values, std.reshape(shape))


def score_rows(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
    """Return R2 of the predictions of rows, those without a target left out."""
    truth, predicted = np.asarray(y, dtype=float), estimator.predict(X)
    truth = truth.reshape(predicted.shape)
    known = ~np.isnan(truth.reshape(len(truth), -1)).any(axis=1)
    weights = None if sample_weight is None else np.asarray(sample_weight)[known]
    return r2_score(truth[known], predicted[known], sample_weight=weights)
