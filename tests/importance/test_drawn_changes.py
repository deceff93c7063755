"""Means from some images of each pair: right on average, exact at the end, with true errors."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_freq.importance.drawn_changes import (
    Draws,
    estimates,
    first_images,
    image_sizes,
    usual_changes,
)


def drawn(changes, sizes, pairs, times, seed=0):
    """`Draws` of some pairs of the changes `(N, P)`."""
    draws = Draws(changes.shape[1], sizes, [seed])
    items = draws.next_items(np.asarray(pairs), np.asarray(times))
    draws.add(items, changes[tuple(items.T)])
    return draws


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_the_mean_of_all_images_is_exact(count, seed):
    rng = np.random.default_rng(seed)
    changes, sizes = rng.normal(size=(count, 3)), rng.uniform(0.01, 1, size=count)
    draws = drawn(changes, sizes, [2, 0], [count + 5, count], seed)
    mean, error, square = draws.means()
    np.testing.assert_allclose(mean[[0, 2]], changes.mean(axis=0)[[0, 2]], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(square[[0, 2]], (changes**2).mean(axis=0)[[0, 2]])
    assert draws.number.tolist() == [count, 0, count]
    assert (error == 0).all() and mean[1] == 0


def test_draws_are_right_on_average_and_so_are_their_errors():
    rng = np.random.default_rng(1)
    count, repeats = 60, 4000
    sizes = rng.uniform(0.05, 1, size=count)
    changes = sizes * rng.normal(1, 0.4, size=count)  # large images change more
    repeated = np.repeat(changes[:, None], repeats, axis=1)
    draws = drawn(repeated, sizes, np.arange(repeats), np.full(repeats, 12))
    mean, error, square = draws.means()
    truth, spread = changes.mean(), mean.std()
    assert mean.mean() == pytest.approx(truth, abs=4 * spread / np.sqrt(repeats))
    assert error.mean() == pytest.approx(spread**2, rel=0.1)
    assert square.mean() == pytest.approx((changes**2).mean(), rel=0.05)
    # Without sizes, twelve of sixty images have a larger error.
    assert spread < 0.8 * changes.std() / np.sqrt(12) * np.sqrt(48 / 59)


def test_more_images_of_a_pair_go_on_where_it_was():
    sizes = np.random.default_rng(0).uniform(0.1, 1, size=50)
    few, _ = first_images(sizes, 7, np.random.default_rng(3))
    more, until = first_images(sizes, 20, np.random.default_rng(3))
    assert more[:7].tolist() == few.tolist()
    assert len(set(more)) == 20 and np.isfinite(until)
    draws = Draws(2, sizes, [0])
    first, second = (draws.next_items(np.array([1]), np.array([9])) for _ in range(2))
    assert len(np.unique(np.concatenate([first, second]), axis=0)) == 18
    assert (np.diff(first[:, 0]) > 0).all()


def test_doubted_images_are_large_and_none_is_without_a_chance():
    sizes = image_sizes(np.array([0.0, 1e-9, 0.7, 8.0]))
    assert (np.diff(sizes) >= 0).all() and sizes[0] > 0.1 * sizes.mean()
    assert (image_sizes(np.zeros(3)) == 1).all()


def population(rng, count=300, pairs=1500, spread=0.3):
    """Changes whose usual mean, and pairs' differences, fall with the radius by powers of ten."""
    radii = np.sort(rng.uniform(0, 60, size=pairs))
    scale = (1 + radii) ** -2 * np.exp(rng.normal(0, 0.3, size=pairs))
    sizes = rng.exponential(size=count) + 0.05
    means = (0.3 + 0.5 / (1 + radii)) + spread * rng.normal(size=pairs)
    noise = rng.standard_t(5, size=(count, pairs))
    return radii, scale, sizes, scale * sizes[:, None] * (means + 2 * noise)


@pytest.mark.parametrize("spread", [0.0, 0.3, 2.0])
def test_errors_are_true_whether_pairs_differ_or_not(spread):
    units = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        radii, scale, sizes, changes = population(rng, spread=spread)
        pilot = rng.choice(1500, 120, replace=False)
        others = np.setdiff1d(rng.choice(1500, 600, replace=False), pilot)
        times = np.concatenate([np.full(120, 48), rng.integers(2, 60, size=len(others))])
        draws = drawn(changes, sizes, np.concatenate([pilot, others]), times, seed)
        usual = usual_changes(draws, scale, pilot, radii)
        values, stderr, weight, *_ = estimates(draws, usual, scale)
        assert (weight[draws.number == 0] == 0).all() and (weight <= 1).all()
        units.append((values - changes.mean(axis=0)) / stderr)
    units = np.concatenate(units)
    assert 0.8 < np.sqrt((units**2).mean()) < 1.1
    assert 0.94 < (abs(units) < 2).mean() < 0.985


def test_estimates_are_nearer_than_the_draws_alone_and_than_the_usual_mean():
    rng = np.random.default_rng(0)
    radii, scale, sizes, changes = population(rng)
    draws = drawn(changes, sizes, np.arange(1500), np.full(1500, 30))
    usual = usual_changes(draws, scale, np.arange(0, 1500, 10), radii)
    values = estimates(draws, usual, scale)[0]
    error = [np.std((one - changes.mean(axis=0)) / scale) for one in (values, draws.means()[0])]
    prior = np.std(usual.mean - changes.mean(axis=0) / scale)
    assert error[0] < 0.9 * error[1] and error[0] < 0.9 * prior


def test_a_pair_unlike_its_radius_keeps_its_own_mean():
    rng = np.random.default_rng(0)
    radii, scale, sizes, changes = population(rng)
    changes[:, 700] += 30 * scale[700]
    pilot = np.setdiff1d(rng.choice(1500, 120, replace=False), 700)
    times = np.append(np.full(len(pilot), 48), 40)
    draws = drawn(changes, sizes, np.append(pilot, 700), times)
    usual = usual_changes(draws, scale, pilot, radii)
    values, stderr, weight, *_ = estimates(draws, usual, scale)
    assert weight[700] > 0.9
    assert abs(values[700] - changes[:, 700].mean()) < 3 * stderr[700]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_images_are_no_trouble(count):
    rng = np.random.default_rng(0)
    radii, scale, sizes, changes = population(rng, count=count)
    pilot = rng.choice(1500, 100, replace=False)
    draws = drawn(changes, sizes, pilot, np.full(100, min(2, count)))
    usual = usual_changes(draws, scale, pilot, radii)
    values, stderr, *_ = estimates(draws, usual, scale)
    assert np.isfinite(values).all() and np.isfinite(stderr).all()
    if count < 3:
        np.testing.assert_allclose(values[pilot], changes.mean(axis=0)[pilot])
    assert ((stderr[pilot] == 0) == (count < 3)).all()
    assert (stderr[draws.number == 0] > 0).all()
