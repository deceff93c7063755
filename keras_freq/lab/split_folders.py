"""The folders that the `[data]` table of an experiment names. Nothing here loads TensorFlow."""

import os
from pathlib import Path

from keras_freq.data.folder_tree import class_folders, images_below, part_folders, same_name
from keras_freq.lab.config import ConfigError

TEST_FOLDERS = ("test", "val", "validation")


def class_names_in(folder):
    """Names the class folders of a folder, in the order of their labels."""
    return [same_name(path.name) for path in class_folders(folder)]


def split_folders(table):
    """Finds the folders of training, test and validation images, or the folder of all."""
    path = Path(os.path.expanduser(table.path))
    if not os.path.isdir(path):
        raise ConfigError(
            f"`data.path`: there is no folder {path}{' (a file)' if os.path.exists(path) else ''}. "
            "Set it in the file, or with --set data.path=path/to/images"
        )
    parts = part_folders(path)
    train, test = parts.get("train"), parts.get("test", parts.get("validation"))
    if train and test:
        held_out = parts.get("validation", test)
        return (train, test) if held_out == test else (train, test, held_out)
    classes_alone = train == path / "train" and class_folders(train)
    if classes_alone and all(image.parent != train for image in images_below(train)):
        raise ConfigError(
            f"`data.path`: {path} holds train, but none of {', '.join(TEST_FOLDERS)}. Add one of "
            f"them, or read {train}, of which a part is then set aside for testing"
        )
    return (path,)


def classes_of_both(train, test):
    """The classes of training images in their order, if the test images have the same ones.

    None stands for the order of each folder, if both have the same.
    """
    names = [class_names_in(folder) for folder in (train, test)]
    if names[0] == names[1]:
        return None
    only = [sorted(set(a) - set(b)) for a, b in (names, reversed(names))]
    if not any(only):  # the spellings of accents differ, and with them the orders
        return names[0]
    told = [
        f"only in {folder.name}: {', '.join(left)}"
        for folder, left in zip((train, test), only, strict=True)
        if left
    ]
    raise ConfigError(
        f"`data.path`: {train.name} and {test.name} of {train.parent} must have the same class "
        f"folders. Received: {'; '.join(told)}. Add, remove or rename folders, or choose classes "
        "that both have with `data.classes`"
    )
