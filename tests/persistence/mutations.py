"""Ways of spoiling a model file, each driven by a random generator."""

import hashlib
import json

import numpy as np

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
    {"array": 0},
    {"array": 10**6},
    {"array": -1},
    {"is": "code"},
    {"is": "function", "name": "os.system"},
    {"is": "function", "name": "log"},
    {"is": "float", "value": "nan"},
    {"is": "tuple", "items": 3},
    {"is": "range index", "bounds": [0, 10**15, 1], "name": None},
    {"is": "range index", "bounds": [0, 2**31, 1], "name": None},
    {"is": "labels index", "labels": ["a"], "dtype": "category", "name": None},
    {"is": "times index", "values": {"array": 0}, "zone": "/etc", "frequency": "D"},
    {"is": "frequency", "name": "999999999999D"},
    {"is": "keras", "role": "loss", "class_name": "Loss", "settings": {}},
    {"is": "keras", "role": "loss", "class_name": "__loader__", "settings": {}},
    {"is": "keras", "role": "optimizer", "class_name": "Adam", "settings": {"x": 1}},
    {"is": "scaler", "class": "Memory", "parameters": {}},
    {"is": "scaler", "class": "StandardScaler", "parameters": {}, "numbers": {"x": 1}},
    {"class_name": "system", "module": "os", "config": {}, "registered_name": None},
    ["<f8", [99999999999, 9999999], "C"],
    ["|O", [1], "C"],
    ["<U0", [2**61], "C"],
]


def read_parts(data):
    """Return the manifest and the bytes of the arrays."""
    _, _, text, numbers = data.split(b"\n", 3)
    return json.loads(text), numbers


def write_parts(manifest, numbers):
    """Write a manifest, or its text, with the checksum mended, as an attacker."""
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    body = text + b"\n" + numbers
    checksum = hashlib.sha256(body).hexdigest().encode()
    return b"\n".join([b"skl_lstm model 2", checksum, body])


def pick(rng, items):
    return items[rng.integers(len(items))]


# Blind -------------------------------------------------------------------------


def flip_bytes(data, rng):
    spoiled = bytearray(data)
    for at in rng.integers(len(data), size=rng.integers(1, 9)):
        spoiled[at] ^= int(rng.integers(1, 256))
    return bytes(spoiled)


def truncate(data, rng):
    return data[: rng.integers(len(data))]


def cut_out(data, rng):
    first, last = sorted(rng.integers(len(data), size=2))
    return data[:first] + data[last + 1 :]


def insert(data, rng):
    at = rng.integers(len(data))
    return data[:at] + rng.bytes(rng.integers(1, 100)) + data[at:]


# With the checksum mended ------------------------------------------------------


def list_places(node, places):
    """Collect every container and key of a JSON tree."""
    keys = node.keys() if isinstance(node, dict) else range(len(node))
    for key in keys:
        places.append((node, key))
        if isinstance(node[key], (dict, list)):
            list_places(node[key], places)
    return places


def edit_the_manifest(data, rng):
    manifest, numbers = read_parts(data)
    for _ in range(rng.integers(1, 4)):
        node, key = pick(rng, list_places(manifest, []))
        if rng.random() < 0.15:
            del node[key]
        elif rng.random() < 0.3:
            other, place = pick(rng, list_places(manifest, []))
            node[key] = json.loads(json.dumps(other[place]))
        else:
            node[key] = pick(rng, VALUES)
    return write_parts(manifest, numbers)


def add_a_name(data, rng):
    manifest, numbers = read_parts(data)
    objects = [n[k] for n, k in list_places(manifest, []) if isinstance(n[k], dict)]
    pick(rng, objects)[pick(rng, ["is", "array", "class", "more"])] = pick(rng, VALUES)
    return write_parts(manifest, numbers)


def edit_the_numbers(data, rng):
    manifest, numbers = read_parts(data)
    way = pick(rng, [flip_bytes, truncate, cut_out, insert])
    return write_parts(manifest, way(numbers, rng))


def edit_the_text(data, rng):
    manifest, numbers = read_parts(data)
    way = pick(rng, [flip_bytes, truncate, cut_out, insert])
    return write_parts(way(json.dumps(manifest).encode(), rng), numbers)


def nest_deeply(data, rng):
    manifest, numbers = read_parts(data)
    depth = int(pick(rng, [400, 5_000, 50_000]))
    text = json.dumps(manifest | {"model": "HERE"})
    text = text.replace('"HERE"', "[" * depth + "]" * depth)
    return write_parts(text.encode(), numbers)


MUTATIONS = [
    flip_bytes,
    truncate,
    cut_out,
    insert,
    edit_the_manifest,
    edit_the_manifest,
    edit_the_manifest,
    add_a_name,
    edit_the_numbers,
    edit_the_text,
    nest_deeply,
]


def mutate(data, seed):
    """Spoil a file in the way that a seed chooses; return the name of the way, too."""
    rng = np.random.default_rng(seed)
    mutation = MUTATIONS[seed % len(MUTATIONS)]
    return mutation.__name__, mutation(data, rng)
