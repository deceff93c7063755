"""The page of a run."""

import numpy as np

from keras_freq.lab import pages
from keras_freq.lab.pages import run_findings
from keras_freq.lab.pages.filter_finding import filter_finding
from keras_freq.lab.store import CONFIG, ENVIRONMENT
from keras_freq.lab.tables import (
    fraction_label,
    read_matrices,
    read_npz,
    read_table,
    read_table_if_there,
)
from keras_freq.metrics import multiclass_auc

NEEDED = (
    *(CONFIG, ENVIRONMENT, "history.csv", "class_metrics.csv", "confusion.csv"),
    *("class_rates.csv", "relative_confusion.csv", "scores.npz", "spectra.npz", "figures"),
)
CLASS_RATES = [
    ("class", "{class_name}"),
    ("images", "{images}"),
    ("accuracy", "{accuracy:rate}"),
    ("precision", "{precision:rate}"),
    ("recall", "{recall:rate}"),
    ("specificity", "{specificity:rate}"),
    ("F1", "{f1:rate}"),
    ("Youden's J", "{youden_j:rate}"),
    ("FPR", "{fpr:rate}"),
    ("AUC", "{auc:rate}"),
]
EVIDENCE = [
    ("class", "{class_name}"),
    ("cells", "{cells:count}"),
    ("above 2 standard errors", "{significant:rate}"),
    ("stability", "{split_half:rate} (chance {chance:rate})"),
    ("TPR", "{tpr:rate} ({tpr_low:rate} to {tpr_high:rate})"),
    ("random maps", "{random_tpr:rate}, up to {random_tpr_high:rate}"),
    ("FPR", "{fpr:rate} ({fpr_low:rate} to {fpr_high:rate})"),
    ("random maps", "{random_fpr:rate}, up to {random_fpr_high:rate}"),
]
TRANSPLANTS = [
    ("class", "{class_name}"),
    ("exchanged", "{what}"),
    ("others become it", "{swapped_in:rate} ({swapped_in_low:rate} to {swapped_in_high:rate})"),
    ("untouched", "{untouched_in:rate}"),
    ("by other classes", "{other_in:rate}"),
    ("random maps", "{random_in:rate}, up to {random_in_high:rate}"),
    ("by its fine part (random)", "{fine_in:rate} ({fine_random_in:rate})"),
    ("recall left", "{swapped_out:rate} ({swapped_out_low:rate} to {swapped_out_high:rate})"),
    ("untouched", "{untouched_out:rate}"),
    ("by its own class", "{same_out:rate}"),
    ("random maps", "{random_out:rate}, down to {random_out_low:rate}"),
]
VERDICTS = [("class", "{class_name}"), ("cells", "{cells:count}"), ("verdict", "{verdict}")]
RECALLS = [
    ("class", "{class_name}"),
    ("images", "{images}"),
    ("recall", "{recall:rate}"),
    (
        "without its map",
        "{recall_without:rate} ({recall_without_low:rate} to {recall_without_high:rate})",
    ),
    ("without others", "{random_recall:rate}, down to {random_recall_low:rate}"),
    ("needs its map", "{needed}"),
]


def write_run_page(folder):
    """Writes `report.html` of a run.

    Args:
        folder: A results folder of `run_experiment`.

    Returns:
        The page's `pathlib.Path`.

    Raises:
        ConfigError: If it is no results folder, or its run has not come to its end.
    """
    folder = pages.check_finished(folder, NEEDED)
    facts = pages.facts_of(folder)
    names = read_npz(folder / "spectra.npz")["class_names"].tolist()
    confusion = read_matrices(folder / "confusion.csv")["test"]
    relative = read_matrices(folder / "relative_confusion.csv")
    recorded = read_table(folder / "class_metrics.csv")
    rates, without, planted, stability, transplants, verdicts = (
        read_table_if_there(folder / f"{name}.csv")
        for name in ("rates", "without_maps", "planted", "stability", "transplants", "verdicts")
    )
    findings = [
        None if verdicts is None else run_findings.verdict_finding(verdicts),
        run_findings.accuracy_finding(confusion),
        run_findings.learning_finding(recorded, names),
        filter_finding(relative, confusion, names),
    ]
    if planted is not None:
        findings.append(run_findings.planted_finding(planted))
    if rates is not None:
        if transplants is None:
            findings.append(run_findings.shortcut_finding(rates))
        findings.append(run_findings.emptiness_finding(rates))
    if without is not None:
        findings.append(run_findings.need_finding(_beyond_chance(without, verdicts)))
    fractions = facts["config"]["analysis"]["fractions"] if rates is not None else []
    evidence = [
        (
            fraction,
            fraction_label(fraction),
            evidence_table(
                pages.at_fraction(rates, fraction), pages.at_fraction(stability, fraction)
            ),
            None if without is None else recalls_table(pages.at_fraction(without, fraction)),
            None
            if transplants is None
            else transplants_table(pages.at_fraction(transplants, fraction)),
            None
            if verdicts is None
            else pages.table(pages.at_fraction(verdicts, fraction), VERDICTS),
        )
        for fraction in fractions
    ]
    shown = {
        "class_names": names,
        "findings": [sentence for sentence in findings if sentence],
        "evidence": evidence,
        "class_rates": pages.table(read_table(folder / "class_rates.csv"), CLASS_RATES),
        "auc_sentence": auc_sentence(**read_npz(folder / "scores.npz")),
    }
    return pages.write_page(folder, "run.html", facts | shown)


def _beyond_chance(without, verdicts):
    """Recalls in which a map is needed only if its verdict, of all tests together, says so."""
    if verdicts is None:
        return without
    keys = ["fraction", "class_name"]
    found = without[keys].merge(verdicts[[*keys, "finding"]], how="left", on=keys)["finding"]
    told = found.isin(["shortcut", "carried by few", "needed", "needed and specific"]).to_numpy()
    return without.assign(is_needed=without["is_needed"] & told)


def evidence_table(rates, stability):
    """Makes the table of TPR and FPR under the maps of one fraction."""
    stability = stability.reindex(columns=["significant", "split_half", "chance"])
    columns = {name: column.to_numpy() for name, column in stability.items()}
    return pages.table(rates.assign(**columns), EVIDENCE)


def transplants_table(transplants):
    """Makes the table of exchanges of the maps of one fraction."""
    # Runs of earlier versions have no fine parts.
    missing = {"fine_in", "fine_random_in"} - set(transplants)
    return pages.table(transplants.assign(**dict.fromkeys(missing, np.nan)), TRANSPLANTS)


def recalls_table(without):
    """Makes the table of recalls without the maps of one fraction."""
    needed = np.where(without["is_needed"], "yes", "not shown")
    # Maps of half of the frequencies leave nothing to compare with.
    needed = np.where(without["random_recall"].isna(), pages.UNDEFINED, needed)
    return pages.table(without.assign(needed=needed), RECALLS)


def auc_sentence(labels, scores):
    """Says the two areas under the ROC curve of all classes together."""
    pairs, rest = (
        multiclass_auc(labels, scores, average=average)
        for average in ("hand_till", "provost_domingos")
    )
    return (
        f"AUC of all classes: {pairs:.3f} as the mean over pairs of classes (Hand and Till), "
        f"{rest:.3f} as the mean of each class against the rest, weighted by its images (Provost "
        "and Domingos)."
    )
