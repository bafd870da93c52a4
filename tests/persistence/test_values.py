"""Every kind of value goes into a file and comes back the same."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from skl_lstm._engine.backend import keras
from skl_lstm._persistence._fields import Entry, Missing, read_entries, write_entries
from skl_lstm._persistence._objects import (
    configuration_from_state,
    configuration_to_state,
    scaler_from_state,
    scaler_to_state,
)
from skl_lstm._persistence._state import encoding_from_state, encoding_to_state
from skl_lstm._persistence._values import UnkeptError
from skl_lstm._series.categories import learn_encoding
from tests.persistence import there_and_back

PLAIN = [
    None,
    True,
    -(2**70),
    0.1,
    5e-324,
    -0.0,
    np.inf,
    -np.inf,
    "é\ud800\x00",
    (1, (2, [3, ()])),
    {1: "one", (2, 3): {}, None: []},
    {"name": {"is": "text"}},
    {"array": 0},
    np.log,
    pd.Timestamp("2020-01-02 03:04:05.123456789"),
    pd.Timestamp("2020-01-02", tz="America/New_York"),
    pd.Timestamp("2020-01-02").as_unit("s"),
    pd.Timedelta("3h"),
    pd.Period("2020-01-01", freq="W-TUE"),
    pd.NaT,
    pd.offsets.MonthEnd(3),
    pd.offsets.Week(weekday=2),
]


@pytest.mark.parametrize("value", PLAIN, ids=range(len(PLAIN)))
def test_a_value_comes_back(value):
    again = there_and_back(value)
    assert type(again) is type(value)
    assert repr(again) == repr(value)
    assert getattr(again, "unit", None) == getattr(value, "unit", None)


@pytest.mark.parametrize("value", [np.float32(0.1), np.int64(-3), np.str_("a")])
def test_a_number_of_numpy_comes_back_as_one_of_python(value):
    again = there_and_back(value)
    assert type(again) is type(value.item())
    assert again == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.lists(inner).map(tuple)
            | st.dictionaries(st.text() | st.integers(), inner)
        ),
        max_leaves=20,
    )
)
@settings(max_examples=100, derandomize=True, deadline=None)
def test_whatever_is_nested_comes_back(value):
    assert repr(there_and_back(value)) == repr(value)


ARRAYS = {
    "floats": np.array([[0.1, np.nan], [-np.inf, 5e-324]]),
    "half": np.arange(3, dtype="float16"),
    "integers": np.arange(6, dtype="int8").reshape(1, 2, 3),
    "big-endian": np.arange(3, dtype=">i4"),
    "booleans": np.array([True, False]),
    "times": np.array(["2020-01", "NaT"], "M8[M]"),
    "empty": np.empty((0, 3)),
    "scalar": np.array(3.5),
    "columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "every third": np.arange(20.0)[::3],
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_an_array_comes_back(array):
    again = there_and_back(array)
    assert again.dtype == array.dtype.newbyteorder("=")
    np.testing.assert_array_equal(again, array)
    # Sums depend on the order in memory in their last bit.
    assert again.flags.f_contiguous == array.flags.f_contiguous or array.ndim == 1
    assert again.flags.writeable


def test_one_array_under_two_names_stays_one():
    array = np.arange(3.0)
    first, second = there_and_back([array, array])
    assert first is second


def test_a_random_state_goes_on_where_it_was():
    state = np.random.RandomState(3)
    state.standard_normal(7)
    again = there_and_back(state)
    np.testing.assert_array_equal(again.standard_normal(9), state.standard_normal(9))


INDEXES = {
    "range": pd.RangeIndex(3, 9, 2, name="row"),
    "integers": pd.Index([3, 1, 2], name=("a", 1)),
    "small-integers": pd.Index([3, 1], dtype="int16"),
    "floats": pd.Index([0.5, np.nan]),
    "text": pd.Index(["a", "b"], name="column"),
    "objects": pd.Index(["a", 1, None, (2, 3)], dtype=object, tupleize_cols=False),
    "tuples": pd.Index([("a", 1), ("b", 2)], tupleize_cols=False),
    "days": pd.date_range("2020", periods=4, freq="D", name="day"),
    "two-month-ends": pd.date_range("2020", periods=4, freq="2ME"),
    "trading-days": pd.DatetimeIndex(["2020-01-02", "2020-01-03", "2020-01-06"]),
    "seconds": pd.DatetimeIndex(np.array(["2020", "NaT"], "M8[s]")),
    "zone": pd.date_range("2020-10-25", periods=4, freq="h", tz="Europe/Berlin"),
    "utc": pd.date_range("2020", periods=4, freq="15min", tz="UTC"),
    "fixed-zone": pd.date_range("2020", periods=4, freq="h", tz="UTC+02:00"),
    "distances": pd.timedelta_range("1h", periods=3, freq="2h"),
    "months": pd.period_range("2020-01", periods=4, freq="M", name="month"),
    "fiscal-quarters": pd.period_range("2020Q1", periods=4, freq="Q-JAN"),
    "three-days": pd.period_range("2020", periods=4, freq="3D"),
    "levels": pd.MultiIndex.from_product([["a", "b"], [1, 2]], names=["s", None]),
    "empty": pd.DatetimeIndex([], freq="D"),
    "masked": pd.Index([1, 2], dtype="Int64"),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_an_index_comes_back(index):
    again = there_and_back(index)
    pd.testing.assert_index_equal(again, index, exact=True)
    assert again.dtype == index.dtype
    assert again.names == index.names
    assert getattr(again, "freq", None) == getattr(index, "freq", None)
    assert str(getattr(again, "tz", None)) == str(getattr(index, "tz", None))


POSITIVE = np.abs(np.random.default_rng(0).standard_normal((20, 3))) + 0.5
SCALERS = [
    StandardScaler(),
    StandardScaler(with_mean=False),
    MinMaxScaler(feature_range=(-1, 1), clip=True),
    MaxAbsScaler(),
    RobustScaler(quantile_range=(5, 95)),
    RobustScaler(with_centering=False),
    PowerTransformer(),
    PowerTransformer(standardize=False),
    QuantileTransformer(n_quantiles=7, output_distribution="normal"),
    FunctionTransformer(),
    FunctionTransformer(np.log, np.exp),
    make_pipeline(FunctionTransformer(np.log1p, np.expm1), StandardScaler()),
]


@pytest.mark.parametrize("scaler", SCALERS, ids=repr)
def test_a_scaler_of_the_list_comes_back(scaler):
    state = there_and_back(scaler_to_state(scaler.fit(POSITIVE)))
    again = scaler_from_state(state)
    assert repr(again) == repr(scaler)
    there = scaler.transform(POSITIVE)
    np.testing.assert_array_equal(again.transform(POSITIVE), there)
    np.testing.assert_array_equal(
        again.inverse_transform(there), scaler.inverse_transform(there)
    )
    for attribute, value in vars(scaler).items():
        if attribute.endswith("_") and attribute != "steps_":
            np.testing.assert_array_equal(getattr(again, attribute), value)


def test_a_scaler_as_a_parameter_comes_back_as_a_clone():
    again = there_and_back(StandardScaler(with_std=False).fit(POSITIVE))
    assert repr(again) == "StandardScaler(with_std=False)"
    assert not hasattr(again, "mean_")


class MyScaler(StandardScaler):
    """A transformer of the user's own."""


