"""The whole forecast as one Keras model, made of Keras' own layers alone."""

import tempfile
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from skl_lstm._engine.backend import keras, tf
from skl_lstm._engine.network import restore_model
from skl_lstm._engine.spec import NetworkSpec

# The way back from the target's transform; see `_windows.scaling.TRANSFORMS`.
TRANSFORMS: dict[str | None, tuple[str, ...]] = {
    None: (),
    "log": ("log", "exp"),
    "log1p": ("log1p", "expm1"),
    "sqrt": ("sqrt", "relu", "square"),
}


@dataclass(frozen=True)
class Affine:
    """A scaler of columns: ``(values - shift) * factor``."""

    shift: np.ndarray
    factor: np.ndarray


@dataclass(frozen=True)
class ForecastSpec:
    """All numbers of a forecast but the weights of its networks.

    Attributes
    ----------
    network : NetworkSpec
        The network.
    n_steps : int
        Steps to forecast.
    n_before : int
        Rows of X that are read before the window.
    n_ahead : int
        Rows of X that are read after it.
    y, X : Affine
        The scalers.
    y_transform : {"log", "log1p", "sqrt"} or None
        Taken of the targets before scaling.
    bounds : tuple of float or None
        What no forecast lies below or above.
    columns : list of int
        Columns of X as the network reads them, concurrent ones first; -1 for a flag of
        missing values, of which there are none.
    response : ndarray of shape (n_lags, n_concurrent, n_outputs) or None
        Impulse response to the concurrent columns.
    center : ndarray of shape (n_concurrent,)
        Where their effect is zero.
    level : ndarray of shape (n_outputs,)
        What is taken from every row.
    line, line_ahead : ndarray of shape (n_rows, n_outputs)
        The trend over the window, and over the steps after it.
    """

    network: NetworkSpec
    n_steps: int
    n_before: int
    n_ahead: int
    y: Affine
    X: Affine
    y_transform: str | None
    bounds: tuple[float | None, float | None]
    columns: list[int]
    response: np.ndarray | None
    center: np.ndarray
    level: np.ndarray
    line: np.ndarray
    line_ahead: np.ndarray = field(repr=False)

    @property
    def n_rows(self) -> int:
        """Rows of X that are read."""
        return self.n_before + self.network.window_length + self.n_ahead


def build_forecast(
    spec: ForecastSpec, members: list[list[np.ndarray]], *, unrolled: bool
) -> keras.Model:
    """Build the model.

    Parameters
    ----------
    spec : ForecastSpec
        What is done around the networks.
    members : list of list of ndarray
        Their weights.
    unrolled : bool
        Whether recurrent layers are without loops.

    Returns
    -------
    keras.Model
        Of "y" of shape (batch, window_length, n_outputs), unless the network reads X
        alone, and "X" of shape (batch, n_rows, n_features), if it reads any; to
        forecasts of shape (batch, n_steps, n_outputs).
    """
    network, inputs = spec.network, {}
    own_past, X = None, None
    if network.autoregressive:
        shape = (network.window_length, network.n_outputs)
        inputs["y"] = keras.Input(shape, name="y", dtype="float32")
        own_past = inputs["y"]
        if spec.y_transform is not None:
            own_past = _apply(TRANSFORMS[spec.y_transform][0], own_past)
        own_past = _scale(spec.y, own_past)
        own_past = _shift(own_past, -(spec.line + spec.level))
    if len(spec.X.shift):
        shape = (spec.n_rows, len(spec.X.shift))
        inputs["X"] = keras.Input(shape, name="X", dtype="float32")
        X = _arrange(spec, _scale(spec.X, inputs["X"]))
    elif spec.columns:
        X = _arrange(spec, keras.ops.zeros_like(inputs["y"]))
    effect = _effect(spec, X)
    first = spec.n_before + network.window_length
    if effect is not None and own_past is not None:
        own_past = own_past - effect[:, spec.n_before : first]
    blocks: list[Any] = []
    for weights in members:
        model = restore_model(network, weights, unrolled=unrolled)
        # Keras tells the parts of a model by their names.
        model.name = f"network_{len(blocks) + 1}"
        blocks.append(_roll(spec, model, own_past, X))
    out = blocks[0] if len(blocks) == 1 else _median(blocks)
    out = _shift(out, spec.line_ahead + spec.level)
    if effect is not None:
        out = out + effect[:, first : first + spec.n_steps]
    return keras.Model(inputs, _restore(spec, out), name="forecast")


def _apply(function: str, values: Any) -> Any:
    return getattr(keras.ops, function)(values)


def _shift(values: Any, offset: np.ndarray) -> Any:
    """Add constants, by a layer that every Keras knows."""
    if not np.any(offset):
        return values
    layer = keras.layers.Rescaling(1.0, offset.tolist(), dtype="float32")
    return layer(values)


def _scale(scaler: Affine, values: Any) -> Any:
    """Scale columns; in two steps, as far values would lose their last digits."""
    values = _shift(values, -scaler.shift)
    factor = keras.layers.Rescaling(scaler.factor.tolist(), dtype="float32")
    return factor(values)


