"""One estimator, two conventions: the story of fit and predict.

`fit` asks `conventions` which convention a call uses. In sktime's, sktime's base class
checks and converts the data and calls `_fit`, `_predict` and `_update` of
`forecasting`; in scikit-learn's, `regression` does the same for feature rows. Both end
in `learning`, which hands NumPy arrays to what trains and forecasts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Self, overload

import numpy as np
import pandas as pd

from skl_lstm._estimator.backtesting import BacktestingMixin
from skl_lstm._estimator.conventions import (
    SPELLINGS,
    Data,
    Forecast,
    Horizon,
    Levels,
    Rows,
    resolve_fit_call,
    resolve_predict_call,
    show_signature,
)
from skl_lstm._estimator.forecasting import ForecastingMixin
from skl_lstm._estimator.inspection import InspectionMixin
from skl_lstm._estimator.lifecycle import DualEstimator
from skl_lstm._estimator.own_networks import OwnNetworksMixin
from skl_lstm._estimator.parameters import check_parameters
from skl_lstm._estimator.probabilistic import ProbabilisticMixin
from skl_lstm._estimator.regression import fit_rows, predict_rows, score_rows
from skl_lstm._estimator.updating import UpdatingMixin
from skl_lstm._series.new_rows import label_array
from skl_lstm._training.settings import (
    Auto,
    Callback,
    Configured,
    RandomState,
    Settings,
    Transformer,
    Treatment,
)

if TYPE_CHECKING:
    pass


class BaseRecurrentForecaster(
    BacktestingMixin,
    InspectionMixin,
    OwnNetworksMixin,
    UpdatingMixin,
    ForecastingMixin,
    ProbabilisticMixin,
    DualEstimator,
):
    """What the public forecasters share: everything but the cell."""

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

    # The recurrent cell, which a subclass names.
    _cell: str

    def __init__(
        self,
        window_length: int | Auto = "auto",
        horizon: int | Auto = "auto",
        units: int | Sequence[int] | Auto = "auto",
        *,
        autoregressive: bool = False,
        X_treatment: Treatment | Mapping[Any, Treatment] = "concurrent",
        static_features: pd.DataFrame | None = None,
        sp: int | Sequence[float] | Auto = "auto",
        calendar: Auto | None = "auto",
        scaler: Literal["standard", "minmax", "robust"]
        | Transformer
        | None = "standard",
        window_scaling: Literal["auto", "standard", "level"] | None = "auto",
        y_transform: Literal["auto", "log", "log1p", "sqrt"] | None = "auto",
        activation: str | Callable[..., Any] = "tanh",
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        bidirectional: bool = False,
        kernel_regularizer: str | Configured | None = None,
        loss: str | Callable[..., Any] | Configured = "auto",
        halflife: float | None = None,
        optimizer: str | Configured = "adam",
        learning_rate: float | Auto = "auto",
        epochs: int | Auto = "auto",
        batch_size: int | Auto = "auto",
        early_stopping: bool | Auto = "auto",
        validation_fraction: float = 0.1,
        n_iter_no_change: int | Auto = "auto",
        warm_start: bool = False,
        pretrain_mode: Literal["finetune", "frozen"] = "finetune",
        callbacks: Sequence[Callback] | None = None,
        random_state: RandomState = None,
        linear_skip: bool = True,
        theta_share: float | Auto = "auto",
        n_estimators: int = 1,
        bounds: Sequence[float | None] | None = None,
        intervals: Literal["conformal", "quantile"] = "conformal",
        verbose: int = 0,
    ) -> None:
        self.window_length = window_length
        self.horizon = horizon
        self.units = units
        self.autoregressive = autoregressive
        self.X_treatment = X_treatment
        self.static_features = static_features
        self.sp = sp
        self.calendar = calendar
        self.scaler = scaler
        self.window_scaling = window_scaling
        self.y_transform = y_transform
        self.activation = activation
        self.dropout = dropout
        self.recurrent_dropout = recurrent_dropout
        self.bidirectional = bidirectional
        self.kernel_regularizer = kernel_regularizer
        self.loss = loss
        self.halflife = halflife
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.epochs = epochs
        self.batch_size = batch_size
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.pretrain_mode = pretrain_mode
        self.callbacks = callbacks
        self.random_state = random_state
        self.linear_skip = linear_skip
        self.theta_share = theta_share
        self.n_estimators = n_estimators
        self.bounds = bounds
        self.intervals = intervals
        self.verbose = verbose
        super().__init__()
        if type(loss).__module__.startswith("keras."):
            # Makes copies of the loss true ones, before anyone clones.
            import skl_lstm._engine.config  # noqa: F401

    @overload
    def fit(
        self,
        X: Rows,
        y: Data,
        fh: Horizon | None = ...,
        sample_weight: Data | None = ...,
    ) -> Self: ...

    @overload
    def fit(self, y: Data, X: Data | None = ..., fh: Horizon | None = ...) -> Self: ...

    @show_signature(lambda self, X, y=None, fh=None, sample_weight=None: None)
    def fit(self, *args: Any, **kwargs: Any) -> Self:
        """Train: ``fit(X, y)`` as in scikit-learn, ``fit(y, X, fh)`` as in sktime.

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
            index of ``y`` (sktime). Columns of frames may hold text or categories.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target. In sktime's convention any of its series or panel types.
        fh : int, list of int or ForecastingHorizon, default=None
            In sktime's convention only: the steps to forecast. Known here, it decides
            the number of steps that the network emits in one pass
            (``horizon="auto"``).
        sample_weight : array-like of shape (n_samples,), default=None
            In scikit-learn's convention only, by keyword: how much the error of each
            row counts in training, early stopping and intervals. A row of weight 0 is
            no target, but others see it in their past. For series see ``halflife``.

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
        check_parameters(Settings.from_estimator(self), type(self).__name__)
        with self._undone_on_error():
            if call.convention == "sklearn":
                fit_rows(self, call.X, call.y, call.sample_weight)
            else:
                super().fit(y=call.y, X=call.X, fh=call.fh)
                self._convention = "sktime"
        return self

    @overload
    def predict(
        self, X: Rows, *, return_std: Literal[True]
    ) -> tuple[np.ndarray, np.ndarray]: ...

    @overload
    def predict(self, X: Rows, *, quantiles: Levels) -> np.ndarray: ...

    @overload
    def predict(
        self, X: Rows, /, *, return_std: Literal[False] = ..., quantiles: None = ...
    ) -> np.ndarray: ...

    # The same call in both conventions, with an array in one and a series in the other.
    @overload
    def predict(self, *, X: Data) -> Any: ...

    @overload
    def predict(self, fh: Horizon | None = ..., X: Data | None = ...) -> Forecast: ...

    @show_signature(
        lambda self, X=None, fh=None, return_std=False, quantiles=None: None
    )
    def predict(self, *args: Any, **kwargs: Any) -> Any:
        """Predict: ``predict(X)`` after ``fit(X, y)``, else ``predict(fh, X)``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            In scikit-learn's convention rows in order of time. Without
            ``autoregressive`` each row is predicted from the rows up to it; with it,
            rows after the training rows, or between two of them, are forecast, and
            training rows predicted one step ahead. The index says when rows are; rows
            without a time follow the training rows, unless they are as many with the
            same values. In sktime's convention exogenous columns of the steps to
            forecast, by keyword.
        fh : int, list of int or ForecastingHorizon
            In sktime's convention only, and its first argument, ``predict(fh, X)``:
            the steps to forecast. Steps up to the cutoff are predicted one step ahead.
        return_std : bool, default=False
            In scikit-learn's convention only: whether to return the standard deviation
            of each prediction, too, from the errors on the held-out tail of the
            training rows.
        quantiles : float or list of float, default=None
            In scikit-learn's convention only: levels in (0, 1) whose quantiles to
            return in place of the predictions. `Pipeline` and
            `TransformedTargetRegressor` pass it on.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs), or series
            Predictions; in sktime's convention of the type of ``y``, on the times
            of ``fh``. With a list of ``quantiles`` one more axis, the last, holds the
            levels.
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
        asked = {k: kwargs.pop(k) for k in ("return_std", "quantiles") if k in kwargs}
        call = resolve_predict_call(
            args, kwargs, convention=self._convention, name=name
        )
        if self._convention == "sklearn":
            return predict_rows(self, call.X, **asked)
        for parameter, value in asked.items():
            if value is not None and value is not False:
                raise TypeError(
                    f"{parameter} is for {name} fitted as {SPELLINGS['sklearn']}. This "
                    f"one was fitted as {SPELLINGS['sktime']}: use predict_var, "
                    "predict_quantiles or predict_interval."
                )
        X = call.X
        if isinstance(X, np.ndarray) and list(self._fitted.histories) == [()]:
            X = label_array(X, self._fitted.history, self.cutoff, self._X_columns)
        with self._undone_on_error():
            # As sktime's, but for the look at every series of the answer.
            X_inner, fh = self._check_X(X=X), self._check_fh(call.fh)
            return self._as_passed(self._predict(fh=fh, X=X_inner))

    @show_signature(
        lambda self, X, y=None, fh=None, sample_weight=None, X_pred=None: None
    )
    def fit_predict(self, *args: Any, **kwargs: Any) -> Any:
        """Fit, then predict: ``X_pred`` if given, else ``X``.

        Parameters
        ----------
        X, y, fh, sample_weight : array-like, series or horizon
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

    @overload
    def score(self, X: Rows, y: Data, sample_weight: Data | None = ...) -> float: ...

    @overload
    def score(
        self, y: Data, X: Data | None = ..., fh: Horizon | None = ...
    ) -> float: ...

    @show_signature(lambda self, X, y=None, fh=None, sample_weight=None: None)
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
            In sktime's convention only: the steps that ``y`` holds.
        sample_weight : array-like of shape (n_samples,), default=None
            In scikit-learn's convention only: weights of the rows.

        Returns
        -------
        float
            The score.
        """
        self._check_fitted()
        if self._convention == "sktime":
            return super().score(*args, **kwargs)
        return score_rows(self, *args, **kwargs)

    def _get_fitted_params(self) -> dict[str, Any]:
        names = ["window_length_", "horizon_", "n_iter_", "history_", "n_features_in_"]
        names += ["theta_share_"]
        fitted = {n.rstrip("_"): getattr(self, n) for n in names}
        return fitted | {"weights": self._fitted.model.networks.members}

    @classmethod
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        """Return small settings for conformance tests, their windows fixed.

        Parameters
        ----------
        parameter_set : str, default="default"
            Not used: there is one set.

        Returns
        -------
        list of dict
            Parameters of the constructor.
        """
        small = {"units": 2, "epochs": 1, "window_length": 4, "random_state": 0}
        return [
            small | {"horizon": 1},
            small
            | {"units": (3, 2), "scaler": "minmax", "horizon": 2}
            | {"dropout": 0.1},
            small
            | {"horizon": 3, "linear_skip": False, "n_estimators": 2}
            | {"intervals": "quantile"},
        ]
