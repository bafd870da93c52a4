"""What was decided where a parameter is "auto", in one line."""

import numpy as np

from skl_lstm._forecasting.model import TrainedModel
from skl_lstm._training.plan import Task
from skl_lstm._training.settings import Settings


def describe_choices(settings: Settings, task: Task, model: TrainedModel) -> str:
    """Write down what "auto" has chosen, and whether the network is in the forecast."""
    spec = model.spec
    chosen = {
        "window_length": spec.window_length,
        "horizon": spec.horizon,
        "units": spec.units,
        "sp": task.seasons or task.sp,
        "window_scaling": spec.window_scaling,
        "y_transform": model.scaling.y_transform,
        "learning_rate": model.learning_rate,
        "batch_size": spec.batch_size,
        "early_stopping": "val_loss" in model.curves[0],
        "theta_share": 0.0 if model.theta is None else model.theta.share,
    }
    # A list of settings may be compared with a word, not an array.
    auto = {n: v for n, v in chosen.items() if str(getattr(settings, n)) == "auto"}
    words = ", ".join(f"{name}={value!r}" for name, value in auto.items())
    n_epochs = len(model.curves[0]["loss"])
    kept = (
        "is part of the forecast"
        if _is_heard(model)
        else ("was not clearly better than the linear forecast, and is left out")
    )
    return (
        f"{task.name}: {words or 'nothing left to choose'}; trained for {n_epochs} "
        f"epochs; the recurrent network {kept}."
    )


def _is_heard(model: TrainedModel) -> bool:
    """Whether the output layer reads anything of the cells."""
    head = [role for role, _ in model.spec.weight_shapes()].index("head")
    return any(np.any(weights[head]) for weights in model.networks.members)
