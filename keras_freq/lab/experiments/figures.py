"""The figures of a results folder, drawn from the files in it, as PNG and SVG in `figures/`."""

import functools

import numpy as np
import pandas as pd

from keras_freq import plots
from keras_freq.fourier import filter_images
from keras_freq.importance import FrequencyImportance
from keras_freq.importance.dominant_maps import leading_maps
from keras_freq.lab.experiments.build import filter_mask
from keras_freq.lab.tables import (
    fraction_label,
    read_matrices,
    read_npz,
    read_table,
    read_table_if_there,
    save_figure,
)


def write_figures(folder, data, experiment, augmentation=None):
    """Draws every figure of an experiment.

    Args:
        folder: The results folder, with the files of all stages.
        data: The experiment's `Data`, for the pictures.
        experiment: The `Experiment`.
        augmentation: What was done to training images, a function as for `augment.augmented`.
    """
    names = data.class_names
    spectra, scores = read_npz(folder / "spectra.npz"), read_npz(folder / "scores.npz")
    metrics = read_table(folder / "class_metrics.csv")
    history = pd.read_csv(folder / "history.csv")
    confusions = read_matrices(folder / "confusion.csv")
    relative = read_matrices(folder / "relative_confusion.csv")
    save = functools.partial(save_figure, folder / "figures")
    masks = {name: filter_mask(table, data.size) for name, table in experiment.filters.items()}
    save("filters", _filtered_examples(data, masks))
    if augmentation is not None:
        save("augmented", _augmented_examples(data, augmentation))
    save("spectra", plots.class_spectra(spectra["spectra"], class_names=names))
    save("adcs", plots.adcs_maps(spectra["adcs"], class_names=names))
    if history["learning_rate"].nunique() == 1:
        history = history.drop(columns="learning_rate")
    save("training", plots.training_curves(history))
    save("f1_by_class", plots.class_metric_heatmap(metrics, class_names=names))
    save("f1_by_probe", plots.class_metric_curves(metrics, class_names=names))
    # A training that is too short for its first probe has none.
    probes = set(metrics["source"]) - {"train"}
    if "test" in probes and probes - {"test"}:
        save("reliance", plots.filter_reliance(metrics, class_names=names))
    save("roc", plots.roc_curves(scores["labels"], scores["scores"], class_names=names))
    save("confusion", plots.confusion_matrix(confusions["test"], class_names=names))
    if relative:
        save("relative_confusion", _panels(relative, names))
    if experiment.analysis.importance:
        write_map_figures(folder, data, experiment.analysis.fractions)


def write_map_figures(folder, data, fractions):
    """Draws the figures of importance, maps, rates and recalls.

    Args:
        folder: The results folder, with `importance.npz`, `rates.csv` and `without_maps.csv`.
        data: The `Data`, for the pictures.
        fractions: The shares of the spectrum's cells that the maps hold.
    """
    names = data.class_names
    save = functools.partial(save_figure, folder / "figures")
    importance = FrequencyImportance.load(folder / "importance.npz")
    tables = {
        "rates": (read_table(folder / "rates.csv"), plots.rates_under_maps),
        "without_maps": (read_table(folder / "without_maps.csv"), plots.recall_without_maps),
    }
    save("importance", plots.importance_maps(importance, class_names=names))
    masks = {}
    for fraction in fractions:
        maps = leading_maps(importance.loss_change, fraction)
        masks[f"top {100 * fraction:.3g} %"] = maps
        label = fraction_label(fraction)
        axes = plots.dominant_frequency_maps(maps, class_names=names, bands=True)
        save(f"maps_{label}", axes)
        for name, (table, plot) in tables.items():
            save(f"{name}_{label}", plot(table[np.isclose(table["fraction"], fraction)]))
    save("through_maps", _filtered_examples(data, masks))


def write_shortcut_picture(folder, model, data, seed):
    """Draws what the map that draws most other images does to some of them.

    Args:
        folder: The results folder, with `importance.npz` and `transplants.csv`.
        model: The trained model.
        data: The `Data`.
        seed: Int, of the images that are shown.
    """
    table = read_table(folder / "transplants.csv")
    table = table[table["what"] == table["what"].iloc[0]].dropna(subset=["swapped_in"])
    if table.empty:
        return
    beside = table[["untouched_in", "other_in", "random_in"]].max(axis=1)
    strongest = table.loc[(table["swapped_in"] - beside).idxmax()]
    importance = FrequencyImportance.load(folder / "importance.npz")
    axes = plots.shortcut_examples(
        model,
        data.test,
        leading_maps(importance.loss_change, strongest["fraction"]),
        int(strongest["class_id"]),
        what=strongest["what"],
        random="energy",  # as the exchanges of the run
        seed=seed,
        class_names=data.class_names,
    )
    save_figure(folder / "figures", "shortcut", axes)


