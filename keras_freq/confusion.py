"""Confusion matrices, and how filtering the images changes them."""

import numpy as np

from keras_freq import checks
from keras_freq.data import channel_means
from keras_freq.data.batches import repeated
from keras_freq.fourier import check_maps
from keras_freq.interventions import KeptFrequencies, count_answers, every_item
from keras_freq.metrics.rates import checked_confusion


def confusion_matrix(
    model, dataset, num_classes, *, masks=None, neutral=None, batch_size=None, progress=True
):
    """Counts the images of each class that the model takes for each class.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`: probabilities or
            logits. It is called with `training=False`, and none of its state changes.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches or a pair of arrays.
        num_classes: The number of classes K, at least 2.
        masks: `(M, H, W)` bool, centred and symmetric, True = kept: the images are seen through
            each of them. This is many times faster than one call for each mask, since every image
            is read and transformed once. Defaults to None: the images as they are.
        neutral: What an image without its DC becomes: a number or `(C,)`. Defaults to the channel
            means of `dataset`, which is then read twice.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when this takes longer than 5 s.

    Returns:
        `(K, K)` int64: the images of the row's class for which the column's score was the highest.
        With `masks`, `(M, K, K)`: one such matrix for each mask.

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

    See Also:
        `keras_freq.data.filtered`, for a data set that is seen through one mask everywhere.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    kept = None
    if masks is not None:
        masks = check_maps(masks, "masks")
        dataset = repeated(dataset)
        neutral = channel_means(dataset) if neutral is None else neutral
        kept = KeptFrequencies(masks, neutral)
    counts = count_answers(
        model,
        dataset,
        num_classes,
        kept,
        every_item(1 if masks is None else len(masks)),
        confusion=True,
        task="confusion matrix",
        batch_size=batch_size,
        progress=progress,
    )
    return counts["confusion"] if masks is not None else counts["confusion"][0]


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
