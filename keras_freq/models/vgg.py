"""VGG (Simonyan and Zisserman, 2014): only 3 x 3 convolutions and 2 x 2 pools."""

import keras
from keras import layers

from keras_freq import checks
from keras_freq.models.shared_layers import (
    IMAGENET_MEAN,
    IMAGENET_STD,
    batch_normalization,
    check_arguments,
    class_scores,
    hidden_dense_layers,
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
        num_classes: Number of classes.
        head: "fc", the paper's two dense layers of 4096; "gap", global average pooling and no
            hidden dense layer, for small images.
        batch_norm: Whether BatchNormalization (momentum 0.9, epsilon 1e-5) follows each
            convolution. The paper has none, and trains from the weights of a shallower network;
            from random weights the network learns sooner with it.
        mean: What is subtracted from the images: one number, one a channel, or None for images
            that stay in [0, 1]. Defaults to ImageNet's, or to its average if there are not three
            channels.
        std: What the images are divided by, likewise.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        dropout: Rate after each hidden dense layer.
        weight_decay: L2 on every kernel: a term of the loss whose gradient is
            `weight_decay * kernel`. Defaults to 0.
        name: The model's name.

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
    checks.choice("head", head, ("fc", "gap"))
    check_arguments(
        "VGG16",
        input_shape,
        num_classes,
        smallest=32,
        any_size=head == "gap",
        classifier_activation=classifier_activation,
        dropout=dropout,
    )
    decay = l2(weight_decay)

    inputs, x = normalized_input(input_shape, mean, std)
    x = _features(x, VGG16_STAGES, batch_norm, decay)
    x = _hidden_layers(x, head, dropout, decay)
    outputs = class_scores(x, num_classes, classifier_activation, decay)
    return keras.Model(inputs, outputs, name=name)


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
        num_classes: Number of classes.
        head: "fc" or "gap", as in `VGG16`.
        batch_norm: Whether BatchNormalization follows each convolution.
        mean: As in `VGG16`.
        std: As in `VGG16`.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        dropout: Rate after each hidden dense layer.
        weight_decay: As in `VGG16`.
        name: The model's name.

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
    checks.choice("head", head, ("fc", "gap"))
    check_arguments(
        "VGG19",
        input_shape,
        num_classes,
        smallest=32,
        any_size=head == "gap",
        classifier_activation=classifier_activation,
        dropout=dropout,
    )
    decay = l2(weight_decay)

    inputs, x = normalized_input(input_shape, mean, std)
    x = _features(x, VGG19_STAGES, batch_norm, decay)
    x = _hidden_layers(x, head, dropout, decay)
    outputs = class_scores(x, num_classes, classifier_activation, decay)
    return keras.Model(inputs, outputs, name=name)


def _features(x, stages, batch_norm, decay):
    """The convolutions of a column of the paper's table 1, with a pool after each stage."""
    for stage, (filters, convolutions) in enumerate(stages, start=1):
        for name in (f"conv{stage}_{i}" for i in range(1, convolutions + 1)):
            x = layers.Conv2D(
                filters,
                3,
                padding="same",
                kernel_initializer="he_normal",
                kernel_regularizer=decay,
                name=name,
            )(x)
            if batch_norm:
                x = batch_normalization(x, f"{name}_bn")
            x = layers.ReLU(name=f"{name}_relu")(x)
        x = layers.MaxPooling2D(2, name=f"pool{stage}")(x)
    return x


def _hidden_layers(x, head, dropout, decay):
    """What stands between the last pool and the class scores."""
    if head == "gap":
        return layers.GlobalAveragePooling2D(name="average")(x)
    return hidden_dense_layers(x, dropout, decay, "he_normal")
