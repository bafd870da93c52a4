"""Tables and verdicts in Markdown."""

import statistics
from pathlib import Path
from typing import Any

from benchmarks.sources._code_lines import count, count_cell
from benchmarks.sources._programs import PROGRAMS, SIDE_TITLES, Program

Figures = list[dict[str, Any]]

INTRODUCTION = """\
# The four programs the package comes from

Each program is rewritten in plain Keras in `benchmarks/sources/` and measured beside
ours: same rows, same split, same error (RMSE in the units of the target), same seeds,
in turn, each run in a process of its own with TensorFlow already started. "First fit"
is everything from the call of `fit` (or from building the Keras model) to trained
weights, tracing included; "again" is a second fit of ours in the same process. A value
is the median of the seeds, with minimum and maximum. Processor time is that of the
first fit on all cores; it depends less than wall time on what else the machine does.

"Same network" has the original's window, layers, loss, learning rate, batches and
epochs, and none of our ingredients. "Defaults" sets no parameter but the seed.
"""
NOTES = """\
## What the originals do that ours must not

- **They scale before they split.** Three of the four fit their scaler on all rows, so
  that training sees the range of the test span. Where prices leave the range of the
  training rows, that is worth much: the rows "scaled on training rows" show the same
  programs without it. A network that works on levels cannot follow a price out of the
  range it has seen; our defaults center each window on its last value instead.
- **The PM2.5 program never sees PM2.5.** Its inputs are four weather columns, so it
  does far worse than repeating the last hour. The rows "with PM2.5's past" do see it.
- **Recursive forecasts by `Model.predict`** pay the start of a Keras prediction loop at
  every step; see the last table.

A price can hardly be predicted. The random walk stands beside every error so that
nobody takes a nice picture for a forecast.

## Choices where the programs leave some open

- PM2.5: gaps are filled with the last value, the last 20 % of the training windows
  validate, batches of 32, the best weights are restored. Errors count hours whose
  PM2.5 and whose previous PM2.5 were observed.
- The sine is the same for all seeds: `make_noisy_sine(random_state=0)`.
- Differenced prices: minimum and maximum scaling; errors are those of the prices, added
  up from the last training close over the whole test span. Times are those of both
  stocks together.
- Counted by hand, the matrix products of the 512 + 256 network are 22 billion
  floating-point operations a step on either side; nothing of ours makes them fewer.
"""


def spread(values: list[float], digits: int = 4) -> str:
    """Write a median, with minimum and maximum where there are several values."""
    middle = f"{statistics.median(values):.{digits}g}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.{digits}g} - {max(values):.{digits}g})"


def table(header: list[str], rows: list[list[str]]) -> str:
    """Write a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def column(figures: Figures, side: str, name: str) -> list[Any]:
    """Return one figure of all seeds of a side."""
    return [f[name] for f in figures if f["side"] == side]


def errors_of(figures: Figures, side: str) -> dict[str, list[float]]:
    runs = column(figures, side, "errors")
    return {name: [run[name] for run in runs] for name in runs[0]} if runs else {}


def program_section(program: Program, figures: Figures, naive: dict, scale: str) -> str:
    """Write heading, table and verdicts of one program."""
    names = list(next(iter(naive.values())))
    header = ["", *names, "first fit, s", "of original", "again, s", "CPU, s"]
    rows = [
        [title, *(f"{errors[name]:.4g}" for name in names), "", "", "", ""]
        for title, errors in naive.items()
    ]
    rows += [side_row(figures, side) for side in program.sides]
    lines = [f"## {program.title}\n", f"{scale}\n" if scale else ""]
    lines += [
        table([*header, "predictions, s"], [[*r, ""][: len(header) + 1] for r in rows])
    ]
    lines += [f"- {v}" for v in verdicts(program, figures, naive)]
    return "\n".join(lines) + "\n"


def side_row(figures: Figures, side: str) -> list[str]:
    """Write the figures of one side."""
    seconds = column(figures, side, "seconds")
    warm = [w for w in column(figures, side, "warm_seconds") if w is not None]
    shares = share_of_original(figures, side)
    return [
        SIDE_TITLES[side],
        *(spread(values) for values in errors_of(figures, side).values()),
        spread(seconds, 3),
        spread(shares, 2),
        spread(warm, 3) if warm else "",
        spread(column(figures, side, "cpu_seconds"), 3),
        spread(column(figures, side, "forecast_seconds"), 2),
    ]


def share_of_original(figures: Figures, side: str) -> list[float]:
    """Return our first fits in units of the original's, seed by seed."""
    pairs = zip(
        column(figures, side, "seconds"),
        column(figures, "original", "seconds"),
        strict=True,
    )
    return [ours / original for ours, original in pairs]


