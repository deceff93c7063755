"""Classifiers as fully convolutional networks: dense prediction, several scales, ten crops."""

from keras_freq.dense.conversion import convolutionize
from keras_freq.dense.offsets import dense_pooling
from keras_freq.dense.views import map_geometry, predict_multiscale, predict_ten_crop

__all__ = [
    "convolutionize",
    "dense_pooling",
    "map_geometry",
    "predict_multiscale",
    "predict_ten_crop",
]
