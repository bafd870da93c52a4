"""The forecaster in sktime: its tools, its data types, its calls, on bundled data."""

import warnings
from copy import deepcopy
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import ParameterGrid
from sktime.datasets import (
    load_airline,
    load_longley,
    load_lynx,
    load_macroeconomic,
    load_PBS_dataset,
    load_shampoo_sales,
    load_uschange,
)
from sktime.forecasting.base import ForecastingHorizon
from sktime.forecasting.compose import (
    ColumnEnsembleForecaster,
    EnsembleForecaster,
    ForecastingPipeline,
    MultiplexForecaster,
    TransformedTargetForecaster,
)
from sktime.forecasting.model_evaluation import evaluate
from sktime.forecasting.model_selection import ForecastingGridSearchCV
from sktime.forecasting.naive import NaiveForecaster
from sktime.performance_metrics.forecasting import (
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
)
from sktime.split import ExpandingWindowSplitter, SlidingWindowSplitter
from sktime.transformations.detrend import Deseasonalizer, Detrender
from sktime.transformations.impute import Imputer

from skl_lstm import GRUForecaster, LSTMForecaster

both_classes = pytest.mark.parametrize("cls", [LSTMForecaster, GRUForecaster])

WINDOW, HORIZON = 4, 3
# One window and one horizon for all: the tests share a handful of programs. The
# learning rate is high, so that a few epochs leave the naive forecast behind.
TINY = {
    "units": 2,
    "epochs": 2,
    "window_length": WINDOW,
    "horizon": HORIZON,
    "learning_rate": 0.02,
    "random_state": 0,
}
FH = [1, 2, 3]
# Equal numbers in another batch differ in the last bits of float32.
CLOSE = {"rtol": 1e-5, "atol": 0}


def make(cls=LSTMForecaster, **changes):
    return cls(**(TINY | changes))


def weights_of(forecaster):
    (weights,) = forecaster.get_fitted_params()["weights"]
    return [w.copy() for w in weights]


def assert_same_weights(one, other):
    assert len(one) == len(other)
    assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def largest_move(one, other):
    return max(np.abs(a - b).max() for a, b in zip(one, other, strict=True))


def assert_same_forecast(one, other):
    # sktime does not keep the name of the index.
    pd.testing.assert_frame_equal(one, other, check_names=False)


def network_forecasts(forecaster, values):
    """Apply the trained Keras model to every complete window, by hand."""
    scaled = forecaster.y_scaler_.transform(np.reshape(values, (len(values), -1)))
    ends = range(WINDOW, len(scaled) + 1)
    windows = np.stack([scaled[end - WINDOW : end] for end in ends])
    blocks = np.asarray(forecaster.model_({"window": windows.astype("float32")}))
    flat = blocks.reshape(-1, scaled.shape[1]).astype(float)
    return forecaster.y_scaler_.inverse_transform(flat).reshape(blocks.shape)


@pytest.fixture
def airline():
    return load_airline()


@pytest.fixture
def shampoo():
    return load_shampoo_sales()


@pytest.fixture
def economy():
    # Two targets and two exogenous columns, quarterly.
    frame = load_macroeconomic()
    return frame[["infl", "unemp"]], frame[["tbilrate", "realint"]]


@pytest.fixture
def us_change():
    y, X = load_uschange()
    return y, X[["Income", "Savings"]]


# sktime's tools ---------------------------------------------------------------


@both_classes
def test_ensemble_averages_members_on_two_columns_with_X_and_no_fh(cls, economy):
    y, X = economy
    members = [make(cls, random_state=seed) for seed in (0, 1)]
    ensemble = EnsembleForecaster([("a", members[0]), ("b", members[1])])
    forecast = ensemble.fit(y[:-3], X[:-3]).predict(FH, X[-3:])

    each = [m.clone().fit(y=y[:-3], X=X[:-3]).predict(fh=FH, X=X[-3:]) for m in members]
    assert np.abs(each[0] - each[1]).to_numpy().max() > 0.01
    pd.testing.assert_frame_equal(forecast, (each[0] + each[1]) / 2)


@both_classes
def test_column_ensemble_fits_each_column_alone_with_X_and_no_fh(cls, economy):
    y, X = economy
    ensemble = ColumnEnsembleForecaster(
        [("a", make(cls), 0), ("b", make(cls, random_state=1), 1)]
    )
    forecast = ensemble.fit(y[:-3], X[:-3]).predict(FH, X[-3:])

    for seed, column in enumerate(y.columns):
        alone = make(cls, random_state=seed).fit(y=y[[column]][:-3], X=X[:-3])
        expected = alone.predict(fh=FH, X=X[-3:])
        np.testing.assert_allclose(forecast[[column]], expected, **CLOSE)
    assert list(forecast.columns) == list(y.columns)


@both_classes
def test_transformed_target_undoes_season_and_trend(cls, airline):
    train, test = airline[:-12], airline[-12:]
    fh = np.arange(1, 13)
    steps = [Deseasonalizer(sp=12, model="multiplicative"), Detrender()]
    pipeline = TransformedTargetForecaster([*steps, make(cls)])
    forecast = pipeline.fit(train, fh=fh).predict()

    season, trend = (step.clone() for step in steps)
    flat = trend.fit_transform(season.fit_transform(train))
    expected = make(cls).fit(flat, fh=fh).predict()
    expected = season.inverse_transform(trend.inverse_transform(expected))
    pd.testing.assert_series_equal(forecast, expected, check_names=False)

    error = MeanAbsolutePercentageError()
    naive = NaiveForecaster().fit(train).predict(fh=fh)
    assert error(test, forecast) < 0.6 * error(test, naive)


def test_transformed_target_fills_gaps_in_y(airline):
    y = airline.astype(float)
    y.iloc[[5, 60, 61]] = np.nan
    pipeline = TransformedTargetForecaster([Imputer("linear"), make()])
    forecast = pipeline.fit(y, fh=FH).predict()
    expected = make().fit(y.interpolate(), fh=FH).predict()
    pd.testing.assert_series_equal(forecast, expected, check_names=False)


@both_classes
def test_forecasting_pipeline_imputes_X_of_past_and_future(cls):
    y, X = load_longley()
    X = X[["GNP", "UNEMP"]]
    X.iloc[[2, 9, 14], 0] = np.nan
    pipeline = ForecastingPipeline([Imputer("mean"), make(cls)])
    forecast = pipeline.fit(y=y[:-3], X=X[:-3]).predict(fh=FH, X=X[-3:])

    filled = X.fillna(X[:-3].mean())
    by_hand = make(cls).fit(y=y[:-3], X=filled[:-3])
    expected = by_hand.predict(fh=FH, X=filled[-3:])
    pd.testing.assert_series_equal(forecast, expected, check_names=False)
    other = by_hand.predict(fh=FH, X=filled[-3:] * 1.1)
    assert not np.allclose(forecast, other, rtol=1e-4)


