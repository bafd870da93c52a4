"""A forecaster as a transformer: rows in, hidden states out."""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    clone,
)
from sklearn.utils.validation import check_is_fitted, validate_data


class RecurrentEncoder(
    ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator
):
    """Turn rows of a series into the hidden states of a network that forecasts them.

    The forecaster learns to forecast the columns of X from their past, without any
    label; the state after each row sums up what it has read. As features of a
    classifier or of a clustering in a Pipeline they tell what led to a row, where the
    row itself tells what is.

    Parameters
    ----------
    forecaster : LSTMForecaster, GRUForecaster or SimpleRNNForecaster
        Is cloned and fitted to X.

    Attributes
    ----------
    forecaster_ : forecaster
        The fitted clone.
    n_features_in_ : int
        Columns of X.
    feature_names_in_ : ndarray of str
        Their names, if they are text.

    See Also
    --------
    LSTMForecaster.encode : States of a forecaster that is fitted already.

    Notes
    -----
    Rows are time steps in order. The state of a row depends on the ``window_length``
    rows up to it, of those passed to `transform`; windows at their beginning are filled
    up with the first row.

    Examples
    --------
    >>> import numpy as np
    >>> from skl_lstm import LSTMForecaster, RecurrentEncoder
    >>> X = np.sin(np.arange(60.0) / 3).reshape(-1, 1)
    >>> forecaster = LSTMForecaster(units=3, epochs=2, window_length=6, random_state=0)
    >>> RecurrentEncoder(forecaster).fit_transform(X).shape
    (60, 3)
    """

    def __init__(self, forecaster: Any) -> None:
        self.forecaster = forecaster

    def fit(self, X: Any, y: Any = None) -> Self:
        """Fit the forecaster to the columns of X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in order of time; NaN where missing.
        y : object, default=None
            Not used: labels of a Pipeline.

        Returns
        -------
        self : object
            The fitted transformer.
        """
        rows = validate_data(self, X, dtype=float, ensure_all_finite="allow-nan")
        self.forecaster_ = clone(self.forecaster).fit(y=pd.DataFrame(rows))
        spec = self.forecaster_._fitted.model.spec
        n_members = len(self.forecaster_._fitted.model.networks.members)
        width = spec.units[-1] * (2 if spec.bidirectional else 1)
        self._n_features_out = n_members * width
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Return the state after each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Rows in order of time.

        Returns
        -------
        ndarray of shape (n_samples, n_states)
            Hidden states.
        """
        check_is_fitted(self)
        rows = validate_data(
            self, X, dtype=float, reset=False, ensure_all_finite="allow-nan"
        )
        return self.forecaster_._fitted.encode_series(rows)

    def __sklearn_tags__(self) -> Any:
        """Tell scikit-learn what the transformer can do."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
