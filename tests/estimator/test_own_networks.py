"""Networks of the user's own: what `build_encoder` may build, and what it may not."""

import pickle
import random
import warnings

import numpy as np
import pytest
from sklearn.base import clone

from skl_lstm import (
    GRUForecaster,
    LSTMForecaster,
    ModelFileError,
    export_model,
    load_model,
    program_cache_info,
    save_model,
)
from skl_lstm._engine.backend import keras
from skl_lstm._engine.network import build_network

layers = keras.layers
SMALL = {
    "window_length": 6,
    "horizon": 2,
    "epochs": 2,
    "early_stopping": False,
    "theta_share": 0,
    "random_state": 0,
}
Y = np.sin(np.arange(60.0) / 3) + np.random.default_rng(0).normal(size=60) / 10


class Convolved(LSTMForecaster):
    def build_encoder(self, window):
        return layers.LSTM(3)(layers.Conv1D(2, 3, padding="causal")(window))


class Attending(LSTMForecaster):
    def build_encoder(self, window):
        states = layers.GRU(3, return_sequences=True)(window)
        last = states[:, -1:]
        seen = layers.MultiHeadAttention(1, 3, dropout=0.1)(last, states)
        return keras.ops.mean(last + seen, axis=1)


class Decoding(LSTMForecaster):
    def build_encoder(self, window):
        _, h, c = layers.LSTM(3, return_state=True)(window)
        steps = layers.LSTM(3, return_sequences=True)(
            layers.RepeatVector(2)(h), initial_state=[h, c]
        )
        return layers.GlobalAveragePooling1D()(steps)


class Stacked(GRUForecaster):
    def build_encoder(self, window):
        h = super().build_encoder(layers.Dense(2)(window))
        return layers.Dropout(0.1)(h)


class Doubled(layers.Layer):
    def call(self, values):
        return 2 * values


class WithOwnLayer(LSTMForecaster):
    def build_encoder(self, window):
        return Doubled()(layers.SimpleRNN(2)(window))


KINDS = [Convolved, Attending, Decoding, Stacked, WithOwnLayer]


@pytest.fixture(scope="module")
def fitted():
    return {cls: cls(units=2, **SMALL).fit(Y, fh=[1, 2, 3]) for cls in KINDS}


def weights_of(forecaster):
    return forecaster._fitted.model.networks.members[0]


@pytest.mark.parametrize("cls", KINDS)
def test_forecasts_are_those_of_the_keras_model(fitted, cls):
    forecaster = fitted[cls]
    scaler, n_before = forecaster.y_scaler_, len(Y) - 6
    window = scaler.transform(Y[n_before:, None])[None].astype("float32")
    found = np.asarray(forecaster.model_({"window": window}))[0]
    expected = np.asarray(forecaster.predict(fh=[1, 2]))
    np.testing.assert_allclose(scaler.inverse_transform(found), expected, rtol=1e-4)


@pytest.mark.parametrize("cls", KINDS)
def test_training_moves_the_weights_of_the_hook(cls):
    start = cls(units=2, **SMALL | {"learning_rate": 1e-12}).fit(Y, fh=[1, 2])
    moved = cls(units=2, **SMALL | {"learning_rate": 0.05}).fit(Y, fh=[1, 2])
    n = moved._fitted.model.spec.weight_shapes()
    own = [i for i, (role, _) in enumerate(n) if role == "encoder"]
    pairs = [(weights_of(start)[i], weights_of(moved)[i]) for i in own]
    assert own
    assert any(np.abs(a - b).max() > 0.01 for a, b in pairs)


@pytest.mark.parametrize("cls", KINDS)
def test_a_refit_is_the_same_and_builds_no_program(fitted, cls):
    before, state = program_cache_info().n_built, random.getstate()
    again = clone(fitted[cls]).fit(Y, fh=[1, 2, 3])
    assert program_cache_info().n_built == before
    assert random.getstate() == state
    np.testing.assert_array_equal(again.predict(), fitted[cls].predict())


