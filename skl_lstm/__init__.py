"""LSTM and GRU forecasters that follow scikit-learn's and sktime's conventions."""

from skl_lstm._engine.cache import clear_programs, program_cache_info, set_program_limit
from skl_lstm._exceptions import ModelFileError
from skl_lstm._persistence import load_model, save_model
from skl_lstm.forecasters import (
    GRUForecaster,
    LSTMForecaster,
    SimpleRNNForecaster,
)

__version__ = "0.1.0.dev0"

__all__ = [
    "GRUForecaster",
    "LSTMForecaster",
    "ModelFileError",
    "SimpleRNNForecaster",
    "__version__",
    "clear_programs",
    "load_model",
    "program_cache_info",
    "save_model",
    "set_program_limit",
]
