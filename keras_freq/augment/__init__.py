"""Augmentations of training images, as TensorFlow operations with seeds in place of state.

Every augmentation is a function of a batch of images and a stateless seed: the same seed gives the
same images, eagerly and inside `tf.data`, and every image of the batch draws for itself, by its
place in the batch alone (but `random_amplitude_mix` mixes it with another one of the batch). Over a
data set they are used through `augmented`, which gives every batch its own seed:

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

from keras_freq.augment.autoaugment import auto_augment, rand_augment
from keras_freq.augment.colour import PcaColour, fit_pca_colour, pca_colour
from keras_freq.augment.crops import (
    random_crop,
    random_flip,
    random_resized_crop,
    resize_short_side,
)
from keras_freq.augment.frequency import amplitude_mix, dfm_x, random_amplitude_mix
from keras_freq.augment.geometry import random_affine
from keras_freq.augment.mixing import augmix, augmix_views, jensen_shannon
from keras_freq.augment.operations import OPERATIONS, apply_operation
from keras_freq.augment.policies import CIFAR10_POLICY, IMAGENET_POLICY
from keras_freq.augment.recipes import (
    alexnet_recipe,
    flowers_recipe,
    pad_crop_flip,
    resized_crop_flip,
)
from keras_freq.augment.sequence import augmented, compose

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
