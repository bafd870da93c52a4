"""Tests, mirroring the package, and what they share."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run_python(code, *arguments, **environment):
    """Run code in a fresh Python process; return the finished process, which worked.

    ``environment`` adds variables to those of this process.
    """
    finished = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=100,
    )
    assert finished.returncode == 0, finished.stderr
    return finished
