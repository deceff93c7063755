"""What an importance search will cost, before it starts."""

import time

import numpy as np

from keras_freq import checks
from keras_freq.classifier import CompiledClassifier, logits_of
from keras_freq.data import checked_batches
from keras_freq.data.statistics import dataset_statistics
from keras_freq.fourier import conjugate_pairs
from keras_freq.interventions import RemovedPairs, Unit


def screened_share(size):
    """Share of the exhaustive search's passes that a screened one takes, about.

    What was measured for networks on 32x32 (20 to 25 %), 64x64 (7 %) and 224x224 images (3 %)
    falls with the side: about 6 / side.
    """
    return min(1.0, 6 / np.sqrt(size[0] * size[1]))


def importance_cost(
    model, dataset, num_classes, *, method="screened", from_logits=None, batch_size=None
):
    """Estimates passes and time of `frequency_importance` with the same arguments.

    Reads the data set once and runs the network on two batches.

    Args:
        model: As in `frequency_importance`.
        dataset: Likewise.
        num_classes: Likewise.
        method: Likewise. A screened search spends what it needs: its cost is a rough guess.
        from_logits: Likewise.
        batch_size: Likewise.

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
    checks.choice("method", method, ("exhaustive", "screened"))
    survey = dataset_statistics(dataset, num_classes)
    size = survey.image_shape[:2]
    images, labels = next(checked_batches(dataset, num_classes))
    logits = logits_of(model, images[:2], num_classes, from_logits=from_logits)
    classifier = CompiledClassifier(logits, survey.image_shape, batch_size)
    pairs = conjugate_pairs(size)
    passes = int(survey.counts.sum()) * (len(pairs) + 1)
    if method == "screened":
        passes = round(passes * screened_share(size))
    # Whole batches of one image, the first of which compiles.
    some = pairs[np.arange(classifier.batch_size) % len(pairs)]
    removed = RemovedPairs(some, size, survey.channel_means)
    unit = Unit("losses", images[:1], labels[:1], removed)
    unit.run(classifier)
    start = time.perf_counter()
    unit.run(classifier)
    rate = len(some) / (time.perf_counter() - start)
    return {"passes": passes, "passes_per_second": rate, "seconds": passes / rate}
