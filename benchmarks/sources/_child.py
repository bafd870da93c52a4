"""One side of one program with one seed, in a process of its own.

    python -m benchmarks.sources._child FOLDER PROGRAM SIDE SEED EPOCHS

Prints the figures as one line of JSON. The process has TensorFlow, Keras, scikit-learn
and sktime started before the clock runs. EPOCHS is a number or "all".
"""

import json
import sys
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.sources._measure import Run, start_tensorflow


def find_side(program: str, side: str) -> Callable[..., Run]:
    """Return the function that runs one side of a program."""
    # After TensorFlow's quiet start.
    from benchmarks.sources import (
        _ours,
        beijing_pm25,
        differenced_prices,
        noisy_sine,
        stock_price,
    )

    originals: dict[str, Callable[..., Run]] = {
        "stock_price": stock_price.run,
        "noisy_sine": noisy_sine.run,
        "beijing_pm25": beijing_pm25.run,
        "differenced_prices": differenced_prices.run,
        "differenced_prices_gru": partial(differenced_prices.run, cell="gru"),
    }
    if side == "original":
        return originals[program]
    if side == "original, no leak":
        return partial(originals[program], leak=False)
    return partial(getattr(_ours, program), variant=side)


def main() -> None:
    folder, program, side, seed, epochs = sys.argv[1:]
    start_tensorflow()
    function = find_side(program, side)
    # sktime's imports set filters of their own.
    warnings.simplefilter("ignore")
    n_epochs = None if epochs == "all" else int(epochs)
    print(json.dumps(function(Path(folder), int(seed), epochs=n_epochs).summary()))


if __name__ == "__main__":
    main()
