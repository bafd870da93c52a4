"""The file of a model: three lines of text, and the bytes of its arrays.

1. ``skl_lstm model 2``: what it is, and the version of the format.
2. The sha256 of everything after this line. It tells damage; it is no signature, and
   who edits a file can mend it. So nothing in a file is trusted, whatever it says.
3. A JSON object: the state, and dtype, shape and order of every array.

The arrays follow one after the other, little-endian. Nothing is compressed, so a file
cannot grow when it is read, and nothing has a name, so it cannot point elsewhere.
"""

import hashlib
import json
import math
import os
import re
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from skl_lstm._exceptions import ModelFileError

FORMAT_VERSION = 2
FIRST_LINE = re.compile(rb"skl_lstm model (\d{1,9})")
# Format 1 was a zip with this in its comment.
FORMAT_1 = b"skl_lstm model, sha256 of manifest.json"
# Booleans, numbers and times; what else NumPy has goes value by value, or not at all.
DTYPE = re.compile(r"\|b1|\|[iu]1|<[iufc]\d{1,2}|<[mM]8\[\d{0,9}[a-zA-Zμ]{1,2}\]")
AGAIN = "Save the model again with skl_lstm.save_model"
# How files begin that people take for ours, and what to do with them.
FOREIGN = {
    b"\x80": "It looks like a pickle or joblib file. Load it with pickle or joblib, "
    "which execute what is in it, only if you trust where it comes from.",
    b"PK": "It is a zip archive, such as the estimator's own `save` and Keras write. "
    "Load it with sktime.base.load, which executes what is in it, only if you trust "
    "where it comes from, or with keras.saving.load_model.",
    b"": f"It is not a model, or was cut off. {AGAIN}, or copy it again.",
}


# Writing ----------------------------------------------------------------------


def pack(manifest: dict[str, Any], arrays: list[np.ndarray]) -> bytes:
    """Put a manifest and its arrays into one file."""
    arrays = [a.astype(a.dtype.newbyteorder("<"), copy=False) for a in arrays]
    table = [[a.dtype.str, list(a.shape), "F" if a.flags.fnc else "C"] for a in arrays]
    text = json.dumps({**manifest, "arrays": table}, allow_nan=False).encode()
    # In memory as it is: sums depend on the order in their last bit.
    body = b"".join([text, b"\n", *(a.tobytes(order="A") for a in arrays)])
    first = b"skl_lstm model %d\n" % FORMAT_VERSION
    return first + hashlib.sha256(body).hexdigest().encode() + b"\n" + body


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: beside its place first, then renamed."""
    if not path.parent.is_dir():
        raise FileNotFoundError(
            f"There is no folder {str(path.parent)!r} to write {path.name!r} to. Make "
            "it first, or save elsewhere."
        )
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    try:
        with open(part, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    # The rename itself reaches the disk with its folder, where that can be opened.
    with suppress(OSError):
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


# Reading ----------------------------------------------------------------------


def read_bounded(path: Path, max_bytes: int) -> bytes:
    """Read a file, but no more of it than ``max_bytes``."""
    with open(path, "rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ModelFileError(
            f"The file is larger than {max_bytes} bytes, which is the most that "
            "load_model reads. If you trust its size, pass a larger max_bytes."
        )
    return data


def unpack(data: bytes) -> tuple[dict[str, Any], list[np.ndarray]]:
    """Take a file apart; return its manifest and arrays."""
    first, _, rest = data.partition(b"\n")
    _check_format(first, data)
    checksum, _, body = rest.partition(b"\n")
    if checksum != hashlib.sha256(body).hexdigest().encode():
        raise ModelFileError(
            "It does not fit its checksum: the file was cut off, damaged or edited. "
            f"{AGAIN}, or copy it again."
        )
    text, _, numbers = body.partition(b"\n")
    try:
        manifest = json.loads(text, parse_constant=_refuse_constant)
        return manifest, _read_arrays(manifest.pop("arrays"), numbers)
    # An edited manifest can be anything, and ask for anything.
    except Exception as error:
        raise ModelFileError(
            f"Its manifest is not that of a model. {AGAIN}."
        ) from error


def _check_format(first: bytes, data: bytes) -> None:
    found = FIRST_LINE.fullmatch(first)
    if FORMAT_1 in data[-200:]:
        raise ModelFileError(
            "It is of format 1, which only development versions of skl_lstm wrote. "
            "Fit the estimator again and save it with this version, or load the file "
            "with the commit that wrote it."
        )
    if found is None:
        raise ModelFileError(
            next(words for start, words in FOREIGN.items() if data.startswith(start))
        )
    if int(found[1]) != FORMAT_VERSION:
        raise ModelFileError(
            f"It is of format {int(found[1])}, and this version of skl_lstm reads "
            f"format {FORMAT_VERSION}. Upgrade skl_lstm, or save the model again with "
            "this version."
        )


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _read_arrays(table: list[Any], data: bytes) -> list[np.ndarray]:
    """Read arrays of which a table may claim anything."""
    arrays, start = [], 0
    for name, shape, order in table:
        if not DTYPE.fullmatch(name) or any(type(n) is not int or n < 0 for n in shape):
            raise ValueError(f"there is no array of {name!r} and {shape}")
        dtype = np.dtype(name)
        end = start + math.prod(shape) * dtype.itemsize
        if end > len(data):
            raise ValueError(f"{shape} of {dtype} in {len(data) - start} bytes")
        # A copy, as bytes cannot be written to; nothing is allocated beyond them.
        flat = np.frombuffer(data[start:end], dtype).copy()
        arrays.append(flat.reshape(shape, order=order))
        start = end
    if start != len(data):
        raise ValueError(f"{len(data) - start} bytes are left over")
    return arrays
