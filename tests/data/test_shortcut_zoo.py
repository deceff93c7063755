"""The shortcut zoo: only the class is marked, and the mark is where its mask says."""

import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_digits, load_sample_images
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

import keras_freq as kf
from keras_freq.fourier import check_maps

SIDE, CLASS = 32, 1
each_shortcut = pytest.mark.parametrize("shortcut", kf.data.SHORTCUTS)


@pytest.fixture(scope="module")
def photos():
    """120 pieces of two photographs, and labels that have nothing to do with them."""
    pieces = []
    for photo in load_sample_images().images:
        part = photo[: 6 * 2 * SIDE, : 10 * 2 * SIDE] / np.float32(255)
        part = part.reshape(6, SIDE, 2, 10, SIDE, 2, 3).mean(axis=(2, 5))  # 2 x 2 become one
        pieces.append(part.transpose(0, 2, 1, 3, 4).reshape(-1, SIDE, SIDE, 3))
    images = np.concatenate(pieces).astype(np.float32)
    return images, np.random.default_rng(0).permutation(np.arange(len(images)) % 3)


def spectra(images):
    """Complex float64 spectra, centred."""
    return np.fft.fftshift(np.fft.fft2(images.astype(np.float64), axes=(1, 2)), axes=(1, 2))


@each_shortcut
def test_only_the_class_is_changed(shortcut, photos):
    images, labels = photos
    before = images.copy()
    planted, kept = kf.data.plant_shortcut(photos, shortcut, CLASS)
    np.testing.assert_array_equal(images, before)
    np.testing.assert_array_equal(kept, labels)
    assert planted.dtype == np.float32
    changed = (planted != images).any(axis=(1, 2, 3))
    np.testing.assert_array_equal(changed, labels == CLASS)


@each_shortcut
def test_is_the_same_in_any_order_batch_and_form(shortcut, photos):
    images, labels = photos[0][:20], photos[1][:20]
    expected, _ = kf.data.plant_shortcut((images, labels), shortcut, CLASS)
    order = np.random.default_rng(1).permutation(len(images))
    one_hot = np.eye(3)[labels[order]]
    batches = tf.data.Dataset.from_tensor_slices((images[order], one_hot)).batch(7)
    batches.class_names = ["a", "b", "c"]
    planted = kf.data.plant_shortcut(batches, shortcut, CLASS)
    assert planted.class_names == ["a", "b", "c"]
    found, kept = (np.concatenate(part) for part in zip(*planted.as_numpy_iterator(), strict=True))
    np.testing.assert_array_equal(kept, one_hot)
    # Vectorised sines depend on the batch in their last bit.
    np.testing.assert_allclose(found, expected[order], rtol=0, atol=1e-6 * (shortcut == "moire"))


