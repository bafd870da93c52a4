"""Ways of spoiling a model file, each driven by a random generator."""

import io
import json
import warnings
import zipfile

import numpy as np

from skl_lstm._persistence._archive import COMMENT, MANIFEST, _sha256

# Values that an attacker, or a bug, might put anywhere.
VALUES = [
    None,
    True,
    -1,
    0,
    2**31,
    10**30,
    1e308,
    "",
    "os.system",
    "../../outside",
    "/etc/passwd",
    "dateutil//etc/passwd",
    "D" * 1000,
    [],
    [[]],
    {},
    {"is": "reference", "object": 0},
    {"is": "reference", "object": 10**6},
    {"is": "array", "number": 0},
    {"is": "array", "number": 10**6},
    {"is": "array", "number": -1},
    {"is": "function", "name": "os.system"},
    {"is": "function", "name": "numpy.log"},
    {"is": "type", "name": "subprocess.Popen"},
    {"is": "float", "value": "nan"},
    {"is": "dtype", "name": "O"},
    {"is": "scalar", "dtype": "<U99999999", "hex": "00"},
    {"is": "objects", "shape": [10**9, 10**9], "items": []},
    {"is": "range index", "items": [0, 10**15, 1], "name": None},
    {"is": "range", "items": [0, 10**15, 1]},
    {"is": "offset", "freq": "999999999999D"},
    {"is": "period", "ordinal": 10**18, "freq": "M"},
    {"is": "keras", "role": "loss", "class": "Loss", "settings": {}},
    {"is": "keras", "role": "loss", "class": "__loader__", "settings": {}},
    {"is": "keras", "role": "optimizer", "class": "Adam", "settings": {"x": 1}},
    {"is": "estimator", "class": "Memory", "object": 1, "parameters": {}, "state": {}},
    {"is": "holder", "class": "VectorizedDF", "object": 9, "state": {"__class__": 1}},
    {"is": "record", "class": "History", "object": 3, "fields": {}},
]
HEADERS = [
    b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999, 9999999), }",
    b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
    b"{'descr': '<f8', 'fortran_order': True, 'shape': (-1,), }",
    b"{'descr': '<U0', 'fortran_order': False, 'shape': (2305843009213693952,), }",
    b"{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': ()}",
    b"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }",
    b"not a dict",
    b"(" * 5000,
]
NAMES = [
    "../outside.npy",
    "/tmp/outside.npy",
    "arrays/../../outside.npy",
    "arrays\\..\\outside.npy",
    "C:\\outside.npy",
    "arrays/0.npy",
    "manifest.json",
    "arrays/00.npy",
    "arrays/0.npy\x00.txt",
    "x" * 5000,
    "__init__.py",
]


