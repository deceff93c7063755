"""The arguments of a search that more than one function reads."""

import operator

from keras_freq import checks
from keras_freq.importance.pooled_search import MOST_PASSES

METHODS = ("exhaustive", "screened")
BY = ("class", "all")


def class_numbers(classes, num_classes):
    """Reads the classes of interest, None or distinct labels, as a list in the order given."""
    if classes is None:
        return list(range(num_classes))
    listed = checks.distinct("classes", classes)
    try:
        listed = [operator.index(one) for one in listed]
        valid = all(0 <= one < num_classes for one in listed)
    except TypeError:  # names, fractions
        valid = False
    if not valid:
        raise ValueError(
            "`classes` must be the labels of the classes of interest, integers in "
            f"[0, {num_classes - 1}]. Received: classes={classes!r}"
        )
    return listed


def most_passes(max_evaluations, by, method):
    """Reads the passes that a search may spend, which only one search takes."""
    if max_evaluations is None:
        return MOST_PASSES
    if by != "all" or method != "screened":
        raise ValueError(
            '`max_evaluations` bounds a screened search with by="all", and no other. Leave it out, '
            f"or give `fractions` that cost less. Received: by={by!r}, method={method!r}"
        )
    return checks.integer("max_evaluations", max_evaluations)


def increasing_fractions(fractions):
    """Reads one or several shares of the spectrum as an increasing tuple of floats."""
    values = checks.real_array("fractions", fractions, "(fractions,)", ndim=(0, 1)).reshape(-1)
    what = "shares of the spectrum's cells"
    return tuple(sorted({checks.positive("fractions", one, what, most=1) for one in values}))
