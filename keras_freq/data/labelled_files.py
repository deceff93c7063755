"""Image files with labels as a data set; broken files stop it, or are skipped."""

import math
import os
import typing
import warnings

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.data.batches import with_class_names
from keras_freq.data.epochs import in_epochs, index_order
from keras_freq.data.image_files import RESIZES, decode, inspect_files, resize_image, turn_upright
from keras_freq.fourier import height_width

COLOR_MODES = {"rgb": 3, "grayscale": 1}


class ListedFiles(typing.NamedTuple):
    """Image files in the order of a data set, of which some can be read without the others.

    Attributes:
        labels: `(N,)` int64.
        read: Function from numbers of files to a `tf.data.Dataset` of them, in batches.
    """

    labels: np.ndarray
    read: typing.Callable


def labelled_files(
    files,
    labels,
    class_names,
    *,
    image_size,
    batch_size=32,
    shuffle=False,
    seed=0,
    on_error="raise",
    first_epoch=None,
    color_mode="rgb",
    resize="crop",
    antialias=True,
):
    """Reads image files whose labels are known.

    Args:
        files: A list of paths as text.
        labels: Their labels: ints from 0 to K - 1.
        class_names: K names.
        image_size: As in `image_folder`, as all other arguments are.
        batch_size: Likewise.
        shuffle: Likewise.
        seed: Likewise.
        on_error: Likewise.
        first_epoch: Likewise.
        color_mode: Likewise.
        resize: Likewise.
        antialias: Likewise.

    Returns:
        A `tf.data.Dataset`, as from `image_folder`. If each pass has the order of `files`, it also
        has the attribute `listed_files`.

    Raises:
        ValueError: If a file cannot be decoded, or if an argument is out of range.
    """
    reading = {"image_size": image_size, "batch_size": batch_size, "shuffle": shuffle, "seed": seed}
    reading |= {"on_error": on_error, "color_mode": color_mode, "resize": resize}
    image_size = check_reading(**reading, antialias=antialias)
    options = {
        "channels": COLOR_MODES[color_mode],
        "as_keras": resize == "stretch" and not antialias,
    }
    broken, orientations, sizes = inspect_files(files, **options)
    files, labels = _without_broken(broken, files, labels, class_names, on_error)

    def load(index):
        pixels = decode(tf.io.read_file(tf.gather(paths, index)), **options)
        pixels = turn_upright(pixels, tf.gather(held, index))
        pixels = resize_image(pixels, image_size, resize=resize, antialias=antialias)
        return pixels / 255.0, tf.gather(targets, index)

    def read(order):
        return order.map(load, num_parallel_calls=tf.data.AUTOTUNE).batch(batch_size)

    @tf.autograph.experimental.do_not_convert
    def read_some(numbers):
        return read(tf.data.Dataset.from_tensor_slices(np.asarray(numbers, np.int64)))

    def make_epoch(epoch):
        return read(index_order(len(files), shuffle, seed, epoch))

    # Names are bytes, and need not be text.
    paths, targets = tf.constant([os.fsencode(p) for p in files]), tf.constant(labels, tf.int64)
    held = tf.constant([orientations[path] for path in files], tf.int32)
    dataset = in_epochs(make_epoch, math.ceil(len(files) / batch_size), first_epoch)
    dataset.file_paths, dataset.skipped = files, list(broken)
    dataset.turned = sum(orientations[path] != 1 for path in files)
    dataset.resized = sum(sizes[path] != tuple(image_size) for path in files)
    if not shuffle and first_epoch is None:
        dataset.listed_files = ListedFiles(np.asarray(labels, np.int64), read_some)
    return with_class_names(dataset, class_names)


def check_reading(
    *, image_size, batch_size, shuffle, seed, on_error, color_mode, resize, antialias
):
    """Raises a ValueError unless the arguments of `labelled_files` are right; gives (H, W)."""
    size = height_width(image_size, "image_size")
    checks.integer("batch_size", batch_size)
    checks.choice("shuffle", shuffle, (True, False))
    checks.integer("seed", seed, least=0)
    checks.choice("on_error", on_error, ("raise", "skip"))
    checks.choice("color_mode", color_mode, tuple(COLOR_MODES))
    checks.choice("resize", resize, RESIZES)
    checks.choice("antialias", antialias, (True, False))
    return size


def _without_broken(broken, files, labels, class_names, on_error):
    """Stops at broken files, or skips them with a warning; no class may vanish with them."""
    reasons = [f"  {path}: {reason}" for path, reason in broken.items()]
    if broken and on_error == "raise":
        more = [f"  and {len(reasons) - 5} more"] if len(reasons) > 5 else []
        raise ValueError(
            f"{len(broken)} of {len(files)} image files cannot be decoded. Repair or remove them, "
            'or leave them out with `on_error="skip"`:\n' + "\n".join(reasons[:5] + more)
        )
    kept = [i for i, path in enumerate(files) if path not in broken]
    emptied = sorted(set(labels) - {labels[i] for i in kept})
    if emptied:
        names = [class_names[label] for label in emptied]
        raise ValueError(
            f"No image of the class folders {names} can be decoded: {next(iter(broken))}, for one. "
            "Repair or remove them"
        )
    if broken:
        warnings.warn(
            f"Skipped {len(broken)} of {len(files)} image files that cannot be decoded:\n"
            + "\n".join(reasons),
            stacklevel=4,
        )
    return [files[i] for i in kept], [labels[i] for i in kept]
