"""GoogLeNet (Szegedy et al., 2015) and its Inception modules."""

import keras
from keras import layers

from keras_freq.layers import LocalResponseNormalization
from keras_freq.models.shared_layers import (
    batch_normalization,
    check_arguments,
    check_block,
    check_filters,
    class_scores,
    l2,
    normalized_input,
)

# Table 1 of the paper: filters of 1x1, (reduction, 3x3), (reduction, 5x5) and after the pool.
INCEPTION_TABLE = {
    "inception3a": (64, (96, 128), (16, 32), 32),
    "inception3b": (128, (128, 192), (32, 96), 64),
    "inception4a": (192, (96, 208), (16, 48), 64),
    "inception4b": (160, (112, 224), (24, 64), 64),
    "inception4c": (128, (128, 256), (24, 64), 64),
    "inception4d": (112, (144, 288), (32, 64), 64),
    "inception4e": (256, (160, 320), (32, 128), 128),
    "inception5a": (256, (160, 320), (32, 128), 128),
    "inception5b": (384, (192, 384), (48, 128), 128),
}

# Of "predictions" and of the two auxiliary classifiers, in the order of the outputs.
AUXILIARY_LOSS_WEIGHTS = (1.0, 0.3, 0.3)


def inception_naive(x, filters, *, weight_decay=0.0, name="inception"):
    """1 x 1, 3 x 3 and 5 x 5 convolutions and a 3 x 3 max-pool side by side, concatenated.

    Args:
        x: Feature maps `(N, H, W, C)`.
        filters: Three integers, the channels of the 1 x 1, 3 x 3 and 5 x 5 convolutions.
        weight_decay: L2 on every kernel.
        name: Prefix of the layers' names.

    Returns:
        Feature maps `(N, H, W, sum(filters) + C)`: the pool keeps all its channels, so that the
        width grows from module to module, which is what the reductions are for.

    Example:
        >>> inception_naive(keras.Input((14, 14, 64)), (64, 128, 32)).shape
        (None, 14, 14, 288)

    Source:
        Szegedy et al. (2015), figure 2(a).
    """
    check_block(x)
    check_filters("filters", filters, 3)
    conv = _convolution(weight_decay=weight_decay)
    branches = [
        conv(x, channels, size, name=f"{name}_branch{i}")
        for i, (channels, size) in enumerate(zip(filters, (1, 3, 5), strict=True), start=1)
    ]
    branches.append(layers.MaxPooling2D(3, 1, "same", name=f"{name}_pool")(x))
    return layers.Concatenate(name=name)(branches)


def inception_reduced(
    x,
    filters_1x1,
    filters_3x3,
    filters_5x5,
    filters_pool,
    *,
    batch_norm=False,
    torchvision=False,
    weight_decay=0.0,
    name="inception",
):
    """The Inception module with 1 x 1 convolutions that reduce the channels first.

    Args:
        x: Feature maps `(N, H, W, C)`.
        filters_1x1: Channels of the 1 x 1 branch.
        filters_3x3: Pair, channels of the reduction and of the 3 x 3 convolution after it.
        filters_5x5: Pair, channels of the reduction and of the 5 x 5 convolution after it.
        filters_pool: Channels of the 1 x 1 convolution after the max-pool.
        batch_norm: Whether BatchNormalization follows each convolution.
        torchvision: Whether the module is PyTorch's, which normalises batches (with epsilon 1e-3)
            and has a 3 x 3 convolution where the paper has 5 x 5.
        weight_decay: L2 on every kernel.
        name: Prefix of the layers' names.

    Returns:
        Feature maps `(N, H, W, filters_1x1 + filters_3x3[1] + filters_5x5[1] + filters_pool)`.

    Example:
        >>> inception_reduced(keras.Input((28, 28, 192)), 64, (96, 128), (16, 32), 32).shape
        (None, 28, 28, 256)

    Source:
        Szegedy et al. (2015), figure 2(b).
    """
    check_block(x, filters_1x1=filters_1x1, filters_pool=filters_pool)
    check_filters("filters_3x3", filters_3x3, 2)
    check_filters("filters_5x5", filters_5x5, 2)
    conv = _convolution(batch_norm, torchvision, weight_decay)
    branch1 = conv(x, filters_1x1, 1, name=f"{name}_branch1")
    branch2 = conv(x, filters_3x3[0], 1, name=f"{name}_branch2_0")
    branch2 = conv(branch2, filters_3x3[1], 3, name=f"{name}_branch2_1")
    branch3 = conv(x, filters_5x5[0], 1, name=f"{name}_branch3_0")
    branch3 = conv(branch3, filters_5x5[1], 3 if torchvision else 5, name=f"{name}_branch3_1")
    branch4 = layers.MaxPooling2D(3, 1, "same", name=f"{name}_pool")(x)
    branch4 = conv(branch4, filters_pool, 1, name=f"{name}_branch4_1")
    return layers.Concatenate(name=name)([branch1, branch2, branch3, branch4])


