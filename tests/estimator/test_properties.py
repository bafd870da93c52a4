"""What must hold of every forecast, on data that hypothesis makes up.

Each property is tested twice: on some examples, and on many of them where slow tests
run. Window, horizon and batch are fixed, so that all examples share a few programs.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from skl_lstm import GRUForecaster, LSTMForecaster

SMALL = {
    "units": 2,
    "epochs": 1,
    "window_length": 4,
    "horizon": 2,
    "batch_size": 8,
    "early_stopping": False,
    "random_state": 0,
}
N_AHEAD = 6
SCALES = (1e-12, 1e-3, 1.0, 1e4, 1e12)
MANY = 10


def few_and_many(check, *strategies, n_examples):
    """Make two tests of a property: on half of the examples, and on many times all."""

    def make(n):
        options = settings(
            max_examples=n,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        )
        return options(given(*strategies)(check))

    slow = pytest.mark.timeout(3000)(pytest.mark.slow(make(MANY * n_examples)))
    return make(n_examples // 2), slow


# Data --------------------------------------------------------------------------

SHAPES = {
    "noise": lambda rng, n: rng.standard_normal(n),
    "walk": lambda rng, n: rng.standard_normal(n).cumsum(),
    "line": lambda rng, n: np.arange(n) * rng.uniform(-1, 1),
    "wave": lambda rng, n: np.sin(np.arange(n) / 3) + 0.1 * rng.standard_normal(n),
    "constant": lambda rng, n: np.full(n, rng.integers(-3, 4), dtype=float),
    "late-jump": lambda rng, n: (np.arange(n) > n - 3).astype(float),
    "outlier": lambda rng, n: rng.standard_normal(n) + 1e6 * (np.arange(n) == n // 2),
    "integers": lambda rng, n: rng.integers(-5, 100, n).astype(float),
    "booleans": lambda rng, n: rng.integers(0, 2, n).astype(float),
}
DTYPES = {
    "integers": ("int8", "int32", "int64", "float32", "float64", "Int64"),
    "booleans": ("bool", "uint8", "float64"),
}


@dataclass
class Column:
    """One series as it will be given, and what it is made of."""

    shape: str
    seed: int
    scale: float
    shift: float
    dtype: str

    def make(self, n):
        rng = np.random.default_rng(self.seed)
        values = SHAPES[self.shape](rng, n)
        if self.shape not in DTYPES:
            values = self.scale * (values + self.shift)
        return pd.Series(values).astype(self.dtype)


@st.composite
def columns(draw):
    shape = draw(st.sampled_from(list(SHAPES)))
    return Column(
        shape,
        draw(st.integers(0, 2**16)),
        draw(st.sampled_from(SCALES)),
        draw(st.sampled_from([0.0, 5.0, -1000.0])),
        draw(st.sampled_from(DTYPES.get(shape, ("float64",)))),
    )


def make_indexes(n):
    return {
        "range": pd.RangeIndex(n),
        "offset-range": pd.RangeIndex(100, 100 + 3 * n, 3),
        "integers": pd.Index(np.arange(n) + 7),
        "days": pd.date_range("2019-12-30", periods=n, freq="D"),
        "business-days": pd.date_range("2020", periods=n, freq="B"),
        "month-ends": pd.date_range("2020", periods=n, freq="ME"),
        "hours": pd.date_range("2020-03-28", periods=n, freq="h"),
        "months": pd.period_range("2020-01", periods=n, freq="M"),
        "quarters": pd.period_range("2001Q1", periods=n, freq="Q-NOV"),
        "weeks": pd.period_range("2020-01-01", periods=n, freq="W-TUE"),
    }


NAMES = st.one_of(
    st.text(max_size=5),
    st.sampled_from(["y", "0", "Series", "level_0", "index", " ", "a.b", "ß"]),
)


@dataclass
class Case:
    """A call of sktime's convention."""

    y: pd.Series | pd.DataFrame
    index: pd.Index
    n: int
    fh: list


