"""Filters and amplitude spectra, on the real FFT of `tf.signal`."""

import keras
import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.fourier.masks import check_mask, half_spectrum_mask


@tf.autograph.experimental.do_not_convert  # a user's `map` calls it
def filter_images(images, mask, *, neutral=0.0):
    """Keeps the frequencies of a mask and removes all others, in every channel.

    `neutral + IFFT(mask * FFT(images - neutral))`, computed with the real FFT. It works eagerly, in
    `tf.data` pipelines (`ds.map(lambda x, y: (kf.filter_images(x, mask), y))`) and in compiled
    functions; batch first for small images, since one FFT of a batch is faster than many.

    Args:
        images: Floating-point images `(N, H, W, C)`, or one image `(H, W, C)`.
        mask: Boolean array `(H, W)`, centred and symmetric, True = kept.
        neutral: What an image without its DC becomes: a number, or one value a channel `(C,)`. 0 is
            the plain filter; analyses of a model use the training set's channel means.

    Returns:
        A float32 tensor of the images' shape. Values may leave [0, 1]; they are not clipped.

    Raises:
        TypeError: If the images are not floating-point, or the mask is not boolean.
        ValueError: If shapes do not fit, or the mask is not symmetric.

    Example:
        >>> images = np.random.default_rng(0).uniform(size=(2, 8, 8, 3))
        >>> from keras_freq.fourier import high_pass_mask, low_pass_mask
        >>> low = filter_images(images, low_pass_mask(8, 2))
        >>> high = filter_images(images, high_pass_mask(8, 2))
        >>> bool(np.allclose(low + high, images, atol=1e-6))
        True
    """
    images = as_float_images(images)
    mask = check_mask(mask)
    if not images.shape[-3:-1].is_compatible_with(mask.shape):
        raise ValueError(
            "`mask` must have the size of the images. "
            f"Received: images of shape {tuple(images.shape)}, mask of shape {mask.shape}"
        )
    # A size that is unknown while tracing must not be cropped or padded by the FFT later.
    images = tf.ensure_shape(images, [*images.shape[:-3], *mask.shape, images.shape[-1]])
    neutral = _check_neutral(neutral, images.shape[-1])
    kept = tf.constant(half_spectrum_mask(mask), dtype=tf.complex64)
    return from_half_spectrum(half_spectrum(images - neutral) * kept, mask.shape) + neutral


