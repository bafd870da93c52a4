"""The constructor's parameters, read once and passed as one typed value."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, Self

Auto = Literal["auto"]


@dataclass(frozen=True)
class Settings:
    """The parameters of an estimator, under their names; its docstring explains them.

    They are as a user gave them: "auto" is resolved where the data are known.
    """

    window_length: int | Auto
    horizon: int | Auto
    units: int | Sequence[int] | Auto
    activation: Any
    dropout: float
    recurrent_dropout: float
    bidirectional: bool
    kernel_regularizer: Any
    linear_skip: bool
    scaler: Any
    window_scaling: str | None
    y_transform: str | None
    bounds: Any
    X_treatment: Any
    autoregressive: bool
    sp: int | Sequence[float] | Auto
    calendar: Auto | None
    loss: Any
    optimizer: Any
    learning_rate: float | Auto
    epochs: int | Auto
    batch_size: int | Auto
    early_stopping: bool | Auto
    validation_fraction: float
    n_iter_no_change: int
    n_estimators: int
    theta_share: float | Auto
    warm_start: bool
    pretrain_mode: str
    intervals: str
    callbacks: Sequence[Any] | None
    verbose: int
    random_state: Any

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