@pytest.mark.parametrize(
    "value",
    [
        MyScaler(),
        make_pipeline(StandardScaler(), MyScaler()),
        Pipeline([("scale", StandardScaler())], memory="folder"),
        FunctionTransformer(lambda x: x),
        print,
        object(),
        np.array([None]),
        pd.Series([1.0]),
        pd.CategoricalIndex(["a"]),
        keras.callbacks.EarlyStopping("loss"),
    ],
    ids=repr,
)
def test_what_needs_code_is_refused(value):
    with pytest.raises(UnkeptError):
        there_and_back(value)


KERAS_OBJECTS = [
    keras.losses.Huber(0.5),
    keras.optimizers.RMSprop(0.02, rho=0.8),
    keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 5, 0.9)),
    keras.regularizers.L1L2(0.1, 0.2),
]


@pytest.mark.parametrize("value", KERAS_OBJECTS, ids=lambda v: type(v).__name__)
def test_an_object_of_keras_comes_back(value):
    again = there_and_back(value)
    assert type(again) is type(value)
    assert again.get_config() == value.get_config()


@pytest.mark.parametrize(
    "text",
    [
        '{"class_name": "system", "module": "os", "config": {}}',
        '{"class_name": "MyLoss", "module": "mine", "registered_name": "mine>MyLoss"}',
        '{"class_name": "Adam", "module": "keras.optimizers", "registered_name": "x"}',
        '{"class_name": "__loader__", "module": "keras.losses"}',
        '{"config": {"rate": {"class_name": "Popen", "module": "subprocess"}}}',
        '{"class_name": "Adam"}',
    ],
)
def test_a_configuration_names_nothing_but_classes_of_keras(text):
    with pytest.raises(UnkeptError):
        configuration_to_state(text)
    with pytest.raises(ValueError, match="not Keras' own"):
        configuration_from_state(json.loads(text))


CATEGORIES = [
    pd.DataFrame({"a": [1.0, 2.0], "b": [3, 4]}),
    pd.DataFrame({"w": ["yes", "no", "no"], "a": [1.0, 2.0, 3.0]}),
    pd.DataFrame({"w": pd.Series(["1", "2", "1"], dtype="category")}),
    pd.DataFrame({"w": pd.Series(["1", "2", None], dtype="category")}),
    pd.DataFrame({"w": pd.Series(["a", "b", None, np.nan], dtype=object)}),
    pd.DataFrame({"v": [True, False], "w": pd.Series([3, 1], dtype="category")}),
]


@pytest.mark.parametrize("X", CATEGORIES, ids=range(len(CATEGORIES)))
def test_categories_come_back(X):
    encoding = learn_encoding(X)
    again = encoding_from_state(there_and_back(encoding_to_state(encoding)))
    pd.testing.assert_frame_equal(again.encode(X), encoding.encode(X))
    assert list(again.names) == list(encoding.names)
    pd.testing.assert_index_equal(again.columns, encoding.columns)


class Fruit:
    """Something with attributes."""

    color_ = "red"


def test_an_entry_that_is_younger_than_a_file_has_a_default():
    old = {"color": Entry("color_")}
    new = old | {"seeds": Entry("seeds_", default=[])}
    state = write_entries(old, Fruit())
    assert read_entries(new, state) == {"color_": "red", "seeds_": []}
    assert read_entries(new, state)["seeds_"] is not new["seeds"].default
    with pytest.raises(ValueError, match="the entry 'seeds' is missing"):
        read_entries(old | {"seeds": Entry("seeds_")}, state)
    with pytest.raises(ValueError, match=r"there are no entries \['color'\]"):
        read_entries({}, state)


def test_an_entry_may_be_missing_where_the_attribute_is():
    table = {"seeds": Entry("seeds_", default=Missing.ALLOWED)}
    assert write_entries(table, Fruit()) == {}
    assert read_entries(table, {}) == {}
