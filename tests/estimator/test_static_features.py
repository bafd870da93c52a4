"""What is known of the series of a panel and never changes."""

import numpy as np
import pandas as pd
import pytest
import sklearn

from skl_lstm import LSTMForecaster, load_model, save_model

TINY = {"units": 2, "epochs": 3, "window_length": 4, "horizon": 2, "random_state": 0}
N_ROWS = 40
RNG = np.random.default_rng(0)
NAMES = list("abcdef")
# Series of one kind rise by half the size of their steps, the others fall.
KINDS = pd.DataFrame({"kind": ["up", "down"] * 3, "size": np.arange(6.0)}, index=NAMES)
TIMES = pd.period_range("2015-01", periods=N_ROWS + 6, freq="M")


def make_walk(name, n_rows=N_ROWS):
    drift = 0.5 if KINDS["kind"].get(name) == "up" else -0.5
    steps = drift + np.random.default_rng(ord(name)).standard_normal(n_rows)
    return pd.DataFrame({"y": steps.cumsum()}, index=TIMES[:n_rows])


PANEL = pd.concat({name: make_walk(name) for name in NAMES}, names=["id", "time"])


@pytest.fixture(scope="module")
def forecaster():
    return LSTMForecaster(**TINY, static_features=KINDS).fit(y=PANEL)


def test_series_go_on_as_their_kind_does(forecaster):
    changes = (
        forecaster.predict(fh=[4])["y"].droplevel("time")
        - PANEL.groupby(level="id").last()["y"]
    )
    rise = changes[KINDS["kind"] == "up"].mean()
    fall = changes[KINDS["kind"] == "down"].mean()
    assert rise > fall + 1.0


def test_they_are_strictly_past_columns_that_never_change(forecaster):
    rows = KINDS.reindex(PANEL.index.get_level_values("id")).set_axis(PANEL.index)
    by_row = LSTMForecaster(**TINY, X_treatment="shifted").fit(y=PANEL, X=rows)
    expected = by_row.predict(fh=range(1, 7))
    pd.testing.assert_frame_equal(forecaster.predict(fh=range(1, 7)), expected)
    pd.testing.assert_frame_equal(
        forecaster.predict_interval(fh=[1, 3]), by_row.predict_interval(fh=[1, 3])
    )


def test_they_stand_beside_columns_that_change(forecaster):
    X = pd.DataFrame({"x": RNG.standard_normal(len(PANEL))}, index=PANEL.index)
    beside = LSTMForecaster(**TINY, static_features=KINDS[["size"]])
    beside.fit(y=PANEL, X=X)
    columns = beside._fitted.model.columns
    assert (columns.concurrent, columns.shifted) == ((0,), (1,))
    ahead = pd.MultiIndex.from_product([NAMES, TIMES[N_ROWS:]], names=["id", "time"])
    X_ahead = pd.DataFrame({"x": 0.5}, index=ahead)
    assert np.isfinite(beside.predict(fh=range(1, 7), X=X_ahead)).all(axis=None)
    with pytest.raises(ValueError, match=r"X is missing.*\['x'\]"):
        beside.predict(fh=[1])
    clash = LSTMForecaster(**TINY, static_features=KINDS.rename(columns={"size": "x"}))
    with pytest.raises(
        ValueError, match=r"columns \['x'\] are in X and in the 'static"
    ):
        clash.fit(y=PANEL, X=X)


def test_new_series_need_a_row():
    known = PANEL.loc[["a", "b", "c"]]
    forecaster = LSTMForecaster(**TINY, static_features=KINDS).fit(y=known)
    forecaster.update(PANEL.loc[["d"]], update_params=False)
    assert len(forecaster.predict(fh=[1])) == 4
    before = forecaster.predict(fh=[1])
    stranger = pd.concat({"z": make_walk("z")}, names=["id", "time"])
    with pytest.raises(ValueError, match=r"no row for the series \['z'\]"):
        forecaster.update(stranger)
    pd.testing.assert_frame_equal(forecaster.predict(fh=[1]), before)


def test_a_pretrained_network_knows_them():
    forecaster = LSTMForecaster(**TINY, static_features=KINDS)
    forecaster.pretrain(PANEL.loc[["a", "b", "c", "d"]])
    forecaster.fit(y=PANEL.loc[["e", "f"]])
    assert np.isfinite(forecaster.predict(fh=[1, 2, 3])).all(axis=None)


def test_levels_above_time_name_the_series():
    deep = pd.concat({"west": PANEL.loc[["a"]], "east": PANEL.loc[["b"]]})
    deep.index.names = ["region", "id", "time"]
    static = pd.DataFrame(
        {"area": [1.0, 2.0]},
        index=pd.MultiIndex.from_tuples([("west", "a"), ("east", "b")]),
    )
    forecaster = LSTMForecaster(**TINY, static_features=static).fit(y=deep)
    assert forecaster._fitted.model.columns.shifted == (0,)
    assert len(forecaster.predict(fh=[1])) == 2


def test_single_series_have_none():
    forecaster = LSTMForecaster(**TINY, static_features=KINDS)
    with pytest.raises(ValueError, match="y is a single series"):
        forecaster.fit(y=PANEL.loc["a"])
    with pytest.raises(ValueError, match="rows are those of one series"):
        forecaster.fit(RNG.standard_normal((20, 2)), RNG.standard_normal(20))


def test_copies_and_files_have_them(forecaster, tmp_path):
    expected = forecaster.predict(fh=[1, 2])
    save_model(forecaster, tmp_path / "static.model")
    again = load_model(tmp_path / "static.model")
    pd.testing.assert_frame_equal(again.static_features, KINDS)
    pd.testing.assert_frame_equal(again.predict(fh=[1, 2]), expected)
    pd.testing.assert_frame_equal(sklearn.clone(forecaster).static_features, KINDS)
