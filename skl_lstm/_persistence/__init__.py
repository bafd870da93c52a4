"""Models in files that execute nothing when they are loaded."""

import platform
import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from skl_lstm._exceptions import ModelFileError
from skl_lstm._persistence import _archive, _objects, _times, _values
from skl_lstm._persistence._export import export_model
from skl_lstm._persistence._state import (
    FORECASTERS,
    estimator_from_state,
    estimator_to_state,
)
from skl_lstm._persistence._values import Decoder, Encoder, UnkeptError

if TYPE_CHECKING:
    from skl_lstm.forecasters import (
        GRUForecaster,
        LSTMForecaster,
        SimpleRNNForecaster,
    )

__all__ = ["export_model", "load_model", "save_model"]

# The most that a file may take unless the caller allows more: one gibibyte.
MAX_BYTES = 2**30
KINDS = (*_values.KINDS, *_times.KINDS, *_objects.KINDS)
LIBRARIES = ("numpy", "pandas", "scikit-learn", "sktime", "keras", "tensorflow")


def save_model(estimator: Any, path: str | PathLike[str]) -> None:
    """Save an estimator in a file that executes nothing when it is loaded.

    The file is a line of JSON and the bytes of the arrays, with a checksum and the
    versions of the libraries. It takes the place of an older file only when it is
    whole. Attributes that you have given the estimator are not kept,
    nor what the transformer in ``scaler`` itself has learned.

    Parameters
    ----------
    estimator : LSTMForecaster, GRUForecaster or SimpleRNNForecaster
        Fitted, pretrained or neither, in either convention; or a subclass of one,
        whose code is no part of the file.
    path : str or path-like
        Where to write. The folder must be there.

    Raises
    ------
    TypeError
        If the estimator, or something that it holds, cannot be restored without
        executing code: callbacks, a loss or a transformer of your own.
    FileNotFoundError
        If there is no such folder.

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
    is_ours = isinstance(estimator, tuple(FORECASTERS.values()))
    if not is_ours or FORECASTERS.get(type(estimator).__name__) not in (
        None,
        type(estimator),
    ):
        raise TypeError(
            "The 'estimator' parameter of save_model must be an LSTMForecaster, a "
            "GRUForecaster, a SimpleRNNForecaster, or of a subclass with another name. "
            f"Got {estimator!r} instead. Save a pipeline with joblib.dump, whose files "
            "execute what is in them."
        )
    encoder = Encoder(KINDS)
    model = _encode_estimator(estimator, encoder)
    manifest = {"versions": _list_versions(), "model": model}
    _archive.write_atomically(Path(path), _archive.pack(manifest, encoder.arrays))


def _encode_estimator(estimator: Any, encoder: Encoder) -> dict[str, Any]:
    name, given = type(estimator).__name__, estimator.get_params(deep=False)
    parameters = {p: _encode_parameter(name, p, v, encoder) for p, v in given.items()}
    try:
        state = encoder.encode(estimator_to_state(estimator))
    except UnkeptError as error:
        raise TypeError(
            f"What this {name} has learned cannot be kept in a file that executes "
            f"nothing when it is loaded: it holds {error}. Use pickle for files that "
            "only you write."
        ) from error
    return {"parameters": parameters} | state


def _encode_parameter(name: str, parameter: str, value: Any, encoder: Encoder) -> Any:
    try:
        return encoder.encode(value)
    except (UnkeptError, RecursionError) as error:
        raise TypeError(
            f"The '{parameter}' parameter of {name} must be made of what load_model "
            "can restore without executing code (numbers, text, arrays, Keras' own "
            "losses, optimizers and regularizers, scikit-learn's scalers). "
            f"Got {value!r} instead, which holds {error}. Set it to None on the "
            f"fitted estimator (estimator.{parameter} = None) if it is needed no "
            "more, or use pickle for files that only you write."
        ) from error


def load_model(
    path: str | PathLike[str],
    *,
    max_bytes: int = MAX_BYTES,
    custom_classes: Sequence[type] = (),
) -> "LSTMForecaster | GRUForecaster | SimpleRNNForecaster":
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
    custom_classes : sequence of type, default=()
        Subclasses of the forecasters that the file may hold; their ``build_encoder``
        is called anew.

    Returns
    -------
    estimator
        As it was saved, with bit-identical forecasts on the same libraries.

    Raises
    ------
    ModelFileError
        If the file is not a model, was cut off, damaged or edited, is too large, or
        was written by a newer version of this package. A subclass of ValueError.
    TypeError
        If ``custom_classes`` holds anything but subclasses of the forecasters.
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
    for cls in custom_classes:
        if not (isinstance(cls, type) and issubclass(cls, tuple(FORECASTERS.values()))):
            raise TypeError(
                "The 'custom_classes' parameter of load_model must be a list of "
                f"subclasses of the forecasters. Got {cls!r} in it instead."
            )
    try:
        return read_model(_archive.read_bounded(Path(path), max_bytes), custom_classes)
    except ModelFileError as error:
        raise ModelFileError(f"{path} cannot be loaded. {error}") from error.__cause__


def read_model(data: bytes, custom_classes: Sequence[type] = ()) -> Any:
    """Turn the content of a file into the estimator."""
    manifest, arrays = _archive.unpack(data)
    try:
        decoder = Decoder(KINDS, arrays, len(data))
        return estimator_from_state(decoder.decode(manifest["model"]), custom_classes)
    except ModelFileError:
        raise
    # An edited file can make any library that is asked to build a value raise anything.
    except Exception as error:
        raise ModelFileError(
            "Its values do not make up a model: the file was edited, or written with "
            f"other libraries ({manifest.get('versions')}). {_archive.AGAIN}."
        ) from error


@cache
def _version(name: str) -> str:
    return version(name)


def _list_versions() -> dict[str, str]:
    # Not from the metadata of the installation, which may be of another checkout.
    own = sys.modules[__name__.partition(".")[0]].__version__
    versions = {"python": platform.python_version(), "skl_lstm": own}
    return versions | {name: _version(name) for name in LIBRARIES}
