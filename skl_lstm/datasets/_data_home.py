"""The folder for downloaded data."""

import os
from pathlib import Path

from sklearn.datasets import get_data_home


def resolve_data_home(data_home: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder for downloaded data, created where it is not there.

    None takes the environment variable ``SKL_LSTM_DATA`` or, without it,
    ``~/skl_lstm_data``.
    """
    default = os.environ.get("SKL_LSTM_DATA", "~/skl_lstm_data")
    return Path(get_data_home(default if data_home is None else data_home))
