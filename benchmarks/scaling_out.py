"""A panel in parts on dask and Ray, and how many of its series to train on.

    python -m benchmarks.scaling_out [--only engines|sample|chunks] [--series 2000]
        [--engine dask|ray]

* engines: series per second of `forecast_part`, by itself in one process, and by dask
  and Ray with one and two workers. The first run starts TensorFlow in each worker;
  later runs are what a large panel takes. Needs pyarrow, distributed and ray.
* sample: Hospital; a frozen network pretrained on some of the series forecasts all.
* chunks: Hospital; a network pretrained on one row group of a Parquet file after the
  other, beside one pretrained on all series at once. Needs pyarrow.
"""

import argparse
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks._cases import Panel, hospital
from benchmarks._data import add_data_option
from benchmarks._report import print_head, print_row, print_run, silence_warnings
from benchmarks._timing import call_in_process, describe, time_call
from skl_lstm import LSTMForecaster

N_ROWS, HORIZON = 100, 12
SERIES_PER_PART = 250
WORKERS = (1, 2)
# After the first run of an engine.
LATER_RUNS = 3
SAMPLES = (25, 100, 400, 767)
# For the question which series: enough to learn from, few enough to differ.
N_CHOSEN = 50
N_CHUNKS = 8
FH = range(1, HORIZON + 1)
KEYS = ["series", "time"]


def forecast_part(part: pd.DataFrame, network: LSTMForecaster) -> pd.DataFrame:
    """Forecast the series of a long frame, as docs/scaling.md has it."""
    # Engines may deliver Arrow's types, and rows in any order.
    part = part.astype({"time": "datetime64[us]", "y": float})
    y = part.set_index(KEYS)[["y"]].sort_index()
    return network.clone().fit(y=y, fh=FH).predict().reset_index()


# Engines -----------------------------------------------------------------------


def write_parts(n_series: int, folder: Path) -> None:
    """Write seasonal random walks, one file for each part."""
    rng = np.random.default_rng(0)
    months = pd.date_range("2015-01", periods=N_ROWS, freq="MS")
    walks = rng.normal(size=(n_series, N_ROWS)).cumsum(axis=1) / 5
    season = np.sin(
        np.arange(N_ROWS) * 2 * np.pi / 12 + rng.uniform(0, 6, (n_series, 1))
    )
    series = np.repeat(np.arange(n_series), N_ROWS)
    frame = pd.DataFrame(
        {
            "series": series,
            "time": np.tile(months, n_series),
            "y": (10 + season + walks).ravel(),
            "part": series % max(1, n_series // SERIES_PER_PART),
        }
    )
    frame.to_parquet(folder, partition_cols=["part"])


def list_files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.parquet"))


def pretrain_small(folder: Path) -> LSTMForecaster:
    """Pretrain a network of 8 units on a hundred series of the first part."""
    part = pd.read_parquet(list_files(folder)[0])
    chosen = part["series"].unique()[:100]
    y = part[part["series"].isin(chosen)].set_index(KEYS)[["y"]]
    network = LSTMForecaster(
        units=8,
        window_length=24,
        horizon=HORIZON,
        pretrain_mode="frozen",
        random_state=0,
    )
    return network.pretrain(y)


@contextmanager
def one_process(n_workers: int) -> Iterator[Callable]:
    """Give what forecasts one part after the other."""

    def run(folder: Path, forecast: Callable) -> pd.DataFrame:
        files = list_files(folder)
        return pd.concat([forecast(pd.read_parquet(file)) for file in files])

    yield run


@contextmanager
def dask_workers(n_workers: int) -> Iterator[Callable]:
    """Start a cluster; give what forecasts all parts on it."""
    from dask import dataframe
    from distributed import Client, LocalCluster

    def run(folder: Path, forecast: Callable) -> pd.DataFrame:
        parts = dataframe.read_parquet(folder, split_row_groups=False)
        return parts.map_partitions(forecast, meta=empty_answer()).compute()

    cluster = LocalCluster(
        n_workers=n_workers, threads_per_worker=1, dashboard_address=None
    )
    with cluster, Client(cluster):
        yield run


@contextmanager
def ray_workers(n_workers: int) -> Iterator[Callable]:
    """Start Ray; give what forecasts all parts on it."""
    import ray

    def run(folder: Path, forecast: Callable) -> pd.DataFrame:
        n_parts = len(list_files(folder))
        parts = ray.data.read_parquet(str(folder), override_num_blocks=n_parts)
        options = {"batch_size": None, "batch_format": "pandas"}
        return parts.map_batches(forecast, **options).to_pandas()

    environment = {"env_vars": {"PYTHONPATH": str(Path(__file__).parents[1])}}
    ray.init(
        num_cpus=n_workers,
        include_dashboard=False,
        log_to_driver=False,
        runtime_env=environment,
    )
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        yield run
    finally:
        ray.shutdown()


ENGINES = {"one process": one_process, "dask": dask_workers, "ray": ray_workers}


def empty_answer() -> pd.DataFrame:
    """Return the columns of a forecast, which dask wants to know beforehand."""
    types = {"series": "int64", "time": "datetime64[us]", "y": float}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in types.items()})