@tf.autograph.experimental.do_not_convert  # a user's `map` calls it
def amplitude_spectrum(images):
    """Amplitude of every frequency of every channel: `|FFT(image)|`, centred.

    Args:
        images: Floating-point images `(N, H, W, C)`, or one image `(H, W, C)`, of known size.

    Returns:
        A float32 tensor of the images' shape: amplitudes of the unnormalised FFT, DC at
        `[H // 2, W // 2]`, where a constant image of value 1 has `H * W`.

    Raises:
        TypeError: If the images are not floating-point.
        ValueError: If they are not `(N, H, W, C)` or `(H, W, C)`, or their size is unknown.

    Example:
        >>> columns = np.arange(8) / 8
        >>> wave = np.broadcast_to(np.cos(2 * np.pi * 3 * columns)[None, :, None], (8, 8, 1))
        >>> spectrum = amplitude_spectrum(wave)[..., 0]
        >>> np.argwhere(spectrum > 1).tolist()
        [[4, 1], [4, 7]]
    """
    images = as_float_images(images)
    height, width = images.shape[-3:-1]
    if height is None or width is None:
        raise ValueError(
            "`images` must have a known height and width (`tf.ensure_shape` sets them). "
            f"Received: shape {tuple(images.shape)}"
        )
    half = tf.abs(half_spectrum(images))
    # The other half mirrors it: column W - v of row u is column v of row -u.
    mirrored = tf.reverse(half[..., 1 : (width + 1) // 2], axis=[-1])
    mirrored = tf.roll(tf.reverse(mirrored, axis=[-2]), shift=1, axis=-2)
    full = _channels_last(tf.concat([half, mirrored], axis=-1))
    return tf.roll(full, shift=[height // 2, width // 2], axis=[-3, -2])


def half_spectrum(images):
    """Spectrum of real images, the half that determines the other.

    A filter is `from_half_spectrum(half_spectrum(images) * half_spectrum_mask(mask), (H, W))`.

    Args:
        images: Float tensor `(N, H, W, C)` or `(H, W, C)`.

    Returns:
        A complex64 tensor `(N, C, H, W // 2 + 1)` or `(C, H, W // 2 + 1)`, in the order of
        `tf.signal.rfft2d`: channels come first, and DC is at `[0, 0]`.

    Example:
        >>> half_spectrum(tf.ones((1, 4, 4, 1))).numpy()[0, 0, 0].real
        array([16.,  0.,  0.], dtype=float32)
    """
    channels_first = [2, 0, 1] if len(images.shape) == 3 else [0, 3, 1, 2]
    return tf.signal.rfft2d(tf.transpose(images, channels_first))


def from_half_spectrum(spectrum, size):
    """Images of a spectrum: the inverse of `half_spectrum`.

    Args:
        spectrum: Complex tensor `(N, C, H, W // 2 + 1)` or `(C, H, W // 2 + 1)`.
        size: `(H, W)`, two ints or a tensor of them, since `W // 2 + 1` does not tell an even W
            from an odd one.

    Returns:
        A float32 tensor `(N, H, W, C)` or `(H, W, C)`.

    Example:
        >>> images = tf.random.stateless_uniform((2, 4, 5, 3), (0, 1))
        >>> bool(np.allclose(from_half_spectrum(half_spectrum(images), (4, 5)), images, atol=1e-6))
        True
    """
    return _channels_last(tf.signal.irfft2d(spectrum, fft_length=size))


def as_float_images(images, name="images"):
    """Converts images to a float32 tensor, and refuses what cannot be images in [0, 1]."""
    try:
        images = tf.convert_to_tensor(images)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"`{name}` must be an array or a tensor of images (N, H, W, C), or (H, W, C) for one "
            f"image. Received: {type(images).__name__}"
        ) from error
    if not images.dtype.is_floating:
        raise TypeError(
            f"`{name}` must be floating-point with values in [0, 1] (divide 8-bit images by 255). "
            f"Received: dtype {images.dtype.name}"
        )
    if images.shape.rank not in (3, 4):
        raise ValueError(
            f"`{name}` must have shape (N, H, W, C), or (H, W, C) for one image. "
            f"Received: shape {images.shape}"
        )
    checks.channels_last(f"`{name}`", images.shape)
    return tf.cast(images, tf.float32)


def sides(images):
    """Height and width of `(..., H, W, C)`: ints if they are known, else scalar tensors."""
    dynamic = tf.shape(images)
    return [images.shape[axis] or dynamic[axis] for axis in (-3, -2)]


def _channels_last(planes):
    """Moves channels `(..., C, H, W)` behind height and width."""
    return tf.transpose(planes, [1, 2, 0] if len(planes.shape) == 3 else [0, 2, 3, 1])


def _check_neutral(neutral, channels):
    """Reads `neutral`, a number or one value a channel, as a float32 tensor."""
    if not tf.is_tensor(neutral) and channels is not None:
        checks.per_channel("neutral", neutral, channels)
    neutral = tf.cast(neutral, tf.float32)
    if neutral.shape.rank and not neutral.shape.is_compatible_with((channels,)):
        raise ValueError(
            f"`neutral` must be a number, or one value for each of the {channels} channels. "
            f"Received: shape {neutral.shape}"
        )
    return neutral


@keras.saving.register_keras_serializable(package="keras_freq")
class FourierFilter(keras.layers.Layer):
    """Layer that keeps the frequencies of a mask: `filter_images` inside a model.

    It has no weights, passes gradients, and computes in float32 whatever the dtype policy. A saved
    model with it reloads after `import keras_freq.fourier`.

    Args:
        mask: Boolean array `(H, W)`, centred and symmetric, True = kept.
        neutral: What an image without its DC becomes: a number, or one value a channel.
        **kwargs: Those of `keras.layers.Layer`.

    Call shapes: `(N, H, W, C)` in and out.

    Raises:
        TypeError: If the mask is not boolean.
        ValueError: If the mask is not symmetric, or not of the size of the images.

    Example:
        >>> images = np.random.default_rng(0).uniform(size=(2, 8, 8, 3)).astype("float32")
        >>> from keras_freq.fourier import low_pass_mask
        >>> layer = FourierFilter(low_pass_mask(8, 2))
        >>> layer(images).shape
        TensorShape([2, 8, 8, 3])
    """

    def __init__(self, mask, *, neutral=0.0, **kwargs):
        # With autocast a policy of half precision would round the images before the filter.
        super().__init__(**{"autocast": False, **kwargs})
        if isinstance(mask, dict) and {"shape", "bits"} <= set(mask):
            mask = _unpack_mask(mask)
        self.mask = check_mask(mask)
        # One value a channel fits images of any number of channels, before the layer is built.
        checks.per_channel("neutral", neutral, np.size(neutral))
        self.neutral = np.asarray(neutral, dtype=np.float64).tolist()

    def build(self, input_shape):
        if tuple(input_shape[1:3]) != self.mask.shape:
            raise ValueError(
                "`mask` must have the size of the images. "
                f"Received: images of shape {tuple(input_shape)}, mask of shape {self.mask.shape}"
            )
        self.built = True

    def call(self, images):
        filtered = filter_images(images, self.mask, neutral=self.neutral)
        return tf.cast(filtered, self.compute_dtype)

    def compute_output_shape(self, input_shape):
        return input_shape

    def get_config(self):
        return {**super().get_config(), "mask": _pack_mask(self.mask), "neutral": self.neutral}


def _pack_mask(mask):
    """A mask in a config, eight cells a byte: as nested lists 224 x 224 cells would take 300 kB."""
    return {"shape": list(mask.shape), "bits": np.packbits(mask).tobytes().hex()}


def _unpack_mask(packed):
    """The mask that `_pack_mask` has written."""
    bits = np.frombuffer(bytes.fromhex(packed["bits"]), dtype=np.uint8)
    shape = tuple(packed["shape"])
    return np.unpackbits(bits, count=shape[0] * shape[1]).reshape(shape).astype(bool)
