"""Losses, optimizers, regularizers and activations as specification values."""

import json

import numpy as np
import pytest

from skl_lstm._engine.backend import keras
from skl_lstm._engine.config import (
    GLOBAL_CLIPNORM,
    LOSS_ALIASES,
    name_activation,
    serialize_loss,
    serialize_optimizer,
    serialize_regularizer,
)

Y_TRUE = np.array([[0.0], [3.0]], "float32")
Y_PRED = np.array([[0.5], [-1.0]], "float32")


@keras.saving.register_keras_serializable("skl_lstm_tests")
class PinballLoss(keras.losses.Loss):
    def __init__(self, quantile=0.5, name="pinball", reduction="mean", dtype=None):
        super().__init__(name=name, reduction=reduction, dtype=dtype)
        self.quantile = quantile

    def call(self, y_true, y_pred):
        miss = y_true - y_pred
        worse = keras.ops.maximum(self.quantile * miss, (self.quantile - 1) * miss)
        return keras.ops.mean(worse, axis=-1)

    def get_config(self):
        return {**super().get_config(), "quantile": self.quantile}


class UnregisteredLoss(keras.losses.Loss):
    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def call(self, y_true, y_pred):
        return self.weight * keras.ops.mean(y_true - y_pred, axis=-1)


def rebuild_loss(text):
    return keras.losses.deserialize(json.loads(text))


@pytest.mark.parametrize(
    ("name", "same", "expected"),
    [
        ("squared_error", "mse", (0.25 + 16) / 2),
        ("absolute_error", "mae", (0.5 + 4) / 2),
        ("mean_squared_error", "MeanSquaredError", (0.25 + 16) / 2),
        ("mean_absolute_error", "MeanAbsoluteError", (0.5 + 4) / 2),
        ("huber", "Huber", (0.125 + 3.5) / 2),
        ("log_cosh", "LogCosh", (np.log(np.cosh(0.5)) + np.log(np.cosh(4.0))) / 2),
    ],
)
def test_losses_go_by_the_names_of_scikit_learn_and_keras(name, same, expected):
    assert serialize_loss(name) == serialize_loss(same)
    loss = rebuild_loss(serialize_loss(name))
    assert float(loss(Y_TRUE, Y_PRED)) == pytest.approx(expected, rel=1e-5)


def test_every_alias_is_a_loss():
    for alias in LOSS_ALIASES:
        assert isinstance(rebuild_loss(serialize_loss(alias)), keras.losses.Loss)


def test_a_loss_keeps_its_settings():
    narrow = rebuild_loss(serialize_loss(keras.losses.Huber(delta=0.1)))
    expected = (0.1 * (0.5 - 0.05) + 0.1 * (4 - 0.05)) / 2
    assert float(narrow(Y_TRUE, Y_PRED)) == pytest.approx(expected, rel=1e-5)
    pinball = rebuild_loss(serialize_loss(PinballLoss(0.9)))
    assert float(pinball(Y_TRUE, Y_PRED)) == pytest.approx((0.05 + 3.6) / 2, rel=1e-5)


def test_equal_losses_are_one_specification_value():
    assert serialize_loss("huber") == serialize_loss(keras.losses.Huber())
    assert serialize_loss(PinballLoss(0.9)) == serialize_loss(PinballLoss(0.9))
    assert serialize_loss(PinballLoss(0.9)) != serialize_loss(PinballLoss(0.1))


@pytest.mark.parametrize("loss", ["nonsense", "Loss2", "deserialize", 3, "adam"])
def test_what_is_no_loss_is_rejected(loss):
    with pytest.raises(ValueError, match=r"'loss' parameter .*must be .* Got") as error:
        serialize_loss(loss)
    assert repr(loss) in str(error.value)


def test_a_loss_that_cannot_be_rebuilt_is_rejected_with_advice():
    with pytest.raises(ValueError, match="register_keras_serializable"):
        serialize_loss(UnregisteredLoss(2.0))


@pytest.mark.parametrize(
    ("name", "cls"),
    [
        ("adam", keras.optimizers.Adam),
        ("Adam", keras.optimizers.Adam),
        ("rmsprop", keras.optimizers.RMSprop),
        ("sgd", keras.optimizers.SGD),
        ("adamw", keras.optimizers.AdamW),
    ],
)
def test_an_optimizer_by_name_clips_the_norm_and_has_no_rate_of_its_own(name, cls):
    text, rate = serialize_optimizer(name)
    optimizer = keras.optimizers.deserialize(json.loads(text))
    assert type(optimizer) is cls
    assert optimizer.global_clipnorm == GLOBAL_CLIPNORM
    assert rate is None


