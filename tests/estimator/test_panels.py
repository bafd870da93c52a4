"""Panels and hierarchies: one network for all series."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sktime.forecasting.reconcile import ReconcilerForecaster
from sktime.transformations.hierarchical.aggregate import Aggregator

from skl_lstm import LSTMForecaster
from tests.estimator.sktime_cases import first_class

TINY = {
    "units": 3,
    "epochs": 2,
    "window_length": 6,
    "horizon": 2,
    "random_state": 0,
}
FH = [1, 2, 3]


def make_series(n_rows, scale=1.0, seed=0, start="2010-01"):
    """Return monthly values that rise and swing."""
    rng = np.random.default_rng(seed)
    rows = np.arange(n_rows)
    values = rows / 10 + np.sin(rows * np.pi / 6) + 0.1 * rng.standard_normal(n_rows)
    index = pd.period_range(start, periods=n_rows, freq="M")
    return pd.DataFrame({"y": scale * values}, index=index)


def join(parts):
    return pd.concat(parts, names=["series", "time"])


@pytest.fixture
def panel():
    """Three series of other lengths, ends and scales."""
    return join(
        {
            "long": make_series(80),
            "short": make_series(50, 1000.0, seed=1),
            "late": make_series(60, 0.01, seed=2, start="2015-06"),
        }
    )


@first_class
def test_a_panel_trains_one_network(cls, panel):
    forecaster = cls(**TINY).fit(panel)
    assert len(forecaster.get_fitted_params()["weights"]) == 1
    assert not hasattr(forecaster, "forecasters_")


@first_class
def test_forecasts_count_from_the_end_of_each_series(cls, panel):
    forecast = cls(**TINY).fit(panel).predict(fh=[-1, 1, 4])
    for name, part in panel.groupby(level="series"):
        end = part.index[-1][1]
        assert list(forecast.loc[name].index) == [end - 1, end + 1, end + 4]


def test_absolute_times_are_the_same_for_all_series(panel):
    times = pd.period_range("2017-01", periods=2, freq="M")
    forecast = LSTMForecaster(**TINY).fit(panel).predict(fh=times)
    for name in ("long", "short", "late"):
        assert list(forecast.loc[name].index) == list(times)
        assert np.isfinite(forecast.loc[name]).all(axis=None)


def test_every_series_is_forecast_on_its_own_scale(panel):
    forecaster = LSTMForecaster(**TINY).fit(panel)
    forecast = forecaster.predict(fh=FH)
    for name, part in panel.groupby(level="series"):
        near = (forecast.loc[name] - part["y"].iloc[-1]).abs()["y"]
        assert (near < 3 * part["y"].diff().std() + part["y"].std()).all()
        assert forecast.loc[name]["y"].std() > 0


def test_scaling_one_series_scales_its_forecasts_only(panel):
    other = panel.copy()
    other.loc["short"] = 7.0 * panel.loc["short"].to_numpy() + 100.0
    before = LSTMForecaster(**TINY).fit(panel).predict(fh=FH)
    after = LSTMForecaster(**TINY).fit(other).predict(fh=FH)
    np.testing.assert_allclose(after.loc["long"], before.loc["long"], rtol=1e-4)
    expected = 7.0 * before.loc["short"] + 100.0
    np.testing.assert_allclose(after.loc["short"], expected, rtol=1e-4)


def test_a_panel_of_one_forecasts_what_the_series_alone_does():
    alone = make_series(60)
    expected = LSTMForecaster(**TINY).fit(alone, fh=FH).predict()
    forecast = LSTMForecaster(**TINY).fit(join({"only": alone}), fh=FH).predict()
    pd.testing.assert_frame_equal(forecast.loc["only"], expected, check_names=False)


def test_a_forecast_reads_its_own_series_only(panel):
    forecaster = LSTMForecaster(**TINY).fit(panel)
    before = forecaster.predict(fh=FH)
    more = join({"short": make_series(56, 1000.0, seed=1)[50:]})
    forecaster.update(more, update_params=False)
    after = forecaster.predict(fh=FH)
    pd.testing.assert_frame_equal(after.loc["long"], before.loc["long"])
    end = panel.loc["short"].index[-1]
    assert after.loc["short"].index[0] == end + 7


def test_update_takes_a_series_not_seen_before(panel):
    forecaster = LSTMForecaster(**TINY).fit(panel)
    new = join({"new": make_series(30, 5.0, seed=3)})
    forecaster.update(new, update_params=False)
    forecast = forecaster.predict(fh=FH)
    assert list(dict.fromkeys(forecast.index.get_level_values(0)))[-1] == "new"
    assert np.isfinite(forecast.loc["new"]).all(axis=None)


def test_update_refuses_a_new_series_without_values(panel):
    forecaster = LSTMForecaster(**TINY).fit(panel)
    before = forecaster.predict(fh=FH)
    with pytest.raises(ValueError, match=r"NaN in every row.*'new'"):
        forecaster.update(join({"new": make_series(30) * np.nan}))
    pd.testing.assert_frame_equal(forecaster.predict(fh=FH), before)


def test_update_refuses_the_logarithm_of_a_new_series_below_zero(panel):
    positive = panel.abs() + 1.0
    forecaster = LSTMForecaster(**TINY, y_transform="log").fit(positive)
    before = forecaster.predict(fh=FH)
    with pytest.raises(ValueError, match="needs positive targets"):
        forecaster.update(join({"new": -make_series(30) - 1.0}))
    pd.testing.assert_frame_equal(forecaster.predict(fh=FH), before)


def test_a_column_of_X_without_values_in_any_series_is_an_error(panel):
    X = panel.rename(columns={"y": "x"}) * np.nan
    with pytest.raises(ValueError, match="Input X contains NaN in every row"):
        LSTMForecaster(**TINY).fit(y=panel, X=X)


def test_update_with_params_changes_the_network(panel):
    forecaster = LSTMForecaster(**TINY).fit(panel)
    before = [w.copy() for w in forecaster.get_fitted_params()["weights"][0]]
    forecaster.update(join({"long": make_series(90)[80:]}))
    after = forecaster.get_fitted_params()["weights"][0]
    assert any((a != b).any() for a, b in zip(after, before, strict=True))


def test_each_series_has_its_own_X(panel):
    times = {name: part.droplevel(0).index for name, part in panel.groupby(level=0)}
    parts = {}
    for sign, (name, index) in enumerate(times.items()):
        longer = pd.period_range(index[0], index[-1] + 3, freq="M")
        values = np.sin(np.arange(len(longer))) * (-1) ** sign
        parts[name] = pd.DataFrame({"x": values}, index=longer)
    X = join(parts)
    forecaster = LSTMForecaster(**TINY).fit(y=panel, X=X.loc[panel.index])
    before = forecaster.predict(fh=FH, X=X)
    other = X.copy()
    other.loc["late"] = 3.0
    after = forecaster.predict(fh=FH, X=other)
    pd.testing.assert_frame_equal(after.loc["long"], before.loc["long"])
    assert (after.loc["late"] != before.loc["late"]).all(axis=None)
    with pytest.raises(ValueError, match=r"X has no rows for the series.*'late'"):
        forecaster.predict(fh=FH, X=X.drop("late"))


def test_a_series_shorter_than_the_window_is_forecast_too(panel):
    both = pd.concat([panel, join({"tiny": make_series(4)})])
    forecast = LSTMForecaster(**TINY).fit(both).predict(fh=FH)
    assert np.isfinite(forecast.loc["tiny"]).all(axis=None)


def test_a_series_without_values_is_named(panel):
    both = pd.concat([panel, join({"empty": make_series(30) * np.nan})])
    with pytest.raises(ValueError, match=r"NaN in every row.*'empty'"):
        LSTMForecaster(**TINY).fit(both)


@first_class
def test_a_hierarchy_is_reconciled(cls):
    parts = {
        ("north", "a"): make_series(50),
        ("north", "b"): make_series(50, 2.0, seed=1),
        ("south", "c"): make_series(50, 3.0, seed=2),
    }
    bottom = pd.concat(parts, names=["region", "shop", "time"])
    hierarchy = Aggregator().fit_transform(bottom)
    forecaster = ReconcilerForecaster(cls(**TINY), method="ols")
    forecast = forecaster.fit(hierarchy, fh=FH).predict()
    total = forecast.loc[("__total", "__total")]
    leaves = [forecast.loc[key].to_numpy() for key in parts]
    np.testing.assert_allclose(total, sum(leaves), rtol=1e-6)


def test_a_three_dimensional_array_is_a_panel():
    values = np.stack([make_series(40, seed=i).to_numpy().T for i in range(3)])
    forecast = LSTMForecaster(**TINY).fit(y=values).predict(fh=FH)
    assert forecast.shape == (3, 1, 3)
    assert np.isfinite(forecast).all()


def test_many_series_forecast_what_each_does_after_the_same_training(panel):
    # One batch for all series, or one series after the other: the same numbers.
    forecaster = LSTMForecaster(**TINY).fit(panel)
    together = forecaster.predict(fh=FH)
    histories = forecaster._fitted.histories
    model = forecaster._fitted.model
    for i, key in enumerate(histories):
        single = replace(model, scalings=model.scalings[i : i + 1])
        (alone,) = single.forecast([histories[key]], 3)
        np.testing.assert_allclose(together.loc[key[0]], alone, rtol=1e-5)


def test_intervals_of_a_panel_hold_the_forecasts(panel):
    forecaster = LSTMForecaster(**TINY).fit(panel)
    point = forecaster.predict(fh=[0, 1, 4])
    interval = forecaster.predict_interval(fh=[0, 1, 4], coverage=0.9)
    assert interval.index.equals(point.index)
    lower, upper = interval.to_numpy().T
    assert (lower < point["y"]).all()
    assert (point["y"] < upper).all()


def make(**changes):
    return LSTMForecaster(**(TINY | changes))


# Their calendars, their order ---------------------------------------------------


def panel_of_frequencies(order):
    """Build series whose rows are a day, a week and a month apart."""
    starts = {"day": "D", "week": "W-WED", "month": "BME"}
    values = np.random.default_rng(0).normal(size=40).cumsum() + 20
    series = {
        key: pd.Series(values + i, pd.date_range("2020-01-01", periods=40, freq=freq))
        for i, (key, freq) in enumerate(starts.items())
    }
    frame = pd.concat({key: series[key] for key in order}).to_frame("y")
    return frame, series


def test_series_of_different_frequencies_have_their_own_dates():
    y, series = panel_of_frequencies(["day", "week", "month"])
    forecast = make().fit(y=y).predict(fh=[-3, 1, 2, 5])
    for key, one in series.items():
        last, step = one.index[-1], one.index.freq
        wanted = [one.index[-4], last + step, last + 2 * step, last + 5 * step]
        assert list(forecast.loc[key].index) == wanted


def test_forecasts_do_not_depend_on_the_order_of_the_series():
    orders = [["day", "week", "month"], ["month", "day", "week"]]
    forecasts = []
    for order in orders:
        y, _ = panel_of_frequencies(order)
        forecaster = make(sp="auto").fit(y=y)
        forecast = forecaster.predict(fh=[-2, 1, 4])
        assert list(forecast.index.unique(0)) == order
        forecasts.append(forecast.sort_index())
    pd.testing.assert_frame_equal(*forecasts)


def test_new_series_of_an_update_come_last_whatever_their_order():
    y, series = panel_of_frequencies(["week"])
    forecasts = []
    for order in (["day", "month"], ["month", "day"]):
        forecaster = make().fit(y=y)
        forecaster.update(panel_of_frequencies(order)[0], update_params=True)
        forecast = forecaster.predict(fh=[1, 2])
        assert list(forecast.index.unique(0)) == ["week", *order]
        last = series["month"].index[-1]
        assert forecast.loc["month"].index[0] == last + series["month"].index.freq
        forecasts.append(forecast.sort_index())
    pd.testing.assert_frame_equal(*forecasts)


def test_a_constant_series_of_a_panel_is_forecast_as_its_constant():
    y, series = panel_of_frequencies(["day", "week"])
    constant = (series["day"] * 0 + 7.3).to_frame("y")
    y = pd.concat([y, pd.concat({"constant": constant})])
    forecaster = make(epochs=5).fit(y=y)
    fh = [-20, 0, 1, 2, 9]
    found = forecaster.predict(fh=fh).loc["constant", "y"]
    np.testing.assert_array_equal(found, 7.3)
    interval = forecaster.predict_interval(fh=fh).loc["constant"]
    np.testing.assert_array_equal(interval, 7.3)
    # Until it moves.
    new = pd.concat({"constant": (constant[:2] + 1).shift(40, freq="D")})
    assert (forecaster.update(new).predict(fh=[1]).loc["constant", "y"] != 7.3).all()
