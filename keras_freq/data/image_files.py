"""Image files: which of them are broken, and from their contents to upright pixels of one size."""

import functools
import io
import os
import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import tensorflow as tf
from PIL import Image

from keras_freq.progress import progress_bar

RESIZES = ("crop", "stretch")
_JPEG, _PNG, _GIF, _BMP, _WEBP = b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"RIFF"
_DEPTH_AT = 24  # where a PNG says how many bits a channel has
_LUMINANCE = (0.299, 0.587, 0.114)  # of red, green and blue
_ORIENTATION = 0x0112  # EXIF's tag
# The parts of a PNG that may say how the camera was held.
_PNG_NOTES = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")


def inspect_files(paths, channels=3, as_keras=False):
    """Decodes every file once, in threads.

    Args:
        paths: List of str.
        channels: As in `decode`.
        as_keras: Likewise.

    Returns:
        Three dicts: `{path: reason}` of the broken files, and of all `{path: EXIF's orientation}`
        and `{path: (H, W)}`, upright, or None where Pillow cannot tell it.
    """
    inspect = functools.partial(_inspect, channels=channels, as_keras=as_keras)
    with warnings.catch_warnings(), ThreadPoolExecutor(os.cpu_count()) as pool:
        # Pillow warns of broken EXIF, which is no EXIF, and of images that are only large.
        warnings.simplefilter("ignore")
        results = progress_bar(
            pool.map(inspect, paths), task="Checking images", total=len(paths), leave=False
        )
        results = dict(zip(paths, results, strict=True))
    broken = {path: reason for path, (reason, *_) in results.items() if reason}
    orientations, sizes = (
        {path: result[place] for path, result in results.items()} for place in (1, 2)
    )
    return broken, orientations, sizes


def _inspect(path, channels, as_keras):
    """Tells why a file cannot be decoded, or None; how the camera was held; and its `(H, W)`."""
    try:
        contents = Path(path).read_bytes()
    except OSError as error:
        return error.strerror or type(error).__name__, 1, None
    try:
        orientation = exif_orientation(contents)
    except Image.DecompressionBombError as error:
        trust = "If you trust it, raise `PIL.Image.MAX_IMAGE_PIXELS`"
        return f"{str(error).rstrip('.')}. {trust}", 1, None
    size = _upright_size(contents, orientation)
    return decoding_failure(contents, channels, as_keras), orientation, size


def decode(contents, channels=3, as_keras=False):
    """Decodes the contents of a file, whatever its suffix says.

    Grey, palette and CMYK images become RGB, as with Pillow's `convert("RGB")`, and transparency is
    dropped. 16-bit PNG files keep their precision.

    Args:
        contents: Scalar string tensor.
        channels: 3, or 1 for the luminance. Defaults to 3.
        as_keras: Whether JPEG and PNG files are decoded as `keras.utils` does: faster, with up to a
            dozen grey levels of error in JPEG and 8 bits of PNG. Defaults to False.

    Returns:
        Float32 `(H, W, channels)` from 0 to 255, as stored: not yet turned upright.
    """

    def with_pillow():
        return _decode_with_pillow(contents, channels)

    def with_tensorflow():
        pixels = tf.io.decode_image(contents, channels=channels, expand_animations=False)
        return tf.cast(pixels, tf.float32)

    deep = (
        [] if as_keras else [(_is_deep_png(contents), lambda: _decode_deep_png(contents, channels))]
    )
    # The default transform is faster, and up to a dozen grey levels off.
    transform = "" if as_keras else "INTEGER_ACCURATE"
    jpeg = _begins(contents, _JPEG), lambda: _decode_jpeg(contents, channels, transform)
    # TensorFlow reads no palettes in BMP, shows what is transparent in GIF as black, and gives
    # no grey images of any of these.
    others = [(_begins(contents, magic), with_pillow) for magic in (_BMP, _GIF, _WEBP)]
    pixels = tf.case([jpeg, *deep, *others], default=with_tensorflow)
    return tf.ensure_shape(pixels, (None, None, channels))


