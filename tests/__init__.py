"""Tests, mirroring the package, and what they share."""

import itertools
import os
import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]


def crossed(n_quick, slow=(), **axes):
    """Parametrize a test over a cross of axes, of which `make test` runs a sample.

    The sample has ``n_quick`` cells, drawn by a seed of its own: every value of every
    axis is among them, and as many pairs of values as may be. `make test-slow` runs the
    other cells, and every cell of the values in ``slow``. An axis is a list of values,
    or a dict of them, which names them.
    """
    named = [
        axis.items() if isinstance(axis, dict) else [(_name(v), v) for v in axis]
        for axis in axes.values()
    ]
    cells = list(itertools.product(*named))
    left = [
        i
        for i in np.random.default_rng(0).permutation(len(cells)).tolist()
        if not any(value is one for _, value in cells[i] for one in slow)
    ]
    quick, seen = set(), set()

    def count_new(i):
        return [len(shown - seen) for shown in _values_and_pairs(cells[i])]

    while any(count_new(i)[0] for i in left) or len(quick) < n_quick:
        # Of equal cells the one drawn first.
        best = max(left, key=count_new)
        left.remove(best)
        quick.add(best)
        seen = seen.union(*_values_and_pairs(cells[best]))
    assert len(quick) == n_quick, f"{len(quick)} cells are needed to show every value"
    return pytest.mark.parametrize(
        list(axes),
        [
            pytest.param(
                *(value for _, value in cell),
                id="-".join(name for name, _ in cell),
                marks=[] if i in quick else pytest.mark.slow,
            )
            for i, cell in enumerate(cells)
        ],
    )


def _name(value):
    return getattr(value, "__name__", str(value))


def _values_and_pairs(cell):
    values = {(i, name) for i, (name, _) in enumerate(cell)}
    return values, set(itertools.combinations(sorted(values), 2))


def hide_programs(monkeypatch):
    """Let the rest of a test compile anew; give the next test the programs back."""
    from skl_lstm._engine.cache import PROGRAMS

    monkeypatch.setattr(PROGRAMS, "_programs", OrderedDict())


def run_python(code, *arguments, timeout=500, **environment):
    """Run code in a fresh Python process; return the finished process, which worked.

    ``timeout`` is in seconds, many of them, as other jobs may keep the machine busy;
    ``environment`` adds variables to those of this process.
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
