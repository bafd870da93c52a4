"""The state of a seasonal forecast and of the networks that correct it."""

from skl_lstm._persistence._fields import Entry, each, entries, record
from skl_lstm._windows.decoder import SeasonalNetworks
from skl_lstm._windows.seasonal import (
    Anchor,
    SeasonalMap,
    count_inputs,
    n_phases,
    periods_of,
)

ANCHOR = entries("period n_seasons decay climate")
SEASONAL_MAP = entries("horizon n_recent calendar") | {
    "seasons": Entry("seasons", list, tuple),
    "anchors": Entry("anchors", *each(*record(Anchor, ANCHOR))),
    "maps": Entry("maps", list, tuple),
}
SEASONAL = entries("unit center spread") | {
    "linear": Entry("linear", *record(SeasonalMap, SEASONAL_MAP))
}


def check_seasonal(networks: SeasonalNetworks) -> SeasonalNetworks:
    """Raise unless maps and anchors are those of the network."""
    spec, linear = networks.spec, networks.linear
    periods, _ = periods_of(linear.seasons)
    shape = (n_phases(linear.seasons), spec.horizon)
    fits = [
        maps.ndim == 5
        and maps.dtype == "f"
        and maps.shape[1] in (1, shape[0])
        and maps.shape[2::2] == (shape[1], spec.n_outputs)
        and maps.shape[3] == count_inputs(linear, spec.n_concurrent)
        for maps in linear.maps
    ]
    if (
        not fits
        or not all(fits)
        or len(fits) != len(linear.anchors)
        or linear.horizon != spec.horizon
        or min(periods) < 2
        or any(a.period not in periods for a in linear.anchors)
    ):
        raise ValueError("the seasonal maps are those of another network")
    return networks
