"""The files in a results folder: tables, arrays and figures, each written whole or not at all."""

import json
import math
from pathlib import Path

import numpy as np
import pandas as pd

from keras_freq.saving import atomic_path

FIGURE_DPI = 150
# Columns that hold names given by the user: a class may be called "nan" or "007".
NAME_COLUMNS = (
    *("class_name", "true_class", "predicted_class", "group"),
    *("answer", "set", "source", "filter", "setting"),
)


def write_text(path, text, *, replace=True):
    """Writes text.

    Args:
        path: The file.
        text: Its content.
        replace: Whether to replace a file that is there. If not, of several processes that write
            it at the same time the first one wins.
    """
    with atomic_path(path, replace=replace) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path, value, **options):
    """Writes a JSON file; options as of `write_text`."""
    write_text(path, json.dumps(value, indent=2) + "\n", **options)


def read_json(path):
    """Reads a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def write_csv(path, frame):
    """Writes a DataFrame; floats keep every digit that tells them apart."""
    with atomic_path(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")


def read_table(path):
    """Reads a table as it was written; names stay text."""
    return pd.read_csv(
        path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(NAME_COLUMNS, str)
    )


def read_table_if_there(path):
    """Reads a table; returns None if there is no such file."""
    return read_table(path) if path.exists() else None


def write_npz(path, *, compressed=True, **arrays):
    """Writes named arrays."""
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        (np.savez_compressed if compressed else np.savez)(file, **arrays)


def read_npz(path):
    """Reads named arrays into a dictionary."""
    with np.load(path) as stored:
        return dict(stored)


def write_matrices(path, value, matrices, class_names):
    """Writes confusion matrices, one row a cell.

    Args:
        path: The CSV file.
        value: The name of the column of values.
        matrices: `{set: (K, K)}`; rows are true classes, columns are predicted classes.
        class_names: The K names.
    """
    columns = ["set", "true_class", "predicted_class"]
    cells = pd.MultiIndex.from_product([matrices, class_names, class_names], names=columns)
    values = [matrix.reshape(-1) for matrix in matrices.values()]
    frame = cells.to_frame(index=False)
    write_csv(path, frame.assign(**{value: np.concatenate(values) if values else []}))


def read_matrices(path):
    """Reads the confusion matrices of `write_matrices` back into `{set: (K, K)}`."""
    matrices = {}
    for name, cells in read_table(path).groupby("set", sort=False):
        values = cells.iloc[:, -1].to_numpy()
        matrices[name] = values.reshape(math.isqrt(len(values)), -1)
    return matrices


def save_figure(folder, name, axes):
    """Saves the figure of some axes as PNG and SVG, and closes it."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    figure = np.asarray(axes).flat[0].figure
    # A fixed salt and no date: the same results give the same bytes.
    with mpl.rc_context({"svg.hashsalt": "keras_freq", "svg.fonttype": "path"}):
        box = _laid_out(figure)
        for suffix, metadata in (("png", None), ("svg", {"Date": None})):
            with atomic_path(Path(folder) / f"{name}.{suffix}") as path:
                figure.savefig(path, dpi=FIGURE_DPI, bbox_inches=box, metadata=metadata)
    plt.close(figure)


def _laid_out(figure):
    """Lays a figure out once for all its files, and gives its bounds in inches.

    `bbox_inches="tight"` gives the same picture, and draws and lays it out anew for each file.
    """
    import matplotlib as mpl

    figure.set_dpi(FIGURE_DPI)
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine("none")
    return figure.get_tightbbox().padded(mpl.rcParams["savefig.pad_inches"])


def fraction_label(fraction):
    """A share of the spectrum's cells as part of a file name: 0.05 is "5_percent"."""
    return f"{fraction * 100:g}_percent".replace(".", "p")
