"""Fitted estimators through every way of copying and storing them."""

import copy
import functools
import inspect
import io
import pickle
import pickletools

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.preprocessing import QuantileTransformer
from sktime.base import load

from skl_lstm import GRUForecaster, LSTMForecaster, save_model
from skl_lstm._engine.backend import keras
from tests import crossed, hide_programs, run_python

ESTIMATORS = [LSTMForecaster, GRUForecaster]
N_ROWS, N_AHEAD = 40, 5
RNG = np.random.default_rng(0)
INDEX = pd.period_range("2020-01", periods=N_ROWS + N_AHEAD, freq="M")
FEATURES = pd.DataFrame(
    RNG.standard_normal((N_ROWS + N_AHEAD, 2)), index=INDEX, columns=["a", "b"]
)
TARGET = FEATURES["a"].rolling(3, min_periods=1).mean() + np.arange(len(INDEX)) / 20
SMALL = {
    "units": 2,
    "epochs": 2,
    "window_length": 4,
    "horizon": 2,
    "early_stopping": False,
    "random_state": 0,
}


def fit_sktime(estimator):
    return estimator.fit(y=TARGET[:N_ROWS], X=FEATURES[:N_ROWS], fh=[1, 2, 5])


def fit_sklearn(estimator):
    return estimator.fit(FEATURES[:N_ROWS], TARGET[:N_ROWS])


def predict(estimator):
    """Predict in the convention of the last fit."""
    if estimator._convention == "sktime":
        return estimator.predict(X=FEATURES[N_ROWS:]).to_numpy()
    return estimator.predict(FEATURES[N_ROWS:])


FITS = {"sktime": fit_sktime, "sklearn": fit_sklearn}


@pytest.fixture(scope="module")
def fitted():
    """Fit a class in a convention, once for all tests."""
    return functools.cache(lambda cls, convention: FITS[convention](cls(**SMALL)))


@pytest.fixture(params=FITS)
def convention(request):
    return request.param


# Each class and each convention; the fourth pair is left to `make test-slow`.
@pytest.fixture(
    params=[
        pytest.param(
            (cls, name),
            id=f"{cls.__name__}-{name}",
            marks=pytest.mark.slow if (cls, name) == (GRUForecaster, "sktime") else [],
        )
        for cls in ESTIMATORS
        for name in FITS
    ]
)
def estimator(request, fitted):
    return fitted(*request.param)


def by_pickle(estimator, folder):
    return pickle.loads(pickle.dumps(estimator))


def by_oldest_pickle(estimator, folder):
    return pickle.loads(pickle.dumps(estimator, protocol=0))


def by_deepcopy(estimator, folder):
    return copy.deepcopy(estimator)


def by_copy(estimator, folder):
    return copy.copy(estimator)


def by_joblib(estimator, folder):
    joblib.dump(estimator, folder / "fitted.joblib")
    return joblib.load(folder / "fitted.joblib")


def by_compressed_joblib(estimator, folder):
    joblib.dump(estimator, folder / "fitted.joblib.gz", compress=3)
    return joblib.load(folder / "fitted.joblib.gz")


def by_mapped_joblib(estimator, folder):
    joblib.dump(estimator, folder / "fitted.joblib")
    return joblib.load(folder / "fitted.joblib", mmap_mode="r")


def by_sktime_file(estimator, folder):
    estimator.save(folder / "fitted")
    return load(folder / "fitted.zip")


def by_sktime_in_memory(estimator, folder):
    return load(estimator.save())


WAYS = [
    by_pickle,
    by_oldest_pickle,
    by_deepcopy,
    by_copy,
    by_joblib,
    by_compressed_joblib,
    by_mapped_joblib,
    by_sktime_file,
    by_sktime_in_memory,
]


@pytest.mark.parametrize("way", WAYS)
def test_a_copy_of_a_fitted_estimator_predicts_the_same(estimator, way, tmp_path):
    expected = predict(estimator)
    again = way(estimator, tmp_path)
    assert type(again) is type(estimator)
    assert again.get_params() == estimator.get_params()
    assert again.is_fitted
    assert again.history_ == estimator.history_
    np.testing.assert_array_equal(predict(again), expected)
    np.testing.assert_array_equal(predict(estimator), expected)


