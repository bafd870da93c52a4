"""Tests of the Display classes, on real data and real estimators."""

import itertools
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sktime.datasets import load_airline, load_longley
from sktime.forecasting.naive import NaiveForecaster
from sktime.forecasting.theta import ThetaForecaster

from skl_lstm import LSTMForecaster
from skl_lstm.plotting import (
    ForecastDisplay,
    ImportanceDisplay,
    PredictionDisplay,
    TrainingCurveDisplay,
)

matplotlib = pytest.importorskip("matplotlib")

# What sktime 1.2 says of its next version, whatever the setting.
pytestmark = pytest.mark.filterwarnings("ignore:The default of config:FutureWarning")

N_TEST = 24
HISTORY = {"loss": [3.0, 2.0, 1.5, 1.0], "val_loss": [3.0, 2.5, 2.0, 2.25]}


@pytest.fixture(autouse=True)
def pyplot():
    """Give pyplot without a screen, and close the figures of the test."""
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


@pytest.fixture(scope="module")
def airline():
    """Monthly series of 144 points, cut into history and truth."""
    y = load_airline()
    return y[:-N_TEST], y[-N_TEST:]


@pytest.fixture(scope="module")
def longley():
    """Yearly table of five series, 16 points each."""
    return load_longley()[1]


@pytest.fixture(scope="module")
def theta(airline):
    return fit(ThetaForecaster(sp=12), airline[0], range(1, N_TEST + 1))


@pytest.fixture(scope="module")
def lags(airline):
    """Features and target of a regression on the three values before."""
    y = pd.concat(airline)
    X = pd.concat({f"lag_{k}": y.shift(k) for k in (1, 2, 3)}, axis=1).iloc[3:]
    return X, y[3:]


def fit(forecaster, y, fh, remember=True):
    # The default of sktime 1.2 is to remember, that of 1.3 will be to forget.
    return forecaster.set_config(remember_data=remember).fit(y, fh=fh)


def make_panel(y, n_instances=2):
    shops = {f"shop {k}": y.to_frame() + k for k in range(n_instances)}
    return pd.concat(shops, names=["shop"])


def get_texts(display):
    return [text.get_text() for text in display.legend_.get_texts()]


def get_dates(line):
    return pd.DatetimeIndex(line.get_xdata()).to_period("M")


# ForecastDisplay


def test_forecast_display_draws_history_truth_and_forecast(theta, airline):
    history, truth = airline
    display = ForecastDisplay.from_estimator(theta, y_true=truth)
    (lines,) = display.artists_
    # Four horizons of the history.
    expected = {"history": history[-96:], "actual": truth, "forecast": theta.predict()}
    assert list(lines) == get_texts(display) == list(expected)
    for kind, series in expected.items():
        np.testing.assert_array_equal(lines[kind].get_ydata(), series)
        assert get_dates(lines[kind]).equals(series.index.rename(None))


def test_forecast_display_names_the_axes(theta):
    display = ForecastDisplay.from_estimator(theta)
    assert display.ax_.get_ylabel() == "Number of airline passengers"
    assert display.ax_.get_xlabel() == "Period"
    assert display.figure_ is display.ax_.figure


def test_forecast_display_shades_coverages_in_steps(theta):
    display = ForecastDisplay.from_estimator(theta, coverage=[0.5, 0.975, 0.8])
    (artists,) = display.artists_
    bands = [artists[coverage] for coverage in (0.975, 0.8, 0.5)]
    assert get_texts(display)[2:] == ["97.5% interval", "80% interval", "50% interval"]
    # From the widest, drawn first and lightest, to the narrowest and darkest.
    lightness = [band.get_facecolor()[0, :3].sum() for band in bands]
    assert lightness == sorted(lightness, reverse=True)
    assert len(set(lightness)) == 3
    heights = [np.ptp(band.get_paths()[0].vertices[:, 1]) for band in bands]
    assert heights == sorted(heights, reverse=True)


