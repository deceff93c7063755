"""Photographs as they come: every kind of file is read right, or refused with its name."""

import struct
import zlib

import numpy as np
import pytest
import tensorflow as tf
from photo_cases import HEIGHT, PHOTO, RNG, WIDTH, read, save
from PIL import Image, ImageOps, PngImagePlugin

import keras_freq as kf

PALETTE = PHOTO.convert("P", palette=Image.Palette.ADAPTIVE)
ALPHA = Image.fromarray(RNG.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8))
JPEG = {"suffix": "jpg", "quality": 100, "subsampling": 0}


def with_alpha(mode):
    image = PHOTO.convert(mode)
    image.putalpha(ALPHA)
    return image


# name: image, and how it is saved
FILES = {
    "grey": (PHOTO.convert("L"), {}),
    "black and white": (PHOTO.convert("1"), {}),
    "grey with alpha": (with_alpha("L"), {}),
    "RGBA": (with_alpha("RGB"), {}),
    "one transparent colour": (PHOTO, {"transparency": PHOTO.getpixel((3, 4))}),
    "palette": (PALETTE, {}),
    "palette of 2 bits": (PHOTO.quantize(4), {"bits": 2}),
    "palette, one transparent": (PALETTE, {"transparency": PALETTE.getpixel((3, 4))}),
    "palette with alpha": (PALETTE, {"transparency": bytes(range(256))}),
    "GIF": (PALETTE, {"suffix": "gif"}),
    "GIF, one transparent": (PALETTE, {"suffix": "gif", "transparency": PALETTE.getpixel((3, 4))}),
    "grey GIF": (PHOTO.convert("L"), {"suffix": "gif"}),
    "BMP": (PHOTO, {"suffix": "bmp"}),
    "palette BMP": (PALETTE, {"suffix": "bmp"}),
    "RGBA BMP": (with_alpha("RGB"), {"suffix": "bmp"}),
    "JPEG": (PHOTO, JPEG),
    "progressive JPEG": (PHOTO, {**JPEG, "progressive": True}),
    "grey JPEG": (PHOTO.convert("L"), {"suffix": "jpg", "quality": 100}),
    "CMYK JPEG": (PHOTO.convert("CMYK"), JPEG),
    "JFIF": (PHOTO, {**JPEG, "suffix": "jfif", "format": "jpeg"}),
    "capital letters": (PHOTO, {"suffix": "PNG"}),
    "a PNG called JPEG": (PHOTO, {"suffix": "jpg", "format": "png"}),
}


def test_every_mode_as_pillow_converts_it(tmp_path):
    for name, (image, options) in FILES.items():
        save(tmp_path / "x" / name, image, **options)
    save(tmp_path / "y" / "1")
    dataset = kf.data.image_folder(tmp_path, image_size=(HEIGHT, WIDTH))
    assert len(dataset.file_paths) == len(FILES) + 1
    for path, image in zip(dataset.file_paths, read(tmp_path), strict=True):
        with Image.open(path) as opened:
            # Through RGBA, since Pillow warns of palettes with alpha.
            opened = opened.convert("RGBA") if "transparency" in opened.info else opened
            expected = np.asarray(opened.convert("RGB"), np.float64)
        np.testing.assert_allclose(image, expected, atol=1e-4, err_msg=path)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_16_bits_stay_16_bits(tmp_path, channels):
    values = RNG.integers(0, 65536, (HEIGHT, WIDTH, channels), dtype=np.uint16)
    values[0, 0], values[0, 1] = 0, 65535
    path = save(tmp_path / "x" / "1")
    path.write_bytes(tf.io.encode_png(values).numpy())
    save(tmp_path / "y" / "1")
    expected = values[..., :3] if channels > 2 else values[..., :1].repeat(3, axis=-1)
    # Pillow reads the same grey values, and only the upper 8 bits of colour.
    if channels == 1:
        with Image.open(path) as opened:
            np.testing.assert_array_equal(np.asarray(opened), values[..., 0])
    np.testing.assert_allclose(read(tmp_path)[0] / 255, expected / 65535.0, atol=1e-7)


def exif_of(orientation, order):
    """EXIF in one order of bytes, with a make before the orientation, which is then not first."""
    head = struct.pack(f"{order}2sHI", b"MM" if order == ">" else b"II", 42, 8)
    entries = struct.pack(f"{order}HHI4s", 0x010F, 2, 4, b"abc\0")
    entries += struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    return b"Exif\0\0" + head + struct.pack(f"{order}H", 2) + entries + bytes(4)


SQUARE = PHOTO.crop((0, 0, HEIGHT, HEIGHT))


def assert_read_as_pillow_turns_them(folder, size):
    """Compares each image of a folder, all upright of one size, and gives the data set."""
    dataset = kf.data.image_folder(folder, image_size=size)
    images = np.concatenate([images for images, _ in dataset.as_numpy_iterator()])
    for path, image in zip(dataset.file_paths, images, strict=True):
        with Image.open(path) as opened:
            expected = np.asarray(ImageOps.exif_transpose(opened).convert("RGB"), np.float64)
        np.testing.assert_allclose(image * 255.0, expected, atol=1e-4, err_msg=path)
    return dataset


