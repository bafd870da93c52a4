"""Forecasts of rows that are known already: from many cutoffs, or from row to row."""

from copy import copy
from typing import Any

import numpy as np
import pandas as pd
from sktime.forecasting.base import BaseForecaster
from sktime.forecasting.base._base import _format_moving_cutoff_predictions

from skl_lstm._estimator.conventions import (
    SPELLINGS,
    Convention,
    FitCall,
    resolve_fit_call,
    show_signature,
)
from skl_lstm._estimator.regression import predict_rows_one_step, row_quantiles_one_step
from skl_lstm._forecasting.fitted import Fitted
from skl_lstm._series.new_rows import label_new_rows
from skl_lstm._series.panel import iterate_instances
from skl_lstm._series.queries import Query

# Numbers of X that the queries of one batch may hold, each a past of its own.
CHUNK_FLOATS = 2**24
MOST_ORIGINS = 1_000


class BacktestingMixin(BaseForecaster):
    """What a trained network would have forecast, without another fit."""

    _fitted: Fitted
    _convention: Convention
    _check_fitted: Any
    _check_fh: Any
    _make_queries_at: Any
    _label: Any
    _update: Any
    _y_columns: Any

    def _predict_moving_cutoff(
        self,
        y: Any,
        cv: Any,
        X: Any = None,
        update_params: bool = True,
        reset_forecaster: bool = True,
    ) -> Any:
        """Forecast from the end of each window that a splitter cuts out of y.

        Without training there is nothing that one window must wait for another with:
        all are remembered at once, and forecast in one batch. sktime's own loop does
        the rest: training, and windows that leave out what a later one passes.
        """
        windows = [window for window, _ in cv.split(y)]
        ends = None if update_params else self._find_ends(y, windows)
        if ends is None:
            return super()._predict_moving_cutoff(
                y, cv, X, update_params, reset_forecaster
            )
        forecaster = copy(self) if reset_forecaster else self
        passed = y.iloc[np.unique(np.concatenate(windows))]
        forecaster._update(passed, X, update_params=False)
        fh = forecaster._check_fh(cv.get_fh())
        forecasts = forecaster._forecast_from(ends, fh, X)
        forecasts = [self._as_passed(forecast) for forecast in forecasts]
        forecaster._cutoff = ends[-1]
        return _format_moving_cutoff_predictions(forecasts, ends)

    def _find_ends(self, y: Any, windows: list[np.ndarray]) -> list[pd.Index] | None:
        """Return the last time of each window, None where windows must be replayed.

        Rows that a window does not hold are those of an earlier one, where windows have
        no holes and begin and end one after the other.
        """
        if not windows or self._y_metadata["mtype"] == "np.ndarray":
            # sktime numbers the rows of arrays anew.
            return None
        histories = self._fitted.histories
        series = list(iterate_instances(y))
        times, n = series[0].times, len(series)
        in_order = y.index.nlevels == 1 or y.index.is_monotonic_increasing
        if (
            not in_order
            or {one.key for one in series} != histories.keys()
            or any(one.times is not times for one in series)
        ):
            return None
        # The rows of one series, which the others repeat below.
        rows = [window[: len(window) // n] for window in windows]
        below = np.arange(n)[:, None] * len(times)
        edges = np.array([(own[0], own[-1]) for own in rows if len(own)])
        has_holes = any(
            not np.array_equal(window, (np.arange(start, end + 1) + below).ravel())
            for window, (start, end) in zip(windows, edges, strict=False)
        )
        if len(edges) < len(rows) or has_holes or (np.diff(edges, axis=0) < 0).any():
            return None
        times = self._fitted.history.calendar.convert(times)
        return [times[end : end + 1] for _, end in edges]

    def _forecast_from(
        self, cutoffs: list[pd.Index], fh: Any, X: Any
    ) -> list[pd.DataFrame]:
        """Forecast from each cutoff, as many at a time as memory should hold."""
        forecasts = []
        n_floats = sum(h.X.size + 1 for h in self._fitted.histories.values())
        n_series = len(self._fitted.histories)
        most = max(1, min(CHUNK_FLOATS // n_floats, MOST_ORIGINS // n_series))
        for i in range(0, len(cutoffs), most):
            asked = self._make_queries_at(cutoffs[i : i + most], fh, X)
            answers = self._fitted.forecast_from(asked)
            forecasts += [
                self._label(queries, values, self._y_columns)
                for queries, values in zip(asked, answers, strict=True)
            ]
        return forecasts

    @show_signature(lambda self, X, y=None, quantiles=None: None)
    def predict_one_step(self, *args: Any, **kwargs: Any) -> Any:
        """Predict new rows one step ahead, each from the real rows before it.

        The backtest of a test span in one call: what `predict` would have said of each
        row just before it came. Nothing is trained, and the estimator stays as it is.
        Called as `fit` is, in the convention of the last ``fit``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature rows (scikit-learn), or exogenous columns on the index of ``y``
            (sktime).
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Real values of the same rows, which the rows after them are predicted from.
        quantiles : float or list of float, default=None
            In scikit-learn's convention only: levels in (0, 1) whose quantiles to
            return in place of the predictions.

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs), or series
            A prediction for each row of ``y``; in sktime's convention of its type and
            on its times. With a list of ``quantiles`` one more axis, the last, holds
            the levels.

        Raises
        ------
        NotFittedError
            If the estimator has not been fitted.
        TypeError
            If the call is of the other convention than the last ``fit``.
        ValueError
            If the rows do not fit those of ``fit``.

        See Also
        --------
        update_predict : Forecasts of several steps, from many cutoffs.
        """
        quantiles = kwargs.pop("quantiles", None)
        call = self._resolve_truth(args, kwargs, "predict_one_step")
        if self._convention == "sklearn":
            if quantiles is None:
                return predict_rows_one_step(self, call.X, call.y)
            return row_quantiles_one_step(self, call.X, call.y, quantiles)
        if quantiles is not None:
            raise TypeError(
                f"quantiles is for {type(self).__name__} fitted as "
                f"{SPELLINGS['sklearn']}. This one was fitted as {SPELLINGS['sktime']}:"
                " pass y to `update(y, update_params=False)`, and ask "
                "`predict_quantiles` for its times."
            )
        X, y = self._check_X_y(X=call.X, y=call.y)
        seen, queries = self._ask_for_rows_of(y, X)
        predicted = seen._label(queries, seen._fitted.forecast(queries), y.columns)
        return self._as_passed(predicted)

    def _resolve_truth(self, args: Any, kwargs: Any, method: str) -> FitCall:
        """Read a call that passes rows with their real values, as `fit` is called."""
        self._check_fitted()
        name = type(self).__name__
        call = resolve_fit_call(args, kwargs, name=name, method=method)
        if call.convention != self._convention or call.fh is not None:
            spelling = {
                "sklearn": f"{method}(X, y)",
                "sktime": f"{method}(y=y, X=X)",
            }[self._convention]
            raise TypeError(
                f"{name} was fitted as {SPELLINGS[self._convention]}: call "
                f"`{spelling}`, without fh."
            )
        return call

    def _ask_for_rows_of(
        self, y: pd.DataFrame, X: pd.DataFrame | None
    ) -> tuple[Any, list[Query]]:
        """Ask for the rows of y one step ahead; of a copy that remembers them."""
        seen = copy(self)
        if list(self._fitted.histories) == [()]:
            y, X = label_new_rows(y, X, self._fitted.history, self._y_metadata["mtype"])
        rows = list(iterate_instances(y))
        seen._keys = [one.key for one in rows]
        unknown = [key for key in seen._keys if key not in self._fitted.histories]
        if unknown:
            raise ValueError(
                f"y holds the series {unknown[:5]}, which fit has not seen: nothing "
                "says on which scale they are. Pass their first rows to `update`."
            )
        seen._update(y, X, update_params=False)
        seen._fitted = seen._fitted.of_series(seen._keys)
        queries = []
        for one in rows:
            history = seen._fitted.histories[one.key]
            at = history.calendar.positions(one.times)
            times = history.calendar.times(at)
            queries.append(Query(one.key, history, at - len(history) + 1, times))
        return seen, queries
