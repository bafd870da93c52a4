"""scikit-learn's meaning of X: rows are time steps, and where they stand in time.

Rows of real data (quarterly changes in the USA) on indexes of every kind. What a
prediction must equal is worked out from the trained model itself, which is told the
rows before it, or from one call on all rows.
"""

import warnings
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import TimeSeriesSplit, train_test_split
from sktime.datasets import load_uschange

from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm._series.history import History
from skl_lstm._windows.columns import warn_of_windows
from tests import crossed
from tests.estimator.sktime_cases import first_class

CLASSES = [LSTMForecaster, GRUForecaster]
N_TRAIN, N_NEW, LENGTH = 40, 8, 4
N_ALL = N_TRAIN + N_NEW
NETWORK = {
    "units": 2,
    "epochs": 3,
    "window_length": LENGTH,
    "horizon": 1,
    "learning_rate": 0.02,
    "early_stopping": False,
    "random_state": 0,
}
ALL_Y, ALL_X = load_uschange()
ALL_X = ALL_X[["Income", "Production"]][:N_ALL]
ALL_Y = ALL_Y[:N_ALL]
# Neither weekends nor two days picked by hand: no frequency can be inferred.
TRADING_DAYS = pd.bdate_range("2024-01-01", periods=N_ALL + 2).delete([9, 21])
INDEXES = {
    "period": pd.period_range("2000-01", periods=N_ALL, freq="M"),
    "dates": pd.date_range("2000-01-01", periods=N_ALL, freq="MS"),
    "dates, freq inferred": pd.DatetimeIndex(
        pd.date_range("2000-01-01", periods=N_ALL, freq="MS").to_numpy()
    ),
    "numbers": pd.RangeIndex(N_ALL),
    "every second number": pd.RangeIndex(10, 10 + 2 * N_ALL, 2),
}
NO_FREQUENCY = {
    "trading days": TRADING_DAYS,
}

every_treatment = pytest.mark.parametrize("treatment", ["concurrent", "shifted"])
every_index = pytest.mark.parametrize("kind", list(INDEXES))
either_meaning = pytest.mark.parametrize("autoregressive", [False, True])
TREATMENTS = ["concurrent", "shifted"]


def make_rows(kind=None):
    """Return all rows on an index of this kind, as arrays if it is None."""
    if kind is None:
        # Row after row in memory, as most arrays are; a frame's columns are not.
        return np.array(ALL_X, order="C"), ALL_Y.to_numpy()
    index = (INDEXES | NO_FREQUENCY)[kind]
    return ALL_X.set_axis(index), ALL_Y.set_axis(index)


def make_estimator(cls=LSTMForecaster, **parameters):
    return cls(**(NETWORK | parameters))


@cache
def fit_on(kind=None, cls=LSTMForecaster, **parameters):
    """Fit on the training rows; tests only predict with what they get."""
    X, y = make_rows(kind)
    return make_estimator(cls, **parameters).fit(X[:N_TRAIN], y[:N_TRAIN])


def predict_after(est, rows, context):
    """Predict rows that follow `context`; nothing is known before them if None."""
    rows = np.asarray(rows)
    return est._fitted.model.predict_rows(rows, context)[:, 0]


def predict_one_step(est, y, X, rows):
    """Predict these rows one step ahead, from targets y and features X."""
    return est._fitted.model.predict_one_step([History(y, X, None)], [rows])[0]


def follow_training(est, rows):
    return predict_after(est, rows, est._fitted.history.X)


def follow_nothing(est, rows):
    return predict_after(est, rows, None)


def assert_told_apart(est, rows):
    """Guard of the tests below: context must matter, or they could not fail."""
    apart = np.abs(follow_training(est, rows) - follow_nothing(est, rows))
    assert apart[0] > 1e-3


# Where rows stand ------------------------------------------------------------------


