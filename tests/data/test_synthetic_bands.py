"""The synthetic bands do what their recipe says, measured on the images themselves."""

from itertools import pairwise

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import keras_freq as kf
from keras_freq.data import shaped_noise, synthetic_bands

BANDS = (1, 2, 3, 4)
PER_CLASS = 300


def waves(images):
    """Centred spectra in complex128, the mean of 0.5 taken off."""
    spectra = np.fft.fft2(images.astype(np.float64) - 0.5, axes=(1, 2))
    return np.fft.fftshift(spectra, axes=(1, 2))


def spectra(images):
    """Centred amplitudes in float64."""
    return np.abs(waves(images))


def standard_bands(size):
    """The four bands without DC."""
    edges = kf.band_edges(size)
    bands = np.stack([kf.band_pass_mask(size, low, high) for low, high in pairwise(edges)])
    bands[:, size // 2, size // 2] = False
    return bands


def band_energies(amplitudes):
    """Energy in each standard band of each image, (N, 4)."""
    power = (amplitudes**2).sum(axis=-1)
    bands = standard_bands(amplitudes.shape[1])
    return np.stack([power[:, band].sum(axis=1) for band in bands], axis=1)


def rings(size):
    """The ring of each cell: its band, and its radius as an integer."""
    band = standard_bands(size).argmax(axis=0)
    return band + 4 * np.rint(kf.fourier.radius_map(size)).astype(int)


@pytest.fixture(scope="module", params=BANDS)
def drawn(request):
    """One set: (band, amplitudes by class, images by class, planted mask)."""
    images, labels = kf.data.frequency_bands(request.param, per_class=PER_CLASS)
    images = [images[labels == k] for k in range(4)]
    planted = kf.data.planted_masks(request.param)[0]
    return request.param, [spectra(x) for x in images], images, planted


def strong_and_empty(amplitudes, band):
    """Cells that are grey and equal in all of a band, and cells that hold nothing, (N, H, W)."""
    inside = standard_bands(amplitudes.shape[1])[band]
    mean = np.sqrt((amplitudes[:, inside] ** 2).mean())
    grey = np.ptp(amplitudes, axis=-1) < 3e-5 * mean
    empty = amplitudes.max(axis=-1) < 1e-4 * mean
    return grey & ~empty & inside, empty & inside


def test_images_fit_into_the_unit_interval_without_clipping(drawn):
    _, amplitudes, images, _ = drawn
    for k in range(4):
        assert images[k].min() > 0
        assert images[k].max() < 1
        # DC carries no noise: every image has the mean 0.5 in every channel.
        assert amplitudes[k][:, 16, 16].max() < 1e-4


def test_planted_pairs_have_one_amplitude_in_c0_and_nothing_elsewhere(drawn):
    _, amplitudes, _, planted = drawn
    for k in (1, 2, 3):
        assert amplitudes[k][:, planted].max() < 1e-5 * np.median(amplitudes[1])
    for band, inside in enumerate(standard_bands(32)):
        if not (planted & inside).any():
            continue
        own = amplitudes[0][:, planted & inside]
        np.testing.assert_allclose(own, own[:, :1, :1] + np.zeros_like(own), rtol=1e-4)
        _, empty = strong_and_empty(amplitudes[0], band)
        others = inside & ~planted & ~empty
        power = ((amplitudes[0] ** 2).mean(axis=-1) * others).sum(axis=(1, 2))
        ratio = own[:, 0, 0] / np.sqrt(power / others.sum(axis=(1, 2)))
        np.testing.assert_allclose(ratio, shaped_noise.GAIN, rtol=1e-4)


def test_decoys_are_as_strong_and_as_many_in_each_ring_as_the_planted_pairs(drawn):
    _, amplitudes, _, planted = drawn
    ring = rings(32)
    wanted = np.bincount(ring[planted], minlength=ring.max() + 1)
    for band, inside in enumerate(standard_bands(32)):
        own = wanted * np.isin(np.arange(len(wanted)), ring[inside])
        share = [0, 0, 0]
        for k in (0, 1, 2):
            strong, empty = strong_and_empty(amplitudes[k], band)
            for cells in (strong, empty):
                counts = [np.bincount(ring[image], minlength=len(own)) for image in cells]
                np.testing.assert_array_equal(counts, np.broadcast_to(own, (PER_CLASS, len(own))))
            power = (amplitudes[k] ** 2).sum(axis=-1)
            share[k] = (power * strong).sum((1, 2)) / (power * inside).sum((1, 2))
        # The share of a band's energy is the same in each image of each class.
        np.testing.assert_allclose(np.concatenate(share), share[0][0], rtol=1e-4, atol=1e-12)


def test_decoys_are_drawn_anew_for_each_image(drawn):
    _, amplitudes, _, planted = drawn
    ring = rings(32)
    for k in (1, 2):
        strong = sum(strong_and_empty(amplitudes[k], band)[0] for band in range(4))
        assert len({image.tobytes() for image in strong}) > 0.99 * PER_CLASS
        # Each pair of a ring that is not planted is a decoy equally often.
        share = strong.mean(axis=0)
        for index in np.unique(ring[planted]):
            there = (ring == index) & ~planted
            expected = (planted & (ring == index)).sum() / there.sum()
            # Self-conjugate cells are no decoys.
            there &= share > 0
            bound = 5 * np.sqrt(expected * (1 - expected) / PER_CLASS) + 0.1 * expected
            assert np.abs(share[there] - expected).max() < bound


def test_the_cue_is_one_pattern_that_is_moved(drawn):
    """Moving an image back makes the planted phases those of any other one."""
    _, _, images, planted = drawn
    rows, columns = np.nonzero(planted)
    frequencies = np.stack([rows - 16, columns - 16])
    phases = np.exp(1j * np.angle(waves(images[0][:40])[:, rows, columns]))
    np.testing.assert_allclose(phases, phases[..., :1] + np.zeros_like(phases), atol=1e-3)  # grey
    turned = phases[..., 0] * phases[0, :, 0].conj()
    moves = np.stack(np.meshgrid(np.arange(32), np.arange(32), indexing="ij"), axis=-1)
    all_moves = np.exp(-2j * np.pi / 32 * moves.reshape(-1, 2) @ frequencies)
    fit = np.abs(turned @ all_moves.conj().T) / len(rows)
    np.testing.assert_allclose(fit.max(axis=1), 1, atol=1e-3)
    assert len(np.unique(fit.argmax(axis=1))) > 30  # places differ
    # No move fits the noise of C1 at these or other cells.
    other = np.exp(1j * np.angle(waves(images[1][:40])[:, columns, rows, 0]))
    fit = np.abs((other * other[:1].conj()) @ all_moves.conj().T)[1:] / len(rows)
    assert fit.max() < 0.95


def test_c3_has_energy_in_its_band_only(drawn):
    band, amplitudes, _, _ = drawn
    own = standard_bands(32)[band - 1]
    typical = np.median(amplitudes[3][:, own])
    assert amplitudes[3][:, ~own].max() < 1e-4 * typical
    assert amplitudes[3].mean(axis=(0, 3))[own].min() > 0.5 * typical


def test_all_classes_have_one_contrast(drawn):
    _, _, images, _ = drawn
    contrast = [np.sqrt(x.var(axis=(1, 2, 3)).mean()) for x in images]
    np.testing.assert_allclose(contrast, 0.075, rtol=0.04)


def test_energies_are_log_normal_and_related_as_the_classes_say(drawn):
    band, amplitudes, _, _ = drawn
    related = [k - 1 for k in shaped_noise.RELATED_BANDS[band]]
    assert band - 1 not in related
    wanted = [np.eye(4), np.eye(4), np.eye(4)]
    for matrix, correlation in zip(wanted, (0.0, 0.9, -0.9), strict=True):
        matrix[related, related[::-1]] = correlation
    cells = standard_bands(32).sum(axis=(1, 2))
    for k in (0, 1, 2):
        energies = band_energies(amplitudes[k])
        logs = np.log(energies)
        np.testing.assert_allclose(logs.std(axis=0), 0.35, rtol=0.2)
        # Five standard errors of a correlation, of a mean and of a skewness over the images.
        bound = 5 * (1 - wanted[k] ** 2) / np.sqrt(PER_CLASS) + 1e-9
        assert (np.abs(np.corrcoef(logs.T) - wanted[k]) < bound).all()
        expected = 3 * 32**4 * 0.075**2 * cells / cells.sum()
        error = np.abs(energies.mean(axis=0) / expected - 1)
        assert error.max() < 5 * 0.361 / np.sqrt(PER_CLASS)
        skew = ((logs - logs.mean(axis=0)) ** 3).mean(axis=0) / logs.std(axis=0) ** 3
        assert np.abs(skew).max() < 5 * np.sqrt(6 / PER_CLASS)


def test_the_relation_of_two_bands_tells_c1_from_c2(drawn):
    band, amplitudes, _, _ = drawn
    related = [k - 1 for k in shaped_noise.RELATED_BANDS[band]]
    first, second = (np.log(band_energies(a)[:, related]) for a in amplitudes[1:3])
    first, second = (x - x.mean(axis=0) for x in (first, second))
    products = np.r_[first.prod(axis=1), second.prod(axis=1)]
    assert roc_auc_score(np.repeat([1, 0], PER_CLASS), products) > 0.9


def test_the_noise_of_channels_is_independent(drawn):
    _, amplitudes, images, _ = drawn
    for k in (0, 3):
        spectrum = waves(images[k])
        strong = sum(strong_and_empty(amplitudes[k], band)[0] for band in range(4))
        noise = np.where(strong[..., None], 0, spectrum) if k == 0 else spectrum
        products = (noise[..., 0] * noise[..., 1].conj()).real.mean(axis=(1, 2))
        assert abs(products.mean()) < 5 * products.std() / np.sqrt(PER_CLASS)


@pytest.mark.parametrize("size", [16, 17, 32, 33, 48])
def test_planted_masks_hold_twelve_pairs_outside_the_band(size):
    for band in BANDS:
        masks = kf.data.planted_masks(band, size=size)
        assert masks.shape == (4, size, size)
        assert masks.dtype == bool
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
        assert amplitudes[labels == 0][:, planted].mean() > 2 * typical
        own = band_energies(amplitudes[labels == 3])
        assert own[:, band - 1].min() > 1e8 * np.delete(own, band - 1, axis=1).max()


def test_same_seed_same_bits_and_a_smaller_set_is_a_prefix():
    images, labels = kf.data.frequency_bands(2, per_class=6)
    synthetic_bands._cues.cache_clear()  # drawn anew, as in another process
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
        for split in ("train", "validation", "test")
        for seed in (0, 1)
    ]
    assert len({image.tobytes() for images in draws for image in images}) == 12 * 8


def test_default_sizes():
    for split in ("validation", "test"):
        assert len(kf.data.frequency_bands(1, split=split)[0]) == 400
    assert synthetic_bands.PER_CLASS["train"] == 1000


def test_an_image_that_leaves_the_unit_interval_is_drawn_again(monkeypatch):
    monkeypatch.setattr(shaped_noise, "STD", 0.13)  # more than every second image leaves [0, 1]
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
        ({"band": 1, "cues": "both"}, "`cues` must be one of"),
    ],
)
def test_arguments_out_of_range(arguments, message):
    for function in (kf.data.frequency_bands, kf.data.planted_masks):
        with pytest.raises(ValueError, match=message.replace("?", r"\?")):
            function(**arguments)


def test_split_and_per_class_out_of_range():
    with pytest.raises(ValueError, match="`split` must be"):
        kf.data.frequency_bands(1, split="valid")
    with pytest.raises(ValueError, match="`per_class` must be an integer >= 1"):
        kf.data.frequency_bands(1, per_class=0)
