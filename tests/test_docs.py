"""Snippets of the pages and examples of the docstrings run as they stand."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "docs/quickstart.md",
    "docs/network.md",
    "docs/conventions.md",
    "docs/reliability.md",
)
MODULES = (
    "skl_lstm.forecasters",
    "skl_lstm.catalogues",
    "skl_lstm.datasets",
    "skl_lstm.plotting",
    "skl_lstm._programs",
)


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


@pytest.mark.parametrize("page", PAGES)
def test_snippets_run_in_order(page):
    names: dict = {}
    for snippet in read_snippets(page):
        exec(compile(snippet, page, "exec"), names)


@pytest.mark.parametrize("page", [*PAGES, "CONTRIBUTING.md", "docs/performance.md"])
def test_links_to_files_are_whole(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_class_docstrings_hold_what_they_show():
    for name in MODULES:
        result = doctest.testmod(
            importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE
        )
        assert result.failed == 0
    assert doctest.testmod(importlib.import_module(MODULES[0])).attempted > 0
