"""Ready search spaces, in the searches of three libraries."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV, ParameterGrid, TimeSeriesSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_lstm import LSTMForecaster, make_param_grid
from tests.estimator.sktime_cases import TINY


@pytest.mark.parametrize("n_samples", [10, 60, 144, 600, 5_000, 10**6])
@pytest.mark.parametrize("sp", [1, 4, 12, 24])
def test_a_grid_is_small_and_its_candidates_are_legal(n_samples, sp):
    grid = make_param_grid(n_samples, sp=sp)
    candidates = list(ParameterGrid(grid))
    assert len(candidates) <= 27
    assert len(grid["window_length"]) * len(grid["units"]) <= 16
    assert all(values for values in grid.values())
    defaults = LSTMForecaster().get_params()
    assert all(defaults[name] in values for name, values in grid.items())
    _, *lengths = grid["window_length"]
    if sp > 1:
        assert all(length % sp == 0 for length in lengths)
    # Wider networks, and longer windows, for more data.
    larger = make_param_grid(10 * n_samples, sp=sp)
    assert larger["units"][-1] >= grid["units"][-1]
    assert larger["window_length"][-1] >= lengths[-1]
    clone(LSTMForecaster()).set_params(**candidates[-1])


def test_numbers_that_are_none_are_told():
    with pytest.raises(ValueError, match=r"'n_samples'.*at least 1. Got 0"):
        make_param_grid(0)
    with pytest.raises(ValueError, match=r"'sp' parameter.*Got True"):
        make_param_grid(10, sp=True)


def test_candidates_are_halved_over_epochs_inside_a_pipeline():
    rng = np.random.default_rng(0)
    X, grid = rng.normal(size=(60, 2)), make_param_grid(40, prefix="lstm__")
    grid |= {"lstm__units": [2], "lstm__window_length": [4]}
    model = make_pipeline(StandardScaler(), LSTMForecaster(**TINY))
    model.steps[-1] = ("lstm", model.steps[-1][1])
    search = HalvingGridSearchCV(
        model,
        grid,
        resource="lstm__epochs",
        min_resources=1,
        max_resources=3,
        cv=TimeSeriesSplit(2),
        random_state=0,
    )
    search.fit(X, X[:, 0])
    assert search.n_candidates_ == [3, 1]
    assert search.best_params_["lstm__epochs"] == 3
