"""Codecs of estimators and of what they hold, each class from an explicit list.

An object that is met again is a reference to the first meeting: two names of one
fitted scaler stay two names of one scaler, and objects may refer to each other.
"""

import enum
import inspect
import sys
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Any

import sklearn.compose
import sklearn.impute
import sklearn.pipeline
import sklearn.preprocessing
from sklearn.base import BaseEstimator
from sklearn.utils.metadata_routing import MetadataRequest
from sktime.datatypes._dtypekind import DtypeKind
from sktime.datatypes._vectorize import VectorizedDF
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._persistence._codec import Codec, Decoder, Encoder, Node, UnkeptError
from skl_lstm.forecasters import (
    GRUForecaster,
    LSTMForecaster,
    SimpleRNNForecaster,
)

PREFIX = __name__.partition(".")[0] + "."
# Classes of records by name, as far as they were asked for.
_RECORDS: dict[str, type] = {}

FORECASTERS: dict[str, type] = {
    cls.__name__: cls for cls in (LSTMForecaster, GRUForecaster, SimpleRNNForecaster)
}
PIPELINE = sklearn.pipeline.Pipeline
ESTIMATORS: dict[str, type] = FORECASTERS | {
    cls.__name__: cls
    for cls in (
        sklearn.compose.ColumnTransformer,
        sklearn.impute.SimpleImputer,
        PIPELINE,
        sklearn.preprocessing.FunctionTransformer,
        sklearn.preprocessing.MaxAbsScaler,
        sklearn.preprocessing.MinMaxScaler,
        sklearn.preprocessing.OneHotEncoder,
        sklearn.preprocessing.OrdinalEncoder,
        sklearn.preprocessing.PowerTransformer,
        sklearn.preprocessing.QuantileTransformer,
        sklearn.preprocessing.RobustScaler,
        sklearn.preprocessing.StandardScaler,
    )
}
# Plain holders of values: their attributes are all there is to them.
HOLDERS: dict[str, type] = {
    "ForecastingHorizon": ForecastingHorizon,
    "VectorizedDF": VectorizedDF,
    "MetadataRequest": MetadataRequest,
    "MethodMetadataRequest": type(MetadataRequest(owner=None).fit),
}
ENUMS: dict[str, type[enum.Enum]] = {"DtypeKind": DtypeKind}
# A pipeline with a memory would load pickles from a folder that the file names.
FORBIDDEN_PARAMETERS = {"Pipeline": {"memory"}}


def _is_one_of(classes: Mapping[str, type]) -> Any:
    return lambda value: classes.get(type(value).__name__) is type(value)


# Estimators ---------------------------------------------------------------------


def _encode_estimator(value: BaseEstimator, encoder: Encoder) -> dict[str, Node]:
    name, number = type(value).__name__, encoder.meet(value)
    given = value.get_params(deep=False)
    parameters = {}
    for parameter, setting in given.items():
        try:
            _check_parameter(name, parameter, setting)
            parameters[parameter] = encoder.encode(setting)
        except UnkeptError as error:
            raise TypeError(
                f"The '{parameter}' parameter of {name} must be made of what "
                "load_model can restore without executing code (numbers, text, "
                "arrays, Keras' own losses, optimizers and regularizers, "
                "scikit-learn's scalers and encoders). "
                f"Got {setting!r} instead, which holds {error}. Set it to None on the "
                f"fitted estimator (estimator.{parameter} = None) if it is needed no "
                "more, or use pickle for files that only you write."
            ) from error
    state = {k: v for k, v in vars(value).items() if k not in given}
    return {
        "class": name,
        "object": number,
        "parameters": parameters,
        "state": _encode_state(state, name, encoder),
    }


def _check_parameter(name: str, parameter: str, setting: Any) -> None:
    if parameter in FORBIDDEN_PARAMETERS.get(name, ()) and setting is not None:
        raise UnkeptError("a cache of pickles")


def _encode_state(
    state: Mapping[str, Any], name: str, encoder: Encoder
) -> dict[str, Node]:
    nodes = {}
    for attribute, value in state.items():
        try:
            nodes[attribute] = encoder.encode(value)
        except UnkeptError as error:
            raise TypeError(
                f"The attribute '{attribute}' of this {name} cannot be kept in a file "
                f"that executes nothing when it is loaded: it holds {error}. Delete "
                "the attribute, or use pickle for files that only you write."
            ) from error
    return nodes


def _decode_estimator(node: Mapping[str, Node], decoder: Decoder) -> BaseEstimator:
    name = node["class"]
    cls = ESTIMATORS[name]
    parameters = decoder.decode_names(node["parameters"])
    unknown = parameters.keys() - inspect.signature(cls).parameters
    if unknown:
        raise ValueError(f"{name} has no parameter {sorted(unknown)[0]!r}")
    for parameter, setting in parameters.items():
        _check_parameter(name, parameter, setting)
    value = cls(**parameters)
    decoder.objects[node["object"]] = value
    state = decoder.decode_names(node["state"])
    if state.keys() & parameters.keys():
        raise ValueError(f"a parameter of {name} is no part of its state")
    vars(value).update(state)
    return value


