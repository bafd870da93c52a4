"""Whether Theta joins the networks' forecasts, and how much it counts."""

from collections.abc import Sequence

import numpy as np

from skl_lstm._engine.ensemble import Networks
from skl_lstm._forecasting.theta import Theta, forecast_theta, mean_remembered
from skl_lstm._windows.assembly import Assembly, weights_ahead
from skl_lstm._windows.comparison import clearly_better, thin_out

# Weights of the latest row that are tried, and the one for where nothing tells.
SMOOTHINGS = (0.1, 0.2, 0.5)
USUAL_SMOOTHING = 0.2
# Shares that are tried. Equal weights need no evidence: others must be estimated, and
# are rarely better for it.
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
# Standard errors that a loss must be worse by.
CLEARLY = 2
# What a memory must be better than the last value by. A random walk has none; nor has
# noise, which its mean forecasts best.
LEAST_GAIN = 0.05
# Windows that decide.
MOST_WINDOWS = 5_000


def choose_theta(
    share: float | str,
    sp: int,
    networks: Networks,
    assembly: Assembly,
    origins: Sequence[np.ndarray],
    tested: Sequence[np.ndarray],
    *,
    held_out: bool,
    with_X: bool,
) -> Theta | None:
    """Decide whether Theta joins the networks' forecasts, and how much it counts.

    "auto" asks two things. On all windows, of which Theta has seen no target: whether
    it is better than repeating the last value, and than the mean of the past. And on
    those held out from the networks: which smoothing is best, and which share. Every
    smoothing counts that is not clearly worse than the best (by two standard errors,
    as many windows counted as do not overlap), and so does the share nearest to one
    half: equal weights are hard to beat.

    Parameters
    ----------
    share : float or "auto"
        The parameter ``theta_share``.
    sp : int
        Steps per season. Without one, "auto" is the network alone.
    networks : Networks
        With weights that have not seen the held-out windows.
    assembly : Assembly
        The rows of all series.
    origins : sequence of ndarray of int
        The windows of each series, trained on or held out, as rows of the series.
    tested : sequence of ndarray of int
        Those held out, as rows of the assembly.
    held_out : bool
        Whether any are. If not, one half it is, and nothing beside X.
    with_X : bool
        Whether the networks see columns that Theta does not know. Then what needs no
        evidence is a share of nothing.

    Returns
    -------
    Theta or None
        None for the network alone.

    References
    ----------
    Claeskens, G., Magnus, J., Vasnev, A., & Wang, W. (2016). The forecast combination
    puzzle: a simple theoretical explanation. International Journal of Forecasting,
    32(3). https://doi.org/10.1016/j.ijforecast.2015.12.005
    """
    spec = networks.spec
    if share == 0 or not spec.autoregressive or (share == "auto" and sp == 1):
        return None
    usable: Sequence[float] = SMOOTHINGS
    if share == "auto":
        usable = _better_than_simple(spec.horizon, sp, assembly, origins)
    if not usable:
        return None
    share_of = SHARES[-1] if share == "auto" else float(share)
    if not held_out:
        likely = USUAL_SMOOTHING if USUAL_SMOOTHING in usable else usable[0]
        alone = share == "auto" and with_X
        return None if alone else Theta(sp, (likely,), share_of)
    losses = _combined_losses(networks, assembly, tested, sp, usable)
    # A window per horizon counts, in every series: the others overlap them.
    n_independent = sum(1 + (len(r) - 1) / spec.horizon for r in tested if len(r))
    good = _not_clearly_worse(losses[:, -1], n_independent)
    if share == "auto":
        shares = _not_clearly_worse(losses[good].mean(axis=0), n_independent)
        share_of = SHARES[shares[0 if with_X else -1]]
    return Theta(sp, tuple(usable[i] for i in good), share_of) if share_of else None


def _not_clearly_worse(losses: np.ndarray, n_independent: float) -> np.ndarray:
    """Return the rows whose mean is within two standard errors of the least one."""
    best = losses[losses.mean(axis=1).argmin()]
    return np.flatnonzero(~clearly_better(losses, best, CLEARLY, n_independent))


def _better_than_simple(
    horizon: int, sp: int, assembly: Assembly, rows: Sequence[np.ndarray]
) -> list[float]:
    """Return the smoothings that are worth more than the last value, or the mean."""
    # Thinned series by series: all windows of a large panel are more than its rows.
    every = max(1, -(-sum(map(len, rows)) // MOST_WINDOWS))
    pairs = zip(rows, assembly.starts, strict=True)
    placed = [r[(len(r) - 1) % every :: every] + start for r, start in pairs]
    origins, data = np.concatenate(placed), assembly.data
    truth = data.y[origins[:, None] + np.arange(horizon)]
    carried = data.bridges[0] if data.bridges else data.y
    last = carried[origins - 1][:, None]
    theta = forecast_theta(assembly, origins, horizon, sp, SMOOTHINGS)
    theta = np.where(np.isfinite(theta), theta, last)
    mean = mean_remembered(assembly, origins, sp)[:, None]
    mean = np.where(np.isfinite(mean), mean, last)
    counts = weights_ahead(data, origins, horizon)[..., None]
    naive, noise = (
        np.nanmean(np.abs(simple - truth) * counts) for simple in (last, mean)
    )
    most = min((1 - LEAST_GAIN) * naive, noise)
    losses = [np.nanmean(np.abs(forecast - truth) * counts) for forecast in theta]
    return [s for s, loss in zip(SMOOTHINGS, losses, strict=True) if loss < most]


def _combined_losses(
    networks: Networks,
    assembly: Assembly,
    tested: Sequence[np.ndarray],
    sp: int,
    smoothings: Sequence[float],
) -> np.ndarray:
    """Return mean absolute errors of shape (n_smoothings, n_shares, n_windows)."""
    horizon = networks.spec.horizon
    origins = thin_out(np.concatenate(tested), MOST_WINDOWS)
    truth = assembly.data.y[origins[:, None] + np.arange(horizon)]
    known = np.isfinite(truth).any(axis=(1, 2))
    origins, truth = origins[known], truth[known]
    alone = networks.forecast_once(assembly.data, origins, horizon)
    theta = forecast_theta(assembly, origins, horizon, sp, smoothings)
    away = np.where(np.isfinite(theta), theta - alone, 0.0)
    counts = weights_ahead(assembly.data, origins, horizon)[..., None]

    def loss(smoothing: int, share: float) -> np.ndarray:
        errors = alone + share * away[smoothing] - truth
        return np.nanmean(np.abs(errors) * counts, axis=(1, 2))

    return np.array([[loss(i, s) for s in SHARES] for i in range(len(smoothings))])
