"""The analyses of a trained network: each reads the network and the data, and writes one result."""

import warnings

import numpy as np
import pandas as pd
from scipy.special import softmax

from keras_freq.classifier import logits_of
from keras_freq.confusion import confusion_matrix, relative_confusion
from keras_freq.data import planted_masks
from keras_freq.fourier import filter_images
from keras_freq.importance import (
    FrequencyImportance,
    frequency_importance,
    planted_recovery,
)
from keras_freq.importance.dominant_maps import leading_maps
from keras_freq.lab.experiments.build import filter_mask
from keras_freq.lab.tables import (
    fraction_label,
    read_matrices,
    read_npz,
    read_table_if_there,
    write_csv,
    write_matrices,
    write_npz,
)
from keras_freq.metrics import average_rates, class_auc, class_rates
from keras_freq.shortcuts import (
    fine_parts,
    rates_under_maps,
    recall_without_maps,
    shortcut_table,
    transplant_rates,
)
from keras_freq.shortcuts.checked_tables import with_fine_parts
from keras_freq.shortcuts.random_baseline import LEAST_RANDOM
from keras_freq.spectra import adcs, class_spectra

UNTOUCHED = "test"


def filtered_test_sets(experiment, data):
    """Makes the test set as seen through every filter of the experiment.

    Args:
        experiment: An `Experiment`.
        data: Its `Data`.

    Returns:
        `{name: (images, labels)}`, the untouched test set first.
    """
    sets = {UNTOUCHED: data.test}
    for name, table in experiment.filters.items():
        mask = filter_mask(table, data.size)
        batches = [
            filter_images(data.test_images[i : i + 256], mask, neutral=data.channel_means).numpy()
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


def write_confusions(folder, model, experiment, data):
    """`confusion.csv` of every test set, and `relative_confusion.csv` of the filtered ones."""
    num_classes = len(data.class_names)
    confusions = {UNTOUCHED: confusion_matrix(model, data.test, num_classes)}
    if experiment.filters:
        masks = [filter_mask(table, data.size) for table in experiment.filters.values()]
        options = {"masks": np.stack(masks), "neutral": data.channel_means}
        filtered = confusion_matrix(model, data.test, num_classes, **options)
        confusions |= zip(experiment.filters, filtered, strict=True)
    relative = {
        name: relative_confusion(confusion, confusions[UNTOUCHED])
        for name, confusion in confusions.items()
        if name != UNTOUCHED
    }
    write_matrices(folder / "confusion.csv", "count", confusions, data.class_names)
    write_matrices(folder / "relative_confusion.csv", "percent", relative, data.class_names)


def write_scores(folder, model, data):
    """`scores.npz`: labels and class probabilities of the untouched test images, for ROC curves."""
    images, labels = data.test
    logits = logits_of(model, images, len(data.class_names), labels=labels)
    scores = [logits(images[i : i + 256]) for i in range(0, len(images), 256)]
    # In float64, probabilities near 1 still differ.
    probabilities = softmax(np.concatenate(scores).astype(np.float64), axis=1)
    write_npz(folder / "scores.npz", labels=labels, scores=probabilities)


def write_class_rates(folder, class_names):
    """`class_rates.csv`: eight rates of each class on the untouched test images, and their mean."""
    confusion = read_matrices(folder / "confusion.csv")[UNTOUCHED]
    areas = class_auc(**read_npz(folder / "scores.npz"))
    images = confusion.sum(axis=1).astype(int)
    names = {"class_name": class_names, "images": images}
    by_class = pd.DataFrame({**names, **class_rates(confusion), "auc": areas})
    average = {**average_rates(confusion), "auc": areas.mean()}
    average |= {"class_name": "macro average", "images": images.sum()}
    table = pd.concat([by_class, pd.DataFrame([average])], ignore_index=True)
    write_csv(folder / "class_rates.csv", table)


def write_importance(
    folder, model, data, settings, *, seed, progress, from_logits=None, executor=None
):
    """`importance.npz` and `stability.csv`: importance on images of the search split.

    Args:
        folder: The results folder. A log in it lets a search that was killed go on.
        model: The trained model.
        data: The `Data`.
        settings: An `AnalysisTable`. Its `fractions` are shares of the spectrum's cells.
        seed: Seed of the choice of images and of the search.
        progress: Whether to show a progress bar.
        from_logits: Whether the model's scores are logits. Defaults to finding out.
        executor: A `concurrent.futures.Executor`. Defaults to computing in this process.
    """
    log = folder / "importance.log"
    importance = frequency_importance(
        model,
        data.sample(settings.search_split, settings.images_per_class, seed),
        len(data.class_names),
        method=settings.method,
        fractions=tuple(settings.fractions),
        neutral=data.channel_means,
        from_logits=from_logits,
        seed=seed,
        class_names=data.class_names,
        progress=progress,
        checkpoint=log,
        executor=executor,
    )

    def stability(fraction):
        # How much of a map is above two standard errors: the rest is there to fill it up.
        significant = importance.significant_share(fraction)
        names = pd.DataFrame({"class_name": data.class_names, "significant": significant})
        return names.join(pd.DataFrame(importance.stability(fraction)))

    write_csv(folder / "stability.csv", _of_each(settings.fractions, stability))
    importance.save(folder / "importance.npz")
    log.unlink()


def write_rates(folder, model, data, settings, **options):
    """`rates.csv`: rates of the test set seen through the maps of each fraction, and verdicts.

    Args: those of `write_importance`, but for `from_logits`.
    """

    def with_verdicts(*arguments, **options):
        rates = rates_under_maps(*arguments, **options)
        return rates.assign(**shortcut_table(rates)[["is_shortcut", "verdict"]])

    options |= {"num_random": settings.random_maps, "neutral": data.channel_means}
    _write_of_maps(folder / "rates.csv", with_verdicts, model, data, settings, **options)


def write_without_maps(folder, model, data, settings, **options):
    """`without_maps.csv`: recall of the test set without the maps of each fraction.

    Args: those of `write_rates`.
    """
    path = folder / "without_maps.csv"
    options |= {"num_random": settings.random_maps, "neutral": data.channel_means}
    _write_of_maps(path, recall_without_maps, model, data, settings, **options)


def write_transplants(folder, model, data, settings, **options):
    """`transplants.csv`: who becomes whom when the frequencies of maps are exchanged.

    Columns `fine_...` tell what the fine parts of the maps do alone.

    Args: those of `write_rates`.
    """
    tests = len(data.class_names) * len(settings.fractions) * len(settings.transplants)
    num_random = settings.transplant_maps or max(200, 20 * tests)
    options |= {"random": "energy", "random_images": settings.transplant_images}
    searched = data.sample(settings.search_split, settings.images_per_class, options["seed"])

    def with_parts(model, dataset, maps, *, checkpoint, **options):
        fine = fine_parts(maps, searched)
        tables = []
        for what in settings.transplants:
            both = [
                _exchanged(
                    model,
                    dataset,
                    exchanged,
                    what=what,
                    num_random=number,
                    checkpoint=checkpoint.with_suffix(f".{what}_{part}.log"),
                    **options,
                )
                for part, exchanged, number in (
                    ("map", maps, num_random),
                    ("fine", fine, LEAST_RANDOM),
                )
            ]
            tables.append(with_fine_parts(*both))
        return pd.concat(tables)

    _write_of_maps(folder / "transplants.csv", with_parts, model, data, settings, **options)


def _exchanged(*arguments, **options):
    """`transplant_rates`, without a warning: the fine parts of maps may all be empty."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "`maps` are empty")
        return transplant_rates(*arguments, **options)


def write_verdicts(folder):
    """`verdicts.csv`: what each map is to the network, from all tests together."""
    names = ("rates", "without_maps", "transplants")
    rates, without, transplants = (read_table_if_there(folder / f"{n}.csv") for n in names)
    write_csv(folder / "verdicts.csv", pd.DataFrame(shortcut_table(rates, without, transplants)))


def _write_of_maps(path, measure, model, data, settings, **options):
    """Writes what a function measures on the test set with the maps of each fraction."""
    importance = FrequencyImportance.load(path.with_name("importance.npz"))
    logs = {f: path.with_suffix(f".{fraction_label(f)}.log") for f in settings.fractions}

    def of_maps(fraction):
        maps = leading_maps(importance.loss_change, fraction)
        names = {"class_names": data.class_names, "checkpoint": logs[fraction]}
        return measure(model, data.test, maps, **names, **options)

    write_csv(path, _of_each(settings.fractions, of_maps))
    for log in path.parent.glob(f"{path.stem}.*.log"):
        log.unlink()


def planted_in(table):
    """The planted frequencies of each class, or None where nothing is known to be planted."""
    if table.source != "frequency_bands":
        return None
    truth = planted_masks(table.band, size=table.size, seed=table.seed, cues=table.cues)
    return truth if truth.any() else None


def write_planted(folder, experiment):
    """`planted.csv`: how many of a synthetic set's planted pairs the maps have found."""
    importance = FrequencyImportance.load(folder / "importance.npz")
    truth = planted_in(experiment.data)
    planted = truth.any(axis=(1, 2))

    def recovery(fraction):
        maps = leading_maps(importance.loss_change, fraction)
        found = pd.DataFrame(planted_recovery(maps, truth))
        columns = ["planted", "found", "hits", "precision", "recall"]
        frame = pd.DataFrame({"class_name": importance.class_names}).join(found[columns])
        # In a random map of as many cells; DC is never planted.
        expected = frame["planted"] * maps.sum(axis=(1, 2)) / (truth[0].size - 1)
        return frame.assign(expected=expected)[planted]

    write_csv(folder / "planted.csv", _of_each(experiment.analysis.fractions, recovery))


def _of_each(fractions, make_frame):
    """Stacks the frame of each fraction (a share of the spectrum's cells)."""
    frames = {fraction: make_frame(fraction) for fraction in fractions}
    return pd.concat(frames, names=["fraction"]).reset_index("fraction").reset_index(drop=True)
