"""Experiment files: their schema, and how they are read and written. TensorFlow-free.

An experiment file is TOML, checked whole before anything runs. A `[sweep]` table runs every
combination of its lists, and one with a `[transfer]` table is a transfer experiment.

Example:
    >>> experiment = parse_experiment({
    ...     "name": "demo",
    ...     "data": {"source": "frequency_bands", "band": 1},
    ...     "model": {"name": "AlexNetSmall"},
    ...     "train": {"steps": 500},
    ... })
    >>> list(experiment.filters)
    ['without band 1', 'without band 2', 'without band 3', 'without band 4']
"""

from keras_freq.lab.config.errors import ConfigError
from keras_freq.lab.config.files import load_experiments, parse_experiment, to_toml
from keras_freq.lab.config.schema import (
    DATA_SOURCES,
    IMPORTANCE_METHODS,
    MODELS,
    Experiment,
)
from keras_freq.lab.config.transfer import CLASS_GROUPS, DIRECTIONS, TREATMENTS, TransferExperiment

__all__ = [
    "CLASS_GROUPS",
    "DATA_SOURCES",
    "DIRECTIONS",
    "IMPORTANCE_METHODS",
    "MODELS",
    "TREATMENTS",
    "ConfigError",
    "Experiment",
    "TransferExperiment",
    "load_experiments",
    "parse_experiment",
    "to_toml",
]
