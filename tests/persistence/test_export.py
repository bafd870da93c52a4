"""The whole forecast in files, read by a process that does not have this package."""

import functools
import importlib.util

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.preprocessing import QuantileTransformer

from skl_lstm import GRUForecaster, LSTMForecaster, SimpleRNNForecaster, export_model
from tests import run_python
from tests.persistence import SMALL

N_ROWS, N_STEPS = 80, 5
RNG = np.random.default_rng(5)
T = np.arange(N_ROWS + N_STEPS)
X = pd.DataFrame(
    {"a": RNG.normal(20, 3, len(T)), "b": RNG.normal(size=len(T)), "c": T % 7}
)
Y = 1_000 + 5 * np.sin(T / 3) + 2 * X["a"] + X["c"].shift(1, fill_value=0) + 0.1 * T
TINY = SMALL | {"theta_share": 0, "epochs": 3, "learning_rate": 0.02}
# One window and one horizon for all, so that programs are shared; horizon 2 and five
# steps roll three blocks forward.
ALONE = {"y": Y[:N_ROWS]}
BESIDE = {"y": Y[:N_ROWS], "X": X[:N_ROWS]}


def with_gaps(y):
    y = y.copy()
    y.iloc[10:14] = np.nan
    return y


CASES = {
    "lstm": (LSTMForecaster, {}, ALONE),
    "gru": (GRUForecaster, {"units": (3, 2), "scaler": "minmax"}, ALONE),
    "rnn": (SimpleRNNForecaster, {"scaler": None, "linear_skip": False}, ALONE),
    "log": (LSTMForecaster, {"y_transform": "log"}, ALONE),
    "sqrt": (LSTMForecaster, {"y_transform": "sqrt", "scaler": "robust"}, ALONE),
    "level": (LSTMForecaster, {"window_scaling": "level"}, ALONE),
    "plain": (GRUForecaster, {"window_scaling": None}, ALONE),
    "both ways": (LSTMForecaster, {"bidirectional": True, "n_estimators": 3}, ALONE),
    "gaps": (LSTMForecaster, {}, {"y": with_gaps(Y[:N_ROWS])}),
    "known": (LSTMForecaster, {}, BESIDE),
    "shifted": (GRUForecaster, {"X_treatment": {"b": "shifted"}}, BESIDE),
    "past": (LSTMForecaster, {"X_treatment": "shifted"}, BESIDE),
}
# Those that three programs are compiled for, and those of other formats.
QUICK = ("lstm", "log", "sqrt", "known")
CONVERTED = ("lstm", "gru", "shifted")
# What a program needs to read the files: the library of the format, and NumPy.
READERS = """
import json, os, sys
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np

def read_keras(path):
    import keras
    model = keras.saving.load_model(path)
    return lambda inputs: np.asarray(model(inputs))

def read_onnx(path):
    import onnxruntime
    session = onnxruntime.InferenceSession(path)
    return lambda inputs: session.run(None, inputs)[0]

def read_tflite(path):
    import tensorflow as tf
    runner = tf.lite.Interpreter(path).get_signature_runner()
    return lambda inputs: next(iter(runner(**inputs).values()))

folder = sys.argv[1]
asked = np.load(folder + "/asked.npz")
answers = {}
for name in sys.argv[2:]:
    case, suffix = name.split(".")
    inputs = {k.split("|")[1]: asked[k] for k in asked if k.split("|")[0] == case}
    forecast = globals()["read_" + suffix](folder + "/" + name)
    answers[name] = forecast(inputs)
assert "skl_lstm" not in sys.modules
np.savez(folder + "/answers.npz", **answers)
"""


@functools.cache
def fit(case):
    cls, changes, data = CASES[case]
    return cls(**(TINY | changes)).fit(**data, fh=range(1, N_STEPS + 1))


def ask(forecaster, data):
    """Return what a model is told of the latest rows, and the forecast of them."""
    length, n_steps = forecaster.window_length_, N_STEPS
    inputs = {"y": data["y"].to_numpy()[None, -length:, None]}
    after = {"X": X[N_ROWS:]} if "X" in data else {}
    if "X" in data:
        model = forecaster._fitted.model
        transfer = model.around.transfer
        n_before = 0 if transfer is None else transfer.n_rows_before
        end = N_ROWS + model.n_rows_ahead(n_steps)
        inputs["X"] = X.to_numpy(float)[None, N_ROWS - length - n_before : end]
    forecast = forecaster.predict(fh=range(1, n_steps + 1), **after)
    return {k: v.astype("float32") for k, v in inputs.items()}, forecast.to_numpy()


def read_elsewhere(folder, suffix, cases):
    """Export cases, and read the files in another process; compare the numbers."""
    asked, expected = {}, {}
    for case in cases:
        forecaster = fit(case)
        inputs, expected[case] = ask(forecaster, CASES[case][2])
        asked |= {f"{case}|{name}": rows for name, rows in inputs.items()}
        export_model(forecaster, folder / f"{case}.{suffix}", n_steps=N_STEPS)
    np.savez(folder / "asked.npz", **asked)
    names = [f"{case}.{suffix}" for case in cases]
    run_python(READERS, folder, *names)
    with np.load(folder / "answers.npz") as answers:
        for case in cases:
            assert np.ptp(expected[case]) > 0, case
            found = answers[f"{case}.{suffix}"][0, :, 0]
            np.testing.assert_allclose(
                found, expected[case], rtol=1e-6, atol=1e-3, err_msg=case
            )


