"""Augmentations of training images, as TensorFlow operations with seeds in place of state.

Every augmentation is a function of a batch of images and a stateless seed. The same seed gives the
same images, eagerly and inside `tf.data`. Every image of the batch draws for itself, by its place
in the batch alone; only `random_amplitude_mix` mixes it with another image of the batch. Use
`augmented` to augment a data set. It gives every batch its own seed:

    train = kf.augment.augmented(train, kf.augment.pad_crop_flip)
    model.fit(train, epochs=20)

`functools.partial` sets options, `compose` puts several in a row:

    augment = kf.augment.compose(
        functools.partial(kf.augment.random_resized_crop, size=224),
        kf.augment.random_flip,
        functools.partial(kf.augment.auto_augment, policy="imagenet"),
    )
    train = kf.augment.augmented(train, augment)
"""

from keras_freq.augment.affine import random_affine
from keras_freq.augment.augmix_and_loss import augmix, augmix_views, jensen_shannon
from keras_freq.augment.autoaugment import (
    CIFAR10_POLICY,
    IMAGENET_POLICY,
    auto_augment,
    rand_augment,
)
from keras_freq.augment.colour import PcaColour, fit_pca_colour, pca_colour
from keras_freq.augment.crops import (
    random_crop,
    random_flip,
    random_resized_crop,
    resize_short_side,
)
from keras_freq.augment.frequency_augmentations import amplitude_mix, dfm_x, random_amplitude_mix
from keras_freq.augment.operations import OPERATIONS, apply_operation
from keras_freq.augment.over_datasets import augmented, compose
from keras_freq.augment.recipes import (
    alexnet_recipe,
    flowers_recipe,
    pad_crop_flip,
    resized_crop_flip,
)

__all__ = [
    "CIFAR10_POLICY",
    "IMAGENET_POLICY",
    "OPERATIONS",
    "PcaColour",
    "alexnet_recipe",
    "amplitude_mix",
    "apply_operation",
    "augmented",
    "augmix",
    "augmix_views",
    "auto_augment",
    "compose",
    "dfm_x",
    "fit_pca_colour",
    "flowers_recipe",
    "jensen_shannon",
    "pad_crop_flip",
    "pca_colour",
    "rand_augment",
    "random_affine",
    "random_amplitude_mix",
    "random_crop",
    "random_flip",
    "random_resized_crop",
    "resize_short_side",
    "resized_crop_flip",
]
