"""The truth table of `skl_lstm._protocol`: one parametrized test per row."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._estimator.conventions import (
    FitCall,
    resolve_fit_call,
    resolve_predict_call,
)

N_ROWS = 6
NAME = "LSTMForecaster"

VECTOR = np.arange(N_ROWS, dtype=float)
MATRIX = np.arange(2.0 * N_ROWS).reshape(N_ROWS, 2)
CUBE = np.zeros((2, 3, N_ROWS))
SERIES = pd.Series(VECTOR, name="y")
FRAME = pd.DataFrame(MATRIX, columns=["a", "b"])
TARGET_FRAME = SERIES.to_frame()
PANEL = FRAME.set_index(
    pd.MultiIndex.from_product([["p", "q"], range(3)], names=["series", "time"])
)
FRAMES = [FRAME, FRAME]
HORIZON = ForecastingHorizon([1, 2, 3])


class ArrayLike:
    """Data that is only known to convert to an array, as in scikit-learn's checks."""

    def __init__(self, data):
        self.data = np.asarray(data)

    def __array__(self, dtype=None, copy=None):
        return self.data

    def __array_function__(self, func, types, args, kwargs):
        raise TypeError(f"{func.__name__} must not be called")


ONE_DIMENSIONAL = {
    "array": VECTOR,
    "series": SERIES,
    "list": VECTOR.tolist(),
    "tuple": tuple(VECTOR),
    "empty-list": [],
    "array-like": ArrayLike(VECTOR),
    "index": pd.RangeIndex(N_ROWS),
    "range": range(N_ROWS),
    "panel-series": PANEL["a"],
}
TWO_DIMENSIONAL = {
    "array": MATRIX,
    "frame": FRAME,
    "column-frame": TARGET_FRAME,
    "lists": MATRIX.tolist(),
    "list-of-arrays": list(MATRIX),
    "array-like": ArrayLike(MATRIX),
    "panel-frame": PANEL,
    # The names of array attributes are legal names of columns.
    "odd-columns": FRAME.set_axis(["ndim", "tocsr"], axis="columns"),
}
TWO_DIMENSIONAL_BUT_FRAMES = {
    key: data
    for key, data in TWO_DIMENSIONAL.items()
    if not isinstance(data, pd.DataFrame)
}
THREE_DIMENSIONAL = {
    "array": CUBE,
    "lists": CUBE.tolist(),
    "list-of-frames": FRAMES,
    "array-like": ArrayLike(CUBE),
}
SPARSE = {"matrix": sparse.csr_matrix(MATRIX), "array": sparse.coo_array(MATRIX)}
HORIZONS = {
    "none": None,
    "int": 3,
    "ints": [1, 2, 3],
    "range": range(1, 4),
    "array": np.arange(1, 4),
    "as-many-as-rows": np.arange(1, N_ROWS + 1),
    "index": pd.Index([1, 2, 3]),
    "periods": pd.period_range("2020-01", periods=N_ROWS, freq="M"),
    "horizon": HORIZON,
    "period-horizon": ForecastingHorizon(
        pd.period_range("2020-01", periods=3, freq="M"), is_relative=False
    ),
}


def each(name, cases):
    """Parametrize a test over a dict of named cases."""
    return pytest.mark.parametrize(name, list(cases.values()), ids=list(cases))


def fit(*args, **kwargs):
    """Resolve a call of `fit`."""
    return resolve_fit_call(args, kwargs, name=NAME)


def assert_read_as(call, convention, y, X=None, fh=None):
    """Assert that a call was read so, and that its data were not copied."""
    assert isinstance(call, FitCall)
    assert call.convention == convention
    assert call.y is y
    assert call.X is X
    assert call.fh is fh


