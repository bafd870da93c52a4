"""The forecasters inside scikit-learn's own tools, on real data.

Quarterly changes of consumption in the USA from those of income, production, savings
and unemployment: rows that a linear model explains to three quarters.
"""

import warnings

import keras
import numpy as np
import pandas as pd
import pytest
import sklearn
from joblib import parallel_backend
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingRegressor
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    TimeSeriesSplit,
    cross_val_score,
)
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.utils.fixes import parse_version
from sktime.datasets import load_longley, load_uschange

from skl_lstm import GRUForecaster, LSTMForecaster

NETWORK = {
    "units": 3,
    "epochs": 10,
    "window_length": 4,
    "horizon": 1,
    "learning_rate": 0.01,
    "early_stopping": False,
    "random_state": 0,
}
QUARTERS = pd.period_range("1970Q1", periods=187, freq="Q")
Y, X = (data.set_axis(QUARTERS) for data in load_uschange())
X_TRAIN, X_TEST, Y_TRAIN, Y_TEST = X[:150], X[150:], Y[:150], Y[150:]
FOLDS = TimeSeriesSplit(3)

every_class = pytest.mark.parametrize("cls", [LSTMForecaster, GRUForecaster])
either_meaning = pytest.mark.parametrize("autoregressive", [False, True])


def make_estimator(cls=LSTMForecaster, **parameters):
    return cls(**(NETWORK | parameters))


def make_scaled(est):
    return Pipeline([("scale", StandardScaler()), ("lstm", est)])


def fold_scores(est, y=Y):
    """Score fold after fold by hand."""
    scores = []
    for train, test in FOLDS.split(X):
        est.fit(X.iloc[train], y.iloc[train])
        scores.append(est.score(X.iloc[test], y.iloc[test]))
    return scores


# Pipelines -------------------------------------------------------------------------


@every_class
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
    expected = est._model.predict_rows(rows, None)[:, 0]
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


@pytest.mark.parametrize("backend", ["loky", "threading"])
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


@every_class
@either_meaning
def test_cross_validation_scores_are_those_of_the_folds(cls, autoregressive):
    est = make_estimator(cls, autoregressive=autoregressive, horizon=4)
    scores = cross_val_score(est, X, Y, cv=FOLDS)
    np.testing.assert_array_equal(scores, fold_scores(est))
    assert len(set(scores)) == 3
    by_name = cross_val_score(est, X, Y, cv=FOLDS, scoring="r2")
    np.testing.assert_array_equal(by_name, scores)


@every_class
@either_meaning
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


@every_class
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

WEIGHTS = np.linspace(0.0, 1.0, len(X))


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
        with pytest.raises(error, match=r"sample_weight.*LSTMForecaster\.score"):
            search.fit(X, Y, sample_weight=WEIGHTS)


def test_metadata_routing_alone_changes_no_prediction():
    plain = make_scaled(make_estimator()).fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    with sklearn.config_context(enable_metadata_routing=True):
        routed = make_scaled(make_estimator()).fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    np.testing.assert_array_equal(routed, plain)


# Parameters ------------------------------------------------------------------------


