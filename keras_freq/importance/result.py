"""What an importance search found, keeping it on disk, and how stable its maps are."""

import dataclasses
import itertools

import numpy as np

from keras_freq.fourier import conjugate_pairs
from keras_freq.fourier.grid import pair_values_to_maps
from keras_freq.importance.dominant_maps import leading_maps, map_overlap, num_cells
from keras_freq.metrics.rates import percent, ratio
from keras_freq.notebooks import maps_html, result_html
from keras_freq.saving import KeptInFile

# The class id of all images together.
ALL_IMAGES = -1


@dataclasses.dataclass(frozen=True, eq=False)
class FrequencyImportance(KeptInFile):
    """Importance of every frequency for every class, with its errors and its cost.

    The K rows of all arrays are the classes that were asked for. With `by="all"`, there is one row:
    all images together.

    Attributes:
        loss_change: `(K, H, W)` float64, centred, nats: the mean over a class's images of the
            cross-entropy without the frequency (and its conjugate), minus that of the untouched
            image. Positive where the class needs the frequency. NaN for classes without images.
        stderr: `(K, H, W)`, the standard error of `loss_change` over the population of images.
        search_stderr: `(K, H, W)`, the standard error of `loss_change` against the exhaustive
            search on the same images; 0 where every image was evaluated. Elsewhere, `loss_change`
            is predicted, or with `by="all"` estimated from some of the images. It is drawn towards
            the mean of frequencies of nearly the same radius, the more so the larger its error is.
        base_loss: `(K,)`, the mean cross-entropy of the untouched images, nats; NaN without images.
        images: `(K,)` int, the number of images of each class.
        evaluations: Passes spent. The forward pass of one image counts 1, a backward pass 2 more.
        exhaustive_evaluations: Passes that the exhaustive search takes on these images.
        class_names: K names.
        neutral: `(C,)`, what an image without its DC becomes.
        method: "exhaustive" or "screened".
        fractions: Increasing shares of the spectrum's cells. A screened search settles the maps of
            these sizes.
        expected_overlap: `(K, fractions)`, the expected overlap of these maps with the exhaustive
            search's; 1 where every image was evaluated.
        seed: The seed of the random order of images.
        fold_sums: `(K, folds, P)` float64, the changes of the loss, summed over each fold of a
            class's images. The P pairs are in the order of `keras_freq.fourier.conjugate_pairs`.
            All 0 after a screened search with `by="all"`.
        fold_images: `(K, folds)` int, the number of images in each fold.
        class_ids: `(K,)` int, the label of each row; -1 for all images together. Defaults to None:
            0, 1, ..., K - 1.
    """

    loss_change: np.ndarray
    stderr: np.ndarray
    search_stderr: np.ndarray
    base_loss: np.ndarray
    images: np.ndarray
    evaluations: int
    exhaustive_evaluations: int
    class_names: list[str]
    neutral: np.ndarray
    method: str
    fractions: tuple[float, ...]
    expected_overlap: np.ndarray
    seed: int
    fold_sums: np.ndarray
    fold_images: np.ndarray
    class_ids: np.ndarray = None

    def __post_init__(self):
        if self.class_ids is None:  # files of earlier versions do not have it
            object.__setattr__(self, "class_ids", np.arange(len(self.loss_change)))

    def __repr__(self):
        classes, height, width = self.loss_change.shape
        rows = "all classes together" if ALL_IMAGES in self.class_ids else f"{classes} classes"
        share = self.evaluations / max(self.exhaustive_evaluations, 1)
        return (
            f"FrequencyImportance({rows}, {height}x{width}, {self.images.sum()} images, "
            f"{self.method}: {self.evaluations:,} passes, {percent(share, 1)} of an exhaustive "
            "search)"
        )

    def _repr_html_(self):
        from keras_freq.colours import DIVERGING, largest_change, symmetric_norm

        largest = abs(largest_change(self.loss_change))
        names = [
            f"{name}, {images} images"
            for name, images in zip(self.class_names, self.images, strict=True)
        ]
        note = (
            "Change of the loss without each frequency, DC in the middle. Red: the class needs it. "
            f"Blue: it disturbs. The darkest are {largest:.3g} nats; above the 95 % quantile the "
            "scale is logarithmic."
        )
        norm = symmetric_norm(self.loss_change, largest)
        shown = maps_html(self.loss_change, names, colours=DIVERGING, norm=norm, note=note)
        return result_html(self, shown)

    def stability(self, fraction):
        """Compares the maps that different samples of these images give.

        Args:
            fraction: Share of the spectrum's cells in a map, in (0, 1].

        Returns:
            The dict of `(K,)` arrays that `keras_freq.importance.map_stability` explains: the mean
            overlap between split halves and between bootstrap samples, quantiles, and more.
        """
        return map_stability(self, fraction)

    def significant_share(self, fraction):
        """Gives the share of each map's cells whose importance is above two standard errors.

        What is below is in the map because something had to be: other images would choose other
        frequencies there.

        Args:
            fraction: Share of the spectrum's cells in a map, in (0, 1].

        Returns:
            `(K,)` float64 in [0, 1]; NaN for a class without images. A class with one image has no
            standard errors, and 0.

        Example:
            >>> import keras
            >>> layers = [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
            >>> images = np.random.default_rng(0).uniform(size=(40, 4, 4, 1))
            >>> from keras_freq import frequency_importance
            >>> imp = frequency_importance(
            ...     keras.Sequential(layers), (images, np.arange(40) % 2), 2, method="exhaustive"
            ... )
            >>> imp.significant_share(0.25).shape
            (2,)
        """
        maps = leading_maps(self.loss_change, fraction)
        above = self.loss_change > 2 * self.stderr
        return ratio((maps & above).sum(axis=(1, 2)), maps.sum(axis=(1, 2)))


