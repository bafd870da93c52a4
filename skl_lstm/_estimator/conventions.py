"""Which convention a call uses: scikit-learn's `(X, y)` or sktime's `(y, X, fh)`.

Both conventions call the same method with the same kind of data in opposite order.
This module alone tells them apart, by the form of the call and by how many dimensions
the data have, never by their values. Data are returned uncopied and unchanged.
"""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias, TypeVar

import numpy as np
import pandas as pd
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._estimator.names import suggest
from skl_lstm._training.settings import Settings


class SupportsArray(Protocol):
    """A table, series or array of any library."""

    def __array__(self) -> Any:
        """Return its values."""

    def __len__(self) -> int:
        """Count its rows."""


class SupportsHorizon(Protocol):
    """A ForecastingHorizon: sktime has no types, so mypy takes its class for Any."""

    def to_relative(self, cutoff: Any = ...) -> Any:
        """Count its steps from the cutoff."""


Data: TypeAlias = SupportsArray | Sequence[Any]
Rows: TypeAlias = SupportsArray | Sequence[Sequence[float]]
Time: TypeAlias = int | pd.Timestamp | pd.Period | pd.Timedelta
Horizon: TypeAlias = Time | Sequence[Time] | np.ndarray | pd.Index | SupportsHorizon
Levels: TypeAlias = float | Sequence[float]
Forecast: TypeAlias = pd.Series | pd.DataFrame

Convention = Literal["sklearn", "sktime"]
# How each convention is entered, worded to follow "fitted as".
SPELLINGS: dict[Convention, str] = {
    "sklearn": "a scikit-learn regressor, `fit(X, y)`",
    "sktime": "a sktime forecaster, `fit(y=y, X=X, fh=fh)`",
}
_FIT_EITHER_WAY = f"Fit it as {SPELLINGS['sklearn']}, or as {SPELLINGS['sktime']}."
_FIT_SERIES = "To forecast series, pass them by keyword: `fit(y=...)`."


class FitCall(NamedTuple):
    """The arguments of `fit`, under their names, and the convention of the call."""

    convention: Convention
    y: Any
    X: Any = None
    fh: Any = None
    sample_weight: Any = None


class PredictCall(NamedTuple):
    """The arguments of `predict`, under their names."""

    X: Any = None
    fh: Any = None


def resolve_fit_call(
    args: tuple[Any, ...], kwargs: Mapping[str, Any], *, name: str, method: str = "fit"
) -> FitCall:
    """Tell which convention a call of `fit` uses.

    Read top down; the first row that fits decides. `a` and `b` have one dimension,
    `A` and `B` have two; `_` is anything.

    ============================================== ===================================
    call                                           read as
    ============================================== ===================================
    `fit(a, b, w)`, w with one float per row       TypeError: sample_weight by keyword
    `fh=` present (even None), or three positional sktime
    only keywords: `fit(y=_)`, `fit(y=_, X=_)`     sktime
    `fit(_)`, `fit(_, X=_)`                        sktime: `y` comes first
    `fit(a, None)`                                 sktime: `y=a`
    `fit(A, None)`                                 ValueError: y is required
    `fit(_, 3)`, scalar or ForecastingHorizon      TypeError: pass it as `fh=`
    three dimensions in either place               ValueError: two at most
    `fit(A, y=b)`, `fit(A, y=B)`                   scikit-learn: `X=A`
    `fit(a, B)`                                    sktime: `y=a, X=B`
    `fit(a, b)`, `fit(a, y=_)`                     ValueError: expected 2D array
    `fit(A, b)`                                    scikit-learn: `X=A, y=b`
    `fit(A, B)`, at most one of them a DataFrame   scikit-learn: `X=A, y=B`
    `fit(A, B)`, two DataFrames                    TypeError: ambiguous
    ============================================== ===================================

    None counts alike by position and by keyword. Where sktime's convention is sure
    (rows 2 to 4) data pass whatever their dimensions, since sktime takes panels as 3D
    arrays and lists; only y must not be None. Sparse data are a TypeError everywhere.

    Parameters
    ----------
    args : tuple
        Positional arguments of the call, without `self`.
    kwargs : mapping of str to object
        Keyword arguments of the call; only `X`, `y`, `fh` and, in scikit-learn's
        convention, `sample_weight` are legal.
    name : str
        Name of the estimator's class, for error messages.
    method : str, default="fit"
        Name of the method called, for error messages.

    Returns
    -------
    FitCall
        The convention and the arguments.

    Raises
    ------
    TypeError
        If the form of the call is wrong or ambiguous.
    ValueError
        If the target is missing or data have an illegal number of dimensions.
    """
    call, rest = f"{name}.{method}", dict(kwargs)
    weights = rest.pop("sample_weight", None)
    found = _resolve_data(args, rest, call)
    if weights is not None and found.convention == "sktime":
        raise TypeError(
            f"{call}() takes sample_weight only as {SPELLINGS['sklearn']}. To let the "
            "past of a series count less, set the parameter 'halflife'."
        )
    return found._replace(sample_weight=weights)


