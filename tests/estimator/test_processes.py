"""Real signals, threads, forks and killed workers."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import joblib
import numpy as np
import pandas as pd
import pytest
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, TimeSeriesSplit
from sktime.forecasting.model_selection import ForecastingGridSearchCV
from sktime.split import ExpandingWindowSplitter

import skl_lstm
from skl_lstm import LSTMForecaster
from skl_lstm._engine.backend import keras
from tests import ROOT, run_python

RNG = np.random.default_rng(0)
X = RNG.standard_normal((40, 2))
Y = np.sin(np.arange(40) / 3)
SMALL = {
    "units": 2,
    "epochs": 2,
    "window_length": 4,
    "horizon": 2,
    "batch_size": 8,
    "early_stopping": False,
    "random_state": 0,
}
posix = pytest.mark.skipif(os.name != "posix", reason="signals and forks of POSIX")

# Signals -----------------------------------------------------------------------

# Prints a line when training is under way, waits for the signal, says what it left.
INTERRUPTED = """
import joblib, keras, signal
import numpy as np
from skl_lstm import GRUForecaster, LSTMForecaster

# A process started in the background of a shell ignores it.
signal.signal(signal.SIGINT, signal.default_int_handler)

class Telling(keras.callbacks.Callback):
    said = False
    def on_epoch_end(self, epoch, logs=None):
        if not Telling.said:
            Telling.said = True
            print("training", flush=True)

def look():
    # The user's own callbacks are called, and may note what they saw.
    kept = {{k: v for k, v in vars(forecaster).items() if k != "callbacks"}}
    return {{k: (id(v), joblib.hash(v)) for k, v in kept.items()}}

cls, small, was_fitted, tells = {cls}, {small!r}, {was_fitted}, {tells}
y = np.sin(np.arange(60.0))
forecaster = cls(**small)
expected = cls(**small).fit(y, fh=[1, 2]).predict()
if was_fitted:
    forecaster.fit(y, fh=[1, 2])
forecaster.epochs = 10**6
forecaster.callbacks = [Telling()] if tells else None
before = look()
if not tells:
    print("training", flush=True)
try:
    forecaster.fit(2 * y, fh=[1, 2])
    print("not interrupted")
except KeyboardInterrupt:
    print("as before" if look() == before else "changed", forecaster.is_fitted)
if was_fitted:
    print(np.array_equal(forecaster.predict(), expected))
forecaster.epochs, forecaster.callbacks = small["epochs"], None
print(np.array_equal(forecaster.fit(y, fh=[1, 2]).predict(), expected))
"""


@posix
@pytest.mark.parametrize(
    ("cls", "was_fitted", "tells"),
    [
        # With callbacks: in `make test-slow`, as each case is a process. Callbacks that
        # are interrupted are in test_atomicity.py, too.
        pytest.param("LSTMForecaster", False, True, marks=pytest.mark.slow),
        pytest.param("GRUForecaster", True, True, marks=pytest.mark.slow),
        # Without callbacks hundreds of steps are one call of TensorFlow.
        ("LSTMForecaster", True, False),
    ],
)
def test_ctrl_c_leaves_the_forecaster_as_it_was(cls, was_fitted, tells):
    code = INTERRUPTED.format(cls=cls, small=SMALL, was_fitted=was_fitted, tells=tells)
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        # Whatever happens the test ends: a process that is killed closes its pipes.
        watchdog = threading.Timer(500, process.kill)
        watchdog.start()
        try:
            assert process.stdout.readline() == "training\n"
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            out, errors = process.communicate()
        finally:
            watchdog.cancel()
            process.kill()
    expected = [f"as before {was_fitted}", *["True"] * was_fitted, "True"]
    assert out.splitlines() == expected, errors


class Failing(keras.callbacks.Callback):
    """Raises at the end of the first epoch of a refit."""

    armed = False

    def on_epoch_end(self, epoch, logs=None):
        if Failing.armed:
            raise RuntimeError("of the user's own")


def test_an_exception_in_a_callback_leaves_the_model_file_it_was(tmp_path):
    forecaster = LSTMForecaster(**SMALL).fit(Y, fh=[1, 2])
    skl_lstm.save_model(forecaster, tmp_path / "before")
    forecaster.callbacks, Failing.armed = [Failing()], True
    try:
        with pytest.raises(RuntimeError, match="of the user's own"):
            forecaster.fit(2 * Y + 1, fh=[1])
    finally:
        Failing.armed = False
    forecaster.callbacks = None
    skl_lstm.save_model(forecaster, tmp_path / "after")
    before, after = ((tmp_path / name).read_bytes() for name in ("before", "after"))
    assert after == before


# Threads -----------------------------------------------------------------------


def test_threads_fit_predict_save_and_clear_at_once(tmp_path):
    """Eight threads on two programs, while another drops them again and again."""
    series = [Y * (i + 1) + i for i in range(8)]

    def work(i):
        options = SMALL | {"linear_skip": i % 2 == 0}
        forecaster = LSTMForecaster(**options).fit(series[i], fh=[1, 2, 5])
        skl_lstm.save_model(forecaster, tmp_path / f"{i}")
        again = skl_lstm.load_model(tmp_path / f"{i}")
        return [*forecaster.predict().ravel(), *again.predict([-2, 3]).ravel()]

    serial = [work(i) for i in range(8)]
    found, done = [None] * 8, threading.Event()

    def work_and_keep(i):
        found[i] = work(i)

    def clear():
        while not done.wait(0.2):
            skl_lstm.clear_programs()
            skl_lstm.set_program_limit(1)

    threads = [threading.Thread(target=work_and_keep, args=(i,)) for i in range(8)]
    clearing = threading.Thread(target=clear)
    try:
        for thread in (*threads, clearing):
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        done.set()
        clearing.join()
        skl_lstm.set_program_limit(16)
    assert found == serial


# Forks -------------------------------------------------------------------------

FORKED = """
import os, pickle, sys, warnings
import numpy as np
from skl_lstm import LSTMForecaster
y = np.sin(np.arange(30.0))
small = {small!r}