@both_classes
def test_grid_search_scores_like_evaluate_and_keeps_the_better(cls, airline):
    cv = ExpandingWindowSplitter(fh=FH, initial_window=100, step_length=20)
    error = MeanAbsoluteError()
    # The second begins at the training mean, and two epochs do not lead far from it.
    grid = [
        {"linear_skip": [True], "window_scaling": ["auto"]},
        {"linear_skip": [False], "window_scaling": [None]},
    ]
    candidates = list(ParameterGrid(grid))
    # In this process: workers would have to import TensorFlow first.
    search = ForecastingGridSearchCV(
        make(cls),
        param_grid=grid,
        cv=cv,
        scoring=error,
        backend="None",
        error_score="raise",
    )
    search.fit(airline, fh=FH)

    scores = []
    for changes in candidates:
        folds = evaluate(make(cls, **changes), cv, airline, scoring=error)
        scores.append(folds["test_MeanAbsoluteError"].mean())
    table = search.cv_results_
    assert list(table["params"]) == candidates
    np.testing.assert_allclose(table["mean_test_MeanAbsoluteError"], scores)
    assert scores[0] < scores[1]
    assert search.best_params_ == candidates[0]

    refitted = make(cls).fit(airline, fh=FH)
    pd.testing.assert_series_equal(search.predict(), refitted.predict())


def forecast_folds(forecaster, y, cv, strategy):
    """What `evaluate` promises, written as a loop."""
    forecasts = []
    for i, (train, _) in enumerate(cv.split(y)):
        if i == 0 or strategy == "refit":
            forecaster = forecaster.clone().fit(y.iloc[train], fh=cv.fh)
        else:
            update_params = strategy == "update"
            forecaster.update(y.iloc[train], update_params=update_params)
        forecasts.append(forecaster.predict())
    return forecasts


@both_classes
def test_evaluate_strategies_equal_their_loops_and_differ(cls, airline):
    cv = SlidingWindowSplitter(fh=FH, window_length=60, step_length=30)
    found = {}
    for strategy in ("refit", "update", "no-update_params"):
        table = evaluate(
            make(cls),
            cv,
            airline,
            strategy=strategy,
            scoring=MeanAbsolutePercentageError(),
            return_data=True,
            error_score="raise",
        )
        forecasts = forecast_folds(make(cls), airline, cv, strategy)
        assert len(table) == len(forecasts) == 3
        for fold, expected in zip(table.itertuples(), forecasts, strict=True):
            pd.testing.assert_series_equal(fold.y_pred, expected)
            truth = airline[expected.index]
            score = np.mean(np.abs(truth - expected) / truth)
            assert fold.test_MeanAbsolutePercentageError == pytest.approx(score)
        found[strategy] = pd.concat(forecasts)

    # The first fold is trained alike by all; the others are not.
    first = {name: f.iloc[: len(FH)].to_numpy() for name, f in found.items()}
    last = {name: f.iloc[-len(FH) :].to_numpy() for name, f in found.items()}
    np.testing.assert_array_equal(first["update"], first["refit"])
    np.testing.assert_array_equal(first["no-update_params"], first["refit"])
    assert np.abs(last["update"] - last["refit"]).max() > 0.01
    assert np.abs(last["update"] - last["no-update_params"]).max() > 0.01


def test_evaluate_hands_each_fold_its_rows_of_X(us_change):
    y, X = us_change
    cv = ExpandingWindowSplitter(fh=FH, initial_window=120, step_length=30)
    table = evaluate(make(), cv, y, X, return_data=True, error_score="raise")
    assert len(table) == 3
    for (train, test), fold in zip(cv.split(y), table.itertuples(), strict=True):
        forecaster = make().fit(y=y.iloc[train], X=X.iloc[train], fh=FH)
        expected = forecaster.predict(X=X.iloc[test])
        pd.testing.assert_series_equal(fold.y_pred, expected)


@both_classes
@pytest.mark.parametrize("selected", ["network", "naive"])
def test_multiplexer_forecasts_as_the_selected_does(cls, selected, airline):
    candidates = {"network": make(cls), "naive": NaiveForecaster(sp=12)}
    multiplexer = MultiplexForecaster(
        list(candidates.items()), selected_forecaster=selected
    )
    forecast = multiplexer.fit(airline, fh=FH).predict()
    expected = candidates[selected].clone().fit(airline, fh=FH).predict()
    pd.testing.assert_series_equal(forecast, expected)


@both_classes
def test_grid_search_over_a_multiplexer_picks_the_better(cls, airline):
    multiplexer = MultiplexForecaster(
        [("network", make(cls)), ("hopeless", NaiveForecaster(strategy="mean"))]
    )
    search = ForecastingGridSearchCV(
        multiplexer,
        param_grid={"selected_forecaster": ["network", "hopeless"]},
        cv=ExpandingWindowSplitter(fh=FH, initial_window=120, step_length=12),
        backend="None",
        error_score="raise",
    )
    search.fit(airline, fh=FH)
    assert search.best_params_ == {"selected_forecaster": "network"}
    expected = make(cls).fit(airline, fh=FH).predict()
    pd.testing.assert_series_equal(search.predict(), expected)


def test_benchmark_reports_what_evaluate_finds(tmp_path):
    from sktime.benchmarking.forecasting import ForecastingBenchmark

    cv = ExpandingWindowSplitter(fh=FH, initial_window=180, step_length=6)
    error = MeanAbsolutePercentageError()
    benchmark = ForecastingBenchmark()
    for cls in (LSTMForecaster, GRUForecaster):
        benchmark.add_estimator(make(cls), estimator_id=cls.__name__)
    benchmark.add_task(load_PBS_dataset, cv, [error], task_id="PBS")
    path = tmp_path / "results.csv"
    results = benchmark.run(path).set_index("model_id")

    assert path.stat().st_size > 0
    for cls in (LSTMForecaster, GRUForecaster):
        folds = evaluate(make(cls), cv, load_PBS_dataset(), scoring=error)
        expected = folds["test_MeanAbsolutePercentageError"]
        found = results.loc[cls.__name__]
        assert found["MeanAbsolutePercentageError_mean"] == pytest.approx(
            expected.mean()
        )
        assert found["MeanAbsolutePercentageError_fold_1_test"] == pytest.approx(
            expected[1]
        )


# Moving cutoffs ---------------------------------------------------------------


@both_classes
@pytest.mark.parametrize("update_params", [True, False])
def test_update_predict_equals_a_loop_of_update_and_predict(
    cls, update_params, airline
):
    train, test = airline[:100], airline[100:]
    forecaster = make(cls).fit(train)
    cv = ExpandingWindowSplitter(fh=FH, initial_window=6, step_length=12)
    forecasts = forecaster.update_predict(test, cv, update_params=update_params)

    by_hand, n_folds = deepcopy(forecaster), 0
    for seen, _ in cv.split(test):
        by_hand.update(test.iloc[seen], update_params=update_params)
        expected = by_hand.predict(fh=FH)
        cutoff = test.index[seen[-1]]
        found = forecasts[cutoff].dropna()
        np.testing.assert_array_equal(found, expected)
        assert list(found.index) == list(expected.index)
        n_folds += 1
    assert n_folds == 3


