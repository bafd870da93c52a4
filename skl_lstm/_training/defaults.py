"""What "auto" means: every rule that chooses a value from the data, in one place."""

from numbers import Integral
from typing import Any

import numpy as np

LONGEST_WINDOW = 336
# Enough past to see a level and a direction.
SHORTEST_GOOD_WINDOW = 8
# Without a calendar nothing says how long a pattern is: the more rows, the longer one
# can be learned.
ROWS_PER_STEP_WITHOUT_SEASON = 16
LONGEST_WINDOW_WITHOUT_SEASON = 64
STEP_WITHOUT_SEASON = 4
# With exogenous columns a window has many inputs: the fewer rows there are, the fewer
# of them can be told apart.
ROWS_PER_INPUT = 30
# A window longer than this share of the series leaves too few windows to train on.
WINDOW_SHARE = 3
# Steps of one pass where nobody says how far to forecast and nothing how long a season
# is: rolled on, they are better twenty steps ahead than one step at a time, and than
# twenty at once, which leave fewer windows.
STEPS_UNTOLD = 10
SMALLEST_BATCH = 32
BATCH_SIZES = ((20_000, 128), (5_000, 64), (0, SMALLEST_BATCH))
TRAINING_STEPS = 1_000
# More data earns more steps, at this rate per window.
WINDOWS_PER_EXTRA_STEP = 16
MOST_TRAINING_STEPS = 6_000
# Below this a held-out tail is too short to tell when to stop.
WINDOWS_TO_STOP_EARLY = 30
# Below this the tail is worth training on, too, once it has told when to stop.
WINDOWS_TO_REFIT = 5_000
# Epochs to wait for a better one. In a short series one that is better than the start
# comes soon or never; in a long one, of few epochs, when the learning rate has fallen.
EPOCHS_TO_WAIT, EPOCHS_TO_WAIT_FOR_GAIN = 10, 6
STEPS_OF_SHORT_EPOCH = 20
# What a decoder corrects is small beside the noise: half the rate is better.
LEARNING_RATE, DECODER_RATE = 2e-3, 1e-3
UNITS = 32