def read_members(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def write_members(members, comment=None, method=zipfile.ZIP_STORED):
    """Write members given as pairs, with the checksum of the manifest mended."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive, warnings.catch_warnings():
        # Two members of one name are what is wanted.
        warnings.simplefilter("ignore")
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, method)
        text = dict(members).get(MANIFEST, b"")
        prefix = COMMENT.pattern.split(b"(")[0]
        archive.comment = prefix + _sha256(text).encode() if comment is None else b""
    return buffer.getvalue()


def write_mended(manifest, members):
    """Write a manifest and its arrays with every checksum mended, as an attacker."""
    arrays = {name: data for name, data in members.items() if name != MANIFEST}
    manifest["members"] = {
        name: {"bytes": len(data), "sha256": _sha256(data)}
        for name, data in arrays.items()
    }
    text = json.dumps(manifest).encode()
    return write_members([(MANIFEST, text), *arrays.items()])


def pick(rng, items):
    return items[rng.integers(len(items))]


# Blind -------------------------------------------------------------------------


def flip_bytes(data, rng):
    spoiled = bytearray(data)
    for at in rng.integers(len(data), size=rng.integers(1, 9)):
        spoiled[at] ^= int(rng.integers(1, 256))
    return bytes(spoiled)


def flip_bytes_of_the_directory(data, rng):
    """Spoil names, sizes and offsets, which stand at the end."""
    spoiled, start = bytearray(data), data.index(b"PK\x01\x02")
    for at in rng.integers(start, len(data), size=rng.integers(1, 5)):
        spoiled[at] = int(pick(rng, [0, 1, 0x7F, 0xFF, rng.integers(256)]))
    return bytes(spoiled)


def truncate(data, rng):
    return data[: rng.integers(len(data))]


def cut_out(data, rng):
    first, last = sorted(rng.integers(len(data), size=2))
    return data[:first] + data[last:]


def insert(data, rng):
    at = rng.integers(len(data))
    return data[:at] + rng.bytes(rng.integers(1, 100)) + data[at:]


# Members -----------------------------------------------------------------------


def swap_members(data, rng):
    members = read_members(data)
    names = list(members)
    first, second = pick(rng, names), pick(rng, names)
    members[first], members[second] = members[second], members[first]
    return write_members(list(members.items()))


def drop_a_member(data, rng):
    members = list(read_members(data).items())
    members.pop(rng.integers(len(members)))
    return write_members(members)


def add_a_member(data, rng):
    members = list(read_members(data).items())
    members.insert(rng.integers(len(members) + 1), (pick(rng, NAMES), rng.bytes(9)))
    return write_members(members)


def rename_a_member(data, rng):
    """Rename it in the list of members, too, with every checksum mended."""
    members = read_members(data)
    manifest = json.loads(members[MANIFEST])
    old, new = pick(rng, list(members)[1:]), pick(rng, NAMES)
    members = {new if name == old else name: c for name, c in members.items()}
    return write_mended(manifest, members | {MANIFEST: b""})


def compress(data, rng):
    """Pack a member that grows a thousandfold when it is read."""
    members = read_members(data)
    members[pick(rng, list(members))] = b"0" * 10**6
    return write_members(list(members.items()), method=zipfile.ZIP_DEFLATED)


def declare_other_sizes(data, rng):
    spoiled, at = bytearray(data), 0
    entries = []
    while (at := data.find(b"PK\x01\x02", at)) >= 0:
        entries.append(at)
        at += 4
    at = pick(rng, entries)
    size = int(pick(rng, [0, 1, 2**31, 2**32 - 2, 2**32 - 1]))
    for offset in ((20,), (24,), (20, 24), (42,))[rng.integers(4)]:
        spoiled[at + offset : at + offset + 4] = size.to_bytes(4, "little")
    return bytes(spoiled)


# Contents, with every checksum mended ------------------------------------------


def list_places(node, places):
    """Collect every container and key of a JSON tree."""
    keys = node.keys() if isinstance(node, dict) else range(len(node))
    for key in keys:
        places.append((node, key))
        if isinstance(node[key], (dict, list)):
            list_places(node[key], places)
    return places


def edit_the_manifest(data, rng):
    members = read_members(data)
    manifest = json.loads(members[MANIFEST])
    for _ in range(rng.integers(1, 4)):
        node, key = pick(rng, list_places(manifest, []))
        if rng.random() < 0.15:
            del node[key]
        elif rng.random() < 0.3:
            other, place = pick(rng, list_places(manifest, []))
            node[key] = json.loads(json.dumps(other[place]))
        else:
            node[key] = pick(rng, VALUES)
    return write_mended(manifest, members)


def edit_an_array(data, rng):
    members = read_members(data)
    manifest = json.loads(members[MANIFEST])
    name = pick(rng, list(members)[1:])
    content = members[name]
    if rng.random() < 0.5:
        members[name] = flip_bytes(content, rng)
    else:
        header = pick(rng, HEADERS)
        members[name] = (
            b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + content
        )
    return write_mended(manifest, members)


def nest_deeply(data, rng):
    members = read_members(data)
    manifest = json.loads(members[MANIFEST])
    depth = int(pick(rng, [400, 5_000, 50_000]))
    text = json.dumps(manifest | {"model": "HERE"})
    members[MANIFEST] = text.replace('"HERE"', "[" * depth + "]" * depth).encode()
    return write_members(list(members.items()))


MUTATIONS = [
    flip_bytes,
    flip_bytes_of_the_directory,
    truncate,
    cut_out,
    insert,
    swap_members,
    drop_a_member,
    add_a_member,
    rename_a_member,
    compress,
    declare_other_sizes,
    edit_the_manifest,
    edit_the_manifest,
    edit_the_manifest,
    edit_an_array,
    nest_deeply,
]


def mutate(data, seed):
    """Spoil a file in the way that a seed chooses; return the name of the way, too."""
    rng = np.random.default_rng(seed)
    mutation = MUTATIONS[seed % len(MUTATIONS)]
    return mutation.__name__, mutation(data, rng)