def test_forecast_display_band_lies_between_the_bounds(theta):
    intervals = theta.predict_interval(coverage=0.9)
    display = ForecastDisplay.from_predictions(theta.predict(), intervals=intervals)
    vertices = display.artists_[0][0.9].get_paths()[0].vertices
    np.testing.assert_allclose(
        [vertices[:, 1].min(), vertices[:, 1].max()],
        [intervals.to_numpy().min(), intervals.to_numpy().max()],
    )


def test_forecast_display_takes_the_given_history_first(theta, airline):
    history = airline[0][-36:]
    display = ForecastDisplay.from_estimator(theta, y=history)
    np.testing.assert_array_equal(display.artists_[0]["history"].get_ydata(), history)


def test_forecast_display_without_history(airline):
    forecaster = fit(NaiveForecaster(), airline[0], [1, 2], remember=False)
    display = ForecastDisplay.from_estimator(forecaster)
    assert get_texts(display) == ["forecast"]


def test_forecast_display_passes_fh_and_features_on(longley):
    class Recorder(NaiveForecaster):
        def predict(self, fh=None, X=None):
            self.seen = fh, X
            return super().predict(fh=fh, X=X)

    forecaster = fit(Recorder(), longley["GNP"], [1])
    X = longley[["POP"]]
    ForecastDisplay.from_estimator(forecaster, [1, 2], X)
    assert forecaster.seen == ([1, 2], X)


def test_forecast_display_of_arrays_counts_steps_after_the_history(airline):
    forecaster = fit(NaiveForecaster(), airline[0].to_numpy(), [1, 3])
    y = airline[0].to_numpy()
    display = ForecastDisplay.from_estimator(forecaster, y=y, y_true=[1.0, 2.0])
    (lines,) = display.artists_
    assert lines["forecast"].get_xdata().tolist() == [len(y), len(y) + 2]
    assert lines["actual"].get_xdata().tolist() == [len(y), len(y) + 2]
    assert lines["history"].get_xdata()[-1] == len(y) - 1
    again = ForecastDisplay.from_predictions([5.0, 6.0], y=y)
    assert again.artists_[0]["forecast"].get_xdata().tolist() == [len(y), len(y) + 1]


def test_forecast_display_draws_columns_in_a_grid(longley):
    forecaster = fit(NaiveForecaster(), longley[:-3], [1, 2, 3])
    display = ForecastDisplay.from_estimator(
        forecaster, y_true=longley[-3:], coverage=0.9
    )
    assert [ax.get_ylabel() for ax in display.ax_] == list(longley.columns)
    # The sixth place of the grid is empty.
    assert len(display.figure_.axes) == len(display.artists_) == 5
    for artists, column in zip(display.artists_, longley, strict=True):
        np.testing.assert_array_equal(
            artists["actual"].get_ydata(), longley[column][-3:]
        )
        assert 0.9 in artists


def test_forecast_display_draws_instances_in_a_grid(airline):
    panel = make_panel(airline[0])
    display = ForecastDisplay.from_estimator(
        fit(NaiveForecaster(), panel, [1, 2]), coverage=[0.5, 0.9]
    )
    assert [ax.get_title() for ax in display.ax_] == ["shop 0", "shop 1"]
    for artists, shop in zip(display.artists_, ("shop 0", "shop 1"), strict=True):
        rows = panel.loc[shop].squeeze()[-24:]
        np.testing.assert_array_equal(artists["history"].get_ydata(), rows)
        assert list(artists) == ["history", "forecast", 0.9, 0.5]


def test_forecast_display_draws_on_given_axes(pyplot, longley):
    figure, axes = pyplot.subplots(2, 1)
    y = longley[["GNP", "POP"]]
    display = ForecastDisplay.from_predictions(y[-2:], y=y[:-2], ax=axes)
    assert list(display.ax_) == list(axes)
    assert display.figure_ is figure
    assert pyplot.get_fignums() == [figure.number]
    assert axes[0].get_legend() is display.legend_


