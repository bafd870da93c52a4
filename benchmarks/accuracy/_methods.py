"""What is compared: each method turns a case into forecasts that the case scores."""

from typing import Any

import numpy as np

from benchmarks.accuracy._cases import OneStep, Origins, Panel

Case = Panel | Origins | OneStep


def forecast_ours(cls: type, case: Case, seed: int, **options: Any) -> Any:
    """Fit with no argument but the seed; forecast as the protocol asks."""
    options = {"random_state": seed} | options
    if isinstance(case, Panel):
        fh = np.arange(1, case.horizon + 1)
        forecaster = cls(**options).fit(case.frame(), fh=fh)
        table = forecaster.predict()["y"].to_numpy().reshape(-1, case.horizon)
        # sktime sorts the names of the series.
        names = forecaster.predict().index.get_level_values(0).unique()
        return dict(zip(names, table, strict=True))
    if isinstance(case, Origins):
        fh = np.arange(1, case.horizon + 1)
        return [
            cls(**options).fit(case.y[:cut], fh=fh).predict().to_numpy()
            for cut in case.cuts()
        ]
    if case.X is not None:
        options |= {"X_treatment": "shifted"}
    n = case.n_train
    X_train, X_test = (None, None) if case.X is None else (case.X[:n], case.X[n:])
    forecaster = cls(**options).fit(y=case.y[:n], X=X_train, fh=[1])
    forecaster.update(case.y[n:], X=X_test, update_params=False)
    predicted = forecaster.predict(fh=np.arange(1 - (len(case.y) - n), 1))
    return np.asarray(predicted).reshape(-1)
