"""The simple forecast that training starts from: a linear map of the window."""

import json
from typing import Any

import numpy as np

from skl_lstm._engine.ensemble import Weights
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._training.linear_map import MOST_INPUTS, MOST_WINDOWS, fit_linear_map


def seasonal_kernels(
    window_length: int, n_channels: int, horizon: int, n_outputs: int, sp: int
) -> list[np.ndarray]:
    """Return the maps that repeat the last season, and the mean of all in the window.

    Both are forecasts of a window whose center is taken from it and from the targets
    alike, whatever that center is.

    Parameters
    ----------
    window_length : int
        Time steps of a window.
    n_channels : int
        Inputs per time step; the targets' own past comes first.
    horizon : int
        Steps forecast.
    n_outputs : int
        Targets.
    sp : int
        Steps per season.

    Returns
    -------
    list of ndarray of shape (window_length * n_channels, horizon * n_outputs)
        Empty without a season, or where a window holds none whole; one map where it
        holds less than two.
    """
    n_seasons = window_length // sp if sp > 1 else 0
    found = []
    for n_averaged in dict.fromkeys((1, n_seasons) if n_seasons else ()):
        kernel = np.zeros((window_length, n_channels, horizon, n_outputs))
        for step in range(horizon):
            for season in range(1, n_averaged + 1):
                row = window_length - season * sp + step % sp
                for output in range(n_outputs):
                    kernel[row, output, step, output] = 1 / n_averaged
        found.append(kernel.reshape(window_length * n_channels, horizon * n_outputs))
    return found


def is_absolute(loss: str) -> bool:
    """Whether a serialized loss is the absolute error."""
    return json.loads(loss)["class_name"] == "MeanAbsoluteError"


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
        mean = np.nanmean(data.y[ahead].reshape(-1, spec.n_outputs), axis=0)
        weights[bias] = np.tile(mean, spec.horizon).astype("float32")
    if not spec.linear_skip or spec.window_length * spec.n_channels > MOST_INPUTS:
        return weights
    every = -(-len(origins) // MOST_WINDOWS)
    some = origins[(len(origins) - 1) % every :: every]
    inputs, targets = normalized_windows(spec, data, some)
    known = np.isfinite(targets).all(axis=1)
    if not known.all():
        inputs, targets, some = inputs[known], targets[known], some[known]
    n_crossing = (spec.horizon - 1) * n_series // every
    # The errors of a window count as in the engine's loss.
    weights_of = window_units(spec, data, some).mean(axis=1)
    linear = fit_linear_map(
        inputs,
        targets,
        weights_of,
        spec.window_length,
        n_crossing,
        absolute=is_absolute(spec.loss),
        simple=seasonal_kernels(
            spec.window_length,
            spec.n_channels,
            spec.horizon,
            spec.n_outputs,
            sp if spec.autoregressive else 1,
        ),
    )
    if linear is not None:
        weights[bias] = linear.bias.astype("float32")
        weights[bias + 1] = linear.kernel.astype("float32")
    return weights
