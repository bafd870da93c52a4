"""Many fits and predictions in one process do not grow it."""

import json
import sys

import pytest

from tests import run_python

# Runs in a process of its own: its size is then made by these fits alone.
MANY_FITS = """
import gc, itertools, json, sys
import numpy as np
from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm._engine.cache import PROGRAMS

def read_resident_megabytes():
    gc.collect()
    lines = open("/proc/self/status").read().splitlines()
    line = next(line for line in lines if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024

series = np.sin(np.arange(30.0))
specifications = list(
    itertools.product((LSTMForecaster, GRUForecaster), (2, 3, 4), range(3, 8), (1, 2))
)
assert len(specifications) == 60
n_passes, n_predicts = int(sys.argv[1]), 10

def make_one_pass():
    for cls, units, window_length, horizon in specifications:
        forecaster = cls(
            units=units,
            window_length=window_length,
            horizon=horizon,
            epochs=1,
            early_stopping=False,
            random_state=0,
        ).fit(series, fh=[1, 2])
        for _ in range(n_predicts):
            forecaster.predict()

make_one_pass()
sizes = [read_resident_megabytes()]
for _ in range(n_passes):
    make_one_pass()
    sizes.append(read_resident_megabytes())
result = {"sizes": sizes, "n_built": PROGRAMS.n_built, "n_kept": len(PROGRAMS)}
print(json.dumps(result))
"""


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="reads the process' size in /proc")
def test_memory_grows_by_less_than_a_twentieth_over_300_fits():
    n_passes = 5
    finished = run_python(MANY_FITS, n_passes, timeout=3500)
    found = json.loads(finished.stdout)
    print(found)
    # Every fit met a program that had been evicted: nothing was saved by reuse.
    assert found["n_built"] == 60 * (n_passes + 1)
    assert found["n_kept"] == 16
    after_warm_up, *later = found["sizes"]
    assert max(later) < 1.05 * after_warm_up, found["sizes"]
