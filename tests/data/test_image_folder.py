"""Folders of class folders, written by Pillow and read back."""

import numpy as np
import pytest
from PIL import Image

import keras_freq as kf

RNG = np.random.default_rng(0)


def pixels(height=20, width=20, channels=3):
    shape = (height, width) if channels == 1 else (height, width, channels)
    return RNG.integers(0, 256, shape, dtype=np.uint8)


def save(path, array=None, mode=None, **kwargs):
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(pixels() if array is None else array)
    (image if mode is None else image.convert(mode)).save(path, **kwargs)
    return path


@pytest.fixture
def folder(tmp_path):
    """Two classes: three images of "cat", two of "dog"."""
    for name in ("cat/1.png", "cat/2.png", "cat/3.png", "dog/1.png", "dog/2.png"):
        save(tmp_path / name)
    return tmp_path


def arrays_of(dataset):
    batches = list(dataset.as_numpy_iterator())
    return np.concatenate([x for x, _ in batches]), np.concatenate([y for _, y in batches])


def test_a_folder_becomes_batches(folder):
    dataset = kf.data.image_folder(folder, image_size=20, batch_size=2)
    assert dataset.class_names == ["cat", "dog"]
    assert dataset.skipped == []
    assert int(dataset.cardinality()) == 3
    assert [tuple(x.shape) for x, _ in dataset] == [(2, 20, 20, 3), (2, 20, 20, 3), (1, 20, 20, 3)]
    images, labels = arrays_of(dataset)
    assert (images.dtype, labels.dtype) == (np.float32, np.int64)
    np.testing.assert_array_equal(labels, [0, 0, 0, 1, 1])
    assert dataset.file_paths == sorted(str(p) for p in folder.rglob("*.png"))
    # An image of the right size arrives exactly: k / 255.
    expected = np.stack([np.asarray(Image.open(path)) for path in dataset.file_paths])
    np.testing.assert_array_equal(images, expected.astype(np.float32) / np.float32(255))


def test_all_formats_modes_and_suffixes(tmp_path):
    colour, grey = pixels(), pixels(channels=1)
    transparent = np.dstack([colour, pixels(channels=1)])
    smooth = np.asarray(Image.fromarray(pixels(4, 4)).resize((20, 20), Image.Resampling.BICUBIC))
    palette = Image.fromarray(colour).convert("P", palette=Image.Palette.ADAPTIVE)
    expected = {
        "a.png": (colour, {}),
        "b.PNG": (colour, {}),
        "c.bmp": (colour, {}),
        "d-grey.png": (grey, {}),
        "e-grey.BMP": (grey, {}),
        "f-transparent.png": (transparent, {}),
        "g.jpg": (smooth, {"quality": 100, "subsampling": 0}),
        "h.JPEG": (smooth, {"quality": 100, "subsampling": 0}),
        "i-grey.jpg": (smooth[..., 0], {"quality": 100}),
        "m-png-by-name.jpg": (colour, {"format": "png"}),
    }
    for name, (array, kwargs) in expected.items():
        save(tmp_path / "x" / name, array, **kwargs)
    for name in ("j-palette.png", "k-palette.gif", "l-palette.bmp"):
        palette.save(tmp_path / "x" / name)
    for name in ("notes.txt", ".hidden.png"):
        (tmp_path / "x" / name).write_bytes(b"ignored")
    save(tmp_path / "y" / "1.png")
    dataset = kf.data.image_folder(tmp_path, image_size=20)
    images, labels = arrays_of(dataset)
    assert (labels == 0).sum() == 13
    for path, image in zip(dataset.file_paths[:13], images, strict=False):
        name = path.rsplit("/", 1)[1]
        array = expected[name][0] if name in expected else np.asarray(palette.convert("RGB"))
        lossy = name[0] in "ghi"
        array = np.asarray(Image.open(path)) if lossy else array
        array = np.repeat(array[..., None], 3, axis=2) if array.ndim == 2 else array[..., :3]
        # Two JPEG decoders agree up to the rounding of their transforms.
        np.testing.assert_allclose(image * 255, array, atol=2 if lossy else 1e-3, err_msg=name)


