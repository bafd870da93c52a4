"""What is timed, way beside way: refits, a search, steps, panels, forecasts."""

from dataclasses import replace

from benchmarks._data import find_files
from benchmarks._report import print_head, print_row
from benchmarks._timing import describe, ratios
from benchmarks.speed._tasks import Task
from benchmarks.speed._turns import Way, start_ways, time_in_turn

AIRLINE = Task()
PM25 = Task("PM2.5", units=(50, 50), horizon=1, epochs=1)
PANEL = Task("M4 Weekly", units=(64,), window_length=65, horizon=13, epochs=1)
# Bare loops know windows, not series, and only they are as bare as ours in a step.
BARE = ("keras", "torch")
COLUMNS = ("way", "time", "of ours")


def compare(
    ways: list[Way],
    task: Task,
    work: str,
    repeats: int,
    unit: tuple[str, float] = ("s", 1.0),
    **options: int,
) -> None:
    """Print one row a way: its time, and how many times that of ours."""
    times = time_in_turn(ways, task, work, repeats, **options)
    for name, seconds in times.items():
        share = describe(ratios(times, name)) if "ours" in times else ""
        print_row(name, f"{describe(seconds, unit[1])} {unit[0]}", share)


def compare_refits(names: list[str], repeats: int) -> None:
    """Time a short monthly series, first and again."""
    for cell in ("lstm", "gru"):
        task = replace(AIRLINE, cell=cell)
        title = f"Airline, {cell.upper()}(32), window 24, horizon 12, 200 steps of 32"
        print_head(f"{title}: first fit of a process", "way", "cold")
        for name in names:
            times = []
            for _ in range(max(1, repeats // 2)):
                with start_ways([name]) as (way,):
                    times.append(way.ask(task, "fit")["seconds"])
            print_row(name, f"{describe(times)} s")
        print_head(f"{title}: later fits", *COLUMNS)
        with start_ways(names) as ways:
            compare(ways, task, "fit", repeats)


def compare_searches(names: list[str], repeats: int) -> None:
    """Time 24 networks on 3 folds."""
    title = "Airline, grid search of 24 networks on 3 folds, 10 epochs each"
    print_head(title, *COLUMNS)
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(max(1, repeats // 3)):
        for name in names:
            with start_ways([name]) as (way,):
                answer = way.ask(replace(AIRLINE, epochs=10), "search")
            times[name].append(answer["seconds"])
    for name, seconds in times.items():
        share = describe(ratios(times, name)) if "ours" in times else ""
        print_row(name, f"{describe(seconds)} s", share)


def compare_steps(names: list[str], repeats: int) -> None:
    """Time gradient steps of a larger network."""
    find_files("PM2.5")
    n_steps = 100
    with start_ways([n for n in names if n == "ours" or n in BARE]) as ways:
        for cell in ("lstm", "gru"):
            for batch in (32, 256):
                network = f"2 x {cell.upper()}(50), window 24, batch {batch}"
                print_head(f"PM2.5, {network}: a step", *COLUMNS)
                task = replace(
                    PM25, cell=cell, batch_size=batch, n_windows=batch * n_steps
                )
                compare(ways, task, "fit", repeats, ("ms", 1e3 / n_steps))


def compare_panels(names: list[str], repeats: int) -> None:
    """Time 359 weekly series."""
    find_files("M4 Weekly")
    title = "359 weekly series, LSTM(64), window 65, horizon 13, batch 128"
    task = replace(PANEL, batch_size=128, n_windows=100)
    with start_ways([name for name in names if name != "skforecast"]) as ways:
        print_head(f"{title}: an epoch of 100 windows a series", *COLUMNS)
        compare(ways, task, "fit", repeats)
        print_head(f"{title}: forecasts of all series", *COLUMNS)
        of_series = [way for way in ways if way.name not in BARE]
        compare(of_series, task, "forecast", repeats, ("ms", 1e3))


def compare_forecasts(names: list[str], repeats: int) -> None:
    """Time forecasts of a fitted network."""
    one = replace(AIRLINE, horizon=1, epochs=2)
    with start_ways(names) as ways:
        print_head("LSTM(32), window 24: one step ahead", *COLUMNS)
        compare(ways, one, "forecast", 5 * repeats, ("ms", 1e3))
        print_head("The same in the scikit-learn convention, one row", *COLUMNS)
        compare(ways, one, "forecast_rows", 5 * repeats, ("ms", 1e3))
        print_head("LSTM(32), window 24: 500 steps, each fed back", *COLUMNS)
        compare(ways, one, "roll", repeats, ("ms", 1e3), n_steps=500)
        find_files("PM2.5")
        origins = Task("PM2.5", horizon=1, epochs=1, n_windows=3_000)
        title = "LSTM(32), window 24: one step from each of 1,000 origins"
        print_head(title, *COLUMNS)
        compare(ways, origins, "backtest", repeats, ("ms", 1e3), n_origins=1_000)


COMPARISONS = {
    "refit": compare_refits,
    "search": compare_searches,
    "step": compare_steps,
    "panel": compare_panels,
    "forecast": compare_forecasts,
}
