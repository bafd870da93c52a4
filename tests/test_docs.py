"""Snippets of the pages run as they stand, and their links lead somewhere."""

import importlib
import re
import warnings
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Pages whose snippets run within seconds, one after the other in one process. Those of
# the others are run by `make test-slow`.
PAGES = (
    "docs/which_convention.md",
    "docs/network.md",
    "docs/conventions.md",
    "docs/reliability.md",
    "docs/windows.md",
    "docs/accuracy.md",
    "docs/inspection.md",
)
SLOW_PAGES = (
    "docs/quickstart.md",
    "docs/cells.md",
    "docs/own_networks.md",
    "docs/training.md",
    "docs/index.md",
    "docs/pipelines.md",
    "docs/tuning.md",
    "docs/forecasting.md",
    "docs/benchmarks.md",
    "docs/scaling.md",
    "docs/migrating.md",
    "docs/new_series.md",
    "docs/seasons.md",
    "docs/hourly.md",
)
# From raw data to a saved model and a picture, one for each convention.
WALKS = ("docs/first_csv.md", "docs/stores.md")
DOCS = ROOT / "docs"
ALL_PAGES = ["README.md", "CONTRIBUTING.md"]
ALL_PAGES += sorted(path.relative_to(ROOT).as_posix() for path in DOCS.glob("*.md"))
# What the build of the site writes.
BUILT = ("gallery/", "generated/")


@pytest.fixture(autouse=True)
def closed_figures():
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    yield
    importlib.import_module("matplotlib.pyplot").close("all")


def read_snippets(page):
    """List the Python snippets of a page, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.S | re.M)


@pytest.mark.parametrize(
    "page", [*PAGES, *(pytest.param(p, marks=pytest.mark.slow) for p in SLOW_PAGES)]
)
def test_snippets_run_in_order(page):
    names: dict = {"__name__": page}
    for snippet in read_snippets(page):
        exec(compile(snippet, page, "exec"), names)


def test_no_page_with_snippets_is_left_out():
    pages = {path.relative_to(ROOT).as_posix() for path in DOCS.glob("*.md")}
    run = {*PAGES, *SLOW_PAGES, *WALKS}
    assert {page for page in pages if read_snippets(page)} <= run


@pytest.mark.parametrize(
    "page", [WALKS[0], pytest.param(WALKS[1], marks=pytest.mark.slow)]
)
def test_a_newcomers_walk_ends_with_a_saved_model_and_a_picture(page):
    pyplot = importlib.import_module("matplotlib.pyplot")
    names: dict = {"__name__": page}
    with warnings.catch_warnings(record=True) as raised:
        for snippet in read_snippets(page):
            exec(compile(snippet, page, "exec"), names)
    # Of the page's own calls and of the package; sktime and statsmodels have theirs.
    ours = [w for w in raised if w.filename == page or "skl_lstm/" in w.filename]
    assert [str(w.message) for w in ours] == []
    assert pyplot.get_fignums()
    [folder] = [v for k, v in names.items() if k in ("folder", "path")]
    [file] = folder.glob("*.model") if folder.is_dir() else [folder]
    reloaded = importlib.import_module("skl_lstm").load_model(file)
    saved = names["network" if "network" in names else "forecaster"]
    assert reloaded.get_params() == saved.get_params()


def test_readme_prints_what_it_shows(capsys):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pairs = re.findall(
        r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", text, re.S | re.M
    )
    assert len(pairs) == len(read_snippets("README.md")) == 2
    number = re.compile(r"\d+\.\d+")
    for snippet, shown in pairs:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(compile(snippet, "README.md", "exec"), {"__name__": "README.md"})
        printed = capsys.readouterr().out
        assert number.sub("", printed) == number.sub("", shown)
        values, expected = (map(float, number.findall(t)) for t in (printed, shown))
        assert list(values) == pytest.approx(list(expected), rel=0.02, abs=0.011)


def test_readme_fits_on_two_screens_and_its_regression_wins():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 120
    ours, ridge = re.search(r"LSTMForecaster (0\.\d+)\nRidgeCV (0\.\d+)", text).groups()
    assert float(ours) < float(ridge)


def test_charts_are_drawn_from_the_tables_of_the_pages():
    charts = importlib.import_module("benchmarks.charts")
    for draw in (charts.draw_accuracy, charts.draw_speed, charts.draw_calibration):
        [ax] = draw().axes
        lines = [line for line in ax.get_lines() if line.get_label()[0] != "_"]
        labels = [label.get_text() for label in ax.get_yticklabels()]
        assert len(lines) > 1
        assert max(len(line.get_xdata()) for line in lines) == len(labels)


@pytest.mark.parametrize("page", ALL_PAGES)
def test_links_to_files_are_whole(page):
    text = re.sub(r"`[^`\n]*`", "", (ROOT / page).read_text(encoding="utf-8"))
    targets = re.findall(r"\]\((?!http)([^)#\s]+)(?:#[^)]*)?\)", text)
    for target in targets:
        path = (ROOT / page).parent / target
        if not target.startswith(BUILT):
            # The site finds notebooks without their suffix.
            assert path.exists() or path.with_suffix(".ipynb").exists(), target


def test_the_picture_of_the_house_shows_every_room():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    package = ROOT / "skl_lstm"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    rooms |= {path.stem for path in package.glob("[a-z]*.py")}
    assert {room for room in rooms if room not in text} == set()
    named = re.findall(r"`(_\w+/\w+)`", text)
    assert named
    assert [name for name in named if not (package / f"{name}.py").exists()] == []
