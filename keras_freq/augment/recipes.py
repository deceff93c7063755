"""Whole recipes, as published."""

from keras_freq.augment.arguments import as_batch, split
from keras_freq.augment.colour import pca_colour
from keras_freq.augment.crops import random_crop, random_flip, random_resized_crop
from keras_freq.augment.geometry import random_affine


def alexnet_recipe(images, *, seed, pca=None, size=224, value_range=(0, 1)):
    """The training recipe of 2012: a random window, mirrored or not, in a shifted colour.

    The images come with a shorter side of 256 pixels: from `resize_short_side`, or cut to a square
    as in the paper, from `keras_freq.data.image_folder(path, image_size=256)`. At test time
    `keras_freq.predict_ten_crop` takes the place of the recipe.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        pca: what `fit_pca_colour` gave for the training set. None leaves the colours.
        size: side of the window, in pixels.
        value_range: (black, white) of the images.

    Returns:
        float32 `(N, size, size, C)`. Shifted colours may leave `value_range`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.alexnet_recipe(np.zeros((2, 256, 256, 3)), seed=(0, 1)).shape
        TensorShape([2, 224, 224, 3])

    Source:
        Krizhevsky, Sutskever and Hinton (2012), section 4.1.
    """
    crop_seed, flip_seed, colour_seed = split(seed, 3)
    images = random_crop(images, size, seed=crop_seed)
    images = random_flip(images, seed=flip_seed)
    if pca is None:
        return images
    return pca_colour(images, pca, seed=colour_seed, value_range=value_range)


def flowers_recipe(images, *, seed):
    """Rotation by up to 15 degrees, shear by 0.2 degrees, zoom and shifts by 0.2, mirror.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.

    Returns:
        float32 of the images' shape. Beyond the image its outermost pixels go on.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.flowers_recipe(np.zeros((2, 8, 8, 3)), seed=(0, 1)).shape
        TensorShape([2, 8, 8, 3])

    Source:
        "Replicating and extending AlexNet for image classification": ImageDataGenerator with
        `shear_range=0.2, zoom_range=0.2, horizontal_flip=True, rotation_range=15,
        width_shift_range=0.2, height_shift_range=0.2`. Its shear of 0.2 degrees cannot be seen; if
        20 % was meant, use `random_affine` with `shear_degrees=11.5`.
    """
    return random_affine(
        images,
        seed=seed,
        rotation_degrees=15.0,
        shift=0.2,
        shear_degrees=0.2,
        zoom=0.2,
        flip=True,
    )


def pad_crop_flip(images, *, seed, padding=4, fill=0.0):
    """A window of the image's own size, out of the image with a border, mirrored or not.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`, of known size.
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        padding: int >= 0, width of the border in pixels.
        fill: value of the border, one number or one a channel.

    Returns:
        float32 of the images' shape.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.pad_crop_flip(np.zeros((2, 32, 32, 3)), seed=(0, 1)).shape
        TensorShape([2, 32, 32, 3])

    Source:
        He et al. (2016), section 4.2, where the border is 0 after the subtraction of the mean:
        `fill=` the mean does the same.
    """
    crop_seed, flip_seed = split(seed, 2)
    batch, _ = as_batch(images)
    size = tuple(batch.shape[1:3])
    if None in size:
        raise ValueError(
            "`images` must have a known height and width (`tf.ensure_shape` sets them). "
            f"Received: shape {batch.shape}"
        )
    images = random_crop(images, size, seed=crop_seed, padding=padding, fill=fill)
    return random_flip(images, seed=flip_seed)


def resized_crop_flip(
    images, size, *, seed, padding=0, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), fill=0.0
):
    """A window of random size and proportions, resized, mirrored or not.

    The frequency study trains with this and a border of 4 pixels, on CIFAR-10, its synthetic bands
    and ImageNet-10 alike.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.
        size: int or `(height, width)` of the output, in pixels.
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        padding: int >= 0, pixels added on all four sides before.
        scale: (least, most) area of the window, as a share of the (padded) image's.
        ratio: (least, most) width over height of the window.
        fill: value of the added pixels, one number or one a channel.

    Returns:
        float32 `(N, height, width, C)`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.zeros((2, 32, 32, 3))
        >>> kf.augment.resized_crop_flip(images, 32, seed=(0, 1), padding=4).shape
        TensorShape([2, 32, 32, 3])

    Source:
        Szegedy et al. (2015), section 6. The code of Wang et al. (2023), "What do neural networks
        learn in image classification? A frequency shortcut perspective", pads, mirrors and crops.
    """
    crop_seed, flip_seed = split(seed, 2)
    images = random_resized_crop(
        images, size, seed=crop_seed, scale=scale, ratio=ratio, padding=padding, fill=fill
    )
    return random_flip(images, seed=flip_seed)