@every_treatment
@every_index
def test_rows_that_follow_by_index_are_predicted_with_full_windows(kind, treatment):
    est = fit_on(kind, X_treatment=treatment)
    X, _ = make_rows(kind)
    assert_told_apart(est, X[N_TRAIN:])
    predicted = est.predict(X[N_TRAIN:])
    np.testing.assert_allclose(predicted, est.predict(X)[N_TRAIN:], atol=1e-6)
    np.testing.assert_array_equal(predicted, follow_training(est, X[N_TRAIN:]))


@every_treatment
@every_index
def test_rows_after_a_gap_are_padded(kind, treatment):
    est = fit_on(kind, X_treatment=treatment)
    late = make_rows(kind)[0][N_TRAIN + 1 :]
    assert_told_apart(est, late)
    np.testing.assert_array_equal(est.predict(late), follow_nothing(est, late))


@every_treatment
@every_index
def test_rows_that_overlap_the_training_rows_are_padded(kind, treatment):
    est = fit_on(kind, X_treatment=treatment)
    overlapping = make_rows(kind)[0][N_TRAIN - 1 :]
    assert_told_apart(est, overlapping)
    np.testing.assert_array_equal(
        est.predict(overlapping), follow_nothing(est, overlapping)
    )


@every_treatment
@every_index
def test_rows_from_before_the_training_rows_are_padded(kind, treatment):
    X, y = make_rows(kind)
    est = make_estimator(X_treatment=treatment).fit(X[N_NEW:], y[N_NEW:])
    early = X[:N_NEW]
    assert_told_apart(est, early)
    np.testing.assert_array_equal(est.predict(early), follow_nothing(est, early))


@every_treatment
@pytest.mark.parametrize("kind", list(NO_FREQUENCY))
def test_without_a_frequency_any_later_row_follows(kind, treatment):
    est = fit_on(kind, X_treatment=treatment)
    X, _ = make_rows(kind)
    for first in (N_TRAIN, N_TRAIN + 1):
        predicted = est.predict(X[first:])
        np.testing.assert_array_equal(predicted, follow_training(est, X[first:]))


@every_treatment
@pytest.mark.parametrize("kind", list(NO_FREQUENCY))
def test_without_a_frequency_rows_that_are_not_later_are_padded(kind, treatment):
    est = fit_on(kind, X_treatment=treatment)
    overlapping = make_rows(kind)[0][N_TRAIN - 1 :]
    np.testing.assert_array_equal(
        est.predict(overlapping), follow_nothing(est, overlapping)
    )


@every_treatment
def test_arrays_follow_the_training_rows(treatment):
    est = fit_on(X_treatment=treatment)
    # Without an index there is no sign of a gap.
    for first in (N_TRAIN, N_TRAIN + 1):
        rows = ALL_X.to_numpy()[first:]
        assert_told_apart(est, rows)
        np.testing.assert_array_equal(est.predict(rows), follow_training(est, rows))


@pytest.mark.filterwarnings("ignore:X .*feature names")
def test_rows_follow_where_only_one_side_has_an_index():
    X, _ = make_rows("period")
    arrays = ALL_X.to_numpy()
    expected = follow_training(fit_on("period"), arrays[N_TRAIN + 1 :])
    for est, rows in [(fit_on("period"), arrays), (fit_on(), X)]:
        np.testing.assert_array_equal(est.predict(rows[N_TRAIN + 1 :]), expected)


def test_labels_that_are_no_times_say_nothing():
    X, y = make_rows("period")
    X = X.set_axis([f"row {i:02}" for i in range(N_ALL)][::-1])
    est = make_estimator().fit(X[:N_TRAIN], y[:N_TRAIN])
    np.testing.assert_array_equal(
        est.predict(X[N_TRAIN:]), follow_training(est, X[N_TRAIN:])
    )


@every_treatment
def test_arrays_equal_to_the_training_rows_are_the_training_rows(treatment):
    est = fit_on(X_treatment=treatment)
    for n_rows in (N_TRAIN, N_ALL):
        rows = ALL_X.to_numpy()[:n_rows]
        np.testing.assert_array_equal(est.predict(rows), follow_nothing(est, rows))


