"""Augmentations in the frequency domain: other images' amplitudes, other classes' frequencies."""

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.augment.batches_and_draws import (
    checked_value_range,
    happens,
    in_value_range,
    no_autograph,
    per_image,
    per_image_strength,
    split_seed,
    takes_batches,
    uniform,
)
from keras_freq.data.label_tensors import integer_label_tensor
from keras_freq.fourier import check_maps, half_spectrum_mask
from keras_freq.fourier.filters import as_float_images, from_half_spectrum, half_spectrum


@takes_batches
def amplitude_mix(images, others, strength=1.0, *, value_range=(0, 1)):
    """Moves the amplitudes of images towards those of other images; the phases stay.

    The phase holds where things are. The amplitude holds much of texture, colour and contrast. So
    the picture keeps its content and takes on something of the other's look. This is an offline
    relative of stylisation. It is not Stylized-ImageNet, whose images a style-transfer network made
    from paintings. Read those from a folder, with `keras_freq.data.image_folder`.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`. They give the phases.
        others: Of the same shape. They give the amplitudes.
        strength: s in [0, 1], a number or one for each image `(N,)`: the amplitudes are
            `(1 - s) |FFT(images)| + s |FFT(others)|`, channel by channel. Defaults to 1.
        value_range: (black, white). Values beyond are clipped. Defaults to (0, 1).

    Returns:
        Float32 tensor of the images' shape, within `value_range`.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If shapes differ, or `strength` is out of range.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images, others = np.random.default_rng(0).uniform(0.4, 0.6, size=(2, 3, 8, 8, 3))
        >>> same = kf.augment.amplitude_mix(images, others, 0.0)
        >>> bool(np.allclose(same, images, atol=1e-6))
        True

    Source:
        Xu et al. (2021), "A Fourier-based framework for domain generalization". Chen et
        al. (2021), "Amplitude-phase recombination", use a strength of 1.
    """
    others = as_float_images(others, "others")
    others = others[None] if others.shape.rank == 3 else others
    low, high = checked_value_range(value_range)
    if not images.shape.is_compatible_with(others.shape):
        raise ValueError(
            "`others` must have the shape of `images`. "
            f"Received: images of shape {images.shape}, others of shape {others.shape}"
        )
    strength = per_image_strength(strength, images)
    known = tf.get_static_value(strength)
    if known is not None and not ((known >= 0) & (known <= 1)).all():
        raise ValueError(
            "`strength` must be a number in [0, 1], or one for each image (N,). "
            f"Received: strength={known}"
        )
    strength = per_image(tf.broadcast_to(strength, tf.shape(images)[:1]))
    images, others = (in_value_range(some, value_range) for some in (images, others))
    spectrum = half_spectrum(images)
    amplitude = tf.abs(spectrum)
    towards = tf.abs(half_spectrum(others))
    target = amplitude * (1.0 - strength) + towards * strength
    # Where there is no amplitude, there is no phase: take 0. (A quotient by less would overflow.)
    present = amplitude > 1e-20
    gain = tf.cast(target / tf.where(present, amplitude, 1.0), tf.complex64)
    scaled = tf.where(present, spectrum * gain, tf.cast(target, tf.complex64))
    mixed = from_half_spectrum(scaled, tf.shape(images)[1:3])
    return tf.clip_by_value(tf.ensure_shape(mixed, images.shape), low, high)


@no_autograph
def random_amplitude_mix(images, *, seed, strength=(0.0, 1.0), value_range=(0, 1)):
    """Moves the amplitudes of each image towards those of another image of the batch.

    Args:
        images: Float `(N, H, W, C)`. Each image gives its amplitudes to one other, drawn at random.
            An image can meet itself, with a chance of 1/N.
        seed: Stateless seed, a pair of ints.
        strength: (least, most): uniform for each image, as in `amplitude_mix`. Defaults to (0, 1).
        value_range: (black, white). Values beyond are clipped. Defaults to (0, 1).

    Returns:
        Float32 tensor of the images' shape, within `value_range`.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If there is a single image, or an argument is out of range.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((4, 8, 8, 3))
        >>> kf.augment.random_amplitude_mix(images, seed=(0, 1)).shape
        TensorShape([4, 8, 8, 3])

    Source:
        Xu et al. (2021), "A Fourier-based framework for domain generalization". There the other
        image comes from another domain.

    See Also:
        `amplitude_mix`, for two given images.
    """
    images = _batch(images)
    least, most = checks.interval("strength", strength, 0, 1, "strengths")
    order_seed, strength_seed = split_seed(seed, 2)
    count = tf.shape(images)[0]
    order = tf.random.experimental.stateless_shuffle(tf.range(count), order_seed)
    strengths = uniform(strength_seed, count, least, most)
    return amplitude_mix(images, tf.gather(images, order), strengths, value_range=value_range)


