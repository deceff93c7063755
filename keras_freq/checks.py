"""Every check of an argument, each fact in one place; each message says how to mend it.

A check takes the argument's name and its value. It gives the value back in the form that the caller
works with. Or it raises a ValueError (a TypeError for a thing of another kind) that names the
argument, says what was expected, and what came. Other rooms check what needs more than the value:
`fourier.masks` checks masks and maps, `classifier` checks models.
"""

import difflib
import numbers
import operator

import numpy as np

from keras_freq.array_checks import counts as counts
from keras_freq.array_checks import per_channel as per_channel
from keras_freq.array_checks import plain_array as plain_array
from keras_freq.array_checks import radii as radii
from keras_freq.array_checks import real_array as real_array
from keras_freq.array_checks import table as table
from keras_freq.data_checks import element_spec as element_spec
from keras_freq.data_checks import pair_of_arrays as pair_of_arrays
from keras_freq.data_checks import same_images as same_images
from keras_freq.file_checks import checkpoint as checkpoint
from keras_freq.file_checks import path as path
from keras_freq.file_checks import text_file as text_file
from keras_freq.image_checks import OneRange as OneRange
from keras_freq.image_checks import channels_last as channels_last
from keras_freq.image_checks import has_fractions as has_fractions
from keras_freq.image_checks import images as images
from keras_freq.image_checks import warn_of_other_ranges as warn_of_other_ranges
from keras_freq.label_checks import integer_labels as integer_labels
from keras_freq.label_checks import label_form as label_form
from keras_freq.label_checks import labels_below as labels_below


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


def batch_size(value):
    """Reads how many images a model is given at once; None: by their size."""
    return None if value is None else integer("batch_size", value)


# No data set has so many. Memory would end before a message about the labels came.
_MOST_CLASSES = 1_000_000


def num_classes(value, least=1):
    """Reads the number of classes K.

    Example:
        >>> num_classes(10**9)
        Traceback (most recent call last):
        ...
        ValueError: `num_classes` must be at most 1,000,000. Received: num_classes=1000000000
    """
    read = integer("num_classes", value, least)
    if read > _MOST_CLASSES:
        raise ValueError(
            f"`num_classes` must be at most {_MOST_CLASSES:,}. Received: num_classes={value!r}"
        )
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
        valid = not isinstance(value, str) and low <= first <= second <= high
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            f"`{name}` must be a pair (least, most) of {what}, from {low:g} to {high:g}. "
            f"Received: {name}={value!r}"
        )
    return first, second


def stateless_seed(value):
    """Reads a stateless seed as an int64 tensor `(2,)`; it may be one already, also in a graph."""
    import tensorflow as tf

    try:
        key = tf.convert_to_tensor(value)
        key = tf.cast(key, tf.int64) if key.dtype.is_integer else None
    except (TypeError, ValueError):
        key = None
    if key is None or key.shape.as_list() != [2]:
        raise ValueError(
            "`seed` must be a stateless seed: a pair of ints such as (0, 1), or an int tensor of "
            f"shape (2,). `tf.random.split` makes several of one. Received: seed={value!r}"
        )
    return key


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


def keras_model(name, model):
    """Raises unless it is a `keras.Model`; this does not import Keras."""
    if not hasattr(model, "layers") or not hasattr(model, "get_config"):
        raise TypeError(f"`{name}` must be a keras.Model. Received: {type(model).__name__}")


def class_names(names, num_classes, name="class_names"):
    """Reads K class names; None gives "0", "1", ..., "K - 1".

    If K is None, any number of names is right. Two classes may have one name, as the cranes of
    ImageNet: tables tell them apart by their ids.
    """
    if names is None:
        return [str(label) for label in range(num_classes)]
    if isinstance(names, str):
        raise ValueError(
            f"`{name}` must be a sequence of strings, one a class. Received: {name}={names!r}"
        )
    try:
        names = list(names)  # of an iterator, too, which can be read only once
        plain = all(isinstance(one, str | numbers.Real) for one in names)
    except TypeError:  # not even a sequence
        plain = False
    if not plain:
        raise TypeError(
            f"`{name}` must be a sequence of strings, one a class. Received: {name}={names!r}"
        )
    names = [str(one) for one in names]
    if num_classes is not None and len(names) != num_classes:
        raise ValueError(_other_number_of_names(name, names, num_classes))
    return names


def _other_number_of_names(name, names, num_classes):
    """Says that there are more or fewer names than classes, and what to do."""
    shown = f"{names[:5]}{' ...' if len(names) > 5 else ''}"
    source, dot, _ = name.rpartition(".class_names")
    if not dot:
        return (
            f"`{name}` must hold one name for each of the {num_classes} classes. "
            f"Received: {len(names)} names, {shown}"
        )
    # Nobody passed these names: a data set of class folders has them.
    number = len(names)
    cure = (
        f"Choose the outputs of these {number} classes, in the order of the names, by "
        "`model = keras_freq.adapt(model, classes={name: output, ...})`, and take "
        f"num_classes={number}; or add the images that are missing"
        if number < num_classes
        else f"Take num_classes={number}, or read only classes that the model knows: "
        "`keras_freq.data.image_folder(path, classes=[...])`"
    )
    return (
        f"`{source}` names {number} classes, by its class folders or its attribute `class_names`, "
        f"and there must be {num_classes} (`num_classes`, or as many as the model or the maps "
        f"have). Received: {shown}. {cure}"
    )
