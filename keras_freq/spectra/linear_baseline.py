"""What of the classes is in the power of the frequencies alone, to a linear classifier."""

import warnings
from itertools import pairwise

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.data import checked_batches, class_names_of
from keras_freq.data.batches import checked_dataset
from keras_freq.fourier import band_edges, radius_map
from keras_freq.metrics.rates import ratio
from keras_freq.metrics.recall_rows import recall_rows

_MOST_RINGS, _ORIENTATIONS = 16, 4
# The variance of a frequency of an image in [0, 1] that counts as none. Rounding to 8 bits makes a
# thousand times as much.
_FLOOR = 1e-9


def spectral_baseline(
    train,
    test,
    num_classes,
    *,
    bands=None,
    num_permutations=1000,
    class_names=None,
    seed=0,
):
    """Asks how well a linear classifier tells the classes by the power of frequencies alone.

    It is a multinomial logistic regression on the logarithm of the power in up to 16 rings x 4
    orientations, the mean over channels. It sees no phase, so no shape and no place; no colour; and
    without DC, no brightness. What it gets right is *available* to a network that looks at energy
    alone. Whether the network uses it is another question (`available_and_used`).

    Args:
        train: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays.
        test: Another one, with images of the same size, which scores the classifier.
        num_classes: The number of classes K, at least 2.
        bands: Also asks each of these bands alone: the number of bands of equal radial width, as in
            `keras_freq.band_edges`, or the increasing radii between them, in cycles per image.
            Defaults to None: no bands.
        num_permutations: How often the labels of the test images are permuted. Defaults to 1000.
        class_names: K names. Defaults to those of `train`.
        seed: An int >= 0, of the permutations. Defaults to 0.

    Returns:
        A pandas DataFrame, a row for each class and all images, of all frequencies and of each
        band.

        - `low`, `high`: radii in cycles per image, `low <= r < high`. 0 and inf: all but DC.
        - `features`: the number of features. A band without any, such as one of DC alone, has NaN.
        - `class_id`, `class_name`: the class; -1 and "all" for all images together.
        - `images`: the number of test images.
        - `recall`, `recall_low`, `recall_high`: the share of them that is given its class, and its
          95 % Wilson interval. For all images it is the accuracy.
        - `null`, `null_high`: the mean, and the 95 % quantile, of the same with permuted labels.
        - `p_value`: how often permuted labels are met as well, at least 1 / (permutations + 1).

    Raises:
        TypeError, ValueError: If an argument is out of range, the images of both differ in size, or
            `train` has fewer than two classes.

    Example:
        >>> import keras_freq as kf
        >>> train = kf.data.frequency_bands(1, per_class=40)
        >>> test = kf.data.frequency_bands(1, split="test", per_class=10)
        >>> table = spectral_baseline(train, test, 4).set_index("class_name")
        >>> float(table.loc["3", "recall"])  # C3 has energy in one band, all others in four
        1.0

    See Also:
        `radial_profile`; `keras_freq.available_and_used`.

    Source:
        Torralba and Oliva, "Statistics of natural image categories", Network 14 (2003): categories
        of scenes told by the spectrum in rings and orientations.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    num_permutations = checks.integer("num_permutations", num_permutations)
    seed = checks.integer("seed", seed, least=0)
    class_names = class_names_of(train, class_names, num_classes)
    features, labels, grid = _features(_batches("train", train, num_classes), bands)
    tested, true, _ = _features(_batches("test", test, num_classes), bands, grid)
    if len(np.unique(labels)) < 2:
        raise ValueError("`train` must hold at least two classes. Received: one")
    orders = np.random.default_rng(seed).permuted(
        np.tile(np.arange(len(true)), (num_permutations, 1)), axis=1
    )
    frames = []
    for low, high in [(0.0, np.inf), *pairwise(grid.edges)]:
        own = (grid.low >= low) & (grid.high <= high)
        place = {"low": low, "high": high, "features": int(own.sum())}
        asked = np.bincount(true, minlength=num_classes)
        if not own.any():
            frame = recall_rows(0 * asked, 0 * asked, class_names, **place)
            none = dict.fromkeys(("null", "null_high", "p_value"), np.nan)
            frames.append(frame.assign(images=np.append(asked, asked.sum()), **none))
            continue
        answers = _fitted(features[:, own], labels).predict(tested[:, own])
        right = _right(answers, true, num_classes)
        frame = recall_rows(right[:-1], asked, class_names, **place)
        permuted = np.array([_right(answers, true[order], num_classes) for order in orders])
        rates = ratio(permuted, np.append(asked, asked.sum()))
        p_value = (1 + (permuted >= right).sum(axis=0)) / (1 + num_permutations)
        frames.append(
            frame.assign(
                null=rates.mean(axis=0),
                null_high=np.quantile(rates, 0.95, axis=0),
                p_value=np.where(frame["images"] > 0, p_value, np.nan),
            )
        )
    return pd.concat(frames, ignore_index=True)


class _Grid:
    """The rings x orientations of images of one size, and the radii of the bands.

    Attributes:
        size: `(H, W)`.
        edges: The radii between the bands; none if no bands are asked for.
        cells: `(F, H, W)` float64, 1 in the cells of each feature.
        low, high: `(F,)`, the radii of the ring of each feature.
    """

    def __init__(self, size, bands):
        self.size, self.edges = size, _band_edges(bands, size)
        rings = band_edges(size, max(1, min(_MOST_RINGS, min(size) // 2)))
        radii, sector = radius_map(size), _sectors(size)
        cuts = np.unique([*rings, *self.edges])
        cells = [
            ((radii >= low) & (radii < high) & (radii > 0) & (sector == one), low, high)
            for low, high in pairwise(cuts)
            for one in range(_ORIENTATIONS)
        ]
        masks, *ends = zip(*(one for one in cells if one[0].any()), strict=True)
        self.cells, (self.low, self.high) = np.array(masks, np.float64), np.array(ends)


def _band_edges(bands, size):
    """Reads the radii between the bands, with 0 and inf at the ends; none without bands."""
    if bands is None:
        return []
    if np.ndim(bands) == 0:
        number = checks.integer("bands", bands)
        checks.number("bands", number, 1, min(size), "the number of bands")
        return band_edges(size, number)
    return [0.0, *checks.radii("bands", bands, "a number of bands"), np.inf]


def _sectors(size):
    """The orientation of each frequency: 0 horizontal, 1 and 3 diagonal, 2 vertical."""
    height, width = size
    rows, columns = np.mgrid[:height, :width]
    angle = np.arctan2(rows - height // 2, columns - width // 2) / np.pi * _ORIENTATIONS
    # The borders lie between the axes, at odd multiples of 22.5 degrees.
    return np.floor(angle + 0.5).astype(int) % _ORIENTATIONS


def _batches(name, dataset, num_classes):
    """The checked batches of the data set of an argument."""
    dataset = checked_dataset(dataset, name)
    try:
        yield from checked_batches(dataset, num_classes)
    except ValueError as error:
        raise ValueError(f"`{name}`: {error}") from error


def _features(batches, bands, grid=None):
    """Computes features `(N, F)` and labels `(N,)` of images; also gives their grid."""
    features, labels = [], []
    for images, own in batches:
        size = images.shape[1:3]
        grid = grid or _Grid(size, bands)
        if size != grid.size:
            raise ValueError(
                f"`test` must hold images of the size of those of `train`, {grid.size}. "
                f"Received: {size}"
            )
        spectra = np.fft.fft2(images.astype(np.float64), axes=(1, 2), norm="ortho")
        power = (np.abs(np.fft.fftshift(spectra, axes=(1, 2))) ** 2).mean(axis=-1)
        cells = grid.cells.reshape(len(grid.cells), -1)
        means = power.reshape(len(power), -1) @ cells.T / cells.sum(axis=1)
        features.append(np.log(means + _FLOOR))
        labels.append(own)
    return np.concatenate(features), np.concatenate(labels), grid


def _fitted(features, labels):
    """The logistic regression of standardised features, with scikit-learn's regularisation."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    with warnings.catch_warnings():
        # Where it has not settled, more steps would hardly change an answer.
        warnings.filterwarnings("ignore", message="lbfgs failed to converge")
        return model.fit(features, labels)


def _right(answers, true, num_classes):
    """Counts the right answers of each class, and of all images at the end."""
    right = np.bincount(true[answers == true], minlength=num_classes)
    return np.append(right, right.sum())