def resolve_horizon(
    horizon: int | str, n_rows: int, last_step: int | None, sp: int
) -> int:
    """Return how many steps the network emits in one pass.

    Parameters
    ----------
    horizon : int or "auto"
        The parameter. "auto" takes the last step of the forecasting horizon, at most
        a quarter of the rows or two seasons (if those fit into a third of the
        rows); without one, a season. Without a season either, `STEPS_UNTOLD`, or as
        many as leave `WINDOWS_TO_STOP_EARLY` windows to learn from.
    n_rows : int
        Rows of the training data.
    last_step : int or None
        Last step of the forecasting horizon, if known and ahead of the cutoff.
    sp : int
        Season length.
    """
    if horizon != "auto":
        return int(horizon)
    told = last_step if last_step is not None and last_step > 0 else None
    if told is None and sp == 1:
        return _steps_untold(n_rows)
    wanted = told or sp
    most = max(n_rows // 4, min(2 * sp, n_rows // 3))
    return max(1, min(wanted, most))


def _steps_untold(n_rows: int) -> int:
    """Return the most steps, up to `STEPS_UNTOLD`, that leave windows to learn from."""
    for horizon in range(STEPS_UNTOLD, 1, -1):
        length = resolve_window_length("auto", n_rows, horizon, 1)
        if n_rows - length - horizon + 1 >= WINDOWS_TO_STOP_EARLY:
            return horizon
    return 1


def resolve_window_length(
    window_length: int | str,
    n_rows: int,
    horizon: int,
    sp: int,
    n_columns: int = 0,
    n_series: int = 1,
) -> int:
    """Return how many past steps the network sees.

    "auto" takes two seasons or 1.25 horizons, whichever is more (the factor is that
    of Hewamalage et al., 2021, https://doi.org/10.1016/j.ijforecast.2020.06.008), at
    least `SHORTEST_GOOD_WINDOW`, at most `LONGEST_WINDOW` and a third of the rows.
    Without a season, a sixteenth of the rows is tried, up to 64, rounded down to a
    multiple of four: folds of similar length then share a compiled program. With
    exogenous columns there are at least `ROWS_PER_INPUT` rows for each input, down to a
    window of one season.

    Parameters
    ----------
    window_length : int or "auto"
        The parameter.
    n_rows : int
        Rows of the training data.
    horizon : int
        Steps the network emits.
    sp : int
        Season length.
    n_columns : int, default=0
        Exogenous columns.
    n_series : int, default=1
        Series of that many rows.
    """
    if window_length != "auto":
        return int(window_length)
    wanted = max(2 * sp, -(-5 * max(horizon, sp) // 4), SHORTEST_GOOD_WINDOW)
    if sp == 1:
        by_rows = n_rows // ROWS_PER_STEP_WITHOUT_SEASON
        by_rows -= by_rows % STEP_WITHOUT_SEASON
        wanted = max(wanted, min(by_rows, LONGEST_WINDOW_WITHOUT_SEASON))
    if n_columns:
        by_inputs = n_series * n_rows // (ROWS_PER_INPUT * (1 + n_columns))
        wanted = min(wanted, max(by_inputs, sp, SHORTEST_GOOD_WINDOW))
    return max(1, min(wanted, LONGEST_WINDOW, n_rows // WINDOW_SHARE))


def resolve_units(units: Any) -> tuple[int, ...]:
    """Return the width of each layer; "auto" is one layer."""
    if isinstance(units, str):
        return (UNITS,)
    return tuple(int(u) for u in ([units] if isinstance(units, Integral) else units))


def resolve_loss(loss: Any, horizon: int) -> Any:
    """Return the loss; "auto" is "huber" for one step and "mae" for several.

    One step ahead errors are nearly normal. Several steps ahead they have heavy
    tails, and the median is the better forecast (measured on the training parts of
    M4 Weekly, NN5, Hospital and Tourism Monthly, see docs/accuracy.md).
    """
    if isinstance(loss, str) and loss == "auto":
        return "huber" if horizon == 1 else "mae"
    return loss


def resolve_batch_size(batch_size: int | str, n_windows: int) -> int:
    """Return the windows per training step.

    A batch never needs to be larger than the number of windows, rounded up to a
    power of two: rounded, so that folds of similar length share one program.
    """
    if batch_size == "auto":
        return next(size for least, size in BATCH_SIZES if n_windows >= least)
    enough = max(SMALLEST_BATCH, 1 << int(np.ceil(np.log2(max(n_windows, 1)))))
    return min(int(batch_size), enough)


def resolve_epochs(
    epochs: int | str, n_windows: int, batch_size: int, *, untested: bool = False
) -> int:
    """Return the passes over the training windows; "auto" budgets training steps.

    Where no held-out windows tell when to stop, few windows are soon learned by heart:
    untested, a network takes one step per window from the simple forecast it starts at.
    """
    if epochs != "auto":
        return int(epochs)
    n_steps = TRAINING_STEPS + n_windows // WINDOWS_PER_EXTRA_STEP
    n_steps = n_windows if untested else min(n_steps, MOST_TRAINING_STEPS)
    return max(1, round(n_steps / -(-n_windows // batch_size)))


def resolve_patience(
    n_iter_no_change: int | str, steps_per_epoch: int
) -> tuple[int, int]:
    """Return the epochs to wait for a better one, and for one better than the start.

    Parameters
    ----------
    n_iter_no_change : int or "auto"
        The parameter: a number stands for both.
    steps_per_epoch : int
        Batches of an epoch.
    """
    if n_iter_no_change != "auto":
        return int(n_iter_no_change), int(n_iter_no_change)
    is_short = steps_per_epoch <= STEPS_OF_SHORT_EPOCH
    return EPOCHS_TO_WAIT, EPOCHS_TO_WAIT_FOR_GAIN if is_short else EPOCHS_TO_WAIT


def resolve_early_stopping(early_stopping: bool | str, n_windows: int) -> bool:
    """Return whether the latest windows are held out to stop early."""
    if early_stopping == "auto":
        return n_windows >= WINDOWS_TO_STOP_EARLY
    return bool(early_stopping)
