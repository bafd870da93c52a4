"""Tables of a state's entries: the file's names, beside those of the objects.

The names in a table are the file's own and stay for ever. What an object calls the
same thing stands behind them, and may be renamed there.
"""

from collections.abc import Callable, Mapping
from copy import copy
from enum import Enum
from typing import Any, NamedTuple


class Missing(Enum):
    """What a missing entry means, where it means no value."""

    # The file is refused.
    REFUSED = "refused"
    # The object has no such attribute; nor is there an entry where it has none.
    ALLOWED = "allowed"


class Entry(NamedTuple):
    """An entry of a state.

    Attributes
    ----------
    attribute : str
        Where the object has it.
    write, read : callable
        From the attribute's value to the entry's, and back.
    default : object, default=Missing.REFUSED
        What the attribute is if the file has no such entry: what every file without
        it means. Entries that are younger than the format need one.
    """

    attribute: str
    write: Callable[[Any], Any] = lambda value: value
    read: Callable[[Any], Any] = lambda value: value
    default: Any = Missing.REFUSED


Table = Mapping[str, Entry]
Ways = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def entries(names: str) -> dict[str, Entry]:
    """Return a table of entries that the object names alike."""
    return {name: Entry(name) for name in names.split()}


def record(cls: type, table: Table) -> Ways:
    """Return the ways into a state and back of objects that are their entries."""
    return (
        lambda value: write_entries(table, value),
        lambda state: cls(**read_entries(table, state)),
    )


def if_any(write: Callable[[Any], Any], read: Callable[[Any], Any]) -> Ways:
    """Let None be None both ways."""
    return (
        lambda value: None if value is None else write(value),
        lambda state: None if state is None else read(state),
    )


def each(write: Callable[[Any], Any], read: Callable[[Any], Any]) -> Ways:
    """Return the ways of a tuple of such objects."""
    return (
        lambda values: [write(value) for value in values],
        lambda states: tuple(read(state) for state in states),
    )


def write_entries(table: Table, value: Any) -> dict[str, Any]:
    """Return the state of an object by the entries of a table."""
    return {
        name: entry.write(getattr(value, entry.attribute))
        for name, entry in table.items()
        if entry.default is not Missing.ALLOWED or hasattr(value, entry.attribute)
    }


def read_entries(table: Table, state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that a state stands for, with no entry more or less."""
    unknown = state.keys() - table.keys()
    if unknown:
        raise ValueError(f"there are no entries {sorted(unknown)}")
    attributes = {}
    for name, entry in table.items():
        if name in state:
            attributes[entry.attribute] = entry.read(state[name])
        elif entry.default is Missing.REFUSED:
            raise ValueError(f"the entry {name!r} is missing")
        elif entry.default is not Missing.ALLOWED:
            attributes[entry.attribute] = copy(entry.default)
    return attributes
