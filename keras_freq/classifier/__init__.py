"""Any model as a classifier: logits from images, and what a model must be for an analysis."""

from keras_freq.classifier.logits import (
    cross_entropy,
    logits_of,
    outputs_are_logits,
    without_softmax,
)

__all__ = ["cross_entropy", "logits_of", "outputs_are_logits", "without_softmax"]
