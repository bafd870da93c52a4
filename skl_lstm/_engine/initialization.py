"""Initial weights drawn with NumPy: no global seed of any library is touched."""

import numpy as np

from skl_lstm._engine.spec import NetworkSpec


def _glorot_uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    limit = np.sqrt(6.0 / (shape[0] + shape[1]))
    return rng.uniform(-limit, limit, size=shape)


def _orthogonal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    # The sign fix makes the distribution uniform over orthogonal matrices.
    q *= np.sign(np.diag(r))
    return q if shape[0] >= shape[1] else q.T


def _zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return np.zeros(shape)


def _unit_forget_bias(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    bias = np.zeros(shape)
    units = shape[0] // 4
    bias[units : 2 * units] = 1.0
    return bias


INITIALIZERS = {
    "kernel": _glorot_uniform,
    "recurrent_kernel": _orthogonal,
    "lstm_bias": _unit_forget_bias,
    "gru_bias": _zeros,
    "rnn_bias": _zeros,
    # An untrained network is the naive forecast.
    "head": _zeros,
    "zeros": _zeros,
}


def initial_weights(
    spec: NetworkSpec, rng: np.random.Generator, *, plain: bool = False
) -> list[np.ndarray]:
    """Draw fresh weights from the distributions that Keras uses by default.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    rng : numpy.random.Generator
        Source of all randomness.
    plain : bool, default=False
        Whether the output layer starts as Keras starts it, too, instead of at zero.

    Returns
    -------
    list of ndarray of float32
        In the order of ``keras.Model.get_weights``.

    References
    ----------
    Glorot, X., & Bengio, Y. (2010). Understanding the difficulty of training deep
    feedforward neural networks. AISTATS.
    Jozefowicz, R., Zaremba, W., & Sutskever, I. (2015). An empirical exploration of
    recurrent network architectures. ICML (forget-gate bias of one).
    """
    draw = INITIALIZERS | ({"head": _glorot_uniform} if plain else {})
    if spec.encoder is not None:
        from skl_lstm._engine.own_encoder import draw_weights

        own = iter(draw_weights(spec.encoder, rng))
        draw["encoder"] = lambda rng, shape: next(own)
    return [
        draw[role](rng, shape).astype("float32") for role, shape in spec.weight_shapes()
    ]
