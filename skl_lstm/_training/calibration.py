"""Which windows intervals are made from, and which weights may be gone on from."""

from collections.abc import Sequence

from skl_lstm._engine.ensemble import Networks
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._intervals.conformal import Calibration
from skl_lstm._training.settings import Settings
from skl_lstm._windows.origins import Split

# Without held-out windows, the share of the latest training windows whose errors are
# taken for those to come.
TESTED_SHARE = 0.2


def calibrate(
    settings: Settings, networks: Networks, splits: Sequence[Split]
) -> Calibration:
    """Say which windows intervals are made from: those that were held out.

    Without any these are the latest windows trained on, and a quantile head, and the
    spreads of the series of a panel, must do with the others.
    """
    held_out = any(len(split.validation) for split in splits)
    tested, others = [split.validation for split in splits], [s.train for s in splits]
    if not held_out:
        first = [int((1 - TESTED_SHARE) * len(rows)) for rows in others]
        tested = [rows[n:] for rows, n in zip(others, first, strict=True)]
        others = [rows[:n] for rows, n in zip(others, first, strict=True)]
    learns = settings.intervals == "quantile" or len(splits) > 1
    return Calibration(
        networks,
        tested,
        held_out,
        intervals=settings.intervals,
        trained_on=others if learns else (),
    )


def check_same_network(
    name: str, spec: NetworkSpec, start: TrainedModel | None
) -> None:
    """Raise unless weights fit the network that is asked for.

    Raises
    ------
    ValueError
        Showing both networks.
    """
    if start is None or start.spec.weight_shapes() == spec.weight_shapes():
        return
    raise ValueError(
        f"{name} cannot go on from the weights it has: they belong to another network "
        f"({start.spec}) than the parameters and data now ask for ({spec}). Set "
        "warm_start=False to start afresh, or fix window_length and horizon so that "
        "the network stays the same."
    )