@pytest.mark.parametrize("units", ["EUR", {"GNP": "EUR"}])
def test_units_stand_on_the_value_axis(longley, units):
    y = longley[["GNP"]].copy()
    y.attrs["units"] = units
    assert ForecastDisplay.from_predictions(y).ax_.get_ylabel() == "GNP (EUR)"
    display = PredictionDisplay.from_predictions(y, y + 1)
    assert display.ax_.get_ylabel() == "GNP (EUR)"


def test_styles_merge_over_the_defaults(theta, airline):
    display = ForecastDisplay.from_estimator(
        theta,
        y_true=airline[1],
        coverage=0.9,
        history_kwargs={"lw": 5},
        true_kwargs={"label": "what came"},
        pred_kwargs={"c": "red"},
        interval_kwargs={"alpha": 0.3},
    )
    (artists,) = display.artists_
    assert artists["history"].get_linewidth() == 5
    assert artists["history"].get_color() == "#000000"
    assert artists["actual"].get_linestyle() == "--"
    assert get_texts(display)[1] == "what came"
    assert artists["forecast"].get_color() == "red"
    # The tint follows the forecast: red mixed with white, and the alpha.
    red, green, blue, alpha = artists[0.9].get_facecolor()[0]
    assert red == 1
    assert 0 < green == blue < 1
    assert alpha == 0.3


def test_interval_color_is_the_base_of_the_tints(theta):
    display = ForecastDisplay.from_estimator(
        theta, coverage=[0.5, 0.9], interval_kwargs={"color": "lime"}
    )
    for coverage in (0.5, 0.9):
        red, green, blue, _ = display.artists_[0][coverage].get_facecolor()[0]
        assert red == blue < green


def test_forecast_display_plots_again(theta, pyplot):
    display = ForecastDisplay.from_estimator(theta)
    first = display.figure_
    assert display.plot(history_kwargs={"color": "red"}) is display
    assert display.figure_ is not first
    assert display.artists_[0]["history"].get_color() == "red"


def test_a_lone_step_is_visible(airline):
    forecaster = fit(NaiveForecaster(), airline[0], [6])
    display = ForecastDisplay.from_estimator(forecaster, coverage=0.9)
    (artists,) = display.artists_
    assert artists["forecast"].get_marker() == "."
    assert artists[0.9].get_linewidth()[0] > 0


def test_missing_values_leave_gaps(airline):
    y = airline[0].astype(float).copy()
    y.iloc[[10, 11]] = np.nan
    display = ForecastDisplay.from_predictions(airline[1], y=y, n_history=None)
    np.testing.assert_array_equal(display.artists_[0]["history"].get_ydata(), y)


def test_a_new_figure_holds_a_limited_number_of_series(airline):
    panel = make_panel(airline[0][-3:], n_instances=30)
    with pytest.raises(ValueError, match=r"at most 24 series. Got 30"):
        ForecastDisplay.from_predictions(panel)
    some = ForecastDisplay.from_predictions(panel, series=["shop 0", "shop 7"])
    assert [ax.get_title() for ax in some.ax_] == ["shop 0", "shop 7"]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"y": pd.Series([], dtype=float)}, ValueError, "history must have at least"),
        ({"y": [1.0, 2.0]}, TypeError, "all be indexed by dates or all by numbers"),
        ({"y_true": [1.0]}, ValueError, r"indices imply \(24, 1\)"),
        ({"pred_kwargs": {"c": 1, "color": 2}}, TypeError, "color"),
        ({"color": {}}, TypeError, "unexpected keyword argument 'color'"),
    ],
)
def test_forecast_display_errors(airline, change, error, message):
    with pytest.raises(error, match=message):
        ForecastDisplay.from_predictions(airline[1], **change)


def test_forecast_display_refuses_another_number_of_axes(pyplot, longley):
    _, axes = pyplot.subplots(1, 3)
    with pytest.raises(ValueError, match=r"must hold 5 axes, one per series. Got 3"):
        ForecastDisplay.from_predictions(longley, ax=axes)


def test_forecast_display_refuses_a_history_of_other_series(longley):
    with pytest.raises(ValueError, match=r"history must hold each series.*POP"):
        ForecastDisplay.from_predictions(
            longley[["GNP", "POP"]], y=longley[["GNP", "UNEMP"]]
        )


