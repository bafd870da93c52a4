"""scikit-learn's convention: feature rows in, an array of predictions out."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_array, validate_data

from skl_lstm._estimator.learning import learn
from skl_lstm._estimator.parameters import check_weights, read_levels
from skl_lstm._forecasting.fitted import Fitted
from skl_lstm._series.categories import Encoding, keep_numbers, learn_encoding
from skl_lstm._series.checks import (
    check_enough_rows,
    check_n_targets,
    check_some_feature,
    check_sorted,
    check_target,
    time_index_of,
)
from skl_lstm._series.exogenous import last_known, warn_of_unknown_columns
from skl_lstm._series.frames import as_pandas
from skl_lstm._series.history import History, complete_history, make_history
from skl_lstm._series.new_rows import extend_index, join_numbers, remember_rows
from skl_lstm._series.panel import Key
from skl_lstm._series.placement import Placement, TrainingRows, place_rows
from skl_lstm._series.queries import Query, ask_for_rows, context_of_rows
from skl_lstm._series.row_index import frequency_beside_gap, index_training_rows
from skl_lstm._series.season import resolve_season_length
from skl_lstm._training.transfer import update_model
from skl_lstm._windows.columns import warn_of_leaks, warn_of_windows
from skl_lstm._windows.scaling import check_transform


def fit_rows(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> None:
    """Train an estimator on feature rows."""
    name = type(estimator).__name__
    if estimator.static_features is not None:
        raise ValueError(
            f"The 'static_features' parameter of {name} tells the series of a panel "
            "apart, and rows are those of one series. Set it to None, or fit a panel: "
            "fit(y=y)."
        )
    X, y = as_pandas(X), as_pandas(y)
    index = index_training_rows(X, y, name)
    estimator._reset_at("pretrained")
    frame = _check_features(estimator, X)
    estimator._encoding = learn_encoding(frame)
    rows = _encode(estimator._encoding, frame)
    check_enough_rows(len(rows), name)
    check_some_feature(rows)
    target = check_target(rows, y)
    estimator._n_target_dimensions = target.ndim
    target = target.reshape(len(target), -1)
    names = estimator._encoding.names
    passed = make_history(target, rows, index)
    passed = replace(passed, weights=check_weights(sample_weight, rows))
    if passed.freq is None:
        passed = replace(passed, freq=frequency_beside_gap(index))
    history, estimator._row_positions = complete_history(passed)
    histories: dict[Key, History] = {(): history}
    fitted = learn(estimator, histories, names, estimator.autoregressive, None)
    estimator._keep(fitted)
    warn_of_leaks(fitted.model.columns, rows, target, names, name)
    warn_of_windows(rows, name)
    # Where y has the calendar, rows of X may still be told by their own numbers.
    estimator._row_numbers = time_index_of(X)
    estimator._convention = "sklearn"
    estimator._state = "fitted"


def predict_rows(
    estimator: Any, X: Any, return_std: bool = False, quantiles: Any = None
) -> Any:
    """Predict rows, and their standard deviations if asked, or their quantiles."""
    if quantiles is not None:
        if return_std:
            raise TypeError(
                f"{type(estimator).__name__}.predict() returns either standard "
                "deviations or quantiles: pass return_std or quantiles, not both."
            )
        return _predict_quantiles(estimator, X, quantiles)
    rows, placement = _read_rows(estimator, X)
    forecasts = estimator._fitted.model.spec.autoregressive
    predict = _forecast_rows if forecasts else _regress_rows
    parts = list(predict(estimator._fitted, rows, placement, return_std))
    order = np.argsort(np.concatenate([at for at, _, _ in parts]))
    shape = (-1,) if estimator._n_target_dimensions == 1 else (len(rows), -1)
    values = np.concatenate([part for _, part, _ in parts])[order].reshape(shape)
    if not return_std:
        return values
    stds = np.concatenate([std for _, _, std in parts])[order]
    return values, stds.reshape(shape)


def _check_features(
    estimator: Any, X: Any, encoding: Encoding | None = None
) -> pd.DataFrame:
    """Check X as scikit-learn does; return it under its names, text and all.

    Columns without a name have their position. Without an encoding X is that of
    ``fit``; an array may hold text only where it stands for a frame that did.
    """
    reset = encoding is None
    if isinstance(X, pd.DataFrame) or (encoding is not None and encoding.categories):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
    else:
        X = validate_data(
            estimator, X, dtype=float, reset=reset, ensure_all_finite="allow-nan"
        )
    names = getattr(estimator, "feature_names_in_", range(estimator.n_features_in_))
    return pd.DataFrame(X).set_axis(list(names), axis=1)


def _encode(encoding: Encoding, X: pd.DataFrame) -> np.ndarray:
    """Return rows as numbers, with scikit-learn's errors where there are none."""
    rows = encoding.encode(X).to_numpy()
    return check_array(rows, dtype=float, ensure_all_finite="allow-nan")


