"""Logits whose weights are constants of the graph, so that TensorFlow can simplify it."""

import keras
import numpy as np
import tensorflow as tf

# TensorFlow copies constants again and again while it simplifies a graph, which takes a second for
# 10 MB. The kernels of convolutions are small; those of dense layers have nothing to fold.
_MOST_BYTES, _MOST_BYTES_IN_ALL = 2**22, 2**25


class FrozenLogits:
    """A `Logits` with the weights that its model has now.

    In a traced function, TensorFlow then folds what is constant: a batch normalisation goes into
    the kernels of the convolution before it, and its activation is computed with it. This makes
    networks of many such layers up to 1.4 times faster, and changes the last digits of scores.

    Args:
        logits: A `Logits`. Weights of more than 4 MB stay variables, and the largest of those that
            would take more than 32 MB together.

    Example:
        >>> from keras_freq.classifier import Logits
        >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])
        >>> frozen = FrozenLogits(Logits(model, 2))
        >>> scores = frozen(np.ones((1, 2), "float32"))
        >>> model.set_weights([0 * weight for weight in model.get_weights()])
        >>> bool((frozen(np.ones((1, 2), "float32")) == scores).numpy().all())
        True
    """

    def __init__(self, logits):
        self._logits, self.num_classes = logits, logits.num_classes
        sizes = [size_in_bytes(variable) for variable in logits.model.variables]
        order = np.argsort(sizes, kind="stable")
        sizes = np.array(sizes)[order]
        few = (sizes <= _MOST_BYTES) & (np.cumsum(sizes) <= _MOST_BYTES_IN_ALL)
        chosen = [logits.model.variables[index] for index in order[few]]
        self._values = [(variable, np.asarray(variable.value)) for variable in chosen]

    def __call__(self, images):
        """Gives the logits `(N, K)` of images, in float32. No state of the model changes."""
        # The scope takes what the call would change, such as seeds and losses, and drops it.
        constants = [(variable, tf.constant(value)) for variable, value in self._values]
        with keras.StatelessScope(state_mapping=constants):
            return self._logits(images)


def size_in_bytes(variable):
    """Gives the size of a variable of Keras."""
    return variable.value.dtype.size * int(np.prod(variable.shape))
