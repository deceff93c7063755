"""Augmentations over data sets: new draws every epoch, and the same draws again when resumed."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf
from keras_freq import augment
from keras_freq.augment.batches_and_draws import uniform

IMAGES = np.random.default_rng(0).random((10, 6, 6, 3)).astype(np.float32)
LABELS = np.arange(10) % 3
SHIFT = functools.partial(augment.random_affine, shift=0.4)


def noise(images, *, seed):
    """Replaces the images by what is drawn."""
    return tf.random.stateless_uniform(tf.shape(images), seed)


def source(**options):
    return kf.data.arrays(
        IMAGES, LABELS, batch_size=4, **{"class_names": ["a", "b", "c"], **options}
    )


def batches(dataset, count=-1):
    return [images for images, _ in dataset.take(count).as_numpy_iterator()]


def assert_same(first, second):
    assert len(first) == len(second)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def test_labels_names_and_shapes_stay():
    dataset = augment.augmented(source(), augment.flowers_recipe)
    assert dataset.class_names == ["a", "b", "c"]
    assert int(dataset.cardinality()) == 3
    assert dataset.element_spec[0].shape.as_list() == [None, 6, 6, 3]
    assert np.concatenate([y for _, y in dataset]).tolist() == LABELS.tolist()
    pair = augment.augmented((IMAGES, LABELS), augment.random_flip)
    assert [images.shape for images in batches(pair)] == [(10, 6, 6, 3)]


def test_a_batch_is_augmented_with_its_own_seed():
    dataset = augment.augmented(source(first_epoch=0), SHIFT, seed=5)
    for number, images in enumerate(batches(dataset, 7)):
        start = 4 * (number % 3)
        expected = SHIFT(IMAGES[start : start + 4], seed=(5, number))
        np.testing.assert_array_equal(images, expected)


def test_a_finite_data_set_goes_on_as_the_endless_one():
    endless = batches(augment.augmented(source(first_epoch=0), noise, seed=1), 9)
    finite = augment.augmented(source(), noise, seed=1)
    epochs = [batches(finite) for _ in range(3)]
    assert_same([images for epoch in epochs for images in epoch], endless)
    assert len({images.tobytes() for images in endless}) == 9
    repeated = augment.augmented(source(), noise, seed=1).repeat(3)
    assert_same(batches(repeated), endless)


def test_a_pass_that_was_broken_off_counts_as_a_pass():
    endless = batches(augment.augmented(source(first_epoch=0), noise), 6)
    finite = augment.augmented(source(), noise)
    next(iter(finite))
    assert_same(batches(finite), endless[3:])


def test_an_endless_data_set_starts_again_with_every_iterator():
    dataset = augment.augmented(source(first_epoch=0), noise)
    assert_same(batches(dataset, 4), batches(dataset, 4))


def test_resuming_with_first_batch():
    endless = batches(augment.augmented(source(first_epoch=0), SHIFT, seed=3), 9)
    resumed = augment.augmented(source(first_epoch=2), SHIFT, seed=3, first_batch=6)
    assert_same(batches(resumed, 3), endless[6:])
    finite = augment.augmented(source(), SHIFT, seed=3, first_batch=6)
    assert_same(batches(finite), endless[6:])


def test_a_data_set_of_unknown_length_also_draws_anew():
    filtered = source().filter(lambda images, labels: True)
    assert int(filtered.cardinality()) == tf.data.UNKNOWN_CARDINALITY
    dataset = augment.augmented(filtered, noise)
    first, second = batches(dataset), batches(dataset)
    assert len(first) == len(second) == 3
    assert len({images.tobytes() for images in first + second}) == 6


def test_the_global_seed_and_other_seeds():
    keras.utils.set_random_seed(1)
    first = batches(augment.augmented(source(), noise, seed=2))
    keras.utils.set_random_seed(7)
    assert_same(batches(augment.augmented(source(), noise, seed=2)), first)
    assert (batches(augment.augmented(source(), noise, seed=3))[0] != first[0]).any()


class Seen(keras.layers.Layer):
    """Keeps the sum of every batch that it is called with in training."""

    def __init__(self):
        super().__init__()
        self.sums = []

    def call(self, images, training=False):
        tf.py_function(lambda x: self.sums.append(float(tf.reduce_sum(x))), [images], [])
        return keras.ops.mean(images, axis=(1, 2))


def fitted(dataset, **options):
    seen = Seen()
    inputs = keras.Input((6, 6, 3))
    model = keras.Model(inputs, keras.layers.Dense(3)(seen(inputs)))
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(dataset, verbose=0, shuffle=False, **options)
    return seen.sums


def test_model_fit_sees_new_draws_every_epoch():
    expected = [
        float(images.sum())
        for images in batches(augment.augmented(source(first_epoch=0), noise), 6)
    ]
    finite = fitted(augment.augmented(source(), noise), epochs=2)
    np.testing.assert_allclose(finite, expected, rtol=1e-5)
    endless = augment.augmented(source(first_epoch=0), noise)
    np.testing.assert_allclose(fitted(endless, epochs=2, steps_per_epoch=3), expected, rtol=1e-5)


def test_the_order_of_threads_has_no_part():
    def slow(images, *, seed):
        images = tf.tile(images, [1, 20, 20, 1])
        return augment.augmix(images, seed=seed, depth=1)[:, :6, :6]

    dataset = augment.augmented(source(first_epoch=0), slow)
    assert_same(batches(dataset, 8), batches(dataset, 8))


# Labels, and several augmentations in a row


def brightened(images, labels, *, seed, gain=1.0):
    """Adds the label to the image."""
    return images + gain * tf.cast(labels, tf.float32)[:, None, None, None]


def test_augmentations_that_take_labels_get_them():
    for function in (brightened, augment.compose(brightened)):
        result = batches(augment.augmented((IMAGES, LABELS), function))[0]
        np.testing.assert_allclose(result, IMAGES + LABELS[:, None, None, None])
    partial = functools.partial(brightened, gain=0.5)
    result = batches(augment.augmented((IMAGES, LABELS), partial))[0]
    np.testing.assert_allclose(result, IMAGES + 0.5 * LABELS[:, None, None, None])


def test_dfm_x_over_a_data_set():
    maps = np.stack([kf.low_pass_mask(6, r) for r in (1, 2, 3)])
    function = functools.partial(augment.dfm_x, maps=maps, probability=1)
    (result,) = batches(augment.augmented((IMAGES, LABELS), function))
    np.testing.assert_allclose(
        result, augment.dfm_x(IMAGES, LABELS, maps, seed=(0, 0), probability=1), atol=1e-6
    )


def test_composed_augmentations_follow_each_other():
    crop = functools.partial(augment.random_crop, size=4)
    composed = augment.compose(crop, SHIFT, augment.random_flip)
    seeds = tf.unstack(tf.random.split(tf.constant([3, 4], tf.int64), 3))
    expected = augment.random_crop(IMAGES, 4, seed=seeds[0])
    expected = augment.random_flip(SHIFT(expected, seed=seeds[1]), seed=seeds[2])
    np.testing.assert_array_equal(composed(IMAGES, seed=(3, 4)), expected)
    nested = augment.compose(augment.compose(crop), brightened)
    assert nested(IMAGES, LABELS, seed=(0, 1)).shape == (10, 4, 4, 3)


def test_two_steps_of_one_kind_draw_independently():
    drawn = []

    def record(images, *, seed):
        drawn.append(uniform(seed, 200).numpy())
        return images

    augment.compose(record, record)(IMAGES, seed=(0, 1))
    assert abs(np.corrcoef(*drawn)[0, 1]) < 0.2


@pytest.mark.parametrize("wrong", [None, "flip", lambda images: images])
def test_what_is_no_augmentation_is_refused(wrong):
    with pytest.raises(TypeError, match=r"dataset\.map.*the layer 'flip'"):
        augment.augmented(source(), keras.layers.RandomFlip(name="flip"))
    with pytest.raises(TypeError, match="`augment` must be a function"):
        augment.augmented((IMAGES, LABELS), wrong)
    with pytest.raises(TypeError, match="`augments` must be a function"):
        augment.compose(augment.random_flip, wrong)


def test_bad_arguments():
    with pytest.raises(TypeError, match="`augments` must hold at least one"):
        augment.compose()
    with pytest.raises(TypeError, match="`dataset` must be"):
        augment.augmented(IMAGES, augment.random_flip)
    with pytest.raises(ValueError, match="`seed` must be an integer >= 0"):
        augment.augmented((IMAGES, LABELS), augment.random_flip, seed=-1)
    with pytest.raises(ValueError, match="`first_batch` must be an integer >= 0"):
        augment.augmented((IMAGES, LABELS), augment.random_flip, first_batch=-1)
    with pytest.raises(ValueError, match="`labels` must be given"):
        augment.compose(brightened)(IMAGES, seed=(0, 1))
