"""Training of an ensemble: starting weights, epochs, a second run on all windows."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from skl_lstm._engine.ensemble import Weights
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._training.linear_map import loss_of
from skl_lstm._training.linear_start import _is_absolute, start_linear
from skl_lstm._windows.comparison import is_clearly_positive

# Windows that two networks are compared on at a time.
WINDOWS_COMPARED = 4_096


class Ensemble(NamedTuple):
    """Networks trained from different seeds.

    Attributes
    ----------
    members : list of list of ndarray
        Final weights of each.
    tested : list of list of ndarray
        Their weights when the held-out windows had not been trained on.
    curves : list of dict
        Learning curves of each.
    """

    members: list[Weights]
    tested: list[Weights]
    curves: list[dict[str, list[float]]]


def train_members(
    spec: NetworkSpec,
    starts: Sequence[Weights | None],
    data: Any,
    train_on: np.ndarray,
    validate_on: np.ndarray,
    plan: dict[str, Any],
    seed: int,
    refit_on: np.ndarray | None = None,
    n_series: int = 1,
    sp: int = 1,
    plain: bool = False,
    doubts: bool = False,
) -> Ensemble:
    """Train every network of an ensemble with a random stream of its own.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    starts : sequence of list of ndarray or None
        Weights to start from, None for fresh ones.
    data : Data
        Rows of all series.
    train_on, validate_on : ndarray of int
        Origins, the windows nearest to the end of their series last.
    plan : dict
        Arguments of the engine's `TrainingPlan`.
    seed : int
        Source of all randomness.
    refit_on : ndarray of int or None, default=None
        If given, the best number of epochs is found on the held-out windows, and then
        trained for on these origins.
    n_series : int, default=1
        Series that the windows come from.
    sp : int, default=1
        Steps per season of the targets; 1 where there is none.
    plain : bool, default=False
        Whether fresh weights are those of Keras, instead of a simple forecast.
    doubts : bool, default=False
        Whether a network must forecast the held-out windows clearly better than the
        simple forecast it started from, or be that.
    """
    from skl_lstm._engine.cache import PROGRAMS
    from skl_lstm._engine.initialization import initial_weights
    from skl_lstm._engine.plan import TrainingPlan
    from skl_lstm._engine.training import train

    program = PROGRAMS.get(spec)
    found = Ensemble([], [], [])
    streams = np.random.SeedSequence(seed).spawn(len(starts))
    for start, stream in zip(starts, streams, strict=True):
        rng = np.random.default_rng(stream)
        callbacks = [deepcopy(c) for c in plan.get("callbacks", ())]
        own = {"batch_size": spec.batch_size, "callbacks": callbacks}
        member_plan = TrainingPlan(**(plan | own))
        fresh = None if start else initial_weights(spec, rng, plain=plain)

        def start_on(
            origins: np.ndarray, start: Any = start, fresh: Any = fresh
        ) -> Any:
            # The map must not have seen the windows that are held out.
            if start or plain:
                return start or fresh
            return start_linear(program, fresh, data, origins, n_series, sp)

        weights = start_on(train_on)
        result = train(program, weights, data, train_on, validate_on, member_plan, rng)
        # Weights drawn at random are no forecast to return to.
        doubtful = doubts and not (start or plain) and len(validate_on) > 0
        if doubtful and not _clearly_better(
            program, weights, result.weights, data, validate_on
        ):
            result = result._replace(weights=weights, best_epoch=0)
        final = result.weights
        if refit_on is not None:
            # A plan of its own, at whose end the step size is zero.
            refit = replace(member_plan, epochs=result.best_epoch)
            weights, none = start_on(refit_on), refit_on[:0]
            final = train(program, weights, data, refit_on, none, refit, rng).weights
        found.members.append(final)
        found.tested.append(result.weights)
        found.curves.append(result.history)
    return found


def _clearly_better(
    program: Any, start: Weights, trained: Weights, data: Any, origins: np.ndarray
) -> bool:
    """Whether errors are smaller by more than the standard error of the difference."""
    horizon, absolute = program.spec.horizon, _is_absolute(program.spec.loss)

    def gains(some: np.ndarray) -> np.ndarray:
        units = program.window_units(data, some)[:, None]
        truth = data.y[some[:, None] + np.arange(horizon)]
        before, after = (
            loss_of(
                (program.forecast(weights, data, some, horizon) - truth) / units,
                absolute=absolute,
            )
            for weights in (start, trained)
        )
        loss_before, loss_after = (
            np.nanmean(loss * units, axis=(1, 2)) for loss in (before, after)
        )
        return loss_before - loss_after

    some_at_a_time = range(0, len(origins), WINDOWS_COMPARED)
    parts = [gains(origins[i : i + WINDOWS_COMPARED]) for i in some_at_a_time]
    return bool(is_clearly_positive(np.concatenate(parts)))
