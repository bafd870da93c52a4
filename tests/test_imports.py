"""What an import loads, and which room of the package may import which."""

import ast
import graphlib
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import skl_lstm
from tests import run_python

PACKAGE = Path(skl_lstm.__file__).parent

# Rooms and the rooms they may import, lowest first: nobody imports a room below
# itself. Inside a room every module may import every other.
MAY_IMPORT = {
    "_exceptions": set(),
    "_engine": set(),
    "_series": set(),
    "_windows": {"_engine", "_series"},
    "_intervals": {"_engine", "_windows"},
    "_forecasting": {"_engine", "_windows", "_series", "_intervals"},
    "_training": {"_engine", "_series", "_windows", "_intervals", "_forecasting"},
    "_estimator": {
        "_exceptions",
        "_engine",
        "_windows",
        "_series",
        "_intervals",
        "_forecasting",
        "_training",
    },
    "forecasters": {"_engine", "_estimator"},
    "catalogues": {"forecasters"},
    "_persistence": {
        "_exceptions",
        "_engine",
        "_series",
        "_windows",
        "_intervals",
        "_forecasting",
        "forecasters",
    },
    "datasets": set(),
    "plotting": set(),
    "__init__": {
        "_exceptions",
        "_engine",
        "_estimator",
        "_persistence",
        "forecasters",
        # At first use.
        "catalogues",
        "datasets",
        "plotting",
    },
}
MOST_ROOMS = 16
# The libraries that are kept in their rooms; NumPy and SciPy may go everywhere.
# "private" is what scikit-learn may change without notice.
LIBRARIES = {
    "_exceptions": {"sklearn", "sktime"},
    "_engine": {"tensorflow", "keras"},
    "_windows": {"sklearn"},
    "_series": {"pandas", "sklearn", "sktime"},
    "_intervals": {"sklearn"},
    "_training": {"sklearn"},
    "_estimator": {"pandas", "sklearn", "sktime", "skpro", "private"},
    "catalogues": {"sktime"},
    "_persistence": {"pandas", "sklearn", "sktime"},
    "datasets": {"pandas", "sklearn", "yfinance"},
    "plotting": {"pandas", "sklearn", "matplotlib"},
}
KEPT = {"tensorflow", "keras", "pandas", "sklearn", "sktime", "skbase"}
KEPT |= {"matplotlib", "yfinance", "torch", "jax", "skpro"}


