"""One changed image in figures: what is drawn is what the maths and the model say."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image
from plot_cases import small_classifier
from scipy.special import softmax

import keras_freq as kf
from keras_freq import plots

IMAGE = small_classifier()[1][0][0]
CASES = {
    "low-pass": (2.5, kf.low_pass_mask(8, 2.5)),
    "high-pass": (2.5, kf.high_pass_mask(8, 2.5)),
    "band-pass": ((1, 3), kf.band_pass_mask(8, 1, 3)),
    "band-stop": ((1, 3), kf.band_stop_mask(8, 1, 3)),
}


def answer_of(image):
    """The probabilities of the small model, by its weights."""
    weights, bias = small_classifier()[0].get_weights()
    return softmax(image.astype(np.float64).reshape(-1) @ weights + bias)


@pytest.mark.parametrize("change", CASES)
def test_shows_the_filtered_image_its_spectrum_and_the_answer(change):
    value, mask = CASES[change]
    axes = plots.changed_image(small_classifier()[0], IMAGE, change, value)
    grey = IMAGE.mean()
    kept = np.fft.fftshift(np.fft.fft2(IMAGE[..., 0].astype(np.float64) - grey)) * mask
    expected = np.fft.ifft2(np.fft.ifftshift(kept)).real + grey
    drawn = axes[0].images[0].get_array()
    np.testing.assert_allclose(np.squeeze(drawn), expected.clip(0, 1), atol=1e-5)
    spectrum = np.asarray(axes[1].images[0].get_array().filled(np.nan))
    amplitudes = np.abs(np.fft.fftshift(np.fft.fft2(expected)))
    left = mask.copy()
    left[4, 4] = True  # the mean stays
    np.testing.assert_array_equal(np.isfinite(spectrum), left)
    np.testing.assert_allclose(spectrum[left], np.log10(amplitudes[left]), atol=1e-3)
    bars = [bar.get_width() for bar in axes[2].patches]
    np.testing.assert_allclose(bars, answer_of(expected[..., None]), atol=1e-5)
    strokes = axes[2].lines[0].get_xdata()
    np.testing.assert_allclose(strokes, answer_of(IMAGE), atol=1e-5)


def test_says_whether_the_answer_is_another():
    images = small_classifier()[1][0]
    for image in images[:4]:
        axes = plots.changed_image(
            small_classifier()[0], image, "high-pass", 1, class_names=["a", "b"]
        )
        widths = [bar.get_width() for bar in axes[2].patches]
        word = "still" if np.argmax(widths) == answer_of(image).argmax() else "now"
        assert axes[2].get_title().startswith(f"{word} {'ab'[np.argmax(widths)]}, ")


def test_phase_noise_keeps_amplitudes():
    axes = plots.changed_image(small_classifier()[0], IMAGE, "phase noise", 180, seed=3)
    spectrum = axes[1].images[0].get_array().filled(np.nan)
    before = np.abs(np.fft.fftshift(np.fft.fft2(IMAGE[..., 0].astype(np.float64))))
    np.testing.assert_allclose(spectrum, np.log10(before), atol=1e-3)


def pixels(picture):
    """The picture of a slider, as an array."""
    return np.asarray(Image.open(io.BytesIO(picture.value)).convert("RGB"))


def test_a_slider_draws_what_it_is_set_to():
    pytest.importorskip("ipywidgets")
    model, (images, _), _ = small_classifier()
    shown = kf.frequency_slider(model, images, class_names=["a", "b"])
    controls, picture = shown.children
    number, change, radius, band, degrees = controls.children
    displayed = [one.layout.display for one in controls.children]
    assert displayed == ["flex", "flex", "flex", "none", "none"]
    radius.value, number.value = 2.5, 3
    for kind, slider, value in (("low-pass", radius, 2.5), ("phase noise", degrees, 90)):
        change.value, slider.value = kind, value
        axes = plots.changed_image(model, images[3], kind, value, class_names=["a", "b"])
        held = io.BytesIO()
        axes[0].figure.savefig(held, format="png", dpi=110)
        np.testing.assert_array_equal(pixels(picture), np.asarray(Image.open(held).convert("RGB")))
        plt.close("all")
    assert [one.layout.display for one in controls.children][2:] == ["none", "none", "flex"]
    change.value, band.value = "band-pass", (2.0, 2.0)  # both ends in one place
    assert plt.get_fignums() == []


def test_without_ipywidgets_it_says_what_to_do(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "ipywidgets", None)
    with pytest.raises(ImportError, match="pip install ipywidgets"):
        kf.frequency_slider(*small_classifier()[:1], IMAGE)
