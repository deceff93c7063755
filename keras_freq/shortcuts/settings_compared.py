"""Whether the shortcuts of one setting hold in others: other models, other test sets."""

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.shortcuts.verdicts import shortcut_table

_FATES = {
    (True, True): "transfers",
    (True, False): "lost",
    (False, True): "new",
    (False, False): "none",
}


def shortcut_transfer(rates, *, reference):
    """Says whether the shortcuts of one setting are shortcuts in others, in one tidy table.

    Score the maps of one model with `rates_under_maps`, on it and on other models or test sets
    (another corruption, another style). This function puts the results side by side.

    Args:
        rates: A dict from the name of a setting to the DataFrame of `rates_under_maps`, all of the
            same maps.
        reference: The name of the setting that the others are compared with, such as the model that
            the maps come from, on its own test set.

    Returns:
        A DataFrame, one row a setting and class, the reference first: `setting`, `fraction` if it
        was there, `class_id`, `class_name`, `cells`, `tpr`, `tpr_change` (against the reference),
        `fpr`, `fpr_change`, `is_shortcut`, and `fate`: `"transfers"` (a shortcut there and in the
        reference), `"lost"` (only in the reference), `"new"` (only there), `"none"`, or `"unknown"`
        where either has no rates.

    Raises:
        TypeError: If `rates` is no dict, or holds no tables.
        ValueError: If `reference` is no key of `rates`, or if the settings differ in their classes
            or sizes of maps.

    Example:
        >>> import keras, numpy as np, keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> model = keras.Sequential(layers)
        >>> images = np.random.default_rng(0).uniform(size=(6, 8, 8, 1))
        >>> maps = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])
        >>> rates = {
        ...     name: kf.rates_under_maps(model, (data, [0, 1, 0, 1, 0, 1]), maps)
        ...     for name, data in {"clean": images, "dark": images / 2}.items()
        ... }
        >>> shortcut_transfer(rates, reference="clean")["setting"].tolist()
        ['clean', 'clean', 'dark', 'dark']

    Source:
        Transfer of shortcuts to other test sets: Wang et al., ICCV 2023.
    """
    if not isinstance(rates, dict) or not rates:
        raise TypeError(
            "`rates` must be a dict from the names of settings to tables of "
            f"`keras_freq.rates_under_maps`. Received: {type(rates).__name__}"
        )
    checks.choice("reference", reference, list(rates))
    first = shortcut_table(rates[reference])
    tables = []
    for setting in [reference, *(name for name in rates if name != reference)]:
        table = shortcut_table(rates[setting])
        same = [name for name in ("fraction", "class_name", "cells") if name in first]
        if not table.reindex(columns=same).equals(first[same]):
            raise ValueError(
                "`rates` must be those of the same maps in every setting. Received: "
                f"{setting!r} and {reference!r}, whose classes or numbers of cells differ"
            )
        known = table[["tpr", "fpr"]].notna().all(axis=1) & first[["tpr", "fpr"]].notna().all(
            axis=1
        )
        pairs = zip(first["is_shortcut"], table["is_shortcut"], strict=True)
        table["fate"] = np.where(known, [_FATES[pair] for pair in pairs], "unknown")
        table["setting"] = setting
        for rate in ("tpr", "fpr"):
            table[f"{rate}_change"] = table[rate] - first[rate]
        tables.append(table)
    columns = ["setting", *[name for name in ("fraction",) if name in first]]
    columns += ["class_id", "class_name", "cells", "tpr", "tpr_change", "fpr", "fpr_change"]
    columns += ["is_shortcut", "fate"]
    return pd.concat(tables, ignore_index=True)[columns]
