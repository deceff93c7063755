"""Whether the model names what an image has its phases from, or its amplitudes."""

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import phase_preference
from keras_freq.metrics.rates import percent

# If a larger share is given a third class, neither part is what the model goes by.
_MOST_THIRD = 0.5
_STRENGTH = 0.15


def _measure(subject, results, **options):
    return phase_preference(
        subject.model,
        subject.scored,
        subject.num_classes,
        class_names=subject.class_names,
        **options,
    )


def _draw(subject, results):
    table = results["phase_preference"]
    row = _of_all(results)
    return {
        "phase_preference": (
            plots.phase_preference(table if subject.by == "class" else {"all": table}),
            f"What the model calls {row['images']} scored images that have got the amplitudes of "
            "an image of another class. The lines are 95 % intervals. The numbers at the right are "
            "the share of the phases among those that are given one of the two.",
        )
    }


def _tell(results):
    row = _of_all(results)
    return [
        "Of images with the phases of one image and the amplitudes of another, it names the class "
        f"of the phases for {percent(row['phase'])} and that of the amplitudes for "
        f"{percent(row['amplitude'])}{_meaning(row)}."
    ]


def _meaning(row):
    """What it goes by, if that is clear."""
    third = 1 - row["phase"] - row["amplitude"]
    if third > _MOST_THIRD:
        return f". {percent(third)} are given a third class: neither part is enough for it"
    # Both shares are of the same images, so that their intervals say too little.
    if row["preference_high"] < 0.5:
        return ": it goes by textures, contrasts or colours"
    if row["preference_low"] > 0.5:
        return ": it goes by where things are, as people do"
    return ""


def _headline(results):
    """As strong as one is named more often; half as strong if it is what people name."""
    row = _of_all(results)
    if 1 - row["phase"] - row["amplitude"] > _MOST_THIRD:
        return _STRENGTH, _tell(results)[0]
    more = row["amplitude"] - row["phase"]
    return (float(max(more, -more / 2)), _tell(results)[0]) if _meaning(row) else None


def _of_all(results):
    table = results["phase_preference"]
    return table[table["class_id"] == -1].iloc[0]


BLOCK = Block(
    name="phase_preference",
    title="Phases or amplitudes",
    how_to_read=(
        "An image is a sum of waves. Their phases say where things are, and their amplitudes how "
        "strong each wave is. In an image with the phases of one and the amplitudes of another, "
        "people see the first. A model that names the second goes by textures, contrasts or "
        "colours. If most images are given a third class, neither part is enough for it."
    ),
    passes=lambda amount: 2 * amount.scored,
    lens=True,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    headline=_headline,
    compare=lambda found: (
        plots.phase_preference(found),
        "What each model calls images with the phases of one image and the amplitudes of another.",
    ),
)