def _read_rows(
    estimator: Any, X: Any, index: Any = None
) -> tuple[np.ndarray, Placement]:
    """Check rows, and tell where they stand beside the training rows."""
    X = as_pandas(X)
    index = time_index_of(X) if index is None else index
    check_sorted(index, type(estimator).__name__, "X")
    columns = estimator._fitted.model.columns
    # Estimators of older files have no encoding: they know numbers alone.
    known = getattr(estimator, "feature_names_in_", range(estimator.n_features_in_))
    encoding = estimator.__dict__.get("_encoding") or keep_numbers(known)
    X, left_out = _complete(X, known, [encoding.names[i] for i in columns.shifted])
    rows = _encode(encoding, _check_features(estimator, X, encoding))
    names = encoding.names
    warn_of_unknown_columns(rows, names, columns.concurrent, columns.flagged)
    placement = _place(estimator, rows, index)
    held = np.array([name in left_out for name in encoding.names], dtype=bool)
    if held.any():
        rows = _hold(rows, held, estimator._fitted.history, placement)
    return rows, placement


def _complete(X: Any, known: Any, past: list[Any]) -> tuple[Any, list[Any]]:
    """Give strictly past columns that a frame leaves out their place; say which."""
    if not isinstance(X, pd.DataFrame):
        return X, []
    left_out = [name for name in known if name in past and name not in X.columns]
    if list(X.columns) != [name for name in known if name not in left_out]:
        return X, []
    return X.reindex(columns=list(known)), left_out


def _hold(
    rows: np.ndarray, held: np.ndarray, history: History, placement: Placement
) -> np.ndarray:
    """Let columns stay at their last value, in training rows at their own."""
    rows, own = rows.copy(), history.X[:, held]
    rows[:, held] = np.where(
        placement.is_training[:, None],
        own[placement.position],
        last_known(own)[placement.n_before - 1],
    )
    rows[np.ix_(placement.is_too_early, held)] = np.nan
    return rows


def _place(estimator: Any, rows: np.ndarray, index: Any) -> Placement:
    """Tell where rows stand beside the training rows."""
    fitted, state = estimator._fitted, estimator.__dict__
    history = fitted.history
    # Estimators of older files remember neither.
    at = state.get("_row_positions", np.arange(len(history)))
    training = TrainingRows(history.rows(at), at, state.get("_row_numbers"))
    return place_rows(
        rows,
        index,
        training,
        resolve_season_length(estimator.sp, history.index),
        type(estimator).__name__,
        needs_past=fitted.model.spec.autoregressive,
    )


def update_rows(estimator: Any, X: Any, y: Any, update_params: bool = True) -> None:
    """Remember new rows beside the training rows; train on if asked."""
    name, fitted = type(estimator).__name__, estimator._fitted
    numbers, index = time_index_of(X), index_training_rows(X, y, name)
    seen, at = _remember(estimator, X, y, index)
    index = extend_index(fitted.history, index, len(seen), name)
    seen = replace(seen, index=index, start=fitted.history.start)
    known = estimator.__dict__.get("_row_positions", np.arange(len(fitted.history)))
    estimator._row_positions = np.union1d(known, at)
    before = estimator.__dict__.get("_row_numbers")
    estimator._row_numbers = join_numbers(before, numbers, estimator._row_positions)
    model = fitted.model
    if update_params:
        seed = (fitted.seed + len(seen)) % 2**31
        model = update_model(model, [seen], [len(at)], seed)
    estimator._keep(replace(fitted, histories={(): seen}, model=model))


def _remember(estimator: Any, X: Any, y: Any, index: Any) -> tuple[History, np.ndarray]:
    """Check new rows; return all rows, without times, and where the new ones stand."""
    rows, placement = _read_rows(estimator, X, index)
    target = check_target(rows, y).reshape(len(rows), -1)
    history = estimator._fitted.history
    check_n_targets(target, history.y.shape[1])
    check_transform(estimator.y_transform_, target)
    return remember_rows(history, rows, target, placement)


def _ask_for_rows(estimator: Any, X: Any, y: Any) -> Query:
    """Ask for rows one step ahead, their real values remembered with the others."""
    index = index_training_rows(X, y, type(estimator).__name__)
    seen, at = _remember(estimator, X, y, index)
    return Query((), seen, at - len(seen) + 1, None)


def predict_rows_one_step(estimator: Any, X: Any, y: Any) -> np.ndarray:
    """Predict rows, each from the real rows before it."""
    if not estimator._fitted.model.spec.autoregressive:
        return predict_rows(estimator, X)
    (values,) = estimator._fitted.forecast([_ask_for_rows(estimator, X, y)])
    return values[:, 0] if estimator._n_target_dimensions == 1 else values


def row_quantiles_one_step(
    estimator: Any, X: Any, y: Any, quantiles: Any
) -> np.ndarray:
    """Return quantiles of such predictions, one more axis for a list of levels."""
    if not estimator._fitted.model.spec.autoregressive:
        return _predict_quantiles(estimator, X, quantiles)
    levels = read_levels(quantiles, "quantiles")
    query = _ask_for_rows(estimator, X, y)
    (values,) = estimator._fitted.quantiles([query], levels)
    return _shape_quantiles(
        estimator, values.reshape(len(values), -1, len(levels)), quantiles
    )


