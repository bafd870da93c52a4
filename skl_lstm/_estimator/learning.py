"""What both conventions end in: histories learned."""

import logging
from collections.abc import Mapping
from typing import Any

from sklearn.utils import check_random_state

from skl_lstm._estimator.own_networks import find_hook
from skl_lstm._forecasting.fitted import Fitted
from skl_lstm._series.history import History, weigh
from skl_lstm._series.panel import Key
from skl_lstm._series.season import resolve_season_of_panel, resolve_seasons
from skl_lstm._training.choices import describe_choices
from skl_lstm._training.fit import train_model
from skl_lstm._training.plan import Task
from skl_lstm._training.settings import Settings
from skl_lstm._training.transfer import adapt_model
from skl_lstm._windows.columns import flag_missing, resolve_columns

LOGGER = logging.getLogger("skl_lstm")


def learn(
    estimator: Any,
    histories: Mapping[Key, History],
    names: list[Any],
    autoregressive: bool,
    last_step: int | None,
) -> Fitted:
    """Train on histories, from fresh weights, warm ones or pretrained ones.

    Parameters
    ----------
    estimator : BaseRecurrentForecaster
        Its parameters, and what it was pretrained to.
    histories : mapping of tuple to History
        The training rows of each series.
    names : list
        Names of the columns of X.
    autoregressive : bool
        Whether the targets' own past is an input.
    last_step : int or None
        Last step of the forecasting horizon, if known.
    """
    settings = Settings.from_estimator(estimator)
    histories = weigh(histories, settings.halflife)
    task = make_task(estimator, histories, names, autoregressive, last_step)
    seed = draw_seed(estimator)
    start = estimator.__dict__.pop("_warm_model", None)
    pretrained = estimator.__dict__.get("pretrained_model_")
    series = list(histories.values())
    if start is None and pretrained is not None:
        model = adapt_model(settings, task, series, seed, pretrained)
    else:
        model = train_model(settings, task, series, seed, start)
    line = describe_choices(settings, task, model)
    LOGGER.info(line)
    if settings.verbose:
        print(line, flush=True)
    return Fitted(histories, model, seed)


def make_task(
    estimator: Any,
    histories: Mapping[Key, History],
    names: list[Any],
    autoregressive: bool,
    last_step: int | None,
) -> Task:
    """Say what is to be learned from these series; parameters as for `learn`."""
    name, series = type(estimator).__name__, list(histories.values())
    static = estimator.static_features
    past = () if static is None else tuple(static.columns)
    columns = resolve_columns(estimator.X_treatment, names, name, past)
    return Task(
        name=name,
        cell=estimator._cell,
        autoregressive=autoregressive,
        columns=flag_missing(columns, series, autoregressive),
        sp=resolve_season_of_panel(estimator.sp, series),
        seasons=resolve_seasons(
            estimator.sp, series, calendar=estimator.calendar == "auto"
        ),
        last_step=last_step,
        build_encoder=find_hook(estimator),
        weighted=any(history.weights is not None for history in series),
    )


def draw_seed(estimator: Any) -> int:
    """Draw the seed of one fit from ``random_state``."""
    return check_random_state(estimator.random_state).randint(2**31 - 1)
