"""What both conventions end in: NumPy rows learned, and asked about."""

from typing import Any

import numpy as np
from sklearn.utils import check_random_state

from skl_lstm._estimator.lifecycle import StatefulEstimator
from skl_lstm._estimator.parameters import read_parameters
from skl_lstm._forecasting.answers import VARIANCE_LEVELS, answer_quantiles
from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._intervals.conformal import Residuals
from skl_lstm._series.history import History
from skl_lstm._series.panel import Key
from skl_lstm._series.queries import Query
from skl_lstm._series.season import resolve_season_length
from skl_lstm._training.fit import train_model
from skl_lstm._training.plan import Task
from skl_lstm._training.transfer import adapt_model
from skl_lstm._windows.assembly import Series
from skl_lstm._windows.columns import flag_missing, resolve_columns


class LearningEstimator(StatefulEstimator):
    """Learns from histories, and answers queries about them."""

    _cell: str
    _histories: dict[Key, History]
    _model: TrainedModel
    _seed: int
    X_treatment: Any
    sp: Any
    random_state: Any

    def _learn(
        self,
        histories: dict[Key, History],
        names: list[Any],
        autoregressive: bool,
        last_step: int | None,
    ) -> None:
        """Train on NumPy rows and keep what was learned."""
        task = self._make_task(histories, names, autoregressive, last_step)
        rows = self._rows_of(histories)
        self._seed = check_random_state(self.random_state).randint(2**31 - 1)
        parameters = read_parameters(self)
        start = self.__dict__.pop("_warm_model", None)
        pretrained = self.__dict__.get("pretrained_model_")
        if start is None and pretrained is not None:
            model = adapt_model(parameters, task, rows, self._seed, pretrained)
        else:
            model = train_model(parameters, task, rows, self._seed, start)
        self._keep(model)
        self._histories = histories

    def _make_task(
        self,
        histories: dict[Key, History],
        names: list[Any],
        autoregressive: bool,
        last_step: int | None,
    ) -> Task:
        """Say what is to be learned from these series."""
        name, first = type(self).__name__, next(iter(histories.values()))
        columns = resolve_columns(self.X_treatment, names, name)
        rows = self._rows_of(histories)
        return Task(
            name=name,
            cell=self._cell,
            autoregressive=autoregressive,
            columns=flag_missing(columns, rows, autoregressive),
            sp=resolve_season_length(self.sp, first.index),
            last_step=last_step,
        )

    @property
    def _history(self) -> History:
        """The rows seen of the only series, or of the first."""
        return next(iter(self._histories.values()))

    def _keep(self, model: TrainedModel) -> None:
        """Show a trained model's figures as fitted attributes."""
        self._model = model
        self.window_length_ = model.spec.window_length
        self.horizon_ = model.spec.horizon
        theta = model.theta
        self.theta_share_ = 0.0 if theta is None else theta.share
        self.y_scaler_, self.X_scaler_ = model.scaling.y, model.scaling.X
        self.history_ = model.curves[0]
        self.n_iter_ = len(self.history_["loss"])

    def _spread_of(self, queries: list[Query]) -> list[np.ndarray]:
        """Return standard deviations of every series, (n_steps, n_outputs)."""
        shape = (-1, self._model.spec.n_outputs, len(VARIANCE_LEVELS))
        values = self._quantiles(queries, list(VARIANCE_LEVELS))
        return [rows.reshape(shape).std(axis=-1) for rows in values]

    def _quantiles(self, queries: list[Query], alpha: list[float]) -> list[np.ndarray]:
        """Return quantiles of every series, (n_steps, n_outputs * n_levels)."""
        return answer_quantiles(
            self._model,
            queries,
            self._series_of(queries),
            self._residuals(),
            alpha,
            np.random.default_rng(self._seed),
        )

    def _residuals(self) -> Residuals:
        """Return the errors on the held-out windows."""
        pairs = zip(self._histories.values(), self._model.scalings, strict=True)
        return self._model.measure_residuals([Series(h.y, h.X, s) for h, s in pairs])

    def _series_of(self, queries: list[Query]) -> list[Series]:
        pairs = zip(queries, self._model.scalings, strict=True)
        return [Series(q.past.y, q.X, scaling) for q, scaling in pairs]

    @staticmethod
    def _rows_of(histories: dict[Key, History]) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(history.y, history.X) for history in histories.values()]
