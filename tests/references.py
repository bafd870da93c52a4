"""Slow NumPy versions, written from the equations, in float64.

Every function takes complex numbers too, so that `gradients` can differentiate it by
complex steps: exact to the last digit, and nothing of a backward pass to get wrong.
Weights are in Keras' layout.
"""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def lstm(x, kernel, recurrent_kernel, bias):
    """Run an LSTM over a sequence from a zero state.

    Hochreiter & Schmidhuber (1997), with the forget gate of Gers et al. (2000).

    Parameters
    ----------
    x : ndarray of shape (batch, n_steps, n_inputs)
        Inputs.
    kernel, recurrent_kernel, bias : ndarray
        Of shape (n_inputs, 4 * units), (units, 4 * units) and (4 * units,), the
        gates in the order input, forget, candidate, output.

    Returns
    -------
    ndarray of shape (batch, n_steps, units)
        Hidden states.
    """
    w_i, w_f, w_g, w_o = np.split(kernel, 4, axis=1)
    u_i, u_f, u_g, u_o = np.split(recurrent_kernel, 4, axis=1)
    b_i, b_f, b_g, b_o = np.split(bias, 4)
    h = c = np.zeros((len(x), len(recurrent_kernel)))
    states = []
    for t in range(x.shape[1]):
        forget = sigmoid(x[:, t] @ w_f + h @ u_f + b_f)
        enter = sigmoid(x[:, t] @ w_i + h @ u_i + b_i)
        candidate = np.tanh(x[:, t] @ w_g + h @ u_g + b_g)
        output = sigmoid(x[:, t] @ w_o + h @ u_o + b_o)
        c = forget * c + enter * candidate
        h = output * np.tanh(c)
        states.append(h)
    return np.stack(states, axis=1)


def gru(x, kernel, recurrent_kernel, bias):
    """Run a GRU over a sequence from a zero state.

    Cho et al. (2014), with the reset gate after the recurrent product, as in cuDNN.

    Parameters
    ----------
    x : ndarray of shape (batch, n_steps, n_inputs)
        Inputs.
    kernel, recurrent_kernel, bias : ndarray
        Of shape (n_inputs, 3 * units), (units, 3 * units) and (2, 3 * units), the
        gates in the order update, reset, candidate.

    Returns
    -------
    ndarray of shape (batch, n_steps, units)
        Hidden states.
    """
    w_z, w_r, w_n = np.split(kernel, 3, axis=1)
    u_z, u_r, u_n = np.split(recurrent_kernel, 3, axis=1)
    (b_z, b_r, b_n), (d_z, d_r, d_n) = (np.split(row, 3) for row in bias)
    h = np.zeros((len(x), len(recurrent_kernel)))
    states = []
    for t in range(x.shape[1]):
        update = sigmoid(x[:, t] @ w_z + b_z + h @ u_z + d_z)
        reset = sigmoid(x[:, t] @ w_r + b_r + h @ u_r + d_r)
        candidate = np.tanh(x[:, t] @ w_n + b_n + reset * (h @ u_n + d_n))
        h = update * h + (1 - update) * candidate
        states.append(h)
    return np.stack(states, axis=1)


def simple_rnn(x, kernel, recurrent_kernel, bias):
    """Run the simple recurrence of Elman (1990) from a zero state.

    Parameters
    ----------
    x : ndarray of shape (batch, n_steps, n_inputs)
        Inputs.
    kernel, recurrent_kernel, bias : ndarray
        Of shape (n_inputs, units), (units, units) and (units,).

    Returns
    -------
    ndarray of shape (batch, n_steps, units)
        Hidden states.
    """
    h = np.zeros((len(x), len(recurrent_kernel)))
    states = []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ kernel + h @ recurrent_kernel + bias)
        states.append(h)
    return np.stack(states, axis=1)


CELLS = {"lstm": lstm, "gru": gru, "rnn": simple_rnn}
N_WEIGHTS = 3  # of one cell: kernel, recurrent kernel, bias


def last_state(cell, n_layers):
    """Return a function of (x, *weights): the last hidden state of stacked layers."""

    def run(x, *weights):
        for layer in range(n_layers):
            some = weights[N_WEIGHTS * layer : N_WEIGHTS * (layer + 1)]
            x = CELLS[cell](x, *some)
        return x[:, -1]

    return run


def forecast(spec, weights, window, future=None):
    """Compute ``naive + spread * (Dense(RNN(z)) + skip(z) + own_step(X))``.

    Parameters
    ----------
    spec : object
        With the attributes of `NetworkSpec`; one direction and no dropout.
    weights : list of ndarray
        Of the stacked cells, then of the output layers.
    window : ndarray of shape (batch, window_length, n_channels)
        The target's own past first.
    future : ndarray of shape (batch, horizon, n_concurrent) or None
        Exogenous rows of the steps to forecast.

    Returns
    -------
    ndarray of shape (batch, horizon, n_outputs)
    """
    z, naive, spread = np.array(window, dtype=float), 0.0, 1.0
    if spec.autoregressive and spec.window_scaling:
        past = z[:, :, : spec.n_outputs].copy()
        naive = past[:, -1:]
        spread = np.maximum(past.std(axis=1, keepdims=True), 0.1)
        z[:, :, : spec.n_outputs] = (past - naive) / spread
    n_layers = len(spec.units)
    cells, heads = weights[: N_WEIGHTS * n_layers], weights[N_WEIGHTS * n_layers :]
    heads = iter(heads)
    out = last_state(spec.cell, n_layers)(z, *cells) @ next(heads) + next(heads)
    if spec.linear_skip:
        out = out + z.reshape(len(z), -1) @ next(heads)
    out = out.reshape(len(z), spec.horizon, spec.n_outputs)
    if future is not None:
        out = out + future @ next(heads)
    return naive + spread * out


def gradients(function, arrays, upstream):
    """Differentiate ``sum(upstream * function(*arrays))`` by every array.

    Parameters
    ----------
    function : callable
        Analytic, and written for complex numbers too.
    arrays : list of ndarray
        Where to differentiate.
    upstream : ndarray
        Of the shape of the function's value.

    Returns
    -------
    list of ndarray
        Of the shapes of ``arrays``.

    References
    ----------
    Squire, W., & Trapp, G. (1998). Using complex variables to estimate derivatives
    of real functions. SIAM Review, 40(1). https://doi.org/10.1137/S003614459631241X
    """
    step = 1e-30
    found = []
    for k, array in enumerate(arrays):
        gradient = np.empty(array.shape)
        for place in np.ndindex(array.shape):
            moved = array.astype(complex)
            moved[place] += 1j * step
            value = function(*arrays[:k], moved, *arrays[k + 1 :])
            gradient[place] = np.sum(upstream * value.imag) / step
        found.append(gradient)
    return found
