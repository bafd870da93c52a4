"""The four original programs against ours: error, wall time, lines of code.

    python -m benchmarks.sources [--seeds 3] [--quick] [--only noisy_sine]

Runs both sides in turn, each in a process of its own, prints a Markdown page and, with
all programs, writes it to `docs/sources.md`. A full run takes a day, most of it for the
400 epochs of the original's 512 + 256 network; `--quick` gives both sides of that
program 8 epochs and takes an hour or two. With `--resume FILE` each figure is written
down as it is measured, and those already in the file are not measured again.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.sources import _report
from benchmarks.sources._programs import NAIVE, PROGRAMS, SIDE_TITLES, Program
from benchmarks.sources._rollout import NETWORKS

ROOT = Path(__file__).parents[2]
PACKAGES = ("tensorflow", "keras", "scikit-learn", "sktime", "numpy")


def run_child(module: str, *arguments: str) -> dict[str, Any]:
    """Run a measurement in a process of its own and return its figures."""
    command = [sys.executable, "-m", f"benchmarks.sources.{module}", *arguments]
    # Our own modules, in the Python that runs this.
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, cwd=ROOT
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def choose_sides(name: str, options: argparse.Namespace) -> Program:
    """Return the program with the sides asked for."""
    program = PROGRAMS[name]
    chosen = options.side or program.sides
    return replace(program, sides=tuple(s for s in program.sides if s in chosen))


def measure(name: str, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Run all sides of a program in turn, seed after seed."""
    figures = []
    for seed in range(options.seeds):
        for side in choose_sides(name, options).sides:
            epochs = str(PROGRAMS[name].quick_epochs) if options.quick else "all"
            key = {"program": name, "side": side, "seed": seed, "epochs": epochs}
            run = recall(options.resume, key)
            if run is None:
                folder = str(options.data.resolve())
                run = run_child("_child", folder, name, side, str(seed), epochs)
                write_down(options.resume, key | run)
            figures.append(key | run)
    return figures


def recall(file: Path | None, key: dict[str, Any]) -> dict[str, Any] | None:
    """Return the figures written down under a key, None if there are none."""
    lines = file.read_text().splitlines() if file and file.exists() else []
    found = (json.loads(line) for line in lines)
    return next((f for f in found if key.items() <= f.items()), None)


def write_down(file: Path | None, figures: dict[str, Any]) -> None:
    """Show figures, and keep them if asked to."""
    line = json.dumps(figures)
    print(line, file=sys.stderr, flush=True)
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a") as kept:
            kept.write(line + "\n")


def measure_rollouts(file: Path | None) -> dict[str, dict[str, Any]]:
    """Measure the recursive forecast of every network."""
    found = {}
    for name in NETWORKS:
        key = {"program": "rollout", "side": name}
        run = recall(file, key)
        if run is None:
            run = run_child("_rollout", name)
            write_down(file, key | run)
        found[name] = run
    return found


def describe_scale(name: str, quick: bool) -> str:
    program = PROGRAMS[name]
    if not quick or program.quick_epochs == program.epochs:
        return ""
    return (
        f"Quick scale: both sides train {program.quick_epochs} of the original's "
        f"{program.epochs} epochs. The prices are sums of 747 predicted changes: after "
        "so few epochs their errors are large and differ widely between seeds."
    )


def describe_run(options: argparse.Namespace) -> str:
    """Write date, versions, machine and command."""
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    command = " ".join(["python -m benchmarks.sources", *sys.argv[1:]])
    return (
        f"{datetime.date.today()}, Python {platform.python_version()}, {versions}; "
        f"{os.cpu_count()} cores, {memory:.0f} GiB, no GPU used; average load at the "
        f"end {os.getloadavg()[2]:.1f}. Written by `{command}`.\n"
    )


def parse_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="8 of the 400 epochs")
    parser.add_argument("--only", action="append", choices=[*PROGRAMS, "rollout"])
    parser.add_argument("--side", action="append", choices=SIDE_TITLES)
    parser.add_argument("--resume", type=Path, metavar="FILE", help="JSON lines")
    parser.add_argument("--data", type=Path, default=ROOT / "../shared/data")
    parser.add_argument(
        "--output", type=Path, help="default: docs/sources.md, or with --only none"
    )
    options = parser.parse_args()
    if not options.only and options.output is None:
        options.output = ROOT / "docs/sources.md"
    return options


def main() -> None:
    options = parse_options()
    chosen = options.only or [*PROGRAMS, "rollout"]
    sections = []
    for name in PROGRAMS:
        if name in chosen:
            figures, naive = measure(name, options), NAIVE[name](options.data)
            scale = describe_scale(name, options.quick)
            sections.append(
                _report.program_section(
                    choose_sides(name, options), figures, naive, scale
                )
            )
    if "rollout" in chosen:
        sections.append(_report.rollout_section(measure_rollouts(options.resume)))
    sections = [
        _report.INTRODUCTION,
        describe_run(options),
        *sections,
        _report.code_section(ROOT),
        _report.NOTES,
    ]
    page = "\n".join(sections)
    print(page)
    if options.output:
        options.output.write_text(page)


if __name__ == "__main__":
    main()
