"""sktime's conformance suite: every check, every class, every set of parameters."""

import importlib.util
from collections import Counter

import numpy as np
import pytest
from sktime.forecasting.tests._config import TEST_OOS_FHS
from sktime.utils.estimator_checks import check_estimator, parametrize_with_checks

from skl_lstm import GRUForecaster, LSTMForecaster, SimpleRNNForecaster

CLASSES = [LSTMForecaster, GRUForecaster, SimpleRNNForecaster]
# Every check fits anew: a program for each fit would take far too long. How windows are
# read is chosen by the data, and each way is a program.
MOST_PROGRAMS = 60
# Counted on sktime 1.2 with skpro. A suite that shrinks would pass by saying nothing.
FEWEST_CHECKS = 1_000

n_built: Counter = Counter()
n_passed: Counter = Counter()


def run_check(forecaster, check):
    results = check_estimator(
        forecaster, tests_to_run=check, raise_exceptions=True, verbose=False
    )
    assert results, f"{check} found nothing to check"
    return results


@pytest.fixture(scope="module")
def programs():
    from skl_lstm._engine.cache import PROGRAMS

    # What other tests have left would make this suite look cheaper than it is.
    PROGRAMS.clear()
    return PROGRAMS


def test_skpro_is_installed():
    # Without it sktime's check of predict_proba passes by checking nothing.
    assert importlib.util.find_spec("skpro") is not None


@pytest.mark.parametrize("cls", CLASSES)
def test_parameter_sets_are_a_plain_a_deep_and_an_odd_horizon_network(cls):
    plain, deep, other = (cls(**params) for params in cls.get_test_params())
    assert isinstance(plain.units, int)
    assert (len(deep.units), deep.scaler) == (2, "minmax")
    assert deep.dropout > 0
    assert other.horizon not in {np.max(fh) for fh in TEST_OOS_FHS}


@parametrize_with_checks(CLASSES, obj_varname="cls", check_varname="check")
def test_conforms_to_sktime(cls, check, programs):
    before = programs.n_built
    results = run_check(cls, check)
    n_built[cls] += programs.n_built - before
    n_passed[cls] += len(results)


@pytest.mark.parametrize("cls", CLASSES)
def test_a_whole_suite_builds_few_programs(cls):
    # Adds up what the tests above have counted: the suite is not run a second time.
    if n_passed[cls] < FEWEST_CHECKS:
        pytest.skip("the suite has not been run as a whole by this process")
    assert n_built[cls] <= MOST_PROGRAMS


@pytest.mark.slow
# The longest check fits some hundred networks of the default size.
@pytest.mark.timeout(1_200)
@parametrize_with_checks(CLASSES, obj_varname="cls", check_varname="check")
def test_conforms_to_sktime_with_untouched_defaults(cls, check):
    run_check(cls(), check)
