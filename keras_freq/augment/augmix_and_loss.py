"""AugMix, and the loss that goes with it."""

import tensorflow as tf

from keras_freq import checks
from keras_freq.augment import colour
from keras_freq.augment.batches_and_draws import (
    checked_value_range,
    no_autograph,
    per_image,
    signs,
    split_seed,
    takes_batches,
    uniform,
)
from keras_freq.augment.operations import IDENTITY, apply_choices, draw_operations, strengths_of
from keras_freq.fourier.filters import as_float_images

AUGMIX_OPERATIONS = (
    "autocontrast",
    "equalize",
    "posterize",
    "rotate",
    "solarize",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
)
# These overlap with the corruptions of ImageNet-C: a network would train on the test.
CORRUPTION_OPERATIONS = ("color", "contrast", "brightness", "sharpness")


@takes_batches
def augmix(
    images,
    *,
    seed,
    severity=3.0,
    width=3,
    depth=None,
    alpha=1.0,
    all_operations=False,
    fill=None,
    value_range=(0, 1),
):
    """Mixes each image with a mixture of `width` chains of random operations on it.

    Every image draws for itself: the operations of each chain, their strengths, the weights of the
    chains (Dirichlet) and how much of the mixture is taken (Beta). The operations are
    autocontrast, equalize, posterize, rotate, solarize, and shear and translate along both axes.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: Stateless seed, a pair of ints.
        severity: From 0.1 to 10. The magnitude of an operation is uniform from 0.1 to this, of 10.
            Defaults to 3.
        width: Int >= 1, the number of chains. Defaults to 3.
        depth: Int >= 1, operations in a chain. Defaults to None, which draws 1, 2 or 3 for each
            chain.
        alpha: > 0, of the Dirichlet and the Beta distribution; 1 makes both uniform. Defaults to 1.
        all_operations: Whether to add color, contrast, brightness and sharpness, as torchvision
            does. They overlap with the corruptions of ImageNet-C: leave them out if you test on
            those. Defaults to False.
        fill: What a warp shows beyond the image, in the units of `value_range`. Defaults to None,
            its low end, black.
        value_range: (black, white). Values beyond are clipped. Defaults to (0, 1).

    Returns:
        Float32 tensor of the images' shape, within `value_range`.

    Raises:
        TypeError: If the images are not floats.
        ValueError: If an argument is out of range.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((2, 8, 8, 3))
        >>> kf.augment.augmix(images, seed=(0, 1)).shape
        TensorShape([2, 8, 8, 3])

    Source:
        Hendrycks et al. (2020), "AugMix", algorithm 1, with the magnitudes of the authors' code
        (posterize to 4 bits or fewer, shifts up to a third of the side). We do not round to whole
        levels after each operation.
    """
    severity = checks.number("severity", severity, 0.1, 10, "a magnitude of ten")
    alpha = checks.number("alpha", alpha, 1e-3, 1e3, "the parameter of a distribution")
    width = checks.integer("width", width)
    depth = None if depth is None else checks.integer("depth", depth)
    among = AUGMIX_OPERATIONS + (CORRUPTION_OPERATIONS if all_operations else ())
    levels = colour.to_levels(images, value_range)
    fill = colour.fill_level(fill, value_range)

    count = tf.shape(images)[0]
    chains_seed, depth_seed, weights_seed, share_seed = split_seed(seed, 4)
    # The chains of an image follow each other, so that an image's draws are those of its place.
    chains = tf.repeat(levels, width, axis=0)
    last = tf.fill([count * width], depth or 0)
    if depth is None:
        last = tf.random.stateless_uniform([count * width], depth_seed, 1, 4, tf.int32)
    for step, step_seed in enumerate(split_seed(chains_seed, depth or 3)):
        choice_seed, magnitude_seed, sign_seed = split_seed(step_seed, 3)
        choice = draw_operations(choice_seed, count * width, among)
        choice = tf.where(step < last, choice, IDENTITY)
        share = uniform(magnitude_seed, count * width, 0.01, severity / 10.0)
        sign = signs(sign_seed, count * width)
        strength = strengths_of(choice, share, sign, "authors", largest_shift=1 / 3)
        chains = apply_choices(
            chains, choice, strength, among=among, fill=fill, interpolation="bilinear"
        )
    weights = dirichlet(weights_seed, count, width, alpha)
    chains = tf.reshape(chains, tf.concat([[count, width], tf.shape(levels)[1:]], axis=0))
    mixture = tf.reduce_sum(chains * weights[:, :, None, None, None], axis=1)
    share = per_image(dirichlet(share_seed, count, 2, alpha)[:, 0])
    mixed = tf.ensure_shape(levels * (1.0 - share) + mixture * share, images.shape)
    return colour.from_levels(mixed, value_range)