def _arrange(spec: ForecastSpec, X: Any) -> Any:
    """Put columns in the network's order, with flags, and rows that nobody reads."""
    flags = keras.ops.zeros_like(X[:, :, :1])
    parts = [flags if c < 0 else X[:, :, c : c + 1] for c in spec.columns]
    X = keras.layers.Concatenate(dtype="float32")(parts) if parts[1:] else parts[0]
    horizon = spec.network.horizon
    n_read = spec.n_before + spec.network.window_length
    n_missing = n_read - (-spec.n_steps // horizon) * horizon - X.shape[1]
    return keras.layers.ZeroPadding1D((0, max(n_missing, 0)), dtype="float32")(X)


def _effect(spec: ForecastSpec, X: Any) -> Any:
    """Return what the concurrent columns explain of each row, None for nothing."""
    if spec.response is None:
        return None
    n_lags, n_columns, n_outputs = spec.response.shape
    columns = _shift(X[:, :, :n_columns], -spec.center)
    filtered = keras.layers.Conv1D(
        n_outputs, n_lags, padding="causal", use_bias=False, dtype="float32"
    )
    effect = filtered(columns)
    filtered.set_weights([spec.response[::-1]])
    return effect


def _roll(spec: ForecastSpec, model: keras.Model, own_past: Any, X: Any) -> Any:
    """Forecast block after block, each reading the blocks before it."""
    network = spec.network
    length, horizon = network.window_length, network.horizon
    join = keras.layers.Concatenate
    blocks = []
    for k in range(-(-spec.n_steps // horizon)):
        origin = spec.n_before + length + k * horizon
        columns = [] if own_past is None else [own_past]
        if network.n_concurrent and network.known_in_window:
            known = X[:, :, : network.n_concurrent]
            columns.append(known[:, origin + 1 - length : origin + 1])
        if network.n_shifted:
            shifted = X[:, :, network.n_concurrent :]
            columns.append(shifted[:, origin - length : origin])
        window = join(dtype="float32")(columns) if columns[1:] else columns[0]
        inputs = {"window": window}
        if network.sees_future:
            known = X[:, :, : network.n_concurrent]
            inputs["future"] = known[:, origin : origin + horizon]
        blocks.append(model(inputs))
        if own_past is not None:
            both = join(axis=1, dtype="float32")([own_past, blocks[-1]])
            own_past = both[:, -length:]
    steps = join(axis=1, dtype="float32")(blocks) if blocks[1:] else blocks[0]
    return steps[:, : spec.n_steps]


def _median(blocks: list[Any]) -> Any:
    ordered = keras.ops.sort(keras.ops.stack(blocks, axis=-1), axis=-1)
    middle = len(blocks) // 2
    low = ordered[..., middle - 1 + len(blocks) % 2]
    return (low + ordered[..., middle]) / 2


def _restore(spec: ForecastSpec, out: Any) -> Any:
    """Return forecasts to the units of the target, and into its bounds."""
    out = keras.layers.Rescaling((1 / spec.y.factor).tolist(), dtype="float32")(out)
    out = _shift(out, spec.y.shift)
    for function in TRANSFORMS[spec.y_transform][1:]:
        out = _apply(function, out)
    low, high = spec.bounds
    if low is not None:
        out = keras.ops.maximum(out, float(low))
    if high is not None:
        out = keras.ops.minimum(out, float(high))
    return out


def write_forecast(model: keras.Model, path: str, file_format: str) -> None:
    """Write the model as "keras", "onnx" or "tflite".

    Raises
    ------
    ImportError
        If the library that writes the format is missing.
    """
    with warnings.catch_warnings():
        # Both writers hand a model its inputs in another structure, which Keras takes.
        warnings.filterwarnings("ignore", "The structure of `inputs`")
        if file_format == "keras":
            model.save(path)
        elif file_format == "onnx":
            model.export(path, format="onnx", verbose=False)
        else:
            Path(path).write_bytes(_convert_to_tflite(model))


def _convert_to_tflite(model: keras.Model) -> bytes:
    """Convert by a saved model, whose signature keeps the names of the inputs.

    The weights become constants: the interpreter would read variables that nobody has
    given a value.
    """
    weights, others = (
        [tf.constant(variable.numpy()) for variable in variables]
        for variables in (model.trainable_variables, model.non_trainable_variables)
    )

    def forecast(**inputs: Any) -> dict[str, Any]:
        return {"forecast": model.stateless_call(weights, others, inputs)[0]}

    module = tf.Module()
    module.forecast = tf.function(forecast)
    signature = module.forecast.get_concrete_function(
        **{
            name: tf.TensorSpec(tensor.shape, tf.float32, name=name)
            for name, tensor in model.input.items()
        }
    )
    with tempfile.TemporaryDirectory() as folder:
        tf.saved_model.save(module, folder, signatures=signature)
        return tf.lite.TFLiteConverter.from_saved_model(folder).convert()
