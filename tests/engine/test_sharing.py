import gc

import numpy as np
import pytest

from skl_lstm import LSTMForecaster
from skl_lstm._engine import sharing
from skl_lstm._engine.rows import Data
from skl_lstm._training import fit as training_fit


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


def test_a_fit_has_one_copy_of_its_rows_and_leaves_none(monkeypatch):
    seen = []

    def train(spec, start, layout, *args):
        y = layout.assembly.data.y
        seen.append(np.shares_memory(np.asarray(sharing.to_tensors(y)), y))
        return train_ensemble(spec, start, layout, *args)

    train_ensemble = training_fit.train_ensemble
    monkeypatch.setattr(training_fit, "train_ensemble", train)
    before = len(sharing._TENSORS)
    forecaster = LSTMForecaster(units=2, window_length=4, epochs=1, random_state=0)
    forecaster.fit(np.sin(np.arange(40.0)), fh=[1])
    assert seen == [True]
    gc.collect()
    assert len(sharing._TENSORS) == before
