"""What each class loses without the frequencies of its map, beside random ones."""

import math

import numpy as np

from keras_freq.data.batches import class_names_of
from keras_freq.dominance.answers import filtered_answers
from keras_freq.dominance.chance import check_num_random, low_quantile, maps_and_random_maps
from keras_freq.dominance.maps import checked_maps
from keras_freq.dominance.survey import check_classifier, checked_neutral, survey_images
from keras_freq.metrics import wilson_interval


def recall_without_maps(
    model,
    dataset,
    maps,
    *,
    num_random=40,
    neutral=None,
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
):
    """Recall of each class on images without the frequencies of its map.

    `rates_under_maps` asks whether the frequencies of a map are enough for a class; this
    asks whether the class can do without them. The images of class k lose what is in the
    map of k, and as many random frequencies instead. A class needs its map when its recall
    then falls, and below that without nearly all random maps.

    The question has an answer also where `rates_under_maps` has none: of an image with 5 % of its
    frequencies hardly anything is left, and many models answer one and the same class to that,
    whatever the map. Without 5 % of them an image is still an image.

    Args:
        model: `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        dataset: `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays.
            It is read twice.
        maps: `(K, H, W)` bool, the map of each class, centred and symmetric.
        num_random: number of random maps a class, at least 40. They have as many cells as the
            class's map, and DC if it has it.
        neutral: what an image without its DC becomes: a number or `(C,)`. Default: the
            channel means of `dataset`. Give the training set's if you have them.
        seed: int, of the random maps.
        class_names: K names. Default: those of `dataset`.
        batch_size: filtered images that the model is given at once. Default: by their size.
        progress: whether to show a progress bar when it takes more than some seconds.

    Returns:
        A pandas DataFrame, one row a class: `class_id`, `class_name`, `cells` (in the
        map), `images` (of the class), `recall` (with all frequencies), `recall_without`,
        `recall_without_low`, `recall_without_high` (95 % Wilson interval),
        `random_recall`, `random_recall_low` (mean and 2.5 % quantile without random maps) and
        `is_needed` (bool: `recall_without_high` is below `recall` and below
        `random_recall_low`). Recalls are NaN where a class has no images, and those without a
        map where the map has all frequencies.

    Raises:
        TypeError: when `model` is not a `keras.Model`.
        ValueError: when an argument is out of range, or maps, images and model do not fit.

    Example:
        >>> import keras, numpy as np, keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> maps = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])
        >>> lost = recall_without_maps(keras.Sequential(layers), data, maps)
        >>> lost[["class_name", "cells", "images"]].values.tolist()
        [['0', 9, 3], ['1', 55, 3]]

    Source:
        Ours, as the counterpart of TPR on DFM-filtered images (Wang et al., "What do neural
        networks learn in image classification? A frequency shortcut perspective", ICCV 2023).
    """
    maps = checked_maps(maps)
    num_classes = len(maps)
    check_num_random(num_random)
    names = class_names_of(dataset, class_names, num_classes)
    check_classifier(model, dataset, maps)
    survey = survey_images(dataset, num_classes)
    neutral = checked_neutral(neutral, survey.channel_means)

    kept, own, drawn = maps_and_random_maps(~maps, num_random, seed=seed)
    # The last mask takes nothing away.
    kept = np.concatenate([kept, np.ones((1, *maps.shape[1:]), bool)])
    whole = len(kept) - 1
    masks_of_class = [
        np.array([whole, *([own[k], *drawn[k]] if k in own else [])]) for k in range(num_classes)
    ]
    right = np.zeros((num_classes, len(kept)), np.int64)
    for true, mask, answered in filtered_answers(
        model,
        dataset,
        kept,
        masks_of_class,
        survey=survey,
        neutral=neutral,
        batch_size=batch_size,
        progress=progress,
        task="recall without maps",
    ):
        np.add.at(right, (true, mask), answered == true)
    return _frame(maps, names, survey.counts, right, whole, own, drawn)


def _frame(maps, names, counts, right, whole, own, drawn):
    """The table, from the counts of right answers `(K, M)`."""
    import pandas as pd

    rows = []
    for class_id, name in enumerate(names):
        images = int(counts[class_id])
        recall = without = low = high = mean = quantile = math.nan
        if images:
            recall = right[class_id, whole] / images
        if images and class_id in own:
            numbers = right[class_id, own[class_id]]
            without = numbers / images
            low, high = map(float, wilson_interval(numbers, images))
            chance = right[class_id, drawn[class_id]] / images
            mean, quantile = chance.mean(), low_quantile(chance)
        rows.append(
            {
                "class_id": class_id,
                "class_name": name,
                "cells": int(maps[class_id].sum()),
                "images": images,
                "recall": recall,
                "recall_without": without,
                "recall_without_low": low,
                "recall_without_high": high,
                "random_recall": mean,
                "random_recall_low": quantile,
                "is_needed": bool(high < min(recall, quantile)),
            }
        )
    return pd.DataFrame(rows)
