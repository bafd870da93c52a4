"""Scaling: scikit-learn's numbers, to the last bit."""

import numpy as np
import pytest
from sklearn.preprocessing import PowerTransformer, StandardScaler

from skl_lstm._series.history import History
from skl_lstm._windows.scaling import fit_scalings, invert_each

SCALERS = {
    "none": None,
    "standard": "standard",
    "minmax": "minmax",
    "robust": "robust",
    "uncentered": StandardScaler(with_mean=False),
    "unscaled": StandardScaler(with_std=False),
    "power": PowerTransformer(),
}


@pytest.fixture(scope="module")
def history():
    rng = np.random.default_rng(0)
    y, X = rng.gamma(2.0, size=(50, 2)), rng.normal(size=(50, 3))
    y[3, 0] = X[5, 1] = np.nan
    return History(y, X, None)


@pytest.mark.parametrize("transform", [None, "log", "log1p", "sqrt"])
@pytest.mark.parametrize("name", SCALERS)
def test_numbers_are_those_of_the_transformers(history, name, transform):
    (scaling,) = fit_scalings(SCALERS[name], transform, [history])
    scaled = scaling.y.transform(history.y)
    np.testing.assert_array_equal(scaling.scale_targets(history.y), scaled)
    np.testing.assert_array_equal(
        scaling.invert(scaled.reshape(5, 10, 2)),
        scaling.y.inverse_transform(scaled).reshape(5, 10, 2),
    )
    np.testing.assert_array_equal(
        scaling.scale_features(history.X), scaling.X.transform(history.X)
    )
    np.testing.assert_array_equal(
        scaling.scaled_mean, scaling.y.transform(scaling.y_mean[None])[0]
    )


@pytest.mark.parametrize("transform", [None, "sqrt"])
@pytest.mark.parametrize("name", SCALERS)
def test_series_are_inverted_together_as_one_by_one(history, name, transform):
    other = History(10 * history.y[:30], history.X[:30], None)
    scalings = fit_scalings(SCALERS[name], transform, [history, other], (0, 200))
    scaled = np.random.default_rng(0).normal(size=(2, 7, 2)).astype("float32")
    one_by_one = [s.invert(own) for s, own in zip(scalings, scaled, strict=True)]
    np.testing.assert_array_equal(invert_each(scalings, scaled), np.stack(one_by_one))
