"""Every kind of index that a series may have, for tests of its calendar."""

import numpy as np
import pandas as pd

HOLIDAYS = ["2019-01-01", "2019-01-21", "2019-02-18", "2019-04-19"]
BERLIN = "Europe/Berlin"
# An offset, and where its dates start.
OFFSETS = {
    **dict.fromkeys(["YE", "YS", "BYE", "BYS", "YE-JUN"], "1950-01-01"),
    **dict.fromkeys(["QE", "QS", "BQE", "BQS", "QS-OCT", "2QE"], "1990-01-01"),
    **dict.fromkeys(["ME", "MS", "BME", "BMS", "CBME", "2ME"], "2015-01-01"),
    **dict.fromkeys(["SME", "SMS", "WOM-3FRI", "LWOM-FRI"], "2015-01-01"),
    **dict.fromkeys(["W", "W-WED", "2W", "7D", "D", "3D", "B", "bh"], "2019-01-01"),
    **dict.fromkeys(["h", "2h", "12h", "24h", "1440min", "90min"], "2019-01-01"),
    **dict.fromkeys(["min", "15min", "s", "ms", "us"], "2019-01-01"),
}
# The clocks change after about 48 of 60 hours.
IN_ZONES = {
    "D-spring": ("2024-02-20", "D", BERLIN),
    "D-noon-autumn": ("2024-09-20 12:00", "D", BERLIN),
    "h-spring": ("2024-03-29 05:00", "h", BERLIN),
    "h-autumn": ("2024-10-25 05:00", "h", BERLIN),
    "h-autumn-New-York": ("2024-11-01 05:00", "h", "America/New_York"),
    "15min-autumn": ("2024-10-26 15:00", "15min", BERLIN),
    "12h-spring": ("2024-03-10", "12h", BERLIN),
    "24h-spring": ("2024-02-20", "24h", BERLIN),
    "W-spring": ("2023-06-01 09:30", "W", BERLIN),
    "B-autumn": ("2024-09-01 09:30", "B", BERLIN),
    "ME-zone": ("2020-01-31 18:00", "ME", "Asia/Kolkata"),
    "h-UTC": ("2024-03-29 05:00", "h", "UTC"),
}
PERIODS = ["Y", "Q", "Q-NOV", "M", "W", "W-WED", "D", "h", "min", "s"]
PERIODS += ["2M", "2Q", "2W", "3D", "2min", "10min", "15min", "90min"]


def index_kinds(n_times):
    """Return an index of ``n_times`` steps of every kind, by name."""
    kinds = {
        f"dates-{name}": pd.date_range(start, periods=n_times, freq=name)
        for name, start in OFFSETS.items()
    }
    kinds |= {
        name: pd.date_range(start, periods=n_times, freq=freq, tz=zone)
        for name, (start, freq, zone) in IN_ZONES.items()
    }
    own_holidays = pd.offsets.CustomBusinessDay(holidays=HOLIDAYS)
    kinds["dates-C"] = pd.date_range("2019-01-01", periods=n_times, freq=own_holidays)
    kinds |= {
        f"periods-{freq}": pd.period_range("2015-01-01", periods=n_times, freq=freq)
        for freq in PERIODS
    }
    return kinds | {
        "range": pd.RangeIndex(n_times),
        "range-from-7-in-tens": pd.RangeIndex(7, 7 + 10 * n_times, 10),
        "numbers-from-5": pd.Index(np.arange(n_times) + 5),
        "numbers-from-minus-100": pd.Index(np.arange(n_times) - 100),
        "numbers-in-fives": pd.Index(5 * np.arange(n_times)),
        "unsigned-numbers": pd.Index(np.arange(n_times) + 20, dtype="uint32"),
        "durations": pd.timedelta_range("1h", periods=n_times, freq="h"),
    }


def forget_frequency(index):
    """Return dates that do not store their frequency."""
    return pd.DatetimeIndex(index, freq=None)


# What pandas does not tell from the dates alone: own holidays, the last Friday where it
# is also the fourth, elapsed days before the clocks change.
NOT_INFERRED = ("dates-C", "dates-CBME", "dates-LWOM-FRI", "24h-spring")
