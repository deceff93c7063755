"""Residual networks (He et al., 2016), and ResNeXt with its aggregated paths (Xie et al., 2017)."""

import keras
from keras import layers

from keras_freq.models.residual_blocks import aggregated_block, conv_bn, residual_block
from keras_freq.models.shared_layers import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    check_arguments,
    class_scores,
    l2,
    normalized_input,
)

# The smallest height and width, by stem.
_SMALLEST = {"imagenet": 32, "small": 8}


def ResNet18(
    input_shape=(224, 224, 3),
    num_classes=1000,
    *,
    stem="imagenet",
    mean=IMAGENET_MEAN,
    std=IMAGENET_STD,
    classifier_activation="softmax",
    weight_decay=0.0,
    name="ResNet18",
):
    """Residual network of 18 layers: stages of 2, 2, 2 and 2 plain blocks.

    Args:
        input_shape: `(height, width, channels)`, at least 32 x 32, or 8 x 8 with `stem="small"`;
            height and width may be None.
        num_classes: Number of classes.
        stem: "imagenet", a 7 x 7 convolution and a pool that together divide the size by 4;
            "small", one 3 x 3 convolution at full size, for images of 32 x 32 or so.
        mean: What is subtracted from the images: one number, one a channel, or None for images
            that stay in [0, 1]. Defaults to ImageNet's, or to its average if there are not three
            channels.
        std: What the images are divided by, likewise.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        weight_decay: L2 on every kernel: a term of the loss whose gradient is
            `weight_decay * kernel`. Defaults to 0.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        11,689,512 trainable parameters at the defaults.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = ResNet18((32, 32, 3), 10, stem="small")
        >>> model.output_shape
        (None, 10)

    Source:
        He et al. (2016), table 1; the strides and paddings are those of PyTorch's trained models.
        BatchNormalization has momentum 0.9 and epsilon 1e-5, as in the authors' code.
    """
    check_arguments(
        "ResNet18",
        input_shape,
        num_classes,
        smallest=_SMALLEST,
        any_size=True,
        stem=stem,
        classifier_activation=classifier_activation,
    )
    inputs, x = normalized_input(input_shape, mean, std)
    x = _stages(x, stem, residual_block, (2, 2, 2, 2), weight_decay)
    outputs = class_scores(x, num_classes, classifier_activation, l2(weight_decay))
    return keras.Model(inputs, outputs, name=name)


def ResNet34(
    input_shape=(224, 224, 3),
    num_classes=1000,
    *,
    stem="imagenet",
    mean=IMAGENET_MEAN,
    std=IMAGENET_STD,
    classifier_activation="softmax",
    weight_decay=0.0,
    name="ResNet34",
):
    """Residual network of 34 layers: stages of 3, 4, 6 and 3 plain blocks.

    Args:
        input_shape: `(height, width, channels)`, as in `ResNet18`.
        num_classes: Number of classes.
        stem: "imagenet" or "small", as in `ResNet18`.
        mean: As in `ResNet18`.
        std: As in `ResNet18`.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        weight_decay: As in `ResNet18`.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        21,797,672 trainable parameters at the defaults.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = ResNet34((32, 32, 3), 10, stem="small")
        >>> model.output_shape
        (None, 10)

    Source:
        He et al. (2016), table 1.
    """
    check_arguments(
        "ResNet34",
        input_shape,
        num_classes,
        smallest=_SMALLEST,
        any_size=True,
        stem=stem,
        classifier_activation=classifier_activation,
    )
    inputs, x = normalized_input(input_shape, mean, std)
    x = _stages(x, stem, residual_block, (3, 4, 6, 3), weight_decay)
    outputs = class_scores(x, num_classes, classifier_activation, l2(weight_decay))
    return keras.Model(inputs, outputs, name=name)


