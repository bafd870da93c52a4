"""Scaling of targets and exogenous columns, fitted on training rows only."""

from typing import Any

import numpy as np
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

SCALERS: dict[str, type] = {
    "standard": StandardScaler,
    "minmax": MinMaxScaler,
    "robust": RobustScaler,
}


def make_scaler(scaler: Any) -> Any:
    """Return a fresh, unfitted transformer for the ``scaler`` parameter."""
    if scaler is None:
        return FunctionTransformer()
    if isinstance(scaler, str):
        return SCALERS[scaler]()
    return clone(scaler)


def fit_target_scaler(scaler: Any, y_transform: str | None, y: np.ndarray) -> Any:
    """Fit the transformer between the target's units and the network's.

    Parameters
    ----------
    scaler : {"standard", "minmax", "robust"}, None or transformer
        The parameter.
    y_transform : {"log"} or None
        Taken before scaling.
    y : ndarray of shape (n_rows, n_outputs)
        Training targets; NaN where there is none.

    Returns
    -------
    transformer
        With ``transform`` and ``inverse_transform``.

    Raises
    ------
    ValueError
        If the logarithm of a value that is not positive is asked for.
    """
    made = make_scaler(scaler)
    if y_transform == "log":
        if np.nanmin(y) <= 0:
            raise ValueError(
                "y_transform='log' needs positive targets, but the smallest training "
                f"value is {np.nanmin(y)}. Use y_transform=None, or shift the target."
            )
        made = make_pipeline(FunctionTransformer(np.log, np.exp), made)
    return made.fit(y)


def fit_feature_scaler(scaler: Any, X: np.ndarray) -> Any:
    """Fit the transformer of the exogenous columns (n_rows, n_features)."""
    if not X.shape[1]:
        return FunctionTransformer().fit(X)
    return make_scaler(scaler).fit(X)
