"""The variants of the synthetic sets: no cue, two cues, an honest one."""

import numpy as np
import pytest

import keras_freq as kf
from keras_freq.data.planted_cues import CUES

BANDS = (1, 2, 3, 4)


def of_c0(band, cues, count=40):
    """Spectra of images of C0, centred, the first channel, and the flat planted mask."""
    images, labels = kf.data.frequency_bands(band, per_class=count, cues=cues)
    waves = np.fft.fft2(images[labels == 0, ..., 0].astype(np.float64) - 0.5)
    planted = kf.data.planted_masks(band, cues=cues)[0]
    return np.fft.fftshift(waves, axes=(1, 2)), planted


def fit_of_a_move(waves, cells):
    """How well the phases of each image are those of the first, moved: 0 to 1, and the moves."""
    rows, columns = np.nonzero(cells)
    frequencies = np.stack([rows - 16, columns - 16])
    moves = np.stack(np.divmod(np.arange(32 * 32), 32), axis=1)
    turns = np.exp(-2j * np.pi / 32 * moves @ frequencies)
    phases = np.exp(1j * np.angle(waves[:, cells]))
    fit = np.abs(phases * phases[0].conj() @ turns.conj().T) / len(rows)
    return fit.max(axis=1)[1:], fit.argmax(axis=1)[1:]


@pytest.mark.parametrize("band", BANDS)
def test_without_a_cue_the_other_classes_are_the_same_bits(band):
    images, labels = kf.data.frequency_bands(band, per_class=5)
    control, _ = kf.data.frequency_bands(band, per_class=5, cues="none")
    np.testing.assert_array_equal(images[labels != 0], control[labels != 0])
    assert (images[labels == 0] != control[labels == 0]).any(axis=(1, 2, 3)).all()
    # C0 has nothing where its cue would be, as the other classes.
    waves, planted = of_c0(band, "none")
    assert not planted.any()
    assert np.abs(waves[:, kf.data.planted_masks(band)[0]]).max() < 1e-5


@pytest.mark.parametrize("band", BANDS)
def test_of_two_cues_each_is_a_pattern_that_is_moved_for_itself(band):
    waves, both = of_c0(band, "two")
    first = kf.data.planted_masks(band)[0]
    second = both & ~first
    assert first.sum() == second.sum() == 24
    assert (first & both).sum() == 24
    moves = []
    for cells in (first, second):
        fit, move = fit_of_a_move(waves, cells)
        np.testing.assert_allclose(fit, 1, atol=1e-3)
        moves.append(move)
    assert (moves[0] != moves[1]).mean() > 0.8
    assert fit_of_a_move(waves, both)[0].min() < 0.9


@pytest.mark.parametrize("cues", ["honest", "planted_and_honest"])
def test_the_honest_cue_hangs_together_over_all_frequencies(cues):
    waves, planted = of_c0(2, cues)
    assert planted.sum() == (24 if cues == "planted_and_honest" else 0)
    others = np.abs(waves).min(axis=0) > 1e-3
    fit, _ = fit_of_a_move(waves, others & ~planted)
    assert fit.min() > 0.4
    without, _ = fit_of_a_move(of_c0(2, "planted")[0], others & ~planted)
    assert without.max() < 0.3
    if planted.any():
        np.testing.assert_allclose(fit_of_a_move(waves, planted)[0], 1, atol=1e-3)


def test_masks_of_all_variants():
    assert set(CUES) == {"planted", "none", "two", "honest", "planted_and_honest"}
    for size in (16, 17, 32):
        masks = {cues: kf.data.planted_masks(1, size=size, cues=cues) for cues in CUES}
        assert all(mask.shape == (4, size, size) for mask in masks.values())
        assert not any(mask[1:].any() for mask in masks.values())
        cells = {cues: int(mask.sum()) for cues, mask in masks.items()}
        assert cells == {"planted": 24, "none": 0, "two": 48, "honest": 0, "planted_and_honest": 24}
        np.testing.assert_array_equal(masks["planted"], masks["planted_and_honest"])


@pytest.mark.parametrize("cues", list(CUES))
def test_variants_keep_the_energies_of_bands(cues):
    images, labels = kf.data.frequency_bands(3, per_class=6, cues=cues)
    assert images.shape == (24, 32, 32, 3)
    assert (images >= 0).all()
    assert (images <= 1).all()
    planted, _ = kf.data.frequency_bands(3, per_class=6)
    for variant in np.flatnonzero(labels != 3):
        power = [np.abs(np.fft.fft2(x[variant] - 0.5, axes=(0, 1))) ** 2 for x in (images, planted)]
        for low, high in zip(kf.band_edges(32), kf.band_edges(32)[1:], strict=False):
            band = np.fft.ifftshift(kf.band_pass_mask(32, low, high))
            band[0, 0] = False
            np.testing.assert_allclose(power[0][band].sum(), power[1][band].sum(), rtol=1e-3)