def decoding_failure(contents, channels=3, as_keras=False):
    """Says in one line why the contents of a file (bytes) cannot be decoded, or gives None."""
    if not contents:
        return "the file is empty"
    try:
        with tf.device("CPU"):
            if contents.startswith(_JPEG):
                # An eighth of the size takes less than half the time, and reads all of the file.
                _decode_jpeg(contents, channels, ratio=8)
            else:
                decode(tf.constant(contents), channels, as_keras)
    except (tf.errors.OpError, ValueError, OSError) as error:
        # TensorFlow adds names of nodes and devices.
        message = re.sub(r"\{\{.*?\}\}|\[Op:.*", "", str(error), flags=re.DOTALL)
        return " ".join(message.split()) or type(error).__name__
    return None


def exif_orientation(contents):
    """How a camera was held, as Pillow reads it: from EXIF, raw profiles or XMP.

    Args:
        contents: Bytes.

    Returns:
        Int 1 to 8. It is 1, upright, if the file does not say, or says something impossible.

    Raises:
        PIL.Image.DecompressionBombError: If the file says that it has too many pixels.
    """
    try:
        with Image.open(io.BytesIO(contents)) as image:
            # Pillow would decode every PNG to its end, to see what stands there.
            if contents.startswith(_PNG) and not any(note in contents for note in _PNG_NOTES):
                return 1
            orientation = image.getexif().get(_ORIENTATION, 1)
    except Image.DecompressionBombError:
        raise
    except Exception:  # Pillow raises errors of many kinds for no EXIF, or a broken one
        return 1
    return int(orientation) if orientation in range(1, 9) else 1


def _upright_size(contents, orientation):
    """The `(H, W)` of an image once it is upright, from the head of its file; None if unknown."""
    try:
        with Image.open(io.BytesIO(contents)) as image:
            width, height = image.size
    except Exception:  # Pillow raises errors of many kinds, also for what TensorFlow can decode
        return None
    return (width, height) if orientation >= 5 else (height, width)


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


def resize_image(image, size, *, resize="crop", antialias=True):
    """Resizes an image to the size asked for.

    Without antialiasing, shrinking an image folds its high frequencies onto the low ones.

    Args:
        image: Tensor `(H, W, C)` of any size, of integers or floats.
        size: `(height, width)` in pixels.
        resize: "crop" first cuts out the largest centred window of the wanted aspect ratio, as
            `keras.utils.image_dataset_from_directory(crop_to_aspect_ratio=True)` does. "stretch"
            keeps the whole image. Defaults to "crop".
        antialias: Whether to remove what the smaller image cannot show. Defaults to True.

    Returns:
        Float32 tensor `(height, width, C)`, on the scale of the input. An image that has the size
        already is returned unchanged.
    """
    height, width = size
    image = tf.cast(image, tf.float32)
    if resize == "crop":
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
    resized = tf.image.resize(image, [height, width], method="bilinear", antialias=antialias)
    if not antialias:
        return resized
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


def _decode_jpeg(contents, channels, transform="INTEGER_ACCURATE", ratio=1):
    """Decodes a JPEG file, at its size divided by 1, 2, 4 or 8."""

    def read(channels):
        pixels = tf.io.decode_jpeg(contents, channels, ratio=ratio, dct_method=transform)
        return tf.cast(pixels, tf.float32)

    def grey_of_colours():
        return tf.tensordot(read(3), tf.constant(_LUMINANCE), 1)[..., tf.newaxis]

    if channels == 3:
        return read(3)
    # The decoder gives no luminance of four inks.
    inks = tf.equal(tf.io.extract_jpeg_shape(contents)[2], 4)
    return tf.cond(inks, grey_of_colours, lambda: read(1))


def _decode_deep_png(contents, channels):
    """Decodes a PNG file of 16 bits a channel: 65535 becomes 255."""
    pixels = tf.io.decode_png(contents, channels, dtype=tf.uint16)
    return tf.cast(pixels, tf.float32) / 257.0


def _decode_with_pillow(contents, channels):
    """Decodes a file, or the first frame of an animation, with Pillow."""

    def decode(contents):
        # TensorFlow hands strings over as arrays of one object.
        contents = contents if isinstance(contents, bytes) else contents.item()
        with Image.open(io.BytesIO(contents)) as image:
            image = image.convert({1: "L", 3: "RGB"}[channels])
            return np.asarray(image, np.float32).reshape(image.height, image.width, channels)

    return tf.numpy_function(decode, [contents], tf.float32)
