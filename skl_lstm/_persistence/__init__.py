"""Models in files that execute nothing when they are loaded."""

import platform
import sys
import warnings
from functools import cache
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

from skl_lstm._exceptions import ModelFileError
from skl_lstm._persistence import _archive, _objects, _pandas, _plain, _times
from skl_lstm._persistence._codec import Decoder, Encoder

__all__ = ["load_model", "save_model"]

FORMAT = "skl_lstm model"
FORMAT_VERSION = 1
# The most that a file may take unless the caller allows more: one gibibyte.
MAX_BYTES = 2**30
CODECS = (
    *_plain.CODECS,
    *_times.CODECS,
    *_pandas.CODECS,
    *_objects.CODECS,
)
LIBRARIES = ("numpy", "pandas", "scikit-learn", "sktime", "keras", "tensorflow")
# Their private attributes are in the file, and may mean other things in others.
LIBRARIES_WITH_STATE = ("scikit-learn", "sktime")


def save_model(estimator: Any, path: str | PathLike[str]) -> None:
    """Save an estimator in a file that executes nothing when it is loaded.

    The file is a zip of one JSON manifest and one ``.npy`` array for each array of the
    estimator, with checksums and the versions of the libraries. It takes the place of
    an older file only when it is whole.

    Parameters
    ----------
    estimator : forecaster of this package or sklearn.pipeline.Pipeline
        Fitted or not, in either convention; steps of a pipeline may be scikit-learn's
        scalers and encoders.
    path : str or path-like
        Where to write. The folder must be there.

    Raises
    ------
    TypeError
        If the estimator, or something that it holds, cannot be restored without
        executing code: callbacks, a loss or a transformer of your own.

    See Also
    --------
    load_model : The way back.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skl_lstm import LSTMForecaster, load_model, save_model
    >>> path = Path(tempfile.mkdtemp()) / "unfitted.model"
    >>> save_model(LSTMForecaster(units=8), path)
    >>> load_model(path)
    LSTMForecaster(units=8)
    """
    if not _is_model(estimator):
        raise TypeError(
            "The 'estimator' parameter of save_model must be an LSTMForecaster, a "
            "GRUForecaster, a SimpleRNNForecaster or a scikit-learn Pipeline of them, "
            "and no subclass. "
            f"Got {estimator!r} instead."
        )
    encoder = Encoder(CODECS)
    try:
        model = encoder.encode(estimator)
    except RecursionError as error:
        raise TypeError(
            f"This {type(estimator).__name__} holds something that holds itself, or "
            "too many things inside each other, to be saved."
        ) from error
    manifest = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "versions": _list_versions(),
        "model": model,
    }
    _archive.write_atomically(Path(path), _archive.pack(manifest, encoder.arrays))


def load_model(path: str | PathLike[str], *, max_bytes: int = MAX_BYTES) -> Any:
    """Load an estimator that `save_model` has saved; execute nothing from the file.

    Neither pickle nor any name in the file decides what is imported, built or called:
    every class stands in a list of this package. TensorFlow is loaded by the first
    forecast, or here if a parameter is an object of Keras.

    Parameters
    ----------
    path : str or path-like
        A file written by `save_model`.
    max_bytes : int, default=2**30
        The largest file that is read; larger ones are refused.

    Returns
    -------
    estimator
        As it was saved, with bit-identical forecasts on the same libraries.

    Raises
    ------
    ModelFileError
        If the file is not a model, was cut off, damaged or edited, is too large, or
        was written by a newer version of this package. A subclass of ValueError.
    OSError
        If the file cannot be opened.

    See Also
    --------
    save_model : The way there.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skl_lstm import GRUForecaster, load_model, save_model
    >>> path = Path(tempfile.mkdtemp()) / "unfitted.model"
    >>> save_model(GRUForecaster(units=8), path)
    >>> load_model(path)
    GRUForecaster(units=8)
    """
    try:
        return read_model(_archive.read_bounded(Path(path), max_bytes))
    except ModelFileError as error:
        raise ModelFileError(f"{path} cannot be loaded. {error}") from error.__cause__


def read_model(data: bytes) -> Any:
    """Turn the content of a file into the estimator."""
    manifest, arrays = _archive.unpack(data)
    _check_format(manifest)
    try:
        others = _find_other_versions(manifest["versions"])
        estimator = Decoder(CODECS, arrays).decode(manifest["model"])
        if not _is_model(estimator):
            raise TypeError(f"{type(estimator).__name__} is no model")
    # An edited file can make any library that is asked to build a value raise anything.
    except Exception as error:
        raise ModelFileError(
            "Its values do not make up a model: the file was edited, or written with "
            f"other libraries ({manifest.get('versions')}). {_archive.AGAIN}."
        ) from error
    if others:
        warnings.warn(
            f"The model was saved with {others}: forecasts may differ. Save it again "
            "once they are checked.",
            stacklevel=3,
        )
    return estimator


def _is_model(value: Any) -> bool:
    return type(value) in (*_objects.FORECASTERS.values(), _objects.PIPELINE)


def _check_format(manifest: dict[str, Any]) -> None:
    found = manifest.get("format_version")
    if manifest.get("format") != FORMAT or type(found) is not int or found < 1:
        raise ModelFileError(
            "It is not a model. Pass a file written by skl_lstm.save_model."
        )
    if found > FORMAT_VERSION:
        raise ModelFileError(
            f"It is of format {found}, and this version of skl_lstm reads formats up "
            f"to {FORMAT_VERSION}. Upgrade skl_lstm, or save the model again with this "
            "version."
        )


@cache
def _version(name: str) -> str:
    return version(name)


def _list_versions() -> dict[str, str]:
    # Not from the metadata of the installation, which may be of another checkout.
    own = sys.modules[__name__.partition(".")[0]].__version__
    versions = {"python": platform.python_version(), "skl_lstm": own}
    return versions | {name: _version(name) for name in LIBRARIES}


def _find_other_versions(saved: dict[str, str]) -> str:
    """Name the libraries whose minor version is another than that of the file."""
    return ", ".join(
        f"{name} {saved[name]} and is loaded with {_version(name)}"
        for name in LIBRARIES_WITH_STATE
        if saved[name].split(".")[:2] != _version(name).split(".")[:2]
    )
