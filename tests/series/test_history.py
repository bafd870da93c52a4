"""The rows that an estimator remembers, on every kind of time index."""

import warnings

import numpy as np
import pandas as pd
import pytest

from skl_lstm._series.frequency import frequency_of_rows
from skl_lstm._series.history import (
    History,
    count_missing_steps,
    extend_history,
    make_history,
)

N_ROWS = 20

INDICES = {
    "range": pd.RangeIndex(N_ROWS),
    "range-from-7": pd.RangeIndex(7, 7 + N_ROWS),
    "integers": pd.Index(np.arange(N_ROWS) - 5),
    "every-second-integer": pd.Index(np.arange(0, 2 * N_ROWS, 2)),
    "period-Y": pd.period_range("1990", periods=N_ROWS, freq="Y"),
    "period-Q": pd.period_range("1990Q2", periods=N_ROWS, freq="Q-NOV"),
    "period-M": pd.period_range("1990-11", periods=N_ROWS, freq="M"),
    "period-W": pd.period_range("1990-01-04", periods=N_ROWS, freq="W-WED"),
    "period-2h": pd.period_range("1990-01-01", periods=N_ROWS, freq="2h"),
    "MS": pd.date_range("1990-11-01", periods=N_ROWS, freq="MS"),
    "ME": pd.date_range("1990-11-30", periods=N_ROWS, freq="ME"),
    "2MS": pd.date_range("1990-11-01", periods=N_ROWS, freq="2MS"),
    "QS-OCT": pd.date_range("1990-10-01", periods=N_ROWS, freq="QS-OCT"),
    "W-SUN": pd.date_range("1990-01-07", periods=N_ROWS, freq="W-SUN"),
    "B": pd.date_range("1990-01-01", periods=N_ROWS, freq="B"),
    "D-across-summer-time": pd.date_range(
        "1990-03-20", periods=N_ROWS, freq="D", tz="Europe/Berlin"
    ),
    "15min": pd.date_range("1990-01-01", periods=N_ROWS, freq="15min"),
}
STORED_DATES = [n for n, i in INDICES.items() if isinstance(i, pd.DatetimeIndex)]

# Trading days: two weeks each with a holiday.
IRREGULAR = pd.bdate_range("2024-01-01", periods=N_ROWS + 2).delete([5, 13])

every_index = pytest.mark.parametrize("name", INDICES)


def rows(index, *, n_outputs=1, n_features=1, shift=0.0):
    """A history whose values tell which row of the index they belong to."""
    y = np.arange(len(index))[:, None] + 100.0 * np.arange(n_outputs) + shift
    X = -np.arange(len(index))[:, None] - 100.0 * np.arange(n_features) - shift
    return make_history(y, X, index)


def part(history, where):
    """Cut rows as `update` gets them: with a frequency of their own, or none."""
    return make_history(history.y[where], history.X[where], history.index[where])


@pytest.fixture
def no_warning():
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message=".*missing")
        yield


def assert_same_history(one, other):
    np.testing.assert_array_equal(one.y, other.y)
    np.testing.assert_array_equal(one.X, other.X)
    assert list(one.index) == list(other.index)
    # A range and an index of integers say the same.
    assert one.index.dtype == other.index.dtype
    assert one.freq == other.freq


@every_index
@pytest.mark.parametrize("n_new", [1, 2, 9])
def test_following_rows_are_appended(name, n_new, no_warning):
    whole = rows(INDICES[name], n_outputs=2, n_features=3)
    old, new = part(whole, slice(None, -n_new)), part(whole, slice(-n_new, None))
    extended = extend_history(old, new)
    assert_same_history(extended, whole)
    assert len(extended) == N_ROWS
    # The old one is a value: it may be shared by copies of the estimator.
    assert len(old) == N_ROWS - n_new


@every_index
def test_rows_appended_one_by_one_equal_all_at_once(name, no_warning):
    whole = rows(INDICES[name])
    history = part(whole, slice(None, 5))
    for row in range(5, N_ROWS):
        history = extend_history(history, part(whole, slice(row, row + 1)))
    assert_same_history(history, whole)


@pytest.mark.parametrize("name", STORED_DATES)
def test_the_frequency_of_the_index_is_kept(name, no_warning):
    index = INDICES[name]
    history = part(rows(index), slice(None, 12))
    history = extend_history(history, part(rows(index), slice(12, 13)))
    assert history.index.freq == index.freq
    history = extend_history(history, part(rows(index), slice(10, 15)))
    assert history.index.freq == index.freq
    with pytest.warns(UserWarning, match="2 steps are missing"):
        history = extend_history(history, part(rows(index), slice(17, None)))
    assert history.index.freq == index.freq
    assert list(history.index) == list(index)


@every_index
def test_a_gap_is_missing_and_warned_of(name):
    whole = rows(INDICES[name])
    old, new = part(whole, slice(None, 10)), part(whole, slice(13, None))
    with pytest.warns(UserWarning, match="3 steps are missing") as caught:
        extended = extend_history(old, new)
    # It says where: after which row, or from which step on.
    message = str(caught[0].message)
    assert any(str(time) in message for time in whole.index[9:11])
    filled = whole.y.copy(), whole.X.copy()
    for values in filled:
        values[10:13] = np.nan
    assert_same_history(extended, History(*filled, whole.index, whole.freq))


@every_index
@pytest.mark.parametrize("n_missing", [0, 1, 7])
def test_missing_steps_are_counted_by_the_frequency(name, n_missing):
    whole = rows(INDICES[name])
    old, new = part(whole, slice(None, 10)), part(whole, slice(10 + n_missing, None))
    assert count_missing_steps(old, new.index) == n_missing


