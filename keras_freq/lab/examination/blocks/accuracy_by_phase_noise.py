"""How accurate the model is when the phases of images are noisy."""

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import phase_noise_sweep
from keras_freq.lenses.accuracy_by_phase_noise import WIDTHS


def _measure(subject, results, **options):
    return phase_noise_sweep(
        subject.model,
        subject.scored,
        subject.num_classes,
        class_names=subject.class_names,
        **options,
    )


def _draw(subject, results):
    return {
        "phase_noise": (
            plots.phase_noise_sweep(results["phase_noise"]),
            "Share of the scored images that are right, by how far phases are turned: all of them "
            "(thick, with its 95 % interval) and those of each class (thin). Dashed: phases as "
            "they are, and the mean amplitudes of these images.",
        )
    }


BLOCK = Block(
    name="phase_noise",
    title="Accuracy with noise in the phases",
    how_to_read=(
        "At 180 degrees only the amplitudes of an image are left: what is right there comes from "
        "textures, contrasts and colours. The dashed line is the opposite, phases alone. A model "
        "that needs shapes falls to guessing at 180 degrees and stays up on the dashed line."
    ),
    passes=lambda amount: (len(WIDTHS) + 1) * amount.scored,
    lens=True,
    measure=_measure,
    draw=_draw,
)
