"""Every check of an argument, each fact in one place; each message says how to mend it.

A check takes the argument's name and its value. It gives the value back in the form that the caller
works with. Or it raises a ValueError (a TypeError for a thing of another kind) that names the
argument, says what was expected, and what came. Other rooms check what needs more than the value:
`fourier.masks` checks masks and maps, `classifier.model_check` checks models.
"""

import codecs
import contextlib
import difflib
import numbers
import operator
import os
import warnings
import weakref
from pathlib import Path

import numpy as np

# What the user was warned of, by its id. An entry goes with the thing.
_WARNED_OF = weakref.WeakValueDictionary()


def integer(name, value, least=1):
    """Reads an integer of at least `least`.

    Example:
        >>> integer("max_steps", np.int64(3))
        3
    """
    try:
        read = operator.index(value)
    except TypeError:
        read = None
    if read is None or isinstance(value, bool | np.bool_) or read < least:
        raise ValueError(f"`{name}` must be an integer >= {least}. Received: {name}={value!r}")
    return read


def number(name, value, low, high, what):
    """Reads a number in [low, high]; `what` says what it is, with its unit."""
    valid = isinstance(value, numbers.Real) and not isinstance(value, bool) and low <= value <= high
    if not valid:
        raise ValueError(
            f"`{name}` must be {what}, from {low:g} to {high:g}. Received: {name}={value!r}"
        )
    return float(value)


def positive(name, value, what, most=np.inf):
    """Reads a number in (0, most]; `what` says what it is, with its unit.

    Example:
        >>> positive("radius", 0, "a radius in cycles per image")
        Traceback (most recent call last):
        ...
        ValueError: `radius` must be a radius in cycles per image, > 0. Received: radius=0
    """
    valid = isinstance(value, numbers.Real) and not isinstance(value, bool) and 0 < value <= most
    if not valid:
        bound = "" if most == np.inf else f" and <= {most:g}"
        raise ValueError(f"`{name}` must be {what}, > 0{bound}. Received: {name}={value!r}")
    return float(value)


def confidence(value, name="confidence"):
    """Reads the confidence of an interval, between 0 and 1 and neither of them."""
    if not isinstance(value, numbers.Real) or not 0 < value < 1:
        raise ValueError(
            f"`{name}` must be between 0 and 1, for example 0.95. Received: {name}={value!r}"
        )
    return float(value)


def interval(name, value, low, high, what):
    """Reads a pair `low <= first <= second <= high`."""
    try:
        first, second = (float(one) for one in value)
        valid = low <= first <= second <= high
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            f"`{name}` must be a pair (least, most) of {what}, from {low:g} to {high:g}. "
            f"Received: {name}={value!r}"
        )
    return first, second


def choice(name, value, choices):
    """Reads one of some values.

    Example:
        >>> choice("method", "screend", ("screened", "exhaustive"))
        Traceback (most recent call last):
        ...
        ValueError: `method` must be one of 'screened', 'exhaustive'. Received: method='screend'. \
        Did you mean 'screened'?
    """
    # An array is compared cell by cell, which is no answer.
    if not any(value is one or np.array_equal(value == one, True) for one in choices):
        listed = ", ".join(map(repr, choices))
        raise ValueError(
            f"`{name}` must be one of {listed}. Received: {name}={value!r}."
            f"{did_you_mean(value, choices)}".removesuffix(".")
        )
    return value


def distinct(name, values):
    """Reads one value, or several of which none comes twice, as a list.

    Example:
        >>> distinct("seeds", range(3)), distinct("layers", 4)
        ([0, 1, 2], [4])
    """
    try:
        listed = [values] if isinstance(values, str | int) else list(values)
        valid = 0 < len(listed) == len(set(listed))
    except TypeError:  # no sequence, or one of sequences
        valid = False
    if not valid:
        raise ValueError(f"`{name}` must hold distinct values, at least one. Received: {values!r}")
    return listed


def some_of(name, values, choices):
    """Reads a selection of `choices`, and gives it in the order of `choices`.

    Example:
        >>> some_of("bands", ["high", "low"], ("low", "middle", "high"))
        ['low', 'high']
    """
    selected = [choice(name, value, choices) for value in distinct(name, values)]
    return [one for one in choices if one in selected]


def closest(value, choices):
    """The choice that a value resembles, as a string; None if it resembles none."""
    close = difflib.get_close_matches(str(value), [str(one) for one in choices], n=1)
    return close[0] if close else None


def did_you_mean(value, choices):
    """A hint at the choice that a value resembles, as the end of a message; "" if there is none.

    Example:
        >>> did_you_mean("dgo", ["cat", "dog"])
        " Did you mean 'dog'?"
    """
    close = closest(value, choices)
    return f" Did you mean {close!r}?" if close else ""