class TestFitHorizonOrThreePositional:
    @each("fh", HORIZONS)
    @pytest.mark.parametrize(
        ("y", "X"), [(SERIES, FRAME), (FRAME, FRAME), (FRAME, None)]
    )
    def test_three_positional_are_sktime(self, y, X, fh):
        assert_read_as(fit(y, X, fh), "sktime", y, X, fh)

    @each("fh", HORIZONS)
    def test_fh_by_keyword_is_sktime(self, fh):
        assert_read_as(fit(SERIES, fh=fh), "sktime", SERIES, None, fh)
        assert_read_as(fit(FRAME, FRAME, fh=fh), "sktime", FRAME, FRAME, fh)
        assert_read_as(fit(SERIES, X=FRAME, fh=fh), "sktime", SERIES, FRAME, fh)
        assert_read_as(fit(y=SERIES, X=FRAME, fh=fh), "sktime", SERIES, FRAME, fh)

    def test_fh_with_y_by_keyword_leaves_first_place_to_X(self):
        assert_read_as(fit(FRAME, y=SERIES, fh=3), "sktime", SERIES, FRAME, 3)

    @each("panel", THREE_DIMENSIONAL)
    def test_panels_pass_untouched(self, panel):
        assert_read_as(fit(panel, fh=3), "sktime", panel, None, 3)
        assert_read_as(fit(panel, panel, None), "sktime", panel, panel)

    @each(
        "weights",
        {
            "array": np.ones(N_ROWS),
            "float32": np.ones(N_ROWS, dtype="float32"),
            "list": [1.0] * N_ROWS,
            "series": pd.Series(np.ones(N_ROWS)),
            "array-like": ArrayLike(np.ones(N_ROWS)),
        },
    )
    @each("X", {"array": MATRIX, "frame": FRAME, "lists": MATRIX.tolist()})
    def test_weights_in_third_place_raise(self, X, weights):
        with pytest.raises(TypeError, match="takes sample_weight by keyword"):
            fit(X, SERIES, weights)


class TestFitOnlyKeywords:
    @each("y", ONE_DIMENSIONAL | TWO_DIMENSIONAL | THREE_DIMENSIONAL)
    def test_is_sktime(self, y):
        assert_read_as(fit(y=y), "sktime", y)
        assert_read_as(fit(y=y, X=FRAME), "sktime", y, FRAME)
        assert_read_as(fit(X=None, y=y), "sktime", y)

    @pytest.mark.parametrize(
        "kwargs", [{"y": None}, {"X": FRAME}, {"X": FRAME, "y": None, "fh": 3}]
    )
    def test_without_y_raises(self, kwargs):
        with pytest.raises(ValueError, match="requires y to be passed, but the target"):
            fit(**kwargs)


class TestFitOnePositional:
    @each("y", ONE_DIMENSIONAL | TWO_DIMENSIONAL | THREE_DIMENSIONAL)
    def test_is_sktime(self, y):
        assert_read_as(fit(y), "sktime", y)
        assert_read_as(fit(y, X=FRAME), "sktime", y, FRAME)
        assert_read_as(fit(y, X=None), "sktime", y)

    def test_none_raises(self):
        with pytest.raises(ValueError, match="requires y to be passed, but the target"):
            fit(None)


class TestFitNone:
    @each("y", ONE_DIMENSIONAL)
    def test_one_dimension_is_sktime(self, y):
        assert_read_as(fit(y, None), "sktime", y)
        assert_read_as(fit(y, y=None), "sktime", y)

    @each("X", TWO_DIMENSIONAL | THREE_DIMENSIONAL)
    def test_more_dimensions_raise(self, X):
        message = r"requires y to be passed, but the target y is None.*fit\(y=\.\.\.\)"
        with pytest.raises(ValueError, match=message):
            fit(X, None)
        with pytest.raises(ValueError, match=message):
            fit(X, y=None)


