"""Which waves break the model: the Fourier heat map."""

import numpy as np

from keras_freq import plots
from keras_freq.fourier import conjugate_pairs
from keras_freq.lab.examination.blocks.accuracy_by_filter import ring_in_words
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import FourierHeatMap, fourier_heat_map

# Images of more frequencies than this get a sample of them.
_MOST_PAIRS, _SAMPLE = 600, 150
_IMAGES = 200


def _frequencies(size):
    return "all" if len(conjugate_pairs(size)) <= _MOST_PAIRS else _SAMPLE


def _passes(amount):
    number = _frequencies(amount.size)
    number = len(conjugate_pairs(amount.size)) if number == "all" else number
    return (1 + number) * min(amount.scored, _IMAGES)


def _measure(subject, results, *, seed, **options):
    images, labels = subject.scored
    chosen = np.random.default_rng(seed).permutation(len(labels))[:_IMAGES]
    chosen.sort()
    return fourier_heat_map(
        subject.model,
        (images[chosen].clip(0, 1), labels[chosen]),
        subject.num_classes,
        frequencies=_frequencies(subject.size),
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
            f"Share of {len(heat.labels)} scored images that are wrong once the wave of one "
            f"frequency, of the norm {heat.strength:.3g}, is added to each channel.{sampled}",
        )
    }


def _tell(results):
    heat = results["fourier_heat_map"]
    profile = results["fourier_heat_map"].profile().dropna()
    worst, least = (
        profile.loc[place()] for place in (profile["error"].idxmax, profile["error"].idxmin)
    )
    if worst["low"] <= least["high"]:
        return ["Waves of all radii harm it about as much."]
    ring = ring_in_words(max(worst["radius"] - 0.5, 0), worst["radius"] + 0.5)
    return [
        f"Waves of {ring} harm it most: {worst['error']:.0%} of images are then wrong, and "
        f"{heat.base_error:.0%} without a wave."
    ]


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
    measure=_measure,
    draw=_draw,
    tell=_tell,
    kind=FourierHeatMap,
)