def test_exported_forecasts_have_the_same_numbers_in_keras(tmp_path):
    read_elsewhere(tmp_path, "keras", QUICK)


@pytest.mark.slow
def test_all_exported_forecasts_have_the_same_numbers_in_keras(tmp_path):
    read_elsewhere(tmp_path, "keras", [case for case in CASES if case not in QUICK])


@pytest.mark.slow
@pytest.mark.parametrize("suffix", ["tflite", "onnx"])
def test_exported_forecasts_have_the_same_numbers_elsewhere(suffix, tmp_path):
    if suffix == "onnx":
        for library in ("tf2onnx", "onnxruntime"):
            pytest.importorskip(library)
    read_elsewhere(tmp_path, suffix, CONVERTED)


@pytest.mark.slow
def test_the_cases_hold_what_they_are_for():
    assert fit("known")._fitted.model.around.transfer.n_lags > 1
    assert fit("shifted")._fitted.model.spec.n_shifted > 0
    assert fit("gaps")._fitted.model.spec.bridges_gaps
    assert fit("level")._fitted.model.spec.window_scaling == "level"


# Regressions ------------------------------------------------------------------


@pytest.mark.parametrize("treatment", ["concurrent", "shifted"])
def test_a_regression_of_rows_is_exported(treatment, tmp_path):
    keras = pytest.importorskip("keras")
    regressor = LSTMForecaster(**(TINY | {"X_treatment": treatment}))
    regressor.fit(X[:N_ROWS], Y[:N_ROWS])
    export_model(regressor, tmp_path / "rows.keras")
    model = keras.saving.load_model(tmp_path / "rows.keras")
    n_rows = model.inputs[0].shape[1]
    expected = regressor.predict(X[N_ROWS:])
    end = N_ROWS + len(expected) - (treatment == "shifted")
    rows = X.to_numpy("float32")
    last = np.asarray(model({"X": rows[None, end - n_rows : end]}))
    np.testing.assert_allclose(last[0, 0, 0], expected[-1], rtol=1e-6)


def test_of_a_panel_one_series_is_exported(tmp_path):
    keras = pytest.importorskip("keras")
    panel = pd.concat({"one": Y[:N_ROWS], "two": 3 * Y[:N_ROWS]}).to_frame()
    forecaster = LSTMForecaster(**TINY).fit(panel, fh=[1, 2])
    export_model(forecaster, tmp_path / "two.keras", series="two")
    model = keras.saving.load_model(tmp_path / "two.keras")
    past = 3 * Y.to_numpy("float32")[N_ROWS - 4 : N_ROWS]
    expected = forecaster.predict().loc["two"]
    np.testing.assert_allclose(model({"y": past[None, :, None]})[0], expected, 1e-6)
    with pytest.raises(ValueError, match=r"one of the series.*\['one', 'two'\]"):
        export_model(forecaster, tmp_path / "two.keras")


# What is refused --------------------------------------------------------------


def test_what_cannot_be_exported_is_told(tmp_path):
    path, fitted = tmp_path / "model.keras", fit("lstm")
    with pytest.raises(NotFittedError, match=r"not been fitted"):
        export_model(LSTMForecaster(), path)
    with pytest.raises(TypeError, match=r"forecaster of this package"):
        export_model("model", path)
    with pytest.raises(ValueError, match=r"must end in .keras, .onnx, .tflite"):
        export_model(fitted, tmp_path / "model.h5")
    with pytest.raises(ValueError, match=r"int of at least 1. Got 0"):
        export_model(fitted, path, n_steps=0)
    y = Y[:N_ROWS]
    with pytest.raises(ValueError, match=r"theta_share=0"):
        export_model(LSTMForecaster(**(TINY | {"theta_share": 0.5})).fit(y), path)
    scaler = QuantileTransformer(n_quantiles=10)
    with pytest.raises(ValueError, match=r"scaler='standard'"):
        export_model(LSTMForecaster(**(TINY | {"scaler": scaler})).fit(y), path)
    bounded = LSTMForecaster(**(TINY | {"bounds": (1_026, 1_064)})).fit(y)
    with pytest.raises(ValueError, match=r"n_steps up to 2, the horizon_"):
        export_model(bounded, path, n_steps=3)
    export_model(bounded, path)
    path.unlink()
    rows = LSTMForecaster(**TINY).fit(X[:N_ROWS], y)
    with pytest.raises(ValueError, match=r"must be 1 for a regression"):
        export_model(rows, path, n_steps=2)
    assert not path.exists()


def test_a_missing_library_is_told(monkeypatch, tmp_path):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"pip install tf2onnx onnx"):
        export_model(fit("lstm"), tmp_path / "model.onnx")


def test_a_model_with_other_numbers_is_not_written(monkeypatch, tmp_path):
    engine = importlib.import_module("skl_lstm._engine.export")
    right = engine._restore
    monkeypatch.setattr(engine, "_restore", lambda spec, out: right(spec, out) * 1.01)
    with pytest.raises(ValueError, match=r"numbers differ from the estimator's"):
        export_model(fit("lstm"), tmp_path / "model.keras")
    assert list(tmp_path.iterdir()) == []
