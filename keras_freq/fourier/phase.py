"""Amplitudes and phases: exchanged, scrambled, and one of the two alone.

Every frequency of an image has an amplitude, how strong it is, and a phase, where its crests lie. A
cell that is its own conjugate (DC, and some at the Nyquist frequency of even sides) has a real
value: its phase is a sign.
"""

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.fourier.filters import as_float_images, from_half_spectrum, half_spectrum, sides
from keras_freq.fourier.grid import conjugate

# A cosine of a smaller amplitude is lost in the rounding of an image in [0, 1]: it has no phase.
SMALLEST_AMPLITUDE = 2.0**-24


@tf.autograph.experimental.do_not_convert  # a user's `map` calls it
def swap_phase(images, others):
    """Gives images the phases of other images; their amplitudes stay.

    What people see in the result is mostly what the phases come from.

    Args:
        images: Floating-point images `(N, H, W, C)`, or one image `(H, W, C)`. They give the
            amplitudes, channel by channel.
        others: Images of the same shape. They give the phases. Where they lack a frequency, it has
            no phase, and the image keeps its own.

    Returns:
        A float32 tensor of the images' shape. Values may leave [0, 1]; they are not clipped.

    Raises:
        TypeError: If the images are not floating-point.
        ValueError: If the shapes differ.

    Example:
        >>> import keras_freq as kf
        >>> images, others = np.random.default_rng(0).uniform(size=(2, 3, 8, 8, 1))
        >>> mixed = kf.swap_phase(images, others)
        >>> amplitudes = kf.amplitude_spectrum(mixed)
        >>> bool(np.allclose(amplitudes, kf.amplitude_spectrum(images), atol=1e-4))
        True

    See Also:
        `keras_freq.phase_preference`, which of the two a model names; `keras_freq.transplant_rates`
        with `what="phase"`, for a part of the frequencies; `keras_freq.augment.amplitude_mix`.

    Source:
        A. V. Oppenheim and J. S. Lim, "The importance of phase in signals", Proceedings of the
        IEEE 69 (1981).
    """
    images, others = as_float_images(images), as_float_images(others, "others")
    if not images.shape.is_compatible_with(others.shape):
        raise ValueError(
            "`others` must have the shape of `images`. "
            f"Received: images of shape {images.shape}, others of shape {others.shape}"
        )
    own, size = half_spectrum(images), sides(images)
    mixed = with_phases(own, half_spectrum(others), own, least_modulus(size))
    return tf.ensure_shape(from_half_spectrum(mixed, size), images.shape)


