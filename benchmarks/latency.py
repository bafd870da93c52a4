"""Processor time of `predict`: one series, and panels; where it goes.

    python -m benchmarks.latency [--repeats 15] [--series 359] [--series 10000]

The time is that of this process, all threads, so that other jobs of the machine change
it little. "forward" is the network alone in NumPy, "program" the same windows by the
compiled program, in turn.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import describe
from skl_lstm import GRUForecaster, LSTMForecaster, SimpleRNNForecaster

CLASSES = (LSTMForecaster, GRUForecaster, SimpleRNNForecaster)
NETWORK = {"units": 32, "window_length": 24, "epochs": 1, "random_state": 0}
# Series that the network of a panel is trained on; the others only join it.
N_TRAINED, N_ROWS, HORIZON = 5, 300, 13


def spend(function: Callable, *args: Any) -> float:
    """Return the seconds of processor time that a call takes."""
    start = time.process_time()
    function(*args)
    return time.process_time() - start


def take_turns(repeats: int, *functions: Callable) -> list[list[float]]:
    """Time each of some functions in turn, after one round that is not counted."""
    rounds = [[spend(f) for f in functions] for _ in range(repeats + 1)]
    return [list(times) for times in zip(*rounds[1:], strict=True)]


def make_series(n_series: int) -> Any:
    """Draw random walks, monthly."""
    index = pd.period_range("1990-01", periods=N_ROWS, freq="M", name="time")
    walks = np.random.default_rng(0).normal(size=(N_ROWS, n_series)).cumsum(axis=0)
    if n_series == 1:
        return pd.Series(walks[:, 0] + 100, index=index)
    levels = [range(n_series), index]
    index = pd.MultiIndex.from_product(levels, names=["series", "time"])
    return pd.DataFrame({"y": walks.T.ravel() + 100}, index=index)


def measure_one_series(repeats: int) -> None:
    """Forecast the next step of one series; the network alone, for some windows."""
    from skl_lstm._engine import forward

    columns = "forward", "program", "program of forward"
    print_head("One step, ms", "network", "predict", "windows", *columns)
    for cls in CLASSES:
        forecaster = cls(**NETWORK, horizon=1).fit(make_series(1), fh=[1])
        (predict,) = take_turns(repeats, forecaster.predict)
        networks = forecaster._fitted.model.networks
        assembly = forecaster._fitted.model.assemble([forecaster._fitted.history])
        for n_windows in (1, 4, 16):
            origins = assembly.starts + np.arange(N_ROWS)[-n_windows:]
            case = networks.members[0], assembly.data, origins, 1
            small, program = take_turns(
                repeats,
                partial(forward.forecast, networks.spec, *case),
                partial(networks.program.forecast, *case),
            )
            ratio = [b / a for a, b in zip(small, program, strict=True)]
            cells = [describe(times, 1e3) for times in (small, program)]
            name = f"{cls.__name__}, 32 units, window 24"
            print_row(name, describe(predict, 1e3), n_windows, *cells, describe(ratio))


def measure_panel(n_series: int, repeats: int) -> None:
    """Forecast all series of a panel."""
    y = make_series(n_series)
    forecaster = LSTMForecaster(**NETWORK, horizon=HORIZON)
    forecaster.fit(y.loc[: N_TRAINED - 1], fh=range(1, HORIZON + 1))
    forecaster.update(y.loc[N_TRAINED:], update_params=False)
    (times,) = take_turns(repeats, forecaster.predict)
    print_row(f"{n_series:,}", describe(times, 1e3))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--series", type=int, action="append")
    options = parser.parse_args()
    print_run("Latency, in processor time")
    silence_warnings()
    measure_one_series(options.repeats)
    print_head(f"{HORIZON} steps of every series, ms", "series", "predict")
    for n_series in options.series or [359]:
        measure_panel(n_series, min(options.repeats, 5))


if __name__ == "__main__":
    main()
