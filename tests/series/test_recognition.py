"""Rows without a calendar: their values tell whether they are the training rows."""

import numpy as np
import pytest

from skl_lstm._series.recognition import recognize_rows

N_ROWS = 36
RNG = np.random.default_rng(0)
WEATHER = RNG.normal(size=(N_ROWS, 2))
MONTH = np.arange(N_ROWS)[:, None] % 12 + 1.0
ZERO, TREND = np.zeros((N_ROWS, 1)), np.arange(float(N_ROWS))[:, None]
RARE = np.isin(np.arange(N_ROWS), [3, 4, 20])[:, None].astype(float)


def side_by_side(*columns):
    return np.concatenate(columns, axis=1)


def permute(rows, column, seed=1):
    rows = rows.copy()
    rows[:, column] = np.random.default_rng(seed).permutation(rows[:, column])
    return rows


def recognize(rows, training, season=1):
    return recognize_rows(rows, training, season)


# All of them -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "training",
    [WEATHER, TREND, side_by_side(MONTH, TREND), side_by_side(ZERO, WEATHER), RARE],
    ids=["weather", "trend", "month and trend", "zero and weather", "rare days"],
)
def test_rows_with_the_values_of_all_training_rows_are_these(training):
    assert recognize(training.copy(), training) == "training"


def test_nan_equals_nan():
    training = WEATHER.copy()
    training[[0, 7], [1, 0]] = np.nan
    assert recognize(training.copy(), training) == "training"
    assert recognize(WEATHER, training) == "later"
    assert recognize(training, WEATHER) == "later"
    assert recognize(permute(training, 1), training) == "training"


def test_values_may_differ_by_rounding():
    # PCA computes the training rows by another product in fit than in predict.
    training = WEATHER * 1e6
    assert recognize(training * (1 + 1e-15), training) == "training"
    assert recognize(training * (1 + 1e-6), training) == "later"
    epoch = 1.7e18 + 3.6e12 * TREND
    assert recognize(epoch + 3.6e12, epoch) == "later"


def test_training_rows_and_more_start_with_the_training_rows():
    more = np.concatenate([WEATHER, WEATHER[:5] + 1.0])
    assert recognize(more, WEATHER) == "training"
    assert recognize(permute(more, 1), WEATHER) == "training"
    assert recognize(more[1:], WEATHER) == "later"


def test_one_row_that_differs_makes_them_other_rows():
    for row in (0, 20, N_ROWS - 1):
        other = WEATHER.copy()
        other[row] += 1e-3
        assert recognize(other, WEATHER) == "later"


def test_fewer_rows_are_never_the_training_rows():
    assert recognize(WEATHER[:12], WEATHER) == "part"
    assert recognize(WEATHER[20:], WEATHER) == "part"
    assert recognize(WEATHER[:1], WEATHER) == "part"
    assert recognize(WEATHER[[0, 2]], WEATHER) == "later"
    assert recognize(WEATHER[:12] + 1.0, WEATHER) == "later"
    assert recognize(MONTH[:12], MONTH) == "part"
    assert recognize(MONTH[:12], np.concatenate([MONTH, MONTH])) == "part"


# Values that repeat ----------------------------------------------------------------


@pytest.mark.parametrize(
    "training",
    [
        ZERO,
        MONTH,
        side_by_side(MONTH, ZERO, ZERO + 1.0),
        side_by_side(MONTH, (MONTH - 1) // 3),
        side_by_side(np.sin(TREND * np.pi / 6), np.cos(TREND * np.pi / 6)),
    ],
    ids=["zero", "month", "month and constants", "month and quarter", "waves"],
)
def test_whole_cycles_cannot_be_told_from_later_ones(training):
    assert recognize(training.copy(), training) == "repeating"


def test_a_cycle_that_is_not_whole_tells_training_rows():
    # The rows that follow 30 months start with the seventh.
    training = MONTH[:30]
    assert recognize(training.copy(), training) == "training"
    assert recognize((training + 5) % 12 + 1, training) == "later"


def test_one_season_of_rows_may_be_a_cycle():
    training = MONTH[:12]
    assert recognize(training.copy(), training) == "training"
    assert recognize(training.copy(), training, season=12) == "repeating"
    assert recognize(np.roll(training, 5), training, season=12) == "later"


def test_later_rows_may_start_elsewhere_in_the_cycle():
    for columns in (MONTH, side_by_side(MONTH, ZERO), side_by_side(MONTH, -MONTH)):
        assert recognize(np.roll(columns, -5, axis=0), columns) == "later"


# In another order ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("training", "column"),
    [
        (WEATHER, 0),
        (side_by_side(MONTH, WEATHER), 0),
        (side_by_side(MONTH, WEATHER[:, :1]), 1),
        (side_by_side(RARE, TREND), 0),
    ],
    ids=["weather", "month beside weather", "weather beside month", "rare days"],
)
def test_one_permuted_column_still_counts(training, column):
    assert recognize(permute(training, column), training) == "training"


def test_a_permuted_column_that_repeats_tells_nothing_alone():
    assert recognize(permute(side_by_side(MONTH, ZERO), 0), MONTH * [1, 0]) == (
        "repeating"
    )
    assert recognize(permute(RARE, 0), RARE) == "repeating"


def test_the_only_column_in_another_order_may_be_rows_in_another_order():
    assert recognize(permute(TREND, 0), TREND) == "permuted"
    both = side_by_side(TREND, ZERO)
    assert recognize(permute(both, 0), both) == "permuted"


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_another_order_are_known(seed):
    order = np.random.default_rng(seed).permutation(N_ROWS)
    for training in (
        WEATHER,
        side_by_side(MONTH, WEATHER),
        side_by_side(ZERO, WEATHER),
    ):
        assert recognize(training[order], training) == "shuffled"
    assert recognize(WEATHER[::-1], WEATHER) == "shuffled"


def test_rows_that_repeat_are_never_called_shuffled():
    order = np.random.default_rng(0).permutation(N_ROWS)
    calendar = side_by_side(MONTH, (MONTH - 1) // 3)
    assert recognize(calendar[order], calendar) == "later"
    drawn = np.random.default_rng(0).integers(0, N_ROWS, N_ROWS)
    assert recognize(WEATHER[drawn], WEATHER) == "later"
