"""How often the model is wrong on corrupted images."""

from keras_freq import plots
from keras_freq.augment import CORRUPTIONS
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import corruption_errors

SEVERITIES = (1, 3, 5)
# Images of this side and more get the severities that were made for such.
_LARGE = 96


def _measure(subject, results, **options):
    colours = subject.scored[0].shape[-1] in (1, 3)
    return corruption_errors(
        subject.model,
        subject.scored,
        subject.num_classes,
        corruptions=[name for name in CORRUPTIONS if colours or name != "jpeg"],
        severities=SEVERITIES,
        benchmark="imagenet" if min(subject.size) >= _LARGE else "cifar",
        class_names=subject.class_names,
        **options,
    )


def _draw(subject, results):
    errors = results["corruption_errors"]
    of_all = errors[(errors["class_id"] == -1) & (errors["corruption"] != "none")]
    worst = of_all.loc[of_all["error"].idxmax()]
    return {
        "corruption_errors": (
            plots.corruption_errors(errors, by_class=False),
            "Share of the scored images that are wrong, by corruption and severity, with 95 % "
            f"intervals. Dashed: untouched images. Most are wrong under {worst['corruption']} of "
            f"severity {worst['severity']}: {worst['error']:.0%}.".replace("_", " "),
        )
    }


BLOCK = Block(
    name="corruption_errors",
    title="Errors on corrupted images",
    how_to_read=(
        "Noise, blur, contrast, brightness, pixelation and JPEG as in the published benchmarks. A "
        "model that needs high frequencies breaks under noise first, and one that needs fine "
        "detail under blur. Compare with where its Fourier heat map is high."
    ),
    passes=lambda amount: (1 + len(CORRUPTIONS) * len(SEVERITIES)) * amount.scored,
    lens=True,
    measure=_measure,
    draw=_draw,
)