class TestFitTwoData:
    @each("X", TWO_DIMENSIONAL)
    @each("y", ONE_DIMENSIONAL)
    def test_2d_then_1d_is_sklearn(self, X, y):
        assert_read_as(fit(X, y), "sklearn", y, X)

    @each("y", ONE_DIMENSIONAL)
    @each("X", TWO_DIMENSIONAL)
    def test_1d_then_2d_is_sktime(self, y, X):
        assert_read_as(fit(y, X), "sktime", y, X)

    @each("y", ONE_DIMENSIONAL | TWO_DIMENSIONAL)
    @each("X", TWO_DIMENSIONAL)
    def test_y_by_keyword_is_sklearn(self, X, y):
        assert_read_as(fit(X, y=y), "sklearn", y, X)

    @each("X", TWO_DIMENSIONAL)
    @each("y", TWO_DIMENSIONAL_BUT_FRAMES)
    def test_2d_then_2d_is_sklearn(self, X, y):
        assert_read_as(fit(X, y), "sklearn", y, X)

    @each("X", TWO_DIMENSIONAL_BUT_FRAMES)
    def test_array_then_frame_is_sklearn(self, X):
        assert_read_as(fit(X, TARGET_FRAME), "sklearn", TARGET_FRAME, X)

    @pytest.mark.parametrize("second", [TARGET_FRAME, FRAME, PANEL])
    def test_two_frames_raise(self, second):
        with pytest.raises(TypeError, match="two DataFrames") as caught:
            fit(FRAME, second)
        for spelling in ("fit(X, y)", "fit(y=y, X=X, fh=fh)", "`y.squeeze()`"):
            assert spelling in str(caught.value)

    @each("X", ONE_DIMENSIONAL)
    @each("y", ONE_DIMENSIONAL)
    def test_1d_then_1d_raises(self, X, y):
        message = r"(?s)^Expected 2D array, got 1D array instead:.*Reshape your data"
        with pytest.raises(ValueError, match=message):
            fit(X, y)
        with pytest.raises(ValueError, match=message):
            fit(X, y=y)

    def test_1d_then_y_by_keyword_raises(self):
        with pytest.raises(ValueError, match="Reshape your data"):
            fit(VECTOR, y=MATRIX)

    def test_scalar_then_1d_raises(self):
        with pytest.raises(ValueError, match="Expected 2D array, got scalar array"):
            fit(3, VECTOR)

    @each("panel", THREE_DIMENSIONAL)
    @pytest.mark.parametrize("data", [VECTOR, MATRIX])
    def test_three_dimensions_raise(self, panel, data):
        message = r"two dimensions at most.*Got 3 instead.*fit\(y=\.\.\.\)"
        for args in [(panel, data), (data, panel)]:
            with pytest.raises(ValueError, match=message):
                fit(*args)

    @pytest.mark.parametrize("data", [SERIES, FRAME])
    @pytest.mark.parametrize("horizon", [3, np.int64(3), HORIZON])
    def test_horizon_in_second_place_raises(self, data, horizon):
        with pytest.raises(TypeError, match="forecasting horizon by keyword"):
            fit(data, horizon)


class TestFitSparse:
    @each("matrix", SPARSE)
    def test_raises_in_every_place(self, matrix):
        for args, kwargs in [
            ((matrix, VECTOR), {}),
            ((MATRIX, matrix), {}),
            ((matrix,), {}),
            ((matrix, None), {}),
            ((VECTOR, matrix, None), {}),
            ((), {"y": VECTOR, "X": matrix}),
        ]:
            with pytest.raises(TypeError, match="does not support sparse data"):
                fit(*args, **kwargs)


class TestFitWrongForm:
    @pytest.mark.parametrize("kwargs", [{}, {"fh": 3}])
    def test_no_data_raises(self, kwargs):
        with pytest.raises(TypeError, match=r"got no data.*fit\(X, y\).*fit\(y=y"):
            fit(**kwargs)

    def test_sample_weight_is_for_rows_alone(self):
        call = fit(MATRIX, VECTOR, sample_weight=VECTOR)
        assert call.convention == "sklearn"
        assert call.sample_weight is VECTOR
        assert fit(y=VECTOR, sample_weight=None).convention == "sktime"
        with pytest.raises(TypeError, match=r"LSTMForecaster\.fit\(\).*'halflife'"):
            fit(y=VECTOR, sample_weight=VECTOR)

    def test_unexpected_keyword_raises(self):
        message = r"LSTMForecaster\.fit\(\) got an unexpected keyword argument 'z'"
        with pytest.raises(TypeError, match=message):
            fit(VECTOR, z=1)

    @pytest.mark.parametrize(
        ("args", "kwargs", "doubled"),
        [
            ((VECTOR, MATRIX), {"X": MATRIX}, "X"),
            ((MATRIX, VECTOR), {"y": VECTOR}, "y"),
            ((MATRIX,), {"X": MATRIX, "y": VECTOR}, "X"),
            ((VECTOR, MATRIX, 3), {"fh": 3}, "fh"),
        ],
    )
    def test_argument_given_twice_raises(self, args, kwargs, doubled):
        with pytest.raises(
            TypeError, match=f"multiple values for argument '{doubled}'"
        ):
            fit(*args, **kwargs)

    def test_four_positional_raise(self):
        with pytest.raises(TypeError, match=r"at most 3 .* y, X, fh\. Got 4 instead"):
            fit(VECTOR, MATRIX, 3, 4)

    def test_messages_name_the_method(self):
        with pytest.raises(
            ValueError, match=r"^GRUForecaster\.fit_predict\(\) requires"
        ):
            resolve_fit_call(
                (MATRIX, None), {}, name="GRUForecaster", method="fit_predict"
            )


