"""A CSV file that names image files and their labels."""

import os

import numpy as np
import pandas as pd

from keras_freq.lab.config import ConfigError
from keras_freq.lab.pages import counted

FILE_COLUMNS = ("file", "files", "file_name", "filename", "path", "image", "image_path")
LABEL_COLUMNS = ("label", "labels", "class", "class_name", "category", "target")


def labelled_by(path):
    """Reads a CSV file of images.

    Args:
        path: The file. It has a column of paths beside it, called `file` or alike, and one of
            labels, called `label` or alike.

    Returns:
        The names of the classes, the paths, and their labels `(N,)`. Names are sorted, those that
        are all whole numbers by their size.

    Raises:
        ConfigError: If there is no such file, or it says too little.
    """
    if not path.is_file():
        raise ConfigError(f"there is no file {path}")
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (ValueError, OSError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
    columns = {name.strip().lower(): name for name in table.columns}
    file, label = (
        next((columns[name] for name in known if name in columns), None)
        for known in (FILE_COLUMNS, LABEL_COLUMNS)
    )
    if file is None or label is None or table.empty:
        raise ConfigError(
            f"{path} must have a column `file` (of paths beside it) and a column `label`, and a "
            f"row for each image. Received: columns {', '.join(table.columns)}, {len(table)} rows"
        )
    files = [str(path.parent / name) for name in table[file]]
    missing = [name for name in files if not os.path.isfile(name)]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        raise ConfigError(
            f"{path} names {counted(len(missing), 'file')} that {are} not there, {missing[0]} for "
            "one"
        )
    without = table[file][table[label].str.strip() == ""]
    if len(without):
        raise ConfigError(
            f"{path} must give every file a label. Received: {counted(len(without), 'file')} "
            f"without one, {without.iloc[0]} for one"
        )
    names = sorted(set(table[label]))
    if all(name.isdecimal() for name in names):
        names.sort(key=int)
    if len(names) < 2:
        raise ConfigError(f"{path} must name at least two classes. Received: {names}")
    numbers = {name: number for number, name in enumerate(names)}
    return names, files, table[label].map(numbers).to_numpy(np.int64)
