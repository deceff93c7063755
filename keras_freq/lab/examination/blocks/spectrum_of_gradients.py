"""Where the loss is steep: the spectrum of its gradient."""

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import gradient_spectrum

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
            "its share in low, middle and high frequencies; the black ticks are white noise.",
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
        f"Its loss is steepest in {most['part']} frequencies: {most['share']:.0%} of the "
        f"gradient's power, where white noise has {most['flat']:.0%}."
    ]


BLOCK = Block(
    name="gradient_spectrum",
    title="Where its loss is steep",
    how_to_read=(
        "The gradient of the loss tells which small change of an image would harm the model most. "
        "Above the dashed line, its loss is steeper than on average. A small change is none that a "
        "camera makes, and a steep loss at high frequencies is common in networks that never saw "
        "noise."
    ),
    passes=lambda amount: _PASSES * amount.scored,
    lens=True,
    measure=_measure,
    draw=_draw,
    tell=_tell,
)
