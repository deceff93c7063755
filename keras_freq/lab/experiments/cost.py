"""What the analyses of a trained network will cost, said before they start."""

import numpy as np

from keras_freq.fourier import conjugate_pairs
from keras_freq.importance.screened_search import screened_share
from keras_freq.lab.examination.planning import measured_speed, time_in_words
from keras_freq.lab.store import say
from keras_freq.shortcuts.random_baseline import LEAST_RANDOM

_PASS_OVERHEAD = 1.25


def say_cost(model, data, settings):
    """Says how many passes the importance and the tests of its maps take, and how long.

    Args:
        model: The trained network.
        data: The `Data`.
        settings: An `AnalysisTable`.
    """
    passes = analysis_passes(settings, data.size, *map(np.bincount, (data.train[1], data.test[1])))
    seconds = _PASS_OVERHEAD * passes / measured_speed(model, data.image_shape)[0]
    say(
        f"The importance and the tests of its maps take about {passes:,.0f} passes, "
        f"{time_in_words(seconds)} here (fewer with a smaller [analysis], or --workers)"
    )


def analysis_passes(settings, size, searched, scored):
    """Estimates the passes of the analyses of an experiment.

    Args:
        settings: An `AnalysisTable`.
        size: `(H, W)` of the images.
        searched: `(K,)` images of each class that can be searched.
        scored: `(K,)` test images of each class.

    Returns:
        A number.
    """
    used = np.minimum(searched, settings.images_per_class)
    share = screened_share(size, used) if settings.method == "screened" else 1.0
    importance = (share * used * len(conjugate_pairs(size))).sum()
    num_classes, images = len(scored), scored.sum()
    rates = images * (num_classes + settings.random_maps)
    recalls = images * (2 + settings.random_maps)
    tests = num_classes * len(settings.fractions) * len(settings.transplants)
    random_maps = settings.transplant_maps or max(200, 20 * tests)
    own = 2 * (num_classes + 1) * images
    # Of the maps, and of their fine parts.
    random = num_classes * (random_maps + LEAST_RANDOM) * min(settings.transplant_images, images)
    transplants = len(settings.transplants) * 2 * (own + random)
    return importance + len(settings.fractions) * (rates + recalls + transplants)
