"""What all augmentations have in common: seeds, shapes, types, ranges, and bad arguments."""

import functools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import keras_freq as kf
from keras_freq import augment

PCA = augment.PcaColour(np.array([0.2, 0.02, 0.005]), np.eye(3))


def dfm_x(images, *, seed):
    """As the others, for three classes whose maps fit the images."""
    size = tuple(images.shape[1:3])
    maps = np.stack([kf.low_pass_mask(size, radius) for radius in (1.5, 2.5, 3.5)])
    labels = tf.range(tf.shape(images)[0]) % 3
    return augment.dfm_x(images, labels, maps, seed=seed, probability=0.7)


EVERY = {
    "random_crop": functools.partial(augment.random_crop, size=(5, 7)),
    "random_flip": augment.random_flip,
    "random_resized_crop": functools.partial(augment.random_resized_crop, size=(6, 5)),
    "random_affine": functools.partial(
        augment.random_affine, rotation_degrees=20, shift=0.2, shear_degrees=10, zoom=0.2, flip=True
    ),
    "pca_colour": functools.partial(augment.pca_colour, pca=PCA),
    "auto_augment": augment.auto_augment,
    "auto_augment, cifar10": functools.partial(
        augment.auto_augment, policy="cifar10", magnitudes="authors"
    ),
    "rand_augment": augment.rand_augment,
    "augmix": functools.partial(augment.augmix, all_operations=True),
    "dfm_x": dfm_x,
    "alexnet_recipe": functools.partial(augment.alexnet_recipe, pca=PCA, size=6),
    "flowers_recipe": augment.flowers_recipe,
    "pad_crop_flip": augment.pad_crop_flip,
    "resized_crop_flip": functools.partial(augment.resized_crop_flip, size=6, padding=4),
}
COLOURED = {"pca_colour", "alexnet_recipe"}
BATCHES_ONLY = {"dfm_x"}
# Their results may leave the range of values, as published.
UNBOUNDED = {"pca_colour", "alexnet_recipe", "dfm_x"}
# A graph of these takes seconds, and what it holds is also in that of another one: operations are
# put together in one place.
LIKE_OTHERS = {"auto_augment, cifar10", "rand_augment"}


def pictures(count=6, size=(9, 12), channels=3, seed=0):
    """Smooth random pictures, no two pixels of which are alike."""
    noise = np.random.default_rng(seed).random((count, *size, channels))
    ramp = np.linspace(0, 1, size[0])[:, None, None] * np.linspace(0.2, 1, size[1])[None, :, None]
    return ((noise + 2 * ramp) / 3).astype(np.float32)


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"auto_augment", "augmix"}))
def test_eagerly_and_in_a_pipeline_the_same(name):
    images, function = pictures(), functools.partial(EVERY[name], seed=(3, 4))
    mapped = tf.data.Dataset.from_tensors(images).map(function, num_parallel_calls=2)
    eager = function(images)
    assert eager.dtype == tf.float32
    assert mapped.element_spec.shape.as_list() == eager.shape.as_list()  # known while tracing
    np.testing.assert_array_equal(next(iter(mapped)), eager)
    np.testing.assert_array_equal(function(images), eager)
    if name not in UNBOUNDED:
        assert eager.numpy().min() >= 0
        assert eager.numpy().max() <= 1


@pytest.mark.parametrize("name", sorted(set(EVERY) - LIKE_OTHERS))
def test_the_size_of_a_batch_may_be_unknown(name):
    images, function = pictures(), functools.partial(EVERY[name], seed=(3, 4))
    batches = tf.data.Dataset.from_tensor_slices(images).batch(4).map(function)
    first, second = batches
    eager = function(images[:4])
    assert eager.dtype == tf.float32
    assert batches.element_spec.shape.as_list() == [None, *eager.shape[1:]]
    np.testing.assert_array_equal(first, eager)
    np.testing.assert_array_equal(function(images[:4]), eager)
    np.testing.assert_array_equal(second, function(images[4:]))
    if name not in UNBOUNDED:
        assert eager.numpy().min() >= 0
        assert eager.numpy().max() <= 1


@pytest.mark.parametrize("name", EVERY)
def test_an_image_draws_by_its_place_in_the_batch_alone(name):
    images = pictures()
    whole = EVERY[name](images, seed=(1, 2))
    np.testing.assert_allclose(EVERY[name](images[:2], seed=(1, 2)), whole[:2], atol=1e-6)
    if name not in BATCHES_ONLY:
        np.testing.assert_allclose(EVERY[name](images[0], seed=(1, 2)), whole[0], atol=1e-6)


