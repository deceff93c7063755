"""The checks of data sets, images and labels. Call them as those of `checks`, which has them all.

`name` is the name of an argument. `what` is the subject of the message: "The images of batch 2".
"""

import contextlib
import warnings
import weakref

import numpy as np

# What the user was warned of, by its id. An entry goes with the thing.
_WARNED_OF = weakref.WeakValueDictionary()


def same_images(first, second, same_pixels=True):
    """Raises unless two passes over a data set had the same images.

    Args:
        first: `(K,)`, the images of each class in one pass.
        second: The same of another pass; it may know of fewer or of more classes.
        same_pixels: Whether the two agree in what else was compared.
    """
    first, second = (np.asarray(counts) for counts in (first, second))
    classes = max(len(first), len(second))
    padded = [np.pad(counts, (0, classes - len(counts))) for counts in (first, second)]
    if same_pixels and (padded[0] == padded[1]).all():
        return
    if not second.sum():
        received = f"{first.sum()} images at first, and then none: it can be read only once"
    elif (padded[0] != padded[1]).any():
        received = (
            f"{_short_list(padded[0])} images of the classes at first, and then "
            f"{_short_list(padded[1])}"
        )
    else:
        received = f"as many images of each class, {first.sum()} in all, but not the same ones"
    raise ValueError(
        "`dataset` must hold the same images each time it is read. "
        f"Received: {received}. Shuffle it with `reshuffle_each_iteration=False`, or call "
        "`cache()` after what is random in it, or after a generator that starts only once"
    )


def pair_of_arrays(name, pair):
    """Reads images and labels as two arrays, whatever they are; raises for what is no pair."""
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        hint = ""
        if isinstance(pair, dict):
            hint = f". Give two entries of it: ({name}[key_of_images], {name}[key_of_labels])"
        elif hasattr(pair, "__next__"):
            hint = (
                ". An iterator can be read only once. Make a data set of the function that starts "
                "it: `tf.data.Dataset.from_generator(function, output_signature=(...))`"
            )
        elif hasattr(pair, "__iter__") and not hasattr(pair, "shape"):
            hint = (
                ". If it gives batches: `tf.data.Dataset.from_generator(lambda: iter(batches), "
                "output_signature=(...))`"
            )
        raise TypeError(
            f"`{name}` must be a `tf.data.Dataset` or `keras.utils.PyDataset` of (images, labels) "
            f"batches, or a pair of arrays (images, labels). "
            f"Received: {name} of type {type(pair).__name__}{hint}"
        )
    for part, what in zip(pair, ("images", "labels"), strict=True):
        if isinstance(part, dict):
            raise ValueError(
                f"The {what} of `{name}` must be an array. Received: a dictionary with keys "
                f"{list(part)}. Give one of its entries: {name}[{what == 'labels':d}][key]"
            )
    try:
        return tuple(np.asarray(part) for part in pair)
    except ValueError as error:  # rows of different lengths
        raise ValueError(
            f"`{name}` must be a pair of arrays: images (N, H, W, C) of one size, and labels (N,). "
            f"Received: {error}"
        ) from error


def element_spec(name, spec):
    """Raises if the elements of a `tf.data.Dataset` cannot be (images, labels) batches."""
    single = isinstance(spec, tuple | list) and len(spec) == 2
    if not single or any(isinstance(part, dict | tuple | list) for part in spec):
        raise ValueError(
            f"`{name}` must yield pairs of arrays (images, labels). "
            f"Received: elements {_short(spec)}. First `{name}.map({_selection(spec)})`"
        )
    for part, what in zip(spec, ("images", "labels"), strict=True):
        if type(part).__name__ in ("RaggedTensorSpec", "SparseTensorSpec"):
            raise ValueError(
                f"`{name}` must yield dense tensors. Received: {what} of {part}. Resize images to "
                f"one size before `batch`, and make labels dense: `tf.sparse.to_dense`"
            )
        if "string" in str(getattr(part, "dtype", "")):
            raise ValueError(
                f"`{name}` must yield numbers. Received: {what} of dtype string. Read and decode "
                "images first (`keras_freq.data.image_folder`), and number the labels"
            )
    shape = getattr(spec[0], "shape", None)
    rank = getattr(shape, "rank", None)
    if rank == 3:
        raise ValueError(
            f"`{name}` must yield batches of images (N, H, W, C), and this one yields single "
            f"images of shape {tuple(spec[0].shape)}. Call `{name}.batch(64)` first"
        )
    if rank is not None and rank != 4:
        raise ValueError(
            f"`{name}` must yield images of rank 4, (N, H, W, C). "
            f"Received: images of shape {tuple(spec[0].shape)}"
        )
    if rank == 4:
        channels_last(f"The images of `{name}`", tuple(shape))


