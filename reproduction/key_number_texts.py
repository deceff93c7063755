"""Reading tables of results, and words for their numbers, for the key numbers of claims."""

import pathlib

import numpy as np
import pandas as pd

from keras_freq.metrics.intervals import mean_interval

HERE = pathlib.Path(__file__).parent


def table(name):
    """A table of results, by its path in this folder."""
    return pd.read_csv(HERE / name)


def span(values, form="{:.2f}"):
    """Lowest to highest of some numbers."""
    low, high = form.format(min(values)), form.format(max(values))
    return low if low == high else f"{low} to {high}"


def some(names):
    """A count of some networks, or other things, of all: "8 of 8"."""
    names = list(names)
    return f"{sum(map(bool, names))} of {len(names)}"


def share(row):
    """A percentage with its interval."""
    return f"{100 * row['share']:.0f} % ({100 * row['low']:.0f} to {100 * row['high']:.0f})"


def in_points(differences):
    """Mean and Student's t interval of paired differences of accuracies."""
    values = 100 * np.asarray(differences, float)
    low, high = mean_interval(values)
    return f"{values.mean():+.1f} ({low:+.1f} to {high:+.1f})"
