"""Bad data: a worded error, and an estimator left usable."""

import numpy as np
import pandas as pd
import pytest

from skl_lstm import LSTMForecaster
from tests.estimator.error_cases import (
    INDEX,
    N_ROWS,
    SMALL,
    WORDED,
    X,
    Y,
    assert_usable,
    predict,
    spoil,
)

# Values -----------------------------------------------------------------------


TEXT_Y = pd.Series(["text"] * N_ROWS, index=Y.index)
BAD_DATA = {
    # name: (keyword arguments of fit, error, what the message says)
    "y-all-nan": ({"y": Y * np.nan}, ValueError, "NaN in every row"),
    "y-inf": ({"y": spoil(Y, np.inf)}, ValueError, "Input y contains infinity"),
    "y-minus-inf": ({"y": spoil(Y, -np.inf)}, ValueError, "Input y contains infinity"),
    "y-text": ({"y": TEXT_Y}, WORDED, "categorical|numeric"),
    "y-mixed": ({"y": spoil(Y, "text")}, WORDED, "categorical|numeric"),
    "X-all-nan": ({"y": Y, "X": X.assign(b=np.nan)}, ValueError, "NaN in every row"),
    "X-inf": ({"y": Y, "X": spoil(X, np.inf)}, ValueError, "Input X contains infinity"),
    "duplicates": ({"y": Y.set_axis(INDEX[[0, *range(39)]])}, WORDED, "unique|duplic"),
    "unsorted": ({"y": Y[::-1]}, WORDED, "monoton|sorted"),
    "X-later": ({"y": Y, "X": X[3:]}, ValueError, "X has no rows at .*2020-01-01"),
    "X-other-index": ({"y": Y, "X": X.reset_index(drop=True)}, WORDED, "index"),
    "no-rows": ({"y": Y[:0]}, WORDED, "."),
    "a-dict": ({"y": {"a": 1}}, WORDED, "."),
}


@pytest.mark.parametrize("case", BAD_DATA.values(), ids=BAD_DATA)
def test_bad_series_are_rejected(fitted, case):
    arguments, error, message = case
    for estimator in (LSTMForecaster(**SMALL), fitted["sktime"]):
        expected = predict(estimator) if estimator.is_fitted else None
        with pytest.raises(error, match=message):
            estimator.fit(**arguments)
        if expected is not None:
            assert_usable(estimator, expected)
        else:
            assert not estimator.is_fitted


BAD_TABLES = {
    "X-all-nan": (X.assign(b=np.nan), Y, ValueError, "Input X contains NaN in every"),
    "X-inf": (spoil(X, np.inf), Y, ValueError, "Input X contains infinity"),
    "y-all-nan": (X, Y * np.nan, ValueError, "contains NaN in every row"),
    "y-inf": (X, spoil(Y, np.inf), ValueError, "Input y contains infinity"),
    "y-text": (X, TEXT_Y, WORDED, "could not convert|numeric|dtype"),
    "more-rows-than-targets": (X, Y[:-1], ValueError, "inconsistent numbers"),
    "duplicates": (
        X.set_axis(INDEX[[0, *range(39)]]),
        Y,
        ValueError,
        "duplicate entries.*TimeSeriesSplit",
    ),
    "unsorted": (X[::-1], Y[::-1], ValueError, "unsorted.*shuffle=False"),
    "shuffled-numbers": (
        X.reset_index(drop=True)[::-1],
        Y.to_numpy(),
        ValueError,
        "unsorted.*shuffle=False",
    ),
    "no-columns": (X.to_numpy()[:, :0], Y, ValueError, "0 feature"),
    "no-target": (X, None, ValueError, "requires y to be passed"),
}


@pytest.mark.parametrize("case", BAD_TABLES.values(), ids=BAD_TABLES)
def test_bad_tables_are_rejected(fitted, case):
    table, target, error, message = case
    for estimator in (LSTMForecaster(**SMALL), fitted["sklearn"]):
        expected = predict(estimator) if estimator.is_fitted else None
        with pytest.raises(error, match=f"(?s){message}"):
            estimator.fit(table, target)
        if expected is not None:
            assert_usable(estimator, expected)
        else:
            assert not estimator.is_fitted
