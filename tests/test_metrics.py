"""Rates, areas under ROC curves and intervals, against scikit-learn and the written-out maths."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn import metrics as reference

from keras_freq.metrics import (
    average_rates,
    class_auc,
    class_counts,
    class_rates,
    mean_interval,
    multiclass_auc,
    rates_from_counts,
    wilson_interval,
)
from keras_freq.metrics.intervals import fall_interval, ratio_interval

CONFUSION = np.array([[50, 3, 2], [4, 30, 6], [0, 1, 9]])


def _labels_of(confusion):
    """Returns the true and predicted labels that make the confusion matrix."""
    rows, columns = np.indices(confusion.shape)
    counts = confusion.ravel()
    return np.repeat(rows.ravel(), counts), np.repeat(columns.ravel(), counts)


def _random_scores(num_images, num_classes, seed, levels=None):
    """Returns labels holding every class and probabilities, in few `levels` if given."""
    rng = np.random.default_rng(seed)
    labels = np.concatenate(
        [np.arange(num_classes), rng.integers(0, num_classes, num_images - num_classes)]
    )
    logits = rng.normal(size=(num_images, num_classes)) + 1.5 * np.eye(num_classes)[labels]
    scores = np.exp(logits)
    if levels:
        scores = np.eye(num_classes)[scores.argmax(1)] + rng.integers(0, levels, (num_images, 1))
    return labels, scores / scores.sum(axis=1, keepdims=True)


def test_counts_of_a_small_matrix_by_hand():
    counts = class_counts(CONFUSION)
    assert counts["tp"].tolist() == [50, 30, 9]
    assert counts["fp"].tolist() == [4, 4, 8]
    assert counts["fn"].tolist() == [5, 10, 1]
    assert counts["tn"].tolist() == [46, 61, 87]
    assert all(count.dtype == np.int64 for count in counts.values())


def test_rates_of_a_small_matrix_by_hand():
    rates = class_rates(CONFUSION)
    np.testing.assert_allclose(rates["accuracy"], [96 / 105, 91 / 105, 96 / 105])
    np.testing.assert_allclose(rates["specificity"], [46 / 50, 61 / 65, 87 / 95])
    np.testing.assert_allclose(rates["fpr"], [4 / 50, 4 / 65, 8 / 95])
    np.testing.assert_allclose(rates["youden_j"][0], 50 / 55 + 46 / 50 - 1)
    assert list(rates) == [
        "accuracy",
        "precision",
        "recall",
        "specificity",
        "f1",
        "youden_j",
        "fpr",
    ]


@given(arrays(np.int64, (4, 4), elements=st.integers(0, 5)))
def test_rates_agree_with_scikit_learn_undefined_ones_included(confusion):
    labels, predictions = _labels_of(confusion)
    if not len(labels):
        return
    precision, recall, f1, support = reference.precision_recall_fscore_support(
        labels, predictions, labels=range(4), zero_division=np.nan
    )
    rates = class_rates(confusion)
    np.testing.assert_allclose(rates["precision"], precision, rtol=1e-12)
    np.testing.assert_allclose(rates["recall"], recall, rtol=1e-12)
    np.testing.assert_allclose(rates["f1"], f1, rtol=1e-12)
    np.testing.assert_allclose(rates["fpr"], 1 - rates["specificity"], atol=1e-12)
    np.testing.assert_array_equal(confusion.sum(axis=1), support)


@given(arrays(np.int64, (3, 3), elements=st.integers(1, 50)))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(confusion):
    rates = class_rates(confusion)
    harmonic = 2 / (1 / rates["precision"] + 1 / rates["recall"])
    np.testing.assert_allclose(rates["f1"], harmonic, rtol=1e-12)


def test_what_is_undefined_is_nan_and_nothing_else_is():
    # Class 1 is never predicted, class 2 has no images, class 3 has neither.
    rates = class_rates([[3, 0, 1, 0], [2, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    np.testing.assert_array_equal(np.isnan(rates["precision"]), [False, True, False, True])
    np.testing.assert_array_equal(np.isnan(rates["recall"]), [False, False, True, True])
    np.testing.assert_array_equal(rates["f1"], [2 * 3 / (2 * 3 + 2 + 1), 0, 0, np.nan])
    # With one class present, no image is a negative of it.
    only = class_rates([[5, 0], [0, 0]])
    np.testing.assert_array_equal(only["specificity"], [np.nan, 1])
    np.testing.assert_array_equal(only["youden_j"], [np.nan, np.nan])


def test_rates_from_counts_works_on_a_table_of_steps():
    tp = np.array([[1, 0], [2, 2]])
    rates = rates_from_counts(tp, tp[:, ::-1], tp + 1, 5)
    assert rates["f1"].shape == (2, 2)
    assert rates["f1"][0, 0] == 2 / (2 + 0 + 2)


@pytest.mark.parametrize("average", ["macro", "weighted"])
@given(confusion=arrays(np.int64, (4, 4), elements=st.integers(0, 5)))
def test_averages_agree_with_scikit_learn(average, confusion):
    # Every class has images; scikit-learn too leaves out the precision of one never predicted.
    confusion = confusion + np.eye(4, k=1, dtype=int) + np.eye(4, k=-3, dtype=int)
    labels, predictions = _labels_of(confusion)
    expected = reference.precision_recall_fscore_support(
        labels, predictions, average=average, labels=range(4), zero_division=np.nan
    )
    averages = average_rates(confusion, average=average)
    np.testing.assert_allclose([averages[k] for k in ("precision", "recall", "f1")], expected[:3])
    if average == "weighted":
        np.testing.assert_allclose(averages["recall"], np.mean(labels == predictions))
    else:
        balanced = reference.balanced_accuracy_score(labels, predictions)
        np.testing.assert_allclose(averages["recall"], balanced)


def test_average_over_no_class_is_nan():
    assert np.isnan(average_rates([[0, 0], [0, 0]])["recall"])


@pytest.mark.parametrize(
    ("confusion", "message"),
    [
        ([[1, 2, 3], [4, 5, 6]], r"\(K, K\).*shape \(2, 3\)"),
        ([[0.5, 1], [1, 2]], "whole numbers"),
        ([[-1, 1], [1, 2]], "whole numbers"),
        ([[np.nan, 1], [1, 2]], "whole numbers"),
    ],
)
def test_what_is_no_confusion_matrix_is_refused(confusion, message):
    with pytest.raises(ValueError, match=message):
        class_rates(confusion)


def test_unknown_averages_are_refused():
    with pytest.raises(ValueError, match=r"macro.*weighted.*micro"):
        average_rates(CONFUSION, average="micro")
    with pytest.raises(ValueError, match=r"hand_till.*macro"):
        multiclass_auc([0, 1], np.eye(2), average="macro")


@pytest.mark.parametrize("levels", [None, 3])
@pytest.mark.parametrize("num_classes", [3, 7])
def test_multiclass_auc_agrees_with_scikit_learn(num_classes, levels):
    labels, scores = _random_scores(300, num_classes, seed=num_classes, levels=levels)
    ours = multiclass_auc(labels, scores)
    theirs = reference.roc_auc_score(labels, scores, multi_class="ovo", average="macro")
    assert ours == pytest.approx(theirs, abs=1e-12)
    ours = multiclass_auc(labels, scores, average="provost_domingos")
    theirs = reference.roc_auc_score(labels, scores, multi_class="ovr", average="weighted")
    assert ours == pytest.approx(theirs, abs=1e-12)
    each = [reference.roc_auc_score(labels == k, scores[:, k]) for k in range(num_classes)]
    np.testing.assert_allclose(class_auc(labels, scores), each, atol=1e-12)


def test_class_auc_is_the_rank_formula():
    labels, scores = _random_scores(60, 3, seed=1)
    ranks = scores[:, 0].argsort().argsort() + 1
    positives, negatives = (labels == 0).sum(), (labels != 0).sum()
    expected = ranks[labels == 0].sum() - positives * (positives + 1) / 2
    assert class_auc(labels, scores)[0] == pytest.approx(expected / (positives * negatives))


def test_two_classes_give_the_usual_auc_either_way():
    labels, scores = _random_scores(100, 2, seed=2)
    expected = reference.roc_auc_score(labels, scores[:, 1])
    assert multiclass_auc(labels, scores) == pytest.approx(expected, abs=1e-12)
    by_class = multiclass_auc(labels, scores, average="provost_domingos")
    assert by_class == pytest.approx(expected, abs=1e-12)


def test_known_ends_of_auc():
    labels = np.arange(4).repeat(5)
    perfect = np.eye(4)[labels]
    assert multiclass_auc(labels, perfect) == 1.0
    assert multiclass_auc(labels, np.full((20, 4), 0.25)) == 0.5
    assert multiclass_auc(labels, (1 - perfect) / 3) == 0.0


def test_hand_till_does_not_depend_on_class_sizes():
    labels, scores = _random_scores(90, 3, seed=3)
    again = np.concatenate([np.arange(90), np.flatnonzero(labels == 1).repeat(4)])
    assert multiclass_auc(labels[again], scores[again]) == pytest.approx(
        multiclass_auc(labels, scores), abs=1e-12
    )
    unweighted = multiclass_auc(labels, scores, average="provost_domingos")
    weighted = multiclass_auc(labels[again], scores[again], average="provost_domingos")
    assert abs(unweighted - weighted) > 1e-4


def test_float32_rounding_of_a_softmax_is_accepted_and_divided_out():
    labels, scores = _random_scores(200, 10, seed=4)
    rounded = multiclass_auc(labels, scores.astype(np.float32))
    assert rounded == pytest.approx(multiclass_auc(labels, scores), abs=1e-6)
    assert multiclass_auc(labels, scores * 1.001) == pytest.approx(
        multiclass_auc(labels, scores), abs=1e-12
    )


@pytest.mark.parametrize(
    ("labels", "scores", "message"),
    [
        ([0, 0, 2], np.full((3, 3), 1 / 3), r"no label of class \[1\]"),
        ([0, 1, 3], np.full((3, 3), 1 / 3), r"\[0, 3\).*0 to 3"),
        ([0, 1, -1], np.full((3, 3), 1 / 3), r"\[0, 3\).*-1 to 1"),
        ([0, 1], np.full((3, 3), 1 / 3), "3 rows"),
        ([0.0, 1.0], np.eye(2), "float64"),
        ([0, 1], np.array([0.5, 0.5]), "np.stack"),
        ([0, 1], np.array([[2.0, -1.0], [0.5, 0.5]]), "softmax"),
        ([0, 1], np.array([[2.0, 3.0], [0.5, 0.5]]), "softmax"),
        ([0, 1], np.array([[np.nan, 1.0], [0.5, 0.5]]), "finite"),
    ],
)
def test_what_is_no_ranking_of_probabilities_is_refused(labels, scores, message):
    with pytest.raises(ValueError, match=message):
        multiclass_auc(np.array(labels), scores)


def test_wilson_interval_against_the_written_out_formula():
    z = 1.959963984540054
    for successes, trials in [(3, 10), (0, 5), (7, 7), (450, 1000), (1, 1)]:
        p = successes / trials
        centre = (p + z**2 / (2 * trials)) / (1 + z**2 / trials)
        half = z / (1 + z**2 / trials) * np.sqrt(p * (1 - p) / trials + z**2 / (4 * trials**2))
        low, high = wilson_interval(successes, trials)
        assert low == pytest.approx(centre - half, abs=1e-12)
        assert high == pytest.approx(centre + half, abs=1e-12)
    # The ends of the interval are the proportions from which the data are z deviations away.
    low, high = wilson_interval(30, 100)
    for end in (low, high):
        assert abs(0.3 - end) / np.sqrt(end * (1 - end) / 100) == pytest.approx(z)


def test_wilson_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    low, high = wilson_interval(rng.binomial(200, 0.3, size=20_000), 200, confidence=0.9)
    assert np.mean((low <= 0.3) & (high >= 0.3)) == pytest.approx(0.9, abs=0.015)


def test_wilson_interval_ends_and_shapes():
    low, high = wilson_interval([[0, 5, 0]], [[5], [10]])
    assert low.shape == high.shape == (2, 3)
    assert low[0, 0] == 0 and high[0, 1] == 1
    low, high = wilson_interval([0, 1], [0, 2])
    np.testing.assert_array_equal(np.isnan(low), [True, False])
    np.testing.assert_array_equal(np.isnan(high), [True, False])


@pytest.mark.parametrize("lost_share", [0.0, 0.02, 0.1, 0.3, 0.5])
@pytest.mark.parametrize("won_share", [0.0, 0.02, 0.1, 0.3, 0.5])
def test_the_interval_of_a_fall_covers_more_often_than_it_says(lost_share, won_share):
    """Over all numbers of lost and won images, by their multinomial probabilities."""
    images = 40
    lost, won = (one.reshape(-1) for one in np.indices((images + 1, images + 1)))
    lost, won = lost[lost + won <= images], won[lost + won <= images]
    shares = [lost_share, won_share, max(0, 1 - lost_share - won_share)]
    probability = stats.multinomial.pmf(
        np.stack([lost, won, images - lost - won], 1), images, shares
    )
    low, high = fall_interval(lost, won, np.full(len(lost), images))
    fall = lost_share - won_share
    assert probability.sum() == pytest.approx(1)
    assert probability[(low <= fall) & (fall <= high)].sum() >= 0.94


@pytest.mark.parametrize(
    ("successes", "trials", "confidence", "message"),
    [
        (5, 4, 0.95, "successes=5.0, trials=4.0"),
        (-1, 4, 0.95, "successes=-1"),
        (np.nan, 4, 0.95, "successes=nan"),
        (1, 4, 95, "confidence=95"),
    ],
)
def test_impossible_proportions_are_refused(successes, trials, confidence, message):
    with pytest.raises(ValueError, match=message):
        wilson_interval(successes, trials, confidence)


def test_mean_interval_covers_as_often_as_it_says():
    rng = np.random.default_rng(0)
    for number, least, most in [(4, 0.87, 0.93), (40, 0.86, 0.93)]:
        drawn = rng.normal(0.3, 2.0, (number, 2000))  # a data set in each column
        low, high = mean_interval(drawn, confidence=0.9)
        assert least < np.mean((low <= 0.3) & (high >= 0.3)) < most


def test_mean_interval_of_few_is_students_t_and_of_many_a_bootstrap():
    few = np.array([0.2, 0.9, 0.4])
    expected = stats.t.interval(0.95, 2, few.mean(), stats.sem(few))
    np.testing.assert_allclose(mean_interval(few), expected, atol=1e-12)
    many = np.random.default_rng(1).exponential(size=(200, 3))
    low, high = mean_interval(many)
    error = stats.sem(many, axis=0)
    np.testing.assert_allclose((high - low) / error, 2 * 1.96, rtol=0.08)
    np.testing.assert_array_equal(mean_interval(many), (low, high))  # the same bits again
    assert np.isnan(mean_interval(np.ones((1, 2)))).all()
    assert np.isnan(mean_interval(np.ones((0, 2)))).all()


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        ([0.0, np.nan], {}, "values"),
        (0.5, {}, "values"),
        ([1.0, 2.0], {"confidence": 95}, "confidence=95"),
        ([1.0, 2.0], {"num_bootstrap": 0}, "num_bootstrap=0"),
        ([1.0, 2.0], {"seed": -1}, "seed=-1"),
    ],
)
def test_means_of_what_is_no_number_are_refused(values, options, message):
    with pytest.raises(ValueError, match=message):
        mean_interval(values, **options)


@pytest.mark.parametrize(("first", "second"), [(0.3, 0.5), (0.05, 0.2), (0.8, 0.9)])
def test_an_interval_of_a_quotient_holds_it_as_often_as_it_says(first, second):
    rng = np.random.default_rng(0)
    parts = []
    for share in (first, second):
        counts = rng.binomial(100, share, 4000)
        parts.append((counts / 100, *wilson_interval(counts, np.full(4000, 100))))
    low, high = ratio_interval(*parts)
    held = ((low <= first / second) & (first / second <= high)).mean()
    assert 0.93 < held < 0.98
    assert (low <= parts[0][0] / parts[1][0]).all() and (parts[0][0] / parts[1][0] <= high).all()


def test_an_interval_of_a_quotient_at_the_ends():
    low, high = ratio_interval(
        ([0.0, 0.3, 0.3], [0.0, 0.2, 0.2], [0.1, 0.4, 0.4]),
        ([0.5, 0.1, 0.0], [0.4, 0.0, 0.0], [0.6, 0.3, 0.2]),
    )
    assert low[0] == 0 and 0 < high[0] < 0.3
    assert 0 < low[1] < 3 and high[1] == np.inf
    assert np.isnan([low[2], high[2]]).all()
