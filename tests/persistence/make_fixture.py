"""Write the model file of this version that later versions must load.

Run ``python -m tests.persistence.make_fixture`` when a version is released, and never
again for it: the file stays as it is.
"""

import json
from pathlib import Path

import pandas as pd

import skl_lstm
from tests.persistence import VALUES, make_series

FOLDER = Path(__file__).parent / "released"


def main():
    """Save a fitted forecaster, and beside it its forecast."""
    index = pd.period_range("2020-01", periods=len(VALUES), freq="M")
    forecaster = make_series(index, units=(3, 2), y_transform="log", n_estimators=2)
    name = f"{skl_lstm.__version__}.model"
    skl_lstm.save_model(forecaster, FOLDER / name)
    forecast = forecaster.predict([1, 2, 5])
    text = json.dumps(dict(zip(forecast.index.astype(str), forecast, strict=True)))
    (FOLDER / name).with_suffix(".json").write_text(text + "\n")


if __name__ == "__main__":
    main()
