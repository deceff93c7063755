"""Residual blocks: of ResNet, of its deeper forms, and of ResNeXt."""

from keras import layers

from keras_freq.models.shared_layers import batch_normalization, check_block, l2


def residual_block(x, filters, *, strides=1, weight_decay=0.0, name="block"):
    """Two 3 x 3 convolutions, added to their input: `relu(x + f(x))`.

    The input is added as it is, or through a 1 x 1 convolution where the shape changes
    ("projection", the paper's option B).

    Args:
        x: Feature maps `(N, H, W, C)`.
        filters: Channels of both convolutions and of the result.
        strides: Of the first convolution; 2 halves the map.
        weight_decay: L2 on every kernel.
        name: Prefix of the layers' names.

    Returns:
        Feature maps `(N, ceil(H / strides), ceil(W / strides), filters)`.

    Example:
        >>> x = layers.Input((8, 8, 16))
        >>> residual_block(x, 32, strides=2).shape
        (None, 4, 4, 32)

    Source:
        He et al. (2016), figure 2 and section 3.3.
    """
    check_block(x, filters=filters, strides=strides)
    decay = l2(weight_decay)
    y = conv_bn(x, filters, 3, strides, decay, names=(f"{name}_conv1", f"{name}_bn1"))
    y = layers.ReLU(name=f"{name}_relu1")(y)
    y = conv_bn(y, filters, 3, 1, decay, names=(f"{name}_conv2", f"{name}_bn2"))
    return _added(x, y, strides, decay, name, last_relu=2)


def bottleneck_block(x, filters, *, strides=1, weight_decay=0.0, name="block"):
    """1 x 1, 3 x 3 and 1 x 1 convolutions, the first reducing the channels, added to their input.

    Args:
        x: Feature maps `(N, H, W, C)`.
        filters: Channels of the first two convolutions; the third has four times as many.
        strides: Of the 3 x 3 convolution; 2 halves the map.
        weight_decay: L2 on every kernel.
        name: Prefix of the layers' names.

    Returns:
        Feature maps `(N, ceil(H / strides), ceil(W / strides), 4 * filters)`.

    Example:
        >>> x = layers.Input((8, 8, 256))
        >>> bottleneck_block(x, 64).shape
        (None, 8, 8, 256)

    Source:
        He et al. (2016), figure 5. The stride is in the 3 x 3 convolution, as in PyTorch; the paper
        and `keras.applications` have it in the first 1 x 1.
    """
    check_block(x, filters=filters, strides=strides)
    return _bottleneck(x, filters, 4 * filters, strides, 1, weight_decay, name)


def aggregated_block(
    x, filters, *, cardinality=32, base_width=4, strides=1, weight_decay=0.0, name="block"
):
    """A bottleneck block whose 3 x 3 convolution is split into `cardinality` paths.

    Args:
        x: Feature maps `(N, H, W, C)`.
        filters: 64, 128, 256 or 512 in the four stages; a path has `base_width * filters / 64`
            channels, and the result `4 * filters`.
        cardinality: Number of paths, the groups of the 3 x 3 convolution.
        base_width: Channels of a path where `filters` is 64.
        strides: Of the 3 x 3 convolution; 2 halves the map.
        weight_decay: L2 on every kernel.
        name: Prefix of the layers' names.

    Returns:
        Feature maps `(N, ceil(H / strides), ceil(W / strides), 4 * filters)`.

    Example:
        >>> x = layers.Input((8, 8, 256))
        >>> aggregated_block(x, 128, strides=2).shape
        (None, 4, 4, 512)

    Source:
        Xie et al. (2017), figure 3(c).
    """
    check_block(x, filters=filters, strides=strides, cardinality=cardinality, base_width=base_width)
    width = cardinality * (filters * base_width // 64)
    return _bottleneck(x, width, 4 * filters, strides, cardinality, weight_decay, name)


def _bottleneck(x, width, filters, strides, groups, weight_decay, name):
    """The block of ResNet-50 (`groups` 1) and ResNeXt: `width` channels inside, `filters` out."""
    decay = l2(weight_decay)
    y = conv_bn(x, width, 1, 1, decay, names=(f"{name}_conv1", f"{name}_bn1"))
    y = layers.ReLU(name=f"{name}_relu1")(y)
    y = conv_bn(y, width, 3, strides, decay, groups, names=(f"{name}_conv2", f"{name}_bn2"))
    y = layers.ReLU(name=f"{name}_relu2")(y)
    y = conv_bn(y, filters, 1, 1, decay, names=(f"{name}_conv3", f"{name}_bn3"))
    return _added(x, y, strides, decay, name, last_relu=3)


def _added(x, y, strides, decay, name, *, last_relu):
    """`relu(x + y)`, with `x` projected where a block changes the size or number of channels."""
    if strides > 1 or x.shape[-1] != y.shape[-1]:
        names = (f"{name}_downsample_conv", f"{name}_downsample_bn")
        x = conv_bn(x, y.shape[-1], 1, strides, decay, names=names)
    x = layers.Add(name=f"{name}_add")([x, y])
    return layers.ReLU(name=f"{name}_relu{last_relu}")(x)


def conv_bn(x, filters, size, strides=1, decay=None, groups=1, *, names):
    """A convolution without bias, then BatchNormalization, both named.

    With a stride, "same" would pad even maps on one side only. The trained models pad both sides
    alike, and so does this.
    """
    if strides > 1 and size > 1:
        x = layers.ZeroPadding2D(size // 2, name=f"{names[0]}_pad")(x)
    x = layers.Conv2D(
        filters,
        size,
        strides,
        "same" if strides == 1 else "valid",
        groups=groups,
        use_bias=False,
        kernel_initializer="he_normal",
        kernel_regularizer=decay,
        name=names[0],
    )(x)
    return batch_normalization(x, names[1])