def test_forecast_display_refuses_text_and_disorder(airline):
    by_text = airline[1].set_axis(airline[1].index.astype(str))
    with pytest.raises(TypeError, match="must hold dates, periods or numbers"):
        ForecastDisplay.from_predictions(by_text)
    with pytest.raises(ValueError, match="must be sorted by time"):
        ForecastDisplay.from_predictions(airline[1][::-1])


def test_unfitted_estimators_are_refused():
    with pytest.raises(ValueError, match="has not been fitted"):
        ForecastDisplay.from_estimator(NaiveForecaster(), fh=[1])


@pytest.mark.parametrize(("n_history", "n"), [("auto", 24), (7, 7), (None, 120)])
def test_forecast_display_cuts_the_history_and_joins_it(airline, n_history, n):
    history, truth = airline
    display = ForecastDisplay.from_predictions(
        truth[:3] + 9, y=history, y_true=truth[:3], n_history=n_history
    )
    assert len(display.artists_[0]["history"].get_ydata()) == n
    ends = [tuple(line.get_ydata()) for line in display.ax_.lines[3:]]
    last, first = history.iloc[-1], truth.iloc[0]
    assert sorted(ends) == [(last, first), (last, first + 9)]
    assert get_texts(display) == ["history", "actual", "forecast"]


def test_forecast_display_names_the_series_of_a_panel(airline):
    panel = make_panel(airline[0][-9:], n_instances=30)
    y = make_panel(airline[0][:-9], n_instances=30)
    one = ForecastDisplay.from_predictions(panel, y=y.loc["shop 7"], series="shop 7")
    assert one.ax_.get_title() == "shop 7"
    with pytest.raises(
        ValueError, match=r"no series 'shop 99'.*30 series.*shop 4, \.\."
    ):
        ForecastDisplay.from_predictions(panel, series="shop 99")
    with pytest.raises(
        ValueError, match=r"Got one series without a name without shop 0"
    ):
        ForecastDisplay.from_predictions(panel, y=y.loc["shop 7"])


def test_forecast_display_draws_columns_by_name(longley):
    display = ForecastDisplay.from_predictions(longley, series=["POP"])
    assert display.ax_.get_ylabel() == "POP"


@pytest.fixture(scope="module")
def network(airline):
    """A network fitted by ``fit(X, y)``, and the rows after."""
    y = pd.concat(airline)
    X = pd.DataFrame({"month": y.index.month}, index=y.index)
    parameters = {"units": 2, "epochs": 1, "window_length": 4, "random_state": 0}
    regressor = LSTMForecaster(**parameters, horizon=2, autoregressive=True)
    pipeline = make_pipeline(StandardScaler().set_output(transform="pandas"), regressor)
    return pipeline.fit(X[:-4], y[:-4]), X[-4:], y[-4:]


def test_forecast_display_draws_what_a_pipeline_predicts(network, airline):
    pipeline, X, y_true = network
    display = ForecastDisplay.from_estimator(pipeline, X=X, y_true=y_true, coverage=0.8)
    (artists,) = display.artists_
    assert list(artists) == ["history", "actual", "forecast", 0.8]
    np.testing.assert_array_equal(artists["forecast"].get_ydata(), pipeline.predict(X))
    assert get_dates(artists["forecast"]).equals(X.index.rename(None))
    np.testing.assert_allclose(
        artists["history"].get_ydata(), pd.concat(airline)[-28:-4]
    )
    # The legend tells what the forecast is made of.
    shares = pipeline[-1].components_
    largest = max(shares, key=shares.get)
    assert f"{largest} {shares[largest]:.0%}" in get_texts(display)[2]


def test_forecast_display_says_that_a_regressor_needs_rows(network):
    with pytest.raises(TypeError, match="This Pipeline predicts feature rows: pass"):
        ForecastDisplay.from_estimator(network[0])


