"""The synthetic bands do what their recipe says, measured on the images themselves."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import keras_freq as kf
from keras_freq.data import synthetic_bands

BANDS = (1, 2, 3, 4)
PER_CLASS = 400


def spectra(images):
    """Centred amplitudes in float64, the mean of 0.5 taken off."""
    waves = np.fft.fft2(images.astype(np.float64) - 0.5, axes=(1, 2))
    return np.abs(np.fft.fftshift(waves, axes=(1, 2)))


def standard_bands(size):
    edges = kf.band_edges(size)
    return [kf.band_pass_mask(size, low, high) for low, high in pairwise(edges)]


def band_energies(amplitudes, cells=True):
    """Energy in each standard band of each image, (N, 4)."""
    size = amplitudes.shape[1]
    power = (amplitudes**2).sum(axis=-1)
    return np.stack([power[:, band & cells].sum(axis=1) for band in standard_bands(size)], axis=1)


@pytest.fixture(scope="module", params=BANDS)
def drawn(request):
    """One set: (band, amplitudes by class, images by class, planted mask)."""
    images, labels = kf.data.frequency_bands(request.param, per_class=PER_CLASS)
    images = [images[labels == k] for k in range(4)]
    planted = kf.data.planted_masks(request.param)[0]
    return request.param, [spectra(x) for x in images], images, planted


def test_images_fit_into_the_unit_interval_without_clipping(drawn):
    _, amplitudes, images, _ = drawn
    for k in range(4):
        assert images[k].min() > 0
        assert images[k].max() < 1
        # DC carries no noise: every image has the mean 0.5 in every channel.
        assert amplitudes[k][:, 16, 16].max() < 1e-4


def test_planted_pairs_are_strong_in_c0_and_zero_elsewhere(drawn):
    _, amplitudes, _, planted = drawn
    typical = np.median(amplitudes[1][:, ~planted])
    for k in (1, 2, 3):
        assert amplitudes[k][:, planted].max() < 1e-5 * typical
    for reference in (typical, np.median(amplitudes[0][:, ~planted])):
        assert 2 < np.median(amplitudes[0][:, planted]) / reference < 3
        assert 2 < amplitudes[0][:, planted].mean() / reference < 3
    # ... each single one of them, in each channel.
    each = amplitudes[0][:, planted].mean(axis=0) / amplitudes[0][:, ~planted].mean()
    assert each.min() > 1.8
    assert each.max() < 3.2


def test_without_the_planted_pairs_c0_has_the_band_energies_of_c1_and_c2(drawn):
    band, amplitudes, _, planted = drawn
    constant = [k for k in range(4) if k + 1 not in synthetic_bands._RELATED_BANDS[band]]
    energies = [band_energies(amplitudes[k], ~planted) for k in (0, 1, 2)]
    for other in (1, 2):
        np.testing.assert_allclose(
            energies[0][:, constant].mean(axis=0),
            energies[other][:, constant].mean(axis=0),
            rtol=1e-6,
        )
        # Log-normal energies agree as far as 400 images can tell: five standard errors.
        np.testing.assert_allclose(
            energies[0].mean(axis=0), energies[other].mean(axis=0), rtol=5 * 0.36 * np.sqrt(2 / 400)
        )


def test_c3_has_energy_in_its_band_only(drawn):
    band, amplitudes, _, _ = drawn
    own = standard_bands(32)[band - 1].copy()
    own[16, 16] = False
    typical = np.median(amplitudes[3][:, own])
    assert amplitudes[3][:, ~own].max() < 1e-4 * typical
    assert amplitudes[3].mean(axis=(0, 3))[own].min() > 0.5 * typical


def test_c3_has_the_contrast_of_c1(drawn):
    _, _, images, _ = drawn
    contrast = [np.sqrt(x.var(axis=(1, 2, 3)).mean()) for x in images]
    assert contrast[3] == pytest.approx(contrast[1], rel=0.02)
    assert contrast[1] == pytest.approx(0.075, rel=0.1)


def test_energies_are_set_for_each_image_not_on_average(drawn):
    band, amplitudes, _, _ = drawn
    constant = [k for k in range(4) if k + 1 not in synthetic_bands._RELATED_BANDS[band]]
    for k in (0, 1, 2):
        energies = band_energies(amplitudes[k])
        assert energies.min() > 0
        np.testing.assert_allclose(energies[:, constant].std(axis=0), 0, atol=1e-3)
    own = band_energies(amplitudes[3])[:, band - 1]
    assert own.std() / own.mean() < 1e-5


def test_related_bands_are_log_normal_with_their_correlation(drawn):
    band, amplitudes, _, _ = drawn
    related = [k - 1 for k in synthetic_bands._RELATED_BANDS[band]]
    assert band - 1 not in related
    for label, correlation in [(0, 0.0), (1, 0.9), (2, -0.9)]:
        logs = np.log(band_energies(amplitudes[label])[:, related])
        np.testing.assert_allclose(logs.std(axis=0), 0.35, rtol=0.15)
        # Five standard errors of a correlation over 400 images.
        bound = 5 * (1 - correlation**2) / np.sqrt(PER_CLASS)
        assert np.corrcoef(logs.T)[0, 1] == pytest.approx(correlation, abs=bound)
        skew = ((logs - logs.mean(axis=0)) ** 3).mean(axis=0) / logs.std(axis=0) ** 3
        assert np.abs(skew).max() < 5 * np.sqrt(6 / PER_CLASS)


def test_class_mean_spectra_of_c1_and_c2_agree(drawn):
    _, amplitudes, _, planted = drawn
    first, second = amplitudes[1], amplitudes[2]
    error = np.sqrt((first.var(axis=0) + second.var(axis=0)) / PER_CLASS)
    off = ~planted
    off[16, 16] = False
    z = ((first.mean(axis=0) - second.mean(axis=0)) / error)[off]
    # Over 3000 differences: unbiased, of unit spread, none beyond chance.
    assert np.abs(z).max() < 5
    assert 0.8 < z.std() < 1.25


def largest_departure(first, second):
    """Largest |AUC - 0.5| over features, (N, F) against (N, F): Mann and Whitney's statistic."""
    count = len(first)
    ranks = np.concatenate([first, second]).argsort(axis=0).argsort(axis=0) + 1
    auc = (ranks[:count].sum(axis=0) - count * (count + 1) / 2) / count**2
    return np.abs(auc - 0.5).max()


