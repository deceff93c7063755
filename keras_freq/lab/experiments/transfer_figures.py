"""The figures of a transfer experiment, drawn from its tables."""

import numpy as np

from keras_freq import plots
from keras_freq.lab.store import fraction_label, read_table, save_figure


def write_transfer_figures(folder):
    """Draw every figure of a transfer experiment into `figures/`, as PNG and SVG.

    Random halves are repetitions of each other, and drawn together; of groups, each direction has a
    figure of its own, since one of the tasks may be harder.

    Args:
        folder: The results folder, with the tables.
    """

    def save(name, axes):
        save_figure(folder / "figures", name, axes)

    frame = read_table(folder / "transfer.csv")
    kinds = {kind: rows for kind, rows in frame.groupby("type", sort=False)}
    for name, rows in curve_frames(frame).items():
        chance = rows["chance"].unique()
        save(name, plots.transfer_curves(rows, chance=chance[0] if len(chance) == 1 else None))
    for kind, rows in kinds.items():
        save(f"changes_{kind}", plots.transfer_curves(rows, minus_base=True))
    if (frame["treatment"] == "AnB").any():
        similar = kinds.get("random", frame)
        dissimilar = kinds.get("groups") if "random" in kinds else None
        save("degradation", plots.transfer_degradation(similar, dissimilar))
    if (folder / "map_overlap.csv").exists():
        overlap = read_table(folder / "map_overlap.csv")
        for kind, rows in overlap.groupby("type", sort=False):
            for fraction in rows["fraction"].unique():
                chosen = rows[np.isclose(rows["fraction"], fraction)]
                name = f"map_overlap_{kind}_{fraction_label(fraction)}"
                save(name, plots.transfer_map_overlap(chosen))


def curve_frames(frame):
    """The rows of each figure of curves, by the figure's name."""
    frames = {}
    for kind, rows in frame.groupby("type", sort=False):
        if kind == "random":
            frames["curves_random"] = rows
            continue
        for (split, direction), part in rows.groupby(["split", "direction"], sort=False):
            frames[f"curves_{split}_{direction.replace('->', 'to')}"] = part
    return frames
