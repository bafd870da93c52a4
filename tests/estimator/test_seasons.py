"""Several seasons, as users meet them: found, forecast, updated, kept."""

import pickle

import numpy as np
import pandas as pd
import pytest

from skl_lstm import LSTMForecaster, load_model, save_model

SMALL = {"units": 2, "epochs": 1, "random_state": 0}
DAY = list(range(1, 25))


def hourly(n=800, start="2024-01-03 05:00", seed=0, freq="h", per_day=24):
    """Return a series with a day and a week, and some noise."""
    noise, t = np.random.default_rng(seed).normal(size=n), np.arange(n)
    y = 10 + 3 * np.sin(2 * np.pi * t / per_day) + noise / 2
    y += 2 * np.sin(2 * np.pi * t / (7 * per_day))
    return pd.Series(y, pd.date_range(start, periods=n, freq=freq), name="y")


@pytest.fixture(scope="module")
def fitted():
    return LSTMForecaster(**SMALL).fit(hourly(), fh=DAY)


@pytest.mark.parametrize(
    ("freq", "per_day", "n", "seasons"),
    [
        # Wide windows: in `make test-slow`.
        pytest.param("h", 24, 800, (24, 168), marks=pytest.mark.slow),
        pytest.param("30min", 48, 1100, (48, 336), marks=pytest.mark.slow),
        pytest.param("15min", 96, 2100, (96, 672), marks=pytest.mark.slow),
        ("2h", 12, 400, (12, 84)),
        ("h", 24, 400, (24,)),
    ],
)
def test_seasons_are_read_from_the_frequency(freq, per_day, n, seasons):
    y = hourly(n, freq=freq, per_day=per_day)
    forecaster = LSTMForecaster(horizon=2, **SMALL).fit(y)
    assert forecaster.seasons_ == seasons
    assert np.isfinite(forecaster.predict(fh=[1, 2, 3])).all()


def test_a_year_of_days_counts_once_it_is_seen_twice():
    rng, t = np.random.default_rng(0), np.arange(800)
    y = pd.Series(
        10 + 6 * np.sin(2 * np.pi * t / 365.25) + rng.normal(size=800),
        pd.period_range("2020-01-01", periods=800, freq="D"),
    )
    forecaster = LSTMForecaster(**SMALL).fit(y, fh=range(1, 61))
    assert forecaster.seasons_ == (7, 365.25)
    assert forecaster.horizon_ == 28
    ahead = 10 + 6 * np.sin(2 * np.pi * np.arange(800, 860) / 365.25)
    assert np.abs(forecaster.predict() - ahead).mean() < 1.0
    assert LSTMForecaster(**SMALL).fit(y[:600], fh=[1]).seasons_ == (7,)


def test_seasons_without_a_calendar_are_named():
    y = hourly().to_numpy()
    forecaster = LSTMForecaster(sp=(24, 168), **SMALL).fit(y, fh=DAY)
    assert forecaster.seasons_ == (24, 168)
    dated = LSTMForecaster(sp=(24, 168), **SMALL).fit(hourly(), fh=DAY)
    assert dated.seasons_ == (24, 168)


def test_without_a_calendar_one_season_is_left():
    assert LSTMForecaster(calendar=None, **SMALL).fit(hourly(), fh=DAY).seasons_ == (
        24,
    )


@pytest.mark.parametrize("sp", [(168, 24), (24, 24), (), (1, 24), (24.5, 168), ("a",)])
def test_seasons_that_make_no_sense_are_refused(sp):
    with pytest.raises(ValueError, match="sp"):
        LSTMForecaster(sp=sp, **SMALL).fit(hourly(100), fh=[1])


def test_the_week_is_forecast_better_than_by_repeating_it(fitted):
    y, truth = hourly(), hourly(800 + 168)[800:]
    forecast = fitted.predict(fh=range(1, 169))
    ours, last_week = (
        np.abs(f - truth.to_numpy()).mean() for f in (forecast, y[-168:].to_numpy())
    )
    assert ours < 0.9 * last_week


def test_phases_survive_update(fitted):
    forecaster, longer = pickle.loads(pickle.dumps(fitted)), hourly(800 + 37)
    forecaster.update(longer[800:], update_params=False)
    forecast = forecaster.predict(fh=DAY)
    assert forecast.index[0] == longer.index[-1] + pd.Timedelta("1h")
    # The same rows, asked for from a model that saw them as one piece.
    model = fitted._fitted.model
    queried = forecaster._fitted.model.forecast(
        list(forecaster._fitted.histories.values()), 24
    )
    np.testing.assert_array_equal(forecast.to_numpy(), queried[0, :, 0])
    assert model is forecaster._fitted.model or model.seasons == (24, 168)
    truth = hourly(800 + 37 + 24)[-24:]
    assert np.abs(forecast - truth).mean() < 1.0


