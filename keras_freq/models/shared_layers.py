"""What networks share: arguments, the normalised input, layers, class scores.

Every model takes images in [0, 1] and normalises them itself, by a `Rescaling` layer named
"normalization". Every model ends in a linear layer named "logits" and, unless
`classifier_activation=None`, an activation layer named "predictions". To take the softmax off,
write `keras.Model(model.input, model.get_layer("logits").output)`.
"""

import keras
import numpy as np
from keras import layers

from keras_freq import checks

# The training set's channel means and standard deviations, as PyTorch's trained models expect them.
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def check_arguments(
    builder,
    input_shape,
    num_classes,
    *,
    smallest,
    any_size=False,
    stem=None,
    classifier_activation=None,
    dropout=0.0,
):
    """Raises a clear error before anything is built.

    Args:
        builder: Name of the calling builder, for the message.
        input_shape: What the user passed.
        num_classes: What the user passed.
        smallest: The smallest height and width that the layers can work on, in pixels. For a
            network with several stems: A dict of them, by the names of the stems.
        any_size: Whether height and width may be None. Defaults to False.
        stem: What the user passed, for a network with several stems. Defaults to None.
        classifier_activation: What the user passed. Defaults to None.
        dropout: What the user passed. Defaults to 0.
    """
    smaller = ""
    if isinstance(smallest, dict):
        sides, smallest = smallest, smallest[checks.choice("stem", stem, tuple(smallest))]
        if sides["small"] < smallest:
            smaller = f', or {sides["small"]} x {sides["small"]} with stem="small"'
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
    checks.number("dropout", dropout, 0, 1, "a rate")
    try:
        keras.activations.get(classifier_activation)
    except (ValueError, TypeError) as error:
        raise ValueError(
            '`classifier_activation` must be the name of an activation, such as "softmax", or '
            f"None. Received: classifier_activation={classifier_activation!r}"
        ) from error
    checks.num_classes(num_classes)
    checks.integer("input_shape[2]", input_shape[2])
    for axis, side in enumerate(input_shape[:2]):
        if side is None and any_size:
            continue
        if side is None:
            raise ValueError(
                f"`input_shape` of {builder} must give height and width, since a dense layer "
                f"follows the last feature map. Received: input_shape={tuple(input_shape)}. Build "
                "it at its own size, then call `keras_freq.convolutionize(model)`."
            )
        if checks.integer(f"input_shape[{axis}]", side) < smallest:
            raise ValueError(
                f"`input_shape` of {builder} must be at least {smallest} x {smallest} pixels"
                f"{smaller}. Received: input_shape={tuple(input_shape)}"
            )


def normalized_input(input_shape, mean, std):
    """The input and the layer "normalization", `(x - mean) / std`.

    Args:
        input_shape: `(height, width, channels)`.
        mean: What to subtract, in units of [0, 1] images: one number, one a channel, or None for
            images that are used as they are. `IMAGENET_MEAN`, the builders' default, becomes its
            average for images that are not RGB.
        std: What to divide by, likewise.

    Returns:
        The input tensor and the normalised one.
    """
    inputs = keras.Input(input_shape, name="images")
    if mean is None and std is None:
        return inputs, inputs
    channels = input_shape[-1]
    if channels != 3:
        mean = np.mean(IMAGENET_MEAN) if mean is IMAGENET_MEAN else mean
        std = np.mean(IMAGENET_STD) if std is IMAGENET_STD else std
    mean, std = 0.0 if mean is None else mean, 1.0 if std is None else std
    checks.per_channel("mean", mean, channels)
    if (checks.per_channel("std", std, channels) <= 0).any():
        raise ValueError(f"`std` must be > 0. Received: std={std}")
    mean, std = np.asarray(mean, "float64"), np.asarray(std, "float64")
    # Plain lists and floats, so that the saved model's config is readable.
    scale, offset = (1.0 / std).tolist(), (-mean / std).tolist()
    return inputs, layers.Rescaling(scale, offset, name="normalization")(inputs)


def check_block(x, **numbers):
    """Raises unless `x` is feature maps, and the numbers of a block are integers >= 1."""
    if len(getattr(x, "shape", ())) != 4:
        raise ValueError(
            "`x` must be feature maps (N, H, W, C), as from `keras.Input((8, 8, 16))`. "
            f"Received: {getattr(x, 'shape', type(x).__name__)}"
        )
    for name, number in numbers.items():
        checks.integer(name, number)


def check_filters(name, filters, count=None):
    """Raises unless `filters` are integers >= 1, and as many as `count`, or any number of them."""
    if not isinstance(filters, list | tuple) or len(filters) != (count or len(filters) or 1):
        raise ValueError(
            f"`{name}` must hold {count or 'some'} numbers of channels. Received: {filters!r}"
        )
    for number in filters:
        checks.integer(name, number)


def l2(weight_decay):
    """The regulariser whose gradient is `weight_decay * kernel`; None for 0.

    This is the papers' weight decay: it is part of the loss, and so it is scaled by the learning
    rate. The `weight_decay` of a Keras optimizer is decoupled from the loss instead.
    """
    weight_decay = checks.number("weight_decay", weight_decay, 0, 1e6, "a number")
    return keras.regularizers.L2(weight_decay / 2) if weight_decay else None


def batch_normalization(x, name, epsilon=1e-5):
    """BatchNormalization that forgets fast enough for short trainings: momentum 0.9, not 0.99."""
    return layers.BatchNormalization(momentum=0.9, epsilon=epsilon, name=name)(x)


def hidden_dense_layers(
    x, dropout, decay, initializer, *, bias="zeros", units=4096, activation="relu"
):
    """AlexNet's layers 6 and 7: dense layers with an activation, and with dropout after it."""
    x = layers.Flatten(name="flatten")(x)
    for i in (6, 7):
        x = layers.Dense(
            units,
            activation,
            kernel_initializer=initializer,
            bias_initializer=bias,
            kernel_regularizer=decay,
            name=f"dense{i}",
        )(x)
        x = layers.Dropout(dropout, name=f"dropout{i}")(x)
    return x


def class_scores(x, num_classes, classifier_activation, decay, *, initializer=None, prefix=""):
    """The layer "logits" on features `(N, F)`, and the activation "predictions" if there is one."""
    x = layers.Dense(
        int(num_classes),
        kernel_initializer=initializer or "glorot_uniform",
        kernel_regularizer=decay,
        name=f"{prefix}logits",
    )(x)
    return activated(x, classifier_activation, f"{prefix}predictions")


def activated(logits, classifier_activation, name="predictions"):
    """The activation of the scores, in float32 also under mixed precision; None adds no layer."""
    if classifier_activation is None:
        return logits
    return layers.Activation(classifier_activation, dtype="float32", name=name)(logits)
