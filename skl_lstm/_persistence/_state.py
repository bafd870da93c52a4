"""What a file says of an estimator: the only module here that knows our objects.

Each kind of object has a table of entries, see `_fields`, or two functions,
``x_to_state`` and ``x_from_state``; docs/model_files.md says what each entry means.
"""

import inspect
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn import config_context
from sktime.datatypes._dtypekind import DtypeKind
from sktime.forecasting.base import ForecastingHorizon

from skl_lstm._engine.ensemble import Networks
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._forecasting.fitted import Fitted
from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._forecasting.theta import Theta
from skl_lstm._intervals.conformal import Calibration, Residuals
from skl_lstm._intervals.quantile_head import QuantileHead
from skl_lstm._intervals.spreads import Spreads
from skl_lstm._persistence._encoders import ENCODER, find_class, rebuild_encoders
from skl_lstm._persistence._fields import (
    Entry,
    Missing,
    entries,
    if_any,
    read_entries,
    record,
    write_entries,
)
from skl_lstm._persistence._objects import (
    configuration_from_state,
    configuration_to_state,
    scaler_from_state,
    scaler_to_state,
)
from skl_lstm._persistence._seasons import SEASONAL, check_seasonal
from skl_lstm._series.categories import Encoding, learn_encoding
from skl_lstm._series.history import History
from skl_lstm._windows.assembly import NOTHING, Around
from skl_lstm._windows.columns import Columns
from skl_lstm._windows.decoder import SeasonalNetworks
from skl_lstm._windows.scaling import UNBOUNDED, Scaling
from skl_lstm._windows.transfer_function import TransferFunction
from skl_lstm._windows.trend import Trend
from skl_lstm.forecasters import GRUForecaster, LSTMForecaster, SimpleRNNForecaster

FORECASTERS = {
    cls.__name__: cls for cls in (LSTMForecaster, GRUForecaster, SimpleRNNForecaster)
}
ABSENT = Missing.ALLOWED
# Of the example from which categories are learned again, one byte each.
MOST_CELLS = 10**8

# Networks -----------------------------------------------------------------------

_KERAS = if_any(configuration_to_state, configuration_from_state)
NETWORK = entries(
    "cell window_length horizon n_outputs n_concurrent n_shifted autoregressive "
    "bridges_gaps window_scaling linear_skip activation dropout recurrent_dropout "
    "bidirectional batch_size compiled_loop"
) | {
    "units": Entry("units", list, tuple),
    "weighted": Entry("weighted", default=False),
    "known_in_window": Entry("known_in_window", default=True),
    "n_decoded": Entry("n_decoded", default=0),
    "encoder": Entry("encoder", *ENCODER, default=None),
    "kernel_regularizer": Entry("kernel_regularizer", *_KERAS),
    "loss": Entry("loss", *_KERAS),
    "optimizer": Entry("optimizer", *_KERAS),
}


def networks_to_state(networks: Networks) -> dict[str, Any]:
    """Return the networks of an ensemble: specification and weights."""
    weights = [list(member) for member in networks.members]
    state = write_entries(NETWORK, networks.spec) | {"weights": weights}
    if isinstance(networks, SeasonalNetworks):
        state["seasonal"] = write_entries(SEASONAL, networks)
    return state


def networks_from_state(state: Mapping[str, Any]) -> Networks:
    """Build networks, whose weights must have the shapes of the specification."""
    described = dict(state)
    members, seasonal = described.pop("weights"), described.pop("seasonal", None)
    spec = NetworkSpec(**read_entries(NETWORK, described))
    expected = [("f", shape) for _, shape in spec.weight_shapes()]
    for weights in members:
        if [(w.dtype.kind, w.shape) for w in weights] != expected:
            raise ValueError("the weights are those of another network")
    if seasonal is None and not spec.n_decoded:
        return Networks(spec, members)
    return check_seasonal(
        SeasonalNetworks(spec, members, **read_entries(SEASONAL, seasonal))
    )


_NETWORKS = (networks_to_state, networks_from_state)

# Intervals ----------------------------------------------------------------------


def join(arrays: Sequence[np.ndarray]) -> dict[str, Any]:
    """Put arrays of different lengths into one: a panel has one for each series."""
    lengths = np.array([len(array) for array in arrays], dtype="int64")
    values = np.concatenate(arrays) if len(arrays) else lengths
    return {"values": values, "lengths": lengths}


