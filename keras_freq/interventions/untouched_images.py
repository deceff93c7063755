"""What a model says to the images as they are, found among the results of an analysis."""

import numpy as np

from keras_freq.classifier.guessing import warn_of_guessed_answers, warn_of_guessed_losses


class UntouchedImages:
    """Collects what units of work tell of images to which nothing was done.

    An intervention that has such parameters tells them by `untouched()`, as their numbers. A
    question of answers without any intervention is about the model itself, such as its confusion
    matrix: that is its own answer, and is not collected.
    """

    def __init__(self):
        self._found = {"answers": [], "losses": []}

    def add(self, unit, results):
        """Takes what a `Unit` tells of its untouched images; other units tell nothing."""
        question = getattr(unit, "question", None)
        if question not in ("answers", "losses"):
            return
        if unit.intervention is None:
            if question == "losses":
                self._found[question].append((np.ravel(results), unit.labels))
            return
        if unit.items is None or not hasattr(unit.intervention, "untouched"):
            return
        image, which = unit.items[:, 0], unit.items[:, 1]
        plain = np.flatnonzero(np.isin(which, unit.intervention.untouched()))
        image, first = np.unique(image[plain], return_index=True)
        self._found[question].append((results[plain[first]], unit.labels[image]))

    def warn(self, num_classes):
        """Warns once if a model of K classes does no better on them than guessing."""
        for question, warn in (
            ("answers", warn_of_guessed_answers),
            ("losses", warn_of_guessed_losses),
        ):
            if self._found[question]:
                results, labels = zip(*self._found[question], strict=True)
                warn(np.concatenate(results), np.concatenate(labels), num_classes)