# Records: the dataclasses, named tuples and plain classes of this package --------


def _find_record_class(name: str) -> type:
    """Return this package's record of a name.

    Of the modules that are loaded, so that nothing is imported for a file.
    """
    if name not in _RECORDS:
        modules = [m for n, m in sys.modules.copy().items() if n.startswith(PREFIX)]
        classes = [cls for module in modules for cls in vars(module).values()]
        _RECORDS.update({c.__name__: c for c in classes if _is_record_class(c)})
    return _RECORDS[name]


def _is_record_class(cls: Any) -> bool:
    is_own = isinstance(cls, type) and cls.__module__.startswith(PREFIX)
    return is_own and (is_dataclass(cls) or _is_named_tuple(cls) or _is_plain(cls))


def _is_plain(cls: type) -> bool:
    """Whether a class of a module right inside this package is attributes alone."""
    return cls.__bases__ == (object,) and cls.__module__.count(".") == 1


def _is_named_tuple(cls: type) -> bool:
    return issubclass(cls, tuple) and hasattr(cls, "_fields")


def _is_record(value: Any) -> bool:
    cls = type(value)
    return _is_record_class(cls) and _find_record_class(cls.__name__) is cls


def _encode_record(value: Any, encoder: Encoder) -> dict[str, Node]:
    cls, number = type(value), encoder.meet(value)
    if _is_named_tuple(cls):
        contents = value._asdict()
    elif is_dataclass(cls):
        contents = {f.name: getattr(value, f.name) for f in fields(cls)}
    else:
        contents = vars(value)
    return {
        "class": cls.__name__,
        "object": number,
        "fields": encoder.encode_names(contents),
    }


def _decode_record(node: Mapping[str, Node], decoder: Decoder) -> Any:
    cls = _find_record_class(node["class"])
    contents = decoder.decode_names(node["fields"])
    value: Any
    if _is_named_tuple(cls):
        value = cls(**contents)
    else:
        if is_dataclass(cls):
            contents = _complete_fields(cls, contents)
        # Not by its constructor, which may do more than assign.
        value = object.__new__(cls)
        for name, content in contents.items():
            object.__setattr__(value, name, content)
    decoder.objects[node["object"]] = value
    return value


def _complete_fields(cls: type, contents: dict[str, Any]) -> dict[str, Any]:
    """Add the defaults of fields that are younger than the file."""
    known = {field.name: field for field in fields(cls)}
    if contents.keys() - known.keys():
        raise ValueError(f"{cls.__name__} has other fields")
    for name in known.keys() - contents.keys():
        field = known[name]
        if field.default is not MISSING:
            contents[name] = field.default
        elif field.default_factory is not MISSING:
            contents[name] = field.default_factory()
        else:
            raise ValueError(f"{cls.__name__} lacks {name}")
    return contents


# Holders and enumerations -------------------------------------------------------


def _encode_holder(value: Any, encoder: Encoder) -> dict[str, Node]:
    name, number = type(value).__name__, encoder.meet(value)
    state = _encode_state(vars(value), name, encoder)
    return {"class": name, "object": number, "state": state}


def _decode_holder(node: Mapping[str, Node], decoder: Decoder) -> Any:
    cls = HOLDERS[node["class"]]
    value: Any = object.__new__(cls)
    decoder.objects[node["object"]] = value
    vars(value).update(decoder.decode_names(node["state"]))
    return value


def _encode_member(value: enum.Enum, encoder: Encoder) -> dict[str, Node]:
    return {"class": type(value).__name__, "name": value.name}


def _decode_member(node: Mapping[str, Node], decoder: Decoder) -> enum.Enum:
    return ENUMS[node["class"]][node["name"]]


# Keras' objects -----------------------------------------------------------------


def _is_of_keras(value: Any) -> bool:
    # Before asking the engine, which would load Keras for anything else, too.
    return type(value).__module__.startswith("keras.")


def _encode_keras(value: Any, encoder: Encoder) -> dict[str, Node]:
    from skl_lstm._engine.config import describe

    described = describe(value)
    if described is None:
        cls = type(value)
        raise UnkeptError(f"{cls.__module__}.{cls.__qualname__}")
    kind, name, settings = described
    return {"role": kind, "class": name, "settings": encoder.encode_names(settings)}


def _decode_keras(node: Mapping[str, Node], decoder: Decoder) -> Any:
    from skl_lstm._engine.config import rebuild

    return rebuild(node["role"], node["class"], decoder.decode_names(node["settings"]))


CODECS = (
    Codec("estimator", _is_one_of(ESTIMATORS), _encode_estimator, _decode_estimator),
    Codec("record", _is_record, _encode_record, _decode_record),
    Codec("holder", _is_one_of(HOLDERS), _encode_holder, _decode_holder),
    Codec("member", _is_one_of(ENUMS), _encode_member, _decode_member),
    Codec("keras", _is_of_keras, _encode_keras, _decode_keras),
)