def name_module(path):
    """Name a file as Python does, without the name of the package."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts[-1] == "__init__" and len(parts) > 1:
        parts = parts[:-1]
    return ".".join(parts)


MODULES = {name_module(path): path for path in PACKAGE.rglob("*.py")}


def find_room(module):
    """Return the room of a module: its subpackage, or itself at the top level."""
    return module.split(".")[0]


def list_imports(path):
    """List the full names that a file imports, those inside functions, too."""
    names = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return names


def list_own_imports(path):
    """List the modules of this package that a file imports."""
    found = set()
    for name in list_imports(path):
        if name.split(".")[0] != "skl_lstm":
            continue
        inner = name.removeprefix("skl_lstm").removeprefix(".")
        # The last part may be a name inside the module.
        candidates = [inner, inner.rpartition(".")[0], "__init__"]
        found.add(next(module for module in candidates if module in MODULES))
    return found


def list_kept_libraries(path):
    """List which of the libraries that are kept in their rooms a file imports."""
    found = set()
    for name in list_imports(path):
        parts = name.split(".")
        if parts[0] in KEPT:
            found.add(parts[0])
        if parts[0] == "sklearn" and any(part.startswith("_") for part in parts):
            found.add("private")
    return found


# Layers -----------------------------------------------------------------------


def test_every_room_is_in_the_table():
    assert {find_room(module) for module in MODULES} == MAY_IMPORT.keys()
    assert LIBRARIES.keys() <= MAY_IMPORT.keys()


def test_there_are_few_rooms():
    assert len(MAY_IMPORT) <= MOST_ROOMS


def test_the_table_itself_lets_no_room_import_a_higher_one():
    order = list(MAY_IMPORT)
    for room, others in MAY_IMPORT.items():
        assert all(order.index(other) < order.index(room) for other in others)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_the_rooms_it_may(module):
    room = find_room(module)
    imported = {find_room(other) for other in list_own_imports(MODULES[module])}
    assert imported - {room} <= MAY_IMPORT[room]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_imports_only_the_libraries_it_may(module):
    found = list_kept_libraries(MODULES[module])
    assert found <= LIBRARIES.get(find_room(module), set())


def test_no_modules_import_each_other_in_a_circle():
    graph = {
        module: list_own_imports(path) - {"__init__"}
        for module, path in MODULES.items()
    }
    assert len(list(graphlib.TopologicalSorter(graph).static_order())) >= len(graph) - 1


def test_the_reader_of_imports_sees_what_there_is(tmp_path):
    path = tmp_path / "module.py"
    path.write_text(
        "import pandas as pd\n"
        "from sklearn.utils._mask import _get_mask\n"
        "from skl_lstm._engine import config\n"
        "def late():\n"
        "    from skl_lstm._engine.data import Data\n"
        "    import tensorflow.math\n"
    )
    assert list_kept_libraries(path) == {"pandas", "sklearn", "private", "tensorflow"}
    assert list_own_imports(path) == {"_engine.config", "_engine.data"}


# Routes -----------------------------------------------------------------------


def list_rooms_passed(call):
    """List the rooms whose functions run while ``call`` does."""
    passed = set()

    def look(frame, event, argument):
        path = Path(frame.f_code.co_filename)
        if event == "call" and path.is_relative_to(PACKAGE):
            passed.add(find_room(name_module(path)))

    sys.setprofile(look)
    try:
        call()
    finally:
        sys.setprofile(None)
    return passed


def test_a_forecast_passes_few_rooms():
    small = {"units": 2, "epochs": 1, "window_length": 4, "random_state": 0}
    forecaster = skl_lstm.LSTMForecaster(**small).fit(
        np.sin(np.arange(40.0)), fh=[1, 2]
    )
    passed = list_rooms_passed(forecaster.predict)
    assert {"_estimator", "_forecasting", "_engine"} <= passed
    assert len(passed) <= 6


# Size -------------------------------------------------------------------------

LONGEST_FUNCTION, LONGEST_MODULE = 50, 450


def count_code_lines(function):
    """Count the lines of a function without its docstring."""
    n_lines = function.end_lineno - function.lineno + 1
    first = function.body[0]
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return n_lines - (first.end_lineno - first.lineno + 1) * is_docstring


@pytest.mark.parametrize("module", sorted(MODULES))
def test_functions_and_modules_are_short(module):
    text = MODULES[module].read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST_MODULE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef) and node.name != "__init__":
            assert count_code_lines(node) <= LONGEST_FUNCTION, node.name


# Loading ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def told():
    """What a process tells of what it has loaded: three of them would load sktime."""
    heavy = {"tensorflow", "keras", "matplotlib", "yfinance", "statsmodels", "torch"}
    code = (
        "import sys\n"
        "def show(): print(sorted(set(sys.modules) & "
        f"{heavy!r}))\n"
        "import skl_lstm; show()\n"
        "print('skl_lstm.plotting' in sys.modules, end=' ')\n"
        "print(skl_lstm.plotting.ForecastDisplay.__name__, skl_lstm.datasets)\n"
        "import skl_lstm.datasets; show()\n"
        "import skl_lstm.plotting; show()\n"
        "import skl_lstm.catalogues; show()\n"
        "from sklearn.base import clone\n"
        "for cls in (skl_lstm.LSTMForecaster, skl_lstm.GRUForecaster,\n"
        "            skl_lstm.SimpleRNNForecaster):\n"
        "    estimator = clone(cls(units=3).set_params(epochs=4))\n"
        "    repr(estimator), estimator.get_tags(), estimator.get_params()\n"
        "    try: estimator.fit([1.0, 2.0], fh='nonsense')\n"
        "    except (TypeError, ValueError): pass\n"
        "show()\n"
        "skl_lstm.clear_programs()\n"
        "skl_lstm.set_program_limit(3)\n"
        "print(*skl_lstm.program_cache_info(), 'tensorflow' in sys.modules)\n"
        "from skl_lstm._engine.cache import PROGRAMS\n"
        "print(*skl_lstm.program_cache_info(), PROGRAMS.limit)\n"
    )
    return run_python(code).stdout.splitlines()


def test_importing_loads_nothing_heavy(told):
    assert [line for line in told if line.startswith("[")] == ["[]"] * 5


def test_a_part_is_loaded_when_it_is_asked_for(told):
    assert told[1].startswith("False ForecastDisplay <module")


def test_no_call_loads_tensorflow_and_a_limit_set_before_it_holds(told):
    assert told[-2:] == ["0 3 0 False", "0 3 0 3"]


def test_importing_costs_a_twentieth_of_its_libraries():
    # A share of the time of this process: others may keep the machine busy and slow.
    # Without a collection among the libraries' objects, which may fall anywhere.
    code = (
        "import gc, time, sklearn.linear_model, sklearn.metrics, sklearn.pipeline\n"
        "import sklearn.preprocessing, sktime.forecasting.base\n"
        "gc.freeze()\n"
        "start = time.process_time()\n"
        "import skl_lstm\n"
        "print((time.process_time() - start) / start)\n"
    )
    # The first process keeps the compiled modules that the others read.
    keeps = {"PYTHONDONTWRITEBYTECODE": ""}
    assert any(float(run_python(code, **keeps).stdout) < 0.05 for _ in range(3))


FIT = (
    "import numpy as np\n"
    "from skl_lstm import LSTMForecaster\n"
    "small = {'units': 2, 'epochs': 1, 'window_length': 4, 'random_state': 0}\n"
    "forecaster = LSTMForecaster(**small, early_stopping=False)\n"
    "y = np.sin(np.arange(30.0))\n"
)


def test_another_backend_of_keras_is_named_with_the_way_out():
    code = FIT + "try: forecaster.fit(y)\nexcept ImportError as error: print(error)\n"
    message = run_python(code, KERAS_BACKEND="jax").stdout
    assert "'jax'" in message
    assert "KERAS_BACKEND=tensorflow" in message


def test_numbers_are_float32_whatever_the_settings_of_keras(tmp_path):
    settings = {
        "floatx": "float64",
        "epsilon": 1e-3,
        "backend": "tensorflow",
        "image_data_format": "channels_last",
    }
    (tmp_path / "keras.json").write_text(json.dumps(settings))
    code = FIT + (
        "import keras\n"
        "from skl_lstm._engine.cache import PROGRAMS\n"
        "def show():\n"
        "    PROGRAMS.clear()\n"
        "    forecaster.fit(y, fh=[1, 2])\n"
        "    weights = forecaster.model_.trainable_variables\n"
        "    print(keras.config.floatx(), {str(w.dtype) for w in weights}, end=' ')\n"
        "    print(forecaster.predict().tolist())\n"
        "show()\n"
        "keras.config.set_floatx('float32'); show()\n"
        "keras.config.set_dtype_policy('mixed_bfloat16'); show()\n"
    )
    lines = run_python(code, KERAS_HOME=str(tmp_path)).stdout.splitlines()
    assert lines[0].startswith("float64 {'float32'} [")
    assert lines[1] == lines[0].replace("float64", "float32", 1)
    assert lines[2] == lines[1]
