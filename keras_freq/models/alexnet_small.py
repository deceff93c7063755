"""AlexNet for small images."""

import keras
from keras import layers

from keras_freq import checks
from keras_freq.layers import abs_tanh
from keras_freq.models.shared_layers import (
    batch_normalization,
    check_arguments,
    class_scores,
    hidden_dense_layers,
    l2,
    normalized_input,
)


def AlexNetSmall(
    input_shape=(32, 32, 3),
    num_classes=10,
    *,
    mean=0.5,
    std=0.5,
    classifier_activation="softmax",
    dropout=0.5,
    weight_decay=0.0,
    width=1.0,
    activation="relu",
    batch_norm=True,
    name="AlexNetSmall",
):
    """AlexNet for 32 x 32 images: the same widths, 3 x 3 kernels, BatchNormalization, 2 x 2 pools.

    Args:
        input_shape: `(height, width, channels)`, at least 15 x 15.
        num_classes: Number of classes.
        mean: As in `AlexNet`.
        std: As in `AlexNet`.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        dropout: Rate after each hidden dense layer.
        weight_decay: As in `AlexNet`.
        width: Factor on the filters of every convolution and the units of both hidden dense layers,
            > 0. The products are rounded to at least one. Defaults to 1.
        activation: After each convolution and hidden dense layer: the name of an activation of
            Keras, or "abs_tanh" for `abs(tanh(x))`. Defaults to "relu".
        batch_norm: Whether BatchNormalization follows each convolution, instead of a bias.
            Defaults to True.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        24,343,786 parameters at the defaults, 1,531,714 with `width=0.25`.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = AlexNetSmall((16, 16, 3), 4, width=0.25)
        >>> model.get_layer("conv1").filters, model.get_layer("dense6").units
        (24, 1024)

    Source:
        Widths and the 4096-4096 head are those of the 2012 AlexNet. Kernels, BatchNormalization
        (momentum 0.9, epsilon 1e-5) and pools are the usual ones for small images; no paper
        publishes this table.
    """
    check_arguments(
        "AlexNetSmall",
        input_shape,
        num_classes,
        smallest=15,
        classifier_activation=classifier_activation,
        dropout=dropout,
    )
    checks.positive("width", width, "a factor")
    function = hidden_activation(activation)
    decay = l2(weight_decay)

    def scaled(count):
        return max(1, round(count * width))

    def conv(x, filters, strides=1, *, name):
        x = layers.Conv2D(
            scaled(filters),
            3,
            strides,
            "same",
            use_bias=not batch_norm,
            kernel_initializer="he_normal",
            kernel_regularizer=decay,
            name=name,
        )(x)
        if batch_norm:
            x = batch_normalization(x, f"{name}_bn")
        if activation == "relu":
            return layers.ReLU(name=f"{name}_relu")(x)
        return layers.Activation(function, name=f"{name}_activation")(x)

    inputs, x = normalized_input(input_shape, mean, std)
    x = conv(x, 96, strides=2, name="conv1")
    x = layers.MaxPooling2D(2, name="pool1")(x)
    x = conv(x, 256, name="conv2")
    x = layers.MaxPooling2D(2, name="pool2")(x)
    x = conv(x, 384, name="conv3")
    x = conv(x, 384, name="conv4")
    x = conv(x, 256, name="conv5")
    x = layers.MaxPooling2D(2, name="pool5")(x)
    x = hidden_dense_layers(x, dropout, decay, "he_normal", units=scaled(4096), activation=function)
    outputs = class_scores(x, num_classes, classifier_activation, decay)
    return keras.Model(inputs, outputs, name=name)


def hidden_activation(activation):
    """The function of the name of one of Keras' activations, or of "abs_tanh"."""
    try:
        if not isinstance(activation, str):
            raise TypeError("experiment files hold names, not functions")
        return abs_tanh if activation == "abs_tanh" else keras.activations.get(activation)
    except (ValueError, TypeError) as error:
        raise ValueError(
            '`activation` must be the name of an activation of Keras, such as "relu" or "tanh", or '
            f'"abs_tanh". Received: activation={activation!r}'
        ) from error