def ResNet50(
    input_shape=(224, 224, 3),
    num_classes=1000,
    *,
    mean=IMAGENET_MEAN,
    std=IMAGENET_STD,
    classifier_activation="softmax",
    weight_decay=0.0,
    name="ResNet50",
):
    """Residual network of 50 layers, with bottleneck blocks: that of `keras.applications`.

    Args:
        input_shape: `(height, width, channels)`, at least 32 x 32; height and width may be None.
        num_classes: Number of classes.
        mean: What is subtracted from the images: one number, one a channel, or None for images
            that stay in [0, 1]. Defaults to ImageNet's, or to its average if there are not three
            channels.
        std: What the images are divided by, likewise.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        weight_decay: L2 on every kernel: a term of the loss whose gradient is
            `weight_decay * kernel`. Defaults to 0.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        25,583,592 trainable parameters at the defaults: 26,560 more than PyTorch's network, whose
        convolutions have no bias.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = ResNet50((32, 32, 3), 10)
        >>> model.output_shape
        (None, 10)

    Source:
        He et al. (2016), table 1. BatchNormalization has momentum 0.9 and epsilon 1e-5 as in the
        authors' code, where `keras.applications` has 0.99 and 1.001e-5. The trained weights of
        `keras.applications` are for images normalised in another way; load them there.
    """
    check_arguments(
        "ResNet50",
        input_shape,
        num_classes,
        smallest=32,
        any_size=True,
        classifier_activation=classifier_activation,
    )
    inputs, x = normalized_input(input_shape, mean, std)
    body = keras.applications.ResNet50(include_top=False, weights=None, input_tensor=x)
    decay = l2(weight_decay)
    for layer in body.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum, layer.epsilon = 0.9, 1e-5
        if isinstance(layer, layers.Conv2D) and decay is not None:
            # The first is what gets saved, the second what the loss sums over.
            layer.kernel_regularizer = layer.kernel.regularizer = decay
    x = layers.GlobalAveragePooling2D(name="average")(body.output)
    outputs = class_scores(x, num_classes, classifier_activation, decay)
    return keras.Model(inputs, outputs, name=name)


def ResNeXt50(
    input_shape=(224, 224, 3),
    num_classes=1000,
    *,
    stem="imagenet",
    mean=IMAGENET_MEAN,
    std=IMAGENET_STD,
    classifier_activation="softmax",
    weight_decay=0.0,
    name="ResNeXt50",
):
    """ResNeXt-50 (32x4d): stages of 3, 4, 6 and 3 aggregated blocks.

    Args:
        input_shape: `(height, width, channels)`, at least 32 x 32, or 8 x 8 with `stem="small"`;
            height and width may be None.
        num_classes: Number of classes.
        stem: "imagenet" or "small", as in `ResNet18`.
        mean: What is subtracted from the images: one number, one a channel, or None for images
            that stay in [0, 1]. Defaults to ImageNet's, or to its average if there are not three
            channels.
        std: What the images are divided by, likewise.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        weight_decay: L2 on every kernel: a term of the loss whose gradient is
            `weight_decay * kernel`. Defaults to 0.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        25,028,904 trainable parameters at the defaults.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> x = keras.Input((8, 8, 64))
        >>> aggregated_block(x, 64).shape
        (None, 8, 8, 256)

    Source:
        Xie et al. (2017), table 1.
    """
    check_arguments(
        "ResNeXt50",
        input_shape,
        num_classes,
        smallest=_SMALLEST,
        any_size=True,
        stem=stem,
        classifier_activation=classifier_activation,
    )
    inputs, x = normalized_input(input_shape, mean, std)
    x = _stages(x, stem, aggregated_block, (3, 4, 6, 3), weight_decay)
    outputs = class_scores(x, num_classes, classifier_activation, l2(weight_decay))
    return keras.Model(inputs, outputs, name=name)


def _stages(x, stem, block, counts, weight_decay):
    """The layers from the stem to the average: stages of 64, 128, 256 and 512 channels.

    `counts` holds the number of blocks of each stage, and `stem` is as in `ResNet18`.
    """
    size, strides = (7, 2) if stem == "imagenet" else (3, 1)
    x = conv_bn(x, 64, size, strides, l2(weight_decay), names=("conv1", "bn1"))
    x = layers.ReLU(name="relu1")(x)
    if stem == "imagenet":
        # Zeros do not win against the outputs of a ReLU, so this is padding by minus infinity.
        x = layers.ZeroPadding2D(1, name="pool1_pad")(x)
        x = layers.MaxPooling2D(3, 2, name="pool1")(x)
    for stage, (filters, count) in enumerate(zip((64, 128, 256, 512), counts, strict=True), 1):
        for i in range(count):
            x = block(
                x,
                filters,
                strides=2 if stage > 1 and i == 0 else 1,
                weight_decay=weight_decay,
                name=f"layer{stage}_{i}",
            )
    return layers.GlobalAveragePooling2D(name="average")(x)
