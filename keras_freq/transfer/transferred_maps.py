"""Which frequencies transferred networks rely on: those of their task's base, or of the other's."""

import dataclasses
import hashlib
import sys

import numpy as np
from tqdm import tqdm

from keras_freq import checks
from keras_freq.data.batches import checked_dataset, collected
from keras_freq.importance import (
    FrequencyImportance,
    dominant_frequency_maps,
    frequency_importance,
)
from keras_freq.progress import progress_bar
from keras_freq.shortcuts import random_maps
from keras_freq.transfer.result_folder import DIRECTIONS, TREATMENTS, NetworkKey


def transfer_map_overlap(
    result,
    target_images,
    source_images=None,
    *,
    direction="A->B",
    fraction=0.05,
    treatments=("AnB", "AnB+", "random"),
    layers=None,
    method="screened",
    num_random=200,
    seed=0,
    progress=True,
):
    """Compares the dominant frequencies of transferred networks with those of the base networks.

    For the direction "A->B", all networks classify task B. Two questions are asked of each network:

    - Reference "target": does it rely on the frequencies that a network trained on B alone relies
      on? Its maps are compared with those of base B of its seed, class by class, on the same
      images. Base B itself, at n = 0, is compared with the bases of the other seeds (NaN if there
      is one seed only). This is what two networks that were trained alike have in common, and no
      treatment can be expected to have more.
    - Reference "source": do the frequencies of task A come along with the layers? Base A knows
      none of B's classes, so that nothing can be compared class by class. Instead, the maps of the
      mean importance over all classes are compared: that of base A on images of A, and that of the
      network on images of B. The overlap of base B itself, at n = 0, is what two tasks share
      anyway. What AnB has above it came with the layers.

    Overlap is the share of the reference's cells that the network's map holds. Chance is the mean
    overlap of random maps with the same number of cells as the network's map. They hold DC if and
    only if it does. Networks trained on photographs all rely on low frequencies, so that it is easy
    to be above chance. The controls that count are "random" at the same n, and the base at n = 0.

    Args:
        result: A `TransferResult` whose networks were kept.
        target_images: Test images and labels of the target task (B): a pair of arrays or a
            `tf.data.Dataset`. A few dozen images a class give maps that are stable enough to
            compare means over networks.
        source_images: Likewise of the source task (A). Defaults to None, which leaves the reference
            "source" out.
        direction: "A->B" or "B->A". Defaults to "A->B".
        fraction: Share of the spectrum's cells in a map, in (0, 1]. A list of several needs only
            one search for importance. Defaults to 0.05.
        treatments: Which networks to compare, beside the base.
        layers: Which n. Defaults to all there are.
        method: As in `frequency_importance`.
        num_random: Number of random maps for each map. Defaults to 200.
        seed: Of the importance search and of the random maps. Defaults to 0.
        progress: Whether to say how much there is to do, and show a progress bar. Defaults to True.

    Returns:
        A DataFrame: `treatment`, `n`, `seed`, `direction`, `reference` ("target" or "source"),
        `class_name` (a class of the target task, or "all" for maps of the mean importance),
        `overlap`, `chance` and `chance_high` (mean and 97.5 % quantile over random maps); with a
        list of fractions also `fraction`. Every importance is kept in the folder of the result, so
        that the same call again is quick.

    Raises:
        TypeError, ValueError: If an argument is not as above, or a network was not kept.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> rng = np.random.default_rng(0)
        >>> images = rng.random((16, 8, 8, 1), np.float32)
        >>> tasks = kf.data.split_classes((images, np.arange(16) % 4), 4, seed=0)
        >>> def build_model(num_classes):
        ...     inputs = keras.Input((8, 8, 1))
        ...     x = keras.layers.Flatten()(keras.layers.Conv2D(2, 3)(inputs))
        ...     return keras.Model(inputs, keras.layers.Dense(num_classes)(x))
        >>> result = kf.layerwise_transfer(
        ...     build_model, *[(half, half) for half in tasks], treatments=["AnB"], steps=1,
        ...     directions=["A->B"], progress=False,
        ... )
        >>> table = kf.transfer_map_overlap(result, tasks[1], fraction=0.1, progress=False)
        >>> table[["treatment", "n", "reference", "class_name"]].tail(3)
          treatment  n reference class_name
        3       AnB  1    target          1
        4       AnB  1    target          3
        5       AnB  1    target        all
    """
    import pandas as pd

    checks.choice("direction", direction, DIRECTIONS)
    num_random = checks.integer("num_random", num_random)
    treatments = checks.some_of("treatments", treatments, TREATMENTS)
    keys = _keys(result, direction, treatments, layers)
    # "A->B": the target is B.
    source, target = result.class_names["A"], result.class_names["B"]
    names = {"source": source, "target": target}
    if direction == "B->A":
        names = {"source": target, "target": source}
    data = {
        task: collected(checked_dataset(images, f"{task}_images"), len(names[task]))
        for task, images in (("target", target_images), ("source", source_images))
        if images is not None or task == "target"
    }
    fractions = tuple(np.atleast_1d(fraction).tolist())
    options = {"method": method, "fractions": fractions, "seed": seed}
    searches = [(key, "target") for key in keys]
    if "source" in data:
        searches += [(key.reversed(), "source") for key in _bases(keys)]
    if progress:
        tqdm.write(
            f"Overlap of maps: importance of {len(searches)} networks on {len(data['target'][0])} "
            "images",
            file=sys.stderr,
        )
    found = {
        (key, task): _importance(result, key, data[task], names[task], options)
        for key, task in progress_bar(
            searches, task="importance", shown=progress, unit="network", delay=0
        )
    }
    tables = []
    for one in fractions:
        maps = {search: _maps(importance, one) for search, importance in found.items()}
        rows = _compared(keys, maps, names["target"], num_random, seed)
        columns = ["treatment", "n", "seed", "direction", "reference", "class_name"]
        tables.append(pd.DataFrame(rows, columns=[*columns, "overlap", "chance", "chance_high"]))
        if np.ndim(fraction):
            tables[-1].insert(0, "fraction", one)
    return pd.concat(tables, ignore_index=True)


