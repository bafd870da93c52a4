"""The rows that the engine reads, of one series or of thousands."""

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler
from sktime.utils._testing.hierarchical import _make_hierarchical

from skl_lstm import LSTMForecaster
from skl_lstm._windows.assembly import assemble_tails


@pytest.mark.parametrize(
    "options",
    [{}, {"y_transform": "log"}, {"scaler": MinMaxScaler()}],
    ids=["standard", "log", "minmax"],
)
def test_series_are_assembled_together_as_one_by_one(options):
    y = _make_hierarchical((3,), min_timepoints=40, max_timepoints=40, random_state=0)
    forecaster = LSTMForecaster(
        units=2, window_length=6, horizon=2, epochs=1, random_state=0, **options
    ).fit(y - y.min() + 1, fh=[1, 2, 3, 4])
    model = forecaster._fitted.model
    histories = list(forecaster._fitted.histories.values())

    def tails(which):
        return assemble_tails(
            model.spec,
            model.columns,
            [histories[i] for i in which],
            [model.scalings[i] for i in which],
            model.n_rows_read,
            4,
        )

    together, origins = tails([0, 1, 2])
    for i in range(3):
        alone, own_origins = tails([i])
        n_rows = len(alone.data.y)
        own = slice(i * n_rows, (i + 1) * n_rows)
        np.testing.assert_array_equal(together.data.y[own], alone.data.y)
        assert together.data.X[own].shape == alone.data.X.shape
        assert origins[i] - i * n_rows == own_origins[0]
        np.testing.assert_array_equal(together.zeros[i], alone.zeros[0])