def test_update_trains_on(fitted):
    forecaster = pickle.loads(pickle.dumps(fitted))
    forecaster.update(hourly(840)[800:])
    assert np.isfinite(forecaster.predict(fh=DAY)).all()


def test_order_and_start_of_the_series_of_a_panel_do_not_matter():
    series = {
        k: hourly(700 - 20 * i, f"2024-01-0{i + 1}", i) for i, k in enumerate("abc")
    }

    def forecast(keys):
        panel = pd.concat({k: series[k].to_frame() for k in keys}, names=["s", "t"])
        return LSTMForecaster(**SMALL).fit(panel, fh=DAY).predict().sort_index()

    first, second = forecast("abc"), forecast("cab")
    np.testing.assert_allclose(first, second, atol=0.2)


def test_missing_rows_are_left_out(fitted):
    y = hourly()
    y.iloc[100:130] = y.iloc[-5:] = np.nan
    forecaster = LSTMForecaster(**SMALL).fit(y, fh=DAY)
    truth = hourly(824)[800:]
    assert np.abs(forecaster.predict() - truth).mean() < 1.0


def test_a_later_row_of_known_columns_changes_no_earlier_forecast():
    rng, y = np.random.default_rng(1), hourly()
    X = pd.DataFrame(
        {"x": rng.normal(size=824)}, pd.date_range(y.index[0], periods=824, freq="h")
    )
    y = y + 2 * X["x"][:800]
    forecaster = LSTMForecaster(**SMALL).fit(y, X=X[:800], fh=DAY)
    ahead = X[800:].copy()
    before = forecaster.predict(X=ahead).to_numpy()
    ahead.iloc[10] = 5.0
    after = forecaster.predict(X=ahead).to_numpy()
    np.testing.assert_array_equal(before[:10], after[:10])
    assert after[10] - before[10] == pytest.approx(2 * (5 - X["x"].iloc[810]), rel=0.15)


def test_two_targets_and_both_conventions():
    both = pd.DataFrame({"a": hourly(), "b": 2 * hourly(seed=1)})
    forecaster = LSTMForecaster(**SMALL).fit(both, fh=DAY)
    assert forecaster.predict().shape == (24, 2)
    X = pd.DataFrame(
        {"x": np.ones(824)}, pd.date_range(both.index[0], periods=824, freq="h")
    )
    rows = LSTMForecaster(autoregressive=True, **SMALL).fit(X[:800], both["a"])
    assert rows.seasons_ == (24, 168)
    assert rows.predict(X[800:]).shape == (24,)


def test_intervals_paths_and_past_rows(fitted):
    interval = fitted.predict_interval(fh=range(1, 40), coverage=0.8)
    assert (interval.iloc[:, 1] > interval.iloc[:, 0]).all()
    assert np.isfinite(fitted.predict(fh=range(-790, 1))).all()
    shares = fitted.components_
    assert sum(shares.values()) == pytest.approx(1.0)


def test_files_keep_the_seasons(fitted, tmp_path):
    save_model(fitted, tmp_path / "hourly.model")
    loaded = load_model(tmp_path / "hourly.model")
    assert loaded.seasons_ == (24, 168)
    steps = range(1, 60)
    np.testing.assert_array_equal(loaded.predict(fh=steps), fitted.predict(fh=steps))


def test_pretrained_series_lend_their_common_map():
    panel = pd.concat(
        {k: hourly(700, seed=i).to_frame() for i, k in enumerate("ab")},
        names=["s", "t"],
    )
    forecaster = LSTMForecaster(**SMALL).pretrain(panel)
    forecaster.fit(hourly(600, seed=9), fh=DAY)
    truth = hourly(624, seed=9)[600:]
    assert np.abs(forecaster.predict() - truth).mean() < 1.0


def test_a_season_that_is_too_long_is_left_out_aloud():
    with pytest.warns(UserWarning, match=r"\(168,\) are left out"):
        forecaster = LSTMForecaster(sp=(24, 168), **SMALL).fit(hourly(200), fh=[1])
    assert forecaster.seasons_ == (24,)


def test_a_warm_start_without_the_seasons_is_refused_and_loses_nothing(fitted):
    forecaster = pickle.loads(pickle.dumps(fitted)).set_params(warm_start=True)
    forecaster.fit(hourly(), fh=DAY)
    before = forecaster.predict()
    with pytest.raises(ValueError, match="another network"):
        forecaster.fit(hourly().to_numpy(), fh=DAY)
    np.testing.assert_array_equal(forecaster.predict(), before)
