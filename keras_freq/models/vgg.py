"""VGG (Simonyan and Zisserman, 2014): only 3 x 3 convolutions and 2 x 2 pools."""

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

# The paper's table 1, columns D and E: filters and the number of convolutions of each stage.
VGG16_STAGES = ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3))
VGG19_STAGES = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))


def VGG16(
    input_shape=(224, 224, 3),
    num_classes=1000,
    *,
    head="fc",
    batch_norm=False,
    mean=IMAGENET_MEAN,
    std=IMAGENET_STD,
    classifier_activation="softmax",
    dropout=0.5,
    weight_decay=0.0,
    name="VGG16",
):
    """VGG with 13 convolutions and 3 dense layers (configuration D).

    Args:
        input_shape: `(height, width, channels)`, at least 32 x 32; height and width may be None
            with `head="gap"`.
        num_classes: number of classes.
        head: "fc", the paper's two dense layers of 4096; "gap", global average pooling and no
            hidden dense layer, for small images.
        batch_norm: whether BatchNormalization (momentum 0.9, epsilon 1e-5) follows each
            convolution. The paper has none, and trains from the weights of a shallower network;
            from random weights the network learns sooner with it.
        mean: subtracted from the images, one number or one a channel; None: images stay in [0, 1].
            The default is ImageNet's, or its average if there are not three channels.
        std: the images are divided by it, likewise.
        classifier_activation: "softmax", or None for logits.
        dropout: rate after each hidden dense layer.
        weight_decay: L2 on every kernel, as a term of the loss whose gradient is
            `weight_decay * kernel`.
        name: the model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        138,357,544 parameters at the defaults.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = VGG16((32, 32, 3), 10, head="gap", batch_norm=True)
        >>> model.output_shape
        (None, 10)

    Source:
        Simonyan and Zisserman (2014), table 1. Weights start as in He et al. (2015), which is what
        PyTorch does.
    """
    check_arguments("VGG16", input_shape, num_classes, smallest=32, any_size=head == "gap")
    return _vgg(
        VGG16_STAGES,
        input_shape,
        num_classes,
        head,
        batch_norm,
        mean,
        std,
        classifier_activation,
        dropout,
        l2(weight_decay),
        name,
    )


def VGG19(
    input_shape=(224, 224, 3),
    num_classes=1000,
    *,
    head="fc",
    batch_norm=False,
    mean=IMAGENET_MEAN,
    std=IMAGENET_STD,
    classifier_activation="softmax",
    dropout=0.5,
    weight_decay=0.0,
    name="VGG19",
):
    """VGG with 16 convolutions and 3 dense layers (configuration E).

    Args:
        input_shape: `(height, width, channels)`, at least 32 x 32.
        num_classes: number of classes.
        head: "fc" or "gap", as in `VGG16`.
        batch_norm: whether BatchNormalization follows each convolution.
        mean: as in `VGG16`.
        std: as in `VGG16`.
        classifier_activation: "softmax", or None for logits.
        dropout: rate after each hidden dense layer.
        weight_decay: as in `VGG16`.
        name: the model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        143,667,240 parameters at the defaults.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> model = VGG19((32, 32, 3), 10, head="gap")
        >>> model.output_shape
        (None, 10)

    Source:
        Simonyan and Zisserman (2014), table 1.
    """
    check_arguments("VGG19", input_shape, num_classes, smallest=32, any_size=head == "gap")
    return _vgg(
        VGG19_STAGES,
        input_shape,
        num_classes,
        head,
        batch_norm,
        mean,
        std,
        classifier_activation,
        dropout,
        l2(weight_decay),
        name,
    )


def _vgg(
    stages,
    input_shape,
    num_classes,
    head,
    batch_norm,
    mean,
    std,
    classifier_activation,
    dropout,
    decay,
    name,
):
    """The network of any column of the paper's table 1."""
    if head not in ("fc", "gap"):
        raise ValueError(f'`head` must be "fc" or "gap". Received: head={head!r}')

    inputs, x = normalized_input(input_shape, mean, std)
    for stage, (filters, convolutions) in enumerate(stages, start=1):
        for i in range(1, convolutions + 1):
            x = layers.Conv2D(
                filters,
                3,
                padding="same",
                kernel_initializer="he_normal",
                kernel_regularizer=decay,
                name=f"conv{stage}_{i}",
            )(x)
            if batch_norm:
                x = layers.BatchNormalization(
                    momentum=0.9, epsilon=1e-5, name=f"conv{stage}_{i}_bn"
                )(x)
            x = layers.ReLU(name=f"conv{stage}_{i}_relu")(x)
        x = layers.MaxPooling2D(2, name=f"pool{stage}")(x)

    if head == "gap":
        x = layers.GlobalAveragePooling2D(name="average")(x)
    else:
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
