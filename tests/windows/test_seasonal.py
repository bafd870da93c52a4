"""Seasonal anchors, maps and the decoder's rows, against loops written out."""

import numpy as np
import pytest

from skl_lstm._windows.rows import Rows
from skl_lstm._windows.seasonal import (
    Anchor,
    SeasonalMap,
    anchor_values,
    climate_columns,
    count_inputs,
    inputs_of,
    lags_of,
    periods_of,
    phases_of,
)

SEASONS = (4, 12)


def make_rows(lengths=(60,), n_outputs=1, starts=None, seed=0):
    """Return random rows of some series, one below the other."""
    rng = np.random.default_rng(seed)
    starts = starts or [0] * len(lengths)
    first = np.cumsum([0, *lengths[:-1]])
    return Rows(
        rng.normal(size=(sum(lengths), n_outputs)),
        np.repeat(first, lengths),
        np.concatenate(
            [s + np.arange(n) for s, n in zip(starts, lengths, strict=True)]
        ),
        np.repeat(np.arange(len(lengths)), lengths),
    )


@pytest.mark.parametrize("horizon", [1, 4, 5, 9, 30])
@pytest.mark.parametrize("period", SEASONS)
@pytest.mark.parametrize("decay", [1.0, 0.85])
def test_an_anchor_is_the_weighted_mean_of_rows_that_are_known_ahead(
    horizon, period, decay
):
    rows, n_seasons = make_rows(), 3
    anchor = Anchor(period, n_seasons, decay)
    at = np.arange(len(rows.y))
    found = anchor_values(anchor, SEASONS, horizon, rows, at)[:, 0]
    nearest = -(-horizon // period)
    for row in at:
        lags = [period * (nearest + k) for k in range(n_seasons)]
        pairs = [(decay**k, row - lag) for k, lag in enumerate(lags) if row >= lag]
        total = sum(w for w, _ in pairs)
        expected = sum(w * rows.y[r, 0] for w, r in pairs) / total if pairs else 0.0
        assert found[row] == pytest.approx(expected)


def test_unknown_rows_count_for_nothing_in_an_anchor():
    rows = make_rows()
    rows.y[20] = np.nan
    found = anchor_values(Anchor(4, 2), SEASONS, 4, rows, np.array([24, 28, 40]))
    assert found[0, 0] == pytest.approx(rows.y[16, 0])
    assert found[1, 0] == pytest.approx(rows.y[24, 0])
    assert np.isfinite(found).all()


@pytest.mark.parametrize("horizon", [1, 4, 7, 13, 30])
def test_no_input_reads_a_row_from_the_origin_on(horizon):
    rows, origins = make_rows((90,), n_outputs=2), np.array([40, 57, 60])
    form = SeasonalMap(SEASONS, horizon, 3, True)
    for anchor in (Anchor(4, 1), Anchor(4, 7), Anchor(12, 4), Anchor(12, 20, 0.85)):
        inputs, base = inputs_of(form, anchor, rows, origins)
        for k, origin in enumerate(origins):
            later = rows._replace(y=rows.y.copy())
            later.y[origin:] = np.nan
            after, base_after = inputs_of(form, anchor, later, origins)
            np.testing.assert_array_equal(after[k], inputs[k])
            np.testing.assert_array_equal(base_after[k], base[k])


def test_each_series_reads_its_own_rows():
    both = make_rows((50, 60), starts=[0, 3])
    second = Rows(
        both.y[50:], both.first[50:] - 50, both.clock[50:], both.series[50:] - 1
    )
    form, anchor = SeasonalMap(SEASONS, 4, 3, True), Anchor(12, 20, 0.85)
    here, base = inputs_of(form, anchor, both, np.array([65, 80]))
    alone, base_alone = inputs_of(form, anchor, second, np.array([15, 30]))
    np.testing.assert_array_equal(here, alone)
    np.testing.assert_array_equal(base, base_alone)


def test_few_origins_and_many_are_looked_up_alike():
    rows, form = make_rows((80,)), SeasonalMap(SEASONS, 4, 3, True)
    many = np.arange(20, 70)
    inputs, base = inputs_of(form, Anchor(12, 2), rows, many)
    one, base_one = inputs_of(form, Anchor(12, 2), rows, many[17:18])
    np.testing.assert_array_equal(inputs[17], one[0])
    np.testing.assert_array_equal(base[17], base_one[0])
    assert inputs.shape[2] == count_inputs(form, 0)


def test_known_columns_enter_with_their_own_row():
    rows = make_rows((80,))._replace(X=np.arange(80.0)[:, None])
    form, origins = SeasonalMap(SEASONS, 4, 3, True), np.array([40])
    inputs, _ = inputs_of(form, Anchor(12, 2), rows, origins)
    now = np.arange(40.0, 44.0)
    # The mean of 12 and 24 rows before.
    np.testing.assert_allclose(inputs[0, :, -3, 0], 18.0)
    squares = now**2 - ((now - 12) ** 2 + (now - 24) ** 2) / 2
    np.testing.assert_allclose(inputs[0, :, -2, 0], squares)
    np.testing.assert_array_equal(inputs[0, :, -1, 0], now)


def test_a_year_is_told_from_seasons_that_are_averaged():
    assert periods_of((24, 168)) == ((24, 168), None)
    assert periods_of((24, 168, 8766)) == ((24, 168), 8766.0)
    assert periods_of((7, 365.25)) == ((7,), 365.25)
    assert periods_of((7,)) == ((7,), None)
    assert lags_of(7, 28, 2) == [28, 35]
    assert lags_of(7, 1, 2) == [7, 14]


def test_phases_and_climate_follow_the_clock():
    clock = np.arange(100)
    np.testing.assert_array_equal(phases_of((4, 12), clock), clock % 4)
    columns = climate_columns((7, 365.25), clock)
    np.testing.assert_array_equal(columns[:, :7].argmax(axis=1), clock % 7)
    assert phases_of((1440, 10080), np.array([0, 1439])).tolist() == [0, 47]
