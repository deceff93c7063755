"""Classes of the model of which there are no images."""

import numpy as np

from keras_freq.lab.config import ConfigError
from keras_freq.lab.examination.subject import available
from keras_freq.lab.pages import names_in_words


def check_halves(source):
    """Raises unless there are images to search on and to score, and of two classes at least.

    Args:
        source: A `Source`.
    """
    searched, scored = available(source)
    if not (searched.any() and scored.any()):
        raise ConfigError(
            "`dataset` must hold images to search on and others to score, at least two. "
            f"Received: {len(source.scored.labels)} to score"
        )
    present = np.flatnonzero(searched + scored)
    if len(present) < 2:
        raise ConfigError(
            "`dataset` must hold images of at least two classes: of one class alone, a model that "
            "always says it is right. Received: images of "
            f"{names_in_words([source.class_names[k] for k in present])} alone"
        )


def missing_classes(source):
    """Names the classes that are not searched or not scored.

    Returns:
        Three lists of names: those without any image, without one to search on, and without one to
        score.
    """
    searched, scored = (counts == 0 for counts in available(source))
    return [
        [name for name, lacks in zip(source.class_names, which, strict=True) if lacks]
        for which in (searched & scored, searched & ~scored, scored & ~searched)
    ]


def missing_in_words(source):
    """Says which classes have no images; "" if all have.

    Example:
        >>> from types import SimpleNamespace
        >>> images = SimpleNamespace(labels=np.array([0, 0, 1, 1]))
        >>> names = ["cat", "dog", "frog"]
        >>> missing_in_words(SimpleNamespace(class_names=names, searched=images, scored=images))
        'No images of: frog. Nothing is said of such a class.'
    """
    kinds = ("No images of", "No images to search on of", "No images to score of")
    lists = zip(kinds, missing_classes(source), strict=True)
    parts = [f"{kind}: {names_in_words(names)}." for kind, names in lists if names]
    return f"{' '.join(parts)} Nothing is said of such a class." if parts else ""
