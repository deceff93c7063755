"""Network in network (Lin, Chen and Yan, 2013)."""

import functools

import keras
from keras import layers

from keras_freq import checks
from keras_freq.models.shared_layers import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    activated,
    check_arguments,
    check_block,
    check_filters,
    l2,
    normalized_input,
)


def mlp_convolution(
    x, filters, size, *, strides=1, padding="same", weight_decay=0.0, name="mlpconv"
):
    """A convolution whose filters are small multi-layer perceptrons: 1 x 1 convolutions after it.

    Args:
        x: Feature maps `(N, H, W, C)`.
        filters: Channels of each layer; the first is the `size` x `size` convolution, the others
            are 1 x 1. Each is followed by a ReLU.
        size: Side of the first convolution's kernel.
        strides: Of the first convolution.
        padding: Of the first convolution, "same" or "valid".
        weight_decay: L2 on every kernel.
        name: Prefix of the layers' names.

    Returns:
        Feature maps with `filters[-1]` channels.

    Example:
        >>> x = keras.Input((8, 8, 3))
        >>> mlp_convolution(x, (16, 12, 10), 5).shape
        (None, 8, 8, 10)

    Source:
        Lin, Chen and Yan (2013), section 3.1.
    """
    check_block(x, size=size, strides=strides)
    check_filters("filters", filters)
    checks.choice("padding", padding, ("same", "valid"))
    for i, channels in enumerate(filters):
        x = layers.Conv2D(
            channels,
            size if i == 0 else 1,
            strides if i == 0 else 1,
            padding if i == 0 else "same",
            activation="relu",
            kernel_initializer="he_normal",
            kernel_regularizer=l2(weight_decay),
            name=f"{name}_{i + 1}",
        )(x)
    return x


def NiN(
    input_shape=(224, 224, 3),
    num_classes=1000,
    *,
    stem="imagenet",
    mean=IMAGENET_MEAN,
    std=IMAGENET_STD,
    classifier_activation="softmax",
    dropout=0.5,
    weight_decay=0.0,
    name="NiN",
):
    """Network in network: MLP convolutions, and a map for each class that is averaged to its score.

    No dense layer: "logits" is the global average of the maps of the layer "class_maps".

    Args:
        input_shape: `(height, width, channels)`, at least 67 x 67, or 7 x 7 with `stem="small"`;
            height and width may be None.
        num_classes: Number of classes.
        stem: "imagenet", four MLP convolutions of which the first has stride 4; "small", the
            paper's three for images of 32 x 32.
        mean: What is subtracted from the images: one number, one a channel, or None for images
            that stay in [0, 1]. Defaults to ImageNet's, or to its average if there are not three
            channels.
        std: What the images are divided by, likewise.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        dropout: Rate before the last MLP convolution, and with `stem="small"` before the last two.
        weight_decay: L2 on every kernel: a term of the loss whose gradient is
            `weight_decay * kernel`. Defaults to 0.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = NiN((32, 32, 3), 10, stem="small")
        >>> model.count_params()
        966986

    Source:
        Lin, Chen and Yan (2013); "small" is the paper's network for CIFAR-10 and "imagenet" the
        authors' in the Caffe model zoo. The class maps have no ReLU here, so that a logit can be
        negative. Pools are 3 x 3 with stride 2.
    """
    smallest = {"imagenet": 67, "small": 7}
    check_arguments(
        "NiN",
        input_shape,
        num_classes,
        smallest=smallest,
        any_size=True,
        stem=stem,
        classifier_activation=classifier_activation,
        dropout=dropout,
    )
    mlpconv = functools.partial(mlp_convolution, weight_decay=weight_decay)

    inputs, x = normalized_input(input_shape, mean, std)
    if stem == "imagenet":
        x = mlpconv(x, (96, 96, 96), 11, strides=4, padding="valid", name="mlpconv1")
        x = layers.MaxPooling2D(3, 2, name="pool1")(x)
        x = mlpconv(x, (256, 256, 256), 5, name="mlpconv2")
        x = layers.MaxPooling2D(3, 2, name="pool2")(x)
        x = mlpconv(x, (384, 384, 384), 3, name="mlpconv3")
        x = layers.MaxPooling2D(3, 2, name="pool3")(x)
        x = layers.Dropout(dropout, name="dropout3")(x)
        x = mlpconv(x, (1024, 1024), 3, name="mlpconv4")
    else:
        x = mlpconv(x, (192, 160, 96), 5, name="mlpconv1")
        x = layers.MaxPooling2D(3, 2, name="pool1")(x)
        x = layers.Dropout(dropout, name="dropout1")(x)
        x = mlpconv(x, (192, 192, 192), 5, name="mlpconv2")
        x = layers.MaxPooling2D(3, 2, name="pool2")(x)
        x = layers.Dropout(dropout, name="dropout2")(x)
        x = mlpconv(x, (192, 192), 3, name="mlpconv3")
    x = layers.Conv2D(num_classes, 1, kernel_regularizer=l2(weight_decay), name="class_maps")(x)
    x = layers.GlobalAveragePooling2D(name="logits")(x)
    return keras.Model(inputs, activated(x, classifier_activation), name=name)