def separate(state: Mapping[str, Any]) -> list[np.ndarray]:
    """Cut one array into those of which it was made."""
    values, lengths = state["values"], state["lengths"]
    if (lengths < 0).any() or lengths.sum() != len(values):
        raise ValueError(f"{lengths.sum()} rows in {len(values)}")
    return np.split(values, np.cumsum(lengths)[:-1]) if len(lengths) else []


HEAD = entries("mean spread kernel own_step bias unit") | {
    "networks": Entry("networks", *_NETWORKS)
}
RESIDUALS = entries("scores held_out") | {
    "weights": Entry("weights", default=None),
    "spreads": Entry(
        "spreads", *if_any(*record(Spreads, entries("values series"))), default=None
    ),
    "head": Entry("expected", *if_any(*record(QuantileHead, HEAD))),
}
CALIBRATION = entries("held_out intervals") | {
    "networks": Entry("networks", *if_any(*_NETWORKS)),
    "origins": Entry("origins", join, separate),
    "head_origins": Entry("trained_on", join, separate),
    "residuals": Entry("residuals", *if_any(*record(Residuals, RESIDUALS))),
}


# Trained models -----------------------------------------------------------------

SCALING = {
    "scaler": Entry("y", scaler_to_state, scaler_from_state),
    "mean": Entry("y_mean"),
    "zero": Entry("y_zero"),
    "transform": Entry("y_transform", default=None),
    "level": Entry("y_level", default=None),
    "bounds": Entry("bounds", list, tuple, default=UNBOUNDED),
    "are_counts": Entry("are_counts", default=None),
}


def scaling_to_state(scalings: Sequence[Scaling]) -> dict[str, Any]:
    """Return the scaling of y in each series, and of X in all."""
    return {
        "y": [write_entries(SCALING, scaling) for scaling in scalings],
        "X_scaler": scaler_to_state(scalings[0].X),
        "X_mean": scalings[0].X_mean,
    }


def scaling_from_state(state: Mapping[str, Any]) -> tuple[Scaling, ...]:
    """Build the scaling of each series."""
    X = {"X": scaler_from_state(state["X_scaler"]), "X_mean": state["X_mean"]}
    return tuple(Scaling(**read_entries(SCALING, y), **X) for y in state["y"])


COLUMNS = entries("n_target_flags") | {
    name: Entry(name, list, tuple) for name in ("concurrent", "shifted", "flagged")
}
TRANSFER = entries("response feedback center")
TREND = entries("slope damping")
AROUND = {
    "transfer": Entry("transfer", *if_any(*record(TransferFunction, TRANSFER))),
    "trend": Entry("trend", *if_any(*record(Trend, TREND))),
}
THETA = entries("sp share") | {"smoothings": Entry("smoothings", list, tuple)}
MODEL = entries("curves learning_rate") | {
    "networks": Entry("networks", *_NETWORKS),
    "columns": Entry("columns", *record(Columns, COLUMNS)),
    "scaling": Entry("scalings", scaling_to_state, scaling_from_state),
    "calibration": Entry("calibration", *record(Calibration, CALIBRATION)),
    "theta": Entry("theta", *if_any(*record(Theta, THETA))),
    "around": Entry("around", *record(Around, AROUND), default=NOTHING),
    "seasons": Entry("seasons", list, tuple, default=()),
}


# Series -------------------------------------------------------------------------


def keys_to_state(keys: Iterable[Any]) -> list[list[Any]]:
    """Return the keys of series level by level; a single series has none."""
    return [list(level) for level in zip(*keys, strict=True)]


def keys_from_state(levels: Sequence[Sequence[Any]]) -> list[Any]:
    """Build the keys of series."""
    return list(zip(*levels, strict=True)) or [()]


def series_to_state(histories: Mapping[Any, History]) -> dict[str, Any]:
    """Return the rows of all series one below the other; equal times are kept once."""
    rows = list(histories.values())
    times = {(id(h.index), h.freq): [h.index, h.freq] for h in rows}
    numbers = {key: i for i, key in enumerate(times)}
    weights = [h.weights for h in rows if h.weights is not None]
    return {
        "keys": keys_to_state(histories),
        "y": join([h.y for h in rows]),
        "X": join([h.X for h in rows]),
        "weights": join(weights) if weights else None,
        "times": list(times.values()),
        "times_of": np.array([numbers[id(h.index), h.freq] for h in rows]),
    }


