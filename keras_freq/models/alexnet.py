"""AlexNet (Krizhevsky, Sutskever and Hinton, 2012) and its relatives."""

import keras
from keras import layers

from keras_freq.layers import LocalResponseNormalization
from keras_freq.models.ends import check_arguments, class_scores, l2, normalized_input


def AlexNetFlowers(
    input_shape=(224, 224, 3),
    num_classes=5,
    *,
    mean=None,
    std=None,
    classifier_activation="softmax",
    dropout=0.5,
    weight_decay=0.0,
    name="AlexNetFlowers",
):
    """The Keras AlexNet of a student replication on five kinds of flowers: one column, with LRN.

    Args:
        input_shape: `(height, width, channels)`, at least 67 x 67.
        num_classes: number of classes.
        mean: subtracted from the images, one number or one a channel; None: images stay in [0, 1].
        std: the images are divided by it, likewise.
        classifier_activation: "softmax", or None for logits.
        dropout: rate after each hidden dense layer.
        weight_decay: L2 on every kernel, as a term of the loss whose gradient is
            `weight_decay * kernel`.
        name: the model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        46,767,493 parameters at the defaults.

    Example:
        >>> model = AlexNetFlowers((67, 67, 3))
        >>> model.output_shape
        (None, 5)

    Source:
        Nammi et al. (2024), appendix. Pooling comes before normalisation there, LRN has radius 5
        and bias 1, and the first convolution is not padded (54 x 54 maps, where the 2012 paper
        has 55 x 55).
    """
    check_arguments("AlexNetFlowers", input_shape, num_classes, smallest=67)
    decay = l2(weight_decay)

    def conv(x, filters, size, strides=1, padding="same", *, name):
        return layers.Conv2D(
            filters,
            size,
            strides,
            padding,
            activation="relu",
            kernel_regularizer=decay,
            name=name,
        )(x)

    inputs, x = normalized_input(input_shape, mean, std)
    x = conv(x, 96, 11, strides=4, padding="valid", name="conv1")
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    x = LocalResponseNormalization(5, 1.0, 1e-4, 0.75, name="lrn1")(x)
    x = conv(x, 256, 5, name="conv2")
    x = layers.MaxPooling2D(3, 2, name="pool2")(x)
    x = LocalResponseNormalization(5, 1.0, 1e-4, 0.75, name="lrn2")(x)
    x = conv(x, 384, 3, name="conv3")
    x = conv(x, 384, 3, name="conv4")
    x = conv(x, 256, 3, name="conv5")
    x = layers.MaxPooling2D(3, 2, name="pool5")(x)
    x = layers.Flatten(name="flatten")(x)
    for i in (6, 7):
        x = layers.Dense(4096, "relu", kernel_regularizer=decay, name=f"dense{i}")(x)
        x = layers.Dropout(dropout, name=f"dropout{i}")(x)
    outputs = class_scores(x, num_classes, classifier_activation, decay)
    return keras.Model(inputs, outputs, name=name)


def AlexNetSmall(
    input_shape=(32, 32, 3),
    num_classes=10,
    *,
    mean=0.5,
    std=0.5,
    classifier_activation="softmax",
    dropout=0.5,
    weight_decay=0.0,
    name="AlexNetSmall",
):
    """AlexNet for 32 x 32 images: the same widths, 3 x 3 kernels, BatchNormalization, 2 x 2 pools.

    Args:
        input_shape: `(height, width, channels)`, at least 15 x 15.
        num_classes: number of classes.
        mean: subtracted from the images, one number or one a channel; None: images stay in [0, 1].
        std: the images are divided by it, likewise.
        classifier_activation: "softmax", or None for logits.
        dropout: rate after each hidden dense layer.
        weight_decay: L2 on every kernel, as a term of the loss whose gradient is
            `weight_decay * kernel`.
        name: the model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.

    Example:
        >>> model = AlexNetSmall((16, 16, 3), 4)
        >>> model.output_shape
        (None, 4)

    Source:
        Widths and the 4096-4096 head are those of the 2012 AlexNet. Kernels, BatchNormalization
        (momentum 0.9, epsilon 1e-5) and pools are the usual ones for small images; no paper
        publishes this table.
    """
    check_arguments("AlexNetSmall", input_shape, num_classes, smallest=15)
    decay = l2(weight_decay)

    def conv(x, filters, strides=1, *, name):
        x = layers.Conv2D(
            filters,
            3,
            strides,
            "same",
            use_bias=False,
            kernel_initializer="he_normal",
            kernel_regularizer=decay,
            name=name,
        )(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"{name}_bn")(x)
        return layers.ReLU(name=f"{name}_relu")(x)

    inputs, x = normalized_input(input_shape, mean, std)
    x = conv(x, 96, strides=2, name="conv1")
    x = layers.MaxPooling2D(2, name="pool1")(x)
    x = conv(x, 256, name="conv2")
    x = layers.MaxPooling2D(2, name="pool2")(x)
    x = conv(x, 384, name="conv3")
    x = conv(x, 384, name="conv4")
    x = conv(x, 256, name="conv5")
    x = layers.MaxPooling2D(2, name="pool5")(x)
    x = layers.Flatten(name="flatten")(x)
    for i in (6, 7):
        x = layers.Dense(
            4096,
            "relu",
            kernel_initializer="he_normal",
            kernel_regularizer=decay,
            name=f"dense{i}",
        )(x)
        x = layers.Dropout(dropout, name=f"dropout{i}")(x)
    outputs = class_scores(x, num_classes, classifier_activation, decay)
    return keras.Model(inputs, outputs, name=name)
