"""Importance by lag and column."""

from typing import Any, Self

import pandas as pd

from skl_lstm.plotting import _drawing
from skl_lstm.plotting._drawing import Style


class ImportanceDisplay:
    """How much a forecast owes to each lag of each column.

    Create it with :meth:`from_estimator`, or from a table that was kept before.

    Parameters
    ----------
    importances : DataFrame of shape (n_lags, n_columns)
        As ``permutation_importance`` of a forecaster returns it: lags in the index,
        rises of the error in the columns.

    Attributes
    ----------
    lines_ : list of matplotlib Line2D
        One for each column.
    ax_, figure_, legend_ : matplotlib Axes, Figure and Legend
        Where they are.

    Examples
    --------
    >>> import pandas as pd
    >>> from skl_lstm.plotting import ImportanceDisplay
    >>> table = pd.DataFrame({"sales": [3.0, 0.5, 0.1]}, index=[1, 2, 3])
    >>> print(ImportanceDisplay(importances=table).importances["sales"].idxmax())
    1
    """

    def __init__(self, *, importances: pd.DataFrame) -> None:
        self.importances = importances

    def plot(self, ax: Any = None, *, line_kwargs: Style = None) -> Self:
        """Draw a line for each column.

        Parameters
        ----------
        ax : matplotlib Axes, default=None
            Where to draw. If None, a new figure is made.
        line_kwargs : dict, default=None
            Style of the lines, passed to ``Axes.plot``.

        Returns
        -------
        ImportanceDisplay
            The display itself.
        """
        [self.ax_] = _drawing.make_axes(ax, 1)
        self.figure_ = self.ax_.figure
        style = {"marker": "o", "markersize": 4} | dict(line_kwargs or {})
        self.lines_ = [
            self.ax_.plot(column.index, column, label=str(name), **style)[0]
            for name, column in self.importances.items()
        ]
        self.ax_.axhline(0, color=_drawing.BLACK, linewidth=0.8)
        self.ax_.set_xlabel("lag, in rows before the forecast")
        self.ax_.set_ylabel("rise of the mean absolute error")
        self.legend_ = _drawing.draw_legend(self.ax_, is_new=ax is None)
        return self

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        *,
        n_repeats: int = 5,
        random_state: Any = None,
        **plot_params: Any,
    ) -> Self:
        """Measure the importances of a fitted forecaster, and draw them.

        Parameters
        ----------
        estimator : forecaster of this package
            Fitted, in either convention.
        n_repeats : int, default=5
            Permutations of each lag.
        random_state : int, RandomState instance or None, default=None
            Draws them.
        **plot_params : dict
            See :meth:`plot`.

        Returns
        -------
        ImportanceDisplay
            The display, drawn.
        """
        importances = estimator.permutation_importance(n_repeats, random_state)
        return cls(importances=importances).plot(**plot_params)
