"""Keras callbacks: what they see, what they change, and what they leave behind."""

import copy
import pickle

import numpy as np
import pandas as pd
import pytest

from skl_lstm._engine.backend import keras, tf
from tests.engine.small_fits import SERIES, STEPS_PER_EPOCH, fit


class Recorder(keras.callbacks.Callback):
    """Keeps the weights that it sees, and may act on the model."""

    def __init__(self, weights, act=None):
        super().__init__()
        self.see = weights.append
        self.act = act

    def on_epoch_end(self, epoch, logs=None):
        self.see(self.model.get_weights())
        if self.act is not None:
            self.act(self.model, epoch)


def make_recorder(act=None):
    weights = []
    return Recorder(weights, act), weights


def get_weights(estimator):
    return estimator.model_.get_weights()


def are_equal(ours, theirs):
    pairs = zip(ours, theirs, strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def test_hooks_are_called_once_per_epoch_in_order():
    events = []
    callback = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs: events.append("train begin"),
        on_epoch_begin=lambda epoch, logs: events.append(("begin", epoch)),
        on_epoch_end=lambda epoch, logs: events.append(("end", epoch, sorted(logs))),
        on_train_end=lambda logs: events.append("train end"),
    )
    fit(callbacks=[callback], early_stopping=True, epochs=2)
    assert events == [
        "train begin",
        ("begin", 0),
        ("end", 0, ["loss", "val_loss"]),
        ("begin", 1),
        ("end", 1, ["loss", "val_loss"]),
        "train end",
    ]


def test_callbacks_see_the_losses_of_the_history():
    seen = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(logs["loss"])
    )
    estimator = fit(callbacks=[callback])
    assert seen == estimator.history_["loss"]
    # Callbacks cut training into calls of one epoch; that changes no number.
    assert fit().history_["loss"] == pytest.approx(seen, rel=1e-5)


def test_callbacks_of_every_member_of_an_ensemble_are_called():
    epochs = []
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: epochs.append(epoch)
    )
    fit(callbacks=[callback], n_estimators=2, epochs=2)
    assert epochs == [0, 1, 0, 1]


def test_the_live_model_holds_the_weights_of_the_epoch():
    recorder, weights = make_recorder()
    estimator = fit(callbacks=[recorder])
    assert len(weights) == 3
    assert not are_equal(weights[0], weights[1])
    assert are_equal(weights[-1], get_weights(estimator))


def test_keras_early_stopping_stops():
    callback = keras.callbacks.EarlyStopping("loss", min_delta=1e9, patience=2)
    assert fit(callbacks=[callback], epochs=10).n_iter_ == 3


def test_keras_early_stopping_restores_its_best_weights():
    recorder, weights = make_recorder()
    # With the largest loss as the best one, the last epoch is not the best.
    stopping = keras.callbacks.EarlyStopping(
        "loss", mode="max", patience=2, restore_best_weights=True
    )
    estimator = fit(callbacks=[recorder, stopping], epochs=30)
    best = int(np.argmax(estimator.history_["loss"]))
    assert estimator.n_iter_ == best + 1 + 2
    assert are_equal(get_weights(estimator), weights[best])


def test_stop_training_stops():
    recorder, _ = make_recorder(lambda model, _: setattr(model, "stop_training", True))
    assert fit(callbacks=[recorder], epochs=10).n_iter_ == 1


def zero_weights(model):
    model.set_weights([0 * w for w in model.get_weights()])


@pytest.mark.parametrize(
    "hook", ["on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end"]
)
def test_weights_set_by_a_callback_take_effect(hook):
    class Zero(keras.callbacks.Callback):
        pass

    setattr(Zero, hook, lambda self, *args, **kwargs: zero_weights(self.model))
    # Too small a rate to move what was set.
    still = {"optimizer": "sgd", "learning_rate": 1e-30}
    estimator = fit(callbacks=[Zero()], **still)
    assert max(np.abs(w).max() for w in get_weights(fit(**still))) > 0.1
    assert max(np.abs(w).max() for w in get_weights(estimator)) < 1e-20


def test_weights_set_by_a_callback_are_trained_on():
    recorder, weights = make_recorder(lambda model, _: zero_weights(model))
    fit(callbacks=[recorder], epochs=2, batch_size=64, optimizer="sgd")
    # The first step from zeros reaches the linear part and the bias alone.
    kernel, _, _, head, bias, skip = weights[1]
    assert not kernel.any()
    assert not head.any()
    assert bias.any()
    assert skip.any()


