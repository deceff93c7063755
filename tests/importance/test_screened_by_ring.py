"""The screened search's estimates, ring by ring, against the exhaustive search's values."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import keras_freq as kf
from keras_freq.fourier import radius_map
from keras_freq.importance import map_overlap
from keras_freq.importance.ring_prior import ring_prior

SIZE, CLASSES = 32, 3


def photographs(count, seed):
    """Noise with the spectrum of photographs, and a faint wave of its own in each class."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % CLASSES
    noise = np.fft.fft2(rng.normal(size=(count, SIZE, SIZE, 3)), axes=(1, 2))
    falling = np.fft.ifftshift(1 / (1 + radius_map((SIZE, SIZE))))
    images = np.fft.ifft2(noise * falling[:, :, None], axes=(1, 2)).real
    rows, columns = np.mgrid[:SIZE, :SIZE] * 2 * np.pi / SIZE
    waves = np.stack([np.cos(3 * rows), np.cos(6 * columns), np.cos(9 * (rows + columns))])
    images += 0.06 * waves[labels][..., None] * rng.uniform(0, 2, size=(count, 1, 1, 1))
    return np.clip(0.5 + images, 0, 1).astype("float32"), labels


def folded_network():
    """Folds brightness over and over: linear for the faint high frequencies, not for the low.

    Estimates that nothing bounds are impossible in it (2 of one image a class), and their errors
    are up to 4.7 times the signal of a ring.
    """
    keras.utils.set_random_seed(0)
    weights = keras.initializers.RandomNormal(stddev=0.06)
    return keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            layers.Activation(lambda images: ops.sin(25 * images)),
            layers.Conv2D(12, 5, strides=2, activation="relu"),
            layers.Flatten(),
            layers.Dense(CLASSES, "softmax", kernel_initializer=weights),
        ]
    )


def trained_network():
    """A small convolutional network that tells most of the waves."""
    keras.utils.set_random_seed(0)
    conv = {"strides": 2, "activation": "relu", "padding": "same"}
    network = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            layers.Conv2D(12, 5, **conv),
            layers.Conv2D(24, 3, **conv),
            layers.Conv2D(32, 3, **conv),
            layers.Flatten(),
            layers.Dense(CLASSES, "softmax"),
        ]
    )
    network.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy")
    images, labels = photographs(600, seed=1)
    network.fit(images, labels, epochs=6, batch_size=32, verbose=0)
    images, labels = photographs(300, seed=2)
    accuracy = np.mean(np.argmax(network(images), axis=1) == labels)
    assert 0.6 < accuracy < 0.99
    return network


@pytest.fixture(scope="module", params=[trained_network, folded_network])
def network(request):
    return request.param()


