"""What a model answers on images seen only through a class's map, beside random maps."""

import math

import numpy as np

from keras_freq.data.batches import class_names_of
from keras_freq.data.statistics import check_classifier, checked_neutral, survey_images
from keras_freq.importance.dominant_maps import checked_maps
from keras_freq.interventions.answers import filtered_answers
from keras_freq.metrics import wilson_interval
from keras_freq.shortcuts.random_maps import check_num_random, high_quantile, maps_and_random_maps


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
):
    """True and false positive rate of each class on images filtered by its map.

    All images, of all classes, are filtered by the map of class k. TPR is the share of
    the images of class k that the model then calls k, FPR the share of the other images.
    A high TPR says that these frequencies suffice for the class; a high FPR with it, that they
    make the model answer k whatever else an image shows: a shortcut.

    Rates mean little by themselves: a model often answers one and the same class on
    images with most frequencies gone. So the same rates are taken under random maps,
    and a rate is above chance when its Wilson lower bound exceeds the 97.5 %
    quantile of theirs. Choose maps on one set of images and score them on another.

    Args:
        model: `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        dataset: `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays.
            It is read twice.
        maps: `(K, H, W)` bool, the map of each class, centred and symmetric.
        num_random: number of random maps a class, at least 40.
        random: what random maps have in common with the class's map: `"cells"`, the
            number of cells, or `"energy"`, the energy without DC, averaged over the images of
            `dataset`; and in both cases DC, if the map has it. Classes with maps of equally
            many cells share their random maps, which saves most of the time; maps of
            equal energy cannot be shared.
        neutral: what an image without its DC becomes: a number or `(C,)`. Default: the
            channel means of `dataset`. Give the training set's if you have them.
        seed: int, of the random maps.
        class_names: K names. Default: those of `dataset`.
        batch_size: filtered images that the model is given at once. Default: by their size.
        progress: whether to show a progress bar when it takes more than some seconds.

    Returns:
        A pandas DataFrame, one row a class: `class_id`, `class_name`, `cells` (in the
        map), `positives` (images of the class), `negatives` (other images), `tpr`, `tpr_low`,
        `tpr_high`, `fpr`, `fpr_low`, `fpr_high` (95 % Wilson intervals, over the positives
        and over the negatives), `random_tpr`, `random_tpr_high`, `random_fpr`,
        `random_fpr_high` (mean and 97.5 % quantile over random maps),
        `tpr_above_chance`, `fpr_above_chance` (bool). Rates are NaN where the class has an empty
        map, or there are no images to count.

    Raises:
        TypeError: when `model` is not a `keras.Model`.
        ValueError: when an argument is out of range, or maps, images and model do not fit.

    Example:
        >>> import keras, numpy as np, keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> maps = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])
        >>> rates = rates_under_maps(keras.Sequential(layers), data, maps)
        >>> rates[["class_id", "cells", "positives", "negatives"]].values.tolist()
        [[0, 9, 3, 3], [1, 55, 3, 3]]

    Source:
        TPR and FPR on DFM-filtered images: Wang et al., "What do neural networks learn in image
        classification? A frequency shortcut perspective", ICCV 2023. Intervals, random maps
        and the rule for "above chance" are ours. The quantile is the
        `ceil(0.975 (R + 1))`-th smallest of R random values, which a further random map
        exceeds with a probability of at most 2.5 %.
    """
    maps = checked_maps(maps)
    num_classes = len(maps)
    _check_options(num_random, random)
    names = class_names_of(dataset, class_names, num_classes)
    check_classifier(model, dataset, maps)
    survey = survey_images(dataset, num_classes, with_power=random == "energy")
    neutral = checked_neutral(neutral, survey.channel_means)

    masks, own, drawn = maps_and_random_maps(maps, num_random, power=survey.power, seed=seed)
    true_positives, answers = np.zeros((2, len(masks), num_classes), np.int64)
    for true, mask, answered in filtered_answers(
        model,
        dataset,
        masks,
        [np.arange(len(masks))] * num_classes,
        survey=survey,
        neutral=neutral,
        batch_size=batch_size,
        progress=progress,
        task="rates under maps",
    ):
        np.add.at(answers, (mask, answered), 1)
        right = answered == true
        np.add.at(true_positives, (mask[right], answered[right]), 1)
    return _frame(maps, names, survey.counts, own, drawn, true_positives, answers)


def _check_options(num_random, random):
    """Raises unless the options of the comparison with chance make sense."""
    if random not in ("cells", "energy"):
        raise ValueError(f'`random` must be "cells" or "energy". Received: random={random!r}')
    check_num_random(num_random)


def _frame(maps, names, counts, own, drawn, true_positives, answers):
    """The table of rates, from the counts of right and of all answers `(M, K)`."""
    import pandas as pd

    rows = []
    for class_id, name in enumerate(names):
        positives = int(counts[class_id])
        row = {
            "class_id": class_id,
            "class_name": name,
            "cells": int(maps[class_id].sum()),
            "positives": positives,
            "negatives": int(counts.sum()) - positives,
        }
        right = true_positives[:, class_id]
        hits = {"tpr": (right, positives), "fpr": (answers[:, class_id] - right, row["negatives"])}
        for rate, (numbers, images) in hits.items():
            row |= _rate_columns(rate, numbers, images, own.get(class_id), drawn.get(class_id))
        rows.append(row)
    columns = ["class_id", "class_name", "cells", "positives", "negatives"]
    for rate in ("tpr", "fpr"):
        columns += [rate, f"{rate}_low", f"{rate}_high"]
    for rate in ("tpr", "fpr"):
        columns += [f"random_{rate}", f"random_{rate}_high"]
    return pd.DataFrame(rows, columns=[*columns, "tpr_above_chance", "fpr_above_chance"])


def _rate_columns(rate, numbers, images, own, drawn):
    """Columns of one rate of one class: it, its interval, chance, and whether it is above."""
    if own is None or images == 0:
        value = low = high = mean = quantile = math.nan
    else:
        value = numbers[own] / images
        low, high = map(float, wilson_interval(numbers[own], images))
        chance = numbers[drawn] / images
        mean, quantile = chance.mean(), high_quantile(chance)
    return {
        rate: value,
        f"{rate}_low": low,
        f"{rate}_high": high,
        f"random_{rate}": mean,
        f"random_{rate}_high": quantile,
        f"{rate}_above_chance": bool(low > quantile),
    }
