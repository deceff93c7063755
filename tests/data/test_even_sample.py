"""Images are drawn evenly over classes, at random within them, in one pass of any order."""

from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keras_freq as kf
from keras_freq.data.batches import repeated
from keras_freq.data.even_sample import even_sample


def numbered(labels):
    """Images that hold their own number."""
    return np.arange(len(labels), dtype="float32")[:, None, None, None] * np.ones((1, 1, 1, 1))


@given(
    sizes=st.lists(st.integers(1, 30), min_size=1, max_size=6),
    most=st.integers(1, 60),
    shuffled=st.booleans(),
    seed=st.integers(0, 99),
)
@settings(max_examples=40, deadline=None)
def test_classes_have_as_many_as_the_others_or_all(sizes, most, shuffled, seed):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    if shuffled:
        labels = np.random.default_rng(seed).permutation(labels)
    images = numbered(labels) / 1000
    drawn, given_labels = even_sample((images, labels), most, seed=seed)
    numbers = np.round(1000 * drawn[:, 0, 0, 0]).astype(int)
    np.testing.assert_array_equal(labels[numbers], given_labels)
    assert (np.diff(numbers) > 0).all()  # each once, in their order
    counts = np.bincount(given_labels, minlength=len(sizes))
    assert counts.sum() == min(most, sum(sizes))
    lacking = counts < sizes
    if lacking.any():
        # A class that has more to give has as many as the largest, or one less.
        assert counts[lacking].min() >= counts.max() - 1


def test_each_image_of_a_class_is_as_likely_whatever_its_place():
    labels = np.repeat([0, 1], [40, 10])
    drawn, data = np.zeros(50), repeated((numbered(labels) / 1000, labels))
    for seed in range(400):
        images, _ = even_sample(data, 10, seed=seed)
        drawn[np.round(1000 * images[:, 0, 0, 0]).astype(int)] += 1
    for part, share in ((slice(0, 40), 5 / 40), (slice(40, 50), 5 / 10)):
        expected = 400 * share
        spread = np.sqrt(expected * (1 - share))
        assert (np.abs(drawn[part] - expected) < 4.5 * spread).all()


def test_with_more_classes_than_images_each_class_is_as_likely():
    labels = np.arange(20)
    drawn, data = np.zeros(20), repeated((numbered(labels) / 1000, labels))
    for seed in range(300):
        _, given_labels = even_sample(data, 5, seed=seed)
        drawn[given_labels] += 1
    assert (np.abs(drawn - 75) < 4.5 * np.sqrt(75 * 0.75)).all()


@pytest.mark.parametrize("most", [0, -1, 1.5, "3"])
def test_most_is_checked(most):
    with pytest.raises(ValueError, match="`most` must be an integer >= 1"):
        even_sample((np.zeros((2, 1, 1, 1)), [0, 1]), most)


def test_of_image_files_only_those_that_are_drawn_are_decoded(tmp_path):
    for number in range(24):
        own = tmp_path / "images" / f"class_{number % 3}"
        own.mkdir(parents=True, exist_ok=True)
        grey = np.full((4, 4, 3), 10 * number)
        keras.utils.save_img(own / f"{number:02}.png", grey, scale=False)
    dataset = kf.data.image_folder(tmp_path / "images", image_size=4, batch_size=5)
    whole = even_sample(dataset.map(lambda *batch: batch), 7, seed=3)
    drawn = set(np.round(whole[0][:, 0, 0, 0] * 25.5).astype(int).tolist())
    for path in map(Path, dataset.file_paths):
        if int(path.stem) not in drawn:
            path.unlink()
    for given_as in (dataset, repeated(dataset)):
        for expected, found in zip(whole, even_sample(given_as, 7, seed=3), strict=True):
            assert expected.dtype == found.dtype
            np.testing.assert_array_equal(expected, found)
    shuffled = kf.data.image_folder(tmp_path / "images", image_size=4, shuffle=True)
    assert not hasattr(shuffled, "listed_files")
