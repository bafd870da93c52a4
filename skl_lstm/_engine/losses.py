"""Losses of a specification: restored from JSON, or a plain function of the user's."""

import json
from collections.abc import Callable
from typing import Any, Self
from uuid import uuid4
from weakref import WeakKeyDictionary

from skl_lstm._engine.backend import keras

# The axes of what a loss is called with: windows, steps, outputs, and one more, over
# which Keras' losses average.
TRIED_SHAPE = (2, 3, 1, 1)
_KEYS: WeakKeyDictionary[Any, str] = WeakKeyDictionary()


class FunctionName(str):
    """JSON that stands for a function in a specification, and holds it.

    Two functions are never one specification value: what a function does depends on
    its code, on what it closes over and on its module. A copy or pickle is made of the
    function, and is named anew where it arrives.
    """

    __slots__ = ("function",)

    function: Callable[[Any, Any], Any]

    @classmethod
    def of(cls, function: Callable[[Any, Any], Any]) -> Self:
        """Name a function, always by the same name in this process."""
        key = _KEYS.setdefault(function, uuid4().hex)
        name = getattr(function, "__qualname__", type(function).__qualname__)
        text = cls(json.dumps({"class_name": "function", "config": name, "key": key}))
        text.function = function
        return text

    def __reduce__(self) -> Any:
        return type(self).of, (self.function,)


def name_function(function: Callable[[Any, Any], Any]) -> str:
    """Return what stands for a function in a specification."""
    return FunctionName.of(function)


class FunctionLoss(keras.losses.Loss):
    """A plain function of ``(y_true, y_pred)`` as a Keras loss.

    Parameters
    ----------
    function : callable
        Returns a loss for each value, or for each mean over the last axis.
    """

    def __init__(self, function: Callable[[Any, Any], Any]):
        super().__init__(name=getattr(function, "__name__", None))
        self.function = function

    def call(self, y_true: Any, y_pred: Any) -> Any:
        """Return the losses, averaged over the last axis."""
        losses = keras.ops.convert_to_tensor(self.function(y_true, y_pred))
        if len(losses.shape) == len(y_pred.shape):
            losses = keras.ops.mean(losses, axis=-1)
        return losses


def restore_loss(text: str) -> Any:
    """Make the loss of a specification.

    Raises
    ------
    ValueError
        If it is the name of a function that did not come along.
    """
    if isinstance(text, FunctionName):
        return FunctionLoss(text.function)
    config = json.loads(text)
    if config["class_name"] == "function":
        raise ValueError(
            f"The loss {config['config']!r} is a function of the process in which the "
            "estimator was fitted, and did not come along. Fit again, or pickle the "
            "estimator with the function in a module that both processes import."
        )
    return keras.losses.deserialize(config)


def check_loss_of_each_value(text: str, given: Any, name: str) -> None:
    """Raise unless a loss is given for each value, so that each can be weighted.

    Raises
    ------
    ValueError
        Naming the shape that came instead.
    """
    value = keras.ops.ones(TRIED_SHAPE)
    shape = tuple(restore_loss(text).call(value, 0.5 * value).shape)
    if shape != TRIED_SHAPE[:-1]:
        raise ValueError(
            f"The 'loss' parameter of {name} must return a loss for each value, of "
            f"shape {TRIED_SHAPE[:-1]} for values of shape {TRIED_SHAPE}. Got "
            f"{given!r} instead, which returns shape {shape}. Average over the last "
            "axis only (axis=-1): values are weighted by the units of their windows, "
            "and missing ones left out."
        )
