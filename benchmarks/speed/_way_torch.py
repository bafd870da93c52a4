"""A bare training loop in torch: the floor, with no framework above it."""

from typing import Any

import numpy as np

from benchmarks.speed._tasks import N_THREADS, Rows, Task, cut_windows


def start() -> str:
    """Start torch; return the version."""
    import torch

    torch.set_num_threads(N_THREADS)
    # The first optimizer imports a compiler: part of starting torch.
    torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])
    return f"torch {torch.__version__}"


def prepare(rows: Rows, task: Task) -> Any:
    """Cut the windows into tensors; not timed."""
    import torch

    windows, targets = cut_windows(rows, task)
    return torch.from_numpy(windows), torch.from_numpy(targets)


def fit(data: Any, task: Task) -> Any:
    """Build and train."""
    import torch

    windows, targets = data
    torch.manual_seed(0)
    layer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[task.cell]
    # All layers in one call, which is the fastest that torch has.
    recurrent = layer(
        windows.shape[2], task.units[0], len(task.units), batch_first=True
    )
    head = torch.nn.Linear(task.units[-1], task.horizon)
    network = torch.nn.ModuleList([recurrent, head])
    optimizer = torch.optim.Adam(network.parameters(), lr=task.learning_rate)
    rng = np.random.default_rng(0)
    for _ in range(task.epochs):
        order = torch.from_numpy(rng.permutation(len(windows)))
        for some in order.split(task.batch_size):
            optimizer.zero_grad()
            error = run(network, windows[some]) - targets[some]
            (error * error).mean().backward()
            optimizer.step()
    return network


def run(network: Any, windows: Any) -> Any:
    """Return the forecasts of windows."""
    recurrent, head = network
    return head(recurrent(windows)[0][:, -1])


def forecast(network: Any, data: Any) -> Any:
    """Forecast from the last window."""
    import torch

    with torch.no_grad():
        return run(network, data[0][-1:])


def roll(network: Any, data: Any, n_steps: int) -> Any:
    """Feed each block back."""
    import torch

    window, found = data[0][-1:], []
    with torch.no_grad():
        while len(found) < n_steps:
            block = run(network, window)[0]
            found.extend(block.tolist())
            window = torch.cat([window, block[None, :, None]], dim=1)
            window = window[:, -data[0].shape[1] :]
    return found[:n_steps]


def backtest(network: Any, data: Any, n_origins: int) -> Any:
    """Forecast all windows in one call."""
    import torch

    with torch.no_grad():
        return run(network, data[0][-n_origins:])