def test_a_copy_needs_no_program_of_the_original(estimator, monkeypatch):
    expected = predict(estimator)
    again = pickle.loads(pickle.dumps(estimator))
    hide_programs(monkeypatch)
    np.testing.assert_array_equal(predict(again), expected)


@pytest.mark.parametrize("way", [by_pickle, by_deepcopy, by_mapped_joblib])
def test_a_copy_of_a_forecaster_goes_on_as_the_original(fitted, way, tmp_path):
    original = copy.deepcopy(fitted(LSTMForecaster, "sktime"))
    again = way(original, tmp_path)
    for forecaster in (original, again):
        forecaster.update(TARGET[N_ROWS : N_ROWS + 2], FEATURES[N_ROWS : N_ROWS + 2])
    assert again.cutoff == original.cutoff
    ahead = {"fh": [1, 3], "X": FEATURES[N_ROWS + 2 :]}
    pd.testing.assert_series_equal(again.predict(**ahead), original.predict(**ahead))


def test_a_copy_can_be_fitted_again_and_leaves_the_original_alone(estimator):
    expected = predict(estimator)
    again = pickle.loads(pickle.dumps(estimator))
    again.set_params(random_state=1)
    FITS[estimator._convention](again)
    assert not np.array_equal(predict(again), expected)
    np.testing.assert_array_equal(predict(estimator), expected)


# Numbers only -----------------------------------------------------------------


class Watcher(pickle.Unpickler):
    """Notes the module of everything that a pickle refers to."""

    def __init__(self, file):
        super().__init__(file)
        self.modules = set()

    def find_class(self, module, name):
        self.modules.add(module)
        return super().find_class(module, name)


def test_a_pickle_refers_to_no_object_of_tensorflow_or_keras(estimator):
    watcher = Watcher(io.BytesIO(pickle.dumps(estimator)))
    watcher.load()
    packages = {module.split(".")[0] for module in watcher.modules}
    assert "skl_lstm" in packages
    assert not packages & {"tensorflow", "keras", "h5py"}


def test_the_weights_in_a_pickle_take_no_more_room_than_they_need(estimator):
    # Neither optimizer slots nor a graph are stored beside the numbers.
    n_weights = sum(w.size for w in estimator._fitted.model.networks.members[0])
    size = len(pickletools.optimize(pickle.dumps(estimator)))
    assert size < 4 * n_weights + 16 * N_ROWS * 4 + 15_000


def test_loading_and_looking_imports_no_tensorflow(fitted, tmp_path):
    joblib.dump(fitted(LSTMForecaster, "sktime"), tmp_path / "fitted.joblib")
    code = (
        "import joblib, sys\n"
        "estimator = joblib.load(sys.argv[1])\n"
        "print(estimator.get_params()['units'], estimator.n_iter_, end=' ')\n"
        "repr(estimator); estimator.history_; estimator.is_fitted; dir(estimator)\n"
        "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))\n"
    )
    finished = run_python(code, tmp_path / "fitted.joblib")
    assert finished.stdout == "2 2 []\n"


# Parameters -------------------------------------------------------------------


def other_parameters():
    """Give every parameter another value than its default."""
    return {
        "window_length": 5,
        "horizon": 3,
        "units": (3, 2),
        "activation": "relu",
        "dropout": 0.1,
        "recurrent_dropout": 0.2,
        "bidirectional": True,
        "kernel_regularizer": keras.regularizers.L2(0.03),
        "linear_skip": False,
        "scaler": QuantileTransformer(n_quantiles=7),
        "window_scaling": None,
        "y_transform": "log",
        "bounds": (-100.0, None),
        "X_treatment": {"a": "shifted"},
        "autoregressive": True,
        "loss": keras.losses.MeanAbsoluteError(name="mine"),
        "optimizer": keras.optimizers.RMSprop(0.02, rho=0.8),
        "learning_rate": 0.03,
        "epochs": 3,
        "batch_size": 7,
        "early_stopping": True,
        "validation_fraction": 0.3,
        "n_iter_no_change": 4,
        "n_estimators": 2,
        "theta_share": 0.2,
        "sp": (12, 365.25),
        "calendar": None,
        "halflife": 30.0,
        "static_features": pd.DataFrame({"size": [1.0]}, index=["a"]),
        "warm_start": True,
        "pretrain_mode": "frozen",
        "intervals": "quantile",
        "callbacks": [keras.callbacks.EarlyStopping("loss", patience=3)],
        "verbose": 1,
        "random_state": 5,
    }


