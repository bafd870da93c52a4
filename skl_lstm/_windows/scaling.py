"""Scaling of targets and exogenous columns, fitted on training rows only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
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

from skl_lstm._series.history import History

Bounds = tuple[float | None, float | None]
UNBOUNDED: Bounds = (None, None)
# Demand is intermittent where its mean interval is so many rows, see `Scaling`.
INTERMITTENT = 1.32


def _identity(values: np.ndarray) -> np.ndarray:
    return values


def square_positive(roots: np.ndarray) -> np.ndarray:
    """Return the squares of roots, zero for those below it."""
    return np.maximum(roots, 0.0) ** 2


SCALERS: dict[str, type] = {
    "standard": StandardScaler,
    "minmax": MinMaxScaler,
    "robust": RobustScaler,
}

# What may be taken of the targets before scaling, and the way back. Squares have two
# roots: below zero, where a forecast may fall, there is nothing.
TRANSFORMS: dict[str | None, tuple[Any, Any]] = {
    None: (_identity, _identity),
    "log": (np.log, np.exp),
    "log1p": (np.log1p, np.expm1),
    "sqrt": (np.sqrt, square_positive),
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


def _find_line(scaler: Any) -> tuple[Any, Any] | None:
    """Return the shift and scale of ``(values - shift) / scale``; None for no such."""
    if type(scaler) is StandardScaler and scaler.with_mean and scaler.with_std:
        return scaler.mean_, scaler.scale_
    if type(scaler) is RobustScaler and scaler.with_centering and scaler.with_scaling:
        return scaler.center_, scaler.scale_
    return None


def _transform(scaler: Any, values: np.ndarray) -> np.ndarray:
    """Call ``transform``, to the last bit.

    scikit-learn's checks of every call take far longer than the arithmetic of the few
    rows of a forecast, and of every series of a panel.
    """
    line = _find_line(scaler)
    return scaler.transform(values) if line is None else (values - line[0]) / line[1]


def _invert(scaler: Any, values: np.ndarray) -> np.ndarray:
    """Call ``inverse_transform``, to the last bit."""
    line = _find_line(scaler)
    if line is None:
        return scaler.inverse_transform(values)
    return values * line[1] + line[0]


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
    y_transform : {"log", "log1p", "sqrt"} or None, default=None
        Taken of the targets before scaling.
    y_level : ndarray of shape (n_outputs,) or None, default=None
        Mean of the targets in the network's units.
    bounds : tuple of float or None, default=(None, None)
        What no value of the targets lies below or above, in their own units.
    are_counts : ndarray of bool of shape (n_outputs,) or None, default=None
        Which targets are intermittent counts: integers from zero on, zero so often that
        rows with demand are 1.32 rows apart or more in the mean.

    References
    ----------
    Syntetos, A. A., Boylan, J. E., & Croston, J. D. (2005). On the categorization of
    demand patterns. Journal of the Operational Research Society, 56(5).
    https://doi.org/10.1057/palgrave.jors.2601841
    """

    y: Any
    X: Any
    y_mean: np.ndarray
    X_mean: np.ndarray
    y_zero: np.ndarray | None = None
    y_transform: str | None = None
    y_level: np.ndarray | None = None
    bounds: Bounds = UNBOUNDED
    are_counts: np.ndarray | None = None

    # Asked for by every window of a backtest.
    @cached_property
    def scaled_mean(self) -> np.ndarray:
        """Mean of the targets in the network's units."""
        return self.scale_targets(self.y_mean[None])[0]

    @cached_property
    def scaled_X_mean(self) -> np.ndarray:
        """Means of the exogenous columns in the network's units."""
        return self.scale_features(self.X_mean[None])[0]

    def scale_targets(self, y: np.ndarray) -> np.ndarray:
        """Return targets in the network's units."""
        if self.y_transform is None:
            return _transform(self.y, y)
        return _transform(self.y[-1], TRANSFORMS[self.y_transform][0](y))

    def scale_features(self, X: np.ndarray) -> np.ndarray:
        """Return exogenous columns in the network's units."""
        return _transform(self.X, X)

    def invert(self, scaled: np.ndarray) -> np.ndarray:
        """Return rows of shape (..., n_outputs) to the target's units and bounds."""
        flat = scaled.reshape(-1, scaled.shape[-1]).astype(float)
        if not len(flat):
            return flat.reshape(scaled.shape)
        if self.y_transform is None:
            values = _invert(self.y, flat)
        else:
            values = TRANSFORMS[self.y_transform][1](_invert(self.y[-1], flat))
        values = values.reshape(scaled.shape)
        return values if self.bounds == UNBOUNDED else np.clip(values, *self.bounds)

    def hold(self, scaled: np.ndarray) -> np.ndarray:
        """Move rows of shape (..., n_outputs) to the nearest ones inside the bounds."""
        values, free = self.invert(scaled), replace(self, bounds=UNBOUNDED)
        off = (values != free.invert(scaled)).any(axis=-1)
        held = scaled.copy()
        if off.any():
            held[off] = self.scale_targets(values[off])
        return held

    def keep_counts(self, values: np.ndarray) -> np.ndarray:
        """Round quantiles or paths of shape (..., n_outputs) where they are counts."""
        if self.are_counts is None or not self.are_counts.any():
            return values
        return np.where(self.are_counts, np.maximum(np.rint(values), 0.0), values)


