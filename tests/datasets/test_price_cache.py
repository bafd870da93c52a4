import numpy as np
import pandas as pd

from skl_lstm.datasets._price_cache import COLUMNS, PriceCache, Span


def test_what_is_read_is_what_was_stored_to_the_last_bit(tmp_path):
    cache = PriceCache(tmp_path, Span("2020-01-01", "2021-01-01", "1d"))
    values = np.exp(np.random.default_rng(0).normal(scale=9, size=(200, len(COLUMNS))))
    dates = pd.bdate_range("2020-01-01", periods=200, name="Date")
    table = pd.DataFrame(values, index=dates, columns=list(COLUMNS))
    table.iloc[3, 0] = np.nan
    cache.prepare()
    cache.store("^GSPC", table)
    stored = cache.read("^GSPC")
    np.testing.assert_array_equal(stored.to_numpy(), table.to_numpy())
    assert stored.index.equals(table.index)


def test_symbols_with_odd_characters_have_files_of_their_own(tmp_path):
    cache = PriceCache(tmp_path, Span("2020-01-01", "2021-01-01", "1d"))
    symbols = ["^GSPC", "GSPC", "M&M.NS", "EURUSD=X", "BRK-B", "..", "BTC-USD"]
    paths = {cache.build_path(symbol) for symbol in symbols}
    assert len(paths) == len(symbols)
    assert {path.parent for path in paths} == {tmp_path / "prices"}
