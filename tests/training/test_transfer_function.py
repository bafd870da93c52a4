"""The effect of known columns is found, whatever noise it hides in, or is not there."""

import numpy as np
import pytest

from skl_lstm._training.transfer_function import fit_transfer_function

N_ROWS = 240


def make_noise(kind, rng, n_rows=N_ROWS):
    shocks = 0.3 * rng.standard_normal(n_rows)
    if kind == "white":
        return shocks
    if kind == "walk":
        return shocks.cumsum()
    noise = np.zeros(n_rows)
    for i in range(1, n_rows):
        noise[i] = 0.8 * noise[i - 1] + shocks[i]
    return noise


def make_case(slope, kind, seed=0, n_rows=N_ROWS):
    """Return a target in units of its spread, two columns, and the slopes in them."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([rng.standard_normal(n_rows), rng.random(n_rows) < 0.3])
    y = 7 + X @ [slope, 2 * slope] + make_noise(kind, rng, n_rows)
    return (
        ((y - y.mean()) / y.std())[:, None],
        X,
        np.array([slope, 2 * slope]) / y.std(),
    )


def fit(y, X, horizon=6):
    return fit_transfer_function([(y, X)], 8, horizon)


@pytest.mark.parametrize("kind", ["white", "ar", "walk"])
@pytest.mark.parametrize("slope", [0.3, 0.5, 1.0])
def test_slopes_come_out_as_they_are(slope, kind):
    y, X, expected = make_case(slope, kind)
    transfer = fit(y, X)
    assert transfer.kinds[0] != "none"
    found = transfer.impulse_response(1)[0, :, 0]
    np.testing.assert_allclose(found, expected, atol=0.2 * np.abs(expected).max())


@pytest.mark.parametrize("kind", ["white", "ar", "walk"])
def test_columns_without_effect_have_next_to_none(kind):
    effects = []
    for seed in range(3):
        y, X, _ = make_case(0.0, kind, seed)
        effects.append(fit(y, X).apply(X).std())
    # In units of the target's spread; most often none at all.
    assert np.median(effects) == 0.0
    assert max(effects) < 0.15


def test_unrelated_random_walks_are_seldom_believed():
    kinds = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        X = rng.standard_normal((N_ROWS, 3)).cumsum(axis=0)
        y = rng.standard_normal((N_ROWS, 1)).cumsum(axis=0)
        kinds += fit((y - y.mean()) / y.std(), X).kinds
    assert kinds.count("none") >= 4


def test_the_day_after_a_promotion_is_found():
    rng = np.random.default_rng(0)
    promotion = (rng.random((N_ROWS, 1)) < 0.15) * 1.0
    y = np.r_[np.zeros((1, 1)), promotion[:-1]] + 0.1 * rng.standard_normal((N_ROWS, 1))
    transfer = fit((y - y.mean()) / y.std(), promotion)
    assert transfer.kinds == ("lags",)
    response = transfer.response[:, 0, 0] * y.std()
    np.testing.assert_allclose(response[:3], [0.0, 1.0, 0.0], atol=0.1)


def test_an_effect_that_goes_on_by_itself_is_found():
    rng, n_rows = np.random.default_rng(5), 400
    x, y = rng.standard_normal((n_rows, 1)), np.zeros((n_rows, 1))
    for i in range(1, n_rows):
        y[i] = 0.9 * y[i - 1] + x[i] + 0.3 * rng.standard_normal()
    transfer = fit((y - y.mean()) / y.std(), x)
    assert transfer.kinds == ("rational",)
    response = transfer.impulse_response(8)[:, 0, 0] * y.std()
    np.testing.assert_allclose(response, 0.9 ** np.arange(8), atol=0.2)


def test_missing_values_leave_the_slope_as_it_is():
    y, X, expected = make_case(1.0, "ar")
    rng = np.random.default_rng(1)
    y[rng.random(y.shape) < 0.1] = np.nan
    X[rng.random(X.shape) < 0.05] = np.nan
    transfer = fit(y, X)
    assert np.isfinite(transfer.apply(X)).all()
    found = transfer.impulse_response(1)[0, :, 0]
    np.testing.assert_allclose(found, expected, atol=0.25 * expected.max())


def test_a_column_that_is_hardly_ever_known_does_not_hide_the_other():
    y, X, expected = make_case(1.0, "white")
    X[10:, 1] = np.nan
    found = fit(y, X).impulse_response(1)[0, :, 0]
    np.testing.assert_allclose(found[0], expected[0], rtol=0.2)


def test_series_of_a_panel_share_the_response_and_filter_by_their_own_noise():
    kinds = ["white", "ar", "walk", "ar", "white", "walk"]
    rng, series = np.random.default_rng(0), []
    for kind in kinds:
        X = rng.standard_normal((40, 1))
        series.append((0.5 * X + make_noise(kind, rng, 40)[:, None], X))
    transfer = fit_transfer_function(series, 8, 4)
    found = transfer.impulse_response(1)[0, 0, 0]
    np.testing.assert_allclose(found, 0.5, atol=0.07)


def test_series_too_short_for_a_window_are_no_obstacle():
    y, X, expected = make_case(1.0, "white")
    series = [(y, X), (y[:1], X[:1]), (y[:5], X[:5])]
    found = fit_transfer_function(series, 8, 6).impulse_response(1)[0, :, 0]
    np.testing.assert_allclose(found, expected, rtol=0.2)


def test_each_target_has_a_response_of_its_own():
    y, X, expected = make_case(1.0, "white")
    other = make_case(0.0, "walk", seed=3)[0]
    transfer = fit(np.concatenate([y, other], axis=1), X)
    assert transfer.response.shape[1:] == (2, 2)
    assert transfer.kinds[0] != "none"
    found = transfer.impulse_response(1)[0, :, 0]
    np.testing.assert_allclose(found, expected, rtol=0.2)
    assert transfer.apply(X)[:, 1].std() < 0.15


def test_many_dummy_columns_are_no_obstacle():
    rng = np.random.default_rng(0)
    group = rng.integers(0, 30, 300)
    effects = rng.standard_normal(30)
    y = (effects[group] + 0.1 * rng.standard_normal(300))[:, None]
    transfer = fit(y, np.eye(30)[group])
    rest = y - transfer.apply(np.eye(30)[group])
    assert rest.std() < 0.3 * y.std()


def test_an_irrelevant_category_hides_no_column():
    # Twenty columns of noise beside two that tell a fifth of the target: by thirty
    # held-out rows alone, often none of them is believed.
    believed = []
    for seed in range(10):
        y, X, _ = make_case(0.15, "white", seed, n_rows=150)
        codes = np.random.default_rng(seed + 100).integers(20, size=150)
        transfer = fit(y, np.column_stack([X, np.eye(20)[codes]]), horizon=10)
        believed.append(transfer.kinds[0] != "none")
    assert all(believed)


def test_a_column_that_never_changed_in_training_has_no_effect():
    y, X, expected = make_case(1.0, "white")
    constant = np.full((N_ROWS, 1), 1e3)
    transfer = fit(y, np.concatenate([X, constant], axis=1))
    np.testing.assert_array_equal(transfer.response[:, 2], 0.0)
    found = transfer.impulse_response(1)[0, :2, 0]
    np.testing.assert_allclose(found, expected, rtol=0.2)
    assert fit(y, constant).kinds == ("none",)


def test_units_and_offsets_of_columns_do_not_matter():
    y, X, _ = make_case(0.5, "ar")
    expected = fit(y, X).apply(X)
    scaled = 1e3 * X - 1e5
    np.testing.assert_allclose(fit(y, scaled).apply(scaled), expected, atol=1e-6)


@pytest.mark.parametrize("n_rows", [1, 2, 5, 12])
def test_a_handful_of_rows_is_no_obstacle(n_rows):
    y, X, _ = make_case(1.0, "white", n_rows=N_ROWS)
    transfer = fit_transfer_function([(y[:n_rows], X[:n_rows])], 4, 2)
    assert np.isfinite(transfer.apply(X)).all()


def test_a_constant_target_has_no_effect():
    _, X, _ = make_case(1.0, "white")
    assert not fit(np.zeros((N_ROWS, 1)), X).apply(X).any()


def test_without_columns_there_is_no_effect():
    y = make_case(1.0, "white")[0]
    transfer = fit(y, np.empty((N_ROWS, 0)))
    assert transfer.apply(np.empty((5, 0))).tolist() == [[0.0]] * 5