def test_update_predict_leaves_the_forecaster_as_it_was(airline):
    forecaster = make().fit(airline[:100])
    before, weights = forecaster.predict(fh=FH), weights_of(forecaster)
    forecaster.update_predict(airline[100:], ExpandingWindowSplitter(fh=FH))
    assert forecaster.cutoff[0] == airline.index[99]
    assert_same_weights(weights_of(forecaster), weights)
    pd.testing.assert_series_equal(forecaster.predict(fh=FH), before)


def test_update_predict_over_training_rows_reads_none_after_the_cutoff(shampoo):
    forecaster = make(theta_share=0).fit(shampoo)
    cv = ExpandingWindowSplitter(fh=FH, initial_window=WINDOW, step_length=5)
    forecasts = forecaster.update_predict(shampoo, cv, update_params=False)
    by_hand = network_forecasts(forecaster, shampoo.to_numpy())
    cutoffs = [shampoo.index[seen[-1]] for seen, _ in cv.split(shampoo)]
    assert len(cutoffs) == 6
    for i, cutoff in enumerate(cutoffs):
        found = forecasts[cutoff].dropna().to_numpy()
        np.testing.assert_allclose(found, by_hand[5 * i, :, 0], rtol=1e-4)


@pytest.mark.parametrize("update_params", [True, False])
def test_update_predict_is_blind_to_rows_after_each_cutoff(update_params, airline):
    cv = ExpandingWindowSplitter(fh=FH, initial_window=6, step_length=12)
    forecaster = make().fit(airline[:100])
    truth = airline[100:]
    changed = truth.copy()
    changed.iloc[20:] *= 3.0
    one, other = (
        forecaster.update_predict(y, cv, update_params=update_params)
        for y in (truth, changed)
    )
    # Cutoffs after 6 and 18 new rows lie before the change, the third behind it.
    for cutoff in truth.index[[5, 17]]:
        pd.testing.assert_series_equal(one[cutoff].dropna(), other[cutoff].dropna())
    third = truth.index[29]
    assert not np.allclose(one[third].dropna(), other[third].dropna(), rtol=0.1)


def test_update_predict_takes_the_rows_of_X_that_each_cutoff_needs(us_change):
    y, X = us_change
    forecaster = make().fit(y=y[:150], X=X[:150])
    cv = ExpandingWindowSplitter(fh=FH, initial_window=5, step_length=10)
    forecasts = forecaster.update_predict(y[150:-3], cv, X=X[150:], update_params=False)
    by_hand = deepcopy(forecaster)
    by_hand.update(y[150:165], X=X[150:165], update_params=False)
    expected = by_hand.predict(fh=FH, X=X[165:168])
    np.testing.assert_array_equal(forecasts[164].dropna(), expected)


# Data types and indices -------------------------------------------------------


def test_multivariate_y_is_learned_and_forecast_jointly(economy):
    y, _ = economy
    forecaster = make().fit(y=y)
    forecast = forecaster.predict(fh=FH)
    assert list(forecast.columns) == list(y.columns)
    expected = network_forecasts(forecaster, y.to_numpy())[-1]
    np.testing.assert_allclose(forecast, expected, rtol=1e-4)

    # The past of one column is an input of the other's forecast.
    changed = y[-2:].copy()
    changed["unemp"] += [3.0, 0.0]
    forecaster.update(changed, update_params=False)
    moved = forecaster.predict(fh=FH)["infl"] - forecast["infl"]
    assert moved.abs().min() > 1e-3


@both_classes
def test_forecasts_react_to_concurrent_X_at_their_own_step_only(cls, us_change):
    y, X = us_change
    forecaster = make(cls).fit(y=y[:-6], X=X[:-6])
    fh = np.arange(1, 7)
    ahead = X[-6:]
    forecast = forecaster.predict(fh=fh, X=ahead)
    for step in fh:
        changed = ahead.copy()
        changed.iloc[step - 1] += 5.0
        moved = (forecaster.predict(fh=fh, X=changed) - forecast).abs().to_numpy()
        np.testing.assert_array_equal(moved[: step - 1], 0)
        assert moved[step - 1] > 1e-3


@both_classes
def test_shifted_X_is_not_needed_up_to_the_horizon(cls, us_change):
    y, X = us_change
    past_X = X[:-6]
    forecaster = make(cls, X_treatment="shifted").fit(y=y[:-6], X=past_X)
    forecast = forecaster.predict(fh=FH)
    with_X = forecaster.predict(fh=FH, X=X[-6:] * 100)
    pd.testing.assert_series_equal(forecast, with_X)

    # Yet the past of X counts, in forecasts and in sample.
    other = deepcopy(forecaster)
    other.update(y[-9:-6], X=past_X[-3:] + 5.0, update_params=False)
    assert (other.predict(fh=FH) - forecast).abs().min() > 1e-3


def test_shifted_X_beyond_the_horizon_is_needed_up_to_the_last_block(us_change):
    y, X = us_change
    forecaster = make(X_treatment="shifted").fit(y=y[:-6], X=X[:-6])
    fh = np.arange(1, 7)
    with pytest.raises(ValueError, match="X is missing"):
        forecaster.predict(fh=fh)
    forecast = forecaster.predict(fh=fh, X=X[-6:])
    pd.testing.assert_series_equal(forecaster.predict(fh=fh, X=X[-6:-3]), forecast)
    changed = X[-6:].copy()
    changed.iloc[:3] += 5.0
    moved = (forecaster.predict(fh=fh, X=changed) - forecast).abs().to_numpy()
    np.testing.assert_array_equal(moved[:3], 0)
    assert moved[3:].min() > 1e-3


def test_treatment_may_differ_by_column(us_change):
    y, X = us_change
    treatment = {"Income": "shifted", "Savings": "concurrent"}
    # So short a training may not be better than its start, where X of the step to
    # forecast has no weight yet.
    forecaster = make(X_treatment=treatment, early_stopping=False)
    forecaster.fit(y=y[:-3], X=X[:-3])
    forecast = forecaster.predict(fh=FH, X=X[-3:])
    for column, reacts in (("Income", False), ("Savings", True)):
        changed = X[-3:].copy()
        changed[column] += 5.0
        moved = (forecaster.predict(fh=FH, X=changed) - forecast).abs().to_numpy()
        assert (moved > 1e-3).all() if reacts else (moved == 0).all()


def test_columns_of_X_are_found_by_name(us_change):
    y, X = us_change
    forecaster = make().fit(y=y[:-3], X=X[:-3])
    forecast = forecaster.predict(fh=FH, X=X[-3:])
    swapped = forecaster.predict(fh=FH, X=X[-3:][["Savings", "Income"]])
    pd.testing.assert_series_equal(swapped, forecast)


