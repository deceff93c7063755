"""Images in memory and the maps of their classes, for tests in which images need each other."""

import dataclasses

import numpy as np

from keras_freq.classifier import CompiledClassifier, Logits
from keras_freq.classifier.guessing import warn_of_guessed_answers
from keras_freq.data import class_names_of
from keras_freq.data.batches import repeated
from keras_freq.data.held_arrays import array_batches, held_arrays
from keras_freq.fourier import check_maps
from keras_freq.interventions import ask, every_item
from keras_freq.shortcuts.checked_inputs import CheckedInputs, check_fit, checked_inputs


@dataclasses.dataclass(frozen=True, eq=False)
class ImagesAndMaps(CheckedInputs):
    """Images in memory, and maps that fit them.

    Attributes:
        images: `(N, H, W, C)` float32, held once.
        labels: `(N,)` int64.
        maps: And all others as in `CheckedInputs`.
    """

    images: np.ndarray
    labels: np.ndarray

    def testable(self):
        """Which classes have a map: `(K,)` bool."""
        return self.maps.any(axis=(1, 2))

    def has_dc(self):
        """Which maps hold DC: `(K,)` bool."""
        return self.maps[:, self.maps.shape[1] // 2, self.maps.shape[2] // 2]

    def batches(self):
        """The images and labels in order, as a data set that copies one batch at a time."""
        return array_batches(self.images, self.labels)

    def classifier(self, model, batch_size):
        """The model as a compiled classifier of these images."""
        return CompiledClassifier(Logits(model, len(self.maps)), self.images.shape[1:], batch_size)


def hold_images_and_maps(model, dataset, maps, class_names, *, with_power=False):
    """Reads a data set once, and checks that model, images and maps fit each other.

    Args:
        model: A `keras.Model` from images to class scores `(N, K)`.
        dataset: A data set of `(images, labels)` batches, or a pair of arrays.
        maps: `(K, H, W)` bool, the map of each class.
        class_names: K names, or None for those of the data set.
        with_power: Whether the power of the images is wanted.

    Returns:
        An `ImagesAndMaps`.

    Raises:
        TypeError, ValueError: If one of them is wrong, or they do not fit.
    """
    maps = check_maps(maps)
    class_names = class_names_of(dataset, class_names, len(maps))
    if not isinstance(dataset, tuple | list):
        dataset = repeated(dataset)
        check_fit(model, dataset.first_batch()[0], maps)  # before all images are read
    images, labels = held_arrays(dataset)
    batches = repeated(array_batches(images, labels))
    inputs = checked_inputs(model, batches, maps, class_names, None, with_power=with_power)
    return ImagesAndMaps(**vars(inputs), images=images, labels=labels)


def untouched_answers(classifier, held, *, progress=True, executor=None):
    """What the model answers to the images as they are: `(N,)` int64."""
    answers = ask(
        "answers",
        classifier,
        held.batches(),
        len(held.maps),
        None,
        every_item(1),
        task="untouched images",
        total=len(held.labels),
        progress=progress,
        executor=executor,
    )
    answers = np.concatenate([given for _, _, given in answers])
    warn_of_guessed_answers(answers, held.labels, len(held.maps))
    return answers