@every_index
@pytest.mark.parametrize("first", [9, 8, 0])
def test_overlapping_rows_count_as_none_missing(name, first):
    whole = rows(INDICES[name])
    assert count_missing_steps(part(whole, slice(None, 10)), whole.index[first:]) < 0


@every_index
def test_known_rows_are_replaced_and_new_ones_appended(name, no_warning):
    whole = rows(INDICES[name])
    corrected = rows(INDICES[name], shift=0.5)
    extended = extend_history(
        part(whole, slice(None, 12)), part(corrected, slice(8, None))
    )
    y = np.concatenate([whole.y[:8], corrected.y[8:]])
    X = np.concatenate([whole.X[:8], corrected.X[8:]])
    assert_same_history(extended, History(y, X, whole.index, whole.freq))


@every_index
def test_correcting_rows_in_the_middle_leaves_the_others(name, no_warning):
    whole = rows(INDICES[name])
    corrected = rows(INDICES[name], shift=0.5)
    extended = extend_history(whole, part(corrected, slice(5, 8)))
    y, X = whole.y.copy(), whole.X.copy()
    y[5:8], X[5:8] = corrected.y[5:8], corrected.X[5:8]
    assert_same_history(extended, History(y, X, whole.index, whole.freq))


@every_index
@pytest.mark.parametrize("first", [8, 12], ids=["overlapping", "following"])
def test_a_gap_inside_the_new_rows_is_missing_too(name, first):
    whole = rows(INDICES[name])
    seen = np.r_[first:14, 17:N_ROWS]
    with pytest.warns(UserWarning, match="3 steps are missing"):
        extended = extend_history(part(whole, slice(None, 12)), part(whole, seen))
    filled = whole.y.copy(), whole.X.copy()
    for values in filled:
        values[14:17] = np.nan
    assert_same_history(extended, History(*filled, whole.index, whole.freq))


@pytest.mark.parametrize("name", ["period-M", "period-2h", "MS", "B", "range"])
def test_no_row_is_ever_given_another_time(name):
    whole = rows(INDICES[name])
    seen = np.array([12, 13, 17, 18])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        extended = extend_history(part(whole, slice(None, 12)), part(whole, seen))
    assert len(extended.index) == len(extended)
    for row in seen:
        at = extended.index.get_loc(whole.index[row])
        np.testing.assert_array_equal(extended.y[at], whole.y[row])


def test_rows_without_a_frequency_are_appended_as_they_come(no_warning):
    whole = rows(IRREGULAR)
    assert whole.freq is None
    old, new = part(whole, slice(None, 12)), part(whole, slice(15, None))
    assert count_missing_steps(old, new.index) == 0
    extended = extend_history(old, new)
    np.testing.assert_array_equal(extended.y.ravel(), [*range(12), *range(15, N_ROWS)])
    assert list(extended.index) == [*IRREGULAR[:12], *IRREGULAR[15:]]
    assert extended.next_label() is None


def test_rows_without_a_frequency_are_replaced_by_their_time(no_warning):
    whole = rows(IRREGULAR)
    corrected = part(rows(IRREGULAR, shift=0.5), slice(8, None))
    extended = extend_history(part(whole, slice(None, 12)), corrected)
    np.testing.assert_array_equal(extended.y[:8], whole.y[:8])
    np.testing.assert_array_equal(extended.y[8:], corrected.y)
    assert list(extended.index) == list(IRREGULAR)


def test_numbers_have_the_largest_step_that_reaches_all_of_them():
    history = rows(pd.Index([0, 2, 6, 8]))
    assert history.freq == 2
    with pytest.warns(UserWarning, match="2 steps are missing between .* 2 and 12"):
        extended = extend_history(history, rows(pd.Index([12, 14])))
    assert list(extended.index) == [0, 2, 4, 6, 8, 10, 12, 14]
    assert np.isnan(extended.y[[2, 5]]).all()


@every_index
def test_the_next_label_is_one_step_on(name):
    index = INDICES[name]
    assert rows(index[:-1]).next_label() == index[-1]


def test_rows_without_an_index_have_no_next_label():
    assert make_history(np.zeros((3, 1)), np.zeros((3, 0)), None).next_label() is None


@pytest.mark.parametrize("name", STORED_DATES)
def test_a_frequency_that_is_not_stored_is_inferred(name):
    index = INDICES[name]
    bare = pd.DatetimeIndex(index.array.copy())
    bare.freq = None
    assert frequency_of_rows(bare) == index.freq
    assert rows(bare[:-1]).next_label() == index[-1]


@pytest.mark.parametrize(
    ("index", "freq"),
    [
        (pd.RangeIndex(4), 1),
        (pd.Index([2, 4, 6]), 2),
        (pd.Index([5]), 1),
        (pd.Index([1, 2, 4]), 1),
        (IRREGULAR, None),
        (pd.DatetimeIndex(["2024-01-01", "2024-01-02"]), None),
        (pd.PeriodIndex(["2024-01"], freq="M"), pd.offsets.MonthEnd()),
    ],
    ids=["range", "twos", "one", "uneven", "trading-days", "two-dates", "one-period"],
)
def test_frequency_of_rows(index, freq):
    assert frequency_of_rows(index) == freq


@every_index
def test_until_cuts_rows_and_index_alike(name):
    history = rows(INDICES[name], n_outputs=2)
    assert_same_history(
        history.until(7),
        History(history.y[:7], history.X[:7], history.index[:7], history.freq),
    )
    assert len(history.until(0)) == 0
    assert len(history.until(N_ROWS)) == N_ROWS


def test_until_works_without_an_index():
    history = make_history(np.arange(4.0)[:, None], np.zeros((4, 0)), None)
    assert history.until(2).index is None
    np.testing.assert_array_equal(history.until(2).y, [[0.0], [1.0]])
