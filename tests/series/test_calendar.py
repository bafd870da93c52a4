"""A calendar's times and positions are those of pandas' own arithmetic."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skl_lstm._series.arithmetic import NO_POSITION
from skl_lstm._series.calendar import Calendar, NoFrequencyError
from skl_lstm._series.frequency import frequencies_of_panel, frequency_of_rows
from tests.series.index_kinds import (
    BERLIN,
    NOT_INFERRED,
    forget_frequency,
    index_kinds,
)

N_BEFORE, N_ROWS, N_AFTER = 10, 40, 20
ALL_TIMES = index_kinds(N_BEFORE + N_ROWS + N_AFTER)
every_kind = pytest.mark.parametrize("name", ALL_TIMES)
DATES = [n for n, index in ALL_TIMES.items() if isinstance(index, pd.DatetimeIndex)]


def rows_of(name):
    return ALL_TIMES[name][N_BEFORE : N_BEFORE + N_ROWS]


@every_kind
def test_times_after_the_rows_are_those_of_pandas(name):
    calendar = Calendar.of(rows_of(name))
    positions = np.arange(0, N_ROWS + N_AFTER)
    times = calendar.times(positions)
    assert list(times) == list(ALL_TIMES[name][N_BEFORE:])
    assert times.dtype == ALL_TIMES[name].dtype
    np.testing.assert_array_equal(calendar.positions(times), positions)


@every_kind
def test_positions_may_come_in_any_order_and_leave_steps_out(name):
    calendar = Calendar.of(rows_of(name))
    positions = np.array([N_ROWS + 12, 3, N_ROWS, N_ROWS - 1, N_ROWS + 5])
    times = calendar.times(positions)
    assert list(times) == list(ALL_TIMES[name][N_BEFORE + positions])
    np.testing.assert_array_equal(calendar.positions(times), positions)


# pandas itself does not go back over the end of a business day as it went forward.
@pytest.mark.parametrize("name", [n for n in ALL_TIMES if n != "dates-bh"])
def test_times_before_the_rows_have_negative_positions(name):
    calendar = Calendar.of(rows_of(name))
    positions = np.arange(-N_BEFORE, 5)
    assert list(calendar.times(positions)) == list(ALL_TIMES[name][: N_BEFORE + 5])
    found = calendar.positions(ALL_TIMES[name][: N_BEFORE + 5])
    np.testing.assert_array_equal(found, positions)


@pytest.mark.parametrize("name", [n for n in DATES if n not in NOT_INFERRED])
def test_a_frequency_that_is_not_stored_is_inferred(name):
    rows = forget_frequency(rows_of(name))
    assert rows.freq is None
    times = Calendar.of(rows).times(np.arange(N_ROWS, N_ROWS + N_AFTER))
    assert list(times) == list(ALL_TIMES[name][N_BEFORE + N_ROWS :])


def test_business_hours_that_are_not_pandas_own_are_not_taken_for_these():
    hours = pd.offsets.BusinessHour(start="08:00", end="16:00")
    index = pd.date_range("2024-01-01 08:00", periods=30, freq=hours)
    assert pd.infer_freq(index) == "bh"
    assert frequency_of_rows(forget_frequency(index)) is None
    assert Calendar.of(index).times(np.array([30]))[0] == index[-1] + hours


@pytest.mark.parametrize("name", [n for n in DATES if ALL_TIMES[n].tz is not None])
def test_times_in_another_zone_are_the_same_times(name):
    calendar = Calendar.of(rows_of(name))
    for zone in ("UTC", "Asia/Tokyo"):
        times = ALL_TIMES[name].tz_convert(zone)[N_BEFORE:]
        found = calendar.positions(times)
        np.testing.assert_array_equal(found, np.arange(N_ROWS + N_AFTER))
        assert calendar.convert(times).tz == ALL_TIMES[name].tz


@every_kind
def test_all_steps_between_rows_are_listed(name):
    whole = rows_of(name)
    calendar = Calendar(whole[:1], frequency_of_rows(whole))
    there = whole.delete([4, 20, 21])
    steps = calendar.complete(there, "y")
    assert list(steps) == list(whole)
    assert steps.dtype == whole.dtype


@every_kind
@pytest.mark.parametrize("first", [0, 7, N_ROWS - 1, N_ROWS, N_ROWS + 6])
def test_rows_of_X_have_the_position_of_their_first(name, first):
    calendar = Calendar.of(rows_of(name))
    assert calendar.position_of_first(ALL_TIMES[name][N_BEFORE + first :]) == first


@pytest.mark.parametrize(
    ("index", "time"),
    [
        (pd.date_range("2020-01-01", periods=5), pd.Timestamp("2020-01-03 01:00")),
        (pd.date_range("2020-01-31", periods=5, freq="ME"), pd.Timestamp("2020-07-30")),
        (
            pd.date_range("2020-01-01", periods=5, freq="h"),
            pd.Timestamp("2020-02-01 0:30"),
        ),
        (pd.RangeIndex(0, 50, 10), 75),
        (pd.period_range("2020-01", periods=5, freq="2M"), pd.Period("2020-12", "2M")),
    ],
    ids=["between-days", "not-a-month-end", "half-hour", "tens", "two-months"],
)
def test_a_time_between_steps_has_no_position(index, time):
    calendar = Calendar.of(index)
    assert calendar.positions(pd.Index([time])).tolist() == [NO_POSITION]
    assert calendar.position_of_first(pd.Index([time])) is None


def test_without_a_frequency_only_rows_have_positions():
    days = pd.DatetimeIndex(["2024-01-02", "2024-01-03", "2024-01-05", "2024-01-09"])
    calendar = Calendar.of(days)
    assert calendar.freq is None
    np.testing.assert_array_equal(calendar.positions(days[[2, 0]]), [2, 0])
    assert list(calendar.times(np.array([3, 1]))) == [days[3], days[1]]
    with pytest.raises(NoFrequencyError, match="no frequency"):
        calendar.times(np.array([4]))
    later = pd.DatetimeIndex(["2024-01-20"])
    assert calendar.positions(later).tolist() == [NO_POSITION]
    # What comes later than the last row follows it.
    assert calendar.position_of_first(later) == 4
    assert calendar.position_of_first(pd.DatetimeIndex(["2024-01-04"])) is None


def test_an_hour_that_the_clocks_leave_out_is_the_moment_they_change():
    index = pd.date_range("2024-03-25 02:30", periods=4, freq="D", tz=BERLIN)
    times = Calendar.of(index).times(np.arange(4, 9))
    days = pd.date_range("2024-03-29 02:30", periods=5).to_series()
    days.iloc[2] += pd.Timedelta("30min")
    assert list(times.tz_localize(None)) == list(days)


@pytest.mark.parametrize(
    ("freq", "tz", "days"),
    [("D", BERLIN, 3), ("D", None, 2), ("W-SUN", BERLIN, 14), ("MS", BERLIN, 31)],
)
def test_days_after_a_time_are_counted_by_the_clocks(freq, tz, days):
    index = pd.date_range("2023-01-01", periods=15, freq=freq, tz=tz)[:15]
    later = Calendar.of(index).later(14, pd.to_timedelta([days], unit="D"))
    clock = index[-1].tz_localize(None) + pd.Timedelta(days=days)
    assert later[0] == clock.tz_localize(tz)


def test_hours_after_a_time_are_those_that_pass():
    index = pd.date_range("2024-03-30", periods=24, freq="h", tz=BERLIN)
    later = Calendar.of(index).later(23, pd.to_timedelta([1, 5], unit="h"))
    assert list(later) == [index[-1] + pd.Timedelta(h, "h") for h in (1, 5)]


def test_months_of_dates_are_found_by_their_period():
    for freq in ("ME", "MS", "BME", "BMS"):
        index = pd.date_range("2020-01-01", periods=12, freq=freq)
        calendar = Calendar.of(index)
        months = pd.period_range(index[3], periods=12, freq="M")
        np.testing.assert_array_equal(calendar.positions(months), np.arange(3, 15))
    days = Calendar.of(pd.date_range("2020-01-01", periods=12))
    with pytest.raises(ValueError, match="several steps in each: rows are D apart"):
        days.positions(months)


MONTHS = pd.period_range("2020-01", periods=6, freq="M")
DAYS = pd.date_range("2020-01-01", periods=6)
DAYS_IN_ZONE = DAYS.tz_localize(BERLIN)
ERRORS = {
    "dates-for-periods": (MONTHS, DAYS, r"index of dates .*periods.*to_period"),
    "numbers-for-dates": (DAYS, pd.RangeIndex(3), r"index of numbers .* held dates"),
    "quarters-for-months": (
        MONTHS,
        pd.period_range("2020Q1", periods=2, freq="Q"),
        r"periods of period\[Q-DEC\].*period\[M\].*asfreq\('M'\)",
    ),
    "no-zone": (DAYS_IN_ZONE, DAYS, "have no time zone.*tz_localize.'Europe/Berlin'"),
    "a-zone": (DAYS, DAYS_IN_ZONE, "time zone Europe/Berlin.*tz_localize.None"),
    "no-time": (DAYS, DAYS.insert(2, pd.NaT), "row 2 has NaT"),
}


@pytest.mark.parametrize("case", ERRORS)
def test_times_of_another_kind_are_refused_in_words(case):
    index, times, message = ERRORS[case]
    with pytest.raises(ValueError, match=f"(?s)The rows.*{message}"):
        Calendar.of(index).convert(times, "The rows")


@pytest.mark.parametrize(
    "index",
    [
        pd.Index(
            pd.bdate_range("2020-01-01", periods=60).strftime("%Y%m%d").astype(int)
        ),
        pd.Index([10_017, 10_912, 11_008, 13_555]),
        pd.Index(
            pd.DatetimeIndex(["2020-01-01", "2020-01-02 0:01"]).asi8 // 10**9
        ).append(pd.Index([2 * 10**9])),
        pd.PeriodIndex(["2020-01", "2020-02", "2024-01"], freq="M"),
    ],
    ids=["yyyymmdd", "customers", "seconds", "years-apart"],
)
def test_more_missing_steps_than_rows_are_refused(index):
    calendar = Calendar(index[:1], frequency_of_rows(index))
    with pytest.raises(ValueError, match=r"more would be missing.*to_datetime.*reset"):
        calendar.complete(index, "y")


def test_a_series_without_a_frequency_has_that_of_the_others():
    days = pd.date_range("2020-01-01", periods=20)
    weeks = pd.date_range("2020-01-05", periods=9, freq="W-SUN")
    with_hole, two_days, two_weeks = days.delete([3, 4]), days[[2, 3]], weeks[[0, 4]]
    for indexes in (
        [with_hole, days, two_days, weeks],
        [weeks, two_days, days, with_hole],
    ):
        found = dict(zip(map(id, indexes), frequencies_of_panel(indexes), strict=True))
        assert found[id(with_hole)] == found[id(days)] == found[id(two_days)] == "D"
        assert found[id(weeks)] == "W-SUN"
    # All Sundays are days, too: the coarsest step that reaches every row counts.
    assert frequencies_of_panel([days, weeks, two_weeks])[2] == "W-SUN"
    assert frequencies_of_panel([with_hole])[0] is None
    assert frequencies_of_panel([with_hole], known=[days.freq]) == ["D"]


@settings(deadline=None, max_examples=100)
@given(
    name=st.sampled_from(sorted(set(ALL_TIMES) - {"dates-bh"})),
    first=st.integers(0, 30),
    n_rows=st.integers(4, 20),
    positions=st.lists(st.integers(-8, 40), min_size=1, max_size=8, unique=True),
)
def test_position_and_time_are_inverse(name, first, n_rows, positions):
    whole = ALL_TIMES[name]
    calendar = Calendar.of(whole[first : first + n_rows])
    inside = [p for p in positions if 0 <= first + p < len(whole)]
    positions = np.array(inside, dtype=int)
    times = calendar.times(positions)
    assert list(times) == list(whole[first + positions])
    np.testing.assert_array_equal(calendar.positions(times), positions)
