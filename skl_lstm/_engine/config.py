"""Keras' losses, optimizers and regularizers as a name and settings.

Two ways: checked and serialized for a network's specification, and described for a
model file. Unlike Keras' own deserialization, the second looks at no module that a
file names: a name is one of Keras' public classes of its kind, or is refused.
"""

import copyreg
import functools
import inspect
import json
from typing import Any

from skl_lstm._engine.backend import check_not_forked, keras
from skl_lstm._engine.losses import check_loss_of_each_value, name_function

# scikit-learn's words for what Keras calls otherwise.
LOSS_ALIASES = {
    "squared_error": "MeanSquaredError",
    "absolute_error": "MeanAbsoluteError",
    "mse": "MeanSquaredError",
    "mae": "MeanAbsoluteError",
    "mean_squared_error": "MeanSquaredError",
    "mean_absolute_error": "MeanAbsoluteError",
    "huber": "Huber",
    "log_cosh": "LogCosh",
}
# Largest norm of all gradients together. Recurrent networks have steep cliffs.
# Pascanu, Mikolov & Bengio (2013), ICML, https://arxiv.org/abs/1211.5063
GLOBAL_CLIPNORM = 1.0


def _reduce_huber(loss: Any) -> tuple[type, tuple[Any, ...]]:
    delta = loss._fn_kwargs["delta"]
    return type(loss), (delta, loss.reduction, loss.name, loss.dtype)


# Keras copies by configuration, and Huber's leaves delta out: clones and pickles of
# an estimator would train with delta=1 instead.
copyreg.pickle(keras.losses.Huber, _reduce_huber)

# Names the estimator in messages where the caller does not.
SOME_ESTIMATOR = "the forecaster"


def _reject(parameter: str, legal: str, value: Any, name: str) -> ValueError:
    return ValueError(
        f"The '{parameter}' parameter of {name} must be {legal}. Got {value!r} instead."
    )


def _to_json(parameter: str, value: Any, restore: Any, name: str) -> str:
    """Serialize, and make sure that it can be restored."""
    try:
        config = keras.saving.serialize_keras_object(value)
        # Keras' own losses keep their settings here, and some leave them out of
        # their configuration (Huber its delta).
        legal = inspect.signature(type(value).__init__).parameters
        settings = getattr(value, "_fn_kwargs", {})
        config["config"] |= {k: v for k, v in settings.items() if k in legal}
        text = json.dumps(config, sort_keys=True)
        check_same_settings(value, restore(json.loads(text)))
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"The '{parameter}' parameter of {name} must be rebuilt from its "
            f"configuration, and cannot. Got {value!r} instead. Define its class at "
            "the top of a module, give it get_config, and decorate it with "
            "@keras.saving.register_keras_serializable()."
        ) from error
    return text


def check_same_settings(value: Any, restored: Any) -> None:
    """Raise ValueError if a plain setting was lost on the way."""
    for name, setting in vars(value).items():
        plain = isinstance(setting, (bool, int, float, str)) and name != "name"
        if plain and vars(restored).get(name) != setting:
            raise ValueError(f"{name} was lost")


def serialize_loss(loss: Any, name: str = SOME_ESTIMATOR) -> str:
    """Turn the ``loss`` parameter into JSON.

    Raises
    ------
    ValueError
        If it is neither the name of a loss, nor a function of (y_true, y_pred), nor a
        ``keras.losses.Loss`` that can be rebuilt from its configuration; or if it does
        not give a loss for each value.
    """
    legal = (
        "a keras.losses.Loss, a function of (y_true, y_pred) or the name of a loss, "
        f"such as {', '.join(map(repr, sorted(LOSS_ALIASES)))}"
    )
    if _is_function_of_keras(loss):
        loss = loss.__name__
    if isinstance(loss, str):
        cls = getattr(keras.losses, LOSS_ALIASES.get(loss, loss), None)
        if not (isinstance(cls, type) and issubclass(cls, keras.losses.Loss)):
            raise _reject("loss", legal, loss, name)
        loss = cls()
    if isinstance(loss, keras.losses.Loss):
        text = _to_json("loss", loss, keras.losses.deserialize, name)
    elif callable(loss) and not isinstance(loss, type):
        text = name_function(loss)
    else:
        raise _reject("loss", legal, loss, name)
    if not type(loss).__module__.startswith("keras."):
        check_loss_of_each_value(text, loss, name)
    return text


def _is_function_of_keras(loss: Any) -> bool:
    """Whether a loss is the function of one that goes by its name here."""
    alias = getattr(loss, "__name__", None)
    return alias in LOSS_ALIASES and getattr(keras.losses, alias, None) is loss


def restore_optimizer(text: str) -> Any:
    """Make the optimizer of a specification, with a learning rate of its own."""
    return keras.optimizers.deserialize(json.loads(text))


def serialize_optimizer(
    optimizer: Any, name: str = SOME_ESTIMATOR
) -> tuple[str, float | None]:
    """Turn the ``optimizer`` parameter into JSON and its own learning rate.

    An optimizer given by name clips the norm of the gradients at `GLOBAL_CLIPNORM`.

    Returns
    -------
    str, float or None
        The configuration without the learning rate, and that rate: None for an
        optimizer given by name, and for one with a schedule, which stays inside.

    Raises
    ------
    ValueError
        If it is neither the name of an optimizer nor a ``keras.optimizers.Optimizer``.
    """
    # Keras' optimizers have variables, the first that a fit asks TensorFlow for.
    check_not_forked()
    if isinstance(optimizer, str):
        return _serialize_named_optimizer(optimizer, name)
    return _serialize_optimizer(optimizer, name)


