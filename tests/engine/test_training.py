"""Epochs, early stopping, learning rates and what is printed."""

import numpy as np
import pandas as pd
import pytest

from skl_lstm import LSTMForecaster
from skl_lstm._engine import training
from skl_lstm._engine.backend import keras
from skl_lstm._engine.cache import PROGRAMS
from skl_lstm._engine.config import serialize_loss, serialize_optimizer
from skl_lstm._engine.plan import TrainingPlan
from skl_lstm._engine.progress import Progress
from skl_lstm._engine.training import make_batches, train
from skl_lstm._windows.origins import complete_origins, split_by_time
from tests.engine import make_data, make_spec, make_weights
from tests.engine.small_fits import (
    N_ROWS,
    N_WINDOWS,
    RNG,
    SERIES,
    SMALL,
    STEPS_PER_EPOCH,
    fit,
)
from tests.estimator.sktime_cases import first_class


def make_plan(**options):
    return TrainingPlan(batch_size=8, **options)


def train_small(plan, n_validation=8, seed=0, **changes):
    """Train on the first windows of a series, validate on the last ones."""
    spec = make_spec(**changes)
    data = make_data(spec, n_rows=60)
    split = split_by_time(np.arange(4, 59), n_validation / 55, spec.horizon)
    if not n_validation:
        split = split._replace(validation=split.validation[:0])
    rng = np.random.default_rng(seed)
    program = PROGRAMS.get(spec)
    result = train(program, make_weights(spec), data, *split, plan, rng)
    return program, data, split, result


# Windows ----------------------------------------------------------------------


@pytest.mark.parametrize("horizon", [1, 3, 7])
@pytest.mark.parametrize("fraction", [0.01, 0.1, 0.25, 0.5])
@pytest.mark.parametrize("n_rows", [40, 101])
def test_the_latest_windows_are_held_out(n_rows, fraction, horizon):
    origins = complete_origins(n_rows, 5, horizon, name="Net")
    split = split_by_time(origins, fraction, horizon)
    n_held_out = int(np.ceil(fraction * len(origins)))
    np.testing.assert_array_equal(split.validation, origins[-n_held_out:])
    # No training window's last target reaches the first target held out.
    assert split.train.max() + horizon - 1 == split.validation.min() - 1
    np.testing.assert_array_equal(split.train, origins[: len(split.train)])


def test_nothing_is_held_out_where_nothing_would_be_left_to_train_on():
    split = split_by_time(np.arange(5, 10), 0.5, horizon=4)
    np.testing.assert_array_equal(split.train, np.arange(5, 10))
    assert len(split.validation) == 0


def test_all_complete_windows_are_listed():
    np.testing.assert_array_equal(complete_origins(10, 4, 3, name="Net"), [4, 5, 6, 7])
    assert len(complete_origins(7, 4, 3, name="Net")) == 1
    with pytest.raises(ValueError, match=r"Net needs at least 7 rows.*n_samples = 6"):
        complete_origins(6, 4, 3, name="Net")


def test_batches_hold_every_origin_once_and_are_filled_up():
    batches = make_batches(np.arange(10, 20), 4)
    assert batches.shape == (3, 4)
    assert batches.dtype == "int32"
    np.testing.assert_array_equal(batches.ravel(), [*range(10, 20), -1, -1])


def test_every_epoch_sees_every_window_once_in_another_order(calls):
    fit(epochs=3)
    batches = np.concatenate(calls["batches"])
    assert batches.shape == (3 * STEPS_PER_EPOCH, 32)
    epochs = batches.reshape(3, -1)
    windows = [epoch[epoch >= 0].tolist() for epoch in epochs]
    # Four rows of padding stand above the series.
    assert all(sorted(epoch) == list(range(8, 8 + N_WINDOWS)) for epoch in windows)
    assert windows[0] != windows[1] != sorted(windows[1])


# Learning rates ---------------------------------------------------------------


def test_a_constant_rate_stays():
    plan = make_plan(epochs=5, learning_rate=0.3, cosine_decay=False)
    rates = plan.rates(2, 4, 10)
    assert rates.dtype == "float32"
    np.testing.assert_allclose(rates, 0.3)