N_AHEAD = 8
N_SHAMPOO = 36
N_TIMES = N_SHAMPOO + N_AHEAD
# Every type of index that sktime allows, with the times after the data.
INDICES = {
    "range": pd.RangeIndex(N_TIMES),
    "range-from-7": pd.RangeIndex(7, N_TIMES + 7),
    "integers-from-minus-5": pd.Index(np.arange(N_TIMES) - 5),
    "period-Y": pd.period_range("1990", periods=N_TIMES, freq="Y"),
    "period-Q-NOV": pd.period_range("1990Q2", periods=N_TIMES, freq="Q-NOV"),
    "period-M": pd.period_range("1990-11", periods=N_TIMES, freq="M"),
    "period-W-WED": pd.period_range("1990-01-04", periods=N_TIMES, freq="W-WED"),
    "period-D": pd.period_range("1992-02-01", periods=N_TIMES, freq="D"),
    "period-2h": pd.period_range("1990-01-01", periods=N_TIMES, freq="2h"),
    "MS": pd.date_range("1990-11-01", periods=N_TIMES, freq="MS"),
    "ME": pd.date_range("1990-11-30", periods=N_TIMES, freq="ME"),
    "QS-OCT": pd.date_range("1990-10-01", periods=N_TIMES, freq="QS-OCT"),
    "W-SUN": pd.date_range("1990-01-07", periods=N_TIMES, freq="W-SUN"),
    "B": pd.date_range("1990-01-01", periods=N_TIMES, freq="B"),
    "C": pd.date_range("1990-01-01", periods=N_TIMES, freq="C"),
    "D-across-summer-time": pd.date_range(
        "1990-03-01", periods=N_TIMES, freq="D", tz="Europe/Berlin"
    ),
    "15min": pd.date_range("1990-01-01", periods=N_TIMES, freq="15min"),
}


def forget_frequency(index):
    return pd.DatetimeIndex(index.to_numpy(), freq=None)


INFERABLE = {
    f"{name}-not-stored": forget_frequency(INDICES[name])
    for name in ("MS", "W-SUN", "B", "15min")
}


@pytest.fixture
def numbered(shampoo):
    return shampoo.reset_index(drop=True)


@pytest.mark.parametrize("name", [*INDICES, *INFERABLE])
def test_forecasts_are_those_of_numbered_rows_on_the_times_of_any_index(name, numbered):
    times = (INDICES | INFERABLE)[name]
    fh = np.array([-3, 0, 1, 5])
    expected = make(sp=1).fit(numbered, fh=fh).predict()
    y = numbered.set_axis(times[:N_SHAMPOO])
    forecaster = make(sp=1).fit(y, fh=fh)
    forecast = forecaster.predict()
    np.testing.assert_array_equal(forecast, expected)
    wanted = times[N_SHAMPOO - 1 + fh]
    assert type(forecast.index) is type(wanted) or name.startswith("range")
    assert list(forecast.index) == list(wanted)

    if name == "C":
        return  # Custom calendars have no periods, which sktime counts absolute fh in.
    absolute = ForecastingHorizon(wanted, is_relative=False)
    again = make(sp=1).fit(y).predict(fh=absolute)
    np.testing.assert_array_equal(again, expected)
    assert list(again.index) == list(wanted)


@pytest.mark.parametrize("name", [*INDICES, *INFERABLE])
def test_update_appends_on_any_index(name, numbered):
    times = (INDICES | INFERABLE)[name][:N_SHAMPOO]
    y = numbered.set_axis(times)
    expected = make(sp=1).fit(numbered[:30])
    forecaster = make(sp=1).fit(y[:30])
    for seen in (slice(30, 31), slice(31, N_SHAMPOO)):
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message=".*steps are missing")
            forecaster.update(y[seen], update_params=False)
        expected.update(numbered[seen], update_params=False)
        # A single row has no frequency of its own: the next times come from before.
        assert forecaster.cutoff[0] == times[seen][-1]
    fh = np.array([-9, 1, 5])
    forecast = forecaster.predict(fh=fh)
    np.testing.assert_array_equal(forecast, expected.predict(fh=fh))
    all_times = (INDICES | INFERABLE)[name]
    assert list(forecast.index) == list(all_times[N_SHAMPOO - 1 + fh])


@pytest.mark.parametrize("name", ["period-M", "MS", "B", "range-from-7"])
def test_X_is_found_on_any_index(name, us_change):
    y, X = us_change
    expected = make(theta_share=0).fit(y=y[:-6], X=X[:-6]).predict(fh=[1, 5], X=X[-6:])
    start = {"period-M": "M", "MS": "MS", "B": "B"}.get(name)
    if name.startswith("period"):
        times = pd.period_range("1990-01", periods=len(y), freq=start)
    elif start:
        times = pd.date_range("1990-01-01", periods=len(y), freq=start)
    else:
        times = pd.RangeIndex(7, len(y) + 7)
    y, X = y.set_axis(times), X.set_axis(times)
    forecast = make(theta_share=0).fit(y=y[:-6], X=X[:-6]).predict(fh=[1, 5], X=X[-6:])
    np.testing.assert_array_equal(forecast, expected)


@pytest.fixture
def trading_days(airline):
    """Business days without their holidays: no frequency can be inferred."""
    days = pd.bdate_range("2021-01-04", periods=len(airline) + 2).delete([10, 30])
    y = airline.astype(float).set_axis(days)
    assert y.index.freq is None
    assert pd.infer_freq(y.index) is None
    return y


@both_classes
def test_trading_days_are_predicted_by_position_in_sample(cls, trading_days):
    numbered = make(cls).fit(trading_days.reset_index(drop=True))
    forecaster = make(cls).fit(trading_days, fh=[1, 2])
    steps = np.array([-140, -114, -113, -5, 0])
    expected = numbered.predict(fh=steps)
    wanted = trading_days.index[len(trading_days) - 1 + steps]
    for fh in (steps, wanted, ForecastingHorizon(wanted, is_relative=False)):
        forecast = forecaster.predict(fh=fh)
        np.testing.assert_array_equal(forecast, expected)
        assert list(forecast.index) == list(wanted)


@pytest.mark.parametrize(
    "fh", [[1], [0, 1, 2], pd.DatetimeIndex(["2021-07-27", "2021-07-28"])], ids=repr
)
def test_trading_days_out_of_sample_say_what_to_do(fh, trading_days):
    forecaster = make().fit(trading_days)
    message = r"no frequency.*asfreq\('B'\).*to_period.*reset_index"
    with pytest.raises(ValueError, match=message):
        forecaster.predict(fh=fh)
    assert np.isfinite(forecaster.predict(fh=[0])).all()


def test_what_the_error_on_trading_days_suggests_works(trading_days):
    for y in (
        trading_days.asfreq("B").ffill(),
        trading_days.asfreq("B").ffill().to_period("B"),
        trading_days.reset_index(drop=True),
    ):
        forecast = make().fit(y).predict(fh=FH)
        assert np.isfinite(forecast).all()
        assert (forecast.index > y.index[-1]).all()


