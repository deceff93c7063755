"""Which octave of noise breaks the model, and how wide its channel is."""

import numpy as np

from keras_freq import plots
from keras_freq.lab.examination.blocks.accuracy_by_filter import untouched_row
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.pages import cycles
from keras_freq.lenses import CriticalBands, critical_bands
from keras_freq.metrics.rates import percent

_IMAGES = 100
_STRENGTHS = 4
# The verdict quotes a channel if so much of the accuracy is left on the images that it is asked of.
_LEAST_LEFT = 0.5
# For models that know nothing of grey images of low contrast.
_AS_THEY_ARE = {"contrast": 1.0, "grey": False, "strengths": (0.04, 0.08, 0.16, 0.32)}


def _passes(amount):
    octaves = int(np.log2(min(amount.size)))
    return 2 * (1 + _STRENGTHS * octaves) * min(amount.scored, _IMAGES)


def _measure(subject, results, *, seed, checkpoint, **options):
    images, labels = subject.scored
    chosen = np.sort(np.random.default_rng(seed).permutation(len(labels))[:_IMAGES])
    data = images[chosen], labels[chosen]
    options |= {"class_names": subject.class_names, "seed": seed}
    arguments = subject.model, data, subject.num_classes
    found = critical_bands(*arguments, checkpoint=checkpoint, **options)
    if found.blind:
        found = critical_bands(*arguments, **_AS_THEY_ARE, **options)
    return found


def _draw(subject, results):
    bands = results["critical_bands"]
    images = "grey images of low contrast" if bands.grey else "images as they are"
    channel = (
        f"no channel is fitted: {bands.finding}."
        if bands.finding
        else "the channel that is fitted to it, and one as wide as people's (dotted)."
    )
    return {
        "critical_bands": (
            plots.critical_bands(bands),
            f"Left: share of {bands.images} {images} that are right with noise of one octave; the "
            "orange line is the strength that halves what the model knows. Right: 1 over that "
            f"strength (triangles: no noise that was tried is as strong), and {channel}",
        )
    }


def _tell(results):
    bands = results["critical_bands"]
    if bands.finding:
        return [f"How wide its channel is cannot be told: {bands.finding}."]
    low, high = bands.bandwidth_interval
    images = "grey images of low contrast" if bands.grey else "these images"
    within = f" (95 % interval {low:.2g} to {high:.2g})" if np.isfinite(low) else ""
    return [
        f"On {images}, of which it is right for {percent(bands.base_accuracy)} without noise, its "
        f"channel, in which noise harms it, is {bands.bandwidth:.2g} octaves wide{within}, around "
        f"{cycles(bands.centre)}; that of people is one octave wide."
    ]


def _headline(results):
    """As strong as the channel is wider than that of people, in octaves.

    A model that is seldom right about such images even without noise is not told by it.
    """
    bands = results["critical_bands"]
    if bands.base_accuracy < _LEAST_LEFT * untouched_row(results["filter_sweep"])["recall"]:
        return None
    if bands.finding or not bands.bandwidth_interval[0] > 1:
        return None
    return float(min(1, np.log2(bands.bandwidth) / 4)), _tell(results)[0]


BLOCK = Block(
    name="critical_bands",
    title="Which octave of noise breaks it",
    how_to_read=(
        "Noise of one octave of frequencies is added at several strengths. The octave in which "
        "the weakest noise does harm is where the model looks. People recognise objects through a "
        "channel that is one octave wide; those of published networks are two to four octaves "
        "wide. This tells where noise does harm, and training with noise changes that."
    ),
    passes=_passes,
    lens=True,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    headline=_headline,
    compare=lambda found: (
        plots.critical_bands(found),
        "Share of images that are right with noise of one octave, and the channel of each model.",
    ),
    kind=CriticalBands,
)
