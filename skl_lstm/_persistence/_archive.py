"""The file of a model: a zip of one JSON manifest and one .npy file per array.

Members are stored, never compressed: a file cannot grow when it is read. The manifest
holds the checksum of every array, the comment of the archive that of the manifest.
They tell damage; they are no signature, and who edits a file can mend them. So nothing
in a file is trusted, whatever its checksums say.
"""

import hashlib
import io
import json
import math
import os
import re
import secrets
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from skl_lstm._exceptions import ModelFileError

MANIFEST = "manifest.json"
ARRAY = re.compile(r"arrays/\d{1,9}\.npy")
COMMENT = re.compile(rb"skl_lstm model, sha256 of manifest.json: ([0-9a-f]{64})")
# Booleans, numbers, times and text: what NumPy stores without pickle.
ARRAY_KINDS = frozenset("biufcmMSU")
# Equal estimators give equal files.
NO_DATE = (1980, 1, 1, 0, 0, 0)
# How files begin that people take for ours.
PICKLE = b"\x80"
ENCRYPTED = 0x1

AGAIN = "Save the model again with skl_lstm.save_model"


# Writing ----------------------------------------------------------------------


def pack(manifest: dict[str, Any], arrays: list[np.ndarray]) -> bytes:
    """Put a manifest and its arrays into one file."""
    members = {f"arrays/{i}.npy": _array_bytes(a) for i, a in enumerate(arrays)}
    table = {
        name: {"bytes": len(data), "sha256": _sha256(data)}
        for name, data in members.items()
    }
    text = json.dumps({**manifest, "members": table}, allow_nan=False).encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in {MANIFEST: text, **members}.items():
            archive.writestr(zipfile.ZipInfo(name, NO_DATE), data)
        archive.comment = (
            b"skl_lstm model, sha256 of manifest.json: " + _sha256(text).encode()
        )
    return buffer.getvalue()


def _array_bytes(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file whole or not at all: beside its place first, then renamed."""
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
    """Take a file apart; return its manifest and arrays, checked against it."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except Exception as error:
        raise ModelFileError(_describe_foreign(data)) from error
    with archive:
        members = _list_members(archive, len(data))
        text = _read_member(archive, members.pop(MANIFEST))
        manifest = _parse_manifest(text, archive.comment)
        table = manifest.get("members")
        if not isinstance(table, dict) or table.keys() != members.keys():
            raise ModelFileError(
                f"Members are missing or do not belong to it. {AGAIN}."
            )
        arrays = {
            name: _read_array(_read_member(archive, info), table[name], name)
            for name, info in members.items()
        }
    expected = [f"arrays/{i}.npy" for i in range(len(arrays))]
    if arrays.keys() != set(expected):
        raise ModelFileError(f"The arrays are not numbered from 0 on. {AGAIN}.")
    return manifest, [arrays[name] for name in expected]


def _describe_foreign(data: bytes) -> str:
    if not data:
        return f"It is empty. {AGAIN}."
    if data.startswith(PICKLE):
        return (
            "It looks like a pickle or joblib file. Load it with pickle or joblib, "
            "which execute what is in it, only if you trust where it comes from."
        )
    return f"It is not a zip archive, or was cut off. {AGAIN}, or copy it again."


def _list_members(archive: zipfile.ZipFile, n_bytes: int) -> dict[str, zipfile.ZipInfo]:
    """Return the members by name, none of them of a kind that we never write."""
    infos = archive.infolist()
    members = {info.orig_filename: info for info in infos}
    if "_obj" in members and "_metadata" in members:
        raise ModelFileError(
            "It was written by the estimator's own `save`. Load it with "
            "sktime.base.load, which executes what is in it, only if you trust where "
            "it comes from."
        )
    if MANIFEST not in members:
        raise ModelFileError(
            f"It is a zip archive, but has no {MANIFEST}: not a model. "
            "Pass a file written by skl_lstm.save_model."
        )
    if len(members) < len(infos):
        raise ModelFileError(f"It has two members of one name. {AGAIN}.")
    for name, info in members.items():
        if name != MANIFEST and not ARRAY.fullmatch(name):
            raise ModelFileError(f"It has a foreign member {name[:80]!r}. {AGAIN}.")
        if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & ENCRYPTED:
            raise ModelFileError(
                f"Its member {name!r} is compressed or encrypted, which models never "
                f"are. {AGAIN}, and do not pack the file again."
            )
    if sum(info.file_size for info in infos) > n_bytes:
        raise ModelFileError(f"Its members declare more bytes than it has. {AGAIN}.")
    return members


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        data = archive.read(info)
    except Exception as error:
        raise ModelFileError(
            f"Its member {info.orig_filename!r} is damaged. {AGAIN}, or copy it again."
        ) from error
    if len(data) != info.file_size:
        raise ModelFileError(f"Its member {info.orig_filename!r} is cut off. {AGAIN}.")
    return data


def _parse_manifest(text: bytes, comment: bytes) -> dict[str, Any]:
    found = COMMENT.fullmatch(comment)
    if found is None or found[1].decode() != _sha256(text):
        raise ModelFileError(
            f"Its {MANIFEST} does not fit its checksum: the file was damaged or "
            f"edited. {AGAIN}, or copy it again."
        )
    try:
        manifest = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"Its {MANIFEST} is not readable. {AGAIN}.") from error
    if not isinstance(manifest, dict):
        raise ModelFileError(f"Its {MANIFEST} is not that of a model. {AGAIN}.")
    return manifest


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _read_array(data: bytes, entry: Any, name: str) -> np.ndarray:
    """Read a .npy file, whose header may claim anything."""
    if entry != {"bytes": len(data), "sha256": _sha256(data)}:
        raise ModelFileError(
            f"Its member {name!r} does not fit its checksum: the file was damaged or "
            f"edited. {AGAIN}, or copy it again."
        )
    try:
        return _parse_array(data)
    except Exception as error:
        raise ModelFileError(f"Its member {name!r} is no array. {AGAIN}.") from error


def _parse_array(data: bytes) -> np.ndarray:
    file = io.BytesIO(data)
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    shape, by_column, dtype = readers[np.lib.format.read_magic(file)](file)
    size, start = math.prod(shape) * dtype.itemsize, file.tell()
    if dtype.kind not in ARRAY_KINDS or size != len(data) - start:
        raise ValueError(f"{shape} of {dtype} in {len(data) - start} bytes")
    # A copy, as bytes cannot be written to; nothing is allocated beyond them.
    flat = np.frombuffer(data, dtype, offset=start).copy()
    return flat.reshape(shape, order="F" if by_column else "C")
