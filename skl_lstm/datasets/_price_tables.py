"""From price bars on a common index to what the public functions return."""

import pandas as pd

from skl_lstm.datasets._price_index import regularize

FEATURES = ("Open", "High", "Low", "Volume")


def assemble_series(
    tables: dict[str, pd.DataFrame],
    interval: str,
    holidays: str,
    *,
    column: str = "Close",
    single: bool,
) -> pd.Series | pd.DataFrame:
    """Return one column of each table: a Series if ``single``, else a DataFrame."""
    tables = regularize(tables, interval, holidays)
    chosen = {symbol: table[column] for symbol, table in tables.items()}
    if single:
        ((symbol, series),) = chosen.items()
        return series.rename(symbol)
    return pd.DataFrame(chosen)


def assemble_features(
    tables: dict[str, pd.DataFrame],
    interval: str,
    holidays: str,
    *,
    column: str = "Close",
    single: bool,
) -> tuple[pd.DataFrame, pd.Series]:
    """Return ``(X, y)``: y is a column of the first table, X all the others.

    Parameters
    ----------
    tables : dict of str to DataFrame
        As the head of `_price_index` says.
    interval, holidays : str
        As in `regularize`.
    column : str, default="Close"
        The column of the first table that becomes y.
    single : bool
        Whether the columns of X go without the symbol: "Open", not "AAPL_Open".

    Returns
    -------
    X : DataFrame of shape (n_samples, n_features)
        Rows from the first to the last day known for every symbol.
    y : Series of shape (n_samples,)
        The target, named after its symbol.

    Raises
    ------
    ValueError
        No row, or no column for X, is left.
    """
    tables = regularize(tables, interval, holidays)
    rows = _find_common_rows(tables)
    target = next(iter(tables))
    columns = {
        name if single else f"{symbol}_{name}": table.loc[rows, name]
        for symbol, table in tables.items()
        for name in _list_features(table, column, is_target=symbol == target)
    }
    if not columns:
        raise ValueError(
            "`return_X_y=True` needs a column besides the target. Got only "
            f"{column!r} instead. Use `return_X_y=False`."
        )
    return pd.DataFrame(columns), tables[target].loc[rows, column].rename(target)


def _list_features(table: pd.DataFrame, column: str, *, is_target: bool) -> list[str]:
    """Return the columns for X; the closes of other symbols are features too."""
    names = [name for name in (*FEATURES, "Close") if name in table]
    return [name for name in names if not (is_target and name == column)]


def _find_common_rows(tables: dict[str, pd.DataFrame]) -> slice:
    closes = pd.DataFrame({symbol: table["Close"] for symbol, table in tables.items()})
    # Between the first and the last close of every symbol, gaps included.
    is_known = (closes.ffill().notna() & closes.bfill().notna()).all(axis=1)
    rows = closes.index[is_known]
    if rows.empty:
        raise ValueError(
            "`return_X_y=True` needs days that are known of every symbol. Got "
            f"{', '.join(tables)}, which have none in common. Use other symbols."
        )
    return slice(rows[0], rows[-1])
