"""Errors of panels in units of their series."""

import numpy as np
import pandas as pd
import pytest

from skl_lstm import LSTMForecaster, load_model, save_model
from skl_lstm._intervals.conformal import Residuals
from skl_lstm._intervals.quantile_head import KnownErrors
from skl_lstm._intervals.spreads import Spreads, fit_spreads
from skl_lstm._windows.assembly import Assembly

HORIZON = 4
STARTS = 1_000 * np.arange(8)
TRUE = np.geomspace(0.4, 2.5, 8)
LEVELS = [0.1, 0.5, 0.9]


def draw_errors(spreads, n_windows, first=0, seed=0):
    """Return errors of windows that do not overlap, as many in each series."""
    rng = np.random.default_rng(seed)
    within = first + HORIZON * np.arange(n_windows)
    origins = np.concatenate([start + within for start in STARTS[: len(spreads)]])
    noise = rng.standard_normal((len(origins), HORIZON, 1))
    errors = noise * np.repeat(spreads, n_windows)[:, None, None]
    return KnownErrors(origins, errors, np.ones((len(origins), HORIZON)))


def fit(trained, held_out, n_series=8):
    starts = STARTS[:n_series]
    return fit_spreads(
        Assembly(None, starts, np.zeros((n_series, 1))), trained, held_out
    )


def test_spreads_are_those_of_the_series():
    found = fit(draw_errors(TRUE, 60), draw_errors(TRUE, 20, 500, seed=1))
    np.testing.assert_allclose(found.values[:, 0], TRUE / TRUE.mean(), rtol=0.15)
    np.testing.assert_array_equal(found.series, np.repeat(np.arange(8), 20))


def test_a_series_without_windows_has_the_pooled_spread_and_few_are_shrunk():
    trained = draw_errors(TRUE, 60)
    number = trained.origins // 1_000
    kept = (number > 1) | ((number == 1) & (trained.origins % 1_000 == 0))
    trained = KnownErrors(*(part[kept] for part in trained))
    found = fit(trained, draw_errors(TRUE, 20, 500, seed=1)).values[:, 0]
    assert found[0] == 1.0
    pooled = np.abs(trained.errors).mean()
    one = np.abs(trained.errors[0]).mean() / pooled
    assert found[1] == pytest.approx((one + 1) / 2)


def test_spreads_that_do_not_last_are_not_used():
    held_out = draw_errors(TRUE[[3, 6, 1, 4, 7, 2, 5, 0]], 20, 500, seed=1)
    assert fit(draw_errors(TRUE, 60), held_out) is None
    equal = np.ones(8)
    assert fit(draw_errors(equal, 2), draw_errors(equal, 9, 500, seed=1)) is None
    few = draw_errors(TRUE[-4:], 60), draw_errors(TRUE[-4:], 20, 500, seed=1)
    assert fit(*few, n_series=4) is None


def test_weights_and_missing_targets_count_for_nothing():
    trained, held_out = draw_errors(TRUE, 60), draw_errors(TRUE, 20, 500, seed=1)
    plain = fit(trained, held_out)
    # Far errors without weight, and one window without any target.
    far = trained.errors.copy()
    far[::2] = 99.0
    off = np.where(np.arange(len(far)) % 2, 1.0, 0.0)[:, None]
    far[0] = np.nan
    found = fit(KnownErrors(trained.origins, far, trained.weights * off), held_out)
    np.testing.assert_allclose(found.values, plain.values, rtol=0.25)


