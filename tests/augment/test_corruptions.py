"""Corruptions against the maths of their publication, SciPy and Pillow."""

import colorsys

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image
from scipy import ndimage, stats

from keras_freq.augment import CORRUPTIONS, corrupt
from keras_freq.augment.corruptions import NOISES, SEVERITIES

SIZES = [(32, 32), (17, 24)]
STEPS = range(1, 6)


def photo(size=(32, 32), channels=3, count=2, seed=0):
    """Smooth pictures with edges, in whole 8-bit values."""
    rng = np.random.default_rng(seed)
    noise = rng.random((count, *size, channels))
    images = ndimage.gaussian_filter(noise, (0, 2, 2, 0)) * 3 - 1
    images[:, size[0] // 2 :, : size[1] // 2] = rng.random((count, 1, 1, channels))
    return (np.round(images.clip(0, 1) * 255) / 255).astype(np.float32)


def grey(level, count=40):
    """Pictures of one level, enough of them for moments."""
    return np.full((count, 16, 16, 3), level, np.float32)


def amounts(name):
    return SEVERITIES["cifar"][name]


@pytest.mark.parametrize("severity", STEPS)
def test_moments_of_noise(severity):
    count = grey(0.5).size
    for name, deviation in (
        ("gaussian_noise", amounts("gaussian_noise")[severity - 1]),
        ("speckle_noise", amounts("speckle_noise")[severity - 1] / 2),
        ("shot_noise", np.sqrt(0.5 / amounts("shot_noise")[severity - 1])),
    ):
        noise = np.asarray(corrupt(grey(0.5), name, severity, seed=(1, 2))) - 0.5
        assert abs(noise.mean()) < 4 * deviation / np.sqrt(count)
        assert noise.std() == pytest.approx(deviation, rel=0.03)
        # No two values, channels or images share their draws.
        assert abs(np.corrcoef(noise[0].flat, noise[1].flat)[0, 1]) < 0.15
        assert abs(np.corrcoef(noise[..., 0].flat, noise[..., 1].flat)[0, 1]) < 0.05


def test_kinds_of_noise():
    normal = np.asarray(corrupt(grey(0.5), "gaussian_noise", 1, seed=(1, 2)))
    assert stats.kstest((normal - 0.5).ravel()[::7] / 0.04, "norm").pvalue > 1e-3
    photons = np.asarray(corrupt(grey(0.1), "shot_noise", 5, seed=(1, 2)), float) * 50
    np.testing.assert_allclose(photons, np.round(photons), atol=1e-4)
    seen = np.bincount(np.round(photons).astype(int).ravel(), minlength=15)[:15]
    expected = stats.poisson(0.1 * 50).pmf(np.arange(15)) * photons.size
    assert stats.chisquare(seen, expected * seen.sum() / expected.sum()).pvalue > 1e-3
    for level in (0.2, 0.8):  # the darker, the less speckle
        speckle = np.asarray(corrupt(grey(level), "speckle_noise", 1, seed=(1, 2))) - level
        assert speckle.std() == pytest.approx(0.06 * level, rel=0.03)


@pytest.mark.parametrize("severity", STEPS)
def test_impulse_noise_makes_black_and_white_values(severity):
    share = amounts("impulse_noise")[severity - 1]
    images = grey(0.5)
    noisy = np.asarray(corrupt(images, "impulse_noise", severity, seed=(3, 1)))
    assert set(np.unique(noisy)) == {0, 0.5, 1}
    for value in (0, 1):
        changed = int((noisy == value).sum())
        assert stats.binomtest(changed, images.size, share / 2).pvalue > 1e-3
    same = (noisy[..., 0] != 0.5) & (noisy[..., 1] != 0.5)  # channels draw for themselves
    assert same.mean() < 3 * share**2 + 1e-3


@pytest.mark.parametrize("severity", STEPS)
@pytest.mark.parametrize("size", SIZES)
def test_blur_is_scipys(size, severity):
    images = photo(size)
    deviation = amounts("gaussian_blur")[severity - 1]
    expected = ndimage.gaussian_filter(
        images.astype(float), (0, deviation, deviation, 0), mode="nearest", truncate=4.0
    )
    np.testing.assert_allclose(corrupt(images, "gaussian_blur", severity), expected, atol=1e-6)


@pytest.mark.parametrize("severity", STEPS)
def test_contrast_and_brightness_written_out(severity):
    images = photo()
    images[0, 0, 0] = 0  # black has no hue
    factor, added = (amounts(name)[severity - 1] for name in ("contrast", "brightness"))
    means = images.astype(float).mean(axis=(1, 2), keepdims=True)
    expected = factor * images + (1 - factor) * means
    np.testing.assert_allclose(corrupt(images, "contrast", severity), expected, atol=1e-5)

    def brighter(pixel):
        hue, saturation, value = colorsys.rgb_to_hsv(*pixel.astype(float))
        return colorsys.hsv_to_rgb(hue, saturation, min(value + added, 1))

    expected = np.apply_along_axis(brighter, -1, images)
    np.testing.assert_allclose(corrupt(images, "brightness", severity), expected, atol=1e-6)


def in_pillow(images, change):
    """What Pillow makes of each image in 8 bits."""
    modes = {1: "L", 3: "RGB"}
    pictures = [
        Image.fromarray(np.round(255 * image).astype(np.uint8).squeeze(), modes[image.shape[-1]])
        for image in images
    ]
    changed = np.array([np.asarray(change(picture), float) for picture in pictures]) / 255
    return changed.reshape(images.shape)


@pytest.mark.parametrize("benchmark", ["cifar", "imagenet"])
@pytest.mark.parametrize("severity", STEPS)
@pytest.mark.parametrize("size", SIZES)
def test_pixelate_is_pillows(size, severity, benchmark):
    images = photo(size)
    share = SEVERITIES[benchmark]["pixelate"][severity - 1]
    small = int(size[1] * share), int(size[0] * share)
    expected = in_pillow(
        images,
        lambda picture: picture.resize(small, Image.BOX).resize(size[::-1], Image.BOX),
    )
    # Pillow rounds to 8 bits in each direction.
    result = corrupt(images, "pixelate", severity, benchmark=benchmark)
    np.testing.assert_allclose(result, expected, atol=1.01 / 255)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("severity", STEPS)
@pytest.mark.parametrize("size", SIZES)
def test_jpeg_is_pillows(size, severity, channels, tmp_path):
    images = photo(size, channels)
    quality = amounts("jpeg")[severity - 1]

    def stored(picture):
        picture.save(tmp_path / "picture.jpg", quality=quality)
        return Image.open(tmp_path / "picture.jpg")

    result = np.asarray(corrupt(images, "jpeg", severity))
    assert np.abs(result - images).max() > 0.01  # it loses something
    np.testing.assert_allclose(result, in_pillow(images, stored), atol=1.01 / 255)


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_eager_in_a_pipeline_and_alone_the_same(name):
    images = photo(count=3)
    eager = corrupt(images, name, 4, seed=(0, 7))
    assert eager.dtype == tf.float32 and eager.shape == images.shape
    assert np.min(eager) >= 0 and np.max(eager) <= 1
    batches = tf.data.Dataset.from_tensor_slices(images).batch(2)
    mapped = batches.map(lambda batch: corrupt(batch, name, 4, seed=(0, 7)))
    assert mapped.element_spec.shape.as_list() == [None, 32, 32, 3]
    first, second = mapped
    np.testing.assert_allclose(first, eager[:2], atol=1e-6)
    np.testing.assert_allclose(second, corrupt(images[2:], name, 4, seed=(0, 7)), atol=1e-6)
    np.testing.assert_allclose(corrupt(images[0], name, 4, seed=(0, 7)), eager[0], atol=1e-6)
    if name in NOISES:
        assert not np.array_equal(eager, corrupt(images, name, 4, seed=(0, 8)))
        with pytest.raises(ValueError, match="`seed` must be a stateless seed"):
            corrupt(images, name, 4)


@pytest.mark.parametrize("benchmark", SEVERITIES)
@pytest.mark.parametrize("name", sorted({*CORRUPTIONS} - {"pixelate"}))  # boxes may fit by chance
def test_a_higher_severity_changes_more(name, benchmark):
    images = photo()
    changes = [
        np.abs(corrupt(images, name, s, seed=(0, 1), benchmark=benchmark) - images).mean()
        for s in STEPS
    ]
    assert changes == sorted(changes)
    assert changes[-1] < 0.5
