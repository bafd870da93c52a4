"""Each example runs as a notebook, prints errors beside baselines, draws pictures."""

import ast
import re
import sys
import tokenize
from importlib import util
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("nbclient")
pytest.importorskip("sphinx_gallery")

ROOT = Path(__file__).parents[1]
DATA = ROOT / "../shared/data"
EXAMPLES = sorted((ROOT / "examples").rglob("plot_*.py"))
DOWNLOADS = sorted((ROOT / "examples" / "downloads").glob("plot_*.py"))
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


def load_runner():
    spec = util.spec_from_file_location("make_runs", ROOT / "docs" / "make_runs.py")
    module = util.module_from_spec(spec)
    sys.modules["make_runs"] = module
    spec.loader.exec_module(module)
    return module


RUNNER = load_runner()


def run_example(name, home=None):
    """Execute an example as a notebook; return what it printed, and its pictures."""
    [path] = (ROOT / "examples").rglob(f"plot_{name}.py")
    environment = RUNNER.lend_data(DATA, home) if home else {}
    return read_results(RUNNER.execute(RUNNER.to_notebook(path), environment))


def read_results(notebook):
    outputs = [o for cell in notebook.cells for o in cell.get("outputs", [])]
    # Keras shows the summary of a model as an output of its own.
    shown = [o.get("data", {}) for o in outputs]
    text = "".join(o["text"] for o in outputs if o.get("name") == "stdout")
    text += "\n".join(data.get("text/plain", "") for data in shown)
    pictures = [data for data in shown if "image/png" in data]
    return text, len(pictures)


def read_errors(text, pattern):
    """Return the numbers that a pattern finds in the text, at least one line."""
    found = [match.groups() for match in re.finditer(pattern, text, re.M)]
    assert found, f"{pattern!r} is not in:\n{text}"
    return [[float(number) for number in numbers] for numbers in found]


def needs(*patterns):
    missing = not all(list(DATA.glob(pattern)) for pattern in patterns)
    return pytest.mark.skipif(missing, reason=f"needs the shared {patterns}")


# Of the notebooks `make test` runs the next two, and looks into the others.
@pytest.mark.slow
def test_airline_prints_error_beside_seasonal_naive():
    text, n_pictures = run_example("airline")
    [[lstm], [naive]] = read_errors(text, r"(?:LSTM|seasonal naive): MASE ([\d.]+)")
    assert lstm < naive
    shares = read_errors(text, r"(?:transfer|linear|recurrent|theta): (\d+)%")
    assert sum(share for [share] in shares) == pytest.approx(100, abs=2)
    assert n_pictures == 1


@pytest.mark.parametrize(("name", "pictures"), [("cells", 2), ("gradients", 1)])
def test_concepts_are_drawn(name, pictures):
    assert run_example(name)[1] == pictures


@pytest.mark.slow
def test_noisy_sine_prints_error_beside_previous_value():
    text, n_pictures = run_example("noisy_sine")
    errors = read_errors(text, r"RMSE ([\d.]+), previous value ([\d.]+)")
    assert len(errors) == 4
    assert all(error < naive for error, naive in errors)
    assert "Total params" in text
    assert n_pictures == 2


@pytest.mark.slow
def test_benchmark_prints_results_and_draws_ranks():
    text, n_pictures = run_example("benchmark")
    for name in ("LSTMForecaster", "GRUForecaster", "Theta", "naive", "damped trend"):
        read_errors(text, rf"^{name}" + 4 * r" +([\d.]+)")
    assert n_pictures == 1


@pytest.mark.slow
@needs("stocks/AAPL*.csv")
def test_stock_price_prints_error_beside_random_walk(tmp_path):
    text, n_pictures = run_example("stock_price", tmp_path)
    errors = read_errors(text, r"RMSE ([\d.]+) USD, random walk ([\d.]+)")
    assert len(errors) == 5
    assert errors[0][0] < 1.02 * errors[0][1]
    assert n_pictures == 1


@pytest.mark.slow
@needs("beijing_pm25/*.csv")
def test_beijing_pm25_beats_the_last_hour(tmp_path):
    text, n_pictures = run_example("beijing_pm25", tmp_path)
    [past] = read_errors(text, r"its past: RMSE ([\d.]+)")
    [naive] = read_errors(text, r"last hour: RMSE ([\d.]+)")
    assert past < naive
    assert len(read_errors(text, r"fold: RMSE ([\d.]+) µg/m³, last hour ([\d.]+)")) == 3
    assert n_pictures == 2


@pytest.mark.slow
@needs("stocks/AAPL*.csv", "stocks/MSFT*.csv")
def test_differenced_prices_prints_both_cells_beside_naive_forecasts(tmp_path):
    text, n_pictures = run_example("differenced_prices", tmp_path)
    for name in ("LSTMForecaster", "GRUForecaster", "last price", "mean change"):
        read_errors(text, rf"{name}: RMSE AAPL ([\d.]+) USD, MSFT ([\d.]+) USD")
    assert "R2 of the next change" in text
    assert n_pictures == 1


@pytest.mark.slow
@needs("stocks/AAPL*.csv")
def test_stock_tutorial_is_honest(tmp_path):
    text, n_pictures = run_example("stock_tutorial", tmp_path)
    [[ratio]] = read_errors(text, r"random walk [\d.]+, ratio ([\d.]+)")
    assert 0.98 < ratio < 1.1
    assert "ValueError: LSTMForecaster: the index" in text
    assert n_pictures == 3


@pytest.mark.slow
@needs("beijing_pm25/*.csv")
def test_pm25_tutorial_prints_errors_beside_the_last_hour(tmp_path):
    text, n_pictures = run_example("pm25_tutorial", tmp_path)
    assert len(read_errors(text, r"one hour ahead, [\w ]+: RMSE ([\d.]+)")) == 2
    [[share]] = read_errors(text, r"([\d.]+)% of the hours inside")
    assert 50 < share <= 100
    assert n_pictures == 3


@pytest.mark.parametrize("path", DOWNLOADS, ids=lambda path: path.stem)
def test_a_committed_run_is_of_todays_script_and_says_when_it_was(path):
    committed = nbformat.read(RUNNER.RUNS / f"{path.stem}.ipynb", as_version=4)
    script = RUNNER.to_notebook(path)
    codes = [
        [cell.source for cell in notebook.cells if cell.cell_type == "code"]
        for notebook in (committed, script)
    ]
    assert codes[0] == codes[1], f"run `python docs/make_runs.py {path.stem}`"
    assert re.search(r"Run on \d{4}-\d\d-\d\d with skl_lstm", committed.cells[1].source)
    text, n_pictures = read_results(committed)
    assert text
    assert n_pictures


def test_the_list_of_runs_is_whole():
    text = (RUNNER.RUNS / "index.md").read_text(encoding="utf-8")
    assert [path.stem for path in DOWNLOADS if text.count(path.stem) < 2] == []


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
def test_an_example_is_short_and_reads_no_arguments(path):
    assert "argparse" not in path.read_text(encoding="utf-8")
    if path.parent.name == "examples":
        assert count(path) <= MOST_LINES
