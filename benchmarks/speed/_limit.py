"""The limit of any way: the multiplications of a step over the machine's rate."""

import time
from dataclasses import replace

import numpy as np

from benchmarks._data import find_files
from benchmarks._report import print_head, print_row
from benchmarks._timing import describe
from benchmarks.speed._tasks import Task, read_rows
from benchmarks.speed._turns import start_ways, time_in_turn

N_GATES = {"lstm": 4, "gru": 3}
N_STEPS = 100


def count_operations(task: Task, n_inputs: int) -> float:
    """Count floating-point operations of the products of one gradient step.

    Per layer and time step one product of inputs and states with the kernels on the
    way forward, and two on the way back; a multiplication and an addition each.
    """
    total, width = 0.0, n_inputs
    for units in task.units:
        total += 3 * 2 * (width + units) * N_GATES[task.cell] * units
        width = units
    return total * task.window_length * task.batch_size


def measure_rate(size: int = 1024, seconds: float = 2.0) -> float:
    """Return the operations per second of a large matrix product, all cores."""
    a = np.ones((size, size), "float32")
    b, n, start = a.copy(), 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        a @ b
        n += 1
    return n * 2 * size**3 / (time.perf_counter() - start)


def measure_limit(repeats: int) -> None:
    """Print the share of the machine's rate that training reaches."""
    find_files("PM2.5")
    rate = measure_rate()
    columns = ("network", "batch", "way", "GFLOP a step", "ms a step", "share")
    print_head(f"Share of the machine's {rate / 1e9:.0f} GFLOP/s", *columns)
    with start_ways(["ours", "keras"]) as ways:
        for cell in ("lstm", "gru"):
            for batch in (32, 256):
                task = Task("PM2.5", cell, (50, 50), 24, 1, batch, 1, batch * N_STEPS)
                n_inputs = 1 + read_rows(replace(task, n_windows=10)).X[0].shape[1]
                operations = count_operations(task, n_inputs)
                for name, times in time_in_turn(ways, task, "fit", repeats).items():
                    print_row(
                        f"2 x {cell.upper()}(50), window 24",
                        batch,
                        name,
                        f"{operations / 1e9:.2f}",
                        describe(times, 1e3 / N_STEPS),
                        f"{operations * N_STEPS / min(times) / rate:.0%}",
                    )
