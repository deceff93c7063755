"""Where the loss is steep: the spectrum of its gradient."""

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import gradient_spectrum
from keras_freq.metrics.rates import percent

# A forward and a backward pass.
_PASSES = 3


def _measure(subject, results, *, seed, progress, **options):
    return gradient_spectrum(
        subject.model,
        subject.scored,
        subject.num_classes,
        class_names=subject.class_names,
        seed=seed,
        progress=progress,
    )


def _draw(subject, results):
    return {
        "gradient_spectrum": (
            plots.gradient_spectrum(results["gradient_spectrum"]),
            "Left: power of the loss's gradient at each radius, over that of white noise. Right: "
            "its share in low (dark), middle and high (pale) frequencies: those below a sixth of "
            "the image's side, up to a third, and above. The black ticks are white noise.",
        )
    }


def _tell(results):
    table = results["gradient_spectrum"]
    parts = table[(table["class_id"] == -1) & (table["part"] != "ring")]
    if not (parts["images"] > 0).all():
        return []
    excess = (parts["share_low"] / parts["flat"]).to_numpy()
    most = parts.iloc[int(excess.argmax())]
    if excess.max() <= 1:
        return ["Its loss is about as steep in all frequencies."]
    return [
        f"Its loss is steepest in {most['part']} frequencies: {percent(most['share'])} of "
        f"the gradient's power is there, and of white noise {percent(most['flat'])} would be."
    ]


def _headline(results):
    """As strong as the largest share is above that of white noise."""
    table = results["gradient_spectrum"]
    parts = table[(table["class_id"] == -1) & (table["part"] != "ring")]
    told = _tell(results)
    excess = (parts["share_low"] - parts["flat"]).max()
    return (float(excess), told[0]) if told and excess > 0 else None


BLOCK = Block(
    name="gradient_spectrum",
    title="Where its loss is steep",
    how_to_read=(
        "The gradient of the loss tells which tiny change of an image would harm the model most. "
        "Above the dashed line, its loss is steeper than on average. No camera makes just this "
        "change, and networks that were trained without noise often have a steep loss at high "
        "frequencies: it is no proof that the model needs them."
    ),
    passes=lambda amount: _PASSES * amount.scored,
    lens=True,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    headline=_headline,
    compare=lambda found: (
        plots.gradient_spectrum(found),
        "Where each model's loss is steep: the power of its gradient, over that of white noise.",
    ),
)
