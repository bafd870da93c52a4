"""One small series and its fits, for the tests of training."""

import numpy as np
import pandas as pd

from skl_lstm import LSTMForecaster

N_ROWS = 60
RNG = np.random.default_rng(0)
SERIES = pd.Series(np.sin(np.arange(N_ROWS) / 3) + 0.1 * RNG.standard_normal(N_ROWS))
# 60 rows make 54 windows: two steps an epoch.
SMALL = {
    "units": 2,
    "window_length": 4,
    "horizon": 3,
    "batch_size": 32,
    "early_stopping": False,
    "random_state": 0,
}
N_WINDOWS, STEPS_PER_EPOCH = 54, 2


def fit(cls=LSTMForecaster, epochs=3, **parameters):
    return cls(epochs=epochs, **(SMALL | parameters)).fit(SERIES, fh=[1, 2, 3])
