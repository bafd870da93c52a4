"""Bad calls: a worded error, and an estimator left usable."""

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sktime.exceptions import NotFittedError as SktimeNotFittedError
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm import LSTMForecaster
from tests.estimator.error_cases import (
    FITS,
    INDEX,
    N_ROWS,
    NEW_X,
    NEW_Y,
    SMALL,
    STEPS,
    WORDED,
    X,
    Y,
    assert_usable,
    predict,
    spoil,
)

# Predictions ------------------------------------------------------------------

BAD_FORECASTS = {
    # name: (how fitted, keyword arguments of predict, error, what the message says)
    "X-missing": ("sktime", {"fh": STEPS}, ValueError, r"X is missing.*'a', 'b'"),
    "X-not-covering": (
        "sktime",
        {"fh": [1, 4], "X": NEW_X[:2]},
        ValueError,
        "X does not cover the forecasting horizon.*2020-02-1[12].*2020-02-13",
    ),
    "X-of-the-past": ("sktime", {"fh": [1], "X": X}, ValueError, "does not cover"),
    "X-other-columns": (
        "sktime",
        {"fh": [1], "X": NEW_X.rename(columns={"b": "c"})},
        ValueError,
        r"(missing|Missing).*'b'.*'c'|'c'.*'b'",
    ),
    "X-more-columns": (
        "sktime",
        {"fh": [1], "X": NEW_X.assign(c=1.0)},
        ValueError,
        "'c'",
    ),
    "X-fewer-columns": ("sktime", {"fh": [1], "X": NEW_X[["a"]]}, ValueError, "'b'"),
    "X-inf": ("sktime", {"fh": [4], "X": spoil(NEW_X, np.inf, 1)}, ValueError, "infin"),
    "X-text": (
        "sktime",
        {"fh": [4], "X": NEW_X.assign(b="text")},
        WORDED,
        "must hold numbers, as they did in fit",
    ),
    "X-unexpected": (
        "no-features",
        {"fh": [1], "X": NEW_X},
        ValueError,
        "X was passed, but the forecaster was fitted without",
    ),
    "fh-floats": ("no-features", {"fh": [0.5, 1.5]}, WORDED, "fh|values|integer|type"),
    "fh-text": ("no-features", {"fh": ["one"]}, WORDED, "fh|values|type"),
    "fh-a-word": ("no-features", {"fh": "tomorrow"}, WORDED, "fh|values|type"),
    "fh-empty": ("no-features", {"fh": []}, WORDED, "fh|empty|values|horizon"),
    "fh-duplicates": ("no-features", {"fh": [1, 1]}, WORDED, "duplicate"),
    "fh-before-the-start": (
        "no-features",
        {"fh": [-40]},
        ValueError,
        "reaches back to step -40.*40 rows.*-39",
    ),
    "fh-of-another-index": (
        "no-features",
        {"fh": ForecastingHorizon([60, 61], is_relative=False)},
        WORDED,
        "fh|index|type",
    ),
}


@pytest.mark.parametrize("case", BAD_FORECASTS.values(), ids=BAD_FORECASTS)
def test_bad_calls_of_a_forecaster_are_rejected(fitted, case):
    kind, arguments, error, message = case
    forecaster = fitted[kind]
    expected = predict(forecaster)
    with pytest.raises(error, match=f"(?s){message}"):
        forecaster.predict(**arguments)
    assert_usable(forecaster, expected)


@pytest.mark.parametrize("fh", [[0.5, 1.5], ["one"], "tomorrow", [1, 1]])
def test_a_bad_horizon_is_rejected_by_fit_too(fitted, fh):
    forecaster = fitted["no-features"]
    expected = predict(forecaster)
    with pytest.raises(WORDED):
        forecaster.fit(Y, fh=fh)
    assert_usable(forecaster, expected)


def test_a_forecast_needs_a_horizon_from_somewhere(cls):
    forecaster = cls(**SMALL).fit(Y)
    with pytest.raises(ValueError, match="fh"):
        forecaster.predict()
    assert forecaster.predict(fh=[1]).shape == (1,)


BAD_ROWS = {
    "X-inf": (spoil(NEW_X, np.inf, 1), ValueError, "Input X contains infinity"),
    "X-text": (NEW_X.assign(b="text"), WORDED, "must hold numbers"),
    "other-columns": (
        NEW_X.rename(columns={"b": "c"}),
        ValueError,
        "feature names should match.*c.*b",
    ),
    "fewer-columns": (NEW_X[["a"]], ValueError, "(?i)feature.*"),
    "columns-in-another-order": (NEW_X[["b", "a"]], ValueError, "same order"),
    "unsorted": (NEW_X[::-1], ValueError, "unsorted.*shuffle=False"),
    "duplicates": (NEW_X.set_axis(INDEX[[40, 40, 41, 42]]), ValueError, "duplicate"),
    "no-rows": (NEW_X[:0], ValueError, "0 sample"),
    "one-dimension": (NEW_X["a"], ValueError, "Reshape your data"),
    "nothing": (None, WORDED, "."),
}