def test_photographs_are_turned_upright(tmp_path):
    kinds = {"jpg": JPEG, "png": {}, "webp": {"lossless": True, "suffix": "webp"}}
    for orientation in range(1, 9):
        for order in (">", "<"):
            for name, options in kinds.items():
                path = tmp_path / "x" / f"{name}_{'MI'[order == '<']}{orientation}"
                save(path, SQUARE, exif=exif_of(orientation, order), **options)
    save(tmp_path / "y" / "1", SQUARE)
    dataset = assert_read_as_pillow_turns_them(tmp_path, HEIGHT)
    assert (len(dataset.file_paths), dataset.turned) == (8 * 2 * 3 + 1, 7 * 2 * 3)


XMP = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="{}"/>'


def in_a_raw_profile(orientation):
    """The text in which ImageMagick keeps EXIF in a PNG."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = exif.tobytes()
    text = PngImagePlugin.PngInfo()
    text.add_text("Raw profile type exif", f"\nexif\n{len(data):8}\n{data.hex()}\n", zip=True)
    return {"pnginfo": text}


def in_xmp(orientation):
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", XMP.format(orientation))
    return {"pnginfo": text}


def in_a_jpeg_s_xmp(orientation):
    return {**JPEG, "xmp": XMP.format(orientation).encode()}


def behind_the_pixels(contents):
    """Moves the texts of a PNG behind its pixels."""
    chunks, at = [], 8
    while at < len(contents):
        length = 12 + struct.unpack_from(">I", contents, at)[0]
        chunks.append(contents[at : at + length])
        at += length
    # Stable: what is no text keeps its order, and the end stays the end.
    chunks.sort(key=lambda chunk: {b"zTXt": 1, b"iTXt": 1, b"IEND": 2}.get(chunk[4:8], 0))
    return contents[:8] + b"".join(chunks)


@pytest.mark.parametrize("orientation", [1, 3, 6, 8, 9])
def test_orientations_that_are_no_plain_exif_are_found(tmp_path, orientation):
    for written in (in_a_raw_profile, in_xmp, in_a_jpeg_s_xmp):
        path = save(tmp_path / "x" / written.__name__, PHOTO, **written(orientation))
        if path.suffix == ".png":
            moved = behind_the_pixels(path.read_bytes())
            path.with_stem(f"{path.stem}_behind").write_bytes(moved)
    size = (WIDTH, HEIGHT) if orientation in (6, 8) else (HEIGHT, WIDTH)
    save(tmp_path / "y" / "1", PHOTO.resize(size[::-1]))
    dataset = assert_read_as_pillow_turns_them(tmp_path, size)
    assert len(dataset.file_paths) == 6
    assert dataset.turned == (5 if orientation in range(2, 9) else 0)


def test_decompression_bombs_are_refused_without_decoding_them(photo_folder, monkeypatch):
    # 30,000 x 30,000 black pixels of one bit, in some hundred kilobytes.
    head = struct.pack(">IIBBBBB", 30_000, 30_000, 1, 0, 0, 0, 0)
    parts = {b"IHDR": head, b"IDAT": zlib.compress(bytes(30_000 * 3_751)), b"IEND": b""}
    path = photo_folder / "dog" / "bomb.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
            for name, data in parts.items()
        )
    )
    with pytest.raises(ValueError, match=r"1 of 5 .*\n.*bomb\.png: .*900000000 pixels.*MAX_IMAGE"):
        read(photo_folder)
    path.unlink()
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(ValueError, match=r"(?s)4 of 4 .*decompression bomb"):
        read(photo_folder)
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert len(read(photo_folder)) == 4


def test_the_window_of_a_turned_photograph_is_that_of_the_upright_one(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = save(tmp_path / "x" / "1", PHOTO, exif=exif, **JPEG)
    with Image.open(path) as opened:
        upright = ImageOps.exif_transpose(opened)
        save(tmp_path / "x" / "2", upright)
    save(tmp_path / "y" / "1")
    images = read(tmp_path)
    np.testing.assert_allclose(images[0], images[1], atol=1e-3)


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff", b"junk"]
)
def test_broken_exif_is_no_exif(tmp_path, exif):
    save(tmp_path / "x" / "1", PHOTO, exif=exif, **JPEG)
    save(tmp_path / "y" / "1")
    np.testing.assert_allclose(read(tmp_path)[0], read(tmp_path)[1], atol=30)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [("jpg", {}), ("jpg", {"progressive": True}), ("png", {}), ("gif", {}), ("bmp", {})],
)
@pytest.mark.parametrize("missing", [8, 40, 0.5, 0.97, 1.0])  # bytes, or a share of them
def test_wherever_a_file_is_cut_it_is_refused_by_name(photo_folder, suffix, options, missing):
    path = save(photo_folder / "dog" / "cut", PHOTO.resize((80, 60)), suffix=suffix, **options)
    contents = path.read_bytes()
    kept = len(contents) - (missing if missing > 1 else round(missing * len(contents)))
    path.write_bytes(contents[:kept])
    with pytest.raises(ValueError, match=r"1 of 5 .*Repair or remove") as error:
        read(photo_folder)
    assert f"{path}: " in str(error.value)
    assert ("the file is empty" in str(error.value)) == (kept == 0)
