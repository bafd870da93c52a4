import numpy as np
import pytest

from skl_lstm.datasets import make_noisy_sine


def test_values_are_a_sine_and_noise():
    y = make_noisy_sine(n_samples=5_000, noise=0.2, stop=30.0, random_state=0)
    errors = y - np.sin(np.linspace(0, 30, 5_000))
    assert errors.std() == pytest.approx(0.2, rel=0.05)
    assert errors.mean() == pytest.approx(0.0, abs=0.02)


def test_without_noise_the_sine_is_exact():
    y = make_noisy_sine(n_samples=3, noise=0, stop=np.pi)
    np.testing.assert_allclose(y, [0, 1, 0], atol=1e-15)


def test_random_state_decides_the_noise():
    assert make_noisy_sine(random_state=1).equals(make_noisy_sine(random_state=1))
    assert not make_noisy_sine(random_state=1).equals(make_noisy_sine(random_state=2))


def test_global_random_state_is_left_alone():
    before = np.random.get_state()[1].copy()
    make_noisy_sine(random_state=0)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize(
    "options",
    [
        {"n_samples": 0},
        {"n_samples": 2.5},
        {"noise": -1},
        {"stop": 0},
        {"stop": np.inf},
    ],
)
def test_bad_parameters(options):
    with pytest.raises(ValueError, match=f"`{next(iter(options))}` must be"):
        make_noisy_sine(**options)
