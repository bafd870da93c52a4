"""Encoders that a user's hook builds: a text of the specification, and back."""

import json
import random
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from itertools import count
from typing import Any, Self
from uuid import uuid4
from weakref import WeakKeyDictionary

import numpy as np

from skl_lstm._engine.backend import check_not_forked, keras
from skl_lstm._engine.cells import FUSED_LAYERS
from skl_lstm._engine.leaks import fresh_names, without_values
from skl_lstm._engine.spec import NetworkSpec

Hook = Callable[[Any], Any]
# Of layers that run as one operation from a zero state, see `cells`.
FUSED = {cls.__name__.removeprefix("Fused"): cls for cls in FUSED_LAYERS.values()}
_KEYS: WeakKeyDictionary[type, str] = WeakKeyDictionary()


class EncoderText(str):
    """JSON that stands for an encoder in a specification.

    "model" is Keras' configuration, "weights" their shapes, "width" the number of
    features. Layer classes of the user's own are known by a key of the process, as two
    may have one name: a copy or pickle is made of the classes, and gets their keys
    where it arrives.
    """

    __slots__ = ("classes",)

    classes: tuple[type, ...]

    @classmethod
    def of(cls, described: dict[str, Any], classes: Iterable[type]) -> Self:
        """Write an encoder down."""
        classes = tuple(classes)
        keys = [_KEYS.setdefault(own, uuid4().hex) for own in classes]
        text = cls(json.dumps(described | {"classes": keys}, sort_keys=True))
        text.classes = classes
        return text

    @property
    def described(self) -> str:
        """The same without the keys: equal in every process."""
        return json.dumps(json.loads(self) | {"classes": []}, sort_keys=True)

    def __reduce__(self) -> Any:
        return type(self).of, (json.loads(self), self.classes)


def with_encoder(spec: NetworkSpec, hook: Hook, name: str) -> NetworkSpec:
    """Put what a hook builds in place of the recurrent layers.

    Parameters
    ----------
    spec : NetworkSpec
        The network.
    hook : callable
        From a Keras tensor of shape (batch, window_length, n_channels) to one of shape
        (batch, n_features).
    name : str
        Name of the estimator, for errors.

    Raises
    ------
    ValueError
        If the hook fails, returns anything else, or builds what cannot be rebuilt from
        its configuration.
    """
    check_not_forked()
    call = f"build_encoder of {name}"
    shape = (spec.window_length, spec.n_channels)
    with _untouched_random(), without_values(), fresh_names():
        window = keras.Input(shape, name="window", dtype="float32")
        try:
            features = hook(window)
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"{call} cannot read windows of shape (batch, {shape[0]}, {shape[1]}): "
                f"{error}"
            ) from error
        _check_features(features, call)
        try:
            model = keras.Model(window, features, name="encoder")
        except ValueError as error:
            raise ValueError(f"{call} returns no model of its window: {error}") from (
                error
            )
        _check_variables(model, call)
        config = keras.saving.serialize_keras_object(model)
    described = {
        "model": config,
        "weights": [list(v.shape) for v in model.trainable_variables],
        "width": features.shape[1],
    }
    text = EncoderText.of(described, _mark_own(config, call))
    try:
        _check_rebuilt(text)
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"{call} must be made of layers that can be rebuilt from their "
            f"configuration, and is not. Give layers of your own get_config. {error}"
        ) from error
    # What the layers of the parameters would be is no part of the network.
    return replace(
        spec,
        encoder=text,
        units=(features.shape[1],),
        activation="tanh",
        dropout=0.0,
        recurrent_dropout=0.0,
        bidirectional=False,
        kernel_regularizer=None,
        compiled_loop=False,
    )


def _check_features(features: Any, call: str) -> None:
    rule = f"{call} must return one Keras tensor of shape (batch, n_features)"
    if not isinstance(features, keras.KerasTensor):
        raise ValueError(
            f"{rule}. Got {features!r} instead. Call layers on the window, such as "
            "keras.layers.LSTM(8)(window), with return_state=False."
        )
    if len(features.shape) != 2 or features.shape[1] is None:
        raise ValueError(
            f"{rule}. Got shape {features.shape} instead. Let the last recurrent layer "
            "return its last state alone (return_sequences=False), or pool over time, "
            "such as by keras.layers.GlobalAveragePooling1D()."
        )