class CountEpochs(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.last_epoch = epoch


def unusual_parameters():
    """Return a legal value other than the default for every parameter."""
    return {
        "window_length": 4,
        "horizon": 2,
        "units": (2, 3),
        "activation": "sigmoid",
        "dropout": 0.1,
        "recurrent_dropout": 0.1,
        "bidirectional": True,
        "kernel_regularizer": keras.regularizers.L2(0.001),
        "linear_skip": False,
        "scaler": MinMaxScaler((-1, 1)),
        "window_scaling": None,
        "y_transform": "log",
        "X_treatment": {"Income": "shifted"},
        "autoregressive": True,
        "sp": 4,
        "loss": keras.losses.LogCosh(),
        "optimizer": keras.optimizers.RMSprop(0.005, rho=0.8),
        "learning_rate": 0.01,
        "epochs": 2,
        "batch_size": 16,
        "early_stopping": True,
        "validation_fraction": 0.2,
        "n_iter_no_change": 3,
        "n_estimators": 2,
        "theta_share": 0.25,
        "warm_start": True,
        "pretrain_mode": "frozen",
        "intervals": "quantile",
        "callbacks": [CountEpochs()],
        "verbose": 1,
        "random_state": 7,
    }


def describe(value):
    """Say what a parameter is, objects by their type and configuration."""
    if isinstance(value, list):
        return [describe(v) for v in value]
    if hasattr(value, "get_config"):
        return type(value), value.get_config()
    if hasattr(value, "get_params"):
        return type(value), value.get_params()
    if isinstance(value, keras.callbacks.Callback):
        return type(value), sorted(vars(value))
    return value


@every_class
@pytest.mark.parametrize("is_fitted", [False, True])
def test_clone_keeps_every_parameter(cls, is_fitted):
    parameters = unusual_parameters()
    assert parameters.keys() == cls().get_params(deep=False).keys()
    defaults = cls().get_params(deep=False)
    assert not any(parameters[name] == defaults[name] for name in parameters)
    if is_fitted:
        # Without what trains slowly, or not on this target, or talks.
        names = ["activation", "recurrent_dropout", "bidirectional"]
        names += ["y_transform", "verbose"]
        parameters |= {name: defaults[name] for name in names}
    est = cls(**parameters)
    if is_fitted:
        est.fit(X_TRAIN, Y_TRAIN)
    cloned = sklearn.clone(est)
    found = cloned.get_params(deep=False)
    assert found.keys() == parameters.keys()
    for name, value in parameters.items():
        assert describe(found[name]) == describe(value), name
        if hasattr(value, "get_config") or isinstance(value, list):
            assert found[name] is not value
    with pytest.raises(sklearn.exceptions.NotFittedError):
        cloned.predict(X_TEST)


@every_class
def test_a_clone_trains_as_the_original_did(cls):
    est = make_estimator(
        cls,
        optimizer=keras.optimizers.Adam(0.02),
        loss=keras.losses.Huber(0.5),
        learning_rate="auto",
        callbacks=[CountEpochs()],
    )
    predicted = est.fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    again = sklearn.clone(est).fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    np.testing.assert_array_equal(again, predicted)
    # The optimizer object counts: training with another one ends elsewhere.
    other = make_estimator(cls).fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    assert not np.allclose(other, predicted, atol=1e-4)


@every_class
def test_set_params_on_a_fitted_estimator_counts_at_the_next_fit(cls):
    est = make_estimator(cls).fit(X_TRAIN, Y_TRAIN)
    first = est.predict(X_TEST)
    assert est.set_params(units=2, X_treatment="shifted") is est
    changed = est.fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    fresh = make_estimator(cls, units=2, X_treatment="shifted").fit(X_TRAIN, Y_TRAIN)
    np.testing.assert_array_equal(changed, fresh.predict(X_TEST))
    assert not np.allclose(changed, first)


class HouseForecaster(LSTMForecaster):
    """A user's own class: one parameter to tune, all others settled."""

    def __init__(self, units=3):
        super().__init__(**(NETWORK | {"units": units}))


def test_a_subclass_with_fewer_parameters_is_the_network_it_settles():
    own, plain = HouseForecaster(), make_estimator()
    np.testing.assert_array_equal(
        clone(own).fit(X_TRAIN, Y_TRAIN).predict(X_TEST),
        plain.fit(X_TRAIN, Y_TRAIN).predict(X_TEST),
    )
    pd.testing.assert_series_equal(
        own.clone().fit(Y_TRAIN, fh=[1, 2]).predict(),
        plain.fit(Y_TRAIN, fh=[1, 2]).predict(),
    )
    panel = pd.concat({"a": Y_TRAIN.to_frame(), "b": -Y_TRAIN.to_frame()})
    pretrained = own.pretrain(panel)
    forecast = pretrained.fit(Y_TRAIN, fh=[1, 2]).update(Y_TEST[:2]).predict()
    assert np.isfinite(forecast).all()
    with pytest.raises(ValueError, match="'units' parameter of HouseForecaster"):
        own.set_params(units=0).fit(X_TRAIN, Y_TRAIN)


def test_set_params_reaches_into_pipelines_and_scalers():
    pipeline = make_scaled(make_estimator(scaler=MinMaxScaler()))
    pipeline.set_params(lstm__epochs=2, lstm__scaler__feature_range=(-1, 1))
    est = pipeline.fit(X_TRAIN, Y_TRAIN)["lstm"]
    assert est.n_iter_ == 2
    assert est.y_scaler_.feature_range == (-1, 1)
    with pytest.raises(ValueError, match=r"'unit'"):
        est.set_params(unit=3)


# Targets and scores ----------------------------------------------------------------


@every_class
@either_meaning
def test_several_outputs_are_predicted_and_scored(cls, autoregressive):
    targets = X[["Savings", "Unemployment"]].to_numpy()
    rows = X[["Income", "Production"]].assign(Consumption=Y)
    est = make_estimator(cls, autoregressive=autoregressive).fit(rows, targets)
    predicted = est.predict(rows)
    assert predicted.shape == targets.shape
    assert (r2_score(targets, predicted, multioutput="raw_values") > 0.1).all()
    np.testing.assert_allclose(est.score(rows, targets), r2_score(targets, predicted))


@every_class
@either_meaning
def test_the_logarithm_of_a_target_is_learned_and_undone(cls, autoregressive):
    y, parameters = np.exp(Y), {"autoregressive": autoregressive, "horizon": 4}
    est = make_estimator(cls, y_transform="log", **parameters)
    predicted = est.fit(X_TRAIN, y[:150]).predict(X_TEST)
    by_hand = make_estimator(cls, **parameters).fit(X_TRAIN, Y_TRAIN).predict(X_TEST)
    np.testing.assert_allclose(predicted, np.exp(by_hand), rtol=1e-5)


def test_a_target_of_one_column_is_predicted_as_one_column():
    column = Y_TRAIN.to_numpy()[:, None]
    flat = make_estimator().fit(X_TRAIN, column[:, 0]).predict(X_TEST)
    predicted = make_estimator().fit(X_TRAIN, column).predict(X_TEST)
    assert predicted.shape == (len(X_TEST), 1)
    np.testing.assert_array_equal(predicted[:, 0], flat)


@either_meaning
def test_score_weighs_rows(autoregressive):
    est = make_estimator(autoregressive=autoregressive, horizon=4)
    est.fit(X_TRAIN, Y_TRAIN)
    predicted, weights = est.predict(X_TEST), WEIGHTS[150:] ** 4
    expected = r2_score(Y_TEST, predicted, sample_weight=weights)
    assert est.score(X_TEST, Y_TEST, sample_weight=weights) == expected
    assert abs(expected - est.score(X_TEST, Y_TEST)) > 1e-3


def test_fit_takes_no_weights():
    with pytest.raises(TypeError, match="sample_weight is not supported"):
        make_estimator().fit(X_TRAIN, Y_TRAIN, sample_weight=np.ones(150))


@every_class
def test_a_column_equal_to_the_target_is_reported_as_a_leak(cls):
    leaking = X_TRAIN.assign(Copy=Y_TRAIN)
    with pytest.warns(UserWarning, match=rf"{cls.__name__}.*\['Copy'\]") as record:
        make_estimator(cls).fit(leaking, Y_TRAIN)
    assert record[0].filename == __file__
    with pytest.warns(UserWarning, match=r"\[4\]"):
        make_estimator(cls).fit(leaking.to_numpy(), Y_TRAIN.to_numpy())
    several = np.column_stack([X_TRAIN["Savings"] ** 2, Y_TRAIN])
    with pytest.warns(UserWarning, match=r"\['Copy'\]"):
        make_estimator(cls).fit(leaking, several)


def test_a_leak_is_seen_where_targets_are_missing():
    y = Y_TRAIN.where(np.arange(150) % 7 > 0)
    with pytest.warns(UserWarning, match=r"\['Copy'\]"):
        make_estimator().fit(X_TRAIN.assign(Copy=y.fillna(0.0)), y)


@pytest.mark.parametrize("treatment", ["shifted", {"Copy": "shifted"}])
def test_the_past_of_the_target_in_x_is_no_leak(treatment):
    est = make_estimator(X_treatment=treatment)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        est.fit(X_TRAIN.assign(Copy=Y_TRAIN), Y_TRAIN)
        make_estimator().fit(X_TRAIN, Y_TRAIN)


@every_class
@pytest.mark.parametrize("treatment", ["concurrent", "shifted"])
def test_rows_without_a_target_are_not_learned_from(cls, treatment):
    y, is_missing = Y_TRAIN.copy(), np.arange(150) % 5 == 0
    y[is_missing] = np.nan
    est = make_estimator(cls, X_treatment=treatment, epochs=30)
    est.fit(X_TRAIN, y)
    predicted = est.predict(X_TRAIN)
    assert np.isfinite(predicted).all()
    np.testing.assert_allclose(est.y_scaler_.mean_, y.mean())
    assert np.isfinite(est.history_["loss"]).all()
    if treatment == "concurrent":
        # The rows left out are predicted from what the others taught.
        assert r2_score(Y_TRAIN[is_missing], predicted[is_missing]) > 0.2


def test_rows_without_a_target_are_as_good_as_left_out():
    # Unscaled and in one batch, so that known rows alone decide every step.
    est = make_estimator(
        scaler=None,
        batch_size=256,
        epochs=30,
        learning_rate=0.1,
        optimizer="sgd",
        linear_skip=False,
    )
    y = Y_TRAIN.to_numpy().copy()
    y[100:] = np.nan
    masked = est.fit(X_TRAIN, y).predict(X_TRAIN)
    left_out = est.fit(X_TRAIN[:100], y[:100]).predict(X_TRAIN)
    np.testing.assert_allclose(masked, left_out, atol=1e-5)
    whole = est.fit(X_TRAIN, Y_TRAIN).predict(X_TRAIN)
    assert np.abs(whole - left_out).max() > 1e-2


def test_an_output_without_a_target_does_not_count_beside_one_that_has_it():
    # Unscaled, a missing value counted as zero would pull the constant down.
    constant = np.where(np.arange(150) < 100, 5.0, np.nan)
    est = make_estimator(
        scaler=None,
        loss="mse",
        optimizer="sgd",
        learning_rate=0.1,
        epochs=60,
        linear_skip=False,
    )
    predicted = est.fit(X_TRAIN, np.column_stack([Y_TRAIN, constant])).predict(X_TEST)
    np.testing.assert_allclose(np.median(predicted[:, 1]), 5.0, atol=0.2)


def test_early_stopping_is_not_misled_by_a_tail_without_targets():
    # Windows without a target cannot tell when to stop: without any other, the
    # untrained network, which is the training mean, would look perfect.
    y = Y_TRAIN.where(np.arange(150) < 120)
    est = make_estimator(early_stopping=True, linear_skip=False, epochs=30)
    assert est.fit(X_TRAIN, y).score(X_TRAIN, y) > 0.3


@pytest.mark.parametrize("n_outputs", [1, 2])
def test_score_leaves_out_rows_without_a_target(n_outputs):
    targets = np.column_stack([Y, X["Savings"] ** 2])[:, :n_outputs].squeeze()
    est = make_estimator().fit(X_TRAIN, targets[:150])
    truth, weights = targets[150:].copy(), WEIGHTS[150:]
    truth[3], truth[7] = np.nan, np.nan
    known = ~np.isin(np.arange(len(truth)), [3, 7])
    predicted = est.predict(X_TEST)
    assert est.score(X_TEST, truth) == r2_score(truth[known], predicted[known])
    assert est.score(X_TEST, truth, sample_weight=weights) == r2_score(
        truth[known], predicted[known], sample_weight=weights[known]
    )


def test_cross_validation_takes_missing_targets_by_our_score_only():
    y = Y.where(np.arange(len(Y)) % 5 > 0)
    est = make_estimator()
    scores = cross_val_score(est, X, y, cv=FOLDS, error_score="raise")
    np.testing.assert_array_equal(scores, fold_scores(est, y))
    assert np.isfinite(scores).all()
    with pytest.raises(ValueError, match="NaN"):
        cross_val_score(est, X, y, cv=FOLDS, scoring="r2", error_score="raise")


def test_targets_that_are_all_missing_are_refused():
    with pytest.raises(ValueError, match="y contains NaN in every row"):
        make_estimator().fit(X_TRAIN, np.full(150, np.nan))


def test_outputs_may_be_known_on_different_rows():
    is_early = np.arange(150) < 75
    targets = np.column_stack(
        [Y_TRAIN.where(is_early), X_TRAIN["Savings"].where(~is_early)]
    )
    est = make_estimator(epochs=30, scaler=None)
    with pytest.warns(UserWarning, match=r"the columns \['Savings'\] of X equal"):
        est.fit(X_TRAIN, targets)
    predicted = est.predict(X_TRAIN)
    assert r2_score(Y_TRAIN[is_early], predicted[is_early, 0]) > 0.2
    assert r2_score(X_TRAIN["Savings"][~is_early], predicted[~is_early, 1]) > 0.2


def test_an_output_that_is_all_missing_is_refused():
    targets = np.column_stack([Y_TRAIN, np.full(150, np.nan)])
    with pytest.raises(ValueError, match="y contains NaN"):
        make_estimator().fit(X_TRAIN, targets)


@either_meaning
@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_target_is_refused(autoregressive, value):
    est = make_estimator(autoregressive=autoregressive).fit(X_TRAIN, Y_TRAIN)
    before = est.predict(X_TEST)
    y = Y_TRAIN.copy()
    y.iloc[60] = value
    with pytest.raises(ValueError, match="Input y contains infinity"):
        est.fit(X_TRAIN, y)
    # The failed fit has changed nothing.
    np.testing.assert_array_equal(est.predict(X_TEST), before)


@either_meaning
def test_infinite_features_are_refused(autoregressive):
    est = make_estimator(autoregressive=autoregressive).fit(X_TRAIN, Y_TRAIN)
    rows = X.copy()
    rows.iloc[[60, 160], 0] = np.inf
    with pytest.raises(ValueError, match="Input X contains infinity"):
        est.fit(rows[:150], Y_TRAIN)
    with pytest.raises(ValueError, match="Input X contains infinity"):
        est.predict(rows[150:])
