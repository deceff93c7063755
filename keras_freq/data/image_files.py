"""Image files: which of them are broken, and from their contents to upright pixels of one size."""

import io
import os
import re
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tensorflow as tf
from tqdm import tqdm

_JPEG, _PNG, _GIF, _BMP = b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM"
_DEPTH_AT = 24  # where a PNG says how many bits a channel has
_ORIENTATION = 0x0112  # EXIF's tag
_EXIF_IN_JPEG = b"Exif\0\0"
_EXIF_IN_PNG = b"eXIf"


def inspect_files(paths):
    """Decodes every file once, in threads.

    Args:
        paths: List of str.

    Returns:
        Two dicts: `{path: reason}` of the broken files, and `{path: EXIF's orientation}` of all.
    """
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        # The bar appears only if it takes longer than 5 s.
        results = tqdm(
            pool.map(_inspect, paths), "Checking images", len(paths), leave=False, delay=5
        )
        results = dict(zip(paths, results, strict=True))
    broken = {path: reason for path, (reason, _) in results.items() if reason}
    return broken, {path: held for path, (_, held) in results.items()}


def _inspect(path):
    """Tells why a file cannot be decoded, or None; and how the camera was held."""
    try:
        contents = Path(path).read_bytes()
    except OSError as error:
        return error.strerror or type(error).__name__, 1
    return decoding_failure(contents), exif_orientation(contents)


def decode(contents):
    """Decodes the contents of a file, whatever its suffix says.

    Grey, palette and CMYK images become RGB, as with Pillow's `convert("RGB")`, and transparency is
    dropped. 16-bit PNG files keep their precision.

    Args:
        contents: Scalar string tensor.

    Returns:
        Float32 `(H, W, 3)` from 0 to 255, as stored: not yet turned upright.
    """
    pixels = tf.case(
        [
            (_begins(contents, _JPEG), lambda: tf.cast(_decode_jpeg(contents), tf.float32)),
            (_is_deep_png(contents), lambda: _decode_deep_png(contents)),
            # TensorFlow reads no palettes in BMP, and shows what is transparent in GIF as black.
            (_begins(contents, _BMP), lambda: _decode_with_pillow(contents)),
            (_begins(contents, _GIF), lambda: _decode_with_pillow(contents)),
        ],
        default=lambda: tf.cast(_decode_other(contents), tf.float32),
    )
    return tf.ensure_shape(pixels, (None, None, 3))


def decoding_failure(contents):
    """Says in one line why the contents of a file (bytes) cannot be decoded, or gives None."""
    if not contents:
        return "the file is empty"
    try:
        with tf.device("CPU"):
            if contents.startswith(_JPEG):
                # An eighth of the size takes less than half the time, and reads all of the file.
                _decode_jpeg(contents, ratio=8)
            else:
                decode(tf.constant(contents))
    except (tf.errors.OpError, ValueError, OSError) as error:
        # TensorFlow adds names of nodes and devices.
        message = re.sub(r"\{\{.*?\}\}|\[Op:.*", "", str(error), flags=re.DOTALL)
        return " ".join(message.split()) or type(error).__name__
    return None


def exif_orientation(contents):
    """How a camera was held: EXIF's orientation of a JPEG or PNG file, 1 to 8.

    Args:
        contents: Bytes.

    Returns:
        Int 1 to 8. It is 1, upright, if the file does not say, or says something impossible.

    Source:
        EXIF 2.32, section 4.6: a TIFF header, then 12 bytes an entry.
    """
    try:
        if contents.startswith(_JPEG):
            tiff = contents[contents.index(_EXIF_IN_JPEG) + len(_EXIF_IN_JPEG) :]
        elif contents.startswith(_PNG):
            # Behind it the four letters could be pixels.
            end = contents.index(b"IDAT")
            tiff = contents[contents.index(_EXIF_IN_PNG, 0, end) + len(_EXIF_IN_PNG) : end]
        else:
            return 1
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for entry in range(count):
            tag, value = struct.unpack_from(f"{order}H6xH", tiff, first + 2 + 12 * entry)
            if tag == _ORIENTATION:
                return value if 1 <= value <= 8 else 1
    except (ValueError, KeyError, struct.error):
        pass  # no EXIF, or a broken one
    return 1


