"""AutoAugment and RandAugment."""

import tensorflow as tf

from keras_freq import checks
from keras_freq.augment import levels as on_levels
from keras_freq.augment.arguments import (
    as_batch,
    checked_choice,
    checked_number,
    checked_value_range,
    happens,
    signs,
    split,
    unbatched,
)
from keras_freq.augment.operations import (
    IDENTITY,
    OPERATIONS,
    apply_choices,
    fill_level,
)
from keras_freq.augment.policies import MAGNITUDES, POLICIES, strengths
from keras_freq.augment.warps import INTERPOLATIONS

RAND_OPERATIONS = tuple(name for name in OPERATIONS if name != "invert")


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

    The authors' code, their paper and torchvision disagree about what a magnitude means, hence
    `magnitudes`. With m from 0 to 9:

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
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.
        policy: "imagenet", "cifar10", or a sequence of sub-policies like those of
            `IMAGENET_POLICY`: pairs of triples (operation, probability, magnitude from 0 to 9).
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        magnitudes: "torchvision" or "authors".
        fill: what a warp shows beyond the image, in the units of `value_range`. None is its low
            end, black, as in the authors' CIFAR code and torchvision; elsewhere it is grey.
        interpolation: "nearest" as published, or "bilinear".
        value_range: (black, white). Values beyond are clipped.

    Returns:
        float32 of the images' shape, within `value_range`.

    Raises:
        TypeError: the images are not floats.
        ValueError: an argument is none of the above.

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
    batch, single = as_batch(images)
    value_range = checked_value_range(value_range)
    operations, probabilities, levels_of_ten = _table(policy)
    checked_choice("magnitudes", magnitudes, MAGNITUDES)
    checked_choice("interpolation", interpolation, INTERPOLATIONS)
    beyond = fill_level(fill, value_range)
    count = tf.shape(batch)[0]
    choice_seed, *step_seeds = split(seed, 3)
    chosen = tf.random.stateless_uniform([count], choice_seed, 0, len(operations), tf.int32)
    among = tuple({OPERATIONS[index] for pair in operations for index in pair})
    levels = on_levels.to_levels(batch, value_range)
    for step, step_seed in enumerate(step_seeds):
        probability_seed, sign_seed = split(step_seed, 2)
        operation = tf.gather([pair[step] for pair in operations], chosen)
        probability = tf.gather([pair[step] for pair in probabilities], chosen)
        magnitude = tf.gather([pair[step] for pair in levels_of_ten], chosen)
        operation = tf.where(happens(probability_seed, count, probability), operation, IDENTITY)
        share = magnitude / (9.0 if magnitudes == "torchvision" else 10.0)
        strength = strengths(operation, share, signs(sign_seed, count), magnitudes)
        levels = apply_choices(
            levels, operation, strength, among=among, fill=beyond, interpolation=interpolation
        )
    return unbatched(on_levels.from_levels(levels, value_range), single)


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
        images: float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        num_operations: int > 0, how many in turn (the paper's N).
        magnitude: from 0 to 10 (the paper's M), where 10 is the end of AutoAugment's ranges. The 9
            of 30 that is torchvision's default is 3 here.
        magnitudes: "torchvision" or "authors", as in `auto_augment`.
        fill: what a warp shows beyond the image, in the units of `value_range`. None is its low
            end, black.
        interpolation: "nearest" as published, or "bilinear".
        value_range: (black, white). Values beyond are clipped.

    Returns:
        float32 of the images' shape, within `value_range`.

    Raises:
        TypeError: the images are not floats.
        ValueError: an argument is none of the above.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((2, 8, 8, 3))
        >>> kf.augment.rand_augment(images, seed=(0, 1), magnitude=5).shape
        TensorShape([2, 8, 8, 3])

    Source:
        Cubuk et al. (2020), "RandAugment: Practical automated data augmentation with a reduced
        search space", with the 14 operations of its section 3. Magnitudes above 10, which the paper
        uses for the largest networks, leave the ranges and are refused. The authors' later code
        also has invert, cutout and solarize-add.
    """
    batch, single = as_batch(images)
    value_range = checked_value_range(value_range)
    num_operations = checks.integer("num_operations", num_operations)
    magnitude = checked_number("magnitude", magnitude, 0, 10, "a share of ten")
    checked_choice("magnitudes", magnitudes, MAGNITUDES)
    checked_choice("interpolation", interpolation, INTERPOLATIONS)
    beyond = fill_level(fill, value_range)
    count = tf.shape(batch)[0]
    share = tf.fill([count], magnitude / 10.0)
    levels = on_levels.to_levels(batch, value_range)
    for step_seed in split(seed, num_operations):
        choice_seed, sign_seed = split(step_seed, 2)
        operation = drawn_operations(choice_seed, count, RAND_OPERATIONS)
        strength = strengths(operation, share, signs(sign_seed, count), magnitudes)
        levels = apply_choices(
            levels,
            operation,
            strength,
            among=RAND_OPERATIONS,
            fill=beyond,
            interpolation=interpolation,
        )
    return unbatched(on_levels.from_levels(levels, value_range), single)


def drawn_operations(seed, count, among):
    """Draws one of the named operations for each image, as indices into `OPERATIONS`."""
    indices = [OPERATIONS.index(name) for name in among]
    return tf.gather(indices, tf.random.stateless_uniform([count], seed, 0, len(indices), tf.int32))


def _table(policy):
    """Operations, probabilities and magnitudes of a policy, each as a list of pairs."""
    if isinstance(policy, str):
        checked_choice("policy", policy, tuple(POLICIES))
        policy = POLICIES[policy]
    try:
        pairs = [tuple((str(n), float(p), float(m)) for n, p, m in pair) for pair in policy]
        valid = bool(pairs) and all(
            len(pair) == 2
            and all(n in OPERATIONS and 0 <= p <= 1 and 0 <= m <= 9 for n, p, m in pair)
            for pair in pairs
        )
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            '`policy` must be "imagenet", "cifar10", or a sequence of sub-policies, each of two '
            "triples (operation, probability in [0, 1], magnitude from 0 to 9) with operations of "
            f"{', '.join(OPERATIONS)}. Received: policy={policy!r}"
        )
    return (
        [[OPERATIONS.index(name) for name, _, _ in pair] for pair in pairs],
        [[probability for _, probability, _ in pair] for pair in pairs],
        [[magnitude for _, _, magnitude in pair] for pair in pairs],
    )
