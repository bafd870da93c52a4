"""Series laid out for the engine, and where their windows are in it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._series.history import History
from skl_lstm._windows.assembly import NOTHING, Around, Assembly, assemble
from skl_lstm._windows.columns import Columns
from skl_lstm._windows.origins import Split
from skl_lstm._windows.scaling import Scaling


class Layout(NamedTuple):
    """The assembled series; origins are rows of it, nearest to a series' end last.

    Attributes
    ----------
    assembly : Assembly
        Rows of all series.
    train, validation, everything : ndarray of int32
        Windows trained on, held out, and both with those between them; the last is
        empty unless a second run is wanted.
    """

    assembly: Assembly
    train: np.ndarray
    validation: np.ndarray
    everything: np.ndarray


def lay_out(
    spec: NetworkSpec,
    columns: Columns,
    histories: Sequence[History],
    scalings: Sequence[Scaling],
    splits: Sequence[Split],
    origins: Sequence[np.ndarray] | None = None,
    around: Around = NOTHING,
) -> Layout:
    """Assemble the series, and turn their rows into rows of the assembled data.

    Parameters
    ----------
    spec, columns, histories, scalings
        As for `assemble`.
    splits : sequence of Split
        Windows of each series.
    origins : sequence of ndarray of int or None, default=None
        All windows of each series, where they are wanted.
    around : Around
        What is taken from the targets.
    """
    from skl_lstm._engine.sharing import share_rows

    assembly = assemble(spec, columns, histories, scalings, around=around)
    lengths = [len(history) for history in histories]

    def place(rows: list[np.ndarray]) -> np.ndarray:
        return _place_by_age(rows, lengths, assembly.starts)

    placed = (
        place([split.train for split in splits]),
        place([split.validation for split in splits]),
        place(list(origins or [split.train[:0] for split in splits])),
    )
    return Layout(assembly._replace(data=share_rows(assembly.data)), *placed)


def _place_by_age(
    rows: list[np.ndarray], lengths: list[int], starts: np.ndarray
) -> np.ndarray:
    """Turn rows of each series into rows of the data, the oldest first."""
    if len(rows) == 1:
        return rows[0] + np.int32(starts[0])
    # Distance to the end and row as one number: a sort in place, no permutation.
    keys, first = np.empty(sum(map(len, rows)), "int64"), 0
    for origins, n, start in zip(rows, lengths, starts, strict=True):
        part = keys[first : first + len(origins)]
        np.left_shift(origins - n, 32, out=part, dtype="int64")
        part += origins + start
        first += len(origins)
    keys.sort()
    keys &= 2**32 - 1
    return keys.astype("int32")
