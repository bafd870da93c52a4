"""Bad parameters, data and calls: a worded error, and an estimator left usable."""

import copy
import inspect
import re

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.preprocessing import StandardScaler
from sktime.exceptions import NotFittedError as SktimeNotFittedError
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm import GRUForecaster, LSTMForecaster

ESTIMATORS = [LSTMForecaster, GRUForecaster]
N_ROWS, N_AHEAD = 40, 4
RNG = np.random.default_rng(0)
INDEX = pd.date_range("2020-01-01", periods=N_ROWS + N_AHEAD, freq="D")
ALL_X = pd.DataFrame(
    RNG.standard_normal((len(INDEX), 2)), index=INDEX, columns=["a", "b"]
)
ALL_Y = pd.Series(np.sin(np.arange(len(INDEX)) / 3) + 2, index=INDEX, name="y")
X, Y = ALL_X[:N_ROWS], ALL_Y[:N_ROWS]
NEW_X, NEW_Y = ALL_X[N_ROWS:], ALL_Y[N_ROWS:]
STEPS = [1, 2, 4]
SMALL = {
    "units": 2,
    "epochs": 1,
    "window_length": 4,
    "horizon": 2,
    "early_stopping": False,
    "random_state": 0,
}
WORDED = (TypeError, ValueError)

FITS = {
    "sktime": lambda estimator: estimator.fit(y=Y, X=X, fh=STEPS),
    "sklearn": lambda estimator: estimator.fit(X, Y),
}


@pytest.fixture(params=ESTIMATORS)
def cls(request):
    return request.param


@pytest.fixture(params=FITS)
def convention(request):
    return request.param


@pytest.fixture(scope="module")
def trained():
    """Fit in every way that a test asks for; not to be changed."""
    return {
        "sktime": FITS["sktime"](LSTMForecaster(**SMALL)),
        "sklearn": FITS["sklearn"](LSTMForecaster(**SMALL)),
        "no-features": LSTMForecaster(**SMALL).fit(Y, fh=STEPS),
        "autoregressive": LSTMForecaster(**SMALL, autoregressive=True).fit(X, Y),
    }


@pytest.fixture
def fitted(trained):
    return copy.deepcopy(trained)


def predict(estimator):
    if estimator._convention == "sklearn":
        return estimator.predict(NEW_X)
    return estimator.predict(X=NEW_X if estimator.n_features_in_ else None)


def assert_usable(estimator, expected):
    """Check that a fitted estimator predicts as it did before an error."""
    np.testing.assert_array_equal(predict(estimator), expected)


# Parameters -------------------------------------------------------------------


class NoScaler:
    """Cannot be taken back."""

    def fit(self, X, y=None):
        return self

    def transform(self, X):
        return X


COUNT = [0, -1, 2.5, "three", None]
SHARE = [-0.1, 1.0, 1.5, float("nan"), "0.1", None]
BOOLEAN = ["yes", 2, None]
ILLEGAL = {
    "window_length": COUNT,
    "horizon": COUNT,
    "units": [*COUNT, (), [], (4, 0), (4, 2.5), (4, "4"), {4}],
    "activation": ["nonsense", "", 3, None],
    "dropout": SHARE,
    "recurrent_dropout": SHARE,
    "bidirectional": BOOLEAN,
    "kernel_regularizer": ["nonsense", 3, 0.1],
    "linear_skip": BOOLEAN,
    "scaler": ["nonsense", 3, NoScaler(), StandardScaler],
    "window_scaling": ["nonsense", 3, True],
    "y_transform": ["nonsense", "sqrt", 3, np.log],
    "X_treatment": ["nonsense", 3, None, {"a": "nonsense"}, {"c": "shifted"}],
    "autoregressive": BOOLEAN,
    "sp": COUNT,
    "loss": ["nonsense", 3, None, "Adam"],
    "optimizer": ["nonsense", 3, None, "Huber"],
    "learning_rate": [0, 0.0, -0.1, float("nan"), float("inf"), "fast", None],
    "epochs": COUNT,
    "batch_size": COUNT,
    "early_stopping": ["yes", 2, None],
    "validation_fraction": [0, 0.0, 1.0, -0.1, 1.5, "0.1", None],
    "n_iter_no_change": COUNT,
    "n_estimators": COUNT,
    "theta_share": [-0.1, 1.5, float("nan"), "0.1", None],
    # Nothing is dropped here.
    "intervals": ["nonsense", 0.9, None, "dropout"],
    "pretrain_mode": ["thaw", True, None],
    "warm_start": BOOLEAN,
    "callbacks": ["nonsense", 3, [3], ["early"]],
    "verbose": [-1, "yes", 0.5, None],
    "random_state": [-1, 0.5, "zero", np.random.default_rng(0)],
}
CASES = [(name, value) for name, values in ILLEGAL.items() for value in values]
each_case = pytest.mark.parametrize(
    ("name", "value"), CASES, ids=[f"{name}-{value!r:.20}" for name, value in CASES]
)


