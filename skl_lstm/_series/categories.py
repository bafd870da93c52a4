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

    @property
    def known(self) -> dict[Any, list[Any]]:
        """The categories that ``fit`` saw, by column."""
        found = [] if self.encoder is None else self.encoder.categories_
        return dict(zip(self.categories, map(list, found), strict=True))

    def encode(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return X as numbers, the columns in their order, categories at the end.

        A category that ``fit`` did not see is a row of zeros; a missing one is a
        category of its own where ``fit`` saw any.

        Raises
        ------
        ValueError
            If a column of numbers holds something else, or infinity.
        """
        check_no_dates(X)
        if not X.columns.equals(self.columns):
            X = X[list(self.columns)]
        is_category = X.columns.isin(self.categories)
        numeric = X.loc[:, ~is_category]
        try:
            numbers = numeric.to_numpy(dtype=float, na_value=np.nan)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"The columns {list(numeric.columns)} of X must hold numbers, as they "
                f"did in fit: {error}."
            ) from error
        check_not_infinite(numbers, "X")
        coded = np.empty((len(X), 0))
        if self.encoder is not None:
            coded = self.encoder.transform(_as_objects(X.loc[:, is_category]))
        both = np.concatenate([numbers, coded], axis=1)
        return pd.DataFrame(both, index=X.index, columns=self.names)


def _as_objects(X: pd.DataFrame) -> pd.DataFrame:
    """Return categories as they are, whatever the type of their column.

    Missing is missing, whether it is spelled None, NA or NaN.
    """
    return X.astype(object).where(X.notna(), np.nan)


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


def keep_numbers(columns: Any) -> Encoding:
    """Return the encoding of columns that hold numbers alone."""
    return Encoding(pd.Index(columns), [], None, list(columns))


def learn_encoding(X: pd.DataFrame) -> Encoding:
    """Find the categories of the columns of X."""
    check_no_dates(X)
    is_category = np.array([_is_category(column) for _, column in X.items()], bool)
    categories, names = list(X.columns[is_category]), list(X.columns[~is_category])
    if not categories:
        return keep_numbers(X.columns)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    encoder.fit(_as_objects(X[categories]))
    for column, found in zip(categories, encoder.categories_, strict=True):
        names += [column] * len(found)
    return Encoding(X.columns, categories, encoder, names)
