"""Forecasts that say how far they may err, in both conventions."""

import importlib.util
import inspect
from collections.abc import Callable
from functools import wraps
from numbers import Integral
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state
from sklearn.utils.metaestimators import available_if
from sktime.forecasting.base import BaseForecaster, ForecastingHorizon

from skl_lstm._estimator.conventions import (
    Convention,
    Data,
    Horizon,
    Levels,
    Rows,
    resolve_rows_call,
    show_signature,
)
from skl_lstm._estimator.lifecycle import sktime_only
from skl_lstm._estimator.parameters import read_levels
from skl_lstm._estimator.regression import interval_of_rows, quantiles_of_rows
from skl_lstm._forecasting.fitted import Fitted
from skl_lstm._series.queries import Query
from skl_lstm._training.settings import RandomState

if TYPE_CHECKING:
    from skpro.distributions.base import BaseDistribution

# Paths that stand for a joint distribution.
N_JOINT = 1_000


def check_skpro(name: str) -> None:
    """Raise a worded error if skpro is missing."""
    if importlib.util.find_spec("skpro") is None:
        raise ImportError(
            f"{name}.predict_proba returns a distribution of skpro, which is not "
            "installed: pip install skpro. predict_quantiles, predict_interval and "
            "predict_var need nothing else."
        )


def _with_levels(method: Callable, name: str) -> Callable:
    """Wrap a method of sktime's: its levels may be any numbers between 0 and 1."""
    signature = inspect.signature(method)

    @wraps(method)
    def checked(*args: Any, **kwargs: Any) -> Any:
        call = signature.bind(*args, **kwargs)
        if call.arguments.get(name) is not None:
            call.arguments[name] = read_levels(call.arguments[name], name)
        return method(*call.args, **call.kwargs)

    return checked


