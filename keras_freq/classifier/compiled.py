"""A classifier as two compiled questions: which class, and how large is the loss."""

import functools
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

from keras_freq.classifier.logits import cross_entropy
from keras_freq.classifier.margins import margins_and_gradients
from keras_freq.classifier.model_check import check_scores


class CompiledClassifier:
    """Answers and losses of a classifier, by functions that are traced once.

    Batches may have any length. No state of the model changes, the seeds of random layers
    included. In the scope of a `tf.distribute.MirroredStrategy`, each batch is shared out between
    the replicas.

    Args:
        logits: A `Logits`: the classifier.
        image_shape: `(H, W, C)`.
        batch_size: Images that the network is given at once. Defaults to None: by their size.
    """

    def __init__(self, logits, image_shape, batch_size=None):
        self.logits = logits
        self.image_shape = tuple(image_shape)
        self.batch_size = batch_size or batch_size_for(image_shape)
        self._strategy = tf.distribute.get_strategy()
        self._mirrored = {}
        self._images = tf.TensorSpec((None, *self.image_shape), tf.float32)
        self._labels = tf.TensorSpec((None,), tf.int32)
        if not logits.model.built:
            logits.model(tf.zeros((1, *self.image_shape)), training=False)

    def answers(self, images):
        """Gives the class of the highest score, `(N,)` int64; -1 where a score is NaN."""
        images = tf.cast(images, tf.float32)
        if self._strategy.num_replicas_in_sync > 1:
            return self._by_replicas(self._answer, images)
        return self._compiled_answer(images).numpy()

    def losses(self, images, labels):
        """Gives the cross-entropy of each image, `(N,)` float64, nats."""
        images, labels = tf.cast(images, tf.float32), tf.cast(labels, tf.int32)
        if self._strategy.num_replicas_in_sync > 1:
            return self._by_replicas(self._loss, images, labels)
        return self._compiled_loss(images, labels).numpy()

    def margins_and_gradients(self, images, labels):
        """Gives margins `(N, M)` and their gradients `(N, M, H, W, C)`: see `margins`."""
        images, labels = tf.constant(images, tf.float32), tf.constant(labels, tf.int32)
        return [part.numpy() for part in self._compiled_gradients(images, labels)]

    # TensorFlow warns of a function that is traced anew for every model; not of concrete ones.
    @cached_property
    def _compiled_answer(self):
        return tf.function(self._answer, autograph=False).get_concrete_function(self._images)

    @cached_property
    def _compiled_loss(self):
        loss = tf.function(self._loss, autograph=False)
        return loss.get_concrete_function(self._images, self._labels)

    @cached_property
    def _compiled_gradients(self):
        gradients = tf.function(functools.partial(margins_and_gradients, self.logits))
        return gradients.get_concrete_function(self._images, self._labels)

    def _answer(self, images):
        return highest_score(self._scores(images))

    def _loss(self, images, labels):
        return cross_entropy(self._scores(images), labels)

    def _scores(self, images):
        # What the call would change, seeds or losses, goes into the scope and is forgotten.
        with keras.StatelessScope():
            scores = self.logits(images)
        check_scores(scores, self.logits.num_classes)
        return scores

    def _by_replicas(self, function, *tensors):
        """Runs a function on equal parts of a batch, one for each replica."""
        replicas, number = self._strategy.num_replicas_in_sync, len(tensors[0])
        each = -(-number // replicas)
        # The last image fills the last part up.
        place = np.minimum(np.arange(replicas * each), number - 1).reshape(replicas, each)
        parts = [
            self._strategy.experimental_distribute_values_from_function(
                lambda context, tensor=tensor: tf.gather(
                    tensor, place[context.replica_id_in_sync_group]
                )
            )
            for tensor in tensors
        ]
        run = self._mirrored.setdefault(
            function.__name__, tf.function(lambda *parts: self._strategy.run(function, parts))
        )
        results = self._strategy.experimental_local_results(run(*parts))
        return np.concatenate([part.numpy() for part in results])[:number]


def batch_size_for(image_shape):
    """Gives a batch size at which networks run at full speed, from the images' size alone.

    It is not measured, because results would then depend, in their last bits, on the load of the
    machine.

    Example:
        >>> batch_size_for((32, 32, 3)), batch_size_for((224, 224, 3))
        (256, 16)
    """
    height, width = image_shape[:2]
    fitting = 256 * 64 * 64 / max(height * width, 64 * 64)
    return max(16, 2 ** int(np.log2(fitting)))


def highest_score(scores):
    """Gives the class of the highest score, `(N, K)` to `(N,)` int64; -1 where a score is NaN."""
    undefined = tf.reduce_any(tf.math.is_nan(scores), axis=-1)
    return tf.where(undefined, tf.constant(-1, tf.int64), tf.argmax(scores, axis=-1))
