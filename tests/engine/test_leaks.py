"""The cures of TensorFlow's leaks: they work, and fail soft where a name is gone."""

import json

import numpy as np
import pytest
from keras.src.backend.common import global_state
from tensorflow.python.framework import ops

from skl_lstm import GRUForecaster, clear_programs
from skl_lstm._engine.backend import keras
from skl_lstm._engine.leaks import WAITING, without_values
from tests import run_python


def list_waiting():
    return [id(v) for v in global_state.get_global_attribute(WAITING) or []]


def test_layers_are_built_without_values():
    with without_values():
        layer = keras.layers.Dense(2)
        layer.build((None, 3))
    assert layer.kernel._value is None


def test_layers_of_others_wait_for_their_values_after_an_error_too():
    def build_and_fail():
        with without_values():
            keras.layers.Dense(2).build((None, 3))
            assert len(list_waiting()) > len(before)
            raise KeyError

    before = list_waiting()
    with pytest.raises(KeyError):
        build_and_fail()
    assert list_waiting() == before


def fit_and_predict():
    options = {"units": 2, "epochs": 1, "window_length": 4, "random_state": 0}
    forecaster = GRUForecaster(**options).fit(np.sin(np.arange(40.0)), fh=[1, 2])
    return forecaster.predict().ravel()


def test_a_fit_leaves_no_gradient_in_the_registry():
    def list_custom():
        return {name for name in ops.gradient_registry.list() if "Custom" in name}

    before = list_custom()
    clear_programs()
    fit_and_predict()
    assert list_custom() == before


RENAMED = """
import inspect, json, sys, types
import keras, tensorflow
import keras.src.backend.common as common
import tensorflow.python.framework as framework
from skl_lstm import clear_programs
from tests.engine.test_leaks import fit_and_predict

def remove_registry(): framework.ops = types.ModuleType("ops")
def remove_closures(): del inspect.getclosurevars
def remove_scope(): del keras.StatelessScope
def remove_state():
    del common.global_state
    sys.modules["keras.src.backend.common.global_state"] = None

removals = (remove_closures, remove_state, remove_registry, remove_scope)
for i, remove in enumerate(removals):
    remove()
    if i in {after}:
        clear_programs()
        print(json.dumps(fit_and_predict().tolist()))
"""


# Without all of them, and in `make test-slow` without one after the other.
@pytest.mark.parametrize(
    "after", [(3,), pytest.param((0, 1, 2), marks=pytest.mark.slow)], ids=str
)
def test_a_renamed_private_name_of_tensorflow_or_keras_costs_memory_only(after):
    lines = run_python(RENAMED.format(after=after)).stdout.splitlines()
    expected = [fit_and_predict()] * len(after)
    np.testing.assert_allclose([json.loads(x) for x in lines], expected, rtol=1e-6)
