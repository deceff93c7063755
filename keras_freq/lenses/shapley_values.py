"""Shapley values and interactions of bands of frequencies, from the losses of all their subsets.

Removing one band at a time is blind to redundancy. Of two bands, each of which is enough, neither
is missed. Here a band is added to every subset of the others. Its *Shapley value* is the mean gain.
Two bands *interact* where one gains more, or less, once the other is there.

    v(S)  minus the cross-entropy of an image of which only the bands S are kept
    value of b         sum over S without b of |S|! (M - |S| - 1)! / M! [v(S + b) - v(S)]
    interaction a, b   sum over S without both of |S|! (M - |S| - 2)! / (M - 1)!
                       [v(S + a + b) - v(S + a) - v(S + b) + v(S)]
"""

import dataclasses
import functools
import math

import numpy as np
import pandas as pd

from keras_freq.metrics import mean_interval
from keras_freq.notebooks import result_html
from keras_freq.saving import KeptInFile


@dataclasses.dataclass(frozen=True, eq=False)
class BandShapley(KeptInFile):
    """The worth of M bands to a model, by class, from the losses of every subset of the bands.

    What is a mean over the images of a class has a row for each of the K classes, NaN without
    images. `together` is the same with one row for all images.

    Attributes:
        losses: `(N, 2^M)` float64, nats: the cross-entropy of each image with each subset of the
            bands. Bit b of a column's number tells whether band b is kept.
        labels: `(N,)` int, the classes of these images.
        masks: `(M, H, W)` bool, centred: the bands. Each frequency is in one of them.
        edges: `(M + 1,)` float64, the radii between the bands, the last one inf. NaN where the
            bands were given as masks.
        band_names: M names.
        class_names: K names.
        neutral: `(C,)`, what an image without its DC becomes.
    """

    losses: np.ndarray
    labels: np.ndarray
    masks: np.ndarray
    edges: np.ndarray
    band_names: list[str]
    class_names: list[str]
    neutral: np.ndarray

    def __repr__(self):
        return (
            f"BandShapley({len(self.band_names)} bands, {len(self.class_names)} classes, "
            f"{len(self.labels)} images, {self.evaluations:,} passes)"
        )

    def _repr_html_(self):
        """Shows the values of all images, and of each class if they are few, with their errors."""
        parts = [*([self] if len(self.class_names) <= _MOST_SHOWN else []), self.together]
        values, errors = (np.concatenate([getattr(p, n) for p in parts]) for n in _SHOWN)
        texts = [
            [f"{value:.3f} ± {error:.3f}" for value, error in zip(*row, strict=True)]
            for row in zip(values, errors, strict=True)
        ]
        index = [name for part in parts for name in part.class_names]
        table = pd.DataFrame(texts, index=index, columns=self.band_names).to_html()
        note = "<div>Worth of each band, nats, ± one standard error over images.</div>"
        return result_html(self, table, note)

    @property
    def evaluations(self):
        """Passes spent: one for each image and subset."""
        return self.losses.size

    @functools.cached_property
    def together(self):
        """The same of all images together: K = 1, and the class name is "all"."""
        labels = np.zeros_like(self.labels)
        return dataclasses.replace(self, labels=labels, class_names=["all"])

    @property
    def images(self):
        """`(K,)` int, the number of images of each class."""
        return np.bincount(self.labels, minlength=len(self.class_names))

    @functools.cached_property
    def image_values(self):
        """`(N, M)` float64, nats: the Shapley values of each image by itself."""
        return -self.losses @ _value_weights(len(self.band_names))

    @property
    def image_interactions(self):
        """`(N, M, M)` float64, nats: the interactions of each image; NaN on the diagonal."""
        number = len(self.band_names)
        flat = -self.losses @ _interaction_weights(number).reshape(-1, number**2)
        pairs = flat.reshape(-1, number, number)
        pairs[:, range(number), range(number)] = np.nan
        return pairs

    @property
    def values(self):
        """`(K, M)` float64, nats: what each band is worth. A row adds up to `total`."""
        return self._means(self.image_values)[0]

    @property
    def stderr(self):
        """`(K, M)`, the standard error of `values` over images; NaN for a class with one."""
        return self._means(self.image_values)[1]

    @functools.cached_property
    def _interaction_means(self):
        return self._means(self.image_interactions)

    @property
    def interactions(self):
        """`(K, M, M)`, nats. Negative: both do the same work. NaN on the diagonal."""
        return self._interaction_means[0]

    @property
    def interaction_stderr(self):
        """`(K, M, M)`, the standard error of `interactions` over images."""
        return self._interaction_means[1]

    @property
    def leave_one_out(self):
        """`(K, M)`, nats: how much the loss rises when one band alone is removed."""
        return self._means(self._image_leave_one_out)[0]

    @property
    def total(self):
        """`(K,)`, nats: what all bands together are worth, v(all) - v(none)."""
        return self._means(self.losses[:, 0] - self.losses[:, -1])[0]

    def to_frame(self, *, confidence=0.95, seed=0):
        """Gives the worth of every band as a table.

        Args:
            confidence: Of the intervals, between 0 and 1. Defaults to 0.95.
            seed: An int >= 0, of the bootstrap. Defaults to 0.

        Returns:
            A pandas DataFrame, a row for each class and band; class -1, "all", is that of all
            images together.

            - `class_id`, `class_name`, `images`: the class, and its number of images.
            - `band`, `low`, `high`: the band, and its radii in cycles per image.
            - `value`, `value_low`, `value_high`: its Shapley value, nats, and the interval of
              `keras_freq.metrics.mean_interval` over images.
            - `leave_one_out`, `leave_one_out_low`, `leave_one_out_high`: the rise of the loss
              without this band alone, nats.
        """
        frames = []
        for class_id in [*range(len(self.class_names)), -1]:
            own = slice(None) if class_id < 0 else self.labels == class_id
            columns = {
                "class_id": class_id,
                "class_name": "all" if class_id < 0 else self.class_names[class_id],
                "images": len(self.labels[own]),
                "band": self.band_names,
                "low": self.edges[:-1],
                "high": self.edges[1:],
            }
            for name, one in (
                ("value", self.image_values),
                ("leave_one_out", self._image_leave_one_out),
            ):
                low, high = mean_interval(one[own], confidence=confidence, seed=seed)
                mean = one[own].mean(axis=0) if columns["images"] else np.nan
                columns |= {name: mean, f"{name}_low": low, f"{name}_high": high}
            frames.append(pd.DataFrame(columns))
        return pd.concat(frames, ignore_index=True)

    @property
    def _image_leave_one_out(self):
        """`(N, M)`, the rise of the loss of each image without one band."""
        whole = self.losses.shape[1] - 1
        without = whole - 2 ** np.arange(len(self.band_names))
        return self.losses[:, without] - self.losses[:, [whole]]

    def _means(self, of_images):
        """Means `(K, ...)` over the images of each class, and their standard errors."""
        shape = len(self.class_names), *of_images.shape[1:]
        means, errors = np.full(shape, np.nan), np.full(shape, np.nan)
        for class_id in np.unique(self.labels):
            own = of_images[self.labels == class_id]
            means[class_id] = own.mean(axis=0)
            if len(own) > 1:
                errors[class_id] = own.std(axis=0, ddof=1) / len(own) ** 0.5
        return means, errors


_SHOWN, _MOST_SHOWN = ("values", "stderr"), 20


def subsets_of(number):
    """Which bands are in each subset, `(2^M, M)` bool."""
    return (np.arange(2**number)[:, None] >> np.arange(number) & 1).astype(bool)


def _value_weights(number):
    """The weight of each v(S) in each Shapley value, `(2^M, M)`."""
    subsets = subsets_of(number)
    others = subsets.sum(axis=1)[:, None] - subsets
    return _weights(number)[others] * np.where(subsets, 1, -1)


def _interaction_weights(number):
    """The weight of each v(S) in each interaction of two bands, `(2^M, M, M)`."""
    subsets = subsets_of(number)
    first, second = subsets[:, :, None], subsets[:, None, :]
    others = subsets.sum(axis=1)[:, None, None] - first - second
    # On the diagonal, which means nothing, there may be fewer than none.
    return _weights(number - 1)[others.clip(0, number - 2)] * np.where(first == second, 1, -1)


def _weights(number):
    """The share s! (n - s - 1)! / n! of each subset of s others, for s from 0 to n - 1."""
    return np.array([1 / (number * math.comb(number - 1, size)) for size in range(number)])
