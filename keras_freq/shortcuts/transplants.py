"""Whether the frequencies of a class's map carry the class: they are exchanged between images."""

import math

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.interventions import SwappedFrequencies, ask
from keras_freq.interventions.swapped_frequencies import WHAT
from keras_freq.metrics import wilson_interval
from keras_freq.shortcuts.donor_energy import donor_energy
from keras_freq.shortcuts.donors import dealt_donors
from keras_freq.shortcuts.evidence import larger_p_value, permutation_p_value, with_holm
from keras_freq.shortcuts.images_and_maps import hold_images_and_maps, untouched_answers
from keras_freq.shortcuts.random_baseline import (
    LEAST_RANDOM,
    high_quantile,
    low_quantile,
    maps_with_random_maps,
    random_overlap,
)

_COLUMNS = [
    *("class_id", "class_name", "cells"),
    *("untouched_in", "swapped_in", "swapped_in_low", "swapped_in_high"),
    *("random_in", "random_in_high", "in_p_value"),
    *("untouched_out", "swapped_out", "swapped_out_low", "swapped_out_high"),
    *("random_out", "random_out_low", "out_p_value"),
    *("other_in", "in_donor_p_value", "in_p_holm"),
    *("same_out", "out_donor_p_value", "out_p_holm"),
    *("positives", "negatives", "random_images_in", "random_images_out", "donor_energy"),
    *("num_random", "random", "random_overlap", "what", "has_dc"),
]


