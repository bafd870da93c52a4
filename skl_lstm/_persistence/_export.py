"""The whole forecast in a file that needs nothing of this package."""

import importlib.util
import tempfile
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)

from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._exceptions import NotFittedError
from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._persistence import _archive
from skl_lstm._persistence._state import FORECASTERS
from skl_lstm._series.history import History
from skl_lstm._windows.assembly import level_of
from skl_lstm._windows.scaling import UNBOUNDED, Scaling

FORMATS = (".keras", ".onnx", ".tflite")
# Scalers that only shift and stretch, column by column.
AFFINE = (MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler)
# How far the model's numbers may lie from ours, in standard deviations of the window
# and of the number itself: float32 knows seven digits.
MOST_DEVIATIONS, MOST_RELATIVE = 1e-3, 1e-5


def export_model(
    estimator: Any,
    path: str | PathLike[str],
    *,
    n_steps: int | None = None,
    series: Any = None,
) -> None:
    """Export the whole forecast to a file for programs without this package.

    From rows in their own units to forecasts in theirs: scaling, normalization of the
    window, linear map, recurrent part, effect of known columns, and blocks rolled
    forward, in one model. It reads "y" of shape (batch, window_length, n_outputs), the
    latest rows of the target, unless it is a regression that reads X alone; and, with
    exogenous columns, "X" of shape (batch, n_rows, n_features), rows up to the same
    time, then those of the steps to forecast. Nothing in them may be missing. It
    returns forecasts of shape (batch, n_steps, n_outputs).

    Parameters
    ----------
    estimator : LSTMForecaster, GRUForecaster or SimpleRNNForecaster
        Fitted, in either convention.
    path : str or path-like
        Where to write. The ending says how: ".keras", ".onnx" (needs tf2onnx and onnx)
        or ".tflite".
    n_steps : int, default=None
        Steps to forecast; if None, the ``horizon_`` of the network.
    series : hashable, default=None
        Of a panel the series whose scale the file has: its name in the index.

    Raises
    ------
    NotFittedError
        If the estimator has not been fitted.
    TypeError
        If it is none of this package's.
    ValueError
        If the ending is unknown, or the forecast holds what cannot be exported: the
        Theta method, and scalers other than scikit-learn's that shift and stretch.
    ImportError
        If the library that writes the format is missing.

    See Also
    --------
    save_model : The estimator itself, to be loaded by this package.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import numpy as np
    >>> from skl_lstm import LSTMForecaster, export_model
    >>> small = {"units": 2, "epochs": 1, "window_length": 4, "random_state": 0}
    >>> y = np.sin(np.arange(40.0))
    >>> forecaster = LSTMForecaster(**small, theta_share=0).fit(y, fh=[1, 2])
    >>> path = Path(tempfile.mkdtemp()) / "sine.keras"
    >>> export_model(forecaster, path)
    >>> import keras
    >>> model = keras.saving.load_model(path)
    >>> model({"y": y[None, -4:, None]}).shape
    TensorShape([1, 2, 1])
    """
    path, suffix = Path(path), Path(path).suffix
    if not isinstance(estimator, tuple(FORECASTERS.values())):
        raise TypeError(
            "The 'estimator' parameter of export_model must be a forecaster of this "
            f"package. Got {estimator!r} instead. Of a pipeline export the last step."
        )
    if "_fitted" not in estimator.__dict__:
        raise NotFittedError(
            f"This {type(estimator).__name__} has not been fitted yet. Call `fit` "
            "first."
        )
    if suffix not in FORMATS:
        raise ValueError(
            f"The 'path' parameter of export_model must end in {', '.join(FORMATS)}, "
            f"which says how to write it. Got {str(path)!r} instead."
        )
    _check_libraries(suffix)
    fitted, number = vars(estimator)["_fitted"], _find_series(estimator, series)
    n_steps = fitted.model.spec.horizon if n_steps is None else n_steps
    exported = _build(fitted.model, number, n_steps, unrolled=suffix != ".keras")
    _check_numbers(exported, fitted, number, n_steps)
    _archive.write_atomically(path, _write(exported, suffix))


def _check_libraries(suffix: str) -> None:
    needed = ("tf2onnx", "onnx") if suffix == ".onnx" else ()
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        raise ImportError(
            f"To write {suffix} files export_model needs {' and '.join(missing)}: "
            f"pip install {' '.join(missing)}"
        )


def _find_series(estimator: Any, series: Any) -> int:
    """Return the number of the series that is exported."""
    keys = list(estimator._fitted.histories)
    key = series if isinstance(series, tuple) else (series,)
    if series is None and len(keys) == 1:
        return 0
    if key not in keys:
        names = [key[0] if len(key) == 1 else key for key in keys[:5]]
        raise ValueError(
            "The 'series' parameter of export_model must name one of the series, whose "
            f"scale the file has, such as {names}. Got {series!r} instead."
        )
    return keys.index(key)


