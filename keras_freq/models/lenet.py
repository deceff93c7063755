"""LeNet5 (LeCun et al., 1998) in its modern form."""

import keras
from keras import layers

from keras_freq.models.shared_layers import check_arguments, class_scores, l2, normalized_input


def LeNet5(
    input_shape=(28, 28, 1),
    num_classes=10,
    *,
    mean=0.5,
    std=0.5,
    classifier_activation="softmax",
    weight_decay=0.0,
    name="LeNet5",
):
    """LeNet5 with ReLU and max-pooling.

    Args:
        input_shape: `(height, width, channels)`, at least 16 x 16.
        num_classes: Number of classes.
        mean: What is subtracted from the images: one number, one a channel, or None for images
            that stay in [0, 1]. Defaults to 0.5.
        std: What the images are divided by, likewise.
        classifier_activation: "softmax", or None for logits. Defaults to "softmax".
        weight_decay: L2 on every kernel: a term of the loss whose gradient is
            `weight_decay * kernel`. Defaults to 0.
        name: The model's name.

    Returns:
        A functional `keras.Model` from `(N, height, width, channels)` to `(N, num_classes)`.
        44,426 parameters at the defaults.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> LeNet5().count_params()
        44426

    Source:
        As listed in Fleuret, "Deep learning" 8.2. The 1998 network pools by trainable averages, has
        tanh units, connects its second convolution in part and ends in radial basis functions.
    """
    check_arguments(
        "LeNet5", input_shape, num_classes, smallest=16, classifier_activation=classifier_activation
    )
    decay = l2(weight_decay)

    inputs, x = normalized_input(input_shape, mean, std)
    x = layers.Conv2D(6, 5, activation="relu", kernel_regularizer=decay, name="conv1")(x)
    x = layers.MaxPooling2D(2, name="pool1")(x)
    x = layers.Conv2D(16, 5, activation="relu", kernel_regularizer=decay, name="conv2")(x)
    x = layers.MaxPooling2D(2, name="pool2")(x)
    x = layers.Flatten(name="flatten")(x)
    x = layers.Dense(120, "relu", kernel_regularizer=decay, name="dense3")(x)
    x = layers.Dense(84, "relu", kernel_regularizer=decay, name="dense4")(x)
    outputs = class_scores(x, num_classes, classifier_activation, decay)
    return keras.Model(inputs, outputs, name=name)
