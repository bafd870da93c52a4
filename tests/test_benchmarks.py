"""The benchmarks start, say what data they lack, and hold what they are used for."""

import functools
import hashlib
import http.server
import importlib
import json
import sys
import threading
import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from benchmarks import _data, calibration, data, hashes, short
from benchmarks.rows import _sets

PROGRAMS = (
    "accuracy.__main__",
    "backtests",
    "calibration",
    "cells",
    "data",
    "hashes",
    "latency",
    "missing",
    "panels",
    "peers",
    "rows.__main__",
    "search",
    "short",
    "sources",
    "speed.__main__",
)
FILE_SETS = [name for name, known in _data.DATA_SETS.items() if not known.archive]
PANELS = [name for name, known in _data.DATA_SETS.items() if known.archive]


def run(monkeypatch, program, *arguments):
    """Run a benchmark in this process; return its exit status."""
    main = importlib.import_module(f"benchmarks.{program}").main
    monkeypatch.setattr(sys, "argv", [program, *arguments])
    # They silence warnings for the rest of a process of their own.
    with warnings.catch_warnings():
        return main()


@pytest.fixture
def no_data(monkeypatch, tmp_path):
    """Return an empty folder that the benchmarks look for their data in."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setenv("SKL_LSTM_DATA", str(folder))
    return folder


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_tells_its_options(monkeypatch, capsys, program):
    with pytest.raises(SystemExit) as end:
        run(monkeypatch, program, "--help")
    assert end.value.code == 0
    assert "usage:" in capsys.readouterr().out


def test_calibration_scores_the_right_distribution_as_such():
    truth = np.random.default_rng(0).standard_normal(50_000)
    quantiles = np.tile(stats.norm.ppf(calibration.LEVELS), (len(truth), 1))
    scores = calibration.score(truth, quantiles, 1.0)
    for level in calibration.ONE_SIDED:
        assert scores[f"up to {level:g}"] == pytest.approx(level, abs=0.01)
    assert scores["inside 0.8"] == pytest.approx(0.8, abs=0.01)
    # That of the standard normal distribution, Gneiting and Raftery (2007).
    assert scores["CRPS"] == pytest.approx(1 / np.sqrt(np.pi), abs=0.01)


def test_calibration_writes_its_table_into_a_page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("before\n\n| old |\n|---|\n| 1 |\n\nafter\n")
    truth = np.array([0.0, 1.0, np.nan])
    scores = calibration.score(truth, np.zeros((3, len(calibration.LEVELS))), 2.0)
    calibration.write_table(page, calibration.make_table({"set": {"way": scores}}))
    text = page.read_text()
    assert text.startswith("before\n\n| set | quantiles |")
    assert text.endswith(" |\n\nafter\n")
    assert "| set | way | 0.0 - 50.0 |" in text
    assert "old" not in text


@pytest.mark.parametrize("name", _data.DATA_SETS)
def test_a_missing_data_set_says_where_it_comes_from(no_data, name):
    with pytest.raises(_data.DataNotFoundError) as error:
        _data.find_files(name)
    text = str(error.value)
    assert name in text
    assert str(no_data) in text
    assert "--data DIR" in text
    assert "SKL_LSTM_DATA" in text
    assert "https://" in text or "forecastingdata.org" in text
    assert all(file.sha256 in text for file in _data.DATA_SETS[name].files)


def test_the_data_option_names_the_folder(monkeypatch, capsys, no_data, tmp_path):
    other = tmp_path / "other"
    assert run(monkeypatch, "data", "--data", str(other)) == 0
    text = capsys.readouterr().out
    assert f"Data sets in {other}" in text
    assert text.count("| missing |") == len(_data.DATA_SETS)


def test_airline_accuracy_needs_no_file(monkeypatch, capsys, no_data):
    arguments = ["--only", "airline", "--seeds", "1", "--method", "seasonal naive"]
    assert run(monkeypatch, "accuracy.__main__", *arguments, "--method", "LSTM") == 0
    [row] = [r for r in capsys.readouterr().out.splitlines() if "airline, MASE" in r][
        :1
    ]
    scores = [float(cell) for cell in row.split("|")[2:-1] if cell.strip()]
    # The published error of repeating the last year, and the network's below it.
    assert scores[1] == 1.213
    assert scores[0] < scores[1]


def test_accuracy_goes_on_without_a_data_set(monkeypatch, capsys, no_data):
    arguments = ["--only", "births", "--only", "airline", "--method", "naive"]
    assert run(monkeypatch, "accuracy.__main__", *arguments, "--seeds", "1") == 1
    text = capsys.readouterr()
    assert "airline, MASE" in text.out
    assert "daily-total-female-births" in text.err


def test_runs_that_are_written_down_are_not_done_again(monkeypatch, no_data, tmp_path):
    kept = tmp_path / "out" / "accuracy.json"
    arguments = ["--only", "airline", "--method", "naive", "--resume", str(kept)]
    assert run(monkeypatch, "accuracy.__main__", *arguments) == 0
    [key] = json.loads(kept.read_text())
    assert json.loads(key) == ["test", "airline", "naive", 0]
    runs = {key: {"MASE": 7.0, "seconds": 0.0, "headline": "MASE"}}
    kept.write_text(json.dumps(runs))
    assert run(monkeypatch, "accuracy.__main__", *arguments) == 0
    assert json.loads(kept.read_text()) == runs


def test_short_series_are_compared_with_their_start(
    monkeypatch, capsys, no_data, tmp_path
):
    kept = tmp_path / "short.json"
    ratios = {name: {"LSTM": 0.9} for name in short.named_series()}
    ratios["lynx"] = {"LSTM": 1.03}
    kept.write_text(json.dumps(ratios))
    arguments = ["--ways", "LSTM", "--resume", str(kept)]
    assert run(monkeypatch, "short", *arguments) == 1
    text = capsys.readouterr()
    assert "| lynx | 1.030 |" in text.out
    # Three of the ten, and the panels, are files that are not there.
    assert "| hurt | 1 of 7 |" in text.out
    assert text.err.count("is left out") == 5


def test_rows_compare_ways_on_sets_that_need_no_file(
    monkeypatch, capsys, no_data, tmp_path
):
    chosen = ["--only", "longley", "--only", "x_all"]
    chosen += ["--ways", "RidgeCV", "--ways", "linear start"]
    chosen += ["--resume", str(tmp_path / "out" / "rows.json")]
    chosen += ["--chart", str(tmp_path / "rows.png")]
    assert run(monkeypatch, "rows.__main__", *chosen) == 0
    text = capsys.readouterr().out
    assert "| set | linear start | RidgeCV | naive |" in text
    titles = ("longley, told", "longley, rolled", "x_all, told", "**1 real, told**")
    assert all(f"| {title} |" in text for title in titles)
    assert (tmp_path / "rows.png").stat().st_size > 1_000
    scores = json.loads((tmp_path / "out" / "rows.json").read_text())
    assert len(scores) == 9
    assert run(monkeypatch, "rows.__main__", *chosen) == 0
    assert json.loads((tmp_path / "out" / "rows.json").read_text()) == scores


def test_rows_go_on_without_a_data_set(monkeypatch, capsys, no_data):
    chosen = ["--only", "bike", "--only", "longley", "--ways", "mean"]
    assert run(monkeypatch, "rows.__main__", *chosen) == 1
    text = capsys.readouterr()
    assert "bikesharing.csv" in text.err
    assert "| longley, told |" in text.out


def test_made_up_rows_have_the_effect_they_say():
    sets = {rows.name: rows for rows in _sets.make_synthetic()}
    assert len(sets) == 43
    promotion = sets["promo_next_day_0"]
    np.testing.assert_array_equal(promotion.effect[1:], 5 * promotion.X[:-1, 0])
    again = {rows.name: rows for rows in _sets.make_synthetic()}
    assert all(np.array_equal(sets[name].y, again[name].y) for name in sets)


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_of_the_archive_is_read(no_data, name):
    archive = _data.DATA_SETS[name].archive
    (no_data / archive).mkdir()
    (no_data / archive / f"{archive}.tsf").write_text(
        "@relation Test\n@attribute series_name string\n"
        "@attribute start_timestamp date\n@frequency monthly\n@missing true\n"
        "@equallength false\n@data\n"
        "T1:2000-01-01 00-00-00:26.5,?,25\nT2:2000-01-01 00-00-00:1,2\n"
    )
    series = _data.read_panel(name)
    np.testing.assert_array_equal(series["T1"], [26.5, np.nan, 25])
    np.testing.assert_array_equal(series["T2"], [1, 2])
    assert data.describe_state(name) == "there, of the archive"


@pytest.fixture
def served(monkeypatch, tmp_path, no_data):
    """Serve a data set of one file from this machine; return its content."""
    content = b"Month,Sales\n2000-01,1\n2000-02,2\n"
    folder = tmp_path / "served"
    folder.mkdir()
    (folder / "sales.csv").write_bytes(content)
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/sales.csv"
        sha256 = hashlib.sha256(content).hexdigest()
        file = _data.File("small/sales.csv", sha256, address)
        known = {"sales": _data.DataSet((file,), "this test")}
        monkeypatch.setattr(data, "DATA_SETS", known)
        monkeypatch.setattr(_data, "DATA_SETS", known)
        yield content
        server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


def test_a_data_set_is_fetched_into_the_folder(monkeypatch, capsys, served, no_data):
    assert run(monkeypatch, "data", "--fetch") == 0
    assert (no_data / "small/sales.csv").read_bytes() == served
    assert "| sales | there |" in capsys.readouterr().out
    y = _data.read_small("sales", "2000-01", "M")
    assert y.to_list() == [1, 2]
    assert list(map(str, y.index)) == ["2000-01", "2000-02"]


def test_another_file_than_that_of_the_docs_is_told(
    monkeypatch, capsys, served, no_data
):
    (no_data / "small").mkdir()
    (no_data / "small/sales.csv").write_text("changed")
    assert run(monkeypatch, "data") == 0
    assert "| sales | there, but not the file of the docs |" in capsys.readouterr().out


def test_a_failed_download_is_told(monkeypatch, capsys, served, tmp_path):
    monkeypatch.setattr("benchmarks.data.fetch_file", refuse)
    assert run(monkeypatch, "data", "--fetch") == 1
    text = capsys.readouterr()
    assert "| sales | missing |" in text.out
    assert "sales could not be fetched: no connection" in text.err


def refuse(*args):
    raise OSError("no connection")


def test_hashes_tell_a_changed_forecast(monkeypatch, capsys, tmp_path):
    kept = tmp_path / "hashes.json"
    only = ["--only", "warm start"]
    assert run(monkeypatch, "hashes", *only, "--write", str(kept)) == 0
    assert run(monkeypatch, "hashes", *only, "--compare", str(kept)) == 0
    assert "different: none" in capsys.readouterr().out
    monkeypatch.setitem(hashes.TINY, "random_state", 1)
    assert run(monkeypatch, "hashes", *only, "--compare", str(kept)) == 1
    assert "different: warm start" in capsys.readouterr().out


def test_hashes_cover_values_shapes_and_labels():
    y = pd.Series([0.0, 1.0], index=pd.period_range("2000-01", periods=2, freq="M"))
    answers = [
        y,
        y + np.finfo(float).eps,
        y.shift(1, freq="M"),
        y.to_numpy(),
        y.to_numpy()[:, None],
        (y, y),
    ]
    assert len({hashes.digest(answer) for answer in answers}) == len(answers)
    assert hashes.digest(-y * 0) == hashes.digest(y * 0)


def test_a_case_that_fails_is_an_outcome():
    def fail():
        yield 1.0
        raise ValueError("too short")

    assert hashes.hash_case(fail) == "ValueError: too short"


def test_peers_that_are_not_installed_are_told(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert run(monkeypatch, "peers") == 1
    assert "make bench-peers" in capsys.readouterr().err


@pytest.mark.slow
def test_hashes_are_equal_in_two_runs(monkeypatch, capsys, tmp_path):
    kept = tmp_path / "hashes.json"
    assert run(monkeypatch, "hashes", "--write", str(kept)) == 0
    assert run(monkeypatch, "hashes", "--compare", str(kept)) == 0
    values = json.loads(kept.read_text())["hashes"].values()
    assert all(len(value) == 64 for value in values)


@pytest.mark.slow
def test_speed_times_ours_beside_keras(monkeypatch, capsys, no_data):
    arguments = ["--only", "refit", "--only", "step", "--repeats", "1"]
    assert run(monkeypatch, "speed.__main__", *arguments) == 1
    text = capsys.readouterr()
    assert text.out.count("\n| ours | ") == text.out.count("\n| keras | ") == 4
    assert "step was left out." in text.err


@pytest.mark.slow
def test_sources_measure_the_original_beside_ours(monkeypatch, capsys, no_data):
    arguments = ["--only", "noisy sine", "--epochs", "1", "--seeds", "1"]
    assert run(monkeypatch, "sources", *arguments) == 0
    text = capsys.readouterr().out
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if "|" in line]
    errors = {row[0]: float(row[1]) for row in rows[2:]}
    assert list(errors) == ["naive", "original", "same network", "defaults"]
    assert errors["defaults"] < errors["naive"]
