"""Any model as a classifier: checked, read as logits, and compiled."""

from keras_freq.classifier.compiled import CompiledClassifier, batch_size_for, highest_score
from keras_freq.classifier.logits import (
    Logits,
    cross_entropy,
    logits_of,
    outputs_are_logits,
    without_softmax,
)
from keras_freq.classifier.margins import num_margins
from keras_freq.classifier.model_check import (
    check_finite,
    check_input,
    check_model,
    check_scores,
)

__all__ = [
    "CompiledClassifier",
    "Logits",
    "batch_size_for",
    "check_finite",
    "check_input",
    "check_model",
    "check_scores",
    "cross_entropy",
    "highest_score",
    "logits_of",
    "num_margins",
    "outputs_are_logits",
    "without_softmax",
]
