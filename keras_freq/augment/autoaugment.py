"""AutoAugment with its published policies, and RandAugment."""

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.augment import colour
from keras_freq.augment.batches_and_draws import happens, signs, split_seed, takes_batches
from keras_freq.augment.operations import (
    IDENTITY,
    MAGNITUDES,
    OPERATIONS,
    apply_choices,
    draw_operations,
    strengths_of,
)

# A policy is 25 sub-policies, each of two operations in turn: (operation, probability, magnitude).
# Magnitudes are 0 to 9. Where an operation has no strength, its magnitude means nothing.
IMAGENET_POLICY = (
    (("posterize", 0.4, 8), ("rotate", 0.6, 9)),
    (("solarize", 0.6, 5), ("autocontrast", 0.6, 5)),
    (("equalize", 0.8, 8), ("equalize", 0.6, 3)),
    (("posterize", 0.6, 7), ("posterize", 0.6, 6)),
    (("equalize", 0.4, 7), ("solarize", 0.2, 4)),
    (("equalize", 0.4, 4), ("rotate", 0.8, 8)),
    (("solarize", 0.6, 3), ("equalize", 0.6, 7)),
    (("posterize", 0.8, 5), ("equalize", 1.0, 2)),
    (("rotate", 0.2, 3), ("solarize", 0.6, 8)),
    (("equalize", 0.6, 8), ("posterize", 0.4, 6)),
    (("rotate", 0.8, 8), ("color", 0.4, 0)),
    (("rotate", 0.4, 9), ("equalize", 0.6, 2)),
    (("equalize", 0.0, 7), ("equalize", 0.8, 8)),
    (("invert", 0.6, 4), ("equalize", 1.0, 8)),
    (("color", 0.6, 4), ("contrast", 1.0, 8)),
    (("rotate", 0.8, 8), ("color", 1.0, 2)),
    (("color", 0.8, 8), ("solarize", 0.8, 7)),
    (("sharpness", 0.4, 7), ("invert", 0.6, 8)),
    (("shear_x", 0.6, 5), ("equalize", 1.0, 9)),
    (("color", 0.4, 0), ("equalize", 0.6, 3)),
    # Five of the published sub-policies are there twice.
    (("equalize", 0.4, 7), ("solarize", 0.2, 4)),
    (("solarize", 0.6, 5), ("autocontrast", 0.6, 5)),
    (("invert", 0.6, 4), ("equalize", 1.0, 8)),
    (("color", 0.6, 4), ("contrast", 1.0, 8)),
    (("equalize", 0.8, 8), ("equalize", 0.6, 3)),
)

CIFAR10_POLICY = (
    (("invert", 0.1, 7), ("contrast", 0.2, 6)),
    (("rotate", 0.7, 2), ("translate_x", 0.3, 9)),
    (("sharpness", 0.8, 1), ("sharpness", 0.9, 3)),
    (("shear_y", 0.5, 8), ("translate_y", 0.7, 9)),
    (("autocontrast", 0.5, 8), ("equalize", 0.9, 2)),
    (("shear_y", 0.2, 7), ("posterize", 0.3, 7)),
    (("color", 0.4, 3), ("brightness", 0.6, 7)),
    (("sharpness", 0.3, 9), ("brightness", 0.7, 9)),
    (("equalize", 0.6, 5), ("equalize", 0.5, 1)),
    (("contrast", 0.6, 7), ("sharpness", 0.6, 5)),
    (("color", 0.7, 7), ("translate_x", 0.5, 8)),
    (("equalize", 0.3, 7), ("autocontrast", 0.4, 8)),
    (("translate_y", 0.4, 3), ("sharpness", 0.2, 6)),
    (("brightness", 0.9, 6), ("color", 0.2, 8)),
    (("solarize", 0.5, 2), ("invert", 0.0, 3)),
    (("equalize", 0.2, 0), ("autocontrast", 0.6, 0)),
    (("equalize", 0.2, 8), ("equalize", 0.6, 4)),
    (("color", 0.9, 9), ("equalize", 0.6, 6)),
    (("autocontrast", 0.8, 4), ("solarize", 0.2, 8)),
    (("brightness", 0.1, 3), ("color", 0.7, 0)),
    (("solarize", 0.4, 5), ("autocontrast", 0.9, 3)),
    (("translate_y", 0.9, 9), ("translate_y", 0.7, 9)),
    (("autocontrast", 0.9, 2), ("solarize", 0.8, 3)),
    (("equalize", 0.8, 8), ("invert", 0.1, 3)),
    (("translate_y", 0.7, 9), ("autocontrast", 0.9, 1)),
)

