"""docs/model_files.md describes every name that a file can hold."""

import re
from pathlib import Path

import numpy as np
import pytest

from skl_lstm._persistence import KINDS, _objects, _state
from skl_lstm._series.history import History

PAGE = Path(__file__).parents[2] / "docs" / "model_files.md"
TABLES = {
    "learned": _state.ESTIMATOR,
    "fitted": _state.FITTED,
    "model": _state.MODEL,
    "networks": _state.NETWORK,
    "calibration": _state.CALIBRATION,
}
INNER = (_state.HEAD, _state.RESIDUALS, _state.SCALING, _state.COLUMNS, _state.THETA)


def names_of(section):
    """Return the names in the first column of a section's table."""
    text = PAGE.read_text().split(f"# {section}\n")[1].split("\n#")[0]
    rows = re.findall(r"^\| (`.*?) \|", text, re.M)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


@pytest.mark.parametrize("section", TABLES)
def test_every_entry_is_described(section):
    # Beside the specification, in one state.
    apart = {"weights", "seasonal"} if section == "networks" else set()
    assert names_of(section) == TABLES[section].keys() | apart


def test_every_inner_entry_is_described():
    described = set(re.findall(r"`([^`]+)`", PAGE.read_text()))
    assert {name for table in INNER for name in table} <= described
    assert _objects.SCALERS.keys() <= set(re.findall(r"\w+", PAGE.read_text()))


def test_the_rows_are_described():
    history = History(np.ones((3, 1)), np.ones((3, 0)), None)
    state = _state.series_to_state({(): history})
    assert names_of("series") == state.keys()


def test_every_kind_is_described():
    assert names_of("Values") == {kind.name for kind in KINDS}


def test_a_scaler_s_numbers_are_called_as_its_attributes():
    for names in _objects.NUMBERS.values():
        own = {
            n: a for n, a in names.items() if n not in ("n_features", "standardizer")
        }
        assert all(attribute == f"{name}_" for name, attribute in own.items())