def find_rates(calls):
    """Return the learning rate of every epoch, constant in each."""
    rates = np.concatenate(calls["rates"]).reshape(-1, STEPS_PER_EPOCH)
    np.testing.assert_array_equal(rates[:, 0], rates[:, 1])
    return rates[:, 0].tolist()


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (lambda epoch, rate: 0.01 * (1 + epoch), [0.01, 0.02, 0.03, 0.04]),
        (lambda epoch, rate: rate / 2, [0.05, 0.025, 0.0125, 0.00625]),
        (lambda epoch, rate: 0.1 if epoch < 2 else 0.0, [0.1, 0.1, 0.0, 0.0]),
        # The usual warm-up.
        (lambda epoch, rate: 0.01 * epoch, [0.0, 0.01, 0.02, 0.03]),
    ],
    ids=["absolute", "relative", "to-zero", "from-zero"],
)
def test_keras_learning_rate_scheduler_takes_effect(calls, schedule, expected):
    callback = keras.callbacks.LearningRateScheduler(schedule)
    fit(callbacks=[callback], learning_rate=0.1, epochs=4)
    assert find_rates(calls) == pytest.approx(expected, rel=1e-5)


def test_keras_reduce_on_plateau_takes_effect(calls):
    callback = keras.callbacks.ReduceLROnPlateau(
        "loss", factor=0.1, patience=1, min_delta=1e9
    )
    fit(callbacks=[callback], learning_rate=0.1, epochs=4)
    assert find_rates(calls) == pytest.approx([0.1, 0.1, 0.01, 0.001], rel=1e-5)


@pytest.mark.parametrize("hook", ["on_train_begin", "on_epoch_begin", "on_epoch_end"])
def test_a_rate_set_in_any_hook_takes_effect(calls, hook):
    class Setting(keras.callbacks.Callback):
        pass

    def set_rate(self, *args, **kwargs):
        self.model.optimizer.learning_rate = 0.03

    setattr(Setting, hook, set_rate)
    fit(callbacks=[Setting()], learning_rate=0.1)
    first = 0.1 if hook == "on_epoch_end" else 0.03
    assert find_rates(calls) == pytest.approx([first, 0.03, 0.03], rel=1e-5)


def test_a_rate_of_zero_changes_no_weight():
    recorder, weights = make_recorder()
    schedule = keras.callbacks.LearningRateScheduler(lambda epoch, _: 0.1 * (epoch < 1))
    fit(callbacks=[schedule, recorder], learning_rate=0.1)
    assert are_equal(weights[0], weights[1])
    assert are_equal(weights[1], weights[2])


def test_keras_checkpoint_writes_a_file_that_keras_loads(tmp_path):
    path = tmp_path / "last.keras"
    callback = keras.callbacks.ModelCheckpoint(path, save_freq="epoch")
    estimator = fit(callbacks=[callback])
    loaded = keras.saving.load_model(path)
    assert are_equal(loaded.get_weights(), get_weights(estimator))
    inputs = {"window": np.array([[[0.5], [0.1], [-0.3], [0.2]]], "float32")}
    np.testing.assert_array_equal(
        loaded.predict_on_batch(inputs), estimator.model_.predict_on_batch(inputs)
    )


def test_keras_csv_logger_writes_a_row_per_epoch(tmp_path):
    path = tmp_path / "log.csv"
    estimator = fit(callbacks=[keras.callbacks.CSVLogger(path)])
    log = pd.read_csv(path)
    assert log["epoch"].tolist() == [0, 1, 2]
    assert log["loss"].tolist() == pytest.approx(estimator.history_["loss"])


class BatchCounter(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        raise AssertionError("must never be called")


@pytest.mark.parametrize(
    "callback",
    [
        BatchCounter(),
        keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None),
        keras.callbacks.LambdaCallback(on_train_batch_begin=lambda batch, logs: None),
        keras.callbacks.TensorBoard("never-written", update_freq=5),
        keras.callbacks.ModelCheckpoint("never-written.keras", save_freq=5),
    ],
    ids=["own", "lambda-end", "lambda-begin", "tensorboard", "checkpoint"],
)
def test_a_callback_with_a_hook_per_batch_is_rejected(callback):
    with pytest.raises(ValueError, match=r"'callbacks'.*batch.*on_epoch_end") as error:
        fit(callbacks=[callback])
    assert type(callback).__name__ in str(error.value)


