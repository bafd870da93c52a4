"""Which of scikit-learn's splitters and meta-estimators keep rows at their time.

    python -m benchmarks.metaestimators [--only Stacking] [--write PAGE]

Each is run on a made-up series, which grows by 3 a month: an answer for the wrong
month is off by 3 for each month of the mistake. `autoregressive=False` gets a series
without a trend, which its columns could not say; it depends on a row two months before.
"""

import argparse
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostRegressor,
    BaggingRegressor,
    StackingRegressor,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import (
    GridSearchCV,
    HalvingGridSearchCV,
    KFold,
    TimeSeriesSplit,
    cross_val_predict,
    cross_val_score,
    cross_validate,
    learning_curve,
    train_test_split,
)
from sklearn.multioutput import MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from skl_lstm import LSTMForecaster

N_ROWS, N_TEST, SLOPE = 120, 24, 3.0
# Predictions of the right rows are off by less, with `autoregressive` and without.
MOST_OFF = {True: 30.0, False: 6.0}
ERROR = "neg_mean_absolute_error"
FOLDS = TimeSeriesSplit(3, test_size=N_TEST)
NOT_SEEN = "Rows of arrays have no time that could tell."


class Tool(NamedTuple):
    """A splitter or meta-estimator: what runs it, returning an error, and why."""

    name: str
    run: Callable[[Any, Any, Any], float]
    why: str


def make_rows(trend: bool) -> tuple[pd.DataFrame, pd.Series]:
    """Return a driver and the season, and a series of them, with a trend or without."""
    t, rng = np.arange(N_ROWS), np.random.default_rng(0)
    index = pd.period_range("2010-01", periods=N_ROWS, freq="M")
    X = pd.DataFrame({"driver": rng.normal(size=N_ROWS)}, index=index)
    X["sin"], X["cos"] = np.sin(t * np.pi / 6), np.cos(t * np.pi / 6)
    y = 100 + 10 * X["sin"] + 5 * X["driver"] + rng.normal(size=N_ROWS)
    lagged = 10 * X["driver"].shift(2, fill_value=0.0)
    return X, y + (SLOPE * t if trend else lagged)


def make_model(autoregressive: bool) -> LSTMForecaster:
    return LSTMForecaster(
        autoregressive=autoregressive, sp=12, units=4, epochs=20, random_state=0
    )


def error_of(model: Any, X: Any, y: Any) -> float:
    """Fit all rows but the last, and predict these."""
    model.fit(X[:-N_TEST], y[:-N_TEST])
    return error(model.predict(X[-N_TEST:]), y[-N_TEST:])


def error(predicted: Any, y: Any) -> float:
    return float(np.abs(np.asarray(predicted).ravel() - np.asarray(y)).mean())


# Splitters -------------------------------------------------------------------------


def score(cv: Any) -> Callable[[Any, Any, Any], float]:
    """Cross-validate; return the error of the worst fold."""

    def run(model: Any, X: Any, y: Any) -> float:
        options: dict = {"cv": cv, "scoring": ERROR, "error_score": "raise"}
        return float(-cross_val_score(model, X, y, **options).min())

    return run


def split(shuffle: bool) -> Callable[[Any, Any, Any], float]:
    def run(model: Any, X: Any, y: Any) -> float:
        parts = train_test_split(X, y, shuffle=shuffle, random_state=0, test_size=0.2)
        model.fit(parts[0], parts[2])
        return error(model.predict(parts[1]), parts[3])

    return run


def predict_folds(model: Any, X: Any, y: Any) -> float:
    return error(cross_val_predict(model, X, y, cv=5), y)


def train_score(model: Any, X: Any, y: Any) -> float:
    options: dict = {"cv": FOLDS, "scoring": ERROR, "error_score": "raise"}
    scores = cross_validate(model, X, y, return_train_score=True, **options)
    return float(-min(scores["train_score"].min(), scores["test_score"].min()))


def curve(model: Any, X: Any, y: Any) -> float:
    options: dict = {"scoring": ERROR, "error_score": "raise"}
    options |= {"cv": TimeSeriesSplit(2, test_size=12), "train_sizes": [0.9, 1.0]}
    _, train, test = learning_curve(model, X, y, **options)
    return float(-min(train.min(), test.min()))


# Searches --------------------------------------------------------------------------


def search(model: Any, X: Any, y: Any) -> float:
    grid = GridSearchCV(
        model, {"units": [2, 4]}, cv=FOLDS, scoring=ERROR, error_score="raise"
    )
    return error_of(grid, X, y)


def halve(**resource: Any) -> Callable[[Any, Any, Any], float]:
    def run(model: Any, X: Any, y: Any) -> float:
        options: dict = {"cv": TimeSeriesSplit(2), "scoring": ERROR, "random_state": 0}
        options |= {"error_score": "raise", **resource}
        found = HalvingGridSearchCV(model, {"units": [2, 4]}, **options)
        off = error_of(found, X, y)
        return float(max(off, -found.cv_results_["mean_test_score"].min()))

    return run