def measure_engine(
    name: str, n_workers: int, folder: Path, network: LSTMForecaster
) -> tuple[float, float, list[float], pd.DataFrame]:
    """Return the seconds of start, first run and later runs, and the forecasts."""
    # One core for the one process, as each worker has.
    os.environ["OMP_NUM_THREADS"] = "1"
    silence_warnings()
    # By its full name, under which workers of Ray find it.
    from benchmarks.scaling_out import forecast_part

    engine = ENGINES[name](n_workers)
    forecast = partial(forecast_part, network=network)
    start, run = time_call(engine.__enter__)
    try:
        first, _ = time_call(run, folder, forecast)
        runs = [time_call(run, folder, forecast) for _ in range(LATER_RUNS)]
    finally:
        engine.__exit__(None, None, None)
    found = runs[-1][1].sort_values(KEYS, ignore_index=True)
    return start, first, [seconds for seconds, _ in runs], found


def report_engines(n_series: int, engines: list[str]) -> None:
    columns = ["start, s", "first run, s", "later runs, s", "series/s and worker"]
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "panel"
        write_parts(n_series, folder)
        network = call_in_process(pretrain_small, folder)
        size = len(pickle.dumps(network)) / 2**10
        print(f"\nThe pretrained network: {size:.0f} KiB as a pickle")
        title = f"{n_series:,} series of {N_ROWS} rows"
        title += f" in {len(list_files(folder))} parts"
        print_head(title, "engine", "workers", *columns, "largest difference")
        expected = None
        for name in ["one process", *engines]:
            for n_workers in WORKERS if name in engines else (1,):
                start, first, later, found = call_in_process(
                    measure_engine, name, n_workers, folder, network
                )
                expected = found if expected is None else expected
                if not (found["series"] == expected["series"]).all():
                    raise AssertionError(f"{name} forecast other series.")
                far = np.abs(found["y"] / expected["y"] - 1).max()
                rates = [n_series / seconds / n_workers for seconds in later]
                cells = [f"{start:.1f}", f"{first:.1f}", describe(later)]
                print_row(name, n_workers, *cells, describe(rates), f"{far:.1g}")


# Samples -----------------------------------------------------------------------


def make_network(seed: int) -> LSTMForecaster:
    # Sizes by name: every chunk must ask for the same network.
    return LSTMForecaster(
        window_length=24, horizon=HORIZON, pretrain_mode="frozen", random_state=seed
    )


def spread(n_series: int, n_chosen: int, shift: float = 0.0) -> np.ndarray:
    """Choose evenly spread places; a shift of half a step chooses others."""
    return ((np.arange(n_chosen) + shift) * n_series / n_chosen).astype(int)


def forecast_all(network: LSTMForecaster, case: Panel) -> dict[str, np.ndarray]:
    forecasts = network.clone().fit(case.frame(), fh=FH).predict()
    return {name: forecasts.loc[name]["y"].to_numpy() for name in case.train}


def score_sample(case: Panel, sample: list[str], seed: int) -> tuple[float, ...]:
    """Return MASE of all series, of those not trained on, and seconds of training."""
    y = case.keep(sample).frame()
    seconds, network = time_call(make_network(seed).pretrain, y)
    forecasts = forecast_all(network, case)
    others = [name for name in case.train if name not in set(sample)]
    unseen = case.keep(others).score(forecasts)["MASE"] if others else np.nan
    return case.score(forecasts)["MASE"], unseen, seconds