@pytest.mark.parametrize("callback", [print, "early", BatchCounter])
def test_what_is_no_callback_is_rejected(callback):
    with pytest.raises(TypeError, match=r"'callbacks' parameter .* Got") as error:
        fit(callbacks=[callback])
    assert repr(callback) in str(error.value)


class Saver(keras.callbacks.Callback):
    """Saves once an epoch, as its setting says, but has its own hook for batches."""

    def __init__(self):
        super().__init__()
        self.save_freq = "epoch"

    def on_train_batch_end(self, batch, logs=None):
        raise AssertionError("must never be called")


def test_a_setting_of_a_users_own_class_excuses_no_hook_per_batch():
    with pytest.raises(ValueError, match="epoch-level"):
        fit(callbacks=[Saver()])


# What a callback leaves behind -------------------------------------------------


def find_models(callback):
    values = vars(callback).values()
    return [v for v in values if isinstance(v, keras.Model)]


class Keeping(keras.callbacks.Callback):
    """Keeps the model under another name, and may fail."""

    def __init__(self, error=None):
        super().__init__()
        self.error = error

    def set_model(self, model):
        super().set_model(model)
        self.network = model

    def on_epoch_end(self, epoch, logs=None):
        assert self.network is self.model
        if self.error is not None:
            raise self.error


def test_the_given_object_sees_what_happened():
    given = keras.callbacks.History()
    estimator = fit(callbacks=[given])
    assert given.epoch == [0, 1, 2]
    assert given.history == estimator.history_
    assert estimator.callbacks == [given]


def test_no_callback_refers_to_a_model_after_a_fit():
    given = [
        keras.callbacks.History(),
        Keeping(),
        keras.callbacks.EarlyStopping("loss"),
    ]
    fit(callbacks=given)
    assert [find_models(callback) for callback in given] == [[], [], []]
    assert [callback.model for callback in given] == [None, None, None]


def test_no_callback_refers_to_a_model_after_a_failed_fit():
    given = [keras.callbacks.History(), Keeping(RuntimeError("mine"))]
    with pytest.raises(RuntimeError, match="mine"):
        fit(callbacks=given)
    assert [find_models(callback) for callback in given] == [[], []]
    assert given[0].epoch == [0]


def test_no_callback_refers_to_a_model_that_it_did_not_want():
    class Refusing(keras.callbacks.Callback):
        def set_model(self, model):
            raise RuntimeError("not this one")

    history = keras.callbacks.History()
    with pytest.raises(RuntimeError, match="not this one"):
        fit(callbacks=[history, Refusing()])
    assert history.model is None


# Keras' own ---------------------------------------------------------------------


WRITERS = {
    "log.csv": keras.callbacks.CSVLogger,
    "board": keras.callbacks.TensorBoard,
    "last.keras": keras.callbacks.ModelCheckpoint,
    "backup": keras.callbacks.BackupAndRestore,
}


def make_writer(path):
    if path.name == "board":
        # TensorFlow writes its files by that package.
        pytest.importorskip("tensorboard")
    return WRITERS[path.name](path)


@pytest.mark.parametrize("name", WRITERS)
def test_callbacks_that_write_can_be_copied_after_a_fit(name, tmp_path):
    estimator = fit(callbacks=[make_writer(tmp_path / name)])
    expected = estimator.predict()
    for copied in (copy.deepcopy(estimator), pickle.loads(pickle.dumps(estimator))):
        pd.testing.assert_series_equal(copied.predict(), expected)
        assert type(copied.callbacks[0]) is type(estimator.callbacks[0])
    again = estimator.clone().fit(SERIES, fh=[1, 2, 3])
    pd.testing.assert_series_equal(again.predict(), expected)