@no_autograph
def dfm_x(images, labels, maps, *, seed, probability=0.3, neutral=0.0):
    """Shows images through the dominant frequencies of another class.

    A network that knows a class by a few frequencies cannot do so where these are missing. It has
    to learn the class from what is left. Each image, with `probability`, keeps only the frequencies
    in the map of one of the other classes, drawn with equal chances. Its label stays.

    Args:
        images: Float `(N, H, W, C)`.
        labels: Integers `(N,)` or `(N, 1)`, or one-hot `(N, K)`, in [0, K - 1].
        maps: Bool `(K, H, W)`, centred and symmetric, True = kept: `dominant_frequency_maps` of a
            network trained before. K is at least 2.
        seed: Stateless seed, a pair of ints. Every image of the batch draws for itself.
        probability: How likely an image is filtered, from 0 to 1. Defaults to 0.3.
        neutral: What an image without its DC becomes, a number or `(C,)`. The training set's
            channel means keep the brightness of images whose map lacks DC. Defaults to 0.

    Returns:
        Float32 `(N, H, W, C)`. As everywhere, filtered images may leave [0, 1] and are not clipped.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If `maps` are not boolean and symmetric, do not have the size of the images, or
            are fewer than two; or if `labels` do not fit.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images, labels = kf.data.frequency_bands(1, per_class=2)
        >>> maps = np.stack([kf.low_pass_mask(32, r) for r in (2, 4, 6, 8)])
        >>> kf.augment.dfm_x(images, labels, maps, seed=(0, 1)).shape
        TensorShape([8, 32, 32, 3])

    Source:
        Wang et al. (2023), "DFM-X: Augmentation by leveraging prior knowledge of shortcut
        learning". Their published code draws among all classes: 1/K of the images meet their own
        class and stay, and 0.3 of the others are filtered. It always keeps DC, and filters images
        after their channels were normalised. To do the same here, set
        `maps[:, H // 2, W // 2] = True` and give the channel means as `neutral`.
    """
    images = _batch(images)
    kept = _half_maps(maps, images.shape)
    num_classes = kept.shape[0]
    labels = _checked_labels(labels, num_classes)
    if not labels.shape.is_compatible_with(images.shape[:1]):
        raise ValueError(
            "`labels` must be as many as the images. "
            f"Received: images of shape {images.shape}, labels of shape {labels.shape}"
        )
    probability = checks.number("probability", probability, 0, 1, "a probability")
    neutral = checks.per_channel("neutral", neutral, images.shape[-1] or np.size(neutral))
    neutral = tf.cast(neutral, tf.float32)
    other_seed, filter_seed = split_seed(seed, 2)
    count = tf.shape(images)[0]
    other = tf.random.stateless_uniform([count], other_seed, 0, num_classes - 1, tf.int32)
    other += tf.cast(other >= labels, tf.int32)
    filtered = tf.cast(happens(filter_seed, count, probability), tf.int32)
    # Only the images that are filtered pay for it.
    places = tf.dynamic_partition(tf.range(count), filtered, 2)
    whole, through = tf.dynamic_partition(images, filtered, 2)
    masks = tf.cast(tf.gather(tf.constant(kept), tf.gather(other, places[1])), tf.complex64)
    spectrum = half_spectrum(through - neutral) * masks[:, None]
    through = from_half_spectrum(spectrum, tf.shape(images)[1:3]) + neutral
    return tf.ensure_shape(tf.dynamic_stitch(places, [whole, through]), images.shape)


def _batch(images):
    """Reads images that must be a batch, since they exchange something or have labels."""
    images = as_float_images(images)
    if images.shape.rank == 3:
        raise ValueError(
            "`images` must be a batch (N, H, W, C), and not one image. "
            f"Received: shape {images.shape}"
        )
    return images


def _half_maps(maps, shape):
    """Checks the maps of all classes and gives their half spectra `(K, H, W // 2 + 1)`."""
    maps = checks.plain_array("maps", maps, "(K, H, W)")
    if np.ndim(maps) == 3 and not shape[1:3].is_compatible_with(np.shape(maps)[1:]):
        raise ValueError(
            "`maps` must have the size of the images. "
            f"Received: images of shape {tuple(shape)}, maps of shape {np.shape(maps)}"
        )
    maps = check_maps(maps)
    if len(maps) < 2:
        raise ValueError(f"`maps` must hold maps of K >= 2 classes. Received: shape {maps.shape}")
    return half_spectrum_mask(maps)


def _checked_labels(labels, num_classes):
    """Reads labels as int32 `(N,)`, and raises for labels that are no class of the maps."""
    if tf.executing_eagerly():
        return tf.constant(checks.integer_labels("`labels`", labels, num_classes), tf.int32)
    integers = tf.cast(integer_label_tensor(labels, num_classes, "`labels`"), tf.int32)
    message = f"`labels` must be in [0, {num_classes - 1}], the classes of `maps`."
    with tf.control_dependencies(
        [
            tf.debugging.assert_non_negative(integers, message),
            tf.debugging.assert_less(integers, num_classes, message),
        ]
    ):
        return tf.identity(integers)
