"""Tests, mirroring the package, and what they share."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run_python(code, *arguments, timeout=100, **environment):
    """Run code in a fresh Python process; return the finished process, which worked.

    ``timeout`` is in seconds; ``environment`` adds variables to those of this process.
    """
    finished = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=timeout,
    )
    assert finished.returncode == 0, finished.stderr
    return finished
