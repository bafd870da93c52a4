"""
A benchmark from a catalogue (sktime)
=====================================

sktime runs every forecaster of a catalogue on each of its data sets. Those of
``skl_lstm.catalogues`` hold both networks, classical rivals, and data that sktime
brings along, six sets in all. ``pip install "skl_lstm[catalogues]"`` installs what they
need.
"""

import warnings

import pandas as pd
from sktime.benchmarking.critical_difference import plot_critical_difference
from sktime.benchmarking.forecasting import ForecastingBenchmark

from skl_lstm.catalogues import (
    BundledCatalogueMonthly,
    BundledCatalogueQuarterly,
    BundledCatalogueYearly,
)

CATALOGUES = BundledCatalogueMonthly, BundledCatalogueQuarterly, BundledCatalogueYearly

# %%
# Run
# ---
# A catalogue is added whole. One for each frequency, as the season differs. The table
# has a row for each data set and forecaster, with errors fold by fold and times.
tables = []
# sktime warns of its own next version, and switches filters of warnings back on.
with warnings.catch_warnings(record=True):
    for cls in CATALOGUES:
        benchmark = ForecastingBenchmark()
        benchmark.add(cls())
        tables.append(benchmark.run())
table = pd.concat(tables)

# %%
# The table of results
# --------------------
# The mean absolute scaled error: 1 is the error of the (seasonal) naive forecast within
# the training rows. Both folds have the same weight.
table["data"] = table["validation_id"].str.extract(r"dataset=(\w+)")
errors = table.pivot(
    index="data", columns="model_id", values="MeanAbsoluteScaledError_mean"
)
print(errors.T.round(2).to_string(na_rep=""))
print(table.groupby("model_id")["runtime_secs"].sum().round(1).to_string())

# %%
# Which differences mean something
# --------------------------------
# Mean ranks over the data sets, and bars over those that the Nemenyi test cannot tell
# apart (`Demsar, 2006 <https://jmlr.org/papers/v7/demsar06a.html>`_). Six data sets of
# two folds each tell little: an example of the method rather than a result.
ranked = errors.dropna(axis="columns")
# sktime's plot expects the best in the first column.
ranked = ranked[ranked.rank(axis="columns").mean().sort_values().index]
figure, _ = plot_critical_difference(
    ranked.to_numpy(dtype=float), list(ranked), alpha=0.1, return_fig=True
)
