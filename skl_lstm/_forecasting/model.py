"""A trained model: numbers only, and what can be done with them.

Between the conventions (`_base`, which knows pandas) and the engine (which knows
tensors): here series are NumPy arrays in their own units. TensorFlow is imported on
the first training or forecast, never before.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from skl_lstm._engine.ensemble import Weights, forecast_networks
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._forecasting.theta import Theta
from skl_lstm._intervals.conformal import Calibration, Residuals
from skl_lstm._windows.assembly import (
    Assembly,
    Series,
    assemble,
    cut_tail,
    place_origins,
)
from skl_lstm._windows.columns import Columns
from skl_lstm._windows.scaling import Scaling, fit_new_series


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
    scalings : tuple of Scaling
        Fitted on the training rows, one for each series.
    calibration : Calibration
        The windows that intervals are made from.
    learning_rate : float
        Rate that training started with.
    theta : Theta or None, default=None
        What joins the networks' forecasts.
    """

    spec: NetworkSpec
    columns: Columns
    members: list[Weights]
    curves: list[dict[str, list[float]]]
    scalings: tuple[Scaling, ...]
    calibration: Calibration
    learning_rate: float
    theta: Theta | None = None

    @property
    def scaling(self) -> Scaling:
        """The scaling of the first series."""
        return self.scalings[0]

    def n_rows_ahead(self, n_steps: int) -> int:
        """Count the rows of X after the last one seen that ``n_steps`` steps read."""
        return self.columns.n_rows_ahead(n_steps, self.spec.horizon)

    def assemble(self, series: Sequence[Series], n_ahead: int = 0) -> Assembly:
        """Lay series out for the engine."""
        return assemble(self.spec, self.columns, series, n_ahead)

    def assemble_tails(
        self, series: Sequence[Series], n_steps: int
    ) -> tuple[Assembly, np.ndarray]:
        """Lay out the last rows of each series; say which are the first to forecast."""
        n_rows = self.spec.window_length
        if self.theta is not None:
            n_rows = max(n_rows, self.theta.n_rows)
        tails = [cut_tail(one, n_rows) for one in series]
        assembly = self.assemble(tails, n_steps)
        return assembly, assembly.starts + [len(tail.y) for tail in tails]

    def forecast(self, series: Sequence[Series], n_steps: int) -> np.ndarray:
        """Forecast the steps after the last row of each series, in one batch.

        Parameters
        ----------
        series : sequence of Series
            The past, of which the network reads the last ``window_length`` rows, and
            Theta more; rows of X after it are those of the steps to forecast, as far
            as needed.
        n_steps : int
            Steps to forecast.

        Returns
        -------
        ndarray of shape (n_series, n_steps, n_outputs)
        """
        scaled = self.run(*self.assemble_tails(series, n_steps), n_steps)
        return np.stack(
            [invert(one, rows) for one, rows in zip(series, scaled, strict=True)]
        )

    def predict_one_step(
        self, series: Sequence[Series], rows: Sequence[np.ndarray]
    ) -> list[np.ndarray]:
        """Predict rows from the rows before them, all in one batch.

        A row with fewer than ``window_length`` rows before it is predicted from a
        window filled up with the first of them; the first row of all, which has no
        past, is predicted as the training mean.

        Parameters
        ----------
        series : sequence of Series
            Targets from a row on do not influence its prediction.
        rows : sequence of ndarray of int
            Positions to predict in each series, at most its number of rows.

        Returns
        -------
        list of ndarray of shape (n_rows_to_predict, n_outputs)
        """
        assembly = self.assemble(series, n_ahead=1)
        ends = np.cumsum([len(r) for r in rows])[:-1]
        origins = place_origins(rows, assembly.starts)
        scaled = np.split(self.run(assembly, origins, 1)[:, 0], ends)
        found = []
        for one, at, values in zip(series, rows, scaled, strict=True):
            predicted = invert(one, values)
            if self.spec.autoregressive:
                predicted[at == 0] = one.scaling.y_mean
            found.append(predicted)
        return found

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
        series, assembly, origins = self.place_rows(X, context)
        return invert(series, self.run(assembly, origins, 1)[:, 0])

    def place_rows(
        self, X: np.ndarray, context: np.ndarray | None
    ) -> tuple[Series, Assembly, np.ndarray]:
        """Lay out feature rows to predict: as a series, as data, and where they are."""
        rows = X if context is None else np.concatenate([context, X])
        # Never read, but scaled with the rest: zero has no logarithm.
        unused = np.tile(self.scaling.y_mean, (len(rows), 1))
        series = Series(unused, rows, self.scaling)
        assembly = self.assemble([series])
        own = np.arange(len(rows) - len(X), len(rows))
        return series, assembly, assembly.starts[0] + own

    def with_new_series(
        self,
        rows: Sequence[tuple[np.ndarray, np.ndarray]],
        scaler: Any,
        y_transform: str | None,
    ) -> "TrainedModel":
        """Learn the scaling of the series that training has not seen.

        Parameters
        ----------
        rows : sequence of (ndarray, ndarray)
            Targets and exogenous columns of all series, the new ones last.
        scaler, y_transform
            The parameters.
        """
        new = rows[len(self.scalings) :]
        scalings = [
            fit_new_series(self.scaling, scaler, y_transform, y) for y, _ in new
        ]
        return replace(self, scalings=(*self.scalings, *scalings)) if new else self

    def measure_residuals(self, series: Sequence[Series]) -> Residuals:
        """Return the errors on the held-out windows of the series trained on."""
        if self.calibration.residuals is not None:
            return self.calibration.residuals
        n_known = len(self.calibration.rows)
        assembly = self.assemble(series[:n_known])
        return self.calibration.measure(self.spec, self.theta, assembly)

    def run(self, assembly: Assembly, origins: np.ndarray, n_steps: int) -> np.ndarray:
        """Forecast with every member and Theta, in the network's units."""
        networks = self.run_networks(assembly, origins, n_steps)
        if self.theta is None:
            return networks
        return self.theta.combine(networks, assembly, origins)

    def run_networks(
        self, assembly: Assembly, origins: np.ndarray, n_steps: int
    ) -> np.ndarray:
        """Forecast with every member alone; return their median."""
        return forecast_networks(
            self.spec, self.members, assembly.data, origins, n_steps
        )


def invert(series: Series, scaled: np.ndarray) -> np.ndarray:
    """Return rows of shape (..., n_outputs) to the target's units."""
    flat = scaled.reshape(-1, scaled.shape[-1]).astype(float)
    if not len(flat):
        return flat.reshape(scaled.shape)
    return series.scaling.y.inverse_transform(flat).reshape(scaled.shape)