def test_quantiles_and_draws_are_in_units_of_the_series():
    held_out = draw_errors(TRUE, 400)
    series = np.repeat(np.arange(8), 400)
    spreads = Spreads(TRUE[:, None], series)
    scores = (held_out.errors / TRUE[series][:, None, None]).astype("float32")
    residuals = Residuals(scores, True, spreads=spreads)
    asked, steps = np.array([0, 7, 8]), np.array([0, 1])
    found = residuals.errors(None, asked, asked, LEVELS, steps)
    assert found.shape == (3, 2, 1, 3)
    np.testing.assert_allclose(found[0] * TRUE[7], found[1] * TRUE[0])
    # A new series may be any of them.
    pooled = np.quantile(held_out.errors[:, 0], LEVELS)
    np.testing.assert_allclose(found[2, 0, 0], pooled, atol=0.1)
    rng = np.random.default_rng(0)
    drawn = residuals.draw((2_000, 3), rng, asked)
    expected = [TRUE[0], TRUE[7], held_out.errors.std()]
    np.testing.assert_allclose(drawn.std(axis=(0, 2, 3)), expected, rtol=0.1)


# Through the estimator -----------------------------------------------------------

NOISE = {f"quiet {i}": 0.05 for i in range(4)} | {f"wild {i}": 0.4 for i in range(4)}
FH = [1, 2, 8]


def make_panel(n_rows=90):
    rng, t = np.random.default_rng(0), np.arange(n_rows)
    series = {
        name: pd.Series(np.sin(0.6 * t) + noise * rng.standard_normal(n_rows))
        for name, noise in NOISE.items()
    }
    return pd.concat(series, names=["series", "time"]).to_frame("y")


def make_forecaster(**options):
    return LSTMForecaster(
        units=3, epochs=3, window_length=12, horizon=6, random_state=0, **options
    )


@pytest.fixture(scope="module", params=["conformal", "quantile"])
def forecaster(request):
    return make_forecaster(intervals=request.param).fit(make_panel(), fh=FH)


def widths_of(quantiles):
    table = quantiles.to_numpy()
    by_series = pd.Series(table[:, -1] - table[:, 0], quantiles.index)
    return by_series.groupby(level="series").mean()


def test_quiet_series_have_narrow_intervals(forecaster):
    widths = widths_of(forecaster.predict_quantiles(alpha=LEVELS))
    assert widths[:4].max() < 0.5 * widths[4:].min()
    paths = forecaster.simulate(200, fh=[2, 8], random_state=0)["y"]
    spread = paths.groupby(level=["series", "time"]).std().groupby(level="series")
    assert spread.mean()[:4].max() < 0.5 * spread.mean()[4:].min()
    inside = forecaster.predict_quantiles(fh=[-1, 0], alpha=LEVELS)
    assert widths_of(inside)[:4].max() < 0.5 * widths_of(inside)[4:].min()


def test_a_file_and_an_update_keep_the_spreads(forecaster, tmp_path):
    expected = forecaster.predict_quantiles(alpha=LEVELS)
    save_model(forecaster, tmp_path / "panel.model")
    loaded = load_model(tmp_path / "panel.model")
    pd.testing.assert_frame_equal(loaded.predict_quantiles(alpha=LEVELS), expected)
    panel = make_panel(96)
    later = panel[panel.index.get_level_values("time") >= 90]
    new = panel.loc[["wild 0"]].rename({"wild 0": "another"})
    loaded.update(pd.concat([later, new]).sort_index(), update_params=False)
    widths = widths_of(loaded.predict_quantiles(fh=[1], alpha=LEVELS))
    assert widths["quiet 0"] < 0.5 * widths["wild 0"]
    # Of a new series it is not known whether it is quiet.
    assert widths["another"] > widths["quiet 0"]


def test_pretrained_networks_know_nothing_of_new_series():
    forecaster = make_forecaster(pretrain_mode="frozen")
    panel = make_panel()
    forecaster.pretrain(panel, fh=FH)
    y = panel.loc["wild 0", "y"]
    alone = forecaster.fit(y, fh=FH)
    residuals = alone._fitted.residuals()
    assert residuals.spreads is None
    # Errors as they were: of quiet series and of wild ones.
    kept = forecaster.pretrained_model_.calibration.residuals
    raw = kept.scores * kept.spreads.of_windows[:, None]
    np.testing.assert_allclose(residuals.scores, raw, rtol=1e-5)
