"""How often a model is wrong once one wave is added to every image: the Fourier heat map."""

import math

import numpy as np

from keras_freq import checks
from keras_freq.classifier import (
    CompiledClassifier,
    Logits,
    check_model,
    layer_features,
    logits_of,
)
from keras_freq.data import class_names_of
from keras_freq.data.batches import repeated
from keras_freq.data.statistics import dataset_statistics
from keras_freq.fourier import conjugate_pairs
from keras_freq.fourier.grid import pair_values_to_maps, pair_weights
from keras_freq.interventions import AddedWaves, ask, numbered_items
from keras_freq.interventions.added_waves import RANDOM_PHASE
from keras_freq.lenses.heat_map_result import FourierHeatMap
from keras_freq.lenses.sampled_pairs import interpolated, ring_numbers, sample_pairs
from keras_freq.metrics.rates import ratio

MEASURES = ("error", "loss")
BY = ("class", "all")
_QUESTIONS = {"error": "answers", "loss": "losses", "distance": "distances"}
# Sides and strengths of the published maps.
_PUBLISHED = ((32, 4.0), (224, 15.7))


def fourier_heat_map(
    model,
    dataset,
    num_classes,
    *,
    strength=None,
    frequencies="all",
    measure="error",
    layer=None,
    phase=0.0,
    by="class",
    from_logits=None,
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Measures how much a wave of each frequency harms a model.

    To every channel of an image, the wave of one frequency is added, times a strength and a sign
    that is drawn for each image, wave and channel. Then the image is clipped to [0, 1]. The real
    wave of a frequency and that of its conjugate are one, which is added once.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` in [0, 1] to class scores
            `(N, num_classes)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            twice, and must give the same images each time.
        num_classes: The number of classes K, at least 2.
        strength: The norm of a wave over the pixels of a channel, > 0. Defaults to None: the
            published 4.0 at 32x32 and 15.7 at 224x224, and a power law of the side otherwise.
        frequencies: "all", or how many frequencies are measured, an int >= 1: a sample of as many
            from each ring of radii. The map is then interpolated linearly, and `stderr` tells how
            well. Defaults to "all".
        measure: "error", the share of wrong answers, or "loss", the mean cross-entropy in nats.
            Defaults to "error".
        layer: The name of a layer. If given, the mean Euclidean distance is measured by which a
            wave moves what that layer gives. Defaults to None.
        phase: The phase of the waves at the first pixel in degrees, or "random": drawn for each
            image, wave and channel. Defaults to 0, as published.
        by: "class" for a map of each class beside that of all images, or "all" for that alone. For
            many classes it takes less memory. Defaults to "class".
        from_logits: Whether the model's outputs are logits, which only the loss asks. Defaults to
            None: the model and its outputs tell.
        seed: An int >= 0, of what is drawn. An image has the same signs in every batch, and
            whatever other frequencies are measured. Defaults to 0.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        checkpoint: File of finished work. The same call, after it was killed, goes on from there
            and gives the same numbers. Defaults to None: none is kept.
        executor: A `concurrent.futures.Executor` that does the work, as in
            `frequency_importance`. Defaults to None: this process.

    Returns:
        A `FourierHeatMap`.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, the model does not fit the images, or images
            leave [0, 1].

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> images = np.random.default_rng(0).uniform(size=(6, 8, 8, 1))
        >>> data = images, [0, 1, 0, 1, 0, 1]
        >>> heat = kf.fourier_heat_map(keras.Sequential(layers), data, 2)
        >>> heat.error.shape, heat.class_error.shape, round(heat.strength, 2)
        ((8, 8), (2, 8, 8), 1.51)
        >>> heat.evaluations  # 34 pairs and none, of 6 images
        210

    See Also:
        `keras_freq.plots.fourier_heat_map`, which draws it; `frequency_importance`, which takes
        frequencies away.

    Source:
        D. Yin et al., "A Fourier perspective on model robustness in computer vision", NeurIPS 2019.
        Published codes add a wave and its conjugate one after the other. Here each is added once.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    checks.choice("measure", measure, MEASURES)
    checks.choice("by", by, BY)
    phase = _phase(phase)
    seed = checks.integer("seed", seed, least=0)
    if strength is not None:
        strength = checks.positive("strength", strength, "the norm of a wave")
    if not (isinstance(frequencies, str) and frequencies == "all"):
        frequencies = _number(frequencies)
    if layer is not None and measure != "error":
        raise ValueError(
            "`layer` measures distances, which have no `measure`. Leave one of them out. "
            f"Received: layer={layer!r}, measure={measure!r}"
        )
    dataset = repeated(dataset)
    class_names = class_names_of(dataset, class_names, num_classes)
    survey = dataset_statistics(dataset, num_classes)
    size = survey.image_shape[:2]
    measure = "distance" if layer is not None else measure
    classifier = _classifier(model, dataset, survey, measure, layer, from_logits, batch_size)
    pairs = conjugate_pairs(size)
    number = len(pairs) if frequencies == "all" else frequencies
    chosen = sample_pairs(pairs, size, number, seed)
    strength = default_strength(size) if strength is None else strength
    # The last "wave" adds nothing: the images as they are.
    strengths = np.append(np.full(len(chosen), strength), 0.0)
    waves = AddedWaves(pairs[np.append(chosen, 0)], size, strengths, phase=phase, seed=seed)
    sums = _Sums(num_classes if by == "class" else 0, chosen, pairs, size)
    for labels, _, results in ask(
        _QUESTIONS[measure],
        classifier,
        dataset,
        num_classes,
        waves,
        numbered_items(len(waves)),
        task="Fourier heat map",
        total=len(waves) * int(survey.counts.sum()),
        batch_size=batch_size,
        progress=progress,
        checkpoint=checkpoint,
        executor=executor,
    ):
        results = results.reshape(len(labels), len(waves))
        sums.add(labels, results != labels[:, None] if measure == "error" else results)
    return FourierHeatMap(
        **sums.maps(seed),
        strength=strength,
        evaluations=len(waves) * int(survey.counts.sum()),
        class_names=class_names,
        measure=measure,
        layer="" if layer is None else layer,
        phase=str(phase),
        seed=seed,
    )


def default_strength(size):
    """Gives the strength of waves that is used for images of a size.

    Args:
        size: `(H, W)`.

    Returns:
        The norm of a wave: 4.0 at 32x32 and 15.7 at 224x224, as published, and a power law of the
        side otherwise.

    Example:
        >>> [round(default_strength((side, side)), 2) for side in (32, 96, 224)]
        [4.0, 8.66, 15.7]
    """
    (small, weak), (large, strong) = _PUBLISHED
    power = math.log(strong / weak) / math.log(large / small)
    return weak * (math.sqrt(size[0] * size[1]) / small) ** power


def _phase(phase):
    """Reads degrees, or "random"."""
    if isinstance(phase, str) and phase == RANDOM_PHASE:
        return phase
    return checks.number("phase", phase, -360, 360, f"degrees or {RANDOM_PHASE!r}")


def _number(frequencies):
    """Reads how many frequencies are measured."""
    try:
        return checks.integer("frequencies", frequencies)
    except ValueError as error:
        raise ValueError(f'{error}. Or give "all"') from None


def _classifier(model, dataset, survey, measure, layer, from_logits, batch_size):
    """The model as it is asked: its scores, its logits, or what a layer gives."""
    images, labels = dataset.first_batch()
    num_classes = len(survey.counts)
    if batch_size is not None:
        batch_size = checks.integer("batch_size", batch_size)
    if measure == "loss":
        logits = logits_of(model, images, num_classes, labels=labels, from_logits=from_logits)
    else:
        check_model(model, images[:2], num_classes)
        logits = Logits(model, num_classes)
    if measure == "distance":
        features = layer_features(model, layer, survey.image_shape)
        logits = Logits(features, features.output_shape[-1])
    return CompiledClassifier(logits, survey.image_shape, batch_size)


class _Sums:
    """Sums over images of what they give with each wave, of which the last one is none."""

    def __init__(self, num_classes, chosen, pairs, size):
        self.chosen, self.pairs, self.size = chosen, pairs, size
        self.total, self.squares = np.zeros((2, len(chosen) + 1))
        self.of_class = np.zeros((num_classes, len(chosen) + 1))
        self.labels, self.rings = [], []
        rings = ring_numbers(size)
        own = rings.reshape(-1)[pairs[chosen, 0]]
        cells = pair_weights(pairs[chosen])[:, None]
        weights = cells * (own[:, None] == np.arange(rings.max() + 1))
        self.ring_weights = ratio(weights, weights.sum(axis=0))

    def add(self, labels, results):
        """Adds the results `(N, waves)` of some images."""
        results = results.astype(np.float64)
        self.total += results.sum(axis=0)
        self.squares += (results**2).sum(axis=0)
        for label in np.unique(labels) if len(self.of_class) else []:
            self.of_class[label] += results[labels == label].sum(axis=0)
        self.labels.append(labels)
        self.rings.append(results[:, :-1] @ self.ring_weights)

    def maps(self, seed):
        """The maps, as arguments of `FourierHeatMap`."""
        labels = np.concatenate(self.labels)
        number = len(labels)
        counts = np.bincount(labels, minlength=len(self.of_class))[: len(self.of_class)]
        of_class = ratio(self.of_class, counts[:, None])
        means = self.total / number
        spread = ratio(self.squares - self.total * means, number - 1).clip(0)[:-1]
        values = np.vstack([means, of_class])[:, :-1].T
        errors = np.zeros(len(self.pairs))
        if len(self.chosen) < len(self.pairs):
            values, errors = interpolated(values, self.chosen, self.pairs, self.size, seed)
        stderr = errors.copy()
        stderr[self.chosen] = np.sqrt(spread / number)
        measured = np.zeros(len(self.pairs), bool)
        measured[self.chosen] = True
        measured, errors, stderr = (
            pair_values_to_maps(one, self.pairs, self.size) for one in (measured, errors, stderr)
        )
        error, *class_error = pair_values_to_maps(values.T, self.pairs, self.size)
        missed = errors[~measured]
        return {
            "error": error,
            "stderr": stderr,
            "class_error": np.reshape(class_error, (len(self.of_class), *self.size)),
            "base_error": float(means[-1]),
            "class_base_error": of_class[:, -1],
            "measured": measured,
            "interpolation_error": float(np.sqrt(np.mean(missed**2))) if len(missed) else 0.0,
            "image_rings": np.concatenate(self.rings),
            "labels": labels,
        }
