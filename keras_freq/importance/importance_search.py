"""How much a classifier needs each frequency, class by class, and what the search costs."""

import contextlib
import time

import numpy as np

from keras_freq import checks
from keras_freq.classifier import CompiledClassifier, logits_of
from keras_freq.data import class_names_of
from keras_freq.data.batches import collected, repeated
from keras_freq.data.statistics import dataset_statistics
from keras_freq.fourier import conjugate_pairs
from keras_freq.fourier.grid import pair_values_to_maps
from keras_freq.importance.exhaustive_search import exhaustive_search
from keras_freq.importance.linearised_logits import prediction_passes
from keras_freq.importance.result import FrequencyImportance
from keras_freq.importance.screened_search import screened_search, screened_share
from keras_freq.interventions import (
    RemovedPairs,
    ResultLog,
    Unit,
    UnitRunner,
    cosine_power,
    fingerprint_of,
    pass_bar,
    remote_runner,
    run_together,
)
from keras_freq.interventions.work_units import BATCHES_A_UNIT

_METHODS = ("exhaustive", "screened")
_FOLDS = 10


def frequency_importance(
    model,
    dataset,
    num_classes,
    *,
    method="screened",
    fractions=(0.01, 0.05, 0.1),
    neutral=None,
    from_logits=None,
    seed=0,
    batch_size=None,
    class_names=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Measures how much the loss of each class changes when one frequency is removed.

    The importance of a frequency for a class is a mean over the class's images. It is the
    cross-entropy without that frequency (and its conjugate, in all channels), minus the
    cross-entropy of the untouched image. Each image is evaluated for its own class only.

    To share the work between several GPUs, call this in the scope of a
    `tf.distribute.MirroredStrategy`. Build or load the model in that scope, too.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`. A
            softmax at its end is taken off, since losses are computed from logits.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. All images
            are held in memory.
        num_classes: The number of classes K, at least 2.
        method: "exhaustive" evaluates every frequency on every image. "screened" finds nearly the
            same most important frequencies for a fraction of the passes. With 5 to 50 images a
            class, these were 22 to 26 % at 32x32, 9 to 11 % at 64x64 and 6 to 10 % at 96x96; with
            one image a class 42, 24 and 18 %. It predicts the other frequencies from those, and
            `search_stderr` tells how exactly. Defaults to "screened".
        fractions: Shares of the spectrum's cells, one or several in (0, 1]. A screened search
            settles the maps of these sizes. Defaults to (0.01, 0.05, 0.1).
        neutral: What an image without its DC becomes: a number, or one value for each channel. Only
            the importance of DC depends on it. Defaults to None: the channel means of `dataset`.
        from_logits: Whether the model's outputs are logits. Defaults to None: the model and its
            outputs tell, and where they do not, an error asks for this argument.
        seed: An int >= 0, the seed of the folds of images and of the sample that a screened search
            learns from. Defaults to 0.
        batch_size: Images that the network is given at once. Defaults to None: by their size.
        class_names: K names. Defaults to None: those of `dataset`.
        progress: Whether to show a progress bar when the search takes more than 5 s. It shows the
            passes, and the time left of an exhaustive search. Nobody knows beforehand how many
            passes a screened search needs. Defaults to True.
        checkpoint: File of finished units of work. The same call, after it was killed, goes on from
            there and gives the same bits. It repeats only the units that were running: one, or
            several on an executor. The file stays when the search is done. Defaults to None: none
            is kept.
        executor: A `concurrent.futures.Executor` to run units on: threads, processes (started by
            "spawn"), or dask's `client.get_executor()`. Other processes read the network from a
            file beside `checkpoint`, or in the folder for temporary files without one. So workers
            on other machines need a `checkpoint` in a folder that all machines share. Defaults to
            None: this process.

    Returns:
        A `FrequencyImportance`.

    Raises:
        TypeError, ValueError: If an argument is not as above. This is raised before any long work.

    Example:
        >>> import keras
        >>> layers = [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> images = np.random.default_rng(0).uniform(size=(6, 4, 4, 1))
        >>> importance = frequency_importance(
        ...     keras.Sequential(layers), (images, [0, 1, 0, 1, 0, 1]), 2, method="exhaustive"
        ... )
        >>> importance.loss_change.shape
        (2, 4, 4)
        >>> importance.evaluations
        66

    Source:
        Wang et al., "What do neural networks learn in image classification? A frequency shortcut
        perspective", ICCV 2023. Their code uses probabilities in float32, one mask and one class at
        a time. Here the loss is exact for well-learned images, too, and a frequency is always
        removed together with its conjugate.
    """
    checks.choice("method", method, _METHODS)
    # The loss of one class alone is always 0.
    num_classes = checks.num_classes(num_classes, least=2)
    seed = checks.integer("seed", seed, least=0)
    if batch_size is not None:
        batch_size = checks.integer("batch_size", batch_size)
    fractions = _increasing_fractions(fractions)
    class_names = class_names_of(dataset, class_names, num_classes)
    images, labels = collected(dataset, num_classes)
    means = images.mean(axis=(0, 1, 2), dtype=np.float64)
    neutral = means if neutral is None else checks.per_channel("neutral", neutral, len(means))
    logits = logits_of(model, images, num_classes, labels=labels, from_logits=from_logits)
    classifier = CompiledClassifier(logits, images.shape[1:], batch_size)
    if method == "screened":
        classifier.margins_and_gradients(images[:1], labels[:1])  # refuses what has no gradients
    pairs = conjugate_pairs(images.shape[1:3])
    unit_passes = BATCHES_A_UNIT * classifier.batch_size

    def search_of(label):
        own = np.flatnonzero(labels == label)
        own = np.random.default_rng([seed, label]).permutation(own)
        power = cosine_power(images[own], neutral, pairs)
        data = images[own], labels[own], pairs, power, neutral, fractions, unit_passes
        if method == "exhaustive":
            return exhaustive_search(*data)
        rng = np.random.default_rng([seed, label, 1])
        return screened_search(*data, rng, prediction_passes(classifier))

    found, cost = {}, len(images) * (len(pairs) + 1)
    # The screened search spends what it needs, which is not known beforehand.
    total = cost if method == "exhaustive" else None
    with contextlib.ExitStack() as stack:
        log = None
        if checkpoint is not None:
            checkpoint = checks.path("checkpoint", checkpoint)
            name = _fingerprint(classifier, images, labels, method, fractions, seed, neutral)
            log = stack.enter_context(contextlib.closing(ResultLog(checkpoint, name)))
        run_units = UnitRunner(
            classifier,
            stack.enter_context(pass_bar("importance", progress, total)),
            log=log,
            executor=executor,
            remote=stack.enter_context(remote_runner(executor, classifier, checkpoint)),
        )
        for group in _groups(labels, len(pairs)):
            searches = [search_of(label) for label in group]
            for label, changes in zip(group, run_together(searches, run_units), strict=True):
                found[label] = _summary(changes)
    fields = _by_class(found, num_classes)
    for name in ("loss_change", "stderr", "search_stderr"):
        fields[name] = pair_values_to_maps(fields[name], pairs, images.shape[1:3])
    return FrequencyImportance(
        **fields,
        evaluations=run_units.evaluations,
        exhaustive_evaluations=cost,
        class_names=class_names,
        neutral=neutral,
        method=method,
        fractions=fractions,
        seed=seed,
    )


def importance_cost(
    model, dataset, num_classes, *, method="screened", from_logits=None, batch_size=None
):
    """Estimates the passes and the time that `frequency_importance` takes with the same arguments.

    This reads the data set once and runs the network on two batches.

    Args:
        model: As in `frequency_importance`.
        dataset: As in `frequency_importance`.
        num_classes: As in `frequency_importance`.
        method: As in `frequency_importance`. The cost of a screened search is a rough guess, since
            it spends what it needs.
        from_logits: As in `frequency_importance`.
        batch_size: As in `frequency_importance`.

    Returns:
        A dict: `passes`, `passes_per_second` (of this machine, now) and `seconds`.

    Example:
        >>> import keras
        >>> layers = [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> images = np.random.default_rng(0).uniform(size=(6, 4, 4, 1))
        >>> cost = importance_cost(
        ...     keras.Sequential(layers), (images, [0, 1, 0, 1, 0, 1]), 2, method="exhaustive"
        ... )
        >>> cost["passes"]
        66
    """
    checks.choice("method", method, _METHODS)
    num_classes = checks.num_classes(num_classes, least=2)
    dataset = repeated(dataset)
    images, labels = dataset.first_batch()
    survey = dataset_statistics(dataset, num_classes)
    size = survey.image_shape[:2]
    logits = logits_of(model, images[:2], num_classes, from_logits=from_logits)
    classifier = CompiledClassifier(logits, survey.image_shape, batch_size)
    pairs = conjugate_pairs(size)
    passes = survey.counts * (len(pairs) + 1)
    if method == "screened":
        passes = passes * screened_share(size, survey.counts)
    passes = round(passes.sum())
    # One image without so many pairs is one whole batch.
    some = pairs[np.arange(classifier.batch_size) % len(pairs)]
    removed = RemovedPairs(some, size, survey.channel_means)
    unit = Unit("losses", images[:1], labels[:1], removed)
    unit.run(classifier)  # compiles
    start = time.perf_counter()
    unit.run(classifier)
    rate = len(some) / (time.perf_counter() - start)
    return {"passes": passes, "passes_per_second": rate, "seconds": passes / rate}


def _increasing_fractions(fractions):
    """Reads one or several shares of the spectrum as an increasing tuple of floats."""
    values = checks.real_array("fractions", fractions, "(fractions,)", ndim=(0, 1)).reshape(-1)
    what = "shares of the spectrum's cells"
    return tuple(sorted({checks.positive("fractions", one, what, most=1) for one in values}))


def _groups(labels, num_pairs):
    """Puts the classes that have images into groups, which are searched one after the other.

    The classes of a group are searched side by side, which keeps executors busy. Together they hold
    about a gigabyte at most.
    """
    groups, held = [], np.inf
    for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
        size = 80 * int(count) * num_pairs
        if held + size > 2**30:
            groups.append([])
            held = 0
        groups[-1].append(int(label))
        held += size
    return groups


def _summary(found):
    """Keeps the means, errors and sums of a `ClassChanges`, not the changes of each image."""
    count = len(found.changes)
    stderr = np.full(found.changes.shape[1], np.nan)
    if count > 1:
        variance = found.changes.var(axis=0, ddof=1) + found.unseen_variance
        stderr = np.sqrt(variance / count + found.search_stderr**2)
    # The images are in random order, so every tenth of them makes a random fold.
    folds = [found.changes[fold::_FOLDS] for fold in range(_FOLDS)]
    return {
        "loss_change": found.changes.mean(axis=0),
        "stderr": stderr,
        "search_stderr": found.search_stderr,
        "base_loss": found.base.mean(),
        "images": count,
        "expected_overlap": found.expected_overlap,
        "fold_sums": np.stack([fold.sum(axis=0) for fold in folds]),
        "fold_images": np.array([len(fold) for fold in folds]),
    }


def _by_class(summaries, num_classes):
    """Puts the summaries of the classes that have images into arrays of all K classes.

    Args:
        summaries: A dict of `_summary` by label.
        num_classes: K.

    Returns:
        A dict of arrays `(K, ...)`. A class without images has NaN, or 0 images and sums.
    """
    labels, fields = list(summaries), {}
    for name in summaries[labels[0]]:
        values = np.array([summaries[label][name] for label in labels])
        empty = 0 if name in ("images", "fold_sums", "fold_images") else np.nan
        fields[name] = np.full((num_classes, *values.shape[1:]), empty, values.dtype)
        fields[name][labels] = values
    return fields


def _fingerprint(classifier, images, labels, *arguments):
    """Names a search by all that its result depends on."""
    weights = [np.asarray(weight) for weight in classifier.logits.model.weights]
    # Networks of the same weights may still differ in how they are put together.
    outputs = Unit("losses", images[:2], labels[:2]).run(classifier)
    facts = [*arguments, classifier.batch_size, outputs]
    return fingerprint_of(*weights, images, labels, *facts)
