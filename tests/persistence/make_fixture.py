"""Write the model files that later versions must load.

``python -m tests.persistence.make_fixture`` writes those that are missing. A file that
is there stays as it is for ever; a release, or a new entry, adds one to `MODELS`.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd

import skl_lstm
from skl_lstm import GRUForecaster, LSTMForecaster
from tests.persistence import SMALL, fitted_attributes, make_panel

FOLDER = Path(__file__).parent / "released"
INDEX = pd.period_range("2020-01", periods=60, freq="M", name="month")
VALUES = 5 + np.sin(np.arange(60) / 3) + np.cos(np.arange(60)) / 5
Y = pd.Series(VALUES, index=INDEX, name="sales")
X = pd.DataFrame(
    {"known": np.cos(VALUES), "word": ["yes", "no", "so"] * 20}, index=INDEX
)


def make_plain():
    """Fit a series: logarithm, two networks, Theta."""
    changes = {"y_transform": "log", "n_estimators": 2, "theta_share": 0.4, "sp": 12}
    return LSTMForecaster(**(SMALL | changes)).fit(Y[:50], fh=[1, 2])


def make_exogenous():
    """Fit a series on numbers and categories, with a trained quantile head."""
    changes = {"units": (3, 2), "intervals": "quantile", "early_stopping": True}
    changes |= {"validation_fraction": 0.4, "X_treatment": {"word": "shifted"}}
    return GRUForecaster(**(SMALL | changes)).fit(y=Y[:50], X=X[:50], fh=[1, 2])


def make_pretrained_panel():
    """Fit a panel with a network that was pretrained on another."""
    days = pd.date_range("2020", periods=30, freq="D")
    pretrained = LSTMForecaster(**SMALL).pretrain(2 * make_panel(days), fh=[1, 2])
    return pretrained.fit(make_panel(days), fh=[1, 2])


def make_regressor():
    """Fit rows in scikit-learn's convention."""
    frame = X[["known"]].assign(other=VALUES[::-1])
    return GRUForecaster(**SMALL, scaler="robust").fit(frame[:50], VALUES[:50])


def make_known_columns():
    """Fit a series with a transfer function, and growth over a long horizon."""
    known = X[["known"]]
    y = Y + 3 * known["known"] + 0.2 * np.arange(60)
    return LSTMForecaster(**SMALL).fit(y=y[:50], X=known[:50], fh=[1, 30])


def make_growing():
    """Fit a series that grows, with a trend that is rolled on."""
    rows = np.arange(300)
    y = pd.Series(rows / 5 + np.sin(rows / 2) + np.cos(rows) / 3)
    return LSTMForecaster(**SMALL, sp=1).fit(y, fh=[1, 40])


def make_seasonal():
    """Fit a series with two seasons, and bounds."""
    rows = np.arange(240)
    y = pd.Series(9 + np.sin(rows * np.pi / 2) + 2 * np.cos(rows * np.pi / 6))
    y += np.sin(rows**2) / 3
    changes = {"sp": (4, 12), "bounds": (0, None), "y_transform": "log"}
    return GRUForecaster(**(SMALL | changes)).fit(y, fh=[1, 2, 3, 4])


def make_forgetting():
    """Fit a series whose past counts less and less."""
    return LSTMForecaster(**SMALL, halflife=12.0).fit(Y[:50], fh=[1, 2])


MODELS = {
    "2-plain": make_plain,
    "2-exogenous": make_exogenous,
    "2-pretrained-panel": make_pretrained_panel,
    "2-regressor": make_regressor,
    "2-known-columns": make_known_columns,
    "2-growing": make_growing,
    "2-seasonal": make_seasonal,
    "2-forgetting": make_forgetting,
}


def ask(estimator, name):
    """Ask a model for everything that it says of itself and of the future."""
    answers = {n: describe(v) for n, v in fitted_attributes(estimator).items()}
    for parameter, value in estimator.get_fitted_params().items():
        answers[f"fitted parameter {parameter}"] = describe(value)
    if name.endswith("regressor"):
        rows = X[["known"]].assign(other=VALUES[::-1])[50:]
        return answers | {"std": describe(estimator.predict(rows, return_std=True))}
    ahead = {"fh": [1, 2, 5]}
    if name.endswith("exogenous"):
        ahead["X"] = X[50:55]
    if name.endswith("columns"):
        ahead["X"] = X[["known"]][50:55]
    answers["forecast"] = describe(estimator.predict(**ahead))
    answers["interval"] = describe(estimator.predict_interval(**ahead))
    return answers | {"cutoff": str(estimator.cutoff[0])}


def describe(value):
    """Turn an answer into numbers and text."""
    if isinstance(value, dict):
        return {str(name): describe(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [describe(item) for item in value]
    if isinstance(value, (pd.Series, pd.DataFrame)):
        labels = [[str(label) for label in value.index]]
        return [*labels, value.to_numpy().tolist()]
    if isinstance(value, (np.ndarray, np.generic)):
        return value.tolist()
    return value if isinstance(value, (int, float, str)) else repr(value)


def main():
    """Write the files that are missing, and beside each what its model says."""
    for name, make in MODELS.items():
        path = FOLDER / f"{name}.model"
        if path.exists():
            continue
        skl_lstm.save_model(make(), path)
        answers = ask(skl_lstm.load_model(path), name)
        path.with_suffix(".json").write_text(json.dumps(answers, indent=1) + "\n")


if __name__ == "__main__":
    main()
