"""Training curves."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError

from skl_lstm.plotting._drawing import (
    Style,
    _check_matplotlib,
    _draw_legend,
    _draw_line,
    _format,
    _label_axes,
    _make_axes,
)


class TrainingCurveDisplay:
    """Loss per epoch of training, with the best epoch marked.

    Create it with :meth:`from_estimator` or :meth:`from_history`.

    Parameters
    ----------
    loss : ndarray of shape (n_epochs,)
        Training loss.
    best_epoch : int
        Epoch of the smallest validation loss, or else training loss, from 1.
    val_loss : ndarray of shape (n_epochs,), default=None
        Validation loss.

    Attributes
    ----------
    loss_line_, val_loss_line_, best_point_ : matplotlib Line2D
        The curves and the mark. `val_loss_line_` is None without validation.
    ax_, figure_, legend_ : matplotlib Axes, Figure and Legend
        Where they are.

    Examples
    --------
    >>> from skl_lstm.plotting import TrainingCurveDisplay
    >>> history = {"loss": [3.0, 2.0, 1.0], "val_loss": [3.0, 2.5, 2.8]}
    >>> TrainingCurveDisplay.from_history(history).best_epoch
    2
    """

    def __init__(
        self, *, loss: np.ndarray, best_epoch: int, val_loss: np.ndarray | None = None
    ) -> None:
        self.loss = loss
        self.best_epoch = best_epoch
        self.val_loss = val_loss

    def plot(
        self,
        ax: Any = None,
        *,
        log_scale: bool = False,
        loss_kwargs: Style = None,
        val_loss_kwargs: Style = None,
        best_kwargs: Style = None,
    ) -> Self:
        """Draw the curves.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. If None, a new figure is made.
        log_scale : bool, default=False
            Whether the loss axis is logarithmic.
        loss_kwargs, val_loss_kwargs, best_kwargs : dict, default=None
            Styles of the curves and of the mark, passed to ``Axes.plot``.

        Returns
        -------
        TrainingCurveDisplay
            The display itself.
        """
        _check_matplotlib("TrainingCurveDisplay.plot")
        epochs = pd.RangeIndex(1, len(self.loss) + 1, name="epoch")
        curves = {"loss": pd.Series(self.loss, index=epochs)}
        if self.val_loss is not None:
            curves["val_loss"] = pd.Series(self.val_loss, index=epochs)
        if log_scale:
            _check_positive(curves)
        self.ax_ = _make_axes(ax, 1)[0]
        self.figure_ = self.ax_.figure
        styles = {"loss": loss_kwargs, "val_loss": val_loss_kwargs}
        lines = {
            name: _draw_line(self.ax_, name, curve, styles[name])
            for name, curve in curves.items()
        }
        self.loss_line_, self.val_loss_line_ = lines["loss"], lines.get("val_loss")
        name, monitored = curves.popitem()
        best = monitored.loc[[self.best_epoch]]
        label = f"best epoch {self.best_epoch}, {name} {_format(best.iloc[0])}"
        self.best_point_ = _draw_line(self.ax_, "best", best, best_kwargs, label)
        self.ax_.set_yscale("log" if log_scale else "linear")
        _label_axes(self.ax_, epochs, "loss")
        self.legend_ = _draw_legend(self.ax_, is_new=ax is None)
        return self

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None, **params: Any) -> Self:
        """Draw the training curves of a fitted forecaster.

        Parameters
        ----------
        estimator : LSTMForecaster or GRUForecaster
            Fitted forecaster, or any object with an attribute ``history_``.
        ax : matplotlib Axes, default=None
            Where to draw. If None, a new figure is made.
        **params : dict
            See :meth:`plot`.

        Returns
        -------
        TrainingCurveDisplay
            The display, drawn.
        """
        history = getattr(estimator, "history_", None)
        if history is None:
            raise NotFittedError(
                f"This {type(estimator).__name__} has no `history_`. Fit it first, and "
                "pass the forecaster itself, not a pipeline or search around it."
            )
        return cls.from_history(history, ax=ax, **params)

    @classmethod
    def from_history(cls, history: Any, *, ax: Any = None, **params: Any) -> Self:
        """Draw training curves kept before.

        Parameters
        ----------
        history : dict of list of float
            Losses per epoch under "loss" and, if validated, "val_loss". Other keys
            are not drawn.
        ax : matplotlib Axes, default=None
            Where to draw. If None, a new figure is made.
        **params : dict
            See :meth:`plot`.

        Returns
        -------
        TrainingCurveDisplay
            The display, drawn.
        """
        loss, val_loss = _read_history(history)
        monitored = loss if val_loss is None else val_loss
        finite = np.where(np.isfinite(monitored), monitored, np.inf)
        best_epoch = int(finite.argmin()) + 1
        display = cls(loss=loss, val_loss=val_loss, best_epoch=best_epoch)
        return display.plot(ax, **params)


def _read_history(history: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the training and the validation losses."""
    if not isinstance(history, Mapping):
        raise TypeError(f"history must be a dict. Got {type(history).__name__}.")
    names = ["loss"] if history.get("val_loss") is None else ["loss", "val_loss"]
    curves = [np.asarray(history.get(name, ()), dtype=float) for name in names]
    for name, curve in zip(names, curves, strict=True):
        if not np.isfinite(curve).any():
            raise ValueError(
                f"history must hold finite losses under {name!r}. Got {len(curve)} "
                "epochs without any; fit for at least one epoch."
            )
    loss, val_loss = curves[0], curves[-1]
    if len(loss) != len(val_loss):
        raise ValueError(
            "history must hold as many 'val_loss' as 'loss'. Got "
            f"{len(val_loss)} and {len(loss)}."
        )
    return loss, val_loss if len(curves) == 2 else None


def _check_positive(curves: dict[str, pd.Series]) -> None:
    """Raise if a logarithmic axis cannot show the losses."""
    smallest = min(curve.min() for curve in curves.values())
    if smallest <= 0:
        raise ValueError(
            f"log_scale=True needs positive losses. Got {smallest:g} instead; use "
            "log_scale=False."
        )
