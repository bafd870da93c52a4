"""Training curves."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
import pandas as pd
from sklearn.exceptions import NotFittedError

from skl_lstm.plotting import _drawing
from skl_lstm.plotting._drawing import BLACK, BLUE, VERMILION, Style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.legend import Legend


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

    ax_: "Axes"
    figure_: "Figure"
    legend_: "Legend"

    def __init__(
        self, *, loss: np.ndarray, best_epoch: int, val_loss: np.ndarray | None = None
    ) -> None:
        self.loss = loss
        self.best_epoch = best_epoch
        self.val_loss = val_loss

    def plot(
        self,
        ax: "Axes | None" = None,
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
        [self.ax_] = _drawing.make_axes(ax, 1)
        self.figure_ = cast("Figure", self.ax_.figure)
        epochs = pd.RangeIndex(1, len(self.loss) + 1, name="epoch")
        monitored = pd.Series(self.loss, index=epochs, name="loss")
        self.val_loss_line_ = None
        self.loss_line_ = _drawing.draw_line(
            self.ax_, monitored, loss_kwargs, label="loss", color=BLUE
        )
        if self.val_loss is not None:
            monitored = pd.Series(self.val_loss, index=epochs, name="val_loss")
            style = {"label": "val_loss", "color": VERMILION, "linestyle": "--"}
            self.val_loss_line_ = _drawing.draw_line(
                self.ax_, monitored, val_loss_kwargs, **style
            )
        best = monitored.loc[[self.best_epoch]]
        error = _drawing.write_error(best.iloc[0])
        style = {"label": f"best epoch {self.best_epoch}, {best.name} {error}"}
        style |= {"color": BLACK, "linestyle": "none", "marker": "o"}
        self.best_point_ = _drawing.draw_line(self.ax_, best, best_kwargs, **style)
        _drawing.label_axes(self.ax_, epochs, "loss")
        self.ax_.set_yscale("log" if log_scale else "linear")
        self.legend_ = _drawing.draw_legend(self.ax_, is_new=ax is None)
        return self

    @classmethod
    def from_estimator(cls, estimator: Any, **plot_params: Any) -> Self:
        """Draw the training curves of a fitted forecaster.

        Parameters
        ----------
        estimator : forecaster of this package
            Fitted forecaster, or any object with an attribute ``history_``.
        **plot_params : dict
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
        return cls.from_history(history, **plot_params)

    @classmethod
    def from_history(cls, history: Mapping[str, Any], **plot_params: Any) -> Self:
        """Draw training curves kept before.

        Parameters
        ----------
        history : dict of list of float
            Losses per epoch under "loss" and, if validated, "val_loss". Other keys
            are not drawn.
        **plot_params : dict
            See :meth:`plot`.

        Returns
        -------
        TrainingCurveDisplay
            The display, drawn.
        """
        loss, val_loss = (
            None if history.get(name) is None else np.asarray(history[name], float)
            for name in ("loss", "val_loss")
        )
        monitored = loss if val_loss is None else val_loss
        if loss is None or monitored is None or not np.isfinite(monitored).any():
            raise ValueError(
                "history must hold finite losses under 'loss' and, if there, "
                f"'val_loss'. Got {history!r} instead; fit for at least one epoch."
            )
        finite = np.where(np.isfinite(monitored), monitored, np.inf)
        best_epoch = int(finite.argmin()) + 1
        display = cls(loss=loss, val_loss=val_loss, best_epoch=best_epoch)
        return display.plot(**plot_params)
