"""The fine parts of maps: against a planted truth, and against plain NumPy."""

import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf


def test_what_other_classes_have_is_no_fine_part():
    x = np.mgrid[:8, :8][1] / 8
    waves = {k: np.cos(2 * np.pi * (k * x)) for k in (1, 2, 3)}
    signs = np.random.default_rng(0).choice([-1, 1], (20, 2))
    images = np.stack([0.5 + 0.2 * a * waves[1] + 0.1 * b * waves[2] for a, b in signs])
    images = images[..., None].astype("float32")
    labels = np.arange(20) % 2
    images[labels == 1] += 0.1 * waves[3][..., None]
    maps = np.zeros((2, 8, 8), bool)
    maps[0, 4, [2, 4, 6]] = True  # of both classes, and DC
    maps[1, 4, [1, 7]] = True  # of class 1 alone
    fine = kf.fine_parts(maps, (images, labels))
    assert not fine[0].any()
    np.testing.assert_array_equal(fine[1], maps[1])


@pytest.mark.parametrize("size", [(9, 12), (8, 7)])
def test_fine_parts_against_plain_numpy(size):
    """Strong cells are found one by one in the whole spectrum; images come in uneven batches."""
    rng = np.random.default_rng(0)
    images = rng.uniform(size=(30, *size, 3)).astype("float32")
    labels = np.repeat([0, 1, 3], [4, 20, 6])  # class 2 has no images
    maps = np.stack([kf.random_maps(np.zeros(size, bool), 1)[0]] * 4)
    for k in range(3):  # the last map is empty
        maps[k] = kf.random_maps(kf.low_pass_mask(size, 2), 1, seed=k)[0]
    spectra = np.fft.fft2(images.astype(float), axes=(1, 2))
    power = np.fft.fftshift(np.abs(spectra) ** 2, axes=(1, 2)).mean(axis=3)
    middle = size[0] // 2, size[1] // 2
    expected = maps.copy()
    for k in range(4):
        others = power[labels != k].sum(axis=0)
        others[middle] = 0
        cells = sorted(np.ndindex(size), key=lambda cell: -others[cell])
        for v, u in cells[: 2 * maps[k].sum()]:
            expected[k, v, u] = False
            expected[k, (2 * middle[0] - v) % size[0], (2 * middle[1] - u) % size[1]] = False
        expected[k][middle] = False
    assert expected[:3].any() and (expected[:3] != maps[:3]).any()
    np.testing.assert_array_equal(kf.fine_parts(maps, (images, labels)), expected)
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(7)
    np.testing.assert_array_equal(kf.fine_parts(maps, batches), expected)


def test_images_of_one_class_have_no_others():
    maps = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])
    images = np.random.default_rng(0).uniform(size=(4, 8, 8, 1))
    with pytest.raises(ValueError, match=r"`dataset`.*at least two classes.*4 images.*class 1"):
        kf.fine_parts(maps, (images, [1, 1, 1, 1]))
    with pytest.raises(ValueError, match=r"`maps` must have the size of the images"):
        kf.fine_parts(maps, (images[:, :6], [0, 1, 0, 1]))
