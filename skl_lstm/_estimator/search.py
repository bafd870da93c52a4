"""Where a search for parameters may start."""

from numbers import Integral
from typing import Any

# Rows from which a network may be as wide. The defaults are in every list: a search
# that leaves them out may end with something worse.
WIDTHS: dict[int, list[Any]] = {0: ["auto", 16], 5_000: ["auto", 64, 128]}
LEARNING_RATES = ["auto", 0.001, 0.01]
# Of windows that have no season to go by.
LENGTHS = [8, 16, 32, 64]
# A window takes at most this share of the rows, so that some are left to learn from.
LONGEST = 8


def make_param_grid(
    n_samples: int, *, sp: int = 1, prefix: str = ""
) -> dict[str, list[Any]]:
    """Return parameters to search over, by the size of the data.

    The parameters that decide most: how far the network looks back, how wide it is, and
    how fast it learns; at most 27 candidates, the defaults among them, whose networks
    fit into the cache of compiled programs. For ``GridSearchCV``,
    ``HalvingGridSearchCV`` with ``resource="epochs"``, ``ForecastingGridSearchCV`` and
    their randomized siblings; or one list after the other for ``optuna``.

    Parameters
    ----------
    n_samples : int
        Rows of the training part of a fold.
    sp : int, default=1
        Rows of a season: windows then hold whole seasons.
    prefix : str, default=""
        Before each name, such as ``"lstm__"`` for the step of a Pipeline.

    Returns
    -------
    dict of str to list
        Values by parameter.

    Raises
    ------
    ValueError
        If a number is not a positive int.

    Examples
    --------
    >>> from skl_lstm import make_param_grid
    >>> make_param_grid(144, sp=12, prefix="lstm__")["lstm__window_length"]
    ['auto', 12]
    >>> make_param_grid(20_000)["units"]
    ['auto', 64, 128]
    """
    for name, value in (("n_samples", n_samples), ("sp", sp)):
        if isinstance(value, bool) or not isinstance(value, Integral) or value < 1:
            raise ValueError(
                f"The '{name}' parameter of make_param_grid must be an int of at least "
                f"1. Got {value!r} instead."
            )
    lengths = LENGTHS if sp == 1 else [sp, 2 * sp, 3 * sp]
    longest = max(n_samples // LONGEST, lengths[0])
    grid: dict[str, list[Any]] = {
        "window_length": ["auto", *[n for n in lengths if n <= longest][-2:]],
        "units": WIDTHS[max(rows for rows in WIDTHS if rows <= n_samples)],
        "learning_rate": LEARNING_RATES,
    }
    return {prefix + name: list(values) for name, values in grid.items()}
