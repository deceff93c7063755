"""Which frequencies the layers of the model hold."""

import numpy as np

from keras_freq import plots
from keras_freq.lab.examination.blocks.block import Block
from keras_freq.lenses import first_layer_kernels, layer_spectra

# Curves over so many images are steady.
_IMAGES = 48


def _measure(subject, results, *, seed, progress, **options):
    images, labels = subject.scored
    chosen = np.unique(np.linspace(0, len(labels) - 1, _IMAGES).round().astype(int))
    return layer_spectra(subject.model, (images[chosen], labels[chosen]), progress=progress)


def _draw(subject, results):
    figures = {
        "layer_spectra": (
            plots.layer_spectra(results["layer_spectra"]),
            f"Log amplitude of the feature maps of up to {_IMAGES} scored images, less that of "
            "their means, from the first layer (dark) to the last (bright). Dashed: the images.",
        )
    }
    try:
        kernels = first_layer_kernels(subject.model)
    except ValueError:  # a model without convolutions
        return figures
    if min(kernels.shape[1:3]) > 1:
        size = max(subject.size)
        figures["first_layer_kernels"] = (
            plots.first_layer_kernels(kernels, size=min(size, 64)),
            "Kernels of the first convolution, the strongest first, and their amplitudes: DC is in "
            "the middle of each, bright is what the kernel lets through.",
        )
    return figures


BLOCK = Block(
    name="layer_spectra",
    title="What the layers hold",
    how_to_read=(
        "A curve that falls below that of the layer before has lost high frequencies: the layer "
        "blurs. One that rises has gained some, as after a layer that finds edges. It tells what "
        "is there, not what the answer depends on."
    ),
    passes=lambda amount: 4 * min(_IMAGES, amount.scored),
    lens=True,
    measure=_measure,
    draw=_draw,
    compare=lambda found: (
        plots.layer_spectra(found),
        "Log amplitude of the feature maps of each layer, from the first (dark) to the last "
        "(bright). Dashed: the images.",
    ),
)
