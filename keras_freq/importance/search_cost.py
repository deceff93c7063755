"""What a search of frequencies will cost, before it starts."""

import time

import numpy as np

from keras_freq import checks
from keras_freq.classifier import CompiledClassifier, logits_of
from keras_freq.data.batches import repeated
from keras_freq.data.statistics import dataset_statistics
from keras_freq.fourier import conjugate_pairs
from keras_freq.importance.screened_search import screened_share
from keras_freq.importance.search_arguments import BY, METHODS, class_numbers, most_passes
from keras_freq.interventions import RemovedPairs, Unit


def importance_cost(
    model,
    dataset,
    num_classes,
    *,
    method="screened",
    by="class",
    classes=None,
    from_logits=None,
    batch_size=None,
    max_evaluations=None,
):
    """Estimates the passes and the time that `frequency_importance` takes with the same arguments.

    This reads the data set once and runs the network on two batches.

    Args:
        model: As in `frequency_importance`.
        dataset: As in `frequency_importance`.
        num_classes: As in `frequency_importance`.
        method: As in `frequency_importance`. The cost of a screened search is a rough guess, since
            it spends what it needs. With `by="all"`, it is the most that it may spend.
        by: As in `frequency_importance`.
        classes: As in `frequency_importance`.
        from_logits: As in `frequency_importance`.
        batch_size: As in `frequency_importance`.
        max_evaluations: As in `frequency_importance`.

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
    checks.choice("method", method, METHODS)
    checks.choice("by", by, BY)
    num_classes = checks.num_classes(num_classes, least=2)
    classes = class_numbers(classes, num_classes)
    max_evaluations = most_passes(max_evaluations, by, method)
    dataset = repeated(dataset)
    images, labels = dataset.first_batch()
    logits = logits_of(model, images[:2], num_classes, from_logits=from_logits)
    classifier = CompiledClassifier(logits, images.shape[1:], batch_size)
    survey = dataset_statistics(dataset, num_classes)
    size = images.shape[1:3]
    pairs = conjugate_pairs(size)
    counts = survey.counts[classes]
    passes = counts * (len(pairs) + 1)
    if method == "screened" and by == "class":
        passes = passes * screened_share(size, counts)
    passes = round(passes.sum())
    if method == "screened" and by == "all":
        passes = min(passes, max_evaluations)
    # One image without so many pairs is one whole batch.
    some = pairs[np.arange(classifier.batch_size) % len(pairs)]
    removed = RemovedPairs(some, size, survey.channel_means)
    unit = Unit("losses", images[:1], labels[:1], removed)
    unit.run(classifier)  # compiles
    start = time.perf_counter()
    unit.run(classifier)
    rate = len(some) / (time.perf_counter() - start)
    return {"passes": passes, "passes_per_second": rate, "seconds": passes / rate}