def test_prediction_display_draws_a_forecast_without_truth(network):
    pipeline, X, y_true = network
    display = PredictionDisplay.from_estimator(pipeline, X)
    assert get_texts(display) == ["forecast"]
    assert display.rmse is display.naive_rmse is display.true_line_ is None
    # The previous value would know too much beside a forecast many steps ahead.
    both = PredictionDisplay.from_estimator(pipeline, X, y_true)
    assert [text.split(",")[0] for text in get_texts(both)] == ["actual", "forecast"]
    assert both.naive_line_ is None
    with pytest.raises(ValueError, match="takes values of y_true, which is None"):
        PredictionDisplay.from_predictions(None, [1.0, 2.0], naive=1)


# PredictionDisplay


def test_prediction_display_states_both_errors(lags):
    X, y = lags
    regressor = LinearRegression().fit(X[:100], y[:100])
    predicted = regressor.predict(X[100:])
    display = PredictionDisplay.from_predictions(y[100:], predicted)
    # The first point has no previous value, so that neither error counts it.
    error = (predicted - y[100:])[1:]
    rmse = np.sqrt(np.mean(error**2))
    naive_rmse = np.sqrt(np.mean(np.diff(y[100:]) ** 2))
    np.testing.assert_allclose(display.rmse, rmse)
    np.testing.assert_allclose(display.naive_rmse, naive_rmse)
    assert get_texts(display) == [
        "actual",
        f"forecast, RMSE {rmse:.2f}",
        f"previous value, RMSE {naive_rmse:.2f}",
    ]


def test_prediction_display_draws_over_dates(lags):
    X, y = lags
    predicted = LinearRegression().fit(X, y).predict(X)
    display = PredictionDisplay.from_predictions(y, predicted)
    np.testing.assert_array_equal(display.true_line_.get_ydata(), y)
    np.testing.assert_array_equal(display.pred_line_.get_ydata(), predicted)
    np.testing.assert_array_equal(display.naive_line_.get_ydata(), y.shift(1))
    for line in (display.true_line_, display.pred_line_, display.naive_line_):
        assert get_dates(line).equals(y.index.rename(None))
    assert display.ax_.get_xlabel() == "Period"
    assert display.ax_.get_ylabel() == "Number of airline passengers"


@pytest.mark.parametrize("wrap", [np.asarray, list, pd.Series.to_frame])
def test_prediction_display_takes_dates_from_either_side(airline, wrap):
    y = airline[1]
    display = PredictionDisplay.from_predictions(wrap(y), y + 1)
    assert get_dates(display.true_line_).equals(y.index.rename(None))


def test_prediction_display_measures_against_a_season(airline):
    y = airline[0]
    display = PredictionDisplay.from_predictions(y, y.to_numpy() + 1.0, naive=12)
    season = np.sqrt(np.mean((y - y.shift(12)) ** 2))
    np.testing.assert_allclose([display.rmse, display.naive_rmse], [1.0, season])
    assert get_texts(display)[2].startswith("value 12 steps before, RMSE")


def test_prediction_display_measures_against_given_values():
    display = PredictionDisplay.from_predictions([1, 2], [2, 3], naive=[4, 5])
    assert (display.rmse, display.naive_rmse) == (1.0, 3.0)
    assert get_texts(display)[2] == "naive, RMSE 3.000"


def test_prediction_display_counts_only_points_with_all_values():
    y_true = [1.0, np.nan, 3.0, 5.0, 9.0]
    y_pred = [9.0, 2.0, 3.0, 6.0, np.nan]
    display = PredictionDisplay.from_predictions(y_true, y_pred)
    # Only the fourth point has a previous, a real and a predicted value.
    assert (display.rmse, display.naive_rmse) == (1.0, 2.0)


def test_prediction_display_merges_styles(airline, pyplot):
    _, ax = pyplot.subplots()
    display = PredictionDisplay.from_predictions(
        airline[1],
        airline[1] + 1,
        ax=ax,
        true_kwargs={"ls": ":"},
        pred_kwargs={"color": "red"},
        naive_kwargs={"visible": False},
    )
    assert display.ax_ is ax
    assert display.true_line_.get_linestyle() == ":"
    assert display.pred_line_.get_color() == "red"
    assert not display.naive_line_.get_visible()
    assert ax.get_legend() is display.legend_


