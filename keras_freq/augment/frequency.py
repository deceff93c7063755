"""Augmentations in the frequency domain: other images' amplitudes, other classes' frequencies."""

import numpy as np
import tensorflow as tf

from keras_freq.augment.arguments import (
    as_batch,
    checked_interval,
    checked_number,
    checked_value_range,
    happens,
    per_image,
    split,
    unbatched,
    uniform,
)
from keras_freq.fourier import check_mask, half_spectrum_mask


def amplitude_mix(images, others, strength=1.0, *, value_range=(0, 1)):
    """Moves the amplitudes of images towards those of other images; the phases stay.

    The phase holds where things are, the amplitude much of texture, colour and contrast, so the
    picture keeps its content and takes on something of the other's look. This is an offline
    relative of stylisation. It is not Stylized-ImageNet, whose images are made by a style-transfer
    network from paintings: those are read from a folder, with `keras_freq.data.image_folder`.

    Args:
        images: float `(N, H, W, C)`, or one image `(H, W, C)`, which give the phases.
        others: of the same shape, which give the amplitudes.
        strength: s in [0, 1], a number or one for each image `(N,)`: the amplitudes are
            `(1 - s) |FFT(images)| + s |FFT(others)|`, channel by channel.
        value_range: (black, white). Values beyond are clipped.

    Returns:
        float32 of the images' shape, within `value_range`.

    Raises:
        TypeError: the images are not floats.
        ValueError: shapes differ, or `strength` is out of range.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images, others = np.random.default_rng(0).uniform(0.4, 0.6, size=(2, 3, 8, 8, 3))
        >>> same = kf.augment.amplitude_mix(images, others, 0.0)
        >>> bool(np.allclose(same, images, atol=1e-6))
        True

    Source:
        Xu et al. (2021), "A Fourier-based framework for domain generalization". Chen et
        al. (2021), "Amplitude-phase recombination", is a strength of 1.
    """
    batch, single = as_batch(images)
    other, _ = as_batch(others)
    low, high = checked_value_range(value_range)
    if not batch.shape.is_compatible_with(other.shape):
        raise ValueError(
            "`others` must have the shape of `images`. "
            f"Received: images of shape {batch.shape}, others of shape {other.shape}"
        )
    strength = tf.convert_to_tensor(strength, tf.float32)
    known = tf.get_static_value(strength)
    if strength.shape.rank not in (0, 1) or (
        known is not None and not ((known >= 0) & (known <= 1)).all()
    ):
        raise ValueError(
            "`strength` must be a number in [0, 1], or one for each image (N,). "
            f"Received: strength={known if known is not None else strength.shape}"
        )
    strength = per_image(tf.broadcast_to(strength, tf.shape(batch)[:1]))
    spectrum = tf.signal.rfft2d(_planes(batch))
    amplitude = tf.abs(spectrum)
    towards = tf.abs(tf.signal.rfft2d(_planes(other)))
    target = amplitude * (1.0 - strength) + towards * strength
    # What has no amplitude has no phase either: there it is 0. (A quotient by less would overflow.)
    present = amplitude > 1e-20
    gain = tf.cast(target / tf.where(present, amplitude, 1.0), tf.complex64)
    scaled = tf.where(present, spectrum * gain, tf.cast(target, tf.complex64))
    mixed = _pictures(tf.signal.irfft2d(scaled, tf.shape(batch)[1:3]), batch.shape)
    return unbatched(tf.clip_by_value(mixed, low, high), single)


def random_amplitude_mix(images, *, seed, strength=(0.0, 1.0), value_range=(0, 1)):
    """Moves the amplitudes of each image towards those of another image of the batch.

    Args:
        images: float `(N, H, W, C)`. Each image gives its amplitudes to one other, drawn at random;
            an image can meet itself, with a chance of 1/N.
        seed: stateless seed, a pair of ints.
        strength: (least, most): uniform for each image, as in `amplitude_mix`.
        value_range: (black, white). Values beyond are clipped.

    Returns:
        float32 of the images' shape, within `value_range`.

    Raises:
        TypeError: the images are not floats.
        ValueError: a single image, or an argument out of range.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((4, 8, 8, 3))
        >>> kf.augment.random_amplitude_mix(images, seed=(0, 1)).shape
        TensorShape([4, 8, 8, 3])

    Source:
        Xu et al. (2021), "A Fourier-based framework for domain generalization", where
        the other image comes from another domain.
    """
    batch, single = as_batch(images)
    if single:
        raise ValueError(
            "`images` must be a batch (N, H, W, C), whose images give each other their amplitudes; "
            f"for two images use `amplitude_mix`. Received: shape {batch.shape[1:]}"
        )
    least, most = checked_interval("strength", strength, 0, 1, "strengths")
    order_seed, strength_seed = split(seed, 2)
    count = tf.shape(batch)[0]
    order = tf.random.experimental.stateless_shuffle(tf.range(count), order_seed)
    strengths = uniform(strength_seed, count, least, most)
    return amplitude_mix(batch, tf.gather(batch, order), strengths, value_range=value_range)