POLICIES = {"imagenet": IMAGENET_POLICY, "cifar10": CIFAR10_POLICY}
RAND_OPERATIONS = tuple(name for name in OPERATIONS if name != "invert")


@takes_batches
def auto_augment(
    images,
    policy="imagenet",
    *,
    seed,
    magnitudes="torchvision",
    fill=None,
    interpolation="nearest",
    value_range=(0, 1),
):
    """Applies to each image one of the 25 sub-policies that AutoAugment found.

    A sub-policy is two operations in turn, each with its own probability and magnitude.

    The authors' code, their paper and torchvision disagree about what a magnitude means. Hence
    `magnitudes`, with m from 0 to 9:

    | | "torchvision" | "authors" |
    |---|---|---|
    | shear | +-0.3 m/9 | +-0.3 m/10 |
    | translate | +-150/331 of the side, m/9 | the same, m/10 |
    | rotate | +-30 m/9 degrees | +-30 m/10 degrees, whole ones |
    | brightness, color, contrast, sharpness | 1 +- 0.9 m/9 | 0.1 + 1.8 m/10 |
    | posterize | 8 - 4 m/9 bits | 4 - 4 m/10 bits |
    | solarize from | level 255 - 255 m/9 | level 256 - 256 m/10 |

    Signs are drawn. The frequency study used torchvision with its ImageNet policy.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        policy: "imagenet", "cifar10", or a sequence of sub-policies like those of
            `IMAGENET_POLICY`: pairs of triples (operation, probability, magnitude from 0 to 9).
            Defaults to "imagenet".
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        magnitudes: "torchvision" or "authors". Defaults to "torchvision".
        fill: What a warp shows beyond the image, in the units of `value_range`. Defaults to None,
            its low end, black, as in the authors' CIFAR code and in torchvision. Other
            implementations show grey.
        interpolation: "nearest" as published, or "bilinear". Defaults to "nearest".
        value_range: (black, white). Values beyond are clipped. Defaults to (0, 1).

    Returns:
        Float32 tensor of the images' shape, within `value_range`.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If an argument is none of the above.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((2, 8, 8, 3))
        >>> kf.augment.auto_augment(images, "cifar10", seed=(0, 1)).shape
        TensorShape([2, 8, 8, 3])

    Source:
        Cubuk et al. (2019), "AutoAugment: Learning Augmentation Strategies from Data", tables 7
        and 9. The operations are Pillow's, without its rounding to whole levels in between. The
        authors shift CIFAR images by at most 10 of 32 pixels, ImageNet's by 150 of 331.
    """
    operations, probabilities, numbers = _columns(policy)
    checks.choice("magnitudes", magnitudes, MAGNITUDES)
    levels = colour.to_levels(images, value_range)
    fill = colour.fill_level(fill, value_range)
    count = tf.shape(images)[0]
    choice_seed, *step_seeds = split_seed(seed, 3)
    sub_policy = tf.random.stateless_uniform([count], choice_seed, 0, len(operations), tf.int32)
    among = tuple(OPERATIONS[index] for index in np.unique(operations))
    for step, step_seed in enumerate(step_seeds):
        probability_seed, sign_seed = split_seed(step_seed, 2)
        operation, probability, magnitude = (
            tf.gather(column[:, step], sub_policy)
            for column in (operations, probabilities, numbers)
        )
        operation = tf.where(happens(probability_seed, count, probability), operation, IDENTITY)
        share = magnitude / (9.0 if magnitudes == "torchvision" else 10.0)
        strength = strengths_of(operation, share, signs(sign_seed, count), magnitudes)
        levels = apply_choices(
            levels, operation, strength, among=among, fill=fill, interpolation=interpolation
        )
    return colour.from_levels(levels, value_range)