def test_numbered_rows_that_are_three_apart_are_forecast_three_apart():
    y = pd.Series(np.arange(20.0), index=pd.RangeIndex(100, 160, 3, name="row"))
    forecaster = make().fit(y)
    expected = make().fit(y.reset_index(drop=True)).predict([-2, 0, 1, 4])
    labels = pd.Index([151, 157, 160, 169], name="row")
    for fh in ([-2, 0, 1, 4], ForecastingHorizon(labels, is_relative=False)):
        found = forecaster.predict(fh)
        assert list(found.index) == list(labels)
        np.testing.assert_array_equal(found, expected)
    between = ForecastingHorizon([158], is_relative=False)
    with pytest.raises(ValueError, match="rows are 3 apart, the last one at 157"):
        forecaster.predict(between)


def test_x_of_numbered_rows_that_are_three_apart_is_found():
    y, X = pd.Series(np.arange(23.0)), pd.DataFrame({"x": np.cos(np.arange(23.0))})
    expected = make().fit(y[:20], X[:20]).predict([1, 3], X=X[20:])
    y.index = X.index = pd.RangeIndex(100, 169, 3)
    found = make().fit(y[:20], X[:20]).predict([1, 3], X=X[20:])
    assert list(found.index) == [160, 166]
    np.testing.assert_array_equal(found, expected)


def test_trading_days_can_be_updated(trading_days):
    forecaster = make().fit(trading_days[:100])
    forecaster.update(trading_days[100:], update_params=False)
    assert forecaster.cutoff[0] == trading_days.index[-1]
    by_position = make().fit(trading_days.reset_index(drop=True)[:100])
    by_position.update(trading_days.reset_index(drop=True)[100:], update_params=False)
    fh = np.arange(-60, 1)
    forecast = forecaster.predict(fh=fh)
    np.testing.assert_array_equal(forecast, by_position.predict(fh=fh))


def test_stock_prices_are_predicted_in_sample_and_forecast_as_business_days():
    path = Path(__file__).parents[2] / "shared/data/stocks"
    if not path.is_dir():
        pytest.skip(f"needs the stock prices in {path}")
    table = pd.read_csv(
        next(path.glob("MSFT*.csv")), index_col="Date", parse_dates=True
    )
    close = table["Close"][:200]
    forecaster = make().fit(close)
    inside = forecaster.predict(fh=close.index[1:])
    # Tomorrow's price is about today's.
    assert np.abs(inside / close[1:] - 1).median() < 0.02
    with pytest.raises(ValueError, match="asfreq"):
        forecaster.predict(fh=[1])
    days = close.asfreq("B").ffill()
    forecast = make().fit(days).predict(fh=FH)
    assert list(forecast.index) == list(
        pd.bdate_range(days.index[-1], periods=4, freq="B")[1:]
    )
    assert np.abs(forecast / close.iloc[-1] - 1).max() < 0.1


@both_classes
def test_numpy_y_forecasts_what_a_series_does(cls, shampoo):
    expected = make(cls, theta_share=0).fit(shampoo, fh=[-2, 1, 4]).predict().to_numpy()
    for y in (shampoo.to_numpy(), shampoo.to_numpy()[:, None]):
        for forecaster in (
            make(cls, theta_share=0).fit(y=y, fh=[-2, 1, 4]),
            make(cls, theta_share=0).fit(y),
        ):
            forecast = forecaster.predict(fh=[-2, 1, 4])
            assert isinstance(forecast, np.ndarray)
            assert forecast.shape in {(3,), (3, 1)}
            np.testing.assert_array_equal(forecast.ravel(), expected)


def test_numpy_y_of_two_columns_and_numpy_X_forecast_what_frames_do(economy):
    y, X = (data.reset_index(drop=True) for data in economy)
    expected = make().fit(y=y[:-3], X=X[:-3]).predict(fh=FH, X=X[-3:])
    y, X = y.to_numpy(), X.to_numpy()
    forecast = make().fit(y=y[:-3], X=X[:-3]).predict(fh=FH, X=X[-3:])
    np.testing.assert_array_equal(forecast, expected)


def test_lynx_in_a_frame_of_one_column_keeps_its_form():
    y = load_lynx()
    expected = make().fit(y).predict(fh=FH)
    forecast = make().fit(y=y.to_frame("lynx")).predict(fh=FH)
    pd.testing.assert_frame_equal(forecast, expected.to_frame("lynx"))
    assert expected.name == y.name


@both_classes
def test_a_plain_network_starts_as_keras_does(cls, airline):
    # After steps of no size the weights are those it started with.
    plain = {"window_scaling": None, "linear_skip": False, "learning_rate": 1e-30}
    head = weights_of(make(cls, **plain).fit(airline))[-2]
    assert head.std() > 0.1
    # Ours starts as the naive forecast, a constant at itself.
    ours = plain | {"window_scaling": "standard"}
    assert not weights_of(make(cls, **ours).fit(airline))[-2].any()
    constant = airline * 0.0 + 7.0
    assert not weights_of(make(cls, **plain).fit(constant))[-2].any()


# Forecasting horizons ---------------------------------------------------------


@both_classes
def test_fh_in_fit_or_in_predict_is_the_same_with_a_fixed_horizon(cls, airline):
    late = make(cls).fit(airline).predict(fh=FH)
    early = make(cls).fit(airline, fh=FH).predict()
    pd.testing.assert_series_equal(late, early)


@pytest.mark.parametrize(
    ("fh", "expected"),
    [
        ([1, 2, 5], 5),
        (5, 5),
        (pd.period_range("1961-01", "1961-05", freq="M"), 5),
        (None, 12),
        ([-3, 0], 12),
        # Two seasons are 24 months, a quarter of the rows is 36.
        (range(1, 100), 36),
    ],
    ids=str,
)
def test_automatic_horizon_is_the_last_step_that_fit_knows(fh, expected, airline):
    forecaster = make(horizon="auto", epochs=1).fit(airline, fh=fh)
    assert forecaster.horizon_ == expected


@both_classes
def test_fh_beyond_the_horizon_rolls_blocks_forward(cls, airline):
    forecaster = make(cls, theta_share=0).fit(airline)
    far = forecaster.predict(fh=np.arange(1, 8))
    for n_steps in range(1, 7):
        near = forecaster.predict(fh=np.arange(1, n_steps + 1))
        pd.testing.assert_series_equal(far[:n_steps], near)

    # The second block is what the first one, taken for true, would lead to.
    believed = deepcopy(forecaster).update(far[:HORIZON], update_params=False)
    np.testing.assert_allclose(believed.predict(fh=FH), far[HORIZON:6], **CLOSE)


@both_classes
def test_first_block_is_what_the_network_says_of_the_last_window(cls, airline):
    forecaster = make(cls, theta_share=0).fit(airline)
    expected = network_forecasts(forecaster, airline.to_numpy())[-1, :, 0]
    np.testing.assert_allclose(forecaster.predict(fh=FH), expected, rtol=1e-4)
    # Else the next test would compare naive forecasts.
    assert np.abs(expected - airline.iloc[-1]).min() > 1