@pytest.mark.parametrize(
    "images", [1, 5, *(pytest.param(n, marks=pytest.mark.slow) for n in (20, 50))]
)
def test_estimates_are_possible_better_than_none_and_as_sure_as_they_say(network, images):
    rings = radius_map((SIZE, SIZE)).round()
    errors, values, stderrs, radii = [], [], [], []
    # With few images, several samples of them.
    for seed in range(max(1, 5 // images)):
        data = photographs(CLASSES * images, seed=10 + seed)
        options = {"fractions": (0.05, 0.1), "progress": False}
        exact = kf.frequency_importance(network, data, CLASSES, method="exhaustive", **options)
        found = kf.frequency_importance(network, data, CLASSES, **options)
        predicted = found.search_stderr > 0
        assert 0.2 < predicted.mean() < 0.95
        assert found.evaluations < 0.7 * exact.evaluations
        # Nothing that was evaluated is touched.
        same = found.loss_change[~predicted], exact.loss_change[~predicted]
        np.testing.assert_allclose(*same, rtol=0, atol=2e-6)
        assert (found.loss_change >= -found.base_loss[:, None, None] - 1e-12).all()
        for fraction in found.fractions:
            both = (kf.dominant_frequency_maps(one, fraction) for one in (found, exact))
            assert (map_overlap(*both) > 0.9).all()
        errors.append((found.loss_change - exact.loss_change)[predicted])
        values.append(exact.loss_change[predicted])
        stderrs.append(found.search_stderr[predicted])
        radii.append(np.broadcast_to(rings, predicted.shape)[predicted])
    errors, values, stderrs, radii = map(np.concatenate, (errors, values, stderrs, radii))
    for ring in np.unique(radii):
        own = radii == ring
        if own.sum() >= 12:  # both cells of six pairs
            assert np.sqrt((errors[own] ** 2).mean()) < np.sqrt((values[own] ** 2).mean()), ring
    covered = np.abs(errors) <= 2 * stderrs
    for low, high in ((0, 8), (8, 12), (12, 16), (16, 24)):
        own = (radii >= low) & (radii < high)
        assert own.sum() < 50 or covered[own].mean() >= 0.9, (low, covered[own].mean())


def drawn(changes, stderr, seen, base, exact):
    """The estimates of 40 pairs around 20 known ones, all in the rings 9 to 11."""
    radii = np.linspace(9, 11, 40)
    prior = ring_prior(exact, np.linspace(9, 11, 20), radii)
    return prior, prior.draw(changes, np.full(40, stderr), np.ones(40), seen, base)


@pytest.mark.parametrize("images", [1, 5])
def test_an_estimate_is_the_posterior_mean_of_a_normal_prior(images):
    """Written out: prior mean m and spread t, an estimate with error s."""
    rng = np.random.default_rng(0)
    exact, base = rng.normal(2.0, 0.3, size=(images, 20)), np.full(images, 50.0)
    changes = rng.normal(2.0, 0.3, size=(images, 40))
    seen = np.zeros((images, 40), bool)
    for stderr in (1e-4, 0.2, 1e4):
        prior, (found, error, _, wanted) = drawn(changes, stderr, seen, base, exact)
        mean, spread = prior.mean.mean(axis=0)[prior.ring], prior.spread[prior.ring]
        np.testing.assert_allclose(mean, exact.mean(), rtol=0.1)
        np.testing.assert_allclose(spread, exact.mean(axis=0).std(ddof=1), rtol=0.4)
        expected = changes.mean(axis=0) / stderr**2 + mean / spread**2
        expected /= 1 / stderr**2 + 1 / spread**2
        np.testing.assert_allclose(found.mean(axis=0), expected, rtol=1e-9)
        least = stderr / 1000  # 0 would say that it is exact
        np.testing.assert_allclose(error, np.maximum(np.minimum(stderr, spread), least))
        assert not wanted.any()


def test_what_was_evaluated_keeps_its_bits_and_the_impossible_is_evaluated():
    rng = np.random.default_rng(1)
    exact, base = rng.normal(0, 0.01, size=(3, 20)), np.array([0.1, 1.0, 2.0])
    changes = rng.normal(0, 0.01, size=(3, 40))
    seen = rng.uniform(size=(3, 40)) < 0.5
    seen[:, :2] = False
    changes[:, 0], changes[:, 1] = -23.0, 5.0
    _, (found, _, _, wanted) = drawn(changes, 0.5, seen, base, exact)
    assert np.array_equal(found[seen], changes[seen])
    assert (found >= np.where(seen, -np.inf, -base[:, None])).all()
    assert np.flatnonzero(wanted).tolist() == [0, 1]
    assert abs(found[:, 2:]).max() < 0.05


def test_errors_that_were_larger_than_expected_widen_those_of_their_ring():
    radii = np.repeat([5.0, 20.0], 30)
    known = np.repeat([5.0, 20.0], 10)
    prior = ring_prior(np.zeros((1, 20)), known, radii)
    error, stderr = np.repeat([0.6, 0.05], 10), np.full(20, 0.1)
    # Of ten known pairs each, which are few: a tenth more.
    expected = np.repeat([6.0, 1.0], 30) / 0.9
    np.testing.assert_allclose(prior.wider(error, stderr), expected, rtol=1e-3)


def test_tiny_changes_of_a_class_that_is_very_sure_are_numbers():
    """The squares of such changes are 0 in floating point."""
    exact = np.full((2, 20), 1e-170)
    prior, (found, error, variance, _) = drawn(
        np.full((2, 40), 1e-180), 1e-190, np.zeros((2, 40), bool), np.full(2, 1e-160), exact
    )
    for values in (prior.mean, prior.spread, found, error, variance):
        assert np.isfinite(values).all()
