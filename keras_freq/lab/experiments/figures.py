"""The figures of a results folder, drawn from the files that the stages wrote."""

import numpy as np
import pandas as pd

from keras_freq import plots
from keras_freq.fourier import filter_images
from keras_freq.importance import dominant_frequency_maps
from keras_freq.importance.result import FrequencyImportance
from keras_freq.lab.experiments.inputs import filter_mask
from keras_freq.lab.store import fraction_label, read_matrices, read_table, save_figure


def write_figures(folder, data, experiment, augmentation=None):
    """Draw every figure of an experiment into `figures/`, as PNG and SVG.

    Args:
        folder: The results folder, with the files of all stages.
        data: The experiment's `Data`, for the pictures.
        experiment: The `Experiment`.
        augmentation: What was done to training images, a function as for `augment.augmented`.
    """
    names = data.class_names
    with np.load(folder / "spectra.npz") as stored:
        spectra, adcs, neutral = stored["spectra"], stored["adcs"], stored["neutral"]
    frame = read_table(folder / "class_metrics.csv")
    history = pd.read_csv(folder / "history.csv")
    confusions = read_matrices(folder / "confusion.csv", "count", names)
    relative = read_matrices(folder / "relative_confusion.csv", "percent", names)

    def save(name, axes):
        save_figure(folder / "figures", name, axes)

    save("filters", _filtered_examples(data, experiment, neutral))
    if augmentation is not None:
        save("augmented", _augmented_examples(data, augmentation))
    save("spectra", plots.class_spectra(spectra, class_names=names))
    save("adcs", plots.adcs_maps(adcs, class_names=names))
    if history["learning_rate"].nunique() == 1:
        history = history.drop(columns="learning_rate")
    save("training", plots.training_curves(history))
    save("f1_by_class", plots.class_metric_heatmap(frame, class_names=names))
    save("f1_by_probe", plots.class_metric_curves(frame, class_names=names))
    # Of a training too short for its first probe there are none.
    probes = set(frame["source"]) - {"train"}
    if "test" in probes and probes - {"test"}:
        save("reliance", plots.filter_reliance(frame, class_names=names))
    with np.load(folder / "scores.npz") as stored:
        save("roc", plots.roc_curves(stored["labels"], stored["scores"], class_names=names))
    save("confusion", plots.confusion_matrix(confusions["test"], class_names=names))
    if relative:
        save("relative_confusion", _panels(relative, names))
    if experiment.analysis.importance:
        write_dominance_figures(folder, data, experiment.analysis.fractions, neutral)


def write_dominance_figures(folder, data, fractions, neutral):
    """Draw the figures of importance, maps, rates and recalls into `figures/`.

    Args:
        folder: The results folder, with `importance.npz`, `rates.csv` and `without_maps.csv`.
        data: The `Data`, for the pictures.
        fractions: The fractions of the maps.
        neutral: `(C,)` channel means of the training set.
    """

    def save(name, axes):
        save_figure(folder / "figures", name, axes)

    names = data.class_names
    importance = FrequencyImportance.load(folder / "importance.npz")
    rates, without = (read_table(folder / f"{name}.csv") for name in ("rates", "without_maps"))
    maps = {fraction: dominant_frequency_maps(importance, fraction) for fraction in fractions}
    save("importance", plots.importance_maps(importance.loss_change, class_names=names))
    for fraction in fractions:
        label = fraction_label(fraction)
        save(
            f"maps_{label}",
            plots.dominant_frequency_maps(maps[fraction], class_names=names, bands=True),
        )
        for name, table, plot in (
            ("rates", rates, plots.rates_under_maps),
            ("without_maps", without, plots.recall_without_maps),
        ):
            save(f"{name}_{label}", plot(table[np.isclose(table["fraction"], fraction)]))
    save("through_maps", _examples_through_maps(data, maps, neutral))


def _panels(relative, class_names):
    """The relative confusion of every filter, side by side."""
    import matplotlib.pyplot as plt

    columns = 1 if len(class_names) > 6 else min(len(relative), 2)
    rows = -(-len(relative) // columns)
    side = 1.9 + 0.45 * len(class_names)
    _, axes = plt.subplots(
        rows,
        columns,
        figsize=(columns * (side + 0.9), rows * side),
        squeeze=False,
        layout="constrained",
    )
    largest = max(np.nanmax(np.abs(matrix), initial=0) for matrix in relative.values())
    for ax, (name, matrix) in zip(axes.flat, relative.items(), strict=False):
        plots.relative_confusion(
            matrix, class_names=class_names, limit=largest or None, title=name, ax=ax
        )
    for ax in axes.flat[len(relative) :]:
        ax.set_axis_off()
    return axes


def _first_of_each_class(data, most=10):
    """The first test image of each of the first classes."""
    classes = range(min(len(data.class_names), most))
    return np.stack([data.test_images[np.argmax(data.test_labels == k)] for k in classes])


def _augmented_examples(data, augmentation, draws=4):
    """A training image of each class, and draws of the augmentation below it."""
    classes = range(min(len(data.class_names), 6))
    first = [int(np.argmax(data.train_labels == k)) for k in classes]
    images, labels = data.train_images[first], data.train_labels[first]
    views = {
        f"draw {n}": np.asarray(augmentation(images, labels, seed=(0, n)))
        for n in range(1, draws + 1)
    }
    return plots.augmentation_grid(images, views, column_titles=data.class_names[: len(images)])


def _filtered_examples(data, experiment, neutral):
    """An image of each class, untouched and through every filter."""
    images = _first_of_each_class(data)
    columns = [images]
    for table in experiment.filters.values():
        mask = filter_mask(table, data.size)
        columns.append(filter_images(images, mask, neutral=neutral).numpy())
    return plots.filtered_images(
        np.stack(columns, axis=1),
        ["original", *experiment.filters],
        row_titles=data.class_names[: len(images)],
    )


def _examples_through_maps(data, maps, neutral):
    """An image of each class, untouched and through its own class's maps."""
    images = _first_of_each_class(data)
    columns = [images]
    for class_maps in maps.values():
        columns.append(
            np.concatenate(
                [
                    filter_images(images[k : k + 1], class_maps[k], neutral=neutral)
                    for k in range(len(images))
                ]
            )
        )
    return plots.filtered_images(
        np.stack(columns, axis=1),
        ["original", *(f"top {100 * fraction:.3g} %" for fraction in maps)],
        row_titles=data.class_names[: len(images)],
    )
