"""Hierarchical search: planted truths, and what its answer must obey."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf
from keras_freq.fourier import conjugate, conjugate_pairs
from keras_freq.fourier.grid import pair_weights
from keras_freq.shortcuts import frequency_search, search_cost
from keras_freq.shortcuts.joint_search import _draw_candidates, _grids

SIZE = 16
PLANTED = {0: [(3, 4), (0, 6)], 1: [(5, -2), (7, 1)]}


def wave(pattern, phase=0.0):
    y, x = np.mgrid[:SIZE, :SIZE]
    return np.cos(2 * np.pi * (pattern[0] * y + pattern[1] * x) / SIZE + phase)


@keras.saving.register_keras_serializable("test_search")
class Least(keras.layers.Layer):
    """The least of each class's two readings: both patterns must be there."""

    def call(self, readings):
        return keras.ops.min(keras.ops.reshape(readings, (-1, 2, 2)), axis=-1)


@pytest.fixture(scope="module")
def reader():
    kernel = np.stack([wave(pattern) for k in PLANTED for pattern in PLANTED[k]], axis=-1)
    model = keras.Sequential([keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(4, use_bias=False))
    model.layers[-1].set_weights([kernel.reshape(-1, 4) * 40 / SIZE**2])
    model.add(Least())
    model.add(keras.layers.Softmax())
    return model


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    labels = np.arange(24) % 2
    images = 0.5 + 0.05 * rng.normal(size=(24, SIZE, SIZE, 1))
    for image, label in zip(images, labels, strict=True):
        image[..., 0] += 0.2 * sum(wave(pattern) for pattern in PLANTED[label])
    return images.astype("float32"), labels


@pytest.fixture(scope="module")
def search(reader, data):
    return frequency_search(reader, data, 2, num_candidates=60, seed=1)


def test_finds_the_planted_pairs_together(search):
    """Either pattern alone is worth nothing to this model."""
    for class_id, patterns in PLANTED.items():
        for u, v in patterns:
            assert search.maps[class_id, 8 + u, 8 + v], (class_id, u, v)
    assert (search.loss < 0.02).all()


def test_reports_the_loss_of_its_maps(search, reader, data):
    images, labels = data
    neutral = images.mean(axis=(0, 1, 2))
    for stage_maps, stage_loss in zip(search.stage_maps, search.stage_loss, strict=True):
        for class_id in range(2):
            own = images[labels == class_id]
            filtered = kf.filter_images(own, stage_maps[class_id], neutral=neutral)
            expected = -np.log(np.asarray(reader(filtered), np.float64)[:, class_id]).mean()
            np.testing.assert_allclose(stage_loss[class_id], expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(search.maps, search.stage_maps[-1])
    np.testing.assert_array_equal(search.loss, search.stage_loss[-1])


def test_maps_are_symmetric_and_shrink(search):
    assert search.patches == (4, 2, 1)
    np.testing.assert_array_equal(search.stage_maps, conjugate(search.stage_maps))
    shares = search.stage_maps.mean(axis=(2, 3))
    for stage, (share, patch) in enumerate(zip(shares, (4, 2, 1), strict=True), start=1):
        # Half a patch and its conjugate.
        np.testing.assert_allclose(share, 0.6**stage, atol=patch**2 / SIZE**2)
    assert "2 classes, patches (4, 2, 1)" in repr(search)


def test_same_seed_same_search(search, reader, data):
    dataset = tf.data.Dataset.from_tensor_slices(data).batch(24)
    again = frequency_search(reader, dataset, 2, num_candidates=60, seed=1)
    np.testing.assert_array_equal(again.stage_maps, search.stage_maps)
    np.testing.assert_array_equal(again.stage_loss, search.stage_loss)
    # Classes do not depend on each other, nor on the batches.
    images, labels = data
    one = frequency_search(
        reader,
        (images[labels == 1], labels[labels == 1]),
        2,
        num_candidates=60,
        seed=1,
        neutral=images.mean(axis=(0, 1, 2)),
        batch_size=16,
        class_names=["a", "b"],
    )
    np.testing.assert_array_equal(one.maps[1], search.maps[1])
    assert not one.maps[0].any() and np.isnan(one.loss[0])
    assert one.class_names == ["a", "b"]
    other = frequency_search(reader, data, 2, num_candidates=60, seed=2, patches=(2, 1))
    assert (other.maps != search.maps).any()


def test_price_is_the_one_announced(reader, data):
    seen = tf.Variable(0)

    class Counting(keras.Model):
        def call(self, images):
            seen.assign_add(tf.shape(images)[0])
            return reader(images)

    options = {"patches": (4, 1), "num_candidates": 7, "batch_size": 8}
    with pytest.warns(UserWarning, match="softmax"):
        search = frequency_search(Counting(), data, 2, from_logits=False, **options)
    assert search.evaluations == search_cost(24, (4, 1), 7) == 24 * 2 * 7
    # Batches of 8 divide 168, so that none is padded. Three images are to try the model on, and all
    # of the first batch tell how far their probabilities are rounded.
    assert int(seen) == search.evaluations + 3 + min(64, len(data[0]))


@pytest.mark.parametrize("size", [(32, 32), (9, 14), (15, 15), (5, 8)])
def test_candidates_are_parts_of_a_parent_of_equal_size(size):
    pairs = conjugate_pairs(size)
    cells = pair_weights(pairs)
    rng = np.random.default_rng(0)
    parents = rng.random((3, len(pairs))) < 0.5
    for patch in (4, 2, 1):
        grids = _grids(pairs, size, patch)
        for kind, grid in grids.items():
            # Every pair lies in one patch of a grid, and in two of both.
            assert (grid.sum(axis=0) == (2 if kind == "both" else 1)).all()
        wanted = 0.3 * size[0] * size[1]
        drawn = _draw_candidates(parents, grids, cells, wanted, 30, rng)
        assert (np.abs(drawn @ cells - wanted) <= patch**2).all()
        inside = (drawn[:, None] <= parents).all(axis=-1)
        assert inside.any(axis=1).all() and inside.any(axis=0).all()
        assert len(np.unique(drawn, axis=0)) > 10


def test_default_patches():
    def patches(size):
        layers = [keras.Input((*size, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        data = np.random.default_rng(0).random((2, *size, 1)), [0, 1]
        return frequency_search(keras.Sequential(layers), data, 2, num_candidates=2).patches

    assert patches((32, 32)) == (8, 4, 2, 1)
    assert patches((28, 40)) == (7, 3, 1)
    assert patches((3, 5)) == (1,)


def test_what_does_not_fit_is_refused(reader, data):
    def refused(match, *arguments, **options):
        with pytest.raises((ValueError, TypeError), match=match):
            frequency_search(*(arguments or (reader, data, 2)), **options)

    refused(r"`keep` must be in \(0, 1\)", keep=1)
    refused(r"`num_candidates` must be an int", num_candidates=0)
    refused(r"`num_parents` must be an int", num_parents=2.5)
    refused(r"`patches` must be decreasing", patches=(2, 4))
    refused(r"`patches` must hold distinct values, at least one", patches=())
    refused(r"`patches` must be decreasing", patches=(64, 1))
    refused(r"`neutral` must be", neutral=[1, 2])
    refused(r"`model` must be a keras.Model", lambda x: x, data, 2)
    refused(r"num_classes=3", reader, data, 3)