@every_treatment
def test_arrays_equal_to_some_of_the_training_rows_follow_with_a_warning(treatment):
    est = fit_on(X_treatment=treatment)
    for part in (slice(0, 1), slice(0, LENGTH), slice(10, 20)):
        rows = ALL_X.to_numpy()[part]
        with pytest.warns(UserWarning, match="equal some of the training rows"):
            predicted = est.predict(rows)
        np.testing.assert_array_equal(predicted, follow_training(est, rows))


@every_treatment
def test_any_row_tells_whether_arrays_are_the_training_rows(treatment):
    est = fit_on(X_treatment=treatment)
    for row in (0, 2 * LENGTH, N_TRAIN - 1):
        other = ALL_X.to_numpy()[:N_TRAIN].copy()
        other[row] += 1.0
        assert_told_apart(est, other)
        np.testing.assert_array_equal(est.predict(other), follow_training(est, other))


@pytest.mark.parametrize("kind", ["period", "dates", "numbers"])
def test_an_index_decides_even_where_the_content_is_that_of_other_rows(kind):
    est = fit_on(kind)
    X, _ = make_rows(kind)
    repeated = X[:N_NEW].set_axis(X.index[N_TRAIN:])
    predicted = est.predict(repeated)
    assert_told_apart(est, repeated)
    np.testing.assert_array_equal(predicted, follow_training(est, repeated))


@either_meaning
@pytest.mark.parametrize("kind", ["period", "dates", "numbers", "trading days"])
def test_unsorted_rows_are_refused_with_a_word_on_shuffling(kind, autoregressive):
    X, y = make_rows(kind)
    X_train, X_test, y_train, _ = train_test_split(X, y, random_state=0)
    est = make_estimator(autoregressive=autoregressive)
    with pytest.raises(ValueError, match=r"unsorted.*shuffle=False"):
        est.fit(X_train, y_train)
    est = fit_on(kind, autoregressive=autoregressive)
    with pytest.raises(ValueError, match=r"unsorted.*shuffle=False"):
        est.predict(X_test)
    assert est.predict(X[N_TRAIN:]).shape == (N_NEW,)


