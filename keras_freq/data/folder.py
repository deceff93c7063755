"""A folder of class folders as a data set."""

import io
import math
import os
import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tensorflow as tf
from tqdm import tqdm

from keras_freq.data.batches import with_class_names
from keras_freq.data.checks import non_negative_int, positive_int
from keras_freq.data.order import in_epochs, index_order
from keras_freq.data.resizing import checked_size, crop_and_resize

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".gif")
_JPEG = b"\xff\xd8\xff"


def image_folder(
    path,
    *,
    image_size,
    batch_size=32,
    shuffle=False,
    seed=0,
    on_error="raise",
    first_epoch=None,
    classes=None,
):
    """Reads a folder with one sub-folder for each class.

    The files are JPEG, PNG, BMP or GIF (its first frame); other files, and names that begin
    with a dot, are ignored. Grey and palette images become RGB and transparency is dropped.
    The largest centred window of the wanted aspect ratio is cut out and resized
    (bilinear, antialiased). Every file is decoded once before this returns, so that a broken one
    is found now and not in the middle of a training.

    Args:
        path: the folder. The names of its sub-folders, sorted, are the classes.
        image_size: int or `(height, width)`, in pixels.
        batch_size: int > 0; the last batch of an epoch may be smaller.
        shuffle: False gives the files sorted by class and name in every epoch, True gives
            each epoch an order of its own.
        seed: int >= 0, decides the orders.
        on_error: "raise" stops at a file that cannot be decoded; "skip" leaves such files
            out, with a warning that says how many and which. They are listed in the data
            set's attribute `skipped`.
        first_epoch: None gives a data set of one epoch. An int e >= 0 gives the endless stream
            of the epochs e, e + 1, ...: when shuffled, the order of an epoch depends on
            `seed` and its number alone, so that a training resumed at epoch e with
            `model.fit(..., steps_per_epoch=..., initial_epoch=e)` sees what an uninterrupted one
            would have seen.
        classes: the sub-folders to read, in the order of their labels: a list of their names,
            or a dict `{folder: class name}` that also renames them. Default: all, sorted.

    Returns:
        A `tf.data.Dataset` of `(images, labels)` batches: float32 `(N, height, width, 3)` in
        [0, 1] and int64 `(N,)`. Its attributes: `class_names`; `file_paths` and `skipped`, lists
        of str, sorted.

    Raises:
        ValueError: the folder is missing, has no class folders, only one or one without
            images, or lacks one of `classes`; a file cannot be decoded; an argument is out of
            range.

    Example:
        >>> import pathlib, tempfile
        >>> import keras
        >>> import keras_freq as kf
        >>> folder = pathlib.Path(tempfile.mkdtemp())
        >>> for name in ("cat", "dog"):
        ...     (folder / name).mkdir()
        ...     keras.utils.save_img(folder / name / "1.png", np.full((9, 12, 3), 255), scale=False)
        >>> dataset = kf.data.image_folder(folder, image_size=8)
        >>> dataset.class_names
        ['cat', 'dog']
        >>> for images, labels in dataset:
        ...     print(images.shape, images.numpy().mean().round(4), labels.numpy())
        (2, 8, 8, 3) 1.0 [0 1]
    """
    image_size = checked_size(image_size)
    batch_size = positive_int("batch_size", batch_size)
    seed = non_negative_int("seed", seed)
    if on_error not in ("raise", "skip"):
        raise ValueError(f'`on_error` must be "raise" or "skip". Received: on_error={on_error!r}')
    class_names, files, labels = _find(path, classes)
    broken = _broken(files)
    if broken and on_error == "raise":
        raise ValueError(_broken_message(broken, len(files)))
    files, labels, skipped = _without(broken, files, labels, class_names)

    def load(index):
        pixels = _decode(tf.io.read_file(tf.gather(paths, index)))
        return crop_and_resize(pixels, image_size) / 255.0, tf.gather(targets, index)

    def make_epoch(epoch):
        order = index_order(len(files), shuffle, seed, epoch)
        return order.map(load, num_parallel_calls=tf.data.AUTOTUNE).batch(batch_size)

    paths, targets = tf.constant(files), tf.constant(labels, tf.int64)
    dataset = in_epochs(make_epoch, math.ceil(len(files) / batch_size), first_epoch)
    dataset.file_paths, dataset.skipped = files, skipped
    return with_class_names(dataset, class_names)


def _find(path, classes):
    """Lists class names, files (sorted by class, then name) and their labels."""
    root = Path(path)
    if not root.is_dir():
        what = "a file" if root.exists() else "no such folder"
        raise ValueError(f"`path` must be a folder of class folders. Received: {root} ({what})")
    folders = sorted(p for p in root.iterdir() if p.is_dir() and not p.name.startswith("."))
    if not folders:
        raise ValueError(
            "`path` must hold one folder for each class, with that class's images inside. "
            f"Received: {root}, which holds no folders"
        )
    names = [folder.name for folder in folders]
    if classes is not None:
        names = list(classes.values()) if isinstance(classes, dict) else list(classes)
        folders = _chosen(root, folders, list(classes))
    files, labels = [], []
    for label, folder in enumerate(folders):
        found = sorted(str(p) for p in folder.rglob("*") if _is_image(p))
        if not found:
            raise ValueError(
                f"Every class folder must hold images ({', '.join(SUFFIXES)}). Received: "
                f"{folder}, which holds none. Remove it, or add images"
            )
        files += found
        labels += [label] * len(found)
    if len(folders) == 1:
        raise ValueError(
            "`path` must hold at least two class folders. "
            f"Received: {root}, which holds only {folders[0].name!r}"
        )
    return names, files, labels