def test_fh_with_holes_takes_the_steps_it_names(airline):
    forecaster = make().fit(airline)
    every = forecaster.predict(fh=np.arange(-6, 10))
    for fh in ([2], [7, 9], [-5, 0, 1, 4]):
        some = forecaster.predict(fh=fh)
        expected = every.loc[airline.index[-1] + np.array(fh)]
        np.testing.assert_allclose(some, expected, **CLOSE)
        assert list(some.index) == list(expected.index)


def test_absolute_fh_equals_relative(airline):
    forecaster = make().fit(airline)
    times = pd.PeriodIndex(["1960-10", "1960-12", "1961-02", "1961-09"], freq="M")
    relative = forecaster.predict(fh=[-2, 0, 2, 9])
    for fh in (times, ForecastingHorizon(times, is_relative=False)):
        pd.testing.assert_series_equal(forecaster.predict(fh=fh), relative)
        pd.testing.assert_series_equal(make().fit(airline, fh=fh).predict(), relative)


def test_absolute_fh_stays_where_it_is_when_the_cutoff_moves(airline):
    times = pd.PeriodIndex(["1959-01", "1959-06"], freq="M")
    fh = ForecastingHorizon(times, is_relative=False)
    forecaster = make().fit(airline[:"1958-06"], fh=fh)
    forecaster.update(airline["1958-07":"1958-12"], update_params=False)
    forecast = forecaster.predict()
    assert list(forecast.index) == list(times)
    np.testing.assert_array_equal(forecast, forecaster.predict(fh=[1, 6]))


def test_fh_before_the_first_row_is_refused(shampoo):
    forecaster = make().fit(shampoo)
    assert np.isfinite(forecaster.predict(fh=[-35])).all()
    with pytest.raises(ValueError, match="36 rows seen start at step -35"):
        forecaster.predict(fh=[-36])


# In sample --------------------------------------------------------------------


@both_classes
def test_in_sample_predictions_are_finite_one_step_forecasts(cls, airline):
    forecaster = make(cls, theta_share=0).fit(airline)
    inside = forecaster.predict(fh=airline.index)
    assert list(inside.index) == list(airline.index)
    assert np.isfinite(inside).all()
    by_hand = network_forecasts(forecaster, airline.to_numpy())[:-1, 0, 0]
    np.testing.assert_allclose(inside[WINDOW:], by_hand, rtol=1e-4)


@both_classes
def test_in_sample_predictions_equal_forecasts_from_each_cutoff(cls, shampoo):
    forecaster = make(cls).fit(shampoo)
    inside = forecaster.predict(fh=shampoo.index)
    # From one row on: windows that reach back before the data are padded alike.
    cv = ExpandingWindowSplitter(fh=[1], initial_window=1)
    outside = forecaster.update_predict(shampoo, cv, update_params=False)
    assert len(outside) == len(shampoo) - 1
    np.testing.assert_allclose(inside[1:], outside, **CLOSE)


@both_classes
def test_no_later_value_changes_an_earlier_in_sample_prediction(cls, economy):
    y, X = economy
    forecaster = make(cls).fit(y=y, X=X)
    before = forecaster.predict(fh=y.index)
    first = 150
    changed_y, changed_X = y[first:] * 2 + 7, X[first:].copy()
    # The row's own X is known at its time, its own y is not.
    changed_X.iloc[1:] += 11.0
    forecaster.update(changed_y, X=changed_X, update_params=False)
    after = forecaster.predict(fh=y.index)
    pd.testing.assert_frame_equal(after[: first + 1], before[: first + 1])
    moved = (after - before)[first + 1 :].abs()
    assert moved.max(axis=1).min() > 1e-3


@both_classes
@pytest.mark.parametrize("scaler", ["standard", "minmax", "robust", None])
def test_the_first_row_which_has_no_past_is_predicted_as_the_mean(cls, scaler, shampoo):
    forecaster = make(cls, scaler=scaler).fit(shampoo)
    (first,) = forecaster.predict(fh=shampoo.index[:1])
    assert first == pytest.approx(shampoo.mean())


@both_classes
@pytest.mark.parametrize("fh", [None, FH], ids=str)
def test_residuals_of_the_rows_seen_need_no_y(cls, fh, airline):
    seen = airline[:100]
    expected = seen - make(cls).fit(seen).predict(fh=seen.index)
    residuals = make(cls).fit(seen, fh=fh).predict_residuals()
    np.testing.assert_allclose(np.ravel(residuals), expected, atol=1e-6)
    assert list(residuals.index) == list(seen.index)


# Update -----------------------------------------------------------------------


@both_classes
def test_update_without_params_forecasts_from_the_longer_history(cls, airline):
    forecaster = make(cls, theta_share=0).fit(airline[:100])
    weights = weights_of(forecaster)
    forecaster.update(airline[100:120], update_params=False)
    forecaster.update(airline[120:], update_params=False)
    assert forecaster.cutoff[0] == airline.index[-1]
    assert_same_weights(weights_of(forecaster), weights)
    forecast = forecaster.predict(fh=FH)
    assert list(forecast.index) == list(airline.index[-1] + np.array(FH))
    expected = network_forecasts(forecaster, airline.to_numpy())[-1, :, 0]
    np.testing.assert_allclose(forecast, expected, rtol=1e-4)


def test_update_without_params_remembers_X(us_change):
    y, X = us_change
    forecaster = make().fit(y=y[:150], X=X[:150])
    forecasts = []
    for shift in (0.0, 5.0):
        updated = deepcopy(forecaster)
        updated.update(y[150:160], X=X[150:160] + shift, update_params=False)
        forecasts.append(updated.predict(fh=FH, X=X[160:163]))
    assert (forecasts[0] - forecasts[1]).abs().max() > 1e-3
    inside = [f.predict(fh=[0], X=X[160:163]) for f in (updated, forecaster)]
    assert inside[0].index[0] == 159
    assert inside[1].index[0] == 149


@pytest.fixture
def count_steps(monkeypatch):
    """Count the optimizer steps taken by any training."""
    from skl_lstm._engine.program import Program

    taken = []
    train = Program.train

    def counted(self, state, data, batches, rates):
        taken.append(len(batches))
        return train(self, state, data, batches, rates)

    monkeypatch.setattr(Program, "train", counted)
    return lambda: sum(taken)


@both_classes
@pytest.mark.parametrize("n_new", [1, 2, 40])
def test_update_with_params_takes_a_few_further_steps(cls, n_new, airline, count_steps):
    forecaster = make(cls).fit(airline[:100])
    weights, n_fitted = weights_of(forecaster), count_steps()
    forecaster.update(airline[100 : 100 + n_new], update_params=True)
    assert 1 <= count_steps() - n_fitted <= 10
    # Never a silent no-op, and never a new training.
    moved = largest_move(weights_of(forecaster), weights)
    assert 0 < moved < 10 * TINY["learning_rate"]
    assert forecaster.cutoff[0] == airline.index[99 + n_new]