def choose_samples(case: Panel, seed: int) -> dict[str, list[str]]:
    """List samples by what they are called in the table."""
    names, rng = list(case.train), np.random.default_rng(seed)
    by_level = sorted(names, key=lambda name: float(np.nanmean(case.train[name])))
    shift = seed % 2 / 2
    samples = {
        f"{n}, evenly spread": [names[i] for i in spread(len(names), n, shift)]
        for n in SAMPLES
    }
    n = N_CHOSEN
    return samples | {
        f"{n} at random": list(rng.choice(names, n, replace=False)),
        f"{n} of the smallest values": by_level[:n],
        f"{n} of the largest values": by_level[-n:],
    }


def report_samples(seeds: int) -> None:
    case = hospital()
    figures: dict[str, list[tuple[float, ...]]] = {}
    for seed in range(seeds):
        for title, sample in choose_samples(case, seed).items():
            figures.setdefault(title, []).append(score_sample(case, sample, seed))
    columns = ["MASE, all series", "MASE, not trained on", "pretraining, s"]
    print_head(f"Hospital: series trained on, {seeds} seeds", "series", *columns)
    for title, rows in figures.items():
        everyone, unseen, seconds = np.mean(rows, axis=0)
        others = "" if np.isnan(unseen) else f"{unseen:.4f}"
        print_row(title, f"{everyone:.4f}", others, f"{seconds:.0f}")
    last = {k: y[-12:] for k, y in case.train.items()}
    print_row("seasonal naive", f"{case.score(last)['MASE']:.4f}", "", "")


# Chunks ------------------------------------------------------------------------


def write_row_groups(case: Panel, chunks: list[list[str]], path: Path) -> None:
    """Write one file in which every row group holds whole series."""
    import pyarrow
    from pyarrow import parquet

    writer = None
    for chunk in chunks:
        frame = case.keep(chunk).frame().reset_index()
        frame["time"] = frame["time"].dt.to_timestamp()
        table = pyarrow.Table.from_pandas(frame, preserve_index=False)
        writer = writer or parquet.ParquetWriter(path, table.schema)
        writer.write_table(table)
    writer.close()


def pretrain_by_row_groups(network: LSTMForecaster, path: Path) -> Iterator[None]:
    """Pretrain on one row group after the other; pause after each."""
    from pyarrow import parquet

    file = parquet.ParquetFile(path)
    for i in range(file.num_row_groups):
        chunk = file.read_row_group(i).to_pandas()
        chunk["time"] = chunk["time"].dt.to_period("M")
        network.pretrain(chunk.set_index(KEYS))
        yield


def score_chunks(case: Panel, chunks: list[list[str]], seed: int) -> tuple[float, ...]:
    """Return MASE after the first chunk and after all, and seconds of training."""
    network, scores, seconds = make_network(seed), [], 0.0
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "panel.parquet"
        write_row_groups(case, chunks, path)
        steps = pretrain_by_row_groups(network, path)
        for i in range(len(chunks)):
            seconds += time_call(next, steps)[0]
            if i in (0, len(chunks) - 1):
                scores.append(case.score(forecast_all(network, case))["MASE"])
    return *scores, seconds


def report_chunks(seeds: int) -> None:
    case = hospital()
    names = list(case.train)
    in_order = [list(chunk) for chunk in np.array_split(names, N_CHUNKS)]
    ways = {
        "all at once": [names],
        f"{N_CHUNKS} chunks, as the file lies": in_order,
        f"{N_CHUNKS} chunks, mixed": [names[i::N_CHUNKS] for i in range(N_CHUNKS)],
    }
    columns = ["MASE after the first chunk", "after all", "pretraining, s"]
    print_head(f"Hospital: pretraining by chunks, {seeds} seeds", "", *columns)
    for title, chunks in ways.items():
        rows = [score_chunks(case, chunks, seed)[-3:] for seed in range(seeds)]
        *first, last, seconds = np.mean(rows, axis=0)
        alone = f"{first[0]:.4f}" if len(chunks) > 1 else ""
        print_row(title, alone, f"{last:.4f}", f"{seconds:.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    choices = ["engines", "sample", "chunks"]
    parser.add_argument("--only", action="append", choices=choices)
    parser.add_argument("--series", type=int, default=2_000)
    parser.add_argument("--engine", action="append", choices=["dask", "ray"])
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    silence_warnings()
    print_run("A panel in parts")
    for name in options.only or choices:
        if name == "engines":
            report_engines(options.series, options.engine or ["dask", "ray"])
        elif name == "sample":
            report_samples(options.seeds)
        else:
            report_chunks(options.seeds)


if __name__ == "__main__":
    main()
