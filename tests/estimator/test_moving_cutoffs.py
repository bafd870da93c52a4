"""Forecasts from one cutoff after the other."""

from copy import deepcopy

import numpy as np
import pandas as pd
import pytest
from sktime.split import ExpandingWindowSplitter

from tests.estimator.sktime_cases import (
    FH,
    WINDOW,
    assert_same_weights,
    both_classes,
    make,
    network_forecasts,
    weights_of,
)

# Moving cutoffs ---------------------------------------------------------------


@both_classes
@pytest.mark.parametrize("update_params", [True, False])
def test_update_predict_equals_a_loop_of_update_and_predict(
    cls, update_params, airline
):
    train, test = airline[:100], airline[100:]
    forecaster = make(cls).fit(train)
    cv = ExpandingWindowSplitter(fh=FH, initial_window=6, step_length=12)
    forecasts = forecaster.update_predict(test, cv, update_params=update_params)

    by_hand, n_folds = deepcopy(forecaster), 0
    for seen, _ in cv.split(test):
        by_hand.update(test.iloc[seen], update_params=update_params)
        expected = by_hand.predict(fh=FH)
        cutoff = test.index[seen[-1]]
        found = forecasts[cutoff].dropna()
        np.testing.assert_array_equal(found, expected)
        assert list(found.index) == list(expected.index)
        n_folds += 1
    assert n_folds == 3


def test_update_predict_leaves_the_forecaster_as_it_was(airline):
    forecaster = make().fit(airline[:100])
    before, weights = forecaster.predict(fh=FH), weights_of(forecaster)
    forecaster.update_predict(airline[100:], ExpandingWindowSplitter(fh=FH))
    assert forecaster.cutoff[0] == airline.index[99]
    assert_same_weights(weights_of(forecaster), weights)
    pd.testing.assert_series_equal(forecaster.predict(fh=FH), before)


def test_update_predict_over_training_rows_reads_none_after_the_cutoff(shampoo):
    forecaster = make(theta_share=0).fit(shampoo)
    cv = ExpandingWindowSplitter(fh=FH, initial_window=WINDOW, step_length=5)
    forecasts = forecaster.update_predict(shampoo, cv, update_params=False)
    by_hand = network_forecasts(forecaster, shampoo.to_numpy())
    cutoffs = [shampoo.index[seen[-1]] for seen, _ in cv.split(shampoo)]
    assert len(cutoffs) == 6
    for i, cutoff in enumerate(cutoffs):
        found = forecasts[cutoff].dropna().to_numpy()
        np.testing.assert_allclose(found, by_hand[5 * i, :, 0], rtol=1e-4)


@pytest.mark.parametrize("update_params", [True, False])
def test_update_predict_is_blind_to_rows_after_each_cutoff(update_params, airline):
    cv = ExpandingWindowSplitter(fh=FH, initial_window=6, step_length=12)
    forecaster = make().fit(airline[:100])
    truth = airline[100:]
    changed = truth.copy()
    changed.iloc[20:] *= 3.0
    one, other = (
        forecaster.update_predict(y, cv, update_params=update_params)
        for y in (truth, changed)
    )
    # Cutoffs after 6 and 18 new rows lie before the change, the third behind it.
    for cutoff in truth.index[[5, 17]]:
        pd.testing.assert_series_equal(one[cutoff].dropna(), other[cutoff].dropna())
    third = truth.index[29]
    assert not np.allclose(one[third].dropna(), other[third].dropna(), rtol=0.1)


def test_update_predict_takes_the_rows_of_X_that_each_cutoff_needs(us_change):
    y, X = us_change
    forecaster = make().fit(y=y[:150], X=X[:150])
    cv = ExpandingWindowSplitter(fh=FH, initial_window=5, step_length=10)
    forecasts = forecaster.update_predict(y[150:-3], cv, X=X[150:], update_params=False)
    by_hand = deepcopy(forecaster)
    by_hand.update(y[150:165], X=X[150:165], update_params=False)
    expected = by_hand.predict(fh=FH, X=X[165:168])
    np.testing.assert_array_equal(forecasts[164].dropna(), expected)
