"""The builders, their published sizes, and arguments that keep each model small."""

import functools

import keras
import numpy as np

from keras_freq import models

# What the sources publish: trainable parameters of the default model, and multiply-adds in billions
# (PyTorch's tables of models; He et al. 2016 and Szegedy et al. 2015 for the other two).
PUBLISHED = {
    "LeNet5": (44_426, None),
    "AlexNet": (61_100_840, 0.71),
    "AlexNet2012": (60_965_224, None),
    "AlexNetFlowers": (46_767_493, None),
    "AlexNetSmall": (None, None),
    "VGG16": (138_357_544, 15.47),
    "VGG19": (143_667_240, 19.63),
    "NiN": (None, None),
    "GoogLeNet": (6_998_552, 1.58),
    "ResNet18": (11_689_512, 1.81),
    "ResNet34": (21_797_672, 3.66),
    "ResNet50": (25_583_592, 3.86),
    "ResNeXt50": (25_028_904, 4.23),
}

# Arguments that keep each small: the smallest image, ten classes or fewer.
SMALL = {
    "LeNet5": {"input_shape": (16, 16, 1)},
    "AlexNet": {"input_shape": (63, 63, 3)},
    "AlexNet2012": {"input_shape": (64, 64, 3)},
    "AlexNetFlowers": {"input_shape": (67, 67, 3)},
    "AlexNetSmall": {"input_shape": (15, 15, 3)},
    "VGG16": {"input_shape": (32, 32, 3), "head": "gap"},
    "VGG19": {"input_shape": (32, 32, 3), "head": "gap", "batch_norm": True},
    "NiN": {"input_shape": (67, 67, 3)},
    "GoogLeNet": {"input_shape": (31, 31, 3)},
    "ResNet18": {"input_shape": (8, 8, 3), "stem": "small"},
    "ResNet34": {"input_shape": (32, 32, 3)},
    "ResNet50": {"input_shape": (32, 32, 3)},
    "ResNeXt50": {"input_shape": (32, 32, 3)},
}

NAMES = list(PUBLISHED)


def build(builder, **changes):
    return getattr(models, builder)(**{"num_classes": 4, **SMALL[builder], **changes})


@functools.cache
def small(name):
    """The builder's model at its smallest, built once."""
    keras.utils.set_random_seed(0)
    return build(name)


def images_for(model, count=2, seed=0):
    return (
        np.random.default_rng(seed).uniform(size=(count, *model.input_shape[1:])).astype("float32")
    )
