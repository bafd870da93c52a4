"""Pictures of forecasts, predictions and training, as scikit-learn Displays.

The ``from_*`` methods compute, the attributes hold the data, and ``plot`` draws, as
often as wished. matplotlib is imported only then.
"""

from skl_lstm.plotting._forecast import ForecastDisplay
from skl_lstm.plotting._importance import ImportanceDisplay
from skl_lstm.plotting._prediction import PredictionDisplay
from skl_lstm.plotting._training import TrainingCurveDisplay

__all__ = [
    "ForecastDisplay",
    "ImportanceDisplay",
    "PredictionDisplay",
    "TrainingCurveDisplay",
]
