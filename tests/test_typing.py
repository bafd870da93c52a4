"""What type checkers say of a user's script: its mistakes, and nothing else."""

import re
import subprocess
import sys

import pytest

from tests import ROOT

SCRIPT = "tests/typed_mistakes.py"
MARKS = {"mypy": r"# wrong$", "pyright": r"# wrong(, says pyright)?$"}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", MARKS)
def test_a_type_checker_reports_the_mistakes_of_a_script(name):
    pytest.importorskip(name)
    options = ["--pythonpath", sys.executable] if name == "pyright" else []
    command = [sys.executable, "-m", name, *options, SCRIPT]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    reported = re.findall(rf"{SCRIPT}:(\d+).*error", found.stdout)
    lines = (ROOT / SCRIPT).read_text().splitlines()
    marked = {i for i, line in enumerate(lines, 1) if re.search(MARKS[name], line)}
    assert len(marked) > 25
    assert {int(line) for line in reported} == marked, found.stdout + found.stderr
