"""sktime's convention: series in, forecasts of their types out."""

from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
import pandas as pd
from sktime.datatypes import convert
from sktime.forecasting.base import BaseForecaster, ForecastingHorizon

from skl_lstm._estimator.conventions import Data, Horizon
from skl_lstm._estimator.learning import draw_seed, learn, make_task
from skl_lstm._estimator.lifecycle import sktime_only, undone
from skl_lstm._estimator.parameters import check_parameters
from skl_lstm._forecasting.fitted import Fitted
from skl_lstm._series.calendar import Calendar
from skl_lstm._series.categories import Encoding, learn_encoding
from skl_lstm._series.checks import (
    check_layout,
    check_not_infinite,
    check_same_times,
    check_some_feature,
    check_some_target,
    check_sorted,
    check_times,
)
from skl_lstm._series.exogenous import (
    add_static,
    check_columns,
    check_instances,
    check_target_columns,
    exogenous_rows,
    warn_of_unknown_columns,
)
from skl_lstm._series.history import (
    History,
    extend_history,
    make_history,
    weigh,
)
from skl_lstm._series.horizon import (
    last_step_of,
    latest_time,
    n_rows_seen,
    read_horizon,
)
from skl_lstm._series.new_rows import label_new_rows
from skl_lstm._series.panel import (
    Instance,
    Key,
    iterate_instances,
    join_instances,
    last_rows,
    list_keys,
)
from skl_lstm._series.queries import Panel, Query, make_queries
from skl_lstm._series.reading import (
    complete_histories,
    read_histories,
    sorted_instances,
)
from skl_lstm._training.fit import train_model
from skl_lstm._training.settings import Settings
from skl_lstm._training.transfer import update_model
from skl_lstm._windows.scaling import check_transform