def series_from_state(state: Mapping[str, Any]) -> dict[Any, History]:
    """Build the rows of all series, which must fit their times."""
    keys = keys_from_state(state["keys"])
    weighed = state.get("weights")
    weights = [None] * len(keys) if weighed is None else separate(weighed)
    rows = zip(keys, separate(state["y"]), separate(state["X"]), weights, strict=True)
    histories = {}
    for (key, y, X, own), number in zip(rows, state["times_of"], strict=True):
        index, freq = state["times"][number]
        arrays = [y, X] if own is None else [y, X, own]
        lengths = {len(y if index is None else index), *map(len, arrays)}
        if len(lengths) > 1 or {array.dtype.kind for array in arrays} != {"f"}:
            raise ValueError(f"the rows of the series {key!r} do not fit")
        histories[key] = History(y, X, index, freq, weights=own)
    return histories


def encoding_to_state(encoding: Encoding) -> dict[str, Any]:
    """Return the columns of X, and the categories of those that have any."""
    known = [] if encoding.encoder is None else encoding.encoder.categories_
    pairs = zip(encoding.categories, known, strict=True)
    categories = [[name, list(values)] for name, values in pairs]
    return {"columns": encoding.columns, "categories": categories}


def encoding_from_state(state: Mapping[str, Any]) -> Encoding:
    """Learn the categories once more, from rows that hold each of them."""
    categories = dict(state["categories"])
    n_rows = max([1, *map(len, categories.values())])
    shape = n_rows, len(state["columns"])
    if math.prod(shape) > MOST_CELLS:
        raise ValueError(f"an example of {shape} rows and columns")
    rows = pd.DataFrame(np.zeros(shape, "int8"), columns=state["columns"])
    for name, known in categories.items():
        column = pd.Series(known + known[:1] * (n_rows - len(known)), dtype=object)
        # Text that looks like numbers is a category only if its type says so.
        rows[name] = column.astype("category")
    return learn_encoding(rows)


# sktime's own -------------------------------------------------------------------


def horizon_to_state(fh: ForecastingHorizon) -> dict[str, Any]:
    """Return the steps of a horizon."""
    steps, is_relative = fh.to_pandas(), bool(fh.is_relative)
    # No range, which may be longer than the file.
    if isinstance(steps, pd.RangeIndex):
        steps = pd.Index(steps.to_numpy())
    return {"steps": steps, "is_relative": is_relative, "frequency": fh.freq}


def horizon_from_state(state: Mapping[str, Any]) -> ForecastingHorizon:
    """Build a horizon."""
    steps, is_relative, frequency = (
        state["steps"],
        state["is_relative"],
        state["frequency"],
    )
    return ForecastingHorizon(steps, is_relative=is_relative, freq=frequency)