def test_update_with_params_leaves_the_forecasts_of_a_copy_alone(airline):
    forecaster = make().fit(airline[:100])
    copy = deepcopy(forecaster)
    before = copy.predict(fh=FH)
    forecaster.update(airline[100:])
    pd.testing.assert_series_equal(copy.predict(fh=FH), before)


def test_update_with_params_is_the_same_each_time(airline):
    forecasts = [
        make().fit(airline[:100]).update(airline[100:130]).predict(fh=FH)
        for _ in range(2)
    ]
    pd.testing.assert_series_equal(*forecasts)


@both_classes
def test_thirty_updates_stay_finite_and_near_the_data(cls, airline):
    forecaster = make(cls).fit(airline[:-30])
    for row in range(len(airline) - 30, len(airline)):
        forecaster.update(airline[row : row + 1], update_params=True)
        forecast = forecaster.predict(fh=FH)
        assert np.isfinite(forecast).all()
    assert forecast.between(airline.min(), 2 * airline.max()).all()
    assert all(np.isfinite(w).all() for w in weights_of(forecaster))


def test_update_with_params_learns_from_the_new_rows(airline):
    # Months in turn high and low, as the network has never seen them.
    times = pd.period_range("1961-01", periods=40, freq="M")
    new = pd.Series(np.tile([300.0, 500.0], 20), index=times)
    errors = {}
    for update_params in (True, False):
        forecaster = make(learning_rate=0.1).fit(airline)
        for _ in range(10):
            forecaster.update(new, update_params=update_params)
        inside = forecaster.predict(fh=times)
        errors[update_params] = np.abs(inside - new).mean()
    assert errors[True] < 0.7 * errors[False]


def test_update_with_params_learns_nothing_from_rows_after_the_cutoff(airline):
    one, other = (make().fit(airline) for _ in range(2))
    other.update(airline[100:] * 3.0, update_params=False)
    for forecaster in (one, other):
        forecaster.update(airline[50:80], update_params=True)
        assert forecaster.cutoff[0] == airline.index[79]
    assert_same_weights(weights_of(one), weights_of(other))
    pd.testing.assert_series_equal(one.predict(fh=FH), other.predict(fh=FH))


def test_update_that_finds_too_few_rows_to_learn_from_says_so(airline):
    forecaster = make().fit(airline)
    weights = weights_of(forecaster)
    # Known rows move the cutoff back to where not one window is complete.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        forecaster.update(airline[:3], update_params=True)
    learned = largest_move(weights_of(forecaster), weights) > 0
    assert learned or any("row" in str(w.message) for w in caught)


@pytest.mark.parametrize("shape", [(-1,), (-1, 1)])
def test_update_appends_numpy_arrays(shape, numbered):
    values = numbered.to_numpy().reshape(shape)
    forecaster = make().fit(y=values[:20])
    forecaster.update(values[20:30], update_params=False)
    forecaster.update(values[30:], update_params=False)
    assert forecaster.cutoff[0] == len(numbered) - 1
    expected = make().fit(numbered[:20])
    expected.update(numbered[20:], update_params=False)
    for fh in (FH, [-20, -3, 0]):
        found = forecaster.predict(fh=fh).ravel()
        np.testing.assert_array_equal(found, expected.predict(fh=fh))


def test_update_appends_numpy_arrays_with_X(us_change):
    y, X = us_change
    expected = make().fit(y=y[:150], X=X[:150])
    expected.update(y[150:160], X=X[150:160], update_params=True)
    ahead = X[160:163]
    forecaster = make().fit(y=y[:150].to_numpy(), X=X[:150].to_numpy())
    new_y, new_X = y[150:160].to_numpy(), X[150:160].to_numpy()
    forecaster.update(new_y, X=new_X, update_params=True)
    forecast = forecaster.predict(fh=FH, X=ahead.to_numpy())
    np.testing.assert_array_equal(forecast.ravel(), expected.predict(fh=FH, X=ahead))


@both_classes
def test_rows_that_update_already_knows_count_once(cls, airline):
    expected = make(cls).fit(airline[:100])
    expected.update(airline[100:120], update_params=False)
    forecaster = make(cls).fit(airline[:100])
    forecaster.update(airline[80:120], update_params=False)
    fh = np.arange(-119, 4)
    pd.testing.assert_series_equal(forecaster.predict(fh=fh), expected.predict(fh=fh))


def test_rows_that_update_corrects_are_replaced(airline):
    corrected = airline.copy()
    corrected.iloc[98:100] += 100
    forecaster = make(theta_share=0).fit(airline[:100])
    before = forecaster.predict(fh=FH)
    forecaster.update(corrected[98:100], update_params=False)
    after = forecaster.predict(fh=FH)
    assert forecaster.cutoff[0] == airline.index[99]
    assert (after - before).min() > 10
    expected = network_forecasts(forecaster, corrected[:100].to_numpy())[-1, :, 0]
    np.testing.assert_allclose(after, expected, rtol=1e-4)


def test_update_after_a_gap_warns_and_fills_it_with_the_last_value(airline):
    forecaster = make().fit(airline[:100])
    with pytest.warns(UserWarning, match="3 steps are missing"):
        forecaster.update(airline[103:110], update_params=False)
    assert forecaster.cutoff[0] == airline.index[109]
    filled = airline[:110].copy()
    filled.iloc[100:103] = airline.iloc[99]
    expected = make().fit(airline[:100])
    expected.update(filled[100:], update_params=False)
    fh = np.arange(-15, 4)
    pd.testing.assert_series_equal(forecaster.predict(fh=fh), expected.predict(fh=fh))


@pytest.mark.parametrize("first", [28, 30], ids=["overlapping", "following"])
@pytest.mark.parametrize("name", ["period-M", "MS", "range"])
def test_a_gap_inside_the_new_rows_is_filled_too(name, first, numbered):
    y = numbered.set_axis(INDICES[name][:N_SHAMPOO])
    forecaster = make().fit(y[:30])
    with pytest.warns(UserWarning, match="2 steps are missing"):
        forecaster.update(y.drop(y.index[[32, 33]])[first:], update_params=False)
    filled = y.copy()
    filled.iloc[32:34] = y.iloc[31]
    expected = make().fit(filled[:30])
    expected.update(filled[30:], update_params=False)
    fh = np.arange(-8, 4)
    pd.testing.assert_series_equal(forecaster.predict(fh=fh), expected.predict(fh=fh))


def test_update_by_one_date_without_a_frequency_keeps_that_of_the_history(airline):
    y = airline.to_timestamp().asfreq("MS")
    expected = make().fit(y[:100])
    expected.update(y[100:101], update_params=False)
    forecaster = make().fit(y[:100])
    # As it comes from a live feed: a value and its date.
    new = pd.Series([y.iloc[100]], index=pd.DatetimeIndex([y.index[100]]))
    forecaster.update(new, update_params=False)
    forecast = forecaster.predict(fh=[0, 1, 5])
    np.testing.assert_array_equal(forecast, expected.predict(fh=[0, 1, 5]))
    assert list(forecast.index) == list(y.index[[100, 101, 105]])


