"""The sentences of a run's page, against results made by hand."""

import numpy as np
import pandas as pd
from page_cases import NAMES, rates, without_maps

from keras_freq.lab.pages import run_findings as findings
from keras_freq.lab.pages.filter_finding import filter_finding

TOLD_APART = np.array([[9, 1], [1, 9]])


def test_accuracy_with_its_interval():
    # 8 of 10: the Wilson interval is 49.0 % to 94.3 %.
    sentence = findings.accuracy_finding(np.array([[4, 1], [1, 4]]))
    assert sentence == (
        "80.0 % of the 10 test images are classified correctly (95 % interval 49.0 % to 94.3 %)."
        " Always naming the commonest class would be right for 50.0 %: the network has not learned"
        " to tell these classes apart, and what follows means little."
    )


def test_a_network_at_chance_is_called_so():
    # 6 of 10, interval 31.3 % to 83.2 %, where half of the images are cats.
    sentence = findings.accuracy_finding(np.array([[3, 2], [2, 3]]))
    assert "Always naming the commonest class would be right for 50.0 %" in sentence
    assert "commonest" not in findings.accuracy_finding(np.array([[40, 1], [1, 40]]))


def test_what_is_learned_first_counts_training_batches_only():
    frame = pd.DataFrame(
        {
            "step": [1, 1, 2, 2, 2, 2],
            "source": ["train"] * 4 + ["test"] * 2,
            "class_id": [0, 1, 0, 1, 0, 1],
            "f1": [np.nan, 0.5, 0.4, 0.7, 1.0, 0.0],
        }
    )
    sentence = findings.learning_finding(frame, NAMES)
    assert sentence == (
        "Learned first: dog. Mean F1 of the first 2 training batches: dog 0.60, cat 0.20."
    )


def test_what_hurts_most_names_filter_and_loss():
    relative = {
        "without band 1": np.array([[-5.0, 5.0], [0.0, 0.0]]),
        "low-pass": np.array([[-60.0, 60.0], [1.0, -1.0]]),
    }
    assert filter_finding(relative, TOLD_APART, NAMES) == (
        "What hurts most: cat loses 60 points of recall on “low-pass”; "
        "dog loses 1 point of recall on “low-pass”."
    )
    assert filter_finding({}, TOLD_APART, NAMES) is None
    harmless = {"low-pass": np.array([[0.0, 0.0], [np.nan, np.nan]])}
    assert (
        filter_finding(harmless, TOLD_APART, NAMES) == "No filter lowers the recall of any class."
    )


def test_a_guess_that_shifts_is_no_loss_that_hurts():
    """What dog loses, cat gains: the network says cat for both then."""
    shifts = np.array([[54.0, -80.0, 26.0], [66.0, -86.0, 20.0], [0.0, 10.0, -10.0]])
    relative = {"band 4": shifts, "band 1": np.array([[-1.0, 1, 0], [2, -2, 0], [0, 0, 0]])}
    names, untold = ["cat", "dog", "frog"], np.array([[19, 81, 0], [12, 88, 0], [0, 0, 100]])
    begin = (
        "What hurts most: frog loses 10 points of recall on “band 4”; cat loses 1 point of recall "
        "on “band 1”. On “band 4” a guess shifts: dog loses 86 points of recall, of which 66 are "
        "called cat instead, and cat gains 54 points."
    )
    assert filter_finding(relative, untold, names) == (
        f"{begin} On untouched images, too, it does not clearly tell the two apart."
    )
    told = np.array([[90, 10, 0], [12, 88, 0], [0, 0, 100]])
    assert filter_finding(relative, told, names) == begin
    # Where the other gains little, it is no shift, whatever the images are called.
    shifts[0] = [20, -20, 0]
    assert "a guess shifts" not in filter_finding(relative, untold, names)
    # Nor where another class has the images.
    shifts[0], shifts[1] = [54, -54, 0], [20, -86, 66]
    assert "a guess shifts" not in filter_finding(relative, untold, names)


def verdicts(*rows):
    columns = ["fraction", "class_name", "finding", "verdict", "swapped_in"]
    frame = pd.DataFrame(rows, columns=columns).assign(untouched_in=0.1, other_in=0.1)
    return frame.assign(random_in=0.1, is_shortcut=frame["finding"] == "shortcut")


def test_the_first_sentence_names_the_strongest_shortcut():
    found = verdicts(
        (0.01, "cat", "shortcut", "shortcut: some become it", 0.3),
        (0.01, "dog", "nothing found", "nothing found: 10 %", 0.1),
        (0.05, "cat", "shortcut", "shortcut: most become it", 0.9),
        (0.05, "dog", "shortcut", "shortcut: half become it", 0.5),
    )
    assert findings.verdict_finding(found) == (
        "A frequency shortcut was found to cat, in the top 5 % of the frequencies: most become it. "
        "And to dog, in the top 5 % of the frequencies: half become it."
    )