def dfm_x(images, labels, maps, *, seed, probability=0.3, neutral=0.0):
    """Shows images through the dominant frequencies of another class.

    A network that knows a class by a few frequencies cannot do so where these are missing: it has
    to learn the class from what is left. Each image, with `probability`, keeps only the frequencies
    in the map of one of the other classes, drawn with equal chances; its label stays.

    Args:
        images: float `(N, H, W, C)`.
        labels: integers `(N,)`, or one-hot `(N, K)`, in [0, K - 1].
        maps: bool `(K, H, W)`, centred and symmetric, True = kept: `dominant_frequency_maps` of a
            network trained before. K is at least 2.
        seed: stateless seed, a pair of ints. Every image of the batch draws for itself.
        probability: of being filtered, from 0 to 1.
        neutral: what an image without its DC becomes, a number or `(C,)`. The training set's
            channel means keep the brightness of images whose map lacks DC.

    Returns:
        float32 `(N, H, W, C)`. As everywhere, filtered images may leave [0, 1] and are not clipped.

    Raises:
        TypeError: the images are not floats, or `maps` is not boolean.
        ValueError: `maps` has not the size of the images, holds fewer than two classes, or is not
            symmetric; `labels` do not fit.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images, labels = kf.data.frequency_bands(1, per_class=2)
        >>> maps = np.stack([kf.low_pass_mask(32, r) for r in (2, 4, 6, 8)])
        >>> kf.augment.dfm_x(images, labels, maps, seed=(0, 1)).shape
        TensorShape([8, 32, 32, 3])

    Source:
        Wang et al. (2023), "DFM-X: Augmentation by leveraging prior knowledge of shortcut
        learning". Their published code draws among all classes, so that 1/K of the images meet
        their own class and stay, and 0.3 of the others are filtered; it always keeps DC, and
        filters images after the normalisation of their channels. `maps[:, H // 2, W // 2] = True`
        and `neutral=` the channel means do the same here.
    """
    batch, single = as_batch(images)
    if single:
        raise ValueError(
            f"`images` must be a batch (N, H, W, C). Received: shape {batch.shape[1:]}"
        )
    kept = _half_maps(maps, batch.shape)
    num_classes = kept.shape[0]
    labels = _integer_labels(labels, num_classes)
    if not labels.shape.is_compatible_with(batch.shape[:1]):
        raise ValueError(
            "`labels` must be as many as the images. "
            f"Received: images of shape {batch.shape}, labels of shape {labels.shape}"
        )
    probability = checked_number("probability", probability, 0, 1, "a probability")
    neutral = tf.convert_to_tensor(neutral, tf.float32)
    if neutral.shape.rank not in (0, 1):
        raise ValueError(
            "`neutral` must be a number, or one value a channel (C,). "
            f"Received: shape {neutral.shape}"
        )
    other_seed, filter_seed = split(seed, 2)
    count = tf.shape(batch)[0]
    other = tf.random.stateless_uniform([count], other_seed, 0, num_classes - 1, tf.int32)
    other += tf.cast(other >= labels, tf.int32)
    filtered = tf.cast(happens(filter_seed, count, probability), tf.int32)
    # Only the images that are filtered pay for it.
    places = tf.dynamic_partition(tf.range(count), filtered, 2)
    whole, through = tf.dynamic_partition(batch, filtered, 2)
    masks = tf.cast(tf.gather(tf.constant(kept), tf.gather(other, places[1])), tf.complex64)
    spectrum = tf.signal.rfft2d(_planes(through - neutral)) * masks[:, None]
    through = tf.signal.irfft2d(spectrum, tf.shape(batch)[1:3])
    through = tf.transpose(through, [0, 2, 3, 1]) + neutral
    return tf.ensure_shape(tf.dynamic_stitch(places, [whole, through]), batch.shape)


def _half_maps(maps, shape):
    """Checks the maps of all classes and gives their half spectra `(K, H, W // 2 + 1)`."""
    maps = np.asarray(maps)
    if maps.ndim != 3 or len(maps) < 2:
        raise ValueError(
            "`maps` must have shape (K, H, W), one map for each of K >= 2 classes. "
            f"Received: shape {maps.shape}"
        )
    if not shape[1:3].is_compatible_with(maps.shape[1:]):
        raise ValueError(
            "`maps` must have the size of the images. "
            f"Received: images of shape {tuple(shape)}, maps of shape {maps.shape}"
        )
    try:
        checked = [check_mask(one) for one in maps]
    except (TypeError, ValueError) as error:
        raise type(error)(f"`maps` must hold masks. {error}") from error
    return np.stack([half_spectrum_mask(one) for one in checked])


def _integer_labels(labels, num_classes):
    """Labels as int32 `(N,)`; what is no class of the maps raises."""
    labels = tf.convert_to_tensor(labels)
    if labels.shape.rank == 2 and labels.shape[1] == num_classes and num_classes > 1:
        labels = tf.argmax(labels, axis=1)
    if labels.shape.rank != 1 or not labels.dtype.is_integer:
        raise ValueError(
            f"`labels` must be integers (N,), or one-hot (N, {num_classes}). "
            f"Received: shape {labels.shape}, dtype {labels.dtype.name}"
        )
    labels = tf.cast(labels, tf.int32)
    message = f"`labels` must be in [0, {num_classes - 1}], the classes of `maps`."
    if tf.executing_eagerly():
        if (
            len(labels)
            and not 0 <= int(tf.reduce_min(labels)) <= int(tf.reduce_max(labels)) < num_classes
        ):
            raise ValueError(f"{message} Received: {labels.numpy().tolist()[:8]}")
        return labels
    checks = [
        tf.debugging.assert_non_negative(labels, message),
        tf.debugging.assert_less(labels, num_classes, message),
    ]
    with tf.control_dependencies(checks):
        return tf.identity(labels)


def _planes(images):
    """Moves the channels before height and width, where the FFT wants its last two axes."""
    return tf.transpose(images, [0, 3, 1, 2])


def _pictures(planes, shape):
    """Undoes `_planes`."""
    return tf.ensure_shape(tf.transpose(planes, [0, 2, 3, 1]), shape)
