"""Confusion matrices and ROC curves: what stands in the cells, and the areas."""

import itertools

import numpy as np
import pytest
from plot_cases import GREY

from keras_freq import plots


def test_confusion_matrix_shows_counts_and_shares_of_rows():
    matrix = np.array([[8, 2, 0], [1, 3, 0], [0, 0, 0]])
    ax = plots.confusion_matrix(matrix, class_names=["a", "b", "c"], title="test")
    (image,) = ax.collections
    np.testing.assert_allclose(image.get_array().filled(np.nan)[:2], [[80, 20, 0], [25, 75, 0]])
    assert image.get_array().mask[2].all()
    assert np.allclose(image.to_rgba(image.get_array())[2], GREY)
    cells = {text.get_position(): text.get_text() for text in ax.texts}
    assert cells[(1.5, 0.5)] == "2\n20 %"  # column 1 of row 0
    assert cells[(0.5, 1.5)] == "1\n25 %"
    assert cells[(0.5, 2.5)] == "0"
    assert list(ax.get_xticks()) == list(ax.get_yticks()) == [0.5, 1.5, 2.5]
    assert ax.get_ylim() == (3, 0)  # the first class on top
    for axis in (ax.xaxis, ax.yaxis):
        assert [label.get_text() for label in axis.get_ticklabels()] == ["a", "b", "c"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    assert ax.get_title() == "test"
    assert (image.norm.vmin, image.norm.vmax) == (0, 100)


@pytest.mark.parametrize("num_classes", [40, 100, 300])
def test_names_of_many_classes_do_not_overlap(num_classes):
    names = [f"class {k}" for k in range(num_classes)]
    ax = plots.confusion_matrix(np.eye(num_classes, dtype=int), class_names=names)
    ax.figure.canvas.draw()
    labels = [label for label in ax.get_yticklabels() if label.get_text()]
    assert labels[0].get_text() == "class 0" and len(labels) >= 40
    boxes = [label.get_window_extent() for label in labels]
    # The axis runs downwards.
    assert all(upper.y0 >= lower.y1 - 1 for upper, lower in itertools.pairwise(boxes))


def test_relative_confusion_is_centred_at_0():
    matrix = np.array([[-30.04, 30.04], [np.nan, np.nan]])
    ax = plots.relative_confusion(matrix)
    (image,) = ax.collections
    np.testing.assert_array_equal(image.get_array().filled(np.nan), matrix)
    assert (image.norm.vmin, image.norm.vmax) == (-30.04, 30.04)
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["\N{MINUS SIGN}30.0", "+30.0", "–", "–"]
    assert np.allclose(image.to_rgba(image.get_array())[1], GREY)
    assert "percentage points" in image.colorbar.ax.get_ylabel()
    assert plots.relative_confusion(np.zeros((2, 2))).collections[0].norm.vmax == 1


def test_relative_confusion_takes_a_common_limit():
    image = plots.relative_confusion(np.eye(3), limit=80).collections[0]
    assert (image.norm.vmin, image.norm.vmax) == (-80, 80)
    with pytest.raises(ValueError, match=r"`limit` must be .* > 0"):
        plots.relative_confusion(np.eye(3), limit=0)


def test_only_small_matrices_are_annotated():
    assert len(plots.confusion_matrix(np.eye(12, dtype=int)).texts) == 144
    assert not plots.confusion_matrix(np.eye(13, dtype=int)).texts


def test_wrong_matrices_are_refused():
    for draw in (plots.confusion_matrix, plots.relative_confusion):
        with pytest.raises(ValueError, match=r"`matrix` must be square.*\(2, 3\)"):
            draw(np.zeros((2, 3)))
        with pytest.raises(ValueError, match=r"`matrix` .*\(K, K\).*shape \(3,\)"):
            draw(np.zeros(3))
    with pytest.raises(ValueError, match=r"counts >= 0.*-1"):
        plots.confusion_matrix([[1, -1], [0, 2]])


def test_roc_areas_are_scikit_learns():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 3, 60), rng.normal(size=(60, 3))
    ax = plots.roc_curves(labels, scores, class_names=["a", "b", "c"])
    areas = [roc_auc_score(labels == k, scores[:, k]) for k in range(3)]
    expected = [f"{name} ({area:.2f})" for name, area in zip("abc", areas, strict=True)]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == expected
    for line, area in zip(ax.lines[1:], areas, strict=True):
        assert np.trapezoid(line.get_ydata(), line.get_xdata()) == pytest.approx(area)


def test_equal_roc_curves_are_all_seen():
    """Both ends of a scale of four classes are told perfectly, and the middle is not."""
    labels = np.repeat(range(4), 4)
    scores = np.tile([0.0, 0.3, 0.4, 0.0], (16, 1))
    scores[labels == 0, 0] = scores[labels == 3, 3] = 1
    ax = plots.roc_curves(labels, scores)
    first, second, third, last = ax.lines[1:]
    np.testing.assert_array_equal(first.get_xydata(), last.get_xydata())
    assert first.get_linewidth() >= last.get_linewidth() + 2
    assert first.get_zorder() == last.get_zorder()  # the later one is above
    assert second.get_linewidth() >= third.get_linewidth() + 2  # both are the diagonal
    handles = ax.get_legend().legend_handles
    assert [one.get_linewidth() for one in handles] == [one.get_linewidth() for one in ax.lines[1:]]
    many = np.repeat(labels, 25)
    scores = np.repeat(scores, 25, axis=0)
    scores[0, 0], scores[-1, 3] = 0.0, 0.5  # one wrong image of 400 cannot be seen
    first, *_, last = plots.roc_curves(many, scores).lines[1:]
    assert first.get_linewidth() >= last.get_linewidth() + 2
    rng = np.random.default_rng(0)
    ax = plots.roc_curves(labels, rng.normal(size=(16, 4)))
    assert len({one.get_linewidth() for one in ax.lines[1:]}) == 1


def test_wrong_labels_and_scores_are_refused():
    scores = np.random.default_rng(0).random((4, 2))
    for labels, message in (
        ([0, 1], "same length.*2 labels, 4 rows"),
        ([0, 1, 2, 0], r"`labels` must be in \[0, 1\].*2"),
        ([0, 0, 0, 0], "every class.*4 of 4 for class '0'"),
    ):
        with pytest.raises(ValueError, match=message):
            plots.roc_curves(labels, scores)
    with pytest.raises(ValueError, match="finite"):
        plots.roc_curves([0, 1, 0, 1], scores * np.nan)
