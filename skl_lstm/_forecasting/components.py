"""What a forecast is made of: how much each part moves it."""

from collections.abc import Sequence

import numpy as np

from skl_lstm._engine.ensemble import Networks
from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._series.history import History
from skl_lstm._windows.decoder import SeasonalNetworks
from skl_lstm._windows.gaps import carry_forward

NAMES = ("transfer", "linear", "recurrent", "theta")
# Forecasts that the shares are measured on, the latest of each series.
MOST_ORIGINS = 200


def measure_components(
    model: TrainedModel, histories: Sequence[History]
) -> dict[str, float]:
    """Return the share of each part in the movement of the latest forecasts.

    A part moves a forecast by what the forecast would be without it, less what it is,
    in absolute value, summed over steps and targets: the transfer function from zero,
    the linear map from the naive forecast, the recurrent part from the linear map, and
    Theta from the networks.

    Parameters
    ----------
    model : TrainedModel
        What forecasts.
    histories : sequence of History
        The rows seen, from whose latest windows it forecasts.

    Returns
    -------
    dict of str to float
        Shares of "transfer", "linear", "recurrent" and "theta" that add up to one; all
        zero where the forecast is the naive one.
    """
    spec, horizon = model.spec, model.spec.horizon
    assembly = model.assemble(histories, n_ahead=horizon)
    per_series = max(1, MOST_ORIGINS // len(histories))
    origins = np.concatenate(
        [
            start + np.arange(max(len(h) - per_series + 1, 1), len(h) + 1)
            for h, start in zip(histories, assembly.starts, strict=True)
        ][:MOST_ORIGINS]
    )
    networks, data = model.networks, assembly.data
    joint = networks.forecast(data, origins, horizon)
    linear = without_recurrence(networks).forecast(data, origins, horizon)
    if isinstance(networks, SeasonalNetworks):
        # What the linear map moves is the last value.
        y = np.asarray(data.y)
        naive = carry_forward(y, np.zeros(y.shape[1]))[origins - 1][:, None]
    else:
        naive = without_weights(networks).forecast(data, origins, horizon)
    combined = joint
    if model.combine is not None:
        combined = model.combine(joint, assembly, origins)
    effects = np.zeros_like(joint)
    if model.around.transfer is not None:
        effects = assembly._replace(trend=None).add_effects(effects, origins)
    moves = {
        "transfer": effects,
        "linear": linear - naive,
        "recurrent": joint - linear,
        "theta": combined - joint,
    }
    sizes = {name: float(np.abs(move).sum()) for name, move in moves.items()}
    if not (spec.linear_skip or spec.n_decoded):
        # Without a linear map its bias belongs to the recurrent part.
        sizes["recurrent"], sizes["linear"] = float(np.abs(joint - naive).sum()), 0.0
    total = sum(sizes.values())
    return {name: size / total if total else 0.0 for name, size in sizes.items()}


def describe_components(components: dict[str, float]) -> str:
    """Write shares down, those of next to nothing left out."""
    parts = [f"{name} {share:.0%}" for name, share in components.items()]
    parts = [part for part in parts if not part.endswith(" 0%")]
    return ", ".join(parts) or "naive"


def without_recurrence(networks: Networks) -> Networks:
    """Return the networks with an output layer that reads nothing of their cells."""
    roles = [role for role, _ in networks.spec.weight_shapes()]
    head = roles.index("head")
    members = [
        [np.zeros_like(w) if i == head else w for i, w in enumerate(weights)]
        for weights in networks.members
    ]
    return networks.with_members(members)


def without_weights(networks: Networks) -> Networks:
    """Return the networks that emit nothing: the naive forecast of each window."""
    members = [[np.zeros_like(w) for w in weights] for weights in networks.members]
    return networks.with_members(members)
