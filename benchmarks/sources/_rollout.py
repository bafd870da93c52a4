"""The recursive forecast: ours against one ``Model.predict`` per step.

    python -m benchmarks.sources._rollout NETWORK

Same weights on both sides: ours is fitted for ten epochs, and its weights are put into
a plain Keras model. After one, the network of relu, fed on itself, leaves the numbers
that a float can hold, and nothing is compared. Prints the figures as one line of JSON.
"""

import json
import sys
import warnings
from typing import Any

import numpy as np

from benchmarks.sources._measure import Stopwatch, start_tensorflow

N_STEPS = 500
NETWORKS: dict[str, dict[str, Any]] = {
    "LSTM(32), window 24": {"window_length": 24, "units": (32,)},
    "LSTM(512) + LSTM(256), relu, window 13": {
        "window_length": 13,
        "units": (512, 256),
        "activation": "relu",
        "batch_size": 150,
    },
}


def build_plain(network: dict[str, Any], weights: list[np.ndarray]) -> Any:
    """Build the network as a user of Keras would, and give it the weights."""
    import keras

    units, activation = network["units"], network.get("activation", "tanh")
    model = keras.Sequential([keras.Input((network["window_length"], 1))])
    for i, width in enumerate(units):
        more = i + 1 < len(units)
        layer = keras.layers.LSTM(width, activation=activation, return_sequences=more)
        model.add(layer)
    model.add(keras.layers.Dense(1))
    model.set_weights(weights)
    return model


def compare(network: dict[str, Any]) -> dict[str, float]:
    from benchmarks.sources.differenced_prices import feed_back
    from skl_lstm import LSTMForecaster
    from skl_lstm.datasets import make_noisy_sine

    y = make_noisy_sine(random_state=0).to_numpy(dtype=np.float32)
    forecaster = LSTMForecaster(
        **network,
        horizon=1,
        scaler=None,
        window_scaling=None,
        linear_skip=False,
        epochs=10,
        early_stopping=False,
        random_state=0,
    ).fit(y)
    model = build_plain(network, forecaster.model_.get_weights())
    last = y[-network["window_length"] :, None]
    feed_back(model, last, 1)
    steps = np.arange(1, N_STEPS + 1)
    with Stopwatch() as keras_clock:
        expected = feed_back(model, last, N_STEPS)[:, 0]
    with Stopwatch() as first:
        forecaster.predict(fh=steps)
    warm = []
    for _ in range(5):
        with Stopwatch() as clock:
            predicted = forecaster.predict(fh=steps)
        warm.append(clock.wall)
    if not np.isfinite(expected).all():
        sys.exit("The recursive forecast diverged: there is nothing to compare.")
    return {
        "keras": keras_clock.wall,
        "first": first.wall,
        "warm": float(np.median(warm)),
        "difference": float(np.abs(np.ravel(predicted) - expected).max()),
    }


def main() -> None:
    warnings.simplefilter("ignore")
    start_tensorflow()
    print(json.dumps(compare(NETWORKS[sys.argv[1]])))


if __name__ == "__main__":
    main()