def _serialize_optimizer(optimizer: Any, name: str) -> tuple[str, float | None]:
    legal = "a keras.optimizers.Optimizer or the name of one, such as 'adam'"
    named = isinstance(optimizer, str)
    if named:
        try:
            # Not by `get`, which gives each a new name; TensorFlow would never forget
            # the variables of it.
            config = {"name": "by_name", "global_clipnorm": GLOBAL_CLIPNORM}
            optimizer = keras.optimizers.deserialize(
                {"class_name": optimizer, "config": config}
            )
        except ValueError as error:
            raise _reject("optimizer", legal, optimizer, name) from error
    if not isinstance(optimizer, keras.optimizers.Optimizer):
        raise _reject("optimizer", legal, optimizer, name)
    config = json.loads(
        _to_json("optimizer", optimizer, keras.optimizers.deserialize, name)
    )
    if "learning_rate" not in config["config"]:
        raise ValueError(
            f"The 'optimizer' parameter of {name} must have a learning rate in its "
            f"configuration. Got {optimizer!r} instead. Pass the optimizer inside a "
            "LossScaleOptimizer itself: losses are scaled for float16, and training "
            "is in float32."
        )
    rate = config["config"]["learning_rate"]
    own_rate = None
    if not isinstance(rate, dict):
        own_rate = None if named else float(rate)
        config["config"]["learning_rate"] = 1e-3
    # Keras numbers its optimizers; the number is no part of the specification.
    config["config"]["name"] = config["class_name"].lower()
    return json.dumps(config, sort_keys=True), own_rate


# Every fit of a search would make the same one anew.
_serialize_named_optimizer = functools.cache(_serialize_optimizer)


def serialize_regularizer(regularizer: Any, name: str = SOME_ESTIMATOR) -> str | None:
    """Turn the ``kernel_regularizer`` parameter into JSON.

    Raises
    ------
    ValueError
        If it is not None, the name of a regularizer, or a
        ``keras.regularizers.Regularizer``.
    """
    if regularizer is None:
        return None
    legal = "None, a keras.regularizers.Regularizer or the name of one, such as 'l2'"
    try:
        made = keras.regularizers.get(regularizer)
    except (TypeError, ValueError) as error:
        raise _reject("kernel_regularizer", legal, regularizer, name) from error
    if not isinstance(made, keras.regularizers.Regularizer):
        raise _reject("kernel_regularizer", legal, regularizer, name)
    return _to_json("kernel_regularizer", made, keras.regularizers.deserialize, name)


def name_activation(activation: Any, name: str = SOME_ESTIMATOR) -> str:
    """Return Keras' name of the ``activation`` parameter.

    Raises
    ------
    ValueError
        If it is neither the name of one of Keras' activations nor the function.
    """
    key = activation
    if not isinstance(key, str):
        key = getattr(activation, "__name__", "")
    try:
        function = keras.activations.get(key)
    except ValueError:
        function = None
    if function is None or (key is not activation and function is not activation):
        raise ValueError(
            f"The 'activation' parameter of {name} must be the name of a Keras "
            f"activation, such as 'tanh', or its function. Got {activation!r} instead. "
            "A layer or a function of your own would be no number of the program that "
            "networks share: choose one of keras.activations."
        )
    return key


KINDS: dict[str, tuple[Any, type]] = {
    "loss": (keras.losses, keras.losses.Loss),
    "optimizer": (keras.optimizers, keras.optimizers.Optimizer),
    "regularizer": (keras.regularizers, keras.regularizers.Regularizer),
    "schedule": (
        keras.optimizers.schedules,
        keras.optimizers.schedules.LearningRateSchedule,
    ),
}
PLAIN = (type(None), bool, int, float, str)


def describe(value: Any) -> tuple[str, str, dict[str, Any]] | None:
    """Return kind, name and settings of an object of Keras' own; None of any other.

    A schedule among the settings of an optimizer stays an object.
    """
    for kind, (room, base) in KINDS.items():
        name = type(value).__name__
        if isinstance(value, base) and getattr(room, name, None) is type(value):
            settings = _read_settings(value)
            try:
                check_same_settings(value, rebuild(kind, name, settings))
            except (TypeError, ValueError):
                return None
            return kind, name, settings
    return None


def _read_settings(value: Any) -> dict[str, Any]:
    settings = dict(value.get_config())
    # Some losses leave settings out of their configuration (Huber its delta).
    legal = inspect.signature(type(value).__init__).parameters
    own = getattr(value, "_fn_kwargs", {})
    settings |= {k: v for k, v in own.items() if k in legal}
    if isinstance(settings.get("learning_rate"), dict):
        settings["learning_rate"] = value._learning_rate
    return settings


def rebuild(kind: str, name: str, settings: dict[str, Any]) -> Any:
    """Make an object of Keras' own anew.

    Raises
    ------
    ValueError
        If the name or a setting is none of Keras'.
    """
    check_not_forked()
    room, base = KINDS[kind]
    cls = getattr(room, name, None)
    if not (isinstance(cls, type) and issubclass(cls, base)):
        raise ValueError(f"Keras has no {kind} {name!r}")
    for setting in settings.values():
        _check_plain(setting)
    return cls(**settings)


def _check_plain(setting: Any) -> None:
    schedule = KINDS["schedule"][1]
    values = setting if type(setting) is list else [setting]
    for value in values:
        if type(value) not in PLAIN and not isinstance(value, schedule):
            raise ValueError(f"{type(value).__name__} is no setting that is kept")
