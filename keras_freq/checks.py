"""Every check of an argument, each fact in one place; each message says how to mend it.

A check takes the argument's name and its value. It gives the value back in the form that the caller
works with. Or it raises a ValueError (a TypeError for a thing of another kind) that names the
argument, says what was expected, and what came. Other rooms check what needs more than the value:
`fourier.masks` checks masks and maps, `classifier.model_check` checks models.
"""

import difflib
import numbers
import operator

import numpy as np


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
    if not any(value is one or value == one for one in choices):
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
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise ValueError(
            f"`{name}` must be an array of shape {shape}. Received: {error}"
        ) from error
    allowed = ndim if isinstance(ndim, tuple) else (ndim,)
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
    names = [str(one) for one in names]
    if num_classes is not None and len(names) != num_classes:
        raise ValueError(
            f"`{name}` must hold one name for each of the {num_classes} classes. "
            f"Received: {len(names)} names, {names[:5]}{' ...' if len(names) > 5 else ''}"
        )
    return names


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


def same_images(first, second):
    """Raises unless two passes over a data set had the same images of each class, by number."""
    if (np.asarray(first) != np.asarray(second)).any():
        raise ValueError(
            "`dataset` must hold the same images each time it is read. Received: "
            f"{np.asarray(first).tolist()} images of the classes at first, and then "
            f"{np.asarray(second).tolist()}. Shuffle it with `reshuffle_each_iteration=False`, or "
            "call `cache()` after what is random in it"
        )


def element_spec(name, spec):
    """Raises if the elements of a `tf.data.Dataset` cannot be (images, labels) batches."""
    if not isinstance(spec, tuple | list) or len(spec) != 2:
        raise ValueError(
            f"`{name}` must yield pairs (images, labels). With dictionaries or sample weights, "
            f"first `{name}.map(lambda ...: (images, labels))`. "
            f"Received: elements {_short(spec)}"
        )
    rank = getattr(getattr(spec[0], "shape", None), "rank", None)
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


def images(what, images):
    """Raises unless images are finite, (N, H, W, C), and in [0, 1] if they are integers.

    Here and in the checks of labels, `what` is the subject of the message: "The images of batch 2".
    """
    if images.ndim != 4:
        raise ValueError(f"{what} must have rank 4, (N, H, W, C). Received: shape {images.shape}")
    if images.size == 0:
        return
    if images.dtype.kind in "iu":
        # Scaled images are fractions: integers above 1 are pixels that nobody divided by 255.
        if images.min() < 0 or images.max() > 1:
            raise ValueError(
                f"{what} must be floats in [0, 1]: divide them by 255. "
                f"Received: {images.dtype} values from {images.min()} to {images.max()}"
            )
    elif images.dtype.kind not in "fb":
        raise ValueError(f"{what} must be floats in [0, 1]. Received: {images.dtype}")
    elif not np.isfinite(images).all():
        bad = np.flatnonzero(~np.isfinite(images).all(axis=(1, 2, 3)))
        raise ValueError(
            f"{what} must be finite. "
            f"Received: NaN or infinity in {len(bad)} of {len(images)}, first in image {bad[0]}"
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
    if labels.dtype.kind not in "iufb":
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


def _short(spec):
    """Describes an element spec in one line."""
    if isinstance(spec, dict):
        return f"a dictionary with keys {sorted(spec)}"
    if isinstance(spec, tuple | list):
        return f"a tuple of {len(spec)}"
    return f"a single tensor of shape {tuple(spec.shape)}" if hasattr(spec, "shape") else repr(spec)