class ProbabilisticMixin(BaseForecaster):
    """Quantiles, intervals, variances and distributions."""

    _fitted: Fitted
    _convention: Convention
    _check_fitted: Any
    _make_queries: Any
    _label: Any
    _is_fitted_as_forecaster: Any
    _cutoff: Any

    @overload
    def predict_interval(
        self, fh: Horizon | None = ..., X: Data | None = ..., coverage: Levels = ...
    ) -> pd.DataFrame: ...

    @overload
    def predict_interval(self, X: Rows, coverage: Levels = ...) -> pd.DataFrame: ...

    @show_signature(lambda self, fh=None, X=None, coverage=0.9: None)
    def predict_interval(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """Predict intervals, in the convention of the last ``fit``.

        Parameters
        ----------
        fh : int, list of int or ForecastingHorizon, default=None
            In sktime's convention only, and its first argument,
            ``predict_interval(fh, X, coverage)``: the steps to forecast; those of
            ``fit`` if None.
        X : array-like of shape (n_samples, n_features), default=None
            In scikit-learn's convention rows in order of time, as for `predict`, and
            the first argument: ``predict_interval(X, coverage)``. In sktime's exogenous
            columns of the steps to forecast.
        coverage : float or list of float, default=0.9
            Share of the values to come that lie inside, in (0, 1).

        Returns
        -------
        DataFrame
            A row for each row or step. Columns have three levels: the target, the
            coverage, and "lower" or "upper".
        """
        self._check_fitted()
        if self._convention == "sktime":
            return self._forecast_interval(*args, **kwargs)
        call = f"{type(self).__name__}.predict_interval"
        return interval_of_rows(
            self, *resolve_rows_call(args, kwargs, "coverage", call)
        )

    @overload
    def predict_quantiles(
        self,
        fh: Horizon | None = ...,
        X: Data | None = ...,
        alpha: Levels | None = ...,
    ) -> pd.DataFrame: ...

    @overload
    def predict_quantiles(
        self, X: Rows, alpha: Levels | None = ...
    ) -> pd.DataFrame: ...

    @show_signature(lambda self, fh=None, X=None, alpha=None: None)
    def predict_quantiles(self, *args: Any, **kwargs: Any) -> pd.DataFrame:
        """Predict quantiles, in the convention of the last ``fit``.

        Parameters
        ----------
        fh : int, list of int or ForecastingHorizon, default=None
            In sktime's convention only, and its first argument,
            ``predict_quantiles(fh, X, alpha)``: the steps to forecast; those of
            ``fit`` if None.
        X : array-like of shape (n_samples, n_features), default=None
            In scikit-learn's convention rows in order of time, as for `predict`, and
            the first argument: ``predict_quantiles(X, alpha)``. In sktime's exogenous
            columns of the steps to forecast.
        alpha : float or list of float, default=None
            Levels in (0, 1); 0.05 and 0.95 if None.

        Returns
        -------
        DataFrame
            A row for each row or step. Columns have two levels: the target and alpha.
        """
        self._check_fitted()
        if self._convention == "sktime":
            return self._forecast_quantiles(*args, **kwargs)
        call = f"{type(self).__name__}.predict_quantiles"
        rows, alpha = resolve_rows_call(args, kwargs, "alpha", call)
        return quantiles_of_rows(self, rows, alpha)

    _forecast_interval = sktime_only(
        _with_levels(BaseForecaster.predict_interval, "coverage")
    )
    _forecast_quantiles = sktime_only(
        _with_levels(BaseForecaster.predict_quantiles, "alpha")
    )

    @sktime_only
    def predict_var(
        self, fh: Horizon | None = None, X: Data | None = None, cov: bool = False
    ) -> pd.DataFrame:
        """Predict variances, or the covariances of steps; in sktime's convention.

        Parameters
        ----------
        fh : int, list of int or ForecastingHorizon, default=None
            The steps to forecast; those of ``fit`` if None.
        X : DataFrame, default=None
            Exogenous columns of these steps.
        cov : bool, default=False
            Whether to return the covariances of all steps with each other.

        Returns
        -------
        DataFrame
            A row for each step, in squared units of the target; a column for each
            target, and with ``cov`` for each target and step.
        """
        return super().predict_var(fh=fh, X=X, cov=cov)

    @sktime_only
    def simulate(
        self,
        n_paths: int = 100,
        fh: Horizon | None = None,
        X: Data | None = None,
        random_state: RandomState = None,
    ) -> pd.DataFrame:
        """Draw paths of the future, whose steps belong together.

        Each step has the quantiles of `predict_quantiles`; steps and targets depend on
        each other as the errors of held-out windows do, so sums over a horizon, or the
        largest value in it, have quantiles of their own. Series of a panel are drawn
        apart.

        Parameters
        ----------
        n_paths : int, default=100
            Paths to draw.
        fh : int, list of int or ForecastingHorizon, default=None
            The steps to forecast, all after the cutoff; those of ``fit`` if None.
        X : DataFrame, default=None
            Exogenous columns of these steps.
        random_state : int, RandomState instance or None, default=None
            Draws the paths; an int gives the same ones again.

        Returns
        -------
        DataFrame
            As `sample` of skpro's distributions: the first level of the index counts
            the paths, from 0, the others are those of the forecast; a column for each
            target.

        Raises
        ------
        ValueError
            If ``n_paths`` is less than 1, or a step does not lie after the cutoff.
        """
        if not isinstance(n_paths, Integral) or n_paths < 1:
            raise ValueError(
                f"The n_paths of {type(self).__name__}.simulate must be an int of at "
                f"least 1. Got {n_paths!r} instead."
            )
        queries = self._make_queries(
            self._check_fh(fh, pred_int=True), self._check_X(X=X)
        )
        return self._draw_paths(queries, int(n_paths), random_state)

    def _draw_paths(
        self, queries: list[Query], n_paths: int, random_state: Any
    ) -> pd.DataFrame:
        """Draw paths, and put one below the other."""
        if any((query.steps < 1).any() for query in queries):
            raise ValueError(
                f"{type(self).__name__}.simulate draws steps after the cutoff, "
                f"{self._cutoff[0]}; fh asks for others. Up to it predict_quantiles "
                "says how far one step ahead may err."
            )
        seed = check_random_state(random_state).randint(2**31 - 1)
        paths = self._fitted.simulate(queries, n_paths, np.random.default_rng(seed))
        columns = self._get_varnames()
        frames = [
            self._label(queries, list(one), columns) for one in zip(*paths, strict=True)
        ]
        names = ["path", *frames[0].index.names]
        return pd.concat(frames, keys=range(n_paths), names=names)

    # scikit-learn's tools take any predict_proba for a classifier's.
    @available_if(lambda self: self._is_fitted_as_forecaster())
    @sktime_only
    def predict_proba(
        self,
        fh: Horizon | None = None,
        X: Data | None = None,
        marginal: bool = True,
    ) -> "BaseDistribution":
        """Forecast distributions; their quantiles are those of `predict_quantiles`.

        Parameters
        ----------
        fh : int, list of int or ForecastingHorizon, default=None
            The steps to forecast; those of ``fit`` if None.
        X : DataFrame, default=None
            Exogenous columns of these steps.
        marginal : bool, default=True
            Whether every step has a distribution of its own, with the quantiles of
            `predict_quantiles`; if False, 1,000 paths of `simulate` are the joint one.

        Returns
        -------
        skpro.distributions.base.BaseDistribution
            With `quantile`, `cdf`, `pdf`, `energy`, `mean`, `var` and `sample`; its
            rows and columns are those of `predict`.

        Raises
        ------
        ImportError
            If skpro is not installed.
        """
        check_skpro(type(self).__name__)
        return super().predict_proba(fh=fh, X=X, marginal=marginal)

    def _predict_quantiles(
        self, fh: ForecastingHorizon, X: pd.DataFrame | None, alpha: list[float]
    ) -> pd.DataFrame:
        """Return quantiles by target column and level."""
        queries = self._make_queries(fh, X)
        columns = pd.MultiIndex.from_product([self._get_varnames(), alpha])
        values = self._fitted.quantiles(queries, alpha)
        return self._label(queries, values, columns)

    def _predict_var(
        self, fh: ForecastingHorizon, X: pd.DataFrame | None, cov: bool = False
    ) -> pd.DataFrame:
        """Return the variance of the forecast distribution, or the covariances."""
        queries = self._make_queries(fh, X)
        if cov:
            return self._label_covariances(queries)
        variances = [std**2 for std in self._fitted.spread(queries)]
        return self._label(queries, variances, self._get_varnames())

    def _label_covariances(self, queries: list[Query]) -> pd.DataFrame:
        """Return covariances of all steps: rows as forecasts, a column for each step.

        Columns have the times of the steps, or their numbers where the series of a
        panel end at different times.
        """
        times, steps = queries[0].times, queries[0].steps
        alike = all(query.times.equals(times) for query in queries)
        names, last = self._get_varnames(), times if alike else steps
        columns = pd.MultiIndex.from_product([names, last])
        values = [c.reshape(len(c), -1) for c in self._fitted.covariances(queries)]
        return self._label(queries, values, columns)

    def _predict_proba(
        self, fh: ForecastingHorizon, X: pd.DataFrame | None, marginal: bool = True
    ) -> Any:
        """Return the distribution whose quantiles are ours."""
        from skpro.distributions import Empirical

        from skl_lstm._estimator.distribution import (
            ForecastQuantiles,
            QuantileDistribution,
        )

        queries = self._make_queries(fh, X)
        if not marginal:
            paths = self._draw_paths(queries, N_JOINT, self._fitted.seed)
            return Empirical(paths, time_indep=False)
        # Only the times of the steps are wanted of this frame.
        index = self._label(queries, [q.steps[:, None] for q in queries], [0]).index
        return QuantileDistribution(
            ForecastQuantiles(self._fitted, queries),
            index=index,
            columns=pd.Index(self._get_varnames()),
        )
