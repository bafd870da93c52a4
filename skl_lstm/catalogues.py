"""Benchmark catalogues for sktime: both networks, their rivals, bundled data.

`ForecastingBenchmark` of sktime takes a catalogue whole, and runs each of its
forecasters on each of its data sets:

>>> from sktime.benchmarking.forecasting import ForecastingBenchmark
>>> from skl_lstm.catalogues import BundledCatalogueMonthly
>>> benchmark = ForecastingBenchmark()
>>> benchmark.add(BundledCatalogueMonthly())
>>> table = benchmark.run()  # doctest: +SKIP

Nothing is downloaded. Exponential smoothing and the Theta method need statsmodels:
``pip install "skl_lstm[catalogues]"``.
"""

import inspect
from collections.abc import Mapping
from typing import Any, NamedTuple

from sktime.catalogues.base import BaseCatalogue

from skl_lstm.forecasters import GRUForecaster, LSTMForecaster

__all__ = [
    "BundledCatalogueMonthly",
    "BundledCatalogueQuarterly",
    "BundledCatalogueYearly",
    "RecurrentCatalogue",
]

# Errors in units of the naive forecast's: data sets of all scales can be compared,
# and values near zero do no harm.
METRICS = ("MeanAbsoluteScaledError", "MeanSquaredScaledError")


class RecurrentCatalogue(BaseCatalogue):
    """`LSTMForecaster` and `GRUForecaster`, to be added to a benchmark of others.

    Parameters
    ----------
    params : dict, default=None
        Parameters of both networks that are not to have their default, such as
        ``{"epochs": 5}``. ``random_state`` is 0 unless it is given.

    Examples
    --------
    >>> from skl_lstm.catalogues import RecurrentCatalogue
    >>> catalogue = RecurrentCatalogue({"epochs": 5})
    >>> "LSTMForecaster" in catalogue, "GRUForecaster" in catalogue
    (True, True)
    """

    _tags = {
        "authors": "skl_lstm developers",
        "maintainers": "skl_lstm developers",
        "catalogue_type": "forecaster",
        "n_items": 2,
        "info:name": "Recurrent networks of skl_lstm",
    }

    def __init__(self, params: Mapping[str, Any] | None = None) -> None:
        self.params = params
        super().__init__()

    def _get(self) -> dict[str, list]:
        return {"forecaster": self._list_networks()}

    def _list_networks(self) -> list[dict[str, Any]]:
        # Objects, since sktime finds no class of another package by its name.
        params = {"random_state": 0, **(self.params or {})}
        return [
            {cls.__name__: cls(**params)} for cls in (LSTMForecaster, GRUForecaster)
        ]


class _Bundle(NamedTuple):
    """What differs between the bundled catalogues."""

    datasets: tuple[str, str]
    sp: int
    season: str | None
    # Rows of each of two tests.
    test_size: int

    def list_rivals(self) -> list[dict[str, str]]:
        """List classical forecasters; without a season, those that need none."""
        sp, season = self.sp, self.season
        theta = "ThetaForecaster(deseasonalize=False)"
        trend = "trend='add', damped_trend=True"
        rivals = {
            "naive": "NaiveForecaster(strategy='last')",
            "drift": "NaiveForecaster(strategy='drift')",
        }
        if season is not None:
            rivals["seasonal naive"] = f"NaiveForecaster(strategy='last', sp={sp})"
            theta = f"Deseasonalizer(sp={sp}, model='{season}') * {theta}"
            trend += f", seasonal='{season}', sp={sp}"
        rivals |= {"Theta": theta, "damped trend": f"ExponentialSmoothing({trend})"}
        return [{name: spec} for name, spec in rivals.items()]


class _BundledCatalogue(RecurrentCatalogue):
    """Data sets of one frequency, with the rivals that know its season."""

    _tags = {
        "catalogue_type": "mixed",
        "n_items": None,
        "python_dependencies": "statsmodels>=0.14.4",
    }
    _bundle: _Bundle

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls._tags = {
            "n_items": 7 + len(cls._bundle.list_rivals()),
            "info:name": f"{cls.__name__.removeprefix('BundledCatalogue')} data",
        }
        # Parameters and example are those of the parent.
        _, heading, shared = (inspect.getdoc(RecurrentCatalogue) or "").partition(
            "Parameters"
        )
        shared = heading + shared.replace(RecurrentCatalogue.__name__, cls.__name__)
        cls.__doc__ = f"{inspect.cleandoc(cls.__doc__ or '')}\n\n{shared}\n"

    def _get(self) -> dict[str, list]:
        datasets, sp, _, test_size = self._bundle
        return {
            "dataset": list(datasets),
            "forecaster": [*self._bundle.list_rivals(), *self._list_networks()],
            "metric": [f"{metric}(sp={sp})" for metric in METRICS],
            "cv_splitter": [f"ExpandingGreedySplitter({test_size=}, folds=2)"],
        }


class BundledCatalogueMonthly(_BundledCatalogue):
    """Two monthly series of sktime, both networks and five classical forecasters.

    Airline passengers (144 months) and shampoo sales (36). The last half year and the
    one before are forecast, each from all months before it.
    """

    _bundle = _Bundle(("Airline", "ShampooSales"), 12, "multiplicative", test_size=6)


class BundledCatalogueQuarterly(_BundledCatalogue):
    """Two quarterly data sets of sktime, both networks and five classical forecasters.

    Changes of US consumption with four exogenous columns (198 quarters), and 14 series
    of the US economy forecast at once (203). The last year and the one before are
    forecast, each from all quarters before it. Only the networks read X, whose values
    of the quarters to forecast they are given: a help that real forecasts lack.
    """

    # Changes and rates reach zero and below.
    _bundle = _Bundle(("USChange", "Macroeconomic"), 4, "additive", test_size=4)


class BundledCatalogueYearly(_BundledCatalogue):
    """Two yearly data sets of sktime, both networks and four classical forecasters.

    Lynx trapped in Canada (114 years), and US employment with five exogenous columns
    (16). The last two years and the two before are forecast, each from all years
    before. Only the networks read X, whose values of the years to forecast they are
    given.
    """

    _bundle = _Bundle(("Lynx", "Longley"), 1, None, test_size=2)
