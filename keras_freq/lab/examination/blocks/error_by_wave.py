"""Which waves break the model: the Fourier heat map."""

import numpy as np

from keras_freq import plots
from keras_freq.fourier import conjugate_pairs
from keras_freq.lab.examination.blocks.accuracy_by_filter import ring_in_words
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import FourierHeatMap, fourier_heat_map
from keras_freq.metrics.rates import percent

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
    if not _differ(octaves):
        return ["Waves of all frequencies harm it about as much."]
    worst = octaves["error"].idxmax()
    return [
        f"Waves of {ring_in_words(2.0**worst if worst >= 0 else 0, 2.0 ** (worst + 1))} harm it "
        f"most: of {len(heat.labels)} images {percent(octaves.loc[worst, 'error'])} are then "
        f"wrong, and {percent(heat.base_error)} without a wave."
    ]


def _headline(results):
    """As strong as waves of some frequencies do more harm than those of others."""
    octaves = _octaves(results["fourier_heat_map"])
    if not _differ(octaves):
        return None
    return float(octaves["error"].max() - octaves["error"].min()), _tell(results)[0]


def _octaves(heat):
    """The harm of the waves of each octave. A ring of a sample holds a wave or two only."""
    rings = heat.profile().dropna()
    octave = np.floor(np.log2(rings["radius"].clip(0.5))).astype(int)
    return rings.groupby(octave)[["error", "low", "high"]].mean()


def _differ(octaves):
    """Whether the waves of one octave clearly do more harm than those of another."""
    return octaves.loc[octaves["error"].idxmax(), "low"] > octaves["high"].min()


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
