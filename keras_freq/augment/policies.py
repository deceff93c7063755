"""The published policies of AutoAugment, and what their magnitudes mean.

A policy is 25 sub-policies, each of two operations in turn: (operation, probability, magnitude).
Magnitudes are 0 to 9; where the operation has no strength the published magnitude means nothing.
"""

import tensorflow as tf

from keras_freq.augment.operations import OPERATIONS

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
MAGNITUDES = ("torchvision", "authors")


@tf.autograph.experimental.do_not_convert
def strengths(choice, share, sign, magnitudes, translate=150 / 331):
    """Turns magnitudes into the strengths of `apply_operation`.

    Args:
        choice: int32 `(N,)`, indices into `OPERATIONS`.
        share: float32 `(N,)`, the magnitude as a share of the largest, in [0, 1].
        sign: float32 `(N,)`, -1 or 1, for what goes both ways.
        magnitudes: "torchvision" or "authors".
        translate: the largest shift as a fraction of the side.

    Returns:
        float32 `(N,)`.
    """
    if magnitudes == "torchvision":
        factor = 1.0 + sign * 0.9 * share
        bits = 8.0 - tf.round(4.0 * share)
        threshold = 255.0 * (1.0 - share)
        degrees = sign * 30.0 * share
    else:
        factor = 0.1 + 1.8 * share
        bits = 4.0 - _truncated(4.0 * share)
        threshold = 256.0 - _truncated(256.0 * share)
        degrees = sign * _truncated(30.0 * share)
    shear, shift = sign * 0.3 * share, sign * translate * share
    each = {
        "shear_x": shear,
        "shear_y": shear,
        "translate_x": shift,
        "translate_y": shift,
        "rotate": degrees,
        "brightness": factor,
        "color": factor,
        "contrast": factor,
        "sharpness": factor,
        "posterize": bits,
        "solarize": threshold,
    }
    nothing = tf.zeros_like(share)
    every = tf.stack([each.get(name, nothing) for name in OPERATIONS], axis=1)
    return tf.gather(every, choice, axis=1, batch_dims=1)


def _truncated(values):
    """Drops the fraction, forgiving what float32 loses of a whole number."""
    return tf.floor(values + 1e-3)
