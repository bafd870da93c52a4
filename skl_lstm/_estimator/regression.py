"""scikit-learn's convention: feature rows in, an array of predictions out."""

from typing import Any

import numpy as np
from sklearn.metrics import r2_score
from sklearn.utils.validation import validate_data

from skl_lstm._estimator.learning import LearningEstimator
from skl_lstm._forecasting.answers import answer, spread_of_rows
from skl_lstm._series.checks import (
    check_enough_rows,
    check_some_feature,
    check_sorted,
    check_target,
    time_index_of,
)
from skl_lstm._series.history import History, make_history
from skl_lstm._series.panel import Key
from skl_lstm._series.placement import find_place
from skl_lstm._series.queries import ask_for_rows
from skl_lstm._windows.columns import warn_of_leaks


class RegressionEstimator(LearningEstimator):
    """What `fit`, `predict` and `score` do with feature rows."""

    autoregressive: bool
    window_length_: int

    def _fit_rows(self, X: Any, y: Any) -> None:
        """Train on feature rows in scikit-learn's convention."""
        name = type(self).__name__
        index = time_index_of(X)
        check_sorted(index, name)
        self._reset_at("pretrained")
        rows = validate_data(self, X, dtype=float, ensure_all_finite="allow-nan")
        check_enough_rows(len(rows), name)
        check_some_feature(rows)
        target = check_target(rows, y)
        self._n_target_dimensions = target.ndim
        target = target.reshape(len(target), -1)
        names = list(getattr(self, "feature_names_in_", range(rows.shape[1])))
        histories: dict[Key, History] = {(): make_history(target, rows, index)}
        self._learn(histories, names, self.autoregressive, None)
        warn_of_leaks(self._model.columns, rows, target, names, name)
        self._convention = "sklearn"
        self._state = "fitted"

    def _predict_rows(self, X: Any, return_std: bool) -> Any:
        """Predict rows in scikit-learn's convention."""
        index = time_index_of(X)
        check_sorted(index, type(self).__name__)
        rows = validate_data(
            self, X, dtype=float, reset=False, ensure_all_finite="allow-nan"
        )
        place = find_place(rows, index, self._history, self.window_length_)
        std = None
        if self._model.spec.autoregressive:
            query = ask_for_rows(self._history, rows, place)
            (values,) = answer(self._model, [query], self._series_of([query]))
            if return_std:
                std = self._spread_of([query])[0]
        else:
            length = self.window_length_
            context = self._history.X[-length:] if place.n_missing == 0 else None
            values = self._model.predict_rows(rows, context)
            if return_std:
                std = spread_of_rows(
                    self._model, rows, context, values, self._residuals()
                )
        shape = (-1,) if self._n_target_dimensions == 1 else values.shape
        values = values.reshape(shape)
        return values if std is None else (values, std.reshape(shape))

    def _score_rows(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        truth, predicted = np.asarray(y, dtype=float), self.predict(X)
        truth = truth.reshape(predicted.shape)
        known = ~np.isnan(truth.reshape(len(truth), -1)).any(axis=1)
        weights = None if sample_weight is None else np.asarray(sample_weight)[known]
        return r2_score(truth[known], predicted[known], sample_weight=weights)
