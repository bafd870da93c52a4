"""The one door through which TensorFlow and Keras come in, quietly."""

import inspect
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

# Lines of TensorFlow's C++ start-up log: "I0000 00:00:1795252662.979257 ...",
# "2026-11-21 09:11:02.979257: I tensorflow/...", the notice printed before it, the
# complaint of a machine that has no GPU, and TensorFlow 2.18's of its own plugins.
CHATTER = re.compile(
    rb"^([IW]\d{4} |\d{4}-\d\d-\d\d [\d:.]+: [IW] |WARNING: All log messages before)"
    rb"|failed call to cuInit|Unable to register cu\w+ factory"
)


@contextmanager
def _quiet_start() -> Iterator[None]:
    """Hold back TensorFlow's start-up chatter; let every other line through.

    TensorFlow logs to the process' standard error before its own log level takes
    effect, so the file descriptor is caught for the time of the import.
    """
    level = os.environ.get("TF_CPP_MIN_LOG_LEVEL")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    sys.stderr.flush()
    try:
        stderr = os.dup(2)
    except OSError:  # no standard error at all (some servers and notebooks)
        yield
        return
    with tempfile.TemporaryFile() as caught:
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(stderr, 2)
            os.close(stderr)
            caught.seek(0)
            for line in caught:
                if not CHATTER.search(line):
                    os.write(2, line)
            if level is None:
                os.environ.pop("TF_CPP_MIN_LOG_LEVEL", None)


def _heed_allotted_threads() -> None:
    """Give TensorFlow's two thread pools as many threads as ``OMP_NUM_THREADS`` says.

    joblib, dask and ray set it in their worker processes to the share of the cores
    that each gets, and NumPy and torch heed it; TensorFlow by itself takes all cores in
    every worker.
    """
    allotted = os.environ.get("OMP_NUM_THREADS", "").split(",")[0].strip()
    if not allotted.isdigit() or int(allotted) == 0:
        return
    threading = tf.config.threading
    # Where TensorFlow runs already its pools are as they are.
    with suppress(RuntimeError):
        if "TF_NUM_INTRAOP_THREADS" not in os.environ:
            threading.set_intra_op_parallelism_threads(int(allotted))
        if "TF_NUM_INTEROP_THREADS" not in os.environ:
            threading.set_inter_op_parallelism_threads(int(allotted))


def _check_keras_backend(name: str) -> None:
    if name != "tensorflow":
        raise ImportError(
            "skl_lstm runs Keras on TensorFlow, but Keras is set to the backend "
            f"{name!r}. Set the environment variable KERAS_BACKEND=tensorflow (or "
            '"backend": "tensorflow" in ~/.keras/keras.json) and start Python again.'
        )


_check_keras_backend(os.environ.get("KERAS_BACKEND", "tensorflow"))
# yfinance's client and TensorFlow both carry BoringSSL, and the one loaded first wins:
# after TensorFlow the client can no longer connect. So it goes first, where it is.
with suppress(ImportError):
    import curl_cffi  # noqa: F401

if "tensorflow" in sys.modules:
    import keras
    import tensorflow as tf
else:
    with _quiet_start():
        import keras
        import tensorflow as tf

        tf.config.list_physical_devices()
from keras.src.backend.common import global_state  # noqa: E402
from tensorflow.python.framework import ops as gradients_of_operations  # noqa: E402

_check_keras_backend(keras.config.backend())
_heed_allotted_threads()
STARTED_IN = os.getpid()


def check_not_forked() -> None:
    """Raise in a process forked from one that had started TensorFlow.

    Its threads are not there any more, and whoever asks them for work waits for ever.
    """
    if os.getpid() != STARTED_IN:
        raise RuntimeError(
            "This process was forked from one in which TensorFlow was running, and "
            "TensorFlow does not survive a fork. Start processes by 'spawn' or "
            "'forkserver' (multiprocessing.get_context('spawn')), use joblib's default "
            "backend 'loky', or fork before the first fit and forecast."
        )


@contextmanager
def without_values() -> Iterator[None]:
    """Build layers whose variables never get a value; whoever calls them brings it.

    Of every variable that has a value TensorFlow keeps some 35 KB for ever, if its name
    is new; and Keras numbers the random generators of its layers.
    """
    name = "uninitialized_variables"
    pending = list(global_state.get_global_attribute(name) or [])
    try:
        with keras.StatelessScope(initialize_variables=False):
            yield
    finally:
        # Or Keras would give them a value after all, at the end of its next such scope.
        global_state.set_global_attribute(name, pending)


def forget_gradients(graph: Any) -> None:
    """Drop what TensorFlow keeps for ever of the custom gradients inside a graph.

    Each custom gradient met while a function is traced goes into a registry of the
    process, and its graph with it: some megabytes for every program, long after it was
    dropped. Only a gradient of the traced function itself would need them; ours are
    inside, where the tape had found them without the registry.
    """
    registry = gradients_of_operations.gradient_registry._registry
    # A list, as another thread may be tracing.
    for name, entry in list(registry.items()):
        if name.startswith("CustomGradient-") and _lies_inside(entry["type"], graph):
            registry.pop(name, None)


def _lies_inside(gradient: Any, graph: Any) -> bool:
    """Whether a custom gradient is of a tensor in a graph, or in one nested in it."""
    # Two closures deep in TensorFlow's wrappers is what the gradient is of.
    held = gradient
    for name in ("tape_grad_fn", "result"):
        held = inspect.getclosurevars(held).nonlocals.get(name)
        if held is None:
            return False
    inner = getattr(tf.nest.flatten(held)[0], "graph", None)
    while inner is not None and inner is not graph:
        inner = getattr(inner, "outer_graph", None)
    return inner is graph


__all__ = ["check_not_forked", "forget_gradients", "keras", "tf", "without_values"]