@no_autograph
def augmix_views(images, *, seed, **options):
    """Gives the images and two independent AugMix versions of them, for a consistency loss.

    Args:
        images: Float `(N, H, W, C)`, or one image `(H, W, C)`.
        seed: Stateless seed, a pair of ints.
        **options: Those of `augmix`.

    Returns:
        Three float32 tensors of the images' shape: clean, and two augmented ones.

    Example:
        >>> import numpy as np
        >>> import keras_freq as kf
        >>> images = np.random.default_rng(0).random((2, 8, 8, 3))
        >>> clean, first, second = kf.augment.augmix_views(images, seed=(0, 1))
        >>> bool(np.allclose(first, second))
        False

    Source:
        Hendrycks et al. (2020), "AugMix", section 3.
    """
    first, second = split_seed(seed, 2)
    low, high = checked_value_range(options.get("value_range", (0, 1)))
    clean = tf.clip_by_value(as_float_images(images), low, high)
    return clean, augmix(images, seed=first, **options), augmix(images, seed=second, **options)


@no_autograph
def jensen_shannon(p_clean, p_first, p_second):
    """How much three predictions for the same images differ: their Jensen-Shannon divergence.

    It is the mean Kullback-Leibler divergence of the three from their mean. AugMix adds 12 times
    its mean over the batch to the cross-entropy of the clean images.

    Args:
        p_clean: Probabilities `(N, K)`, as from a softmax, of the images themselves.
        p_first: `(N, K)`, of their first view.
        p_second: `(N, K)`, of their second view.

    Returns:
        Float32 `(N,)` in nats, from 0 (all three agree) to log 3. Its gradients are finite, even
        where a probability is 0.

    Raises:
        ValueError: If the three do not have one shape `(N, K)`.

    Example:
        >>> import keras_freq as kf
        >>> agree, differ = [0.25, 0.75], [1.0, 0.0]
        >>> loss = kf.augment.jensen_shannon([agree, agree], [agree, differ], [agree, differ])
        >>> loss.numpy().round(4)
        array([0.    , 0.3749], dtype=float32)

    Source:
        Hendrycks et al. (2020), "AugMix", section 3. Their code keeps the mean above 1e-7.
    """
    try:
        views = [tf.convert_to_tensor(p, tf.float32) for p in (p_clean, p_first, p_second)]
    except (TypeError, ValueError) as error:
        raise ValueError(
            "`p_clean`, `p_first` and `p_second` must be arrays of probabilities (N, K). "
            f"Received: {error}"
        ) from error
    shapes = [view.shape for view in views]
    if any(shape.rank != 2 for shape in shapes) or not all(
        shapes[0].is_compatible_with(shape) for shape in shapes
    ):
        raise ValueError(
            "`p_clean`, `p_first` and `p_second` must be probabilities of one shape (N, K). "
            f"Received: shapes {', '.join(str(shape) for shape in shapes)}"
        )
    mean = tf.add_n(views) / 3.0
    # The logarithm must not meet a 0, even if it is multiplied by 0.
    log_mean = tf.math.log(tf.where(mean > 0, mean, 1.0))
    entropies = [tf.math.xlogy(view, tf.where(view > 0, view, 1.0)) for view in views]
    terms = [entropy - view * log_mean for entropy, view in zip(entropies, views, strict=True)]
    return tf.maximum(tf.reduce_sum(tf.add_n(terms), axis=-1) / 3.0, 0.0)


def dirichlet(seed, count, size, alpha):
    """Draws `(count, size)` weights that add up to 1; two of them are a Beta draw."""
    # As logarithms: a small alpha makes gammas that float32 cannot hold. log Gamma(a) is
    # distributed as log Gamma(a + 1) + log(U) / a.
    gamma_seed, power_seed = split_seed(seed, 2)
    gammas = tf.random.stateless_gamma([count, size], gamma_seed, alpha=alpha + 1.0)
    powers = 1.0 - tf.random.stateless_uniform([count, size], power_seed)
    return tf.nn.softmax(tf.math.log(gammas) + tf.math.log(powers) / alpha, axis=-1)
