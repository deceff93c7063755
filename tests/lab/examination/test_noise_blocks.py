"""What the blocks of waves, noise and gradients tell of a model, in words."""

import types

import numpy as np
import pandas as pd
import pytest
from wave_cases import PAIRS, wave_images, wave_model

from keras_freq.lab.examination.blocks import (
    error_by_wave,
    noise_in_octaves,
    spectrum_of_gradients,
)
from keras_freq.lab.examination.planning import Amount
from keras_freq.lab.examination.subject import Subject

OPTIONS = {"seed": 0, "progress": False, "checkpoint": None, "executor": None}


@pytest.fixture(scope="module")
def subject(wave):
    images, labels = wave_images(wave, 60)
    return Subject(wave_model(wave), ["minus", "plus"], None, (images, labels))


def test_the_octave_of_the_model_s_waves_is_told(subject):
    found = error_by_wave.BLOCK.measure(subject, {}, **OPTIONS)
    assert found.measured.all() and len(found.labels) == 60
    (sentence,) = error_by_wave.BLOCK.tell({"fourier_heat_map": found})
    # Waves of radius 3.6 to 6.3 alone move the scores.
    assert sentence.startswith("Waves of 4 to 8 cycles per image harm it most: ")
    centre = 8
    planted = {(centre + s * u, centre + s * v) for u, v in PAIRS for s in (1, -1)}
    harmful = set(map(tuple, np.argwhere(found.error > found.base_error + 0.05)))
    assert harmful and harmful <= planted
    amount = Amount("class", 2, (16, 16), 60, 60)
    assert error_by_wave.BLOCK.passes(amount) == found.evaluations
    large = Amount("class", 2, (224, 224), 500, 500)
    assert error_by_wave.BLOCK.passes(large) == 151 * 100


def told_of_waves(rings):
    """What is told of errors that are given, an image in each row."""
    heat = types.SimpleNamespace(image_rings=rings, labels=np.zeros(len(rings)), base_error=0.1)
    results = {"fourier_heat_map": heat}
    return error_by_wave.BLOCK.tell(results)[0], error_by_wave.BLOCK.headline(results)


def test_octaves_of_the_same_images_are_compared_image_by_image():
    """Images differ much and octaves little: their intervals overlap, and one is worse."""
    rng = np.random.default_rng(0)
    rings = np.repeat(rng.uniform(size=(100, 1)), 9, axis=1)
    rings[:, 4:8] += 0.08 + rng.normal(0, 0.05, (100, 4))
    sentence, (strength, quoted) = told_of_waves(rings)
    assert sentence.startswith("Waves of 4 to 8 cycles per image harm it most: of 100 images ")
    assert strength == pytest.approx(0.08, abs=0.02) and quoted == sentence


def test_what_waves_of_all_frequencies_do_may_be_alike_or_unknown():
    rng = np.random.default_rng(1)
    found = [told_of_waves(rng.integers(0, 2, (30, 9)).astype(float))[0] for _ in range(100)]
    chance = [one.startswith("Which waves harm it most cannot be told") for one in found]
    assert sum(chance) >= 95  # the interval of all pairs of octaves covers 95 %
    alike = np.repeat(rng.uniform(size=(100, 1)), 9, axis=1) + rng.normal(0, 0.01, (100, 9))
    sentence, quoted = told_of_waves(alike)
    assert sentence.startswith("Waves of all frequencies harm it about as much: of 100 images")
    assert quoted is None


def test_noise_of_low_contrast_or_of_images_as_they_are(subject):
    found = noise_in_octaves.BLOCK.measure(subject, {}, **OPTIONS)
    (sentence,) = noise_in_octaves.BLOCK.tell({"critical_bands": found})
    assert found.images == 60
    assert sentence.startswith(
        ("On grey images of low contrast, of which", "How wide its channel is cannot be told: ")
    )
    # A model that knows nothing of low contrast is asked again.
    dull = wave_model(subject.scored[0][0] * 0 + 1e-9)
    again = noise_in_octaves.BLOCK.measure(
        Subject(dull, subject.class_names, None, subject.scored), {}, **OPTIONS
    )
    assert (again.contrast, again.grey) == (1.0, False)


@pytest.mark.parametrize(("base", "quoted"), [(0.9, True), (0.3, False)])
def test_a_channel_is_told_with_what_is_right_without_noise(base, quoted):
    """A model that hardly knows such images is not quoted in the verdict."""
    bands = types.SimpleNamespace(
        finding="", bandwidth=2.6, bandwidth_interval=(2.0, 3.0), centre=1.0, grey=True,
        base_accuracy=base,
    )  # fmt: skip
    sweep = pd.DataFrame({"class_id": [-1], "kind": ["untouched"], "recall": [0.97]})
    results = {"critical_bands": bands, "filter_sweep": sweep}
    assert noise_in_octaves.BLOCK.tell(results) == [
        f"On grey images of low contrast, of which it is right for {100 * base:.0f} % without "
        "noise, its channel, in which noise harms it, is 2.6 octaves wide (95 % interval 2 to 3), "
        "around 1 cycle per image; that of people is one octave wide."
    ]
    assert (noise_in_octaves.BLOCK.headline(results) is not None) == quoted


def test_where_the_loss_is_steep(subject):
    found = spectrum_of_gradients.BLOCK.measure(subject, {}, **OPTIONS)
    assert isinstance(found, pd.DataFrame)
    (sentence,) = spectrum_of_gradients.BLOCK.tell({"gradient_spectrum": found})
    assert sentence.startswith("Its loss is steepest in middle frequencies: ")
    flat = found.assign(share_low=0.0)
    assert spectrum_of_gradients.BLOCK.tell({"gradient_spectrum": flat}) == [
        "Its loss is about as steep in all frequencies."
    ]