def _resolve_data(
    args: tuple[Any, ...], kwargs: Mapping[str, Any], call: str
) -> FitCall:
    """Decide by the data arguments, see `resolve_fit_call`."""
    # A `y` by keyword leaves only `X` for the first place.
    order = ("X", "y", "fh") if "y" in kwargs else ("y", "X", "fh")
    given = _bind(args, kwargs, order, call)
    if given.keys() <= {"fh"}:
        raise TypeError(f"{call}() got no data. {_FIT_EITHER_WAY}")
    _check_dense(given, call)
    if len(args) == 3:
        _check_not_weights(args[2], args[0], call)
    if args and given.keys() == {"X", "y"} and "X" not in kwargs:
        second = kwargs["y"] if "y" in kwargs else args[1]
        return _resolve_pair(args[0], second, "y" in kwargs, call)
    _check_target_given(given.get("y"), call)
    return FitCall("sktime", **given)


def _resolve_pair(first: Any, second: Any, is_named: bool, call: str) -> FitCall:
    """Decide the rows with two data arguments; `is_named` is the second one by `y=`."""
    if second is None and _n_dimensions(first) == 1:
        return FitCall("sktime", y=first)
    _check_target_given(second, call)
    _check_not_horizon(second, call)
    _check_at_most_2d(first, call)
    _check_at_most_2d(second, call)
    if not is_named:
        if (_n_dimensions(first), _n_dimensions(second)) == (1, 2):
            return FitCall("sktime", y=first, X=second)
        _check_not_two_frames(first, second, call)
    _check_2d(first, call)
    return FitCall("sklearn", y=second, X=first)


def resolve_predict_call(
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    *,
    convention: Convention,
    name: str,
    method: str = "predict",
) -> PredictCall:
    """Read a call of `predict` in the convention of the last `fit`.

    ============ ===================================== ============================
    fitted as    call                                  read as
    ============ ===================================== ============================
    scikit-learn `fh=` present (even None), a second   TypeError: fitted otherwise
                 argument, or a ForecastingHorizon
    scikit-learn `predict(a)`, 3 dimensions or a       ValueError: expected 2D array
                 scalar
    scikit-learn `predict(A)`, `predict(X=A)`          `X=A`
    sktime       two or more dimensions as `fh`        TypeError: fitted otherwise
    sktime       `predict(fh, X)`, with or without     `fh=fh, X=X`
                 keywords, both may be left out
    ============ ===================================== ============================

    Parameters
    ----------
    args, kwargs, name, method
        As for `resolve_fit_call`, but `X` and `fh` are the only legal keywords.
    convention : {"sklearn", "sktime"}
        The convention of the last `fit`.

    Returns
    -------
    PredictCall
        The arguments; `fh` is None after a scikit-learn fit.
    """
    call = f"{name}.{method}"
    if convention == "sklearn":
        return _resolve_sklearn_predict(args, kwargs, call)
    return _resolve_sktime_predict(args, kwargs, call)


def resolve_rows_call(
    args: tuple[Any, ...], kwargs: Mapping[str, Any], parameter: str, call: str
) -> tuple[Any, Any]:
    """Read ``method(X, parameter)`` of an estimator fitted on feature rows.

    Parameters
    ----------
    args, kwargs
        Arguments of the call.
    parameter : str
        What the method takes besides X.
    call : str
        Class and method, for errors.

    Returns
    -------
    X, value
        The rows, and the parameter's value; None where it was not given.
    """
    rest = dict(kwargs)
    if len(args) == 2 and parameter not in rest:
        rest[parameter] = args[1]
        args = args[:1]
    value = rest.pop(parameter, None)
    return _resolve_sklearn_predict(args, rest, call).X, value


def _resolve_sklearn_predict(
    args: tuple[Any, ...], kwargs: Mapping[str, Any], call: str
) -> PredictCall:
    given = _bind(args, kwargs, ("X", "fh"), call)
    if "fh" in given or isinstance(given.get("X"), ForecastingHorizon):
        raise TypeError(
            f"{call}() takes X alone, no forecasting horizon: this estimator was fitted"
            f" as {SPELLINGS['sklearn']}. To use fh, fit it as {SPELLINGS['sktime']}."
        )
    if not given:
        raise TypeError(f"{call}() missing 1 required positional argument: 'X'")
    _check_dense(given, call)
    _check_2d(given["X"], call)
    return PredictCall(X=given["X"])


def _resolve_sktime_predict(
    args: tuple[Any, ...], kwargs: Mapping[str, Any], call: str
) -> PredictCall:
    horizon = args[0] if args else kwargs.get("fh")
    # Before names are bound: `predict(X, fh=fh)` deserves more than "multiple values".
    if _n_dimensions(horizon) >= 2:
        raise TypeError(
            f"{call}() takes the forecasting horizon first: this estimator was fitted"
            f" as {SPELLINGS['sktime']}. Got a {_n_dimensions(horizon)}D"
            f" {type(horizon).__name__} instead. Pass features by keyword,"
            f" `predict(fh=fh, X=X)`, or fit it as {SPELLINGS['sklearn']}."
        )
    given = _bind(args, kwargs, ("fh", "X"), call)
    _check_dense(given, call)
    return PredictCall(**given)