def target_type_to_state(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return the type of y, of which forecasts are to be."""
    return {
        "mtype": metadata["mtype"],
        "scitype": metadata["scitype"],
        "names": list(metadata["feature_names"]),
        "kinds": [kind.name for kind in metadata["feature_kind"]],
    }


def target_type_from_state(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the type of y as sktime notes it."""
    return {
        "mtype": state["mtype"],
        "scitype": state["scitype"],
        "n_features": len(state["names"]),
        "feature_names": state["names"],
        "feature_kind": [DtypeKind[name] for name in state["kinds"]],
    }


def target_notes_to_state(store: Mapping[str, Any]) -> dict[str, Any]:
    """Return what else sktime noted of y to make forecasts like it: names, mostly."""
    lists = ("coords", "index_names", "instance_names")
    return {n: list(v) if n in lists else v for n, v in store.items()}


# Estimators ---------------------------------------------------------------------

_MODEL = record(TrainedModel, MODEL)
_HORIZON = if_any(horizon_to_state, horizon_from_state)
_ENCODING = if_any(encoding_to_state, encoding_from_state)
FITTED = entries("seed") | {
    "model": Entry("model", *_MODEL),
    "series": Entry("histories", series_to_state, series_from_state),
}
ESTIMATOR = {
    "convention": Entry("_convention", default=ABSENT),
    "fitted": Entry("_fitted", *record(Fitted, FITTED), default=ABSENT),
    "encoding": Entry("_encoding", *_ENCODING, default=ABSENT),
    "y_columns": Entry("_y_columns", default=ABSENT),
    "X_columns": Entry("_X_columns", default=ABSENT),
    "index_names": Entry("_index_names", default=ABSENT),
    "n_features": Entry("n_features_in_", default=ABSENT),
    "feature_names": Entry(
        "feature_names_in_", list, lambda n: np.array(n, dtype=object), default=ABSENT
    ),
    "n_target_dimensions": Entry("_n_target_dimensions", default=ABSENT),
    "keys": Entry("_keys", keys_to_state, keys_from_state, default=ABSENT),
    "row_positions": Entry("_row_positions", default=ABSENT),
    "row_numbers": Entry("_row_numbers", default=ABSENT),
    "horizon": Entry("_fh", *_HORIZON),
    "horizon_at_fit": Entry("_fh_at_fit", *_HORIZON, default=ABSENT),
    "cutoff": Entry("_cutoff"),
    "target_type": Entry(
        "_y_metadata", target_type_to_state, target_type_from_state, default=ABSENT
    ),
    "target_notes": Entry("_converter_store_y", target_notes_to_state),
    "pretrained_model": Entry("pretrained_model_", *_MODEL, default=ABSENT),
    "pretrained_encoding": Entry("pretrained_encoding_", *_ENCODING, default=ABSENT),
    "warm_start_model": Entry("_warm_model", *_MODEL, default=ABSENT),
}


def estimator_to_state(estimator: Any) -> dict[str, Any]:
    """Return everything that makes up an estimator, but its parameters."""
    return {
        "class": type(estimator).__name__,
        "phase": estimator.state,
        "metadata_requests": requests_to_state(estimator),
        "learned": write_entries(ESTIMATOR, estimator),
    }


def estimator_from_state(state: Mapping[str, Any], custom_classes: Any) -> Any:
    """Build an estimator by its constructor, and give it what it has learned."""
    cls = find_class(state["class"], custom_classes, FORECASTERS)
    parameters = state["parameters"]
    unknown = parameters.keys() - inspect.signature(cls).parameters
    if unknown:
        raise ValueError(f"there are no parameters {sorted(unknown)}")
    estimator: Any = cls(**parameters)
    request_metadata(estimator, state["metadata_requests"])
    rebuild_encoders(state["learned"], estimator, NETWORK)
    learned = read_entries(ESTIMATOR, state["learned"])
    check_phase(state["phase"], learned)
    vars(estimator).update(learned, _state=state["phase"])
    if "_fitted" in learned:
        estimator._keep(learned["_fitted"])
    if "_y_metadata" in learned:
        estimator._y_mtype_last_seen = learned["_y_metadata"]["mtype"]
    if learned.get("_convention") == "sktime":
        estimator._is_vectorized = False
    if "pretrained_model_" in learned:
        pretrained = (name for name in learned if name.startswith("pretrained_"))
        estimator._pretrained_attrs = sorted(pretrained)
    return estimator


def check_phase(phase: str, learned: Mapping[str, Any]) -> None:
    """Raise unless what was learned is all there, and fits."""
    needed: dict[str, set[str]] = {
        "new": set(),
        "pretrained": {"pretrained_model_"},
        "fitted": {"_fitted", "_convention"},
    }
    if not needed[phase] <= learned.keys():
        raise ValueError(f"it is not {phase}")
    if phase == "fitted":
        model, histories = learned["_fitted"].model, learned["_fitted"].histories
        widths = {history.y.shape[1] for history in histories.values()}
        n_outputs = {model.spec.n_outputs}
        if widths != n_outputs or len(histories) != len(model.scalings):
            raise ValueError("the series do not fit the model")


def requests_to_state(estimator: Any) -> dict[str, dict[str, Any]]:
    """Return what was asked of scikit-learn's routing of metadata, by method."""
    routing, asked = estimator.get_metadata_routing(), {}
    for method in ("fit", "predict", "score"):
        requests = getattr(routing, method).requests
        asked[method] = {n: alias for n, alias in requests.items() if alias is not None}
    return {method: requests for method, requests in asked.items() if requests}


def request_metadata(estimator: Any, asked: Mapping[str, dict[str, Any]]) -> None:
    """Ask scikit-learn's routing of metadata for the same."""
    with config_context(enable_metadata_routing=True):
        for method, requests in asked.items():
            getattr(estimator, f"set_{method}_request")(**requests)
