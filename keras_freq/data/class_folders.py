"""A folder of class folders as a data set."""

import collections
import os
import warnings
from pathlib import Path

from keras_freq.data import folder_tree
from keras_freq.data.labelled_files import check_reading, labelled_files


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
    color_mode="rgb",
    resize="crop",
    antialias=True,
):
    """Reads a folder with one sub-folder for each class.

    The files are JPEG, PNG, BMP, WebP or GIF (its first frame). Other files are ignored, with a
    warning if they are images of another format. So are files and folders whose names begin with
    a dot, and folders that systems make, such as `@eaDir` and `__MACOSX`. Links are followed. Grey,
    palette and CMYK images become RGB, transparency is dropped, 16 bits stay 16 bits, and
    photographs are turned upright as their EXIF says. Every file is decoded once before this
    returns, so that a broken one is found now and not in the middle of a training.

    Args:
        path: The folder. Its sub-folders are the classes, in the order of their names. If all names
            are whole numbers, it is the order of the numbers, with a warning if that differs from
            the order as text, which Keras' loader takes.
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
        classes: The sub-folders to read, in the order of their labels: a list of their names, the
            path of a text file with one name a line, or a dict `{folder: class name}` that also
            renames them. Defaults to all. For a test set, give `classes=train.class_names`, so
            that its labels mean the same. For a model of somebody else's, give the classes in the
            model's order.
        color_mode: "rgb", the default, or "grayscale" for images of one channel: the luminance
            0.299 R + 0.587 G + 0.114 B.
        resize: "crop", the default, cuts out the largest centred window of the wanted aspect ratio
            and resizes it. "stretch" resizes the whole image. Both are bilinear.
        antialias: Whether to remove what the smaller image cannot show, before it is shrunk.
            Without it, high frequencies are folded onto low ones. Defaults to True.
            `resize="stretch", antialias=False` reads JPEG and PNG files bit for bit as
            `keras.utils.image_dataset_from_directory` does, and divides them by 255. Only
            photographs that are not stored upright differ, since Keras does not turn them.

    Returns:
        A `tf.data.Dataset` of `(images, labels)` batches: float32 `(N, height, width, C)` in [0, 1]
        and int64 `(N,)`. Its attributes are `class_names`; `file_paths` and `skipped`, sorted lists
        of str; `turned`, the number of files that were turned upright; and `resized`, the number of
        those of another size.

    Raises:
        ValueError: If the folder is missing, has no class folders, only one, or one without images;
            if it holds the parts of a data set; if it lacks one of `classes`; if a file cannot be
            decoded; or if an argument is out of range.

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
    options = {"image_size": image_size, "batch_size": batch_size, "shuffle": shuffle, "seed": seed}
    options |= {"on_error": on_error, "color_mode": color_mode, "resize": resize}
    check_reading(**options, antialias=antialias)
    class_names, files, labels = listed_files(path, classes)
    return labelled_files(
        files, labels, class_names, **options, antialias=antialias, first_epoch=first_epoch
    )


def checked_root(path):
    """Reads the path of a folder."""
    try:
        root = Path(path).expanduser()
    except (TypeError, RuntimeError):  # no path, or the home of nobody
        raise ValueError(
            f"`path` must be a folder of class folders. Received: path={path!r}"
        ) from None
    if not os.path.isdir(root):
        what = "a file" if os.path.exists(root) else "no such folder"
        raise ValueError(f"`path` must be a folder of class folders. Received: {root} ({what})")
    return root


def listed_files(path, classes=None):
    """Lists the image files of a folder of class folders, and looks into none of them.

    Args:
        path: The folder.
        classes: As in `image_folder`.

    Returns:
        The class names, the files as text (sorted by class, then name), and their labels.
    """
    root = checked_root(path)
    if classes is None:
        folders = _all_classes(root)
        names = [folder_tree.same_name(folder.name) for folder in folders]
    else:
        classes = folder_tree.class_list(classes)
        folders, names = _chosen(root, list(classes)), list(classes.values())
    _refuse_twice(folders, names)
    files, labels, images, unread = [], [], [], []
    for label, folder in enumerate(folders):
        visible = folder_tree.files_below(folder)
        found = [path for path in visible if path.suffix.lower() in folder_tree.SUFFIXES]
        unread += [path for path in visible if path.suffix.lower() in folder_tree.UNREAD_SUFFIXES]
        if not found:
            raise ValueError(
                f"Every class folder must hold images ({', '.join(folder_tree.SUFFIXES)}). "
                f"Received: {folder}, which holds {_counted(visible)}. Remove it, or add images"
            )
        images.append(found)
        files += map(str, found)
        labels += [label] * len(found)
    if classes is None and folder_tree.are_parts(folders, images):
        _refuse_parts(root, folders, "which all hold the same folders, so that they seem to be ")
    if unread:
        warnings.warn(
            f"Left out {len(unread)} files of formats that are not read ({_counted(unread)}), "
            f"{unread[0]} for one. Convert them to JPEG or PNG, or remove them",
            stacklevel=3,
        )
    if len(folders) == 1:
        inside = folder_tree.class_folders(folders[0])
        raise ValueError(
            "`path` must hold at least two class folders. "
            f"Received: {root}, which holds only {folders[0].name!r}"
            + (f". Did you mean {folders[0]}?" if len(inside) > 1 else "")
        )
    return names, files, labels


def _all_classes(root):
    """Lists the class folders in the order of their labels, and says what is unusual."""
    folders = folder_tree.class_folders(root)
    if not folders:
        raise ValueError(
            "`path` must hold one folder for each class, with that class's images inside. "
            f"Received: {root}, which holds no folders"
        )
    names = [folder.name for folder in folders]
    for name in names:
        if os.fsencode(name) != name.encode("utf-8", "replace"):
            raise ValueError(
                "The folders of `path` name the classes, in UTF-8. Received: "
                f"{os.fsencode(name)!r} in {root}. Rename it, or give `classes` new names"
            )
    if folder_tree.are_parts(folders, None):
        _refuse_parts(root, folders, "")
    for folder in folder_tree.left_out_folders(root):
        warnings.warn(
            f"Left out {folder}, since systems give such names to folders. "
            "Rename it if it is a class, or give all classes with `classes`",
            stacklevel=4,
        )
    if names != sorted(names):
        listed = [", ".join(some[:4]) + f", ..., {some[-1]}" for some in (names, sorted(names))]
        warnings.warn(
            f"The class folders are numbers, and the labels follow the numbers: {listed[0]}. "
            f"Keras' image_dataset_from_directory takes their order as text: {listed[1]}. "
            "For a model with that order, give the names in it with `classes`",
            stacklevel=4,
        )
    return folders


def _refuse_parts(root, folders, why):
    """Raises since folders are the parts of a data set."""
    listed = ", ".join(folder.name for folder in folders[:10])
    names = str([folder.name for folder in folders[:10]])
    raise ValueError(
        f"`path` must hold one folder for each class. Received: {root}, which holds "
        f"{listed}{', ...' if len(folders) > 10 else ''}: {why}parts of a data set. "
        f"Read each of them, {folders[0]} for one. If they are the classes, say so with "
        f"`classes={names}`"
    )


def _refuse_twice(folders, names):
    """Raises if two classes are the same folder, or have the same name in two spellings."""
    for what, keys in (
        ("one folder, by a link", [os.path.realpath(folder) for folder in folders]),
        ("one name, in two spellings", list(map(folder_tree.same_name, names))),
    ):
        doubled = [f for f, key in zip(folders, keys, strict=True) if keys.count(key) > 1]
        if doubled:
            raise ValueError(
                f"`path` must hold each class once. Received: {doubled[0]} and {doubled[1]}, which "
                f"are {what}. Remove one, or choose the classes with `classes`"
            )


def _chosen(root, wanted):
    """Gives the wanted class folders, in their order."""
    there = folder_tree.all_folders(root)
    exact = {folder.name: folder for folder in there.values()}
    found = [exact.get(name) or there.get(folder_tree.same_name(name)) for name in wanted]
    missing = [name for name, folder in zip(wanted, found, strict=True) if folder is None]
    if missing:
        shown = ", ".join(list(exact)[:10]) + (", ..." if len(exact) > 10 else "")
        raise ValueError(
            f"`classes` must name class folders of {root}, which holds {shown}. "
            f"Received: {wanted}, of which {missing} are missing"
        )
    return found


def _counted(files):
    """How many files there are of each suffix, in words."""
    counts = collections.Counter(path.suffix.lower() or "without a suffix" for path in files)
    return ", ".join(f"{count} {suffix}" for suffix, count in sorted(counts.items())) or "none"
