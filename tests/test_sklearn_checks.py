"""scikit-learn's own conformance checks, over both classes and both meanings of X."""

import pytest
from sklearn.utils.estimator_checks import check_estimator, parametrize_with_checks

from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm._engine.program import PROGRAMS

ORDER_MATTERS = "rows are time steps: a window reads the rows before its own"
EXPECTED_FAILURES = {
    "check_methods_sample_order_invariance": ORDER_MATTERS,
    "check_methods_subset_invariance": ORDER_MATTERS,
}
MOST_PROGRAMS = 25


def expected_failures(estimator):
    return EXPECTED_FAILURES


def make_estimators(**parameters):
    return [
        cls(autoregressive=autoregressive, random_state=0, **parameters)
        for cls in (LSTMForecaster, GRUForecaster)
        for autoregressive in (False, True)
    ]


@parametrize_with_checks(
    make_estimators(epochs=60), expected_failed_checks=expected_failures
)
def test_conforms_to_scikit_learn(estimator, check):
    check(estimator)