def fit():
    return LSTMForecaster(**small).fit(y, fh=[1, 2]).predict()

def predict():
    # A few windows need no TensorFlow.
    assert np.array_equal(forecaster.predict(), expected)
    return forecaster.predict(np.arange(1, 999))

def tell(work):
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        child = os.fork()
    if child == 0:
        try:
            answer = str(work().tolist())
        except BaseException as error:
            answer = type(error).__name__ + ": " + str(error)
        os.write(write, answer.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        print(pipe.read().replace(chr(10), " "))
    os.waitpid(child, 0)

tell(fit)
forecaster = LSTMForecaster(**small).fit(y, fh=[1, 2])
expected = forecaster.predict()
print(expected.tolist())
tell(predict)
tell(fit)
"""


@posix
def test_a_fork_works_before_tensorflow_started_and_says_what_to_do_after():
    code = FORKED.format(small=SMALL)
    before, expected, *after = run_python(code).stdout.splitlines()
    assert before == expected
    assert len(after) == 2
    said = "RuntimeError: This process was forked from one in which"
    for answer in after:
        assert answer.startswith(said)
        assert "'spawn'" in answer


# Workers -----------------------------------------------------------------------


class Killed(LSTMForecaster):
    """Kills the process that fits it, unless that is its home."""

    def __init__(self, home=0, units=2, epochs=1):
        self.home = home
        super().__init__(**(SMALL | {"units": units, "epochs": epochs}))

    def fit(self, *args, **kwargs):
        """Fit at home only."""
        if os.getpid() != self.home:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(*args, **kwargs)


def search(estimator, n_jobs, **options):
    grid = {"units": [2, 3], "epochs": [1, 2]}
    return GridSearchCV(
        estimator, grid, cv=TimeSeriesSplit(2), n_jobs=n_jobs, **options
    ).fit(X, Y)


FITS = {
    "sktime": lambda estimator: estimator.fit(y=Y, fh=[1, 2, 5]),
    "sklearn": lambda estimator: estimator.fit(X, Y),
}


def predict(estimator):
    """Predict in the convention of the last fit."""
    return estimator.predict(*([X] if estimator._convention == "sklearn" else []))


def work(estimator, fit, fitted_here):
    """Fit, and use an estimator that was fitted elsewhere, all in one process."""
    fit(estimator)
    return estimator, predict(estimator), predict(fitted_here)


def test_workers_fit_and_predict_the_same():
    fitted = {name: fit(LSTMForecaster(**SMALL)) for name, fit in FITS.items()}
    results = joblib.Parallel(n_jobs=2, backend="loky")(
        joblib.delayed(work)(LSTMForecaster(**SMALL), FITS[name], fitted[name])
        for name in FITS
    )
    for here, (returned, fitted_there, fitted_here) in zip(
        fitted.values(), results, strict=True
    ):
        expected = predict(here)
        np.testing.assert_array_equal(fitted_there, expected)
        np.testing.assert_array_equal(fitted_here, expected)
        np.testing.assert_array_equal(predict(returned), expected)


def test_a_search_in_workers_equals_the_serial_one():
    with joblib.parallel_backend("loky"):
        found = search(LSTMForecaster(**SMALL), 2)
    serial = search(LSTMForecaster(**SMALL), 1)
    for key in ("mean_test_score", "split0_test_score"):
        np.testing.assert_allclose(
            found.cv_results_[key], serial.cv_results_[key], rtol=1e-6
        )
    assert found.best_params_ == serial.best_params_
    np.testing.assert_array_equal(found.predict(X), serial.predict(X))


# Workers start twice, and load TensorFlow each time.
@pytest.mark.slow
@posix
def test_a_killed_worker_ends_the_search_and_not_the_next_one():
    estimator = Killed(os.getpid())
    with pytest.raises(TerminatedWorkerError):
        search(estimator, 2)
    assert not estimator.is_fitted
    found, serial = (search(LSTMForecaster(**SMALL), n_jobs) for n_jobs in (2, 1))
    np.testing.assert_allclose(
        found.cv_results_["mean_test_score"],
        serial.cv_results_["mean_test_score"],
        rtol=1e-6,
    )


@pytest.mark.parametrize("n_jobs", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_search_with_a_failing_candidate_ends_as_error_score_says(n_jobs):
    grid = {"units": [2, 0]}
    options = {"cv": TimeSeriesSplit(2), "n_jobs": n_jobs}
    with pytest.raises(ValueError, match="'units' parameter of LSTMForecaster"):
        GridSearchCV(LSTMForecaster(**SMALL), grid, error_score="raise", **options).fit(
            X, Y
        )
    with pytest.warns(FitFailedWarning, match="'units' parameter"):
        found = GridSearchCV(
            LSTMForecaster(**SMALL), grid, error_score=-9.0, **options
        ).fit(X, Y)
    assert found.cv_results_["mean_test_score"][1] == -9
    assert found.best_params_ == {"units": 2}


class KilledOnce(LSTMForecaster):
    """Kills the first process of all that fits it."""

    def __init__(self, marker="", units=2, epochs=1):
        self.marker = marker
        super().__init__(**(SMALL | {"units": units, "epochs": epochs}))

    def fit(self, *args, **kwargs):
        """Fit wherever the marker lies already."""
        with suppress(FileExistsError):
            os.close(os.open(self.marker, os.O_CREAT | os.O_EXCL))
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(*args, **kwargs)


@contextmanager
def dask_cluster():
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    )
    with cluster, distributed.Client(cluster), joblib.parallel_backend("dask"):
        yield


@contextmanager
def ray_cluster():
    ray = pytest.importorskip("ray")
    from ray.util.joblib import register_ray

    # Workers import the classes of this file.
    environment = {"env_vars": {"PYTHONPATH": str(ROOT)}}
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        runtime_env=environment,
    )
    register_ray()
    try:
        with joblib.parallel_backend("ray"):
            yield
    finally:
        ray.shutdown()


CLUSTERS = {"dask": dask_cluster, "ray": ray_cluster}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "killed"), [("dask", False), ("dask", True), ("ray", False)]
)
def test_a_search_on_a_cluster_equals_the_serial_one(name, killed, tmp_path):
    # dask starts a worker anew, and does its work again.
    marker = tmp_path / "killed"
    estimator = KilledOnce(str(marker)) if killed else LSTMForecaster(**SMALL)
    with CLUSTERS[name]():
        found = search(estimator, 2)
    assert marker.exists() == killed
    serial = search(LSTMForecaster(**SMALL), 1)
    np.testing.assert_allclose(
        found.cv_results_["mean_test_score"],
        serial.cv_results_["mean_test_score"],
        rtol=1e-6,
    )
    np.testing.assert_array_equal(found.predict(X), serial.predict(X))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CLUSTERS)
def test_sktime_searches_on_a_cluster_as_it_does_serially(name):
    # `evaluate` with "dask" needs its data frames, and those pyarrow.
    def search_by(backend):
        return ForecastingGridSearchCV(
            LSTMForecaster(**SMALL),
            ExpandingWindowSplitter([1, 2], 30, 5),
            {"units": [2, 3]},
            backend=backend,
            error_score="raise",
        ).fit(pd.Series(Y))

    with CLUSTERS[name]():
        found = search_by(name)
    serial = search_by("None")
    score = "mean_test_MeanAbsolutePercentageError"
    np.testing.assert_allclose(
        found.cv_results_[score], serial.cv_results_[score], rtol=1e-6
    )
    assert found.best_params_ == serial.best_params_


def forecast_part(network, part):
    return network.clone().fit(y=part, fh=[1, 2]).predict()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CLUSTERS)
def test_a_cluster_forecasts_a_panel_in_parts(name):
    index = pd.MultiIndex.from_product([range(6), range(40)])
    panel = pd.DataFrame({"y": np.arange(240) % 7 + RNG.random(240)}, index=index)
    network = LSTMForecaster(**SMALL, pretrain_mode="frozen").pretrain(panel.loc[:2])
    expected = forecast_part(network, panel)
    parts = [panel.loc[first : first + 1] for first in range(0, 6, 2)]
    with CLUSTERS[name]():
        work = [joblib.delayed(forecast_part)(network, part) for part in parts]
        found = pd.concat(joblib.Parallel(2)(work))
    pd.testing.assert_frame_equal(found, expected, rtol=1e-5)


def forecast_rows(rows, network):
    rows = rows.assign(time=pd.to_datetime(rows["time"]))
    part = rows.set_index(["series", "time"])[["y"]].sort_index()
    return forecast_part(network, part).reset_index()


def forecast_tables_on_dask(table, network, empty):
    frames = pytest.importorskip("dask.dataframe")
    parts = frames.from_pandas(table, npartitions=2).groupby("part")
    return parts.apply(forecast_rows, network, meta=empty).compute()


def forecast_tables_on_ray(table, network, empty):
    data = pytest.importorskip("ray.data")
    parts = data.from_pandas(table).groupby("part", num_partitions=3)
    options = {"fn_kwargs": {"network": network}, "batch_format": "pandas"}
    return parts.map_groups(forecast_rows, **options).to_pandas()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("name", "forecast_tables"),
    [("dask", forecast_tables_on_dask), ("ray", forecast_tables_on_ray)],
    ids=["dask", "ray"],
)
def test_a_cluster_forecasts_tables_of_whole_series(name, forecast_tables):
    months = pd.date_range("2020-01-01", periods=40, freq="MS")
    index = pd.MultiIndex.from_product([range(6), months], names=["series", "time"])
    panel = pd.DataFrame({"y": np.arange(240) % 7 + RNG.random(240)}, index=index)
    network = LSTMForecaster(**SMALL, pretrain_mode="frozen").pretrain(panel.loc[:2])
    table = panel.reset_index().assign(part=lambda rows: rows["series"] % 3)
    expected = forecast_rows(table, network)
    with CLUSTERS[name]():
        found = forecast_tables(table, network, expected.head(0))
    found = found.sort_values(["series", "time"], ignore_index=True)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=1e-5)


def test_pretraining_goes_on_by_row_groups_of_a_file(tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    months = pd.date_range("2020-01-01", periods=40, freq="MS")
    index = pd.MultiIndex.from_product([range(6), months], names=["series", "time"])
    panel = pd.DataFrame({"y": np.arange(240) % 7 + RNG.random(240)}, index=index)
    chunks = [panel.loc[0:2], panel.loc[3:5]]
    path = tmp_path / "panel.parquet"
    tables = [pyarrow.Table.from_pandas(chunk.reset_index()) for chunk in chunks]
    with parquet.ParquetWriter(path, tables[0].schema) as writer:
        for table in tables:
            writer.write_table(table)
    options = SMALL | {"pretrain_mode": "frozen"}
    by_file, in_memory, first_alone = (LSTMForecaster(**options) for _ in range(3))
    file = parquet.ParquetFile(path)
    for number, chunk in enumerate(chunks):
        group = file.read_row_group(number).to_pandas()
        by_file.pretrain(group.set_index(["series", "time"]))
        in_memory.pretrain(chunk)
    first_alone.pretrain(chunks[0])
    found, expected, other = (
        network.fit(panel, fh=[1, 2]).predict().to_numpy()
        for network in (by_file, in_memory, first_alone)
    )
    np.testing.assert_array_equal(found, expected)
    assert not np.array_equal(found, other)


# Threads of TensorFlow ---------------------------------------------------------

COUNT_THREADS = """
from skl_lstm._engine.backend import tf
threads = tf.config.threading
print(
    threads.get_intra_op_parallelism_threads(),
    threads.get_inter_op_parallelism_threads(),
)
"""


# Each case is a process that loads TensorFlow; `make test` has one in test_backend.py.
@pytest.mark.slow
@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        # Zero: as many as TensorFlow chooses.
        ({"OMP_NUM_THREADS": "many"}, "0 0"),
        # Whoever names TensorFlow's own variable means it.
        ({"OMP_NUM_THREADS": "3", "TF_NUM_INTRAOP_THREADS": "5"}, "0 3"),
    ],
)
def test_tensorflow_takes_as_many_threads_as_it_is_allotted(environment, expected):
    assert run_python(COUNT_THREADS, **environment).stdout.strip() == expected


@pytest.mark.slow
def test_threads_of_a_tensorflow_that_runs_already_stay_as_they_are():
    code = "import tensorflow as tf; tf.zeros(1)\n" + COUNT_THREADS
    found = run_python(code, OMP_NUM_THREADS="1").stdout
    assert found.strip() == "0 0"


def count_threads():
    """Count them in a worker, which imports this file and with it TensorFlow."""
    from skl_lstm._engine.backend import tf

    return tf.config.threading.get_intra_op_parallelism_threads()


def test_workers_of_joblib_share_the_cores():
    with joblib.parallel_backend("loky"):
        found = joblib.Parallel(2)(joblib.delayed(count_threads)() for _ in range(2))
    assert found == [max(1, joblib.cpu_count() // 2)] * 2