@tf.autograph.experimental.do_not_convert
def phase_noise(images, width, *, seed):
    """Turns the phase of every frequency by a random angle; amplitudes stay.

    The angle is uniform in [-width, width), the same in all channels, so that colours stay
    together, and opposite at the conjugate frequency, so that images stay real. A cell that is its
    own conjugate can only change its sign: it does where its angle is beyond 90 degrees. DC stays.
    With 180 degrees nothing is left of the phases.

    Args:
        images: Floating-point images `(N, H, W, C)`, or one image `(H, W, C)`. Each draws for
            itself, by its place in the batch.
        width: The largest angle, in degrees, from 0 to 180.
        seed: Stateless seed, a pair of ints, or an int tensor `(2,)`.

    Returns:
        A float32 tensor of the images' shape. Values may leave [0, 1]; they are not clipped.

    Raises:
        TypeError: If the images are not floating-point.
        ValueError: If `width` is out of range, or `seed` is no stateless seed.

    Example:
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).uniform(size=(2, 8, 8, 3))
        >>> noisy = kf.phase_noise(images, 90, seed=(0, 1))
        >>> amplitudes = kf.amplitude_spectrum(noisy)
        >>> bool(np.allclose(amplitudes, kf.amplitude_spectrum(images), atol=1e-4))
        True

    See Also:
        `keras_freq.phase_noise_sweep`, the accuracy of a model against the width.

    Source:
        R. Geirhos et al., "Generalisation in humans and deep neural networks", NeurIPS 2018, whose
        images are grey.
    """
    images = as_float_images(images)
    width = checks.number("width", width, 0, 180, "an angle in degrees")
    seed = checks.stateless_seed(seed)
    batch = images[None] if images.shape.rank == 3 else images
    height, columns = size = sides(images)
    shape = [tf.shape(batch)[0], height, columns // 2 + 1]
    # The same bits compiled and not.
    drawn = tf.random.stateless_uniform(shape, seed, -width, width, alg="philox")
    angles = _opposite_at_conjugates(drawn, columns) * (np.pi / 180)
    turns = tf.complex(tf.cos(angles), tf.sin(angles))[:, None]
    turned = from_half_spectrum(half_spectrum(batch) * turns, size)
    return tf.ensure_shape(turned[0] if images.shape.rank == 3 else turned, images.shape)


@tf.autograph.experimental.do_not_convert
def phase_only(images, amplitude):
    """Gives all images the same amplitudes, such as the mean ones of a data set; phases stay.

    Amplitudes of 1 would whiten the images to what looks like black ones with faint edges.

    Args:
        images: Floating-point images `(N, H, W, C)`, or one image `(H, W, C)`.
        amplitude: `(H, W, C)`, centred, >= 0, the same at conjugate frequencies: amplitudes of the
            unnormalised FFT, as the mean of `amplitude_spectrum` over images.

    Returns:
        A float32 tensor of the images' shape. Values may leave [0, 1]; they are not clipped. Where
        an image lacks a frequency, it gets it with phase 0.

    Raises:
        TypeError: If the images are not floating-point.
        ValueError: If `amplitude` has another shape, is negative, or is not symmetric.

    Example:
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).uniform(size=(5, 8, 8, 1)).astype("float32")
        >>> amplitude = np.mean(kf.amplitude_spectrum(images), axis=0)
        >>> equal = kf.amplitude_spectrum(kf.phase_only(images, amplitude))
        >>> bool(np.allclose(equal, amplitude, atol=1e-4))
        True
    """
    images = as_float_images(images)
    amplitude = _checked_amplitude(amplitude)
    if not images.shape[-3:].is_compatible_with(amplitude.shape):
        raise ValueError(
            "`amplitude` must have the shape (H, W, C) of one image. "
            f"Received: images of shape {images.shape}, amplitude of shape {amplitude.shape}"
        )
    size = amplitude.shape[:2]
    images = tf.ensure_shape(images, [*images.shape[:-3], *amplitude.shape])
    half = np.fft.ifftshift(amplitude, axes=(0, 1))[:, : size[1] // 2 + 1]
    wanted = tf.constant(np.moveaxis(half, -1, 0), tf.complex64)
    mixed = with_phases(wanted, half_spectrum(images), wanted, least_modulus(size))
    return from_half_spectrum(mixed, size)


@tf.autograph.experimental.do_not_convert
def amplitude_only(images, *, seed):
    """Gives images the phases of noise; only their amplitudes, and their mean colour, are left.

    It is `phase_noise` of 180 degrees.

    Args:
        images: Floating-point images `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: Stateless seed, a pair of ints, or an int tensor `(2,)`.

    Returns:
        A float32 tensor of the images' shape. Values may leave [0, 1]; they are not clipped.

    Raises:
        TypeError: If the images are not floating-point.
        ValueError: If `seed` is no stateless seed.

    Example:
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).uniform(size=(2, 8, 8, 3))
        >>> kf.amplitude_only(images, seed=(0, 1)).shape
        TensorShape([2, 8, 8, 3])
    """
    return phase_noise(images, 180, seed=seed)


def with_phases(amplitudes, phases, otherwise, least):
    """Joins the moduli of one spectrum with the phases of another.

    Args:
        amplitudes: Complex tensor, whose moduli are taken.
        phases: Complex tensor, whose phases are taken.
        otherwise: Complex tensor, taken where `phases` has no phase.
        least: The modulus up to which a value has no phase.

    Returns:
        A complex tensor.
    """
    modulus = tf.abs(phases)
    has_phase = modulus > least
    phase = phases / tf.cast(tf.where(has_phase, modulus, 1.0), phases.dtype)
    return tf.where(has_phase, tf.cast(tf.abs(amplitudes), phases.dtype) * phase, otherwise)


def least_modulus(size):
    """The modulus of a frequency that is lost in the rounding of images of `size` in [0, 1]."""
    return SMALLEST_AMPLITUDE * tf.cast(size[0] * size[1], tf.float32)


def _opposite_at_conjugates(angles, width):
    """Makes angles of a half spectrum such that a real image stays real.

    Args:
        angles: Float tensor `(N, H, W // 2 + 1)`, degrees.
        width: W.

    Returns:
        The same, but in the columns that hold pairs of conjugates one of a pair has the opposite
        angle of the other. Cells that are their own conjugates have 0 or 180, and DC has 0.
    """
    height = tf.shape(angles)[1]
    rows, columns = tf.range(height), tf.range(tf.shape(angles)[2])
    conjugates = (height - rows) % height
    signs = tf.where(tf.abs(angles) > 90, 180.0, 0.0)
    second = -tf.gather(angles, conjugates, axis=1)
    paired = tf.where((rows < conjugates)[:, None], angles, second)
    paired = tf.where((rows == conjugates)[:, None], signs, paired)
    own_column = (columns == 0) | (2 * columns == width)
    is_dc = (rows[:, None] == 0) & (columns == 0)
    return tf.where(is_dc, 0.0, tf.where(own_column, paired, angles))


def _checked_amplitude(amplitude):
    """Reads centred amplitudes `(H, W, C)`."""
    read = checks.real_array("amplitude", amplitude, "(H, W, C)", ndim=3).astype(np.float64)
    if not (np.isfinite(read) & (read >= 0)).all():
        raise ValueError("`amplitude` must be finite and >= 0. Received: other values")
    planes = np.moveaxis(read, -1, 0)
    if not np.allclose(planes, conjugate(planes), rtol=1e-3, atol=1e-6 * read.max()):
        raise ValueError(
            "`amplitude` must be the same at conjugate frequencies, centred, as the mean of "
            "`amplitude_spectrum` over images. Received: an array that is not symmetric"
        )
    return read
