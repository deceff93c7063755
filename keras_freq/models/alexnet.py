"""AlexNet: the paper's, PyTorch's, and a student replication's."""

import functools

import keras
from keras import initializers, layers

from keras_freq.layers import LocalResponseNormalization
from keras_freq.models.shared_layers import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    check_arguments,
    class_scores,
    hidden_dense_layers,
    l2,
    normalized_input,
)


def AlexNet(
    input_shape=(224, 224, 3),
    num_classes=1000,
    *,
    mean=IMAGENET_MEAN,
    std=IMAGENET_STD,
    classifier_activation="softmax",
    dropout=0.5,
    weight_decay=0.0,
    name="AlexNet",
):
    """AlexNet as PyTorch has it: one column, fewer filters, no response normalisation.

    Args:
        input_shape: `(height, width, channels)`, at least 63 x 63.
        num_classes: Number of classes.
        mean: What is subtracted from the images: one number, one a channel, or None for images
            that stay in [0, 1]. Defaults to ImageNet's, or to its average if there are not three
            channels.
        std: What the images are divided by, likewise.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        dropout: Rate before each hidden dense layer.
        weight_decay: L2 on every kernel: a term of the loss whose gradient is
            `weight_decay * kernel`. Defaults to 0.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        61,100,840 parameters at the defaults. `load_torch_weights` fills it.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = AlexNet((63, 63, 3), 10)
        >>> model.output_shape
        (None, 10)

    Source:
        Krizhevsky (2014), "One weird trick for parallelizing convolutional neural networks", as
        listed in Fleuret, "Deep learning" 8.2. At sizes other than 224 x 224 the first dense layer
        is smaller or larger; PyTorch would pool to 6 x 6 instead.
    """
    check_arguments(
        "AlexNet",
        input_shape,
        num_classes,
        smallest=63,
        classifier_activation=classifier_activation,
        dropout=dropout,
    )
    decay = l2(weight_decay)
    conv = _convolutions("he_normal", decay)

    inputs, x = normalized_input(input_shape, mean, std)
    x = layers.ZeroPadding2D(2, name="conv1_pad")(x)
    x = conv(64, 11, strides=4, padding="valid", name="conv1")(x)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    x = conv(192, 5, name="conv2")(x)
    x = layers.MaxPooling2D(3, 2, name="pool2")(x)
    x = conv(384, 3, name="conv3")(x)
    x = conv(256, 3, name="conv4")(x)
    x = conv(256, 3, name="conv5")(x)
    x = layers.MaxPooling2D(3, 2, name="pool5")(x)
    x = layers.Flatten(name="flatten")(x)
    for i in (6, 7):
        x = layers.Dropout(dropout, name=f"dropout{i}")(x)
        x = layers.Dense(
            4096,
            "relu",
            kernel_initializer="he_normal",
            kernel_regularizer=decay,
            name=f"dense{i}",
        )(x)
    outputs = class_scores(x, num_classes, classifier_activation, decay)
    return keras.Model(inputs, outputs, name=name)


