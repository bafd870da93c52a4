"""Model files of every released version stay loadable."""

import json
import warnings
from pathlib import Path

import pandas as pd
import pytest

import skl_lstm

FOLDER = Path(__file__).parent / "released"
FILES = sorted(FOLDER.glob("*.model"))


def test_there_is_a_file_of_this_version():
    assert f"{skl_lstm.__version__}.model" in {path.name for path in FILES}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_a_released_version_loads_and_forecasts_as_then(path):
    with warnings.catch_warnings():
        # It was saved with the libraries of its time.
        warnings.filterwarnings("ignore", message="The model was saved with")
        forecast = skl_lstm.load_model(path).predict([1, 2, 5])
    expected = pd.Series(json.loads(path.with_suffix(".json").read_text()))
    assert list(forecast.index.astype(str)) == list(expected.index)
    # Another processor may round otherwise.
    pd.testing.assert_series_equal(
        forecast.set_axis(expected.index), expected, rtol=1e-5, check_names=False
    )