# Meta-estimators -------------------------------------------------------------------


def around(wrap: Callable[[Any], Any]) -> Callable[[Any, Any, Any], float]:
    return lambda model, X, y: error_of(wrap(model), X, y)


def scaled(model: Any, output: str = "default") -> Any:
    return make_pipeline(StandardScaler().set_output(transform=output), model)


def in_columns(model: Any) -> Any:
    columns = ColumnTransformer([("all", StandardScaler(), [0, 1, 2])])
    return make_pipeline(columns, model)


def stack(model: Any, cv: Any = None) -> Any:
    return StackingRegressor([("lstm", model)], LinearRegression(), cv=cv)


def stack_fitted(model: Any, X: Any, y: Any) -> float:
    half = N_ROWS // 2
    fitted = model.fit(X[:half], y[:half])
    stacked = stack(fitted, "prefit").fit(X[half:-N_TEST], y[half:-N_TEST])
    return error(stacked.predict(X[-N_TEST:]), y[-N_TEST:])


def two_targets(model: Any, X: Any, y: Any) -> float:
    both = np.column_stack([y, y])
    model = MultiOutputRegressor(model).fit(X[:-N_TEST], both[:-N_TEST])
    return error(model.predict(X[-N_TEST:])[:, 0], y[-N_TEST:])


# Inspection ------------------------------------------------------------------------


def importance(rows: slice) -> Callable[[Any, Any, Any], float]:
    """Permute a column of noise; return by how much the error grows."""

    def run(model: Any, X: Any, y: Any) -> float:
        noise = np.random.default_rng(1).normal(size=(len(X), 1))
        if isinstance(X, pd.DataFrame):
            X = X.assign(noise=noise)
        else:
            X = np.concatenate([X, noise], axis=1)
        model.fit(X[:-N_TEST], y[:-N_TEST])
        found = permutation_importance(
            model, X[rows], y[rows], scoring=ERROR, n_repeats=3, random_state=0
        )
        return float(abs(found.importances_mean[-1]))

    return run


def dependence(model: Any, X: Any, y: Any) -> float:
    """Ask for the mean prediction of the training rows; return how far it is off."""
    model.fit(X[:-N_TEST], y[:-N_TEST])
    found = partial_dependence(model, X[:-N_TEST], [0], method="brute")
    return float(abs(found["average"].mean() - np.mean(y[:-N_TEST])))


TOOLS = [
    Tool(
        "`TimeSeriesSplit`", score(FOLDS), "Rows to predict follow the training rows."
    ),
    Tool(
        "`TimeSeriesSplit(gap=12)`",
        score(TimeSeriesSplit(2, test_size=12, gap=12)),
        "An index shows the steps left out. Rows of arrays are forecast as if they "
        "followed directly: 12 steps too early.",
    ),
    Tool(
        "`cv=5` (`KFold`, the default)",
        score(5),
        "Training rows stand on both sides. With an index rows between them are "
        "forecast from those before; the first fold has none. " + NOT_SEEN,
    ),
    Tool(
        "`KFold(shuffle=True)`",
        score(KFold(5, shuffle=True, random_state=0)),
        "The folds are sorted, with single rows left out of training. With an index "
        "each stands between the rows it was drawn from. " + NOT_SEEN,
    ),
    Tool("`train_test_split(shuffle=False)`", split(False), "The last rows follow."),
    Tool(
        "`train_test_split` (shuffles by default)",
        split(True),
        "Rows drawn at random are no series. " + NOT_SEEN,
    ),
    Tool("`cross_val_predict(cv=5)`", predict_folds, "As `cv=5`."),
    Tool(
        "`cross_validate(return_train_score=True)`",
        train_score,
        "As many rows with the values of the training rows are these.",
    ),
    Tool(
        "`learning_curve(cv=TimeSeriesSplit)`",
        curve,
        "Smaller sizes leave rows out before the fold: see `gap`.",
    ),
    Tool("`GridSearchCV(cv=TimeSeriesSplit)`", search, "As `TimeSeriesSplit`."),
    Tool(
        '`HalvingGridSearchCV(resource="epochs")`',
        halve(resource="epochs", min_resources=5, max_resources=10),
        "As `TimeSeriesSplit`.",
    ),
    Tool(
        "`HalvingGridSearchCV` by samples (its default)",
        halve(min_resources=40),
        "It draws rows at random. " + NOT_SEEN,
    ),
    Tool(
        "`Pipeline` with a scaler",
        around(scaled),
        "The calendar of y stays; test rows follow the training rows.",
    ),
    Tool(
        '`Pipeline`, `set_output(transform="pandas")`',
        around(lambda model: scaled(model, "pandas")),
        "The index of X stays, too.",
    ),
    Tool("`ColumnTransformer`", around(in_columns), "As `Pipeline`."),
    Tool(
        "`cv=5` behind a scaler",
        lambda model, X, y: score(5)(scaled(model), X, y),
        "The calendar of y shows that rows are left out, but not that these are they: "
        '`set_output(transform="pandas")`. ' + NOT_SEEN,
    ),
    Tool(
        "`TransformedTargetRegressor`",
        around(lambda m: TransformedTargetRegressor(m, transformer=StandardScaler())),
        "Rows stay in order.",
    ),
    Tool("`MultiOutputRegressor`", two_targets, "Rows stay in order."),
    Tool(
        "`VotingRegressor`",
        around(lambda model: VotingRegressor([("lstm", model)])),
        "Rows stay in order.",
    ),
    Tool(
        "`StackingRegressor` (`cv=5` by default)",
        around(stack),
        'It learns from `cross_val_predict(cv=5)`. Use `cv="prefit"`.',
    ),
    Tool(
        '`StackingRegressor(cv="prefit")`',
        stack_fitted,
        "The fitted estimator predicts rows that follow its own. Rows of arrays are "
        "forecast as if they followed directly.",
    ),
    Tool(
        "`BaggingRegressor`",
        around(lambda model: BaggingRegressor(model, 3, random_state=0)),
        "It passes what it draws as weights: rows stay in order.",
    ),
    Tool(
        "`AdaBoostRegressor`",
        around(lambda model: AdaBoostRegressor(model, n_estimators=3, random_state=0)),
        "It draws rows at random and takes their index away. Use `n_estimators`.",
    ),
    Tool(
        "`permutation_importance`, rows that follow",
        importance(slice(-N_TEST, None)),
        "Rows stay in order.",
    ),
    Tool(
        "`permutation_importance`, training rows",
        importance(slice(None, -N_TEST)),
        "With one column permuted they are still the training rows.",
    ),
    Tool(
        "`partial_dependence`, training rows",
        dependence,
        "With a column held constant, only an index tells that they are these.",
    ),
]
KINDS = {"calendar": "frames with a calendar", "arrays": "arrays"}


