"""What every public name has: a docstring by numpydoc, types, an example that runs."""

import doctest
import importlib
import inspect
import re

import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import skl_lstm
from skl_lstm import GRUForecaster, LSTMForecaster, SimpleRNNForecaster

MODULES = ("skl_lstm", "skl_lstm.catalogues", "skl_lstm.datasets", "skl_lstm.plotting")
# Of numpydoc's rules, those that the packages we follow leave out as well: a longer
# summary and a See Also where there is nothing to add, and "self : object".
NOT_ASKED = {"ES01", "SA01", "RT02"}
# Signatures of two conventions are shown by `show_signature`, and taken as *args.
SHOWN = {"fit", "predict", "fit_predict", "score"}
SHOWN |= {"predict_interval", "predict_quantiles"}


def list_public():
    """List the full names of public classes and functions."""
    for module in MODULES:
        for name in importlib.import_module(module).__all__:
            if not name.startswith("_"):
                yield f"{module}.{name}"


def find(name):
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def list_methods():
    """List the methods and properties of public classes that this package defines."""
    for name in list_public():
        for attribute in dir(find(name)) if inspect.isclass(find(name)) else ():
            value = inspect.getattr_static(find(name), attribute)
            value = getattr(value, "__func__", getattr(value, "fget", value))
            is_ours = str(getattr(value, "__module__", "")).startswith("skl_lstm")
            if is_ours and not attribute.startswith("_"):
                yield f"{name}.{attribute}"


PUBLIC, METHODS = list(list_public()), list(list_methods())


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_documented_with_an_example(name):
    validate = pytest.importorskip("numpydoc.validate").validate
    faults = [fault for fault in validate(name)["errors"] if fault[0] not in NOT_ASKED]
    assert faults == []


@pytest.mark.parametrize("name", METHODS)
def test_a_public_method_is_documented(name):
    validate = pytest.importorskip("numpydoc.validate").validate
    not_asked = {*NOT_ASKED, "EX01"}
    faults = [fault for fault in validate(name)["errors"] if fault[0] not in not_asked]
    assert faults == []


@pytest.mark.parametrize("name", PUBLIC)
def test_the_example_runs(name):
    thing = find(name)
    finder, runner = (
        doctest.DocTestFinder(recurse=False),
        doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE),
    )
    [found] = finder.find(thing, name, globs={})
    assert found.examples
    # What needs the network, or a file of 43,824 lines, is shown only.
    is_skipped = all(doctest.SKIP in one.options for one in found.examples[1:])
    assert is_skipped == bool(re.search("fetch_|load_beijing", name))
    assert runner.run(found).failed == 0


@pytest.mark.parametrize("name", [*PUBLIC, *METHODS])
def test_types_are_complete(name):
    *path, attribute = name.split(".")
    owner = find(".".join(path)) if name in METHODS else None
    thing = inspect.getattr_static(owner, attribute) if owner else find(name)
    thing = getattr(thing, "__func__", getattr(thing, "fget", thing))
    if inspect.isclass(thing):
        thing = thing.__init__
        if not getattr(thing, "__module__", "").startswith("skl_lstm"):
            return
    thing = inspect.unwrap(thing)
    code = thing.__code__
    names = set(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount])
    names |= {"args", "kwargs"} if attribute in SHOWN else set()
    assert thing.__annotations__.keys() >= names - {"self", "cls"} | {"return"}


every_class = pytest.mark.parametrize(
    "cls", [LSTMForecaster, GRUForecaster, SimpleRNNForecaster]
)


# In a notebook --------------------------------------------------------------------


@every_class
def test_the_diagram_of_a_pipeline_shows_the_estimator(cls):
    html = make_pipeline(StandardScaler(), cls(units=7))._repr_html_()
    assert "sk-top-container" in html
    assert "StandardScaler" in html
    assert f"{cls.__name__}" in html
    assert "units" in html
    assert "7" in html


@every_class
def test_an_estimator_alone_is_a_diagram_too(cls):
    bundle = cls(units=7)._repr_mimebundle_()
    assert f"{cls.__name__}(units=7)" in bundle["text/plain"]
    assert cls.__name__ in bundle["text/html"]


def test_the_version_stands_in_one_place():
    text = {p.name: p.read_text() for p in _list_texts()}
    assert [n for n, t in text.items() if skl_lstm.__version__ in t] == ["__init__.py"]


def _list_texts():
    root = importlib.import_module("tests").ROOT
    names = ("pyproject.toml", "CITATION.cff", "docs/conf.py", "skl_lstm/__init__.py")
    return [root / name for name in names]
