"""The checks behind `batches`: what images and labels must be, and what to do if they are not."""

import numpy as np


def positive_int(name, value):
    """Returns `value` as an int, or raises a ValueError that names the argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) < 1:
        raise ValueError(f"`{name}` must be an integer > 0. Received: {name}={value!r}")
    return int(value)


def non_negative_int(name, value):
    """Returns `value` as an int, or raises a ValueError that names the argument."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) < 0:
        raise ValueError(f"`{name}` must be an integer >= 0. Received: {name}={value!r}")
    return int(value)


def check_element_spec(spec):
    """Raises if the elements of a `tf.data.Dataset` cannot be (images, labels) batches."""
    if not isinstance(spec, (tuple, list)) or len(spec) != 2:
        raise ValueError(
            "`dataset` must yield pairs (images, labels). With dictionaries or sample weights, "
            "first `dataset.map(lambda ...: (images, labels))`. "
            f"Received: elements {_short(spec)}"
        )
    rank = getattr(getattr(spec[0], "shape", None), "rank", None)
    if rank == 3:
        raise ValueError(
            "`dataset` must yield batches of images (N, H, W, C), and this one yields single "
            f"images of shape {tuple(spec[0].shape)}. Call `dataset.batch(64)` first"
        )
    if rank is not None and rank != 4:
        raise ValueError(
            "`dataset` must yield images of rank 4, (N, H, W, C). "
            f"Received: images of shape {tuple(spec[0].shape)}"
        )


def checked_arrays(images, labels):
    """Checks a pair of arrays as a whole, and gives it the conventional types."""
    images = np.asarray(images)
    labels = np.asarray(labels)
    check_images(images, "`dataset`")
    if labels.ndim == 0 or len(images) != len(labels):
        raise ValueError(
            "`dataset` must hold as many labels as images. "
            f"Received: images of shape {images.shape}, labels of shape {labels.shape}"
        )
    if len(images) == 0:
        raise ValueError("`dataset` is empty: there must be at least one image")
    if labels.ndim != 2 or labels.shape[1] == 1:
        labels = integer_labels(labels, None, "`dataset`")
    return np.asarray(images, np.float32), labels


def check_images(images, where):
    """Raises unless `images` are finite, (N, H, W, C), and in [0, 1] if they are integers."""
    if images.ndim != 4:
        raise ValueError(
            f"The images of {where} must have rank 4, (N, H, W, C). Received: shape {images.shape}"
        )
    if images.size == 0:
        return
    if images.dtype.kind in "iu":
        # Scaled images are fractions: integers above 1 are pixels that nobody divided by 255.
        if images.min() < 0 or images.max() > 1:
            raise ValueError(
                f"The images of {where} must be floats in [0, 1]: divide them by 255. "
                f"Received: {images.dtype} values from {images.min()} to {images.max()}"
            )
    elif images.dtype.kind not in "fb":
        raise ValueError(
            f"The images of {where} must be floats in [0, 1]. Received: {images.dtype}"
        )
    elif not np.isfinite(images).all():
        bad = np.flatnonzero(~np.isfinite(images).all(axis=(1, 2, 3)))
        raise ValueError(
            f"The images of {where} must be finite. "
            f"Received: NaN or infinity in {len(bad)} of {len(images)}, first in image {bad[0]}"
        )


def integer_labels(labels, num_classes, where):
    """Turns integer, (N, 1) or one-hot labels into int64 (N,), each in [0, num_classes)."""
    if labels.dtype.kind not in "iufb":
        raise ValueError(
            f"The labels of {where} must be integers, or one-hot. Received: {labels.dtype}"
        )
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = _from_one_hot(labels, num_classes, where)
    elif labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    elif labels.ndim != 1:
        raise ValueError(
            f"The labels of {where} must be integers (N,) or one-hot (N, K). "
            f"Received: shape {labels.shape}"
        )
    integers = labels.astype(np.int64) if np.isfinite(labels).all() else None
    if integers is None or (integers != labels).any():
        raise ValueError(f"The labels of {where} must be whole numbers. Received: {labels[:5]}")
    if len(integers) and integers.min() < 0:
        raise ValueError(f"The labels of {where} must be >= 0. Received: {integers.min()}")
    if num_classes is not None and len(integers) and integers.max() >= num_classes:
        raise ValueError(
            f"The labels of {where} must be in [0, {num_classes - 1}], since "
            f"num_classes={num_classes}. Received: {integers.max()}"
        )
    return integers


def _from_one_hot(labels, num_classes, where):
    """Turns one-hot labels (N, K) into integers, refusing mixtures."""
    if num_classes is not None and labels.shape[1] != num_classes:
        raise ValueError(
            f"The one-hot labels of {where} must have {num_classes} columns, since "
            f"num_classes={num_classes}. Received: shape {labels.shape}"
        )
    if ((labels != 0) & (labels != 1)).any() or (labels.sum(axis=1) != 1).any():
        raise ValueError(
            f"The labels of {where} must have a single 1 in each row; mixed or smoothed labels "
            f"name no class. Received: first row {labels[0]}"
        )
    return labels.argmax(axis=1)


def _short(spec):
    """Describes an element spec in one line."""
    if isinstance(spec, dict):
        return f"a dictionary with keys {sorted(spec)}"
    if isinstance(spec, (tuple, list)):
        return f"a tuple of {len(spec)}"
    return f"a single tensor of shape {tuple(spec.shape)}" if hasattr(spec, "shape") else repr(spec)
