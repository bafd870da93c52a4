"""From series with seasons to a trained model; the steps are those of `fit`."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from skl_lstm._engine.plan import TrainingPlan
from skl_lstm._engine.spec import NetworkSpec
from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._forecasting.theta import Theta
from skl_lstm._series.history import History
from skl_lstm._training.calibration import calibrate, check_same_network
from skl_lstm._training.ensemble import Ensemble, Start, train_ensemble
from skl_lstm._training.layout import Layout, lay_out
from skl_lstm._training.linear_start import is_absolute
from skl_lstm._training.plan import Task, plan_training
from skl_lstm._training.seasonal import (
    SeasonalPlan,
    choose_seasonal_transform,
    choose_seasonal_windows,
    plan_seasons,
)
from skl_lstm._training.seasonal_map import thin_origins
from skl_lstm._training.settings import Settings
from skl_lstm._training.theta_share import USUAL_SMOOTHING
from skl_lstm._training.windows import Windows
from skl_lstm._windows.assembly import Assembly
from skl_lstm._windows.decoder import SeasonalNetworks, count_decoder_columns
from skl_lstm._windows.scaling import fit_scalings

# Windows that a network is trained on, and stopped by: neighbors overlap.
MOST_WINDOWS, MOST_HELD_OUT = 5_000, 1_000


def train_seasonal_model(
    settings: Settings,
    task: Task,
    histories: Sequence[History],
    seed: int,
    start: TrainedModel | None = None,
) -> TrainedModel | None:
    """Forecast from the seasons, and train networks on what that leaves.

    Parameters
    ----------
    settings, task, histories, seed, start
        As for `train_model`.

    Returns
    -------
    TrainedModel or None
        None where a plain window does as well.

    Raises
    ------
    ValueError
        If ``start`` is another network.
    FloatingPointError
        If training diverges.
    """
    windows = choose_seasonal_windows(settings, task, histories)
    if windows is None:
        return None
    transform = settings.y_transform
    if transform == "auto" and start is not None:
        transform = start.scaling.y_transform
    elif transform == "auto":
        transform = choose_seasonal_transform(settings, task, histories, windows)
    scalings = fit_scalings(settings.scaler, transform, histories, settings.bounds)
    spec, plan = _plan_network(settings, task, histories, windows)
    # Several seasons that a user names, or that a panel has, are taken at his word.
    forced = start is not None or settings.sp != "auto" or len(histories) > 1
    options = {"absolute": is_absolute(spec.loss), "forced": forced}
    seasons = plan_seasons(settings, task, histories, scalings, windows, **options)
    if seasons is None:
        return None
    n_decoded = count_decoder_columns(
        seasons.tested, spec.n_outputs, spec.n_concurrent, spec.n_shifted
    )
    spec = decoder_spec(spec, n_decoded)
    check_same_network(task.name, spec, start)
    around = seasons.around
    layout = lay_out(
        spec, task.columns, histories, scalings, windows.splits, around=around
    )
    members = start.networks.members if start else [None] * settings.n_estimators
    begin = Start(members, doubts=settings.is_automatic)
    ensemble, networks = train_on_rest(spec, seasons, begin, layout, plan, seed)
    calibration = calibrate(settings, ensemble.tested, windows.splits)
    return TrainedModel(
        networks,
        task.columns,
        ensemble.curves,
        tuple(scalings),
        calibration,
        plan.learning_rate,
        _read_theta(settings, task),
        around,
        task.seasons,
    )


def _read_theta(settings: Settings, task: Task) -> Theta | None:
    """Return the Theta method only where a share is asked for: anchors remember."""
    share = settings.theta_share
    if share == "auto" or share == 0:
        return None
    return Theta(task.sp, (USUAL_SMOOTHING,), float(share))


def _plan_network(
    settings: Settings, task: Task, histories: Sequence[History], windows: Windows
) -> tuple[NetworkSpec, TrainingPlan]:
    return plan_training(
        replace(settings, window_scaling=None),
        task,
        windows.length,
        windows.horizon,
        histories[0].y.shape[1],
        min(windows.n_train, MOST_WINDOWS),
        known_in_window=False,
        decodes=True,
    )


def decoder_spec(spec: NetworkSpec, n_decoded: int) -> NetworkSpec:
    """Return the specification of an encoder and decoder for the same task."""
    return replace(
        spec,
        window_scaling=None,
        linear_skip=False,
        bridges_gaps=False,
        n_decoded=n_decoded,
    )


def train_on_rest(
    spec: NetworkSpec,
    seasons: SeasonalPlan,
    start: Start,
    layout: Layout,
    plan: TrainingPlan,
    seed: int,
) -> tuple[Ensemble, SeasonalNetworks]:
    """Train networks on what a linear forecast leaves.

    Returns
    -------
    Ensemble, SeasonalNetworks
        What was tested, and the networks around the linear forecast of all windows.
    """
    plain = SeasonalNetworks(spec, [], linear=seasons.tested)
    train, held_out = (
        thin_origins(origins, most, seasons.tested.seasons)
        for origins, most in (
            (layout.train, MOST_WINDOWS),
            (layout.validation, MOST_HELD_OUT),
        )
    )
    plain = plain.scaled_to(plain.lay_out(layout.assembly.data, train))
    rest = lay_out_rest(plain, layout.assembly, train, held_out)
    ensemble = train_ensemble(spec, start, rest, plan, seed)
    tested = plain.with_members(ensemble.tested.members)
    networks = replace(plain, members=ensemble.networks.members, linear=seasons.final)
    return ensemble._replace(tested=tested, networks=networks), networks


def lay_out_rest(
    networks: SeasonalNetworks,
    assembly: Assembly,
    train: np.ndarray,
    held_out: np.ndarray,
) -> Layout:
    """Lay out what the linear forecast leaves of some windows."""
    tables = networks.lay_out(assembly.data, np.concatenate([train, held_out]))
    numbers = np.arange(len(tables.y), dtype="int32")
    n = len(train)
    return Layout(assembly._replace(data=tables), numbers[:n], numbers[n:], numbers[:0])