def test_no_single_band_and_no_single_frequency_tells_c1_from_c2(drawn):
    band, amplitudes, _, planted = drawn
    once = kf.conjugate_pairs(32)[:, 0]
    once = once[~planted.reshape(-1)[once] & (once != 16 * 32 + 16)]
    first, second = (a.sum(axis=-1).reshape(PER_CLASS, -1)[:, once] for a in amplitudes[1:3])
    # The standard error of an AUC of 0.5, and Bonferroni's bound for a family-wise 1 %.
    error = np.sqrt((2 * PER_CLASS + 1) / (12 * PER_CLASS**2))
    assert largest_departure(first, second) < 4.6 * error  # 501 frequencies
    related = [k - 1 for k in synthetic_bands._RELATED_BANDS[band]]
    first, second = (band_energies(a)[:, related] for a in amplitudes[1:3])
    assert largest_departure(first, second) < 2.9 * error
    # The relation does: it is there to be learned.
    first, second = (np.log(x) - np.log(x).mean(axis=0) for x in (first, second))
    assert roc_auc_score(np.repeat([1, 0], PER_CLASS), np.r_[first.prod(1), second.prod(1)]) > 0.9


def test_channels_are_independent(drawn):
    _, _, images, _ = drawn
    for k in (0, 3):
        x = images[k] - 0.5
        products = (x[..., 0] * x[..., 1]).mean(axis=(1, 2)) / x.var()
        assert abs(products.mean()) < 5 * products.std() / np.sqrt(PER_CLASS)


def test_planted_masks_hold_twelve_pairs_outside_the_band():
    for size in (16, 17, 32, 33, 64):
        for band in BANDS:
            masks = kf.data.planted_masks(band, size=size)
            assert masks.shape == (4, size, size)
            assert not masks[1:].any()
            assert masks[0].sum() == 24  # self-conjugate cells would make it odd or fewer
            kf.fourier.check_mask(masks[0])
            assert not (masks[0] & standard_bands(size)[band - 1]).any()


