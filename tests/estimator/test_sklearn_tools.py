"""The forecasters inside scikit-learn's own tools, on real data."""

import numpy as np
import pytest
import sklearn
from joblib import parallel_backend
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.fixes import parse_version
from sktime.datasets import load_longley

from tests import crossed
from tests.estimator.sklearn_cases import (
    CLASSES,
    FOLDS,
    WEIGHTS,
    X_TEST,
    X_TRAIN,
    Y_TEST,
    Y_TRAIN,
    X,
    Y,
    either_meaning,
    fold_scores,
    make_estimator,
    make_scaled,
)
from tests.estimator.sktime_cases import first_class

# Pipelines -------------------------------------------------------------------------


@first_class
def test_a_pipeline_scales_fits_and_predicts(cls):
    pipeline = make_scaled(make_estimator(cls)).fit(X_TRAIN, Y_TRAIN)
    scaler = StandardScaler().fit(X_TRAIN)
    alone = make_estimator(cls).fit(scaler.transform(X_TRAIN), Y_TRAIN)
    predicted = pipeline.predict(X_TEST)
    np.testing.assert_array_equal(predicted, alone.predict(scaler.transform(X_TEST)))
    assert pipeline.score(X_TEST, Y_TEST) == r2_score(Y_TEST, predicted) > 0.3


@either_meaning
def test_a_pipeline_predicts_test_rows_with_full_windows(autoregressive):
    # The scaler drops the index: test rows then follow the training rows.
    pipeline = make_scaled(make_estimator(autoregressive=autoregressive))
    pipeline.fit(X_TRAIN, Y_TRAIN)
    np.testing.assert_allclose(
        pipeline.predict(X_TEST), pipeline.predict(X)[150:], atol=1e-6
    )


def test_pandas_output_carries_names_and_times_to_the_forecaster():
    pipeline = make_scaled(make_estimator()).set_output(transform="pandas")
    pipeline.fit(X_TRAIN, Y_TRAIN)
    est = pipeline["lstm"]
    assert list(est.feature_names_in_) == list(X.columns)
    # By its times the forecaster sees that a row is missing, and pads the window.
    late = X_TEST[1:]
    rows = pipeline["scale"].transform(late).to_numpy()
    expected = est._fitted.model.predict_rows(rows, None)[:, 0]
    np.testing.assert_array_equal(pipeline.predict(late), expected)
    followed = make_scaled(make_estimator()).fit(X_TRAIN, Y_TRAIN).predict(late)
    assert abs(followed - expected)[0] > 1e-3
    np.testing.assert_allclose(followed[3:], expected[3:], atol=1e-6)


@either_meaning
@pytest.mark.parametrize("y_transform", [None, "log"])
def test_pandas_output_switched_on_changes_no_prediction(autoregressive, y_transform):
    y = np.exp(Y_TRAIN)
    est = make_estimator(autoregressive=autoregressive, y_transform=y_transform)
    expected = est.fit(X_TRAIN, y).predict(X_TEST)
    # Fitted and asked under either setting.
    with sklearn.config_context(transform_output="pandas"):
        np.testing.assert_array_equal(est.predict(X_TEST), expected)
        est.fit(X_TRAIN, y)
        np.testing.assert_array_equal(est.predict(X_TEST), expected)
    np.testing.assert_array_equal(est.predict(X_TEST), expected)


@pytest.mark.parametrize("how", ["set_output", "config"])
def test_a_pipeline_with_pandas_output_refuses_a_frame_as_target(how):
    def fit_predict(y):
        pipeline = make_pipeline(StandardScaler(), make_estimator())
        if how == "set_output":
            pipeline.set_output(transform="pandas")
            return pipeline.fit(X_TRAIN, y).predict(X_TEST)
        with sklearn.config_context(transform_output="pandas"):
            return pipeline.fit(X_TRAIN, y).predict(X_TEST)

    with pytest.raises(TypeError, match=r"two DataFrames.*pipeline.*`y\.squeeze\(\)`"):
        fit_predict(Y_TRAIN.to_frame())
    predicted = fit_predict(Y_TRAIN)
    assert r2_score(Y_TEST, predicted) > 0.3
    for y in (Y_TRAIN.to_frame().squeeze(), Y_TRAIN.to_numpy()):
        np.testing.assert_array_equal(fit_predict(y), predicted)


