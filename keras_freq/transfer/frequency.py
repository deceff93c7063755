"""Which frequencies transferred networks rely on: those of their task's base, or of the other's."""

import hashlib
import sys

import numpy as np
from tqdm import tqdm

from keras_freq import checks
from keras_freq.data.batches import collected
from keras_freq.importance import dominant_frequency_maps, frequency_importance
from keras_freq.importance.result import FrequencyImportance
from keras_freq.shortcuts import random_maps
from keras_freq.transfer.arguments import chosen, distinct
from keras_freq.transfer.runs import DIRECTIONS, TREATMENTS, Run
from keras_freq.transfer.tasks import checked_part

POOLED = "all"


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

    For the direction "A->B", all networks classify task B. Two questions are asked of each:

    - Reference "target": does it rely on the frequencies that a network trained on B alone relies
      on? Its maps are compared with those of base B of its seed, class by class, on the same
      images. Base B itself is compared with the bases of the other seeds (NaN if there is one seed
      only): this, at n = 0, is what two networks have in common that were trained alike, and no
      treatment can be expected to have more.
    - Reference "source": do the frequencies of task A come along with the layers? Base A knows
      none of B's classes, so that there is nothing to compare class by class. Compared are
      the maps of the mean importance over all classes: of base A on images of A, and of the
      network on images of B. The overlap of base B itself, at n = 0, is what two tasks share
      anyway; what AnB has above it came with the layers.

    Overlap is the share of the reference's cells that the network's map holds. Chance is the mean
    overlap of random maps of the same number of cells as the network's map (holding DC if and
    only if it does). Networks trained on photographs all rely on low frequencies: to be above
    chance is easy; "random" at the same n, and the base at n = 0, are the controls that count.

    Args:
        result: A `TransferResult` whose networks were kept.
        target_images: Test images and labels of the target task (B): a pair of arrays or a
            `tf.data.Dataset`. A few dozen images a class give maps that are stable enough to
            compare means over networks.
        source_images: Likewise of the source task (A); None: the reference "source" is left out.
        direction: "A->B" or "B->A".
        fraction: Share of the spectrum's cells in a map, in (0, 1]. Of several, a list, importance
            is searched once.
        treatments: Which networks to compare, beside the base.
        layers: Which n; None: all there are.
        method: As in `frequency_importance`.
        num_random: Number of random maps for each map.
        seed: Of the importance search and of the random maps.
        progress: Whether to say how much there is to do, and show a progress bar.

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

    if direction not in DIRECTIONS:
        raise ValueError(f"`direction` must be 'A->B' or 'B->A'. Received: {direction!r}")
    num_random = checks.integer("num_random", num_random)
    treatments = chosen("treatments", treatments, TREATMENTS)
    layers = None if layers is None else distinct("layers", layers)
    runs = _runs(result, direction, treatments, layers)
    # "A->B": the target is B.
    tasks = ("AB", "BA")[DIRECTIONS.index(direction)]
    names = {"source": result.class_names[tasks[0]], "target": result.class_names[tasks[1]]}
    data = {"target": collected(checked_part(target_images, "target_images"), len(names["target"]))}
    if source_images is not None:
        data["source"] = collected(
            checked_part(source_images, "source_images"), len(names["source"])
        )
    fractions = tuple(np.atleast_1d(fraction).tolist())
    options = {"method": method, "fractions": fractions, "seed": seed}
    other = DIRECTIONS[DIRECTIONS.index(direction) ^ 1]
    searches = [(run, "target") for run in runs]
    if source_images is not None:
        searches += [(Run("base", 0, run.seed, other), "source") for run in _bases(runs)]
    found = {}
    if progress:
        images = len(data["target"][0])
        tqdm.write(
            f"Overlap of maps: importance of {len(searches)} networks on {images} images",
            file=sys.stderr,
        )
    for run, task in tqdm(searches, disable=not progress, unit="network", desc="importance"):
        found[run, task] = _importance(result, run, data[task], names[task], options)
    tables = []
    for one in fractions:
        maps = {search: _maps(importance, one) for search, importance in found.items()}
        rows = _compared(runs, maps, names["target"], other, num_random, seed)
        columns = ["treatment", "n", "seed", "direction", "reference", "class_name"]
        tables.append(pd.DataFrame(rows, columns=[*columns, "overlap", "chance", "chance_high"]))
        if np.ndim(fraction):
            tables[-1].insert(0, "fraction", one)
    return pd.concat(tables, ignore_index=True)


def _compared(runs, maps, target_names, other, num_random, seed):
    """The rows of the table: the maps of each network against those of the base networks."""
    rows = []
    for run in runs:
        rng_seed = [seed, *run.random_seeds()]
        key = (run.treatment, run.n, run.seed, run.direction)
        own = maps[run, "target"]
        bases = [
            base for base in _bases(runs) if (base.seed == run.seed) == (run.treatment != "base")
        ]
        references = [maps[base, "target"] for base in bases]
        for k, (name, own_map) in enumerate(zip([*target_names, POOLED], own, strict=True)):
            against = [reference[k] for reference in references]
            compared = _overlap(own_map, against, num_random, rng_seed)
            rows.append((*key, "target", name, *compared))
        source = (Run("base", 0, run.seed, other), "source")
        if source in maps:
            compared = _overlap(own[-1], [maps[source][-1]], num_random, rng_seed)
            rows.append((*key, "source", POOLED, *compared))
    return rows


def _runs(result, direction, treatments, layers):
    """The runs to look at, bases first within a seed."""
    frame = result.frame[result.frame["direction"] == direction]
    wanted = frame["treatment"].isin(["base", *treatments])
    if layers is not None:
        wanted &= frame["n"].isin([0, *layers])
    columns = ["treatment", "n", "seed", "direction"]
    rows = frame.loc[wanted, columns].itertuples(index=False, name=None)
    runs = [Run(str(t), int(n), int(s), str(d)) for t, n, s, d in rows]
    if len(runs) == len(_bases(runs)):
        raise ValueError(
            "`treatments` and `layers` must be among those of the result. Received: none that "
            f"are, for {direction!r}"
        )
    return runs


def _bases(runs):
    """The base networks among some runs."""
    return [run for run in runs if run.treatment == "base"]


def _importance(result, run, data, class_names, options):
    """The importance of a network, read from the folder if it is there."""
    digest = hashlib.sha256(repr(sorted(options.items())).encode())
    for array in data:
        digest.update(np.ascontiguousarray(array))
    path = result.folder / "importance" / f"{run.file_name}-{digest.hexdigest()[:12]}.npz"
    if path.exists():
        return FrequencyImportance.load(path)
    importance = frequency_importance(
        result.model(run.treatment, run.n, run.seed, run.direction),
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
