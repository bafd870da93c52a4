"""Names of parameters that people bring from elsewhere, and what they are here."""

import inspect
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

# What Keras, scikit-learn, darts, neuralforecast, skforecast and scripts say.
FOREIGN = {
    "window_length": "lookback look_back lags n_lags max_lags timesteps time_steps "
    "n_steps n_steps_in window window_size seq_len seq_length sequence_length "
    "input_size input_length input_chunk_length context_length",
    "horizon": "output_chunk_length n_steps_out steps_ahead prediction_length h",
    "units": "hidden_size hidden_dim hidden_units hidden_layer_sizes n_hidden n_units "
    "neurons n_layers num_layers n_rnn_layers layers recurrent_units "
    "encoder_hidden_size encoder_n_layers",
    "dropout": "dropout_rate encoder_dropout",
    "kernel_regularizer": "alpha l2 weight_decay",
    "scaler": "scaler_type scaling normalize normalization transformer_series",
    "y_transform": "target_transform transform",
    "sp": "season_length seasonal_period seasonality m",
    "loss": "criterion",
    "optimizer": "solver",
    "learning_rate": "lr learning_rate_init",
    "epochs": "n_epochs num_epochs nb_epoch max_epochs max_iter n_iter max_steps "
    "iterations",
    "batch_size": "windows_batch_size",
    "validation_fraction": "validation_split validation_data val_split val_size",
    "n_iter_no_change": "patience early_stop_patience_steps tol min_delta",
    "n_estimators": "n_networks n_models n_runs",
    "intervals": "interval_method quantiles",
    "X_treatment": "past_covariates future_covariates futr_exog_list hist_exog_list",
    "random_state": "seed random_seed",
}
OURS = {foreign: ours for ours, names in FOREIGN.items() for foreign in names.split()}
# Where our name alone would not tell what to do.
REMARKS = {
    "units": "a tuple such as (50, 50) gives one layer per entry",
    "tol": "any improvement of the validation loss counts",
    "min_delta": "any improvement of the validation loss counts",
    "epochs": "in passes over the data",
}
NO_METRICS = (
    " Training watches the loss alone, which history_ holds; score the predictions "
    "with any metric of scikit-learn or sktime."
)


def suggest(name: str, parameters: Iterable[str]) -> str:
    """Return a sentence that names our parameter for a wrong name, "" if none is near.

    Parameters
    ----------
    name : str
        The name that is no parameter.
    parameters : iterable of str
        The parameters that there are.
    """
    names = list(parameters)
    ours = OURS.get(name.lower())
    if name == "metrics":
        return NO_METRICS
    if ours not in names:
        lower = {n.lower(): n for n in names}
        ours = next(map(lower.get, get_close_matches(name.lower(), lower, 1)), None)
    if ours is None:
        return ""
    remark = REMARKS.get(name) or REMARKS.get(ours if name in OURS else "")
    return f" Did you mean {ours!r}" + (f" ({remark})?" if remark else "?")


@lru_cache(maxsize=64)
def _list_parameters(cls: type) -> tuple[inspect.Parameter, ...]:
    return tuple(inspect.signature(cls).parameters.values())


def check_constructor_call(
    cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Raise unless a class takes these arguments, in words that name this class.

    Raises
    ------
    TypeError
        If a keyword is no parameter, or there are too many positional arguments.
    """
    parameters = _list_parameters(cls)
    if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in parameters):
        return
    first = [p.name for p in parameters if p.kind == p.POSITIONAL_OR_KEYWORD]
    if len(args) > len(first):
        raise TypeError(
            f"{cls.__name__}() takes {len(first)} positional arguments at most, "
            f"{', '.join(first)}. Got {len(args)} instead. Pass the others by keyword."
        )
    names = [p.name for p in parameters]
    for name in kwargs:
        if name not in names:
            raise TypeError(
                f"{cls.__name__}() got an unexpected keyword argument {name!r}."
                f"{suggest(name, names)}"
            )


def check_set_params(estimator: Any, params: Iterable[str]) -> None:
    """Raise unless these are names of parameters, or ends of names as sktime takes.

    Raises
    ------
    ValueError
        If one is not.
    """
    known = estimator.get_params()
    for name in params:
        first = name.partition("__")[0]
        if first not in known and not any(k.endswith(f"__{name}") for k in known):
            own = estimator.get_params(deep=False)
            raise ValueError(
                f"Invalid parameter {name!r} for {type(estimator).__name__}."
                f"{suggest(first, own)} Valid parameters are {sorted(own)}."
            )