def test_planted_masks_depend_on_band_and_seed():
    planted = [kf.data.planted_masks(b, seed=s)[0] for b in BANDS for s in (0, 1)]
    assert len({mask.tobytes() for mask in planted}) == 8


@pytest.mark.parametrize("size", [16, 17, 33, 48])
def test_other_sizes_follow_the_recipe(size):
    for band in (1, 4):
        images, labels = kf.data.frequency_bands(band, per_class=20, size=size, seed=3)
        assert images.shape == (80, size, size, 3)
        assert images.min() >= 0
        assert images.max() <= 1
        planted = kf.data.planted_masks(band, size=size, seed=3)[0]
        amplitudes = spectra(images)
        typical = np.median(amplitudes[labels == 1][:, ~planted])
        assert amplitudes[labels != 0][:, planted].max() < 1e-5 * typical
        assert 2 < amplitudes[labels == 0][:, planted].mean() / typical < 3
        own = band_energies(amplitudes[labels == 3])
        assert own[:, band - 1].min() > 1e8 * np.delete(own, band - 1, axis=1).max()


def test_same_seed_same_bits_and_a_smaller_set_is_a_prefix():
    images, labels = kf.data.frequency_bands(2, per_class=6)
    again, _ = kf.data.frequency_bands(2, per_class=6)
    fewer, fewer_labels = kf.data.frequency_bands(2, per_class=3)
    assert images.tobytes() == again.tobytes()
    assert images[:12].tobytes() == fewer.tobytes()
    np.testing.assert_array_equal(labels, [0, 1, 2, 3] * 6)
    np.testing.assert_array_equal(fewer_labels, [0, 1, 2, 3] * 3)


def test_chunks_do_not_show(monkeypatch):
    whole, _ = kf.data.frequency_bands(2, per_class=5)
    monkeypatch.setattr(synthetic_bands, "_CHUNK", 2)
    np.testing.assert_array_equal(whole, kf.data.frequency_bands(2, per_class=5)[0])


def test_seed_band_and_split_give_other_images():
    draws = [
        kf.data.frequency_bands(band, split=split, per_class=2, seed=seed)[0]
        for band in (1, 2)
        for split in ("train", "test")
        for seed in (0, 1)
    ]
    assert len({image.tobytes() for images in draws for image in images}) == 8 * 8


def test_default_sizes():
    assert len(kf.data.frequency_bands(1, split="test")[0]) == 400
    assert synthetic_bands.PER_CLASS == {"train": 1000, "test": 100}


def test_an_image_that_leaves_the_unit_interval_is_drawn_again(monkeypatch):
    monkeypatch.setattr(synthetic_bands, "_STD", 0.13)  # nearly every second image leaves [0, 1]
    images, labels = kf.data.frequency_bands(4, per_class=20)
    assert images.min() >= 0
    assert images.max() <= 1
    planted = kf.data.planted_masks(4)[0]
    assert spectra(images[labels == 1])[:, planted].max() < 1e-5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"band": 0}, "`band` must be an integer >= 1. Received: band=0"),
        ({"band": 5}, "`band` must be one of 1, 2, 3, 4. Received: band=5"),
        ({"band": "b1"}, "Received: band='b1'"),
        ({"band": True}, "Received: band=True"),
        ({"band": 1, "size": 15}, "`size` must be an integer >= 16. Received: size=15"),
        ({"band": 1, "size": 32.0}, "`size` must be an integer >= 16"),
        ({"band": 1, "seed": -1}, "`seed` must be an integer >= 0"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    for function in (kf.data.frequency_bands, kf.data.planted_masks):
        with pytest.raises(ValueError, match=message.replace("?", r"\?")):
            function(**arguments)


def test_split_and_per_class_out_of_range():
    with pytest.raises(ValueError, match="`split` must be"):
        kf.data.frequency_bands(1, split="validation")
    with pytest.raises(ValueError, match="`per_class` must be an integer >= 1"):
        kf.data.frequency_bands(1, per_class=0)
