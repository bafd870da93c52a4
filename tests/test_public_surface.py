"""What every public name has: a docstring by numpydoc, types, an example that runs."""

import doctest
import importlib
import inspect
import pickle
import re

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sktime.forecasting.compose import TransformedTargetForecaster
from sktime.transformations.series.difference import Differencer

import skl_lstm
from skl_lstm import PLAIN, GRUForecaster, LSTMForecaster, SimpleRNNForecaster
from skl_lstm._estimator import notebook

MODULES = ("skl_lstm", "skl_lstm.catalogues", "skl_lstm.datasets", "skl_lstm.plotting")
# Of numpydoc's rules, those that the packages we follow leave out as well: a longer
# summary and a See Also where there is nothing to add, and "self : object".
NOT_ASKED = {"ES01", "SA01", "RT02"}
# Headings within the parameters of the estimators, which numpydoc takes for more.
GROUPS = {"Data and windows", "Network", "Training", "Forecasting", "Output"}
# Signatures of two conventions are shown by `show_signature`, and taken as *args.
SHOWN = {"fit", "predict", "fit_predict", "score"}
SHOWN |= {"predict_interval", "predict_quantiles", "predict_one_step", "update"}
SHOWN |= {"encode", "anomaly_scores"}


def list_public():
    """List the full names of public classes and functions."""
    for module in MODULES:
        for name in importlib.import_module(module).__all__:
            if not name.startswith("_") and name != "PLAIN":
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
    faults = [
        fault
        for fault in validate(name)["errors"]
        if fault[0] not in NOT_ASKED and not is_of_heading(*fault)
    ]
    assert faults == []


def is_of_heading(code, text):
    named = set(re.findall("""["'](.+?)["']""", text))
    return code in {"PR02", "PR04", "PR07"} and named <= GROUPS


@pytest.mark.parametrize("cls", [LSTMForecaster, GRUForecaster, SimpleRNNForecaster])
def test_parameters_are_documented_in_groups(cls):
    text = inspect.getdoc(cls).partition("Attributes\n---")[0]
    groups = re.split(rf"\n({'|'.join(GROUPS)})\n\n", text)[1:]
    assert set(groups[::2]) == GROUPS
    listed = re.findall(r"^(\w+) : ", "\n".join(groups[1::2]), re.M)
    assert sorted(listed) == sorted(cls().get_params())


@pytest.mark.parametrize("name", METHODS)
def test_a_public_method_is_documented(name):
    validate = pytest.importorskip("numpydoc.validate").validate
    not_asked = {*NOT_ASKED, "EX01"}
    faults = [fault for fault in validate(name)["errors"] if fault[0] not in not_asked]
    assert faults == []


# The other cells' examples say what that of the first does, which a check of sktime's
# runs.
CLASSES = {
    "skl_lstm.LSTMForecaster",
    "skl_lstm.GRUForecaster",
    "skl_lstm.SimpleRNNForecaster",
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow if name in CLASSES else [])
        for name in PUBLIC
    ],
)
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
    names |= {"args", "kwargs"} & set(code.co_varnames) if attribute in SHOWN else set()
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


@pytest.fixture(scope="module")
def fitted():
    small = {"units": 2, "epochs": 1, "window_length": 4, "horizon": 1}
    return LSTMForecaster(**small, random_state=0).fit(np.sin(np.arange(40.0)), fh=[1])


def test_a_fitted_estimator_shows_what_its_forecast_is_made_of(fitted, monkeypatch):
    # Showing it must build no Keras model.
    monkeypatch.setattr("skl_lstm._engine.network.restore_model", None)
    shares = [f"{name} {v:.0%}" for name, v in fitted.components_.items() if v > 0.01]
    bundle = fitted._repr_mimebundle_()
    assert bundle["text/plain"].startswith(repr(fitted))
    assert all(share in bundle["text/plain"] for share in shares)
    html = bundle["text/html"]
    assert all(words in html for words in (*shares, "window_length", "units"))
    if hasattr(fitted, "_get_fitted_attr_html"):  # of scikit-learn 1.9
        assert "components_" in html
    assert "model_" not in html
    # scikit-learn's box and sktime's, one diagram each.
    pipeline = make_pipeline(StandardScaler(), fitted)._repr_html_()
    composite = TransformedTargetForecaster([Differencer(), fitted])._repr_html_()
    for html in (pipeline, composite):
        assert html.count("sk-top-container") <= 2
        assert all(share in html for share in shares)
        assert "units=2" in html or "window_length" in html


def test_a_diagram_links_to_the_site_where_there_is_one(monkeypatch):
    monkeypatch.setattr(notebook, "find_site", lambda: "https://site.example")
    address = "https://site.example/generated/skl_lstm.LSTMForecaster.html"
    assert LSTMForecaster()._get_doc_link() == address
    assert f'href="{address}"' in LSTMForecaster()._repr_html_()
    monkeypatch.setattr(notebook, "find_site", lambda: "")
    assert LSTMForecaster()._get_doc_link() == ""


