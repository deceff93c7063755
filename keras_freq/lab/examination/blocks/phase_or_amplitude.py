"""Whether the model names what an image has its phases from, or its amplitudes."""

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import phase_preference


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
    row = table[table["class_id"] == -1].iloc[0]
    return {
        "phase_preference": (
            plots.phase_preference(table if subject.by == "class" else {"all": table}),
            f"Of {row['images']} scored images with the amplitudes of an image of another class, "
            f"{row['phase']:.0%} are given the class of their phases and {row['amplitude']:.0%} "
            "that of their amplitudes. The lines are 95 % intervals; the numbers are shares of "
            "those that are given one of the two.",
        )
    }


BLOCK = Block(
    name="phase_preference",
    title="Phases or amplitudes",
    how_to_read=(
        "Phases hold where things are, amplitudes how strong each frequency is. People see in such "
        "a mixed image what its phases come from. A model that names the class of the amplitudes "
        "goes by textures, contrasts or colours. Mixed images are no natural ones: if most are "
        "given a third class, neither part suffices."
    ),
    passes=lambda amount: 2 * amount.scored,
    lens=True,
    measure=_measure,
    draw=_draw,
)
