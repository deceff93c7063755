"""How much a classifier needs each frequency, class by class or for all images together."""

import contextlib

import numpy as np

from keras_freq import checks
from keras_freq.classifier import CompiledClassifier, check_model, logits_of
from keras_freq.data import class_names_of
from keras_freq.data.batches import repeated
from keras_freq.fourier import conjugate_pairs
from keras_freq.importance.class_summaries import empty_rows, summary_of, write_row
from keras_freq.importance.exhaustive_search import exhaustive_search
from keras_freq.importance.held_images import hold_images
from keras_freq.importance.linearised_logits import prediction_passes
from keras_freq.importance.pooled_search import pooled_exhaustive_search, pooled_screened_search
from keras_freq.importance.result import ALL_IMAGES, FrequencyImportance
from keras_freq.importance.screened_search import screened_search
from keras_freq.importance.search_arguments import (
    BY,
    METHODS,
    class_numbers,
    increasing_fractions,
    most_passes,
)
from keras_freq.interventions import (
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


def frequency_importance(
    model,
    dataset,
    num_classes,
    *,
    method="screened",
    by="class",
    classes=None,
    fractions=(0.01, 0.05, 0.1),
    neutral=None,
    from_logits=None,
    seed=0,
    batch_size=None,
    class_names=None,
    progress=True,
    checkpoint=None,
    executor=None,
    max_evaluations=None,
):
    """Measures how much the loss of each class changes when one frequency is removed.

    The importance of a frequency for a class is a mean over the class's images. It is the
    cross-entropy without that frequency (and its conjugate, in all channels), minus the
    cross-entropy of the untouched image. Each image is evaluated for its own class only.

    With `by="all"` it is a mean over all images: one map for the network. That needs no more than
    an image a class, and is the way for a head of 1000 classes.

    To share the work between several GPUs, call this in the scope of a
    `tf.distribute.MirroredStrategy`. Build or load the model in that scope, too.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`. A
            softmax at its end is taken off, since losses are computed from logits.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            once, and the images of `classes` are held in memory: in 8 bits a value if they came in
            8 bits and were not resized, else in float32.
        num_classes: The number of classes K, at least 2.
        method: "exhaustive" evaluates every frequency on every image. "screened" finds nearly the
            same most important frequencies for a fraction of the passes. With 5 to 50 images a
            class, these were 22 to 26 % at 32x32, 9 to 11 % at 64x64 and 6 to 10 % at 96x96; with
            one image a class 42, 24 and 18 %. It predicts the other frequencies from those, and
            `search_stderr` tells how exactly. With `by="all"`, it removes each frequency from some
            images only: more of them where a map's edge is in doubt. Defaults to "screened".
        by: "class" for a map of each class, "all" for one map of all images together. Then all
            images count alike, so that a class with twice the images counts twice. Defaults to
            "class".
        classes: Labels of the classes of interest, ints. Only their images are evaluated, and only
            they have rows in the result, in this order. Each row is the same as in a search of all
            classes. Defaults to None: all K classes.
        fractions: Shares of the spectrum's cells, one or several in (0, 1]. A screened search
            settles the maps of these sizes. Defaults to (0.01, 0.05, 0.1).
        neutral: What an image without its DC becomes: a number, or one value for each channel. Only
            the importance of DC depends on it. Defaults to None: the channel means of `dataset`,
            of all its classes.
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
        max_evaluations: Passes that a screened search with `by="all"` spends at most. With fewer
            passes, errors are larger, and `expected_overlap` tells what the maps are worth. Where
            the exhaustive search takes no more, every frequency is evaluated on every image.
            Defaults to None: 150,000.

    Returns:
        A `FrequencyImportance`. Its rows are all K classes, or `classes`; with `by="all"` there is
        one row, named "all".

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

        One map for the network, and one for class 1 alone:

        >>> together = frequency_importance(
        ...     keras.Sequential(layers), (images, [0, 1, 0, 1, 0, 1]), 2, by="all"
        ... )
        >>> together.loss_change.shape, together.class_names
        ((1, 4, 4), ['all'])
        >>> one = frequency_importance(
        ...     keras.Sequential(layers), (images, [0, 1, 0, 1, 0, 1]), 2, classes=[1]
        ... )
        >>> one.class_names, one.class_ids
        (['1'], array([1]))

    Source:
        Wang et al., "What do neural networks learn in image classification? A frequency shortcut
        perspective", ICCV 2023. Their code uses probabilities in float32, one mask and one class at
        a time. Here the loss is exact for well-learned images, too, and a frequency is always
        removed together with its conjugate.
    """
    checks.choice("method", method, METHODS)
    checks.choice("by", by, BY)
    # The loss of one class alone is always 0.
    num_classes = checks.num_classes(num_classes, least=2)
    classes = class_numbers(classes, num_classes)
    seed = checks.integer("seed", seed, least=0)
    batch_size, checkpoint = checks.batch_size(batch_size), checks.checkpoint(checkpoint)
    max_evaluations = most_passes(max_evaluations, by, method)
    fractions = increasing_fractions(fractions)
    class_names = class_names_of(dataset, class_names, num_classes)
    dataset = repeated(dataset)
    first, labels = dataset.first_batch()  # tells what is wrong before all images are read
    checks.integer_labels("The labels of batch 0 of `dataset`", labels, num_classes)
    check_model(model, first[:2], num_classes)
    if neutral is not None:
        neutral = checks.per_channel("neutral", neutral, first.shape[-1])
    images, labels, means = hold_images(dataset, num_classes, classes)
    neutral = means if neutral is None else neutral
    logits = logits_of(model, images, num_classes, labels=labels, from_logits=from_logits)
    classifier = CompiledClassifier(logits, images.shape[1:], batch_size)
    if method == "screened":  # refuses what has no gradients
        margins = by == "class"
        gradients = classifier.margins_and_gradients if margins else classifier.losses_and_gradients
        gradients(images[:1], labels[:1])
    pairs = conjugate_pairs(images.shape[1:3])
    unit_passes = BATCHES_A_UNIT * classifier.batch_size
    row_of = {label: row for row, label in enumerate(classes)} if by == "class" else {ALL_IMAGES: 0}
    rows = empty_rows(len(row_of), images.shape[1:3], len(pairs), len(fractions))

    def search_of(label):
        own = np.flatnonzero(labels == label)
        own = images[np.random.default_rng([seed, label]).permutation(own)]
        power = cosine_power(own, neutral, pairs)
        data = own, np.full(len(own), label), pairs, power, neutral, fractions, unit_passes
        if method == "exhaustive":
            return exhaustive_search(*data)
        rng = np.random.default_rng([seed, label, 1])
        return screened_search(*data, rng, prediction_passes(classifier))

    cost = len(images) * (len(pairs) + 1)
    # The screened search spends what it needs, which is not known beforehand.
    total = cost if method == "exhaustive" else None
    with contextlib.ExitStack() as stack:
        log = None
        if checkpoint is not None:
            facts = method, by, max_evaluations, fractions, seed, neutral
            name = _fingerprint(classifier, images, labels, *facts)
            log = stack.enter_context(contextlib.closing(ResultLog(checkpoint, name)))
        run_units = UnitRunner(
            classifier,
            stack.enter_context(pass_bar("importance", progress, total)),
            log=log,
            executor=executor,
            remote=stack.enter_context(remote_runner(executor, classifier, checkpoint)),
        )
        if by == "all":
            data = images, labels, pairs, neutral, fractions, unit_passes
            data = *data, np.random.default_rng(seed), run_units
            exhaustive = method == "exhaustive" or cost <= max_evaluations
            found = (
                pooled_exhaustive_search(*data)
                if exhaustive
                else pooled_screened_search(*data, max_evaluations)
            )
            write_row(rows, 0, found, pairs)
        for group in _groups(labels, len(pairs)) if by == "class" else []:
            searches = [search_of(label) for label in group]
            for label, found in zip(group, run_together(searches, run_units), strict=True):
                write_row(rows, row_of[label], summary_of(found), pairs)
    run_units.untouched.warn(num_classes)
    return FrequencyImportance(
        **rows,
        evaluations=run_units.evaluations,
        exhaustive_evaluations=cost,
        class_names=["all"] if by == "all" else [class_names[label] for label in classes],
        neutral=neutral,
        method=method,
        fractions=fractions,
        seed=seed,
        class_ids=np.array(list(row_of)),
    )


def _groups(labels, num_pairs):
    """Puts the classes that have images into groups, which are searched one after the other.

    The classes of a group are searched side by side, which keeps executors busy. Together they hold
    a quarter of a gigabyte at most.
    """
    groups, held = [], np.inf
    for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
        size = 80 * int(count) * num_pairs
        if held + size > 2**28:
            groups.append([])
            held = 0
        groups[-1].append(int(label))
        held += size
    return groups


def _fingerprint(classifier, images, labels, *arguments):
    """Names a search by all that its result depends on."""
    weights = [np.asarray(weight) for weight in classifier.logits.model.weights]
    # Networks of the same weights may still differ in how they are put together.
    outputs = Unit("losses", images[:2], labels[:2]).run(classifier)
    facts = [*arguments, classifier.batch_size, outputs]
    return fingerprint_of(*weights, images.marks(), labels, *facts)
