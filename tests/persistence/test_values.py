"""Every kind of value goes into a file and comes back the same."""

import enum
import sys
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._engine.backend import keras
from skl_lstm._engine.cache import ProgramCache
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._persistence import CODECS, _objects
from skl_lstm._persistence._codec import Decoder, Encoder, UnkeptError
from skl_lstm._persistence._objects import _is_record_class
from skl_lstm._series.history import History
from skl_lstm._windows.columns import Columns
from tests.persistence import there_and_back

# Python and NumPy --------------------------------------------------------------

PLAIN = [
    None,
    True,
    0,
    -(2**70),
    0.1,
    5e-324,
    -0.0,
    np.inf,
    -np.inf,
    "",
    "é\ud800\x00",
    b"\x00\xff",
    (1, (2, [3, ()])),
    {1: "one", (2, 3): {}, None: [], "is": "array"},
    {1, "two"},
    frozenset({3}),
    slice(1, None, 2),
    range(3, 9, 2),
    np.float64(0.1),
    np.float32(0.1),
    np.int64(-3),
    np.uint8(3),
    np.bool_(False),
    np.complex64(1 - 2j),
    np.str_("text"),
    np.str_(""),
    np.datetime64("2020-01-02T03", "h"),
    np.timedelta64(3, "D"),
    np.dtype("float32"),
    np.dtype("<M8[ns]"),
    np.dtype("O"),
    np.float64,
    np.int32,
    float,
    np.log,
]


@pytest.mark.parametrize("value", PLAIN, ids=range(len(PLAIN)))
def test_a_plain_value_comes_back(value):
    again = there_and_back(value)
    assert type(again) is type(value)
    assert again == value
    assert repr(again) == repr(value)


def test_nan_comes_back():
    assert np.isnan(there_and_back(np.nan))
    assert np.isnan(there_and_back(np.float32(np.nan)))
    assert np.isnat(there_and_back(np.datetime64("NaT", "ns")))


ARRAYS = {
    "floats": np.array([[0.1, np.nan], [-np.inf, 5e-324]]),
    "half": np.arange(3, dtype="float16"),
    "integers": np.arange(6, dtype="int8").reshape(1, 2, 3),
    "big-endian": np.arange(3, dtype=">i4"),
    "booleans": np.array([True, False]),
    "text": np.array(["a", "bcd"]),
    "bytes": np.array([b"a", b"bcd"]),
    "times": np.array(["2020-01", "NaT"], "M8[M]"),
    "empty": np.empty((0, 3)),
    "scalar": np.array(3.5),
    "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "objects": np.array([["a", None], [1.5, (2, 3)]], dtype=object),
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_an_array_comes_back(array):
    again = there_and_back(array)
    assert again.dtype == array.dtype
    np.testing.assert_array_equal(again, array)
    # Sums depend on the order in memory in their last bit.
    assert again.flags.f_contiguous == array.flags.f_contiguous
    assert again.flags.writeable


def test_every_third_value_comes_back_without_the_others():
    array = np.arange(20.0)[::3]
    np.testing.assert_array_equal(there_and_back(array), array)


def test_one_array_under_two_names_stays_one():
    array = np.arange(3.0)
    first, second = there_and_back([array, array])
    assert first is second


def test_a_random_state_goes_on_where_it_was():
    state = np.random.RandomState(3)
    state.standard_normal(7)
    again = there_and_back(state)
    np.testing.assert_array_equal(again.standard_normal(9), state.standard_normal(9))


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters())
    | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers() | st.tuples(st.integers()), inner)
    ),
    max_leaves=20,
)


@given(ANYTHING)
@settings(max_examples=100, derandomize=True, deadline=None)
def test_whatever_is_nested_comes_back(value):
    assert repr(there_and_back(value)) == repr(value)


# pandas ------------------------------------------------------------------------