def real_array(name, value, shape, *, ndim):
    """Reads an array of real numbers, not empty, with one of the allowed numbers of dimensions."""
    array = plain_array(name, value, shape)
    allowed = (ndim,) if isinstance(ndim, int) else ndim
    numeric = array.dtype == bool or np.issubdtype(array.dtype, np.number)
    if array.ndim not in allowed or array.size == 0 or not numeric or np.iscomplexobj(array):
        raise ValueError(
            f"`{name}` must be an array of real numbers of shape {shape}, not empty. "
            f"Received: shape {array.shape}, dtype {array.dtype}"
        )
    return array


def table(name, frame, columns, source):
    """Raises unless a DataFrame has rows and the columns of what `source` makes."""
    if not hasattr(frame, "columns"):
        raise TypeError(
            f"`{name}` must be a DataFrame as from `{source}`. Received: {type(frame).__name__}"
        )
    missing = [column for column in columns if column not in frame.columns]
    if missing or not len(frame):
        raise ValueError(
            f"`{name}` must be a DataFrame as from `{source}`, with rows and the columns "
            f"{', '.join(columns)}. "
            "Received: " + (f"one without {', '.join(missing)}" if missing else "no rows")
        )


def plain_array(name, value, shape):
    """Reads anything that NumPy reads as one array; `shape` says in words what it must be.

    Example:
        >>> plain_array("mask", [[True], [True, False]], "(H, W)")
        Traceback (most recent call last):
        ...
        ValueError: `mask` must be an array of shape (H, W). Received: rows of different lengths
    """
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"`{name}` must be an array of shape {shape}. Received: rows of different lengths"
        ) from error


def path(name, value):
    """Reads the path of a file or folder as a `Path`."""
    if not isinstance(value, str | os.PathLike) or value == "":
        raise TypeError(
            f"`{name}` must be the path of a file or folder, a string or a `pathlib.Path`. "
            f"Received: {name}={value!r}"
        )
    return Path(value)


def class_names(names, num_classes, name="class_names"):
    """Reads K class names; None gives "0", "1", ..., "K - 1".

    If K is None, any number of names is right.
    """
    if names is None:
        return [str(label) for label in range(num_classes)]
    if isinstance(names, str):
        raise ValueError(
            f"`{name}` must be a sequence of strings, one a class. Received: {name}={names!r}"
        )
    try:
        plain = all(isinstance(one, str | numbers.Real) for one in names)
    except TypeError:  # not even a sequence
        plain = False
    if not plain:
        raise TypeError(
            f"`{name}` must be a sequence of strings, one a class. Received: {name}={names!r}"
        )
    names = [str(one) for one in names]
    if num_classes is not None and len(names) != num_classes:
        raise ValueError(
            f"`{name}` must hold one name for each of the {num_classes} classes. "
            f"Received: {len(names)} names, {names[:5]}{' ...' if len(names) > 5 else ''}"
        )
    return names


# The longer marks first: one begins with another.
_MARKS = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}


def text_file(what, path):
    """Reads a text file in UTF-8, with or without a byte-order mark.

    `what` says what the file is, for messages: "the experiment file".
    """
    try:
        contents = Path(path).read_bytes()
    except (OSError, ValueError) as error:  # a ValueError for a path that cannot be one
        reason = getattr(error, "strerror", None) or error
        raise ValueError(f"cannot read {what} {path}: {reason}") from None
    encoding = next((name for mark, name in _MARKS.items() if contents.startswith(mark)), None)
    if encoding is None and b"\0" in contents:
        encoding = "UTF-16, or no text"
    try:
        text = None if encoding else contents.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        encoding = f"another encoding (see its byte {error.start})"
    if encoding:
        raise ValueError(
            f"{what} {path} is not a text file in UTF-8, but in {encoding}. Save it as UTF-8"
        )
    return text


def per_channel(name, value, channels):
    """Reads a finite number, or one for each channel, as float64 `(C,)`."""
    try:
        values = np.asarray(value, np.float64)
    except (TypeError, ValueError):
        values = np.full(2, np.nan)
    if values.shape not in ((), (1,), (channels,)) or not np.isfinite(values).all():
        raise ValueError(
            f"`{name}` must be a number, or one value for each of the {channels} channels. "
            f"Received: {name}={value!r}"
        )
    return np.broadcast_to(values, channels).copy()


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
            f"Received: {_short(spec)}. First `{name}.map({_selection(spec)})`"
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
                f"{what} must be floats in [0, 1]: divide them by 255. "
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
    shapes. One-hot labels have a single 1 in each row. `data.batches.integer_label_tensor` reads
    tensors by the same rules.

    Example:
        >>> integer_labels("`labels`", np.eye(3)[[2, 0]], num_classes=3)
        array([2, 0])
    """
    labels = np.asarray(labels)
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
    if num_classes is not None and len(integers) and integers.max() >= num_classes:
        raise ValueError(
            f"{what} must be in [0, {num_classes - 1}], since num_classes={num_classes}. "
            f"Received: {integers.max()}"
        )
    return integers


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
