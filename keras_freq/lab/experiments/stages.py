"""The analyses of an experiment: each reads the model and the data, and writes one file."""

import numpy as np
import pandas as pd
from scipy.special import softmax

from keras_freq.classifier import logits_of
from keras_freq.confusion import confusion_matrix, relative_confusion
from keras_freq.data import planted_masks
from keras_freq.fourier import filter_images
from keras_freq.importance import dominant_frequency_maps, frequency_importance, planted_recovery
from keras_freq.importance.result import FrequencyImportance
from keras_freq.lab.experiments.inputs import filter_mask
from keras_freq.lab.store import read_matrices, write_csv, write_npz
from keras_freq.metrics import average_rates, class_auc, class_rates
from keras_freq.shortcuts import rates_under_maps, recall_without_maps, shortcut_table
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
        neutral=data.channel_means,
        class_names=np.array(data.class_names),
    )


def write_confusions(folder, model, experiment, data, neutral):
    """`confusion.csv` of every test set, and `relative_confusion.csv` of the filtered ones."""
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


def write_scores(folder, model, data):
    """`scores.npz`: labels and class probabilities of the untouched test images, for ROC curves."""
    images, labels = data.test
    logits = logits_of(model, images[:2], len(data.class_names))
    scores = [logits(images[i : i + 256]) for i in range(0, len(images), 256)]
    # In float64: probabilities near 1 still differ there.
    probabilities = softmax(np.concatenate(scores).astype(np.float64), axis=1)
    write_npz(folder / "scores.npz", labels=labels, scores=probabilities)


def write_class_rates(folder, class_names):
    """`class_rates.csv`: eight rates of each class on the untouched test images, and their mean."""
    confusion = read_matrices(folder / "confusion.csv", "count", class_names)[UNTOUCHED]
    with np.load(folder / "scores.npz") as stored:
        areas = class_auc(stored["labels"], stored["scores"])
    by_class = pd.DataFrame({**class_rates(confusion), "auc": areas})
    by_class.insert(0, "images", confusion.sum(axis=1).astype(int))
    by_class.insert(0, "class_name", class_names)
    average = {**average_rates(confusion), "auc": areas.mean()}
    average |= {"class_name": "macro average", "images": by_class["images"].sum()}
    table = pd.concat([by_class, pd.DataFrame([average])], ignore_index=True)
    write_csv(folder / "class_rates.csv", table)


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


def write_importance(folder, model, data, settings, *, seed, neutral, progress, from_logits=None):
    """`importance.npz` and `stability.csv`: importance on images of the search split.

    Args:
        folder: The results folder; a search that was killed goes on from a log in it.
        model: The trained model.
        data: The `Data`.
        settings: An `AnalysisTable`.
        seed: Of the choice of images and the search.
        neutral: `(C,)` channel means of the training set.
        progress: Whether to show a progress bar.
        from_logits: Whether the model's scores are logits. Default: find out.
    """
    log = folder / "importance.log"
    importance = frequency_importance(
        model,
        data.sample(settings.search_split, settings.images_per_class, seed),
        len(data.class_names),
        method=settings.method,
        fractions=tuple(settings.fractions),
        neutral=neutral,
        from_logits=from_logits,
        seed=seed,
        class_names=data.class_names,
        progress=progress,
        checkpoint=log,
    )
    stability = []
    for fraction in settings.fractions:
        table = pd.DataFrame(importance.stability(fraction))
        table.insert(0, "class_name", data.class_names)
        table.insert(0, "fraction", fraction)
        stability.append(table)
    write_csv(folder / "stability.csv", pd.concat(stability, ignore_index=True))
    importance.save(folder / "importance.npz")
    log.unlink()


def write_rates(folder, model, data, settings, **options):
    """`rates.csv`: rates of the test set seen through the maps of each fraction, and verdicts.

    Args: those of `write_importance`, but for `from_logits`.
    """

    def of_maps(*arguments, **further):
        rates = rates_under_maps(*arguments, **further)
        return rates.assign(**shortcut_table(rates)[["is_shortcut", "verdict"]])

    table = _of_each_fraction(of_maps, folder, model, data, settings, **options)
    write_csv(folder / "rates.csv", table)


def write_without_maps(folder, model, data, settings, **options):
    """`without_maps.csv`: recall of the test set without the maps of each fraction.

    Args: those of `write_rates`.
    """
    table = _of_each_fraction(recall_without_maps, folder, model, data, settings, **options)
    write_csv(folder / "without_maps.csv", table)


def _of_each_fraction(of_maps, folder, model, data, settings, *, seed, neutral, progress):
    """What a function says of a model, the test set and the maps of each fraction: one frame."""
    importance = FrequencyImportance.load(folder / "importance.npz")
    frames = []
    for fraction in settings.fractions:
        frame = of_maps(
            model,
            data.test,
            dominant_frequency_maps(importance, fraction),
            num_random=settings.random_maps,
            neutral=neutral,
            seed=seed,
            class_names=data.class_names,
            progress=progress,
        )
        frame.insert(0, "fraction", fraction)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


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
