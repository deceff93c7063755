"""Which classes have a shortcut by the tests that were made: sections of others name them first."""

from keras_freq.shortcuts import shortcut_table


def shortcut_names(results):
    """Names the classes with a shortcut, the strongest first; none before the exchange was made."""
    moved = results.get("transplants")
    if moved is None:
        return []
    table = shortcut_table(results.get("rates"), results.get("without_maps"), moved)
    found = table[table["is_shortcut"]].sort_values("swapped_in", ascending=False, kind="stable")
    return found["class_name"].tolist()