def describe(value):
    """Turn a parameter into something that can be compared."""
    if isinstance(value, list):
        return [describe(v) for v in value]
    if isinstance(value, keras.callbacks.EarlyStopping):
        return value.monitor, value.patience
    if hasattr(value, "get_config"):
        return type(value), value.get_config()
    return repr(value)


def describe_all(estimator):
    parameters = estimator.get_params(deep=False)
    return {name: describe(value) for name, value in parameters.items()}


def by_sktime_clone(estimator):
    return estimator.clone()


def by_constructor(estimator):
    return type(estimator)(**estimator.get_params(deep=False))


@pytest.mark.parametrize("cls", ESTIMATORS)
@pytest.mark.parametrize("way", [clone, by_sktime_clone, by_constructor, copy.deepcopy])
def test_a_clone_keeps_every_parameter(cls, way):
    given = other_parameters()
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(cls.__init__).parameters.items()
        if name != "self"
    }
    assert given.keys() == defaults.keys()
    expected = {name: describe(value) for name, value in given.items()}
    for name, default in defaults.items():
        assert expected[name] != describe(default), name
    again = way(cls(**given))
    assert describe_all(again) == expected
    assert describe_all(way(cls())) == {n: describe(d) for n, d in defaults.items()}


@pytest.mark.parametrize("way", [clone, by_sktime_clone])
def test_a_clone_of_a_fitted_estimator_is_not_fitted(estimator, way):
    again = way(estimator)
    assert not again.is_fitted
    assert again.get_params() == estimator.get_params()
    assert not hasattr(again, "n_iter_")
    FITS[estimator._convention](again)
    np.testing.assert_array_equal(predict(again), predict(estimator))


def test_parameters_survive_a_fit(convention):
    given = other_parameters()
    given |= {"y_transform": None, "verbose": 0, "epochs": 1, "recurrent_dropout": 0.0}
    # A network that compiles in a third of the time of the one above.
    given |= {"static_features": None, "units": (3,), "bidirectional": False}
    estimator = LSTMForecaster(**given)
    expected = describe_all(estimator)
    FITS[convention](estimator)
    assert describe_all(estimator) == expected
    # The very objects that were given, not copies, and none of them used.
    for name, value in given.items():
        assert getattr(estimator, name) is value
    assert not hasattr(estimator.scaler, "quantiles_")
    assert not estimator.optimizer.built
    assert estimator.callbacks[0].model is None


def test_parameters_set_after_a_fit_take_effect(convention):
    changed = FITS[convention](LSTMForecaster(**SMALL))
    changed.set_params(units=3, random_state=4, window_length=6)
    FITS[convention](changed)
    options = SMALL | {"units": 3, "random_state": 4, "window_length": 6}
    fresh = FITS[convention](LSTMForecaster(**options))
    assert changed.window_length_ == 6
    np.testing.assert_array_equal(predict(changed), predict(fresh))


KERAS_OBJECTS = {
    "optimizer": lambda: keras.optimizers.Adam(0.01),
    "loss": lambda: keras.losses.MeanSquaredError(),
    "kernel_regularizer": lambda: keras.regularizers.L2(0.01),
    "callbacks": lambda: [keras.callbacks.EarlyStopping("loss")],
}


@crossed(
    6,
    parameter=list(KERAS_OBJECTS),
    way=[by_pickle, by_deepcopy, by_joblib, by_sktime_file],
)
def test_estimators_with_keras_objects_are_copied_too(parameter, way, tmp_path):
    given = {parameter: KERAS_OBJECTS[parameter]()}
    estimator = fit_sktime(LSTMForecaster(**(SMALL | given)))
    again = way(estimator, tmp_path)
    np.testing.assert_array_equal(predict(again), predict(estimator))
    assert describe_all(again) == describe_all(estimator)
    refitted = fit_sktime(again)
    np.testing.assert_array_equal(predict(refitted), predict(estimator))


# An ordinary Keras model ------------------------------------------------------


def make_univariate(**options):
    forecaster = LSTMForecaster(**(SMALL | {"scaler": None} | options))
    return forecaster.fit(TARGET[:N_ROWS], fh=[1, 2])