def transplant_rates(
    model,
    dataset,
    maps,
    *,
    what="content",
    num_random=200,
    random="cells",
    random_images=100,
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Exchanges the frequencies of each class's map between images, and asks what the model says.

    *In*: an image of another class gets the frequencies of the map from a random image of class k.
    Everything else in it stays. How often is it then called k? *Out*: an image of class k gets
    these frequencies from a random image of another class. How often is it still called k? If the
    frequencies of a map are a shortcut to k, other images become k with them, whatever else they
    show. The image stays a whole image, so that the answer does not depend on what a model says to
    images of which nearly nothing is left, as that of `rates_under_maps` does.

    Three things are measured beside them on the same images: what the model says without any
    exchange, what it says when random frequencies are exchanged between the same two images, and
    what it says when the frequencies of the map come from an image of another class (*in*) or of
    the same class (*out*). The last of them shows what any exchange does, whoever the donor is.

    DC is a frequency like the others: if a map holds it, the mean of the donor comes too, and all
    random maps then hold it as well. A map of DC alone has no random maps: donors of other classes
    are its only comparison. Exchanged images may leave [0, 1], and are never clipped.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            once and held in memory, since donors are images of it. Choose maps on other images.
        maps: `(K, H, W)` bool, the map of each class, centred and symmetric.
        what: What is exchanged. `"content"`: amplitudes and phases. `"amplitude"`: the image keeps
            its phases, so that strength comes without shape. `"phase"`: the image keeps its
            amplitudes, so that shape comes without strength.
        num_random: Number of random maps a class, at least 40. The least p-value is
            `1 / (num_random + 1)`. Tests of m classes and sizes of maps find nothing at the 5 %
            level with fewer than `20 m - 1` random maps.
        random: What random maps have in common with the class's map. `"cells"`: the number of
            cells. `"energy"`: the energy without DC, averaged over the images of `dataset`. But for
            DC, they have none of its frequencies, unless it has half of the cells, or of the
            energy, or more.
        random_images: On how many images random maps are scored, in either direction. The map
            itself is compared with them on these images. None: all images. Defaults to 100.
        seed: Int, the seed of donors and random maps.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        checkpoint: File of finished work. The same call, after it was killed, goes on from there
            and gives the same numbers. Defaults to None: none is kept.
        executor: A `concurrent.futures.Executor` that does the work, as in
            `frequency_importance`. Defaults to None: this process.

    Returns:
        A pandas DataFrame, one row a class. Values are NaN where the class has an empty map, or
        where there are no images or no donors; those of random maps also where the map is DC alone.

        - `class_id`, `class_name`, `cells` (in the map).
        - `untouched_in`, `swapped_in`, `swapped_in_low`, `swapped_in_high`: the share of other
          images that are called k before and after, and the 95 % Wilson interval of the latter.
        - `random_in`, `random_in_high`: mean and 97.5 % quantile over random maps of that share.
        - `in_p_value`: the chance that a random map does as much, on the images on which random
          maps are scored.
        - `untouched_out`, `swapped_out`, `swapped_out_low`, `swapped_out_high`: the recall of class
          k before and after, and the interval of the latter.
        - `random_out`, `random_out_low`, `out_p_value`: of random maps, with the 2.5 % quantile.
        - `other_in`: the share called k with the same frequencies of images of other classes.
        - `same_out`: the recall with the same frequencies of other images of the class.
        - `in_donor_p_value`, `out_donor_p_value`: the chance of such a difference between donors of
          k and other donors if it did not matter of which class donors are (Mann-Whitney, each
          donor's share counting once).
        - `in_p_holm`, `out_p_holm`: the larger of the two p-values, or that of donors where there
          are no random maps, corrected for K classes (Holm).
        - `positives` (images of class k), `negatives` (others), `random_images_in`,
          `random_images_out`, `num_random`, `random`, `what`, and `has_dc` (of the map).
        - `random_overlap`: the share of the map's frequencies, but for DC, that a random map holds
          as well. Above 0, random maps may do as much as the map: the verdict is then *cannot
          tell*.
        - `donor_energy`: the share of an exchanged image (*in*) that is its donor's, in energy
          without DC. Above 0.5 it is more its donor than itself, so that to become the class is
          no wonder. Better evidence is what the `keras_freq.fine_parts` of the maps do.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, or if maps, images and model do not fit.

    Example:
        >>> import keras, numpy as np, keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> maps = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])
        >>> rates = kf.transplant_rates(keras.Sequential(layers), data, maps, num_random=40)
        >>> rates[["class_name", "cells", "has_dc"]].values.tolist()
        [['0', 9, True], ['1', 55, False]]

    See Also:
        `transplant_matrix`, which tells images of which class become which; `shortcut_table`, which
        puts the rates into words; `rates_under_maps` and `recall_without_maps`.

    Source:
        Ours. Amplitudes and phases of two images were exchanged over the whole spectrum by
        Oppenheim and Lim, "The importance of phase in signals", Proceedings of the IEEE 69 (1981).
    """
    checks.choice("what", what, WHAT)
    checks.choice("random", random, ("cells", "energy"))
    num_random = checks.integer("num_random", num_random, least=LEAST_RANDOM)
    if random_images is not None:
        random_images = checks.integer("random_images", random_images)
    seed = checks.integer("seed", seed, least=0)
    batch_size, checkpoint = checks.batch_size(batch_size), checks.checkpoint(checkpoint)
    held = hold_images_and_maps(model, dataset, maps, class_names, with_power=random == "energy")
    donors = dealt_donors(held.labels, len(held.maps), seed)
    sampled = _sampled(held, random_images, seed)
    items_of = _items_of(held, donors, sampled, num_random)
    classifier = held.classifier(model, batch_size)
    masks = maps_with_random_maps(
        held.maps, held.testable(), num_random, power=held.power, seed=seed
    )
    called = np.zeros(donors.shape, bool)
    random_called = np.zeros((len(held.maps), num_random, 2), np.int64)
    for labels, (image, which, _, number, side), answers in ask(
        "answers",
        classifier,
        held.batches(),
        len(held.maps),
        SwappedFrequencies(masks.reshape(-1, *masks.shape[2:]), held.images, what),
        items_of,
        task="transplants",
        total=_passes(held, sampled, num_random),
        progress=progress,
        checkpoint=checkpoint,
        executor=executor,
    ):
        k, rank = np.divmod(which, 1 + num_random)
        own, is_k = rank == 0, answers == k
        called[k[own], number[own], side[own]] = is_k[own]
        to_out = (labels[image] == k).astype(int)
        np.add.at(random_called, (k[~own], rank[~own] - 1, to_out[~own]), is_k[~own])
    before = untouched_answers(classifier, held, progress=progress, executor=executor)
    table = pd.DataFrame(
        [
            {
                "class_id": k,
                "class_name": held.class_names[k],
                "cells": int(held.maps[k].sum()),
                **_columns("in", *facts, of_random[:, 0]),
                **_columns("out", *facts, of_random[:, 1]),
            }
            for k, of_random in enumerate(random_called)
            for facts in [(k, held, before, called[k], donors[k], sampled[k])]
        ]
    )
    energy = donor_energy(held.images, held.labels, held.maps)
    facts = {"num_random": num_random, "random": random, "what": what, "has_dc": held.has_dc()}
    facts["random_overlap"] = random_overlap(masks)
    facts["donor_energy"] = np.where(held.testable(), energy, math.nan)
    return with_holm(table).assign(**facts)[_COLUMNS]


def _sampled(held, random_images, seed):
    """Which images are scored under random maps, `(K, N)` bool: so many of k, and of others."""
    sampled = np.zeros((len(held.maps), len(held.labels)), bool)
    # Random maps hold DC as the map does: beside DC alone they would be the map itself.
    only_dc = held.has_dc() & (held.maps.sum(axis=(1, 2)) == 1)
    for k in np.flatnonzero(held.testable() & ~only_dc):
        rng = np.random.default_rng([seed, k, 1])
        for group in (held.labels == k, held.labels != k):
            sampled[k, rng.permutation(np.flatnonzero(group))[:random_images]] = True
    return sampled


def _items_of(held, donors, sampled, num_random):
    """Every image with both donors under each class's map; sampled ones under random maps too."""
    testable = held.testable()

    def items_of(labels, first):
        numbers = np.arange(first, first + len(labels))
        given = donors[:, numbers] >= 0
        given &= testable[:, None, None]
        # For random maps the donor is of the class if the image is not, and the other way round.
        crossed = (labels[None] != np.arange(len(donors))[:, None]).astype(int)
        drawn = sampled[:, numbers] & np.take_along_axis(given, crossed[..., None], 2)[..., 0]
        k, image, side = np.nonzero(given)
        k_drawn, image_drawn = np.nonzero(drawn)
        side_drawn = crossed[k_drawn, image_drawn]
        donor_drawn = donors[k_drawn, numbers[image_drawn], side_drawn]
        which = k_drawn[:, None] * (1 + num_random) + np.arange(1, 1 + num_random)
        own = [image, k * (1 + num_random), donors[k, numbers[image], side], side]
        under_random = [
            np.repeat(image_drawn, num_random),
            which.reshape(-1),
            *(np.repeat(column, num_random) for column in (donor_drawn, side_drawn)),
        ]
        image, which, donor, side = np.concatenate([own, under_random], axis=1)
        return np.stack([image, which, donor, numbers[image], side], axis=1)

    return items_of


