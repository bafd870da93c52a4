"""Scaling of targets and exogenous columns, fitted on training rows only."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
        return _keep_arrays(FunctionTransformer())
    if isinstance(scaler, str):
        return _keep_arrays(SCALERS[scaler]())
    return _keep_arrays(clone(scaler))


def _keep_arrays(scaler: Any) -> Any:
    """Return arrays whatever scikit-learn's ``transform_output`` is set to."""
    if hasattr(scaler, "set_output"):
        scaler.set_output(transform="default")
    return scaler


@dataclass(frozen=True)
class Scaling:
    """The way between the data's units and the network's, learned on training rows.

    Attributes
    ----------
    y, X : transformer
        With ``transform`` and ``inverse_transform``.
    y_mean : ndarray of shape (n_outputs,)
        Mean of the targets, in their own units.
    X_mean : ndarray of shape (n_features,)
        Mean of the exogenous columns, in their own units.
    y_zero : ndarray of shape (n_outputs,) or None, default=None
        Where zero lies in the network's units of the targets; NaN if ratios to it
        mean nothing there.
    """

    y: Any
    X: Any
    y_mean: np.ndarray
    X_mean: np.ndarray
    y_zero: np.ndarray | None = None


def fit_scalings(
    scaler: Any,
    y_transform: str | None,
    series: Sequence[tuple[np.ndarray, np.ndarray]],
) -> list[Scaling]:
    """Learn the scaling of several series.

    Each series has its own scale of targets, since series of a panel may differ by
    orders of magnitude; the exogenous columns of all series share one.

    Parameters
    ----------
    scaler : {"standard", "minmax", "robust"}, None or transformer
        The parameter; targets and exogenous columns get transformers of their own.
    y_transform : {"log"} or None
        Taken of the targets before scaling.
    series : sequence of (ndarray, ndarray)
        Training targets of shape (n_rows, n_outputs) and exogenous columns of shape
        (n_rows, n_features), perhaps none; NaN where missing.

    Returns
    -------
    list of Scaling

    Raises
    ------
    ValueError
        If the logarithm of a value that is not positive is asked for.
    """
    X = np.concatenate([X for _, X in series])
    X_scaler = make_scaler(scaler if X.shape[1] else None).fit(X)
    X_mean = np.nanmean(X, axis=0) if X.shape[1] else np.empty(0)
    X_part = Scaling(None, X_scaler, np.empty(0), X_mean)
    return [fit_new_series(X_part, scaler, y_transform, y) for y, _ in series]


def fit_target_scaler(scaler: Any, y_transform: str | None, y: np.ndarray) -> Any:
    """Learn the scaling of one series' targets.

    Raises
    ------
    ValueError
        If the logarithm of a value that is not positive is asked for.
    """
    y_scaler = make_scaler(scaler)
    if y_transform == "log":
        if np.nanmin(y) <= 0:
            raise ValueError(
                "y_transform='log' needs positive targets, but the smallest training "
                f"value is {np.nanmin(y)}. Use y_transform=None, or shift the target."
            )
        log = FunctionTransformer(np.log, np.exp)
        y_scaler = _keep_arrays(make_pipeline(log, y_scaler))
    return y_scaler.fit(y)


def fit_new_series(
    scaling: Scaling, scaler: Any, y_transform: str | None, y: np.ndarray
) -> Scaling:
    """Learn the scale of one more series; its features keep the scale there is.

    Raises
    ------
    ValueError
        If the logarithm of a value that is not positive is asked for.
    """
    y_scaler = fit_target_scaler(scaler, y_transform, y)
    mean = np.nanmean(y, axis=0)
    return replace(scaling, y=y_scaler, y_mean=mean, y_zero=_find_zero(y_scaler, mean))


def _find_zero(y_scaler: Any, mean: np.ndarray) -> np.ndarray:
    """Return zero in the scaler's units, NaN unless these are the data's, stretched."""
    identity = isinstance(y_scaler, FunctionTransformer) and y_scaler.func is None
    stretches = isinstance(y_scaler, tuple(SCALERS.values())) or identity
    if not stretches or getattr(y_scaler, "clip", False):
        return np.full(len(mean), np.nan)
    return y_scaler.transform(np.zeros((1, len(mean))))[0]
