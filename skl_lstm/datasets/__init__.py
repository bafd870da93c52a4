"""Data for examples, tests and benchmarks: fetchers, file readers, a generator.

``fetch_*`` functions may use the network and keep what they download on disk,
``load_*`` functions read a local file, ``make_*`` functions compute.
"""

from skl_lstm.datasets._beijing_pm25 import fetch_beijing_pm25, load_beijing_pm25
from skl_lstm.datasets._fetch_prices import fetch_prices
from skl_lstm.datasets._load_prices import load_prices
from skl_lstm.datasets._noisy_sine import make_noisy_sine

__all__ = [
    "fetch_beijing_pm25",
    "fetch_prices",
    "load_beijing_pm25",
    "load_prices",
    "make_noisy_sine",
]
