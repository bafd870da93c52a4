"""sktime's conformance suite: every check, every class, every set of parameters.

The three classes differ in their cell alone. `make test` runs the suite for one of
them, the dearest checks with the first set of parameters, and a sample for the others;
`make test-slow` runs what is left: the others' suites as a whole, and the dearest
checks with every set.
"""

import importlib.util
from collections import Counter

import numpy as np
import pytest
from sktime.forecasting.tests._config import TEST_OOS_FHS
from sktime.utils.estimator_checks import check_estimator, parametrize_with_checks

from skl_lstm import GRUForecaster, LSTMForecaster, SimpleRNNForecaster

CLASSES = [LSTMForecaster, GRUForecaster, SimpleRNNForecaster]
# That whose suite `make test` runs, and those of which it runs a sample.
TESTED, SAMPLED = CLASSES[0], CLASSES[1:]
# Every check fits anew: a program for each fit would take far too long. How windows are
# read is chosen by the data, and each way is a program.
MOST_PROGRAMS = 60
# Of 1,231, and of 568 without the dearest, counted on sktime 1.2 with skpro. A suite
# that shrinks would pass by saying nothing.
FEWEST_CHECKS = {LSTMForecaster: 550, GRUForecaster: 1_000, SimpleRNNForecaster: 1_000}
# Those that fit some fifty networks and more for every set of parameters, and those of
# what is remembered, pretrained and laid out, whatever the network.
DEAREST = (
    "test__y_remember_data",
    "test__y_when_refitting",
    "test_cur_y_when_refitting",
    "test_fit_predict",
    "test_hierarchical_with_exogenous",
    "test_predict_interval",
    "test_predict_time_index",
    "test_predict_time_index_in_sample_full",
    "test_predict_time_index_with_X",
    "test_pretrain_clone_preserves_state",
    "test_pretrain_fit_predict_workflow",
    "test_pretrain_fitted_params_separation",
    "test_pretrain_not_reset_by_fit",
    "test_pretrain_state_transitions",
    "test_update_predict_predicted_index",
    "test_update_with_exogenous_variables",
)
# What `make test` asks of the other classes: their names and parameters, and fits that
# forecast, are updated, repeated, and kept.
SAMPLE = (
    "test_class_has_doctest_example",
    "test_clone",
    "test_constructor",
    "test_create_test_instances_and_names",
    "test_fit_idempotent",
    "test_get_params",
    "test_get_test_params",
    "test_has_common_interface",
    "test_persistence_via_pickle",
    "test_repr",
    "test_set_params",
    "test_update_predict_single",
    "test_valid_object_class_tags",
)

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

    # What other tests have left would make this suite look cheaper than it is, and more
    # programs than are kept would make it dearer.
    PROGRAMS.clear()
    limit = PROGRAMS.limit
    PROGRAMS.resize(MOST_PROGRAMS)
    yield PROGRAMS
    PROGRAMS.resize(limit)


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


def mark(cls, check):
    is_quick = cls is TESTED and check not in DEAREST
    return pytest.param(cls, check, marks=[] if is_quick else pytest.mark.slow)


@pytest.mark.parametrize(
    ("cls", "check"),
    [mark(cls, check) for cls, check in parametrize_with_checks(CLASSES).args[1]],
)
def test_conforms_to_sktime(cls, check, programs):
    before = programs.n_built
    results = run_check(cls, check)
    n_built[cls] += programs.n_built - before
    n_passed[cls] += len(results)


@pytest.mark.parametrize(
    ("cls", "check"),
    [
        *((TESTED, check) for check in DEAREST),
        *((cls, check) for cls in SAMPLED for check in SAMPLE),
    ],
)
def test_conforms_to_sktime_with_the_first_parameters(cls, check, programs):
    run_check(cls(**cls.get_test_params()[0]), check)


@pytest.mark.parametrize(
    "cls", [TESTED, *(pytest.param(cls, marks=pytest.mark.slow) for cls in SAMPLED)]
)
def test_a_whole_suite_builds_few_programs(cls):
    # Adds up what the tests above have counted: the suite is not run a second time.
    if n_passed[cls] < FEWEST_CHECKS[cls]:
        pytest.skip("the suite has not been run as a whole by this process")
    assert n_built[cls] <= MOST_PROGRAMS


@pytest.mark.slow
# The longest check fits some hundred networks of the default size.
@pytest.mark.timeout(1_200)
@parametrize_with_checks(CLASSES, obj_varname="cls", check_varname="check")
def test_conforms_to_sktime_with_untouched_defaults(cls, check):
    run_check(cls(), check)
