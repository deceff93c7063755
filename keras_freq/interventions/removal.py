"""The loss of images without one frequency: what every search is made of."""

from functools import cached_property, partial

import numpy as np
import tensorflow as tf

from keras_freq.classifier.logits import cross_entropy
from keras_freq.interventions.cosines import (
    pair_cosines,
    wave_numbers,
    waves,
    without_cosines,
    without_cosines_fused,
)
from keras_freq.interventions.linearised_logits import (
    margins_and_gradients,
    num_margins,
    predicted_changes,
)


def batch_size_for(image_shape):
    """A batch size at which networks run at full speed, from the size of the images alone.

    It is not measured, because results would then depend, in their last bits, on the load of the
    machine.
    """
    height, width = image_shape[:2]
    fitting = 256 * 64 * 64 / max(height * width, 64 * 64)
    return max(16, 2 ** int(np.log2(fitting)))


class FrequencyRemoval:
    """Runs a classifier on images without one frequency each.

    Made in the scope of a `tf.distribute.MirroredStrategy`, it shares each batch out between the
    replicas.

    Args:
        logits: A `Logits`, the classifier.
        image_shape: `(H, W, C)`.
        neutral: `(C,)`, what an image without its DC becomes.
        batch_size: Images that the network is given at once; None: by the images' size.
    """

    def __init__(self, logits, image_shape, neutral, batch_size=None):
        self.logits = logits
        self.neutral = np.asarray(neutral, np.float64)
        self.batch_size = batch_size or batch_size_for(image_shape)
        self._size = tuple(image_shape[:2])
        self._waves = [waves(side) for side in self._size]
        # Of free length: each function is traced once, whatever the last batch's size.
        self._signature = [
            tf.TensorSpec((None, *image_shape), tf.float32),
            tf.TensorSpec((None,), tf.int32),
        ]
        self._strategy = tf.distribute.get_strategy()
        self._mirrored_losses = tf.function(
            lambda *parts: self._strategy.run(self._cross_entropy, parts)
        )

    def _cross_entropy(self, images, labels):
        return cross_entropy(self.logits(images), labels)

    # TensorFlow warns of a function that is traced anew for every model; not of concrete ones.
    @cached_property
    def _losses(self):
        return tf.function(self._cross_entropy).get_concrete_function(*self._signature)

    @cached_property
    def _linearised(self):
        linearised = tf.function(partial(margins_and_gradients, self.logits))
        return linearised.get_concrete_function(*self._signature)

    @property
    def prediction_passes(self):
        """What a prediction costs for one image: a forward pass, two more a backward pass."""
        return 1 + 2 * num_margins(self.logits.num_classes)

    def base(self, images, labels):
        """Cross-entropy of untouched images, `(N,)` float64."""
        labels = np.asarray(labels, np.int32)
        return _finite(
            np.concatenate(
                [
                    self._losses_of(images[batch], labels[batch])
                    for batch in _batches(len(images), self.batch_size)
                ]
            )
        )

    def removed(self, images, labels, pairs, items=None):
        """Cross-entropy of images without one pair each.

        Args:
            images: `(N, H, W, C)` float32.
            labels: `(N,)`.
            pairs: `(P, 2)` flat indices of conjugate pairs.
            items: `(B, 2)` indices of an image and a pair each; None: every image without every
                pair.

        Returns:
            A float64 array, nats: `(B,)`, or `(N, P)` without `items`.
        """
        if items is None:
            grid = np.indices((len(images), len(pairs))).reshape(2, -1).T
            return self.removed(images, labels, pairs, grid).reshape(len(images), len(pairs))
        labels = np.asarray(labels, np.int32)
        u, v = wave_numbers(pairs, self._size)
        cosines = np.concatenate(
            [
                pair_cosines(images[i : i + 16], self.neutral, pairs)
                for i in range(0, len(images), 16)
            ]
        )
        cosines = np.stack([cosines.real, cosines.imag], axis=2).astype(np.float32)
        # The fused loop is compiled for each number of images: multiples of 8 make few of them.
        fill = np.zeros((-len(images) % 8, *images.shape[1:]), np.float32)
        held = tf.constant(np.concatenate([images, fill]))
        losses = np.empty(len(items))
        for batch in _batches(len(items), self.batch_size):
            image, pair = items[batch].T
            whole = len(image) == self.batch_size
            changed = (without_cosines_fused if whole else without_cosines)(
                held, image.astype(np.int32), *self._waves, u[pair], v[pair], cosines[image, pair]
            )
            losses[batch] = self._losses_of(changed, labels[image])
        return _finite(losses)

    def predicted(self, images, labels, pairs):
        """Change of the loss of every image without every pair, under linearised logits.

        Args:
            images: `(N, H, W, C)` float32.
            labels: `(N,)`.
            pairs: `(P, 2)` flat indices of conjugate pairs.

        Returns:
            A float64 array `(N, P)`, nats.
        """
        labels = np.asarray(labels, np.int32)
        changes = []
        # Gradients are many times the size of their images.
        for batch in _batches(len(images), max(1, self.batch_size // 8)):
            margins, gradients = self._linearised(*map(tf.constant, (images[batch], labels[batch])))
            cosines = pair_cosines(images[batch], self.neutral, pairs)
            changes.append(
                predicted_changes(margins.numpy(), gradients.numpy(), cosines, pairs[:, 0])
            )
        return np.concatenate(changes)

    def _losses_of(self, images, labels):
        """Cross-entropy of one batch, on all replicas if there are several."""
        replicas = self._strategy.num_replicas_in_sync
        if replicas == 1:
            return self._losses(*map(tf.constant, (images, labels))).numpy()
        # Equal parts; the last image fills the last one up.
        each = -(-len(labels) // replicas)
        place = np.minimum(np.arange(replicas * each), len(labels) - 1).reshape(replicas, each)
        images, labels = (
            self._strategy.experimental_distribute_values_from_function(
                lambda context, array=array: tf.gather(
                    array, place[context.replica_id_in_sync_group]
                )
            )
            for array in (images, labels)
        )
        results = self._mirrored_losses(images, labels)
        parts = [part.numpy() for part in self._strategy.experimental_local_results(results)]
        return np.concatenate(parts)[: place[-1, -1] + 1]


def _finite(losses):
    """The losses, or a ValueError: a NaN would make the importance of a whole class NaN."""
    if np.isnan(losses).any():
        raise ValueError(
            "`model` must give finite scores. Received: NaN for an image, or for one without some "
            "of its frequencies"
        )
    return losses


def _batches(length, size):
    """Slices of `size`, and what is left."""
    return [slice(start, min(start + size, length)) for start in range(0, length, size)]