def test_other_seeds_draw_other_weights(fitted):
    other = Stacked(units=2, **SMALL | {"random_state": 1}).fit(Y, fh=[1, 2])
    assert np.abs(weights_of(other)[0] - weights_of(fitted[Stacked])[0]).max() > 0.01


@pytest.mark.parametrize("cls", KINDS)
def test_pickles_and_files_forecast_alike(fitted, cls, tmp_path):
    forecaster, path = fitted[cls], tmp_path / "own.model"
    save_model(forecaster, path)
    for restored in (
        pickle.loads(pickle.dumps(forecaster)),
        load_model(path, custom_classes=[cls]),
    ):
        assert type(restored) is cls
        assert restored._fitted.model.spec == forecaster._fitted.model.spec
        np.testing.assert_array_equal(restored.predict(), forecaster.predict())
        np.testing.assert_array_equal(
            restored.predict_interval(coverage=0.8),
            forecaster.predict_interval(coverage=0.8),
        )


@pytest.mark.parametrize("cls", KINDS[:3])
def test_every_way_to_build_it_gives_the_same_features(fitted, cls):
    spec, rng = fitted[cls]._fitted.model.spec, np.random.default_rng(1)
    weights = [rng.normal(size=w.shape) for w in weights_of(fitted[cls])]
    window = rng.normal(size=(5, 6, 1)).astype("float32")
    found = []
    for options in ({}, {"fused": True}, {"unrolled": True}):
        encoder = build_network(spec, **options).encoder
        for variable, value in zip(encoder.trainable_variables, weights, strict=False):
            variable.assign(value)
        found.append(np.asarray(encoder({"window": window})[0]))
    assert np.abs(found[0]).max() > 0.01
    np.testing.assert_allclose(found[1], found[0], atol=1e-5)
    np.testing.assert_allclose(found[2], found[0], atol=1e-5)


def test_a_layer_returning_its_state_is_not_fused(fitted):
    def names(cls):
        network = build_network(fitted[cls]._fitted.model.spec, fused=True)
        return {type(x).__name__ for x in network.model.get_layer("encoder").layers}

    assert "FusedLSTM" in names(Convolved)
    assert "FusedLSTM" not in names(Decoding)


def test_two_classes_of_one_name_share_no_program(monkeypatch):
    class Doubled2(layers.Layer):
        def call(self, values):
            return 3 * values

    Doubled2.__name__ = Doubled2.__qualname__ = "Doubled"
    first = WithOwnLayer(**SMALL).fit(Y, fh=[1, 2])
    monkeypatch.setitem(globals(), "Doubled", Doubled2)
    second = WithOwnLayer(**SMALL).fit(Y, fh=[1, 2])
    specs = [f._fitted.model.spec for f in (first, second)]
    assert specs[0] != specs[1]
    same = first._fitted.model.networks.members
    windows = [f._fitted.model.networks.with_members(same) for f in (first, second)]
    states = [n.program.encode(same[0], *_data(first))[0] for n in windows]
    np.testing.assert_allclose(states[1], 1.5 * states[0], rtol=1e-5)


def _data(forecaster):
    model = forecaster._fitted.model
    assembly = model.assemble(list(forecaster._fitted.histories.values()))
    return assembly.data, np.array([20, 40]) + assembly.starts[0]


def test_rows_intervals_members_and_updates():
    X = np.cos(np.arange(120.0) / 3).reshape(2, 60).T
    rows = Convolved(**SMALL | {"n_estimators": 2, "intervals": "quantile"})
    rows.fit(X, Y)
    assert rows.predict(X).shape == (60,)
    series = Convolved(**SMALL | {"early_stopping": "auto"}).fit(Y[:50], fh=[1, 2])
    before = np.asarray(series.predict())
    series.update(Y[:60], update_params=True)
    assert not np.array_equal(series.predict(), before)
    assert sum(series.components_.values()) == pytest.approx(1)


