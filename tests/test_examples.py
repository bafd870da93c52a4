"""Tests of the gallery: each example runs to its end, prints errors, draws pictures."""

import ast
import os
import re
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

ROOT = Path(__file__).parents[1]
DATA = ROOT / "../shared/data"
EXAMPLES = sorted((ROOT / "examples").glob("plot_*.py"))
MOST_LINES = 59
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def run_example(name, folder):
    """Run an example for one epoch; return what it printed."""
    [script] = (ROOT / "examples").rglob(f"plot_{name}.py")
    command = [sys.executable, str(script), "--epochs", "1"]
    command += ["--out", str(folder)]
    environment = os.environ | {"MPLBACKEND": "Agg", "SKL_LSTM_DATA": str(DATA)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Warning" not in done.stderr
    return done.stdout


def check_pictures(folder, *names):
    """Check that these pictures, and no others, were drawn."""
    assert sorted(path.name for path in folder.iterdir()) == sorted(names)
    for path in folder.iterdir():
        assert path.read_bytes().startswith(b"\x89PNG")
        assert path.stat().st_size > 10_000


def read_errors(text, pattern):
    """Return the numbers that a pattern finds in the text, at least one line."""
    found = [match.groups() for match in re.finditer(pattern, text, re.M)]
    assert found, f"{pattern!r} is not in:\n{text}"
    return [[float(number) for number in numbers] for numbers in found]


@pytest.mark.slow
def test_stock_price_prints_error_beside_random_walk(tmp_path):
    if not list(DATA.glob("stocks/AAPL*.csv")):
        pytest.skip("needs the shared stock prices")
    text = run_example("stock_price", tmp_path)
    errors = read_errors(text, r"RMSE ([\d.]+) USD, random walk ([\d.]+)")
    assert len(errors) == 5
    assert errors[0][0] < 1.02 * errors[0][1]
    check_pictures(tmp_path, "stock_price.png")


@pytest.mark.slow
def test_noisy_sine_prints_error_beside_previous_value(tmp_path):
    text = run_example("noisy_sine", tmp_path)
    errors = read_errors(text, r"RMSE ([\d.]+), previous value ([\d.]+)")
    assert len(errors) == 4
    assert all(error < naive for error, naive in errors)
    assert "Total params" in text
    check_pictures(tmp_path, "noisy_sine.png", "noisy_sine_training.png")


@pytest.mark.slow
def test_beijing_pm25_beats_the_last_hour(tmp_path):
    if not list(DATA.glob("beijing_pm25/*.csv")):
        pytest.skip("needs the shared Beijing PM2.5 file")
    text = run_example("beijing_pm25", tmp_path)
    [past] = read_errors(text, r"its past: RMSE ([\d.]+)")
    [naive] = read_errors(text, r"last hour: RMSE ([\d.]+)")
    assert past < naive
    assert len(read_errors(text, r"fold: RMSE ([\d.]+) µg/m³, last hour ([\d.]+)")) == 3
    check_pictures(tmp_path, "beijing_pm25.png", "beijing_pm25_training.png")


@pytest.mark.slow
def test_differenced_prices_prints_both_cells_beside_naive_forecasts(tmp_path):
    if len(list(DATA.glob("stocks/*.csv"))) < 2:
        pytest.skip("needs the shared stock prices")
    text = run_example("differenced_prices", tmp_path)
    for name in ("LSTMForecaster", "GRUForecaster", "last price", "mean change"):
        read_errors(text, rf"{name}: RMSE AAPL ([\d.]+) USD, MSFT ([\d.]+) USD")
    assert "R2 of the next change" in text
    check_pictures(tmp_path, "differenced_prices.png")


def test_airline_prints_error_beside_seasonal_naive(tmp_path):
    text = run_example("airline", tmp_path)
    assert len(read_errors(text, r"(?:LSTM|seasonal naive): MASE ([\d.]+)")) == 2
    check_pictures(tmp_path, "airline.png")


@pytest.mark.parametrize(
    ("name", "pictures"),
    [("cells", ["lstm_cell.png", "gru_cell.png"]), ("gradients", ["gradients.png"])],
)
def test_concepts_are_drawn(tmp_path, name, pictures):
    run_example(name, tmp_path)
    check_pictures(tmp_path, *pictures)


@pytest.mark.slow
def test_benchmark_prints_results_and_draws_ranks(tmp_path):
    text = run_example("benchmark", tmp_path)
    for name in ("LSTMForecaster", "GRUForecaster", "Theta", "naive", "damped trend"):
        read_errors(text, rf"^{name}" + 4 * r" +([\d.]+)")
    check_pictures(tmp_path, "benchmark.png")


@pytest.mark.slow
def test_stock_tutorial_is_honest(tmp_path):
    if not list(DATA.glob("stocks/AAPL*.csv")):
        pytest.skip("needs the shared stock prices")
    text = run_example("stock_tutorial", tmp_path)
    [[ratio]] = read_errors(text, r"random walk [\d.]+, ratio ([\d.]+)")
    assert 0.98 < ratio < 1.1
    assert "ValueError: LSTMForecaster: the index of the data has unsorted" in text
    check_pictures(tmp_path, "convincing.png", "size_of_moves.png")


@pytest.mark.slow
def test_pm25_tutorial_prints_errors_beside_the_last_hour(tmp_path):
    if not list(DATA.glob("beijing_pm25/*.csv")):
        pytest.skip("needs the shared Beijing PM2.5 file")
    text = run_example("pm25_tutorial", tmp_path)
    assert len(read_errors(text, r"one hour ahead, [\w ]+: RMSE ([\d.]+)")) == 2
    [[share]] = read_errors(text, r"([\d.]+)% of the hours inside")
    assert 50 < share <= 100
    check_pictures(tmp_path, "pm25.png", "pm25_day.png")


def count(path):
    """Count the lines that hold anything but comments, docstrings and blanks."""
    lines = set()
    with tokenize.open(path) as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type not in LAYOUT:
                lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return len(lines)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_short(path):
    assert count(path) <= MOST_LINES