INDEXES = {
    "range": pd.RangeIndex(3, 9, 2, name="row"),
    "integers": pd.Index([3, 1, 2], name=("a", 1)),
    "small-integers": pd.Index([3, 1], dtype="int16"),
    "floats": pd.Index([0.5, np.nan]),
    "booleans": pd.Index([True, False]),
    "text": pd.Index(["a", "b"], name="column"),
    "objects": pd.Index(["a", 1, None, (2, 3)], dtype=object, tupleize_cols=False),
    "days": pd.date_range("2020", periods=4, freq="D", name="day"),
    "business-days": pd.date_range("2020", periods=4, freq="B"),
    "two-month-ends": pd.date_range("2020", periods=4, freq="2ME"),
    "trading-days": pd.DatetimeIndex(["2020-01-02", "2020-01-03", "2020-01-06"]),
    "seconds": pd.DatetimeIndex(np.array(["2020", "NaT"], "M8[s]")),
    "zone": pd.date_range("2020-10-25", periods=4, freq="h", tz="Europe/Berlin"),
    "utc": pd.date_range("2020", periods=4, freq="15min", tz="UTC"),
    "fixed-zone": pd.date_range("2020", periods=4, freq="h", tz="UTC+02:00"),
    "distances": pd.timedelta_range("1h", periods=3, freq="2h"),
    "odd-distances": pd.TimedeltaIndex(["1h", None, "5h"]),
    "months": pd.period_range("2020-01", periods=4, freq="M", name="month"),
    "fiscal-quarters": pd.period_range("2020Q1", periods=4, freq="Q-JAN"),
    "three-days": pd.period_range("2020", periods=4, freq="3D"),
    "categories": pd.CategoricalIndex(["b", "a", None], ["b", "a"], ordered=True),
    "levels": pd.MultiIndex.from_product(
        [["a", "b"], pd.period_range("2020", periods=2, freq="Y")], names=["s", None]
    ),
    "sparse-levels": pd.MultiIndex.from_tuples([("a", 1), ("b", 2)])[1:],
    "empty": pd.DatetimeIndex([], freq="D"),
    "masked": pd.Index([1, None], dtype="Int64"),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_an_index_comes_back(index):
    again = there_and_back(index)
    pd.testing.assert_index_equal(again, index, exact=True)
    assert again.dtype == index.dtype
    assert again.names == index.names
    assert getattr(again, "freq", None) == getattr(index, "freq", None)
    assert str(getattr(again, "tz", None)) == str(getattr(index, "tz", None))


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_a_series_and_a_frame_of_it_come_back(index):
    if not isinstance(index, pd.MultiIndex):
        series = pd.Series(index, name="values", dtype=index.dtype)
        pd.testing.assert_series_equal(there_and_back(series), series)
    on_it = pd.Series(np.arange(len(index), dtype="float32"), index=index)
    pd.testing.assert_series_equal(there_and_back(on_it), on_it)
    frame = pd.DataFrame({"x": on_it, ("y", 2): 2}, index=index)
    pd.testing.assert_frame_equal(there_and_back(frame), frame)


def test_a_frame_with_two_columns_of_one_name_comes_back():
    frame = pd.DataFrame([[1, 2.5], [3, 4.5]], columns=["a", "a"])
    pd.testing.assert_frame_equal(there_and_back(frame), frame)
    empty = pd.DataFrame(index=pd.RangeIndex(3))
    pd.testing.assert_frame_equal(there_and_back(empty), empty)


MOMENTS = [
    pd.Timestamp("2020-01-02 03:04:05.123456789"),
    pd.Timestamp("2020-01-02", tz="America/New_York"),
    pd.Timestamp("2020-01-02").as_unit("s"),
    pd.Timedelta("3h"),
    pd.Period("2020Q3"),
    pd.Period("2020-01-01", freq="W-TUE"),
    pd.NaT,
    pd.NA,
    pd.offsets.MonthEnd(3),
    pd.offsets.Week(weekday=2),
    pd.offsets.Hour(6),
    pd.StringDtype(),
    pd.Int64Dtype(),
]


@pytest.mark.parametrize("value", MOMENTS, ids=repr)
def test_a_moment_comes_back(value):
    again = there_and_back(value)
    assert type(again) is type(value)
    assert repr(again) == repr(value)
    assert getattr(again, "unit", None) == getattr(value, "unit", None)


# Objects -----------------------------------------------------------------------

POSITIVE = np.abs(np.random.default_rng(0).standard_normal((20, 3))) + 0.5
MIXED = pd.DataFrame({"number": np.arange(6.0), "kind": list("abcabc")})
SCALERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    MinMaxScaler((-1, 1)),
    RobustScaler(quantile_range=(10, 90)),
    MaxAbsScaler(),
    PowerTransformer(),
    PowerTransformer("box-cox"),
    QuantileTransformer(n_quantiles=7, output_distribution="normal", random_state=3),
    FunctionTransformer(),
    FunctionTransformer(np.log, np.exp),
    make_pipeline(FunctionTransformer(np.log1p, np.expm1), StandardScaler()),
]


