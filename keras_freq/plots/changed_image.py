"""One image, changed in its frequencies, its spectrum, and what a model says to it."""

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import softmax

from keras_freq import checks
from keras_freq.classifier import logits_of
from keras_freq.fourier import (
    amplitude_spectrum,
    filter_images,
    low_pass_mask,
    phase_noise,
)
from keras_freq.fourier.masks import ring_mask
from keras_freq.metrics.rates import percent
from keras_freq.plots import style
from keras_freq.plots.axes import given_axes

# How an image can be changed: functions of its size and the value. Where no frequency is kept, the
# picture shows it: a slider may go there.
MASKS = {
    "low-pass": low_pass_mask,
    "high-pass": lambda size, radius: ring_mask(size, radius, np.inf),
    "band-pass": lambda size, edges: ring_mask(size, *edges),
    "band-stop": lambda size, edges: ~ring_mask(size, *edges),
}
CHANGES = (*MASKS, "phase noise")
# Classes that are named: the ones with the highest probabilities before or after.
_MOST_CLASSES = 6


@style.house_style
def changed_image(model, image, change, value, *, class_names=None, seed=0, ax=None):
    """Draws an image after a change of its frequencies, its spectrum, and the model's answer.

    Left: the changed image, clipped to [0, 1] for display only; the model gets it as it is. Middle:
    its amplitude spectrum, the mean over channels, on a logarithmic scale over three powers of ten
    down from the largest amplitude of the untouched image without DC. What is gone is grey. Right:
    the probabilities of the classes, as bars, and those of the untouched image, as strokes. The bar
    of the answer is red where it is not the same as before, and else blue.

    Filters act around the mean of each channel, so that colours stay when DC is removed.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`; C is 1 or 3.
        image: `(H, W, C)` float in [0, 1].
        change: "low-pass", "high-pass", "band-pass", "band-stop" or "phase noise".
        value: The radius of "low-pass" and "high-pass", > 0 cycles per image; `(low, high)`, the
            radii of a band; or the width of "phase noise", from 0 to 180 degrees.
        class_names: K names. Defaults to "0", "1", ...
        seed: Int >= 0, of the phase noise. Defaults to 0.
        ax: Three matplotlib axes. Defaults to a new figure.

    Returns:
        Array `(3,)` of axes.

    Raises:
        TypeError: If `model` is no `keras.Model`, or the image is not floating-point.
        ValueError: If an argument is out of range, or model and image do not fit.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> image = np.random.default_rng(0).uniform(size=(8, 8, 1))
        >>> axes = kf.plots.changed_image(keras.Sequential(layers), image, "low-pass", 3)
        >>> axes[0].get_title()
        'low-pass, r < 3'

    See Also:
        `keras_freq.frequency_slider`, which draws it as you move a slider;
        `keras_freq.filter_sweep`, which counts over many images.
    """
    checks.keras_model("model", model)
    checks.choice("change", change, CHANGES)
    seed = checks.integer("seed", seed, least=0)
    image = checked_image(image)
    changed = _changed(image, change, value, seed)
    both = np.stack([image, changed])
    num_classes = model.output_shape[-1]
    names = checks.class_names(class_names, num_classes)
    probabilities = softmax(
        np.asarray(logits_of(model, both, num_classes)(both), np.float64), axis=1
    )
    if ax is None:
        figure = plt.figure(figsize=(8.6, 2.7), layout="constrained")
        ax = figure.subplots(1, 3, width_ratios=[1, 1, 1.1])
    axes = given_axes(ax, 3)
    style.set_title(axes[0], _called(change, value))
    axes[0].imshow(np.clip(changed, 0, 1), cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes[0].set(xticks=[], yticks=[])
    _draw_spectrum(axes[1], image, changed)
    _draw_answer(axes[2], probabilities, names)
    return axes


def checked_image(image, name="image"):
    """Reads one image `(H, W, C)`, float32, of 1 or 3 channels."""
    image = checks.plain_array(name, image, "(H, W, C)")
    if image.ndim != 3 or image.shape[-1] not in (1, 3):
        raise ValueError(
            f"`{name}` must have shape (H, W, C) with 1 or 3 channels. "
            f"Received: shape {image.shape}"
        )
    checks.images(f"`{name}`", image[None])
    return image.astype(np.float32)


def _changed(image, change, value, seed):
    """The changed image, float32."""
    if change == "phase noise":
        width = checks.number("value", value, 0, 180, "an angle in degrees")
        return np.asarray(phase_noise(image, width, seed=(seed, 0)))
    if change.startswith("band"):
        value = checks.interval("value", value, 0, np.inf, "radii in cycles per image")
        if value[0] == value[1]:
            raise ValueError(
                f"`value` must be a band (low, high) with low < high. Received: value={value!r}"
            )
    else:
        value = checks.positive("value", value, "a radius in cycles per image")
    mask = MASKS[change](image.shape[:2], value)
    return np.asarray(filter_images(image, mask, neutral=image.mean(axis=(0, 1))))


def _called(change, value):
    """Says what was done."""
    if change == "phase noise":
        return f"phases turned by up to {value:g} degrees"
    if change.startswith("band"):
        return f"{change}, {value[0]:g} <= r < {value[1]:g}"
    return f"{change}, r {'<' if change == 'low-pass' else '>='} {value:g}"


def _draw_spectrum(ax, image, changed):
    """Draws the spectrum on the scale of the untouched image's, so that it can be compared."""
    before, after = (
        np.asarray(amplitude_spectrum(one)).mean(axis=-1).astype(np.float64)
        for one in (image, changed)
    )
    height, width = before.shape
    inner = before.copy()
    inner[height // 2, width // 2] = 0  # DC, which would leave the rest pale
    most = max(inner.max(), 1e-6)
    # Rounding leaves a millionth where a filter has left nothing.
    shown = np.where(after > 1e-5 * most, after, np.nan)
    extent = (-(width // 2) - 0.5, (width - 1) // 2 + 0.5)
    down = ((height - 1) // 2 + 0.5, -(height // 2) - 0.5)
    ax.imshow(
        np.log10(shown),
        cmap=style.SEQUENTIAL,
        vmin=np.log10(most) - 3,
        vmax=np.log10(most),
        extent=(*extent, *down),
        interpolation="nearest",
    )
    style.set_title(ax, "amplitudes, cycles per image")


def _draw_answer(ax, probabilities, names):
    """Draws the probabilities after the change, and before."""
    before, after = probabilities
    order = np.argsort(-probabilities.max(axis=0), kind="stable")[:_MOST_CLASSES]
    order = np.sort(order)
    answer, known = after.argmax(), before.argmax()
    same = answer == known
    colours = [(style.BLUE if same else style.RED) if k == answer else style.QUIET for k in order]
    places = np.arange(len(order))
    ax.barh(places, after[order], color=colours, height=0.6)
    ax.plot(before[order], places, "|", color=style.INK, ms=13, mew=1.8, clip_on=False)
    ax.set(xlim=(0, 1), ylim=(len(order) - 0.4, -0.6), xlabel="probability (stroke: untouched)")
    style.class_ticks(ax.yaxis, [names[k] for k in order])
    ax.tick_params(axis="y", length=0)
    said = f"{names[answer]}, {percent(after[answer])}"
    style.set_title(ax, f"still {said}" if same else f"now {said}")
