"""The most important frequencies by name: so many cycles across and down."""

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.fourier import check_maps, conjugate_pairs
from keras_freq.importance.result import FrequencyImportance


def strongest_frequencies(imp, maps=None, *, number=5):
    """Lists the frequencies without which the loss of each class rises most.

    A frequency and its mirror image are one wave. It is named by its cycles per image from left to
    right, and from top to bottom. Of the two ways to write it that with `across >= 0` is taken.
    `down < 0` is the wave that is the mirror image of that with `down > 0`: its crests fall to the
    right.

    Args:
        imp: A `FrequencyImportance`.
        maps: `(K, H, W)` bool, centred and symmetric: only frequencies in the class's map are
            listed, such as the `keras_freq.fine_parts` of dominant-frequency maps. Defaults to
            None: all but DC.
        number: The most frequencies of a class. Defaults to 5.

    Returns:
        A DataFrame, a row a wave, of each class the most important first: `class_id`,
        `class_name`, `across` and `down` (whole cycles per image), `radius` (as of
        `keras_freq.fourier.radius_map`), `loss_change` and `stderr` (nats). Frequencies
        without which the loss does not rise are left out, and so are classes without images.

    Raises:
        TypeError: If `imp` is no `FrequencyImportance`.
        ValueError: If `maps` do not fit it, or if `number` is no int >= 1.

    Example:
        >>> import keras, numpy as np, keras_freq as kf
        >>> x = np.arange(8) / 8
        >>> wave = np.cos(2 * np.pi * (3 * x[None, :] + 2 * x[:, None]))  # 3 across, 2 down
        >>> images = np.stack([0.5 + 0.2 * wave, 0.5 - 0.2 * wave])[..., None]
        >>> model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten()])
        >>> model.add(keras.layers.Dense(2))
        >>> model.set_weights([np.stack([wave.ravel(), -wave.ravel()], axis=1), np.zeros(2)])
        >>> imp = kf.frequency_importance(model, (images, [0, 1]), 2, method="exhaustive")
        >>> kf.strongest_frequencies(imp, number=1)[["class_id", "across", "down"]].values.tolist()
        [[0, 3, 2], [1, 3, 2]]

    See Also:
        `dominant_frequency_maps`, which takes a share of the spectrum.
    """
    if not isinstance(imp, FrequencyImportance):
        raise TypeError(
            "`imp` must be a FrequencyImportance, as `keras_freq.frequency_importance` gives it. "
            f"Received: {type(imp).__name__}"
        )
    number = checks.integer("number", number)
    shape = imp.loss_change.shape
    maps = np.ones(shape, bool) if maps is None else check_maps(maps)
    if maps.shape != shape:
        raise ValueError(
            f"`maps` must hold one map for each class of `imp`, of its size: {shape}. "
            f"Received: shape {maps.shape}"
        )
    cells = conjugate_pairs(shape[1:])[1:, 0]  # by radius, which is the rule for ties; without DC
    named = _named(cells, shape[1:])
    tables = [pd.DataFrame(columns=["class_id", "class_name", *named, "loss_change", "stderr"])]
    for k, class_map in enumerate(maps.reshape(len(maps), -1)):
        found = named.assign(
            class_id=imp.class_ids[k],
            class_name=imp.class_names[k],
            loss_change=imp.loss_change[k].reshape(-1)[cells],
            stderr=imp.stderr[k].reshape(-1)[cells],
        )[tables[0].columns]
        found = found[class_map[cells] & (found["loss_change"] > 0)]
        tables.append(found.sort_values("loss_change", ascending=False, kind="stable")[:number])
    filled = [table for table in tables if len(table)] or tables[:1]
    return pd.concat(filled, ignore_index=True)


def in_words(across, down):
    """Says which wave it is.

    Example:
        >>> in_words(9, -5), in_words(0, 2), in_words(1, 0)
        ('9 cycles across and 5 up', '2 cycles down', '1 cycle across')
    """
    up = "up" if down < 0 else "down"
    parts = [(across, "across"), (abs(down), up)]
    (first, way), *more = [part for part in parts if part[0]]
    unit = "cycle" if first == 1 else "cycles"
    return " and ".join([f"{first} {unit} {way}", *(f"{one} {other}" for one, other in more)])


def _named(cells, size):
    """The names of waves, given by one cell of each: a DataFrame of `across`, `down`, `radius`."""
    height, width = size
    down, across = (
        index - side // 2 for index, side in zip(np.divmod(cells, width), size, strict=True)
    )
    radius = np.hypot(across, down)
    # The outermost row or column of an even side is its own mirror image: -4 is 4 of 8 pixels.
    edge = (2 * down == -height) | (2 * across == -width)
    turned = (across < 0) | ((across == 0) & (down < 0))
    sign = np.where(turned, -1, 1)
    down = np.where(edge, np.abs(down), sign * down)
    across = np.where(edge, np.abs(across), sign * across)
    return pd.DataFrame({"across": across, "down": down, "radius": radius})
