"""docs/metaestimators.md says of scikit-learn's tools what running them gives."""

import re
from pathlib import Path

import pytest

from benchmarks.metaestimators import KINDS, TOOLS, outcome

PAGE = Path(__file__).parents[2] / "docs" / "metaestimators.md"
COLUMNS = [(autoregressive, kind) for autoregressive in (True, False) for kind in KINDS]
# One of each kind: works, refused, wrong.
QUICK = ("`TimeSeriesSplit`", "`cross_val_predict(cv=5)`", "`Pipeline` with a scaler")
cases = [
    pytest.param(tool, marks=[] if tool.name in QUICK else pytest.mark.slow)
    for tool in TOOLS
]


def read_table():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]
    return {name: cells for name, *cells in rows}


def without_figures(cell):
    return re.sub(r" \([\d.]+\)", "", cell)


def test_the_table_holds_every_tool():
    assert list(read_table()) == [tool.name for tool in TOOLS]


@pytest.mark.parametrize("tool", cases, ids=lambda tool: tool.name.strip("`"))
def test_the_table_says_what_running_a_tool_gives(tool):
    *cells, _ = read_table()[tool.name]
    found = [outcome(tool, *column) for column in COLUMNS]
    assert [without_figures(c) for c in found] == [without_figures(c) for c in cells]
