"""A classifier as compiled questions: which class, how large is the loss, what are its margins
and their gradients.
"""

import keras
import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.classifier.frozen_logits import FrozenLogits
from keras_freq.classifier.logits import cross_entropy
from keras_freq.classifier.model_check import check_scores

# Each margin takes a backward pass, and 1000 classes would take 999. With more margins than this,
# the strongest classes have one each, and the others share the last: their log-sum-exp.
MOST_MARGINS = 9
_NO_GRADIENT = (
    "`model` must have gradients of its scores with respect to its images for a screened search. "
    'Give `method="exhaustive"`, which needs none. Received: a model without them'
)


def num_margins(num_classes):
    """Counts the margins of an image, each of which takes a backward pass."""
    return min(num_classes - 1, MOST_MARGINS)


def strongest_margins(logits, labels):
    """Gives the margins of the other classes over the labelled one, the strongest first.

    Args:
        logits: `(N, K)`, K >= 2.
        labels: `(N,)`.

    Returns:
        A tensor `(N, num_margins(K))` of the logits' type. `log(1 + sum(exp(margins)))` is the
        cross-entropy, whether the last margin stands for one class or for many.

    Example:
        >>> strongest_margins(tf.constant([[1.0, 5.0, 3.0]]), [2]).numpy()
        array([[ 2., -2.]], dtype=float32)
    """
    num_classes = logits.shape[-1]
    own = tf.one_hot(labels, num_classes, on_value=True, off_value=False, dtype=tf.bool)
    lowest = tf.constant(logits.dtype.min, logits.dtype)
    of_label = tf.gather(logits, labels, axis=1, batch_dims=1)[:, None]
    ranked = tf.sort(tf.where(own, lowest, logits), axis=1, direction="DESCENDING")[:, :-1]
    margins = ranked - of_label
    if num_classes - 1 <= MOST_MARGINS:
        return margins
    rest = tf.reduce_logsumexp(margins[:, MOST_MARGINS - 1 :], axis=1, keepdims=True)
    return tf.concat([margins[:, : MOST_MARGINS - 1], rest], axis=1)


def margins_and_gradients(logits, images, labels):
    """Gives the margins of images, and the gradient of each with respect to the images.

    Args:
        logits: A `Logits`.
        images: `(N, H, W, C)` float32 tensor.
        labels: `(N,)`.

    Returns:
        Margins `(N, M)` and gradients `(N, M, H, W, C)`, float32.

    Raises:
        ValueError: If a step between the images and the scores has no gradient.
    """
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(images)
        margins = strongest_margins(logits(images), labels)
        columns = tf.unstack(margins, num_margins(logits.num_classes), axis=1)
    gradients = [_gradient(tape, column, images) for column in columns]
    return margins, tf.stack(gradients, axis=1)


def losses_and_gradients(logits, images, labels):
    """Gives the cross-entropy of images, and its gradient with respect to the images.

    Args:
        logits: A `Logits`.
        images: `(N, H, W, C)` float32 tensor.
        labels: `(N,)`.

    Returns:
        Losses `(N,)` float64, nats, and gradients `(N, H, W, C)` float32.

    Raises:
        ValueError: If a step between the images and the scores has no gradient.
    """
    with tf.GradientTape() as tape:
        tape.watch(images)
        losses = cross_entropy(logits(images), labels)
    return losses, _gradient(tape, losses, images)


def _gradient(tape, values, images):
    """Gives the gradient of values with respect to images, or says what is in its way."""
    try:
        gradient = tape.gradient(values, images)
    except LookupError as error:  # an operation for which TensorFlow knows no gradient
        raise ValueError(f"{_NO_GRADIENT}: {error}") from error
    if gradient is None:
        raise ValueError(
            f"{_NO_GRADIENT}, as after rounding, a cast to integers, `stop_gradient` or "
            "`numpy_function`"
        )
    return gradient