@pytest.mark.parametrize("scaler", SCALERS, ids=repr)
def test_a_fitted_scaler_comes_back(scaler):
    scaler.fit(POSITIVE)
    again = there_and_back(scaler)
    assert repr(again) == repr(scaler)
    scaled = scaler.transform(POSITIVE)
    np.testing.assert_array_equal(again.transform(POSITIVE), scaled)
    np.testing.assert_array_equal(
        again.inverse_transform(scaled), scaler.inverse_transform(scaled)
    )


@pytest.mark.parametrize("encoder", [OneHotEncoder(), OrdinalEncoder()], ids=repr)
def test_a_fitted_encoder_of_categories_comes_back(encoder):
    numbers = StandardScaler()
    transformer = ColumnTransformer(
        [("number", numbers, ["number"]), ("kind", encoder, ["kind"])],
        remainder="passthrough",
    ).fit(MIXED)
    again = there_and_back(transformer)
    np.testing.assert_array_equal(again.transform(MIXED), transformer.transform(MIXED))
    assert list(again.get_feature_names_out()) == list(
        transformer.get_feature_names_out()
    )


KERAS_OBJECTS = [
    keras.losses.Huber(2.5),
    keras.losses.MeanSquaredError(name="mine"),
    keras.optimizers.Adam(0.01, beta_1=0.8),
    keras.optimizers.SGD(
        keras.optimizers.schedules.PiecewiseConstantDecay([3, 5], [0.1, 0.05, 0.01])
    ),
    keras.optimizers.RMSprop(keras.optimizers.schedules.CosineDecay(0.1, 100)),
    keras.regularizers.L2(0.03),
    keras.regularizers.L1L2(0.1, 0.2),
]


@pytest.mark.parametrize("value", KERAS_OBJECTS, ids=lambda v: type(v).__name__)
def test_an_object_of_keras_comes_back(value):
    again = there_and_back(value)
    assert type(again) is type(value)
    assert again.get_config() == value.get_config()
    assert getattr(again, "_fn_kwargs", None) == getattr(value, "_fn_kwargs", None)


HORIZONS = [
    ForecastingHorizon([1, 2, 5]),
    ForecastingHorizon(pd.period_range("2020-01", periods=3, freq="M"), False),
    ForecastingHorizon(pd.date_range("2020", periods=3, freq="ME"), False),
]


@pytest.mark.parametrize("fh", HORIZONS, ids=repr)
def test_a_forecasting_horizon_comes_back(fh):
    again = there_and_back(fh)
    assert again.is_relative == fh.is_relative
    assert again.freq == fh.freq
    pd.testing.assert_index_equal(again.to_pandas(), fh.to_pandas())


def test_records_come_back_with_their_defaults_for_what_the_file_lacks():
    columns = Columns(concurrent=(0, 2), shifted=(1,))
    assert there_and_back(columns) == columns
    encoder = Encoder(CODECS)
    node = encoder.encode(columns)
    del node["fields"]["shifted"]
    assert Decoder(CODECS, []).decode(node) == replace(columns, shifted=())
    del node["fields"]["concurrent"]
    node["fields"]["other"] = 1
    with pytest.raises(ValueError, match="Columns has other fields"):
        Decoder(CODECS, []).decode(node)
    history = encoder.encode(History(np.ones((2, 1)), np.ones((2, 0)), None))
    del history["fields"]["y"]
    with pytest.raises(ValueError, match="History lacks y"):
        Decoder(CODECS, encoder.arrays).decode(history)


