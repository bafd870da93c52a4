"""
Why gradients vanish
====================

How much does the state after k steps still depend on the state at the start? The norm
of that derivative is what training multiplies its errors with. It is computed here for
untrained cells of 16 units in NumPy, by moving the state a little and watching.
"""

import matplotlib.pyplot as plt
import numpy as np

UNITS, STEPS, SHIFT = 16, 100, 1e-7
rng = np.random.default_rng(0)
inputs = rng.standard_normal((STEPS, 1))


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def draw_weights(n_gates):
    """Draw weights as Keras does: uniform for inputs, orthogonal for the state."""
    limit = np.sqrt(6 / (1 + UNITS * n_gates))
    kernel = rng.uniform(-limit, limit, (n_gates, 1, UNITS))
    squares = rng.standard_normal((n_gates, UNITS, UNITS))
    return kernel, np.linalg.qr(squares)[0]


# %%
# Three cells
# -----------
# Each maps a state and an input to the next state. An LSTM's state is (h, c). The bias
# of the gate that keeps the state is varied: Keras starts an LSTM at 1, a GRU at 0.
def make_simple():
    kernel, recurrent = draw_weights(1)
    return lambda h, x: np.tanh(x @ kernel[0] + h @ recurrent[0])


def make_lstm(bias):
    kernel, recurrent = draw_weights(4)

    def step(state, x):
        h, c = state[..., :UNITS], state[..., UNITS:]
        i, f, g, o = (x @ kernel[k] + h @ recurrent[k] for k in range(4))
        c = sigmoid(f + bias) * c + sigmoid(i) * np.tanh(g)
        return np.concatenate([sigmoid(o) * np.tanh(c), c], axis=-1)

    return step


def make_gru(bias):
    kernel, recurrent = draw_weights(3)

    def step(h, x):
        z = sigmoid(x @ kernel[0] + h @ recurrent[0] + bias)
        r = sigmoid(x @ kernel[1] + h @ recurrent[1])
        return z * h + (1 - z) * np.tanh(x @ kernel[2] + (r * h) @ recurrent[2])

    return step


# %%
# The derivative, step by step
# ----------------------------
# One copy of the state for each unit, moved a little in it; all run on side by side.
def follow(step, n_states):
    state, moved, norms = np.zeros(n_states), SHIFT * np.eye(n_states), [1.0]
    for x in inputs:
        state, moved = step(state, x), step(state + moved, x) - step(state, x)
        factor = np.linalg.norm(moved, 2) / SHIFT
        norms.append(norms[-1] * factor)
        # Kept at one size, or rounding would hide what is left of it.
        moved = moved / factor
    return norms


cells = {
    "simple RNN": (make_simple(), UNITS, "#000000"),
    "LSTM, forget bias 1": (make_lstm(1.0), 2 * UNITS, "#56B4E9"),
    "LSTM, forget bias 5": (make_lstm(5.0), 2 * UNITS, "#0072B2"),
    "GRU, update bias 0": (make_gru(0.0), UNITS, "#E69F00"),
    "GRU, update bias 5": (make_gru(5.0), UNITS, "#D55E00"),
}
figure, ax = plt.subplots(figsize=(7.5, 4.5), layout="constrained")
for name, (step, n_states, color) in cells.items():
    norms = follow(step, n_states)
    print(f"{name}: {norms[-1]:.1e} after {STEPS} steps")
    ax.semilogy(norms, color=color, label=name)
ax.set(xlabel="steps between", ylabel="norm of the derivative", ylim=(1e-14, 1e4))
legend = ax.legend()

# %%
# Gates do not help by being there, but by being open: the GRU that is told nothing
# forgets faster than a simple network. Kept open, both cells pass the derivative on.
# Where new input is added at every step it can grow, too: so gradients are clipped.
