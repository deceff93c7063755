"""A small network that reads digits: untrained, or trained twice, as in the first tutorial."""

from pathlib import Path

import keras
from keras import layers

from keras_freq import checks

FOLDER = Path(__file__).parent
NETWORKS = ("A", "B", "untrained")


def digit_network(name="untrained"):
    """Gives a network that reads the digits of `keras_freq.data.handwritten_digits`.

    It has five convolutions, the mean over all places and a dense layer: 71,034 parameters. "A"
    and "B" come trained, on the same digits from the same first weights. One of them has learned a
    shortcut. `tutorials/digit_networks.py` trains them, and tells which.

    Such a network, which sums over places, takes to a faint mark at once. `LeNet5`, whose dense
    layers see what is where, learns the digits by their shapes.

    Args:
        name: "A", "B", or "untrained", with random first weights. Defaults to "untrained".

    Returns:
        A `keras.Model` from images `(N, 32, 32, 3)` in [0, 1] to probabilities `(N, 10)`, not
        compiled.

    Raises:
        ValueError: If `name` is none of these.

    Example:
        >>> import keras_freq as kf
        >>> images, labels = kf.data.handwritten_digits("test")
        >>> network = kf.models.digit_network("B")
        >>> bool((network.predict(images, verbose=0).argmax(axis=1) == labels).mean() > 0.95)
        True
    """
    checks.choice("name", name, NETWORKS)
    if name != "untrained":
        return keras.models.load_model(FOLDER / f"digit_network_{name.lower()}.keras")
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(4.0, -2.8)(inputs)
    for filters, strides in ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1)):
        x = layers.Conv2D(filters, 3, strides=strides, padding="same", use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(inputs, layers.Dense(10, "softmax")(x), name="digit_network")