def predict_after(convention):
    """Return a function that resolves calls of `predict` after such a fit."""

    def predict(*args, **kwargs):
        return resolve_predict_call(args, kwargs, convention=convention, name=NAME)

    return predict


class TestPredictAfterSklearnFit:
    predict = staticmethod(predict_after("sklearn"))

    @each("X", TWO_DIMENSIONAL)
    def test_first_argument_is_X(self, X):
        for call in (self.predict(X), self.predict(X=X)):
            assert call.X is X
            assert call.fh is None

    @each("X", ONE_DIMENSIONAL)
    def test_1d_raises(self, X):
        with pytest.raises(ValueError, match=r"(?s)got 1D array.*Reshape your data"):
            self.predict(X)

    @pytest.mark.parametrize("X", [3, None])
    def test_scalar_raises(self, X):
        with pytest.raises(ValueError, match="Expected 2D array, got scalar array"):
            self.predict(X)

    @each("X", THREE_DIMENSIONAL)
    def test_3d_raises(self, X):
        with pytest.raises(ValueError, match="two dimensions at most"):
            self.predict(X)

    @each("X", SPARSE)
    def test_sparse_raises(self, X):
        with pytest.raises(TypeError, match="does not support sparse data for X"):
            self.predict(X)

    @pytest.mark.parametrize(
        ("args", "kwargs"),
        [
            ((), {"fh": 3}),
            ((), {"fh": None, "X": FRAME}),
            ((FRAME,), {"fh": HORIZON}),
            ((HORIZON,), {}),
            ((), {"X": HORIZON}),
            ((HORIZON, FRAME), {}),
            ((3, FRAME), {}),
        ],
    )
    def test_horizon_raises(self, args, kwargs):
        message = r"fitted as a scikit-learn regressor.*fit\(y=y, X=X, fh=fh\)"
        with pytest.raises(TypeError, match=message):
            self.predict(*args, **kwargs)

    def test_without_X_raises(self):
        with pytest.raises(TypeError, match="missing 1 required positional"):
            self.predict()

    def test_unexpected_keyword_raises(self):
        with pytest.raises(TypeError, match="unexpected keyword argument 'y'"):
            self.predict(MATRIX, y=VECTOR)


class TestPredictAfterSktimeFit:
    predict = staticmethod(predict_after("sktime"))

    @each("fh", HORIZONS)
    @pytest.mark.parametrize("X", [None, FRAME, PANEL, FRAMES])
    def test_first_argument_is_fh(self, fh, X):
        for call in (self.predict(fh, X), self.predict(fh=fh, X=X)):
            assert call.fh is fh
            assert call.X is X

    def test_both_may_be_left_out(self):
        assert self.predict() == (None, None)
        assert self.predict(X=FRAME).X is FRAME

    @each("X", TWO_DIMENSIONAL | THREE_DIMENSIONAL | SPARSE)
    def test_features_in_place_of_fh_raise(self, X):
        message = r"fitted as a sktime forecaster.*predict\(fh=fh, X=X\).*fit\(X, y\)"
        for args, kwargs in [((X,), {}), ((), {"fh": X}), ((X,), {"fh": 3})]:
            with pytest.raises(TypeError, match=message):
                self.predict(*args, **kwargs)

    def test_fh_given_twice_raises(self):
        with pytest.raises(TypeError, match="multiple values for argument 'fh'"):
            self.predict(3, fh=3)
