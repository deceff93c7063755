"""How often the model is wrong on corrupted images."""

from keras_freq import plots
from keras_freq.augment import CORRUPTIONS
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lab.pages import p_in_words
from keras_freq.lenses import corruption_errors
from keras_freq.lenses.error_by_corruption import UNTOUCHED
from keras_freq.metrics.rates import percent
from keras_freq.shortcuts.evidence import LEVEL

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
    return {
        "corruption_errors": (
            plots.corruption_errors(errors, by_class=False),
            "Share of the scored images that are wrong, by corruption and severity, with 95 % "
            "intervals. Dashed: untouched images.",
        )
    }


def _tell(results):
    untouched, worst, tried = _ends(results)
    name = f"{worst['corruption'].replace('_', ' ')} of severity {worst['severity']}"
    told = (
        f"{percent(worst['error'])} of {worst['images']} images are then wrong, and "
        f"{percent(untouched['error'])} of them untouched ({p_in_words(worst['p_holm'])}, "
        f"corrected for {tried} corruptions)."
    )
    if worst["p_holm"] >= LEVEL:
        return [
            f"That any corruption harms it is not shown. It is most often wrong with {name}: {told}"
        ]
    return [f"{name[0].upper()}{name[1:]} harms it most: {told}"]


def _headline(results):
    """Half as strong as the errors that are added: most networks break under some corruption."""
    untouched, worst, _ = _ends(results)
    if worst["p_holm"] >= LEVEL:
        return None
    return float(worst["error"] - untouched["error"]) / 2, _tell(results)[0]


def _ends(results):
    """The rows of all images, untouched and under the corruption that harms most, and of how many.

    A corruption that surely harms comes before one that perhaps harms more.
    """
    errors = results["corruption_errors"]
    of_all = errors[errors["class_id"] == -1]
    is_untouched = of_all["corruption"] == UNTOUCHED
    corrupted = of_all[~is_untouched]
    sure = corrupted[corrupted["p_holm"] < LEVEL]
    asked = corrupted if sure.empty else sure
    return of_all[is_untouched].iloc[0], asked.loc[asked["error"].idxmax()], len(corrupted)


BLOCK = Block(
    name="corruption_errors",
    title="Errors on corrupted images",
    how_to_read=(
        "Noise, blur, contrast, brightness, pixelation and JPEG as in the published benchmarks. "
        "Blur takes high frequencies away, and noise covers them. A model may need them, or be "
        "misled by what is wrong there: compare with the filters and the waves on this page."
    ),
    passes=lambda amount: (1 + len(CORRUPTIONS) * len(SEVERITIES)) * amount.scored,
    lens=True,
    measure=_measure,
    draw=_draw,
    tell=_tell,
    headline=_headline,
    columns=("p_holm",),
    compare=lambda found: (
        plots.corruption_errors(found),
        "Share of images that are wrong, by corruption and severity. Dashed: untouched images.",
    ),
)
