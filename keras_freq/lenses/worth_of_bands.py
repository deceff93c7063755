"""What each band of frequencies is worth to a model, and which bands do the same work."""

from collections.abc import Mapping

import numpy as np

from keras_freq import checks
from keras_freq.classifier import CompiledClassifier, logits_of
from keras_freq.data import class_names_of
from keras_freq.data.batches import repeated
from keras_freq.data.statistics import dataset_statistics
from keras_freq.fourier import band_edges, check_maps, radius_map
from keras_freq.fourier.grid import ring_name
from keras_freq.fourier.masks import check_size
from keras_freq.interventions import KeptFrequencies, ask, every_item
from keras_freq.lenses.shapley_values import BandShapley, subsets_of

# 2^10 passes an image.
_MOST_BANDS = 10


def band_shapley(
    model,
    dataset,
    num_classes,
    *,
    bands=8,
    neutral=None,
    from_logits=None,
    class_names=None,
    batch_size=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Measures what each band of frequencies is worth, and which bands do the same work.

    Every image is seen with every subset of the bands: 2^M passes an image, 256 for 8 bands. The
    Shapley values of a class add up to what all bands are worth together. Two bands with a negative
    interaction are redundant: each does what the other does as well. With a positive one, each
    needs the other.

    An image of which few bands are left is no natural image. A model may be very wrong about it,
    and bands that only prevent this are worth much. A value tells what the model gains from a
    band, and not whether it should.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            twice, and must give the same images each time.
        num_classes: The number of classes K, at least 2.
        bands: The number M of bands of equal radial width, from 2 to 10, as in
            `keras_freq.band_edges`; or the M - 1 increasing radii between them, in cycles per
            image; or a dict from names to masks `(H, W)` bool that share out all frequencies, such
            as those of a cue and all others. Defaults to 8.
        neutral: What an image without its DC becomes: a number or `(C,)`. Defaults to the channel
            means of `dataset`.
        from_logits: Whether the model's outputs are logits. Defaults to None: the model and its
            outputs tell, and where they do not, an error asks for this argument.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        checkpoint: File of finished work. The same call, after it was killed, goes on from there
            and gives the same numbers. Defaults to None: none is kept.
        executor: A `concurrent.futures.Executor` that does the work, as in
            `frequency_importance`. Defaults to None: this process.

    Returns:
        A `BandShapley`: `.values` `(K, M)` in nats with `.stderr`, `.interactions` `(K, M, M)`,
        `.total` `(K,)`, `.edges` `(M + 1,)`; the same of all images in `.together`; as a table,
        `.to_frame()`.

    Raises:
        TypeError: If `model` is no `keras.Model`, or masks are not boolean.
        ValueError: If an argument is out of range, or the model does not fit the images.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> shapley = kf.band_shapley(keras.Sequential(layers), data, 2, bands=3)
        >>> shapley
        BandShapley(3 bands, 2 classes, 6 images, 48 passes)
        >>> bool(np.allclose(shapley.values.sum(axis=1), shapley.total))
        True

    See Also:
        `keras_freq.plots.band_shapley` and `keras_freq.plots.band_interactions`, which draw it;
        `filter_sweep`, the same bands one at a time.

    Source:
        L. Shapley, "A value for n-person games" (1953). M. Grabisch and M. Roubens, "An axiomatic
        approach to the concept of interaction among players in cooperative games", International
        Journal of Game Theory 28 (1999). Shapley values of bands: Y. Chen et al., "Rethinking and
        improving robustness of convolutional neural networks: a Shapley value-based approach in
        frequency domain", NeurIPS 2022; their values are sampled, and ours are exact.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    dataset = repeated(dataset)
    class_names = class_names_of(dataset, class_names, num_classes)
    images, labels = dataset.first_batch()
    names, edges, masks = _read_bands(bands, images.shape[1:3])
    if neutral is not None:
        neutral = checks.per_channel("neutral", neutral, images.shape[-1])
    logits = logits_of(model, images, num_classes, labels=labels, from_logits=from_logits)
    classifier = CompiledClassifier(logits, images.shape[1:], batch_size)
    survey = dataset_statistics(dataset, num_classes)
    neutral = survey.channel_means if neutral is None else neutral
    subsets = subsets_of(len(masks))
    losses, labels = [], []
    for own, _, answers in ask(
        "losses",
        classifier,
        dataset,
        num_classes,
        KeptFrequencies(subsets[:, masks.argmax(axis=0)], neutral),
        every_item(len(subsets)),
        task="worth of bands",
        total=len(subsets) * int(survey.counts.sum()),
        progress=progress,
        checkpoint=checkpoint,
        executor=executor,
    ):
        labels.append(own)
        losses.append(answers.reshape(len(own), len(subsets)))
    joined = np.concatenate(losses), np.concatenate(labels)
    return BandShapley(*joined, masks, edges, names, class_names, neutral)


def _read_bands(bands, size):
    """Reads the bands: their names, the radii between them, and their masks `(M, H, W)`."""
    if isinstance(bands, Mapping):
        return _read_masks(bands, size)
    if np.ndim(bands) == 0:
        _check_number(checks.integer("bands", bands), bands)
        edges = band_edges(size, bands)
    else:
        inner = checks.radii("bands", bands, "the number of bands, or a dict of masks")
        _check_number(len(inner) + 1, bands)
        edges = np.array([0.0, *inner, np.inf])
    place = np.digitize(radius_map(size), edges[1:-1])
    masks = place == np.arange(len(edges) - 1)[:, None, None]
    empty = np.flatnonzero(~masks.any(axis=(1, 2)))
    if len(empty):
        low, high = edges[empty[0] :][:2]
        raise ValueError(
            f"`bands` must leave a frequency in each band. Images of {size[0]} x {size[1]} pixels "
            f"have none with {low:g} <= r < {high:g}. Give fewer. Received: bands={bands!r}"
        )
    return [ring_name(*edges[k : k + 2]) for k in range(len(masks))], edges, masks


def _read_masks(bands, size):
    """Reads a dict of masks that share out all frequencies."""
    _check_number(len(bands), list(bands))
    masks = check_maps(list(bands.values()), "bands")
    check_size(masks, size, "bands")
    if (masks.sum(axis=0) != 1).any():
        raise ValueError(
            "`bands` must hold each frequency in exactly one mask. "
            f"Received: {np.count_nonzero(masks.sum(axis=0) != 1)} cells that are in none, or in "
            "several"
        )
    return (
        checks.class_names(list(bands), len(bands), "bands"),
        np.full(len(bands) + 1, np.nan),
        masks,
    )


def _check_number(number, received):
    """Raises unless so many bands can all be combined."""
    if not 2 <= number <= _MOST_BANDS:
        raise ValueError(
            f"`bands` must be from 2 to {_MOST_BANDS} bands, since every subset of them costs a "
            f"pass of every image. Received: bands={received!r}"
        )