@pytest.mark.parametrize(
    ("args", "naive", "error", "message"),
    [
        (([1, 2, 3], [1, 2]), 1, ValueError, r"column of 3 rows. Got shape \(2, 1"),
        (([[1, 2], [3, 4]], [1, 2]), 1, ValueError, "y_true must be one column"),
        (([1], [1]), 1, ValueError, "Got 1 steps"),
        (([1, 2], [1, 2]), 2, ValueError, "Got 2 steps"),
        (([1, 2], [1, 2]), 0, ValueError, "at least 1 step.*Got 0"),
        (([1, 2], [1, 2]), 1.5, ValueError, "at least 1 step.*Got 1.5"),
        (([1, 2], [1, 2]), [1], ValueError, "naive must be one column of 2 rows"),
    ],
)
def test_prediction_display_errors(args, naive, error, message):
    with pytest.raises(error, match=message):
        PredictionDisplay.from_predictions(*args, naive=naive)


def test_prediction_display_refuses_other_dates(airline):
    later = airline[1].shift(1, freq="M")
    with pytest.raises(ValueError, match=r"pass `y_pred.to_numpy\(\)`"):
        PredictionDisplay.from_predictions(airline[1], later)


def test_prediction_display_refuses_shuffled_rows(lags):
    y = lags[1].sample(frac=1, random_state=0)
    with pytest.raises(ValueError, match="shuffle=False"):
        PredictionDisplay.from_predictions(y, y)


# TrainingCurveDisplay


class Fitted:
    """Stands for a fitted forecaster of ours."""

    history_ = HISTORY


def test_training_curves_mark_the_best_validated_epoch():
    display = TrainingCurveDisplay.from_estimator(Fitted())
    assert display.best_epoch == 3
    assert display.loss_line_.get_xdata().tolist() == [1, 2, 3, 4]
    assert display.loss_line_.get_ydata().tolist() == HISTORY["loss"]
    assert display.val_loss_line_.get_ydata().tolist() == HISTORY["val_loss"]
    assert display.best_point_.get_xydata().tolist() == [[3.0, 2.0]]
    best = "best epoch 3, val_loss 2.000"
    assert get_texts(display) == ["loss", "val_loss", best]
    assert display.ax_.get_xlabel() == "epoch"
    assert display.ax_.get_ylabel() == "loss"


def test_training_curves_without_validation():
    display = TrainingCurveDisplay.from_history({"loss": [2.0, 1.0], "lr": [0.1, 0.1]})
    assert display.val_loss_line_ is None
    assert get_texts(display) == ["loss", "best epoch 2, loss 1.000"]


def test_training_curves_tolerate_missing_losses():
    history = {"loss": [np.nan, np.inf, 2.0, 3.0]}
    assert TrainingCurveDisplay.from_history(history).best_epoch == 3


def test_training_curves_of_one_epoch_have_one_tick():
    display = TrainingCurveDisplay.from_history({"loss": [1.0]})
    low, high = display.ax_.get_xlim()
    ticks = [tick for tick in display.ax_.get_xticks() if low <= tick <= high]
    assert ticks == [1.0]


@pytest.mark.parametrize(("log_scale", "scale"), [(False, "linear"), (True, "log")])
def test_training_curves_on_a_log_scale(log_scale, scale):
    display = TrainingCurveDisplay.from_history(HISTORY, log_scale=log_scale)
    assert display.ax_.get_yscale() == scale


def test_training_curves_merge_styles(pyplot):
    _, ax = pyplot.subplots()
    display = TrainingCurveDisplay.from_history(
        HISTORY,
        ax=ax,
        loss_kwargs={"c": "red"},
        val_loss_kwargs={"lw": 4},
        best_kwargs={"marker": "*"},
    )
    assert display.ax_ is ax
    assert display.loss_line_.get_color() == "red"
    assert display.val_loss_line_.get_linewidth() == 4
    assert display.best_point_.get_marker() == "*"
    assert display.best_point_.get_linestyle() == "None"


