"""Columns of X that hold categories."""

import numpy as np
import pandas as pd
import pytest

from skl_lstm import GRUForecaster, LSTMForecaster

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


@pytest.mark.parametrize("cls", [LSTMForecaster, GRUForecaster])
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
    with pytest.raises(ValueError, match="X is missing"):
        forecaster.predict(fh=[1, 2, 3])


def test_text_in_a_column_of_numbers_is_named():
    forecaster = LSTMForecaster(**TINY).fit(y=Y, X=X[:N_ROWS])
    with pytest.raises(ValueError, match=r"columns \['x'\] of X must hold numbers"):
        forecaster.predict(fh=[1], X=X[N_ROWS:].assign(x="much"))