class ForecastingMixin(BaseForecaster):
    """What sktime's base class calls once it has checked and converted the data."""

    _fitted: Fitted
    _is_fitted_as_forecaster: Any
    _cutoff: Any
    cutoff: pd.Index
    scaler: Any
    y_transform: str | None
    halflife: float | None
    static_features: pd.DataFrame | None
    _encoding: Encoding | None

    def _fit(self, y: pd.DataFrame, X: pd.DataFrame | None, fh: Any) -> None:
        """Train on the series that sktime has checked and converted."""
        self._y_columns, self._index_names = y.columns, list(y.index.names)
        self._X_columns = None if X is None else X.columns
        self.n_features_in_ = 0 if X is None else X.shape[1]
        X = add_static(X, y.index, self.static_features)
        self._encoding = self._make_encoding(X)
        histories = self._make_histories(y, X)
        self._keys = self._new_keys(y)
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
        histories = read_histories(y, self._exogenous(X), type(self).__name__)
        check_some_feature(np.concatenate([h.X for h in histories.values()]))
        return histories

    @undone
    def pretrain(
        self, y: Data, X: Data | None = None, fh: Horizon | None = None
    ) -> Self:
        """Train one network on all series of a panel, for use on other series.

        The next `fit` starts from this network instead of fresh weights: it trains on
        for a few small steps, as far as the latest windows of its series are forecast
        better, or takes the network as it is (`pretrain_mode`). Pretraining again goes
        on from here. `clone` and `set_params` keep what was pretrained; the series
        themselves are not kept.

        Parameters
        ----------
        y : panel or hierarchy
            Series to learn from; they need not end at the same time.
        X : panel or hierarchy, default=None
            Exogenous columns on the index of ``y``.
        fh : int, list of int or ForecastingHorizon, default=None
            Steps that will be forecast; they decide ``horizon="auto"``.

        Returns
        -------
        self : object
            The pretrained estimator.
        """
        return super().pretrain(y, X=X, fh=fh)

    def _pretrain(
        self, y: pd.DataFrame, X: pd.DataFrame | None = None, fh: Any = None
    ) -> "ForecastingMixin":
        """Train one network on all series of a panel, to be used for others."""
        settings = Settings.from_estimator(self)
        check_parameters(settings, type(self).__name__)
        start = self.__dict__.get("pretrained_model_")
        X = add_static(X, y.index, self.static_features)
        self._encoding = self._make_encoding(X)
        histories = weigh(self._make_histories(y, X), settings.halflife)
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
        (queries,) = self._make_queries_at([self.cutoff], fh, X)
        return queries

    def _make_queries_at(
        self,
        cutoffs: Sequence[pd.Index],
        fh: ForecastingHorizon,
        X: pd.DataFrame | None,
    ) -> list[list[Query]]:
        """Ask every series for the steps of ``fh``, from each of several cutoffs."""
        model, histories = self._fitted.model, self._fitted.histories
        names = [] if self._encoding is None else self._encoding.names
        past = [names[i] for i in model.columns.shifted]
        if X is not None:
            check_columns(X, self._X_columns, optional=past)
            past = [name for name in past if name not in X.columns]
            if past and self._encoding is not None:
                X = X.reindex(columns=self._encoding.columns)
        held = np.array([name in past for name in names], dtype=bool)
        exogenous = self._exogenous(X)
        if exogenous:
            check_instances(exogenous, list(histories))
        asked = [
            make_queries(
                Panel(fh, histories, exogenous, cutoff, self._X_columns, held),
                model.n_rows_ahead,
            )
            for cutoff in cutoffs
        ]
        if self._encoding is not None:
            ahead = [q.past.X[len(q.past) :] for queries in asked for q in queries]
            columns = model.columns
            warn_of_unknown_columns(
                np.concatenate(ahead), names, columns.concurrent, columns.flagged
            )
        return asked

    def _label(
        self, queries: list[Query], values: list[np.ndarray], columns: Any
    ) -> pd.DataFrame:
        """Put the answers of all series into one frame."""
        answers = {
            q.key: (q.times, rows) for q, rows in zip(queries, values, strict=True)
        }
        frames = {key: answers[key] for key in self._keys}
        return join_instances(frames, columns, self._index_names)

    def _as_passed(self, frame: pd.DataFrame) -> Any:
        """Return a frame as the type of y that was passed last.

        sktime's `convert_to` would look at every series of it to find out its own.
        """
        own = {1: "pd.DataFrame", 2: "pd-multiindex"}
        return convert(
            frame,
            own.get(frame.index.nlevels, "pd_multiindex_hier"),
            self._y_metadata["mtype"],
            store=self._converter_store_y,
            store_behaviour="freeze",
        )

    def _check_X_y(self, X: Any = None, y: Any = None, **options: Any) -> Any:
        """Check and convert data as sktime does, and say first what it would not."""
        if isinstance(y, pd.Series) and isinstance(y.index, pd.MultiIndex):
            # sktime wants the values of a panel in a column.
            y = y.to_frame()
        for name, data in (("y", y), ("X", X)):
            check_times(data, name)
            check_layout(data, name)
        check_same_times(X, y)
        return super()._check_X_y(X=X, y=y, **options)

    def _check_fh(self, fh: Any, pred_int: bool = False) -> ForecastingHorizon | None:
        """Remember the horizon, that of fit for all calls that name none.

        A frequency of its own, which sktime compares, does not matter.
        """
        if fh is not None:
            self._fh = read_horizon(fh, self._cutoff)
        if not self.is_fitted:
            self._fh_at_fit = self._fh
        elif fh is None:
            self._fh = self.__dict__.get("_fh_at_fit") or self._fh
        return self._fh if fh is not None else super()._check_fh(None, pred_int)

    @sktime_only
    def update_predict(
        self,
        y: Data,
        cv: Any = None,
        X: Data | None = None,
        update_params: bool = True,
        reset_forecaster: bool = True,
    ) -> Any:
        """Move the cutoff through ``y``, and forecast after each step.

        At every split of ``cv`` the rows of its training window are passed to `update`,
        then the forecast is taken.

        Parameters
        ----------
        y : series or panel
            Rows that follow those of `fit`.
        cv : sktime splitter, default=None
            Where to stop, and what to forecast there; row by row, one step ahead, if
            None.
        X : DataFrame, default=None
            Exogenous columns of the rows of ``y``.
        update_params : bool, default=True
            Whether the network learns on the way, as in `update`.
        reset_forecaster : bool, default=True
            Whether the estimator is left as it was before.

        Returns
        -------
        series or panel
            The forecasts; a column for each cutoff where they overlap.
        """
        return super().update_predict(
            y,
            cv=cv,
            X=X,
            update_params=update_params,
            reset_forecaster=reset_forecaster,
        )

    @sktime_only
    def update_predict_single(
        self,
        y: Data | None = None,
        fh: Horizon | None = None,
        X: Data | None = None,
        update_params: bool = True,
    ) -> Any:
        """Call `update`, then `predict`.

        Parameters
        ----------
        y : series or panel, default=None
            New rows of the target.
        fh : int, list of int or ForecastingHorizon, default=None
            Steps to forecast; those of `fit` if None.
        X : DataFrame, default=None
            Exogenous columns of the new rows and of the steps to forecast.
        update_params : bool, default=True
            Whether the network learns from the new rows, as in `update`.

        Returns
        -------
        series or panel
            The forecast.
        """
        return super().update_predict_single(
            y=y, fh=fh, X=X, update_params=update_params
        )

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
        fh = self._fh
        if hasattr(y, "index"):
            # Where a horizon is known, sktime counts the steps of y for itself.
            self._fh = None
        residuals = super().predict_residuals(y=y, X=X)
        self._fh = fh
        return residuals

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
        X = add_static(X, y.index, self.static_features)
        histories, passed = self._extend_histories(y, self._exogenous(X))
        if self.halflife is not None:
            alike = {key: replace(h, weights=None) for key, h in histories.items()}
            histories = weigh(alike, self.halflife)
        model = self._fitted.model.with_new_series(
            list(histories.values()), self.scaler, self.y_transform
        )
        self._keep(replace(self._fitted, histories=histories, model=model))
        self._keys = [*self._keys, *self._new_keys(y, old)]
        self._cutoff = latest_time(histories, passed)
        if update_params:
            self._fine_tune({key: len(times) for key, times in passed.items()})

    @staticmethod
    def _new_keys(y: pd.DataFrame, known: Container[Key] = ()) -> list[Key]:
        """Name the series of a frame in their order, but those that are known."""
        return [key for key in list_keys(y) if key not in known]

    def _extend_histories(
        self, y: pd.DataFrame, exogenous: dict[Key, Instance]
    ) -> tuple[dict[Key, History], dict[Key, pd.Index]]:
        """Add rows to the series seen; return all series, and the times passed."""
        old = self._fitted.histories
        histories, passed, new = dict(old), {}, []
        for instance in sorted_instances(y):
            key, index, target = instance
            check_sorted(index, type(self).__name__)
            check_not_infinite(target, "y")
            check_transform(self.y_transform_, target)
            passed[key] = index
            if key not in old:
                check_some_target(target, key)
                new.append(instance)
                continue
            rows = exogenous_rows(exogenous.get(key), index, Calendar(index))
            histories[key] = extend_history(old[key], make_history(target, rows, index))
        frequencies = [history.freq for history in old.values()]
        return histories | complete_histories(new, exogenous, frequencies), passed

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
        if not self._is_fitted_as_forecaster():
            return pd.DataFrame(self._fitted.history.y, self._fitted.history.index)
        histories = {key: self._fitted.histories[key] for key in self._keys}
        frames = {key: (h.index, h.y) for key, h in histories.items()}
        return join_instances(frames, self._y_columns, self._index_names)
