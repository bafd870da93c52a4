"""Keras' losses, optimizers and regularizers as a name and settings.

Unlike Keras' own deserialization it looks at no module that a file names: a name is
one of Keras' public classes of its kind, or is refused.
"""

import inspect
from typing import Any

from skl_lstm._engine.backend import check_not_forked, keras
from skl_lstm._engine.config import check_same_settings

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
