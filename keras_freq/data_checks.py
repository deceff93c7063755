"""The checks of data sets. Call them as those of `checks`, which has them all.

`name` is the name of an argument.
"""

import numpy as np

from keras_freq.image_checks import channels_last


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