def scale_each(
    scalings: Sequence[Scaling], rows: Sequence[np.ndarray]
) -> Iterator[np.ndarray]:
    """Yield the targets of several series in the network's units.

    Where series share a scaling, as the windows of a backtest do, one call scales all.
    Others are scaled when they are asked for: all at double precision would be most of
    the memory.
    """
    shared: dict[int, np.ndarray] = {}
    for scaling, at in _group(scalings):
        if len(at) > 1:
            ends = np.cumsum([len(rows[i]) for i in at])[:-1]
            together = scaling.scale_targets(np.concatenate([rows[i] for i in at]))
            shared |= dict(zip(at, np.split(together, ends), strict=True))
    for i, scaling in enumerate(scalings):
        yield shared[i] if i in shared else scaling.scale_targets(rows[i])


def scale_together(scalings: Sequence[Scaling], rows: np.ndarray) -> np.ndarray:
    """Scale the targets of series of one length, (n_series, n_rows, n_outputs)."""
    lines = _find_lines(scalings)
    if lines is None:
        return np.stack(list(scale_each(scalings, list(rows))))
    return (rows - lines[0]) / lines[1]


def _find_lines(scalings: Sequence[Scaling]) -> list[np.ndarray] | None:
    """Return the shifts and scales of all series, which one operation then applies.

    Returns
    -------
    list of two ndarray of shape (n_series, 1, n_outputs), or None
        None unless the way of every series is a shift and a scale.
    """
    lines = [s.y_transform is None and _find_line(s.y) for s in scalings]
    if not all(lines):
        return None
    return [np.stack(part)[:, None] for part in zip(*lines, strict=True)]


def invert_each(scalings: Sequence[Scaling], scaled: np.ndarray) -> np.ndarray:
    """Return forecasts (n_series, n_steps, n_outputs) to the targets' units."""
    lines = _find_lines(scalings)
    if lines is not None:
        values = scaled.astype(float) * lines[1] + lines[0]
        bounds = scalings[0].bounds
        return values if bounds == UNBOUNDED else np.clip(values, *bounds)
    values = np.empty(scaled.shape)
    for scaling, at in _group(scalings):
        values[at] = scaling.invert(scaled[at])
    return values


def _group(scalings: Sequence[Scaling]) -> list[tuple[Scaling, list[int]]]:
    """Return each scaling with the positions where it stands."""
    groups: dict[int, tuple[Scaling, list[int]]] = {}
    for i, scaling in enumerate(scalings):
        groups.setdefault(id(scaling), (scaling, []))[1].append(i)
    return list(groups.values())


def read_bounds(bounds: Sequence[float | None] | None) -> Bounds:
    """Return the parameter ``bounds`` as a pair."""
    low, high = bounds or UNBOUNDED
    return low, high


