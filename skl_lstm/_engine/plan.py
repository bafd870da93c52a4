"""How long and how fast to train: the budget that one training is given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np


@dataclass(frozen=True)
class TrainingPlan:
    """How to train.

    Parameters
    ----------
    epochs : int
        Passes over the training windows, at most.
    learning_rate : float
        Step size at the start.
    batch_size : int
        Windows per step.
    cosine_decay : bool
        Whether the step size falls to zero over the planned steps, as half a cosine
        wave (Loshchilov & Hutter, 2017, https://arxiv.org/abs/1608.03983), or stays.
    n_iter_no_change : int or None
        Epochs without a better validation loss after which to stop; None to train
        all epochs. Either way the weights of the best epoch are kept where there
        is a validation loss.
    n_iter_no_gain : int or None
        The same until an epoch is better than the weights that training started from.
    callbacks : sequence of keras.callbacks.Callback
        The user's own objects.
    verbose : int
        1 prints the progress.
    title : str
        What is printed before it.
    """

    epochs: int
    learning_rate: float
    batch_size: int
    cosine_decay: bool = True
    n_iter_no_change: int | None = None
    n_iter_no_gain: int | None = None
    callbacks: Sequence[Any] = ()
    verbose: int = 0
    title: str = "training"

    def unwatched(self) -> "TrainingPlan":
        """Return the same plan without callbacks."""
        return replace(self, callbacks=())

    def again(self, epochs: int) -> "TrainingPlan":
        """Return the plan of a second run, on all windows and for so many epochs."""
        title = f"{self.title} again on all windows"
        return replace(self, epochs=epochs, title=title)

    def rates(self, first_step: int, n_steps: int, n_planned: int) -> np.ndarray:
        """Return the learning rates of steps ``first_step`` and following."""
        rates = np.full(n_steps, self.learning_rate)
        if self.cosine_decay:
            steps = np.arange(first_step, first_step + n_steps)
            rates *= 0.5 * (1 + np.cos(np.pi * steps / n_planned))
        return rates.astype("float32")
