"""The oracle of time: whatever a horizon is spelled as, it means the same steps.

For every kind of index and of horizon, with updates, X and panels: labels are those of
pandas' own arithmetic, and values those of the same steps of numbered rows.
"""

from copy import deepcopy
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm import LSTMForecaster
from tests.series.index_kinds import forget_frequency, index_kinds

N_ROWS, N_AHEAD, N_NEW = 36, 12, 3
ALL_TIMES = index_kinds(N_ROWS + N_AHEAD)
# sktime does not take such an index: pandas cannot store its frequency in one date.
del ALL_TIMES["dates-LWOM-FRI"]
# The rest is in `make test-slow`.
SAMPLE = (
    "dates-BME",
    "dates-bh",
    "dates-C",
    "D-spring",
    "h-autumn",
    "periods-M",
    "periods-90min",
    "range-from-7-in-tens",
)
# Of these also an update by all new rows at once.
AT_ONCE = ("dates-BME", "h-autumn", "periods-M")


def parametrize(names):
    slow = [pytest.param(n, marks=pytest.mark.slow) for n in names if n not in SAMPLE]
    return pytest.mark.parametrize("name", [n for n in names if n in SAMPLE] + slow)


every_kind = parametrize(ALL_TIMES)
# The frequency of own holidays is lost where frames of several series are joined.
every_kind_of_panel = parametrize([n for n in ALL_TIMES if n != "dates-C"])
STEPS = {
    "in a row": [1, 2, 3, 4],
    "one": [1],
    "a far one": [N_AHEAD - N_NEW],
    "with gaps": [2, 7],
    "unsorted": [5, 1, 3],
    "in sample": [-20, -3, 0],
    "mixed": [-2, 0, 1, 4],
}
RNG = np.random.default_rng(0)
VALUES = (
    10 + np.sin(np.arange(N_ROWS + N_AHEAD)) + RNG.normal(size=N_ROWS + N_AHEAD) / 5
)
FEATURES = RNG.normal(size=(N_ROWS + N_AHEAD, 1))


def make(**changes):
    small = {"units": 2, "epochs": 1, "window_length": 4, "horizon": 3, "sp": 1}
    return LSTMForecaster(**(small | {"random_state": 0} | changes))


def series_on(index):
    return pd.Series(VALUES[: len(index)], index=index)


def features_on(index):
    return pd.DataFrame(FEATURES[: len(index)], index=index, columns=["x"])


@cache
def fitted_on(name, with_X=False):
    """Fit a tiny model on an index of a kind, once for all tests."""
    index = numbered() if name == "numbered" else ALL_TIMES[name]
    X = features_on(index[:N_ROWS]) if with_X else None
    return make().fit(y=series_on(index)[:N_ROWS], X=X)


def numbered():
    return pd.RangeIndex(N_ROWS + N_AHEAD)


@cache
def values_of_steps(n_seen, with_X=False):
    """Return the prediction of every step around the cutoff, of numbered rows."""
    forecaster = deepcopy(fitted_on("numbered", with_X))
    X = features_on(numbered()) if with_X else None
    if n_seen > N_ROWS:
        new = slice(N_ROWS, n_seen)
        X_new = None if X is None else X[new]
        forecaster.update(series_on(numbered())[new], X=X_new, update_params=False)
    steps = np.arange(1 - n_seen, N_ROWS + N_AHEAD - n_seen + 1)
    values = forecaster.predict(fh=steps, X=X)
    return dict(zip(steps.tolist(), values, strict=True))


def durations_from(cutoff, times):
    """Say how much later times are; days by the clocks, hours as they pass."""
    if isinstance(times, pd.PeriodIndex):
        return times.to_timestamp() - cutoff.to_timestamp()
    hours = isinstance(times.freq, pd.tseries.offsets.Tick) or not hasattr(times, "tz")
    if hours and not isinstance(times.freq, pd.offsets.Day):
        return times - cutoff
    return times.tz_localize(None) - cutoff.tz_localize(None)


def spellings(index, n_seen, steps):
    """Spell a horizon in every way that an index allows."""
    times = index[n_seen - 1 + np.array(steps)]
    yield "relative", list(steps)
    if isinstance(index, pd.TimedeltaIndex):
        yield "durations", pd.Index(times - index[n_seen - 1])
        return
    yield "absolute", ForecastingHorizon(times, is_relative=False)
    if isinstance(index, (pd.DatetimeIndex, pd.PeriodIndex)):
        yield "an index", times
        durations = durations_from(index[n_seen - 1], index)
        yield "durations", durations[n_seen - 1 + np.array(steps)]
    if isinstance(index, pd.DatetimeIndex):
        yield "without a frequency", forget_frequency(times)
        if index.tz is not None:
            yield "in another zone", times.tz_convert("Asia/Tokyo")


def check_all_spellings(forecaster, index, n_seen, X=None):
    expected = values_of_steps(n_seen, X is not None)
    for kind, steps in STEPS.items():
        wanted = index[n_seen - 1 + np.sort(steps)]
        for spelling, fh in spellings(index, n_seen, steps):
            forecast = forecaster.predict(fh=fh, X=X)
            message = f"{kind}, {spelling}"
            assert list(forecast.index) == list(wanted), message
            assert forecast.index.dtype == index.dtype, message
            values = [expected[step] for step in sorted(steps)]
            np.testing.assert_allclose(forecast, values, rtol=1e-5, err_msg=message)


