"""One random_state, one forecast; nobody else's random numbers are touched."""

import random
import threading

import numpy as np
import pandas as pd
import pytest

from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm._engine.backend import keras, tf
from tests import crossed, hide_programs, run_python
from tests.estimator.sktime_cases import first_class

ESTIMATORS = [LSTMForecaster, GRUForecaster]
N_ROWS = 40
RNG = np.random.default_rng(0)
SERIES = pd.Series(np.sin(np.arange(N_ROWS) / 3) + 0.1 * RNG.standard_normal(N_ROWS))
FEATURES = RNG.standard_normal((N_ROWS, 2))
STEPS = [1, 2, 5]
# Dropout, so that every source of randomness takes part; no held-out tail, so that
# every epoch does.
SMALL = {
    "units": 2,
    "epochs": 2,
    "window_length": 4,
    "horizon": 2,
    "dropout": 0.2,
    "early_stopping": False,
    "random_state": 0,
}


def forecast(cls=LSTMForecaster, series=SERIES, **changes):
    forecaster = cls(**(SMALL | changes))
    return forecaster.fit(series, fh=STEPS).predict().to_numpy()


def regress(cls=LSTMForecaster, **changes):
    regressor = cls(**(SMALL | changes))
    return regressor.fit(FEATURES, SERIES).predict(FEATURES)


RUNS = [forecast, regress]


def work_with_tensorflow():
    """Draw, build and train with TensorFlow and Keras, as a user of both would."""
    keras.utils.set_random_seed(int(np.random.default_rng().integers(2**31)))
    tf.random.normal((10,))
    model = keras.Sequential([keras.layers.Dense(2), keras.layers.Dropout(0.5)])
    model.compile("sgd", "mse")
    model.fit(np.ones((8, 3)), np.ones((8, 2)), verbose=0)


# Equal seeds ------------------------------------------------------------------


@crossed(2, cls=ESTIMATORS, run=RUNS)
def test_one_seed_gives_one_result(cls, run):
    np.testing.assert_array_equal(run(cls), run(cls))


@pytest.mark.parametrize(
    ("run", "cls"), [(forecast, GRUForecaster), (regress, LSTMForecaster)]
)
def test_unrelated_work_with_tensorflow_changes_nothing(run, cls):
    first = run(cls)
    work_with_tensorflow()
    np.testing.assert_array_equal(run(cls), first)


def test_unrelated_work_before_a_program_is_built_changes_nothing(monkeypatch):
    first = forecast()
    hide_programs(monkeypatch)
    work_with_tensorflow()
    np.testing.assert_array_equal(forecast(), first)


def test_a_fresh_process_gives_the_same_numbers(tmp_path):
    np.save(tmp_path / "series.npy", SERIES)
    code = (
        "import sys, numpy as np, pandas as pd\n"
        "from skl_lstm import LSTMForecaster\n"
        "series = pd.Series(np.load(sys.argv[1] + '/series.npy'))\n"
        f"forecaster = LSTMForecaster(**{SMALL!r}).fit(series, fh={STEPS})\n"
        "np.save(sys.argv[1] + '/forecast.npy', forecaster.predict())\n"
    )
    run_python(code, tmp_path, PYTHONHASHSEED="7")
    np.testing.assert_array_equal(np.load(tmp_path / "forecast.npy"), forecast())


@pytest.mark.parametrize(
    "options",
    [
        {"recurrent_dropout": 0.3},
        {"n_estimators": 2},
        {"early_stopping": "auto"},
        {"early_stopping": True, "n_iter_no_change": 1},
    ],
    ids=lambda options: next(iter(options)),
)
def test_one_seed_gives_one_result_with_every_option(options):
    np.testing.assert_array_equal(forecast(**options), forecast(**options))


def test_an_update_is_reproducible():
    def update():
        forecaster = LSTMForecaster(**SMALL).fit(SERIES[:30], fh=STEPS)
        return forecaster.update(SERIES[30:]).predict()

    first = update()
    work_with_tensorflow()
    pd.testing.assert_series_equal(update(), first)


def test_predicting_twice_gives_the_same():
    forecaster = LSTMForecaster(**SMALL).fit(SERIES, fh=STEPS)
    pd.testing.assert_series_equal(forecaster.predict(), forecaster.predict())


# Different seeds --------------------------------------------------------------


@crossed(2, cls=ESTIMATORS, run=RUNS)
def test_different_seeds_give_different_results(cls, run):
    results = [run(cls, random_state=seed) for seed in range(3)]
    for i in range(3):
        for j in range(i):
            assert (results[i] != results[j]).all()


def test_zero_is_a_seed_and_none_is_not():
    np.testing.assert_array_equal(forecast(random_state=0), forecast(random_state=0))
    assert (forecast(random_state=None) != forecast(random_state=None)).all()


def test_a_random_state_instance_is_drawn_from():
    first = forecast(random_state=np.random.RandomState(3))
    np.testing.assert_array_equal(
        forecast(random_state=np.random.RandomState(3)), first
    )
    shared = np.random.RandomState(3)
    np.testing.assert_array_equal(forecast(random_state=shared), first)
    assert (forecast(random_state=shared) != first).all()


