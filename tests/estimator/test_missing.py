"""Missing values: what stands in for them, and that nothing looks ahead."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_lstm import LSTMForecaster
from skl_lstm._engine.cache import PROGRAMS
from skl_lstm._training.plan import Task
from skl_lstm._training.windows import training_origins
from skl_lstm._windows.gaps import NEVER, bridge_gaps, carry_forward
from tests.estimator.sktime_cases import first_class

TINY = {
    "units": 3,
    "epochs": 2,
    "window_length": 6,
    "horizon": 2,
    "random_state": 0,
}
RNG = np.random.default_rng(0)
N_ROWS = 80
INDEX = pd.period_range("2010-01", periods=N_ROWS + 3, freq="M")
WAVE = np.sin(np.arange(N_ROWS + 3) / 3) + 0.1 * RNG.standard_normal(N_ROWS + 3)
Y = pd.Series(WAVE, index=INDEX)[:N_ROWS]
X = pd.DataFrame({"a": WAVE**2, "b": RNG.standard_normal(N_ROWS + 3)}, index=INDEX)


def with_gaps(data, rows=(0, 1, 20, 21, 22, 50, 79)):
    data = data.copy()
    data.iloc[list(rows)] = np.nan
    return data


# Bridges -------------------------------------------------------------------------


def test_bridges_by_hand():
    values = np.array([np.nan, 1, np.nan, np.nan, 4, np.nan])[:, None]
    bridges = bridge_gaps(values, np.array([9.0]))
    assert bridges.carried.ravel().tolist() == [9, 1, 1, 1, 4, 4]
    assert bridges.between.ravel().tolist() == [1, 1, 2, 3, 4, 4]
    assert bridges.following.ravel().tolist() == [1, 1, 4, 4, 4, NEVER]


def test_observed_values_stay():
    values = RNG.standard_normal((30, 2))
    bridges = bridge_gaps(values, np.zeros(2))
    np.testing.assert_array_equal(bridges.carried, values)
    np.testing.assert_array_equal(bridges.between, values)
    assert carry_forward(values, np.zeros(2)) is values


def test_windows_in_a_long_gap_are_not_trained_on():
    task = Task("F", "lstm", True, None, 1)
    known = np.ones(40, dtype=bool)
    known[10:25] = False
    origins = training_origins(task, known, 4, 2)
    # Half of the window is known, and something to compare with.
    for origin in range(4, 39):
        enough = 2 * known[origin - 4 : origin].sum() >= 4
        target = known[origin : origin + 2].any()
        assert (origin in origins) == (enough and target), origin


# Forecasting ---------------------------------------------------------------------


@first_class
def test_gaps_in_the_target_are_forecast_over(cls):
    forecaster = cls(**TINY).fit(with_gaps(Y), fh=[1, 2, 3])
    assert np.isfinite(forecaster.predict()).all()
    inside = forecaster.predict(fh=-np.arange(N_ROWS))
    assert np.isfinite(inside).all()


@first_class
def test_gaps_in_the_features_are_forecast_over(cls):
    gappy = with_gaps(X)
    forecaster = cls(**TINY).fit(y=Y, X=gappy[:N_ROWS])
    ahead = gappy[N_ROWS:].copy()
    ahead.iloc[1, 0] = np.nan
    assert np.isfinite(forecaster.predict(fh=[1, 2, 3], X=ahead)).all()


def test_features_missing_only_when_predicting_are_taken_for_their_mean():
    forecaster = LSTMForecaster(**TINY).fit(y=Y, X=X[:N_ROWS])
    ahead, filled = X[N_ROWS:].copy(), X[N_ROWS:].copy()
    ahead.iloc[0, 1] = np.nan
    filled.iloc[0, 1] = X["b"][:N_ROWS].mean()
    missing = forecaster.predict(fh=[1, 2], X=ahead)
    pd.testing.assert_series_equal(missing, forecaster.predict(fh=[1, 2], X=filled))


@first_class
@pytest.mark.parametrize("k", [19, 22, 23, 50, 60])
def test_no_later_value_changes_an_earlier_prediction(cls, k):
    # Rows 20 to 22 are missing: the line across them must not show before row 23.
    gappy = with_gaps(Y)
    forecaster = cls(**TINY).fit(gappy)
    steps = np.arange(N_ROWS) - (N_ROWS - 1)
    before = forecaster.predict(fh=steps)
    changed = gappy.copy()
    changed.iloc[k:] += 5.0
    forecaster.update(changed, update_params=False)
    after = forecaster.predict(fh=steps)
    np.testing.assert_array_equal(after.iloc[: k + 1], before.iloc[: k + 1])
    known_after = np.flatnonzero(changed.notna().to_numpy() & (np.arange(N_ROWS) >= k))
    first = known_after[0] + 1
    assert (after.iloc[first] != before.iloc[first]).all()


@first_class
def test_a_window_without_a_known_target_counts_in_no_loss(cls):
    forecaster = cls(**(TINY | {"horizon": 1})).fit(with_gaps(Y))
    model = forecaster._fitted.model
    data, (start,), *_ = model.assemble([forecaster._fitted.history])
    program = PROGRAMS.get(model.spec)
    weights = program.pack(model.networks.members[0])
    known = start + np.array([[30, 31, 32, 33]], dtype="int32")
    unknown = start + np.array([[20, 21, 22, 50]], dtype="int32")
    size = model.spec.batch_size
    known, unknown = (
        np.pad(rows, ((0, 0), (0, size - 4)), constant_values=-1).astype("int32")
        for rows in (known, unknown)
    )
    expected = program.validate(weights, data, known)
    assert expected > 0
    both = program.validate(weights, data, np.concatenate([known, unknown]))
    assert both == pytest.approx(expected, rel=1e-6)


def test_a_series_that_ends_in_a_gap_is_forecast_from_before_it():
    gappy = Y.copy()
    gappy.iloc[-20:] = np.nan
    forecast = LSTMForecaster(**TINY).fit(gappy).predict(fh=[1, 2])
    assert np.isfinite(forecast).all()
    assert forecast.between(Y.min() - 1, Y.max() + 1).all()


def test_all_missing_gets_a_worded_error():
    with pytest.raises(ValueError, match=r"NaN in every row.*nothing to learn from"):
        LSTMForecaster(**TINY).fit(Y * np.nan)
    with pytest.raises(ValueError, match="NaN in every row of the columns"):
        LSTMForecaster(**TINY).fit(y=Y, X=X[:N_ROWS].assign(b=np.nan))


def test_complete_data_make_the_same_network_as_before():
    spec = LSTMForecaster(**TINY).fit(Y)._fitted.model.spec
    assert (spec.bridges_gaps, spec.n_shifted) == (False, 0)
    spec = LSTMForecaster(**TINY).fit(with_gaps(Y))._fitted.model.spec
    assert (spec.bridges_gaps, spec.n_shifted) == (True, 1)


def test_update_with_missing_values():
    forecaster = LSTMForecaster(**TINY).fit(with_gaps(Y[:70], rows=[0, 20, 21]))
    new = Y[70:].copy()
    new.iloc[3] = np.nan
    for update_params in (False, True):
        forecaster.update(new, update_params=update_params)
        assert np.isfinite(forecaster.predict(fh=[1, 2])).all()


# scikit-learn's convention -------------------------------------------------------


@pytest.mark.parametrize("autoregressive", [False, True])
def test_pipeline_and_grid_search_take_missing_values(autoregressive):
    rows, target = X[:N_ROWS].copy(), with_gaps(Y)
    rows.iloc[[3, 40], 0] = np.nan
    estimator = LSTMForecaster(**TINY, autoregressive=autoregressive)
    pipeline = make_pipeline(StandardScaler(), estimator)
    search = GridSearchCV(
        pipeline,
        {"lstmforecaster__units": [2, 3]},
        cv=TimeSeriesSplit(2),
        error_score="raise",
    )
    search.fit(rows, target)
    assert np.isfinite(search.cv_results_["mean_test_score"]).all()
    assert np.isfinite(search.predict(X[N_ROWS:])).all()


def test_score_leaves_rows_without_a_target_out():
    estimator = LSTMForecaster(**TINY).fit(X[:60], Y[:60])
    target = with_gaps(Y[60:], rows=[2, 5])
    known = target.notna().to_numpy()
    predicted = estimator.predict(X[60:N_ROWS])
    residual = ((target - predicted)[known] ** 2).sum()
    total = ((target[known] - target[known].mean()) ** 2).sum()
    assert estimator.score(X[60:N_ROWS], target) == pytest.approx(1 - residual / total)


def test_missing_features_are_flagged_by_row():
    # A row that is missing must differ from one that holds the mean.
    rows = X[:N_ROWS].copy()
    rows.iloc[::5, 0] = np.nan
    target = Y.where(rows["a"].notna(), 5.0)
    estimator = LSTMForecaster(**(TINY | {"epochs": 30})).fit(rows, target)
    predicted = estimator.predict(rows)
    missing = rows["a"].isna().to_numpy()
    assert predicted[missing].mean() > predicted[~missing].mean() + 2


# Columns and times that are no numbers --------------------------------------------


def daily_frame(n_rows=20):
    index = pd.date_range("2024-01-01", periods=n_rows)
    X = pd.DataFrame({"a": np.cos(np.arange(n_rows))}, index=index)
    return X, pd.Series(np.sin(np.arange(n_rows)), index=index)


NO_QUANTITIES = {
    "dates": (lambda X: X.index, r"\['b'\] of X hold dates.*dt.dayofweek"),
    "periods": (lambda X: X.index.to_period("D"), r"\['b'\] of X hold dates"),
    "durations": (lambda X: X.index - X.index[0], r"\['b'\] of X hold dates"),
}


@pytest.mark.parametrize("kind", NO_QUANTITIES)
def test_columns_that_hold_times_are_named(kind):
    column, message = NO_QUANTITIES[kind]
    X, y = daily_frame()
    bad = X.assign(b=column(X))
    forecaster = LSTMForecaster(units=2, epochs=1, window_length=4, random_state=0)
    with pytest.raises(ValueError, match=message):
        forecaster.fit(bad, y)
    forecaster.fit(X.assign(b=0.5), y)
    with pytest.raises(ValueError, match=message):
        forecaster.predict(bad)


def test_rows_without_a_time_are_named_in_both_conventions():
    X, y = daily_frame()
    times = X.index.insert(3, pd.NaT)[: len(X)]
    forecaster = LSTMForecaster(units=2, epochs=1, window_length=4, random_state=0)
    with pytest.raises(ValueError, match=r"index of X .* row 3 has NaT"):
        forecaster.fit(X.set_axis(times), y)
    with pytest.raises(ValueError, match=r"index of y .* row 3 has NaT"):
        forecaster.fit(y=y.set_axis(times))
    forecaster.fit(X, y)
    with pytest.raises(ValueError, match=r"index of X .* row 3 has NaT"):
        forecaster.predict(X.set_axis(times))


def test_a_column_of_rows_to_predict_that_holds_nothing_is_warned_of():
    X, y = daily_frame()
    X = X.assign(b=X["a"] ** 2)
    forecaster = LSTMForecaster(units=2, epochs=1, window_length=4, random_state=0)
    forecaster.fit(X, y)
    with pytest.warns(UserWarning, match=r"only missing values in the columns \['b'\]"):
        forecaster.predict(X.assign(b=np.nan))


def test_a_gap_in_a_column_that_never_had_one_is_warned_of():
    X, y = daily_frame()
    gap = X.copy()
    gap.iloc[5, 0] = np.nan
    forecaster = LSTMForecaster(units=2, epochs=1, window_length=4, random_state=0)
    with pytest.warns(
        UserWarning, match=r"missing values in the columns \['a'\].*had no"
    ):
        forecaster.fit(X, y).predict(gap)
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        forecaster.fit(gap, y).predict(gap)
