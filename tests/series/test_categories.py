"""Columns of X that hold categories."""

import numpy as np
import pandas as pd
import pytest

from skl_lstm import LSTMForecaster
from tests.estimator.sktime_cases import first_class

TINY = {
    "units": 4,
    "epochs": 40,
    "window_length": 4,
    "horizon": 2,
    "random_state": 0,
}
N_ROWS = 60
RNG = np.random.default_rng(0)
WEATHER = RNG.choice(["dry", "rain", "snow"], size=N_ROWS + 3)
VALUES = pd.Series(WEATHER).map({"dry": 0.0, "rain": 3.0, "snow": -3.0})
Y = pd.Series(VALUES + 0.1 * RNG.standard_normal(N_ROWS + 3))[:N_ROWS]
X = pd.DataFrame({"weather": WEATHER, "x": RNG.standard_normal(N_ROWS + 3)})


@first_class
@pytest.mark.parametrize("dtype", [object, "str", "category"])
def test_categories_are_learned(cls, dtype):
    typed = X.astype({"weather": dtype})
    forecaster = cls(**TINY).fit(y=Y, X=typed[:N_ROWS])
    ahead = typed[N_ROWS:].copy()
    forecasts = {}
    for weather in ("dry", "rain", "snow"):
        ahead["weather"] = pd.Series([weather] * 3, index=ahead.index, dtype=dtype)
        forecasts[weather] = forecaster.predict(fh=[1], X=ahead).iloc[0]
    assert forecasts["rain"] > forecasts["dry"] + 1 > forecasts["snow"] + 2


def test_a_new_category_is_none_of_the_known():
    forecaster = LSTMForecaster(**TINY).fit(y=Y, X=X[:N_ROWS])
    ahead = X[N_ROWS:].assign(weather="hail")
    assert np.isfinite(forecaster.predict(fh=[1, 2], X=ahead)).all()


def test_treatment_is_given_by_the_name_of_the_column():
    forecaster = LSTMForecaster(**TINY, X_treatment={"weather": "shifted"})
    forecaster.fit(y=Y, X=X[:N_ROWS])
    columns = forecaster._fitted.model.columns
    assert (len(columns.concurrent), len(columns.shifted)) == (1, 3)


def test_past_and_known_columns_side_by_side():
    forecaster = LSTMForecaster(**TINY, X_treatment={"x": "shifted"})
    forecaster.fit(y=Y, X=X[:N_ROWS])
    one = forecaster.predict(fh=[1, 2], X=X[N_ROWS:])
    other = forecaster.predict(fh=[1, 2], X=X[N_ROWS:].assign(x=9.0))
    pd.testing.assert_series_equal(one, other)


def test_no_X_is_needed_where_all_of_it_is_past():
    forecaster = LSTMForecaster(**TINY, X_treatment="shifted")
    forecaster.fit(y=Y, X=X[:N_ROWS])
    assert np.isfinite(forecaster.predict(fh=[1, 2])).all()
    assert np.isfinite(forecaster.predict(fh=[-3, 0])).all()
    held = pd.concat([X[N_ROWS - 1 : N_ROWS]] * 3).set_axis(X.index[N_ROWS:])
    pd.testing.assert_series_equal(
        forecaster.predict(fh=range(1, 4)), forecaster.predict(fh=range(1, 4), X=held)
    )


def test_a_past_column_is_never_asked_for_after_fit():
    forecaster = LSTMForecaster(**TINY, X_treatment={"x": "shifted"})
    forecaster.fit(y=Y, X=X[:N_ROWS])
    ahead = X[N_ROWS:].drop(columns="x")
    held = X[N_ROWS:].assign(x=X["x"][N_ROWS - 1])
    forecast = forecaster.predict(fh=range(1, 4), X=ahead)
    pd.testing.assert_series_equal(forecast, forecaster.predict(X=held))
    other = forecaster.predict(X=held.assign(x=9.0))
    assert (forecast != other).tolist() == [False, False, True]
    with pytest.raises(ValueError, match=r"missing \['weather'\]"):
        forecaster.predict(X=X[N_ROWS:].drop(columns="weather"))


# scikit-learn's convention ---------------------------------------------------------


