"""Exogenous columns as numbers: categories become columns of zeros and ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.preprocessing import OneHotEncoder

from skl_lstm._series.checks import check_not_infinite


def _is_category(column: pd.Series) -> bool:
    kinds = (pd.CategoricalDtype, pd.StringDtype)
    if isinstance(column.dtype, kinds):
        return True
    return column.dtype == object and not _holds_numbers(column)


def _holds_numbers(column: pd.Series) -> bool:
    try:
        pd.to_numeric(column)
    except (TypeError, ValueError):
        return False
    return True


@dataclass(frozen=True)
class Encoding:
    """How the columns of X become numbers.

    Attributes
    ----------
    columns : pandas.Index
        Names of the columns that `fit` saw.
    categories : list of str
        Those that hold categories.
    encoder : OneHotEncoder or None
        Fitted on them.
    names : list
        For each number of a row, the column it comes from.
    """

    columns: pd.Index
    categories: list[Any]
    encoder: OneHotEncoder | None
    names: list[Any]

    def encode(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return X as numbers, the columns in their order, categories at the end.

        A category that ``fit`` did not see is a row of zeros.

        Raises
        ------
        ValueError
            If a column of numbers holds something else, or infinity.
        """
        check_no_dates(X)
        numeric = X[[c for c in self.columns if c not in self.categories]]
        try:
            numbers = numeric.to_numpy(dtype=float)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"The columns {list(numeric.columns)} of X must hold numbers, as they "
                f"did in fit: {error}."
            ) from error
        check_not_infinite(numbers, "X")
        coded = np.empty((len(X), 0))
        if self.encoder is not None:
            coded = self.encoder.transform(X[self.categories].astype(object))
        both = np.concatenate([numbers, coded], axis=1)
        return pd.DataFrame(both, index=X.index, columns=self.names)


def _is_time(dtype: Any) -> bool:
    return dtype.kind in "mM" or isinstance(dtype, pd.PeriodDtype)


def check_no_dates(X: pd.DataFrame) -> None:
    """Raise if a column holds dates, which are no quantity.

    Raises
    ------
    ValueError
        Naming the columns.
    """
    dates = [c for c in X.columns if _is_time(X[c].dtype)]
    if dates:
        raise ValueError(
            f"The columns {dates} of X hold dates, which say nothing as numbers. Drop "
            "them (the index tells the time), or take what matters of them, for "
            f"example X[{dates[0]!r}].dt.dayofweek."
        )


def check_only_numbers(X: Any) -> None:
    """Raise if a column of a frame holds dates, text or categories.

    Raises
    ------
    ValueError
        Naming the columns.
    """
    if not isinstance(X, pd.DataFrame):
        return
    check_no_dates(X)
    categories = [c for c in X.columns if _is_category(X[c])]
    if categories:
        raise ValueError(
            f"The columns {categories} of X hold text or categories, but must hold "
            "numbers. Encode them, for example with OneHotEncoder in a Pipeline, or "
            "fit in sktime's convention, fit(y=y, X=X), which encodes them."
        )


def learn_encoding(X: pd.DataFrame) -> Encoding:
    """Find the categories of the columns of X."""
    check_no_dates(X)
    categories = [c for c in X.columns if _is_category(X[c])]
    names = [c for c in X.columns if c not in categories]
    if not categories:
        return Encoding(X.columns, [], None, names)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    encoder.fit(X[categories].astype(object))
    for column, found in zip(categories, encoder.categories_, strict=True):
        names += [column] * len(found)
    return Encoding(X.columns, categories, encoder, names)
