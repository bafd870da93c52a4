"""Frames and series of polars."""

import datetime

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_lstm import LSTMForecaster
from skl_lstm._series.frames import as_pandas

pl = pytest.importorskip("polars")

TINY = {"units": 2, "epochs": 2, "window_length": 4, "horizon": 1, "random_state": 0}
N_ROWS, N_TRAIN = 40, 34
RNG = np.random.default_rng(0)
WORDS = RNG.choice(["1", "2", "3"], size=N_ROWS)
FRAME = pd.DataFrame(
    {"word": pd.Categorical(WORDS), "x": RNG.standard_normal(N_ROWS)},
    index=pd.date_range("2024-01-01", periods=N_ROWS, freq="D"),
)
Y = FRAME["x"] + FRAME["word"].astype(float)
# Text that looks like numbers is text, whatever the type of its column.
TYPES = {
    "text": pl.String,
    "categories": pl.Categorical,
    "enum": pl.Enum(["3", "2", "1"]),
}


def to_polars(dtype=pl.String):
    words = pl.Series("word", WORDS.tolist()).cast(dtype)
    return pl.DataFrame([words, pl.Series("x", FRAME["x"].to_numpy())])


@pytest.fixture(scope="module")
def expected():
    rows = FRAME.reset_index(drop=True)
    regressor = LSTMForecaster(**TINY).fit(rows[:N_TRAIN], Y.to_numpy()[:N_TRAIN])
    return regressor.predict(rows[N_TRAIN:].reset_index(drop=True))


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("form", ["series", "frame"])
def test_polars_in_fit_and_predict(kind, form, expected):
    rows, y = to_polars(TYPES[kind]), pl.Series("y", Y.to_numpy())
    y = y if form == "series" else y.to_frame()
    if form == "frame":
        with pytest.raises(TypeError, match="two DataFrames"):
            LSTMForecaster(**TINY).fit(rows, y)
    regressor = LSTMForecaster(**TINY).fit(rows[:N_TRAIN], y=y[:N_TRAIN])
    assert regressor.categories_ == {"word": ["1", "2", "3"]}
    predicted = regressor.predict(rows[N_TRAIN:])
    np.testing.assert_array_equal(predicted.ravel(), expected)
    assert np.isfinite(regressor.score(rows[N_TRAIN:], y[N_TRAIN:]))
    assert len(regressor.predict_quantiles(rows[N_TRAIN:])) == N_ROWS - N_TRAIN


def test_rows_come_back_from_a_transformer_as_polars():
    scale = make_column_transformer((StandardScaler(), ["x"]), remainder="passthrough")
    both = {}
    for library, rows in (("polars", to_polars()), ("pandas", FRAME)):
        pipeline = make_pipeline(scale, LSTMForecaster(**TINY))
        pipeline.set_output(transform=library)
        pipeline.fit(rows[:N_TRAIN], Y.to_numpy()[:N_TRAIN])
        both[library] = pipeline.predict(rows[N_TRAIN:])
        assert list(pipeline[-1].categories_) == ["remainder__word"]
    np.testing.assert_array_equal(both["polars"], both["pandas"])


def test_an_index_column_says_when_rows_are():
    rows = to_polars().with_columns(pl.Series("__index__day", FRAME.index.to_numpy()))
    options = TINY | {"autoregressive": True}
    dated = LSTMForecaster(**options).fit(FRAME[:N_TRAIN], Y[:N_TRAIN])
    regressor = LSTMForecaster(**options)
    regressor.fit(rows[:N_TRAIN], pl.Series(Y.to_numpy()[:N_TRAIN]))
    assert regressor.feature_names_in_.tolist() == ["word", "x"]
    # Three days later than the first row after the training rows.
    late = slice(N_TRAIN + 3, None)
    np.testing.assert_array_equal(
        regressor.predict(rows[late]), dated.predict(FRAME[late])
    )
    in_columns = rows.rename({"__index__day": "day"})
    with pytest.raises(ValueError, match=r"\['day'\] of X hold dates"):
        LSTMForecaster(**TINY).fit(in_columns, Y.to_numpy())


def test_values_are_those_of_polars():
    days = [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2)]
    times = pl.Series(days).cast(pl.Datetime("us", "UTC"))
    frame = pl.DataFrame(
        {
            "__index__": times.dt.convert_time_zone("Europe/Paris"),
            "n": [1, None],
            "flag": [True, False],
            "word": ["a", None],
        }
    )
    read = as_pandas(frame)
    assert str(read.index.tz) == "Europe/Paris"
    assert read.index[0] == pd.Timestamp("2024-01-01", tz="UTC")
    assert read["n"].isna().tolist() == [False, True]
    assert read["flag"].tolist() == [True, False]
    assert read["word"].isna().tolist() == [False, True]
    assert as_pandas(FRAME) is FRAME
