"""What an estimator of both conventions is before, between and after fits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Self

from sklearn.base import BaseEstimator, RegressorMixin
from sktime.forecasting.base import BaseForecaster, ForecastingHorizon

from skl_lstm._estimator.conventions import SPELLINGS, Convention
from skl_lstm._estimator.names import check_constructor_call, check_set_params
from skl_lstm._estimator.notebook import NotebookMixin
from skl_lstm._exceptions import NotFittedError, UnsetHorizonError
from skl_lstm._forecasting.fitted import Fitted

# What scikit-learn writes on an estimator from outside; a reset must not lose it.
_SKLEARN_STATE = (
    "_metadata_request",
    "_skl_callbacks",
    "_parent_callback_ctx",
    "_skl_callbacks_to_teardown",
)


def undone(method: Callable) -> Callable:
    """Wrap a method of sktime's: undone if it fails."""

    @wraps(method)
    def guarded(self: Any, *args: Any, **kwargs: Any) -> Any:
        with self._undone_on_error():
            return method(self, *args, **kwargs)

    return guarded


def sktime_only(method: Callable) -> Callable:
    """Wrap a method of sktime's: fitted as a forecaster, and undone if it fails."""
    guarded = undone(method)

    @wraps(method)
    def checked(self: Any, *args: Any, **kwargs: Any) -> Any:
        self._check_fitted_as_forecaster(method.__name__)
        return guarded(self, *args, **kwargs)

    return checked


class DualEstimator(NotebookMixin, BaseForecaster, RegressorMixin, BaseEstimator):
    """Both base classes, with the state that either library expects."""

    _convention: Convention
    _cutoff: Any
    _fitted: Fitted
    warm_start: bool

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Answer a wrong name in words; here, as `__init__` shows its parameters."""
        if args or kwargs:
            check_constructor_call(cls, args, kwargs)
        return super().__new__(cls)

    def __init__(self) -> None:
        super().__init__()
        # sktime sets these only with remember_data=True, yet its tests read them.
        self._y = None
        self._X = None

    def set_params(self, **params: Any) -> Self:
        """Set parameters; what was fitted is forgotten, what was pretrained stays.

        Parameters
        ----------
        **params : dict
            Constructor parameters.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        ValueError
            If a name is no parameter; the estimator stays as it was.
        """
        check_set_params(self, params)
        return self._set_params_at("pretrained", params)

    def __sklearn_clone__(self) -> Self:
        """Copy parameters and, as sktime's clone does, what was pretrained."""
        copied = super().__sklearn_clone__()
        copied._restore_pretrained_state(self._save_pretrained_state())
        return copied

    def reset(self) -> Self:
        """Forget what was fitted; keep parameters and what scikit-learn needs.

        sktime resets at every ``fit`` and ``set_params``. With ``warm_start=True``
        the weights stay, as the start of the next ``fit``.

        Returns
        -------
        self : object
            The estimator.
        """
        state = self.__dict__
        kept = {name: state[name] for name in _SKLEARN_STATE if name in state}
        model = state["_fitted"].model if "_fitted" in state else None
        model = state.get("_warm_model") if model is None else model
        if model is not None and self.warm_start:
            kept["_warm_model"] = model
        super().reset()
        self.__dict__.update(kept)
        return self

    def _keep(self, fitted: Fitted) -> None:
        """Keep what was learned, its figures as fitted attributes."""
        model = fitted.model
        self._fitted = fitted
        self.window_length_ = model.spec.window_length
        self.horizon_ = model.spec.horizon
        self.seasons_ = tuple(
            int(m) if m == int(m) else float(m) for m in model.seasons
        )
        self.theta_share_ = 0.0 if model.theta is None else model.theta.share
        self.y_transform_ = model.scaling.y_transform
        self.y_scaler_, self.X_scaler_ = model.scaling.y, model.scaling.X
        self.history_ = model.curves[0]
        self.n_iter_ = len(self.history_["loss"])

    @contextmanager
    def _undone_on_error(self) -> Iterator[None]:
        """Leave the estimator as it was if anything fails, Ctrl-C included."""
        before = self.__dict__.copy()
        try:
            yield
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            raise

    def _is_fitted_as_forecaster(self) -> bool:
        return self.is_fitted and self._convention == "sktime"

    def _check_fitted(self) -> None:
        if not self.is_fitted:
            raise NotFittedError(
                f"This {type(self).__name__} has not been fitted yet. Call `fit` first."
            )

    def _check_fitted_as_forecaster(self, method: str) -> None:
        self._check_fitted()
        if self._convention != "sktime":
            raise TypeError(
                f"{type(self).__name__}.{method} is for forecasters, but this "
                f"estimator was fitted as {SPELLINGS['sklearn']}. Fit it as "
                f"{SPELLINGS['sktime']} to use it."
            )

    def check_is_fitted(self, method_name: str | None = None) -> None:
        """Raise `NotFittedError` unless fitted (sktime's hook).

        Parameters
        ----------
        method_name : str, default=None
            Not used: the message names the estimator.
        """
        self._check_fitted()

    def __sklearn_is_fitted__(self) -> bool:
        """Tell scikit-learn whether the estimator is fitted."""
        return self.is_fitted

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn what the estimator can do."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.allow_nan = True
        return tags

    def __dir__(self) -> list[str]:
        # Who lists attributes asks for them, diagrams too: that would build model_.
        hidden = {"model_"}
        hidden |= set() if self._is_fitted_as_forecaster() else {"predict_proba"}
        return [name for name in object.__dir__(self) if name not in hidden]

    @property
    def fh(self) -> ForecastingHorizon:
        """The forecasting horizon last passed."""
        if self._fh is None:
            raise UnsetHorizonError(
                f"No fh has been passed to this {type(self).__name__} yet."
            )
        return self._fh