def _chosen(root, folders, wanted):
    """The wanted class folders, in their order."""
    there = {folder.name: folder for folder in folders}
    missing = [name for name in wanted if name not in there]
    if missing:
        shown = ", ".join(list(there)[:10]) + (", ..." if len(there) > 10 else "")
        raise ValueError(
            f"`classes` must name class folders of {root}, which holds {shown}. "
            f"Received: {wanted}, of which {missing} are missing"
        )
    if len(wanted) < 2 or len(set(wanted)) < len(wanted):
        raise ValueError(f"`classes` must name at least two folders, each once. Received: {wanted}")
    return [there[name] for name in wanted]


def _is_image(path):
    """Whether a path is a visible file with the suffix of an image."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()


def _broken(files):
    """Decodes every file once, in threads; returns {path: reason} of those that fail."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # The bar appears only where it takes longer than 5 s.
        reasons = tqdm(
            pool.map(_failure, files), "Checking images", len(files), leave=False, delay=5
        )
        return {path: reason for path, reason in zip(files, reasons, strict=True) if reason}


def _failure(path):
    """Says in one line why a file cannot be decoded, or gives None."""
    try:
        with tf.device("CPU"):
            contents = tf.io.read_file(path)
            if _begins(contents, _JPEG):
                # An eighth of the size takes less than half the time, and reads all of the file.
                _decode_jpeg(contents, ratio=8)
            else:
                _decode(contents)
    except (tf.errors.OpError, ValueError, OSError) as error:
        return _in_words(error)
    return None


def _in_words(error):
    """The message of an error in one line, without TensorFlow's names of nodes and devices."""
    message = re.sub(r"\{\{.*?\}\}|\[Op:.*", "", str(error), flags=re.DOTALL)
    return " ".join(message.split()) or type(error).__name__


def _decode(contents):
    """Decodes the contents of a file to (H, W, 3) uint8, whatever its suffix says."""
    pixels = tf.case(
        [
            # The default transform is faster, and up to a dozen grey levels off.
            (_begins(contents, _JPEG), lambda: _decode_jpeg(contents)),
            # TensorFlow reads no palettes, and so no grey images, in BMP.
            (
                _begins(contents, b"BM"),
                lambda: tf.numpy_function(_decode_bmp, [contents], tf.uint8),
            ),
        ],
        default=lambda: tf.io.decode_image(contents, channels=3, expand_animations=False),
    )
    return tf.ensure_shape(pixels, (None, None, 3))


def _begins(contents, magic):
    """Whether the contents of a file begin as those of a format do."""
    return tf.equal(tf.strings.substr(contents, 0, len(magic)), magic)


def _decode_jpeg(contents, ratio=1):
    """Decodes a JPEG file, at its size divided by 1, 2, 4 or 8."""
    return tf.io.decode_jpeg(contents, channels=3, ratio=ratio, dct_method="INTEGER_ACCURATE")


def _decode_bmp(contents):
    """Decodes a BMP file with Pillow."""
    from PIL import Image

    # TensorFlow hands strings over as arrays of one object.
    contents = contents if isinstance(contents, bytes) else contents.item()
    with Image.open(io.BytesIO(contents)) as image:
        return np.asarray(image.convert("RGB"))


def _broken_message(broken, count, listed=5):
    """Names the broken files, and the way around them."""
    lines = [f"  {path}: {reason}" for path, reason in list(broken.items())[:listed]]
    if len(broken) > listed:
        lines.append(f"  and {len(broken) - listed} more")
    return (
        f"{len(broken)} of {count} image files cannot be decoded. Repair or remove them, or "
        'leave them out with `on_error="skip"`:\n' + "\n".join(lines)
    )


def _without(broken, files, labels, class_names):
    """Leaves the broken files out, with a warning; a class must not vanish with them."""
    kept = [i for i, path in enumerate(files) if path not in broken]
    emptied = sorted(set(labels) - {labels[i] for i in kept})
    if emptied:
        names = [class_names[label] for label in emptied]
        raise ValueError(
            f"No image of the class folders {names} can be decoded: "
            f"{next(path for path in broken)}, for one. Repair or remove them"
        )
    if broken:
        reasons = "\n".join(f"  {path}: {reason}" for path, reason in broken.items())
        warnings.warn(
            f"Skipped {len(broken)} of {len(files)} image files that cannot be decoded:\n{reasons}",
            stacklevel=3,
        )
    return [files[i] for i in kept], [labels[i] for i in kept], list(broken)
