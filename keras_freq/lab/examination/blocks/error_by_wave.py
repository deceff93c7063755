"""Which waves break the model: the Fourier heat map."""

import numpy as np
import pandas as pd

from keras_freq import plots
from keras_freq.fourier import conjugate_pairs
from keras_freq.lab.examination.blocks.accuracy_by_filter import ring_in_words
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import FourierHeatMap, fourier_heat_map
from keras_freq.metrics import mean_interval
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts.evidence import LEAST_EFFECT, LEVEL

# Of more frequencies than this, a sample is measured, on fewer images.
_MOST_PAIRS, _SAMPLE = 600, 150
_IMAGES, _IMAGES_OF_SAMPLE = 200, 100


def _amount(size):
    """How many frequencies are measured, and on how many images at most."""
    pairs = len(conjugate_pairs(size))
    return (pairs, _IMAGES) if pairs <= _MOST_PAIRS else (_SAMPLE, _IMAGES_OF_SAMPLE)


def _passes(amount):
    number, images = _amount(amount.size)
    return (1 + number) * min(amount.scored, images)


def _measure(subject, results, *, seed, **options):
    images, labels = subject.scored
    number, most = _amount(subject.size)
    chosen = np.sort(np.random.default_rng(seed).permutation(len(labels))[:most])
    # Images that were resized may leave [0, 1] by rounding and a little more.
    return fourier_heat_map(
        subject.model,
        (images[chosen].clip(0, 1), labels[chosen]),
        subject.num_classes,
        frequencies=number,
        by=subject.by,
        class_names=subject.class_names,
        seed=seed,
        **options,
    )


def _draw(subject, results):
    heat = results["fourier_heat_map"]
    sampled = (
        "" if heat.measured.all() else " Dots are what was measured; the rest is interpolated."
    )
    return {
        "fourier_heat_map": (
            plots.fourier_heat_map(heat),
            f"Share of {len(heat.labels)} scored images that are wrong once a wave of one "
            f"frequency (of the norm {heat.strength:.3g}, up or down at random) is added to each "
            f"channel. The darkest colour is the share without a wave.{sampled}",
        )
    }


def _tell(results):
    heat = results["fourier_heat_map"]
    octaves = _octaves(heat)
    worst, least = octaves.mean().idxmax(), octaves.mean().idxmin()
    low, high = _difference(octaves[worst] - octaves[least], octaves.shape[1])
    share = percent(octaves[worst].mean())
    if low > 0:
        return [
            f"Waves of {_in_words(worst)} harm it most: of {len(heat.labels)} images {share} are "
            f"then wrong, and {percent(heat.base_error)} without a wave."
        ]
    if high < LEAST_EFFECT:
        return [
            f"Waves of all frequencies harm it about as much: of {len(heat.labels)} images at most "
            f"{share} are then wrong, and a difference of {100 * LEAST_EFFECT:.0f} points between "
            "two octaves is ruled out."
        ]
    return [
        f"Which waves harm it most cannot be told of {len(heat.labels)} images: those of "
        f"{_in_words(worst)} do ({share} are then wrong), which may be chance."
    ]


def _headline(results):
    """As strong as waves of some frequencies do more harm than those of others."""
    means = (octaves := _octaves(results["fourier_heat_map"])).mean()
    between = octaves[means.idxmax()] - octaves[means.idxmin()]
    if _difference(between, len(means))[0] <= 0:
        return None
    return float(between.mean()), _tell(results)[0]


def _octaves(heat):
    """The harm of the waves of each octave, a row an image. Of a sample, a ring holds few waves."""
    rings = pd.DataFrame(heat.image_rings).dropna(axis=1)
    octave = np.floor(np.log2(rings.columns.to_numpy().clip(0.5))).astype(int)
    return rings.T.groupby(octave).mean().T


def _difference(between, number):
    """The interval of the mean difference of two octaves of the same images.

    They are those that differ most of so many octaves, so that it covers all pairs together.
    """
    pairs = max(1, number * (number - 1) // 2)
    return mean_interval(between.to_numpy(), confidence=1 - LEVEL / pairs)


def _in_words(octave):
    return ring_in_words(2.0**octave if octave >= 0 else 0, 2.0 ** (octave + 1))


BLOCK = Block(
    name="fourier_heat_map",
    title="Which waves break it",
    how_to_read=(
        "Each point is the share of images that are wrong when one wave is added to all of them, "
        "at the place of its frequency: the centre is a change of brightness, and each step "
        "outwards is one more cycle per image. Little noise of a bright frequency breaks the "
        "model. It tells where the model is vulnerable, and not what it needs: a model may be "
        "broken by frequencies that it never used."
    ),
    passes=_passes,
    lens=True,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    headline=_headline,
    compare=lambda found: (
        plots.fourier_heat_map(found),
        "Share of images that are wrong once a wave of one frequency is added to each of them.",
    ),
    kind=FourierHeatMap,
)