def _compared(keys, maps, target_names, num_random, seed):
    """The rows of the table: the maps of each network against those of the base networks."""
    rows = []
    for key in keys:
        drawn = (num_random, [seed, *key.random_seeds()])
        network = dataclasses.astuple(key)
        own = maps[key, "target"]
        # A base is compared with the bases of the other seeds, and other networks with their own.
        references = [
            maps[base, "target"]
            for base in _bases(keys)
            if (base.seed == key.seed) == (key.treatment != "base")
        ]
        for k, (name, own_map) in enumerate(zip([*target_names, "all"], own, strict=True)):
            overlap = _overlap(own_map, [reference[k] for reference in references], *drawn)
            rows.append((*network, "target", name, *overlap))
        source = maps.get((NetworkKey("base", 0, key.seed, key.direction).reversed(), "source"))
        if source is not None:
            rows.append((*network, "source", "all", *_overlap(own[-1], [source[-1]], *drawn)))
    return rows


def _keys(result, direction, treatments, layers):
    """The networks to look at, bases first within a seed."""
    frame = result.frame[result.frame["direction"] == direction]
    wanted = frame["treatment"].isin(["base", *treatments])
    if layers is not None:
        wanted &= frame["n"].isin([0, *checks.distinct("layers", layers)])
    rows = frame.loc[wanted, ["treatment", "n", "seed", "direction"]]
    keys = [
        NetworkKey(str(treatment), int(n), int(seed), str(direction))
        for treatment, n, seed, direction in rows.itertuples(index=False)
    ]
    if len(keys) == len(_bases(keys)):
        raise ValueError(
            "`treatments` and `layers` must be among those of the result. Received: none that "
            f"are, for {direction!r}"
        )
    return keys


def _bases(keys):
    """The base networks among some networks."""
    return [key for key in keys if key.treatment == "base"]


def _importance(result, key, data, class_names, options):
    """The importance of a network, read from the folder if it is there."""
    digest = hashlib.sha256(repr(sorted(options.items())).encode())
    for array in data:
        digest.update(np.ascontiguousarray(array))
    path = result.folder / "importance" / f"{key.file_name}-{digest.hexdigest()[:12]}.npz"
    if path.exists():
        return FrequencyImportance.load(path)
    importance = frequency_importance(
        result.model(*dataclasses.astuple(key)),
        data,
        len(class_names),
        class_names=class_names,
        progress=False,
        **options,
    )
    importance.save(path)
    return importance


def _maps(importance, fraction):
    """Maps of all classes, and last the map of the mean importance over classes."""
    change = importance.loss_change
    there = ~np.isnan(change).any(axis=(1, 2))
    pooled = change[there].mean(axis=0, keepdims=True)
    return dominant_frequency_maps(np.concatenate([change, pooled]), fraction)


def _overlap(found, references, num_random, seed):
    """Mean overlap of a map with references, and mean and high quantile of that of random maps."""
    if not found.any() or not references or not all(map(np.any, references)):
        return np.nan, np.nan, np.nan
    maps = np.concatenate([found[None], random_maps(found, num_random, seed=seed)])
    shares = [(maps & one).sum(axis=(1, 2)) / one.sum() for one in references]
    overlap, *random = np.mean(shares, axis=0)
    return overlap, np.mean(random), np.quantile(random, 0.975)
