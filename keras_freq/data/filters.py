"""Data sets with frequencies removed."""

import tensorflow as tf

from keras_freq.data.batches import as_batches, with_class_names
from keras_freq.fourier import check_mask, filter_images


def filtered(dataset, mask, *, neutral=0.0):
    """Keeps the frequencies of a mask in all images of a data set, and removes the others.

    Args:
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, images float in [0, 1], or a
            pair of arrays.
        mask: Bool `(H, W)`, centred and symmetric, True = kept.
        neutral: What an image without its DC becomes, a number or `(C,)`. Defaults to 0, the plain
            filter. To test a model, give the training set's `channel_means`.

    Returns:
        A `tf.data.Dataset` of the same batches with filtered float32 images. They may leave [0, 1]
        and are not clipped. It has the `class_names` of the data set.

    Raises:
        TypeError: If `dataset` is no data set, or `mask` is not boolean.
        ValueError: If `mask` does not have the size of the images, or is not symmetric.

    Example:
        >>> import keras_freq as kf
        >>> images, labels = kf.data.frequency_bands(4, per_class=1)
        >>> low = kf.data.filtered((images, labels), kf.low_pass_mask(32, radius=12))
        >>> [round(float(x.std()), 2) for x in (images[3], next(iter(low))[0][3].numpy())]
        [0.08, 0.0]
    """
    batches = as_batches(dataset)
    mask = check_mask(mask)

    @tf.autograph.experimental.do_not_convert
    def change(images, labels):
        return filter_images(images, mask, neutral=neutral), labels

    result = batches.map(change, num_parallel_calls=tf.data.AUTOTUNE).prefetch(tf.data.AUTOTUNE)
    return with_class_names(result, getattr(batches, "class_names", None))
