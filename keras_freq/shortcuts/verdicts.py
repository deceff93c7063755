"""Verdicts in words: which maps are shortcuts, and whether they stay so elsewhere."""

import numpy as np
import pandas as pd

from keras_freq import checks

_VERDICTS = {
    (True, True): "shortcut: found in this class, and draws other images to it",
    (True, False): "specific: suffices for this class, draws no others",
    (False, True): "attractor: draws other images, but not more of this class than chance",
    (False, False): "no evidence: not above random maps",
}
_WEAK = "weak shortcut: above random maps, by less than 5 points in TPR or FPR"
_WEAK_BELOW = 0.05
_NO_RATES = "no rates: empty map, or no images to count"
_FATES = {
    (True, True): "transfers",
    (True, False): "lost",
    (False, True): "new",
    (False, False): "none",
}


class ShortcutTable(pd.DataFrame):
    """The table of `shortcut_table`. It prints its verdicts and rates, and holds more columns."""

    @property
    def _constructor(self):
        return pd.DataFrame  # a part of it is a plain table

    def __repr__(self):
        words = self["verdict"].str.partition(":")[0].rename("verdict")
        shown = [name for name in ("fraction", "class_name") if name in self]
        short = pd.concat([self[shown], words, self[["tpr", "fpr"]]], axis=1)
        text = short.to_string(index=False, max_rows=60, float_format="{:.3g}".format)
        more = [str(name) for name in self.columns if name not in short]
        return f"{text}\n(and the columns {', '.join(more)}; verdicts are sentences)"


def shortcut_table(rates):
    """Says of each class whether its map is a shortcut.

    It is one when both rates are above chance. Then the frequencies of the map are enough for the
    class (TPR), and the model answers with the class wherever it meets them (FPR). Where the true
    rate alone is above chance, the map is no shortcut: the model reads something from these
    frequencies that only this class has.

    A rate counts as above chance however small its excess. One image of 300 is enough where random
    maps draw none. So the verdict calls a shortcut weak when its TPR or FPR exceeds the 97.5 %
    quantile of random maps by less than 0.05.

    Args:
        rates: The DataFrame of `rates_under_maps`, or several of them one below the other, told
            apart by a column `fraction`.

    Returns:
        A DataFrame, one row for each of `rates`: `fraction` if it was there, `class_id`,
        `class_name`, `cells`, `tpr`, `random_tpr_high`, `fpr`, `random_fpr_high`, `is_shortcut`
        (bool) and `verdict`, a sentence. It prints itself in a short form, with the first words
        of the verdicts.

    Raises:
        ValueError: If columns of `rates_under_maps` are missing.

    Example:
        >>> import pandas as pd
        >>> rates = pd.DataFrame(
        ...     {
        ...         "class_id": [0, 1], "class_name": ["cat", "dog"], "cells": [11, 11],
        ...         "tpr": [0.9, 0.8], "random_tpr_high": [0.3, 0.2],
        ...         "fpr": [0.5, 0.1], "random_fpr_high": [0.3, 0.2],
        ...         "tpr_above_chance": [True, True], "fpr_above_chance": [True, False],
        ...     }
        ... )
        >>> shortcut_table(rates)[["class_name", "is_shortcut"]].values.tolist()
        [['cat', True], ['dog', False]]

    Source:
        Wang et al., "What do neural networks learn in image classification? A frequency shortcut
        perspective", ICCV 2023, read a class with a high TPR and a high FPR on images
        filtered by its map as a shortcut, without saying how high. Here "high" is above
        chance, as `rates_under_maps` defines it; "weak" is ours too.
    """
    shown = ["class_id", "class_name", "cells", "tpr", "random_tpr_high", "fpr", "random_fpr_high"]
    above = ["tpr_above_chance", "fpr_above_chance"]
    checks.table("rates", rates, [*shown, *above], "keras_freq.rates_under_maps")
    shown = [name for name in ("fraction",) if name in rates] + shown
    table = rates[shown].reset_index(drop=True)
    true, false = (rates[f"{rate}_above_chance"].astype(bool) for rate in ("tpr", "fpr"))
    table["is_shortcut"] = (true & false).to_numpy()
    verdicts = [_VERDICTS[pair] for pair in zip(true, false, strict=True)]
    columns = table[["tpr", "fpr", "random_tpr_high", "random_fpr_high"]]
    tpr, fpr, tpr_high, fpr_high = columns.to_numpy(dtype=float, na_value=np.nan).T
    # Rounded, so that 0.35 is 0.05 above 0.3.
    excess = np.minimum(tpr - tpr_high, fpr - fpr_high).round(9)
    weak = table["is_shortcut"].to_numpy() & (excess < _WEAK_BELOW)
    unknown = np.isnan(tpr) | np.isnan(fpr)
    table["verdict"] = np.select([unknown, weak], [_NO_RATES, _WEAK], verdicts)
    return ShortcutTable(table)


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
