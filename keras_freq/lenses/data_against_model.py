"""What the frequencies of the data would tell, against what a model uses of them."""

import numpy as np

from keras_freq import checks

_PLACE = ["class_id", "class_name", "low", "high"]
_AVAILABLE = ["recall", "recall_low", "recall_high", "null", "p_value"]


def available_and_used(baseline, shapley):
    """Puts together what is available in each band of the data, and what a model uses of it.

    A band that tells the classes, and is worth nothing to the model, is a cue that it leaves alone.
    A band that is worth much, and tells a linear classifier nothing, holds more than its power: the
    model reads phases, that is shapes, or how bands go together.

    Args:
        baseline: The DataFrame of `keras_freq.spectral_baseline` with `bands=`.
        shapley: The `BandShapley` of `keras_freq.band_shapley` with the same bands and classes.

    Returns:
        A pandas DataFrame, a row for each class, and all images (-1), and band.

        - `class_id`, `class_name`, `low`, `high`: the class and the radii of the band.
        - `available`, `available_low`, `available_high`: the recall of the linear classifier that
          sees the power of this band alone, and its interval; `null`, `p_value`: as in
          `spectral_baseline`.
        - `used`, `used_low`, `used_high`: the Shapley value of the band, nats, and its interval;
          `used_share`: the same over what all bands are worth.

    Raises:
        TypeError, ValueError: If one of the two is something else, or they have other bands or
            classes.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((16, 16, 3)), keras.layers.Flatten(), keras.layers.Dense(4)]
        >>> data = kf.data.frequency_bands(1, size=16, per_class=10)
        >>> baseline = kf.spectral_baseline(data, data, 4, bands=4)
        >>> shapley = kf.band_shapley(keras.Sequential(layers), data, 4, bands=4)
        >>> table = kf.available_and_used(baseline, shapley)
        >>> len(table), float(table["used_share"][:4].sum().round(6))
        (20, 1.0)

    See Also:
        `keras_freq.plots.available_and_used`, which draws it.
    """
    checks.table("baseline", baseline, [*_PLACE, *_AVAILABLE], "keras_freq.spectral_baseline")
    if not hasattr(shapley, "interactions"):
        raise TypeError(
            "`shapley` must be a BandShapley as from `keras_freq.band_shapley`. "
            f"Received: {type(shapley).__name__}"
        )
    used = shapley.to_frame()
    names = {"recall": "available", "recall_low": "available_low", "recall_high": "available_high"}
    available = baseline[[*_PLACE, *_AVAILABLE]].rename(columns=names)
    table = used[_PLACE].merge(available, how="left", on=_PLACE, indicator="found")
    if (table["found"] != "both").any():
        bands = baseline[["low", "high"]].drop_duplicates().to_numpy().tolist()
        raise ValueError(
            "`baseline` must be that of the same bands and classes as `shapley` "
            f"(`bands={shapley.edges[1:-1].tolist()}`). Received: bands {bands}, classes "
            f"{baseline['class_name'].unique().tolist()}"
        )
    for name in ("", "_low", "_high"):
        table[f"used{name}"] = used[f"value{name}"]
    totals = np.append(shapley.total, shapley.together.total)
    table["used_share"] = table["used"] / np.repeat(totals, len(shapley.band_names))
    return table.drop(columns="found")