_BOOTSTRAP_PAIRS = 100
_COLUMNS = (
    *("split_half", "split_half_low", "split_half_high", "images_per_half"),
    *("bootstrap", "bootstrap_low", "bootstrap_high", "chance"),
)


def map_stability(imp, fraction):
    """Compares the maps that different samples of the same images give.

    The search dealt the images of each class into ten random folds. Maps of fewer images come from
    the sums over folds, and the network does not run again. They answer two questions:

    - *Split halves*: half of the folds against the other half, for every such split. The halves
      have no image in common. So their overlap is that of two independent samples of **half the
      images**. Maps of all images agree better than this.
    - *Bootstrap*: two samples of as many folds as there are, each drawn with replacement. This
      answers, roughly, for the full number of images. It is only rough because the samples have
      images in common and hold some images twice. A bootstrap sample is never compared with the
      full set, which contains it.

    A screened search with `by="all"` evaluates too little of each fold: its stability is NaN.
    Search two halves of the images, and compare their maps with `map_overlap`.

    Args:
        imp: A `FrequencyImportance`.
        fraction: Share of the spectrum's cells in a map, in (0, 1]. A screened search has settled
            only the maps of its own `fractions`.

    Returns:
        A dict of `(K,)` arrays. All but `images` are NaN for a class with fewer than two images,
        and where there are no folds:

        - `split_half`, `split_half_low`, `split_half_high`: the mean overlap over the splits, and
          its 2.5 and 97.5 % quantiles.
        - `images_per_half`: the mean number of images in a half.
        - `bootstrap`, `bootstrap_low`, `bootstrap_high`: the same for pairs of bootstrap samples.
        - `images`: the number of images of the class.
        - `chance`: the expected overlap of a map with a random one.

    Raises:
        ValueError: If `fraction` is not in (0, 1].

    Example:
        >>> import keras
        >>> layers = [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> images = np.random.default_rng(0).uniform(size=(40, 4, 4, 1))
        >>> from keras_freq import frequency_importance
        >>> imp = frequency_importance(
        ...     keras.Sequential(layers), (images, np.arange(40) % 2), 2, method="exhaustive"
        ... )
        >>> map_stability(imp, 0.25)["images_per_half"]
        array([10., 10.])
    """
    classes, *size = imp.loss_change.shape
    num_cells(size, fraction)  # checks it, also where no class has folds
    found = {name: np.full(classes, np.nan) for name in _COLUMNS}
    found["images"] = np.array(imp.images)
    pairs = conjugate_pairs(size)
    for label in range(classes):
        used = np.flatnonzero(imp.fold_images[label])
        if len(used) < 2:
            continue
        sums, counts = imp.fold_sums[label, used], imp.fold_images[label, used]
        # A class gives the same numbers whether it was searched alone or with the others.
        rng = np.random.default_rng([imp.seed, max(int(imp.class_ids[label]), 0)])
        draws = {
            "split_half": _split_halves(len(used)),
            "bootstrap": _bootstrap_pairs(len(used), rng),
        }
        for name, samples in draws.items():
            means = [(weights @ sums) / (weights @ counts)[:, None] for weights in samples]
            firsts, seconds = (
                leading_maps(pair_values_to_maps(mean, pairs, size), fraction) for mean in means
            )
            overlaps = map_overlap(firsts, seconds)
            found[name][label] = overlaps.mean()
            found[f"{name}_low"][label] = np.quantile(overlaps, 0.025)
            found[f"{name}_high"][label] = np.quantile(overlaps, 0.975)
        # With an odd number of folds, each split leaves one out.
        found["images_per_half"][label] = (counts.sum() - len(used) % 2 * counts.mean()) / 2
        found["chance"][label] = firsts[0].mean()
    return found


def _split_halves(folds):
    """Lists every split of the folds into two halves, as weights `(2, splits, folds)`.

    With an odd number of folds, each split leaves one of them out. Each fold is left out in turn.
    """
    first, second = [], []
    for kept in itertools.combinations(range(folds), folds - folds % 2):
        lead, *others = kept
        # The first fold stays on one side, so that each split comes once.
        for chosen in itertools.combinations(others, len(kept) // 2 - 1):
            half = np.isin(np.arange(folds), [lead, *chosen])
            first.append(half)
            second.append(np.isin(np.arange(folds), kept) & ~half)
    return np.array([first, second], np.float64)


def _bootstrap_pairs(folds, rng):
    """Draws pairs of bootstrap samples of the folds, as weights `(2, pairs, folds)`."""
    drawn = rng.integers(folds, size=(2, _BOOTSTRAP_PAIRS, folds))
    return (drawn[..., None] == np.arange(folds)).sum(axis=2).astype(np.float64)