def _check_variables(model: keras.Model, call: str) -> None:
    """Raise if anything but seeds changes without a gradient."""
    for variable in model.non_trainable_variables:
        if not variable.path.endswith("seed_generator_state"):
            raise ValueError(
                f"{call} keeps {variable.path!r}, but programs keep trainable weights "
                "alone. Use LayerNormalization in place of BatchNormalization, and "
                "leave layers trainable."
            )


def _mark_own(config: dict[str, Any], call: str) -> list[type]:
    """Give layer classes of the user's own numbers, and forget seeds."""
    found: list[type] = []
    for node in _list_nodes(config):
        if "seed" in node:
            node["seed"] = None
        module, name = str(node.get("module")), node.get("class_name")
        if name in ("function", "__lambda__"):
            raise ValueError(
                f"{call} uses a function in a layer ({node.get('config')!r}), which "
                "cannot be rebuilt from a configuration. Call keras.ops on the "
                "tensors, or write a layer class with call."
            )
        if not node.get("registered_name") or module.partition(".")[0] == "keras":
            continue
        own = getattr(sys.modules.get(module), str(name), None)
        if not isinstance(own, type):
            raise ValueError(
                f"{call} uses {module}.{name}, which pickle would not find again. "
                "Define the class at the top of a module."
            )
        if own not in found:
            found.append(own)
        node["registered_name"] = f"own_{found.index(own)}"
    return found


def _list_nodes(tree: Any) -> Iterator[dict[str, Any]]:
    if isinstance(tree, dict):
        yield tree
    for part in tree.values() if isinstance(tree, dict) else tree:
        if isinstance(part, (dict, list)):
            yield from _list_nodes(part)


@lru_cache(maxsize=64)
def _check_rebuilt(text: EncoderText) -> None:
    with without_values():
        model = restore_encoder(text)
    if [list(v.shape) for v in model.trainable_variables] != weights_of(text):
        raise ValueError("Rebuilt, it has other weights.")


def weights_of(text: str) -> list[list[int]]:
    """Return the shapes of the weights of an encoder."""
    return json.loads(text)["weights"]


def restore_encoder(
    text: str,
    seeds: Iterator[int] | None = None,
    *,
    fused: bool = False,
    unrolled: bool = False,
) -> keras.Model:
    """Build an encoder anew.

    Parameters
    ----------
    text : EncoderText
        What is built.
    seeds : iterator of int, default=None
        Of initializers and dropout, in their order.
    fused, unrolled : bool, default=False
        As for `network.build_network`.
    """
    seeds = count() if seeds is None else seeds
    config = json.loads(text)["model"]
    for node in _list_nodes(config):
        if "seed" in node:
            node["seed"] = next(seeds)
        if fused and _can_be_fused(node):
            node["registered_name"] = node["class_name"]
        if unrolled and "unroll" in node:
            node["unroll"] = True
    classes = {f"own_{i}": own for i, own in enumerate(getattr(text, "classes", ()))}
    with (
        _untouched_random(next(seeds)),
        fresh_names(),
        keras.saving.custom_object_scope(classes | FUSED),
    ):
        return keras.saving.deserialize_keras_object(config)


def _can_be_fused(node: dict[str, Any]) -> bool:
    """Whether a layer is one of Keras' that starts at zero and returns no state."""
    calls: Any = node.get("inbound_nodes")
    options: Any = node.get("config")
    return (
        node.get("module") == "keras.layers"
        and node.get("class_name") in FUSED
        and bool(calls)
        and all(json.dumps(call).count("__keras_tensor__") == 1 for call in calls)
        and options["use_bias"]
        and options.get("reset_after", True)
        and not (options["return_state"] or options["stateful"])
    )


@contextmanager
def _untouched_random(seed: int = 0) -> Iterator[None]:
    """Leave Python's generator as it was: Keras takes the seeds that nobody gave."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)


def draw_weights(text: str, rng: np.random.Generator) -> list[np.ndarray]:
    """Draw fresh weights from the initializers of the layers."""
    model = restore_encoder(text, iter(lambda: int(rng.integers(2**31)), None))
    return [v.numpy() for v in model.trainable_variables]
