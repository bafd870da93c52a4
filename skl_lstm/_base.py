"""One estimator, two conventions: the story of fit and predict.

`fit` asks `_protocol` which convention a call uses. In sktime's, sktime's base class
checks and converts the data and calls `_fit`, `_predict` and `_update` here; in
scikit-learn's, `_fit_rows` and `_predict_rows` do the same for feature rows. Both end
in `_learn`, which hands NumPy arrays to `_model`.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import r2_score
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import validate_data
from sktime.forecasting.base import BaseForecaster, ForecastingHorizon

from skl_lstm import _rows, _steps
from skl_lstm._adapting import adapt_model
from skl_lstm._answers import (
    VARIANCE_LEVELS,
    answer,
    answer_quantiles,
    spread_of_rows,
)
from skl_lstm._assembly import Series
from skl_lstm._defaults import resolve_season_length
from skl_lstm._encoding import Encoding, learn_encoding
from skl_lstm._fitting import train_model
from skl_lstm._history import History, extend_history, make_history
from skl_lstm._model import TrainedModel
from skl_lstm._panel import Instance, Key, iterate_instances, join_instances
from skl_lstm._planning import Task, flag_missing
from skl_lstm._protocol import SPELLINGS, resolve_fit_call, resolve_predict_call
from skl_lstm._residuals import Residuals
from skl_lstm._signature import show_signature
from skl_lstm._state import StatefulEstimator
from skl_lstm._validation import (
    check_enough_rows,
    check_not_infinite,
    check_parameters,
    check_some_feature,
    check_some_target,
    check_sorted,
    check_target,
    resolve_columns,
    time_index_of,
    warn_of_leaks,
)


def _undone(method: Callable) -> Callable:
    """Wrap a method of sktime's: undone if it fails."""

    @wraps(method)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        with self._undone_on_error():
            return method(self, *args, **kwargs)

    return checked


def _sktime_only(method: Callable) -> Callable:
    """Wrap a method of sktime's: fitted as a forecaster, and undone if it fails."""

    @wraps(method)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._check_fitted_as_forecaster(method.__name__)
        with self._undone_on_error():
            return method(self, *args, **kwargs)

    return checked


