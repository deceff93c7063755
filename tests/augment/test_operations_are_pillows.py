"""The operations, against Pillow's on 8-bit images."""

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageEnhance, ImageOps

from keras_freq import augment


def photograph(size=(17, 24), channels=3, seed=0):
    """An 8-bit picture with smooth parts, noise, and not all levels."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[: size[0], : size[1]]
    waves = [np.sin(0.3 * x * (k + 1) + 0.2 * y) for k in range(channels)]
    picture = 110 + 60 * np.stack(waves, axis=-1) + rng.normal(0, 12, (*size, channels))
    return np.clip(picture, 5, 240).astype(np.uint8)


def as_pillow(image):
    return Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)


def from_pillow(picture):
    array = np.asarray(picture).astype(np.float64)
    return array[..., None] if array.ndim == 2 else array


def ours(image, name, strength=0.0, **options):
    """The operation on an 8-bit image, as levels."""
    result = augment.apply_operation(image.astype(np.float32) / 255, name, strength, **options)
    return result.numpy().astype(np.float64) * 255


POINTWISE = {
    "invert": (lambda p, s: ImageOps.invert(p), [0]),
    "autocontrast": (lambda p, s: ImageOps.autocontrast(p), [0]),
    "equalize": (lambda p, s: ImageOps.equalize(p), [0]),
    "posterize": (lambda p, s: ImageOps.posterize(p, s), [1, 3, 4, 7, 8]),
    "solarize": (lambda p, s: ImageOps.solarize(p, s), [0, 1, 100, 128, 255, 256]),
    "brightness": (lambda p, s: ImageEnhance.Brightness(p).enhance(s), [0.0, 0.1, 1.0, 1.9]),
    "color": (lambda p, s: ImageEnhance.Color(p).enhance(s), [0.0, 0.1, 1.0, 1.9]),
    "contrast": (lambda p, s: ImageEnhance.Contrast(p).enhance(s), [0.0, 0.1, 1.0, 1.9]),
    "sharpness": (lambda p, s: ImageEnhance.Sharpness(p).enhance(s), [0.0, 0.1, 1.0, 1.9]),
}
CASES = [(name, s) for name, (_, strengths) in POINTWISE.items() for s in strengths]


@pytest.mark.parametrize(("name", "strength"), CASES)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", [(17, 24), (40, 15)])
def test_brightness_and_colour_are_pillows(name, strength, channels, size):
    image = photograph(size, channels)
    expected = from_pillow(POINTWISE[name][0](as_pillow(image), strength))
    # Equalize, posterize and solarize choose levels; the others round differently.
    exact = name in ("equalize", "posterize", "solarize", "invert")
    np.testing.assert_allclose(ours(image, name, strength), expected, atol=1e-3 if exact else 1.6)


@given(
    image=hnp.arrays(np.uint8, st.tuples(st.integers(1, 24), st.integers(1, 24), st.just(3))),
    name=st.sampled_from(["equalize", "autocontrast", "posterize", "solarize"]),
    strength=st.integers(1, 8),
)
@settings(max_examples=60, deadline=None)
def test_any_picture_is_treated_as_pillow_does(image, name, strength):
    strength = strength * 30 if name == "solarize" else strength
    expected = from_pillow(POINTWISE[name][0](as_pillow(image), strength))
    np.testing.assert_allclose(ours(image, name, strength), expected, atol=1.001)


@pytest.mark.parametrize("size", [(1, 1), (1, 5), (2, 2), (2, 7), (3, 1)])
@pytest.mark.parametrize("name", augment.OPERATIONS)
def test_tiny_pictures(size, name):
    image = photograph(size)
    result = ours(image, name, 0.5)
    assert result.shape == image.shape
    assert np.isfinite(result).all()
    if name == "sharpness":
        expected = ImageEnhance.Sharpness(as_pillow(image)).enhance(0.5)
        np.testing.assert_allclose(result, from_pillow(expected), atol=1.6)


def affine(picture, coefficients):
    return picture.transform(
        picture.size, Image.Transform.AFFINE, coefficients, Image.Resampling.BILINEAR
    )


WIDTH, HEIGHT = 24, 17
WARPED = [
    # Pillow's coefficients say where a pixel comes from: a shift to the right is negative there.
    ("shear_x", 0.3, lambda p: affine(p, (1, 0.3, 0, 0, 1, 0))),
    ("shear_x", -0.2, lambda p: affine(p, (1, -0.2, 0, 0, 1, 0))),
    ("shear_y", 0.3, lambda p: affine(p, (1, 0, 0, 0.3, 1, 0))),
    ("shear_y", -0.1, lambda p: affine(p, (1, 0, 0, -0.1, 1, 0))),
    ("translate_x", 3.9 / WIDTH, lambda p: affine(p, (1, 0, -3, 0, 1, 0))),
    ("translate_x", -6 / WIDTH, lambda p: affine(p, (1, 0, 6, 0, 1, 0))),
    ("translate_y", 3 / HEIGHT, lambda p: affine(p, (1, 0, 0, 0, 1, -3))),
    ("translate_y", -4.5 / HEIGHT, lambda p: affine(p, (1, 0, 0, 0, 1, 4))),
    ("rotate", 30.0, lambda p: p.rotate(30, Image.Resampling.BILINEAR)),
    ("rotate", -12.0, lambda p: p.rotate(-12, Image.Resampling.BILINEAR)),
    ("rotate", 90.0, lambda p: p.rotate(90, Image.Resampling.BILINEAR)),
]


@pytest.mark.parametrize(("name", "strength", "pillow"), WARPED)
@pytest.mark.parametrize("channels", [1, 3])
def test_warps_go_the_way_that_pillows_go(name, strength, pillow, channels):
    image = photograph((HEIGHT, WIDTH), channels)
    expected = from_pillow(pillow(as_pillow(image)))
    whole = from_pillow(pillow(as_pillow(np.full_like(image, 200))))
    # Where all neighbours are pixels of the image: at its rim the two blend differently.
    inside = np.ones((HEIGHT, WIDTH, 1), bool)
    for rows in (-1, 0, 1):
        for columns in (-1, 0, 1):
            inside &= np.roll(whole == 200, (rows, columns), (0, 1)).all(axis=-1, keepdims=True)
    inside[[0, -1]] = inside[:, [0, -1]] = False
    assert inside.mean() > 0.2
    inside = np.broadcast_to(inside, image.shape)
    result = ours(image, name, strength)
    np.testing.assert_allclose(result[inside], expected[inside], atol=1.6)
    outside = np.broadcast_to((whole == 0).all(axis=-1, keepdims=True), image.shape)
    if name.startswith("translate"):
        np.testing.assert_array_equal(result[outside], 0)


def test_directions_in_plain_words():
    dot = np.zeros((11, 11, 1), np.uint8)
    dot[2, 5] = 255  # above the middle

    def place(name, strength):
        row, column = np.unravel_index(ours(dot, name, strength)[..., 0].argmax(), (11, 11))
        return int(row), int(column)

    assert place("translate_x", 2 / 11) == (2, 7)  # to the right
    assert place("translate_y", 2 / 11) == (4, 5)  # down
    assert place("rotate", 90) == (5, 2)  # counter-clockwise: what was above is on the left
    assert place("shear_x", 0.8) == (2, 3)  # to the left
    assert place("shear_y", -0.5) == (5, 5)  # down


@pytest.mark.parametrize("name", ["translate_x", "rotate", "shear_y"])
def test_beyond_the_image_is_the_fill(name):
    white = np.ones((12, 12, 3))
    for fill, value_range in ((0.5, (0, 1)), (-0.25, (-1, 1)), (None, (0, 1))):
        result = augment.apply_operation(
            white, name, 0.4 if name != "rotate" else 45, fill=fill, value_range=value_range
        )
        assert result.numpy().min() == pytest.approx(0.0 if fill is None else fill, abs=1e-6)


@pytest.mark.parametrize("name", augment.OPERATIONS)
def test_each_image_has_its_own_strength(name):
    images = np.stack([photograph(seed=seed) for seed in range(4)]).astype(np.float32) / 255
    strengths = {"posterize": [1, 2, 4, 8], "solarize": [0, 50, 100, 256]}
    strengths = strengths.get(name, [0.1, 0.2, 0.3, 0.4])
    together = augment.apply_operation(images, name, strengths)
    for image, strength, expected in zip(images, strengths, together, strict=True):
        alone = augment.apply_operation(image, name, strength)
        np.testing.assert_allclose(alone, expected, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "neutral"),
    [
        *((name, 0.0) for name in ("shear_x", "shear_y", "translate_x", "translate_y", "rotate")),
        *((name, 1.0) for name in ("brightness", "color", "contrast", "sharpness")),
        ("posterize", 8),
        ("solarize", 256),
        ("identity", 0.7),
    ],
)
def test_the_neutral_strength_changes_nothing(name, neutral):
    image = photograph()
    np.testing.assert_allclose(ours(image, name, neutral), image, atol=1e-3)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"operation": "cutout"}, "`operation` must be one of 'shear_x'"),
        ({"operation": "rotate", "strength": [[1.0]]}, "`strength` must be a number"),
        ({"operation": "rotate", "fill": 2.0}, "`fill` must be a number within"),
        ({"operation": "rotate", "interpolation": "cubic"}, "`interpolation` must be one of"),
        ({"operation": "invert", "value_range": (1, 0)}, "`value_range` must be the"),
    ],
)
def test_bad_arguments(options, message):
    with pytest.raises(ValueError, match=message):
        augment.apply_operation(np.zeros((2, 8, 8, 3)), **options)


def test_an_unknown_number_of_channels_is_refused():
    images = tf.data.Dataset.from_generator(
        lambda: [np.zeros((2, 8, 8, 3), "float32")],
        output_signature=tf.TensorSpec((None, 8, 8, None)),
    )
    with pytest.raises(ValueError, match="`images` must have a known number of channels"):
        images.map(lambda x: augment.auto_augment(x, seed=(0, 1)))
