"""Where rows stand beside the training rows: by their index, of every kind."""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from skl_lstm._series.history import complete_history, make_history
from skl_lstm._series.placement import TrainingRows, place_by_index, place_rows
from skl_lstm._series.queries import ask_for_rows, context_of_rows
from skl_lstm._series.row_index import frequency_beside_gap

N_ROWS, N_ALL = 24, 40
PERIODS = ["Y", "Q", "M", "W", "D", "B", "h", "min", "s", "2M", "2Q", "3D", "15min"]
OFFSETS = ["YE", "YS", "QE", "QS", "BQE", "ME", "MS", "BME", "BMS", "SME", "WOM-2TUE"]
OFFSETS += ["W", "W-WED", "D", "B", "bh", "h", "12h", "24h", "min", "15min", "s", "ms"]
with warnings.catch_warnings():
    warnings.simplefilter("ignore", FutureWarning)  # of business days as periods
    PERIODS_OF = {
        f"period {freq}": pd.period_range("2001-01-01", periods=N_ALL, freq=freq)
        for freq in PERIODS
    }
INDEXES = {
    **PERIODS_OF,
    **{
        f"dates {f}": pd.date_range("2001-01-01", periods=N_ALL, freq=f)
        for f in OFFSETS
    },
    "spring": pd.date_range("2024-03-30 12:00", periods=N_ALL, freq="h", tz="CET"),
    "autumn": pd.date_range("2024-10-26 12:00", periods=N_ALL, freq="h", tz="CET"),
    "numbers": pd.RangeIndex(N_ALL),
    "from five": pd.RangeIndex(5, 5 + N_ALL),
    "from below zero": pd.RangeIndex(-100, -100 + N_ALL),
    "every fifth": pd.RangeIndex(0, 5 * N_ALL, 5),
    "every tenth": pd.Index(np.arange(N_ALL) * 10 + 3),
}
VALUES = np.random.default_rng(0).normal(size=(N_ALL, 2))

pytestmark = pytest.mark.filterwarnings("ignore:Period.*(BDay|\\[B\\])")
every_kind = pytest.mark.parametrize("kind", list(INDEXES))
numbered = pytest.mark.parametrize(
    "kind", ["numbers", "from five", "from below zero", "every fifth", "every tenth"]
)


def make_training(index, rows=slice(None, N_ROWS)):
    """Return training rows; X of row i is i."""
    X = np.arange(float(len(index)))[:, None]
    return make_history(X[rows] * 10, X[rows], index[rows])


def place(index, history, rows=None, numbers=None, needs_past=True):
    """Place rows, which are none of the training rows unless they are passed."""
    rows = np.full((len(index), 1), -1.0) if rows is None else rows
    training = TrainingRows(history, np.arange(len(history)), numbers)
    return place_rows(rows, index, training, 1, "LSTM", needs_past=needs_past)


def assert_follow(placement, first_step=1):
    n = len(placement.step)
    assert not placement.is_training.any()
    np.testing.assert_array_equal(placement.n_before, N_ROWS)
    np.testing.assert_array_equal(placement.step, np.arange(n) + first_step)


# By an index -----------------------------------------------------------------------


@every_kind
def test_the_next_rows_follow(kind):
    index = INDEXES[kind]
    assert_follow(place(index[N_ROWS:], make_training(index)))


@every_kind
@pytest.mark.parametrize("n_missing", [1, 7])
def test_steps_left_out_before_the_rows_are_counted(kind, n_missing):
    index = INDEXES[kind]
    placement = place(index[N_ROWS + n_missing :], make_training(index))
    assert_follow(placement, 1 + n_missing)


@every_kind
def test_steps_left_out_among_the_rows_are_counted(kind):
    index = INDEXES[kind]
    placement = place(index[[24, 25, 28, 33]], make_training(index))
    np.testing.assert_array_equal(placement.step, [1, 2, 5, 10])


@every_kind
def test_training_rows_are_found_at_their_position(kind):
    index = INDEXES[kind]
    placement = place(index[3:30], make_training(index))
    np.testing.assert_array_equal(placement.position[:21], np.arange(3, 24))
    assert (placement.position[21:] == -1).all()
    np.testing.assert_array_equal(placement.step[21:], np.arange(1, 7))


