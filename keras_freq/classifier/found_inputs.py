"""What the table of an input check says: which convention to use, in a sentence."""

import typing

from keras_freq import checks

# Differences from the best convention, and from chance, that are no accident.
SIGNIFICANT = 0.01


class InputFinding(typing.NamedTuple):
    """What an input check found.

    Attributes:
        inputs: The convention to use; None if the table speaks against using any, or against the
            one that was chosen.
        best: The convention of the highest accuracy.
        tied: Other conventions that are not clearly worse than the best one.
        sentence: What was found, for the reader.
    """

    inputs: str | None
    best: str
    tied: list
    sentence: str


def input_finding(table, chosen=None):
    """Says what an input check found, and which convention to use.

    A convention is clearly worse than the best one if their intervals are apart, if McNemar's test
    of the same images gives p < 0.01, or if its loss is higher, and one of two things tells more:
    the accuracy is lower, too, and the test of the losses gives p < 0.01; or the loss, and not that
    of the best one, is clearly more (p < 0.01) than that of equal scores for all classes. The
    model is no better than chance if its best answers
    are as often right, when they are dealt out to the images at random, in more than 1 % of the
    deals (divided by the number of conventions, of which the best was picked).

    Args:
        table: A DataFrame as from `keras_freq.check_inputs`.
        chosen: The convention that the user has chosen. Defaults to None: the best one is used.

    Returns:
        An `InputFinding`. Its `inputs` is None where the analysis of the model should stop: no
        convention is better than chance, or another than the chosen one is clearly better.

    Raises:
        TypeError: If `table` is no such DataFrame.
        ValueError: Likewise, or if it has no row of `chosen`.

    Example:
        >>> import pandas as pd
        >>> rows = {"inputs": ["-1..1", "0..1"], "accuracy": [0.89, 0.82], "loss": [0.5, 0.7]}
        >>> rows |= {"accuracy_low": [0.87, 0.79], "accuracy_high": [0.91, 0.84]}
        >>> rows |= {"images": 1000, "p_value": [float("nan"), 1e-9]}
        >>> rows |= {"loss_p_value": [float("nan"), 1e-30], "guessing_p_value": 1.0}
        >>> rows |= {"chance": 0.001, "chance_p_value": 1e-4}
        >>> finding = input_finding(pd.DataFrame(rows))
        >>> finding.inputs
        '-1..1'
        >>> print(finding.sentence)
        Of 1000 images, the model is right about 89 % if it is given [-1, 1], and about 82 % or less
        in any other way.
        >>> input_finding(pd.DataFrame(rows), chosen="0..1").inputs is None
        True
    """
    columns = ("inputs", "accuracy", "accuracy_low", "accuracy_high", "loss", "images")
    columns += ("p_value", "loss_p_value", "guessing_p_value", "chance", "chance_p_value")
    checks.table("table", table, columns, "keras_freq.check_inputs")
    rows = {row.inputs: row for row in table.itertuples()}
    if chosen is not None:
        checks.choice("chosen", chosen, tuple(rows))
    best = table.inputs.iloc[0]
    others = [name for name in rows if name != best]
    same = [name for name in others if not _less_accurate(rows[name], rows[best])]
    by_loss = [name for name in same if _of_worse_loss(rows[name], rows[best])]
    tied = [name for name in same if name not in by_loss]
    inputs, sentence = _judged(rows, best, tied, chosen)
    if inputs == best or chosen in by_loss:
        sentence += _losses(rows, best, by_loss)
    return InputFinding(inputs, best, tied, sentence)


_WORDS = {
    "0..1": "[0, 1]",
    "0..255": "0 to 255",
    "-1..1": "[-1, 1]",
    "torch": "ImageNet's mean and deviation taken off (torch)",
    "caffe": "BGR with ImageNet's mean taken off (caffe)",
    "preprocessor": "what its own preprocessor makes",
}


def _less_accurate(row, best):
    """Tells whether a convention is clearly less often right than the best one."""
    return row.accuracy_high < best.accuracy_low or row.p_value < SIGNIFICANT


def _of_worse_loss(row, best):
    """Tells whether the losses say that a convention is worse than the best one."""
    # A wrong range may also lower the loss of a network that is too sure. So the loss speaks only
    # where the accuracy says the same, or where no trained network has such a loss: more than
    # without looking at the images.
    agrees = row.accuracy < best.accuracy and row.loss_p_value < SIGNIFICANT
    absurd = row.guessing_p_value < SIGNIFICANT <= best.guessing_p_value
    return row.loss > best.loss and (agrees or absurd)


def _judged(rows, best, tied, chosen):
    """Gives the convention to use, or None, and the sentence of what was found."""
    number, top = int(rows[best].images), rows[best].accuracy
    if rows[best].chance_p_value > SIGNIFICANT / len(rows):
        return None, (
            f"The model is no better than chance, whatever values it is given: of {number} images "
            f"it is right about {_percent(top)} at best ({_percent(rows[best].chance)} by chance). "
            "Are its classes in the order of the labels, and are its weights the trained ones?"
        )
    begin = f"Of {number} images, the model is right about "
    given = f"{_percent(top)} if it is given {_words(best)}"
    if chosen not in (None, best):
        own = f"{_percent(rows[chosen].accuracy)} if it is given {_words(chosen)}"
        if chosen in tied:
            return chosen, f"{begin}{own}; no other way is clearly better."
        return None, f"{begin}{own}, and about {given}: use inputs={best!r}."
    if not tied:
        most = max(row.accuracy for name, row in rows.items() if name != best)
        return best, f"{begin}{given}, and about {_percent(most)} or less in any other way."
    others = " or ".join(f"{_words(name)} ({_percent(rows[name].accuracy)})" for name in tied)
    if chosen == best:
        return best, f"{begin}{given}; it may as well take {others}."
    return best, (
        f"{begin}{given}. Whether it takes {others} instead cannot be told from them: give "
        "`inputs` if you know."
    )


def _losses(rows, best, worse):
    """Says which conventions the losses rule out where the accuracy does not; or ""."""
    if not worse:
        return ""
    others = " and ".join(f"{_words(name)} ({rows[name].loss:.3g} nats)" for name in worse)
    return f" The loss rules out {others}: it is {rows[best].loss:.3g} nats with {_words(best)}."


def _words(name):
    return _WORDS.get(name, name)


def _percent(share):
    """A share in percent, with a digit after the point where it is small."""
    return f"{100 * share:.{0 if share == 0 or share >= 0.1 else 1}f} %"
