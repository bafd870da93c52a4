"""Predictions of feature rows, in scikit-learn's convention, as tables to be drawn."""

from typing import Any

import numpy as np
import pandas as pd


def predicts_rows(estimator: Any) -> bool:
    """Tell estimators fitted by ``fit(X, y)`` from forecasters."""
    is_forecaster = hasattr(estimator, "cutoff")
    return not is_forecaster or getattr(estimator, "_convention", "") == "sklearn"


def find_network(estimator: Any) -> Any:
    """Return what predicts inside a search or a pipeline."""
    estimator = getattr(estimator, "best_estimator_", estimator)
    return estimator[-1] if hasattr(estimator, "steps") else estimator


def predict_rows(
    estimator: Any, X: Any, y: Any, coverage: float | list[float] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Predict rows and, if asked, their intervals.

    Parameters
    ----------
    estimator : regressor
        Fitted.
    X : array-like of shape (n_samples, n_features)
        Rows to predict.
    y : Series, DataFrame, ndarray or None
        What was before, for names and, beside an array, for the number of its rows.
    coverage : float, list of float or None
        Coverages of the intervals.

    Returns
    -------
    y_pred : DataFrame
        On the index of X, or counting on from y.
    intervals : DataFrame or None
        As sktime's ``predict_interval`` returns them.

    Raises
    ------
    TypeError
        If there are no rows.
    """
    if np.ndim(X) != 2:
        raise TypeError(
            f"This {type(estimator).__name__} predicts feature rows: pass those to "
            f"predict as X, one row for each step. Got {X!r} instead."
        )
    n = 0 if y is None else len(y)
    index = X.index if hasattr(X, "index") else pd.RangeIndex(n, n + len(X))
    values = np.asarray(estimator.predict(X)).reshape(len(X), -1)
    names = getattr(y, "columns", range(values.shape[1]))
    if isinstance(y, pd.Series) and y.name is not None:
        names = [y.name]
    y_pred = pd.DataFrame(values, index, names)
    if coverage is None:
        return y_pred, None
    shares = list(np.atleast_1d(coverage))
    levels = [0.5 + side * share / 2 for share in shares for side in (-1, 1)]
    # A search passes no parameters of predict on.
    best = getattr(estimator, "best_estimator_", estimator)
    bounds = np.asarray(best.predict(X, quantiles=levels)).reshape(len(X), -1)
    columns = pd.MultiIndex.from_product([names, shares, ["lower", "upper"]])
    return y_pred, pd.DataFrame(bounds, index, columns)