@every_kind
def test_rows_between_training_rows_stand_there(kind):
    index = INDEXES[kind]
    kept = np.delete(np.arange(N_ROWS), np.arange(8, 13))
    placement = place(index[8:13], make_training(index, kept))
    assert not placement.is_training.any()
    np.testing.assert_array_equal(placement.n_before, 8)
    np.testing.assert_array_equal(placement.step, np.arange(1, 6))


@every_kind
def test_rows_before_the_training_rows_stand_there(kind):
    index = INDEXES[kind]
    history = make_training(index, slice(8, 30))
    placement = place(index[:10], history, np.arange(10.0)[:, None])
    assert placement.is_too_early.sum() == 8
    np.testing.assert_array_equal(placement.position[8:], [0, 1])
    # The first fold of an unshuffled cross-validation.
    assert place(index[:8], history).is_too_early.all()


@every_kind
def test_steps_without_a_row_are_between_training_rows(kind):
    index = INDEXES[kind]
    kept = np.delete(np.arange(N_ROWS), np.arange(8, 13))
    placement = place_by_index(index[5:15], make_training(index, kept), kept)
    np.testing.assert_array_equal(placement.position, [5, 6, 7, *[-1] * 5, 13, 14])
    np.testing.assert_array_equal(placement.n_before[3:8], 8)
    np.testing.assert_array_equal(placement.step[3:8], np.arange(1, 6))
    np.testing.assert_array_equal(placement.step[[0, 9]], 1)


@pytest.mark.parametrize("kind", [k for k in INDEXES if not k.startswith("dates")])
def test_steps_without_a_row_hold_nan(kind):
    index = INDEXES[kind]
    kept = np.delete(np.arange(N_ROWS), np.arange(8, 13))
    history = make_training(index, kept)
    complete, at = complete_history(history)
    if history.freq is None:
        assert len(complete) == len(kept)
        return
    np.testing.assert_array_equal(at, kept)
    assert complete.index.equals(index[:N_ROWS])
    assert np.isnan(complete.X[8:13]).all()
    assert np.isnan(complete.y[8:13]).all()
    np.testing.assert_array_equal(complete.X[at], history.X)


@pytest.mark.parametrize("freq", ["ME", "D", "h", "QS", "W-WED", "15min"])
def test_the_frequency_of_dates_is_known_beside_a_gap(freq):
    index = INDEXES[f"dates {freq}"]
    for gap in (np.arange(8, 13), np.arange(20, 28)):
        found = frequency_beside_gap(pd.DatetimeIndex(np.delete(index.to_numpy(), gap)))
        np.testing.assert_array_equal(
            pd.date_range(index[0], periods=N_ALL, freq=found), index
        )
    assert frequency_beside_gap(index[[0, 1, 2, 3, 9, 14, 15, 21, 22]]) is None


def test_periods_and_dates_of_the_same_calendar_are_compared():
    periods = INDEXES["period M"]
    dates = periods.to_timestamp()
    assert_follow(place(dates[N_ROWS + 1 :], make_training(periods)), 2)
    assert_follow(place(periods[N_ROWS + 1 :], make_training(dates)), 2)


def test_times_of_another_zone_are_the_same_moments():
    local = INDEXES["autumn"]
    later = local[N_ROWS + 2 :].tz_convert("UTC")
    assert_follow(place(later, make_training(local)), 3)


@pytest.mark.parametrize(
    "other", [INDEXES["autumn"], INDEXES["period Q"]], ids=["zone", "frequency"]
)
def test_an_index_that_cannot_be_compared_is_refused(other):
    kind = "dates h" if isinstance(other, pd.DatetimeIndex) else "period M"
    with pytest.raises(ValueError, match=r"index of X must be like .* Got .* instead"):
        place(other, make_training(INDEXES[kind]))


# Without one -----------------------------------------------------------------------


@numbered
def test_rows_numbered_from_zero_follow(kind):
    history = make_training(INDEXES[kind])
    assert_follow(place(pd.RangeIndex(12), history))
    assert_follow(place(history.index[:12], history))


@numbered
def test_rows_numbered_from_zero_are_the_training_rows_if_they_are_these(kind):
    history = make_training(INDEXES[kind])
    for index in (pd.RangeIndex(N_ROWS), history.index, None):
        placement = place(index, history, history.X)
        np.testing.assert_array_equal(placement.position, np.arange(N_ROWS))


