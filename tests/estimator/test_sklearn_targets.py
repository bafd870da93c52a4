"""Targets and scores in scikit-learn's convention."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import r2_score
from sklearn.model_selection import (
    cross_val_score,
)

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
)
from tests.estimator.sktime_cases import first_class

# Targets and scores ----------------------------------------------------------------


@crossed(2, slow=CLASSES[1:], cls=CLASSES, autoregressive=[False, True])
def test_several_outputs_are_predicted_and_scored(cls, autoregressive):
    targets = X[["Savings", "Unemployment"]].to_numpy()
    rows = X[["Income", "Production"]].assign(Consumption=Y)
    est = make_estimator(cls, autoregressive=autoregressive).fit(rows, targets)
    predicted = est.predict(rows)
    assert predicted.shape == targets.shape
    assert (r2_score(targets, predicted, multioutput="raw_values") > 0.1).all()
    np.testing.assert_allclose(est.score(rows, targets), r2_score(targets, predicted))


@crossed(2, slow=CLASSES[1:], cls=CLASSES, autoregressive=[False, True])
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


@first_class
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


@first_class
@pytest.mark.parametrize("treatment", ["concurrent", "shifted"])
def test_rows_without_a_target_are_not_learned_from(cls, treatment):
    y, is_missing = Y_TRAIN.copy(), np.arange(150) % 5 == 0
    y[is_missing] = np.nan
    # Stopped as the defaults stop it: 120 rows are soon learned by heart.
    stopped = {"early_stopping": "auto", "learning_rate": "auto", "epochs": 30}
    est = make_estimator(cls, X_treatment=treatment, **stopped).fit(X_TRAIN, y)
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