def write_transfer_figures(folder):
    """Draws every figure of a transfer experiment.

    Random halves are repetitions of each other, and are drawn together. With groups, one of the
    tasks may be harder, and each direction has a figure of its own.

    Args:
        folder: The results folder, with the tables.
    """
    save = functools.partial(save_figure, folder / "figures")
    frame = read_table(folder / "transfer.csv")
    kinds = dict(list(frame.groupby("type", sort=False)))
    for name, rows in _frames_of_curves(kinds):
        chance = rows["chance"].unique()
        save(name, plots.transfer_curves(rows, chance=chance[0] if len(chance) == 1 else None))
    for kind, rows in kinds.items():
        save(f"changes_{kind}", plots.transfer_curves(rows, minus_base=True))
    if (frame["treatment"] == "AnB").any():
        similar = kinds.get("random", frame)
        dissimilar = kinds.get("groups") if "random" in kinds else None
        save("degradation", plots.transfer_degradation(similar, dissimilar))
    overlap = read_table_if_there(folder / "map_overlap.csv")
    if overlap is not None:
        for (kind, fraction), rows in overlap.groupby(["type", "fraction"], sort=False):
            name = f"map_overlap_{kind}_{fraction_label(fraction)}"
            save(name, plots.transfer_map_overlap(rows))


def _frames_of_curves(kinds):
    """Yields the name of each figure of curves, and its rows."""
    for kind, rows in kinds.items():
        if kind == "random":
            yield "curves_random", rows
            continue
        for (split, direction), part in rows.groupby(["split", "direction"], sort=False):
            yield f"curves_{split}_{direction.replace('->', 'to')}", part


def _panels(relative, class_names):
    """Draws the relative confusion of every filter, side by side."""
    import matplotlib.pyplot as plt

    columns = 1 if len(class_names) > 6 else min(len(relative), 2)
    rows = -(-len(relative) // columns)
    side = 1.9 + 0.45 * len(class_names)
    size = (columns * (side + 0.9), rows * side)
    _, axes = plt.subplots(rows, columns, figsize=size, squeeze=False, layout="constrained")
    largest = max(np.nanmax(np.abs(matrix), initial=0) for matrix in relative.values())
    options = {"class_names": class_names, "limit": largest or None}
    for ax, (name, matrix) in zip(axes.flat, relative.items(), strict=False):
        plots.relative_confusion(matrix, title=name, ax=ax, **options)
    for ax in axes.flat[len(relative) :]:
        ax.set_axis_off()
    return axes


def _augmented_examples(data, augmentation, draws=4):
    """Draws a training image of each class, and draws of the augmentation below it."""
    images, labels = _first_of_each_class(data.train, len(data.class_names), most=6)
    views = {
        f"draw {n}": np.asarray(augmentation(images, labels, seed=(0, n)))
        for n in range(1, draws + 1)
    }
    return plots.augmentation_grid(images, views, column_titles=data.class_names[: len(images)])


def _filtered_examples(data, masks):
    """Draws a test image of each class, untouched and through masks.

    Args:
        data: The `Data`.
        masks: `{title: mask}`: a mask `(H, W)`, or one for each class, `(K, H, W)`.
    """
    images, labels = _first_of_each_class(data.test, len(data.class_names), most=10)
    columns = {"original": images}
    for title, mask in masks.items():
        by_class = np.broadcast_to(mask, (len(data.class_names), *data.size))
        columns[title] = np.stack(
            [
                filter_images(image[None], by_class[label], neutral=data.channel_means)[0]
                for image, label in zip(images, labels, strict=True)
            ]
        )
    pictures = np.stack(list(columns.values()), axis=1)
    return plots.filtered_images(pictures, [*columns], row_titles=data.class_names[: len(images)])


def _first_of_each_class(pair, num_classes, most):
    """Takes the first image of each of the first classes, with its label."""
    images, labels = pair
    first = [int(np.argmax(labels == k)) for k in range(min(num_classes, most))]
    return images[first], labels[first]
