"""Class folders and their images, listed, and refused if they are no data set.

Nothing here looks into an image, and nothing loads TensorFlow.
"""

import collections
import os
import warnings
from pathlib import Path

from keras_freq.data import folder_tree


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
    _check_several(root, folders)
    return names, files, labels


def check_class_folders(path):
    """Raises as `listed_files` does for what the names of folders tell, without listing files."""
    root = checked_root(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folders = _all_classes(root)
    _check_several(root, folders)


def _check_several(root, folders):
    """Raises if there is only one class folder."""
    if len(folders) > 1:
        return
    inside = folder_tree.class_folders(folders[0])
    raise ValueError(
        "`path` must hold at least two class folders. "
        f"Received: {root}, which holds only {folders[0].name!r}"
        + (f". Did you mean {folders[0]}?" if len(inside) > 1 else "")
    )


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