def test_the_diagram_of_a_fitted_pipeline_names_the_forecaster():
    pipeline = make_scaled(make_estimator())
    assert "Not fitted" in pipeline._repr_html_()
    diagram = pipeline.fit(X_TRAIN, Y_TRAIN)._repr_html_()
    assert "LSTMForecaster" in diagram
    assert "StandardScaler" in diagram
    assert "Not fitted" not in diagram
    assert "window_length" in pipeline["lstm"]._repr_html_()


# Model selection -------------------------------------------------------------------


# A search in processes is in test_processes.py, too.
@pytest.mark.parametrize(
    "backend", [pytest.param("loky", marks=pytest.mark.slow), "threading"]
)
def test_a_grid_search_in_parallel_equals_a_serial_one(backend):
    def search(n_jobs):
        pipeline = make_scaled(make_estimator())
        grid = {"lstm__learning_rate": [1e-12, 0.01], "lstm__linear_skip": [False]}
        search = GridSearchCV(pipeline, grid, cv=FOLDS, n_jobs=n_jobs)
        with parallel_backend(backend):
            return search.fit(X_TRAIN, Y_TRAIN)

    serial, parallel = search(n_jobs=None), search(n_jobs=2)
    for fold in range(3):
        name = f"split{fold}_test_score"
        np.testing.assert_array_equal(
            parallel.cv_results_[name], serial.cv_results_[name]
        )
    # It finds the candidate that learns; the other one is the training mean.
    assert parallel.best_params_ == serial.best_params_
    assert parallel.best_params_["lstm__learning_rate"] == 0.01
    np.testing.assert_array_equal(parallel.predict(X_TEST), serial.predict(X_TEST))


@crossed(2, slow=CLASSES[1:], cls=CLASSES, autoregressive=[False, True])
def test_cross_validation_scores_are_those_of_the_folds(cls, autoregressive):
    est = make_estimator(cls, autoregressive=autoregressive, horizon=4)
    scores = cross_val_score(est, X, Y, cv=FOLDS)
    np.testing.assert_array_equal(scores, fold_scores(est))
    assert len(set(scores)) == 3
    by_name = cross_val_score(est, X, Y, cv=FOLDS, scoring="r2")
    np.testing.assert_array_equal(by_name, scores)


@crossed(2, slow=CLASSES[1:], cls=CLASSES, autoregressive=[False, True])
def test_permutation_importance_tells_the_driver_from_noise(cls, autoregressive):
    noise = np.random.default_rng(0).normal(size=len(X))
    rows = X.drop(columns="Unemployment").assign(Noise=noise)
    est = make_estimator(cls, autoregressive=autoregressive, horizon=4)
    est.fit(rows[:150], Y_TRAIN)
    found = permutation_importance(est, rows[150:], Y_TEST, random_state=0)
    importance = dict(zip(rows.columns, found.importances_mean, strict=True))
    assert importance["Income"] > 0.5
    assert importance["Income"] > 2 * abs(importance["Noise"])


# Around other estimators -----------------------------------------------------------


@first_class
def test_a_transformed_target_is_learned_and_transformed_back(cls):
    y, rows = load_longley()
    est = make_estimator(cls)
    around = TransformedTargetRegressor(est, func=np.log, inverse_func=np.exp)
    predicted = around.fit(rows[:12], y[:12]).predict(rows[12:])
    alone = make_estimator(cls).fit(rows[:12], np.log(y[:12]))
    np.testing.assert_array_equal(predicted, np.exp(alone.predict(rows[12:])))
    # The last level known is 2,800 off in the mean.
    assert np.abs(predicted - y[12:]).mean() < 5_000


def test_several_targets_are_transformed_and_transformed_back():
    # scikit-learn passes the features as a frame, the targets as an array.
    targets = X[["Savings", "Unemployment"]]
    rows = X[["Income", "Production"]].assign(Consumption=Y)
    around = TransformedTargetRegressor(make_estimator(), transformer=MinMaxScaler())
    predicted = around.fit(rows, targets).predict(rows)
    scaler = MinMaxScaler().fit(targets)
    alone = make_estimator().fit(rows, scaler.transform(targets)).predict(rows)
    np.testing.assert_allclose(predicted, scaler.inverse_transform(alone), rtol=1e-6)
    assert r2_score(targets, predicted) > 0.2


