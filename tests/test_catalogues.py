"""The catalogues: what sktime demands of one, and benchmarks that run to their end."""

import numpy as np
import pytest
from sktime.benchmarking.forecasting import ForecastingBenchmark
from sktime.catalogues import M4CompetitionCatalogueMonthly
from sktime.datasets import load_airline
from sktime.registry import craft
from sktime.split import SingleWindowSplitter

from skl_lstm import catalogues
from skl_lstm.catalogues import (
    BundledCatalogueMonthly,
    BundledCatalogueQuarterly,
    BundledCatalogueYearly,
    RecurrentCatalogue,
)

pytest.importorskip("statsmodels")

ALL = [getattr(catalogues, name) for name in catalogues.__all__]
TINY = {"units": 2, "epochs": 1, "window_length": 4}
NETWORKS = {"LSTMForecaster", "GRUForecaster"}
# sktime warns of its own next version.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


@pytest.mark.parametrize("cls", ALL)
def test_a_catalogue_keeps_what_sktime_asks_of_one(cls):
    for catalogue in (cls(), cls(TINY)):
        names = catalogue.get("all")
        assert len(catalogue) == len(names)
        for category in catalogue.available_categories():
            objects = catalogue.get(category, as_object=True)
            assert catalogue.get(category, as_object=True) is objects
            assert not any(isinstance(one, str) for one in objects)
        for name in names:
            assert all(key in catalogue for key in ([name], name)[type(name) is dict])
        assert "no such entry" not in catalogue


@pytest.mark.parametrize("cls", ALL)
def test_parameters_reach_both_networks_and_survive_a_clone(cls):
    catalogue = cls(TINY).clone()
    networks = {}
    for item in catalogue.get("forecaster", as_object=True):
        networks |= {name: f for name, f in item.items() if name in NETWORKS}
    assert networks.keys() == NETWORKS
    for network in networks.values():
        assert network.units == 2
        assert network.random_state == 0
    *_, last = cls({"random_state": 3}).get("forecaster", as_object=True)
    assert last["GRUForecaster"].random_state == 3


def run(catalogue):
    benchmark = ForecastingBenchmark()
    benchmark.add(catalogue)
    table = benchmark.run()
    assert benchmark.failed_experiments == []
    assert len(table) == len(benchmark.tasks.entities) * len(
        benchmark.estimators.entities
    )
    errors = table[[name for name in table if name.endswith("Error_mean")]]
    assert errors.shape[1] == 2
    assert np.isfinite(errors.to_numpy(dtype=float)).all()
    assert set(table["model_id"]) > NETWORKS
    return table


def test_both_networks_run_against_their_rivals():
    table = run(BundledCatalogueYearly(TINY))
    assert set(table["model_id"]) - NETWORKS == {
        "naive",
        "drift",
        "Theta",
        "damped trend",
    }


@pytest.mark.slow
@pytest.mark.parametrize("cls", [BundledCatalogueMonthly, BundledCatalogueQuarterly])
def test_seasonal_catalogues_run(cls):
    assert "seasonal naive" in set(run(cls(TINY))["model_id"])


def test_networks_join_the_m4_catalogue_of_sktime():
    # The catalogue as it is downloads its data and needs pmdarima for AutoARIMA.
    m4 = M4CompetitionCatalogueMonthly()
    named = {name: spec for one in m4.get("forecaster") for name, spec in one.items()}
    benchmark = ForecastingBenchmark()
    benchmark.add({name: craft(named[name]) for name in ("Naive_1", "Naive_S")})
    benchmark.add(RecurrentCatalogue(TINY))
    benchmark.add_task(
        load_airline,
        SingleWindowSplitter(fh=range(1, 19)),
        m4.get("metric", as_object=True),
        task_id="airline",
    )
    table = benchmark.run().set_index("model_id")
    assert set(table.index) == {"Naive_1", "Naive_S"} | NETWORKS
    owa = table["OverallWeightedAverage_mean"]
    assert np.isfinite(owa.astype(float)).all()


def test_sktime_has_no_door_that_finds_classes_of_other_packages():
    # Should it get one, docs/benchmarks.md is to tell of it.
    with pytest.raises(NameError, match="LSTMForecaster"):
        craft("LSTMForecaster()")
    made = craft(
        "\nfrom skl_lstm import LSTMForecaster\nreturn LSTMForecaster(units=8)"
    )
    assert made.units == 8
