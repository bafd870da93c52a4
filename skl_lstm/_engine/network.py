"""The network: ``naive(window) + scale(window) * (Dense(RNN(z)) + linear_skip(z))``."""

import json
from functools import partial
from typing import Any, NamedTuple

from skl_lstm._engine.backend import check_not_forked, keras
from skl_lstm._engine.cells import FUSED_LAYERS, KERAS_LAYERS
from skl_lstm._engine.own_encoder import restore_encoder
from skl_lstm._engine.spec import SPREAD_FLOOR, NetworkSpec


class Network(NamedTuple):
    """One set of layers, seen twice.

    Attributes
    ----------
    model : keras.Model
        Inputs to forecasts (batch, horizon, n_outputs), in the scaler's units.
    trainer : keras.Model
        The same inputs to the forecasts in units of the window, and the window's
        naive forecast and spread, each (batch, 1, n_outputs).
    encoder : keras.Model
        "window" alone to what the recurrent part has read from it, of shape
        (batch, n_units), and to the normalized window, its naive forecast and spread.
    """

    model: keras.Model
    trainer: keras.Model
    encoder: keras.Model


def _scale_by_spread(own_past: Any) -> tuple[Any, Any]:
    """Take the last value as the naive forecast and the standard deviation as unit."""
    last = own_past[:, -1:, :]
    spread = keras.ops.std(own_past, axis=1, keepdims=True)
    return last, keras.ops.maximum(spread, SPREAD_FLOOR)


# What each legal `window_scaling` makes of the target's own past (batch, time,
# n_outputs): the naive forecast and the unit of the window.
WINDOW_SCALINGS = {"standard": _scale_by_spread, "level": _scale_by_spread}


def normalize_window(spec: NetworkSpec, window: Any) -> tuple[Any, Any, Any]:
    """Split a window into its normalized form, its naive forecast and its unit.

    Only the target's own past is normalized: exogenous columns keep their level,
    which carries information. Without window scaling the naive forecast is zero,
    the training mean in the scaler's units.
    """
    if not (spec.autoregressive and spec.window_scaling):
        zero = keras.ops.zeros_like(window[:, :1, :1])
        return window, zero, zero + 1.0
    own_past = window[:, :, : spec.n_outputs]
    center, unit = WINDOW_SCALINGS[spec.window_scaling](own_past)
    normalized = (own_past - center) / unit
    if not spec.n_features:
        return normalized, center, unit
    exogenous = window[:, :, spec.n_outputs :]
    return keras.ops.concatenate([normalized, exogenous], axis=-1), center, unit


def show_level(spec: NetworkSpec, z: Any, center: Any, unit: Any) -> Any:
    """Put the level in place of the last deviation, which always is zero.

    A normalized window does not know where it stands; in units of its spread, its last
    value tells the linear map how far the series is from its mean.
    """
    if spec.window_scaling != "level":
        return z
    level = center / unit
    if spec.n_channels > spec.n_outputs:
        rest = z[:, -1:, spec.n_outputs :]
        level = keras.ops.concatenate([level, rest], axis=-1)
    return keras.ops.concatenate([z[:, :-1], level], axis=1)


def _recurrent_layer(spec: NetworkSpec, index: int, layers: dict[str, Any]) -> Any:
    regularizer = spec.kernel_regularizer and json.loads(spec.kernel_regularizer)
    options: dict[str, Any] = {
        "activation": spec.activation,
        "recurrent_dropout": spec.recurrent_dropout,
        "kernel_regularizer": keras.regularizers.get(regularizer),
        "return_sequences": spec.n_decoded > 0 or index + 1 < len(spec.units),
        # Explicit seeds: Keras draws missing ones from Python's global generator.
        "kernel_initializer": keras.initializers.GlorotUniform(seed=index),
        "recurrent_initializer": keras.initializers.Orthogonal(seed=index),
        "seed": index,
        "dtype": "float32",
        "name": f"{spec.cell}_{index + 1}",
    }
    if layers is FUSED_LAYERS and spec.cell == "gru":
        options["compiled_loop"] = spec.compiled_loop
    layer = layers[spec.cell](spec.units[index], **options)
    if not spec.bidirectional:
        return layer
    return keras.layers.Bidirectional(layer, dtype="float32", name=f"both_{index + 1}")


def recurrent_part(spec: NetworkSpec, z: Any, layers: dict[str, Any]) -> Any:
    """Read a window by the layers of a specification, one on top of the other."""
    h = z
    for index in range(len(spec.units)):
        h = _recurrent_layer(spec, index, layers)(h)
        if spec.dropout:
            drop = keras.layers.Dropout(spec.dropout, seed=index, dtype="float32")
            h = drop(h)
    return h


