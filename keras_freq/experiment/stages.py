"""The analyses of an experiment: each reads the model and the data, and writes one file."""

import keras
import numpy as np
import pandas as pd

from keras_freq.confusion import confusion_matrix, relative_confusion
from keras_freq.data import planted_masks
from keras_freq.dominance import (
    dominant_frequency_maps,
    frequency_importance,
    planted_recovery,
    rates_under_maps,
    shortcut_table,
)
from keras_freq.dominance.result import FrequencyImportance
from keras_freq.experiment.inputs import filter_mask
from keras_freq.fourier import filter_images
from keras_freq.results import atomic_path, write_csv, write_npz
from keras_freq.spectra import adcs, class_spectra

UNTOUCHED = "test"


def filtered_test_sets(experiment, data, neutral):
    """The test set seen through every filter of the experiment.

    Args:
        experiment: An `Experiment`.
        data: Its `Data`.
        neutral: `(C,)` channel means of the training set.

    Returns:
        `{name: (images, labels)}`, the untouched test set first.
    """
    sets = {UNTOUCHED: data.test}
    for name, table in experiment.filters.items():
        mask = filter_mask(table, data.size)
        batches = [
            filter_images(data.test_images[i : i + 256], mask, neutral=neutral).numpy()
            for i in range(0, len(data.test_images), 256)
        ]
        sets[name] = (np.concatenate(batches), data.test_labels)
    return sets


def write_spectra(folder, data):
    """`spectra.npz`: class-mean spectra, ADCS, channel means and class names."""
    spectra = class_spectra(data.train, len(data.class_names), class_names=data.class_names)
    write_npz(
        folder / "spectra.npz",
        spectra=spectra,
        adcs=adcs(spectra),
        neutral=data.train_images.mean(axis=(0, 1, 2), dtype=np.float64),
        class_names=np.array(data.class_names),
    )


def load_model(folder):
    """The trained model of a results folder."""
    return keras.models.load_model(folder / "model.keras", compile=False)


def write_confusions(folder, experiment, data, neutral):
    """`confusion.csv` of every test set, and `relative_confusion.csv` of the filtered ones."""
    model = load_model(folder)
    num_classes = len(data.class_names)
    sets = filtered_test_sets(experiment, data, neutral)
    confusions = {name: confusion_matrix(model, pair, num_classes) for name, pair in sets.items()}
    relative = {
        name: relative_confusion(confusion, confusions[UNTOUCHED])
        for name, confusion in confusions.items()
        if name != UNTOUCHED
    }
    write_csv(folder / "confusion.csv", _tidy(confusions, data.class_names, "count"))
    write_csv(folder / "relative_confusion.csv", _tidy(relative, data.class_names, "percent"))


def _tidy(matrices, class_names, value):
    """Matrices as one row a cell: which set, true class, predicted class, value."""
    frames = []
    for name, matrix in matrices.items():
        rows, columns = np.indices(matrix.shape).reshape(2, -1)
        frames.append(
            pd.DataFrame(
                {
                    "set": name,
                    "true_class": np.array(class_names)[rows],
                    "predicted_class": np.array(class_names)[columns],
                    value: matrix.reshape(-1),
                }
            )
        )
    if not frames:
        return pd.DataFrame(columns=["set", "true_class", "predicted_class", value])
    return pd.concat(frames, ignore_index=True)


def write_importance(folder, experiment, data, neutral, *, progress):
    """`importance.npz`: the importance of every frequency on images of the search split."""
    settings = experiment.analysis
    importance = frequency_importance(
        load_model(folder),
        data.sample(settings.search_split, settings.images_per_class, experiment.seed),
        len(data.class_names),
        method=settings.method,
        fractions=tuple(settings.fractions),
        neutral=neutral,
        seed=experiment.seed,
        class_names=data.class_names,
        progress=progress,
    )
    with atomic_path(folder / "importance.npz") as path:
        importance.save(path)


def write_rates(folder, experiment, data, neutral):
    """`rates.csv`: rates of the test set seen through the maps of each fraction, and verdicts."""
    importance = FrequencyImportance.load(folder / "importance.npz")
    model = load_model(folder)
    frames = []
    for fraction in experiment.analysis.fractions:
        rates = rates_under_maps(
            model,
            data.test,
            dominant_frequency_maps(importance, fraction),
            num_random=experiment.analysis.random_maps,
            neutral=neutral,
            seed=experiment.seed,
            class_names=data.class_names,
        )
        rates.insert(0, "fraction", fraction)
        verdicts = shortcut_table(rates)
        frames.append(rates.assign(**verdicts[["is_shortcut", "verdict"]]))
    write_csv(folder / "rates.csv", pd.concat(frames, ignore_index=True))


def write_planted(folder, experiment):
    """`planted.csv`: how many of a synthetic set's planted pairs the maps have found."""
    table = experiment.data
    importance = FrequencyImportance.load(folder / "importance.npz")
    truth = planted_masks(table.band, size=table.size, seed=table.seed)
    cells_beside_dc = truth[0].size - 1
    rows = []
    for fraction in experiment.analysis.fractions:
        maps = dominant_frequency_maps(importance, fraction)
        recovery = planted_recovery(maps, truth)
        for k in np.flatnonzero(truth.any(axis=(1, 2))):
            rows.append(
                {
                    "fraction": fraction,
                    "class_name": importance.class_names[k],
                    "planted": recovery["planted"][k],
                    "found": recovery["found"][k],
                    "hits": recovery["hits"][k],
                    "precision": recovery["precision"][k],
                    "recall": recovery["recall"][k],
                    "expected": recovery["planted"][k] * maps[k].sum() / cells_beside_dc,
                }
            )
    write_csv(folder / "planted.csv", pd.DataFrame(rows))
