"""What a run has found, in sentences: every number comes from the files of its results folder."""

import numpy as np
import pandas as pd

from keras_freq.lab.pages import (
    class_in_words,
    names_in_words,
    others_in_words,
    percent,
    share,
    top,
)
from keras_freq.metrics import wilson_interval


def accuracy_of(confusion):
    """Computes the accuracy of a confusion matrix with its 95 % interval."""
    right, images = int(np.trace(confusion)), int(confusion.sum())
    low, high = wilson_interval(right, images)
    return {"accuracy": right / images, "low": low, "high": high, "images": images}


def accuracy_finding(confusion):
    """Says how often the network is right on the untouched test set."""
    found = accuracy_of(confusion)
    sentence = (
        f"{percent(found['accuracy'])} of the {found['images']} test images are classified "
        f"correctly (95 % interval {percent(found['low'])} to {percent(found['high'])})."
    )
    commonest = confusion.sum(axis=1).max() / found["images"]
    if found["low"] <= commonest:
        sentence += (
            f" Always naming the commonest class would be right for {percent(commonest)}: the "
            "network has not learned to tell these classes apart, and what follows means little."
        )
    return sentence


def learning_finding(frame, class_names):
    """Says which classes were learned first, by the mean F1 of the recorded training batches."""
    means = mean_f1(frame)
    steps = int(frame.loc[frame["source"] == "train", "step"].max())
    order = means.sort_values(ascending=False, kind="stable")
    said = {k: class_in_words(class_names[k]) for k in order.index}
    ranking = ", ".join(f"{said[k]} {value:.2f}" for k, value in order.head(8).items())
    more = f" and {others_in_words(len(order) - 8)}" if len(order) > 8 else ""
    return (
        f"Learned first: {said[order.index[0]]}. Mean F1 of the first {steps} training "
        f"batches: {ranking}{more}."
    )


def mean_f1(frame):
    """Computes the mean F1 of each class over the training batches; undefined values are 0."""
    train = frame[frame["source"] == "train"]
    return train["f1"].fillna(0).groupby(train["class_id"]).mean()


def verdict_finding(verdicts):
    """Says which class has a shortcut, from all tests together; it is the page's first sentence."""
    found = verdicts[verdicts["is_shortcut"]]
    if not found.empty:
        gain = pd.Series(0.0, found.index)
        if "swapped_in" in found:
            gain = found["swapped_in"] - found[["untouched_in", "other_in", "random_in"]].max(
                axis=1
            )
        order = gain.sort_values(ascending=False, kind="stable").index
        found = found.loc[order].sort_values("finding", kind="stable")
        told = [
            f"A frequency shortcut {word} {'. And to '.join(parts)}."
            for word, parts in (
                ("was found to", _with_reasons(found, "shortcut")),
                ("is suspected, to", _with_reasons(found, "suspected shortcut")),
            )
            if parts
        ]
        return " ".join(filter(None, [*told, carried_finding(verdicts, also=True)]))
    best = verdicts.assign(untold=verdicts["finding"] == "cannot tell")
    best = best.sort_values("untold", kind="stable").drop_duplicates("class_name")
    names = best.loc[~best["untold"], "class_name"]
    parts = []
    if len(names):
        parts.append(f"No frequency shortcut was found to {', '.join(map(class_in_words, names))}.")
    parts += [
        f"Of {class_in_words(row.class_name)} nothing can be told: "
        f"{row.verdict.removeprefix('cannot tell: ')}."
        for row in best[best["untold"]].itertuples()
    ]
    return " ".join(filter(None, [*parts, carried_finding(verdicts)]))


def _with_reasons(found, finding):
    """The classes of a finding with the reasons of their verdicts, each class once."""
    return [
        f"{class_in_words(row.class_name)}, in the {top(row.fraction)} of the frequencies: "
        f"{row.verdict.removeprefix(f'{finding}: ')}"
        for row in found.drop_duplicates("class_name").itertuples()
        if row.finding == finding
    ]


def carried_finding(verdicts, *, also=False):
    """Names the classes that are *carried by few*, and the evidence; "" if there are none.

    Args:
        verdicts: As from `keras_freq.shortcut_table`.
        also: Whether other classes with a shortcut are named before.
    """
    few = verdicts[verdicts["finding"] == "carried by few"]
    # A map of another size may have shown a shortcut of the class.
    shortcuts = verdicts.loc[verdicts["is_shortcut"], "class_name"]
    names = few.loc[~few["class_name"].isin(shortcuts), "class_name"].unique().tolist()
    if not names:
        return ""
    why = "they are most of the picture"
    if "fine_in" in verdicts:
        why = "without the frequencies in which all images are strong, others do not become it"
    return (
        f"Few frequencies carry {names_in_words(names)}{', too' * also}, but it may be that these "
        f"are just what the class looks like: {why}."
    )


def shortcut_finding(rates):
    """Says which maps are shortcuts: TPR and FPR are both above those of random maps."""
    both = rates[rates["is_shortcut"]]
    if both.empty:
        return (
            "No class's map has both a TPR and an FPR above random maps of the same size. That "
            "does not rule a shortcut out: an exchange of the frequencies between images would "
            "tell (keras_freq.transplant_rates)."
        )
    worst = both.sort_values("fpr", ascending=False, kind="stable")
    parts = [
        f"{class_in_words(row.class_name)} ({top(row.fraction)} of the frequencies: "
        f"TPR {percent(row.tpr)}, FPR {percent(row.fpr)})"
        for row in worst.drop_duplicates("class_name").itertuples()
    ]
    signs = "Signs of a shortcut, TPR and FPR both above random maps of the same size"
    return f"{signs}: {', '.join(parts)}."


def emptiness_finding(rates):
    """Says which class the network answers when hardly anything is left; None if there is none."""
    usual = rates[(rates["random_tpr"] > 0.5) & (rates["random_fpr"] > 0.5)]
    if usual.empty:
        return None
    names = " and ".join(map(class_in_words, usual["class_name"].unique()))
    return (
        "Most images of which only a few random frequencies are left are called "
        f"{names}, whatever they show: this is the network's answer to nearly empty images. So "
        f"high rates of {names} through its map say nothing of these frequencies, and low rates of "
        "other classes little of theirs."
    )


def need_finding(without):
    """Says which classes need their maps, each at the fraction where it shows most."""
    if without["random_recall"].isna().all():
        return None
    needed = without[without["is_needed"]]
    if needed.empty:
        return (
            "No class's recall falls clearly further without its map than without as many other "
            "frequencies."
        )
    gap = needed["random_recall"] - needed["recall_without"]
    largest = needed.loc[gap.sort_values(ascending=False, kind="stable").index]
    parts = [
        f"{class_in_words(row.class_name)} ({share(row.recall)} with all, "
        f"{share(row.recall_without)} without the {top(row.fraction)}, {share(row.random_recall)} "
        "without others)"
        for row in largest.drop_duplicates("class_name").itertuples()
    ]
    need = "Recall falls further without the class's map than without as many other frequencies"
    return f"{need}: {'; '.join(parts)}."


def planted_finding(planted):
    """Says how many of the planted pairs the maps have found."""
    best = planted.sort_values("recall", ascending=False, kind="stable").iloc[0]
    return (
        f"Ground truth: the {top(best.fraction)} of the frequencies of "
        f"{class_in_words(best.class_name)} hold {int(best.hits)} of its {int(best.planted)} "
        f"planted pairs (a random map of that size would hold {best.expected:.1f})."
    )