def test_the_first_frame_of_an_animation(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    (tmp_path / "x").mkdir()
    frames[0].save(tmp_path / "x" / "1.gif", save_all=True, append_images=frames[1:])
    save(tmp_path / "y" / "1.png", pixels(8, 8))
    images, _ = arrays_of(kf.data.image_folder(tmp_path, image_size=8))
    np.testing.assert_array_equal(images[0], np.broadcast_to([1.0, 0.0, 0.0], (8, 8, 3)))


def test_the_centre_is_cropped_to_the_aspect_ratio(tmp_path):
    wide, tall = pixels(10, 30), pixels(30, 10)
    save(tmp_path / "x" / "wide.png", wide)
    save(tmp_path / "y" / "tall.png", tall)
    images, _ = arrays_of(kf.data.image_folder(tmp_path, image_size=10))
    np.testing.assert_allclose(images[0] * 255, wide[:, 10:20], atol=1e-3)
    np.testing.assert_allclose(images[1] * 255, tall[10:20], atol=1e-3)
    images, _ = arrays_of(kf.data.image_folder(tmp_path, image_size=(10, 20)))
    assert images.shape == (2, 10, 20, 3)
    np.testing.assert_allclose(images[0] * 255, wide[:, 5:25], atol=1e-3)


def test_shrinking_does_not_alias(tmp_path):
    # The highest frequency there is: gone in an image of half the size, not folded onto DC.
    checks = (255 * (np.indices((64, 64)).sum(axis=0) % 2)).astype(np.uint8)
    save(tmp_path / "x" / "1.png", checks)
    save(tmp_path / "y" / "1.png")
    images, _ = arrays_of(kf.data.image_folder(tmp_path, image_size=21))
    np.testing.assert_allclose(images[0], 0.5, atol=0.02)


def test_orders_are_a_function_of_seed_and_epoch(folder):
    def read(**kwargs):
        return kf.data.image_folder(folder, image_size=20, batch_size=2, shuffle=True, **kwargs)

    def one_epoch(number, seed=0):
        return arrays_of(read(first_epoch=number, seed=seed).take(3))

    stream = read(first_epoch=0)
    images, labels = arrays_of(stream.take(9))
    epochs = [(images[5 * e : 5 * e + 5], labels[5 * e : 5 * e + 5]) for e in range(3)]
    for number, (images, labels) in enumerate(epochs):
        again = one_epoch(number)
        np.testing.assert_array_equal(images, again[0])
        np.testing.assert_array_equal(labels, again[1])
        assert sorted(labels) == [0, 0, 0, 1, 1]
    assert len({images.tobytes() for images, _ in epochs}) > 1
    assert len({epochs[0][0].tobytes(), *(one_epoch(0, seed)[0].tobytes() for seed in (1, 2))}) > 1
    one_pass = read(seed=3)
    passes = {arrays_of(one_pass)[0].tobytes() for _ in range(3)}
    assert len(passes) > 1


def break_file(path, how):
    contents = path.read_bytes()
    path.write_bytes(
        {"cut": contents[: len(contents) // 2], "empty": b"", "text": b"no image"}[how]
    )


@pytest.mark.parametrize("how", ["cut", "empty", "text"])
@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp", "gif"])
def test_a_broken_file_stops_with_its_path_and_the_way_out(folder, suffix, how):
    path = save(folder / "dog" / f"broken.{suffix}", pixels(40, 40))
    break_file(path, how)
    with pytest.raises(ValueError, match=r"(?s)1 of 6 .*on_error=\"skip\".*broken\.") as caught:
        kf.data.image_folder(folder, image_size=20)
    assert str(path) in str(caught.value)
    assert "function_node" not in str(caught.value)


def test_skipping_reports_how_many_and_which(folder):
    broken = [folder / "cat" / "2.png", folder / "dog" / "1.png"]
    for path in broken:
        break_file(path, "cut")
    with pytest.warns(UserWarning, match=r"(?s)Skipped 2 of 5 .*cat/2\.png.*dog/1\.png"):
        dataset = kf.data.image_folder(folder, image_size=20, on_error="skip")
    assert dataset.skipped == [str(path) for path in broken]
    assert len(dataset.file_paths) == 3
    np.testing.assert_array_equal(arrays_of(dataset)[1], [0, 0, 1])


def test_a_class_may_not_vanish_by_skipping(folder):
    for name in ("1.png", "2.png"):
        break_file(folder / "dog" / name, "cut")
    with pytest.raises(ValueError, match=r"No image of the class folders \['dog'\]"):
        kf.data.image_folder(folder, image_size=20, on_error="skip")


def test_many_broken_files_are_counted_not_all_listed(folder):
    for i in range(8):
        (folder / "cat" / f"broken{i}.png").write_bytes(b"x")
    with pytest.raises(ValueError, match=r"(?s)8 of 13 .*and 3 more"):
        kf.data.image_folder(folder, image_size=20)


def test_folders_that_are_no_data_sets(folder, tmp_path_factory):
    empty = tmp_path_factory.mktemp("empty")
    for path, message in [
        (folder / "missing", "missing .no such folder"),
        (folder / "cat" / "1.png", "1.png .a file"),
        (empty, "holds no folders"),
        (folder / "cat", "holds no folders"),
    ]:
        with pytest.raises(ValueError, match=rf"`path` must .*{message}"):
            kf.data.image_folder(path, image_size=20)
    (folder / "bird").mkdir()
    with pytest.raises(ValueError, match=r"Every class folder must hold images.*bird, which"):
        kf.data.image_folder(folder, image_size=20)
    save(empty / "only" / "1.png")
    with pytest.raises(ValueError, match=r"at least two class folders.*only 'only'"):
        kf.data.image_folder(empty, image_size=20)


def test_images_in_deeper_folders_belong_to_the_class(folder):
    save(folder / "dog" / "small" / "3.png")
    assert arrays_of(kf.data.image_folder(folder, image_size=20))[1].tolist() == [0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize(
    ("kwargs", "message"),
    [
        ({"image_size": 0}, "`image_size` must be"),
        ({"image_size": (20, 20, 3)}, "`image_size` must be"),
        ({"image_size": 20.5}, "`image_size` must be"),
        ({"batch_size": 0}, "`batch_size` must be"),
        ({"seed": -1}, "`seed` must be"),
        ({"on_error": "ignore"}, "`on_error` must be one of 'raise', 'skip'"),
        ({"first_epoch": -2}, "`first_epoch` must be"),
    ],
)
def test_arguments_out_of_range(folder, kwargs, message):
    with pytest.raises(ValueError, match=message):
        kf.data.image_folder(folder, **{"image_size": 20, **kwargs})