def test_numbers_of_x_are_used_beside_the_calendar_of_y():
    history = make_training(INDEXES["period M"])
    numbers = pd.RangeIndex(N_ROWS)
    later = place(pd.RangeIndex(26, 30), history, numbers=numbers)
    assert_follow(later, 3)
    assert_follow(place(pd.RangeIndex(4), history, numbers=numbers))


def test_arrays_follow_without_a_word():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for history in (
            make_training(INDEXES["period M"]),
            make_training(INDEXES["numbers"]),
        ):
            assert_follow(place(None, history, VALUES[:5, :1]))


@pytest.mark.parametrize("kind", ["period M", "dates ME", "dates D", "numbers"])
def test_as_many_rows_as_training_rows_leave_out_are_in_doubt(kind):
    kept = np.delete(np.arange(N_ROWS), np.arange(8, 13))
    history = make_training(INDEXES[kind], kept)
    if history.freq is None:
        history = replace(history, freq=frequency_beside_gap(history.index))
    with pytest.raises(ValueError, match=r"leave out 5 step.*set_output"):
        place(None, history, VALUES[:5, :1])
    placement = place(None, history, VALUES[:5, :1], needs_past=False)
    assert placement.is_too_early.all()
    assert not place(None, history, VALUES[:6, :1]).is_too_early.any()


def test_one_row_where_one_is_left_out_follows_with_a_warning():
    history = make_training(INDEXES["period M"], np.delete(np.arange(N_ROWS), 8))
    with pytest.warns(UserWarning, match="leave out 1 step"):
        placement = place(None, history, VALUES[:1, :1])
    np.testing.assert_array_equal(placement.n_before, N_ROWS - 1)


# Questions -------------------------------------------------------------------------


def test_new_rows_are_asked_for_from_the_rows_before_them():
    index, kept = INDEXES["period M"], np.delete(np.arange(N_ROWS), np.arange(8, 13))
    history = make_training(index, kept)
    rows = 100.0 + np.arange(6)[:, None]
    placement = place(index[[7, 9, 10, 13, 25, 26]], history)
    (inside, first), (gap, second), (end, third) = ask_for_rows(
        history, rows, placement
    )
    assert [list(at) for at in (inside, gap, end)] == [[0, 3], [1, 2], [4, 5]]
    np.testing.assert_array_equal(first.steps, [7 - 18, 8 - 18])
    assert len(second.past.y) == 8
    np.testing.assert_array_equal(second.steps, [2, 3])
    # X is held at its last row where none is passed.
    np.testing.assert_array_equal(second.past.X[6:, 0], [6, 100, 100, 101, 102])
    np.testing.assert_array_equal(third.steps, [2, 3])
    np.testing.assert_array_equal(third.past.X[-4:, 0], [23, 23, 104, 105])


def test_rows_just_before_are_the_context():
    index, kept = INDEXES["period M"], np.delete(np.arange(N_ROWS), np.arange(8, 13))
    history, rows = make_training(index, kept), np.full((4, 1), -1.0)
    placement = place(index[[8, 9, 24, 25]], history)
    (gap, first), (end, second) = context_of_rows(history, rows, placement, 3)
    assert [list(gap), list(end)] == [[0, 1], [2, 3]]
    np.testing.assert_array_equal(first[:, 0], [5, 6, 7])
    np.testing.assert_array_equal(second[:, 0], [21, 22, 23])
    for late in (index[[9, 10]], index[[25, 26]], index[[6, 7]], index[[7, 8]]):
        placement = place(late, history)
        ((_, context),) = context_of_rows(history, rows[:2], placement, 3)
        assert context is None


def test_rows_to_predict_stand_before_other_rows_to_predict():
    # Single rows are left out, as by a shuffled split.
    index, kept = INDEXES["period M"], np.delete(np.arange(N_ROWS), [8, 10, 20])
    history, at = complete_history(make_training(index, kept))
    rows = 100.0 + np.arange(3)[:, None]
    training = TrainingRows(history.rows(at), at)
    placement = place_rows(rows, index[[8, 10, 20]], training, 1, "", needs_past=True)
    contexts = [c[:, 0] for _, c in context_of_rows(history, rows, placement, 3)]
    np.testing.assert_array_equal(contexts, [[5, 6, 7], [7, 100, 9], [17, 18, 19]])
    queries = [query for _, query in ask_for_rows(history, rows, placement)]
    np.testing.assert_array_equal(queries[2].past.X[6:12, 0], [6, 7, 100, 9, 101, 11])
