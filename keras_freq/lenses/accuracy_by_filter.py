"""How accurate a model is through low-pass, high-pass and band filters of growing radius."""

import math
from itertools import pairwise

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.data import class_names_of
from keras_freq.data.batches import repeated
from keras_freq.data.statistics import dataset_statistics
from keras_freq.fourier import gaussian_gain, radius_map
from keras_freq.fourier.masks import ring_mask
from keras_freq.interventions import KeptFrequencies, count_answers, every_item
from keras_freq.lenses.paired_with_untouched import with_paired_test
from keras_freq.metrics.recall_rows import recall_rows

KINDS = (
    *("low-pass", "high-pass", "band-stop", "band-pass"),
    *("gaussian low-pass", "gaussian high-pass"),
)
# The published widths, in pixels of images of 224 x 224.
_SIGMAS = {
    "gaussian low-pass": (1, 3, 5, 7, 10, 15, 40),
    "gaussian high-pass": (3, 1.5, 1, 0.7, 0.55, 0.45, 0.4),
}
_SIDE = 224
# A Gaussian of width sigma has the gain 1/2 at this many cycles per image, over side / sigma.
_HALF_GAIN = math.sqrt(math.log(2) / 2) / math.pi
UNTOUCHED = "untouched"
SPACINGS = ("octaves", "even", "energy")
_RINGS = 8


