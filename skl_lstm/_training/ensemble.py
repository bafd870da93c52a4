"""Training of an ensemble: starting weights, epochs, a second run on all windows."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from skl_lstm._engine.ensemble import Networks, Weights
from skl_lstm._engine.plan import TrainingPlan
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._training.layout import Layout
from skl_lstm._training.linear_map import loss_of
from skl_lstm._training.linear_start import is_absolute, start_linear
from skl_lstm._windows.assembly import weights_ahead
from skl_lstm._windows.comparison import clearly_better, thin_out

# Windows that two networks are compared on, and how many of them at a time.
MOST_COMPARED = 50_000
WINDOWS_COMPARED = 4_096
# Epochs and step size where no held-out window speaks for more: half as many steps of
# twice the size lead as far.
GENTLE_EPOCHS = 5
GENTLE_RATE = 0.001


class Start(NamedTuple):
    """Where training starts, and what is then made of its result.

    Attributes
    ----------
    members : sequence of list of ndarray or None
        Weights of each network of the ensemble; None for fresh ones.
    plain : bool, default=False
        Whether fresh weights are those of Keras, instead of a simple forecast.
    sp : int, default=1
        Steps per season of the targets, for the simple forecast.
    n_series : int, default=1
        Series that the windows come from.
    doubts : bool, default=False
        Whether a network must forecast the held-out windows clearly better than the
        simple forecast it started from. If it does not, or if nothing tests it, it is
        trained gently from there and counts for half, or is that forecast. Weights
        drawn at random are no forecast to return to.
    is_gentle : bool, default=False
        Whether there are so few windows that a network no held-out window speaks for
        is trained for a few small steps, and its forecast averaged with the simple one.
    refits : bool, default=False
        Whether the best number of epochs, once it is known from the held-out windows,
        is trained for again on all windows.
    """

    members: Sequence[Weights | None]
    plain: bool = False
    sp: int = 1
    n_series: int = 1
    doubts: bool = False
    is_gentle: bool = False
    refits: bool = False


class Ensemble(NamedTuple):
    """Networks trained from different seeds.

    Attributes
    ----------
    networks : Networks
        With their final weights.
    tested : Networks
        With the weights when the held-out windows had not been trained on.
    curves : list of dict
        Learning curves of each.
    """

    networks: Networks
    tested: Networks
    curves: list[dict[str, list[float]]]


def train_ensemble(
    spec: NetworkSpec, start: Start, layout: Layout, plan: TrainingPlan, seed: int
) -> Ensemble:
    """Train every network of an ensemble with a random stream of its own.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    start : Start
        Where each network starts.
    layout : Layout
        Rows of all series, and the windows.
    plan : TrainingPlan
        Budget and learning rate.
    seed : int
        Source of all randomness.
    """
    streams = np.random.SeedSequence(seed).spawn(len(start.members))
    n = len(start.members)
    titles = [f"training network {i + 1} of {n}" for i in range(n)]
    plans = [plan if n == 1 else replace(plan, title=title) for title in titles]
    trained = [
        _train_network(spec, weights, start, layout, plan, np.random.default_rng(s))
        for weights, s, plan in zip(start.members, streams, plans, strict=True)
    ]
    final, tested, curves = map(list, zip(*trained, strict=True))
    return Ensemble(Networks(spec, final), Networks(spec, tested), curves)


def _train_network(
    spec: NetworkSpec,
    weights: Weights | None,
    start: Start,
    layout: Layout,
    plan: TrainingPlan,
    rng: np.random.Generator,
) -> tuple[Weights, Weights, dict[str, list[float]]]:
    """Return final weights, those that were tested, and the learning curves."""
    from skl_lstm._engine.cache import PROGRAMS
    from skl_lstm._engine.training import train

    program, data, nothing = PROGRAMS.get(spec), layout.assembly.data, layout.train[:0]
    start_on = _make_start(spec, weights, start, data, rng)
    first = start_on(layout.train)
    doubts = start.doubts and weights is None and not start.plain

    def train_gently(begin: Weights, origins: np.ndarray, plan: TrainingPlan) -> Any:
        gentle = _make_gentle(plan)
        result = train(program, begin, data, origins, nothing, gentle, rng)
        if result.is_steered:
            return result
        return result._replace(weights=_halve(spec, begin, result.weights))

    if doubts and start.is_gentle and not len(layout.validation):
        result = train_gently(first, layout.train, plan)
        return result.weights, result.weights, result.history
    result = train(program, first, data, layout.train, layout.validation, plan, rng)
    if result.is_steered:
        # By a callback of the user, who gets what it led to.
        return result.weights, result.weights, result.history
    history = result.history
    # Callbacks watch one training of each network; what follows repeats it.
    plan = plan.unwatched()
    tested = doubts and len(layout.validation) > 0
    kept = not tested or _earns_its_place(spec, first, result, layout)
    if not kept:
        result = result._replace(weights=first, best_epoch=0)
        if start.is_gentle:
            result = train_gently(first, layout.train, plan)
    final = result
    if start.refits:
        again, origins = start_on(layout.everything), layout.everything
        final = result._replace(weights=again)
        if kept:
            # A plan of its own, at whose end the step size is zero.
            refit = plan.again(result.best_epoch)
            final = train(program, again, data, origins, nothing, refit, rng)
        elif start.is_gentle:
            final = train_gently(again, origins, plan)
    return final.weights, result.weights, history


def _make_gentle(plan: TrainingPlan) -> TrainingPlan:
    """Return a plan of few small steps, for where nothing tells when to stop."""
    return replace(
        plan,
        epochs=min(plan.epochs, GENTLE_EPOCHS),
        learning_rate=min(plan.learning_rate, GENTLE_RATE),
        cosine_decay=False,
        title=f"{plan.title} gently, in small steps",
    )


def _halve(spec: NetworkSpec, start: Weights, trained: Weights) -> Weights:
    """Return the network whose forecast is the mean of both: no encoder is averaged.

    The start's head is zero, so that half of the trained one, with the mean of biases
    and linear maps, forecasts the mean.
    """
    n_encoder = len(start) - 2 - spec.linear_skip - spec.sees_future
    means = [(a + b) / 2 for a, b in zip(start, trained, strict=True)]
    return [*trained[:n_encoder], *means[n_encoder:]]


def _earns_its_place(
    spec: NetworkSpec, start: Weights, result: Any, layout: Layout
) -> bool:
    """Whether training has found what forecasts the held-out windows clearly better."""
    pair = Networks(spec, [start]), Networks(spec, [result.weights])
    return result.best_epoch > 0 and _forecasts_clearly_better(
        *pair, layout.assembly.data, layout.validation
    )


def _make_start(
    spec: NetworkSpec,
    weights: Weights | None,
    start: Start,
    data: Any,
    rng: np.random.Generator,
) -> Callable[[np.ndarray], Weights]:
    """Return what gives the starting weights for the windows that are trained on.

    The simple forecast must not have seen the windows that are held out.
    """
    from skl_lstm._engine.initialization import initial_weights

    if weights is not None:
        return lambda origins: weights
    fresh = initial_weights(spec, rng, plain=start.plain)
    # A decoder is trained on what a linear forecast leaves, and starts at zero.
    if start.plain or spec.n_decoded:
        return lambda origins: fresh
    return lambda origins: start_linear(
        spec, fresh, data, origins, start.n_series, start.sp
    )


def _forecasts_clearly_better(
    start: Networks, trained: Networks, data: Any, origins: np.ndarray
) -> bool:
    """Whether errors are smaller by more than the standard error of the difference."""
    from skl_lstm._engine.data import targets_of

    horizon, absolute = start.spec.horizon, is_absolute(start.spec.loss)
    origins = thin_out(origins, MOST_COMPARED)

    def losses(networks: Networks, batch: np.ndarray) -> np.ndarray:
        units = networks.units(data, batch)[:, None]
        truth = targets_of(start.spec, data, batch)
        forecasts = networks.forecast_once(data, batch, horizon)
        errors = (forecasts - truth) / units
        loss = loss_of(errors, absolute=absolute)
        counts = weights_ahead(data, batch, horizon)[..., None]
        return np.nanmean(loss * units * counts, axis=(1, 2))

    batches = range(0, len(origins), WINDOWS_COMPARED)
    before, after = (
        np.concatenate(
            [losses(networks, origins[i : i + WINDOWS_COMPARED]) for i in batches]
        )
        for networks in (start, trained)
    )
    return bool(clearly_better(before, after))
