"""How much a classifier needs each frequency, class by class."""

import contextlib

import numpy as np

from keras_freq import checks
from keras_freq.classifier import CompiledClassifier, logits_of
from keras_freq.data.batches import class_names_of, collected
from keras_freq.fourier import conjugate_pairs
from keras_freq.fourier.grid import pair_values_to_maps
from keras_freq.importance.exhaustive_search import exhaustive_search
from keras_freq.importance.linearised_logits import prediction_passes
from keras_freq.importance.result import FrequencyImportance
from keras_freq.importance.screened_search import screened_search
from keras_freq.interventions import (
    ResultLog,
    Unit,
    UnitRunner,
    cosine_power,
    fingerprint_of,
    progress_bar,
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

    For every class and every frequency: the mean over the class's images of the cross-entropy
    without that frequency (and its conjugate, from all channels), minus the cross-entropy of the
    untouched image. Each image is evaluated for its own class only.

    Several GPUs share the work if this is called in the scope of a `tf.distribute.MirroredStrategy`
    (the model should have been built or loaded in it too).

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`. A
            softmax at its end is taken off, since losses are computed from logits.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. All images
            are held in memory.
        num_classes: Number of classes K.
        method: "exhaustive" evaluates every frequency on every image; "screened" finds nearly the
            same most important frequencies for a fraction of the passes: a fifth to a quarter at
            32x32, 7 % at 64x64, 3 % at 224x224. Other frequencies are then less exact, as
            `search_stderr` tells.
        fractions: Fractions of the spectrum, each in (0, 1], whose maps a screened search settles.
        neutral: What an image without its DC becomes: a number, or one value a channel. None: the
            channel means of `dataset`. Only the importance of DC depends on it.
        from_logits: Whether the model's outputs are logits; None: find out, and ask where nothing
            tells.
        seed: Seed of the folds of images, and of the sample that a screened search learns from.
        batch_size: Images that the network is given at once; None: by the images' size.
        class_names: K names; None: those of `dataset`.
        progress: Whether to show a progress bar, with the time left, on searches of more than 5 s.
        checkpoint: File to keep finished units of work in. The same call again, after it was
            killed, repeats at most the unit that was running (with an executor: those that were)
            and gives the same bits. The file is left there when the search is done.
        executor: A `concurrent.futures.Executor` to run units on: threads, processes (started by
            "spawn"), or dask's `client.get_executor()`. Other processes read the network from a
            file beside `checkpoint`, or in the folder for temporary files if there is none:
            workers on other machines need a `checkpoint` in a folder that they share.

    Returns:
        A `FrequencyImportance`.

    Raises:
        TypeError, ValueError: If an argument is not as above; before any long work.

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
        perspective", ICCV 2023, whose code uses probabilities in float32, one mask and one class
        at a time. Here the loss is exact for well-learned images too, and the conjugate is always
        removed together with the frequency.
    """
    checks.choice("method", method, _METHODS)
    # The loss of one class alone is always 0.
    num_classes = checks.integer("num_classes", num_classes, least=2)
    seed = checks.integer("seed", seed, least=0)
    if batch_size is not None:
        checks.integer("batch_size", batch_size)
    fractions = check_fractions(fractions)
    class_names = class_names_of(dataset, class_names, num_classes)
    images, labels = collected(dataset, num_classes)
    means = images.mean(axis=(0, 1, 2), dtype=np.float64)
    neutral = means if neutral is None else checks.per_channel("neutral", neutral, len(means))
    logits = logits_of(model, images[:2], num_classes, from_logits=from_logits)
    classifier = CompiledClassifier(logits, images.shape[1:], batch_size)
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

    found = {}
    with contextlib.ExitStack() as stack:
        log = None
        if checkpoint is not None:
            name = _fingerprint(classifier, images, labels, method, fractions, seed, neutral)
            log = stack.enter_context(contextlib.closing(ResultLog(checkpoint, name)))
        run_units = UnitRunner(
            classifier,
            stack.enter_context(progress_bar("importance", progress, total=1)),
            log=log,
            executor=executor,
            remote=stack.enter_context(remote_runner(executor, classifier, checkpoint)),
        )
        for group in _groups(labels, len(pairs)):
            searches = [search_of(label) for label in group]
            for label, changes in zip(group, run_together(searches, run_units), strict=True):
                found[label] = _summary(changes)
    return _assembled(
        found,
        images.shape[1:3],
        pairs,
        evaluations=run_units.evaluations,
        exhaustive_evaluations=len(images) * (len(pairs) + 1),
        class_names=class_names,
        neutral=neutral,
        method=method,
        fractions=fractions,
        seed=seed,
    )


def _groups(labels, num_pairs):
    """The classes that have images, in groups that are searched side by side.

    Side by side keeps executors busy; what a group's searches hold takes about a gigabyte.
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
    """What is kept of a `ClassChanges`: means, errors and sums, not the changes of each image."""
    count = len(found.changes)
    stderr = np.full(found.changes.shape[1], np.nan)
    if count > 1:
        variance = found.changes.var(axis=0, ddof=1) + found.unseen_variance
        stderr = np.sqrt(variance / count + found.search_stderr**2)
    # The images are in random order, so that every tenth makes a random fold.
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


def _assembled(found, size, pairs, class_names, fractions, **facts):
    """Puts the summaries of classes together, with NaN or no images for those that have none."""
    classes, many = len(class_names), len(pairs)
    fields = {
        "loss_change": np.full((classes, many), np.nan),
        "stderr": np.full((classes, many), np.nan),
        "search_stderr": np.full((classes, many), np.nan),
        "base_loss": np.full(classes, np.nan),
        "images": np.zeros(classes, int),
        "expected_overlap": np.full((classes, len(fractions)), np.nan),
        "fold_sums": np.zeros((classes, _FOLDS, many)),
        "fold_images": np.zeros((classes, _FOLDS), int),
    }
    for label, summary in found.items():
        for name, value in summary.items():
            fields[name][label] = value
    for name in ("loss_change", "stderr", "search_stderr"):
        fields[name] = pair_values_to_maps(fields[name], pairs, size)
    return FrequencyImportance(class_names=class_names, fractions=fractions, **fields, **facts)


def _fingerprint(classifier, images, labels, *arguments):
    """Names a search by all that its result depends on."""
    weights = [np.asarray(weight) for weight in classifier.logits.model.weights]
    # Networks of the same weights may still differ in how they are put together.
    outputs = Unit("losses", images[:2], labels[:2]).run(classifier)
    facts = [*arguments, classifier.batch_size, outputs]
    return fingerprint_of(*weights, images, labels, *facts)


def check_fractions(fractions):
    """Reads `fractions`, one number or several in (0, 1], as an increasing tuple."""
    values = np.atleast_1d(np.asarray(fractions, np.float64))
    if values.ndim != 1 or not len(values) or not ((values > 0) & (values <= 1)).all():
        raise ValueError(
            "`fractions` must be fractions of the spectrum, each in (0, 1]. "
            f"Received: fractions={fractions!r}"
        )
    return tuple(np.unique(values).tolist())
