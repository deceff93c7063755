"""What a network is worth before any of its shortcuts is looked for."""

import numpy as np

# A network that calls so many images one class has collapsed.
_COLLAPSED = 0.9
# A mean recall that is not so far above guessing is that of a network that has hardly learned.
_LEARNED = 0.1
# A class whose recall is no further above its false alarms is not recognised at all.
_RECOGNISED = 0.05


def network_state(recalls, false_alarms, positives):
    """Says whether a network has collapsed or has hardly learned anything.

    Args:
        recalls: `(K,)` recall of each class on untouched images; NaN without images.
        false_alarms: `(K,)`, the share of other images that are called the class.
        positives: `(K,)`, images of each class.

    Returns:
        A sentence without its full stop, and whether the network has collapsed. The sentence is
        empty for a network that is worth looking at.

    Example:
        >>> network_state([1.0, 0.0], [0.98, 0.0], [50, 50])
        ('the network has collapsed: it calls 99 % of all images one class', True)
    """
    recalls, false_alarms, positives = map(np.asarray, (recalls, false_alarms, positives))
    there = positives > 0
    if there.sum() < 2:
        return "", False
    negatives = positives.sum() - positives
    called = np.nan_to_num(recalls) * positives + np.nan_to_num(false_alarms) * negatives
    most, mean, guessing = called.max() / positives.sum(), recalls[there].mean(), 1 / there.sum()
    if mean >= guessing + _LEARNED:
        return "", False
    if most >= _COLLAPSED:
        share = f"{100 * most:.0f} %"
        return f"the network has collapsed: it calls {share} of all images one class", True
    known, guessed = f"{100 * mean:.0f} %", f"{100 * guessing:.0f} %"
    return (
        f"the network has hardly learned: its mean recall is {known}, and guessing gives {guessed}",
        False,
    )


def is_recognised(recall, false_alarms, positives, negatives):
    """Whether a class's recall is clearly above the share of other images that are called it.

    By two standard errors of their difference, and by 5 points.

    Example:
        >>> is_recognised(0.6, 0.5, 30, 90), is_recognised(0.6, 0.5, 300, 900)
        (False, True)
    """
    if not positives or not negatives:
        return False
    variance = recall * (1 - recall) / positives + false_alarms * (1 - false_alarms) / negatives
    excess = recall - false_alarms
    return bool(round(excess, 9) >= _RECOGNISED and excess > 2 * np.sqrt(variance))
