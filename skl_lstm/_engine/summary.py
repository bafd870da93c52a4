"""What a window says of how uncertain its forecast is, in a few numbers."""

from typing import Any

from skl_lstm._engine.backend import tf
from skl_lstm._engine.spec import NetworkSpec

# Numbers of its last rows, the latest changes that are averaged, and what is added to
# them, in units of the window, before their logarithm.
SUMMARY_FLOATS = 32
SUMMARY_SPANS = (1, 4, 16, 64)
SMALLEST_CHANGE = 0.05


def summarize_window(spec: NetworkSpec, z: Any, center: Any, unit: Any) -> Any:
    """Summarize normalized windows.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    z, center, unit
        As returned by `network.normalize_window`.

    Returns
    -------
    Tensor of shape (n_windows, n_statistics)
        The last rows, and the logarithm of how much the target's own past changed of
        late, of its unit, and its level.
    """
    n_rows = max(1, min(spec.window_length, SUMMARY_FLOATS // spec.n_channels))
    parts = [tf.reshape(z[:, -n_rows:], (tf.shape(z)[0], n_rows * spec.n_channels))]
    if spec.autoregressive:
        own = z[:, :, : spec.n_outputs]
        changes = tf.abs(own[:, 1:] - own[:, :-1])
        spans = [n for n in SUMMARY_SPANS if n < spec.window_length]
        parts += [
            tf.math.log(tf.reduce_mean(changes[:, -n:], axis=1) + SMALLEST_CHANGE)
            for n in spans
        ]
        if spec.window_scaling:
            parts += [tf.math.log(unit[:, 0]), center[:, 0]]
    return tf.concat(parts, axis=1)
