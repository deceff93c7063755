"""Any change of images: each image draws by its number alone."""

import dataclasses
import pickle
from typing import ClassVar

import numpy as np
import tensorflow as tf
from interventions_cases import some_images

from keras_freq.interventions import ChangedImages, numbered_items
from keras_freq.interventions.checkpoint import fingerprint_of


@dataclasses.dataclass(frozen=True)
class Noise:
    """Adds uniform noise."""

    most: float
    is_random: ClassVar[bool] = True

    def __call__(self, images, *, seed):
        return images + tf.random.stateless_uniform(tf.shape(images), seed, 0.0, self.most)


@dataclasses.dataclass(frozen=True)
class Darker:
    """Halves all values."""

    is_random: ClassVar[bool] = False

    def __call__(self, images, *, seed):
        assert seed is None
        return images / 2


def test_every_image_has_its_own_seed():
    images, labels = some_images(5)
    changes = ChangedImages([None, Noise(1.0), Darker(), Noise(2.0)], 7)
    changes = pickle.loads(pickle.dumps(changes))
    items = numbered_items(len(changes))(labels, 100)
    order = np.random.default_rng(0).permutation(len(items))
    changed = changes.apply(changes.prepare(images), *items[order].T, full=False)
    for (image, which, number), result in zip(items[order], changed, strict=True):
        assert number == 100 + image
        own, drawn = images[image], tf.random.stateless_uniform((1, 9, 6, 2), (7, number))[0]
        expected = (own, own + drawn, own / 2, own + 2 * drawn)[which]
        np.testing.assert_allclose(result, expected, atol=1e-6)


def test_a_checkpoint_tells_changes_apart():
    names = [fingerprint_of([None, Noise(most)]) for most in (1.0, 2.0, 1.0)]
    assert names[0] == names[2] != names[1]
