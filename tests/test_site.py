"""What builds and checks the site: faults are found, and snippets are executed."""

import importlib.util
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


class Environment:
    def doc2path(self, name):
        return f"docs/{name}.md"


class App:
    env = Environment()


def test_snippets_are_executed_and_pages_without_any_stay_as_they_are():
    pytest.importorskip("sphinx")
    pytest.importorskip("latex2mathml")
    site = load("site_extension")
    source = ["# Title\n\n```python\nprint(1)\n```\n"]
    site.make_snippets_run(App, "windows", source)
    assert source[0].startswith("---\nfile_format: mystnb")
    assert "```{code-cell} python3\nprint(1)" in source[0]
    for name, text in (("faq", "# Title\n"), ("scaling", "```python\nprint(1)\n```")):
        source = [text]
        site.make_snippets_run(App, name, source)
        assert source == [text]