def read_scalars(folder):
    """Return (step, tag) of every scalar in TensorBoard's files."""
    found = []
    for path in sorted(folder.glob("*/events*")):
        for record in tf.data.TFRecordDataset(str(path)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            found += [(event.step, value.tag) for value in event.summary.value]
    return found


def test_tensorboard_writes_once_an_epoch(tmp_path):
    pytest.importorskip("tensorboard")
    board = keras.callbacks.TensorBoard(tmp_path, histogram_freq=1)
    fit(callbacks=[board], early_stopping=True)
    scalars = read_scalars(tmp_path)
    losses = [step for step, tag in scalars if tag == "epoch_loss"]
    # Once for the training windows and once for those held out.
    assert sorted(losses) == [0, 0, 1, 1, 2, 2]
    assert [step for step, tag in scalars if tag == "epoch_learning_rate"] == [0, 1, 2]


def test_the_profiler_of_tensorboard_is_refused(tmp_path):
    board = keras.callbacks.TensorBoard(tmp_path)
    board._should_trace = True
    with pytest.raises(ValueError, match="epoch-level callbacks only"):
        fit(callbacks=[board])


def test_terminate_on_nan_is_taken_and_divergence_is_the_same_error():
    stopping = keras.callbacks.TerminateOnNaN()
    fit(callbacks=[stopping])
    wild = {"optimizer": keras.optimizers.SGD(1e30), "loss": "mse"}
    with pytest.raises(FloatingPointError, match="Training diverged"):
        fit(callbacks=[stopping], **wild)
    assert stopping.model is None


def test_averages_inside_the_optimizer_are_refused():
    with pytest.raises(ValueError, match="must hold no SwapEMAWeights"):
        fit(callbacks=[keras.callbacks.SwapEMAWeights()])


# As MLflow has it: no call of the base class' constructor, and a hook for batches.
def log_batch(self, batch, logs=None):
    assert self.log_every_n_steps is not None


log_batch.__module__ = "mlflow.tensorflow.callback"


class LikeMLflow(keras.callbacks.Callback):
    def __init__(self, log_every_n_steps=None):
        self.log_every_epoch = log_every_n_steps is None
        self.log_every_n_steps = log_every_n_steps
        self.logged = []

    on_batch_end = log_batch

    def on_train_begin(self, logs=None):
        self.parameters = self.model.optimizer.get_config()
        self.model.summary(print_fn=lambda line, **_: self.logged.append(line))

    def on_epoch_end(self, epoch, logs=None):
        self.logged.append((epoch, int(self.model.optimizer.iterations), logs))


def test_a_logger_like_that_of_mlflow_logs_every_epoch():
    logger = LikeMLflow()
    optimizer = keras.optimizers.RMSprop(0.01, rho=0.8)
    estimator = fit(callbacks=[logger], optimizer=optimizer, early_stopping=True)
    # The optimizer that trains, at its own rate.
    assert logger.parameters["rho"] == 0.8
    assert logger.parameters["learning_rate"] == pytest.approx(0.01)
    epochs, steps, logs = zip(*logger.logged[-3:], strict=True)
    assert epochs == (0, 1, 2)
    assert steps == (STEPS_PER_EPOCH, 2 * STEPS_PER_EPOCH, 3 * STEPS_PER_EPOCH)
    assert [log["val_loss"] for log in logs] == estimator.history_["val_loss"]
    assert logger.model is None


def test_a_logger_like_that_of_mlflow_cannot_log_batches():
    with pytest.raises(ValueError, match="overrides on_batch_end"):
        fit(callbacks=[LikeMLflow(log_every_n_steps=5)])


def test_a_rate_set_beside_a_schedule_is_an_error_of_keras():
    decay = keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)
    seen = []
    looking = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(
            float(looking.model.optimizer.learning_rate)
        )
    )
    fit(callbacks=[looking], optimizer=keras.optimizers.SGD(decay))
    assert seen == pytest.approx([0.05, 0.025, 0.0125])
    setting = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.1)
    with pytest.raises(TypeError, match="LearningRateSchedule"):
        fit(callbacks=[setting], optimizer=keras.optimizers.SGD(decay))


def test_weights_set_at_the_end_replace_the_best_ones():
    shown = []

    class Zero(keras.callbacks.Callback):
        def on_train_end(self, logs=None):
            shown.append(self.model.get_weights())
            zero_weights(self.model)

    estimator = fit(callbacks=[Zero()], early_stopping=True)
    assert not any(w.any() for w in get_weights(estimator))
    # What is shown at the end are the best weights, not the last ones.
    best = fit(early_stopping=True)
    assert are_equal(shown[0], get_weights(best))