def test_a_stack_learns_from_predictions_of_its_folds():
    est, n_folds = make_estimator(), 4
    stack = StackingRegressor(
        [("lstm", est), ("ridge", Ridge())], LinearRegression(), cv=KFold(n_folds)
    )
    stack.fit(X_TRAIN, Y_TRAIN)
    by_lstm = stack.transform(X_TEST)[:, 0]
    np.testing.assert_array_equal(by_lstm, est.fit(X_TRAIN, Y_TRAIN).predict(X_TEST))
    held_out = np.full(150, np.nan)
    for train, test in KFold(n_folds).split(X_TRAIN):
        est.fit(X_TRAIN.iloc[train], Y_TRAIN.iloc[train])
        held_out[test] = est.predict(X_TRAIN.iloc[test])
    ridge = Ridge()
    second = np.concatenate(
        [
            ridge.fit(X_TRAIN.iloc[train], Y_TRAIN.iloc[train]).predict(
                X_TRAIN.iloc[test]
            )
            for train, test in KFold(n_folds).split(X_TRAIN)
        ]
    )
    final = LinearRegression().fit(np.column_stack([held_out, second]), Y_TRAIN)
    np.testing.assert_allclose(stack.final_estimator_.coef_, final.coef_, rtol=1e-6)
    assert stack.final_estimator_.coef_[0] > 0.1
    assert stack.score(X_TEST, Y_TEST) > 0.3


def test_a_stack_takes_fitted_forecasters():
    fitted = make_estimator().fit(X_TRAIN[:100], Y_TRAIN[:100])
    stack = StackingRegressor([("lstm", fitted)], LinearRegression(), cv="prefit")
    stack.fit(X_TRAIN[100:], Y_TRAIN[100:])
    by_lstm = stack.transform(X_TRAIN[100:])[:, 0]
    np.testing.assert_array_equal(by_lstm, fitted.predict(X_TRAIN[100:]))
    slope = stack.final_estimator_.coef_[0]
    assert slope > 0.05
    np.testing.assert_allclose(
        stack.predict(X_TEST),
        stack.final_estimator_.intercept_ + slope * fitted.predict(X_TEST),
    )


# Metadata routing ------------------------------------------------------------------


def weighted_scores(est):
    scores = []
    for train, test in FOLDS.split(X):
        predicted = est.fit(X.iloc[train], Y.iloc[train]).predict(X.iloc[test])
        truth, weights = Y.iloc[test], WEIGHTS[test]
        scores.append(r2_score(truth, predicted, sample_weight=weights))
    return scores


def test_metadata_routing_brings_weights_to_the_score_of_a_search():
    with sklearn.config_context(enable_metadata_routing=True):
        est = make_estimator().set_score_request(sample_weight=True)
        est.set_fit_request(sample_weight=False)
        search = GridSearchCV(est, {"units": [3]}, cv=FOLDS)
        search.fit(X, Y, sample_weight=WEIGHTS)
        request = search.best_estimator_.get_metadata_routing().score.requests
    found = [search.cv_results_[f"split{fold}_test_score"][0] for fold in range(3)]
    np.testing.assert_allclose(found, weighted_scores(make_estimator()))
    # Neither cloning nor sktime's reset at fit has lost the request.
    assert request["sample_weight"] is True


@pytest.mark.skipif(
    parse_version(sklearn.__version__) < parse_version("1.9"),
    reason="the score of a pipeline asks for sample_weight itself (scikit-learn 1.7)",
)
def test_metadata_routing_brings_weights_through_a_pipeline():
    with sklearn.config_context(enable_metadata_routing=True):
        scaler = StandardScaler().set_fit_request(sample_weight=False)
        est = make_estimator().set_score_request(sample_weight=True)
        est.set_fit_request(sample_weight=False)
        search = GridSearchCV(
            make_scaled(est).set_params(scale=scaler), {"lstm__units": [3]}, cv=FOLDS
        )
        search.fit(X, Y, sample_weight=WEIGHTS)
    found = [search.cv_results_[f"split{fold}_test_score"][0] for fold in range(3)]
    pipeline = make_scaled(make_estimator())
    np.testing.assert_allclose(found, weighted_scores(pipeline))


def test_metadata_routing_refuses_weights_that_nobody_asked_for():
    with sklearn.config_context(enable_metadata_routing=True):
        search = GridSearchCV(make_estimator(), {"units": [3]}, cv=FOLDS)
        error = sklearn.exceptions.UnsetMetadataPassedError
        with pytest.raises(error, match=r"sample_weight.*LSTMForecaster\.fit"):
            search.fit(X, Y, sample_weight=WEIGHTS)


def test_metadata_routing_alone_changes_no_prediction():
    plain = make_scaled(make_estimator()).fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = make_scaled(make_estimator()).fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    np.testing.assert_array_equal(routed, plain)
