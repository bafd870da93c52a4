"""One estimator, two conventions: the story of fit and predict.

`fit` asks `_protocol` which convention a call uses. In sktime's, sktime's base class
checks and converts the data and calls `_fit`, `_predict` and `_update` here; in
scikit-learn's, `_fit_rows` and `_predict_rows` do the same for feature rows. Both end
in `_learn`, which hands NumPy arrays to `_model`.
"""

from collections.abc import Callable
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
from skl_lstm._defaults import resolve_season_length
from skl_lstm._history import History, extend_history, make_history
from skl_lstm._model import TrainedModel, train_model
from skl_lstm._planning import Task
from skl_lstm._protocol import resolve_fit_call, resolve_predict_call
from skl_lstm._signature import show_signature
from skl_lstm._state import StatefulEstimator
from skl_lstm._validation import (
    check_enough_rows,
    check_no_missing,
    check_parameters,
    check_sorted,
    check_target,
    resolve_columns,
    time_index_of,
    warn_of_leaks,
)


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
        "y_inner_mtype": "pd.DataFrame",
        "X_inner_mtype": "pd.DataFrame",
        "X-y-must-have-same-index": True,
        "requires-fh-in-fit": False,
        # capabilities
        "capability:multivariate": True,
        "capability:exogenous": True,
        "capability:insample": True,
        "capability:update": True,
        "capability:random_state": True,
        "capability:categorical_in_X": False,
        "capability:missing_values": False,
        "capability:pred_int": False,
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
        """Train on one series that sktime has checked and converted."""
        name = type(self).__name__
        check_sorted(y.index, name)
        check_enough_rows(len(y), name)
        exogenous = _steps.exogenous_rows(X, y.index)
        target = y.to_numpy(dtype=float)
        check_no_missing(target, "y")
        check_no_missing(exogenous, "X")
        self._y_columns = y.columns
        self._X_columns = None if X is None else X.columns
        self.n_features_in_ = exogenous.shape[1]
        names = [] if X is None else list(X.columns)
        history = make_history(target, exogenous, y.index)
        self._learn(history, names, True, _steps.last_step(fh, history, self.cutoff))

    def _fit_rows(self, X: Any, y: Any) -> None:
        """Train on feature rows in scikit-learn's convention."""
        name = type(self).__name__
        index = time_index_of(X)
        check_sorted(index, name)
        self.reset()
        rows = validate_data(self, X, dtype=float)
        check_enough_rows(len(rows), name)
        target = check_target(rows, y)
        self._n_target_dimensions = target.ndim
        target = target.reshape(len(target), -1)
        if self.autoregressive:
            check_no_missing(target, "y")
        names = list(getattr(self, "feature_names_in_", range(rows.shape[1])))
        history = make_history(target, rows, index)
        self._learn(history, names, self.autoregressive, None)
        warn_of_leaks(self._model.columns, rows, target, names, name)
        self._convention = "sklearn"
        self._state = "fitted"

    def _learn(
        self,
        history: History,
        names: list[Any],
        autoregressive: bool,
        last_step: int | None,
    ) -> None:
        """Train on NumPy rows and keep what was learned."""
        task = Task(
            name=type(self).__name__,
            cell=self._cell,
            autoregressive=autoregressive,
            columns=resolve_columns(self.X_treatment, names, type(self).__name__),
            sp=resolve_season_length(self.sp, history.index),
            last_step=last_step,
        )
        self._seed = check_random_state(self.random_state).randint(2**31 - 1)
        parameters = self.get_params(deep=False)
        start = self.__dict__.pop("_warm_model", None)
        self._keep(
            train_model(parameters, task, history.y, history.X, self._seed, start)
        )
        self._history = history

    def _keep(self, model: TrainedModel) -> None:
        """Show a trained model's figures as fitted attributes."""
        self._model = model
        self.window_length_ = model.spec.window_length
        self.horizon_ = model.spec.horizon
        self.y_scaler_, self.X_scaler_ = model.scaling.y, model.scaling.X
        self.history_ = model.curves[0]
        self.n_iter_ = len(self.history_["loss"])

    # Predicting ---------------------------------------------------------------

    @show_signature("predict(X=None, fh=None)")
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

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs), or series
            Predictions; in sktime's convention of the type of ``y``, on the times
            of ``fh``.

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
        call = resolve_predict_call(
            args, kwargs, convention=self._convention, name=type(self).__name__
        )
        if self._convention == "sklearn":
            return self._predict_rows(call.X)
        X = call.X
        if isinstance(X, np.ndarray) and not self._is_vectorized:
            X = _steps.label_array(X, self._history, self.cutoff, self._X_columns)
        with self._undone_on_error():
            return super().predict(fh=call.fh, X=X)

    def _predict(self, fh: ForecastingHorizon, X: pd.DataFrame | None) -> pd.DataFrame:
        """Forecast after the cutoff; predict up to it one step ahead."""
        steps = _steps.relative_steps(fh, self._history, self.cutoff)
        past = self._history.until(_steps.n_rows_seen(self._history, self.cutoff))
        _steps.check_not_before_start(steps, len(past))
        values = np.empty((len(steps), past.y.shape[1]))
        inside = steps <= 0
        if inside.any():
            rows = len(past) - 1 + steps[inside]
            values[inside] = self._model.predict_one_step(past.y, past.X, rows)
        if not inside.all():
            n_steps = int(steps.max())
            X_ahead = self._exogenous_ahead(X, n_steps)
            ahead = self._model.forecast(past.y, past.X, X_ahead, n_steps)
            values[~inside] = ahead[steps[~inside] - 1]
        index = _steps.absolute_index(fh, steps, past, self.cutoff)
        return pd.DataFrame(values, index=index, columns=self._y_columns)

    def _exogenous_ahead(self, X: pd.DataFrame | None, n_steps: int) -> np.ndarray:
        """Find the rows of X that a forecast of ``n_steps`` reads."""
        n_needed = _steps.n_rows_needed(self._model, n_steps)
        return _steps.exogenous_ahead(
            X, n_needed, self._history, self.cutoff, self._X_columns
        )

    def _predict_rows(self, X: Any) -> np.ndarray:
        """Predict rows in scikit-learn's convention."""
        index = time_index_of(X)
        check_sorted(index, type(self).__name__)
        rows = validate_data(self, X, dtype=float, reset=False)
        place = _rows.find_place(rows, index, self._history, self.window_length_)
        if self._model.spec.autoregressive:
            values = _rows.continue_training_rows(
                self._model, self._history, rows, place
            )
        else:
            length = self.window_length_
            context = self._history.X[-length:] if place.n_missing == 0 else None
            values = self._model.predict_rows(rows, context)
        return values[:, 0] if self._n_target_dimensions == 1 else values

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
        old = self._history
        y, X = _steps.label_new_rows(y, X, old, self._y_metadata["mtype"])
        self._set_cutoff_from_y(y)
        _steps.check_columns(X, self._X_columns)
        _steps.check_target_columns(y, self._y_columns)
        new = make_history(
            y.to_numpy(dtype=float), _steps.exogenous_rows(X, y.index), y.index
        )
        check_no_missing(new.y, "y")
        check_no_missing(new.X, "X")
        self._history = extend_history(old, new)
        self._cutoff = _steps.with_frequency(self._cutoff, self._history)
        if update_params:
            seen = self._history.until(_steps.n_rows_seen(self._history, self.cutoff))
            seed = (self._seed + len(seen)) % (2**31)
            self._keep(self._model.fine_tune(seen.y, seen.X, len(new), seed))

    # What was seen and learned ------------------------------------------------

    def _seen_series(self) -> pd.DataFrame | None:
        """Return the target rows seen so far; None for a panel."""
        if self._is_vectorized:
            return None
        seen = self._history
        return pd.DataFrame(seen.y, index=seen.index, columns=self._y_columns)

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
