"""predict_var(cov=True): how the errors of the steps go together."""

import numpy as np
import pandas as pd
import pytest
from sktime.datasets import load_airline, load_macroeconomic

from tests.estimator.sktime_cases import make


@pytest.fixture(scope="module")
def forecaster():
    return make().fit(load_airline())


@pytest.mark.parametrize("fh", [[1, 2, 3], [2, 7, 9], [-4, 0, 1, 5]], ids=str)
def test_covariances_have_the_variances_on_their_diagonal(fh, forecaster):
    cov = forecaster.predict_var(fh=fh, cov=True)
    variances = forecaster.predict_var(fh=fh)
    assert cov.shape == (len(fh), len(fh))
    assert list(cov.index) == list(variances.index) == list(cov.columns.levels[1])
    np.testing.assert_allclose(np.diag(cov), variances.to_numpy().ravel())
    np.testing.assert_allclose(cov, cov.T)
    assert np.linalg.eigvalsh(cov).min() > -1e-9 * np.diag(cov).max()


def test_errors_of_neighboring_steps_go_together(forecaster):
    cov = forecaster.predict_var(fh=[1, 2, 3], cov=True).to_numpy()
    std = np.sqrt(np.diag(cov))
    correlations = cov / np.outer(std, std)
    assert (np.abs(correlations[np.triu_indices(3, 1)]) <= 1).all()
    # The series wanders: what is missed at one step is missed at the next.
    assert correlations[0, 1] > 0.3
    assert correlations[0, 1] > correlations[0, 2]


def test_steps_up_to_the_cutoff_are_independent(forecaster):
    cov = forecaster.predict_var(fh=[-1, 0, 1], cov=True).to_numpy()
    np.testing.assert_array_equal(cov - np.diag(np.diag(cov)), 0)


def test_each_target_column_has_a_column_for_each_step():
    y = load_macroeconomic()[["infl", "unemp"]]
    forecaster = make().fit(y=y)
    cov, variances = (forecaster.predict_var(fh=[1, 2], cov=c) for c in (True, False))
    assert cov.shape == (2, 4)
    for column in y.columns:
        np.testing.assert_allclose(np.diag(cov[column]), variances[column])


def test_series_that_end_at_different_times_have_columns_by_step():
    y = load_airline()
    panel = pd.concat({"a": y[:100], "b": y[:90] + 1}).to_frame("y")
    cov = make().fit(y=panel).predict_var(fh=[1, 4], cov=True)
    assert cov.shape == (4, 2)
    assert list(cov.columns) == [("y", 1), ("y", 4)]
    assert np.linalg.eigvalsh(cov.loc["b"]).min() >= 0
