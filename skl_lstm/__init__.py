"""LSTM and GRU forecasters that follow scikit-learn's and sktime's conventions."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from skl_lstm._engine.cache import clear_programs, program_cache_info, set_program_limit
from skl_lstm._estimator.encoder import RecurrentEncoder
from skl_lstm._estimator.search import make_param_grid
from skl_lstm._exceptions import ModelFileError
from skl_lstm._persistence import export_model, load_model, save_model
from skl_lstm.forecasters import (
    PLAIN,
    GRUForecaster,
    LSTMForecaster,
    SimpleRNNForecaster,
)

__version__ = "0.2.0"

__all__ = [
    "PLAIN",
    "GRUForecaster",
    "LSTMForecaster",
    "ModelFileError",
    "RecurrentEncoder",
    "SimpleRNNForecaster",
    "__version__",
    "clear_programs",
    "export_model",
    "load_model",
    "make_param_grid",
    "program_cache_info",
    "save_model",
    "set_program_limit",
]

# What is imported at its first use.
_WINGS = ("catalogues", "datasets", "plotting")

if TYPE_CHECKING:
    from skl_lstm import catalogues, datasets, plotting  # noqa: F401
else:
    # Of a module with this function, type checkers would take any name for granted.
    def __getattr__(name: str) -> Any:
        if name in _WINGS:
            return import_module(f"skl_lstm.{name}")
        raise AttributeError(f"module 'skl_lstm' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_WINGS])