def test_a_suspicion_is_no_finding():
    cat = (0.05, "cat", "suspected shortcut", "suspected shortcut: most become it", 0.9)
    dog = (0.05, "dog", "shortcut", "shortcut: half become it", 0.5)
    both = verdicts(cat, dog).assign(is_shortcut=True)
    suspected = (
        "A frequency shortcut is suspected, to cat, in the top 5 % of the frequencies: most "
        "become it."
    )
    assert findings.verdict_finding(both.iloc[:1]) == suspected
    assert findings.verdict_finding(both) == (
        "A frequency shortcut was found to dog, in the top 5 % of the frequencies: half become "
        f"it. {suspected}"
    )


def test_without_a_shortcut_the_first_sentence_says_where_nothing_can_be_told():
    found = verdicts(
        (0.01, "cat", "cannot tell", "cannot tell: its map is empty", np.nan),
        (0.05, "cat", "needed", "needed: its recall is 10 %", 0.1),
        (0.05, "dog", "cannot tell", "cannot tell: there are no images of it", 0.1),
    )
    assert findings.verdict_finding(found) == (
        "No frequency shortcut was found to cat. Of dog nothing can be told: there are no images "
        "of it."
    )


def test_what_the_class_may_just_look_like_is_no_shortcut():
    rows = [
        (f, "cat", "carried by few", "carried by few: most become it", 0.9) for f in (0.01, 0.05)
    ]
    may = "but it may be that these are just what the class looks like:"
    few = f"Few frequencies carry cat, {may} they are most of the picture."
    none = "No frequency shortcut was found to cat."
    assert findings.verdict_finding(verdicts(*rows)) == f"{none} {few}"
    # With fine parts there is better evidence than the energy.
    fine = "without the frequencies in which all images are strong, others do not become it."
    told = findings.verdict_finding(verdicts(*rows).assign(fine_in=0.1))
    assert told == f"{none} Few frequencies carry cat, {may} {fine}"
    dog = (0.05, "dog", "shortcut", "shortcut: half become it", 0.5)
    told = findings.verdict_finding(verdicts(*rows, dog))
    assert told.endswith(f": half become it. {few.replace('cat,', 'cat, too,')}")
    # What a map of another size has shown to be a shortcut is not called in doubt.
    cat = (0.1, "cat", "shortcut", "shortcut: half become it", 0.5)
    assert findings.verdict_finding(verdicts(*rows, cat)).endswith(": half become it.")


def test_the_classes_with_a_shortcut_are_named():
    sentence = findings.shortcut_finding(rates([True, False]))
    assert sentence.startswith("Signs of a shortcut")
    assert "cat (top 5 % of the frequencies: TPR 1.0 %, FPR 6.0 %)" in sentence
    assert "dog" not in sentence
    # A class is named once, by the map that draws most images.
    both = pd.concat([rates([True, False]).assign(fraction=0.1, fpr=0.9), rates([True, False])])
    assert "cat (top 10 % of" in findings.shortcut_finding(both)
    assert "top 5 %" not in findings.shortcut_finding(both)
    assert "does not rule a shortcut out" in findings.shortcut_finding(rates([False, False]))


def test_the_answer_to_emptiness_is_named():
    table = rates([False, False]).assign(random_tpr=[0.9, 0.1], random_fpr=[0.8, 0.9])
    sentence = findings.emptiness_finding(table)
    assert "are left are called cat, whatever they show" in sentence
    assert findings.emptiness_finding(table.assign(random_fpr=0.4)) is None


def test_the_classes_that_need_their_maps_are_named_where_it_shows_most():
    assert findings.need_finding(without_maps([False, False, True, False])) == (
        "Recall falls further without the class's map than without as many other frequencies: "
        "cat (90 % with all, 10 % without the top 5 %, 70 % without others)."
    )
    # Without 1 % cat has 0.80 instead of 0.88, without 5 % it has 0.10 instead of 0.70.
    both = findings.need_finding(without_maps([True, False, True, True]))
    assert both.endswith(
        "cat (90 % with all, 10 % without the top 5 %, 70 % without others); "
        "dog (90 % with all, 70 % without the top 5 %, 75 % without others)."
    )
    assert findings.need_finding(without_maps(False)).startswith("No class's recall falls clearly")
    # Maps of half the frequencies leave nothing to compare with.
    assert findings.need_finding(without_maps(False).assign(random_recall=np.nan)) is None


def test_the_planted_truth_is_told_of_the_class_that_found_most():
    planted = pd.DataFrame(
        {
            "fraction": [0.05, 0.1],
            "class_name": ["C0", "C0"],
            "planted": [12, 12],
            "hits": [5, 9],
            "recall": [5 / 12, 9 / 12],
            "expected": [0.6, 1.25],
        }
    )
    assert findings.planted_finding(planted) == (
        "Ground truth: the top 10 % of the frequencies of C0 hold 9 of its 12 planted pairs "
        "(a random map of that size would hold 1.2)."
    )
