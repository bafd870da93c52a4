"""What was fitted: the rows seen, the model trained on them, and their answers."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from skl_lstm._forecasting.answers import (
    PATH_LEVELS,
    answer,
    answer_covariances,
    answer_paths,
    answer_quantiles,
    quantiles_of_rows,
)
from skl_lstm._forecasting.components import measure_components
from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._intervals.conformal import VARIANCE_LEVELS, Residuals
from skl_lstm._series.history import History
from skl_lstm._series.panel import Key
from skl_lstm._series.queries import Query

NOTHING_HELD_OUT = (
    "No rows were held out from training, so intervals, quantiles, variances and paths "
    "are made of the errors on the latest rows trained on, and are too narrow. For "
    'honest ones pass more rows, or early_stopping="auto" or True.'
)


@dataclass(frozen=True)
class Fitted:
    """All that an estimator knows after ``fit``; it never changes.

    Attributes
    ----------
    histories : dict of tuple to History
        The rows seen of each series.
    model : TrainedModel
        What was learned from them.
    seed : int
        Drawn by ``fit``; draws the paths of quantiles.
    """

    histories: dict[Key, History]
    model: TrainedModel
    seed: int

    @property
    def history(self) -> History:
        """The rows seen of the only series, or of the first."""
        return next(iter(self.histories.values()))

    @cached_property
    def components(self) -> dict[str, float]:
        """The share of each part in the latest forecasts, see `measure_components`."""
        return measure_components(self.model, list(self.histories.values()))

    def forecast(self, queries: Sequence[Query]) -> list[np.ndarray]:
        """Return forecasts of every series, (n_steps, n_outputs)."""
        return answer(self.model, queries)

    def forecast_from(
        self, origins: Sequence[Sequence[Query]]
    ) -> list[list[np.ndarray]]:
        """Return forecasts of every series from several cutoffs, in one batch.

        Parameters
        ----------
        origins : sequence of sequence of Query
            For each cutoff what is asked of each series.
        """
        n_series = len(self.model.scalings)
        repeated = self.model.of_series(list(range(n_series)) * len(origins))
        values = answer(repeated, [query for each in origins for query in each])
        return [values[i : i + n_series] for i in range(0, len(values), n_series)]

    def encode(self, queries: Sequence[Query]) -> list[np.ndarray]:
        """Return the hidden states of steps up to each cutoff, (n_steps, n_states)."""
        rows = [len(query.past) - 1 + query.steps for query in queries]
        return self.model.encode([query.past for query in queries], rows)

    def encode_series(self, y: np.ndarray) -> np.ndarray:
        """Return the hidden state after each row of another series like the first."""
        history = History(y, np.empty((len(y), 0)), None)
        after = np.arange(1, len(y) + 1)
        return (
            self.of_series(list(self.histories)[:1])
            .model.encode([history], [after])[0]
            .astype(float)
        )

    def of_series(self, keys: Sequence[Key]) -> "Fitted":
        """Return what is known of some of the series, in this order."""
        numbers = {key: number for number, key in enumerate(self.histories)}
        return replace(
            self,
            histories={key: self.histories[key] for key in keys},
            model=self.model.of_series([numbers[key] for key in keys]),
        )

    def quantiles(
        self, queries: Sequence[Query], alpha: Sequence[float]
    ) -> list[np.ndarray]:
        """Return quantiles of every series, (n_steps, n_outputs * n_levels)."""
        rng = np.random.default_rng(self.seed)
        return answer_quantiles(self.model, queries, self.residuals(), alpha, rng)

    def spread(self, queries: Sequence[Query]) -> list[np.ndarray]:
        """Return standard deviations of every series, (n_steps, n_outputs)."""
        shape = (-1, self.model.spec.n_outputs, len(VARIANCE_LEVELS))
        values = self.quantiles(queries, VARIANCE_LEVELS)
        return [rows.reshape(shape).std(axis=-1) for rows in values]

    def simulate(
        self, queries: Sequence[Query], n_paths: int, rng: np.random.Generator
    ) -> list[np.ndarray]:
        """Return paths of every series, (n_paths, n_steps, n_outputs)."""
        quantiles = self.quantiles(queries, PATH_LEVELS.tolist())
        return answer_paths(
            self.model, queries, self.residuals(), n_paths, rng, quantiles
        )

    def covariances(self, queries: Sequence[Query]) -> list[np.ndarray]:
        """Return covariances of the steps of every series with one another.

        Returns
        -------
        list of ndarray of shape (n_steps, n_outputs, n_steps)
        """
        rng, spreads = np.random.default_rng(self.seed), self.spread(queries)
        return answer_covariances(self.model, queries, self.residuals(), spreads, rng)

    def predict_rows(self, X: np.ndarray, context: np.ndarray | None) -> np.ndarray:
        """Predict feature rows, no target's past among them.

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
        return self.model.predict_rows(X, context)

    def quantiles_of_rows(
        self, X: np.ndarray, context: np.ndarray | None, alpha: Sequence[float]
    ) -> np.ndarray:
        """Return quantiles of such rows, (n_rows, n_outputs, n_levels)."""
        return quantiles_of_rows(self.model, X, context, self.residuals(), alpha)

    def spread_of_rows(self, X: np.ndarray, context: np.ndarray | None) -> np.ndarray:
        """Return standard deviations of the predictions of such rows."""
        return self.quantiles_of_rows(X, context, VARIANCE_LEVELS).std(axis=-1)

    def residuals(self) -> Residuals:
        """Return the errors that probabilistic forecasts are made of."""
        return self._residuals

    @cached_property
    def _residuals(self) -> Residuals:
        residuals = self.model.measure_residuals(list(self.histories.values()))
        if not residuals.held_out:
            warnings.warn(NOTHING_HELD_OUT, UserWarning, stacklevel=2)
        return residuals
