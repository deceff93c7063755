"""Donors: of the right class, never the image itself, and each about equally often."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from keras_freq.shortcuts.donors import dealt_donors


@given(labels=st.lists(st.integers(0, 3), min_size=1, max_size=40), seed=st.integers(0, 9))
def test_donors_are_what_they_are_said_to_be(labels, seed):
    labels = np.array(labels)
    counts = np.bincount(labels, minlength=4)
    donors = dealt_donors(labels, 4, seed)
    images = np.arange(len(labels))
    for k in range(4):
        other, own = donors[k].T
        of_k = labels == k
        assert (labels[own[own >= 0]] == k).all()
        assert (labels[other[other >= 0]] != k).all()
        assert (own != images).all() and (other != images).all()
        # They are missing only where there is no such image.
        assert (own[~of_k] >= 0).all() == (counts[k] > 0 or of_k.all())
        assert (own[of_k] >= 0).all() == (counts[k] != 1)
        assert (other[of_k] >= 0).all() == (counts[k] < len(labels) or not of_k.any())
        for j in range(4):
            given = other[labels == j]
            if j != k and (given >= 0).any() and counts.sum() > counts[j] + counts[k]:
                assert (labels[given] != j).all()
        given = np.bincount(own[~of_k & (own >= 0)], minlength=len(labels))[of_k]
        if given.size:
            assert given.max() - given.min() <= 1


def test_two_classes_have_donors_of_the_own_class_to_compare_with():
    labels = np.array([0, 0, 0, 1, 1, 1])
    donors = dealt_donors(labels, 2, seed=0)
    assert labels[donors[0]].tolist() == [[1, 0]] * 3 + [[1, 0]] * 3
    np.testing.assert_array_equal(donors, dealt_donors(labels, 2, seed=0))
    assert (dealt_donors(np.arange(200) % 2, 2, 0) != dealt_donors(np.arange(200) % 2, 2, 1)).any()
