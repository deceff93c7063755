"""Which frequencies the feature maps of each layer hold, and the kernels of the first one."""

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

from keras_freq import checks
from keras_freq.classifier import batch_size_for, check_model, first_kernels, layer_maps
from keras_freq.data import checked_batches
from keras_freq.fourier.filters import half_spectrum
from keras_freq.fourier.grid import half_to_centred, height_width
from keras_freq.metrics import mean_interval
from keras_freq.progress import progress_bar
from keras_freq.spectra import radial_profile

# Added to amplitudes before the logarithm, as published.
_LEAST = 1e-6


def layer_spectra(model, dataset, layers=None, *, batch_size=None, progress=True):
    """Measures the amplitudes of feature maps over the radius, layer by layer.

    For each image and layer, `log |FFT|` of all maps is averaged over channels and over rings of
    one radius, and that of DC is subtracted. The radius is told as a share of the layer's own
    Nyquist frequency, so that maps of all sizes compare. Where a curve falls from one layer to the
    next, the layer removes high frequencies: it blurs. Where it rises, the layer adds them.

    Args:
        model: A functional or sequential `keras.Model` from images `(N, H, W, C)` to class scores.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            once; labels do not matter. Some tens of images suffice.
        layers: Names of layers that give maps `(N, H, W, C)`. Defaults to None: all convolutions,
            poolings, sums and concatenations whose maps have sides of 2 at least.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.

    Returns:
        A pandas DataFrame, a row for each layer and radius; first those of the images themselves.

        - `layer`, `depth`: its name, and its place among these layers; "images" has 0.
        - `height`, `width`, `channels`: the shape of its maps.
        - `radius`: 0, 1, ... cycles per map, up to half the shorter side.
        - `nyquist_share`: the radius over half the shorter side.
        - `log_amplitude`, `log_amplitude_low`, `log_amplitude_high`: the mean over images of the
          natural logarithm, minus that of DC, and its 95 % interval (a bootstrap over images).
          Maps that are 0 everywhere are left out. NaN where all are.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If the model does not fit the images, its layers are not known, or one of
            `layers` gives no maps.

    Example:
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.AveragePooling2D(2, name="blur")]
        >>> model = keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(2)])
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> table = kf.layer_spectra(model, data)
        >>> table[["layer", "nyquist_share"]].iloc[4:].values.tolist()
        [['images', 1.0], ['blur', 0.0], ['blur', 0.5], ['blur', 1.0]]

    See Also:
        `keras_freq.plots.layer_spectra`, which draws it; `first_layer_kernels`.

    Source:
        N. Park and S. Kim, "How do vision transformers work?", ICLR 2022. Their curves are along
        the diagonal of the spectrum; ours are means over rings.
    """
    if batch_size is not None:
        batch_size = checks.integer("batch_size", batch_size)
    curves, shapes, compiled = {}, {}, None
    bar = progress_bar(checked_batches(dataset), task="layer spectra", unit="batch", shown=progress)
    for images, _ in bar:
        if compiled is None:
            check_model(model, images[:2])
            compiled = _compiled(model, layers, images.shape[1:], shapes)
            # All maps of a batch are held at once.
            size = batch_size or max(1, batch_size_for(images.shape[1:]) // 2)
        for start in range(0, len(images), size):
            for name, half in compiled(images[start : start + size]).items():
                maps = half_to_centred(half.numpy(), shapes[name][1])
                profiles = radial_profile(maps)
                curves.setdefault(name, []).append(profiles - profiles[:, :1])
    frames = [
        _frame(name, depth, shapes[name], np.concatenate(curves[name]))
        for depth, name in enumerate(shapes)
    ]
    return pd.concat(frames, ignore_index=True)


def first_layer_kernels(model):
    """Gives the kernels of a model's first convolution, to be looked at.

    Args:
        model: A `keras.Model`, whose first `Conv2D` layer is taken, also of a model in it.

    Returns:
        `(F, height, width, C)` float32: kernels first, as images.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If it has no `Conv2D` layer.

    Example:
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 5)]
        >>> kf.first_layer_kernels(keras.Sequential(layers)).shape
        (4, 5, 5, 3)

    See Also:
        `keras_freq.plots.first_layer_kernels`, which draws them and their amplitudes;
        `kernel_spectra`.
    """
    return np.moveaxis(first_kernels(model), -1, 0)


def kernel_spectra(kernels, size=64):
    """Computes which frequencies kernels let through.

    Args:
        kernels: `(F, height, width, C)`, as from `first_layer_kernels`.
        size: The side of the images that they are moved over: kernels are padded with zeros to it.
            An int or `(H, W)`, not less than the kernels. Defaults to 64.

    Returns:
        `(F, H, W)` float64, centred: `|FFT|`, the root of the mean square over channels.

    Raises:
        ValueError: If an argument is not as above.

    Example:
        >>> import keras_freq as kf
        >>> mean = np.full((1, 3, 3, 1), 1 / 9)
        >>> spectra = kf.kernel_spectra(mean, 9)
        >>> float(spectra[0, 4, 4].round(6)), float(spectra[0, 4, 7].round(6))  # DC, 3 cycles
        (1.0, 0.0)

    See Also:
        `keras_freq.plots.first_layer_kernels`.
    """
    kernels = checks.real_array("kernels", kernels, "(F, height, width, C)", ndim=4)
    height, width = height_width(size)
    if height < kernels.shape[1] or width < kernels.shape[2]:
        raise ValueError(
            "`size` must not be less than that of the kernels. "
            f"Received: size={size!r}, kernels of shape {kernels.shape}"
        )
    spectra = np.fft.fft2(kernels.astype(np.float64), (height, width), axes=(1, 2))
    amplitudes = np.sqrt((np.abs(spectra) ** 2).mean(axis=-1))
    return np.fft.fftshift(amplitudes, axes=(1, 2))


def _compiled(model, layers, image_shape, shapes):
    """The function from images to the log amplitudes of all layers, a dict by name.

    Args:
        model: The model.
        layers: Names of layers, or None.
        image_shape: `(H, W, C)`.
        shapes: Dict that gets the shape `(H, W, C)` of the maps of each.
    """
    names, maps_of = layer_maps(model, layers, image_shape)
    for name, maps in zip(names, maps_of.outputs, strict=True):
        if layers is not None or name == "images" or min(maps.shape[1:3]) >= 2:
            shapes[name] = tuple(maps.shape[1:])

    def log_amplitudes(images):
        with keras.StatelessScope():
            # Keras gives one output as it is, and not in a list.
            given = tf.nest.flatten(maps_of(images, training=False))
        maps = dict(zip(names, given, strict=True))
        return {name: _log_amplitude(maps[name]) for name in shapes}

    signature = [tf.TensorSpec((None, *image_shape), tf.float32)]
    return tf.function(log_amplitudes, signature, autograph=False)


def _log_amplitude(maps):
    """The mean over channels of the log amplitude, a half spectrum `(N, H, W // 2 + 1)`."""
    maps = tf.cast(maps, tf.float32)
    alive = tf.cast(tf.reduce_any(maps != 0, axis=(1, 2)), tf.float32)[..., None, None]
    logs = tf.math.log(tf.abs(half_spectrum(maps)) + _LEAST)
    return tf.reduce_sum(alive * logs, axis=1) / tf.reduce_sum(alive, axis=1)


def _frame(name, depth, shape, curves):
    """The rows of one layer, of the curves `(N, R)` of all images."""
    height, width, channels = shape
    known = curves[np.isfinite(curves).all(axis=1)]
    low, high = mean_interval(known)
    radii = np.arange(curves.shape[1])
    half = min(height, width) / 2
    return pd.DataFrame(
        {
            "layer": name,
            "depth": depth,
            "height": height,
            "width": width,
            "channels": channels,
            "radius": radii,
            "nyquist_share": radii / half,
            "log_amplitude": known.mean(axis=0) if len(known) else np.nan,
            "log_amplitude_low": low,
            "log_amplitude_high": high,
        }
    )
