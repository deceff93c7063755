"""A slider over the frequencies of images, for notebooks."""

import io

import matplotlib.pyplot as plt
import numpy as np

from keras_freq import checks
from keras_freq.plots.changed_image import CHANGES, changed_image, checked_image

_DPI = 110
_STEP = 0.5  # of radii, in cycles per image


def frequency_slider(model, images, *, change="low-pass", class_names=None, seed=0):
    """Shows what a model says to an image while you move a slider over its frequencies.

    Under the sliders stand the changed image, its spectrum and the model's answer, as
    `keras_freq.plots.changed_image` draws them. It needs ipywidgets, which Colab and
    JupyterLab have: `pip install ipywidgets`.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`; C is 1 or 3.
        images: `(N, H, W, C)` float in [0, 1], among which a slider chooses; or one image.
        change: What the slider does at first: "low-pass", "high-pass", "band-pass", "band-stop" or
            "phase noise". A menu changes it. Defaults to "low-pass".
        class_names: K names. Defaults to "0", "1", ...
        seed: Int >= 0, of the phase noise. Defaults to 0.

    Returns:
        An `ipywidgets.VBox`, which a notebook shows as the last value of a cell. Its `children` are
        the row of controls and the picture.

    Raises:
        ImportError: If ipywidgets is not installed.
        TypeError: If `model` is no `keras.Model`, or images are not floating-point.
        ValueError: If an argument is out of range, or model and images do not fit.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> images = np.random.default_rng(0).uniform(size=(4, 8, 8, 1))
        >>> shown = kf.frequency_slider(keras.Sequential(layers), images)
        >>> [type(child).__name__ for child in shown.children]
        ['HBox', 'Image']

    See Also:
        `keras_freq.filter_sweep` and `keras_freq.phase_noise_sweep`, which count over many images.
    """
    checks.choice("change", change, CHANGES)
    images = checks.plain_array("images", images, "(N, H, W, C)")
    images = images[None] if images.ndim == 3 else images
    if images.ndim != 4 or not len(images):
        raise ValueError(f"`images` must have shape (N, H, W, C). Received: shape {images.shape}")
    images = np.stack([checked_image(one, "images") for one in images])
    seed = checks.integer("seed", seed, least=0)
    checks.keras_model("model", model)
    class_names = checks.class_names(class_names, model.output_shape[-1])
    try:
        import ipywidgets
    except ImportError as error:
        raise ImportError(
            "`frequency_slider` needs ipywidgets: pip install ipywidgets. "
            "`keras_freq.plots.changed_image` draws one picture without it"
        ) from error
    controls = _controls(ipywidgets, images, change)
    picture = ipywidgets.Image(format="png")

    def draw(_=None):
        kind = controls["change"].value
        for name, control in controls.items():
            used = kind in _USES[name] if name in _USES else name == "change" or len(images) > 1
            control.layout.display = "flex" if used else "none"
        value = next(controls[name].value for name, kinds in _USES.items() if kind in kinds)
        if kind.startswith("band"):  # both ends of the slider may be in one place
            value = value[0], max(value[1], value[0] + _STEP)
        image = images[controls["number"].value]
        options = {"class_names": class_names, "seed": seed}
        picture.value = _as_png(changed_image(model, image, kind, value, **options)[0].figure)

    draw()
    for control in controls.values():
        control.observe(draw, names="value")
    # On a phone the controls go below each other.
    row = ipywidgets.HBox(list(controls.values()), layout={"flex_flow": "row wrap"})
    return ipywidgets.VBox([row, picture])


# Which changes a slider belongs to.
_USES = {
    "radius": ("low-pass", "high-pass"),
    "band": ("band-pass", "band-stop"),
    "degrees": ("phase noise",),
}


def _controls(ipywidgets, images, change):
    """The controls by name; a picture is drawn when a slider is let go."""
    most = float(np.ceil(np.hypot(*images.shape[1:3]) / 2)) + 1
    radii = {"min": _STEP, "max": most, "step": _STEP, "continuous_update": False}
    start = most / 4
    return {
        "number": ipywidgets.IntSlider(
            value=0, min=0, max=len(images) - 1, description="image", continuous_update=False
        ),
        "change": ipywidgets.Dropdown(options=CHANGES, value=change, description="change"),
        "radius": ipywidgets.FloatSlider(value=most, description="radius", **radii),
        "band": ipywidgets.FloatRangeSlider(
            value=(start, 2 * start), description="band", **{**radii, "min": 0.0}
        ),
        "degrees": ipywidgets.FloatSlider(
            value=0, min=0, max=180, step=5, description="degrees", continuous_update=False
        ),
    }


def _as_png(figure):
    """The bytes of a figure, which is closed."""
    held = io.BytesIO()
    figure.savefig(held, format="png", dpi=_DPI)
    plt.close(figure)
    return held.getvalue()