@st.composite
def cases(draw, in_sample=True):
    """Draw a target of one or two columns on an index, and steps to forecast."""
    n = draw(st.integers(8, 40))
    index = make_indexes(n + N_AHEAD)[draw(st.sampled_from(list(make_indexes(1))))]
    names = draw(st.lists(NAMES, min_size=1, max_size=2, unique=True))
    y = pd.DataFrame({name: draw(columns()).make(n) for name in names})
    y = y.set_axis(index[:n])
    first = 1 - n if in_sample else 1
    fh = draw(st.lists(st.integers(first, N_AHEAD), min_size=1, unique=True))
    return Case(y.iloc[:, 0] if len(names) == 1 else y, index, n, sorted(fh))


def fit_and_predict(y, fh, cls=LSTMForecaster, **changes):
    with warnings.catch_warnings():
        # Of sktime on the frequency of short indexes, and of scipy on constants.
        warnings.simplefilter("ignore")
        return cls(**(SMALL | changes)).fit(y, fh=fh).predict()


def assert_worded(error):
    """Check that an error is one of words, for a person."""
    assert isinstance(error, (TypeError, ValueError)), repr(error)
    assert len(str(error).split()) >= 5, repr(error)


# Finite, and on the right index ------------------------------------------------


def check_forecast(case, cls):
    forecast = fit_and_predict(case.y, case.fh, cls)
    assert np.isfinite(forecast.to_numpy(dtype=float)).all()
    expected = case.index[[case.n - 1 + step for step in case.fh]]
    assert list(forecast.index) == list(expected)
    assert type(forecast) is type(case.y)
    if isinstance(case.y, pd.Series):
        assert forecast.name == case.y.name
    else:
        assert list(forecast.columns) == list(case.y.columns)


CLASSES = st.sampled_from([LSTMForecaster, GRUForecaster])
test_a_forecast_is_finite_and_on_its_index, test_many_forecasts_are = few_and_many(
    check_forecast, cases(), CLASSES, n_examples=40
)


def check_gaps(case, gaps, value):
    """Missing and infinite values are bridged, or refused in words."""
    y = case.y.astype("float64")
    rows = sorted({gap % case.n for gap in gaps})
    y.iloc[rows] = value
    try:
        forecast = fit_and_predict(y, case.fh)
    except (TypeError, ValueError) as error:
        event("refused")
        assert_worded(error)
        return
    event("forecast")
    assert np.isfinite(forecast.to_numpy(dtype=float)).all()


test_gaps_are_bridged_or_refused_in_words, test_many_gaps_are = few_and_many(
    check_gaps,
    cases(),
    st.lists(st.integers(0, 39), min_size=1, max_size=40),
    st.sampled_from([np.nan, np.inf, -np.inf]),
    n_examples=20,
)


@dataclass
class Rows:
    """A call of scikit-learn's convention."""

    X: pd.DataFrame | np.ndarray
    y: np.ndarray