def channels_last(what, shape):
    """Raises if images of a shape (N, H, W, C) or (H, W, C) seem to have their channels first.

    They do if the place of the height is a number of channels (1, 3 or 4), and the place of the
    channels holds more than 4 and is not far smaller than the place of the width. So a signal of 12
    channels, in images of 1 row and 128 columns, passes. So do images of at most 4 columns.

    Example:
        >>> channels_last("`images`", (8, 3, 32, 32))
        Traceback (most recent call last):
        ...
        ValueError: `images` must have the channels last, (N, H, W, C). Received: shape \
        (8, 3, 32, 32). Move them: np.moveaxis(images, 1, -1)
    """
    height, width, channels = shape[-3:]
    if None in (height, channels) or height not in (1, 3, 4) or channels <= 4:
        return
    if width is None or 4 < width <= 8 * channels:
        form, axis = ("(H, W, C)", 0) if len(shape) == 3 else ("(N, H, W, C)", 1)
        raise ValueError(
            f"{what} must have the channels last, {form}. Received: shape {tuple(shape)}. "
            f"Move them: np.moveaxis(images, {axis}, -1)"
        )


def images(what, images):
    """Raises unless images are finite, (N, H, W, C), and in [0, 1] if they are integers.

    Here and in the checks of labels, `what` is the subject of the message: "The images of batch 2".
    """
    if images.ndim != 4:
        raise ValueError(f"{what} must have rank 4, (N, H, W, C). Received: shape {images.shape}")
    channels_last(what, images.shape)
    if images.size == 0:
        return
    if images.dtype.kind in "iu":
        # Scaled images are fractions: integers above 1 are pixels that nobody divided by 255.
        if images.min() < 0 or images.max() > 1:
            raise ValueError(
                f"{what} must be floats in [0, 1]: divide them by 255, and if the model "
                "takes 0 to 255, make one that takes [0, 1] of it: "
                "`keras_freq.adapt(model, inputs='0..255')`. "
                f"Received: {images.dtype} values from {images.min()} to {images.max()}"
            )
    elif _kind(images) not in "fb":
        raise ValueError(f"{what} must be floats in [0, 1]. Received: {images.dtype}")
    elif not np.isfinite(images).all():
        bad = np.flatnonzero(~np.isfinite(images).all(axis=(1, 2, 3)))
        raise ValueError(
            f"{what} must be finite. "
            f"Received: NaN or infinity in {len(bad)} of {len(images)}, first in image {bad[0]}"
        )


def warn_of_8_bit_values(name, images, owner):
    """Warns of floats from 0.0 to 255.0, as Keras' own loaders give them, once for an owner.

    Filtered images may leave [0, 1], but stay far below 16.

    Args:
        name: The argument's name.
        images: Some of the images, an array.
        owner: The thing of the user's that holds them.
    """
    if not images.size or images.max() <= 16 or _WARNED_OF.get(id(owner)) is owner:
        return
    with contextlib.suppress(TypeError):  # lists have no weak references
        _WARNED_OF[id(owner)] = owner
    warnings.warn(
        f"`{name}` has values up to {float(images.max()):.4g}, where images are in [0, 1]. "
        "Divide them by 255, unless the model was trained on such values",
        stacklevel=5,
    )


def label_form(what, shape, num_classes=None):
    """Tells how labels of a shape are meant.

    `(N,)` are "integers" and `(N, 1)` are a "column" of integers, even if there is one class only.
    `(N, K)` are "one-hot". Other shapes raise.
    """
    if len(shape) == 1:
        return "integers"
    if len(shape) != 2 or shape[1] == 0:
        raise ValueError(
            f"{what} must be integers (N,) or one-hot (N, K). Received: shape {tuple(shape)}"
        )
    if shape[1] == 1:
        return "column"
    if num_classes is not None and shape[1] not in (num_classes, None):
        raise ValueError(
            f"{what} must have {num_classes} columns if they are one-hot, since "
            f"num_classes={num_classes}. Received: shape {tuple(shape)}"
        )
    return "one-hot"


