"""What the fused cells bring: milliseconds of one training step, in turn.

Each row trains one network inside the same compiled program, once with Keras' own
layers in the graph and once with ours; the GRU also with its loops compiled by XLA.

    python -m benchmarks.cells [--repeats 5]
"""

import argparse
import dataclasses
from collections.abc import Iterator

import numpy as np

from benchmarks._report import print_head, print_row, print_run
from benchmarks._timing import describe, time_call
from skl_lstm._engine import config
from skl_lstm._engine.initialization import initial_weights
from skl_lstm._engine.network import build_network
from skl_lstm._engine.program import Program
from skl_lstm._engine.rows import Data
from skl_lstm._engine.spec import NetworkSpec

N_ROWS = 5_000
BASE = NetworkSpec(
    cell="lstm",
    units=(32,),
    window_length=24,
    horizon=12,
    n_outputs=1,
    n_concurrent=0,
    n_shifted=0,
    autoregressive=True,
    known_in_window=True,
    window_scaling="standard",
    linear_skip=True,
    activation="tanh",
    dropout=0.0,
    recurrent_dropout=0.0,
    bidirectional=False,
    kernel_regularizer=None,
    loss=config.serialize_loss("huber"),
    optimizer=config.serialize_optimizer("adam")[0],
    batch_size=32,
    compiled_loop=False,
    bridges_gaps=False,
)
# window, units, batch, steps per timed call
SHAPES = (
    (24, (32,), 32, 100),
    (24, (64,), 256, 20),
    (168, (64,), 256, 4),
    (24, (50, 50), 32, 50),
    (24, (50, 50), 256, 20),
)


class Stepper:
    """Trains one program, a timed call at a time."""

    def __init__(self, spec: NetworkSpec, n_steps: int, fused: bool):
        rng = np.random.default_rng(0)
        self.program = Program(spec)
        if not fused:
            self.program._network = build_network(spec, fused=False)
        self.data = Data(
            np.sin(np.arange(N_ROWS, dtype="float32") / 3)[:, None],
            np.zeros((N_ROWS, 0), "float32"),
        )
        last = N_ROWS - spec.horizon
        shape = (n_steps, spec.batch_size)
        self.batches = rng.integers(spec.window_length, last, shape).astype("int32")
        self.rates = np.full(n_steps, 1e-3, "float32")
        self.state = self.program.start(initial_weights(spec, rng), rng)
        self.step()  # traces, and compiles

    def step(self) -> float:
        """Return milliseconds per training step of one call."""
        seconds, (self.state, _) = time_call(
            self.program.train, self.state, self.data, self.batches, self.rates
        )
        return seconds / len(self.batches) * 1e3


def compare(
    window: int, units: tuple[int, ...], batch: int, n_steps: int, repeats: int
) -> Iterator[tuple[str, list[float]]]:
    """Yield name and times of each way, taken in turn."""
    spec = dataclasses.replace(
        BASE, window_length=window, units=units, batch_size=batch
    )
    gru = dataclasses.replace(spec, cell="gru")
    ways = {
        "LSTM, Keras layer": Stepper(spec, n_steps, fused=False),
        "LSTM, fused": Stepper(spec, n_steps, fused=True),
        "GRU, Keras layer": Stepper(gru, n_steps, fused=False),
        "GRU, ours": Stepper(gru, n_steps, fused=True),
        "GRU, ours, XLA": Stepper(
            dataclasses.replace(gru, compiled_loop=True), n_steps, fused=True
        ),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats):
        for name, way in ways.items():
            times[name].append(way.step())
    yield from times.items()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    print_run("Cells")
    for window, units, batch, n_steps in SHAPES:
        title = f"Window {window}, units {units}, batch {batch}"
        print_head(title, "way", "ms a step")
        for name, times in compare(window, units, batch, n_steps, options.repeats):
            print_row(name, describe(times))


if __name__ == "__main__":
    main()