class CompiledClassifier:
    """Answers, losses and gradients of a classifier, by functions that are traced once.

    Batches may have any length. No state of the model changes, not even the seeds of its random
    layers. In the scope of a `tf.distribute.MirroredStrategy`, the replicas share each batch of
    answers or losses.

    Args:
        logits: A `Logits`: the classifier.
        image_shape: `(H, W, C)`.
        batch_size: Images that the network is given at once. Defaults to None: by their size.
        frozen: Whether the weights are those of now, which is faster (see `FrozenLogits`). False
            for a model that goes on learning. Defaults to True.
    """

    def __init__(self, logits, image_shape, batch_size=None, *, frozen=True):
        self.logits = logits
        self.image_shape = tuple(image_shape)
        if batch_size is None:
            batch_size = batch_size_for(image_shape)
        self.batch_size = checks.integer("batch_size", batch_size)
        self._strategy = tf.distribute.get_strategy()
        self._compiled = {}
        if not logits.model.built:
            logits.model(tf.zeros((1, *self.image_shape)), training=False)
        self._forward = FrozenLogits(logits) if frozen else logits

    def answers(self, images):
        """Gives the class of the highest score, `(N,)` int64; -1 where a score is NaN."""
        return self._by_replicas(self._answers, tf.cast(images, tf.float32))

    def losses(self, images, labels):
        """Gives the cross-entropy of each image, `(N,)` float64, nats."""
        tensors = tf.cast(images, tf.float32), tf.cast(labels, tf.int32)
        return self._by_replicas(self._losses, *tensors)

    def scores(self, images):
        """Gives the model's scores of each image, `(N, K)` float32."""
        return self._by_replicas(self._scores, tf.cast(images, tf.float32))

    def distances(self, images, others, which):
        """Gives the Euclidean distance of each image's scores from those of `others[which]`.

        Args:
            images: `(B, H, W, C)`.
            others: `(M, H, W, C)`.
            which: `(B,)` ints, an image of `others` for each of `images`.

        Returns:
            `(B,)` float64.
        """
        tensors = (tf.cast(x, tf.float32) for x in (images, others))
        return self._call(self._distances, *tensors, tf.cast(which, tf.int32)).numpy()

    def margins_and_gradients(self, images, labels):
        """Gives margins `(N, M)` and their gradients `(N, M, H, W, C)`, as in `margins`."""
        tensors = tf.cast(images, tf.float32), tf.cast(labels, tf.int32)
        return [part.numpy() for part in self._call(self._gradients, *tensors)]

    def losses_and_gradients(self, images, labels):
        """Gives losses `(N,)` float64 and their gradients `(N, H, W, C)`."""
        tensors = tf.cast(images, tf.float32), tf.cast(labels, tf.int32)
        return [part.numpy() for part in self._call(self._loss_gradients, *tensors)]

    def _answers(self, images):
        return highest_score(self._scores(images))

    def _losses(self, images, labels):
        return cross_entropy(self._scores(images), labels)

    def _distances(self, images, others, which):
        difference = self._scores(images) - tf.gather(self._scores(others), which)
        return tf.cast(tf.norm(difference, axis=-1), tf.float64)

    def _gradients(self, images, labels):
        return margins_and_gradients(self._forward, images, labels)

    def _loss_gradients(self, images, labels):
        return losses_and_gradients(self._forward, images, labels)

    def _scores(self, images):
        # The scope takes what the call would change, such as seeds and losses, and drops it.
        with keras.StatelessScope():
            scores = self._forward(images)
        check_scores(scores, self.logits.num_classes)
        return scores

    def _call(self, function, *tensors):
        """Calls a function as a graph, which is traced at the first call."""
        name = function.__name__
        if name not in self._compiled:
            # TensorFlow warns of functions that are traced again and again, as for every new model.
            # It does not warn of concrete ones.
            graph = tf.function(function, autograph=False)
            specs = [tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype) for tensor in tensors]
            self._compiled[name] = graph.get_concrete_function(*specs)
        return self._compiled[name](*tensors)

    def _by_replicas(self, function, *tensors):
        """Calls a function on a batch, of which each of several replicas gets an equal part."""
        replicas, number = self._strategy.num_replicas_in_sync, len(tensors[0])
        if replicas == 1:
            return self._call(function, *tensors).numpy()
        each = -(-number // replicas)
        # Copies of the last image fill the last part.
        place = np.minimum(np.arange(replicas * each), number - 1).reshape(replicas, each)
        parts = [
            self._strategy.experimental_distribute_values_from_function(
                lambda context, tensor=tensor: tf.gather(
                    tensor, place[context.replica_id_in_sync_group]
                )
            )
            for tensor in tensors
        ]
        run = self._compiled.setdefault(
            function.__name__,
            tf.function(lambda *parts: self._strategy.run(function, parts), autograph=False),
        )
        results = self._strategy.experimental_local_results(run(*parts))
        return np.concatenate([part.numpy() for part in results])[:number]


def batch_size_for(image_shape):
    """Gives a batch size at which networks run at full speed, from the images' size alone.

    It is not measured on the machine: a size that depends on the machine's load would change the
    last bits of results.

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
