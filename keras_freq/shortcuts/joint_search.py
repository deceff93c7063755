"""Hierarchical search for sets of frequencies that suffice for a class."""

import dataclasses
import itertools
import numbers

import numpy as np

from keras_freq import checks
from keras_freq.classifier import CompiledClassifier, logits_of
from keras_freq.data import class_names_of
from keras_freq.data.batches import repeated
from keras_freq.data.statistics import dataset_statistics
from keras_freq.fourier import conjugate_pairs
from keras_freq.fourier.grid import pair_values_to_maps, pair_weights
from keras_freq.interventions import KeptFrequencies, items_by_class, sum_losses
from keras_freq.metrics.rates import ratio
from keras_freq.notebooks import maps_html, result_html


@dataclasses.dataclass(frozen=True, eq=False)
class FrequencySearch:
    """What a hierarchical search found.

    Attributes:
        maps: `(K, H, W)` bool, the best map of the last stage for each class, centred and
            symmetric. Empty for a class without images.
        loss: `(K,)` float64, mean cross-entropy of the class's images filtered by its map, nats.
            NaN without images.
        stage_maps: `(S, K, H, W)` bool, the best map after each stage.
        stage_loss: `(S, K)` float64, its loss.
        patches: S patch sizes, cells.
        evaluations: Forward passes spent.
        class_names: K names.
    """

    maps: np.ndarray
    loss: np.ndarray
    stage_maps: np.ndarray
    stage_loss: np.ndarray
    patches: tuple
    evaluations: int
    class_names: list

    def __repr__(self):
        cells = self.maps.sum(axis=(1, 2))
        return (
            f"FrequencySearch({len(self.maps)} classes, patches {self.patches}, "
            f"{cells.min()} to {cells.max()} of {self.maps[0].size} cells, "
            f"{self.evaluations:,} passes)"
        )

    def _repr_html_(self):
        from matplotlib.colors import Normalize

        from keras_freq.colours import BLUES

        names = [
            f"{name}, loss {loss:.3g}"
            for name, loss in zip(self.class_names, self.loss, strict=True)
        ]
        note = "Blue: the frequencies that suffice for the class, DC in the middle."
        norm = Normalize(0, 1)
        return result_html(self, maps_html(self.maps, names, colours=BLUES, norm=norm, note=note))


def frequency_search(
    model,
    dataset,
    num_classes,
    *,
    patches=None,
    keep=0.6,
    num_candidates=100,
    num_parents=5,
    neutral=None,
    from_logits=None,
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
):
    """Searches a small set of frequencies that suffices, for each class.

    Removing frequencies one by one cannot tell which of them work together. This search keeps whole
    sets. In stage s every class draws candidates: random patches of one of its parents, until a
    share `keep ** s` of the spectrum's cells is in. A candidate's score is the mean cross-entropy
    of the class's images of which only these frequencies are left. The best `num_parents` become
    the parents of the next stage, which uses smaller patches. The last patch is one cell. After S
    stages the maps then hold `keep ** S` of all cells, give or take one: 13 % by default at 32x32.
    Larger patches enter whole. For maps of a fraction f choose `keep=f ** (1 / S)`.

    The price is known before it starts: `num_candidates` forward passes an image and a stage, see
    `search_cost`.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            once a stage, and once before.
        num_classes: Number of classes K.
        patches: Side of the square patches of each stage, in cells, decreasing. Defaults to a
            quarter of the shorter side, halved down to 1: `(8, 4, 2, 1)` for CIFAR's 32x32.
        keep: Share of the cells that is kept from stage to stage, in (0, 1).
        num_candidates: Candidates for each class in each stage, >= 1.
        num_parents: How many of them are carried on, >= 1.
        neutral: What an image without its DC becomes: a number or `(C,)`. Defaults to the channel
            means of `dataset`.
        from_logits: Whether the model's outputs are logits. Defaults to None: find out.
        seed: Int.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Filtered images that the model is given at once. Defaults to None: by their
            size.
        progress: Whether to show a progress bar when it takes more than some seconds.

    Returns:
        A `FrequencySearch`.

    Raises:
        TypeError, ValueError: If an argument is not as above; before any long work.

    Example:
        >>> import keras
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> search = frequency_search(keras.Sequential(layers), data, 2, num_candidates=10)
        >>> search.patches, search.evaluations
        ((2, 1), 120)

    Source:
        HFSS of Wang, Veldhuis and Strisciuglio, "Do ImageNet-trained models learn shortcuts? The
        impact of frequency shortcuts on generalization", CVPR 2025: stages of shrinking patches, on
        a grid, on a grid shifted by half a patch, and on both; 60 % of the patches; at 32x32
        patches of 8, 4, 2 and 1 cells; 500 candidates, of which the published code carries on each
        class's best 10. We differ:

        - Each class draws its candidates from its own parents. In the published code all classes
          share the candidates, whose parent is that of a random class. The price is the same, since
          each image is evaluated for its own class only.
        - All candidates of a stage have about as many *cells*. There each has a share of all
          patches, those that miss the parent included, so that candidates of different sizes
          compete, and larger ones win.
        - Masks are exactly symmetric under conjugation: the half above DC decides. There the upper
          half is mirrored about a point half a cell off, for even sizes, and the imaginary part of
          the filtered image is dropped.
        - The loss is exact for well-classified images, and only the class's images enter it. There
          the scores of other images are zeroed and counted, which adds the same constant to every
          candidate.
    """
    keep = _checked_keep(keep)
    num_classes = checks.num_classes(num_classes, least=2)
    num_candidates = checks.integer("num_candidates", num_candidates)
    num_parents = checks.integer("num_parents", num_parents)
    seed = checks.integer("seed", seed, least=0)
    batch_size = checks.batch_size(batch_size)
    names = class_names_of(dataset, class_names, num_classes)
    dataset = repeated(dataset)
    images, labels = dataset.first_batch()
    size = images.shape[1:3]
    patches = _checked_patches(patches, size)
    if neutral is not None:
        neutral = checks.per_channel("neutral", neutral, images.shape[-1])
    logits = logits_of(model, images, num_classes, labels=labels, from_logits=from_logits)
    classifier = CompiledClassifier(logits, images.shape[1:], batch_size)
    survey = dataset_statistics(dataset, num_classes)
    neutral = survey.channel_means if neutral is None else neutral

    pairs = conjugate_pairs(size)
    parents = np.ones((num_classes, 1, len(pairs)), bool)
    best, best_loss = [], []
    cost = search_cost(survey.counts.sum(), patches, num_candidates)
    for stage, patch in enumerate(patches):
        grids = _grids(pairs, size, patch)
        candidates = np.stack(
            [
                _draw_candidates(
                    parents[class_id],
                    grids,
                    pair_weights(pairs),
                    keep ** (stage + 1) * size[0] * size[1],
                    num_candidates,
                    # One generator a class and stage: classes do not depend on each other.
                    np.random.default_rng([seed, stage, class_id]),
                )
                for class_id in range(num_classes)
            ]
        )
        masks = pair_values_to_maps(candidates.reshape(-1, len(pairs)), pairs, size)
        asked, sums = sum_losses(
            classifier,
            dataset,
            num_classes,
            KeptFrequencies(masks, neutral),
            items_by_class(np.arange(num_classes * num_candidates).reshape(num_classes, -1)),
            task=f"frequency search, stage {stage + 1} of {len(patches)}",
            total=cost // len(patches),
            progress=progress,
        )
        losses = ratio(sums.sum(axis=1), asked.sum(axis=1)).reshape(num_classes, -1)
        order = np.argsort(losses, axis=1, kind="stable")[:, :num_parents]
        parents = np.take_along_axis(candidates, order[:, :, None], axis=1)
        best.append(pair_values_to_maps(parents[:, 0], pairs, size))
        best_loss.append(np.take_along_axis(losses, order, axis=1)[:, 0])
    best, best_loss = np.stack(best), np.stack(best_loss)
    best[:, survey.counts == 0] = False
    return FrequencySearch(
        maps=best[-1],
        loss=best_loss[-1],
        stage_maps=best,
        stage_loss=best_loss,
        patches=patches,
        evaluations=int(cost),
        class_names=names,
    )


