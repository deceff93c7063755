"""Classifiers as fully convolutional networks: dense prediction, several scales, ten crops."""

from keras_freq.dense.averaged_predictions import (
    map_geometry,
    predict_multiscale,
    predict_ten_crop,
)
from keras_freq.dense.fully_convolutional import convolutionize
from keras_freq.dense.pooling_at_every_offset import dense_pooling

__all__ = [
    "convolutionize",
    "dense_pooling",
    "map_geometry",
    "predict_multiscale",
    "predict_ten_crop",
]
