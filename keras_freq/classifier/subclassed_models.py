"""Models without a graph of their own: the graph of their layers is made, wherever it can be."""

import inspect

import keras
import numpy as np

# A model of any size is tried on images of this one.
_TRIAL_SIDE = 224


def scores_of(model, images):
    """Calls a model on a Keras tensor, so that the graph shows what a subclassed model does.

    The call of a subclassed model is one step of a graph, which hides its softmax. Made of Keras
    layers and operations alone, its own `call` is many steps. These take the place of the model,
    if they have all of its weights and give the same scores.

    Args:
        model: A `keras.Model`.
        images: A Keras tensor `(N, H, W, C)`.

    Returns:
        A Keras tensor, or what else the model gives.

    Example:
        >>> class Own(keras.Model):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.flatten, self.dense = keras.layers.Flatten(), keras.layers.Dense(2)
        ...
        ...     def call(self, images):
        ...         return keras.ops.softmax(self.dense(self.flatten(images)))
        >>> images = keras.Input((4, 4, 1))
        >>> model = keras.Model(images, scores_of(Own(), images))
        >>> [type(step).__name__ for step in model.operations[-3:]]
        ['Flatten', 'Dense', 'Softmax']
    """
    scores = model(images)
    if getattr(model, "outputs", None) or not hasattr(scores, "shape"):
        return scores
    # Steps before the images, such as a scaling, are none of the model's.
    start = keras.Input(images.shape[1:], dtype=images.dtype)
    try:
        training = "training" in inspect.signature(model.call).parameters
        inner = keras.Model(start, model.call(start, **({"training": False} if training else {})))
        if not _same(model, inner):
            return scores
        return inner.call(images)
    except Exception:  # code that takes no Keras tensors, such as TensorFlow's own
        return scores


def _same(model, inner):
    """Tells whether two models have the same weights, and give the same scores."""
    if {id(weight) for weight in model.weights} != {id(weight) for weight in inner.weights}:
        return False
    trial = random_images(inner.inputs[0])
    with keras.StatelessScope():
        first, second = (
            keras.ops.convert_to_numpy(one(trial, training=False)) for one in (model, inner)
        )
    return np.allclose(first, second, rtol=1e-3, atol=1e-5)


def random_images(like):
    """Makes two random images like a Keras tensor: fractions, or integers from 0 to 254."""
    shape = [_TRIAL_SIDE if side is None else side for side in like.shape[1:]]
    most = 1 if keras.backend.is_float_dtype(like.dtype) else 255
    return np.random.default_rng(0).uniform(0, most, (2, *shape)).astype(like.dtype)