@st.composite
def rows(draw, widths=(1, 3, 200)):
    """Draw feature rows, and a target with gaps."""
    n, k = draw(st.integers(8, 40)), draw(st.sampled_from(widths))
    drawn = draw(st.lists(columns(), min_size=min(k, 3), max_size=min(k, 3)))
    X = pd.DataFrame({f"x{i}": drawn[i % len(drawn)].make(n) for i in range(k)})
    y = np.array(draw(columns()).make(n), dtype=float)
    gaps = draw(st.lists(st.integers(0, n - 1), max_size=n // 2))
    y[gaps] = np.nan
    return Rows(X if draw(st.booleans()) else X.to_numpy(dtype=float), y)


def check_rows(call, cls, treatment):
    options = SMALL | {"X_treatment": treatment}
    with warnings.catch_warnings():
        # A column may happen to equal the target.
        warnings.simplefilter("ignore")
        regressor = cls(**options).fit(call.X, call.y)
        predicted = regressor.predict(call.X)
    assert predicted.shape == call.y.shape
    assert np.isfinite(predicted).all()
    assert regressor.n_features_in_ == call.X.shape[1]


test_predicted_rows_are_finite, test_many_predicted_rows_are = few_and_many(
    check_rows,
    rows(),
    CLASSES,
    st.sampled_from(["concurrent", "shifted"]),
    n_examples=25,
)


# Shifted and scaled targets ----------------------------------------------------

FACTORS = st.floats(1e-6, 1e6)
SHIFTS = st.floats(-100, 100)
SMOOTH = ("noise", "walk", "wave", "integers")


@st.composite
def smooth_series(draw):
    n, seed = draw(st.integers(12, 40)), draw(st.integers(0, 2**16))
    rng = np.random.default_rng(seed)
    return SHAPES[draw(st.sampled_from(SMOOTH))](rng, n)


def check_equivariance(values, factor, shift, scaler):
    """A forecast of ``factor * (y + shift)`` is that of y, shifted and scaled."""
    fh = [-3, 0, 1, 2, 5]
    plain = fit_and_predict(pd.Series(values), fh, scaler=scaler)
    moved = fit_and_predict(pd.Series(factor * (values + shift)), fh, scaler=scaler)
    tolerance = 1e-3 * values.std()
    np.testing.assert_allclose(moved / factor - shift, plain, rtol=0, atol=tolerance)


test_forecasts_move_with_the_target, test_many_forecasts_do = few_and_many(
    check_equivariance,
    smooth_series(),
    FACTORS,
    SHIFTS,
    st.sampled_from(["standard", "minmax", "robust"]),
    n_examples=25,
)


# No later value changes an earlier prediction ----------------------------------


def check_causality(values, changed, seed):
    """In-sample predictions up to the first changed row stay bit for bit."""
    n_train, first = 10, 10 + changed % (len(values) - 10)
    other = values.copy()
    rng = np.random.default_rng(seed)
    other[first:] = rng.standard_normal(len(values) - first) * 10
    steps = np.arange(1 - len(values), first + 1 - len(values) + 1)
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for y in (pd.Series(values), pd.Series(other)):
            forecaster = LSTMForecaster(**SMALL).fit(y[:n_train], fh=[1])
            forecaster.update(y[n_train:], update_params=False)
            found.append(forecaster.predict(steps))
    pd.testing.assert_series_equal(found[0], found[1])


test_later_values_change_no_prediction, test_many_later_values_do_not = few_and_many(
    check_causality,
    smooth_series(),
    st.integers(0, 100),
    st.integers(0, 2**16),
    n_examples=25,
)


def check_causality_of_rows(call, changed, treatment):
    """Rows from one on leave the predictions of the rows before it alone."""
    X = np.array(call.X, dtype=float)
    first = changed % len(X)
    if treatment == "concurrent":
        n_same = first
    else:
        n_same = first + 1
    other = X.copy()
    other[first:] = np.roll(X, 3, axis=0)[first:] + 1
    # Neither may be taken for the training rows.
    later = pd.RangeIndex(1000, 1000 + len(X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        regressor = LSTMForecaster(**SMALL, X_treatment=treatment).fit(
            pd.DataFrame(X), call.y
        )
        found = [
            regressor.predict(pd.DataFrame(rows, index=later)) for rows in (X, other)
        ]
    np.testing.assert_array_equal(found[0][:n_same], found[1][:n_same])


test_later_rows_change_no_prediction, test_many_later_rows_do_not = few_and_many(
    check_causality_of_rows,
    rows((1, 3)),
    st.integers(0, 100),
    st.sampled_from(["concurrent", "shifted"]),
    n_examples=25,
)


# The properties themselves -----------------------------------------------------


def test_the_properties_notice_what_is_wrong(monkeypatch):
    """A forecaster that looks ahead, or keeps the level of the data, is found out."""
    values = np.sin(np.arange(30.0))
    monkeypatch.setitem(SMALL, "window_scaling", None)
    with pytest.raises(AssertionError):
        check_equivariance(values, 1000.0, 50.0, None)
    predict = LSTMForecaster.predict

    def look_ahead(self, *args, **kwargs):
        return predict(self, *args, **kwargs) + self._fitted.history.y[-1, 0]

    monkeypatch.setattr(LSTMForecaster, "predict", look_ahead)
    with pytest.raises(AssertionError):
        check_causality(values, 5, 0)
    monkeypatch.undo()
    check_causality(values, 5, 0)
    check_equivariance(values, 1000.0, 50.0, "standard")
