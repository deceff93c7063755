"""Whether a class needs the frequencies of its map: its recall without them."""

import math

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.data.batches import repeated
from keras_freq.interventions import KeptFrequencies, ask, items_by_class
from keras_freq.metrics import wilson_interval
from keras_freq.metrics.rates import ratio
from keras_freq.shortcuts.checked_inputs import checked_inputs
from keras_freq.shortcuts.class_scores import class_aucs
from keras_freq.shortcuts.evidence import loss_p_value
from keras_freq.shortcuts.random_baseline import (
    LEAST_RANDOM,
    leaves_as_much,
    low_quantile,
    random_maps,
)


def recall_without_maps(
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
    """Measures the recall of each class on images without the frequencies of its map.

    `rates_under_maps` asks whether the frequencies of a map are enough for a class. This asks
    whether the class can do without them. The images of class k are shown once without the
    frequencies of its map and, for comparison, without as many random others. A class needs its map
    when its recall without the map is clearly below two things: its recall with all frequencies,
    and nearly all recalls without random others. Where this cannot be shown, the class may still
    lose much, but it loses no less without other frequencies.

    This question has an answer also where `rates_under_maps` has none. Hardly anything is left of
    an image with 5 % of its frequencies, and many models give one and the same answer to that,
    whatever the map. An image without 5 % of its frequencies is still an image.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            three times, and must give the same images each time.
        maps: `(K, H, W)` bool, the map of each class, centred and symmetric.
        num_random: Number of random maps a class, at least 40. They have none of the frequencies
            of the class's map, but DC if it has it.
        random: What random maps have in common with the class's map. `"cells"`: the number of
            cells (or one more, see `random_maps`). `"energy"`: the energy without DC, averaged over
            the images of `dataset`.
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
        A pandas DataFrame, one row a class. Recalls are NaN where a class has no images. Those of
        random others are NaN also where a map is empty, or has half of the frequencies (or of the
        energy) or more.

        - `class_id`, `class_name`, `cells` (in the map), `images` (of the class).
        - `recall`: with all frequencies.
        - `recall_without`, `recall_without_low`, `recall_without_high`: without the map, and its
          95 % Wilson interval.
        - `random_recall`, `random_recall_low`: mean and 2.5 % quantile of the recalls without
          random others.
        - `is_needed`: bool, `recall_without_high` is below `recall` and `random_recall_low`.
        - `p_value`: the chance that as many more images lose the class than win it if the map made
          no difference (the exact paired test of McNemar, one-sided).
        - `untouched_fpr`: the share of other images that are called k with all frequencies.
        - `auc`, `auc_without`: how well the score of the class tells its images from about as many
          others, with all frequencies and without the map (area under the ROC curve; 0.5 is
          chance). What the model says by default has no part in it, as it has in the recall.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, or if maps, images and model do not fit.

    Example:
        >>> import keras, numpy as np, keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> maps = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])
        >>> lost = recall_without_maps(keras.Sequential(layers), data, maps)
        >>> lost[["class_name", "cells", "images"]].values.tolist()
        [['0', 9, 3], ['1', 55, 3]]

    See Also:
        `rates_under_maps`, which asks whether the map alone suffices.

    Source:
        Ours, as the counterpart of TPR on DFM-filtered images (Wang et al., "What do neural
        networks learn in image classification? A frequency shortcut perspective", ICCV 2023).
    """
    checks.choice("random", random, ("cells", "energy"))
    num_random = checks.integer("num_random", num_random, least=LEAST_RANDOM)
    seed = checks.integer("seed", seed, least=0)
    batch_size, checkpoint = checks.batch_size(batch_size), checks.checkpoint(checkpoint)
    dataset = repeated(dataset)
    inputs = checked_inputs(
        model, dataset, maps, class_names, neutral, with_power=random == "energy"
    )
    kept, masks_of_class = _kept(inputs, num_random, seed)
    options = {"batch_size": batch_size, "progress": progress, "executor": executor}
    shape, total = (len(kept), len(inputs.maps)), int(inputs.counts.sum())
    right, paired, called = np.zeros(shape, int), np.zeros((len(inputs.maps), 2), int), 0
    for labels, (image, mask), answers in ask(
        "answers",
        model,
        dataset,
        len(inputs.maps),
        KeptFrequencies(kept, inputs.neutral),
        items_by_class(masks_of_class),
        task="recall without maps",
        total=int(inputs.counts @ [len(masks) for masks in masks_of_class]),
        checkpoint=checkpoint,
        **options,
    ):
        true = labels[image]
        np.add.at(right, (mask, true), answers == true)
        called = called + np.bincount(answers[mask == 0], minlength=len(inputs.maps))
        # Each image is asked with all frequencies and without the map, in this order.
        before, after = (np.zeros(len(labels), bool) for _ in range(2))
        before[image[mask == 0]] = (answers == true)[mask == 0]
        own = (mask > 0) & (mask <= len(inputs.maps))
        after[image[own]] = (answers == true)[own]
        np.add.at(paired, (labels, 0), before & ~after)
        np.add.at(paired, (labels, 1), ~before & after)
    aucs = class_aucs(
        model, dataset, inputs.counts, ~inputs.maps, inputs.neutral, seed=seed, **options
    )
    false = ratio(called - right[0], total - inputs.counts)
    rows = [
        _row(k, inputs, right[masks, k])
        | {
            "p_value": loss_p_value(*paired[k]) if inputs.counts[k] else math.nan,
            "untouched_fpr": false[k],
            "auc": aucs[k, 0],
            "auc_without": aucs[k, 1],
        }
        for k, masks in enumerate(masks_of_class)
    ]
    return pd.DataFrame(rows)


def _kept(inputs, num_random, seed):
    """What is left of the frequencies, and which of these masks each class is seen through.

    The masks, `(M, H, W)` bool, keep everything, all but a class's map, and all but each of its
    random maps. K arrays of indices say which of them a class is seen through. The masks are
    filled in place, since they are large for many classes.
    """
    maps, power = inputs.maps, inputs.power
    comparable = (inputs.counts > 0) & maps.any(axis=(1, 2)) & leaves_as_much(maps, power)
    kept = np.ones((1 + len(maps) + num_random * comparable.sum(), *maps.shape[1:]), bool)
    kept[1 : 1 + len(maps)] = ~maps
    masks_of_class, first = [], 1 + len(maps)
    for class_id, mask in enumerate(maps):
        last = first + num_random * comparable[class_id]
        if comparable[class_id]:
            options = {"power": power, "disjoint": True, "seed": (seed, class_id)}
            kept[first:last] = ~random_maps(mask, num_random, **options)
        masks_of_class.append(np.array([0, 1 + class_id, *range(first, last)]))
        first = last
    return kept, masks_of_class


def _row(class_id, inputs, right):
    """The row of one class, from its right answers with all frequencies, without its map, ..."""
    images = int(inputs.counts[class_id])
    recall = without = low = high = random_mean = random_low = math.nan
    if images:
        recall, without, *of_random = right / images
        low, high = map(float, wilson_interval(right[1], images))
        if of_random:
            random_mean, random_low = np.mean(of_random), low_quantile(of_random)
    return {
        "class_id": class_id,
        "class_name": inputs.class_names[class_id],
        "cells": int(inputs.maps[class_id].sum()),
        "images": images,
        "recall": recall,
        "recall_without": without,
        "recall_without_low": low,
        "recall_without_high": high,
        "random_recall": random_mean,
        "random_recall_low": random_low,
        "is_needed": bool(high < recall and high < random_low),
    }
