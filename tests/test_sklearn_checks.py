"""scikit-learn's own conformance checks, over every class and both meanings of X.

The three classes differ in their cell alone: `make test` runs the whole suite for one
of them and a sample for the others, whose suites `make test-slow` runs as a whole.
"""

from collections import Counter

import pytest
from sklearn.utils.estimator_checks import (
    estimator_checks_generator,
    parametrize_with_checks,
)

from skl_lstm import GRUForecaster, LSTMForecaster, SimpleRNNForecaster
from skl_lstm._engine.cache import PROGRAMS

ORDER_MATTERS = "rows are time steps: a window reads the rows before its own"
ROWS_REPEATED = "it repeats and shuffles rows, which then are another series"
EXPECTED_FAILURES = {
    "check_methods_sample_order_invariance": ORDER_MATTERS,
    "check_methods_subset_invariance": ORDER_MATTERS,
    "check_sample_weight_equivalence_on_dense_data": ROWS_REPEATED,
}
MOST_PROGRAMS = 25

# What `make test` asks of the other classes: their names and parameters, and fits that
# learn, of one output and several, are repeated, and kept.
SAMPLE = {
    "check_dont_overwrite_parameters",
    "check_estimator_cloneable",
    "check_estimators_pickle",
    "check_fit_idempotent",
    "check_get_params_invariance",
    "check_mixin_order",
    "check_parameters_default_constructible",
    "check_regressor_multioutput",
    "check_set_params",
}

# How many checks of each suite have run in this process, and what they compiled.
N_CHECKS, N_PROGRAMS = Counter(), Counter()


def make_estimators(**parameters):
    return [
        cls(autoregressive=autoregressive, **parameters)
        for cls in (LSTMForecaster, GRUForecaster, SimpleRNNForecaster)
        for autoregressive in (False, True)
    ]


# Defaults but for the number of epochs: enough of them for an R2 above a half.
ESTIMATORS = make_estimators(epochs=5, random_state=0)
# Those whose suite `make test` runs as a whole, and the others.
WHOLE, SAMPLED = ESTIMATORS[:2], ESTIMATORS[2:]

every_estimator = pytest.mark.parametrize("estimator", ESTIMATORS, ids=repr)


def run_and_count(estimator, check):
    suite, n_before = repr(estimator), PROGRAMS.n_built
    try:
        check(estimator)
    finally:
        N_CHECKS[suite] += 1
        N_PROGRAMS[suite] += PROGRAMS.n_built - n_before


def list_checks(estimators):
    return parametrize_with_checks(
        estimators, expected_failed_checks=lambda estimator: EXPECTED_FAILURES
    )


@list_checks(WHOLE)
def test_conforms_to_scikit_learn(estimator, check):
    run_and_count(estimator, check)


@pytest.mark.slow
@list_checks(SAMPLED)
def test_other_cells_conform_to_scikit_learn(estimator, check):
    run_and_count(estimator, check)


# Each cell and each meaning of X; the other two pairs are left to `make test-slow`.
@pytest.mark.parametrize(
    "estimator",
    [
        pytest.param(one, marks=[] if i in (0, 3) else pytest.mark.slow)
        for i, one in enumerate(SAMPLED)
    ],
    ids=repr,
)
@pytest.mark.parametrize("name", sorted(SAMPLE))
def test_other_cells_pass_a_sample_of_the_checks(estimator, name):
    checks = [
        check
        for _, check in estimator_checks_generator(estimator)
        if check.func.__name__ == name
    ]
    assert checks
    for check in checks:
        check(estimator)


@pytest.mark.parametrize(
    "estimator",
    [*WHOLE, *(pytest.param(one, marks=pytest.mark.slow) for one in SAMPLED)],
    ids=repr,
)
def test_a_whole_suite_builds_few_programs(estimator):
    suite = repr(estimator)
    checks = list(estimator_checks_generator(estimator))
    if N_CHECKS[suite] < len(checks):
        pytest.skip("counts the checks above: they have not all run in this process")
    assert 1 <= N_PROGRAMS[suite] <= MOST_PROGRAMS


@every_estimator
def test_nothing_is_exempt_from_the_checks(estimator):
    tags = estimator.__sklearn_tags__()
    assert tags.estimator_type == "regressor"
    assert tags.requires_fit
    assert not tags.no_validation
    assert not tags.non_deterministic
    assert not tags.regressor_tags.poor_score
    assert not tags._skip_test
    # Tags of sktime that leave out tests of its own suite.
    skipping = {
        name: value
        for name, value in estimator.get_tags().items()
        if name.startswith("tests:skip") and value
    }
    assert not skipping


@every_estimator
def test_only_checks_of_the_order_of_rows_may_fail(estimator):
    generated = {
        check.func.__name__ for _, check in estimator_checks_generator(estimator)
    }
    # Each of them would be run: the names are spelled right.
    assert generated >= EXPECTED_FAILURES.keys()
    assert len(generated) > 40


@pytest.mark.slow
@list_checks(make_estimators())
def test_conforms_to_scikit_learn_by_default(estimator, check):
    check(estimator)
