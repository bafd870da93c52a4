"""The effect of known columns: causal, the same at every step, of any form."""

import numpy as np
import pytest

from skl_lstm._windows.transfer_function import TransferFunction

RNG = np.random.default_rng(0)
CENTER = np.array([1.0, -2.0])
X = RNG.standard_normal((40, 2)) + CENTER
LAGS = RNG.standard_normal((3, 2, 2))
NO_FEEDBACK = np.zeros((0, 2))


def make(kind):
    feedback = NO_FEEDBACK
    if kind == "none":
        return TransferFunction.none(2, 2)
    if kind == "rational":
        feedback = np.array([[0.6, 0.0], [0.2, -0.5]])
    n_lags = {"row": 1, "lags": 3, "rational": 1}[kind]
    return TransferFunction(LAGS[:n_lags], feedback, CENTER)


KINDS = ("none", "row", "lags", "rational")


@pytest.mark.parametrize("kind", KINDS)
def test_rows_after_a_step_change_nothing_before_it_bit_for_bit(kind):
    transfer, changed = make(kind), X.copy()
    changed[25:] = 1e6
    before, after = transfer.apply(X), transfer.apply(changed)
    np.testing.assert_array_equal(before[:25], after[:25])
    np.testing.assert_array_equal(before[:25], transfer.apply(X[:25]))


@pytest.mark.parametrize("kind", KINDS)
def test_the_effect_has_a_row_for_each_of_the_columns_and_says_its_kind(kind):
    assert make(kind).apply(X).shape == (40, 2)
    assert make(kind).apply(X[:1]).shape == (1, 2)
    assert make(kind).kinds == (kind, kind)


def test_a_response_is_the_sum_over_its_lags():
    effect, deviations = make("lags").apply(X), X - CENTER
    expected = sum(deviations[10 - lag] @ LAGS[lag] for lag in range(3))
    np.testing.assert_allclose(effect[10], expected)
    np.testing.assert_allclose(effect[0], deviations[0] @ LAGS[0])


def test_a_feedback_lets_the_effect_go_on():
    transfer, deviations = make("rational"), X - CENTER
    effect = transfer.apply(X)
    new = deviations[10] @ LAGS[0]
    expected = new + transfer.feedback[0] * effect[9] + transfer.feedback[1] * effect[8]
    np.testing.assert_allclose(effect[10], expected)


@pytest.mark.parametrize("kind", KINDS)
def test_the_impulse_response_is_the_effect_of_one_row(kind):
    transfer = make(kind)
    for column in range(2):
        impulse = np.tile(CENTER, (12, 1))
        impulse[0, column] += 1.0
        expected = transfer.impulse_response(12)[:, column]
        np.testing.assert_allclose(transfer.apply(impulse), expected, atol=1e-12)


def test_a_cut_impulse_response_replaces_a_feedback_that_dies_out():
    transfer = make("rational")
    cut = TransferFunction(transfer.impulse_response(60), NO_FEEDBACK, CENTER)
    np.testing.assert_allclose(cut.apply(X), transfer.apply(X), atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_missing_values_count_as_the_training_mean(kind):
    missing, mean = X.copy(), X.copy()
    missing[5, 0], mean[5, 0] = np.nan, CENTER[0]
    transfer = make(kind)
    np.testing.assert_array_equal(transfer.apply(missing), transfer.apply(mean))


def test_effects_on_several_targets_are_joined():
    first = TransferFunction(LAGS[:1, :, :1], np.zeros((0, 1)), CENTER)
    second = TransferFunction(LAGS[..., 1:], np.array([[0.5]]), CENTER)
    both = TransferFunction.join([first, second])
    assert both.kinds == ("row", "rational")
    expected = np.concatenate([first.apply(X), second.apply(X)], axis=1)
    np.testing.assert_allclose(both.apply(X), expected)