def _head(spec: NetworkSpec, h: Any, z: Any, future: Any) -> Any:
    """Emit all steps at once, every output layer starting at zero."""
    options = {"kernel_initializer": "zeros", "dtype": "float32"}
    emitted = spec.horizon * spec.n_outputs
    out = keras.layers.Dense(emitted, name="head", **options)(h)
    if spec.linear_skip:
        flat = keras.ops.reshape(z, (-1, spec.window_length * spec.n_channels))
        skip = keras.layers.Dense(emitted, use_bias=False, name="skip", **options)
        out = keras.layers.Add(dtype="float32")([out, skip(flat)])
    out = keras.ops.reshape(out, (-1, spec.horizon, spec.n_outputs))
    if spec.sees_future:
        # One map for every step, of that step's own row: a later row of X can
        # change no earlier forecast.
        own = keras.layers.Dense(
            spec.n_outputs, use_bias=False, name="own_step", **options
        )
        out = keras.layers.Add(dtype="float32")([out, own(future)])
    return out


# Without loops, which other formats than Keras' own write otherwise.
UNROLLED_LAYERS = {
    name: partial(layer, unroll=True) for name, layer in KERAS_LAYERS.items()
}


def build_network(
    spec: NetworkSpec, *, fused: bool = False, unrolled: bool = False
) -> Network:
    """Build the Keras network of a specification.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    fused : bool, default=False
        Whether to use the layers of `cells` instead of Keras' own. Weights and
        numbers are the same; only plain Keras layers can be saved for plain Keras.
    unrolled : bool, default=False
        Whether Keras' own layers are unrolled, step after step.

    Returns
    -------
    Network
        Inputs: "window" of shape (batch, window_length, n_channels), columns target
        past (when autoregressive), concurrent, shifted; and, when later exogenous
        rows matter, "future" of shape (batch, horizon, n_concurrent).
    """
    plain = UNROLLED_LAYERS if unrolled else KERAS_LAYERS
    layers = FUSED_LAYERS if fused else plain
    if spec.n_decoded:
        return _build_decoder(spec, layers)
    shape = (spec.window_length, spec.n_channels)
    window = keras.Input(shape, name="window", dtype="float32")
    future, inputs = None, {"window": window}
    if spec.sees_future:
        future = keras.Input(
            (spec.horizon, spec.n_concurrent), name="future", dtype="float32"
        )
        inputs["future"] = future
    z, center, unit = normalize_window(spec, window)
    if spec.encoder is None:
        h = recurrent_part(spec, z, layers)
    else:
        h = restore_encoder(spec.encoder, fused=fused, unrolled=unrolled)(z)
    out = _head(spec, h, show_level(spec, z, center, unit), future)
    name = f"{spec.cell}_forecaster"
    return Network(
        model=keras.Model(inputs, center + unit * out, name=name),
        trainer=keras.Model(inputs, [out, center, unit], name=name),
        encoder=keras.Model({"window": window}, [h, z, center, unit], name=name),
    )


def _build_decoder(spec: NetworkSpec, layers: dict[str, Any]) -> Network:
    """Build an encoder of the window whose state steps on over the rows to forecast.

    One recurrent layer reads both: a column tells them apart. A row can change no
    forecast before it, and the output starts at zero.
    """
    shape = (spec.window_length + spec.horizon, spec.n_decoded)
    window = keras.Input(shape, name="window", dtype="float32")
    inputs = {"window": window}
    h = recurrent_part(spec, window, layers)
    head = keras.layers.Dense(
        spec.n_outputs, kernel_initializer="zeros", dtype="float32", name="head"
    )
    both = keras.layers.Concatenate(dtype="float32")([h, window])
    hidden = keras.layers.Dense(
        spec.n_hidden, activation="relu", dtype="float32", name="hidden"
    )
    out = head(hidden(both[:, -spec.horizon :]))
    z = window[:, : spec.window_length]
    zero = keras.ops.zeros_like(out[:, :1])
    read = h[:, spec.window_length - 1]
    name = f"{spec.cell}_decoder"
    return Network(
        model=keras.Model(inputs, out, name=name),
        trainer=keras.Model(inputs, [out, zero, zero + 1.0], name=name),
        encoder=keras.Model(inputs, [read, z, zero, zero + 1.0], name=name),
    )


def restore_model(
    spec: NetworkSpec, weights: list[Any], *, unrolled: bool = False
) -> keras.Model:
    """Build an ordinary Keras model that holds the given weights."""
    check_not_forked()
    model = build_network(spec, unrolled=unrolled).model
    for variable, value in zip(model.trainable_variables, weights, strict=True):
        variable.assign(value)
    return model