def test_cosine_decay_falls_from_the_full_rate_to_nothing():
    plan = make_plan(epochs=5, learning_rate=0.4)
    rates = plan.rates(0, 100, 100)
    assert rates[0] == pytest.approx(0.4)
    assert rates[50] == pytest.approx(0.2)
    assert 0 < rates[-1] < 1e-3 * 0.4
    assert (np.diff(rates) < 0).all()
    np.testing.assert_allclose(plan.rates(30, 20, 100), rates[30:50], rtol=1e-6)


@pytest.mark.parametrize(
    ("parameters", "first", "decays"),
    [
        ({}, 2e-3, True),
        ({"learning_rate": 0.01}, 0.01, False),
        ({"optimizer": keras.optimizers.SGD(0.05)}, 0.05, False),
        (
            {"optimizer": keras.optimizers.SGD(0.05), "learning_rate": 0.02},
            0.02,
            False,
        ),
    ],
    ids=["auto", "number", "of-the-optimizer", "both"],
)
def test_rates_of_all_steps_are_those_documented(calls, parameters, first, decays):
    fit(epochs=4, **parameters)
    rates = np.concatenate(calls["rates"])
    n_steps = 4 * STEPS_PER_EPOCH
    wave = 0.5 * (1 + np.cos(np.pi * np.arange(n_steps) / n_steps))
    expected = first * (wave if decays else np.ones(n_steps))
    np.testing.assert_allclose(rates, expected, rtol=1e-5)


def test_rates_decay_over_all_epochs_with_validation_too(calls):
    fit(epochs=4, early_stopping=True, n_iter_no_change=4)
    rates = np.concatenate(calls["rates"])
    wave = 0.5 * (1 + np.cos(np.pi * np.arange(len(rates)) / len(rates)))
    np.testing.assert_allclose(rates, 2e-3 * wave, rtol=1e-5)


# Early stopping ---------------------------------------------------------------

NOISY = {
    "optimizer": serialize_optimizer("sgd")[0],
    "loss": serialize_loss("mse"),
}


def test_the_best_weights_are_restored():
    plan = make_plan(
        epochs=12, learning_rate=2.0, cosine_decay=False, n_iter_no_change=12
    )
    program, data, split, result = train_small(plan, **NOISY)
    losses = result.history["val_loss"]
    # Otherwise the last weights would do.
    assert losses[-1] > min(losses)
    found = program.validate(
        program.pack(result.weights), data, make_batches(split.validation, 8)
    )
    assert found == pytest.approx(min(losses), rel=1e-6)


def test_training_stops_after_epochs_without_improvement():
    plan = make_plan(
        epochs=60, learning_rate=2.0, cosine_decay=False, n_iter_no_change=3
    )
    *_, result = train_small(plan, **NOISY)
    losses = result.history["val_loss"]
    assert len(losses) == len(result.history["loss"]) < 60
    assert int(np.argmin(losses)) == len(losses) - 1 - 3


def test_training_that_gains_nothing_over_its_start_stops_sooner(monkeypatch):
    worse = iter(range(1, 100))
    monkeypatch.setattr(training.Program, "validate", lambda *args: float(next(worse)))
    plan = make_plan(epochs=60, learning_rate=0.1, n_iter_no_change=6, n_iter_no_gain=2)
    *_, result = train_small(plan)
    assert result.best_epoch == 0
    assert len(result.history["val_loss"]) == 2


def test_best_weights_are_kept_without_stopping_too():
    plan = make_plan(epochs=12, learning_rate=2.0, cosine_decay=False)
    program, data, split, result = train_small(plan, **NOISY)
    losses = result.history["val_loss"]
    assert len(losses) == 12
    found = program.validate(
        program.pack(result.weights), data, make_batches(split.validation, 8)
    )
    assert found == pytest.approx(min(losses), rel=1e-6)


