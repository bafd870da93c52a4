"""Networks of the user's own in files: a class, never code, says what they are."""

import json
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._exceptions import ModelFileError
from skl_lstm._persistence._fields import Table, if_any, read_entries


def encoder_to_state(text: Any) -> str:
    """Return what the hook of a subclass has built, to be compared."""
    return text.described


def encoder_from_state(text: str) -> str:
    """Return what the hook builds: Keras is handed nothing that a file says."""
    if not hasattr(text, "classes"):
        raise ValueError("no hook has built this encoder")
    return text


ENCODER = if_any(encoder_to_state, encoder_from_state)


def find_class(
    name: str, custom_classes: Iterable[type], ours: Mapping[str, type]
) -> Any:
    """Return the class of a name in a file.

    Raises
    ------
    ModelFileError
        If it is neither ours nor the caller's.
    """
    known = {cls.__name__: cls for cls in custom_classes} | dict(ours)
    if name not in known:
        raise ModelFileError(
            f"It holds a class that is not in custom_classes: {name!r}. "
            "Import the class, and pass custom_classes=[...] with it."
        )
    return known[name]


def rebuild_encoders(node: Any, estimator: Any, table: Table) -> None:
    """Call the hook of a subclass for every network of a file that has an encoder.

    Raises
    ------
    ModelFileError
        If it now has other weights.
    """
    for part in node.values() if isinstance(node, dict) else node:
        if isinstance(part, (dict, list, tuple)):
            rebuild_encoders(part, estimator, table)
    if not (isinstance(node, dict) and node.get("encoder") and "cell" in node):
        return
    from skl_lstm._engine.own_encoder import with_encoder

    name, saved = type(estimator).__name__, json.loads(node.pop("encoder"))
    described = {key: value for key, value in node.items() if key in table}
    spec = NetworkSpec(**read_entries(table, described))
    built: Any = with_encoder(spec, estimator.build_encoder, name).encoder
    rebuilt = json.loads(built.described)
    if rebuilt["weights"] != saved["weights"]:
        raise ModelFileError(
            f"build_encoder of {name} builds a network of other weights than the one "
            "that was saved. Load it with the class that wrote it."
        )
    if rebuilt != saved:
        warnings.warn(
            f"build_encoder of {name} builds other layers than those that were saved, "
            "or Keras describes them otherwise: forecasts may differ.",
            stacklevel=2,
        )
    node["encoder"] = built