def integer_labels(what, labels, num_classes=None):
    """Reads labels as int64 `(N,)`, each in [0, K - 1] if K is given.

    They may be stored as integers, or as whole floats or booleans; `label_form` says in which
    shapes. One-hot labels have a single 1 in each row. `integer_label_tensor` of `data` reads
    tensors by the same rules.

    Example:
        >>> integer_labels("`labels`", np.eye(3)[[2, 0]], num_classes=3)
        array([2, 0])
    """
    try:
        labels = np.asarray(labels)
    except ValueError as error:
        raise ValueError(
            f"{what} must be integers, or one-hot. Received: rows of different lengths"
        ) from error
    if _kind(labels) not in "iufb":
        raise ValueError(f"{what} must be integers, or one-hot. Received: {labels.dtype}")
    form = label_form(what, labels.shape, num_classes)
    if form == "one-hot":
        if ((labels != 0) & (labels != 1)).any() or (labels.sum(axis=1) != 1).any():
            raise ValueError(
                f"{what} must have a single 1 in each row if they are one-hot: mixed or smoothed "
                f"labels name no class. Received: first row {labels[0]}"
            )
        return labels.argmax(axis=1)
    labels = labels.reshape(-1)
    integers = labels.astype(np.int64) if np.isfinite(labels).all() else None
    if integers is None or (integers != labels).any():
        raise ValueError(f"{what} must be whole numbers. Received: {labels[:5]}")
    if len(integers) and integers.min() < 0:
        raise ValueError(f"{what} must be >= 0. Received: {integers.min()}")
    if num_classes is not None:
        labels_below(what, integers, num_classes, f"num_classes={num_classes}")
    return integers


def labels_below(what, labels, num_classes, reason, *, whole=False):
    """Raises unless integer labels are in [0, K - 1].

    Args:
        what: The subject of the message.
        labels: `(N,)`.
        num_classes: K.
        reason: Why labels must be below K.
        whole: Whether these are all labels of a data set, so that the lowest tells where they
            start.

    Example:
        >>> labels_below("`labels`", np.arange(5, 15), 10, "the model has 10 classes", whole=True)
        Traceback (most recent call last):
        ...
        ValueError: `labels` must be in [0, 9], since the model has 10 classes. Received: 10 to 14 \
        too. If the first class is 5, subtract 5 from all labels; else leave these images out
    """
    beyond = np.unique(labels[labels >= num_classes])
    if not len(beyond):
        return
    received = f"{beyond[0]}" if len(beyond) == 1 else f"{beyond[0]} to {beyond[-1]}"
    first, cure = labels.min(), ""
    if whole and first > 0 and labels.max() - first < num_classes:
        cure = f"If the first class is {first}, subtract {first} from all labels; else leave"
    elif whole:
        cure = "Leave"
    raise ValueError(
        f"{what} must be in [0, {num_classes - 1}], since {reason}. Received: {received}"
        + (f"{' too' if first < num_classes else ''}. {cure} these images out" if cure else "")
    )


def _kind(array):
    """The kind of an array's numbers. NumPy does not know that bfloat16 and the like are floats."""
    return "f" if array.dtype.name.startswith(("bfloat16", "float")) else array.dtype.kind


def _short_list(counts):
    """The first of some numbers."""
    return f"{counts[:10].tolist()}{' ...' if len(counts) > 10 else ''}"


def _short(spec):
    """Describes an element spec in one line."""
    if isinstance(spec, dict):
        return f"a dictionary with keys {list(spec)}"
    if isinstance(spec, tuple | list):
        return f"a tuple of {len(spec)}, ({', '.join(map(_short, spec))})"
    shape = getattr(spec, "shape", None)
    return "a single tensor" + ("" if shape is None else f" of shape {tuple(shape)}")


def _selection(spec):
    """The function that makes (images, labels) of such elements, as Python text."""
    if isinstance(spec, dict):
        rank = {key: len(getattr(part, "shape", None) or ()) for key, part in spec.items()}
        images = max(rank, key=rank.get, default="image")
        labels = next((key for key in spec if "label" in str(key)), None)
        labels = labels or next((key for key in spec if key != images), "label")
        return f"lambda batch: (batch[{images!r}], batch[{labels!r}])"
    if not isinstance(spec, tuple | list) or len(spec) < 2:
        return "lambda images: (images, labels_of(images))"
    chosen = []
    for part, name in zip(spec, ("images", "labels"), strict=False):
        index = ""
        if isinstance(part, dict):
            index = f"[{next(iter(part), 'key')!r}]"
        elif isinstance(part, tuple | list):
            index = "[0]"
        chosen.append(name + index)
    rest = ", *rest" if len(spec) > 2 else ""
    return f"lambda images, labels{rest}: ({', '.join(chosen)})"
