"""What builds and checks the site: faults are found, and missing data are said."""

import importlib.util
import re
import sys

import pytest

from tests import ROOT

DOCS = ROOT / "docs"


def load(name):
    spec = importlib.util.spec_from_file_location(name, DOCS / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def write_site(folder, **pages):
    for name, body in pages.items():
        (folder / f"{name}.html").write_text(f"<html><body>{body}</body></html>")
    return folder


def find_faults(site):
    checker = load("check_site")
    return checker.check_targets(site, checker.read_pages(site))


def test_a_whole_site_has_no_fault(tmp_path):
    one = '<h1 id="top">One</h1><a href="two.html#there">2</a><img src="a.png">'
    two = '<p id="there"></p><a href="one.html">1</a><a href="https://x.org">x</a>'
    (tmp_path / "a.png").write_bytes(b"")
    assert find_faults(write_site(tmp_path, one=one, two=two)) == []


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<a href="gone.html">x</a>', "gone.html does not exist"),
        ('<img src="gone.png">', "gone.png does not exist"),
        ('<a href="#gone">x</a>', "#gone has no such place"),
        ('<script src="https://cdn.org/x.js"></script>', "from outside"),
        ('<link rel="stylesheet" href="https://cdn.org/x.css">', "from outside"),
    ],
)
def test_each_kind_of_fault_is_found(tmp_path, body, fault):
    [found] = find_faults(write_site(tmp_path, one=body))
    assert fault in found


def test_a_page_that_is_too_wide_or_empty_is_described():
    describe = load("check_site").describe
    one = {"page": "a.html", "name": "phone", "width": 390, "scroll": 390, "wide": []}
    one |= {"heading": "A", "text": 900, "broken": []}
    assert describe(one) == []
    assert (
        "500 px wide, 390 fit: TABLE.x"
        in describe(one | {"scroll": 500, "wide": ["TABLE.x"]})[0]
    )
    assert "no heading" in describe(one | {"heading": ""})[0]
    assert "b.png is broken" in describe(one | {"broken": ["b.png"]})[0]


def test_examples_without_their_data_are_left_out_and_say_so(tmp_path, monkeypatch):
    pytest.importorskip("sphinx")
    pytest.importorskip("latex2mathml")
    monkeypatch.setenv("SKL_LSTM_DATA", str(tmp_path))
    (tmp_path / "beijing_pm25").mkdir()
    (tmp_path / "beijing_pm25" / "a.csv").touch()
    site = load("site_extension")
    executed = re.compile(site.make_filename_pattern())
    assert executed.search("examples/plot_airline.py")
    assert executed.search("examples/plot_beijing_pm25.py")
    assert not executed.search("examples/plot_stock_price.py")
    assert not executed.search("examples/demo.py")
    source = [".. _a:\n\n\nTitle\n=====\n\nText\n"]
    site.say_what_was_not_run(None, "gallery/plot_stock_price", source)
    assert "Not executed" in source[0].split("Title")[1]
    source = ["Title\n=====\n"]
    site.say_what_was_not_run(None, "gallery/plot_airline", source)
    assert "Not executed" not in source[0]


def test_every_example_that_reads_a_file_says_which():
    text = (DOCS / "site_extension.py").read_text()
    for path in (ROOT / "examples").rglob("plot_*.py"):
        assert ("options.data" in path.read_text()) == (f'"{path.stem}"' in text)
