"""Whether the frequencies of a class's map suffice for the class: rates under its map."""

import math

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.data.batches import repeated
from keras_freq.interventions import KeptFrequencies, count_answers, every_item
from keras_freq.metrics import wilson_interval
from keras_freq.shortcuts.checked_inputs import checked_inputs
from keras_freq.shortcuts.class_scores import class_aucs
from keras_freq.shortcuts.random_baseline import (
    LEAST_RANDOM,
    high_quantile,
    low_quantile,
    maps_and_random_maps,
)

_COLUMNS = [
    *("class_id", "class_name", "cells", "positives", "negatives"),
    *("tpr", "tpr_low", "tpr_high", "fpr", "fpr_low", "fpr_high"),
    *("random_tpr", "random_tpr_high", "random_fpr", "random_fpr_high"),
    *("tpr_above_chance", "fpr_above_chance"),
    *("random_tpr_low", "random_fpr_low", "untouched_tpr", "untouched_fpr"),
    *("auc", "untouched_auc"),
]


def rates_under_maps(
    model,
    dataset,
    maps,
    *,
    num_random=40,
    random="cells",
    neutral=None,
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Measures the true and the false positive rate of each class, seen only through its map.

    All images, of all classes, are filtered by the map of class k. TPR is the share of the images
    of class k that the model then calls k. FPR is the share of the other images that it calls k. A
    high TPR says that these frequencies suffice for the class. A high FPR with it says that they
    make the model answer k whatever else an image shows: a shortcut.

    Rates mean little by themselves, since a model often gives one and the same answer to images
    with most frequencies gone. So the same rates are taken under random maps. A rate is above
    chance when its Wilson lower bound exceeds the 97.5 % quantile of the random maps' rates. Choose
    maps on one set of images, and score them on another.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            three times, and must give the same images each time.
        maps: `(K, H, W)` bool, the map of each class, centred and symmetric.
        num_random: Number of random maps a class, at least 40.
        random: What random maps have in common with the class's map. `"cells"`: the number of
            cells. `"energy"`: the energy without DC, averaged over the images of `dataset`. In both
            cases they have DC if the map has it. Classes whose maps have equally many cells share
            their random maps, which saves most of the time. Maps of equal energy cannot be shared.
        neutral: What an image without its DC becomes: a number or `(C,)`. Defaults to the channel
            means of `dataset`. Give the training set's if you have them.
        seed: Int, the seed of the random maps.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Filtered images that the model is given at once. Defaults to None: by their
            size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        checkpoint: File of finished work. The same call, after it was killed, goes on from there
            and gives the same numbers. Defaults to None: none is kept.
        executor: A `concurrent.futures.Executor` that does the work, as in
            `frequency_importance`. Defaults to None: this process.

    Returns:
        A pandas DataFrame, one row a class. Rates are NaN where the class has an empty map, or
        where there are no images to count.

        - `class_id`, `class_name`, `cells` (in the map).
        - `positives` (images of the class), `negatives` (other images).
        - `tpr`, `tpr_low`, `tpr_high`, `fpr`, `fpr_low`, `fpr_high`: the rates and their 95 %
          Wilson intervals, over the positives and over the negatives.
        - `random_tpr`, `random_tpr_high`, `random_fpr`, `random_fpr_high`: mean and 97.5 % quantile
          over the random maps.
        - `tpr_above_chance`, `fpr_above_chance`: bool.
        - `random_tpr_low`, `random_fpr_low`: their 2.5 % quantiles.
        - `untouched_tpr`, `untouched_fpr`: the rates on images with all frequencies.
        - `auc`, `untouched_auc`: how well the score of the class tells its images from about as
          many others, through the map and with all frequencies (area under the ROC curve; 0.5 is
          chance). What the model says by default has no part in it, as it has in the rates.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, or if maps, images and model do not fit.

    Example:
        >>> import keras, numpy as np, keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> maps = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])
        >>> rates = rates_under_maps(keras.Sequential(layers), data, maps)
        >>> rates[["class_id", "cells", "positives", "negatives"]].values.tolist()
        [[0, 9, 3, 3], [1, 55, 3, 3]]

    See Also:
        `recall_without_maps`, which asks whether the class needs its map; `shortcut_table`, which
        puts the rates into words.

    Source:
        TPR and FPR on DFM-filtered images: Wang et al., "What do neural networks learn in image
        classification? A frequency shortcut perspective", ICCV 2023. Intervals, random maps and
        the rule for "above chance" are ours. The quantile of R random values is the
        `ceil(0.975 (R + 1))`-th smallest. A further random map exceeds it with a probability of at
        most 2.5 %.
    """
    checks.choice("random", random, ("cells", "energy"))
    num_random = checks.integer("num_random", num_random, least=LEAST_RANDOM)
    seed = checks.integer("seed", seed, least=0)
    batch_size, checkpoint = checks.batch_size(batch_size), checks.checkpoint(checkpoint)
    dataset = repeated(dataset)
    inputs = checked_inputs(
        model, dataset, maps, class_names, neutral, with_power=random == "energy"
    )
    masks, own, drawn = maps_and_random_maps(inputs.maps, num_random, power=inputs.power, seed=seed)
    # The last mask keeps everything: the untouched rates.
    masks = np.concatenate([masks, np.ones((1, *masks.shape[1:]), bool)])
    options = {"batch_size": batch_size, "progress": progress, "executor": executor}
    counts = count_answers(
        model,
        dataset,
        len(inputs.maps),
        KeptFrequencies(masks, inputs.neutral),
        every_item(len(masks)),
        task="rates under maps",
        total=len(masks) * int(inputs.counts.sum()),
        checkpoint=checkpoint,
        **options,
    )
    aucs = class_aucs(
        model, dataset, inputs.counts, inputs.maps, inputs.neutral, seed=seed, **options
    )
    rows = [
        _row(k, inputs, counts["right"][:, k], counts["answered"][:, k], own.get(k), drawn.get(k))
        | {"auc": aucs[k, 1] if k in own else math.nan, "untouched_auc": aucs[k, 0]}
        for k in range(len(inputs.maps))
    ]
    return pd.DataFrame(rows)[_COLUMNS]


def _row(class_id, inputs, right, answered, own, drawn):
    """The row of one class: its rates under its own map, and under its random maps."""
    positives = int(inputs.counts[class_id])
    row = {
        "class_id": class_id,
        "class_name": inputs.class_names[class_id],
        "cells": int(inputs.maps[class_id].sum()),
        "positives": positives,
        "negatives": int(inputs.counts.sum()) - positives,
    }
    row |= _rate_columns("tpr", right, positives, own, drawn)
    return row | _rate_columns("fpr", answered - right, row["negatives"], own, drawn)


def _rate_columns(rate, numbers, images, own, drawn):
    """One rate of one class: it, its interval, that of random maps, and whether it is above."""
    value = low = high = random_mean = random_low = random_high = math.nan
    if own is not None and images:
        value = numbers[own] / images
        low, high = map(float, wilson_interval(numbers[own], images))
        of_random = numbers[drawn] / images
        random_mean = of_random.mean()
        random_low, random_high = low_quantile(of_random), high_quantile(of_random)
    return {
        rate: value,
        f"{rate}_low": low,
        f"{rate}_high": high,
        f"random_{rate}": random_mean,
        f"random_{rate}_low": random_low,
        f"random_{rate}_high": random_high,
        f"{rate}_above_chance": bool(low > random_high),
        f"untouched_{rate}": numbers[-1] / images if images else math.nan,
    }