def test_without_validation_the_last_weights_are_kept(calls):
    plan = make_plan(epochs=3, learning_rate=0.1, n_iter_no_change=1)
    program, data, _, result = train_small(plan, n_validation=0)
    recorded = list(zip(calls["batches"], calls["rates"], strict=True))
    assert list(result.history) == ["loss"]
    assert len(result.history["loss"]) == 3
    state = program.start(make_weights(program.spec), np.random.default_rng(0))
    for batches, rates in recorded:
        # The drawn seeds do not matter: there is no dropout.
        state, _ = program.train(state, data, batches, rates)
    for ours, theirs in zip(result.weights, program.unpack(state.weights), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_history_is_made_of_plain_floats():
    *_, result = train_small(make_plan(epochs=2, learning_rate=0.1))
    assert {type(v) for curve in result.history.values() for v in curve} == {float}


def test_one_generator_seed_one_result():
    plan = make_plan(epochs=2, learning_rate=0.1)
    first, again, other = (
        train_small(plan, seed=seed, dropout=0.2)[-1].weights for seed in (0, 0, 1)
    )
    for ours, theirs in zip(first, again, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert any((a != b).any() for a, b in zip(first, other, strict=True))


@first_class
def test_fit_stops_early_and_says_after_how_many_epochs(cls):
    estimator = fit(
        cls,
        epochs=60,
        early_stopping=True,
        validation_fraction=0.2,
        n_iter_no_change=2,
        optimizer="sgd",
        learning_rate=0.5,
        # Or the linear map that training starts from may stay the best.
        linear_skip=False,
    )
    losses = estimator.history_["val_loss"]
    assert 1 <= estimator.n_iter_ < 60
    assert estimator.n_iter_ == len(losses) == len(estimator.history_["loss"])
    assert int(np.argmin(losses)) == len(losses) - 1 - 2


def test_fit_holds_out_the_latest_windows(monkeypatch):
    seen = []

    def record(program, weights, data, train_origins, validation_origins, *rest):
        seen.append((train_origins, validation_origins))
        return train(program, weights, data, train_origins, validation_origins, *rest)

    monkeypatch.setattr(training, "train", record)
    fit(early_stopping=True, validation_fraction=0.25)
    [(trained, validated)] = seen
    # Four rows of padding, then the series; the last window is held out.
    assert validated[-1] == 4 + N_ROWS - 3
    assert len(validated) == int(np.ceil(0.25 * N_WINDOWS))
    assert trained[-1] + 3 <= validated[0]


def test_no_early_stopping_no_validation():
    estimator = fit(n_iter_no_change=1, epochs=5)
    assert list(estimator.history_) == ["loss"]
    assert estimator.n_iter_ == 5


def test_masked_targets_are_no_perfect_validation():
    X = RNG.standard_normal((N_ROWS, 2))
    y = X[:, 0] + X[:, 1]
    y[-15:] = np.nan
    parameters = SMALL | {"epochs": 4, "early_stopping": True}
    estimator = LSTMForecaster(**parameters).fit(X, y)
    # A loss of exactly zero would mean that nothing was compared.
    assert min(estimator.history_["val_loss"]) > 0


# Diverging --------------------------------------------------------------------


@pytest.mark.parametrize("epochs", [1, 5])
def test_a_loss_that_is_not_a_number_names_its_epoch(epochs):
    plan = make_plan(epochs=epochs, learning_rate=0.1)
    spec = make_spec()
    weights = [np.full_like(w, np.nan) for w in make_weights(spec)]
    origins = np.arange(4, 30)
    with pytest.raises(FloatingPointError, match=r"loss is nan in epoch 1\.") as error:
        train(
            PROGRAMS.get(spec),
            weights,
            make_data(spec),
            origins,
            origins[:0],
            plan,
            np.random.default_rng(0),
        )
    assert "learning_rate" in str(error.value)


# Output -----------------------------------------------------------------------


@pytest.mark.parametrize("verbose", [1, True])
def test_epochs_are_printed_as_whole_lines_when_verbose(capsys, verbose):
    forecaster = fit(verbose=verbose, early_stopping=True)
    out = capsys.readouterr().out
    # As they stay in an exported notebook: no line is written over.
    assert not set("\r\b\x1b") & set(out)
    *lines, chosen = out.splitlines()
    losses = [forecaster.history_[name][-1] for name in ("loss", "val_loss")]
    assert lines[-1] == "training: epoch 3/3, loss {:.4g}, val_loss {:.4g}".format(
        *losses
    )
    assert [line.split(",")[0][-3:] for line in lines] == ["1/3", "2/3", "3/3"]
    assert chosen.startswith("LSTMForecaster: ")
    assert "the recurrent network is part of the forecast" in chosen


def test_a_terminal_shows_one_line_that_is_written_over(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    progress = Progress("training", 2, 4, verbose=1)
    progress.advance(3, loss=0.5)
    progress.advance(1, loss=0.25)
    progress.advance(0, val_loss=1.0)
    progress.close()
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.startswith("\rtraining: epoch 1/2, step 3/4, loss 0.5\r")
    assert out.split("\r")[-1] == "training: epoch 1/2, loss 0.25, val_loss 1\n"


def test_many_epochs_print_some_ten_lines(capsys):
    progress = Progress("training", 500, 1, verbose=1)
    for _ in range(500):
        progress.advance(1, loss=1.0)
        progress.advance(0, loss=1.0)
    progress.close()
    lines = capsys.readouterr().out.splitlines()
    assert 10 <= len(lines) <= 12
    assert "epoch 500/500" in lines[-1]


def test_the_second_run_and_the_choices_are_explained(capsys, caplog):
    y = pd.Series(
        np.sin(np.arange(60.0)), pd.period_range("2000", periods=60, freq="M")
    )
    small = {"units": 2, "epochs": 2, "random_state": 0, "n_estimators": 2}
    with caplog.at_level("INFO", logger="skl_lstm"):
        forecaster = LSTMForecaster(**small, verbose=1).fit(y, fh=[1, 2])
    [line] = caplog.messages
    assert f"window_length={forecaster.window_length_}, horizon=2, sp=" in line
    assert f"theta_share={forecaster.theta_share_}" in line
    assert ("is part of" in line) == (forecaster.components_["recurrent"] > 0)
    out = capsys.readouterr().out
    assert line in out
    assert "training network 2 of 2: epoch 2/2" in out


def test_nothing_is_printed_when_not_verbose(capfd):
    forecaster = fit(verbose=0, early_stopping=True)
    forecaster.predict()
    forecaster.update(SERIES[-3:].set_axis(range(N_ROWS, N_ROWS + 3)))
    captured = capfd.readouterr()
    assert captured.out == ""
    assert captured.err == ""


def test_weights_that_are_not_finite_after_the_last_step_are_an_error():
    # One step: its loss is that of the weights before it, and finite.
    est = LSTMForecaster(
        epochs=1,
        optimizer=keras.optimizers.SGD(1e38),
        scaler=None,
        window_scaling=None,
        linear_skip=False,
        loss="mse",
        **(SMALL | {"batch_size": 64}),
    )
    with pytest.raises(FloatingPointError, match="weights are not finite in epoch 1"):
        est.fit(1e4 * SERIES, fh=[1, 2, 3])


def test_a_first_validation_loss_that_is_nan_is_beaten():
    best = training._BestWeights()
    best.see(np.nan, ["first"])
    best.see(2.0, ["second"])
    best.see(3.0, ["third"])
    assert (best.loss, best.epoch, best.weights) == (2.0, 1, ["second"])


def test_the_start_without_window_scaling_sees_no_held_out_row():
    # Without a step of training, the network forecasts what it started from.
    y = pd.Series(np.r_[np.zeros(50), np.full(14, 100.0)])
    options = {"scaler": None, "window_scaling": None, "linear_skip": False}
    est = LSTMForecaster(
        epochs=1,
        learning_rate=1e-30,
        **(SMALL | options | {"early_stopping": True, "validation_fraction": 0.2}),
    ).fit(y, fh=[1])
    assert float(est.predict().iloc[0]) < 20
