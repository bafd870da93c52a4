"""The data sets of the benchmarks: what is there, and where the rest comes from.

    python -m benchmarks.data [--data DIR]            list them, with their sources
    python -m benchmarks.data --fetch [--only NAME]   download what is not there

Airline passengers are part of sktime, random walks are made; neither is listed. Files
are checked against the checksum of those that the docs were measured on. Panels that
are served in another form come from the Monash archive (forecastingdata.org) by
sktime's loader: the same series, without a checksum to compare.
"""

import argparse
import sys

from sklearn.datasets import fetch_file
from sktime.datasets import load_forecastingdata

from benchmarks._data import (
    DATA_SETS,
    add_data_option,
    data_folder,
    describe_source,
    is_original,
)
from benchmarks._report import print_head, print_row


def describe_state(name: str) -> str:
    """Say whether a data set is there, and whether it is the one of the docs."""
    data, folder = DATA_SETS[name], data_folder()
    if data.archive and (folder / data.archive).is_dir():
        return "there, of the archive"
    paths = [folder / file.path for file in data.files]
    if not all(path.is_file() for path in paths):
        return "missing"
    same = all(map(is_original, paths, data.files))
    return "there" if same else "there, but not the file of the docs"


def fetch(name: str) -> None:
    """Download a data set into the folder."""
    data, folder = DATA_SETS[name], data_folder()
    if data.archive:
        folder.mkdir(parents=True, exist_ok=True)
        load_forecastingdata(data.archive, extract_path=str(folder))
        return
    for file in data.files:
        path = folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        fetch_file(file.address, path.parent, path.name, file.sha256)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    parser.add_argument("--fetch", action="store_true", help="download what is missing")
    parser.add_argument("--only", action="append", choices=DATA_SETS)
    options = parser.parse_args()
    failed = []
    for name in options.only or DATA_SETS:
        if options.fetch and describe_state(name) == "missing":
            try:
                fetch(name)
            # Of two libraries, whose errors of the network have nothing in common.
            except Exception as error:
                failed.append(f"{name} could not be fetched: {error}")
    print_head(f"Data sets in {data_folder()}", "data set", "state", "source")
    for name in options.only or DATA_SETS:
        print_row(name, describe_state(name), describe_source(name))
    print("\n".join(failed), file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
