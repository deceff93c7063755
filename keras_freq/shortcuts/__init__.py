"""Whether a class's frequencies are a shortcut: do they suffice, are they needed, by chance?"""

from keras_freq.shortcuts.joint_search import FrequencySearch, frequency_search, search_cost
from keras_freq.shortcuts.necessity import recall_without_maps
from keras_freq.shortcuts.random_baseline import random_maps
from keras_freq.shortcuts.sufficiency import rates_under_maps
from keras_freq.shortcuts.verdicts import shortcut_table, shortcut_transfer

__all__ = [
    "FrequencySearch",
    "frequency_search",
    "random_maps",
    "rates_under_maps",
    "recall_without_maps",
    "search_cost",
    "shortcut_table",
    "shortcut_transfer",
]