def GoogLeNet(
    input_shape=(224, 224, 3),
    num_classes=1000,
    *,
    batch_norm=False,
    torchvision=False,
    auxiliary=False,
    mean=0.5,
    std=0.5,
    classifier_activation="softmax",
    dropout=0.4,
    weight_decay=0.0,
    name="GoogLeNet",
):
    """Nine Inception modules, global average pooling, and no hidden dense layer.

    Args:
        input_shape: `(height, width, channels)`, at least 31 x 31 (79 x 79 with `auxiliary`);
            height and width may be None without `auxiliary`.
        num_classes: Number of classes.
        batch_norm: BatchNormalization (momentum 0.9, epsilon 1e-5) after each convolution, in the
            place of the paper's two response normalisations.
        torchvision: The network that PyTorch has trained: BatchNormalization (epsilon 1e-3)
            whatever `batch_norm` says, 3 x 3 where the paper has 5 x 5, a last pool of 2 x 2.
        auxiliary: Two more outputs, after modules 4a and 4d, that help the gradient during
            training. The model then returns three arrays: compile it with a list of three losses
            and `loss_weights=list(AUXILIARY_LOSS_WEIGHTS)`, and map the labels to `(y, y, y)`.
        mean: What is subtracted from the images: one number, one a channel, or None for images
            that stay in [0, 1]. Defaults to 0.5, which PyTorch's weights for this network expect.
        std: What the images are divided by, likewise.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        dropout: Rate before "logits"; PyTorch has 0.2. That of the auxiliary classifiers is 0.7.
        weight_decay: L2 on every kernel: a term of the loss whose gradient is
            `weight_decay * kernel`. Defaults to 0.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        Trainable parameters at 1000 classes: 6,998,552, or 13,378,280 with `auxiliary`; with
        `torchvision`, 6,624,904 and 13,004,888.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = GoogLeNet((64, 64, 3), 10)
        >>> model.output_shape
        (None, 10)

    Source:
        Szegedy et al. (2015), table 1. The paper gives no constants for its response
        normalisation; these are Caffe's (k = 1, alpha = 1e-4 for the mean square of 5 channels).
    """
    smallest = _SMALLEST[bool(auxiliary), bool(torchvision)]
    check_arguments(
        "GoogLeNet",
        input_shape,
        num_classes,
        smallest=smallest,
        any_size=not auxiliary,
        classifier_activation=classifier_activation,
        dropout=dropout,
    )
    batch_norm = batch_norm or torchvision
    options = {"batch_norm": batch_norm, "torchvision": torchvision, "weight_decay": weight_decay}
    conv = _convolution(**options)
    head = (num_classes, classifier_activation, l2(weight_decay))

    def response_normalization(x, name):
        if batch_norm:
            return x
        return LocalResponseNormalization(2, 1.0, 1e-4, 0.75, alpha_per_channel=True, name=name)(x)

    def inception(x, *modules):
        for module in modules:
            x = inception_reduced(x, *INCEPTION_TABLE[module], **options, name=module)
        return x

    inputs, x = normalized_input(input_shape, mean, std)
    x = layers.ZeroPadding2D(3, name="conv1_pad")(x)
    x = conv(x, 64, 7, strides=2, padding="valid", name="conv1")
    x = _pool(x, 3, "pool1")
    x = response_normalization(x, "lrn1")
    x = conv(x, 64, 1, name="conv2")
    x = conv(x, 192, 3, name="conv3")
    x = response_normalization(x, "lrn2")
    x = _pool(x, 3, "pool2")
    x = inception(x, "inception3a", "inception3b")
    x = _pool(x, 3, "pool3")
    x = after_4a = inception(x, "inception4a")
    x = after_4d = inception(x, "inception4b", "inception4c", "inception4d")
    x = inception(x, "inception4e")
    x = _pool(x, 2 if torchvision else 3, "pool4")
    x = inception(x, "inception5a", "inception5b")
    x = layers.GlobalAveragePooling2D(name="average")(x)
    x = layers.Dropout(dropout, name="dropout")(x)
    outputs = class_scores(x, *head)
    if auxiliary:
        outputs = [
            outputs,
            _auxiliary_classifier(after_4a, conv, torchvision, *head, name="auxiliary1_"),
            _auxiliary_classifier(after_4d, conv, torchvision, *head, name="auxiliary2_"),
        ]
    return keras.Model(inputs, outputs, name=name)


# (auxiliary, torchvision) -> the smallest height and width.
_SMALLEST = {(False, False): 31, (False, True): 15, (True, False): 79, (True, True): 63}


def _auxiliary_classifier(x, conv, torchvision, num_classes, activation, decay, *, name):
    """A small network on an intermediate map: average to about 4 x 4, 1 x 1 convolution, dense."""
    if torchvision:
        x = layers.AdaptiveAveragePooling2D(4, name=f"{name}average")(x)
    else:
        x = layers.AveragePooling2D(5, 3, name=f"{name}average")(x)
    x = conv(x, 128, 1, name=f"{name}conv")
    x = layers.Flatten(name=f"{name}flatten")(x)
    x = layers.Dense(1024, "relu", kernel_regularizer=decay, name=f"{name}dense")(x)
    x = layers.Dropout(0.7, name=f"{name}dropout")(x)
    return class_scores(x, num_classes, activation, decay, prefix=name)


def _convolution(batch_norm=False, torchvision=False, weight_decay=0.0):
    """A convolution with ReLU, and with BatchNormalization between the two if there is one."""
    decay = l2(weight_decay)

    def conv(x, filters, size, strides=1, padding="same", *, name):
        x = layers.Conv2D(
            filters,
            size,
            strides,
            padding,
            use_bias=not batch_norm,
            kernel_regularizer=decay,
            name=f"{name}_conv",
        )(x)
        if batch_norm:
            x = batch_normalization(x, f"{name}_bn", epsilon=1e-3 if torchvision else 1e-5)
        return layers.ReLU(name=f"{name}_relu")(x)

    return conv


def _pool(x, size, name):
    """Max-pooling with stride 2 that keeps a last, incomplete window, as Caffe and PyTorch do.

    After a ReLU a zero is never above the other values, so one row and one column of zeros at the
    end make that window complete. "same" would put them in front on maps of odd size.
    """
    x = layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"{name}_pad")(x)
    return layers.MaxPooling2D(size, 2, name=name)(x)
