"""The first and the last layers, which all the models share.

Every model takes images in [0, 1] and normalises them itself, by a `Rescaling` layer named
"normalization". Every model ends in a linear layer named "logits" and, unless
`classifier_activation=None`, an activation layer named "predictions": taking the softmax off is
`keras.Model(model.input, model.get_layer("logits").output)`.
"""

import keras
import numpy as np
from keras import layers

# The training set's channel means and standard deviations, as PyTorch's trained models expect them.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def check_arguments(builder, input_shape, num_classes, *, smallest, any_size=False, otherwise=""):
    """Raises a clear error before anything is built.

    Args:
        builder: name of the calling builder, for the message.
        input_shape: what the user passed.
        num_classes: what the user passed.
        smallest: the smallest height and width that the layers can work on, in pixels.
        any_size: whether height and width may be None.
        otherwise: what else a user with smaller images can do, for the message.
    """
    if keras.config.image_data_format() != "channels_last":
        raise ValueError(
            "Models of keras_freq take (height, width, channels) images. Received: "
            'image_data_format="channels_first". Call '
            'keras.config.set_image_data_format("channels_last") first.'
        )
    if not isinstance(input_shape, tuple | list) or len(input_shape) != 3:
        raise ValueError(
            f"`input_shape` must be (height, width, channels). Received: input_shape={input_shape}"
        )
    height, width, channels = input_shape
    if not _is_positive_integer(channels):
        raise ValueError(
            f"`input_shape` must end with the number of channels. Received: {input_shape}"
        )
    for side in (height, width):
        if side is None and any_size:
            continue
        if side is None:
            raise ValueError(
                f"`input_shape` of {builder} must give height and width, since a dense layer "
                f"follows the last feature map. Received: input_shape={tuple(input_shape)}. Build "
                "it at its own size, then call `keras_freq.convolutionize(model)`."
            )
        if not _is_positive_integer(side) or side < smallest:
            raise ValueError(
                f"`input_shape` of {builder} must be at least {smallest} x {smallest} pixels"
                f"{otherwise}. Received: input_shape={tuple(input_shape)}"
            )
    if not _is_positive_integer(num_classes):
        raise ValueError(
            f"`num_classes` must be an integer >= 1. Received: num_classes={num_classes!r}"
        )


def normalized_input(input_shape, mean, std):
    """The input and the layer "normalization", `(x - mean) / std`.

    Args:
        input_shape: `(height, width, channels)`.
        mean: what to subtract, in units of [0, 1] images: one number, one a channel, or None for
            images that are used as they are. `IMAGENET_MEAN`, the builders' default, becomes its
            average for images that are not RGB.
        std: what to divide by, likewise.

    Returns:
        The input tensor and the normalised one.
    """
    inputs = keras.Input(input_shape, name="images")
    if mean is None and std is None:
        return inputs, inputs
    if input_shape[-1] != 3:
        mean = np.mean(IMAGENET_MEAN) if mean is IMAGENET_MEAN else mean
        std = np.mean(IMAGENET_STD) if std is IMAGENET_STD else std
    mean = np.asarray(0.0 if mean is None else mean, "float64")
    std = np.asarray(1.0 if std is None else std, "float64")
    for name, value in (("mean", mean), ("std", std)):
        if value.ndim > 1 or (value.ndim == 1 and len(value) != input_shape[-1]):
            raise ValueError(
                f"`{name}` must be one number or one for each of the {input_shape[-1]} channels. "
                f"Received: {name}={value.tolist()}"
            )
    if np.any(std <= 0):
        raise ValueError(f"`std` must be > 0. Received: std={std.tolist()}")
    # Plain lists and floats, so that the saved model's config is readable.
    scale, offset = (1.0 / std).tolist(), (-mean / std).tolist()
    return inputs, layers.Rescaling(scale, offset, name="normalization")(inputs)


def class_scores(x, num_classes, classifier_activation, regularizer=None, initializer=None):
    """The layer "logits" on features `(N, F)`, and the activation "predictions" if there is one."""
    x = layers.Dense(
        num_classes,
        kernel_initializer=initializer or "glorot_uniform",
        kernel_regularizer=regularizer,
        name="logits",
    )(x)
    return activated(x, classifier_activation)


def activated(logits, classifier_activation, name="predictions"):
    """The activation of the scores, in float32 also under mixed precision; None adds no layer."""
    if classifier_activation is None:
        return logits
    return layers.Activation(classifier_activation, dtype="float32", name=name)(logits)


def l2(weight_decay):
    """The regulariser whose gradient is `weight_decay * kernel`; None for 0.

    This is the papers' weight decay: part of the loss, and so scaled by the learning rate. The
    `weight_decay` of a Keras optimizer is decoupled from the loss instead.
    """
    if weight_decay < 0:
        raise ValueError(f"`weight_decay` must be >= 0. Received: weight_decay={weight_decay}")
    return keras.regularizers.L2(weight_decay / 2) if weight_decay else None


def _is_positive_integer(value):
    """Whether `value` is a Python or NumPy integer of at least 1."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= 1
