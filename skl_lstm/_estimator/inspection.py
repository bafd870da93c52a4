"""What a fitted network has read, what it reads, and which rows surprise it."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from sklearn.utils import check_random_state

from skl_lstm._estimator.conventions import Convention, show_signature
from skl_lstm._estimator.parameters import read_levels
from skl_lstm._estimator.regression import encode_rows, row_quantiles_one_step
from skl_lstm._forecasting.fitted import Fitted
from skl_lstm._forecasting.importance import measure_importances

if TYPE_CHECKING:
    from skl_lstm._engine.backend import keras


class InspectionMixin:
    """The network, its parts, hidden states, importances and anomaly scores."""

    is_fitted: bool

    _fitted: Fitted
    _convention: Convention
    _check_fitted: Any
    _check_X_y: Any
    _resolve_truth: Any
    _ask_for_rows_of: Any
    _as_passed: Any
    _get_varnames: Any

    @property
    def model_(self) -> "keras.Model":
        """An ordinary ``keras.Model`` with the trained weights, built on request.

        It maps normalized windows to forecasts in the scaler's units; see
        ``model_.summary()``. With several estimators it is the first,
        and Theta (`theta_share_`) is no part of it.
        """
        if not self.is_fitted or "_fitted" not in self.__dict__:
            raise AttributeError(f"{type(self).__name__} has no model_ before fit.")
        from skl_lstm._engine.network import restore_model

        networks = self._fitted.model.networks
        return restore_model(networks.spec, networks.members[0])

    @property
    def components_(self) -> dict[str, float]:
        """Share of each part in the latest forecasts, measured on request.

        By name: "transfer" (what known columns explain), "linear" (the map of the
        window), "recurrent" (the cells) and "theta" (the Theta method); together
        one. A part without a share says nothing in the forecast.
        """
        if not self.is_fitted or "_fitted" not in self.__dict__:
            raise AttributeError(
                f"{type(self).__name__} has no components_ before fit."
            )
        return dict(self._fitted.components)

    @property
    def categories_(self) -> dict[Any, list[Any]]:
        """The categories that ``fit`` saw in columns of text, by column of X."""
        if not self.is_fitted:
            raise AttributeError(
                f"{type(self).__name__} has no categories_ before fit."
            )
        encoding = self.__dict__.get("_encoding")
        return {} if encoding is None else encoding.known

    @show_signature(lambda self, X, y=None: None)
    def encode(self, *args: Any, **kwargs: Any) -> Any:
        """Return the last hidden state of the window that each row is predicted from.

        It has read the rows before, and of the row itself the columns that are known
        ahead, never the target. Features for another model. Called as `fit` is, in the
        convention of the last ``fit``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature rows (scikit-learn), or exogenous columns on the index of ``y``
            (sktime).
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Real values of the same rows; without ``autoregressive`` no part of the
            state, and may be left out: ``encode(X)``.

        Returns
        -------
        ndarray of shape (n_samples, n_states), or DataFrame
            The outputs of the last recurrent layer, those of several estimators side
            by side; in sktime's convention on the times of ``y``.

        See Also
        --------
        skl_lstm.RecurrentEncoder : The same as a transformer of a Pipeline.
        """
        self._check_fitted()
        if self._convention == "sklearn" and len(args) + len(kwargs) == 1:
            X = args[0] if args else kwargs.get("X")
            return encode_rows(self, X)
        call = self._resolve_truth(args, kwargs, "encode")
        if self._convention == "sklearn":
            return encode_rows(self, call.X, call.y)
        X, y = self._check_X_y(X=call.X, y=call.y)
        seen, queries = self._ask_for_rows_of(y, X)
        states = seen._fitted.encode(queries)
        names = [f"state_{i}" for i in range(states[0].shape[1])]
        return seen._label(queries, states, names)

    @show_signature(lambda self, X, y=None, coverage=0.9: None)
    def anomaly_scores(self, *args: Any, **kwargs: Any) -> Any:
        """Say how far each row lies from what was to be expected of it.

        The distance from the median of the distribution one step ahead, in units of the
        distance from there to the end of the prediction interval on the same side: 1
        is the end of the interval, so scores above 1 are as rare as rows outside of it.
        Called as `fit` is, in the convention of the last ``fit``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Feature rows (scikit-learn), or exogenous columns on the index of ``y``
            (sktime).
        y : array-like of shape (n_samples,) or (n_samples, n_outputs)
            Real values of the same rows, which may be those of ``fit``. Of these most
            were trained on, and surprise it less than others would.
        coverage : float, default=0.9
            Of the interval, in (0, 1).

        Returns
        -------
        ndarray of shape (n_samples,) or (n_samples, n_outputs), or series
            Scores from 0 on, NaN where y is missing; in sktime's convention of the
            type of ``y``, on its times.

        See Also
        --------
        predict_residuals : The differences themselves.

        References
        ----------
        Laxhammar, R., & Falkman, G. (2010). Conformal prediction for distribution-
        independent anomaly detection in streaming vessel data. StreamKDD 2010.
        https://doi.org/10.1145/1833280.1833287
        """
        (coverage,) = read_levels(kwargs.pop("coverage", 0.9), "coverage")
        levels = [0.5 - coverage / 2, 0.5, 0.5 + coverage / 2]
        call = self._resolve_truth(args, kwargs, "anomaly_scores")
        if self._convention == "sklearn":
            quantiles = row_quantiles_one_step(self, call.X, call.y, levels)
            return _score(np.asarray(call.y, dtype=float), quantiles)
        X, y = self._check_X_y(X=call.X, y=call.y)
        # Errors are measured on the series of the fit, before any of y is looked at.
        self._fitted.residuals()
        seen, queries = self._ask_for_rows_of(y, X)
        quantiles = seen._fitted.quantiles(queries, levels)
        scores = [
            _score(
                query.past.y[len(query.past) - 1 + query.steps],
                part.reshape(len(part), -1, len(levels)),
            )
            for query, part in zip(queries, quantiles, strict=True)
        ]
        return self._as_passed(seen._label(queries, scores, y.columns))

    def permutation_importance(
        self, n_repeats: int = 5, random_state: Any = None
    ) -> pd.DataFrame:
        """Measure how much the forecast owes to each lag of each column.

        Values of one lag of one column are permuted among the windows that were held
        out from training (the latest ones, if none were); the importance is the rise of
        the mean absolute error over the horizon. Lags that say the same, as neighbors
        do, share their importance.

        Parameters
        ----------
        n_repeats : int, default=5
            Permutations, whose errors are averaged.
        random_state : int, RandomState instance or None, default=None
            Draws the permutations.

        Returns
        -------
        DataFrame of shape (n_lags, n_columns)
            Rises in units of the target. Lag 1 is the last row before the forecast; lag
            0 stands for the rows to forecast, of which columns of X may be known, and
            is NaN for all others.

        Raises
        ------
        NotFittedError
            If the estimator has not been fitted.

        See Also
        --------
        skl_lstm.plotting.ImportanceDisplay : Its picture.

        References
        ----------
        Breiman, L. (2001). Random forests. Machine Learning, 45(1).
        https://doi.org/10.1023/A:1010933404324
        """
        self._check_fitted()
        seed = check_random_state(random_state).randint(2**31 - 1)
        rng = np.random.default_rng(seed)
        histories = list(self._fitted.histories.values())
        rises = measure_importances(self._fitted.model, histories, n_repeats, rng)
        index = pd.RangeIndex(len(rises), name="lag")
        return pd.DataFrame(rises, index, self._name_columns()).dropna(
            axis=1, how="all"
        )

    def _name_columns(self) -> list[Any]:
        """Name the targets, and the columns of X after encoding."""
        n_outputs = self._fitted.model.spec.n_outputs
        if self._convention == "sklearn":
            n_features = self._fitted.history.X.shape[1]
            names = list(getattr(self, "feature_names_in_", range(n_features)))
            targets = ["y"] if n_outputs == 1 else [f"y{i}" for i in range(n_outputs)]
            return [*targets, *names]
        encoding = self.__dict__.get("_encoding")
        return [*self._get_varnames(), *([] if encoding is None else encoding.names)]


def _score(y: np.ndarray, quantiles: np.ndarray) -> np.ndarray:
    """Return the distances from the median, in half intervals of their side."""
    low, median, high = np.moveaxis(quantiles, -1, 0)
    y = y.reshape(median.shape)
    half = np.where(y < median, median - low, high - median)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(y == median, 0.0, np.abs(y - median) / half)
