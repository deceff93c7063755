"""Frequencies of other images, against NumPy in float64."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interventions_cases import CLASSES, SHAPE, linear_model, some_images, some_masks

import keras_freq as kf
from keras_freq.interventions import SwappedFrequencies, ask

PARTS = ("content", "amplitude", "phase")


def swapped(image, donor, mask, what):
    """The exchange written out, of one image `(H, W, C)`."""
    own, other = (np.fft.fft2(x.astype(np.float64), axes=(0, 1)) for x in (image, donor))
    mixed = {
        "content": other,
        "amplitude": np.abs(other) * np.exp(1j * np.angle(own)),
        "phase": np.abs(own) * np.exp(1j * np.angle(other)),
    }[what]
    chosen = np.where(np.fft.ifftshift(mask)[..., None], mixed, own)
    whole = np.fft.ifft2(chosen, axes=(0, 1))
    np.testing.assert_allclose(whole.imag, 0, atol=1e-9)
    return whole.real


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("what", PARTS)
def test_the_exchange_written_out(what, full):
    (images, _), masks = some_images(), some_masks()
    rng = np.random.default_rng(0)
    image, donor = rng.integers(0, 5, 60), rng.integers(0, len(images), 60)
    mask = rng.integers(0, len(masks), 60)
    intervention = SwappedFrequencies(masks, images, what)
    given = intervention.apply(intervention.prepare(images[:5]), image, mask, donor, full=full)
    expected = [
        swapped(images[i], images[d], masks[m], what)
        for i, d, m in zip(image, donor, mask, strict=True)
    ]
    np.testing.assert_allclose(given, expected, atol=2e-5)
    assert np.min(given) < 0  # not clipped


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(1, 9),
    width=st.integers(1, 9),
    channels=st.integers(1, 3),
    what=st.sampled_from(PARTS),
    seed=st.integers(0, 99),
)
def test_what_stays_and_what_comes(height, width, channels, what, seed):
    """Moduli and phases of the result, on sides of every kind."""
    rng = np.random.default_rng(seed)
    images = rng.random((2, height, width, channels), np.float32)
    mask = rng.random((height, width)) < 0.5
    mask |= kf.fourier.conjugate(mask)
    intervention = SwappedFrequencies(mask[None], images, what)
    zero, one = np.zeros(1, int), np.ones(1, int)
    result = np.array(intervention.apply(intervention.prepare(images), zero, zero, one, full=False))
    before, donor, after = (
        np.fft.fftshift(np.fft.fft2(x.astype(np.float64), axes=(0, 1)), axes=(0, 1))
        for x in (images[0], images[1], result[0])
    )
    np.testing.assert_allclose(after[~mask], before[~mask], atol=1e-4)
    amplitude, phase = (before, donor) if what == "phase" else (donor, before)
    phase = donor if what == "content" else phase
    np.testing.assert_allclose(np.abs(after[mask]), np.abs(amplitude[mask]), atol=1e-4)
    expected = np.abs(amplitude) * phase / np.abs(phase)
    # A phase is known the worse the weaker its frequency is, in float32 of values around 1.
    known = 1e-4 + np.abs(amplitude) * 2e-6 / np.abs(phase)
    assert (np.abs(after - expected) < known)[mask].all()


def test_frequencies_that_an_image_does_not_have():
    """A flat image has no phases: amplitudes come with phase 0, and phases do not come."""
    size = 8
    flat = np.full((size, size, 1), 0.5, np.float32)
    wave = np.cos(2 * np.pi * (2 * np.arange(size) / size + 0.2))
    striped = (0.5 + 0.2 * np.broadcast_to(wave[None, :, None], flat.shape)).astype(np.float32)
    images = np.stack([flat, striped])
    everything = np.ones((1, size, size), bool)

    def of(what, image, donor):
        swap = SwappedFrequencies(everything, images, what)
        numbers = [np.array([number]) for number in (image, 0, donor)]
        return np.array(swap.apply(swap.prepare(images), *numbers, full=False))[0]

    # Phase 0 is a cosine with its crest at the left border.
    crest = 0.5 + 0.2 * np.cos(2 * np.pi * 2 * np.arange(size) / size)
    np.testing.assert_allclose(of("amplitude", 0, 1)[..., 0], np.tile(crest, (size, 1)), atol=1e-6)
    np.testing.assert_allclose(of("phase", 0, 1), flat, atol=1e-6)
    np.testing.assert_allclose(of("phase", 1, 0), striped, atol=1e-6)
    np.testing.assert_allclose(of("content", 0, 1), striped, atol=1e-6)
    np.testing.assert_allclose(of("amplitude", 1, 0), flat, atol=1e-6)


def test_the_change_of_every_loss_of_a_linear_model_is_known():
    model, (images, labels), masks = linear_model(), some_images(), some_masks()
    donors = np.roll(np.arange(len(images)), 7)

    def items_of(labels, first):
        image, mask = np.indices((len(labels), len(masks))).reshape(2, -1)
        return np.stack([image, mask, donors[first + image], first + image], axis=1)

    weights, bias = (weight.astype(np.float64) for weight in model.get_weights())
    seen = 0
    for _, (_, mask, _, number), losses in ask(
        "losses",
        model,
        (images, labels),
        CLASSES,
        SwappedFrequencies(masks, images),
        items_of,
        task="test",
        batch_size=13,
    ):
        untouched = images.reshape(len(images), -1) @ weights + bias
        for m, d, i, loss in zip(mask, donors[number], number, losses, strict=True):
            # What the exchange adds to the image adds its own scores to the image's.
            added = swapped(images[d] - images[i], 0 * images[i], ~masks[m], "content")
            scores = untouched[i] + added.reshape(-1) @ weights
            expected = np.log(np.exp(scores - scores[labels[i]]).sum())
            np.testing.assert_allclose(loss, expected, rtol=2e-5, atol=1e-6)
            seen += 1
    assert seen == len(images) * len(masks)
    assert images.shape[1:] == SHAPE


def test_a_unit_holds_only_the_donors_that_it_needs():
    (images, _), masks = some_images(), some_masks()
    whole = SwappedFrequencies(masks, images)
    items = np.array([[0, 1, 30, 7], [1, 2, 12, 8], [0, 3, 30, 9]])
    part, renumbered = whole.for_items(items)
    assert len(part.donors) == 2 and renumbered.tolist() == [
        [0, 1, 1, 7],
        [1, 2, 0, 8],
        [0, 3, 1, 9],
    ]
    results = [
        one.apply(one.prepare(images[:2]), *columns.T, full=False)
        for one, columns in ((whole, items), (part, renumbered))
    ]
    np.testing.assert_array_equal(*results)


def test_wrong_arguments_are_named():
    images, _ = some_images()
    with pytest.raises(ValueError, match=r"`what` must be one of 'content'.*Did you mean 'phase'"):
        SwappedFrequencies(some_masks(), images, "phases")
    with pytest.raises(ValueError, match=r"`masks` must have the size of the images"):
        SwappedFrequencies(np.ones((1, 3, 3), bool), images).prepare(images)
