"""The right rows at the right time, as users of scikit-learn ask for them.

Each case is one that has answered with the wrong day. Truth is what the same estimator
says where nothing is in doubt: rows with the time as index, without a transformer.
"""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import permutation_importance
from sklearn.model_selection import (
    HalvingGridSearchCV,
    KFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
    learning_curve,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sktime.datasets import load_airline

from skl_lstm import GRUForecaster, LSTMForecaster
from tests import crossed
from tests.estimator.sktime_cases import first_class

AIRLINE = load_airline()
N_TRAIN, N_NEW = 60, 12
N_ALL = N_TRAIN + N_NEW
Y = AIRLINE[:N_ALL]
NETWORK = {"units": 2, "epochs": 2, "window_length": 6, "horizon": 1, "random_state": 0}
MONTH = pd.DataFrame({"month": Y.index.month.astype(float)}, index=Y.index)
NOISE = np.random.default_rng(0).normal(size=(N_ALL, 2))
WEATHER = pd.DataFrame(NOISE, Y.index, ["rain", "wind"])
COLUMNS = {
    "month": MONTH,
    "month and constants": MONTH.assign(one=1.0, zero=0.0),
    "zeros": pd.DataFrame({"nothing": 0.0}, index=Y.index),
    "month and weather": MONTH.join(WEATHER),
    "trend": pd.DataFrame({"t": np.arange(float(N_ALL))}, index=Y.index),
}

CLASSES = [LSTMForecaster, GRUForecaster]
MEANINGS = [False, True]
either_meaning = pytest.mark.parametrize("autoregressive", MEANINGS)


def make_estimator(cls=LSTMForecaster, autoregressive=True, **parameters):
    return cls(autoregressive=autoregressive, **(NETWORK | parameters))


def scaled(est, output="default"):
    return make_pipeline(StandardScaler().set_output(transform=output), est)


def fit_on(X, y=Y, **parameters):
    return make_estimator(**parameters).fit(X[:N_TRAIN], y[:N_TRAIN])


@pytest.fixture
def no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        yield


# Columns that repeat ---------------------------------------------------------------


@crossed(
    6, slow=CLASSES[1:], cls=CLASSES, autoregressive=MEANINGS, columns=list(COLUMNS)
)
@pytest.mark.filterwarnings("ignore:.*they (equal|follow)", "ignore:.*equal some")
def test_a_pipeline_forecasts_the_rows_that_follow(cls, autoregressive, columns):
    X = COLUMNS[columns]
    frames = StandardScaler().set_output(transform="pandas").fit(X[:N_TRAIN])
    alone = make_estimator(cls, autoregressive)
    alone.fit(frames.transform(X[:N_TRAIN]), Y[:N_TRAIN])
    expected = alone.predict(frames.transform(X[N_TRAIN:]))
    for output in ("default", "pandas"):
        model = scaled(make_estimator(cls, autoregressive), output)
        model.fit(X[:N_TRAIN], Y[:N_TRAIN])
        np.testing.assert_array_equal(model.predict(X[N_TRAIN:]), expected)


@pytest.mark.filterwarnings("ignore:.*equal some of the training rows")
def test_folds_behind_a_scaler_have_the_scores_of_folds_without():
    cv = TimeSeriesSplit(n_splits=2, test_size=12)
    scores = [
        cross_val_score(model, MONTH, Y, cv=cv, scoring="neg_mean_absolute_error")
        for model in (make_estimator(), scaled(make_estimator()))
    ]
    np.testing.assert_allclose(scores[1], scores[0], rtol=1e-6)


@either_meaning
@pytest.mark.parametrize("columns", ["month", "month and constants", "zeros"])
def test_rows_that_may_be_either_follow_with_a_word_on_asking_for_the_past(
    autoregressive, columns
):
    X = COLUMNS[columns].to_numpy()
    est = fit_on(X, Y.to_numpy(), autoregressive=autoregressive)
    with pytest.warns(UserWarning, match=r"rows that follow.*time as index.*set_outpu"):
        whole = est.predict(X[:N_TRAIN])
    with pytest.warns(UserWarning, match=r"rows that follow.*time as index.*set_outpu"):
        first_year = est.predict(X[:N_NEW])
    np.testing.assert_allclose(whole[:N_NEW], first_year, atol=1e-4)


@either_meaning
def test_the_index_tells_what_repeating_columns_cannot(autoregressive, no_warning):
    est = fit_on(MONTH, autoregressive=autoregressive)
    past, later = est.predict(MONTH[:N_TRAIN]), est.predict(MONTH[N_TRAIN:])
    np.testing.assert_allclose(est.predict(MONTH)[:N_TRAIN], past, atol=1e-4)
    assert not np.allclose(past[:N_NEW], later)


# Rows numbered from zero -----------------------------------------------------------


@crossed(5, autoregressive=MEANINGS, first=[0, 5, -100], distance=[1, 5])
def test_rows_numbered_from_zero_again_follow(autoregressive, first, distance):
    numbers = pd.RangeIndex(first, first + distance * N_ALL, distance)
    X = WEATHER.set_axis(numbers)
    est = fit_on(X, Y.to_numpy(), autoregressive=autoregressive)
    expected = est.predict(X[N_TRAIN:])
    new = X[N_TRAIN:].reset_index(drop=True)
    np.testing.assert_array_equal(est.predict(new), expected)
    same_start = X[N_TRAIN:].set_axis(numbers[:N_NEW])
    np.testing.assert_array_equal(est.predict(same_start), expected)


@either_meaning
def test_pandas_output_of_arrays_is_numbered_from_zero(autoregressive):
    X = WEATHER.to_numpy()
    model = scaled(make_estimator(autoregressive=autoregressive), "pandas")
    predicted = model.fit(X[:N_TRAIN], Y[:N_TRAIN]).predict(X[N_TRAIN:])
    plain = scaled(make_estimator(autoregressive=autoregressive))
    expected = plain.fit(X[:N_TRAIN], Y[:N_TRAIN]).predict(X[N_TRAIN:])
    np.testing.assert_array_equal(predicted, expected)


@first_class
def test_training_rows_as_arrays_and_frames_are_predicted_one_step_ahead(cls):
    expected = fit_on(WEATHER, cls=cls).predict(WEATHER[:N_TRAIN])
    X, frame = WEATHER.to_numpy(), WEATHER.reset_index(drop=True)
    for rows in (X, frame):
        est = fit_on(rows, cls=cls)
        np.testing.assert_array_equal(est.predict(rows[:N_TRAIN]), expected)
    # As they come out of a transformer, and with more rows after them.
    model = scaled(make_estimator(cls)).fit(X[:N_TRAIN], Y[:N_TRAIN])
    both = model.predict(X)
    np.testing.assert_allclose(both[:N_TRAIN], model.predict(X[:N_TRAIN]), atol=1e-4)
    np.testing.assert_allclose(both[N_TRAIN:], model.predict(X[N_TRAIN:]), atol=1e-4)


def test_missing_values_equal_missing_values():
    X = WEATHER.to_numpy().copy()
    X[[3, 17], [0, 1]] = np.nan
    est = fit_on(X)
    frame = pd.DataFrame(X, Y.index)
    np.testing.assert_array_equal(
        est.predict(X[:N_TRAIN]), fit_on(frame).predict(frame[:N_TRAIN])
    )


# The calendar of y -----------------------------------------------------------------


@pytest.mark.parametrize("zone", [None, "CET"])
def test_the_calendar_of_y_gives_the_season(zone):
    index = pd.date_range("2024-03-01", periods=N_ALL, freq="h", tz=zone)
    y = Y.set_axis(index)
    est = make_estimator(window_length="auto").fit(WEATHER.to_numpy(), y)
    with_calendar = make_estimator(window_length="auto")
    with_calendar.fit(WEATHER.set_axis(index), y)
    assert est.window_length_ == with_calendar.window_length_ == 24
    later = 1 - WEATHER[-5:].set_axis(index[-5:] + pd.Timedelta("5h"))
    np.testing.assert_array_equal(
        est.predict(later.to_numpy()), with_calendar.predict(later)
    )


@pytest.mark.filterwarnings("ignore:X .*feature names")
def test_the_calendar_of_y_gives_the_place_of_rows_with_one():
    est = fit_on(WEATHER.to_numpy())
    expected = fit_on(WEATHER)
    for rows in (WEATHER[N_TRAIN + 3 :], WEATHER[20:30]):
        np.testing.assert_array_equal(est.predict(rows), expected.predict(rows))


@either_meaning
@pytest.mark.parametrize("index", ["calendar", "numbers"])
def test_shuffled_rows_are_refused_where_only_y_has_an_index(autoregressive, index):
    y = Y if index == "calendar" else Y.reset_index(drop=True)
    X, _, y_train, _ = train_test_split(WEATHER.to_numpy(), y, random_state=0)
    est = make_estimator(autoregressive=autoregressive)
    for model in (est, scaled(est), scaled(est, "pandas")):
        with pytest.raises(ValueError, match=r"index of y has unsorted.*shuffle=False"):
            model.fit(X, y_train)


@either_meaning
def test_halving_by_samples_is_refused_where_an_index_tells_it(autoregressive):
    search = HalvingGridSearchCV(
        make_estimator(autoregressive=autoregressive),
        {"units": [1, 2]},
        cv=TimeSeriesSplit(2),
        min_resources=20,
        error_score="raise",
        random_state=0,
    )
    with pytest.raises(ValueError, match="halving by samples"):
        search.fit(WEATHER, Y)


@pytest.mark.parametrize(
    ("X_index", "y_index"),
    [
        (Y.index, Y.index + 1),
        (Y.index.to_timestamp(), Y.index + 1),
        (pd.RangeIndex(N_ALL), pd.RangeIndex(5, 5 + N_ALL)),
    ],
    ids=["periods", "dates and periods", "numbers"],
)
def test_different_indexes_of_x_and_y_are_warned_of(X_index, y_index):
    with pytest.warns(UserWarning, match=r"different indexes; row 0 is at .* in X"):
        make_estimator().fit(WEATHER.set_axis(X_index), Y.set_axis(y_index))


def test_the_same_times_in_another_form_are_not_warned_of(no_warning):
    dates = WEATHER.set_axis(Y.index.to_timestamp())
    make_estimator(epochs=1).fit(dates, Y)
    make_estimator(epochs=1).fit(WEATHER.reset_index(drop=True), Y)


# Training rows on both sides -------------------------------------------------------


def fold(y=Y, n=2):
    return list(KFold(5).split(y))[n]


@crossed(3, slow=CLASSES[1:], cls=CLASSES, kind=["periods", "dates", "numbers"])
def test_rows_between_training_rows_are_forecast_from_those_before(cls, kind):
    index = {"periods": Y.index, "dates": Y.index.to_timestamp()}
    index = index.get(kind, pd.RangeIndex(N_ALL))
    X, y = WEATHER.set_axis(index), Y.set_axis(index)
    train, test = fold()
    est = make_estimator(cls).fit(X.iloc[train], y.iloc[train])
    predicted = est.predict(X.iloc[test])
    # The same network, told of no row after them.
    known = est._fitted.history.until(test[0])
    est._row_positions = np.arange(len(known))
    est._fitted = replace(est._fitted, histories={(): known})
    np.testing.assert_array_equal(est.predict(X.iloc[test]), predicted)


@crossed(
    3, slow=CLASSES[1:], cls=CLASSES, autoregressive=MEANINGS, kind=["periods", "dates"]
)
def test_steps_that_training_rows_leave_out_count_as_missing(cls, autoregressive, kind):
    index = Y.index if kind == "periods" else Y.index.to_timestamp()
    X, y = WEATHER.set_axis(index), Y.set_axis(index)
    X_nan, y_nan, (_, gap) = X.copy(), y.copy(), fold()
    X_nan.iloc[gap], y_nan.iloc[gap] = np.nan, np.nan
    kept = np.delete(np.arange(N_TRAIN), gap)
    by_gap = make_estimator(cls, autoregressive).fit(X.iloc[kept], y.iloc[kept])
    by_nan = make_estimator(cls, autoregressive).fit(X_nan[:N_TRAIN], y_nan[:N_TRAIN])
    expected = by_nan.predict(X[N_TRAIN:])
    np.testing.assert_array_equal(by_gap.predict(X[N_TRAIN:]), expected)
    if autoregressive:
        series = cls(**NETWORK).fit(y=y_nan[:N_TRAIN], X=X_nan[:N_TRAIN])
        forecasts = series.predict(fh=range(1, N_NEW + 1), X=X[N_TRAIN:])
        np.testing.assert_array_equal(np.ravel(forecasts), expected)


@first_class
def test_rows_on_both_sides_of_training_rows_each_stand_at_their_time(cls):
    train, test = fold()
    est = make_estimator(cls).fit(WEATHER.iloc[train], Y.iloc[train])
    index = Y.index.append(Y.index[-1:] + 1)
    X = pd.DataFrame(np.append(NOISE, [[1.0, 2.0]], axis=0), index, WEATHER.columns)
    whole, std = est.predict(X, return_std=True)
    # Rows after the fold read its X, too, where that is passed with them.
    for first, last in [(0, test[0]), (test[0], test[-1] + 1), (test[0], N_ALL + 1)]:
        values, spread = est.predict(X[first:last], return_std=True)
        np.testing.assert_allclose(whole[first:last], values, atol=1e-3)
        np.testing.assert_allclose(std[first:last], spread, rtol=1e-3)


@pytest.mark.parametrize("behind_a_scaler", [False, True])
def test_a_partition_of_the_rows_is_refused_in_words(behind_a_scaler):
    # Its first fold has no past, and behind a scaler no fold has a time.
    model = scaled(make_estimator()) if behind_a_scaler else make_estimator()
    with pytest.raises(ValueError, match="TimeSeriesSplit"):
        cross_val_predict(model, WEATHER, Y, cv=5)


def test_a_regression_predicts_a_partition_of_the_rows():
    est = make_estimator(autoregressive=False)
    predicted = cross_val_predict(est, WEATHER, Y, cv=5)
    for n in range(5):
        train, test = fold(n=n)
        est.fit(WEATHER.iloc[train], Y.iloc[train])
        context = WEATHER.to_numpy()[: test[0]] if n else None
        rows = WEATHER.to_numpy()[test]
        expected = est._fitted.predict_rows(rows, context)[:, 0]
        np.testing.assert_allclose(predicted[test], expected, atol=1e-3)


def test_a_learning_curve_scores_training_rows_as_training_rows():
    cv = TimeSeriesSplit(2, test_size=12)
    options = {"cv": cv, "train_sizes": [0.8, 1.0], "scoring": "r2"}
    _, train, test = learning_curve(make_estimator(), WEATHER, Y, **options)
    _, piped_train, piped_test = learning_curve(
        make_estimator(), WEATHER.to_numpy(), Y, **options
    )
    np.testing.assert_allclose(piped_train, train, rtol=1e-5)
    # Rows that a size leaves out before the fold are seen by an index alone: only the
    # first fold is trained on all of its rows.
    np.testing.assert_allclose(piped_test[-1, 0], test[-1, 0], rtol=1e-5)
    assert abs(piped_test[-1, 1] - test[-1, 1]) > 0.1


# Rows in another order -------------------------------------------------------------


@either_meaning
@pytest.mark.parametrize("index", ["numbered anew", None])
def test_training_rows_in_another_order_are_refused(autoregressive, index):
    est = fit_on(WEATHER.to_numpy(), Y.to_numpy(), autoregressive=autoregressive)
    rows = WEATHER.to_numpy()[np.random.default_rng(0).permutation(N_TRAIN)]
    with pytest.raises(ValueError, match="training rows in another order"):
        est.predict(rows if index is None else pd.DataFrame(rows))


@pytest.mark.parametrize("kind", ["arrays", "frames", "numbered"])
def test_noise_has_no_importance_for_training_rows(kind):
    # Errors of a fit on the target's past and a driver; noise moves nothing.
    rng = np.random.default_rng(0)
    driver, noise = rng.normal(size=(2, 80))
    X, y = np.column_stack([driver, noise]), 10 * driver + np.arange(80)
    if kind != "arrays":
        X = pd.DataFrame(X, pd.period_range("2000", periods=80, freq="M"))
        X.columns = ["driver", "noise"]
    if kind == "numbered":
        X = X.reset_index(drop=True)
    est = make_estimator(epochs=20).fit(X, y)
    options = {"scoring": "neg_mean_absolute_error", "n_repeats": 3, "random_state": 0}
    driver, noise = permutation_importance(est, X, y, **options).importances_mean
    assert driver > 4
    assert abs(noise) < 1


# Memory ----------------------------------------------------------------------------


@either_meaning
def test_what_becomes_of_arrays_after_fit_changes_no_prediction(autoregressive):
    X, y = WEATHER.to_numpy().copy(), Y.to_numpy().copy()
    est = make_estimator(autoregressive=autoregressive).fit(X[:N_TRAIN], y[:N_TRAIN])
    new = X[N_TRAIN:].copy()
    before = est.predict(new, return_std=True)
    X[:], y[:] = 0.0, -1.0
    for now, then in zip(est.predict(new, return_std=True), before, strict=True):
        np.testing.assert_array_equal(now, then)


def test_what_becomes_of_series_after_fit_changes_no_forecast():
    X, y = WEATHER[:N_TRAIN].copy(), Y[:N_TRAIN].copy()
    est = LSTMForecaster(**NETWORK).fit(y=y, X=X, fh=[1, 2, 3])
    before = est.predict(X=WEATHER[N_TRAIN:])
    y.to_numpy(copy=False).setflags(write=True)
    y[:], X[:] = 0.0, 0.0
    pd.testing.assert_series_equal(est.predict(X=WEATHER[N_TRAIN:]), before)
