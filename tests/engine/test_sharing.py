import gc

import numpy as np
import pytest

from skl_lstm._engine import sharing
from skl_lstm._engine.rows import Data


def make_rows():
    return Data(np.arange(6.0, dtype="float32")[:, None], np.empty((6, 0), "float32"))


def test_shared_rows_are_copied_once_and_cannot_be_written():
    rows = make_rows()
    shared = sharing.share_rows(rows)
    np.testing.assert_array_equal(shared.y, rows.y)
    assert shared.X.shape == rows.X.shape
    assert sharing.to_tensors(shared).y is sharing.to_tensors(shared).y
    assert np.shares_memory(np.asarray(sharing.to_tensors(shared).y), shared.y)
    with pytest.raises(ValueError, match="read-only"):
        shared.y[0] = 1.0


def test_other_rows_are_copied_as_they_are_now():
    rows = make_rows()
    before = sharing.to_tensors(rows).y
    rows.y[0] = 5.0
    assert float(before[0, 0]) == 0.0
    assert float(sharing.to_tensors(rows).y[0, 0]) == 5.0


def test_tensors_go_with_the_rows_they_hold():
    shared = sharing.share_rows(make_rows())
    keys = {id(shared.y), id(shared.X)}
    assert keys <= sharing._TENSORS.keys()
    del shared
    gc.collect()
    assert not keys & sharing._TENSORS.keys()
