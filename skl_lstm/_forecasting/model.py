"""A trained model: numbers only, and what can be done with them.

Between the conventions (`_estimator`, which knows pandas) and the engine (which knows
tensors): here series are NumPy arrays in their own units. TensorFlow is imported on
the first training or forecast, never before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from skl_lstm._engine.ensemble import Networks
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._forecasting.theta import Theta
from skl_lstm._intervals.conformal import Calibration, Combine, Residuals
from skl_lstm._intervals.paths import Hold, forecast_held
from skl_lstm._series.history import History
from skl_lstm._windows.assembly import (
    NOTHING,
    Around,
    Assembly,
    assemble,
    assemble_tails,
    place_origins,
)
from skl_lstm._windows.columns import Columns
from skl_lstm._windows.held import Held
from skl_lstm._windows.scaling import (
    UNBOUNDED,
    Scaling,
    fit_new_series,
    invert_each,
)


@dataclass(frozen=True)
class TrainedModel:
    """Networks, with the scalers they were trained with and what joins them.

    Attributes
    ----------
    networks : Networks
        The networks of the ensemble.
    columns : Columns
        Use of the exogenous columns.
    curves : list of dict
        Learning curves of each network.
    scalings : tuple of Scaling
        Fitted on the training rows, one for each series.
    calibration : Calibration
        The windows that intervals are made from.
    learning_rate : float
        Rate that training started with.
    theta : Theta or None, default=None
        What joins the networks' forecasts.
    around : Around
        What is taken from the targets before anything else looks, and added to every
        forecast last.
    seasons : tuple of float
        Rows of the seasons that were found.
    """

    networks: Networks
    columns: Columns
    curves: list[dict[str, list[float]]]
    scalings: tuple[Scaling, ...]
    calibration: Calibration
    learning_rate: float
    theta: Theta | None = None
    around: Around = NOTHING
    seasons: tuple[float, ...] = ()

    @property
    def spec(self) -> NetworkSpec:
        """The specification of the networks."""
        return self.networks.spec

    @property
    def scaling(self) -> Scaling:
        """The scaling of the first series."""
        return self.scalings[0]

    @property
    def combine(self) -> Combine | None:
        """What turns the networks' forecasts into the model's; None for nothing."""
        return None if self.theta is None else self.theta.combine

    @property
    def n_rows_read(self) -> int:
        """Rows before the first step that a forecast reads."""
        n_rows = self.networks.n_rows
        if self.theta is not None:
            n_rows = max(n_rows, self.theta.n_rows)
        if self.around.transfer is not None:
            n_rows += self.around.transfer.n_rows_before
        return n_rows

    def n_rows_ahead(self, n_steps: int) -> int:
        """Count the rows of X after the last one seen that ``n_steps`` steps read."""
        return self.columns.n_rows_ahead(n_steps, self.spec.horizon)

    def assemble(self, histories: Sequence[History], n_ahead: int = 0) -> Assembly:
        """Lay series out for the engine."""
        scalings = self.scalings[: len(histories)]
        return assemble(
            self.spec, self.columns, histories, scalings, n_ahead, self.around
        )

    def numbers_of(self, assembly: Assembly, origins: np.ndarray) -> np.ndarray:
        """Return the number in training of the series that each origin is in."""
        return assembly.series_of(origins)

    def of_series(self, numbers: Sequence[int]) -> "ModelOfSeries":
        """Return the model for these series alone, some perhaps several times."""
        own = {field.name: getattr(self, field.name) for field in fields(self)}
        own["scalings"] = tuple(self.scalings[number] for number in numbers)
        return ModelOfSeries(**own, numbers=tuple(numbers))

    def assemble_tails(
        self, histories: Sequence[History], n_steps: int
    ) -> tuple[Assembly, np.ndarray]:
        """Lay out the last rows of each series; say which are the first to forecast."""
        return assemble_tails(
            self.spec,
            self.columns,
            histories,
            self.scalings[: len(histories)],
            self.n_rows_read,
            n_steps,
            self.around,
        )

    def forecast(self, histories: Sequence[History], n_steps: int) -> np.ndarray:
        """Forecast the steps after the last row of each series, in one batch.

        Parameters
        ----------
        histories : sequence of History
            The past, of which the network reads the last ``window_length`` rows, and
            Theta more; rows of X after it are those of the steps to forecast, as far
            as needed.
        n_steps : int
            Steps to forecast.

        Returns
        -------
        ndarray of shape (n_series, n_steps, n_outputs)
        """
        scaled = self.run(*self.assemble_tails(histories, n_steps), n_steps)
        return invert_each(self.scalings, scaled)

    def predict_one_step(
        self, histories: Sequence[History], rows: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Predict rows from the rows before them, all in one batch.

        A row with fewer than ``window_length`` rows before it is predicted from a
        window filled up with the first of them; the first row of all, which has no
        past, is predicted as the training mean.

        Parameters
        ----------
        histories : sequence of History
            Targets from a row on do not influence its prediction.
        rows : sequence of ndarray of int
            Positions to predict in each series, at most its number of rows.

        Returns
        -------
        list of ndarray of shape (n_rows_to_predict, n_outputs)
        """
        assembly = self.assemble(histories, n_ahead=1)
        ends = np.cumsum([len(r) for r in rows])[:-1]
        origins = place_origins(rows, assembly.starts)
        scaled = np.split(self.run(assembly, origins, 1)[:, 0], ends)
        predictions = []
        for scaling, at, values in zip(self.scalings, rows, scaled, strict=True):
            predicted = scaling.invert(values)
            if self.spec.autoregressive:
                predicted[at == 0] = scaling.y_mean
            predictions.append(predicted)
        return predictions

    def encode(
        self, histories: Sequence[History], rows: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Return what the recurrent parts have read of the windows before rows.

        Parameters
        ----------
        histories : sequence of History
            Of each series.
        rows : sequence of ndarray of int
            Positions in each, at most its number of rows.

        Returns
        -------
        list of ndarray of shape (n_rows, n_members * n_units)
        """
        assembly = self.assemble(histories, n_ahead=1)
        origins = place_origins(rows, assembly.starts)
        states, _ = self.networks.encode(assembly.data, origins)
        return np.split(states, np.cumsum([len(r) for r in rows])[:-1])

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
        return self.scaling.invert(self.run(*self.place_rows(X, context), 1)[:, 0])

    def encode_rows(self, X: np.ndarray, context: np.ndarray | None) -> np.ndarray:
        """Return what the recurrent parts have read when they predict such rows."""
        assembly, origins = self.place_rows(X, context)
        return self.networks.encode(assembly.data, origins)[0]

    def place_rows(
        self, X: np.ndarray, context: np.ndarray | None
    ) -> tuple[Assembly, np.ndarray]:
        """Lay out feature rows to predict, and say where they are."""
        rows = X if context is None else np.concatenate([context, X])
        # Never read, but scaled with the rest: zero has no logarithm.
        unused = np.tile(self.scaling.y_mean, (len(rows), 1))
        assembly = self.assemble([History(unused, rows, None)])
        first = len(rows) - len(X)
        return assembly, assembly.starts[0] + np.arange(first, len(rows))

    def with_new_series(
        self, histories: Sequence[History], scaler: Any, y_transform: str | None
    ) -> "TrainedModel":
        """Learn the scaling of the series that training has not seen.

        Parameters
        ----------
        histories : sequence of History
            All series, the new ones last.
        scaler, y_transform
            The parameters.
        """
        new = histories[len(self.scalings) :]
        scalings = [
            fit_new_series(self.scaling, scaler, y_transform, history.y)
            for history in new
        ]
        return replace(self, scalings=(*self.scalings, *scalings)) if new else self

    def measure_residuals(self, histories: Sequence[History]) -> Residuals:
        """Return the errors on the held-out windows of the series trained on."""
        if self.calibration.residuals is not None:
            return self.calibration.residuals
        assembly = self.assemble(histories[: len(self.calibration.origins)])
        return self.calibration.measure(assembly, self.combine)

    def run(self, assembly: Assembly, origins: np.ndarray, n_steps: int) -> np.ndarray:
        """Forecast with the networks and what joins them, in the networks' units."""
        forecasts = self.roll(assembly, origins, n_steps)
        if self.combine is not None:
            forecasts = self.combine(forecasts, assembly, origins)
        return assembly.add_effects(forecasts, origins)

    def roll(self, assembly: Assembly, origins: np.ndarray, n_steps: int) -> np.ndarray:
        """Forecast with the networks alone, rolled on inside of the bounds."""
        hold = self.holder(assembly, origins, n_steps)
        if hold is None:
            return self.networks.forecast(assembly.data, origins, n_steps)
        return forecast_held(self.networks, assembly.data, origins, n_steps, hold)

    def holder(
        self, assembly: Assembly, origins: np.ndarray, n_steps: int
    ) -> Hold | None:
        """Return what holds rolled forecasts inside of the bounds, None for nothing."""
        if self.scaling.bounds == UNBOUNDED or n_steps <= self.spec.horizon:
            return None
        return Held(assembly, self.scalings, origins, n_steps)


@dataclass(frozen=True)
class ModelOfSeries(TrainedModel):
    """A trained model that is asked for some of its series.

    Attributes
    ----------
    numbers : tuple of int
        Which of the series trained on each is.
    """

    numbers: tuple[int, ...] = ()

    def numbers_of(self, assembly: Assembly, origins: np.ndarray) -> np.ndarray:
        """Return the number in training of the series that each origin is in."""
        return np.array(self.numbers)[super().numbers_of(assembly, origins)]

    def assemble(self, histories: Sequence[History], n_ahead: int = 0) -> Assembly:
        """Lay series out for the engine, under the numbers that they have there."""
        assembly = super().assemble(histories, n_ahead)
        if not assembly.data.rows:
            return assembly
        first, clock, series = assembly.data.rows
        rows = first, clock, np.array(self.numbers)[series]
        return assembly._replace(data=assembly.data._replace(rows=rows))
