"""Which octave of noise harms a model: its critical bands, as they are measured in people."""

import math

import numpy as np

from keras_freq import checks
from keras_freq.data import class_names_of
from keras_freq.data.batches import repeated
from keras_freq.data.statistics import dataset_statistics
from keras_freq.fourier.masks import ring_mask
from keras_freq.interventions import NoiseBands, ask, numbered_items
from keras_freq.lenses.channel_fit import Channel, fit_channel, noise_thresholds
from keras_freq.lenses.critical_band_result import WITHOUT_NOISE, CriticalBands
from keras_freq.metrics import wilson_interval
from keras_freq.metrics.rates import percent, ratio

STRENGTHS = (0.02, 0.04, 0.08, 0.16)
_SAMPLES = 200
# The share of bootstrap samples that must support a fit.
_SUPPORTED = 0.9
_LOOKED_AT = 16


def critical_bands(
    model,
    dataset,
    num_classes,
    *,
    strengths=STRENGTHS,
    contrast=0.2,
    grey=True,
    level=None,
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Measures which octaves of noise harm a model, and how wide its channel is.

    Gaussian noise of one octave of frequencies is added to images of low contrast, at several
    strengths. The strength that brings accuracy down to a level is the threshold of the octave.
    Over the octaves, the sensitivity of the model is fitted by a Gaussian: its channel. That of
    people is one octave wide, and those of published networks are two to four.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            twice, and must give the same images each time.
        num_classes: The number of classes K, at least 2.
        strengths: Increasing root-mean-squares of the noise, > 0, at least two. Defaults to the
            published 0.02, 0.04, 0.08 and 0.16.
        contrast: What the difference of images from the data's mean is multiplied by, in (0, 1].
            Low contrast leaves room for the noise. Defaults to 0.2, as published; 1 leaves images
            as they are.
        grey: Whether images lose their colours. Defaults to True, as published.
        level: The accuracy at which noise has reached its threshold, in (0, 1). Defaults to None:
            halfway between the accuracy without noise and guessing. Published is 0.5 for 16
            classes.
        seed: An int >= 0, of the noise and of the bootstrap. An image has the same noise in every
            batch. Defaults to 0.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        checkpoint: File of finished work. The same call, after it was killed, goes on from there
            and gives the same numbers. Defaults to None: none is kept.
        executor: A `concurrent.futures.Executor` that does the work, as in
            `frequency_importance`. Defaults to None: this process.

    Returns:
        A `CriticalBands`. Where the data do not support a channel, its `finding` says why.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, or the model does not fit the images.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), np.arange(6) % 2
        >>> bands = kf.critical_bands(keras.Sequential(layers), data, 2)
        >>> bands.centres.tolist(), bands.accuracy.shape
        ([1.0, 2.0, 4.0], (3, 4))

    See Also:
        `keras_freq.plots.critical_bands`, which draws it; `fourier_heat_map` of single waves.

    Source:
        A. Subramanian et al., "Spatial-frequency channels, shape bias, and adversarial
        robustness", NeurIPS 2023. Their bands come from a Laplacian pyramid, and ours are sharp.
        They move pixels that leave [0, 1], and here nothing is clipped: `outside` tells how many
        leave it. Their thresholds are the strengths themselves, and ours lie between them: of the
        published answers of ResNet-50, theirs is a channel of 4.0 octaves around 39 cycles per
        image, and ours of 3.5 around 42.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    strengths = _increasing(strengths)
    contrast = checks.positive("contrast", contrast, "a contrast", most=1)
    checks.choice("grey", grey, (True, False))
    if level is not None:
        level = checks.confidence(level, "level")
    seed = checks.integer("seed", seed, least=0)
    dataset = repeated(dataset)
    class_names = class_names_of(dataset, class_names, num_classes)
    survey = dataset_statistics(dataset, num_classes)
    centres, edges = octave_bands(survey.image_shape[:2])
    noise = NoiseBands(
        edges,
        survey.image_shape[:2],
        strengths,
        contrast=contrast,
        grey=bool(grey),
        neutral=survey.channel_means,
        seed=seed,
    )
    some, _ = dataset.first_batch()
    right, labels = [], []
    for own, _, answers in ask(
        "answers",
        model,
        dataset,
        num_classes,
        noise,
        numbered_items(len(noise)),
        task="critical bands",
        total=len(noise) * int(survey.counts.sum()),
        batch_size=batch_size,
        progress=progress,
        checkpoint=checkpoint,
        executor=executor,
    ):
        right.append(answers.reshape(len(own), -1) == own[:, None])
        labels.append(own)
    right, labels = np.concatenate(right), np.concatenate(labels)
    return CriticalBands(
        centres=centres,
        edges=edges,
        strengths=strengths,
        **_of_answers(right, labels, num_classes, centres, strengths, level, seed),
        outside=_outside(noise, some[:_LOOKED_AT], len(edges)),
        contrast=contrast,
        grey=bool(grey),
        images=len(labels),
        class_names=class_names,
        evaluations=right.size,
        seed=seed,
    )


