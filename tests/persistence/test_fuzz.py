"""Spoiled model files: each is refused with our error or loads, and nothing else."""

import sys
import warnings
from collections import Counter

import numpy as np
import pandas as pd
import pytest

from skl_lstm import GRUForecaster, LSTMForecaster, load_model, save_model
from skl_lstm._engine.backend import keras
from skl_lstm._exceptions import ModelFileError
from skl_lstm._persistence import read_model
from tests.persistence import (
    N_AHEAD,
    N_ROWS,
    SMALL,
    make_panel,
    make_rows,
    make_series,
)
from tests.persistence.mutations import MUTATIONS, mutate

# What Python reports of code that runs, files that are opened, the network, processes.
WATCHED = (
    "compile",
    "ctypes.",
    "exec",
    "ftplib.",
    "import",
    "marshal.",
    "open",
    "os.",
    "pickle.",
    "shutil.",
    "socket.",
    "subprocess.",
    "tempfile.",
    "urllib.",
)
# NumPy reads the text of a dtype with ast.literal_eval, which executes nothing.
HARMLESS = {("compile", "<unknown>")}
REPORTED: list | None = None


def watch(event, arguments):
    """Note what happens while a spoiled file is read."""
    if REPORTED is not None and event.startswith(WATCHED):
        second = arguments[1] if event == "compile" else None
        if (event, second) not in HARMLESS:
            REPORTED.append((event, repr(arguments)[:200]))


@pytest.fixture(scope="module", autouse=True)
def audit():
    # An audit hook stays for the life of the process; it is idle outside `read`.
    sys.addaudithook(watch)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Return the content of files of different kinds of models."""
    months = pd.period_range("2020-01", periods=N_ROWS + N_AHEAD, freq="M")
    hours = pd.date_range("2020", periods=N_ROWS + N_AHEAD, freq="h", tz="Europe/Rome")
    path = tmp_path_factory.mktemp("models") / "fitted.model"
    contents = []
    for model in (
        make_series(months, y_transform="log"),
        make_series(hours, scaler="robust"),
        make_rows(GRUForecaster, n_estimators=2),
        make_rows(loss=keras.losses.Huber(0.5), random_state=np.random.RandomState(1)),
        make_series(intervals="quantile", theta_share=0.3, sp=4),
        LSTMForecaster(**SMALL).fit(make_panel(months[:N_ROWS]), fh=[1]),
    ):
        save_model(model, path)
        contents.append(path.read_bytes())
        # The first reading loads what it needs; the others are to load nothing.
        read_model(contents[-1])
    return contents


def read(data):
    """Read a file under watch; return whether it was taken, and what happened."""
    global REPORTED
    REPORTED = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = read_model(data)
        return type(model).__name__, REPORTED
    except ModelFileError:
        return "refused", REPORTED
    finally:
        REPORTED = None


def read_mutations(models, seeds):
    """Read spoiled files; return how many of each way had which end."""
    ends = Counter()
    for seed in seeds:
        way, spoiled = mutate(models[seed // len(MUTATIONS) % len(models)], seed)
        end, reported = read(spoiled)
        assert not reported, (seed, way, reported)
        ends[way, end] += 1
    return ends


def check_ends(ends, n_files):
    assert ends.total() == n_files
    ways = {mutation.__name__ for mutation in MUTATIONS}
    assert {end for _, end in ends} <= {"refused", "LSTMForecaster", "GRUForecaster"}
    for way in ways:
        assert ends[way, "refused"] > 0, way
    # What the checksum tells is refused always, and so is text that is no manifest.
    for way in ("flip_bytes", "truncate", "cut_out", "insert", "nest_deeply"):
        assert {end for w, end in ends if w == way} == {"refused"}, way


def test_the_watch_sees_what_a_file_must_not_do(tmp_path):
    global REPORTED
    REPORTED = []
    try:
        eval("1 + 1")
        (tmp_path / "file").write_text("")
        import wave  # noqa: F401
    finally:
        seen, REPORTED = {event for event, _ in REPORTED}, None
    assert {"compile", "exec", "open"} <= seen


def test_some_hundred_spoiled_files_are_refused_or_load(models):
    check_ends(read_mutations(models, range(440)), 440)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_eleven_thousand_spoiled_files_are_refused_or_load(models):
    ends = read_mutations(models, range(10_000, 21_000))
    print(dict(ends))
    check_ends(ends, 11_000)


def test_spoiled_files_on_disk_touch_no_other_file(models, tmp_path):
    folder = tmp_path / "inside"
    folder.mkdir()
    (tmp_path / "outside").write_text("as it was")
    n_loaded = 0
    for seed in range(110):
        (folder / "model").write_bytes(
            mutate(models[seed // len(MUTATIONS) % len(models)], seed)[1]
        )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                load_model(folder / "model")
            n_loaded += 1
        except ModelFileError:
            pass
    found = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*"))
    assert found == ["inside", "inside/model", "outside"]
    assert (tmp_path / "outside").read_text() == "as it was"
    assert 0 < n_loaded < 110
