"""ResNeXt (Xie et al., 2017): residual networks with aggregated paths."""

import keras
from keras import layers

from keras_freq.models.ends import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    check_arguments,
    class_scores,
    l2,
    normalized_input,
)
from keras_freq.models.resnet import bottleneck, check_stem, resnet_stem


def aggregated_block(
    x, filters, *, cardinality=32, base_width=4, strides=1, weight_decay=0.0, name="block"
):
    """A bottleneck block whose 3 x 3 convolution is split into `cardinality` paths.

    Args:
        x: feature maps `(N, H, W, C)`.
        filters: 64, 128, 256 or 512 in the four stages; a path has `base_width * filters / 64`
            channels, and the result `4 * filters`.
        cardinality: number of paths, the groups of the 3 x 3 convolution.
        base_width: channels of a path where `filters` is 64.
        strides: of the 3 x 3 convolution; 2 halves the map.
        weight_decay: L2 on every kernel.
        name: prefix of the layers' names.

    Returns:
        Feature maps `(N, ceil(H / strides), ceil(W / strides), 4 * filters)`.

    Example:
        >>> x = keras.Input((8, 8, 256))
        >>> aggregated_block(x, 128, strides=2).shape
        (None, 4, 4, 512)

    Source:
        Xie et al. (2017), figure 3(c).
    """
    width = cardinality * (filters * base_width // 64)
    return bottleneck(x, width, 4 * filters, strides, cardinality, l2(weight_decay), name)


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
        num_classes: number of classes.
        stem: "imagenet" or "small", as in `ResNet18`.
        mean: subtracted from the images, one number or one a channel; None: images stay in [0, 1].
            The default is ImageNet's, or its average if there are not three channels.
        std: the images are divided by it, likewise.
        classifier_activation: "softmax", or None for logits.
        weight_decay: L2 on every kernel, as a term of the loss whose gradient is
            `weight_decay * kernel`.
        name: the model's name.

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
    check_stem(stem)
    smallest = 32 if stem == "imagenet" else 8
    check_arguments("ResNeXt50", input_shape, num_classes, smallest=smallest, any_size=True)

    inputs, x = normalized_input(input_shape, mean, std)
    x = resnet_stem(x, stem, l2(weight_decay))
    for stage, (filters, count) in enumerate(((64, 3), (128, 4), (256, 6), (512, 3)), start=1):
        for i in range(count):
            x = aggregated_block(
                x,
                filters,
                strides=2 if stage > 1 and i == 0 else 1,
                weight_decay=weight_decay,
                name=f"layer{stage}_{i}",
            )
    x = layers.GlobalAveragePooling2D(name="average")(x)
    outputs = class_scores(x, num_classes, classifier_activation, l2(weight_decay))
    return keras.Model(inputs, outputs, name=name)
