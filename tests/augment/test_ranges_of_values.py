"""Images whose values cannot be those of `value_range` are refused, eagerly and in graphs."""

import functools

import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf
from keras_freq import augment

IMAGES = np.random.default_rng(0).uniform(size=(6, 8, 8, 3)).astype("float32")
LABELS = np.arange(6) % 2
PCA = augment.fit_pca_colour((IMAGES, LABELS))
WITH_A_RANGE = {
    "apply_operation": lambda images, **options: augment.apply_operation(
        images, "invert", value_range=options.get("value_range", (0, 1))
    ),
    "auto_augment": augment.auto_augment,
    "rand_augment": augment.rand_augment,
    "augmix": augment.augmix,
    "augmix_views": lambda images, **options: augment.augmix_views(images, **options)[1],
    "amplitude_mix": lambda images, seed, **options: augment.amplitude_mix(
        images, images[::-1], 0.5, **options
    ),
    "random_amplitude_mix": augment.random_amplitude_mix,
    "pca_colour": functools.partial(augment.pca_colour, pca=PCA),
    "alexnet_recipe": functools.partial(augment.alexnet_recipe, pca=PCA, size=6),
}
WRONG = {
    "levels": (IMAGES * 255, {}),
    "levels that are signed": (IMAGES * 255 - 128, {}),
    "minus 1 to 1": (IMAGES * 2 - 1, {}),
    "normalised": ((IMAGES - 0.45) / 0.22, {}),
    "fractions": (IMAGES, {"value_range": (0, 255)}),
}
MESSAGE = r"`images` must have the values of `value_range`.*value_range=\(0, 255\)"


def test_every_augmentation_with_a_range_is_here():
    import inspect

    own = {
        name
        for name in dir(augment)
        if callable(getattr(augment, name))
        and not isinstance(getattr(augment, name), type)
        and "value_range" in inspect.signature(getattr(augment, name)).parameters
    }
    assert own <= {*WITH_A_RANGE, "fit_pca_colour"}


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("name", WITH_A_RANGE)
def test_images_beyond_their_range_are_refused(name, wrong):
    images, options = WRONG[wrong]
    with pytest.raises(ValueError, match=MESSAGE):
        WITH_A_RANGE[name](images, seed=(0, 1), **options)


@pytest.mark.parametrize(
    ("name", "wrong"), [("apply_operation", "levels"), *(("pca_colour", wrong) for wrong in WRONG)]
)
def test_a_data_set_is_refused_at_its_first_batch(name, wrong):
    images, options = WRONG[wrong]
    change = functools.partial(WITH_A_RANGE[name], **options)
    for data in (
        augment.augmented((images, LABELS), change),
        tf.data.Dataset.from_tensors(images).map(lambda x: change(x, seed=(0, 1))),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match="must have the values of `value_"):
            next(iter(data))


@pytest.mark.parametrize("wrong", WRONG)
def test_colours_are_not_fitted_to_images_of_another_range(wrong):
    images, options = WRONG[wrong]
    with pytest.raises(ValueError, match=MESSAGE):
        augment.fit_pca_colour((images, LABELS), **options)


@pytest.mark.parametrize("name", WITH_A_RANGE)
def test_the_right_range_is_taken(name):
    change = WITH_A_RANGE[name]
    expected = change(IMAGES, seed=(0, 1)).numpy()
    levels = change(IMAGES * 255, seed=(0, 1), value_range=(0, 255)).numpy()
    np.testing.assert_allclose(levels / 255, expected, atol=3e-2)
    for dark in (np.zeros_like(IMAGES), IMAGES * 0.9, np.ones_like(IMAGES)):
        change(dark, seed=(0, 1))
    change(np.zeros_like(IMAGES), seed=(0, 1), value_range=(0, 255))
    # Filtered images leave [0, 1] a little, and are clipped.
    change(kf.filter_images(IMAGES, kf.low_pass_mask(8, 3)), seed=(0, 1))
    # `test_every_augmentation.py` and `test_augmix_and_its_loss.py` have the other graphs.
    if name not in ("auto_augment", "rand_augment", "augmix", "augmix_views"):
        mapped = tf.data.Dataset.from_tensors(IMAGES).map(lambda x: change(x, seed=(0, 1)))
        np.testing.assert_allclose(next(iter(mapped)), expected, atol=1e-5)
