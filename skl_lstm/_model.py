"""A trained model: numbers only, and the three things that can be done with them.

Between the conventions (`_base`, which knows pandas) and the engine (which knows
tensors): here series are NumPy arrays in their own units. TensorFlow is imported on
the first training or forecast, never before.
"""

import warnings
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skl_lstm import _defaults
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._linear import MOST_INPUTS, MOST_WINDOWS, fit_linear_map
from skl_lstm._planning import (
    Columns,
    Task,
    plan_training,
    refits,
    split_windows,
    training_origins,
)
from skl_lstm._scaling import Scaling, fit_scaling
from skl_lstm._windows import Split, pad_before

Weights = list[np.ndarray]

# Steps of one `update`, and their size as a share of the training's: enough to move
# towards the new rows, too few to forget the old ones.
UPDATE_STEPS = 10
UPDATE_RATE = 0.1


@dataclass(frozen=True)
class TrainedModel:
    """A network's numbers, with the scalers it was trained with.

    Attributes
    ----------
    spec : NetworkSpec
        The network.
    columns : Columns
        Use of the exogenous columns.
    members : list of list of ndarray
        Weights of each network of the ensemble.
    curves : list of dict
        Learning curves of each network of the ensemble.
    scaling : Scaling
        Fitted on the training rows.
    learning_rate : float
        Rate that training started with.
    """

    spec: NetworkSpec
    columns: Columns
    members: list[Weights]
    curves: list[dict[str, list[float]]]
    scaling: Scaling
    learning_rate: float

    def forecast(
        self, y: np.ndarray, X: np.ndarray, X_ahead: np.ndarray, n_steps: int
    ) -> np.ndarray:
        """Forecast the steps after the last row.

        Parameters
        ----------
        y : ndarray of shape (n_rows, n_outputs)
            The past; the network reads the last ``window_length`` rows.
        X : ndarray of shape (n_rows, n_features)
            Exogenous columns of the past.
        X_ahead : ndarray of shape (n_known, n_features)
            Exogenous columns of the steps to forecast, as far as they are needed.
        n_steps : int
            Steps to forecast.

        Returns
        -------
        ndarray of shape (n_steps, n_outputs)
        """
        length = self.spec.window_length
        data = self._data(y[-length:], np.concatenate([X[-length:], X_ahead]))
        origins = np.array([length + len(y[-length:])])
        return self._run(data, origins, n_steps)[0]

    def predict_one_step(
        self, y: np.ndarray, X: np.ndarray, rows: np.ndarray
    ) -> np.ndarray:
        """Predict rows from the rows before them, all in one batch.

        A row with fewer than ``window_length`` rows before it is predicted from a
        window filled up with the first of them; the first row of all, which has no
        past, is predicted as the training mean.

        Parameters
        ----------
        y : ndarray of shape (n_rows, n_outputs)
            Targets; those from a row on do not influence its prediction.
        X : ndarray of shape (n_rows, n_features)
            Exogenous columns.
        rows : ndarray of int
            Positions to predict, at most ``n_rows``.

        Returns
        -------
        ndarray of shape (len(rows), n_outputs)
        """
        origins = rows + self.spec.window_length
        predicted = self._run(self._data(y, X), origins, 1)[:, 0]
        if self.spec.autoregressive and (rows == 0).any():
            predicted[rows == 0] = self.scaling.y_mean
        return predicted

    def predict_rows(self, X: np.ndarray, context: np.ndarray | None) -> np.ndarray:
        """Predict the target of each row of ``X``, which is not autoregressive.

        Parameters
        ----------
        X : ndarray of shape (n_rows, n_features)
            Rows in order of time.
        context : ndarray of shape (n_before, n_features) or None
            The rows just before, None where nothing is known of them.

        Returns
        -------
        ndarray of shape (n_rows, n_outputs)
        """
        rows = X if context is None else np.concatenate([context, X])
        origins = np.arange(len(rows) - len(X), len(rows)) + self.spec.window_length
        # Never read, but scaled with the rest: zero has no logarithm.
        unused = np.tile(self.scaling.y_mean, (len(rows), 1))
        return self._run(self._data(unused, rows), origins, 1)[:, 0]

    def fine_tune(
        self, y: np.ndarray, X: np.ndarray, n_new: int, seed: int
    ) -> "TrainedModel":
        """Continue training on the latest rows for a bounded number of steps.

        Parameters
        ----------
        y, X : ndarray of shape (n_rows, n_outputs), (n_rows, n_features)
            All rows, the new ones last.
        n_new : int
            How many are new.
        seed : int
            Orders the windows.

        Returns
        -------
        TrainedModel
            With new weights; this one is unchanged.
        """
        spec, offset = self.spec, self.spec.window_length
        origins = np.arange(offset, len(y) - spec.horizon + 1) + offset
        if not len(origins):
            warnings.warn(
                f"The {len(y)} rows up to the cutoff hold no complete window of "
                f"{spec.window_length} + {spec.horizon} rows to learn from: "
                "the weights stay as they are.",
                stacklevel=2,
            )
            return self
        latest = origins[-max(spec.batch_size, n_new) :]
        n_epochs = max(1, UPDATE_STEPS // -(-len(latest) // spec.batch_size))
        plan = {
            "epochs": n_epochs,
            "learning_rate": UPDATE_RATE * self.learning_rate,
            "cosine_decay": False,
        }
        split = Split(latest, latest[:0])
        members, _ = _train_members(
            spec, self.members, self._data(y, X), split, plan, seed
        )
        return replace(self, members=members)

    def _run(self, data: Any, origins: np.ndarray, n_steps: int) -> np.ndarray:
        """Forecast with every member; return their median in the target's units."""
        from skl_lstm._engine.program import PROGRAMS

        program = PROGRAMS.get(self.spec)
        each = [program.forecast(w, data, origins, n_steps) for w in self.members]
        middle = each[0] if len(each) == 1 else np.median(each, axis=0)
        flat = middle.reshape(-1, self.spec.n_outputs).astype(float)
        return self.scaling.y.inverse_transform(flat).reshape(middle.shape)

    def _data(self, y: np.ndarray, X: np.ndarray) -> Any:
        return _engine_data(self.spec, self.columns, self.scaling, y, X)


def _engine_data(
    spec: NetworkSpec,
    columns: Columns,
    scaling: Scaling,
    y: np.ndarray,
    X: np.ndarray,
) -> Any:
    """Scale rows and put ``window_length`` rows of padding above them.

    Padding repeats the first row; strictly past columns of a regression are padded
    with their training mean, since their first row already is a neighbor's past.
    """
    from skl_lstm._engine.program import Data

    scaled_y = scaling.y.transform(y)
    scaled_X = scaling.X.transform(X)[:, columns.order]
    first = scaled_X[0].copy()
    if not spec.autoregressive and columns.shifted:
        mean = scaling.X.transform(scaling.X_mean[None])[0, columns.order]
        first[len(columns.concurrent) :] = mean[len(columns.concurrent) :]
    length = spec.window_length
    padded_y = pad_before(scaled_y, length, scaled_y[0])
    padded_X = pad_before(scaled_X, length, first)
    return Data(padded_y.astype("float32"), padded_X.astype("float32"))


def train_model(
    parameters: Mapping[str, Any],
    task: Task,
    y: np.ndarray,
    X: np.ndarray,
    seed: int,
    start: TrainedModel | None = None,
) -> TrainedModel:
    """Train from rows in their own units.

    Parameters
    ----------
    parameters : mapping
        Constructor parameters of the estimator.
    task : Task
        What is to be learned.
    y : ndarray of shape (n_rows, n_outputs)
        Targets; NaN where there is none.
    X : ndarray of shape (n_rows, n_features)
        Exogenous columns.
    seed : int
        Source of all randomness.
    start : TrainedModel or None, default=None
        Weights to start from, in place of fresh ones.

    Returns
    -------
    TrainedModel

    Raises
    ------
    ValueError
        If the series is too short, or ``start`` is another network.
    FloatingPointError
        If training diverges.
    """
    n_rows = len(y)
    horizon = 1
    if task.autoregressive:
        horizon = _defaults.resolve_horizon(
            parameters["horizon"], n_rows, task.last_step, task.sp
        )
    length = _defaults.resolve_window_length(
        parameters["window_length"], n_rows, horizon, task.sp
    )
    is_known = np.isfinite(y).any(axis=1)
    origins = training_origins(task, is_known, length, horizon)
    split = split_windows(parameters, origins, horizon)
    spec, plan = plan_training(
        parameters, task, length, horizon, y.shape[1], len(split.train)
    )
    _check_same_network(task.name, spec, start)
    scaling = fit_scaling(parameters["scaler"], parameters["y_transform"], y, X)
    data = _engine_data(spec, task.columns, scaling, y, X)
    members, curves = _train_members(
        spec,
        start.members if start else [None] * parameters["n_estimators"],
        data,
        Split(split.train + length, split.validation + length),
        plan,
        seed,
        refit_on=origins + length if refits(parameters, split) else None,
    )
    return TrainedModel(
        spec, task.columns, members, curves, scaling, plan["learning_rate"]
    )


def _check_same_network(
    name: str, spec: NetworkSpec, start: TrainedModel | None
) -> None:
    if start is None or start.spec.weight_shapes() == spec.weight_shapes():
        return
    raise ValueError(
        f"{name} cannot go on from the weights it has: they belong to another network "
        f"({start.spec}) than the parameters and data now ask for ({spec}). Set "
        "warm_start=False to start afresh, or fix window_length and horizon so that "
        "the network stays the same."
    )


def _train_members(
    spec: NetworkSpec,
    starts: list[Any],
    data: Any,
    split: Split,
    plan: dict[str, Any],
    seed: int,
    refit_on: np.ndarray | None = None,
) -> tuple[list[Weights], list[dict[str, list[float]]]]:
    """Train every network of the ensemble with a random stream of its own.

    With ``refit_on`` the best number of epochs is found on the held-out windows, and
    then trained for on these origins.
    """
    from skl_lstm._engine.initialization import initial_weights
    from skl_lstm._engine.program import PROGRAMS
    from skl_lstm._engine.training import TrainingPlan, train

    program = PROGRAMS.get(spec)
    results = []
    streams = np.random.SeedSequence(seed).spawn(len(starts))
    for start, stream in zip(starts, streams, strict=True):
        rng = np.random.default_rng(stream)
        callbacks = [deepcopy(c) for c in plan.get("callbacks", ())]
        member_plan = TrainingPlan(**(plan | {"callbacks": callbacks}))
        fresh = initial_weights(spec, rng) if start is None else None

        def start_on(
            origins: np.ndarray, start: Any = start, fresh: Any = fresh
        ) -> Any:
            # The map must not have seen the windows that are held out.
            return start or _start_linear(program, fresh, data, origins)

        weights = start_on(split.train)
        result = train(program, weights, data, *split, member_plan, rng)
        if refit_on is not None:
            refit = replace(member_plan, stop_after=result.best_epoch)
            weights, none = start_on(refit_on), refit_on[:0]
            again = train(program, weights, data, refit_on, none, refit, rng)
            result = result._replace(weights=again.weights)
        results.append(result)
    return [r.weights for r in results], [r.history for r in results]


def _start_linear(
    program: Any, weights: Weights, data: Any, origins: np.ndarray
) -> Weights:
    """Put the best simple forecast of the windows at ``origins`` into fresh weights.

    That is a linear map of the window. Without one, the output layer's zeros already
    are the naive forecast, but for windows that are not scaled: there it is the
    training mean.
    """
    spec, weights = program.spec, list(weights)
    bias = len(weights) - 1 - spec.linear_skip - spec.sees_future
    if spec.window_scaling is None:
        seen = slice(spec.window_length, origins.max() + spec.horizon)
        mean = np.nanmean(data.y[seen], axis=0)
        weights[bias] = np.tile(mean, spec.horizon).astype("float32")
    if not spec.linear_skip or spec.window_length * spec.n_channels > MOST_INPUTS:
        return weights
    inputs, targets = program.normalized_windows(data, origins[-MOST_WINDOWS:])
    known = np.isfinite(targets).all(axis=1)
    linear = fit_linear_map(inputs[known], targets[known], spec.horizon - 1)
    if linear is not None:
        weights[bias] = linear.bias.astype("float32")
        weights[bias + 1] = linear.kernel.astype("float32")
    return weights