@takes_batches
def rand_augment(
    images,
    *,
    seed,
    num_operations=2,
    magnitude=9.0,
    magnitudes="torchvision",
    fill=None,
    interpolation="nearest",
    value_range=(0, 1),
):
    """Applies to each image random operations of one magnitude, one after the other.

    They are drawn with equal chances from identity, autocontrast, equalize, rotate, solarize,
    color, posterize, contrast, brightness, sharpness, and shear and translate along both axes.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        num_operations: Int >= 1, how many in turn (the paper's N). Defaults to 2.
        magnitude: From 0 to 10 (the paper's M), where 10 is the end of AutoAugment's ranges. The 9
            of 30 that is torchvision's default is 3 here. Defaults to 9.
        magnitudes: "torchvision" or "authors", as in `auto_augment`. Defaults to "torchvision".
        fill: What a warp shows beyond the image, in the units of `value_range`. Defaults to None,
            its low end, black.
        interpolation: "nearest" as published, or "bilinear". Defaults to "nearest".
        value_range: (black, white). Values beyond are clipped. Defaults to (0, 1).

    Returns:
        Float32 tensor of the images' shape, within `value_range`.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If an argument is none of the above.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((2, 8, 8, 3))
        >>> kf.augment.rand_augment(images, seed=(0, 1), magnitude=5).shape
        TensorShape([2, 8, 8, 3])

    Source:
        Cubuk et al. (2020), "RandAugment: Practical automated data augmentation with a reduced
        search space", with the 14 operations of its section 3. The paper uses magnitudes above 10
        for the largest networks. These leave the ranges and are refused here. The authors' later
        code also has invert, cutout and solarize-add.
    """
    num_operations = checks.integer("num_operations", num_operations)
    magnitude = checks.number("magnitude", magnitude, 0, 10, "a share of ten")
    levels = colour.to_levels(images, value_range)
    fill = colour.fill_level(fill, value_range)
    count = tf.shape(images)[0]
    share = tf.fill([count], magnitude / 10.0)
    for step_seed in split_seed(seed, num_operations):
        choice_seed, sign_seed = split_seed(step_seed, 2)
        chosen = draw_operations(choice_seed, count, RAND_OPERATIONS)
        strength = strengths_of(chosen, share, signs(sign_seed, count), magnitudes)
        levels = apply_choices(
            levels, chosen, strength, among=RAND_OPERATIONS, fill=fill, interpolation=interpolation
        )
    return colour.from_levels(levels, value_range)


def _columns(policy):
    """Operations (as indices), probabilities and magnitudes of a policy, each `(P, 2)`."""
    if isinstance(policy, str):
        policy = POLICIES[checks.choice("policy", policy, tuple(POLICIES))]
    try:
        pairs = [[(str(n), float(p), float(m)) for n, p, m in pair] for pair in policy]
        triples = [triple for pair in pairs for triple in pair]
        valid = bool(pairs) and all(len(pair) == 2 for pair in pairs)
        valid &= all(n in OPERATIONS and 0 <= p <= 1 and 0 <= m <= 9 for n, p, m in triples)
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            '`policy` must be "imagenet", "cifar10", or a sequence of sub-policies, each of two '
            "triples (operation, probability in [0, 1], magnitude from 0 to 9) with operations of "
            f"{', '.join(OPERATIONS)}. Received: policy={policy!r}"
        )
    columns = zip(*((OPERATIONS.index(n), p, m) for n, p, m in triples), strict=True)
    dtypes = (np.int32, np.float32, np.float32)
    return [np.array(c, dtype).reshape(-1, 2) for c, dtype in zip(columns, dtypes, strict=True)]