def filter_sweep(
    model,
    dataset,
    num_classes,
    *,
    kinds=("low-pass", "high-pass", "band-stop"),
    radii=None,
    sigmas=None,
    neutral=None,
    class_names=None,
    batch_size=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Measures the accuracy of a model, and the recall of each class, through many filters.

    A low-pass filter keeps the frequencies below a radius, a high-pass filter those from it on. A
    band-stop filter removes one ring between two neighbouring radii, and a band-pass filter keeps
    nothing else. A Gaussian low-pass filter is a blur, and a Gaussian high-pass filter the rest of
    the image. Every image is read and transformed once for all filters.

    What a filter leaves is no natural image. Where accuracy falls, the model needs what was
    removed, or it is misled by what is left. `transplant_rates` keeps images whole.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            twice, and must give the same images each time.
        num_classes: The number of classes K, at least 2.
        kinds: Which filters: some of "low-pass", "high-pass", "band-stop", "band-pass", "gaussian
            low-pass" and "gaussian high-pass".
        radii: The radii, in cycles per image: increasing numbers > 0, or how they are chosen.
            "octaves": half the shorter side, and that divided by 2, 4, 8, ... down to 1. "even":
            eight rings of one width up to half the shorter side. "energy": eight rings that hold
            equal shares of the mean power of these images without DC, or fewer where a ring would
            be empty. Defaults to None: octaves.
        sigmas: The standard deviations of the Gaussian filters, in pixels: distinct numbers > 0.
            Defaults to None: the published ones, scaled from 224 pixels to the shorter side.
        neutral: What an image without its DC becomes: a number or `(C,)`. Defaults to the channel
            means of `dataset`.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        checkpoint: File of finished work. The same call, after it was killed, goes on from there
            and gives the same numbers. Defaults to None: none is kept.
        executor: A `concurrent.futures.Executor` that does the work, as in
            `frequency_importance`. Defaults to None: this process.

    Returns:
        A pandas DataFrame, a row for each filter and class.

        - `kind`: that of the filter, or "untouched" for the images as they are.
        - `low`, `high`: radii in cycles per image, `low <= r < high`: what a filter keeps, or what
          a band-stop filter removes. `high` may be inf. A Gaussian filter keeps half of the
          amplitude at its radius.
        - `sigma`: the standard deviation of a Gaussian filter, in pixels; NaN of all others.
        - `class_id`, `class_name`: the class; -1 and "all" for all images together.
        - `images`: the number of images.
        - `recall`, `recall_low`, `recall_high`: the share of them that is given its class, and its
          95 % Wilson interval. For all images it is the accuracy. NaN without images.
        - `lost`, `won`: how many images are right untouched and wrong through the filter, and the
          reverse.
        - `p_value`: the chance that at least as many of the images that change are lost if the
          filter made no difference (McNemar's exact test, one-sided). The intervals of two recalls
          of the same images may overlap while it is tiny. NaN of untouched images.
        - `p_holm`: that of all images corrected for the filters of its `kind`, and that of a class
          for filters and classes (Holm).

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, or the model does not fit the images.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> sweep = kf.filter_sweep(keras.Sequential(layers), data, 2, kinds=["low-pass"])
        >>> sweep[sweep["class_id"] == -1]["high"].tolist()  # untouched, then low-pass
        [inf, 1.0, 2.0, 4.0]

    See Also:
        `keras_freq.plots.filter_sweep`, which draws it; `half_accuracy_radii`.

    Source:
        Low- and high-pass accuracy: R. Geirhos et al., "Generalisation in humans and deep neural
        networks", NeurIPS 2018. Their Gaussian filters, with the same widths, are cut off after a
        few pixels, and their high-pass filters add a fixed grey; ours add `neutral`. A sharp filter
        tells radii apart that a Gaussian one mixes, and rings in the image.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    kinds = checks.some_of("kinds", kinds, KINDS)
    dataset = repeated(dataset)
    class_names = class_names_of(dataset, class_names, num_classes)
    by_energy = isinstance(radii, str) and radii == "energy"
    survey = dataset_statistics(dataset, num_classes, with_power=by_energy)
    size = survey.image_shape[:2]
    edges = _edges(radii, size, survey.power)
    sigmas = _read_sigmas(sigmas, min(size))
    if neutral is None:
        neutral = survey.channel_means
    filters = [*_filters(kinds, edges), *_gaussian_filters(kinds, sigmas, min(size))]
    masks = [_mask(size, *one) for one in filters]
    counts = count_answers(
        model,
        dataset,
        num_classes,
        KeptFrequencies(np.stack(masks), neutral),
        every_item(len(masks)),
        paired_with=0,
        task="accuracy by filter",
        total=len(masks) * int(survey.counts.sum()),
        batch_size=batch_size,
        progress=progress,
        checkpoint=checkpoint,
        executor=executor,
    )
    frames = [
        recall_rows(right, asked, class_names, kind=kind, low=low, high=high, sigma=sigma)
        for (kind, low, high, sigma), right, asked in zip(
            filters, counts["right"], counts["asked"], strict=True
        )
    ]
    return with_paired_test(pd.concat(frames, ignore_index=True), counts, ["kind"], untouched=0)


def _edges(radii, size, power):
    """Reads or chooses the radii between the rings, increasing."""
    side = min(size)
    if radii is None or isinstance(radii, str):
        spacing = checks.choice("radii", radii or "octaves", SPACINGS)
        if spacing == "octaves":
            return [side / 2 ** (k + 1) for k in range(int(math.log2(side)) - 1, -1, -1)]
        if spacing == "even":
            return list(np.arange(1, _RINGS + 1) * side / 2 / _RINGS)
        return _equal_energy(radius_map(size), power)
    edges = checks.radii("radii", radii, f"one of {', '.join(map(repr, SPACINGS))}")
    most = float(radius_map(size).max())
    if edges[-1] > most:
        raise ValueError(
            f"`radii` must be at most {most:.4g} for images of {size[0]} x {size[1]} pixels, the "
            "largest radius of a frequency: beyond it a low-pass filter keeps all, and a high-pass "
            f"filter nothing. Received: radii={radii!r}"
        )
    return edges


def _equal_energy(radii, power):
    """Radii between rings that hold equal shares of the power without DC."""
    order = np.argsort(radii, axis=None)[1:]
    shares = np.cumsum(power.flat[order])
    if shares[-1] == 0:
        raise ValueError('`radii="energy"` needs images that are not all of one colour')
    wanted = shares[-1] * np.arange(1, _RINGS) / _RINGS
    # The whole circle of a radius lies on one side of it.
    found = radii.flat[order[np.searchsorted(shares, wanted)]]
    return sorted({float(radius) for radius in found if radius > 0})


def _read_sigmas(sigmas, side):
    """Reads or chooses the widths of Gaussian filters, in pixels: `{kind: widths}`."""
    if sigmas is None:
        return {kind: [one * side / _SIDE for one in own] for kind, own in _SIGMAS.items()}
    what = "standard deviations in pixels"
    widths = [
        checks.positive("sigmas", one, what, most=1e9) for one in checks.distinct("sigmas", sigmas)
    ]
    return dict.fromkeys(_SIGMAS, widths)


def _gaussian_filters(kinds, sigmas, side):
    """Yields each Gaussian filter: its kind, the radii at half of its gain, and its width."""
    for kind in _SIGMAS:
        for sigma in sigmas[kind] if kind in kinds else ():
            radius = _HALF_GAIN * side / sigma
            ends = (0.0, radius) if kind == "gaussian low-pass" else (radius, math.inf)
            yield kind, *ends, sigma


def _filters(kinds, edges):
    """Yields each sharp filter: its kind, the radii `low <= r < high`, and no width."""
    yield UNTOUCHED, 0.0, math.inf, math.nan
    rings = list(pairwise([0.0, *edges, math.inf]))
    kept = {
        "low-pass": [(0.0, edge) for edge in edges],
        "high-pass": [(edge, math.inf) for edge in edges],
        "band-stop": rings,
        "band-pass": rings,
    }
    for kind in kinds:
        yield from ((kind, low, high, math.nan) for low, high in kept.get(kind, ()))


def _mask(size, kind, low, high, sigma):
    """The mask of a filter, or its gain."""
    if kind in _SIGMAS:
        gain = gaussian_gain(size, sigma)
        return gain if kind == "gaussian low-pass" else 1 - gain
    ring = ring_mask(size, low, high)
    return ~ring if kind == "band-stop" else ring