def _bind(
    args: tuple[Any, ...], kwargs: Mapping[str, Any], order: tuple[str, ...], call: str
) -> dict[str, Any]:
    """Name the arguments of a call as Python would, with errors like Python's."""
    if len(args) > len(order):
        raise TypeError(
            f"{call}() takes at most {len(order)} positional arguments,"
            f" {', '.join(order)}. Got {len(args)} instead."
        )
    given = dict(zip(order, args, strict=False))
    for key, value in kwargs.items():
        if key == "sample_weight":
            raise TypeError(f"sample_weight is not supported by {call}().")
        if key not in order:
            raise TypeError(
                f"{call}() got an unexpected keyword argument {key!r}."
                f"{_point_to_constructor(key, call)}"
            )
        if key in given:
            raise TypeError(f"{call}() got multiple values for argument {key!r}")
        given[key] = value
    return given


def _point_to_constructor(key: str, call: str) -> str:
    """Say that a keyword is a parameter of the constructor, if it is one."""
    name, names = call.partition(".")[0], [field.name for field in fields(Settings)]
    if key in names:
        return f" It is a parameter of the constructor: {name}({key}=...)."
    return suggest(key, names).replace("mean", "mean the constructor's")


def _n_dimensions(data: Any) -> int:
    """Count dimensions; of nested lists by their first entries, to copy nothing."""
    ndim = getattr(data, "ndim", None)
    if isinstance(ndim, int):
        return ndim
    if isinstance(data, (list, tuple)):
        return 1 + _n_dimensions(data[0]) if data else 1
    return np.asarray(data).ndim


def _check_dense(given: Mapping[str, Any], call: str) -> None:
    for key, data in given.items():
        # The type is asked, as a DataFrame shows its columns as attributes too.
        if hasattr(type(data), "tocsr"):
            raise TypeError(
                f"{call}() does not support sparse data for {key}. Got"
                f" {type(data).__name__} instead. Make it dense with `.toarray()`."
            )


def _check_target_given(y: Any, call: str) -> None:
    if y is None:
        raise ValueError(
            f"{call}() requires y to be passed, but the target y is None. {_FIT_SERIES}"
        )


def _check_at_most_2d(data: Any, call: str) -> None:
    if (n_dimensions := _n_dimensions(data)) > 2:
        raise ValueError(
            f"{call}() takes two dimensions at most, one row per time step: it cuts the"
            f" windows itself. Got {n_dimensions} instead. {_FIT_SERIES}"
        )


def _check_2d(X: Any, call: str) -> None:
    _check_at_most_2d(X, call)
    if (n_dimensions := _n_dimensions(X)) < 2:
        # These are scikit-learn's own words: its conformance checks look for them.
        raise ValueError(
            f"Expected 2D array, got {('scalar', '1D')[n_dimensions]} array instead:\n"
            f"array={np.asarray(X)}.\nReshape your data either using"
            " array.reshape(-1, 1) if your data has a single feature or"
            " array.reshape(1, -1) if it contains a single sample.\n"
            f"{call}() takes X first in scikit-learn's convention. {_FIT_SERIES}"
        )


def _check_not_horizon(second: Any, call: str) -> None:
    if isinstance(second, ForecastingHorizon) or _n_dimensions(second) == 0:
        raise TypeError(
            f"The second argument of {call}() must be data. Got {second!r} instead."
            " Pass a forecasting horizon by keyword: `fit(y, fh=fh)`."
        )


def _check_not_two_frames(first: Any, second: Any, call: str) -> None:
    # `columns` marks the frames of all libraries that scikit-learn or sktime take.
    if hasattr(type(first), "columns") and hasattr(type(second), "columns"):
        raise TypeError(
            f"{call}() cannot tell which of two DataFrames is the target."
            f" {_FIT_EITHER_WAY} In a scikit-learn pipeline, pass y as a Series or"
            " array (`y.squeeze()`)."
        )


def _check_not_weights(third: Any, first: Any, call: str) -> None:
    # No forecasting horizon holds floats, and an index never holds weights.
    if not hasattr(first, "__len__") or isinstance(third, pd.Index):
        return
    values = np.asarray(third)
    if values.dtype.kind == "f" and values.shape == (len(first),):
        raise TypeError(
            f"{call}() takes sample_weight by keyword. Its third argument is fh."
        )


Function = TypeVar("Function", bound=Callable[..., Any])


def show_signature(example: Callable[..., Any]) -> Callable[[Function], Function]:
    """Show a signature to help and introspection, while every call form goes through.

    ``fit(y, X=X)`` gives ``X`` twice to a function declared as ``fit(X, y)``, so the
    methods take any arguments, and `resolve_fit_call` and its like sort them.

    Parameters
    ----------
    example : callable
        Has the signature to show, such as ``lambda self, X, y=None: None``.
    """
    signature = inspect.signature(example)

    def decorate(function: Function) -> Function:
        function.__signature__ = signature  # type: ignore[attr-defined]
        return function

    return decorate
