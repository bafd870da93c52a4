"""Speed of fits and forecasts: same data, same network, same steps, in turn.

    make bench
    python -m benchmarks.speed --only refit --only import --way ours
    python -m benchmarks.speed --only step --way ours --way torch --repeats 5

Every way (ours, Keras, and torch where it is installed) runs in a process of its own
with its framework started, and is asked in turn; the first round is not counted but for
"cold". Values are medians with minimum and maximum; "of ours" divides round by round.
What reads a data set that is not there is left out, and says where to get it. Other
packages stand beside ours in `python -m benchmarks.peers`.
"""

import argparse
import importlib.util
import sys

from benchmarks._data import DataNotFoundError, add_data_option
from benchmarks._report import print_run
from benchmarks.speed._comparisons import COMPARISONS
from benchmarks.speed._error import measure_error
from benchmarks.speed._jobs import measure_jobs
from benchmarks.speed._limit import measure_limit
from benchmarks.speed._scaling import measure_imports, measure_scaling
from benchmarks.speed._turns import print_versions

WAYS = ("ours", "keras", "torch")
ALONE = {
    "error": measure_error,
    "jobs": measure_jobs,
    "scaling": measure_scaling,
    "limit": measure_limit,
    "import": measure_imports,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_data_option(parser)
    parser.add_argument("--only", action="append", choices=[*COMPARISONS, *ALONE])
    parser.add_argument("--way", action="append", choices=WAYS)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    installed = [n for n in WAYS if n != "torch" or importlib.util.find_spec(n)]
    names = options.way or installed
    print_run("Speed")
    missing = []
    for title in options.only or [*COMPARISONS, *ALONE]:
        try:
            if title in COMPARISONS:
                COMPARISONS[title](names, options.repeats)
            else:
                ALONE[title](options.repeats)
        except DataNotFoundError as error:
            missing.append(f"{title} was left out. {error}")
    print_versions()
    print(*missing, sep="\n", end="", file=sys.stderr)
    return int(bool(missing))


if __name__ == "__main__":
    sys.exit(main())
