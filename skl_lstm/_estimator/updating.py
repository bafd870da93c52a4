"""New rows after ``fit``, in both conventions."""

import inspect
from typing import Any, Self

from sktime.forecasting.base import BaseForecaster

from skl_lstm._estimator.conventions import SPELLINGS, Convention, show_signature
from skl_lstm._estimator.lifecycle import undone
from skl_lstm._estimator.regression import update_rows

_update_series = undone(BaseForecaster.update)
_ROWS = inspect.signature(lambda X, y, update_params=True: None)


class UpdatingMixin(BaseForecaster):
    """Rows that are remembered, and trained on for a few steps."""

    _convention: Convention
    _check_fitted: Any
    _undone_on_error: Any
    fit: Any

    @show_signature(lambda self, y, X=None, update_params=True: None)
    def update(self, *args: Any, **kwargs: Any) -> Self:
        """Remember new rows and, if asked, train on for a few small steps.

        The number of steps is bounded, whatever the number of rows: the network moves
        towards the new rows, and forgets no old ones. Scalers stay as they are.

        Parameters
        ----------
        y : array-like or series
            Target. In sktime's convention the first argument, and any of its types;
            in scikit-learn's the second one, ``update(X, y)``.
        X : array-like of shape (n_samples, n_features), default=None
            Feature rows or exogenous columns of the same steps. Rows at a time that is
            known replace the old ones; rows without a time follow.
        update_params : bool, default=True
            Whether to train on the new rows. If False they are only remembered, and
            forecasts start after them.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        NotFittedError
            If the estimator has not been fitted.
        ValueError
            If the rows do not fit those of ``fit``.
        """
        self._check_fitted()
        if self._convention == "sktime":
            return _update_series(self, *args, **kwargs)
        try:
            call = _ROWS.bind(*args, **kwargs).arguments
        except TypeError as error:
            name = type(self).__name__
            raise TypeError(
                f"{name}.update: {error}. This {name} was fitted as "
                f"{SPELLINGS['sklearn']}: call `update(X, y, update_params=True)`."
            ) from error
        with self._undone_on_error():
            update_rows(self, **call)
        return self

    def partial_fit(self, X: Any, y: Any) -> Self:
        """Fit, or train on for a few steps on new feature rows.

        For scikit-learn's tools: the first call is ``fit(X, y)``, every later one
        ``update(X, y)``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature rows in order of time, which follow those of the last call.
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Target.

        Returns
        -------
        self : object
            The estimator.

        Raises
        ------
        TypeError
            If the estimator was fitted as a sktime forecaster.
        """
        if not self.is_fitted:
            return self.fit(X, y=y)
        if self._convention == "sktime":
            raise TypeError(
                f"{type(self).__name__}.partial_fit is for regressors, but this one "
                f"was fitted as {SPELLINGS['sktime']}. Use `update(y, X)`."
            )
        return self.update(X, y)