def test_every_parameter_has_illegal_values_to_be_tested():
    parameters = inspect.signature(LSTMForecaster.__init__).parameters
    assert ILLEGAL.keys() == parameters.keys() - {"self"}


@each_case
def test_an_illegal_parameter_is_named_with_what_was_got(fitted, name, value):
    estimator = fitted["sktime"]
    expected, legal = predict(estimator), getattr(estimator, name)
    setattr(estimator, name, value)
    with pytest.raises(WORDED, match=re.escape(f"'{name}'")) as error:
        FITS["sktime"](estimator)
    assert "Got " in str(error.value)
    assert_usable(estimator, expected)
    assert getattr(estimator, name) is value
    if value is ILLEGAL[name][0]:
        setattr(estimator, name, legal)
        assert_usable(FITS["sktime"](estimator), expected)


@each_case
def test_an_illegal_parameter_is_named_in_the_other_convention_too(name, value):
    # Taken by position, so that the value is all there is to object to.
    estimator = GRUForecaster(**(SMALL | {name: value}))
    with pytest.raises(WORDED, match=re.escape(f"'{name}'")):
        FITS["sklearn"](estimator)
    assert not estimator.is_fitted


def test_an_illegal_parameter_is_named_with_its_class(cls):
    nameless = set()
    for name, value in CASES:
        with pytest.raises(WORDED) as error:
            cls(**(SMALL | {name: value})).fit(y=Y, X=X)
        if cls.__name__ not in str(error.value):
            nameless.add(name)
    assert nameless == set()


def test_nothing_is_validated_before_fit(cls):
    estimator = cls(**{name: values[0] for name, values in ILLEGAL.items()})
    estimator.set_params(epochs="all", units=-3)
    assert estimator.get_params()["units"] == -3


def test_a_class_in_place_of_a_loss_or_optimizer_is_named():
    from skl_lstm._engine.backend import keras

    for name, value in [
        ("loss", keras.losses.Huber),
        ("loss", keras.optimizers.Adam()),
        ("optimizer", keras.optimizers.Adam),
        ("optimizer", keras.losses.Huber()),
        ("kernel_regularizer", keras.losses.Huber()),
    ]:
        estimator = LSTMForecaster(**(SMALL | {name: value}))
        with pytest.raises(WORDED, match=f"'{name}' parameter .* Got"):
            estimator.fit(Y)


# Too short --------------------------------------------------------------------


def test_a_short_series_names_the_rows_needed(cls):
    forecaster = cls(**(SMALL | {"window_length": 10, "horizon": 5}))
    message = rf"{cls.__name__} needs at least 15 rows .* n_samples = 14\b"
    with pytest.raises(ValueError, match=message):
        forecaster.fit(Y[:14])
    assert forecaster.fit(Y[:15], fh=[1]).predict().shape == (1,)


def test_a_short_table_names_the_rows_needed_where_the_past_is_an_input(cls):
    options = {"window_length": 10, "horizon": 5, "autoregressive": True}
    message = r"needs at least 15 rows .* n_samples = 14\b"
    with pytest.raises(ValueError, match=message):
        cls(**(SMALL | options)).fit(X[:14], Y[:14])


def test_a_series_of_one_row_is_too_short(cls):
    for arguments in ({"y": Y[:1]}, {"y": Y[:1], "X": X[:1]}):
        estimator = cls(**SMALL)
        message = r"at least \d+ rows .* n_samples = 1\b"
        with pytest.raises(ValueError, match=message):
            estimator.fit(**arguments)
        assert not estimator.is_fitted


