"""Tests of saving and loading models, and what they share."""

import numpy as np
import pandas as pd

from skl_lstm import LSTMForecaster
from skl_lstm._persistence import KINDS
from skl_lstm._persistence._archive import pack, unpack
from skl_lstm._persistence._values import Decoder, Encoder

N_ROWS, N_AHEAD = 30, 4
SMALL = {
    "units": 2,
    "epochs": 1,
    "window_length": 4,
    "horizon": 2,
    "early_stopping": False,
    "random_state": 0,
}
VALUES = 5 + np.sin(np.arange(N_ROWS + N_AHEAD) / 3)


def make_series(index=None, **changes):
    """Fit a forecaster to the first rows of an index."""
    y = pd.Series(VALUES, index=index)[:N_ROWS]
    return LSTMForecaster(**(SMALL | changes)).fit(y, fh=[1, 2])


def make_rows(cls=LSTMForecaster, **changes):
    """Fit a regressor on named columns."""
    X = pd.DataFrame({"a": VALUES, "b": VALUES[::-1]})[:N_ROWS]
    return cls(**(SMALL | changes)).fit(X, VALUES[:N_ROWS] + 1)


def make_panel(index):
    """Return two series of different levels."""
    ids = pd.MultiIndex.from_product([["one", "two"], index], names=["series", "time"])
    return pd.DataFrame({"y": np.tile(VALUES[: len(index)], 2) + ids.codes[0]}, ids)


def there_and_back(value):
    """Send a value through a file's bytes."""
    encoder = Encoder(KINDS)
    node = encoder.encode(value)
    data = pack({"value": node}, encoder.arrays)
    manifest, arrays = unpack(data)
    return Decoder(KINDS, arrays, len(data)).decode(manifest["value"])


def fitted_attributes(estimator):
    """Return every public attribute that `fit` made, pretrained models aside."""
    parameters = estimator.get_params(deep=False)
    names = (n for n in vars(estimator) if n.endswith("_") and n not in parameters)
    return {n: getattr(estimator, n) for n in names if not n.startswith("pretrained")}
