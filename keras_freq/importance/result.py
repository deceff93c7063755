"""The result of an importance search."""

import dataclasses

import numpy as np

from keras_freq.importance.stability import map_stability
from keras_freq.saving import load_npz, save_npz


@dataclasses.dataclass(frozen=True, eq=False)
class FrequencyImportance:
    """Importance of every frequency for every class, with its errors and its cost.

    Attributes:
        loss_change: `(K, H, W)` float64, centred, nats: the mean over a class's images of the
            cross-entropy without the frequency (and its conjugate), minus that of the untouched
            image. Positive where the class needs the frequency. NaN for classes without images.
        stderr: `(K, H, W)`, the standard error of `loss_change` over the population of images.
        search_stderr: `(K, H, W)`, the standard error of `loss_change` against the exhaustive
            search on the same images; 0 where every image was evaluated.
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
        fold_images: `(K, folds)` int, the number of images in each fold.
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

    def __repr__(self):
        classes, height, width = self.loss_change.shape
        share = self.evaluations / max(self.exhaustive_evaluations, 1)
        return (
            f"FrequencyImportance({classes} classes, {height}x{width}, {self.images.sum()} images, "
            f"{self.method}: {self.evaluations:,} passes, {share:.1%} of an exhaustive search)"
        )

    def stability(self, fraction):
        """Compares the maps that different samples of these images give.

        Args:
            fraction: Share of the spectrum's cells in a map, in (0, 1].

        Returns:
            The dict of `(K,)` arrays that `keras_freq.importance.map_stability` explains: the mean
            overlap between split halves and between bootstrap samples, quantiles, and more.
        """
        return map_stability(self, fraction)

    def save(self, path):
        """Writes everything to one `.npz` file, whole or not at all.

        Args:
            path: The file; missing folders are made. The name is used as it is.
        """
        save_npz(path, self)

    @classmethod
    def load(cls, path):
        """Reads what `save` wrote.

        Args:
            path: The `.npz` file. Nothing in it is ever executed (no pickle).

        Returns:
            A `FrequencyImportance`, equal to the saved one bit for bit.

        Raises:
            ValueError: If the file is not one that `save` wrote.
        """
        return load_npz(path, cls)