@pytest.mark.parametrize("autoregressive", [False, True])
def test_a_table_of_one_row_is_too_short(cls, autoregressive):
    for table, target in [(X, Y), (X.to_numpy(), Y.to_numpy())]:
        estimator = cls(**SMALL, autoregressive=autoregressive)
        with pytest.raises(ValueError, match=r"n_samples = 1\b"):
            estimator.fit(table[:1], target[:1])
        assert not estimator.is_fitted


def test_no_rows_at_all_are_too_short(cls):
    for arguments in [(Y[:0],), (X[:0], Y[:0])]:
        estimator = cls(**SMALL)
        with pytest.raises(WORDED):
            estimator.fit(*arguments)
        assert not estimator.is_fitted


def test_ten_rows_are_enough_for_the_automatic_window(cls):
    forecaster = cls(units=2, epochs=1, horizon=5).fit(pd.Series(np.arange(10.0)))
    assert forecaster.predict(fh=[1, 7]).notna().all()


def test_logarithms_need_positive_targets(cls, convention):
    estimator = cls(**SMALL, y_transform="log")
    with pytest.raises(ValueError, match=r"y_transform='log' needs positive"):
        estimator.fit(*((Y - 2,) if convention == "sktime" else (X, Y - 2)))
    assert not estimator.is_fitted


# Constant ---------------------------------------------------------------------