def test_an_optimizer_by_name_is_made_once_for_all_fits(monkeypatch):
    first = serialize_optimizer("rmsprop")
    monkeypatch.setattr(keras.optimizers, "deserialize", None)
    assert serialize_optimizer("rmsprop") == first


def test_an_optimizer_object_keeps_its_settings_and_its_rate():
    given = keras.optimizers.SGD(0.3, momentum=0.8, nesterov=True, clipvalue=2.0)
    text, rate = serialize_optimizer(given)
    optimizer = keras.optimizers.deserialize(json.loads(text))
    assert rate == pytest.approx(0.3)
    assert (optimizer.momentum, optimizer.nesterov) == (0.8, True)
    assert (optimizer.clipvalue, optimizer.global_clipnorm) == (2.0, None)


def test_neither_rate_nor_number_of_an_optimizer_is_part_of_the_specification():
    texts = {
        serialize_optimizer(keras.optimizers.Adam(rate))[0] for rate in (0.1, 0.2, 0.3)
    }
    assert len(texts) == 1
    assert serialize_optimizer(keras.optimizers.Adam(beta_1=0.5))[0] not in texts


def test_a_schedule_stays_inside_the_optimizer():
    schedule = keras.optimizers.schedules.ExponentialDecay(0.5, 10, 0.9)
    text, rate = serialize_optimizer(keras.optimizers.SGD(schedule))
    assert rate is None
    optimizer = keras.optimizers.deserialize(json.loads(text))
    assert optimizer.get_config()["learning_rate"]["config"] == schedule.get_config()


def test_the_given_optimizer_is_not_touched():
    given = keras.optimizers.Adam(0.25)
    before = given.get_config()
    serialize_optimizer(given)
    assert given.get_config() == before
    assert not given.built


@pytest.mark.parametrize("optimizer", ["nonsense", 3, keras.optimizers.Adam])
def test_what_is_no_optimizer_is_rejected(optimizer):
    with pytest.raises(ValueError, match=r"'optimizer' parameter .*must be .* Got"):
        serialize_optimizer(optimizer)


@pytest.mark.parametrize(
    "regularizer", ["l2", "L2", keras.regularizers.L2(), keras.regularizers.L2(0.01)]
)
def test_a_regularizer_is_rebuilt(regularizer):
    made = keras.regularizers.get(json.loads(serialize_regularizer(regularizer)))
    assert float(made(np.array([3.0, 4.0], "float32"))) == pytest.approx(0.25)


def test_no_regularizer_stays_none():
    assert serialize_regularizer(None) is None


@pytest.mark.parametrize("regularizer", ["nonsense", 3, keras.optimizers.Adam()])
def test_what_is_no_regularizer_is_rejected(regularizer):
    match = r"'kernel_regularizer' parameter .*must be .* Got"
    with pytest.raises(ValueError, match=match):
        serialize_regularizer(regularizer)


@pytest.mark.parametrize("name", ["tanh", "relu", "elu"])
def test_activations_of_keras_pass_by_name_and_as_functions(name):
    assert name_activation(name) == name
    assert name_activation(getattr(keras.activations, name)) == name


def tanh(x):
    return 2 * keras.activations.tanh(x)


@pytest.mark.parametrize(
    "activation",
    ["nonsense", keras.layers.LeakyReLU(0.1), np.tanh, tanh, lambda x: x],
    ids=["nonsense", "layer", "numpy", "namesake", "lambda"],
)
def test_an_unknown_activation_is_rejected(activation):
    with pytest.raises(ValueError, match=r"'activation' parameter .*must be") as error:
        name_activation(activation)
    assert f"Got {activation!r} instead" in str(error.value)


def test_an_optimizer_without_a_rate_of_its_own_is_rejected():
    scaled = keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam())
    with pytest.raises(ValueError, match=r"'optimizer' .*LossScaleOptimizer") as error:
        serialize_optimizer(scaled)
    assert "training is in float32" in str(error.value)