def encode_rows(estimator: Any, X: Any, y: Any = None) -> np.ndarray:
    """Return the hidden state of the window that each row is predicted from."""
    fitted = estimator._fitted
    if fitted.model.spec.autoregressive:
        if y is None:
            raise ValueError(
                f"{type(estimator).__name__}.encode needs y, whose past the network "
                "reads: encode(X, y)."
            )
        return fitted.encode([_ask_for_rows(estimator, X, y)])[0]
    rows, placement = _read_rows(estimator, X)
    n_before = fitted.model.spec.window_length
    parts = [
        (at, fitted.model.encode_rows(rows[at], context))
        for at, context in context_of_rows(fitted.history, rows, placement, n_before)
    ]
    order = np.argsort(np.concatenate([at for at, _ in parts]))
    return np.concatenate([states for _, states in parts])[order]


def _forecast_rows(
    fitted: Fitted, rows: np.ndarray, placement: Placement, return_std: bool
) -> Iterator[tuple[np.ndarray, np.ndarray, Any]]:
    """Forecast rows from the target's past; yield which, values and deviations."""
    for at, query in ask_for_rows(fitted.history, rows, placement):
        (values,) = fitted.forecast([query])
        yield at, values, fitted.spread([query])[0] if return_std else None


def _regress_rows(
    fitted: Fitted, rows: np.ndarray, placement: Placement, return_std: bool
) -> Iterator[tuple[np.ndarray, np.ndarray, Any]]:
    """Predict rows from rows; yield which, values and deviations."""
    n_before = fitted.model.spec.window_length
    for at, context in context_of_rows(fitted.history, rows, placement, n_before):
        values = fitted.predict_rows(rows[at], context)
        std = fitted.spread_of_rows(rows[at], context) if return_std else None
        yield at, values, std


def _compute_quantiles(estimator: Any, X: Any, levels: list[float]) -> np.ndarray:
    """Return quantiles of rows, (n_rows, n_outputs, n_levels)."""
    fitted, (rows, placement) = estimator._fitted, _read_rows(estimator, X)
    spec, history = fitted.model.spec, fitted.history
    values = np.empty((len(rows), spec.n_outputs, len(levels)))
    if spec.autoregressive:
        for at, query in ask_for_rows(history, rows, placement):
            (part,) = fitted.quantiles([query], levels)
            values[at] = part.reshape(len(at), -1, len(levels))
        return values
    n_before = spec.window_length
    for at, context in context_of_rows(history, rows, placement, n_before):
        values[at] = fitted.quantiles_of_rows(rows[at], context, levels)
    return values


def _predict_quantiles(estimator: Any, X: Any, quantiles: Any) -> np.ndarray:
    """Return quantiles as an array, one more axis for a list of levels."""
    levels = read_levels(quantiles, "quantiles")
    values = _compute_quantiles(estimator, X, levels)
    return _shape_quantiles(estimator, values, quantiles)


def _shape_quantiles(estimator: Any, values: np.ndarray, quantiles: Any) -> np.ndarray:
    """Drop the axes that were not asked for, of (n_rows, n_outputs, n_levels)."""
    if estimator._n_target_dimensions == 1:
        values = values[:, 0]
    return values[..., 0] if np.ndim(quantiles) == 0 else values


def quantiles_of_rows(estimator: Any, X: Any, alpha: Any = None) -> pd.DataFrame:
    """Return quantiles as a table, see `ProbabilisticMixin.predict_quantiles`."""
    levels = read_levels([0.05, 0.95] if alpha is None else alpha, "alpha")
    values = _compute_quantiles(estimator, X, levels)
    targets = range(values.shape[1])
    columns = pd.MultiIndex.from_product([targets, levels])
    return _label_rows(values, X, columns)


def interval_of_rows(estimator: Any, X: Any, coverage: Any = None) -> pd.DataFrame:
    """Return intervals as a table, see `ProbabilisticMixin.predict_interval`."""
    shares = read_levels(0.9 if coverage is None else coverage, "coverage")
    levels = [0.5 + side * share / 2 for share in shares for side in (-1, 1)]
    values = _compute_quantiles(estimator, X, levels)
    parts = [range(values.shape[1]), shares, ["lower", "upper"]]
    columns = pd.MultiIndex.from_product(parts)
    return _label_rows(values, X, columns)


def _label_rows(values: np.ndarray, X: Any, columns: pd.MultiIndex) -> pd.DataFrame:
    """Put (n_rows, n_outputs, n_levels) into a table on the index of X, if any."""
    X = as_pandas(X)
    index = X.index if isinstance(X, pd.DataFrame) else None
    return pd.DataFrame(values.reshape(len(values), -1), index, columns)


def score_rows(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> float:
    """Return R2 of the predictions of rows, those without a target left out."""
    truth, predicted = np.asarray(as_pandas(y), dtype=float), estimator.predict(X)
    truth = truth.reshape(predicted.shape)
    known = ~np.isnan(truth.reshape(len(truth), -1)).any(axis=1)
    weights = None if sample_weight is None else np.asarray(sample_weight)[known]
    return r2_score(truth[known], predicted[known], sample_weight=weights)
