"""Confusion matrices, and how filtering the images changes them."""

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from keras_freq.data.batches import as_batches, checked_batches
from keras_freq.metrics import checked_confusion


def confusion_matrix(model, dataset, num_classes, *, progress=True):
    """Counts the images of each class that the model takes for each class.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`: probabilities or
            logits. It is called with `training=False`, and none of its state changes.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches or a pair of arrays.
        num_classes: The number of classes K, at least 2.
        progress: Whether to show a progress bar when this takes longer than 5 s.

    Returns:
        `(K, K)` int64: the images of the row's class for which the column's score was the highest.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If the model does not fit the images or the number of classes, if `dataset` is
            broken (see `keras_freq.data.checked_batches`), or if the scores are NaN.

    Example:
        >>> import keras
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> model = keras.Sequential([keras.Input((2, 1, 1)), keras.layers.Flatten()])
        >>> images = np.array([[1, 0], [0, 1], [0, 1]], "float32").reshape(3, 2, 1, 1)
        >>> kf.confusion_matrix(model, (images, [0, 0, 1]), num_classes=2)
        array([[1, 1],
               [0, 1]])
    """
    check_num_classes(num_classes)
    matrix = np.zeros(num_classes**2, np.int64)
    predict = None
    batches = as_batches(dataset)
    length = int(batches.cardinality())
    for images, labels in tqdm(
        checked_batches(batches, num_classes),
        total=length if length >= 0 else None,
        desc="confusion matrix",
        unit="batch",
        disable=not progress,
        delay=5,
    ):
        if predict is None:
            predict = class_predictor(model, num_classes, images.shape[1:])
        predicted = predict(images)
        if (predicted < 0).any():
            raise ValueError(
                f"`model` must give finite scores. Received: NaN for {np.sum(predicted < 0)} of "
                f"{len(predicted)} images of a batch; its training may have diverged"
            )
        matrix += np.bincount(labels * num_classes + predicted, minlength=num_classes**2)
    return matrix.reshape(num_classes, num_classes)


def relative_confusion(filtered, reference):
    """Computes how the predictions change when the images are filtered, in percent of each class.

    Args:
        filtered: `(K, K)` counts on filtered images, rows are true classes and columns predictions.
        reference: `(K, K)` counts on the same images, unfiltered.

    Returns:
        `(K, K)` float64 in [-100, 100]: `(filtered - reference) / N(row) * 100`, where N(row) is
        the number of images of the row's class. Each row sums to 0; a class without images is NaN.

    Raises:
        ValueError: If these are not confusion matrices of the same images.

    Source: S. Wang, R. Veldhuis, C. Brune and N. Strisciuglio, "What do neural networks learn in
        image classification? A frequency shortcut perspective", ICCV 2023.

    Example:
        >>> relative_confusion([[5, 5], [0, 10]], [[9, 1], [2, 8]]).tolist()
        [[-40.0, 40.0], [-20.0, 20.0]]
    """
    filtered = checked_confusion(filtered, "filtered")
    reference = checked_confusion(reference, "reference")
    if filtered.shape != reference.shape:
        raise ValueError(
            "`filtered` and `reference` must have the same classes. "
            f"Received: shapes {filtered.shape} and {reference.shape}"
        )
    sizes = reference.sum(axis=1)
    other = np.flatnonzero(filtered.sum(axis=1) != sizes)
    if len(other):
        raise ValueError(
            "`filtered` and `reference` must count the same images, so that their rows have the "
            f"same sums. Received: class {other[0]} with {filtered[other[0]].sum()} filtered and "
            f"{sizes[other[0]]} reference images"
        )
    with np.errstate(invalid="ignore"):
        return (filtered - reference) * 100 / sizes[:, None]


def check_num_classes(num_classes):
    """Raises a ValueError unless `num_classes` is an integer of at least 2."""
    if isinstance(num_classes, bool) or not hasattr(num_classes, "__index__") or num_classes < 2:
        raise ValueError(
            f"`num_classes` must be an integer >= 2. Received: num_classes={num_classes!r}"
        )


def class_predictor(model, num_classes, image_shape):
    """Compiles a function from images to predicted classes, for batches of any size.

    Args:
        model: A `keras.Model` from images to class scores `(N, num_classes)`.
        num_classes: The number of classes K.
        image_shape: `(H, W, C)`.

    Returns:
        A function from images `(N, H, W, C)` to a NumPy array `(N,)` of int64 classes, -1 where a
        score is NaN. It is traced once, here, and leaves all state of the model as it was, the
        seeds of random layers included.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If the model takes other images, or does not give `(N, num_classes)` scores.
    """
    image_shape = tuple(image_shape)
    _check_input(model, image_shape)
    if not model.built:
        model(tf.zeros((1, *image_shape)), training=False)

    def predict(images):
        # What the call would change, seeds or losses, goes into the scope and is forgotten.
        with keras.StatelessScope():
            scores = model(images, training=False)
        check_scores(scores, num_classes)
        return highest_score(scores)

    compiled = tf.function(predict, autograph=False).get_concrete_function(
        tf.TensorSpec([None, *image_shape], tf.float32)
    )
    return lambda images: np.asarray(compiled(tf.cast(images, tf.float32)))


def highest_score(scores):
    """Returns the class of the highest score, `(N, K)` to `(N,)` int64, -1 where a score is NaN."""
    undefined = tf.reduce_any(tf.math.is_nan(scores), axis=-1)
    return tf.where(undefined, tf.constant(-1, tf.int64), tf.argmax(scores, axis=-1))


def check_scores(scores, num_classes):
    """Raises a ValueError unless the output of a model is one `(N, num_classes)` tensor."""
    if not hasattr(scores, "shape"):
        raise ValueError(
            f"`model` must have one output of class scores. Received: {len(scores)} outputs; take "
            "keras.Model(model.inputs, scores) with the one that holds them"
        )
    if len(scores.shape) != 2 or scores.shape[-1] != num_classes:
        hint = (
            "; replace its single sigmoid unit by Dense(2, activation='softmax')"
            if scores.shape[-1] == 1
            else ""
        )
        raise ValueError(
            f"`model` must give class scores of shape (N, {num_classes}), since "
            f"num_classes={num_classes}. Received: output shape {tuple(scores.shape)}{hint}"
        )


def _check_input(model, image_shape):
    """Raises unless `model` is a Keras model that takes images of this shape."""
    if not isinstance(model, keras.Model):
        raise TypeError(f"`model` must be a keras.Model. Received: {type(model).__name__}")
    # A model that is not built yet has no input shape, and takes what it is given.
    expected = getattr(model, "input_shape", None)
    if expected is None:
        return
    if not isinstance(expected, tuple) or not all(
        size is None or isinstance(size, int) for size in expected
    ):
        raise ValueError(f"`model` must have one input, images. Received: inputs {expected}")
    if len(expected) != 4 or any(
        size not in (None, given) for size, given in zip(expected[1:], image_shape, strict=True)
    ):
        raise ValueError(
            f"`dataset` must hold images of the shape that `model` takes, {expected[1:]}. "
            f"Received: images of shape {image_shape}"
        )