@either_meaning
def test_rows_at_one_time_twice_are_refused(autoregressive):
    X, y = make_rows("period")
    twice = np.repeat(np.arange(N_TRAIN // 2), 2)
    with pytest.raises(ValueError, match="duplicate"):
        make_estimator(autoregressive=autoregressive).fit(X.iloc[twice], y.iloc[twice])


# Padding ---------------------------------------------------------------------------


def test_incomplete_concurrent_windows_repeat_their_first_row():
    est = fit_on("period")
    late = ALL_X.to_numpy()[N_TRAIN + 1 :]
    padded = np.concatenate([np.repeat(late[:1], LENGTH, axis=0), late])
    expected = follow_nothing(est, padded)[LENGTH:]
    predicted = est.predict(make_rows("period")[0][N_TRAIN + 1 :])
    np.testing.assert_allclose(predicted, expected, atol=1e-6)


@pytest.mark.parametrize("scaler", ["standard", "minmax", "robust", None])
def test_incomplete_shifted_windows_are_filled_with_training_means(scaler):
    est = fit_on("period", X_treatment="shifted", scaler=scaler)
    late = ALL_X.to_numpy()[N_TRAIN + 1 :]
    means = ALL_X.to_numpy()[:N_TRAIN].mean(axis=0, keepdims=True)
    padded = np.concatenate([np.repeat(means, LENGTH, axis=0), late])
    expected = follow_nothing(est, padded)[LENGTH:]
    predicted = est.predict(make_rows("period")[0][N_TRAIN + 1 :])
    np.testing.assert_allclose(predicted, expected, atol=1e-6)


def test_incomplete_shifted_windows_are_not_trained_on():
    # Unscaled, so that the first targets could enter by their windows only.
    X, y = make_rows()
    for treatment, is_equal in {"shifted": True, "concurrent": False}.items():
        est = make_estimator(X_treatment=treatment, scaler=None)
        plain = est.fit(X, y).predict(X)
        other = y.copy()
        other[:LENGTH] += 5.0
        assert np.array_equal(est.fit(X, other).predict(X), plain) is is_equal


def test_incomplete_shifted_windows_are_trained_on_if_there_is_no_other():
    X, y = make_rows()
    est = make_estimator(X_treatment="shifted", scaler=None, epochs=30)
    plain = est.fit(X[:LENGTH], y[:LENGTH]).predict(X[:LENGTH])
    raised = est.fit(X[:LENGTH], y[:LENGTH] + 5.0).predict(X[:LENGTH])
    assert (raised > plain).all()


@pytest.mark.parametrize("scaler", ["standard", "minmax", "robust", None])
def test_an_untrained_regression_predicts_the_training_mean(scaler):
    X, y = make_rows()
    est = make_estimator(
        scaler=scaler, linear_skip=False, epochs=1, learning_rate=1e-12
    )
    predicted = est.fit(X[:N_TRAIN], y[:N_TRAIN]).predict(X)
    np.testing.assert_allclose(predicted, y[:N_TRAIN].mean(), atol=1e-5)


# Which rows a prediction reads -----------------------------------------------------


def rows_read(est, rows, row):
    """List the rows (of all columns together) that change the prediction of `row`."""
    return [k for k in range(len(rows)) if changes(est, rows, row, k, [0, 1])]


def changes(est, rows, row, k, columns):
    other = np.array(rows)
    other[k, columns] += 3.0
    return predict_row(est, other, row) != predict_row(est, rows, row)


def predict_row(est, rows, row):
    return follow_nothing(est, rows)[row]


@first_class
def test_a_concurrent_window_ends_with_the_row_predicted(cls):
    est = fit_on(cls=cls)
    rows = ALL_X.to_numpy()[:12]
    assert rows_read(est, rows, 8) == [5, 6, 7, 8]


@first_class
def test_a_shifted_window_ends_with_the_row_before_the_one_predicted(cls):
    est = fit_on(cls=cls, X_treatment="shifted")
    rows = ALL_X.to_numpy()[:12]
    assert rows_read(est, rows, 8) == [4, 5, 6, 7]


@pytest.mark.parametrize("kind", [None, "period"])
def test_a_dict_gives_the_treatment_column_by_column(kind):
    X, y = make_rows(kind)
    name = 0 if kind is None else "Income"
    est = make_estimator(X_treatment={name: "shifted"})
    est.fit(X[:N_TRAIN], y[:N_TRAIN])
    rows = ALL_X.to_numpy()[:12]
    read = [[k for k in range(12) if changes(est, rows, 8, k, [c])] for c in (0, 1)]
    assert read == [[4, 5, 6, 7], [5, 6, 7, 8]]


@pytest.mark.parametrize("treatment", ["concurrent", "shifted"])
def test_a_dict_that_treats_all_columns_alike_equals_the_word(treatment):
    X, y = make_rows("period")
    as_dict = dict.fromkeys(X.columns, treatment)
    est = make_estimator(X_treatment=as_dict).fit(X[:N_TRAIN], y[:N_TRAIN])
    np.testing.assert_array_equal(
        est.predict(X[N_TRAIN:]),
        fit_on("period", X_treatment=treatment).predict(X[N_TRAIN:]),
    )


def test_a_dict_with_an_unknown_column_is_refused():
    X, y = make_rows("period")
    with pytest.raises(ValueError, match=r"(?=.*'Production')(?=.*\['Incom'\])"):
        make_estimator(X_treatment={"Incom": "shifted"}).fit(X, y)


def test_the_target_never_enters_a_regression():
    X, y = make_rows("period")
    est = make_estimator().fit(X[:N_TRAIN], y[:N_TRAIN])
    before = est.predict(X[N_TRAIN:])
    history = est._fitted.history
    est._fitted.histories[()] = replace(history, y=history.y + 1e6)
    np.testing.assert_array_equal(est.predict(X[N_TRAIN:]), before)


def test_columns_of_a_mixed_dict_keep_their_own_scale_and_weights():
    # The engine wants concurrent columns first; the order of X must not matter.
    X, y = make_rows("period")
    treatment = {"Income": "shifted", "Production": "concurrent"}
    est = make_estimator(X_treatment=treatment)
    swapped = X[["Production", "Income"]]
    np.testing.assert_allclose(
        est.fit(swapped[:N_TRAIN], y[:N_TRAIN]).predict(swapped[N_TRAIN:]),
        est.fit(X[:N_TRAIN], y[:N_TRAIN]).predict(X[N_TRAIN:]),
        atol=1e-6,
    )


# Folds and later rows --------------------------------------------------------------


@crossed(
    5,
    slow=CLASSES[1:],
    cls=CLASSES,
    treatment=TREATMENTS,
    kind=[None, "period", "trading days"],
)
def test_folds_are_predicted_as_in_one_call_on_all_rows(cls, treatment, kind):
    X, y = make_rows(kind)
    est = make_estimator(cls, X_treatment=treatment)
    for train, test in TimeSeriesSplit(3).split(X):
        X_test = X[test] if kind is None else X.iloc[test]
        est.fit(X[: len(train)], y[: len(train)])
        np.testing.assert_allclose(
            est.predict(X_test), est.predict(X)[test], rtol=0, atol=1e-6
        )


@crossed(3, slow=CLASSES[1:], cls=CLASSES, treatment=TREATMENTS, kind=[None, "period"])
def test_autoregressive_folds_are_forecast_as_in_one_call_on_all_rows(
    cls, treatment, kind
):
    # One call on all rows: training rows one step ahead, then the steps after them.
    X, y = make_rows(kind)
    est = make_estimator(cls, X_treatment=treatment, autoregressive=True, horizon=2)
    for train, test in TimeSeriesSplit(3).split(X):
        X_test = X[test] if kind is None else X.iloc[test]
        est.fit(X[: len(train)], y[: len(train)])
        np.testing.assert_allclose(
            est.predict(X_test), est.predict(X)[test], rtol=0, atol=1e-6
        )


@crossed(
    5,
    slow=CLASSES[1:],
    cls=CLASSES,
    autoregressive=[False, True],
    treatment=TREATMENTS,
    horizon=[1, 3],
)
def test_later_rows_change_no_earlier_prediction(
    cls, autoregressive, treatment, horizon
):
    est = fit_on(
        None, cls, X_treatment=treatment, autoregressive=autoregressive, horizon=horizon
    )
    new = ALL_X.to_numpy()[N_TRAIN:]
    before = est.predict(new)
    is_moved = []
    for k in range(N_NEW):
        later = np.arange(N_NEW) >= k
        after = est.predict(new + 50.0 * later[:, None])
        # A strictly past column of row k cannot even move the prediction of row k.
        n_equal = k + (treatment == "shifted")
        np.testing.assert_array_equal(after[:n_equal], before[:n_equal])
        is_moved.append(not np.array_equal(after, before))
    # Nor could the test fail if no row mattered.
    assert is_moved[0]
    assert all(is_moved) or treatment == "shifted"


@first_class
@either_meaning
def test_fewer_rows_get_the_same_predictions(cls, autoregressive):
    est = fit_on("period", cls, autoregressive=autoregressive, horizon=3)
    new = make_rows("period")[0][N_TRAIN:]
    whole = est.predict(new)
    for n_rows in range(1, N_NEW):
        np.testing.assert_allclose(est.predict(new[:n_rows]), whole[:n_rows], atol=1e-6)


@crossed(4, slow=CLASSES[1:], cls=CLASSES, treatment=TREATMENTS, horizon=[1, 3])
def test_later_training_rows_change_no_earlier_in_sample_prediction(
    cls, treatment, horizon
):
    est = fit_on(
        "period", cls, X_treatment=treatment, autoregressive=True, horizon=horizon
    )
    y, X = est._fitted.history.y, est._fitted.history.X
    rows, k = np.arange(N_TRAIN), 20
    before = predict_one_step(est, y, X, rows)
    other_y, other_X = y.copy(), X.copy()
    other_y[k:] += 50.0
    after = predict_one_step(est, other_y, X, rows)
    np.testing.assert_array_equal(after[: k + 1], before[: k + 1])
    assert (after[k + 1] != before[k + 1]).all()
    other_X[k:] += 50.0
    after = predict_one_step(est, y, other_X, rows)
    n_equal = k + (treatment == "shifted")
    np.testing.assert_array_equal(after[:n_equal], before[:n_equal])
    assert (after[n_equal] != before[n_equal]).all()


# autoregressive=True is sktime's fit and predict underneath ------------------------


@crossed(
    6,
    slow=CLASSES[1:],
    cls=CLASSES,
    kind=[None, "period", "dates", "numbers"],
    parameters={
        "recursive": {},
        "blocks": {"horizon": 3, "X_treatment": "shifted"},
        "auto": {
            "horizon": "auto",
            "window_length": "auto",
            "early_stopping": "auto",
        },
    },
)
def test_forecasts_equal_those_of_the_sktime_spelling_bit_for_bit(
    cls, kind, parameters
):
    X, y = make_rows(kind)
    X_train, y_train, X_new = X[:N_TRAIN], y[:N_TRAIN], X[N_TRAIN:]
    by_rows = make_estimator(cls, autoregressive=True, **parameters)
    by_rows.fit(X_train, y_train)
    by_series = make_estimator(cls, **parameters).fit(y=y_train, X=X_train)
    forecasts = by_series.predict(fh=range(1, N_NEW + 1), X=X_new)
    predicted = by_rows.predict(X_new)
    assert isinstance(predicted, np.ndarray)
    assert np.array_equal(predicted, np.asarray(forecasts).reshape(N_NEW))
    # Real forecasts, not one number N_NEW times.
    assert np.ptp(predicted) > 1e-3


@crossed(3, slow=CLASSES[1:], cls=CLASSES, kind=[None, "period", "dates"])
def test_several_outputs_equal_the_sktime_spelling_bit_for_bit(cls, kind):
    X, y = make_rows(kind)
    two = np.column_stack([y, np.asarray(y)[::-1]])
    two_columns = two if kind is None else pd.DataFrame(two, y.index, ["a", "b"])
    by_rows = make_estimator(cls, autoregressive=True)
    by_rows.fit(X[:N_TRAIN], two[:N_TRAIN])
    by_series = make_estimator(cls).fit(y=two_columns[:N_TRAIN], X=X[:N_TRAIN])
    forecasts = by_series.predict(fh=range(1, N_NEW + 1), X=X[N_TRAIN:])
    assert np.array_equal(by_rows.predict(X[N_TRAIN:]), np.asarray(forecasts))


@crossed(
    5,
    slow=CLASSES[1:],
    cls=CLASSES,
    kind=[None, "period", "dates", "numbers", "trading days"],
)
def test_training_rows_are_predicted_one_step_ahead(cls, kind):
    X, y = make_rows(kind)
    by_rows = fit_on(kind, cls, autoregressive=True)
    by_series = make_estimator(cls).fit(y=y[:N_TRAIN], X=X[:N_TRAIN])
    in_sample = by_series.predict(fh=range(1 - N_TRAIN, 1), X=X[:N_TRAIN])
    predicted = by_rows.predict(X[:N_TRAIN])
    assert np.array_equal(predicted, np.asarray(in_sample).reshape(N_TRAIN))
    assert np.isfinite(predicted).all()
    # One step ahead means from the true past, which a forecast does not see.
    row = 30
    past_y, past_X = ALL_Y.to_numpy()[:row, None], ALL_X.to_numpy()
    past = History(past_y, past_X[: row + 1], None)
    (step,) = by_rows._fitted.model.forecast([past], 1)
    np.testing.assert_allclose(predicted[row], step[0, 0], atol=1e-6)


@pytest.mark.parametrize("scaler", ["standard", "minmax", "robust", None])
def test_the_first_training_row_is_predicted_as_the_training_mean(scaler):
    X, y = make_rows("period")
    est = fit_on("period", autoregressive=True, scaler=scaler)
    mean = y[:N_TRAIN].mean()
    np.testing.assert_allclose(est.predict(X[:N_TRAIN])[0], mean, atol=1e-6)


@pytest.mark.parametrize("kind", ["period", "dates", "numbers"])
def test_part_of_the_training_rows_is_found_by_its_index(kind):
    est = fit_on(kind, autoregressive=True)
    X, _ = make_rows(kind)
    inside = est.predict(X[:N_TRAIN])
    np.testing.assert_allclose(est.predict(X[30:35]), inside[30:35], atol=1e-6)
    across = est.predict(X[30:])
    np.testing.assert_allclose(across[:10], inside[30:], atol=1e-6)
    np.testing.assert_array_equal(across[10:], est.predict(X[N_TRAIN:]))


def test_training_rows_with_other_values_are_predicted_from_these_values():
    # By their index they are training rows; permutation importance changes columns.
    est = fit_on("period", autoregressive=True)
    X, _ = make_rows("period")
    other = X[:N_TRAIN].assign(Production=X["Production"][:N_TRAIN].to_numpy()[::-1])
    assert not np.allclose(est.predict(other), est.predict(X[:N_TRAIN]))


@pytest.mark.parametrize("kind", ["period", "dates", "numbers", "every second number"])
def test_a_gap_after_the_training_rows_is_forecast_with_x_as_last_seen(kind):
    est = fit_on(kind, autoregressive=True)
    X, _ = make_rows(kind)
    n_missing = 2
    filled = X[N_TRAIN:].copy()
    filled.iloc[:n_missing] = X.iloc[N_TRAIN - 1].to_numpy()
    late = est.predict(X[N_TRAIN + n_missing :])
    np.testing.assert_allclose(late, est.predict(filled)[n_missing:], atol=1e-6)


@pytest.mark.parametrize("kind", ["period", "dates", "numbers"])
def test_rows_from_before_the_training_rows_cannot_be_forecast(kind):
    X, y = make_rows(kind)
    est = make_estimator(autoregressive=True).fit(X[N_NEW:], y[N_NEW:])
    with pytest.raises(ValueError, match="before the training rows"):
        est.predict(X[:N_NEW])
    with pytest.raises(ValueError, match="before the training rows"):
        est.predict(X)


@pytest.mark.parametrize("kind", list(NO_FREQUENCY))
def test_an_index_without_a_frequency_can_be_forecast(kind):
    X, _ = make_rows(kind)
    est = fit_on(kind, autoregressive=True)
    forecasts = fit_on("numbers", autoregressive=True).predict(ALL_X[N_TRAIN:])
    np.testing.assert_array_equal(est.predict(X[N_TRAIN:]), forecasts)


@either_meaning
@pytest.mark.filterwarnings("ignore:X .*feature names")
def test_rows_of_other_columns_are_refused(autoregressive):
    est = fit_on("period", autoregressive=autoregressive)
    X, _ = make_rows("period")
    with pytest.raises(ValueError, match="feature names should match"):
        est.predict(X[N_TRAIN:].rename(columns={"Income": "Wages"}))
    with pytest.raises(ValueError, match=r"1 features, but .* expecting 2"):
        est.predict(X[N_TRAIN:].to_numpy()[:, :1])


# Windows cut by hand --------------------------------------------------------------


@pytest.mark.parametrize("step", [1, -1])
def test_windows_cut_by_hand_are_named(step):
    series = np.sin(np.arange(60.0))
    windows = np.lib.stride_tricks.sliding_window_view(series, 6)[:, ::step]
    small = {"units": 2, "epochs": 1, "window_length": 4, "random_state": 0}
    with pytest.warns(
        UserWarning, match=r"6 columns of X are one series.*fit\(y=series"
    ):
        LSTMForecaster(**small).fit(windows[:-1], series[6:])
    windows = windows.copy()
    windows[7, 3] += 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_windows(windows, "LSTMForecaster")
        warn_of_windows(np.ones((9, 9)), "LSTMForecaster")