@pytest.mark.parametrize("value", [0.0, 5.0, -1e6])
@pytest.mark.parametrize("scaler", ["standard", "minmax", "robust", None])
def test_a_constant_series_is_forecast_as_that_constant(cls, scaler, value):
    constant = pd.Series(np.full(N_ROWS, value), index=Y.index)
    options = SMALL | {"scaler": scaler, "epochs": 3}
    forecaster = cls(**options).fit(constant, fh=[1, 2, 9])
    np.testing.assert_allclose(forecaster.predict(), value, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(forecaster.predict([-3, 0]), value, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(
    "options",
    [
        {"early_stopping": "auto"},
        {"y_transform": "log"},
        {"linear_skip": False, "window_scaling": None},
        {"horizon": 1},
    ],
    ids=["auto", "log", "tutorial", "recursive"],
)
def test_a_constant_series_is_forecast_as_that_constant_with(options):
    constant = pd.Series(np.full(N_ROWS, 7.0), index=Y.index)
    forecaster = LSTMForecaster(**(SMALL | options)).fit(y=constant, X=X)
    forecasts = forecaster.predict(fh=[1, 4], X=NEW_X)
    np.testing.assert_allclose(forecasts, 7.0, rtol=1e-6)


@pytest.mark.parametrize("autoregressive", [False, True])
def test_a_constant_target_is_predicted_as_that_constant(cls, autoregressive):
    regressor = cls(**SMALL, autoregressive=autoregressive)
    regressor.fit(X, np.full(N_ROWS, 7.0))
    np.testing.assert_allclose(regressor.predict(NEW_X), 7.0, rtol=1e-6)


def test_constant_features_do_no_harm(cls, convention):
    flat, flat_ahead = X.assign(b=3.0), NEW_X.assign(b=3.0)
    if convention == "sktime":
        predicted = cls(**SMALL).fit(y=Y, X=flat).predict(fh=STEPS, X=flat_ahead)
    else:
        predicted = cls(**SMALL).fit(flat, Y).predict(flat_ahead)
    assert np.isfinite(predicted).all()


# Values -----------------------------------------------------------------------


def spoil(data, value, row=7):
    data = data.astype(object) if isinstance(value, str) else data.copy()
    if data.ndim == 2:
        data.iloc[row, 1] = value
    else:
        data.iloc[row] = value
    return data


TEXT_X = X.assign(b="text")
TEXT_Y = pd.Series(["text"] * N_ROWS, index=Y.index)
BAD_DATA = {
    # name: (keyword arguments of fit, error, what the message says)
    "y-all-nan": ({"y": Y * np.nan}, ValueError, "NaN in every row"),
    "y-inf": ({"y": spoil(Y, np.inf)}, ValueError, "Input y contains infinity"),
    "y-minus-inf": ({"y": spoil(Y, -np.inf)}, ValueError, "Input y contains infinity"),
    "y-text": ({"y": TEXT_Y}, WORDED, "categorical|numeric"),
    "y-mixed": ({"y": spoil(Y, "text")}, WORDED, "categorical|numeric"),
    "X-all-nan": ({"y": Y, "X": X.assign(b=np.nan)}, ValueError, "NaN in every row"),
    "X-inf": ({"y": Y, "X": spoil(X, np.inf)}, ValueError, "Input X contains infinity"),
    "duplicates": ({"y": Y.set_axis(INDEX[[0, *range(39)]])}, WORDED, "unique|duplic"),
    "unsorted": ({"y": Y[::-1]}, WORDED, "monoton|sorted"),
    "X-later": ({"y": Y, "X": X[3:]}, WORDED, "indices .* not contained"),
    "X-other-index": ({"y": Y, "X": X.reset_index(drop=True)}, WORDED, "index"),
    "no-rows": ({"y": Y[:0]}, WORDED, "."),
    "a-dict": ({"y": {"a": 1}}, WORDED, "."),
}


@pytest.mark.parametrize("case", BAD_DATA.values(), ids=BAD_DATA)
def test_bad_series_are_rejected(fitted, case):
    arguments, error, message = case
    for estimator in (LSTMForecaster(**SMALL), fitted["sktime"]):
        expected = predict(estimator) if estimator.is_fitted else None
        with pytest.raises(error, match=message):
            estimator.fit(**arguments)
        if expected is not None:
            assert_usable(estimator, expected)
        else:
            assert not estimator.is_fitted


BAD_TABLES = {
    "X-all-nan": (X.assign(b=np.nan), Y, ValueError, "Input X contains NaN in every"),
    "X-inf": (spoil(X, np.inf), Y, ValueError, "Input X contains infinity"),
    "X-text": (TEXT_X, Y, WORDED, "could not convert"),
    "y-all-nan": (X, Y * np.nan, ValueError, "contains NaN in every row"),
    "y-inf": (X, spoil(Y, np.inf), ValueError, "Input y contains infinity"),
    "y-text": (X, TEXT_Y, WORDED, "could not convert|numeric|dtype"),
    "more-rows-than-targets": (X, Y[:-1], ValueError, "inconsistent numbers"),
    "duplicates": (
        X.set_axis(INDEX[[0, *range(39)]]),
        Y,
        ValueError,
        "duplicate entries.*TimeSeriesSplit",
    ),
    "unsorted": (X[::-1], Y[::-1], ValueError, "unsorted.*shuffle=False"),
    "shuffled-numbers": (
        X.reset_index(drop=True)[::-1],
        Y.to_numpy(),
        ValueError,
        "unsorted.*shuffle=False",
    ),
    "no-columns": (X.to_numpy()[:, :0], Y, ValueError, "0 feature"),
    "no-target": (X, None, ValueError, "requires y to be passed"),
}


@pytest.mark.parametrize("case", BAD_TABLES.values(), ids=BAD_TABLES)
def test_bad_tables_are_rejected(fitted, case):
    table, target, error, message = case
    for estimator in (LSTMForecaster(**SMALL), fitted["sklearn"]):
        expected = predict(estimator) if estimator.is_fitted else None
        with pytest.raises(error, match=f"(?s){message}"):
            estimator.fit(table, target)
        if expected is not None:
            assert_usable(estimator, expected)
        else:
            assert not estimator.is_fitted


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
    "X-text": (NEW_X.assign(b="text"), WORDED, "could not convert"),
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
    "predict_interval": lambda e: e.predict_interval(fh=[1], X=NEW_X),
    "predict_quantiles": lambda e: e.predict_quantiles(fh=[1], X=NEW_X),
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


@pytest.mark.parametrize("name", FORECASTER_METHODS)
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


def test_weights_of_samples_are_not_supported(fitted):
    regressor = fitted["sklearn"]
    expected = predict(regressor)
    for call in (
        lambda: regressor.fit(X, Y, sample_weight=np.ones(N_ROWS)),
        lambda: regressor.fit(X, Y, np.ones(N_ROWS)),
    ):
        with pytest.raises(TypeError, match="sample_weight is not supported"):
            call()
        assert_usable(regressor, expected)


def test_warm_start_of_another_network_is_rejected(convention):
    estimator = FITS[convention](LSTMForecaster(**SMALL, warm_start=True))
    expected = predict(estimator)
    estimator.units = 3
    with pytest.raises(ValueError, match="warm_start=False"):
        FITS[convention](estimator)
    assert_usable(estimator, expected)