TIMES = pd.date_range("2024-01-01", periods=N_ROWS + 3)
ROWS = X.set_axis(TIMES)
TARGET = Y.set_axis(TIMES[:N_ROWS])


@pytest.fixture(scope="module", params=[False, True], ids=["rows", "autoregressive"])
def regressor(request):
    options = {"autoregressive": request.param, "X_treatment": {"x": "shifted"}}
    return LSTMForecaster(**TINY, **options).fit(ROWS[:N_ROWS], TARGET)


def test_categories_of_rows_are_learned(regressor):
    assert regressor.categories_ == {"weather": ["dry", "rain", "snow"]}
    assert regressor.n_features_in_ == 2
    assert regressor.feature_names_in_.tolist() == ["weather", "x"]
    ahead = ROWS[N_ROWS : N_ROWS + 1]
    dry, rain, snow = (
        regressor.predict(ahead.assign(weather=w)) for w in ("dry", "rain", "snow")
    )
    assert rain > dry + 1 > snow + 2


@pytest.mark.parametrize("dtype", [object, "str", "category"])
def test_the_type_of_a_column_of_text_does_not_matter(regressor, dtype):
    expected = regressor.predict(ROWS[N_ROWS:])
    typed = ROWS[N_ROWS:].astype({"weather": dtype})
    np.testing.assert_array_equal(regressor.predict(typed), expected)
    objects = ROWS.to_numpy(dtype=object)[N_ROWS:]
    with pytest.warns(UserWarning, match="valid feature names"):
        np.testing.assert_array_equal(regressor.predict(objects), expected)


@pytest.mark.parametrize("nothing", ["hail", None, np.nan, pd.NA])
def test_an_unseen_and_a_missing_category_are_none_of_the_known(regressor, nothing):
    weather = pd.Series([nothing] * 3, ROWS.index[N_ROWS:], dtype=object)
    ahead = ROWS[N_ROWS:].assign(weather=weather)
    expected = regressor.predict(ROWS[N_ROWS:].assign(weather="hail"))
    np.testing.assert_array_equal(regressor.predict(ahead), expected)


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA])
def test_a_missing_category_that_fit_saw_is_learned(nothing):
    weather = ROWS["weather"].astype(object).mask(ROWS["weather"] == "rain", nothing)
    rows = ROWS.assign(weather=weather)
    regressor = LSTMForecaster(**TINY).fit(rows[:N_ROWS], TARGET)
    assert regressor.categories_["weather"][:2] == ["dry", "snow"]
    assert len(regressor.categories_["weather"]) == 3
    missing, dry = (
        regressor.predict(ROWS[N_ROWS : N_ROWS + 1].assign(weather=w))
        for w in (np.nan, "dry")
    )
    assert missing > dry + 1


def test_past_columns_of_rows_to_predict_may_be_left_out(regressor):
    ahead = ROWS[N_ROWS:].drop(columns="x")
    held = ROWS[N_ROWS:].assign(x=ROWS["x"].iloc[N_ROWS - 1])
    np.testing.assert_array_equal(regressor.predict(ahead), regressor.predict(held))
    training = ROWS[:N_ROWS]
    np.testing.assert_array_equal(
        regressor.predict(training.drop(columns="x")), regressor.predict(training)
    )
    with pytest.raises(ValueError, match="weather"):
        regressor.predict(ROWS[N_ROWS:].drop(columns="weather"))


def test_text_in_rows_of_numbers_is_named(regressor):
    with pytest.raises(ValueError, match=r"columns \['x'\] of X must hold numbers"):
        regressor.predict(ROWS[N_ROWS:].assign(x="much"))


def test_categories_are_there_after_fit_only(regressor):
    assert not hasattr(LSTMForecaster(), "categories_")
    numbers = LSTMForecaster(units=2, epochs=1, window_length=4)
    assert numbers.fit(ROWS[["x"]][:N_ROWS], TARGET).categories_ == {}


def test_text_in_a_column_of_numbers_is_named():
    forecaster = LSTMForecaster(**TINY).fit(y=Y, X=X[:N_ROWS])
    with pytest.raises(ValueError, match=r"columns \['x'\] of X must hold numbers"):
        forecaster.predict(fh=[1], X=X[N_ROWS:].assign(x="much"))
