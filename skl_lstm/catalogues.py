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

from collections.abc import Mapping
from typing import Any

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
METRICS = ["MeanAbsoluteScaledError({sp})", "MeanSquaredScaledError({sp})"]


class RecurrentCatalogue(BaseCatalogue):
    """`LSTMForecaster` and `GRUForecaster`, to be added to a benchmark of others.

    Parameters
    ----------
    params : dict, default=None
        Parameters of both networks that are not to have their default, such as
        ``{"epochs": 5}``. ``random_state`` is 0 unless it is given.

    See Also
    --------
    BundledCatalogueMonthly : Both networks, their rivals and data sets.

    Examples
    --------
    Beside the methods of the M4 competition, as sktime lists them:

    >>> from sktime.benchmarking.forecasting import ForecastingBenchmark
    >>> from sktime.catalogues import M4CompetitionCatalogueWeekly
    >>> from skl_lstm.catalogues import RecurrentCatalogue
    >>> benchmark = ForecastingBenchmark()
    >>> benchmark.add(M4CompetitionCatalogueWeekly())  # doctest: +SKIP
    >>> benchmark.add(RecurrentCatalogue())
    >>> sorted(benchmark.estimators.entities)
    ['GRUForecaster', 'LSTMForecaster']
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
        classes = (LSTMForecaster, GRUForecaster)
        return [{cls.__name__: cls(**params)} for cls in classes]

    @classmethod
    def get_test_params(cls, parameter_set: str = "default") -> list[dict[str, Any]]:
        """Return settings for tests: the defaults, and small networks.

        Parameters
        ----------
        parameter_set : str, default="default"
            Not used: there is one set.

        Returns
        -------
        list of dict
            Parameters of the constructor.
        """
        return [{}, {"params": {"units": 2, "epochs": 1, "window_length": 4}}]


class _BundledCatalogue(RecurrentCatalogue):
    """Data sets of one frequency, with the rivals that know its season."""

    _tags = {
        "catalogue_type": "mixed",
        "n_items": None,
        "python_dependencies": "statsmodels>=0.14.4",
    }
    _datasets: tuple[str, ...] = ()
    _sp = 1
    _season: str | None = None
    _test_size = 1

    def _get(self) -> dict[str, list]:
        sp = f"sp={self._sp}"
        splitter = f"ExpandingGreedySplitter(test_size={self._test_size}, folds=2)"
        return {
            "dataset": list(self._datasets),
            "forecaster": [*self._list_rivals(sp), *self._list_networks()],
            "metric": [metric.format(sp=sp) for metric in METRICS],
            "cv_splitter": [splitter],
        }

    def _list_rivals(self, sp: str) -> list[dict[str, str]]:
        season = f", seasonal='{self._season[:3]}', {sp}" if self._season else ""
        smoothing = f"ExponentialSmoothing(trend='add', damped_trend=True{season})"
        theta = "ThetaForecaster(deseasonalize=False)"
        rivals = {
            "naive": "NaiveForecaster(strategy='last')",
            "drift": "NaiveForecaster(strategy='drift')",
        }
        if self._season:
            rivals["seasonal naive"] = f"NaiveForecaster(strategy='last', {sp})"
            theta = f"Deseasonalizer({sp}, model='{self._season}') * {theta}"
        rivals |= {"Theta": theta, "damped trend": smoothing}
        return [{name: spec} for name, spec in rivals.items()]


class BundledCatalogueMonthly(_BundledCatalogue):
    """Two monthly series of sktime, both networks and five classical forecasters.

    Airline passengers (144 months) and shampoo sales (36). The last half year and the
    one before are forecast, each from all months before it.

    Parameters
    ----------
    params : dict, default=None
        Parameters of both networks that are not to have their default, such as
        ``{"epochs": 5}``. ``random_state`` is 0 unless it is given.

    See Also
    --------
    BundledCatalogueQuarterly : Two tables of quarters, with exogenous columns.
    BundledCatalogueYearly : Two short series of years.
    RecurrentCatalogue : Both networks alone, for a benchmark of your own.

    Examples
    --------
    >>> from sktime.benchmarking.forecasting import ForecastingBenchmark
    >>> from skl_lstm.catalogues import BundledCatalogueMonthly
    >>> catalogue = BundledCatalogueMonthly()
    >>> catalogue.get("dataset")
    ['Airline', 'ShampooSales']
    >>> benchmark = ForecastingBenchmark()
    >>> benchmark.add(catalogue)
    >>> len(benchmark.tasks.entities), len(benchmark.estimators.entities)
    (2, 7)
    """

    _tags = {"n_items": 12, "info:name": "Monthly data of sktime"}
    _datasets = ("Airline", "ShampooSales")
    _sp = 12
    _season = "multiplicative"
    _test_size = 6


class BundledCatalogueQuarterly(_BundledCatalogue):
    """Two quarterly data sets of sktime, both networks and five classical forecasters.

    Changes of US consumption with four exogenous columns (198 quarters), and 14 series
    of the US economy forecast at once (203). The last year and the one before are
    forecast, each from all quarters before it. Only the networks read X, whose values
    of the quarters to forecast they are given: a help that real forecasts lack.

    Parameters
    ----------
    params : dict, default=None
        Parameters of both networks that are not to have their default, such as
        ``{"epochs": 5}``. ``random_state`` is 0 unless it is given.

    See Also
    --------
    BundledCatalogueMonthly : Two monthly series.
    BundledCatalogueYearly : Two short series of years.

    Examples
    --------
    >>> from skl_lstm.catalogues import BundledCatalogueQuarterly
    >>> BundledCatalogueQuarterly().get("dataset")
    ['USChange', 'Macroeconomic']
    """

    _tags = {"n_items": 12, "info:name": "Quarterly data of sktime"}
    _datasets = ("USChange", "Macroeconomic")
    _sp = 4
    # Changes and rates reach zero and below.
    _season = "additive"
    _test_size = 4


class BundledCatalogueYearly(_BundledCatalogue):
    """Two yearly data sets of sktime, both networks and four classical forecasters.

    Lynx trapped in Canada (114 years), and US employment with five exogenous columns
    (16). The last two years and the two before are forecast, each from all years
    before. Only the networks read X, whose values of the years to forecast they are
    given.

    Parameters
    ----------
    params : dict, default=None
        Parameters of both networks that are not to have their default, such as
        ``{"epochs": 5}``. ``random_state`` is 0 unless it is given.

    See Also
    --------
    BundledCatalogueMonthly : Two monthly series.
    BundledCatalogueQuarterly : Two tables of quarters, with exogenous columns.

    Examples
    --------
    >>> from skl_lstm.catalogues import BundledCatalogueYearly
    >>> BundledCatalogueYearly().get("dataset")
    ['Lynx', 'Longley']
    """

    _tags = {"n_items": 11, "info:name": "Yearly data of sktime"}
    _datasets = ("Lynx", "Longley")
    _test_size = 2
