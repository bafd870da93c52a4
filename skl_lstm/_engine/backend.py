"""The one door through which TensorFlow and Keras come in."""

import os
from contextlib import suppress


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

# Errors only, unless the user says otherwise. Read while TensorFlow is loaded, so that
# what it logs before that shows all the same.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
import keras  # noqa: E402
import tensorflow as tf  # noqa: E402

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


__all__ = ["check_not_forked", "keras", "tf"]