def search_cost(num_images, patches=(8, 4, 2, 1), num_candidates=100):
    """Computes the forward passes that `frequency_search` takes.

    Args:
        num_images: Images of all classes together.
        patches: Patch sizes, one a stage.
        num_candidates: Candidates for each class in each stage.

    Returns:
        An int: the product of images, stages and candidates.

    Example:
        >>> search_cost(num_images=200)
        80000
    """
    return int(num_images) * len(patches) * int(num_candidates)


def _grids(pairs, size, patch):
    """Patches of each kind of grid, as boolean `(patches, P)` rows over the pairs.

    The cell of a pair that comes first in row-major order, in the half above DC, decides to which
    patch the pair belongs; its conjugate follows.
    """
    rows, columns = np.divmod(pairs[:, 0], size[1])
    grids = {}
    for kind, shift in (("aligned", 0), ("shifted", patch // 2)):
        label = (rows + shift) // patch * (size[1] // patch + 2) + (columns + shift) // patch
        grids[kind] = label == np.unique(label)[:, None]
    if patch == 1:
        # Both grids are the same.
        return {"aligned": grids["aligned"]}
    return {**grids, "both": np.concatenate(list(grids.values()))}


def _draw_candidates(parents, grids, cells, wanted, num_candidates, rng):
    """Random candidates `(B, P)`: patches of a parent, as near to the wanted cells as they fit."""
    candidates = np.zeros((num_candidates, parents.shape[1]), bool)
    kinds = list(grids)
    for index, candidate in enumerate(candidates):
        parent = parents[rng.integers(len(parents))]
        grid = grids[kinds[index % len(kinds)]]
        for part in rng.permutation(grid[(grid & parent).any(axis=1)] & parent):
            before = cells[candidate].sum()
            grown = candidate | part
            # The last patch enters if the size is nearer with it than without.
            if before and cells[grown].sum() - wanted > wanted - before:
                break
            candidate[:] = grown
    return candidates


def _checked_keep(keep):
    """`keep` as a float in (0, 1)."""
    if not isinstance(keep, numbers.Real) or not 0 < keep < 1:
        raise ValueError(
            "`keep` must be in (0, 1), the share of cells kept from stage to stage. "
            f"Received: keep={keep!r}"
        )
    return float(keep)


def _checked_patches(patches, size):
    """Patch sizes, decreasing; by default a quarter of the shorter side, halved down to 1."""
    if patches is None:
        side = max(1, min(size) // 4)
        return tuple(side >> i for i in range(side.bit_length()))
    patches = checks.distinct("patches", patches)
    whole = all(isinstance(p, numbers.Integral) and 1 <= p <= max(size) for p in patches)
    if not patches or not whole or any(a <= b for a, b in itertools.pairwise(patches)):
        raise ValueError(
            "`patches` must be decreasing patch sizes in cells, within the images' size "
            f"{size}. Received: patches={patches!r}"
        )
    return tuple(map(int, patches))