def _passes(held, sampled, num_random):
    """Forward passes of the exchange, in all."""
    return int(2 * held.testable().sum() * len(held.labels) + num_random * sampled.sum())


def _columns(way, k, held, before, called, donors, sampled, random_called):
    """The columns of one class in one direction.

    Args:
        way: "in" or "out".
        k: The class.
        held: The `ImagesAndMaps`.
        before: `(N,)` answers without any exchange.
        called: `(N, 2)` bool, whether the image is called k with its other donor, and with k's.
        donors: `(N, 2)`.
        sampled: `(N,)` bool, images that random maps are scored on.
        random_called: `(R,)`, how many of these are called k with each random map.
    """
    inwards = way == "in"
    images = (held.labels == k) ^ inwards
    side, tail = (1, "high") if inwards else (0, "low")
    other = "other_in" if inwards else "same_out"
    names = [f"untouched_{way}", f"swapped_{way}", f"swapped_{way}_low", f"swapped_{way}_high"]
    names += [f"random_{way}", f"random_{way}_{tail}", f"{way}_p_value", other]
    row = dict.fromkeys([*names, f"{way}_donor_p_value"], math.nan)
    row["positives" if not inwards else "negatives"] = int(images.sum())
    row[f"random_images_{way}"] = 0
    if images.any():
        row[f"untouched_{way}"] = (before[images] == k).mean()
    images &= donors[:, side] >= 0
    if not held.testable()[k] or not images.any():
        return row
    swapped, on_sample = called[:, side], sampled & images
    low, high = map(float, wilson_interval(swapped[images].sum(), images.sum()))
    row |= dict(zip(names[1:4], (swapped[images].mean(), low, high), strict=True))
    row[f"random_images_{way}"] = int(on_sample.sum())
    sign = 1 if inwards else -1
    if on_sample.any():
        of_random = random_called / on_sample.sum()
        row[f"random_{way}"] = of_random.mean()
        row[names[5]] = (high_quantile if inwards else low_quantile)(of_random)
        # Counts, so that no rounding hides a tie.
        found = swapped[on_sample].sum()
        row[f"{way}_p_value"] = permutation_p_value(sign * found, sign * random_called)
    compared = images & (donors[:, 1 - side] >= 0)
    if compared.any():
        row[other] = called[compared, 1 - side].mean()
        shares = [
            _share_of_each(called[compared, one], donors[compared, one]) for one in (side, 1 - side)
        ]
        row[f"{way}_donor_p_value"] = larger_p_value(*(sign * share for share in shares))
    return row


def _share_of_each(called, donors):
    """Of each donor, the share of its images that are called k."""
    _, place = np.unique(donors, return_inverse=True)
    return np.bincount(place, weights=called) / np.bincount(place)