def turn_upright(pixels, orientation):
    """Turns pixels upright.

    Args:
        pixels: Tensor `(H, W, C)`.
        orientation: Scalar integer tensor, 1 to 8, as from `exif_orientation`.

    Returns:
        `(H, W, C)`, or `(W, H, C)` for 5 to 8.
    """

    def one_of(*orientations):
        return tf.reduce_any(tf.equal(orientation, orientations))

    def turn():
        turned = tf.cond(
            one_of(5, 6, 7, 8), lambda: tf.transpose(pixels, [1, 0, 2]), lambda: pixels
        )
        turned = tf.cond(one_of(2, 3, 6, 7), lambda: tf.reverse(turned, [1]), lambda: turned)
        return tf.cond(one_of(3, 4, 7, 8), lambda: tf.reverse(turned, [0]), lambda: turned)

    upright = tf.cond(tf.equal(orientation, 1), lambda: pixels, turn)
    return tf.ensure_shape(upright, (None, None, pixels.shape[-1]))


def crop_and_resize(image, size):
    """Crops the centre of an image to the aspect ratio asked for, and resizes it.

    It works as `keras.utils.image_dataset_from_directory(crop_to_aspect_ratio=True)`, but with
    antialiasing. Without it, shrinking an image folds its high frequencies onto the low ones.

    Args:
        image: Tensor `(H, W, C)` of any size, of integers or floats.
        size: `(height, width)` in pixels.

    Returns:
        Float32 tensor `(height, width, C)`, on the scale of the input. An image that has the size
        already is returned unchanged.
    """
    height, width = size
    image = tf.cast(image, tf.float32)
    rows, columns = tf.shape(image)[0], tf.shape(image)[1]
    # The largest window of the wanted ratio that fits, in whole pixels.
    crop_rows = tf.minimum(rows, tf.maximum(1, columns * height // width))
    crop_columns = tf.minimum(columns, tf.maximum(1, rows * width // height))
    image = tf.image.crop_to_bounding_box(
        image,
        (rows - crop_rows) // 2,
        (columns - crop_columns) // 2,
        crop_rows,
        crop_columns,
    )
    resized = tf.image.resize(image, [height, width], method="bilinear", antialias=True)
    # The kernel averages, but its weights add up to 1 only up to rounding.
    return tf.clip_by_value(resized, tf.reduce_min(image), tf.reduce_max(image))


def _begins(contents, magic):
    """Whether the contents of a file begin as those of a format do."""
    return tf.equal(tf.strings.substr(contents, 0, len(magic)), magic)


def _is_deep_png(contents):
    """Whether the contents are a PNG file of 16 bits a channel."""
    # Padded, since a file that ends before has no such byte to look at.
    head = tf.strings.substr(contents, 0, _DEPTH_AT + 1) + tf.constant(b"\0" * (_DEPTH_AT + 1))
    return _begins(contents, _PNG) & tf.equal(tf.strings.substr(head, _DEPTH_AT, 1), b"\x10")


def _decode_jpeg(contents, ratio=1):
    """Decodes a JPEG file, at its size divided by 1, 2, 4 or 8."""
    # The default transform is faster, and up to a dozen grey levels off.
    return tf.io.decode_jpeg(contents, channels=3, ratio=ratio, dct_method="INTEGER_ACCURATE")


def _decode_deep_png(contents):
    """Decodes a PNG file of 16 bits a channel: 65535 becomes 255."""
    pixels = tf.io.decode_png(contents, channels=3, dtype=tf.uint16)
    return tf.cast(pixels, tf.float32) / 257.0


def _decode_other(contents):
    """Decodes what TensorFlow tells by itself: PNG of 8 bits and less."""
    return tf.io.decode_image(contents, channels=3, expand_animations=False)


def _decode_with_pillow(contents):
    """Decodes a file, or the first frame of an animation, with Pillow."""
    from PIL import Image

    def decode(contents):
        # TensorFlow hands strings over as arrays of one object.
        contents = contents if isinstance(contents, bytes) else contents.item()
        with Image.open(io.BytesIO(contents)) as image:
            return np.asarray(image.convert("RGB"), np.float32)

    return tf.numpy_function(decode, [contents], tf.float32)