def verdict(statement: str, value: float, limit: float) -> str:
    """Say whether a value keeps a limit."""
    holds = "holds" if value <= limit else "does not hold"
    return f"{statement}: {value:.4g}, limit {limit:.4g}: **{holds}**"


def verdicts(program: Program, figures: Figures, naive: dict) -> list[str]:
    """Compare both sides as the package promises."""
    found = []
    for ours, theirs in (
        ("same", "original"),
        ("same", "original, no leak"),
        ("same, leaked", "original"),
    ):
        if ours in program.sides and theirs in program.sides:
            found += error_verdicts(figures, ours, theirs, with_spread=True)
    if {"original", "same"} <= set(program.sides):
        found.append(share_verdict(figures, "same", 0.25))
    if {"original", "defaults"} <= set(program.sides):
        found += error_verdicts(figures, "defaults", "original", with_spread=False)
        found.append(share_verdict(figures, "defaults", program.share))
    walk = naive.get("yesterday's close")
    if walk and "defaults" in program.sides:
        ratio = statistics.median(errors_of(figures, "defaults")["RMSE"]) / walk["RMSE"]
        found.append(verdict("Defaults, ratio to the random walk", ratio, 1.01))
    for side in program.sides:
        if side.startswith("own past"):
            error = statistics.median(errors_of(figures, side)["RMSE"])
            limit = naive["previous hour"]["RMSE"]
            found.append(verdict(f"{SIDE_TITLES[side]}, RMSE", error, limit))
    return found


def error_verdicts(
    figures: Figures, ours: str, theirs: str, with_spread: bool
) -> list[str]:
    found = []
    originals = errors_of(figures, theirs)
    for name, values in errors_of(figures, ours).items():
        allowed = originals[name]
        slack = max(allowed) - min(allowed) if with_spread else 0.0
        statement = f"{SIDE_TITLES[ours]} against {SIDE_TITLES[theirs]}, {name}"
        limit = statistics.median(allowed) + slack
        found.append(verdict(statement, statistics.median(values), limit))
    return found


def share_verdict(figures: Figures, side: str, limit: float) -> str:
    share = statistics.median(share_of_original(figures, side))
    return verdict(f"{SIDE_TITLES[side]}, share of the original's time", share, limit)


def rollout_section(figures: dict[str, dict[str, float]]) -> str:
    """Write the table of recursive forecasts."""
    header = ["500 steps", "`Model.predict`, s", "ours, first, s", "again, s", "faster"]
    rows = [
        [
            name,
            f"{f['keras']:.3g}",
            f"{f['first']:.3g}",
            f"{f['warm']:.3g}",
            f"{f['keras'] / f['warm']:.0f} times",
            f"{f['difference']:.1e}",
        ]
        for name, f in figures.items()
    ]
    return "## Recursive forecast\n\n" + table([*header, "largest difference"], rows)


def code_section(root: Path) -> str:
    """Write the table of code lines."""
    rows = []
    for program in {p.module: p for p in PROGRAMS.values()}.values():
        original = root / "benchmarks" / "sources" / program.module
        example = root / "examples" / program.example
        if example.exists():
            rows.append(
                [
                    f"`{program.module}`",
                    str(count(original)),
                    str(count(original, "cut_windows", "build", "feed_back", "run")),
                    f"`{program.example}`",
                    str(count(example)),
                    str(count_cell(example, "Fit and predict")),
                ]
            )
    header = ["original", "lines", "to fit and predict", "example", "lines"]
    note = (
        "The examples also draw their pictures, take options, and show the "
        "scikit-learn convention; the originals' modules do not.\n"
    )
    return f"## Lines of code\n\n{table([*header, 'to fit and predict'], rows)}\n{note}"