# Names and help ---------------------------------------------------------------------


@every_class
def test_the_first_three_parameters_are_positional_the_rest_by_keyword(cls):
    kinds = [p.kind.name for p in inspect.signature(cls).parameters.values()]
    assert kinds[:3] == ["POSITIONAL_OR_KEYWORD"] * 3
    assert set(kinds[3:]) == {"KEYWORD_ONLY"}
    with pytest.raises(TypeError, match=rf"{cls.__name__}\(\) takes 3 .* by keyword"):
        cls(8, 1, 2, "tanh")


OURS = {
    **dict.fromkeys(["lookback", "timesteps", "n_lags", "lags"], "window_length"),
    **dict.fromkeys(["window_size", "input_chunk_length"], "window_length"),
    **dict.fromkeys(["hidden_size", "n_layers", "unit"], "units"),
    **dict.fromkeys(["patience", "tol"], "n_iter_no_change"),
    **dict.fromkeys(["n_epochs", "max_iter", "epoch"], "epochs"),
    **{"validation_split": "validation_fraction", "seed": "random_state"},
    **{"lr": "learning_rate", "metrics": "history_", "widow_lenght": "window_length"},
}


@every_class
@pytest.mark.parametrize("name", OURS)
def test_a_wrong_name_is_answered_by_ours(cls, name):
    answer = rf"{cls.__name__}.*'{name}'.*{OURS[name]}"
    with pytest.raises(TypeError, match=answer):
        cls(**{name: 3})
    with pytest.raises(
        TypeError, match=answer.replace("Forecaster", r"Forecaster\.fit")
    ):
        cls().fit([1.0, 2.0], **{name: 3})
    estimator = cls(units=5)
    with pytest.raises(ValueError, match=rf"'{name}' for {cls.__name__}.*{OURS[name]}"):
        estimator.set_params(units=6, **{name: 3})
    assert estimator.units == 5


def test_a_parameter_given_to_fit_is_sent_to_the_constructor():
    with pytest.raises(TypeError, match=r"constructor: LSTMForecaster\(epochs=...\)"):
        LSTMForecaster().fit([1.0, 2.0], epochs=3)


def test_a_name_like_none_of_ours_is_not_guessed():
    with pytest.raises(TypeError, match=r"'zzz'\.$"):
        LSTMForecaster(zzz=1)


class House(LSTMForecaster):
    def __init__(self, units=3, colour="red"):
        self.colour = colour
        super().__init__(units=units)


class Open(LSTMForecaster):
    def __init__(self, **options):
        super().__init__(**options)


def test_subclasses_keep_signatures_of_their_own():
    assert list(inspect.signature(House).parameters) == ["units", "colour"]
    assert pickle.loads(pickle.dumps(clone(House(4, colour="blue")))).colour == "blue"
    with pytest.raises(TypeError, match=r"House\(\) got .*'color'.*'colour'"):
        House(color="blue")
    assert Open(units=7).units == 7
    with pytest.raises(TypeError, match=r"Forecaster.*'seed'|__init__.*'seed'"):
        Open(seed=7)


@pytest.mark.parametrize(
    ("method", "words"),
    {
        "fit": "fit(X, y)",
        "update": "small steps",
        "update_predict": "cutoff",
        "pretrain": "pretrain_mode",
        "predict_interval": "in the convention of the last",
        "predict_quantiles": "in the convention of the last",
        "predict_var": "squared units",
    }.items(),
)
def test_help_says_what_ours_do(method, words):
    text = inspect.getdoc(getattr(LSTMForecaster, method))
    assert words in text
    assert "fall-back" not in text


def test_plain_is_the_network_of_textbooks():
    y = np.sin(np.arange(40.0))
    small = {"units": (3, 2), "epochs": 1, "window_length": 4, "random_state": 0}
    forecaster = LSTMForecaster(**small, **PLAIN).fit(y, fh=[1, 2])
    assert forecaster.components_["recurrent"] == 1
    assert forecaster.horizon_ == 1
    layers = [type(layer).__name__ for layer in forecaster.model_.layers]
    assert [n for n in layers if n in {"LSTM", "Dense"}] == ["LSTM", "LSTM", "Dense"]
    with pytest.raises(TypeError):
        PLAIN["horizon"] = 2


# The package itself -----------------------------------------------------------------


def test_the_package_shows_what_is_public():
    shown = {name for name in dir(skl_lstm) if not name.startswith("__")}
    assert shown == {*skl_lstm.__all__, "catalogues", "datasets", "plotting"} - {
        "__version__"
    }
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        skl_lstm.nothing  # noqa: B018


def test_the_version_stands_in_one_place():
    text = {p.name: p.read_text() for p in _list_texts()}
    assert [n for n, t in text.items() if skl_lstm.__version__ in t] == ["__init__.py"]


def _list_texts():
    root = importlib.import_module("tests").ROOT
    names = ("pyproject.toml", "CITATION.cff", "docs/conf.py", "skl_lstm/__init__.py")
    return [root / name for name in names]
