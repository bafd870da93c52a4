"""How TensorFlow is loaded: without a hand on standard error."""

import re

import pytest

from tests import run_python

WITHOUT_LEVEL = "import os\nos.environ.pop('TF_CPP_MIN_LOG_LEVEL', None)\n"


def show(code, **environment):
    """Return what a process writes to standard error, without times and places."""
    finished = run_python(code, **environment)
    assert finished.stdout == ""
    return [re.sub(r"[\d.]+", "", line) for line in finished.stderr.splitlines()]


# Two processes load TensorFlow; the test below tells why there is nothing to see.
@pytest.mark.slow
def test_a_first_fit_shows_no_more_than_how_tensorflow_starts():
    fit = (
        "import numpy as np\n"
        "from skl_lstm import LSTMForecaster\n"
        "y = np.sin(np.arange(40.0))\n"
        "LSTMForecaster(units=2, epochs=1, window_length=4).fit(y, fh=[1]).predict()\n"
    )
    alone = "import tensorflow as tf\ntf.constant(1.0)\n"
    expected = show(alone, TF_CPP_MIN_LOG_LEVEL="2")
    assert show(WITHOUT_LEVEL + fit) == expected
    assert not any(line.startswith(("W ", "W0")) for line in expected)


WATCH = """
import os, sys

def place():
    status = os.fstat(2)
    return status.st_dev, status.st_ino

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name in ("keras", "tensorflow"):
            places.append(place())

places = []
sys.meta_path.insert(0, Watch())
import skl_lstm._engine.backend
assert len(places) == 2 and set(places) == {place()}
print(os.environ["TF_CPP_MIN_LOG_LEVEL"])
threads = skl_lstm._engine.backend.tf.config.threading
print(threads.get_intra_op_parallelism_threads())
print(threads.get_inter_op_parallelism_threads())
"""


@pytest.fixture(scope="module")
def told():
    """What one process tells of how it loaded TensorFlow."""
    settings = {"TF_CPP_MIN_LOG_LEVEL": "0", "OMP_NUM_THREADS": "2,1"}
    return run_python(WATCH, **settings).stdout.splitlines()


def test_standard_error_stays_where_it_is_and_the_log_level_as_the_user_set_it(told):
    assert told[0] == "0"


def test_tensorflow_takes_as_many_threads_as_it_is_allotted(told):
    # Of other settings: test_processes.py.
    assert told[1:] == ["2", "2"]
