"""The forecasters inside sktime's own tools, on real data."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import ParameterGrid
from sktime.datasets import (
    load_longley,
    load_PBS_dataset,
)
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
from tests.estimator.sktime_cases import CLOSE, FH, first_class, make

# sktime's tools ---------------------------------------------------------------


@first_class
def test_ensemble_averages_members_on_two_columns_with_X_and_no_fh(cls, economy):
    y, X = economy
    members = [make(cls, random_state=seed) for seed in (0, 1)]
    ensemble = EnsembleForecaster([("a", members[0]), ("b", members[1])])
    forecast = ensemble.fit(y[:-3], X[:-3]).predict(FH, X[-3:])

    each = [m.clone().fit(y=y[:-3], X=X[:-3]).predict(fh=FH, X=X[-3:]) for m in members]
    assert np.abs(each[0] - each[1]).to_numpy().max() > 1e-3
    pd.testing.assert_frame_equal(forecast, (each[0] + each[1]) / 2)


@first_class
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


@first_class
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


@first_class
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


@first_class
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


@first_class
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


@first_class
@pytest.mark.parametrize("selected", ["network", "naive"])
def test_multiplexer_forecasts_as_the_selected_does(cls, selected, airline):
    candidates = {"network": make(cls), "naive": NaiveForecaster(sp=12)}
    multiplexer = MultiplexForecaster(
        list(candidates.items()), selected_forecaster=selected
    )
    forecast = multiplexer.fit(airline, fh=FH).predict()
    expected = candidates[selected].clone().fit(airline, fh=FH).predict()
    pd.testing.assert_series_equal(forecast, expected)


@first_class
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
