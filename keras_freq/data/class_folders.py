"""A folder of class folders as a data set; broken image files stop it, or are skipped."""

import collections
import math
import os
import warnings
from pathlib import Path

import tensorflow as tf

from keras_freq import checks
from keras_freq.data.batches import with_class_names
from keras_freq.data.epochs import in_epochs, index_order
from keras_freq.data.image_files import crop_and_resize, decode, inspect_files, turn_upright
from keras_freq.fourier import height_width

SUFFIXES = (".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif")
# Images too, which nobody means to leave out unseen.
_UNREAD_SUFFIXES = (".webp", ".tif", ".tiff", ".heic", ".heif", ".avif", ".jp2", ".jxl")
_SPLITS = {"train", "training", "test", "testing", "val", "valid", "validation"}


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

    The files are JPEG, PNG, BMP or GIF (its first frame). Other files are ignored, with a warning
    if they are images of another format. So are files and folders whose names begin with a dot.
    Grey, palette and CMYK images become RGB, transparency is dropped, 16 bits stay 16 bits, and
    photographs are turned upright as their EXIF says. The largest centred window of the wanted
    aspect ratio is cut out and resized (bilinear, antialiased). Every file is decoded once before
    this returns, so that a broken one is found now and not in the middle of a training.

    Args:
        path: The folder. The names of its sub-folders, sorted, are the classes.
        image_size: Int or `(height, width)`, in pixels.
        batch_size: Int >= 1; the last batch of an epoch may be smaller. Defaults to 32.
        shuffle: False gives the files sorted by class and name in every epoch, True gives each
            epoch an order of its own. Defaults to False.
        seed: Int >= 0, decides the orders. Defaults to 0.
        on_error: "raise", the default, stops at a file that cannot be decoded. "skip" leaves such
            files out, with a warning that says how many and which. The data set lists them in its
            attribute `skipped`.
        first_epoch: None, the default, gives a data set of one epoch. An int e >= 0 gives the
            endless stream of the epochs e, e + 1, ... When shuffled, the order of an epoch depends
            on `seed` and its number alone. So a training resumed at epoch e with
            `model.fit(..., steps_per_epoch=..., initial_epoch=e)` sees what an uninterrupted one
            would have seen.
        classes: The sub-folders to read, in the order of their labels: a list of their names, or a
            dict `{folder: class name}` that also renames them. Defaults to all, sorted. For a test
            set, give `classes=train.class_names`, so that its labels mean the same.

    Returns:
        A `tf.data.Dataset` of `(images, labels)` batches: float32 `(N, height, width, 3)` in [0, 1]
        and int64 `(N,)`. Its attributes are `class_names`, and `file_paths` and `skipped`, sorted
        lists of str.

    Raises:
        ValueError: If the folder is missing, has no class folders, only one, or one without images;
            if it lacks one of `classes`; if a file cannot be decoded; or if an argument is out of
            range.

    Example:
        >>> import pathlib, tempfile
        >>> import keras
        >>> import numpy as np
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
    image_size = height_width(image_size, "image_size")
    batch_size = checks.integer("batch_size", batch_size)
    seed = checks.integer("seed", seed, least=0)
    checks.choice("on_error", on_error, ("raise", "skip"))
    class_names, files, labels = _find(path, classes)
    broken, orientations = inspect_files(files)
    files, labels = _without_broken(broken, files, labels, class_names, on_error)

    def load(index):
        pixels = decode(tf.io.read_file(tf.gather(paths, index)))
        pixels = turn_upright(pixels, tf.gather(held, index))
        return crop_and_resize(pixels, image_size) / 255.0, tf.gather(targets, index)

    def make_epoch(epoch):
        order = index_order(len(files), shuffle, seed, epoch)
        return order.map(load, num_parallel_calls=tf.data.AUTOTUNE).batch(batch_size)

    # Names are bytes, and need not be text.
    paths, targets = tf.constant([os.fsencode(p) for p in files]), tf.constant(labels, tf.int64)
    held = tf.constant([orientations[path] for path in files], tf.int32)
    dataset = in_epochs(make_epoch, math.ceil(len(files) / batch_size), first_epoch)
    dataset.file_paths, dataset.skipped = files, list(broken)
    return with_class_names(dataset, class_names)


def _find(path, classes):
    """Lists class names, files (sorted by class, then name) and the labels of the files."""
    root = Path(path).expanduser()
    if not root.is_dir():
        what = "a file" if root.exists() else "no such folder"
        raise ValueError(f"`path` must be a folder of class folders. Received: {root} ({what})")
    folders = sorted(p for p in root.iterdir() if p.is_dir() and not _is_hidden(p.name))
    if not folders:
        raise ValueError(
            "`path` must hold one folder for each class, with that class's images inside. "
            f"Received: {root}, which holds no folders"
        )
    names = [folder.name for folder in folders]
    for name in names if classes is None else ():
        if os.fsencode(name) != name.encode("utf-8", "replace"):
            raise ValueError(
                "The folders of `path` name the classes, in UTF-8. Received: "
                f"{os.fsencode(name)!r} in {root}. Rename it, or give `classes` new names"
            )
    if classes is not None:
        names = list(classes.values()) if isinstance(classes, dict) else list(classes)
        folders = _chosen(root, folders, list(classes))
    elif {name.lower() for name in names} <= _SPLITS:
        raise ValueError(
            f"`path` must hold one folder for each class. Received: {root}, which holds "
            f"{', '.join(names)}: parts of a data set. Read each of them, {folders[0]} for one"
        )
    files, labels, unread = [], [], []
    for label, folder in enumerate(folders):
        visible = _visible_files(folder)
        found = sorted(str(p) for p in visible if p.suffix.lower() in SUFFIXES)
        unread += sorted(p for p in visible if p.suffix.lower() in _UNREAD_SUFFIXES)
        if not found:
            raise ValueError(
                f"Every class folder must hold images ({', '.join(SUFFIXES)}). Received: "
                f"{folder}, which holds {_counted(visible)}. Remove it, or add images"
            )
        files += found
        labels += [label] * len(found)
    if unread:
        warnings.warn(
            f"Left out {len(unread)} files of formats that are not read ({_counted(unread)}), "
            f"{unread[0]} for one. Convert them to JPEG or PNG, or remove them",
            stacklevel=3,
        )
    if len(folders) == 1:
        raise ValueError(
            "`path` must hold at least two class folders. "
            f"Received: {root}, which holds only {folders[0].name!r}"
        )
    return names, files, labels


def _chosen(root, folders, wanted):
    """Gives the wanted class folders, in their order."""
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


def _is_hidden(name):
    """Whether a name is that of a hidden file, or of what macOS adds to archives."""
    return name.startswith(".") or name == "__MACOSX"


def _visible_files(folder):
    """All files below a folder, but for those that are hidden or in hidden folders."""
    paths = ((path, path.relative_to(folder).parts) for path in folder.rglob("*"))
    return [path for path, parts in paths if not any(map(_is_hidden, parts)) and path.is_file()]


def _counted(files):
    """How many files there are of each suffix, in words."""
    counts = collections.Counter(path.suffix.lower() or "without a suffix" for path in files)
    return ", ".join(f"{count} {suffix}" for suffix, count in sorted(counts.items())) or "none"


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
            stacklevel=3,
        )
    return [files[i] for i in kept], [labels[i] for i in kept]