def test_the_model_is_an_ordinary_keras_model_with_our_numbers():
    forecaster = make_univariate()
    model = forecaster.model_
    assert type(model).__module__.startswith("keras.")
    window = TARGET[N_ROWS - 4 : N_ROWS].to_numpy("float32").reshape(1, 4, 1)
    predicted = model.predict({"window": window}, verbose=0)
    assert predicted.shape == (1, 2, 1)
    np.testing.assert_allclose(predicted.ravel(), forecaster.predict(), rtol=1e-6)


def test_the_model_predicts_rows_as_we_do(fitted):
    regressor = fitted(GRUForecaster, "sklearn")
    scaled = regressor.X_scaler_.transform(FEATURES.to_numpy())
    window = scaled[N_ROWS - 1 : N_ROWS + 3].astype("float32")[None]
    predicted = regressor.model_.predict({"window": window}, verbose=0)
    ours = regressor.predict(FEATURES[N_ROWS:])[2]
    expected = regressor.y_scaler_.inverse_transform(predicted.reshape(1, 1))
    np.testing.assert_allclose(ours, expected.item(), rtol=1e-5)


def test_the_model_is_made_anew_and_changes_nothing():
    forecaster = make_univariate()
    expected = forecaster.predict()
    model = forecaster.model_
    assert model is not forecaster.model_
    model.set_weights([0 * w for w in model.get_weights()])
    pd.testing.assert_series_equal(forecaster.predict(), expected)
    assert "LSTM" in capture_summary(model)


def capture_summary(model):
    lines = []
    model.summary(print_fn=lambda line, **_: lines.append(line))
    return "\n".join(lines)


def test_there_is_no_model_before_a_fit():
    with pytest.raises(AttributeError, match="no model_ before fit"):
        _ = LSTMForecaster().model_
    assert not hasattr(GRUForecaster(), "model_")


def test_the_saved_model_loads_where_only_keras_is(fitted, tmp_path):
    forecaster = fitted(LSTMForecaster, "sktime")
    model = forecaster.model_
    model.save(tmp_path / "model.keras")
    shapes = {name: (3, *tensor.shape[1:]) for name, tensor in model.input.items()}
    inputs = {n: RNG.standard_normal(s).astype("float32") for n, s in shapes.items()}
    assert inputs.keys() == {"window"}
    np.savez(tmp_path / "inputs.npz", **inputs)
    code = (
        "import sys, numpy as np, keras\n"
        "model = keras.saving.load_model(sys.argv[1] + '/model.keras')\n"
        "inputs = dict(np.load(sys.argv[1] + '/inputs.npz'))\n"
        "np.save(sys.argv[1] + '/out.npy', model.predict_on_batch(inputs))\n"
        "assert not any(name.startswith('skl_lstm') for name in sys.modules)\n"
    )
    run_python(code, tmp_path)
    np.testing.assert_array_equal(
        np.load(tmp_path / "out.npy"), model.predict_on_batch(inputs)
    )


def test_the_model_of_a_larger_network_is_saved_and_loaded(tmp_path):
    options = {"bidirectional": True, "units": (3, 2), "dropout": 0.2, "epochs": 1}
    model = make_univariate(**options).model_
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    inputs = {"window": np.ones((2, 4, 1), "float32")}
    np.testing.assert_array_equal(
        loaded.predict_on_batch(inputs), model.predict_on_batch(inputs)
    )


@pytest.mark.slow
def test_the_model_is_exported_to_onnx_with_equal_numbers(tmp_path):
    # Not of a GRU: tf2onnx 1.17 turns its loop into another one.
    onnx = pytest.importorskip("onnx")
    pytest.importorskip("tf2onnx")
    reference = pytest.importorskip("onnx.reference")
    model = LSTMForecaster(**SMALL).fit(TARGET[:N_ROWS], fh=[1, 2]).model_
    windows = RNG.standard_normal((3, 4, 1)).astype("float32")
    # Keras exports models that have been called.
    expected = np.asarray(model({"window": windows}))
    model.export(tmp_path / "model.onnx", format="onnx", verbose=False)
    session = reference.ReferenceEvaluator(onnx.load(tmp_path / "model.onnx"))
    (found,) = session.run(None, {session.input_names[0]: windows})
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no folder '.*nowhere' to write 'a'"):
        save_model(LSTMForecaster(), tmp_path / "nowhere" / "a")
