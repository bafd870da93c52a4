"""The simple forecast that training starts from: a linear map of the window."""

import json
from typing import Any

import numpy as np

from skl_lstm._engine.ensemble import Weights
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._training.linear_map import MOST_INPUTS, MOST_WINDOWS, LinearMap
from skl_lstm._training.row_regression import fit_row_regression, suits_row_regression
from skl_lstm._training.window_map import MapShape, fit_normalized_map
from skl_lstm._windows.assembly import weights_ahead
from skl_lstm._windows.comparison import thin_out


def is_absolute(loss: str) -> bool:
    """Whether a serialized loss is the absolute error."""
    return json.loads(loss)["class_name"] == "MeanAbsoluteError"


def _weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the mean of (n_windows, n_steps, n_outputs) by output, NaN left out."""
    known = np.isfinite(values)
    counts = np.where(known, weights[..., None], 0.0)
    return (np.where(known, values, 0.0) * counts).sum((0, 1)) / counts.sum((0, 1))


def start_linear(
    spec: NetworkSpec,
    weights: Weights,
    data: Any,
    origins: np.ndarray,
    n_series: int,
    sp: int,
) -> Weights:
    """Put the best simple forecast of the windows at ``origins`` into fresh weights.

    That is a linear map of the window. Without one, the output layer's zeros already
    are the naive forecast, but for windows that are not scaled: there it is the
    training mean.
    """
    from skl_lstm._engine.normalization import normalized_windows, window_units

    weights = list(weights)
    bias = len(weights) - 1 - spec.linear_skip - spec.sees_future
    if spec.window_scaling is None:
        ahead = origins[:, None] + np.arange(spec.horizon)
        mean = _weighted_mean(data.y[ahead], weights_ahead(data, origins, spec.horizon))
        weights[bias] = np.tile(mean, spec.horizon).astype("float32")
    if not spec.linear_skip or spec.window_length * spec.n_channels > MOST_INPUTS:
        return weights
    every = max(1, -(-len(origins) // MOST_WINDOWS))
    chosen = thin_out(origins, MOST_WINDOWS)
    inputs, targets = normalized_windows(spec, data, chosen)
    known = np.isfinite(targets).all(axis=1)
    if not known.all():
        inputs, targets, chosen = inputs[known], targets[known], chosen[known]
    linear: LinearMap | None
    counts = weights_ahead(data, chosen, spec.horizon).mean(axis=1)
    if not spec.autoregressive and suits_row_regression(len(inputs)):
        linear = fit_row_regression(inputs, targets, counts, spec.window_length)
    else:
        n_crossing = (spec.horizon - 1) * n_series // every
        # The errors of a window count as in the engine's loss.
        unit_weights = window_units(spec, data, chosen).mean(axis=1)
        linear = fit_normalized_map(
            inputs,
            targets,
            unit_weights * counts,
            MapShape(spec.window_length, spec.n_channels, spec.horizon, spec.n_outputs),
            spec.window_scaling,
            n_crossing,
            sp=sp if spec.autoregressive else 1,
            absolute=is_absolute(spec.loss),
        )
    if linear is not None:
        weights[bias] = linear.bias.astype("float32")
        weights[bias + 1] = linear.kernel.astype("float32")
    return weights