class BaseRecurrentForecaster(StatefulEstimator):
    """What `LSTMForecaster` and `GRUForecaster` share: everything but the cell."""

    _cell: str
    _tags = {
        # packaging
        "authors": "skl_lstm developers",
        "maintainers": "skl_lstm developers",
        "python_dependencies": "tensorflow",
        # types
        "y_inner_mtype": ["pd.DataFrame", "pd-multiindex", "pd_multiindex_hier"],
        "X_inner_mtype": ["pd.DataFrame", "pd-multiindex", "pd_multiindex_hier"],
        "X-y-must-have-same-index": True,
        "requires-fh-in-fit": False,
        # capabilities
        "capability:multivariate": True,
        "capability:exogenous": True,
        "capability:insample": True,
        "capability:update": True,
        "capability:random_state": True,
        "capability:categorical_in_X": True,
        "capability:missing_values": True,
        "capability:unequal_length": True,
        "capability:pretrain": True,
        "capability:pred_int": True,
        "capability:pred_int:insample": True,
        # Steps between two forecasts shape the second: their rows of X are needed.
        "capability:non_contiguous_X": False,
        "property:randomness": "derandomized",
    }

    # Our own history replaces sktime's; this also silences its warning of 1.2.
    _config = {"remember_data": False}

    # Fitting ------------------------------------------------------------------

    @show_signature("fit(X, y=None, fh=None)")
    def fit(self, *args: Any, **kwargs: Any) -> "BaseRecurrentForecaster":
        """Train the network, in scikit-learn's or in sktime's convention.

        ========================================== =================================
        call                                       read as
        ========================================== =================================
        ``fit(y)``, ``fit(y=y, X=X)``              sktime: forecast ``y``
        ``fit(y, X, fh)``, ``fit(y, fh=[1, 2])``   sktime
        ``fit(series, frame)``                     sktime: ``y=series, X=frame``
        ``fit(X, y)``, X 2-D, y 1-D or array       scikit-learn: regress y on X
        ``fit(X, y=y)``                            scikit-learn
        two DataFrames                             TypeError: name the arguments
        ========================================== =================================

        A call that fails, or is interrupted, leaves the estimator as it was.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature rows in order of time (scikit-learn), or exogenous columns on the
            index of ``y`` (sktime).
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target. In sktime's convention any of its series or panel types.
        fh : int, list of int or ForecastingHorizon, default=None
            sktime only: the steps to forecast. Known here, it decides the number of
            steps that the network emits in one pass (``horizon="auto"``).

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        TypeError
            If the call fits neither convention, or both.
        ValueError
            If a parameter or the data are not legal, or the series is too short.
        FloatingPointError
            If training diverges.
        """
        call = resolve_fit_call(args, kwargs, name=type(self).__name__)
        check_parameters(self.get_params(deep=False), type(self).__name__)
        with self._undone_on_error():
            if call.convention == "sklearn":
                self._fit_rows(call.X, call.y)
            else:
                super().fit(y=call.y, X=call.X, fh=call.fh)
                self._convention = "sktime"
        return self

    def _fit(self, y: pd.DataFrame, X: pd.DataFrame | None, fh: Any) -> None:
        """Train on the series that sktime has checked and converted."""
        self._y_columns, self._index_names = y.columns, list(y.index.names)
        self._X_columns = None if X is None else X.columns
        self._encoding = self._make_encoding(X)
        self.n_features_in_ = 0 if X is None else X.shape[1]
        histories = self._make_histories(y, X)
        names = [] if self._encoding is None else self._encoding.names
        self._learn(histories, names, True, _steps.last_step_of(fh, histories))

    def _make_encoding(self, X: pd.DataFrame | None) -> Encoding | None:
        """Find the categories of X, or take those that were pretrained with."""
        if "pretrained_model_" in self.__dict__:
            known = self.pretrained_encoding_
            columns = None if known is None else known.columns
            _steps.check_columns(X, columns)
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
            rows = _steps.exogenous_rows(exogenous.get(key), index)
            check_some_feature(rows, key)
            histories[key] = make_history(target, rows, index)
        return histories

    pretrain = _undone(BaseForecaster.pretrain)

    def _pretrain(
        self, y: pd.DataFrame, X: pd.DataFrame | None = None, fh: Any = None
    ) -> "BaseRecurrentForecaster":
        """Train one network on all series of a panel, to be used for others."""
        parameters = self.get_params(deep=False)
        check_parameters(parameters, type(self).__name__)
        start = self.__dict__.get("pretrained_model_")
        self._encoding = self._make_encoding(X)
        histories = self._make_histories(y, X)
        names = [] if self._encoding is None else self._encoding.names
        last_step = _steps.last_step_of(fh, histories)
        task = self._make_task(histories, names, True, last_step)
        rows = self._rows_of(histories)
        seed = check_random_state(self.random_state).randint(2**31 - 1)
        if start is not None:
            task = replace(task, columns=start.columns)
        model = train_model(parameters, task, rows, seed, start)
        # The series are not kept, so what intervals need is measured now.
        triples = zip(rows, model.scalings, strict=True)
        model.measure_residuals([Series(y, X, s) for (y, X), s in triples])
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

    def _fit_rows(self, X: Any, y: Any) -> None:
        """Train on feature rows in scikit-learn's convention."""
        name = type(self).__name__
        index = time_index_of(X)
        check_sorted(index, name)
        self._reset_at("pretrained")
        rows = validate_data(self, X, dtype=float, ensure_all_finite="allow-nan")
        check_enough_rows(len(rows), name)
        check_some_feature(rows, ())
        target = check_target(rows, y)
        self._n_target_dimensions = target.ndim
        target = target.reshape(len(target), -1)
        names = list(getattr(self, "feature_names_in_", range(rows.shape[1])))
        histories: dict[Key, History] = {(): make_history(target, rows, index)}
        self._learn(histories, names, self.autoregressive, None)
        warn_of_leaks(self._model.columns, rows, target, names, name)
        self._convention = "sklearn"
        self._state = "fitted"

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
        parameters = self.get_params(deep=False)
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
        self.y_scaler_, self.X_scaler_ = model.scaling.y, model.scaling.X
        self.history_ = model.curves[0]
        self.n_iter_ = len(self.history_["loss"])

    # Predicting ---------------------------------------------------------------

    @show_signature("predict(X=None, fh=None, return_std=False)")
    def predict(self, *args: Any, **kwargs: Any) -> Any:
        """Predict, in the convention of the last ``fit``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            scikit-learn: rows in order of time. Without ``autoregressive`` each row
            is predicted from the rows up to it; with it, the ``n_samples`` steps
            after the training data are forecast, or training rows one step ahead.
            sktime: exogenous columns of the steps to forecast, by keyword.
        fh : int, list of int or ForecastingHorizon
            sktime only, and its first argument, ``predict(fh, X)``: the steps to
            forecast. Steps up to the cutoff are predicted one step ahead.
        return_std : bool, default=False
            scikit-learn only: whether to return the standard deviation of each
            prediction, too, from the errors on the held-out tail of the training rows.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs), or series
            Predictions; in sktime's convention of the type of ``y``, on the times
            of ``fh``.
        ndarray of the same shape
            Standard deviations, with ``return_std=True`` only.

        Raises
        ------
        NotFittedError
            If the estimator has not been fitted.
        TypeError
            If the call is of the other convention than the last ``fit``.
        ValueError
            If the data do not fit those of ``fit``.
        """
        self._check_fitted()
        name = type(self).__name__
        return_std = kwargs.pop("return_std", False)
        call = resolve_predict_call(
            args, kwargs, convention=self._convention, name=name
        )
        if return_std and self._convention == "sktime":
            raise TypeError(
                f"return_std is for {name} fitted as {SPELLINGS['sklearn']}. This one "
                f"was fitted as {SPELLINGS['sktime']}: use predict_var or "
                "predict_interval."
            )
        if self._convention == "sklearn":
            return self._predict_rows(call.X, return_std)
        X = call.X
        if isinstance(X, np.ndarray) and list(self._histories) == [()]:
            X = _steps.label_array(X, self._history, self.cutoff, self._X_columns)
        with self._undone_on_error():
            return super().predict(fh=call.fh, X=X)

    def _predict(self, fh: ForecastingHorizon, X: pd.DataFrame | None) -> pd.DataFrame:
        """Forecast after the cutoff; predict up to it one step ahead."""
        queries = self._make_queries(fh, X)
        values = answer(self._model, queries, self._series_of(queries))
        return self._label(queries, values, self._y_columns)

    def _predict_quantiles(
        self, fh: ForecastingHorizon, X: pd.DataFrame | None, alpha: list[float]
    ) -> pd.DataFrame:
        """Return quantiles by target column and level."""
        queries = self._make_queries(fh, X)
        columns = pd.MultiIndex.from_product([self._get_varnames(), alpha])
        return self._label(queries, self._quantiles(queries, alpha), columns)

    def _predict_var(
        self, fh: ForecastingHorizon, X: pd.DataFrame | None, cov: bool = False
    ) -> pd.DataFrame:
        """Return the variance of the forecast distribution."""
        queries = self._make_queries(fh, X)
        variances = [std**2 for std in self._spread_of(queries)]
        return self._label(queries, variances, self._get_varnames())

    def _spread_of(self, queries: list[_steps.Query]) -> list[np.ndarray]:
        """Return standard deviations of every series, (n_steps, n_outputs)."""
        shape = (-1, self._model.spec.n_outputs, len(VARIANCE_LEVELS))
        values = self._quantiles(queries, list(VARIANCE_LEVELS))
        return [rows.reshape(shape).std(axis=-1) for rows in values]

    def _quantiles(
        self, queries: list[_steps.Query], alpha: list[float]
    ) -> list[np.ndarray]:
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

    def _make_queries(
        self, fh: ForecastingHorizon, X: pd.DataFrame | None
    ) -> list[_steps.Query]:
        """Ask every series for the steps of ``fh``."""
        if X is not None:
            _steps.check_columns(X, self._X_columns)
        panel = _steps.Panel(
            fh, self._histories, self._exogenous(X), self.cutoff, self._X_columns
        )
        if panel.X:
            _steps.check_instances(panel.X, list(self._histories))
        return _steps.make_queries(panel, self._model)

    def _series_of(self, queries: list[_steps.Query]) -> list[Series]:
        pairs = zip(queries, self._model.scalings, strict=True)
        return [Series(q.past.y, q.X, scaling) for q, scaling in pairs]

    def _label(
        self, queries: list[_steps.Query], values: list[np.ndarray], columns: Any
    ) -> pd.DataFrame:
        """Put the answers of all series into one frame."""
        frames = {
            q.key: (q.times, rows) for q, rows in zip(queries, values, strict=True)
        }
        return join_instances(frames, columns, self._index_names)

    def _predict_rows(self, X: Any, return_std: bool) -> Any:
        """Predict rows in scikit-learn's convention."""
        index = time_index_of(X)
        check_sorted(index, type(self).__name__)
        rows = validate_data(
            self, X, dtype=float, reset=False, ensure_all_finite="allow-nan"
        )
        place = _rows.find_place(rows, index, self._history, self.window_length_)
        std = None
        if self._model.spec.autoregressive:
            query = _rows.ask_for_rows(self._history, rows, place)
            (values,) = answer(self._model, [query], self._series_of([query]))
            if return_std:
                std = self._spread_of([query])[0]
        else:
            length = self.window_length_
            context = self._history.X[-length:] if place.n_missing == 0 else None
            values = self._model.predict_rows(rows, context)
            if return_std:
                std = spread_of_rows(self._model, values, self._residuals())
        shape = (-1,) if self._n_target_dimensions == 1 else values.shape
        values = values.reshape(shape)
        return values if std is None else (values, std.reshape(shape))

    @show_signature("fit_predict(X, y=None, fh=None, X_pred=None)")
    def fit_predict(self, *args: Any, **kwargs: Any) -> Any:
        """Fit, then predict: ``X_pred`` if given, else ``X``.

        Parameters
        ----------
        X, y, fh
            As for `fit`.
        X_pred : array-like, default=None
            Features to predict from.

        Returns
        -------
        ndarray or series
            As `predict` returns.
        """
        X_pred = kwargs.pop("X_pred", None)
        call = resolve_fit_call(
            args, kwargs, name=type(self).__name__, method="fit_predict"
        )
        self.fit(*args, **kwargs)
        return self.predict(X=call.X if X_pred is None else X_pred)

    @show_signature("score(X, y=None, fh=None, sample_weight=None)")
    def score(self, *args: Any, **kwargs: Any) -> float:
        """Score predictions, in the convention of the last ``fit``.

        After a scikit-learn fit ``score(X, y, sample_weight=None)`` is the
        coefficient of determination R2, rows without a target left out; after an
        sktime fit ``score(y, X=None, fh=None)`` is the mean absolute percentage
        error.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature rows or exogenous columns.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            True values.
        fh : int, list of int or ForecastingHorizon, default=None
            sktime only: the steps that ``y`` holds.
        sample_weight : array-like of shape (n_samples,), default=None
            scikit-learn only: weights of the rows.

        Returns
        -------
        float
            The score.
        """
        self._check_fitted()
        if self._convention == "sktime":
            return super().score(*args, **kwargs)
        return self._score_rows(*args, **kwargs)

    def _score_rows(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        truth, predicted = np.asarray(y, dtype=float), self.predict(X)
        truth = truth.reshape(predicted.shape)
        known = ~np.isnan(truth.reshape(len(truth), -1)).any(axis=1)
        weights = None if sample_weight is None else np.asarray(sample_weight)[known]
        return r2_score(truth[known], predicted[known], sample_weight=weights)

    # sktime's other doors -----------------------------------------------------

    update = _sktime_only(BaseForecaster.update)
    update_predict = _sktime_only(BaseForecaster.update_predict)
    update_predict_single = _sktime_only(BaseForecaster.update_predict_single)
    predict_interval = _sktime_only(BaseForecaster.predict_interval)
    predict_quantiles = _sktime_only(BaseForecaster.predict_quantiles)
    predict_var = _sktime_only(BaseForecaster.predict_var)
    # scikit-learn's tools take any predict_proba for a classifier's.
    predict_proba = available_if(lambda self: self._is_fitted_as_forecaster())(
        _sktime_only(BaseForecaster.predict_proba)
    )

    @_sktime_only
    def predict_residuals(self, y: Any = None, X: Any = None) -> Any:
        """Return ``y`` minus its predictions; of the rows seen so far without ``y``."""
        if y is None:
            y = self._seen_series()
        return super().predict_residuals(y=y, X=X)

    def _update(
        self, y: pd.DataFrame, X: pd.DataFrame | None = None, update_params: bool = True
    ) -> None:
        """Remember new rows and, if asked, continue training on them."""
        old = self._histories
        if X is not None or self._X_columns is not None:
            _steps.check_columns(X, self._X_columns)
        _steps.check_target_columns(y, self._y_columns)
        if list(old) == [()]:
            mtype = self._y_metadata["mtype"]
            y, X = _steps.label_new_rows(y, X, self._history, mtype)
        self._set_cutoff_from_y(y)
        histories, exogenous, n_new = dict(old), self._exogenous(X), {}
        for key, index, target in iterate_instances(y):
            check_not_infinite(target, "y")
            rows = _steps.exogenous_rows(exogenous.get(key), index)
            new = make_history(target, rows, index)
            n_new[key] = len(new)
            histories[key] = extend_history(old[key], new) if key in old else new
        # Rows of some series say nothing about the time of the others.
        others = [h.index[-1:] for key, h in histories.items() if key not in n_new]
        self._cutoff = max([self._cutoff, *others], key=lambda index: index[0])
        self._keep(self._model.with_new_series(self._rows_of(histories)))
        self._histories = histories
        self._cutoff = _steps.with_frequency(self._cutoff, self._history)
        if update_params:
            self._fine_tune(n_new)

    def _fine_tune(self, n_new: dict[Key, int]) -> None:
        """Continue training on the rows last passed, so many of each series."""
        seen = {
            key: history.until(_steps.n_rows_seen(history, self.cutoff))
            for key, history in self._histories.items()
        }
        pairs = zip(seen.values(), self._model.scalings, strict=True)
        series = [Series(h.y, h.X, scaling) for h, scaling in pairs]
        seed = (self._seed + sum(map(len, seen.values()))) % (2**31)
        counts = [n_new.get(key, 0) for key in seen]
        self._keep(self._model.fine_tune(series, counts, seed))

    @staticmethod
    def _rows_of(histories: dict[Key, History]) -> list[tuple[np.ndarray, np.ndarray]]:
        return [(history.y, history.X) for history in histories.values()]

    # What was seen and learned ------------------------------------------------

    def _seen_series(self) -> pd.DataFrame:
        """Return the target rows seen so far."""
        frames = {key: (h.index, h.y) for key, h in self._histories.items()}
        return join_instances(frames, self._y_columns, self._index_names)

    @property
    def model_(self) -> Any:
        """An ordinary ``keras.Model`` with the trained weights, built on request.

        It maps normalized windows to forecasts in the scaler's units; see
        ``model_.summary()``. With several estimators it is the first.
        """
        if not self.is_fitted or "_model" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__} has no model_ before fit.")
        from skl_lstm._engine.network import restore_model

        return restore_model(self._model.spec, self._model.members[0])

    def _get_fitted_params(self) -> dict[str, Any]:
        names = ("window_length_", "horizon_", "n_iter_", "history_", "n_features_in_")
        fitted = {n.rstrip("_"): getattr(self, n) for n in names}
        return fitted | {"weights": self._model.members}

    @classmethod
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        """Return small settings for conformance tests, their windows fixed."""
        small = {"units": 2, "epochs": 1, "window_length": 4, "random_state": 0}
        return [
            small | {"horizon": 1},
            small | {"units": (3, 2), "dropout": 0.1, "scaler": "minmax", "horizon": 2},
            small | {"horizon": 3, "linear_skip": False, "n_estimators": 2},
        ]
