"""Published recipes: several augmentations in one function."""

from keras_freq.augment.affine import random_affine
from keras_freq.augment.batches_and_draws import no_autograph, split_seed
from keras_freq.augment.colour import pca_colour
from keras_freq.augment.crops import random_crop, random_flip, random_resized_crop
from keras_freq.fourier.filters import as_float_images


@no_autograph
def alexnet_recipe(images, *, seed, pca=None, size=224, value_range=(0, 1)):
    """The training recipe of 2012: a random window, mirrored or not, in a shifted colour.

    Give it images with a shorter side of 256 pixels. `resize_short_side` makes them. The paper cuts
    them to a square, as `keras_freq.data.image_folder(path, image_size=256)` does. At test time use
    `keras_freq.predict_ten_crop` instead of the recipe.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        pca: What `fit_pca_colour` gave for the training set. Defaults to None, which leaves the
            colours.
        size: Side of the window, in pixels. Defaults to 224.
        value_range: (black, white) of the images. Defaults to (0, 1).

    Returns:
        Float32 `(N, size, size, C)`. Shifted colours may leave `value_range`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.alexnet_recipe(np.zeros((2, 256, 256, 3)), seed=(0, 1)).shape
        TensorShape([2, 224, 224, 3])

    Source:
        Krizhevsky, Sutskever and Hinton (2012), section 4.1.
    """
    crop_seed, flip_seed, colour_seed = split_seed(seed, 3)
    images = random_crop(images, size, seed=crop_seed)
    images = random_flip(images, seed=flip_seed)
    if pca is None:
        return images
    return pca_colour(images, pca, seed=colour_seed, value_range=value_range)


@no_autograph
def flowers_recipe(images, *, seed):
    """Rotation by up to 15 degrees, shear by 0.2 degrees, zoom and shifts by 0.2, mirror.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.

    Returns:
        Float32 tensor of the images' shape. Beyond the image its outermost pixels go on.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.flowers_recipe(np.zeros((2, 8, 8, 3)), seed=(0, 1)).shape
        TensorShape([2, 8, 8, 3])

    Source:
        "Replicating and extending AlexNet for image classification": ImageDataGenerator with
        `shear_range=0.2, zoom_range=0.2, horizontal_flip=True, rotation_range=15,
        width_shift_range=0.2, height_shift_range=0.2`. Its shear of 0.2 degrees cannot be seen. If
        20 % was meant, use `random_affine` with `shear_degrees=11.5`.
    """
    options = {"rotation_degrees": 15.0, "shift": 0.2, "shear_degrees": 0.2, "zoom": 0.2}
    return random_affine(images, seed=seed, flip=True, **options)


@no_autograph
def pad_crop_flip(images, *, seed, padding=4, fill=0.0):
    """Adds a border to each image, cuts out a window of the image's own size, and mirrors half.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`, of known size.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        padding: Int >= 0, width of the border in pixels. Defaults to 4.
        fill: Value of the border, one number or one for each channel. Defaults to 0.

    Returns:
        Float32 tensor of the images' shape.

    Raises:
        ValueError: If the size of the images is not known, as may be the case in `tf.data`.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> kf.augment.pad_crop_flip(np.zeros((2, 32, 32, 3)), seed=(0, 1)).shape
        TensorShape([2, 32, 32, 3])

    Source:
        He et al. (2016), section 4.2. There the border is 0 after the mean was subtracted. Give the
        mean as `fill` to do the same.
    """
    crop_seed, flip_seed = split_seed(seed, 2)
    images = as_float_images(images)
    size = tuple(images.shape[-3:-1])
    if None in size:
        raise ValueError(
            "`images` must have a known height and width (`tf.ensure_shape` sets them). "
            f"Received: shape {images.shape}"
        )
    images = random_crop(images, size, seed=crop_seed, padding=padding, fill=fill)
    return random_flip(images, seed=flip_seed)


@no_autograph
def resized_crop_flip(
    images, size, *, seed, padding=0, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), fill=0.0
):
    """Cuts a window of random size and proportions out of each image, resizes it, mirrors half.

    The frequency study trains with this and a border of 4 pixels, on CIFAR-10, its synthetic bands
    and ImageNet-10 alike.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        size: Int or `(height, width)` of the output, in pixels.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        padding: Int >= 0, pixels first added on all four sides. Defaults to 0.
        scale: (least, most) area of the window, as a share of the (padded) image's. Defaults to
            (0.08, 1).
        ratio: (least, most) width over height of the window. Defaults to (3/4, 4/3).
        fill: Value of the added pixels, one number or one for each channel. Defaults to 0.

    Returns:
        Float32 `(N, height, width, C)`.

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
    crop_seed, flip_seed = split_seed(seed, 2)
    images = random_resized_crop(
        images, size, seed=crop_seed, scale=scale, ratio=ratio, padding=padding, fill=fill
    )
    return random_flip(images, seed=flip_seed)
