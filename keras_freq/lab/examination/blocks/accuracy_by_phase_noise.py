"""How accurate the model is when the phases of images are noisy."""

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import phase_noise_sweep
from keras_freq.lenses.accuracy_by_phase_noise import WIDTHS
from keras_freq.metrics.rates import percent


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


def _tell(results):
    untouched, scrambled, chance = _ends(results)
    above = scrambled["recall_low"] > chance
    meaning = f"guessing gives {percent(chance)}" if above else "not clearly more than guessing"
    return [
        f"With random phases, and amplitudes as they are, it is right for "
        f"{percent(scrambled['recall'])} (untouched {percent(untouched['recall'])}): {meaning}."
    ]


def _headline(results):
    """As strong as amplitudes alone are more than nothing, in shares of the untouched accuracy."""
    untouched, scrambled, chance = _ends(results)
    gain = (scrambled["recall_low"] - chance) / max(untouched["recall"] - chance, 1e-9)
    return (float(min(gain, 1)), _tell(results)[0]) if gain > 0 else None


def _ends(results):
    """The rows of all images as they are and with random phases, and the accuracy of guessing."""
    sweep = results["phase_noise"]
    noise = sweep[(sweep["kind"] == "phase noise") & (sweep["width"] == WIDTHS[0])]
    images = noise.loc[noise["class_id"] >= 0, "images"]
    rows = sweep[(sweep["kind"] == "phase noise") & (sweep["class_id"] == -1)]
    rows = rows.set_index("width")
    return rows.loc[WIDTHS[0]], rows.loc[WIDTHS[-1]], images.max() / images.sum()


BLOCK = Block(
    name="phase_noise",
    title="Accuracy with noise in the phases",
    how_to_read=(
        "At 180 degrees only the amplitudes of an image are left: what is right there comes from "
        "textures, contrasts and colours. The dashed line is the opposite, phases alone. Of a "
        "model that goes by shapes, the curve falls to guessing, and the dashed line is high."
    ),
    passes=lambda amount: (len(WIDTHS) + 1) * amount.scored,
    lens=True,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    headline=_headline,
    compare=lambda found: (
        plots.phase_noise_sweep(found),
        "Share of images that are right when their phases are turned at random.",
    ),
)