def test_a_failing_update_changes_nothing(airline):
    forecaster = make().fit(airline[:100])
    before, weights = forecaster.predict(fh=FH), weights_of(forecaster)
    new = airline[100:].astype(float)
    new.iloc[3] = np.inf
    with pytest.raises(ValueError, match="infinity"):
        forecaster.update(new)
    assert forecaster.cutoff[0] == airline.index[99]
    assert_same_weights(weights_of(forecaster), weights)
    pd.testing.assert_series_equal(forecaster.predict(fh=FH), before)


# Refitting --------------------------------------------------------------------


@both_classes
def test_refit_starts_from_fresh_weights(cls, airline):
    forecaster = make(cls).fit(airline)
    weights = weights_of(forecaster)
    assert_same_weights(weights_of(forecaster.fit(airline)), weights)
    # Also after anything else the estimator has been through.
    forecaster.update(airline[-10:] * 2)
    forecaster.fit(airline[:90] / 10, fh=[5])
    fresh = make(cls).fit(airline[:90] / 10, fh=[5])
    assert_same_weights(weights_of(forecaster), weights_of(fresh))
    pd.testing.assert_series_equal(forecaster.predict(), fresh.predict())
    assert forecaster.history_ == fresh.history_
    assert largest_move(weights_of(fresh), weights) > 0


def test_another_seed_gives_other_weights(airline):
    one, other = (make(random_state=seed).fit(airline) for seed in (0, 1))
    assert largest_move(weights_of(one), weights_of(other)) > 0.01


@both_classes
def test_warm_start_goes_on_from_the_weights_it_has(cls, airline):
    forecaster = make(cls, warm_start=True).fit(airline)
    weights = weights_of(forecaster)
    assert_same_weights(weights, weights_of(make(cls).fit(airline)))
    # So small a rate cannot move them: the second fit starts where the first ended.
    forecaster.set_params(learning_rate=1e-12).fit(airline)
    assert largest_move(weights_of(forecaster), weights) < 1e-9
    forecaster.set_params(learning_rate=0.02).fit(airline)
    assert largest_move(weights_of(forecaster), weights) > 1e-3
    # Without warm_start it starts afresh again.
    forecaster.set_params(warm_start=False).fit(airline)
    assert_same_weights(weights_of(forecaster), weights)


@both_classes
def test_warm_start_of_another_network_is_refused(cls, airline, economy):
    forecaster = make(cls, warm_start=True).fit(airline)
    before = forecaster.predict(fh=FH)
    with pytest.raises(ValueError, match=r"another network.*warm_start=False"):
        forecaster.fit(y=economy[0])
    pd.testing.assert_series_equal(forecaster.predict(fh=FH), before)
    forecaster.set_params(units=3)
    with pytest.raises(ValueError, match=r"another network.*warm_start=False"):
        forecaster.fit(airline)
    forecaster.set_params(warm_start=False).fit(airline)
    assert np.isfinite(forecaster.predict(fh=FH)).all()


def test_a_clone_knows_nothing_of_warm_weights(airline):
    warm = make(warm_start=True).fit(airline)
    fresh = make(warm_start=True).fit(airline[:90])
    assert_same_weights(weights_of(warm.clone().fit(airline[:90])), weights_of(fresh))


# Other methods ----------------------------------------------------------------


def test_fitted_params_are_numbers_and_build_no_keras_model(airline, monkeypatch):
    import skl_lstm._engine.network as network

    forecaster = make().fit(airline)

    def refuse(*args):
        raise AssertionError("a Keras model was built")

    monkeypatch.setattr(network, "restore_model", refuse)
    with pytest.raises(AssertionError, match="was built"):
        _ = forecaster.model_
    params = forecaster.get_fitted_params()
    assert params["window_length"] == WINDOW
    assert params["horizon"] == HORIZON
    assert params["n_iter"] == TINY["epochs"] == len(params["history"]["loss"])
    assert all(isinstance(w, np.ndarray) for w in params["weights"][0])


@both_classes
def test_fit_predict_is_fit_then_predict(cls, us_change):
    y, X = us_change
    expected = make(cls).fit(y=y, fh=FH).predict()
    for forecast in (
        make(cls).fit_predict(y, fh=FH),
        make(cls).fit_predict(y=y, fh=FH),
    ):
        pd.testing.assert_series_equal(forecast, expected)

    fitted = make(cls).fit(y=y[:-3], X=X[:-3], fh=FH)
    expected = fitted.predict(X=X[-3:])
    for forecast in (
        make(cls).fit_predict(y[:-3], X[:-3], FH, X_pred=X[-3:]),
        make(cls).fit_predict(y=y[:-3], X=X[:-3], fh=FH, X_pred=X[-3:]),
    ):
        pd.testing.assert_series_equal(forecast, expected)


@both_classes
def test_score_is_the_mean_absolute_percentage_error(cls, us_change, airline):
    train, test = airline[:-3], airline[-3:]
    forecaster = make(cls).fit(train)
    forecast = forecaster.predict(fh=FH)
    expected = np.mean(np.abs(test - forecast) / test)
    assert forecaster.score(test, fh=FH) == pytest.approx(expected)
    assert forecaster.score(y=test, fh=FH) == pytest.approx(expected)

    y, X = us_change
    forecaster = make(cls).fit(y=y[:-3], X=X[:-3], fh=FH)
    forecast = forecaster.predict(X=X[-3:])
    expected = np.mean(np.abs((y[-3:] - forecast) / y[-3:]))
    assert forecaster.score(y[-3:], X=X[-3:]) == pytest.approx(expected)


@both_classes
@pytest.mark.parametrize("constant", [0.0, 7.3, -1e-6, 1e9])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"scaler": "minmax"},
        {"scaler": "robust", "window_scaling": None},
        {"linear_skip": False},
        {"scaler": None},
    ],
    ids=str,
)
def test_a_constant_series_is_forecast_as_that_constant(cls, constant, changes):
    y = pd.Series(constant, index=load_shampoo_sales().index)
    forecaster = make(cls, **changes).fit(y)
    forecast = forecaster.predict(fh=np.arange(-35, 8))
    # Without a scaler the numbers themselves travel as float32.
    tolerance = 1e-7 if changes == {"scaler": None} else 1e-12
    np.testing.assert_allclose(forecast, constant, rtol=tolerance, atol=1e-12)


@pytest.mark.parametrize("constant", [0.5, 7.3, 1e9])
def test_a_constant_series_is_forecast_as_that_constant_by_its_logarithm(constant):
    y = pd.Series(constant, index=load_shampoo_sales().index)
    forecast = make(y_transform="log").fit(y).predict(fh=np.arange(-35, 8))
    np.testing.assert_allclose(forecast, constant, rtol=1e-12)