@every_kind
def test_a_horizon_means_the_same_steps_however_it_is_spelled(name):
    check_all_spellings(fitted_on(name), ALL_TIMES[name], N_ROWS)


@pytest.mark.parametrize(
    ("name", "one_by_one"),
    [
        pytest.param(
            name,
            one_by_one,
            id=f"{name}-{'one-by-one' if one_by_one else 'at-once'}",
            marks=[] if name in quick else pytest.mark.slow,
        )
        for one_by_one, quick in ((False, AT_ONCE), (True, SAMPLE))
        for name in ALL_TIMES
    ],
)
def test_a_horizon_means_the_same_steps_after_an_update(name, one_by_one):
    forecaster = deepcopy(fitted_on(name))
    new = series_on(ALL_TIMES[name])[N_ROWS : N_ROWS + N_NEW]
    blocks = [new[i : i + 1] for i in range(N_NEW)] if one_by_one else [new]
    for block in blocks:
        if one_by_one and isinstance(new.index, pd.DatetimeIndex):
            block = block.set_axis(forget_frequency(block.index))
        forecaster.update(block, update_params=False)
    assert forecaster.cutoff[0] == new.index[-1]
    check_all_spellings(forecaster, ALL_TIMES[name], N_ROWS + N_NEW)


@every_kind
def test_a_horizon_means_the_same_rows_of_X(name):
    X = features_on(ALL_TIMES[name])
    check_all_spellings(fitted_on(name, with_X=True), ALL_TIMES[name], N_ROWS, X)


@every_kind
def test_intervals_and_variances_have_the_labels_of_forecasts(name):
    index, forecaster = ALL_TIMES[name], fitted_on(name)
    for _, fh in spellings(index, N_ROWS, STEPS["mixed"]):
        wanted = list(index[N_ROWS - 1 + np.array(STEPS["mixed"])])
        assert list(forecaster.predict_interval(fh=fh).index) == wanted
        assert list(forecaster.predict_var(fh=fh, cov=True).index) == wanted


@every_kind_of_panel
def test_series_of_a_panel_have_their_own_steps(name):
    # One ends earlier than the other.
    ends = {"a": N_ROWS, "b": N_ROWS - 4}
    y = pd.concat(
        {k: series_on(ALL_TIMES[name])[:n].to_frame("y") for k, n in ends.items()}
    )
    forecaster = make().fit(y=y)
    relative = forecaster.predict(fh=[-1, 2])
    times = ALL_TIMES[name][N_ROWS - 5 + np.array([-1, 2])]
    assert list(relative.loc["b"].index) == list(times)
    times = ALL_TIMES[name][N_ROWS - 1 + np.array([-1, 2])]
    assert list(relative.loc["a"].index) == list(times)
    if isinstance(times, pd.TimedeltaIndex):
        return  # Durations in a horizon are relative.
    absolute = forecaster.predict(fh=ForecastingHorizon(times, is_relative=False))
    for key, n_rows in ends.items():
        assert list(absolute.loc[key].index) == list(times)
        steps = N_ROWS - n_rows + np.array([-1, 2])
        expected = forecaster.predict(fh=steps).loc[key]
        np.testing.assert_allclose(absolute.loc[key], expected, rtol=1e-5)


@every_kind_of_panel
def test_rows_missing_at_fit_count_as_missing(name):
    index = ALL_TIMES[name]
    y = series_on(index)[:N_ROWS]
    missing = index[[12, 13, 20]]
    if isinstance(index, pd.DatetimeIndex):
        # A single series of dates tells no frequency then, one of a panel does.
        with_hole = pd.concat({"a": y.drop(missing), "b": y}).to_frame("y")
        as_missing = pd.concat({"a": y.where(~index[:N_ROWS].isin(missing)), "b": y})
        as_missing = as_missing.to_frame("y")
    else:
        with_hole, as_missing = y.drop(missing), y.where(~y.index.isin(missing))
    with pytest.warns(UserWarning, match=r"3 steps are missing between .* count as"):
        dropped = make().fit(y=with_hole)
    nan, fh = make().fit(y=as_missing), [-30, -20, 0, 1, 5]
    one, other = (f.predict(fh=fh) for f in (dropped, nan))
    np.testing.assert_array_equal(one, other)
    assert list(one.index) == list(other.index)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    name=st.sampled_from(SAMPLE),
    steps=st.lists(
        st.integers(1 - N_ROWS, N_AHEAD), min_size=1, max_size=6, unique=True
    ),
    data=st.data(),
)
def test_any_horizon_in_any_order_means_its_steps(name, steps, data):
    index = ALL_TIMES[name]
    _, fh = data.draw(st.sampled_from(list(spellings(index, N_ROWS, steps))))
    forecast = fitted_on(name).predict(fh=fh)
    assert list(forecast.index) == list(index[N_ROWS - 1 + np.sort(steps)])
    expected = [values_of_steps(N_ROWS)[step] for step in sorted(steps)]
    np.testing.assert_allclose(forecast, expected, rtol=1e-5)