# The table -------------------------------------------------------------------------


def outcome(tool: Tool, autoregressive: bool, kind: str) -> str:
    """Run a tool; say whether rows stood at their time, and the error."""
    X, y = make_rows(trend=autoregressive)
    data = (X, y) if kind == "calendar" else (X.to_numpy(), y.to_numpy())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            off = tool.run(make_model(autoregressive), *data)
        except ValueError as problem:
            if "in chronological order" in str(problem):
                return "refused: shuffled"
            if "before the training rows" in str(problem):
                return "refused: no past"
            if "leave out" in str(problem):
                return "refused: no time"
            raise
    verdict = "works" if off < MOST_OFF[autoregressive] else "**wrong rows**"
    warned = any("LSTMForecaster:" in str(w.message) for w in caught)
    return f"{verdict}{', warns' if warned else ''} ({off:.1f})"


def table(only: str) -> Iterator[str]:
    """Run the tools; yield the lines of the table."""
    columns = [(a, k) for a in (True, False) for k in KINDS]
    yield "| | " + " | ".join(f"`{a}`, {KINDS[k]}" for a, k in columns) + " | why |"
    yield "|---" * (len(columns) + 2) + "|"
    for tool in TOOLS:
        if only.lower() in tool.name.lower():
            cells = [outcome(tool, *column) for column in columns]
            yield f"| {tool.name} | {' | '.join(cells)} | {tool.why} |"


PAGE = """\
# Meta-estimators and splitters

scikit-learn's tools know nothing of time. Those that keep rows in order work; those
that draw rows at random, or train on rows on both sides of those predicted, cannot,
or only with an index that says when rows are.

Columns are the values of `autoregressive` and what X and y are; in parentheses stands
the mean absolute error, of the worst fold where there are several. With
`autoregressive` the series grows by {slope:.0f} a month: an answer for the wrong
month is off by {slope:.0f} for each month of the mistake. Without, the place of a row
decides only which rows stand before the first windows, and the series depends on a
row two months before. For importances the figure is how much noise counts. "Refused"
is a `ValueError` that says why. "Works" means an error below 30 with `autoregressive`
and below 6 without, chosen so that answers for the wrong rows lie above; it does not
prove the place of each row, which tests do.

`python -m benchmarks.metaestimators --write docs/metaestimators.md` runs all of them
and writes this page:

{table}

**Where an index tells it**: rows of DataFrames with dates, periods or numbers as
index. Behind a transformer, `set_output(transform="pandas")` keeps it; without, the
calendar of y still gives the season, and shuffled rows are refused. Where nothing has
an index, rows are forecast as if they followed the training rows, unless they are
these rows ([the rule](conventions.md#where-rows-stand)).
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", default="", help="part of a name")
    parser.add_argument("--write", type=Path, help="page to write")
    options = parser.parse_args()
    lines = []
    for line in table(options.only):
        lines.append(line)
        print(line, flush=True)
    if options.write:
        page = PAGE.format(slope=SLOPE, table="\n".join(lines))
        options.write.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
