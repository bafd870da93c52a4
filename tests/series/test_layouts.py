"""Long tables and other layouts: an error that says how to make a panel of them."""

import numpy as np
import pandas as pd
import pytest

from skl_lstm import LSTMForecaster
from tests.estimator.error_cases import SMALL

DATES = pd.date_range("2024-01-01", periods=20, freq="D")
LONG = pd.DataFrame(
    {
        "store": np.repeat(["S1", "S0"], 20),
        "date": np.tile(DATES, 2),
        "sales": np.sin(np.arange(40.0)),
    }
)
PANEL = LONG.set_index(["store", "date"])
MADE = r"set_index\(\['store', 'date'\]\)\.sort_index\(\)"
AS_TEXT = LONG.assign(date=LONG["date"].astype(str))
LAYOUTS = {
    # name: (y, error, what the message says)
    "columns": (LONG, TypeError, MADE),
    "columns-of-text": (AS_TEXT, TypeError, MADE),
    "categories": (LONG.astype({"store": "category"}), TypeError, MADE),
    "a-column-of-dates": (LONG[["date", "sales"]][:20], TypeError, r"y\.set_index\("),
    "dates-as-text": (
        AS_TEXT.set_index(["store", "date"]),
        ValueError,
        r"df\['date'\] = pd.to_datetime\(df\['date'\]\)",
    ),
    "dates-first": (PANEL.swaplevel(), ValueError, r"after the names.*swaplevel\(\)"),
    "dates-before-numbers": (
        LONG.assign(store=LONG["store"] == "S1").set_index(["date", "store"]),
        ValueError,
        r"after the names.*swaplevel\(\)",
    ),
    "unsorted": (PANEL[::-1], ValueError, r"chronological.*y\.sort_index\(\)"),
    "no-rows": (PANEL[:0], ValueError, "y has no rows"),
    "twice": (pd.concat([PANEL, PANEL[:1]]), ValueError, r"'S1'.* twice.*groupby"),
}


@pytest.mark.parametrize("case", LAYOUTS.values(), ids=LAYOUTS)
def test_a_layout_is_refused_with_the_cure(case):
    y, error, message = case
    forecaster = LSTMForecaster(**SMALL)
    with pytest.raises(error, match=message) as raised:
        forecaster.fit(y, fh=[1, 2])
    assert len(str(raised.value)) < 400
    assert not forecaster.is_fitted


def test_a_series_of_a_panel_is_read_as_its_only_column():
    forecasts = [
        LSTMForecaster(**SMALL).fit(y, fh=[1, 2]).predict()
        for y in (PANEL["sales"], PANEL, PANEL.sort_index())
    ]
    for one in forecasts[1:]:
        pd.testing.assert_frame_equal(one.sort_index(), forecasts[0].sort_index())
