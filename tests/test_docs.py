"""Snippets of the pages run as they stand, and their links lead somewhere."""

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Pages whose snippets run within seconds, one after the other in one process.
PAGES = (
    "README.md",
    "docs/quickstart.md",
    "docs/network.md",
    "docs/conventions.md",
    "docs/reliability.md",
    "docs/windows.md",
    "docs/training.md",
    "docs/accuracy.md",
    "docs/cells.md",
    "docs/inspection.md",
)
SLOW_PAGES = (
    "docs/index.md",
    "docs/pipelines.md",
    "docs/tuning.md",
    "docs/forecasting.md",
    "docs/benchmarks.md",
    "docs/scaling.md",
)
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
    assert {page for page in pages if read_snippets(page)} <= {*PAGES, *SLOW_PAGES}


@pytest.mark.parametrize("page", ALL_PAGES)
def test_links_to_files_are_whole(page):
    text = re.sub(r"`[^`\n]*`", "", (ROOT / page).read_text(encoding="utf-8"))
    targets = re.findall(r"\]\((?!http)([^)#\s]+)(?:#[^)]*)?\)", text)
    for target in targets:
        if not target.startswith(BUILT):
            assert ((ROOT / page).parent / target).exists(), target


def test_the_picture_of_the_house_shows_every_room():
    text = (DOCS / "architecture.md").read_text(encoding="utf-8")
    package = ROOT / "skl_lstm"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")}
    rooms |= {path.stem for path in package.glob("[a-z]*.py")}
    assert {room for room in rooms if room not in text} == set()
    named = re.findall(r"`(_\w+/\w+)`", text)
    assert named
    assert [name for name in named if not (package / f"{name}.py").exists()] == []
