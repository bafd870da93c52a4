"""LSTM and GRU forecasters that follow scikit-learn's and sktime's conventions."""

from skl_lstm.forecasters import GRUForecaster, LSTMForecaster

__version__ = "0.1.0.dev0"

__all__ = ["GRUForecaster", "LSTMForecaster", "__version__"]
