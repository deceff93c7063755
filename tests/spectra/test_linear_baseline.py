"""The spectral baseline: scikit-learn the long way, planted spectra, and a null without effect."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

import keras_freq as kf
from keras_freq.metrics import wilson_interval

SIZE = 16


def stripes(number, seed, size=SIZE):
    """Noise with one more wave for each class: down, across, or diagonal, of 3 or 5 cycles."""
    rng = np.random.default_rng(seed)
    labels = np.arange(number) % 3
    rows, columns = np.indices((size, size)) / size
    phases = rng.uniform(0, 2 * np.pi, number)[:, None, None]
    turns = np.stack([3 * rows, 3 * columns, 5 * columns])[labels]
    images = 0.5 + rng.normal(0, 0.05, (number, size, size))
    images += 0.1 * np.cos(2 * np.pi * turns + phases)
    return images[..., None].clip(0, 1).astype(np.float32), labels


@pytest.fixture(scope="module")
def table():
    names = ["down", "across", "fine"]
    return kf.spectral_baseline(stripes(90, 0), stripes(60, 1), 3, bands=[4, 6], class_names=names)


def of(table, low, high):
    return table[(table["low"] == low) & (table["high"] == high)].set_index("class_name")


def test_the_accuracy_is_that_of_scikit_learn_on_loops_over_rings_and_orientations():
    rng = np.random.default_rng(3)
    train, test = ((rng.random((40, 8, 8, 2), np.float32), np.arange(40) % 3) for _ in range(2))
    train[0][train[1] == 1] **= 2
    features = []
    for images in (train[0], test[0]):
        rows = []
        for image in images.astype(float):
            spectrum = np.fft.fftshift(np.fft.fft2(image, axes=(0, 1)), axes=(0, 1))
            power = (np.abs(spectrum) ** 2).mean(axis=-1) / 64
            cells = {}
            for i, j in np.ndindex(8, 8):
                u, v = i - 4, j - 4
                ring = min(int(np.hypot(u, v)), 3)  # of width 1, the corners in the last one
                degrees = np.degrees(np.arctan2(u, v)) % 180
                if (u, v) != (0, 0):
                    cells.setdefault((ring, round(degrees / 45) % 4), []).append(power[i, j])
            rows.append([np.log(np.mean(cells[key]) + 1e-9) for key in sorted(cells)])
        features.append(np.array(rows))
    scaler = StandardScaler().fit(features[0])
    model = LogisticRegression(max_iter=1000).fit(scaler.transform(features[0]), train[1])
    right = model.predict(scaler.transform(features[1])) == test[1]
    found = kf.spectral_baseline(train, test, 3)
    assert found["features"].unique().tolist() == [features[0].shape[1]]
    assert found["recall"].tolist() == [
        *(right[test[1] == k].mean() for k in range(3)),
        right.mean(),
    ]
    low, high = wilson_interval(right.sum(), 40)
    assert found.loc[3, ["recall_low", "recall_high"]].tolist() == [low, high]


def test_orientation_and_radius_tell_what_they_should(table):
    assert len(table) == 4 * 4
    assert of(table, 0, np.inf).loc["all", "recall"] == 1
    assert of(table, 0, np.inf).loc["all", "p_value"] == 1 / 1001
    # Below 4 cycles both coarse stripes differ in orientation; the fine ones are what is left.
    assert of(table, 0, 4).loc["all", "recall"] > 0.9
    # From 4 to 6 only the fine ones are seen.
    band = of(table, 4, 6)
    assert band.loc["fine", "recall"] == 1 and 0.5 < band.loc["all", "recall"] < 0.85
    # Above, nothing is.
    above = of(table, 6, np.inf).loc["all"]
    assert above["p_value"] > 0.05 and above["recall_low"] < above["null"] < above["recall_high"]


def test_the_null_is_chance(table):
    whole = of(table, 0, np.inf)
    np.testing.assert_allclose(whole["null"], 1 / 3, atol=0.02)
    assert 1 / 3 < whole.loc["all", "null_high"] < 0.46


def test_shuffled_labels_are_rarely_found_out():
    images, labels = stripes(60, 0)
    p_values = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        parts = [
            (images[::2], rng.permutation(labels[::2])),
            (images[1::2], rng.permutation(labels[1::2])),
        ]
        found = kf.spectral_baseline(*parts, 3, num_permutations=99)
        p_values.append(found["p_value"].iloc[-1])
    assert np.mean(np.array(p_values) <= 0.1) <= 0.25
    assert 0.3 < np.mean(p_values) < 0.75


def test_dc_is_no_feature_and_a_class_may_have_no_test_images():
    train, test = stripes(30, 0), stripes(30, 1)
    few = test[0][test[1] < 2], test[1][test[1] < 2]
    brighter = few[0] + np.float32(0.1), few[1]
    found = kf.spectral_baseline(train, few, 3, bands=[1], num_permutations=20)
    again = kf.spectral_baseline(train, (brighter[0].clip(0, 1), few[1]), 3, num_permutations=20)
    assert found["recall"][:2].tolist() == again["recall"][:2].tolist() == [1, 1]
    assert found.loc[2, ["recall", "null", "p_value"]].isna().all() and found["images"][2] == 0
    dark = found[found["high"] == 1]
    assert (dark["features"] == 0).all() and dark["recall"].isna().all()
    assert dark["images"].tolist() == [10, 10, 0, 20]


def test_images_of_other_sizes_are_refused():
    with pytest.raises(ValueError, match=r"`test` must hold images of the size .*\(16, 16\)"):
        kf.spectral_baseline(stripes(30, 0), stripes(30, 1, size=8), 3)
    images, labels = stripes(30, 0)
    with pytest.raises(ValueError, match="`train` must hold at least two classes"):
        kf.spectral_baseline((images, 0 * labels), (images, labels), 3)
