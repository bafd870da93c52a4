"""What "auto" means: the rules of `skl_lstm._defaults`, value by value."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sktime.datasets import load_airline

from skl_lstm._series.history import make_history
from skl_lstm._series.season import resolve_season_length, resolve_season_of_panel
from skl_lstm._training.defaults import (
    MOST_TRAINING_STEPS,
    TRAINING_STEPS,
    WINDOWS_PER_EXTRA_STEP,
    WINDOWS_TO_STOP_EARLY,
    resolve_batch_size,
    resolve_early_stopping,
    resolve_epochs,
    resolve_horizon,
    resolve_loss,
    resolve_patience,
    resolve_window_length,
)
from skl_lstm._training.level import rolled_errors

DATE_SEASONS = {
    "YS": 1,
    "YE": 1,
    "YE-JUN": 1,
    "BYE": 1,
    "BYS": 1,
    "QS": 4,
    "QE": 4,
    "QS-OCT": 4,
    "QE-NOV": 4,
    "BQS": 4,
    "BQE-NOV": 4,
    "2QS": 2,
    "MS": 12,
    "ME": 12,
    "BMS": 12,
    "BME": 12,
    "3MS": 4,
    "5MS": 1,
    "12MS": 1,
    "SMS": 24,
    "SME": 24,
    "W-SUN": 52,
    "W-WED": 52,
    "4W-SUN": 13,
    "D": 7,
    "2D": 1,
    "B": 5,
    "C": 5,
    "h": 24,
    "2h": 12,
    "6h": 4,
    "5h": 1,
    # To the day, where that is at most 336 steps; else to the hour.
    "90min": 16,
    "60min": 24,
    "30min": 48,
    "15min": 96,
    "5min": 288,
    "4min": 15,
    "min": 60,
    "s": 60,
}
PERIOD_SEASONS = {
    "Y": 1,
    "Y-JUN": 1,
    "Q": 4,
    "Q-NOV": 4,
    "M": 12,
    "3M": 4,
    "W": 52,
    "W-WED": 52,
    "D": 7,
    "B": 5,
    "h": 24,
    "2h": 12,
    "15min": 96,
    "min": 60,
    "s": 60,
}
# No index of pandas 3 has these, but older ones, and those of other libraries, do.
OLD_ALIASES = {
    "A": 1,
    "A-DEC": 1,
    "AS-JAN": 1,
    "BA-DEC": 1,
    "BAS": 1,
    "Q-DEC": 4,
    "BQ": 4,
    "BQ-DEC": 4,
    "M": 12,
    "2M": 6,
    "BM": 12,
    "SM-15": 24,
    "H": 24,
    "2H": 12,
    "T": 60,
    "15T": 96,
    "S": 60,
}


@pytest.mark.parametrize(("freq", "season"), DATE_SEASONS.items())
def test_season_is_read_from_dates(freq, season):
    index = pd.date_range("2000-01-01", periods=10, freq=freq)
    assert resolve_season_length("auto", index) == season


@pytest.mark.parametrize(("freq", "season"), PERIOD_SEASONS.items())
def test_season_is_read_from_periods(freq, season):
    with warnings.catch_warnings():
        # pandas would rather have business days as dates.
        warnings.simplefilter("ignore", FutureWarning)
        index = pd.period_range("2000-01-03", periods=10, freq=freq)
        assert resolve_season_length("auto", index) == season
        # One period knows its frequency.
        assert resolve_season_length("auto", index[:1]) == season


@pytest.mark.parametrize(
    ("freq", "season"),
    {
        "24h": 7,
        "1440min": 7,
        "86400s": 7,
        "7D": 52,
        "168h": 52,
        "14D": 26,
        "60min": 24,
        "120min": 12,
        "90min": 16,
        "WOM-3FRI": 12,
        "LWOM-FRI": 12,
        "CBME": 12,
        "SME": 24,
        "BQE": 4,
    }.items(),
)
def test_season_does_not_depend_on_how_a_frequency_is_written(freq, season):
    index = pd.date_range("2000-01-03", periods=10, freq=freq)
    assert resolve_season_length("auto", index) == season


def test_season_of_a_panel_is_that_of_most_rows():
    months = pd.date_range("2000-01-01", periods=30, freq="MS")
    days = pd.date_range("2000-01-01", periods=40)

    def history(index):
        return make_history(np.zeros((len(index), 1)), np.zeros((len(index), 0)), index)

    histories = [history(months), history(days), history(days[:3])]
    for order in (histories, histories[::-1]):
        assert resolve_season_of_panel("auto", order) == 7
    assert resolve_season_of_panel("auto", [*histories, history(months)]) == 12
    assert resolve_season_of_panel(4, histories) == 4


@pytest.mark.parametrize(("alias", "season"), OLD_ALIASES.items())
def test_season_is_read_from_old_aliases(alias, season, monkeypatch):
    path = "skl_lstm._series.season.frequency_of"
    monkeypatch.setattr(path, lambda index: alias)
    assert resolve_season_length("auto", None) == season


@pytest.mark.parametrize(
    "freq", ["YS", "QS-OCT", "MS", "W-WED", "D", "B", "h", "15min"]
)
def test_season_is_inferred_where_no_frequency_is_stored(freq):
    index = pd.DatetimeIndex(pd.date_range("2000-01-01", periods=30, freq=freq).array)
    index.freq = None
    assert resolve_season_length("auto", index) == DATE_SEASONS[freq]


def test_season_survives_a_time_zone():
    index = pd.date_range("2000-03-01", periods=60, freq="h", tz="Europe/Berlin")
    assert resolve_season_length("auto", index) == 24


@pytest.mark.parametrize(
    "index",
    [
        None,
        pd.RangeIndex(20),
        pd.Index([3, 4, 5, 6]),
        pd.DatetimeIndex(["2024-01-01", "2024-01-02"]),
        pd.bdate_range("2024-01-01", periods=40).delete([7, 23]),
    ],
    ids=["none", "range", "integers", "two-dates", "trading-days"],
)
def test_season_is_one_where_there_is_no_calendar(index):
    assert resolve_season_length("auto", index) == 1


@pytest.mark.parametrize("sp", [1, 12, np.int64(7)])
def test_season_given_by_number_is_taken(sp):
    index = pd.period_range("2000Q1", periods=9, freq="Q")
    assert resolve_season_length(sp, index) == sp


@pytest.mark.parametrize(
    ("n_rows", "last_step", "sp", "expected"),
    [
        # The last step of fh, where it is ahead of the cutoff.
        (144, 1, 12, 1),
        (144, 5, 12, 5),
        (144, 18, 12, 18),
        # Else a season.
        (144, None, 12, 12),
        (144, 0, 12, 12),
        (144, -5, 12, 12),
        # Without a season either, ten steps, or as many as leave thirty windows.
        (144, None, 1, 10),
        (60, None, 1, 10),
        (47, None, 1, 8),
        (40, -1, 1, 3),
        (38, None, 1, 1),
        (2, None, 1, 1),
        # At most a quarter of the rows, or two seasons where they are more.
        (144, 100, 12, 36),
        (80, 100, 12, 24),
        (1_000, 700, 24, 250),
        (100, 100, 1, 25),
        # Two seasons only as far as a third of the rows.
        (60, 60, 12, 20),
        (60, None, 52, 20),
        # A very short series.
        (10, 5, 1, 2),
        (4, 3, 1, 1),
        (2, None, 12, 1),
    ],
)
def test_horizon_is_the_last_step_or_a_season(n_rows, last_step, sp, expected):
    assert resolve_horizon("auto", n_rows, last_step, sp) == expected


@pytest.mark.parametrize("n_rows", range(39, 1_200, 27))
def test_horizon_that_nobody_says_leaves_thirty_windows(n_rows):
    horizon = resolve_horizon("auto", n_rows, None, 1)
    length = resolve_window_length("auto", n_rows, horizon, 1)
    assert horizon > 1
    assert n_rows - length - horizon + 1 >= WINDOWS_TO_STOP_EARLY


def test_horizon_that_nobody_says_makes_twenty_rolled_steps_good():
    """An array says nothing of its months: one step at a time loses the year."""
    y = load_airline().to_numpy(float)
    rows = ((y - y.mean()) / y.std())[:, None]
    chosen = resolve_horizon("auto", len(rows), None, 1)
    errors = [
        rolled_errors(
            [rows],
            resolve_window_length("auto", len(rows), horizon, 1),
            horizon,
            "standard",
            share=0.7,
            n_steps=20,
        ).mean()
        for horizon in (1, chosen)
    ]
    assert errors[1] < errors[0]


@pytest.mark.parametrize("last_step", [None, 1, 100])
def test_horizon_given_by_number_is_taken(last_step):
    assert resolve_horizon(7, 20, last_step, 12) == 7


@pytest.mark.parametrize(
    ("n_rows", "horizon", "sp", "expected"),
    [
        # Two seasons, or 1.25 horizons rounded up, whichever is more.
        (1_000, 12, 12, 24),
        (1_000, 24, 12, 30),
        (1_000, 25, 12, 32),
        (40_000, 24, 24, 48),
        # Without a calendar a good handful, and more where there are many rows.
        (100, 1, 1, 8),
        (100, 6, 1, 8),
        (100, 7, 1, 9),
        (1_000, 1, 1, 60),
        (1_000, 80, 1, 100),
        (40_000, 1, 1, 64),
        # At most two weeks of hours.
        (40_000, 400, 24, 336),
        # At most a third of the rows.
        (60, 12, 12, 20),
        (10, 5, 1, 3),
        (5, 1, 1, 1),
        (2, 1, 12, 1),
    ],
)
def test_window_is_two_seasons_or_more_than_a_horizon(n_rows, horizon, sp, expected):
    assert resolve_window_length("auto", n_rows, horizon, sp) == expected


def test_window_given_by_number_is_taken():
    assert resolve_window_length(50, 20, 5, 12) == 50


@pytest.mark.parametrize("sp", [1, 4, 12, 52, 336])
def test_automatic_lengths_fit_into_every_series_of_two_rows_or_more(sp):
    for n_rows in range(2, 400):
        for last_step in (None, -3, 1, 5, 12, 10_000):
            horizon = resolve_horizon("auto", n_rows, last_step, sp)
            window = resolve_window_length("auto", n_rows, horizon, sp)
            assert min(horizon, window) >= 1
            assert horizon + window <= n_rows


@pytest.mark.parametrize("sp", [1, 4, 12, 52])
def test_automatic_window_works_from_ten_rows_on_with_a_horizon_of_five(sp):
    for n_rows in range(10, 100):
        window = resolve_window_length("auto", n_rows, 5, sp)
        assert window >= 3
        assert window + 5 <= n_rows


@pytest.mark.parametrize(
    ("n_windows", "expected"),
    [(1, 32), (120, 32), (4_999, 32), (5_000, 64), (19_999, 64), (20_000, 128)],
)
def test_automatic_batch_grows_with_the_windows(n_windows, expected):
    assert resolve_batch_size("auto", n_windows) == expected


@pytest.mark.parametrize(
    ("batch_size", "n_windows", "expected"),
    [
        (8, 1_000, 8),
        (256, 1_000, 256),
        (256, 256, 256),
        # Never much larger than the windows there are.
        (256, 100, 128),
        (256, 65, 128),
        (256, 64, 64),
        (10_000, 1, 32),
    ],
)
def test_batch_given_by_number_is_cut_to_the_windows(batch_size, n_windows, expected):
    assert resolve_batch_size(batch_size, n_windows) == expected


def test_folds_of_similar_length_share_one_batch_size():
    sizes = {resolve_batch_size(512, n_windows) for n_windows in range(130, 257)}
    assert sizes == {256}


def test_epochs_given_by_number_are_taken():
    assert resolve_epochs(3, 100_000, 32) == 3


@pytest.mark.parametrize("n_windows", [1, 5, 32, 33, 120, 1_000, 30_000])
def test_automatic_epochs_spend_a_budget_of_training_steps(n_windows):
    batch_size = resolve_batch_size("auto", n_windows)
    steps_per_epoch = -(-n_windows // batch_size)
    n_steps = resolve_epochs("auto", n_windows, batch_size) * steps_per_epoch
    budget = TRAINING_STEPS + n_windows // WINDOWS_PER_EXTRA_STEP
    # To the nearest whole epoch.
    assert abs(n_steps - budget) <= steps_per_epoch / 2


@pytest.mark.parametrize("n_windows", [100_000, 300_000])
def test_automatic_epochs_spend_no_more_steps_than_the_limit(n_windows):
    steps_per_epoch = -(-n_windows // 128)
    n_steps = resolve_epochs("auto", n_windows, 128) * steps_per_epoch
    assert n_steps <= MOST_TRAINING_STEPS + steps_per_epoch / 2


def test_automatic_epochs_are_one_at_least():
    assert resolve_epochs("auto", 10**9, 32) >= 1
    assert resolve_epochs("auto", 10**7, 1) == 1


def test_more_windows_never_earn_fewer_steps():
    counts = [10, 100, 1_000, 4_000]
    steps = [resolve_epochs("auto", n, 32) * -(-n // 32) for n in counts]
    assert steps == sorted(steps)


@pytest.mark.parametrize(
    ("steps_per_epoch", "expected"),
    [(1, (10, 6)), (20, (10, 6)), (21, (10, 10)), (5_000, (10, 10))],
)
def test_a_short_series_waits_less_for_the_first_gain(steps_per_epoch, expected):
    assert resolve_patience("auto", steps_per_epoch) == expected


def test_patience_given_by_number_is_taken():
    assert resolve_patience(20, 5_000) == (20, 20)
    assert resolve_patience(1, 1) == (1, 1)


@pytest.mark.parametrize(
    ("n_rows", "length"), [(127, 8), (171, 8), (192, 12), (330, 20)]
)
def test_windows_without_a_season_grow_in_fours(n_rows, length):
    assert resolve_window_length("auto", n_rows, 4, 1) == length


def test_early_stopping_is_automatic_where_there_are_windows_to_spare():
    enough = WINDOWS_TO_STOP_EARLY
    assert resolve_early_stopping("auto", enough) is True
    assert resolve_early_stopping("auto", enough - 1) is False


@pytest.mark.parametrize("n_windows", [2, 10_000])
@pytest.mark.parametrize("asked", [True, False])
def test_early_stopping_asked_for_is_taken(asked, n_windows):
    assert resolve_early_stopping(asked, n_windows) is asked


@pytest.mark.parametrize(("horizon", "expected"), [(1, "huber"), (2, "mae")])
def test_automatic_loss_depends_on_the_horizon(horizon, expected):
    assert resolve_loss("auto", horizon) == expected
    assert resolve_loss("mse", horizon) == "mse"


@pytest.mark.parametrize(
    ("n_rows", "n_columns", "n_series", "expected"),
    [
        (35_000, 4, 1, 48),
        (8_760, 11, 1, 24),
        (8_760, 11, 2, 48),
        # Never below a season.
        (1_000, 11, 1, 24),
    ],
)
def test_columns_of_X_shorten_the_window_to_what_the_rows_bear(
    n_rows, n_columns, n_series, expected
):
    found = resolve_window_length(
        "auto", n_rows, 1, 24, n_columns=n_columns, n_series=n_series
    )
    assert found == expected