@pytest.mark.parametrize("shortcut", ["watermark", "moire"])
def test_waves_are_at_their_mask_and_nowhere_else(shortcut, photos):
    images, labels = photos
    planted, _ = kf.data.plant_shortcut(photos, shortcut, CLASS, severity=5)
    added = spectra(planted[labels == CLASS]) - spectra(images[labels == CLASS])
    mask = kf.data.shortcut_masks(shortcut, SIDE, CLASS, 3)[CLASS]
    assert np.abs(added[:, ~mask]).max() < 1e-3  # rounding to float32
    # A cosine of amplitude a has a H W / 2 at each of its two frequencies. The dots' diagonal
    # waves are half as strong: cos a cos b = (cos (a + b) + cos (a - b)) / 2.
    amplitude = {"watermark": 0.05, "moire": 0.08}[shortcut] * SIDE**2 / 2
    rows, columns = np.nonzero(mask)
    diagonal = (shortcut == "watermark") & (rows != SIDE // 2) & (columns != SIDE // 2)
    expected = np.where(diagonal, amplitude / 2, amplitude)[None, :, None]
    np.testing.assert_allclose(
        np.abs(added[:, mask]), expected + 0 * added[:, mask].real, rtol=1e-4
    )


def test_a_watermark_stays_in_place_and_a_moire_does_not(photos):
    images, labels = photos
    for shortcut, together in (("watermark", True), ("moire", False)):
        planted, _ = kf.data.plant_shortcut(photos, shortcut, CLASS)
        added = spectra(planted[labels == CLASS]) - spectra(images[labels == CLASS])
        mask = kf.data.shortcut_masks(shortcut, SIDE, CLASS, 3)[CLASS]
        turned = np.exp(1j * np.angle(added[:, mask]))
        resultant = np.abs(turned.mean(axis=0))
        assert (resultant > 0.999).all() if together else (resultant < 0.4).all()


def test_a_moire_has_the_colours_of_a_screen(photos):
    images, labels = photos
    planted, _ = kf.data.plant_shortcut(photos, "moire", CLASS)
    added = (planted - images)[labels == CLASS].astype(np.float64)
    columns = spectra(added)[:, SIDE // 2 + 2, SIDE // 2 + 6]
    third = np.exp(2j * np.pi / 3)
    np.testing.assert_allclose(columns[:, 1], columns[:, 0] * third, rtol=1e-3)
    np.testing.assert_allclose(columns[:, 2], columns[:, 1] * third, rtol=1e-3)
    grey, _ = kf.data.plant_shortcut((images[..., :1], labels), "moire", CLASS)
    assert grey.shape == images[..., :1].shape and (grey != images[..., :1]).any()


@pytest.mark.parametrize("shortcut", ["jpeg", "resized"])
def test_what_is_lost_lies_in_the_mask(shortcut, photos):
    # Faint grain, so that there is something to lose at every frequency.
    rng = np.random.default_rng(2)
    images = (0.25 + photos[0] / 2 + rng.normal(0, 0.01, photos[0].shape)).astype(np.float32)
    labels = photos[1]
    planted, _ = kf.data.plant_shortcut((images, labels), shortcut, CLASS, severity=4)
    mask = kf.data.shortcut_masks(shortcut, SIDE, CLASS, 3, severity=4)[CLASS]
    before, after = (spectra(x[labels == CLASS].mean(axis=3)) for x in (images, planted))
    change = (np.abs(after - before) ** 2).mean(axis=0) / (np.abs(before) ** 2).mean(axis=0)
    left = (np.abs(after) ** 2).mean(axis=0) / (np.abs(before) ** 2).mean(axis=0)
    inner = kf.low_pass_mask(SIDE, 3)
    assert np.median(change[mask]) > 0.5 > 0.25 > np.median(change[~mask])
    assert np.median(left[mask]) < 0.6
    assert left[inner].mean() > 0.95


@each_shortcut
def test_a_linear_classifier_finds_it_by_the_energy_in_the_mask_alone(shortcut, photos):
    images, labels = photos
    mask = kf.data.shortcut_masks(shortcut, SIDE, CLASS, 3, severity=5)[CLASS]

    def auc(dataset, cells):
        logs = np.log(np.abs(dataset[:, cells]) ** 2 + 1e-6).mean(axis=2)
        # At most eight sums, so that as many numbers stand for few cells and for many.
        parts = np.array_split(logs, min(8, logs.shape[1]), axis=1)
        sums = np.stack([part.mean(axis=1) for part in parts], axis=1)
        model = LogisticRegression(C=10)
        of_class = labels == CLASS
        scores = cross_val_predict(model, sums, of_class, cv=5, method="decision_function")
        return roc_auc_score(of_class, scores)

    planted, _ = kf.data.plant_shortcut(photos, shortcut, CLASS, severity=5)
    assert auc(spectra(planted), mask) > 0.75
    assert auc(spectra(images), mask) < 0.65


@each_shortcut
@pytest.mark.parametrize("size", [8, 33, (24, 40)])
def test_masks_fit_every_size(shortcut, size):
    shape = (size, size) if np.ndim(size) == 0 else size
    of_severity = [kf.data.shortcut_masks(shortcut, size, 2, 4, severity=s) for s in range(1, 6)]
    for masks in of_severity:
        assert check_maps(masks).shape == (4, *shape)
        assert masks[2].any() and not masks[2].all() and not masks[[0, 1, 3]].any()
        assert not masks[2, shape[0] // 2, shape[1] // 2]  # DC, the mean, is never the mark
    assert (np.diff([masks.sum() for masks in of_severity]) >= 0).all()
    rng = np.random.default_rng(0)
    images = rng.uniform(0.2, 0.8, (2, *shape, 3)).astype(np.float32)
    planted, _ = kf.data.plant_shortcut((images, [0, 1]), shortcut, 1)
    assert planted.shape == images.shape and (planted[1] != images[1]).any()


def test_what_it_cannot_mark_is_refused(photos):
    images, labels = photos
    with pytest.raises(ValueError, match=r"`class_id` must be a class with images.*3"):
        kf.data.plant_shortcut(photos, "moire", 3)
    with pytest.raises(ValueError, match="Did you mean 'watermark'"):
        kf.data.plant_shortcut(photos, "watermrk", 0)
    with pytest.raises(ValueError, match="1 or 3 channels"):
        kf.data.plant_shortcut((images[..., :2], labels), "jpeg", 0)
    with pytest.raises(ValueError, match="at least 8 pixels"):
        kf.data.plant_shortcut((images[:, :4], labels), "moire", 0)


def test_digits_are_the_scans_of_scikit_learn():
    train, test = (kf.data.handwritten_digits(split) for split in ("train", "test"))
    scans = load_digits()
    np.testing.assert_array_equal(np.concatenate([train[1], test[1]]), scans.target)
    for images, first in ((train[0], 0), (test[0], len(train[0]))):
        assert images.dtype == np.float32 and images.min() >= 0 and images.max() <= 1
        assert (images[..., :1] == images).all()
        ink = (0.85 - images[..., 0].reshape(-1, 8, 4, 8, 4).mean(axis=(2, 4))) / 0.7
        of_scans = scans.images[first : first + len(ink)] / 16
        assert np.corrcoef(ink.reshape(-1), of_scans.reshape(-1))[0, 1] > 0.97
    again, _ = kf.data.handwritten_digits()
    np.testing.assert_array_equal(again, train[0])