@pytest.mark.parametrize("kind", ["sklearn", "autoregressive"])
@pytest.mark.parametrize("case", BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_rows_to_predict_are_rejected(fitted, case, kind):
    rows, error, message = case
    regressor = fitted[kind]
    expected = predict(regressor)
    with pytest.raises(error, match=f"(?s){message}"):
        regressor.predict(rows)
    assert_usable(regressor, expected)


def test_the_past_before_the_training_rows_cannot_be_forecast(fitted):
    earlier = NEW_X.set_axis(INDEX[:4] - pd.Timedelta(days=30))
    with pytest.raises(ValueError, match="before the training rows"):
        fitted["autoregressive"].predict(earlier)


# Conventions ------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda e: e.predict(fh=[1, 2]),
        lambda e: e.predict(fh=None),
        lambda e: e.predict(ForecastingHorizon([1, 2])),
        lambda e: e.predict(NEW_X, fh=[1]),
        lambda e: e.predict(NEW_X, [1]),
    ],
    ids=["fh", "no-fh", "horizon", "both", "positional"],
)
def test_a_regressor_takes_no_horizon(fitted, call):
    regressor = fitted["sklearn"]
    expected = predict(regressor)
    with pytest.raises(TypeError, match="fitted as a scikit-learn regressor"):
        call(regressor)
    assert_usable(regressor, expected)


@pytest.mark.parametrize("data", [NEW_X, NEW_X.to_numpy(), NEW_X.to_numpy().tolist()])
def test_a_forecaster_takes_no_table_in_place_of_the_horizon(fitted, data):
    forecaster = fitted["sktime"]
    expected = predict(forecaster)
    with pytest.raises(TypeError, match="fitted as a sktime forecaster"):
        forecaster.predict(data)
    assert_usable(forecaster, expected)


FORECASTER_METHODS = {
    "update": lambda e: e.update(NEW_Y, NEW_X),
    "update_predict": lambda e: e.update_predict(NEW_Y, X=NEW_X),
    "update_predict_single": lambda e: e.update_predict_single(NEW_Y, X=NEW_X),
    "predict_var": lambda e: e.predict_var(fh=[1], X=NEW_X),
    "predict_residuals": lambda e: e.predict_residuals(Y, X),
}


@pytest.mark.parametrize("call", FORECASTER_METHODS.values(), ids=FORECASTER_METHODS)
def test_methods_of_forecasters_need_a_fit(cls, call):
    estimator = cls(**SMALL)
    for error in (SklearnNotFittedError, SktimeNotFittedError):
        with pytest.raises(error, match=f"{cls.__name__} has not been fitted"):
            call(estimator)
    assert not estimator.is_fitted


@pytest.mark.parametrize(
    "call",
    [
        lambda e: e.predict(NEW_X),
        lambda e: e.predict(fh=[1]),
        lambda e: e.predict(),
        lambda e: e.score(X, Y),
        lambda e: e.score(Y, fh=[1]),
    ],
    ids=["rows", "fh", "nothing", "score-rows", "score-series"],
)
def test_predictions_need_a_fit(cls, call):
    estimator = cls(**SMALL)
    for error in (SklearnNotFittedError, SktimeNotFittedError):
        with pytest.raises(error, match=f"{cls.__name__} has not been fitted"):
            call(estimator)


@pytest.mark.parametrize("name", sorted(FORECASTER_METHODS.keys() - {"update"}))
@pytest.mark.parametrize("kind", ["sklearn", "autoregressive"])
def test_methods_of_forecasters_need_a_fit_as_one(fitted, kind, name):
    regressor = fitted[kind]
    expected = predict(regressor)
    message = f"{name} is for forecasters.*fitted as a scikit-learn regressor"
    with pytest.raises(TypeError, match=message):
        FORECASTER_METHODS[name](regressor)
    assert_usable(regressor, expected)


def test_probabilities_are_hidden_until_a_fit_as_a_forecaster(cls, fitted):
    # scikit-learn takes anything with predict_proba for a classifier.
    for estimator in (cls(**SMALL), fitted["sklearn"], fitted["autoregressive"]):
        assert not hasattr(estimator, "predict_proba")
        assert "predict_proba" not in dir(estimator)
    assert hasattr(fitted["sktime"], "predict_proba")
    assert "predict_proba" in dir(fitted["sktime"])


def test_a_horizon_that_is_not_there_is_a_missing_attribute(cls):
    estimator = cls(**SMALL)
    assert not hasattr(estimator, "fh")
    with pytest.raises(ValueError, match=r"No fh has been passed"):
        _ = estimator.fh


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    {
        "too few": (np.ones(N_ROWS - 1), ValueError, "sample_weight.shape"),
        "negative": (np.full(N_ROWS, -1.0), ValueError, "Negative values"),
        "missing": (np.full(N_ROWS, np.nan), ValueError, "sample_weight contains NaN"),
        "two-dimensional": (np.ones((N_ROWS, 2)), ValueError, "1D array"),
        "nothing": (np.zeros(N_ROWS), ValueError, "non-zero|no window"),
    }.values(),
)
def test_bad_weights_are_refused(fitted, weights, error, message):
    regressor = fitted["sklearn"]
    expected = predict(regressor)
    with pytest.raises(error, match=message):
        regressor.fit(X, Y, sample_weight=weights)
    assert_usable(regressor, expected)


def test_weights_are_for_rows_and_by_keyword(fitted):
    regressor, forecaster = fitted["sklearn"], fitted["sktime"]
    with pytest.raises(TypeError, match="takes sample_weight by keyword"):
        regressor.fit(X, Y, np.ones(N_ROWS))
    with pytest.raises(TypeError, match=r"sample_weight only as.*'halflife'"):
        forecaster.fit(y=Y, sample_weight=np.ones(N_ROWS))


def test_warm_start_of_another_network_is_rejected(convention):
    estimator = FITS[convention](LSTMForecaster(**SMALL, warm_start=True))
    expected = predict(estimator)
    estimator.units = 3
    with pytest.raises(ValueError, match="warm_start=False"):
        FITS[convention](estimator)
    assert_usable(estimator, expected)