def _build(model: TrainedModel, number: int, n_steps: int, *, unrolled: bool) -> Any:
    """Build the Keras model, or say why it cannot be."""
    if model.theta is not None:
        raise ValueError(
            "This forecast is joined with the Theta method "
            f"(theta_share_ = {model.theta.share:.2g}), which remembers many seasons "
            "and cannot be exported. Fit with theta_share=0."
        )
    if model.spec.n_decoded:
        raise ValueError(
            "This forecast has a form of its own for seasons, of "
            f"{', '.join(f'{rows:g}' for rows in model.seasons)} rows, which cannot be "
            "exported. Fit with sp=1."
        )
    if isinstance(n_steps, bool) or not isinstance(n_steps, int) or n_steps < 1:
        raise ValueError(
            "The 'n_steps' parameter of export_model must be an int of at least 1. Got "
            f"{n_steps!r} instead."
        )
    if not model.spec.autoregressive and n_steps != 1:
        raise ValueError(
            "The 'n_steps' parameter of export_model must be 1 for a regression, which "
            f"predicts the latest row of X. Got {n_steps!r} instead."
        )
    if model.scaling.bounds != UNBOUNDED and n_steps > model.spec.horizon:
        raise ValueError(
            "Bounds that hold block after block cannot be exported: pass n_steps up to "
            f"{model.spec.horizon}, the horizon_, or fit without bounds."
        )
    from skl_lstm._engine.export import build_forecast

    spec = _describe(model, number, n_steps)
    return build_forecast(spec, list(model.networks.members), unrolled=unrolled)


def _describe(model: TrainedModel, number: int, n_steps: int) -> Any:
    """Collect the numbers of the forecast."""
    from skl_lstm._engine.export import ForecastSpec

    spec, columns, scaling = model.spec, model.columns, model.scalings[number]
    transfer, trend = model.around
    n_before = 0 if transfer is None else transfer.n_rows_before
    n_ahead, first = model.n_rows_ahead(n_steps), n_before + spec.window_length
    n_outputs = spec.n_outputs
    line = np.zeros((spec.window_length, n_outputs))
    line_ahead = np.zeros((n_steps, n_outputs))
    if trend is not None:
        line = trend.line(first)[n_before:]
        line_ahead = trend.ahead(np.array([first]), n_steps)[0]
    response, center = None, np.empty(0)
    if transfer is not None:
        response = transfer.impulse_response(first + n_ahead).astype("float32")
        center = transfer.center
    n_flags = len(columns.flagged_concurrent), len(columns.flagged_shifted)
    order = [*columns.concurrent, *[-1] * n_flags[0]]
    order += [*columns.shifted, *[-1] * (n_flags[1] + columns.n_target_flags)]
    return ForecastSpec(
        network=spec,
        n_steps=n_steps,
        n_before=n_before,
        n_ahead=n_ahead,
        y=_as_affine(scaling, "y", spec),
        X=_as_affine(scaling, "X", spec),
        y_transform=scaling.y_transform,
        bounds=scaling.bounds,
        columns=order,
        response=response,
        center=center,
        level=level_of(spec, scaling),
        line=line,
        line_ahead=line_ahead,
    )


def _as_affine(scaling: Scaling, name: str, spec: NetworkSpec) -> Any:
    """Return a scaler as what it takes off and multiplies by.

    Raises
    ------
    ValueError
        If it does anything else.
    """
    from skl_lstm._engine.export import Affine

    scaler, n_columns = getattr(scaling, name), len(getattr(scaling, f"{name}_mean"))
    if not n_columns:
        return Affine(np.empty(0), np.empty(0))
    if name == "y" and scaling.y_transform is not None:
        scaler = scaler[-1]
    identity = isinstance(scaler, FunctionTransformer) and scaler.func is None
    if not (identity or isinstance(scaler, AFFINE)) or getattr(scaler, "clip", False):
        raise ValueError(
            f"A forecast with scaler={scaler!r} cannot be exported. Fit with "
            "scaler='standard', 'minmax', 'robust' or None."
        )
    zero, one = scaler.transform(np.array([[0.0], [1.0]]) + np.zeros(n_columns))
    factor = one - zero
    return Affine(-zero / factor, factor)


def _check_numbers(exported: Any, fitted: Any, number: int, n_steps: int) -> None:
    """Raise unless the model forecasts the latest rows as the estimator does."""
    key = list(fitted.histories)[number]
    model, history = fitted.of_series([key]).model, fitted.histories[key]
    shapes = {name: tensor.shape[1:] for name, tensor in exported.input.items()}
    n_past = exported.input["X"].shape[1] if "X" in shapes else shapes["y"][0]
    scaling, spec = model.scaling, model.spec
    y, X = (
        _latest(rows, mean, n_past)
        for rows, mean in ((history.y, scaling.y_mean), (history.X, scaling.X_mean))
    )
    if spec.autoregressive:
        y = y[: n_past - model.n_rows_ahead(n_steps)]
        expected = model.forecast([History(y, X, None)], n_steps)[0]
    else:
        rows = X if model.n_rows_ahead(1) else np.concatenate([X, X[-1:]])
        expected = model.predict_rows(rows[-1:], rows[:-1])
    given = {"y": y[-spec.window_length :], "X": X}
    inputs = {name: given[name][None].astype("float32") for name in shapes}
    found = np.asarray(exported(inputs))[0]
    error = np.abs(found - expected)
    most = MOST_DEVIATIONS * y.std(axis=0) + MOST_RELATIVE * np.abs(expected)
    if not (error <= most).all():
        raise ValueError(
            "This forecast cannot be exported: the model's numbers differ from the "
            f"estimator's by up to {error.max():.3g}. Please report it, with the "
            "parameters of the estimator."
        )


def _latest(rows: np.ndarray, mean: np.ndarray, n_rows: int) -> np.ndarray:
    """Return the latest rows, the mean where there is no value."""
    missing = np.full((max(n_rows - len(rows), 0), rows.shape[1]), np.nan)
    rows = np.concatenate([missing, rows])[-n_rows:]
    return np.where(np.isfinite(rows), rows, mean)


def _write(exported: Any, suffix: str) -> bytes:
    """Return the content of the file."""
    from skl_lstm._engine.export import write_forecast

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"forecast{suffix}"
        write_forecast(exported, str(file), suffix.removeprefix("."))
        return file.read_bytes()