class Plain:
    """What a class right inside the package looks like."""

    __module__ = "skl_lstm._rows"

    def __init__(self, given):
        self.given = given
        self.measured = None


def test_a_plain_class_of_the_package_comes_back_without_its_constructor(monkeypatch):
    monkeypatch.setattr(sys.modules["skl_lstm._rows"], "Plain", Plain, raising=False)
    value = Plain(np.arange(3.0))
    value.measured = (1, {"a": 2})
    again = there_and_back(value)
    monkeypatch.setattr(_objects, "_RECORDS", {})
    assert type(again) is Plain
    assert again.measured == value.measured
    np.testing.assert_array_equal(again.given, value.given)


def test_a_class_of_the_engine_is_refused():
    with pytest.raises(UnkeptError, match="ProgramCache"):
        there_and_back(ProgramCache(3))


def test_no_two_records_of_the_package_share_a_name():
    modules = [m for name, m in sys.modules.items() if name.startswith("skl_lstm.")]
    classes = {c for m in modules for c in vars(m).values() if _is_record_class(c)}
    assert {History, NetworkSpec} <= classes
    assert len({cls.__name__ for cls in classes}) == len(classes)


def test_two_names_of_one_object_stay_two_names_of_one():
    scaler = StandardScaler().fit(POSITIVE)
    again = there_and_back({"first": scaler, "others": (scaler, scaler)})
    assert again["first"] is again["others"][0] is again["others"][1]


def test_objects_that_refer_to_each_other_come_back():
    scaler = StandardScaler().fit(POSITIVE)
    scaler.owner_ = [scaler]
    again = there_and_back(scaler)
    assert again.owner_[0] is again


# What is not kept --------------------------------------------------------------


class MyScaler(StandardScaler):
    """A class of the user's own."""


@dataclass
class MyRecord:
    """A dataclass that is not ours."""

    value: int = 1


class Color(enum.Enum):
    """An enumeration of the user's own."""

    RED = 1


NOT_KEPT = {
    "lambda": lambda: None,
    "function": print,
    "module": np,
    "class": MyRecord,
    "record": MyRecord(),
    "enumeration": Color.RED,
    "subclass": MyScaler(),
    "subclass-of-dict": type("Mine", (dict,), {})(),
    "subclass-of-int": type("Mine", (int,), {})(3),
    "generator": (i for i in range(3)),
    "callback": keras.callbacks.EarlyStopping(),
    "layer": keras.layers.Dense(2),
    "offset-without-name": pd.DateOffset(months=1, days=3),
    "structured-array": np.zeros(2, dtype=[("a", "f8")]),
    "masked-array": np.ma.array([1.0]),
    "nested": [{"a": (1, print)}],
}


@pytest.mark.parametrize("value", NOT_KEPT.values(), ids=NOT_KEPT)
def test_what_needs_code_is_refused(value):
    with pytest.raises(UnkeptError):
        there_and_back(value)


def test_a_function_that_is_no_inverse_pair_of_numpy_is_refused():
    with pytest.raises(TypeError, match="'func' parameter of FunctionTransformer"):
        there_and_back(FunctionTransformer(np.random.seed))


def test_a_pipeline_with_a_cache_of_pickles_is_refused(tmp_path):
    pipeline = make_pipeline(StandardScaler(), memory=str(tmp_path))
    with pytest.raises(TypeError, match="'memory' parameter of Pipeline"):
        there_and_back(pipeline)
    encoder = Encoder(CODECS)
    node = encoder.encode(make_pipeline(StandardScaler()))
    node["parameters"]["memory"] = str(tmp_path)
    with pytest.raises(TypeError, match="cache of pickles"):
        Decoder(CODECS, []).decode(node)
