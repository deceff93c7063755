"""Data sets on which a model is evaluated while it trains, with no effect on the training."""

import keras
import numpy as np

from keras_freq.classifier import CompiledClassifier, Logits, check_graph, check_input
from keras_freq.data.batches import as_batches, checked_batches, repeated, without_autotune


class Probes:
    """Counts TP, FP and FN of each class on data sets, by a compiled function of its own.

    Keras' own `evaluate` is not used: it would reset the metrics of the running epoch.

    Args:
        datasets: A dict of data sets by name, each a `tf.data.Dataset` of `(images, labels)`
            batches or a pair of arrays. None means no data set.
        num_classes: The number of classes K.
        reserved: The name that no data set may have.

    Raises:
        TypeError: If `datasets` is not a dict, or if a value in it is not a data set.
        ValueError: If a name is empty or reserved, or if a data set does not hold images and
            labels.
    """

    def __init__(self, datasets, num_classes, reserved):
        self.num_classes = num_classes
        self.datasets = _named_batches({} if datasets is None else datasets, reserved)
        self._model = self._output = None
        self._classifiers = {}

    def prepare(self, model, output=None):
        """Reads every data set once, and compiles the function that evaluates it.

        Args:
            model: A `keras.Model` from images to class scores. If the last call was for the same
                model and output, this call does nothing.
            output: The output of `model` that holds the class scores, a symbolic tensor, if there
                are several. Defaults to None: the model gives one tensor.

        Raises:
            ValueError: If a data set is broken, does not end, or does not fit the model.
        """
        if not self.datasets or (model is self._model and output is self._output):
            return
        whole = model
        if output is not None:
            with model.distribute_strategy.scope():
                # With a name of its own, the names of later models stay as they are.
                model = keras.Model(model.input, output, name=model.name)
        compiled = {}
        for name, batches in self.datasets.items():
            try:
                for images, _ in checked_batches(batches, self.num_classes):
                    shape = images.shape[1:]
                if shape not in compiled:
                    check_input(model, shape)
                    logits = Logits(model, self.num_classes)
                    compiled[shape] = CompiledClassifier(logits, shape, frozen=False)
                    # The first call traces it, and shows wrong scores before the first step. They
                    # may be NaN: that counts as no prediction.
                    compiled[shape].answers(images[:1])
                    check_graph(model, images[:2])
            except ValueError as error:
                raise ValueError(f"`probes[{name!r}]` cannot be used. {error}") from error
            self._classifiers[name] = compiled[shape]
        self._model, self._output = whole, output

    def counts(self):
        """Evaluates the prepared model, with the weights it has now.

        Returns:
            A dict of `(3, K)` int64 by name: TP, FP and FN of each class. If the model's output for
            an image is NaN, no class counts as predicted.
        """
        counts = {}
        for name, batches in self.datasets.items():
            counts[name] = np.zeros((3, self.num_classes), np.int64)
            try:
                for images, labels in checked_batches(batches, self.num_classes):
                    predicted = self._classifiers[name].answers(images)
                    counts[name] += _counts_of(labels, predicted, self.num_classes)
            except ValueError as error:
                raise ValueError(f"`probes[{name!r}]` cannot be used. {error}") from error
        return counts


def _named_batches(datasets, reserved):
    """Reads the data sets as batches, by name."""
    if not isinstance(datasets, dict):
        raise TypeError(
            "`probes` must be a dict of data sets by name, such as {'low-pass': dataset}. "
            f"Received: {type(datasets).__name__}"
        )
    named = {}
    for name, dataset in datasets.items():
        if not isinstance(name, str) or name in ("", reserved):
            raise ValueError(
                f"The names of `probes` must be non-empty strings other than {reserved!r}. "
                f"Received: {name!r}"
            )
        try:
            # A tuning thread can take longer to start and end than the evaluation takes.
            named[name] = repeated(without_autotune(as_batches(dataset)))
        except (TypeError, ValueError) as error:
            raise type(error)(f"`probes[{name!r}]` cannot be used. {error}") from error
    return named


def _counts_of(labels, predicted, num_classes):
    """Counts TP, FP and FN of each class, `(3, K)`. A prediction of -1 is for no class."""
    tp = np.bincount(labels[labels == predicted], minlength=num_classes)
    fp = np.bincount(predicted[predicted >= 0], minlength=num_classes) - tp
    return np.stack([tp, fp, np.bincount(labels, minlength=num_classes) - tp])
