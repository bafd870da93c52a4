"""Both forecasters, both conventions, on data that sktime ships.

Run it with `make demo`, or `python examples/demo.py`. It prints errors beside those of
the naive, the seasonal naive and a linear forecast, and writes pictures to `out/`.
"""

import argparse
import time
import warnings
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sktime.datasets import load_airline, load_uschange
from sktime.forecasting.compose import make_reduction
from sktime.forecasting.naive import NaiveForecaster
from sktime.performance_metrics.forecasting import mean_absolute_scaled_error

from skl_lstm import GRUForecaster, LSTMForecaster
from skl_lstm.plotting import ForecastDisplay, PredictionDisplay, TrainingCurveDisplay

SEED = 0


def forecast_airline(out: Path, epochs: int | str) -> pd.DataFrame:
    """Forecast the last three years, a year at a time, from the data before."""
    y = load_airline()
    forecasters = {
        "naive": NaiveForecaster(),
        "seasonal naive": NaiveForecaster(sp=12),
        "linear, 24 months": make_reduction(
            LinearRegression(), window_length=24, strategy="direct"
        ),
        "LSTMForecaster": LSTMForecaster(epochs=epochs, random_state=SEED),
        "GRUForecaster": GRUForecaster(epochs=epochs, random_state=SEED),
    }
    rows = {}
    for name, forecaster in forecasters.items():
        start, errors = time.perf_counter(), []
        for n_held_out in (36, 24, 12):
            end = len(y) - n_held_out
            train, test = y.iloc[:end], y.iloc[end : end + 12]
            predicted = forecaster.fit(train, fh=range(1, 13)).predict()
            errors.append(
                mean_absolute_scaled_error(test, predicted, y_train=train, sp=12)
            )
        rows[name] = {"MASE": np.mean(errors), "seconds": time.perf_counter() - start}
    lstm = forecasters["LSTMForecaster"]
    shares = ", ".join(f"{part} {s:.0%}" for part, s in lstm.components_.items())
    print(f"Parts of the last forecast of LSTMForecaster: {shares}")
    display = ForecastDisplay.from_estimator(lstm, y=train.iloc[-48:], y_true=test)
    display.figure_.savefig(out / "airline_forecast.png", dpi=120)
    TrainingCurveDisplay.from_estimator(lstm).figure_.savefig(
        out / "airline_training.png", dpi=120
    )
    return pd.DataFrame(rows).T


def predict_consumption(out: Path, epochs: int | str) -> pd.DataFrame:
    """Predict the change of US consumption, quarter by quarter, in both conventions.

    The columns of X are the changes of income, production, savings and unemployment
    in the same quarter. scikit-learn's convention predicts each row of the last five
    years from X up to it; with `autoregressive=True`, and in sktime's convention,
    consumption's own past joins in and all quarters are forecast at once.
    """
    y, X = load_uschange()
    train, test = slice(None, -20), slice(-20, None)
    truth, fh = y.iloc[test], range(1, 21)
    previous = y.shift().iloc[test]
    rows = {
        "naive": {"MAE": mean_absolute_error(truth, np.full(20, y.iloc[-21]))},
        "previous quarter, one step": {"MAE": mean_absolute_error(truth, previous)},
        "seasonal naive": {
            "MAE": mean_absolute_error(truth, np.tile(y.iloc[-24:-20], 5))
        },
        "linear": {
            "MAE": mean_absolute_error(
                truth, LinearRegression().fit(X[train], y[train]).predict(X[test])
            )
        },
    }
    for cls in (LSTMForecaster, GRUForecaster):
        options = {"epochs": epochs, "random_state": SEED}
        for title, estimator in {
            f"{cls.__name__}, X to y": cls(**options),
            f"{cls.__name__}, autoregressive": cls(autoregressive=True, **options),
        }.items():
            start = time.perf_counter()
            model = make_pipeline(StandardScaler(), estimator).fit(X[train], y[train])
            predicted = model.predict(X[test])
            if not estimator.autoregressive:
                display = PredictionDisplay.from_predictions(truth, predicted)
            rows[title] = {
                "MAE": mean_absolute_error(truth, predicted),
                "seconds": time.perf_counter() - start,
            }
        start = time.perf_counter()
        forecast = cls(**options).fit(y[train], X=X[train], fh=fh).predict(X=X[test])
        rows[f"{cls.__name__}, sktime's convention"] = {
            "MAE": mean_absolute_error(truth, forecast),
            "seconds": time.perf_counter() - start,
        }
    display.figure_.savefig(out / "consumption.png", dpi=120)
    return pd.DataFrame(rows).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--epochs", default="auto", help="epochs of each fit")
    parser.add_argument("--out", type=Path, default=Path("out"))
    options = parser.parse_args()
    epochs = options.epochs if options.epochs == "auto" else int(options.epochs)
    mpl.use("Agg")
    options.out.mkdir(exist_ok=True)
    form = {"float_format": "{:.3f}".format, "na_rep": ""}
    # sktime warns of its own next version, and switches filters of warnings back on.
    with warnings.catch_warnings(record=True):
        print("Airline passengers, 12 months ahead from three origins (MASE):")
        print(forecast_airline(options.out, epochs).to_string(**form))
        print("\nChange of US consumption in %, last 20 quarters (MAE):")
        print(predict_consumption(options.out, epochs).to_string(**form))
    print(
        "'X to y' predicts each quarter from the columns of that quarter; "
        "'autoregressive' and sktime's\nconvention forecast all 20 quarters at once, "
        "from these columns and from consumption before."
    )
    pictures = ", ".join(sorted(p.name for p in options.out.glob("*.png")))
    print(f"\nPictures in {options.out}/: {pictures}")


if __name__ == "__main__":
    main()
