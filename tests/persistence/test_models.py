"""Models in files: what comes back, how a file is written, what is refused."""

import copy
import json
import os
import re
import threading
import tracemalloc
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, RobustScaler, StandardScaler

import skl_lstm
from skl_lstm import (
    GRUForecaster,
    LSTMForecaster,
    SimpleRNNForecaster,
    load_model,
    save_model,
)
from skl_lstm._engine.backend import keras
from skl_lstm._exceptions import ModelFileError
from skl_lstm._persistence import _archive, read_model
from tests import crossed, run_python
from tests.persistence import (
    N_AHEAD,
    N_ROWS,
    SMALL,
    VALUES,
    fitted_attributes,
    make_panel,
    make_rows,
    make_series,
)
from tests.persistence.mutations import read_parts, write_parts

N_ALL = N_ROWS + N_AHEAD
INDEXES = {
    "array": None,
    "range": pd.RangeIndex(5, 5 + 2 * N_ALL, 2),
    "integers": pd.Index(np.arange(N_ALL) + 3),
    "days": pd.date_range("2020", periods=N_ALL, freq="D", name="day"),
    "month-ends": pd.date_range("2020", periods=N_ALL, freq="ME"),
    "trading-days": pd.date_range("2020", periods=N_ALL + 1, freq="B").delete(7),
    "zone": pd.date_range("2020-10-24", periods=N_ALL, freq="h", tz="Europe/Paris"),
    "months": pd.period_range("2020-01", periods=N_ALL, freq="M"),
    "quarters": pd.period_range("2001Q1", periods=N_ALL, freq="Q-NOV"),
}
PARAMETERS = {
    "log": {"y_transform": "log"},
    "minmax": {"scaler": "minmax"},
    "robust": {"scaler": "robust"},
    "no-scaler": {"scaler": None},
    "transformer": {"scaler": QuantileTransformer(n_quantiles=5)},
    "pipeline": {"scaler": make_pipeline(RobustScaler(), StandardScaler())},
    "ensemble": {"n_estimators": 2},
    "theta": {"theta_share": 0.5, "sp": 4},
    "layers": {"units": (3, 2), "bidirectional": True},
    "warm-start": {"warm_start": True},
    "shifted": {"X_treatment": "shifted"},
    "halflife": {"halflife": 10.0},
    "random-state": {"random_state": np.random.RandomState(0)},
    "numpy-integer": {"random_state": np.int64(3)},
    "loss": {"loss": keras.losses.Huber(0.5)},
    "optimizer": {"optimizer": keras.optimizers.RMSprop(0.01, rho=0.8)},
    "regularizer": {"kernel_regularizer": keras.regularizers.L2(0.01)},
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "fitted.model"


def save_and_load(estimator, path):
    """Save and load; look at everything but the predictions."""
    before = sorted(os.listdir(path.parent))
    state = {name: repr(value) for name, value in vars(estimator).items()}
    save_model(estimator, path)
    assert sorted({*before, path.name}) == sorted(os.listdir(path.parent))
    assert {name: repr(value) for name, value in vars(estimator).items()} == state
    again = load_model(path)
    assert type(again) is type(estimator)
    # Not one attribute is forgotten, neither public nor sktime's.
    assert vars(again).keys() == vars(estimator).keys()
    found, expected = fitted_attributes(again), fitted_attributes(estimator)
    assert describe_all(found) == describe_all(expected)
    if estimator.is_fitted:
        found, expected = again.get_fitted_params(), estimator.get_fitted_params()
        assert describe_all(found) == describe_all(expected)
    return again


def describe_all(values):
    """Turn fitted values into what can be compared."""
    return {name: without_places(repr(value)) for name, value in values.items()}


def without_places(text):
    return re.sub(r" at 0x[0-9a-fA-F]+", "", text)


def describe(estimator):
    """Name class and parameters, objects without their place in memory."""
    given = estimator.get_params()
    plain = {n: v.item() if isinstance(v, np.generic) else v for n, v in given.items()}
    return without_places(repr(plain))


def assert_same_forecasts(again, estimator):
    for fh in ([1, 2], [-3, 0, 5]):
        found, expected = again.predict(fh), estimator.predict(fh)
        if isinstance(expected, np.ndarray):
            np.testing.assert_array_equal(found, expected)
        else:
            pd.testing.assert_series_equal(found, expected)


# There and back ----------------------------------------------------------------


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_a_forecaster_on_every_index_comes_back(index, path):
    forecaster = make_series(index)
    again = save_and_load(forecaster, path)
    assert repr(again.cutoff) == repr(forecaster.cutoff)
    if isinstance(index, pd.DatetimeIndex) and index.freq is None:
        # Out of sample this index has no next day.
        for estimator in (again, forecaster):
            with pytest.raises(ValueError, match="freq"):
                estimator.predict([1])
        fh = [-3, 0]
        pd.testing.assert_series_equal(again.predict(fh), forecaster.predict(fh))
        return
    assert_same_forecasts(again, forecaster)


@crossed(len(PARAMETERS), fit=[make_rows, make_series], changes=PARAMETERS)
def test_every_kind_of_parameter_comes_back(fit, changes, path):
    estimator = fit(**changes)
    again = save_and_load(estimator, path)
    assert describe(again) == describe(estimator)
    assert again.history_ == estimator.history_
    assert again.y_scaler_ is again._fitted.model.scaling.y
    if fit is make_series:
        assert_same_forecasts(again, estimator)
    else:
        X = pd.DataFrame({"a": VALUES, "b": VALUES[::-1]})
        for rows in (X[N_ROWS:], X[:N_ROWS]):
            np.testing.assert_array_equal(again.predict(rows), estimator.predict(rows))


@pytest.mark.parametrize("autoregressive", [True, False])
@pytest.mark.parametrize("n_outputs", [1, 2])
def test_a_regressor_of_several_outputs_comes_back(n_outputs, autoregressive, path):
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((N_ROWS, 3)), rng.standard_normal((N_ROWS, n_outputs))
    regressor = LSTMForecaster(**SMALL, autoregressive=autoregressive).fit(X, y)
    again = save_and_load(regressor, path)
    np.testing.assert_array_equal(again.predict(X), regressor.predict(X))
    assert again.score(X, y) == regressor.score(X, y)


def make_multivariate():
    index = INDEXES["months"]
    y = pd.DataFrame({"a": VALUES, "b": VALUES**2}, index=index)
    X = pd.DataFrame({"known": np.cos(VALUES), "flag": VALUES > 5}, index=index)
    options = SMALL | {"X_treatment": {"known": "concurrent", "flag": "shifted"}}
    forecaster = GRUForecaster(**options).fit(y=y[:N_ROWS], X=X[:N_ROWS], fh=[1, 3])
    return forecaster, y, X


def test_a_multivariate_forecaster_with_features_comes_back_and_goes_on(path):
    forecaster, y, X = make_multivariate()
    again = save_and_load(forecaster, path)
    ahead = X[N_ROWS:]
    pd.testing.assert_frame_equal(again.predict(X=ahead), forecaster.predict(X=ahead))
    for estimator in (again, forecaster):
        estimator.update(y[N_ROWS : N_ROWS + 2], X[N_ROWS : N_ROWS + 2])
    assert again.cutoff == forecaster.cutoff
    ahead = {"fh": [1, 2], "X": X[N_ROWS + 2 :]}
    pd.testing.assert_frame_equal(again.predict(**ahead), forecaster.predict(**ahead))


@pytest.mark.parametrize("name", ["range", "days", "months"])
def test_a_panel_comes_back_and_goes_on(name, path):
    panel = make_panel(INDEXES[name])
    times = panel.index.get_level_values("time")
    seen, new = panel[times <= times[N_ROWS - 1]], panel[times > times[N_ROWS - 1]]
    forecaster = LSTMForecaster(**SMALL).fit(seen, fh=[1, 2])
    again = save_and_load(forecaster, path)
    pd.testing.assert_frame_equal(again.predict(), forecaster.predict())
    for estimator in (again, forecaster):
        estimator.update(new)
    pd.testing.assert_frame_equal(again.predict(), forecaster.predict())


def test_the_order_of_series_and_the_horizon_of_fit_come_back(path):
    panel = make_panel(INDEXES["days"])
    reverse = pd.concat([panel.loc[["two"]], panel.loc[["one"]]])
    forecaster = LSTMForecaster(**SMALL).fit(reverse, fh=[1, 2])
    expected = forecaster.predict()
    assert list(expected.index.unique(0)) == ["two", "one"]
    forecaster.predict(fh=[5])
    again = save_and_load(forecaster, path)
    pd.testing.assert_frame_equal(again.predict(), expected)


def test_rows_left_out_of_training_are_still_left_out(path):
    index = INDEXES["months"][:N_ROWS].delete([7, 8, 9])
    X = pd.DataFrame({"a": VALUES[: len(index)]}, index=index)
    regressor = LSTMForecaster(**SMALL).fit(X, VALUES[1 : len(index) + 1])
    again = save_and_load(regressor, path)
    rows = X.to_numpy()
    np.testing.assert_array_equal(again.predict(rows), regressor.predict(rows))


@pytest.mark.parametrize("cls", [LSTMForecaster, GRUForecaster, SimpleRNNForecaster])
def test_an_estimator_that_is_not_fitted_comes_back(cls, path):
    again = save_and_load(cls(units=(3, 2), scaler=StandardScaler()), path)
    assert not again.is_fitted
    assert again.units == (3, 2)


def test_a_loaded_estimator_is_fitted_again_as_the_original(path):
    forecaster = make_series()
    again = save_and_load(forecaster, path)
    again.fit(VALUES[:N_ROWS], fh=[1, 2])
    forecaster.fit(VALUES[:N_ROWS], fh=[1, 2])
    np.testing.assert_array_equal(again.predict(), forecaster.predict())


def test_metadata_requests_come_back(path):
    with config_context(enable_metadata_routing=True):
        regressor = make_rows().set_score_request(sample_weight=True)
        again = save_and_load(regressor, path)
        assert again.get_metadata_routing().score.requests["sample_weight"] is True


def test_a_fresh_process_gives_the_same_without_tensorflow(path):
    forecaster = make_series(INDEXES["months"])
    save_model(forecaster, path)
    code = (
        "import sys, skl_lstm\n"
        "forecaster = skl_lstm.load_model(sys.argv[1])\n"
        "print(forecaster.is_fitted)\n"
        "print([v.hex() for v in forecaster.predict()])\n"
        "print({'tensorflow', 'keras'} & set(sys.modules))\n"
    )
    expected = [v.hex() for v in forecaster.predict()]
    assert run_python(code, path).stdout == f"True\n{expected}\nset()\n"


# Writing -----------------------------------------------------------------------


def test_equal_estimators_give_equal_files(path):
    save_model(make_series(), path)
    first = path.read_bytes()
    save_model(make_series(), path)
    assert path.read_bytes() == first


def test_a_file_is_replaced_only_when_the_new_one_is_whole(path, monkeypatch):
    save_model(make_series(), path)
    before = path.read_bytes()

    def fail(*args):
        raise OSError("disk full")

    monkeypatch.setattr(_archive.os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        save_model(make_series(units=3), path)
    assert os.listdir(path.parent) == [path.name]
    assert path.read_bytes() == before


def test_nothing_is_written_if_the_estimator_cannot_be_kept(path):
    with pytest.raises(TypeError):
        save_model(LSTMForecaster(callbacks=[print]), path)
    assert os.listdir(path.parent) == []


def test_a_path_may_be_text_and_its_folder_must_exist(tmp_path):
    save_model(make_series(), str(tmp_path / "a file"))
    assert load_model(str(tmp_path / "a file")).is_fitted
    with pytest.raises(FileNotFoundError):
        save_model(make_series(), tmp_path / "nowhere" / "model")
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "nowhere")


def test_threads_that_save_to_one_path_leave_one_whole_file(path):
    estimators = [make_series(), make_series(units=3)]
    threads = [
        threading.Thread(target=lambda e=e: [save_model(e, path) for _ in range(10)])
        for e in estimators
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert load_model(path).units in (2, 3)
    assert os.listdir(path.parent) == [path.name]


@keras.saving.register_keras_serializable("skl_lstm_tests")
class MyLoss(keras.losses.Loss):
    """A loss of the user's own."""

    def call(self, y_true, y_pred):
        return keras.ops.mean(keras.ops.abs(y_true - y_pred), axis=-1)


class MyScaler(StandardScaler):
    """A transformer of the user's own."""


@pytest.mark.parametrize(
    ("parameter", "value", "name"),
    [
        ("callbacks", [keras.callbacks.EarlyStopping("loss")], "EarlyStopping"),
        ("loss", MyLoss(), "MyLoss"),
        ("scaler", MyScaler(), "MyScaler"),
    ],
)
def test_a_parameter_that_needs_code_is_named(parameter, value, name, path):
    estimator = make_series(**{parameter: value})
    with pytest.raises(TypeError) as error:
        save_model(estimator, path)
    message = str(error.value)
    assert message.startswith(f"The '{parameter}' parameter of LSTMForecaster must be")
    assert f"Got {value!r} instead" in message
    assert name in message
    assert "pickle" in message


def test_the_way_out_that_the_error_names_works(path):
    forecaster = make_series(callbacks=[keras.callbacks.EarlyStopping("loss")])
    expected = forecaster.predict()
    forecaster.callbacks = None
    np.testing.assert_array_equal(save_and_load(forecaster, path).predict(), expected)


def test_attributes_of_the_users_own_are_not_kept(path):
    forecaster = make_series()
    forecaster.note_ = print
    save_model(forecaster, path)
    assert not hasattr(load_model(path), "note_")


def test_a_network_that_was_trained_with_code_is_refused(path):
    forecaster = make_series(loss=MyLoss())
    forecaster.loss = "auto"
    with pytest.raises(TypeError, match=r"What this LSTMForecaster has learned"):
        save_model(forecaster, path)


@pytest.mark.parametrize("value", [make_pipeline(LSTMForecaster()), None, "model"])
def test_only_models_of_this_package_are_saved(value, path):
    with pytest.raises(TypeError, match="'estimator' parameter of save_model") as error:
        save_model(value, path)
    assert f"Got {value!r} instead" in str(error.value)
    assert "joblib" in str(error.value)


# Refusing ----------------------------------------------------------------------


def write_pickle(path):
    joblib.dump(make_series(), path)


def write_sktime_file(path):
    make_series().save(path.with_suffix(""))
    path.with_suffix(".zip").rename(path)


def write_keras_file(path):
    make_series().model_.save(path.with_suffix(".keras"))
    path.with_suffix(".keras").rename(path)


FOREIGN = {
    "empty": (lambda path: path.write_bytes(b""), "is not a model"),
    "text": (lambda path: path.write_text("a,b\n1,2\n"), "is not a model"),
    "pickle": (write_pickle, "pickle or joblib file"),
    "sktime": (write_sktime_file, "sktime.base.load"),
    "keras": (write_keras_file, "keras.saving.load_model"),
}


@pytest.mark.parametrize(("write", "words"), FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_file_is_named(write, words, path):
    write(path)
    with pytest.raises(ModelFileError, match=words) as error:
        load_model(path)
    assert str(error.value).startswith(f"{path} cannot be loaded. ")
    assert isinstance(error.value, ValueError)


def test_a_file_larger_than_allowed_is_not_read(path):
    save_model(make_series(), path)
    n_bytes = path.stat().st_size
    assert load_model(path, max_bytes=n_bytes).is_fitted
    with pytest.raises(ModelFileError, match="pass a larger max_bytes"):
        load_model(path, max_bytes=n_bytes - 1)
    with pytest.raises(ModelFileError, match="larger than 1000 bytes"):
        load_model("/dev/zero", max_bytes=1000)


def test_an_estimator_does_not_share_arrays_with_the_loaded_one(path):
    forecaster = make_series()
    save_model(forecaster, path)
    first, second = load_model(path), load_model(path)
    expected = copy.deepcopy(second).predict()
    first._fitted.model.networks.members[0][0][...] = 0
    np.testing.assert_array_equal(second.predict(), expected)


# Versions and damage ------------------------------------------------------------


@pytest.fixture(scope="module")
def content(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model"
    save_model(make_series(), path)
    return path.read_bytes()


def test_three_lines_say_what_a_file_is(content):
    first, checksum, manifest = content.split(b"\n")[:3]
    assert first == b"skl_lstm model 2"
    assert len(checksum) == 64
    versions = json.loads(manifest)["versions"]
    assert versions["skl_lstm"] == skl_lstm.__version__
    assert versions["numpy"] == np.__version__
    assert versions.keys() >= {"python", "scikit-learn", "sktime", "keras"}


def test_a_newer_format_asks_for_an_upgrade(content):
    newer = content.replace(b"skl_lstm model 2", b"skl_lstm model 31", 1)
    with pytest.raises(ModelFileError, match=r"of format 31.*Upgrade skl_lstm"):
        read_model(newer)
    for name in (b"skl_lstm model x", b"skl_lstm model", b"skl_lstm model -2"):
        with pytest.raises(ModelFileError, match="is not a model"):
            read_model(content.replace(b"skl_lstm model 2", name, 1))


def test_a_file_of_a_development_version_is_refused_with_the_way_out():
    path = Path(__file__).parent / "format-1.model"
    with pytest.raises(ModelFileError) as error:
        load_model(path)
    message = str(error.value)
    assert message.startswith(f"{path} cannot be loaded. It is of format 1")
    assert "Fit the estimator again and save it" in message
    assert "load the file with the commit that wrote it" in message


def test_damage_is_told_with_what_to_do(content):
    at = len(content) // 2
    for spoiled in (
        content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :],
        content[:-200],
        content[:at],
        content[:20],
        content + b"0",
        content.replace(b'"seed"', b'"sead"', 1),
    ):
        with pytest.raises(ModelFileError, match="cut off, damaged or edited") as error:
            read_model(spoiled)
        assert "Save the model again with skl_lstm.save_model" in str(error.value)


def edit(content, change):
    """Change the manifest of a model and mend its checksum."""
    manifest, numbers = read_parts(content)
    change(manifest)
    return write_parts(manifest, numbers)


def learned_of(manifest):
    return manifest["model"]["learned"]


def fitted_of(manifest):
    return learned_of(manifest)["fitted"]


EDITS = {
    "an unknown entry": lambda m: learned_of(m).update(more=1),
    "a missing entry": lambda m: learned_of(m).pop("cutoff"),
    "an unknown class": lambda m: m["model"].update({"class": "Popen"}),
    "an unknown parameter": lambda m: m["model"]["parameters"].update(more=1),
    "an unknown kind": lambda m: learned_of(m).update(cutoff={"is": "code"}),
    "an endless range": lambda m: fitted_of(m)["model"]["networks"].update(
        units={"is": "range index", "bounds": [0, 2**31, 1], "name": None}
    ),
    "an unknown array": lambda m: learned_of(m).update(cutoff={"array": 10**6}),
    "other weights": lambda m: fitted_of(m)["model"]["networks"].update(units=[3]),
    "fewer rows": lambda m: fitted_of(m)["series"].update(
        y=fitted_of(m)["series"]["X"]
    ),
    "no model": lambda m: learned_of(m).pop("fitted"),
    "a loss with code": lambda m: fitted_of(m)["model"]["networks"]["loss"].update(
        module="os", class_name="System"
    ),
}


@pytest.mark.parametrize("change", EDITS.values(), ids=EDITS)
def test_an_edited_state_is_refused(content, change):
    said = "do not make up a model|not in custom_classes"
    with pytest.raises(ModelFileError, match=said):
        read_model(edit(content, change))


ARRAYS = {
    "too large": ["<f8", [10**10], "C"],
    "an object": ["|O", [1], "C"],
    "negative": ["<f8", [-1], "C"],
    "too small": ["<f8", [], "C"],
    "of no size": ["<U0", [2**61], "C"],
    "a structure": ["<f8,<f8", [1], "C"],
    "no order": ["<f4", [2], "K"],
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS)
def test_a_table_that_promises_too_much_takes_no_memory(content, array):
    spoiled = edit(content, lambda manifest: manifest["arrays"].__setitem__(0, array))
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="is not that of a model"):
        read_model(spoiled)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 10**7


@pytest.mark.parametrize("kind", ["panel", "pretrained", "fine-tuned", "gaps", "words"])
def test_every_kind_of_forecaster_comes_back(tmp_path, kind):
    panel, X = make_panel(pd.RangeIndex(len(VALUES))), None
    series = panel.loc["one"]
    forecaster = LSTMForecaster(
        units=2, epochs=1, window_length=4, horizon=2, random_state=0
    )
    if kind in ("pretrained", "fine-tuned"):
        forecaster.pretrain(panel)
    if kind == "fine-tuned":
        forecaster.fit(series)
    elif kind == "panel":
        forecaster.fit(panel)
    elif kind == "gaps":
        forecaster.fit(series["y"].where(series.index % 7 != 3).to_frame())
    elif kind == "words":
        X = pd.DataFrame({"word": ["yes", "no"] * 19})
        forecaster.fit(y=series, X=X[: len(VALUES)])
    again = save_and_load(forecaster, tmp_path / "model")
    assert again.state == forecaster.state
    if kind == "pretrained":
        forecaster.fit(series)
        again.fit(series)
    options = {"fh": [-2, 1, 2, 5]} | ({} if X is None else {"X": X[30:]})
    if X is not None:
        options["fh"] = [1, 2, 4]
    pd.testing.assert_frame_equal(
        again.predict(**options), forecaster.predict(**options)
    )
    pd.testing.assert_frame_equal(
        again.predict_interval(**options), forecaster.predict_interval(**options)
    )
