"""sktime's convention: series in, forecasts of their types out."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sktime.forecasting.base import BaseForecaster, ForecastingHorizon

from skl_lstm._estimator.learning import draw_seed, learn, make_task
from skl_lstm._estimator.lifecycle import sktime_only, undone
from skl_lstm._estimator.parameters import check_parameters
from skl_lstm._forecasting.fitted import Fitted
from skl_lstm._series.categories import Encoding, learn_encoding
from skl_lstm._series.checks import (
    check_enough_rows,
    check_not_infinite,
    check_some_feature,
    check_some_target,
    check_sorted,
)
from skl_lstm._series.exogenous import (
    check_columns,
    check_instances,
    check_target_columns,
    exogenous_rows,
)
from skl_lstm._series.history import History, extend_history, make_history
from skl_lstm._series.horizon import last_step_of, n_rows_seen, with_frequency
from skl_lstm._series.new_rows import label_new_rows
from skl_lstm._series.panel import (
    Instance,
    Key,
    iterate_instances,
    join_instances,
    last_rows,
)
from skl_lstm._series.queries import Panel, Query, make_queries
from skl_lstm._training.fit import train_model
from skl_lstm._training.settings import Settings
from skl_lstm._training.transfer import update_model


class ForecastingMixin(BaseForecaster):
    """What sktime's base class calls once it has checked and converted the data."""

    _fitted: Fitted
    _cutoff: Any
    cutoff: pd.Index
    scaler: Any
    y_transform: str | None

    def _fit(self, y: pd.DataFrame, X: pd.DataFrame | None, fh: Any) -> None:
        """Train on the series that sktime has checked and converted."""
        self._y_columns, self._index_names = y.columns, list(y.index.names)
        self._X_columns = None if X is None else X.columns
        self._encoding = self._make_encoding(X)
        self.n_features_in_ = 0 if X is None else X.shape[1]
        histories = self._make_histories(y, X)
        names = [] if self._encoding is None else self._encoding.names
        last_step = last_step_of(fh, histories)
        self._keep(learn(self, histories, names, True, last_step))

    def _make_encoding(self, X: pd.DataFrame | None) -> Encoding | None:
        """Find the categories of X, or take those that were pretrained with."""
        if "pretrained_model_" in self.__dict__:
            known = self.pretrained_encoding_
            columns = None if known is None else known.columns
            check_columns(X, columns)
            return self.pretrained_encoding_
        return None if X is None else learn_encoding(X)

    def _make_histories(
        self, y: pd.DataFrame, X: pd.DataFrame | None
    ) -> dict[Key, History]:
        """Cut y and X into series, each checked."""
        name, histories = type(self).__name__, {}
        exogenous = self._exogenous(X)
        for key, index, target in iterate_instances(y):
            check_sorted(index, name)
            check_enough_rows(len(target), name)
            check_some_target(target, key)
            rows = exogenous_rows(exogenous.get(key), index)
            histories[key] = make_history(target, rows, index)
        check_some_feature(np.concatenate([h.X for h in histories.values()]))
        return histories

    pretrain = undone(BaseForecaster.pretrain)

    def _pretrain(
        self, y: pd.DataFrame, X: pd.DataFrame | None = None, fh: Any = None
    ) -> "ForecastingMixin":
        """Train one network on all series of a panel, to be used for others."""
        settings = Settings.from_estimator(self)
        check_parameters(settings, type(self).__name__)
        start = self.__dict__.get("pretrained_model_")
        self._encoding = self._make_encoding(X)
        histories = self._make_histories(y, X)
        names = [] if self._encoding is None else self._encoding.names
        last_step = last_step_of(fh, histories)
        task = make_task(self, histories, names, True, last_step)
        if start is not None:
            task = replace(task, columns=start.columns)
        series = list(histories.values())
        model = train_model(settings, task, series, draw_seed(self), start)
        # The series are not kept, so what intervals need is measured now.
        model.measure_residuals(series)
        self.pretrained_model_ = replace(
            model, calibration=model.calibration.without_weights()
        )
        self.pretrained_encoding_ = self._encoding
        return self

    def _exogenous(self, X: pd.DataFrame | None) -> dict[Key, Instance]:
        """Cut X into its series, as numbers."""
        if X is None or self._encoding is None:
            return {}
        return {one.key: one for one in iterate_instances(self._encoding.encode(X))}

    def _predict(self, fh: ForecastingHorizon, X: pd.DataFrame | None) -> pd.DataFrame:
        """Forecast after the cutoff; predict up to it one step ahead."""
        queries = self._make_queries(fh, X)
        return self._label(queries, self._fitted.forecast(queries), self._y_columns)

    def _make_queries(
        self, fh: ForecastingHorizon, X: pd.DataFrame | None
    ) -> list[Query]:
        """Ask every series for the steps of ``fh``."""
        if X is not None:
            check_columns(X, self._X_columns)
        histories = self._fitted.histories
        panel = Panel(fh, histories, self._exogenous(X), self.cutoff, self._X_columns)
        if panel.X:
            check_instances(panel.X, list(histories))
        return make_queries(panel, self._fitted.model.n_rows_ahead)

    def _label(
        self, queries: list[Query], values: list[np.ndarray], columns: Any
    ) -> pd.DataFrame:
        """Put the answers of all series into one frame."""
        frames = {
            q.key: (q.times, rows) for q, rows in zip(queries, values, strict=True)
        }
        return join_instances(frames, columns, self._index_names)

    update = sktime_only(BaseForecaster.update)
    update_predict = sktime_only(BaseForecaster.update_predict)
    update_predict_single = sktime_only(BaseForecaster.update_predict_single)

    @sktime_only
    def predict_residuals(self, y: Any = None, X: Any = None) -> Any:
        """Return ``y`` minus its predictions; of the rows seen so far without ``y``.

        Parameters
        ----------
        y : series or panel, default=None
            Real values. If None, the rows seen so far.
        X : DataFrame, default=None
            Exogenous columns of the same steps.

        Returns
        -------
        series or panel
            As ``y``.
        """
        if y is None:
            y = self._seen_series()
        return super().predict_residuals(y=y, X=X)

    def _set_cutoff_from_y(self, y: Any) -> None:
        """Remember the latest time.

        Of each series only the last row matters, and sktime makes Python objects of
        the times of all that it is given.
        """
        index = getattr(y, "index", None)
        if isinstance(index, pd.MultiIndex) and len(index):
            y = y.iloc[last_rows(index)]
        super()._set_cutoff_from_y(y)

    def _update(
        self, y: pd.DataFrame, X: pd.DataFrame | None = None, update_params: bool = True
    ) -> None:
        """Remember new rows and, if asked, continue training on them."""
        old = self._fitted.histories
        if X is not None or self._X_columns is not None:
            check_columns(X, self._X_columns)
        check_target_columns(y, self._y_columns)
        if list(old) == [()]:
            mtype = self._y_metadata["mtype"]
            y, X = label_new_rows(y, X, self._fitted.history, mtype)
        self._set_cutoff_from_y(y)
        histories, exogenous, n_new = dict(old), self._exogenous(X), {}
        for key, index, target in iterate_instances(y):
            check_not_infinite(target, "y")
            if key not in old:
                check_some_target(target, key)
            rows = exogenous_rows(exogenous.get(key), index)
            new = make_history(target, rows, index)
            n_new[key] = len(new)
            histories[key] = extend_history(old[key], new) if key in old else new
        # Rows of some series say nothing about the time of the others.
        others = [h.index[-1:] for key, h in histories.items() if key not in n_new]
        self._cutoff = max([self._cutoff, *others], key=lambda index: index[0])
        model = self._fitted.model.with_new_series(
            list(histories.values()), self.scaler, self.y_transform
        )
        self._keep(replace(self._fitted, histories=histories, model=model))
        self._cutoff = with_frequency(self._cutoff, self._fitted.history)
        if update_params:
            self._fine_tune(n_new)

    def _fine_tune(self, n_new: dict[Key, int]) -> None:
        """Continue training on the rows last passed, so many of each series."""
        fitted = self._fitted
        seen = {
            key: history.until(n_rows_seen(history, self.cutoff))
            for key, history in fitted.histories.items()
        }
        seed = (fitted.seed + sum(map(len, seen.values()))) % (2**31)
        counts = [n_new.get(key, 0) for key in seen]
        model = update_model(fitted.model, list(seen.values()), counts, seed)
        self._keep(replace(fitted, model=model))

    def _seen_series(self) -> pd.DataFrame:
        """Return the target rows seen so far."""
        frames = {key: (h.index, h.y) for key, h in self._fitted.histories.items()}
        return join_instances(frames, self._y_columns, self._index_names)
