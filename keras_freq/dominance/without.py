"""What each class loses without the frequencies of its map, beside other ones."""

import math

import numpy as np

from keras_freq.data.batches import class_names_of
from keras_freq.dominance.answers import filtered_answers
from keras_freq.dominance.chance import check_num_random, low_quantile, random_maps
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
    map of k, and instead as many random frequencies that are not in it. A class needs its map
    when its recall then falls, and below that without nearly all of the random ones.

    The question has an answer also where `rates_under_maps` has none: of an image with 5 % of its
    frequencies hardly anything is left, and many models answer one and the same class to that,
    whatever the map. Without 5 % of them an image is still an image.

    Args:
        model: `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        dataset: `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays.
            It is read twice.
        maps: `(K, H, W)` bool, the map of each class, centred and symmetric.
        num_random: number of random maps a class, at least 40. They have as many cells as the
            class's map and none of its frequencies, but DC if it has it.
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
        `random_recall_low`). Recalls are NaN where a class has no images, and those without
        random maps also where a map has half of the frequencies or more.

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

    removed, masks_of_class = _removed(maps, num_random, seed)
    right = np.zeros((num_classes, len(removed)), np.int64)
    for true, mask, answered in filtered_answers(
        model,
        dataset,
        ~removed,
        masks_of_class,
        survey=survey,
        neutral=neutral,
        batch_size=batch_size,
        progress=progress,
        task="recall without maps",
    ):
        np.add.at(right, (true, mask), answered == true)
    return _frame(maps, names, survey.counts, right, masks_of_class)


def _removed(maps, num_random, seed):
    """All masks to remove, and which of them each class loses: none, its map, random maps."""
    nothing = np.zeros_like(maps[:1])
    masks, masks_of_class = [nothing, maps], []
    first = 1 + len(maps)
    for class_id, mask in enumerate(maps):
        # Other frequencies are as many as those of a map of less than half.
        count = num_random if 2 * mask.sum() < mask.size else 0
        if count:
            masks.append(random_maps(mask, count, disjoint=True, seed=(seed, class_id)))
        masks_of_class.append(np.array([0, 1 + class_id, *range(first, first + count)]))
        first += count
    return np.concatenate(masks), masks_of_class


def _frame(maps, names, counts, right, masks_of_class):
    """The table, from the counts of right answers `(K, M)`."""
    import pandas as pd

    rows = []
    for class_id, name in enumerate(names):
        images = int(counts[class_id])
        recall = without = low = high = mean = quantile = math.nan
        if images:
            numbers = right[class_id, masks_of_class[class_id]]
            recall, without, *chance = numbers / images
            low, high = map(float, wilson_interval(numbers[1], images))
            if chance:
                mean, quantile = np.mean(chance), low_quantile(chance)
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
                "is_needed": bool(high < recall and high < quantile),
            }
        )
    return pd.DataFrame(rows)
