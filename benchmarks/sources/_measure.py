"""What both sides share: a clock, an error, and the record of one run."""

import os
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np


@dataclass
class Run:
    """One training of one program, and what came out.

    Attributes
    ----------
    errors : dict of str to float
        Root mean squared errors over the test span, by name.
    seconds, cpu_seconds : float
        Wall and processor time of the fit: building, tracing and training.
    forecast_seconds : float
        Wall time of all predictions over the test span.
    warm_seconds : float or None
        Wall time of a second fit of the same specification in the same process.
    real, predicted : dict of str to list of float
        Values over the test span, by series.
    curves : dict of str to list of float
        Learning curves.
    """

    errors: dict[str, float]
    seconds: float
    cpu_seconds: float
    forecast_seconds: float
    warm_seconds: float | None = None
    real: dict[str, Any] = field(default_factory=dict)
    predicted: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, list[float]] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """Return the figures, without the series."""
        kept = asdict(self)
        for name in ("real", "predicted", "curves"):
            del kept[name]
        return kept


class Stopwatch:
    """Measures wall and processor time of a ``with`` block; several ones add up."""

    def __init__(self) -> None:
        self.wall = self.cpu = 0.0

    def __enter__(self) -> "Stopwatch":
        self._start = time.perf_counter(), sum(os.times()[:2])
        return self

    def __exit__(self, *error: object) -> None:
        self.wall += time.perf_counter() - self._start[0]
        self.cpu += sum(os.times()[:2]) - self._start[1]


def rmse(real: Any, predicted: Any) -> float:
    """Return the root mean squared error over all pairs without a missing value."""
    real, predicted = (np.asarray(a, dtype=float).ravel() for a in (real, predicted))
    return float(np.sqrt(np.nanmean((real - predicted) ** 2)))


def start_tensorflow() -> str:
    """Start TensorFlow, which is charged to neither side; return its versions."""
    from skl_lstm._engine.backend import keras, tf

    tf.matmul(tf.ones((8, 8)), tf.ones((8, 8)))
    return f"TensorFlow {tf.__version__}, Keras {keras.__version__}"
