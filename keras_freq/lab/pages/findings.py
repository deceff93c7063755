"""What a results folder says, in sentences and tables: numbers only from its files."""

import numpy as np
import pandas as pd

from keras_freq.metrics import multiclass_auc, wilson_interval

RATE_TITLES = {
    "accuracy": "accuracy",
    "precision": "precision",
    "recall": "recall",
    "specificity": "specificity",
    "f1": "F1",
    "youden_j": "Youden's J",
    "fpr": "FPR",
    "auc": "AUC",
}


def accuracy_finding(confusion):
    """How often the network is right on the untouched test set, with its interval."""
    right, total = int(np.trace(confusion)), int(confusion.sum())
    low, high = wilson_interval(right, total)
    sentence = (
        f"{percent(right / total)} of the {total} test images are classified correctly "
        f"(95 % interval {percent(low)} to {percent(high)})."
    )
    commonest = confusion.sum(axis=1).max() / total
    if low <= commonest:
        sentence += (
            f" Always naming the commonest class would be right for {percent(commonest)}: the "
            "network has not learned to tell these classes apart, and what follows means little."
        )
    return sentence


def learning_finding(frame, class_names):
    """Which classes were learned first: the mean F1 of the recorded training batches."""
    means = mean_f1(frame)
    steps = int(frame.loc[frame["source"] == "train", "step"].max())
    order = means.sort_values(ascending=False, kind="stable")
    ranking = ", ".join(f"{class_names[k]} {value:.2f}" for k, value in order.head(8).items())
    more = f" and {len(order) - 8} more" if len(order) > 8 else ""
    return (
        f"Learned first: {class_names[order.index[0]]}. Mean F1 of the first {steps} training "
        f"batches: {ranking}{more}."
    )


def mean_f1(frame):
    """Mean F1 by class over the recorded training batches, undefined values as 0."""
    train = frame[frame["source"] == "train"]
    return train["f1"].fillna(0).groupby(train["class_id"]).mean()


def filter_finding(relative, class_names):
    """Which filter costs each class the most."""
    if not relative:
        return None
    drops = pd.DataFrame({name: np.diag(matrix) for name, matrix in relative.items()})
    worst = drops.min(axis=1).sort_values(kind="stable")
    parts = [
        f"{class_names[k]} loses {-value:.0f} points of recall on “{drops.loc[k].idxmin()}”"
        for k, value in worst.head(4).items()
        if value < 0
    ]
    if not parts:
        return "No filter lowers the recall of any class."
    return "What hurts most: " + "; ".join(parts) + "."


def shortcut_finding(rates):
    """Which maps are shortcuts: TPR and FPR both above those of random maps."""
    both = rates[rates["is_shortcut"]]
    if both.empty:
        return (
            "No class's map has both a TPR and an FPR above random maps of the same size: "
            "no sign of a frequency shortcut on this test set."
        )
    weak = both["verdict"].str.startswith("weak")
    worst = both.assign(weak=weak).sort_values(["weak", "fpr"], ascending=[True, False])
    parts = [
        f"{row.class_name} (top {100 * row.fraction:.3g} % of the frequencies: "
        f"TPR {percent(row.tpr)}, FPR {percent(row.fpr)}" + (", weak)" if row.weak else ")")
        for row in worst.drop_duplicates("class_name").itertuples()
    ]
    return (
        "Signs of a shortcut, TPR and FPR both above random maps of the same size: "
        + ", ".join(parts)
        + "."
    )


def emptiness_finding(rates):
    """Which class is answered to images of which hardly anything is left, whatever the map."""
    usual = rates[(rates["random_tpr"] > 0.5) & (rates["random_fpr"] > 0.5)]
    if usual.empty:
        return None
    names = " and ".join(usual["class_name"].unique())
    return (
        f"Through random maps, most images are called {names} as well: this is the network's "
        "answer where little is left, and it hides what other classes' maps would show."
    )


def need_finding(without):
    """Which classes need their maps, each at the fraction that tells it best."""
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
        f"{row.class_name} ({number(row.recall)} with all, {number(row.recall_without)} without "
        f"the top {100 * row.fraction:.3g} %, {number(row.random_recall)} without others)"
        for row in largest.drop_duplicates("class_name").itertuples()
    ]
    return (
        "Recall falls further without the class's map than without as many other frequencies: "
        + "; ".join(parts)
        + "."
    )


def planted_finding(planted):
    """How much of the planted truth the maps found."""
    best = planted.sort_values("recall", ascending=False, kind="stable").iloc[0]
    return (
        f"Ground truth: the top {100 * best.fraction:.3g} % of the frequencies of "
        f"{best.class_name} hold {int(best.hits)} of its {int(best.planted)} planted pairs "
        f"(a random map of that size would hold {best.expected:.1f})."
    )


def rates_table(class_rates):
    """The eight rates by class and their macro average, as (header, rows) of strings."""
    header = ["class", "images", *RATE_TITLES.values()]
    rows = [
        [row["class_name"], str(row["images"]), *(number(row[key]) for key in RATE_TITLES)]
        for row in class_rates.to_dict("records")
    ]
    return header, rows


def auc_sentence(labels, scores):
    """The two areas under the ROC curve of all classes together."""
    pairs, rest = (
        multiclass_auc(labels, scores, average=average)
        for average in ("hand_till", "provost_domingos")
    )
    return (
        f"AUC of all classes: {pairs:.3f} as the mean over pairs of classes (Hand and Till), "
        f"{rest:.3f} as the mean of each class against the rest, weighted by its images (Provost "
        "and Domingos)."
    )


def evidence_table(rates, stability):
    """TPR and FPR under the maps of one fraction, as (header, rows) of strings."""
    header = ["class", "cells", "stability", "TPR", "random maps", "FPR", "random maps", "verdict"]
    rows = [
        [
            row.class_name,
            str(int(row.cells)),
            f"{number(agreement.split_half)} (chance {number(agreement.chance)})",
            f"{number(row.tpr)} ({number(row.tpr_low)} to {number(row.tpr_high)})",
            f"{number(row.random_tpr)}, up to {number(row.random_tpr_high)}",
            f"{number(row.fpr)} ({number(row.fpr_low)} to {number(row.fpr_high)})",
            f"{number(row.random_fpr)}, up to {number(row.random_fpr_high)}",
            row.verdict,
        ]
        for row, agreement in zip(rates.itertuples(), stability.itertuples(), strict=True)
    ]
    return header, rows


def recalls_table(without):
    """Recalls without the maps of one fraction, as (header, rows) of strings."""
    header = ["class", "images", "recall", "without its map", "without others", "needs its map"]
    rows = [
        [
            row.class_name,
            str(row.images),
            number(row.recall),
            f"{number(row.recall_without)} "
            f"({number(row.recall_without_low)} to {number(row.recall_without_high)})",
            f"{number(row.random_recall)}, down to {number(row.random_recall_low)}",
            "–" if pd.isna(row.random_recall) else "yes" if row.is_needed else "not shown",
        ]
        for row in without.itertuples()
    ]
    return header, rows


def percent(value):
    """A share as a percentage."""
    return f"{100 * float(value):.1f} %"


def number(value):
    """A rate with two digits, a dash where it is undefined."""
    return "–" if pd.isna(value) else f"{float(value):.2f}"
