"""scikit-learn's scalers and Keras' objects: a class of a list, settings, numbers."""

import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from skl_lstm._persistence._values import Kind, UnkeptError
from skl_lstm._windows.scaling import square_positive

# What each learns: its name in the file, and the attribute that holds it.
_ALL = {"n_features": "n_features_in_"}
_COUNT = _ALL | {"n_samples_seen": "n_samples_seen_", "scale": "scale_"}
NUMBERS: dict[type, dict[str, str]] = {
    FunctionTransformer: _ALL,
    MaxAbsScaler: _COUNT | {"max_abs": "max_abs_"},
    MinMaxScaler: _COUNT
    | {"min": "min_", "data_min": "data_min_"}
    | {"data_max": "data_max_", "data_range": "data_range_"},
    PowerTransformer: _ALL | {"lambdas": "lambdas_", "standardizer": "_scaler"},
    QuantileTransformer: _ALL
    | {"quantiles": "quantiles_", "references": "references_"}
    | {"n_quantiles": "n_quantiles_"},
    RobustScaler: _ALL | {"center": "center_", "scale": "scale_"},
    StandardScaler: _COUNT | {"mean": "mean_", "var": "var_"},
}
SCALERS = {cls.__name__: cls for cls in NUMBERS}
# The functions of a FunctionTransformer: elementwise, and each with an inverse.
FUNCTIONS = {
    name: getattr(np, name)
    for name in (
        "log exp log1p expm1 log2 exp2 log10 sqrt square cbrt sinh arcsinh tanh arctanh"
    ).split()
}
FUNCTIONS["square_positive"] = square_positive
# Where Keras has the losses, optimizers and regularizers of a network.
KERAS = {"keras.losses", "keras.optimizers", "keras.regularizers"}
KERAS |= {"keras.optimizers.schedules"}
CLASS_NAME = re.compile("[A-Z][A-Za-z0-9]*")


# Scalers ------------------------------------------------------------------------


def scaler_to_state(scaler: Any, *, fitted: bool = True) -> dict[str, Any]:
    """Take a scaler of the list apart, with what it has learned if it is fitted.

    Raises
    ------
    UnkeptError
        If its class is not in the list.
    """
    cls = type(scaler)
    if cls is Pipeline:
        # Its memory would load pickles from a folder that the file names.
        if scaler.memory is not None:
            raise UnkeptError(scaler.memory)
        steps = [[n, scaler_to_state(s, fitted=fitted)] for n, s in scaler.steps]
        return {"class": "Pipeline", "steps": steps}
    if SCALERS.get(cls.__name__) is not cls:
        raise UnkeptError(scaler)
    defaults = inspect.signature(cls).parameters
    # Few names are few that scikit-learn can change.
    changed = {
        name: value
        for name, value in scaler.get_params(deep=False).items()
        if repr(value) != repr(defaults[name].default)
    }
    state = {"class": cls.__name__, "parameters": changed}
    if fitted:
        numbers = {n: getattr(scaler, a, None) for n, a in NUMBERS[cls].items()}
        state["numbers"] = {n: _number_to_state(v) for n, v in numbers.items()}
    return state


def _number_to_state(value: Any) -> Any:
    if isinstance(value, BaseEstimator):
        return scaler_to_state(value)
    # Counts of whatever integer type are integers.
    return value.item() if isinstance(value, np.generic) else value


def scaler_from_state(state: Mapping[str, Any]) -> Any:
    """Build a scaler; a fitted one returns arrays, as in `fit`."""
    if state["class"] == "Pipeline":
        return Pipeline([(n, scaler_from_state(step)) for n, step in state["steps"]])
    cls = SCALERS[state["class"]]
    scaler = cls(**state["parameters"])
    if "numbers" in state:
        scaler.set_output(transform="default")
    for name, value in state.get("numbers", {}).items():
        number = scaler_from_state(value) if isinstance(value, dict) else value
        setattr(scaler, NUMBERS[cls][name], number)
    return scaler


# Keras' objects -----------------------------------------------------------------


def configuration_to_state(text: str) -> dict[str, Any]:
    """Return a configuration of Keras, of classes of its own alone.

    Raises
    ------
    UnkeptError
        If it names a class of someone else's.
    """
    configuration = json.loads(text)
    try:
        _check_configuration(configuration)
    except ValueError as error:
        raise UnkeptError(configuration) from error
    return configuration


def configuration_from_state(state: dict[str, Any]) -> str:
    """Return a configuration as a specification has it.

    Keras imports what a configuration names: it may name nothing but Keras' own.
    """
    _check_configuration(state)
    return json.dumps(state, sort_keys=True)


def _check_configuration(node: Any) -> None:
    for part in node.values() if isinstance(node, dict) else node:
        if isinstance(part, (dict, list)):
            _check_configuration(part)
    if isinstance(node, dict) and {"class_name", "module"} & node.keys():
        name, module = str(node.get("class_name")), node.get("module")
        own = module in KERAS and CLASS_NAME.fullmatch(name)
        if not own or node.get("registered_name"):
            raise ValueError(f"{module}.{name} is not Keras' own")


def _take_keras_apart(value: Any) -> dict[str, Any]:
    from skl_lstm._engine.config import describe

    described = describe(value)
    if described is None:
        raise UnkeptError(value)
    return dict(zip(("role", "class_name", "settings"), described, strict=True))


def _build_keras(role: str, class_name: str, settings: dict[str, Any]) -> Any:
    from skl_lstm._engine.config import rebuild

    return rebuild(role, class_name, settings)


KINDS = (
    Kind(
        "function",
        lambda value: any(value is function for function in FUNCTIONS.values()),
        lambda value: {"name": value.__name__},
        lambda name: FUNCTIONS[name],
    ),
    Kind(
        "keras",
        # Before asking the engine, which would load Keras for anything else, too.
        lambda value: type(value).__module__.startswith("keras."),
        _take_keras_apart,
        _build_keras,
    ),
    # As a parameter: `fit` clones it, so what it has learned is no part of it.
    Kind(
        "scaler",
        lambda value: isinstance(value, BaseEstimator),
        lambda value: scaler_to_state(value, fitted=False),
        lambda **state: scaler_from_state(state),
    ),
)