@pytest.mark.parametrize("name", EVERY)
def test_images_and_seeds_draw_independently(name):
    images = np.repeat(pictures(1), 24, axis=0)
    results = [np.asarray(EVERY[name](images, seed=seed)) for seed in ((0, 0), (0, 1), (1, 0))]
    distinct = {one.tobytes() for one in results[0]}
    assert len(distinct) > (1 if name == "random_flip" else 3)
    for other in results[1:]:
        assert (results[0] != other).any()


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(33, 16), (8, 7)])
def test_odd_rectangular_and_grey_images(name, channels, size):
    if channels == 1 and name in COLOURED:
        with pytest.raises(ValueError, match="three channels"):
            EVERY[name](pictures(channels=1, size=size), seed=(0, 1))
        return
    for images in (pictures(size=size, channels=channels), np.zeros((3, *size, channels))):
        result = EVERY[name](images, seed=(5, 6)).numpy()
        assert np.isfinite(result).all()
        assert result.shape[0] == len(images)
        assert result.shape[-1] == channels


@given(
    name=st.sampled_from(sorted(EVERY)),
    seed=st.tuples(st.integers(-(2**62), 2**62), st.integers(0, 2**31)),
    images=hnp.arrays(
        np.float32,
        st.tuples(st.integers(1, 3), st.integers(7, 20), st.integers(7, 20), st.just(3)),
        elements=st.sampled_from([0.0, 1e-30, 0.25, 0.5, 1.0]),
    ),
)
@settings(max_examples=80, deadline=None)
def test_any_picture_gives_finite_values_in_range(name, seed, images):
    result = EVERY[name](images, seed=seed).numpy()
    assert result.dtype == np.float32
    assert np.isfinite(result).all()
    if name not in UNBOUNDED:
        assert result.min() >= 0
        assert result.max() <= 1


@pytest.mark.parametrize("name", sorted(set(EVERY) - {"dfm_x"}))
def test_an_empty_batch_stays_empty(name):
    assert EVERY[name](pictures()[:0], seed=(0, 1)).shape[0] == 0


@pytest.mark.parametrize(
    "name", ["auto_augment", "auto_augment, cifar10", "rand_augment", "augmix", "pca_colour"]
)
@pytest.mark.parametrize("value_range", [(0, 255), (-1, 1)])
def test_the_range_of_values_only_scales(name, value_range):
    low, high = value_range
    images = np.round(pictures() * 255).astype(np.float32) / 255
    unit = EVERY[name](images, seed=(0, 9)).numpy()
    scaled = EVERY[name](images * (high - low) + low, seed=(0, 9), value_range=value_range).numpy()
    np.testing.assert_allclose((scaled - low) / (high - low), unit, atol=2e-6)


def test_one_seed_as_pair_and_as_tensor_is_the_same():
    images = pictures()
    expected = augment.augmix(images, seed=(3, 4))
    for seed in ([3, 4], np.array([3, 4]), tf.constant([3, 4]), tf.constant([3, 4], tf.int64)):
        np.testing.assert_array_equal(augment.augmix(images, seed=seed), expected)


@pytest.mark.parametrize("seed", [1, None, (1, 2, 3), (0.5, 1.0), "ab"])
@pytest.mark.parametrize("name", ["random_flip", "augmix", "random_affine", "dfm_x"])
def test_what_is_no_seed_is_refused(name, seed):
    with pytest.raises(ValueError, match="`seed` must be a stateless seed"):
        EVERY[name](pictures(), seed=seed)


@pytest.mark.parametrize("name", EVERY)
def test_what_is_no_image_is_refused(name):
    with pytest.raises(TypeError, match="`images` must be floating-point"):
        EVERY[name](np.zeros((2, 9, 12, 3), np.uint8), seed=(0, 1))
    if name != "dfm_x":  # which the test wraps for batches of a size
        with pytest.raises(ValueError, match="`images` must have shape"):
            EVERY[name](np.zeros((9, 12)), seed=(0, 1))


@pytest.mark.parametrize("value_range", [(1, 0), (0, 0), 255, (0, np.inf), (0, 1, 2), "ab"])
def test_what_is_no_range_of_values_is_refused(value_range):
    for name in ("auto_augment", "augmix", "pca_colour", "rand_augment"):
        with pytest.raises(ValueError, match="`value_range` must be the"):
            EVERY[name](pictures(), seed=(0, 1), value_range=value_range)


@pytest.mark.parametrize(
    "name", sorted(set(EVERY) - BATCHES_ONLY - LIKE_OTHERS - {"pad_crop_flip"})
)
def test_the_size_of_an_image_may_be_unknown(name):
    image, function = pictures(1, (9, 12))[0], functools.partial(EVERY[name], seed=(3, 4))
    unknown = tf.data.Dataset.from_generator(
        lambda: [image], output_signature=tf.TensorSpec((None, None, 3))
    )
    np.testing.assert_allclose(next(iter(unknown.map(function))), function(image), atol=1e-6)