def octave_bands(size):
    """Gives the octaves of an image: around half its shorter side, a quarter, ..., down to 1.

    Args:
        size: `(H, W)`.

    Returns:
        Centres `(B,)`, increasing, and radii `(B, 2)`, in cycles per image. Bands that hold no
        frequency are left out.

    Example:
        >>> octave_bands((224, 224))[0].tolist()
        [1.75, 3.5, 7.0, 14.0, 28.0, 56.0, 112.0]
    """
    side = min(size)
    centres = [side / 2 ** (k + 1) for k in range(max(1, int(math.log2(side))))][::-1]
    edges = [(centre / math.sqrt(2), centre * math.sqrt(2)) for centre in centres]
    held = [ring_mask(size, *ends).any() for ends in edges]
    return np.array(centres)[held], np.array(edges)[held]


def _increasing(strengths):
    """Reads the strengths of the noise."""
    values = checks.real_array("strengths", strengths, "(strengths,)", ndim=1).astype(float)
    if len(values) < 2 or not (np.diff(values) > 0).all() or not 0 < values[0] <= values[-1] < 1e3:
        raise ValueError(
            "`strengths` must be at least two increasing numbers > 0, the root-mean-squares of "
            f"the noise. Received: strengths={strengths!r}"
        )
    return values


def _of_answers(right, labels, num_classes, centres, strengths, level, seed):
    """All that follows from which images are right: `(N, B S + 1)` bool, the last without noise."""
    shape = len(centres), len(strengths)
    number = len(labels)
    accuracy = right[:, :-1].mean(axis=0).reshape(shape)
    low, high = wilson_interval(right[:, :-1].sum(axis=0).reshape(shape), number)
    base = float(right[:, -1].mean())
    level = (base + 1 / num_classes) / 2 if level is None else level
    counts = np.bincount(labels, minlength=num_classes)
    sums = np.stack([right[labels == k, :-1].sum(axis=0) for k in range(num_classes)])
    thresholds = noise_thresholds(strengths, accuracy, base, level)
    channel = fit_channel(centres, strengths, thresholds)
    surely, _ = wilson_interval(int(right[:, -1].sum()), number)
    if base <= level or surely <= 1 / num_classes:
        channel = Channel(
            finding=f"{WITHOUT_NOISE} it is right for {percent(base)} of these images"
        )
    intervals = dict.fromkeys(("bandwidth", "centre", "sensitivity"), (math.nan, math.nan))
    if not channel.finding:
        intervals |= _intervals(right, channel, centres, strengths, level, seed)
    return {
        "accuracy": accuracy,
        "accuracy_low": low,
        "accuracy_high": high,
        "class_recall": ratio(sums, counts[:, None]).reshape(num_classes, *shape),
        "base_accuracy": base,
        "level": float(level),
        "thresholds": thresholds,
        "finding": channel.finding,
        **{name: getattr(channel, name) for name in intervals},
        **{f"{name}_interval": ends for name, ends in intervals.items()},
    }


def _intervals(right, channel, centres, strengths, level, seed):
    """Percentile intervals of the channel, from samples of the images drawn with replacement."""
    number = len(right)
    shape = len(centres), len(strengths)
    drawn = np.random.default_rng(seed).multinomial(number, np.full(number, 1 / number), _SAMPLES)
    found = []
    for means in (drawn / number) @ right:
        thresholds = noise_thresholds(strengths, means[:-1].reshape(shape), means[-1], level)
        fit = fit_channel(centres, strengths, thresholds, start=channel)
        if not fit.finding:
            found.append((fit.bandwidth, fit.centre, fit.sensitivity))
    if len(found) < _SUPPORTED * _SAMPLES:
        return {}
    ends = np.quantile(found, [0.025, 0.975], axis=0).T.tolist()
    return dict(zip(("bandwidth", "centre", "sensitivity"), map(tuple, ends), strict=True))


def _outside(noise, images, num_bands):
    """The share of pixels beyond [0, 1] under each condition, on a few images: `(B, S)`."""
    prepared, shares = noise.prepare(images), []
    for condition in range(len(noise) - 1):
        every = np.arange(len(images))
        changed = noise.apply(prepared, every, np.full(len(every), condition), every, full=False)
        shares.append(np.mean((changed < 0) | (changed > 1)))
    return np.reshape(shares, (num_bands, -1))