def test_pretraining_keeps_the_network():
    import pandas as pd

    index = pd.MultiIndex.from_product([["a", "b"], range(60)])
    panel = pd.DataFrame({"y": np.concatenate([Y, 2 * Y])}, index=index)
    forecaster = Convolved(**SMALL | {"pretrain_mode": "frozen"}).pretrain(panel)
    spec = forecaster.pretrained_model_.spec
    forecaster.fit(Y[:40], fh=[1, 2])
    assert forecaster._fitted.model.spec.encoder == spec.encoder is not None


def test_a_whole_forecast_is_exported(fitted, tmp_path):
    # Raises unless its numbers are those of the forecaster.
    export_model(fitted[Convolved], tmp_path / "own.keras", n_steps=3)
    model = keras.saving.load_model(tmp_path / "own.keras")
    found = np.asarray(model({"y": Y[None, -6:, None].astype("float32")}))[0]
    np.testing.assert_allclose(found, fitted[Convolved].predict(), rtol=1e-4)


# What is refused ----------------------------------------------------------------


def sequence(window):
    return layers.LSTM(2, return_sequences=True)(window)


def short(window):
    return layers.Conv1D(2, 9)(window)


def normalized(window):
    return layers.Flatten()(layers.BatchNormalization()(window))


def with_function(window):
    return layers.Flatten()(layers.Lambda(lambda values: values)(window))


def with_local_layer(window):
    class Local(layers.Layer):
        def call(self, values):
            return values

    return layers.Flatten()(Local()(window))


def unrelated(window):
    return keras.Input((3,))


@pytest.mark.parametrize(
    ("hook", "words"),
    [
        (sequence, r"shape \(None, 6, 2\) instead.*return_sequences=False"),
        (lambda window: layers.LSTM(2, return_state=True)(window), "return_state"),
        (lambda window: 3, "one Keras tensor of shape .* Got 3"),
        (short, r"cannot read windows of shape \(batch, 6, 1\)"),
        (normalized, "LayerNormalization"),
        (with_function, "keras.ops"),
        (with_local_layer, "top of a module"),
        (unrelated, "no model of its window"),
    ],
)
def test_an_error_names_the_hook_and_says_what_to_do(hook, words):
    cls = type("Mine", (LSTMForecaster,), {"build_encoder": lambda self, w: hook(w)})
    with pytest.raises(ValueError, match=f"build_encoder of Mine.*{words}"):
        cls(**SMALL).fit(Y, fh=[1, 2])


def test_a_file_builds_only_what_a_class_of_the_caller_builds(fitted, tmp_path):
    path = tmp_path / "own.model"
    save_model(fitted[Convolved], path)
    with pytest.raises(ModelFileError, match=r"'Convolved'.*custom_classes=\["):
        load_model(path)
    with pytest.raises(TypeError, match="custom_classes"):
        load_model(path, custom_classes=[Doubled])
    other = type("Convolved", (Decoding,), {})
    with pytest.raises(ModelFileError, match="build_encoder of Convolved"):
        load_model(path, custom_classes=[other])


class Relu(LSTMForecaster):
    def build_encoder(self, window):
        return layers.Dense(2, "relu")(layers.Flatten()(window))


def test_a_file_of_other_layers_is_named(tmp_path, monkeypatch):
    save_model(Relu(**SMALL).fit(Y, fh=[1, 2]), tmp_path / "own.model")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_model(tmp_path / "own.model", custom_classes=[Relu])
    changed = type("Relu", (LSTMForecaster,), {"build_encoder": _build_tanh})
    with pytest.warns(UserWarning, match="other layers"):
        load_model(tmp_path / "own.model", custom_classes=[changed])


def _build_tanh(self, window):
    return layers.Dense(2, "tanh")(layers.Flatten()(window))