def AlexNet2012(
    input_shape=(224, 224, 3),
    num_classes=1000,
    *,
    mean=IMAGENET_MEAN,
    std=IMAGENET_STD,
    classifier_activation="softmax",
    dropout=0.5,
    weight_decay=0.0,
    name="AlexNet2012",
):
    """AlexNet as published: response normalisation, and layers 2, 4 and 5 in two groups.

    A group is what was on one of the two GPUs: half of the filters, which see half of the channels.

    Args:
        input_shape: `(height, width, channels)`, at least 64 x 64.
        num_classes: Number of classes.
        mean: As in `AlexNet`.
        std: As in `AlexNet`.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        dropout: Rate after each hidden dense layer.
        weight_decay: As in `AlexNet`.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        60,965,224 parameters at the defaults.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = AlexNet2012((64, 64, 3), 10)
        >>> model.get_layer("conv2").groups
        2

    Source:
        Krizhevsky, Sutskever and Hinton (2012), sections 3 and 5: response normalisation comes
        after the ReLU and before the pool, weights start at N(0, 0.01), biases at 1 in layers 2, 4,
        5 and the hidden dense layers, else at 0. Images are padded by 1 and 2 pixels, since 224
        pixels do not give the 55 x 55 maps of the paper. The paper trains with `weight_decay=5e-4`,
        and subtracts the mean of each pixel of images in [0, 255]; we divide by a standard
        deviation.
    """
    check_arguments(
        "AlexNet2012",
        input_shape,
        num_classes,
        smallest=64,
        classifier_activation=classifier_activation,
        dropout=dropout,
    )
    gaussian = initializers.RandomNormal(stddev=0.01)
    decay = l2(weight_decay)
    conv = _convolutions(gaussian, decay)

    inputs, x = normalized_input(input_shape, mean, std)
    x = layers.ZeroPadding2D(((1, 2), (1, 2)), name="conv1_pad")(x)
    x = conv(96, 11, strides=4, padding="valid", name="conv1")(x)
    x = LocalResponseNormalization(2, 2.0, 1e-4, 0.75, name="lrn1")(x)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    x = conv(256, 5, groups=2, bias_initializer="ones", name="conv2")(x)
    x = LocalResponseNormalization(2, 2.0, 1e-4, 0.75, name="lrn2")(x)
    x = layers.MaxPooling2D(3, 2, name="pool2")(x)
    x = conv(384, 3, name="conv3")(x)
    x = conv(384, 3, groups=2, bias_initializer="ones", name="conv4")(x)
    x = conv(256, 3, groups=2, bias_initializer="ones", name="conv5")(x)
    x = layers.MaxPooling2D(3, 2, name="pool5")(x)
    x = hidden_dense_layers(x, dropout, decay, gaussian, bias="ones")
    outputs = class_scores(x, num_classes, classifier_activation, decay, initializer=gaussian)
    return keras.Model(inputs, outputs, name=name)


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
        num_classes: Number of classes.
        mean: As in `AlexNet`. Defaults to None: images stay in [0, 1].
        std: As in `AlexNet`.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        dropout: Rate after each hidden dense layer.
        weight_decay: As in `AlexNet`.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        46,767,493 parameters at the defaults.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = AlexNetFlowers((67, 67, 3))
        >>> model.output_shape
        (None, 5)

    Source:
        Nammi et al. (2024), appendix. Pooling comes before normalisation there, LRN has radius 5
        and bias 1, and the first convolution is not padded (54 x 54 maps, where the 2012 paper
        has 55 x 55). Weights start as Keras' defaults have them.
    """
    check_arguments(
        "AlexNetFlowers",
        input_shape,
        num_classes,
        smallest=67,
        classifier_activation=classifier_activation,
        dropout=dropout,
    )
    decay = l2(weight_decay)
    conv = _convolutions("glorot_uniform", decay)

    inputs, x = normalized_input(input_shape, mean, std)
    x = conv(96, 11, strides=4, padding="valid", name="conv1")(x)
    x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    x = LocalResponseNormalization(5, 1.0, 1e-4, 0.75, name="lrn1")(x)
    x = conv(256, 5, name="conv2")(x)
    x = layers.MaxPooling2D(3, 2, name="pool2")(x)
    x = LocalResponseNormalization(5, 1.0, 1e-4, 0.75, name="lrn2")(x)
    x = conv(384, 3, name="conv3")(x)
    x = conv(384, 3, name="conv4")(x)
    x = conv(256, 3, name="conv5")(x)
    x = layers.MaxPooling2D(3, 2, name="pool5")(x)
    x = hidden_dense_layers(x, dropout, decay, "glorot_uniform")
    outputs = class_scores(x, num_classes, classifier_activation, decay)
    return keras.Model(inputs, outputs, name=name)


def _convolutions(initializer, decay):
    """`layers.Conv2D` with the padding, ReLU and initial weights that most layers have."""
    return functools.partial(
        layers.Conv2D,
        padding="same",
        activation="relu",
        kernel_initializer=initializer,
        kernel_regularizer=decay,
    )
