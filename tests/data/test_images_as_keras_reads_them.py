"""Images stretched, cropped, grey: pixel for pixel those of Keras' loader where they should be."""

import keras
import numpy as np
import pytest
from PIL import Image

import keras_freq as kf

RNG = np.random.default_rng(0)
SIZES = [(60, 90), (31, 17), (24, 32), (100, 100), (9, 200)]


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Two classes of images of many sizes, as JPEG, PNG, BMP and GIF."""
    root = tmp_path_factory.mktemp("photographs")
    for name in ("a", "b"):
        (root / name).mkdir()
        for i, (height, width) in enumerate(SIZES):
            small = RNG.integers(0, 256, (height // 4 + 1, width // 4 + 1, 3), dtype=np.uint8)
            image = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
            image.save(root / name / f"{i}.jpg", quality=70)
            image.save(root / name / f"{i}.png")
            image.convert("L").save(root / name / f"{i}-grey.png")
            image.convert("L").save(root / name / f"{i}-grey.jpg")
    return root


def ours(root, **options):
    batches = kf.data.image_folder(root, image_size=(24, 32), **options).as_numpy_iterator()
    return np.concatenate([images for images, _ in batches])


def keras_reads(root, **options):
    batches = keras.utils.image_dataset_from_directory(
        root, image_size=(24, 32), shuffle=False, verbose=False, **options
    )
    return np.concatenate([images for images, _ in batches.as_numpy_iterator()])


@pytest.mark.parametrize("color_mode", ["rgb", "grayscale"])
def test_stretched_without_antialiasing_they_are_those_of_keras(photographs, color_mode):
    got = ours(photographs, resize="stretch", antialias=False, color_mode=color_mode)
    expected = keras_reads(photographs, color_mode=color_mode)
    assert got.shape == (4 * len(SIZES) * 2, 24, 32, 3 if color_mode == "rgb" else 1)
    np.testing.assert_array_equal(got, expected / np.float32(255))


def test_cropped_without_antialiasing_they_are_near_those_of_keras(photographs):
    got = ours(photographs, resize="crop", antialias=False)
    expected = keras_reads(photographs, crop_to_aspect_ratio=True)
    # Keras decodes JPEG less accurately.
    assert np.abs(got * 255 - expected).mean() < 1


def test_stretching_keeps_what_cropping_cuts_off(tmp_path):
    pixels = np.zeros((20, 60, 3), np.uint8)
    pixels[:, :20, 0] = pixels[:, 40:, 2] = 255  # red on the left, blue on the right
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "1.png")

    def reading(**options):
        return next(iter(kf.data.image_folder(tmp_path, image_size=12, **options)))[0][0].numpy()

    assert reading().max() == 0
    for antialias in (True, False):
        stretched = reading(resize="stretch", antialias=antialias)
        for part, colour in ((stretched[:, :3], [1, 0, 0]), (stretched[:, -3:], [0, 0, 1])):
            np.testing.assert_allclose(part, np.broadcast_to(colour, part.shape), atol=1e-6)


def test_antialiasing_is_a_choice_of_its_own(tmp_path):
    # The highest frequency there is: folded onto DC as black and white, or gone.
    checks = (255 * (np.indices((64, 64)).sum(axis=0) % 2)).astype(np.uint8)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.fromarray(checks).save(tmp_path / name / "1.png")
    for resize in ("crop", "stretch"):
        for antialias in (True, False):
            dataset = kf.data.image_folder(
                tmp_path, image_size=21, resize=resize, antialias=antialias
            )
            spread = next(iter(dataset))[0].numpy().std()
            assert (spread < 0.02) == antialias


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "gif", "webp", "deep png"])
def test_grey_is_the_luminance(tmp_path, suffix):
    pixels = np.zeros((24, 32, 3), np.uint8)
    pixels[:] = 200, 40, 90
    expected = 0.299 * 200 + 0.587 * 40 + 0.114 * 90
    for name in ("a", "b"):
        path = tmp_path / name / f"1.{suffix.removeprefix('deep ')}"
        path.parent.mkdir()
        Image.fromarray(pixels).save(path, **{"webp": {"lossless": True}}.get(suffix, {}))
        if suffix == "deep png":
            import tensorflow as tf

            deep = pixels.astype(np.uint16) * 257
            path.write_bytes(tf.io.encode_png(deep).numpy())
    images = ours(tmp_path, color_mode="grayscale")
    assert images.shape == (2, 24, 32, 1)
    np.testing.assert_allclose(images * 255, expected, atol=2)


def test_webp_is_read_without_its_alpha(tmp_path):
    pixels = RNG.integers(0, 256, (24, 32, 4), dtype=np.uint8)
    pixels[..., 3] = np.maximum(pixels[..., 3], 1)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        Image.fromarray(pixels).save(tmp_path / name / "1.webp", lossless=True, exact=True)
        # What a suffix says is not believed.
        Image.fromarray(pixels).save(tmp_path / name / "2.png", "webp", lossless=True, exact=True)
    np.testing.assert_allclose(ours(tmp_path)[1] * 255, pixels[..., :3], atol=1e-4)
    np.testing.assert_array_equal(ours(tmp_path)[0], ours(tmp_path)[1])


@pytest.mark.parametrize(
    ("option", "value"), [("resize", "pad"), ("color_mode", "rgba"), ("antialias", "yes")]
)
def test_options_are_checked(photographs, option, value):
    with pytest.raises(ValueError, match=f"`{option}` must be one of .* Received: {option}="):
        ours(photographs, **{option: value})
