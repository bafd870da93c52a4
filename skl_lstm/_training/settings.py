"""The constructor's parameters, read once and passed as one typed value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol, Self, TypeAlias

import numpy as np

Auto: TypeAlias = Literal["auto"]
Treatment: TypeAlias = Literal["concurrent", "shifted"]
RandomState: TypeAlias = "int | np.integer[Any] | np.random.RandomState | None"


# Keras and scikit-learn have no types, and Keras is not imported here: these protocols
# say as much of their objects as tells them from a number or a list.
class Transformer(Protocol):
    """A transformer of scikit-learn."""

    def fit(self, X: Any, y: Any = ...) -> Any:
        """Learn from data."""


class Configured(Protocol):
    """An object of Keras: a regularizer, a loss or an optimizer."""

    def get_config(self) -> Any:
        """Return its settings."""


class Callback(Protocol):
    """A callback of Keras."""

    def on_epoch_end(self, epoch: Any, logs: Any = ...) -> Any:
        """Look at an epoch that has ended."""


@dataclass(frozen=True)
class Settings:
    """The parameters of an estimator, under their names; its docstring explains them.

    They are as a user gave them: "auto" is resolved where the data are known.
    """

    window_length: int | Auto
    horizon: int | Auto
    units: int | Sequence[int] | Auto
    activation: str | Callable[..., Any]
    dropout: float
    recurrent_dropout: float
    bidirectional: bool
    kernel_regularizer: str | Configured | None
    linear_skip: bool
    scaler: Literal["standard", "minmax", "robust"] | Transformer | None
    window_scaling: str | None
    y_transform: str | None
    bounds: Sequence[float | None] | None
    X_treatment: Treatment | Mapping[Any, Treatment]
    static_features: Any
    autoregressive: bool
    sp: int | Sequence[float] | Auto
    calendar: Auto | None
    loss: str | Callable[..., Any] | Configured
    halflife: float | None
    optimizer: str | Configured
    learning_rate: float | Auto
    epochs: int | Auto
    batch_size: int | Auto
    early_stopping: bool | Auto
    validation_fraction: float
    n_iter_no_change: int | Auto
    n_estimators: int
    theta_share: float | Auto
    warm_start: bool
    pretrain_mode: str
    intervals: str
    callbacks: Sequence[Callback] | None
    verbose: int
    random_state: RandomState

    @classmethod
    def from_estimator(cls, estimator: Any) -> Self:
        """Read all parameters, also those that a subclass fixes."""
        return cls(
            **{field.name: getattr(estimator, field.name) for field in fields(cls)}
        )

    @property
    def is_automatic(self) -> bool:
        """Whether how long to train is left to us."""
        return self.early_stopping == "auto"

    @property
    def is_textbook_network(self) -> bool:
        """Whether layers and an output are asked for, and nothing around them."""
        return self.window_scaling is None and not self.linear_skip
