"""Experiment files: their schema, and how they are read and written. TensorFlow-free.

An experiment file is TOML, checked whole before anything runs. A `[sweep]` table runs every
combination of its lists.

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

from keras_freq.config.errors import ConfigError
from keras_freq.config.files import load_experiments, parse_experiment, to_toml
from keras_freq.config.schema import (
    DATA_SOURCES,
    FILTERS,
    IMPORTANCE_METHODS,
    MODELS,
    Experiment,
)

__all__ = [
    "DATA_SOURCES",
    "FILTERS",
    "IMPORTANCE_METHODS",
    "MODELS",
    "ConfigError",
    "Experiment",
    "load_experiments",
    "parse_experiment",
    "to_toml",
]