def test_numpy_integers_are_seeds():
    np.testing.assert_array_equal(
        forecast(random_state=np.int64(4)), forecast(random_state=4)
    )


def test_members_of_an_ensemble_differ():
    forecaster = LSTMForecaster(**SMALL, n_estimators=3).fit(SERIES, fh=STEPS)
    kernels = [member[0] for member in forecaster._fitted.model.networks.members]
    assert not np.array_equal(kernels[0], kernels[1])
    assert not np.array_equal(kernels[1], kernels[2])


# Refits -----------------------------------------------------------------------


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_a_refit_starts_from_fresh_weights(cls):
    forecaster = cls(**SMALL).fit(SERIES, fh=STEPS)
    first, weights = forecaster.predict(), forecaster.model_.get_weights()
    forecaster.fit(10 - 3 * SERIES, fh=STEPS)
    forecaster.fit(SERIES, fh=STEPS)
    pd.testing.assert_series_equal(forecaster.predict(), first)
    again = forecaster.model_.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(again, weights, strict=True))


def test_a_refit_after_the_other_convention_starts_from_fresh_weights():
    expected = regress()
    estimator = LSTMForecaster(**SMALL).fit(SERIES, fh=STEPS)
    estimator.fit(FEATURES, SERIES)
    np.testing.assert_array_equal(estimator.predict(FEATURES), expected)


def test_a_refit_after_an_update_starts_from_fresh_weights():
    forecaster = LSTMForecaster(**SMALL).fit(SERIES[:30], fh=STEPS)
    forecaster.update(SERIES[30:])
    forecaster.fit(SERIES, fh=STEPS)
    np.testing.assert_array_equal(forecaster.predict(), forecast())


# Other people's random numbers ------------------------------------------------


def fit_everything():
    for cls in ESTIMATORS:
        # Nobody else's specification, so that the program is built here.
        forecaster = cls(**(SMALL | {"recurrent_dropout": 0.1, "window_length": 5}))
        forecaster.fit(SERIES[:30], fh=STEPS)
        forecaster.update(SERIES[30:])
        forecaster.predict()
        _ = forecaster.model_


def draw_around(work):
    """Seed everything, work, and look at every generator before and after."""
    keras.utils.set_random_seed(5)
    first = tf.random.uniform((3,))
    before = np.random.get_state(), random.getstate()
    work()
    after = np.random.get_state(), random.getstate()
    layer = keras.layers.Dense(3)
    layer.build((None, 2))
    return {
        "numpy": (before[0], after[0]),
        "python": (before[1], after[1]),
        "tensorflow": (first, tf.random.uniform((3,))),
        "keras": (layer.get_weights()[0], keras.random.uniform((3,))),
    }


@pytest.fixture(scope="module")
def with_fits():
    """What the generators did around a number of fits."""
    return draw_around(fit_everything)


def test_the_global_seed_of_numpy_is_left_as_it_was(with_fits):
    before, after = with_fits["numpy"]
    np.testing.assert_array_equal(after[1], before[1])
    assert after[2:] == before[2:]


def test_the_global_seed_of_python_is_left_as_it_was(with_fits):
    before, after = with_fits["python"]
    assert after == before


@pytest.mark.parametrize("library", ["tensorflow", "keras"])
def test_the_global_seeds_of_tensorflow_and_keras_are_left_as_they_were(
    library, with_fits
):
    without, again = draw_around(lambda: None), draw_around(lambda: None)
    if not np.array_equal(without[library][1], again[library][1]):
        # Keras 3.8.
        pytest.skip(f"the seed of {library} does not set its generator back")
    for found, expected in zip(with_fits[library], without[library], strict=True):
        np.testing.assert_array_equal(found, expected)


# Threads ----------------------------------------------------------------------


def run_in_threads(tasks):
    """Start all tasks at once; return their results in order."""
    barrier, results = threading.Barrier(len(tasks)), [None] * len(tasks)

    def work(i):
        barrier.wait()
        results[i] = tasks[i]()

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(tasks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@first_class
def test_threads_of_one_specification_get_the_serial_numbers(cls, monkeypatch):
    series = [SERIES, 5 - 2 * SERIES]
    serial = [forecast(cls, y, epochs=10) for y in series]
    for attempt in range(4):
        if not attempt:
            # Once with the program to be built and traced by both.
            hide_programs(monkeypatch)
        tasks = [lambda y=y: forecast(cls, y, epochs=10) for y in series]
        for found, expected in zip(run_in_threads(tasks), serial, strict=True):
            np.testing.assert_array_equal(found, expected)


def test_threads_of_both_cells_and_conventions_get_the_serial_numbers(monkeypatch):
    tasks = [
        lambda: forecast(GRUForecaster),
        lambda: regress(LSTMForecaster),
    ]
    serial = [task() for task in tasks]
    hide_programs(monkeypatch)
    for found, expected in zip(run_in_threads(tasks), serial, strict=True):
        np.testing.assert_array_equal(found, expected)
