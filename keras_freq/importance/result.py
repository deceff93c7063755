"""What an importance search found, and keeping it on disk."""

import dataclasses
import zipfile
import zlib

import numpy as np

from keras_freq.importance.stability import map_stability
from keras_freq.saving import atomic_path

# What NumPy raises for a file that is no archive, is cut short, or lacks an array.
_NO_ARCHIVE = (KeyError, TypeError, ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error)


@dataclasses.dataclass(frozen=True, eq=False)
class FrequencyImportance:
    """Importance of every frequency for every class, with its errors and its price.

    Attributes:
        loss_change: `(K, H, W)` float64, centred: mean over the images of a class of the
            cross-entropy without the frequency (and its conjugate), minus that with it, in nats.
            Positive where the class needs the frequency. NaN for classes without images.
        stderr: `(K, H, W)`, standard error of `loss_change` over the population of images.
        search_stderr: `(K, H, W)`, standard error of `loss_change` against the exhaustive search
            on the same images; 0 where every image was evaluated.
        base_loss: `(K,)`, mean cross-entropy of the untouched images, nats; NaN without images.
        images: `(K,)` int, images of each class.
        evaluations: Passes spent: one for each image's forward pass, two more for a backward pass.
        exhaustive_evaluations: Passes that the exhaustive search takes on these images.
        class_names: K names.
        neutral: `(C,)`, what an image without its DC becomes.
        method: "exhaustive" or "screened".
        fractions: Fractions of the spectrum whose maps a screened search has settled, increasing.
        expected_overlap: `(K, fractions)`, overlap that is expected of these maps with those of the
            exhaustive search; 1 where every image was evaluated.
        seed: Seed of the random order of images.
        fold_sums: `(K, folds, P)` float64, sums of the changes over each fold of a class's images,
            by pair (in the order of `keras_freq.fourier.conjugate_pairs`).
        fold_images: `(K, folds)` int, images in each fold.
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
        """Overlap of the maps that different samples of these images give.

        `keras_freq.importance.map_stability`, where it is explained: split halves, which answer for
        half the images, and pairs of bootstrap samples.

        Args:
            fraction: Share of the spectrum's cells in a map, in (0, 1].

        Returns:
            A dict of `(K,)` arrays: `split_half`, `bootstrap`, their quantiles, and more.
        """
        return map_stability(self, fraction)

    def save(self, path):
        """Writes everything to one `.npz` file, whole or not at all.

        Args:
            path: Where to; missing folders are made. The name is used as it is.
        """
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        arrays = {name: np.asarray(value) for name, value in fields.items()}
        with atomic_path(path) as temporary, open(temporary, "wb") as file:
            np.savez_compressed(file, **arrays)

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
        names = [field.name for field in dataclasses.fields(cls)]
        try:
            # Opened here, since NumPy leaves a broken archive open.
            with open(path, "rb") as opened, np.load(opened, allow_pickle=False) as file:
                fields = {name: file[name] for name in names}
        except FileNotFoundError:
            raise
        except _NO_ARCHIVE as error:
            raise ValueError(
                "`path` must be a file that `FrequencyImportance.save` wrote. "
                f"Received: path={str(path)!r} ({error})"
            ) from error
        for name in ("evaluations", "exhaustive_evaluations", "seed"):
            fields[name] = int(fields[name])
        fields["class_names"] = fields["class_names"].tolist()
        fields["fractions"] = tuple(fields["fractions"].tolist())
        fields["method"] = str(fields["method"])
        return cls(**fields)