def fit_scalings(
    scaler: Any,
    y_transform: str | None,
    histories: Sequence[History],
    bounds: Sequence[float | None] | None = None,
) -> list[Scaling]:
    """Learn the scaling of several series.

    Each series has its own scale of targets, since series of a panel may differ by
    orders of magnitude; the exogenous columns of all series share one.

    Parameters
    ----------
    scaler : {"standard", "minmax", "robust"}, None or transformer
        The parameter; targets and exogenous columns get transformers of their own.
    y_transform : {"log", "log1p", "sqrt"} or None
        Taken of the targets before scaling.
    histories : sequence of History
        Training rows; NaN where missing.
    bounds : tuple of float or None, default=None
        What no value of the targets lies below or above; None for no bounds.

    Returns
    -------
    list of Scaling

    Raises
    ------
    ValueError
        If a logarithm or root is taken of a value that has none, or a value lies
        outside of the bounds.
    """
    X = np.concatenate([history.X for history in histories])
    X_scaler = make_scaler(scaler if X.shape[1] else None).fit(X)
    X_mean = np.nanmean(X, axis=0) if X.shape[1] else np.empty(0)
    X_part = Scaling(None, X_scaler, np.empty(0), X_mean, bounds=read_bounds(bounds))
    return [fit_new_series(X_part, scaler, y_transform, h.y) for h in histories]


def check_transform(y_transform: str | None, y: np.ndarray) -> None:
    """Raise if a logarithm or root is taken of targets that have none.

    Raises
    ------
    ValueError
        Naming the smallest value.
    """
    ways = {
        "log": ("positive targets", y <= 0),
        "log1p": ("targets above -1", y <= -1),
        "sqrt": ("nonnegative targets", y < 0),
    }
    legal, illegal = ways.get(y_transform or "", ("", np.array(False)))
    if illegal.any():
        raise ValueError(
            f"y_transform={y_transform!r} needs {legal}, but the smallest "
            f"value is {np.nanmin(y)}. Use y_transform=None, or shift the target."
        )


def fit_target_scaler(scaler: Any, y_transform: str | None, y: np.ndarray) -> Any:
    """Learn the scaling of one series' targets.

    Raises
    ------
    ValueError
        If a logarithm or root is taken of a value that has none.
    """
    y_scaler = make_scaler(scaler)
    check_transform(y_transform, y)
    if y_transform is not None:
        # Its check takes missing values for a difference.
        forward, inverse = TRANSFORMS[y_transform]
        transform = FunctionTransformer(forward, inverse, check_inverse=False)
        y_scaler = _keep_arrays(make_pipeline(transform, y_scaler))
    return y_scaler.fit(y)


def fit_new_series(
    scaling: Scaling, scaler: Any, y_transform: str | None, y: np.ndarray
) -> Scaling:
    """Learn the scale of one more series; its features keep the scale there is.

    Raises
    ------
    ValueError
        If a logarithm or root is taken of a value that has none.
    """
    _check_bounds(scaling.bounds, y)
    # Left to us, it is what the other series have.
    y_transform = scaling.y_transform if y_transform == "auto" else y_transform
    y_scaler = fit_target_scaler(scaler, y_transform, y)
    mean = np.nanmean(y, axis=0)
    found = replace(
        scaling,
        y=y_scaler,
        y_mean=mean,
        y_zero=_find_zero(y_scaler, mean),
        y_transform=y_transform,
        are_counts=_find_counts(y),
    )
    return replace(found, y_level=np.nanmean(found.scale_targets(y), axis=0))


def _check_bounds(bounds: Bounds, y: np.ndarray) -> None:
    """Raise unless all targets lie inside."""
    low, high = np.nanmin(y), np.nanmax(y)
    below, above = bounds
    if (below is not None and low < below) or (above is not None and high > above):
        raise ValueError(
            f"bounds={bounds!r} must hold all targets, but the training values reach "
            f"from {low} to {high}. Widen the bounds, or mend the data."
        )


def _find_counts(y: np.ndarray) -> np.ndarray:
    """Return which targets are intermittent counts, see `Scaling`."""
    known = np.isfinite(y)
    are_integers = ((y == np.rint(y)) & (y >= 0) | ~known).all(axis=0)
    n_demands = (known & (y > 0)).sum(axis=0)
    return are_integers & (known.sum(axis=0) >= INTERMITTENT * n_demands)


def _find_zero(y_scaler: Any, mean: np.ndarray) -> np.ndarray:
    """Return zero in the scaler's units, NaN unless these are the data's, stretched."""
    identity = isinstance(y_scaler, FunctionTransformer) and y_scaler.func is None
    stretches = isinstance(y_scaler, tuple(SCALERS.values())) or identity
    if not stretches or getattr(y_scaler, "clip", False):
        return np.full(len(mean), np.nan)
    return _transform(y_scaler, np.zeros((1, len(mean))))[0]