@pytest.mark.parametrize(
    ("history", "error", "message"),
    [
        ({}, ValueError, "finite losses under 'loss'"),
        ({"loss": []}, ValueError, "fit for at least one epoch"),
        ({"loss": [np.nan]}, ValueError, "finite losses under 'loss'"),
    ],
)
def test_training_curves_errors(history, error, message):
    with pytest.raises(error, match=message):
        TrainingCurveDisplay.from_history(history)


def test_training_curves_need_a_fitted_forecaster():
    with pytest.raises(NotFittedError, match=r"LinearRegression has no `history_`"):
        TrainingCurveDisplay.from_estimator(LinearRegression())


# All displays


@pytest.mark.parametrize(
    "draw",
    [
        lambda: ForecastDisplay(y_pred=[1.0]).plot(),
        lambda: PredictionDisplay.from_predictions([1, 2], [1, 2]),
        lambda: TrainingCurveDisplay.from_estimator(Fitted()),
    ],
)
def test_missing_matplotlib_tells_what_to_install(monkeypatch, draw):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r'pip install "skl_lstm\[plot\]"'):
        draw()


@pytest.mark.parametrize(
    "index",
    [
        pd.date_range("2024-01-01", periods=3, freq="D", tz="Europe/Berlin"),
        pd.DatetimeIndex(["2024-01-01", "2024-01-02", "2024-01-03"]),
        pd.period_range("2024-01-01", periods=3, freq="D"),
    ],
)
def test_dates_keep_the_local_clock_and_are_short(index):
    y = pd.Series([1.0, 2.0, 3.0], index=index)
    display = ForecastDisplay.from_predictions(y)
    drawn = display.artists_[0]["forecast"].get_xdata()
    assert list(pd.DatetimeIndex(drawn)) == list(pd.date_range("2024-01-01", periods=3))
    formatter = display.ax_.xaxis.get_major_formatter()
    assert isinstance(formatter, matplotlib.dates.ConciseDateFormatter)


@pytest.mark.parametrize("columns", [1, 4, 9])
def test_date_labels_do_not_overlap(airline, columns):
    y = pd.concat({f"shop {k}": pd.concat(airline) for k in range(columns)}, axis=1)
    display = ForecastDisplay.from_predictions(y)
    display.figure_.draw_without_rendering()
    for ax in np.atleast_1d(display.ax_):
        labels = [label for label in ax.get_xticklabels() if label.get_text()]
        boxes = [label.get_window_extent() for label in labels]
        assert len(boxes) > 1
        assert all(a.x1 < b.x0 for a, b in itertools.pairwise(boxes))


def test_the_legend_covers_no_data(theta, airline):
    display = ForecastDisplay.from_estimator(theta, y_true=airline[1], coverage=0.9)
    display.figure_.draw_without_rendering()
    legend = display.legend_.get_window_extent()
    assert legend.y0 >= display.ax_.get_window_extent().y1
    assert legend.x1 <= display.figure_.bbox.x1


# Importances ------------------------------------------------------------------


def test_importances_are_drawn_by_lag_and_column(pyplot):
    table = pd.DataFrame({"sales": [np.nan, 3, 1], "price": [2.0, 0, 0]}, [0, 1, 2])

    class Fitted:
        def permutation_importance(self, n_repeats, random_state):
            assert (n_repeats, random_state) == (2, 7)
            return table

    display = ImportanceDisplay.from_estimator(Fitted(), n_repeats=2, random_state=7)
    assert get_texts(display) == ["sales", "price"]
    for line, (_, column) in zip(display.lines_, table.items(), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), column)
    assert "lag" in display.ax_.get_xlabel()
    _, ax = pyplot.subplots()
    again = ImportanceDisplay(importances=table).plot(ax, line_kwargs={"marker": "x"})
    assert again.ax_ is ax
    assert again.lines_[0].get_marker() == "x"
