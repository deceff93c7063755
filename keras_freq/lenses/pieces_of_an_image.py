"""Which frequencies, in which part of one image, a model's answer hangs on."""

import dataclasses
from itertools import pairwise

import numpy as np
import pandas as pd
from scipy.integrate import trapezoid
from scipy.special import softmax

from keras_freq import checks
from keras_freq.classifier import CompiledClassifier, check_model, logits_of
from keras_freq.fourier import band_edges
from keras_freq.fourier.grid import ring_name
from keras_freq.fourier.masks import ring_mask
from keras_freq.interventions import KeptPieces, ask, every_item, gaussian_windows
from keras_freq.notebooks import maps_html, result_html, table_html
from keras_freq.saving import KeptInFile

_POINTS = 20


@dataclasses.dataclass(frozen=True, eq=False)
class ScaleOcclusion(KeptInFile):
    """What each piece of an image, a band of frequencies in a window, is worth to its class.

    Attributes:
        margin_lost: `(B, P, P)`: by how much the margin falls when the piece is removed. Positive:
            the piece speaks for the class.
        band_lost: `(B,)`: the same when the band is removed everywhere.
        margin: The margin of the whole image: the score of `label` less that of `rival`.
        label: The class in question.
        rival: The other class of the highest score for the whole image.
        edges: `(B + 1,)`, the radii between the bands, the last one inf.
        image: `(H, W, C)`.
        neutral: `(C,)`, what is left without any piece.
        removed: `(T,)`, the shares of the pieces at which the curves are known, from 0 to 1.
        deletion: `(T,)`, the probability of `label` while pieces are removed, the largest
            `margin_lost` first.
        insertion: `(T,)`, the same while they are put into the empty image.
        random_deletion: `(R, T)`, the same as `deletion` in random orders.
        random_insertion: `(R, T)`, the same as `insertion` in random orders.
        evaluations: Passes spent.
    """

    margin_lost: np.ndarray
    band_lost: np.ndarray
    margin: float
    label: int
    rival: int
    edges: np.ndarray
    image: np.ndarray
    neutral: np.ndarray
    removed: np.ndarray
    deletion: np.ndarray
    insertion: np.ndarray
    random_deletion: np.ndarray
    random_insertion: np.ndarray
    evaluations: int

    def __repr__(self):
        bands, windows, _ = self.margin_lost.shape
        return (
            f"ScaleOcclusion(class {self.label} against {self.rival}, {bands} bands in "
            f"{windows} x {windows} windows, margin {self.margin:.3g}, {self.evaluations:,} passes)"
        )

    def _repr_html_(self):
        from keras_freq.colours import DIVERGING, largest_change, symmetric_norm

        largest = abs(largest_change(self.margin_lost))
        note = (
            "By how much the margin falls without each piece: bands of radii in cycles per image, "
            f"windows of the image. Red: it speaks for class {self.label}. The darkest are "
            f"{largest:.3g}."
        )
        names = [ring_name(low, high) for low, high in pairwise(self.edges)]
        norm = symmetric_norm(self.margin_lost, largest)
        shown = maps_html(self.margin_lost, names, colours=DIVERGING, norm=norm, note=note)
        return result_html(self, shown, table_html(self.faithfulness()))

    @property
    def windows(self):
        """`(P, P, H, W)`, the windows; their weights add up to 1 in every pixel."""
        number, size = self.margin_lost.shape[1], self.image.shape[:2]
        return gaussian_windows(size, number).reshape(number, number, *size)

    def faithfulness(self):
        """Compares the order of the pieces with random orders.

        Returns:
            A pandas DataFrame with the rows "deletion" and "insertion". `area`: the mean of the
            curve; `random`, `random_low`, `random_high`: its mean and range in random orders;
            `p_value`: how often a random order does as well, at least 1 / (orders + 1). A faithful
            order has a small area of deletion and a large one of insertion.
        """
        rows = []
        for curve, sign in (("deletion", 1), ("insertion", -1)):
            area = trapezoid(getattr(self, curve), self.removed)
            random = trapezoid(getattr(self, f"random_{curve}"), self.removed)
            as_good = np.count_nonzero(sign * random <= sign * area)
            row = {"curve": curve, "area": area, "random": random.mean()}
            row |= {"random_low": random.min(), "random_high": random.max()}
            rows.append(row | {"p_value": (1 + as_good) / (1 + len(random))})
        return pd.DataFrame(rows)


def scale_occlusion(
    model,
    image,
    label,
    *,
    bands=4,
    windows=7,
    num_random=20,
    neutral=None,
    from_logits=None,
    seed=0,
    batch_size=None,
    progress=True,
):
    """Finds which frequencies, in which part of one image, a model's answer hangs on.

    One band of frequencies is removed in one Gaussian window, for every band and window: all other
    frequencies stay, and all other places. What is lost of the margin, the score of the class less
    that of its strongest rival, says what the piece was worth. With a linear model, the windows of
    a band add up to what the whole band is worth.

    Two pieces that do the same work may both seem worth nothing. So the order of the pieces is put
    to a test: they are removed one after the other, and put into an empty image one after the
    other, and the probability of the class is compared with that in random orders.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        image: `(H, W, C)` in [0, 1].
        label: The class in question, an int in [0, K - 1]; its own, or what the model says.
        bands: The number B of bands of equal radial width, as in `keras_freq.band_edges`. Defaults
            to 4.
        windows: The number P of windows along each side. Defaults to 7.
        num_random: The number of random orders. Defaults to 20.
        neutral: What is left without any piece: a number or `(C,)`. Defaults to the channel means
            of the image.
        from_logits: Whether the model's outputs are logits. Defaults to None: the model and its
            outputs tell, and where they do not, an error asks for this argument.
        seed: An int >= 0, of the random orders. Defaults to 0.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.

    Returns:
        A `ScaleOcclusion`: `.margin_lost` `(B, P, P)`, `.band_lost` `(B,)`, `.faithfulness()`.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, or the model does not fit the image.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> image = np.random.default_rng(0).uniform(size=(8, 8, 1))
        >>> found = kf.scale_occlusion(keras.Sequential(layers), image, 0, bands=2, windows=3)
        >>> found.margin_lost.shape
        (2, 3, 3)
        >>> bool(np.allclose(found.margin_lost.sum(axis=(1, 2)), found.band_lost, atol=1e-4))
        True

    See Also:
        `keras_freq.plots.scale_occlusion`, which draws it; `band_shapley`, for many images.

    Source:
        Occlusion: M. Zeiler and R. Fergus, "Visualizing and understanding convolutional networks",
        ECCV 2014; they cover squares with grey. Deletion and insertion: V. Petsiuk et al., "RISE",
        BMVC 2018; they remove pixels.
    """
    image = checks.real_array("image", image, "(H, W, C)", ndim=3)
    checks.images("`image`", image[None])
    image = image.astype(np.float32)
    bands, windows = checks.integer("bands", bands), checks.integer("windows", windows)
    num_random = checks.integer("num_random", num_random)
    seed = checks.integer("seed", seed, least=0)
    size = image.shape[:2]
    for name, value in (("bands", bands), ("windows", windows)):
        checks.number(name, value, 1, min(size), f"a number of {name}")
    means = image.mean(axis=(0, 1), dtype=np.float64)
    neutral = means if neutral is None else checks.per_channel("neutral", neutral, len(means))
    checks.keras_model("model", model)
    num_classes = max(2, model.output_shape[-1])  # one score has no rival
    check_model(model, image[None], num_classes)
    label = int(
        checks.number("label", checks.integer("label", label, 0), 0, num_classes - 1, "a class")
    )
    logits = logits_of(model, image[None], num_classes, labels=[label], from_logits=from_logits)
    classifier = CompiledClassifier(logits, image.shape, batch_size)
    edges = band_edges(size, bands)
    masks = np.stack([ring_mask(size, low, high) for low, high in pairwise(edges)])
    shares = gaussian_windows(size, windows)

    def scores_of(kept):
        """The scores of the image with each set of pieces, `(M, K)` float64."""
        pieces = KeptPieces(kept.reshape(-1, bands, windows**2), masks, shares, neutral)
        answers = ask(
            *("scores", classifier, (image[None], [label]), num_classes, pieces),
            every_item(len(kept)),
            task="pieces of an image",
            total=len(kept),
            progress=progress,
        )
        return np.concatenate([scores for _, _, scores in answers]).astype(np.float64)

    number = bands * windows**2
    of_band = np.repeat(np.eye(bands, dtype=bool), windows**2, axis=1)
    first = scores_of(
        np.concatenate([np.ones((1, number), bool), ~np.eye(number, dtype=bool), ~of_band])
    )
    rival = int(np.where(np.arange(num_classes) == label, -np.inf, first[0]).argmax())
    margins = first[:, label] - first[:, rival]
    lost = margins[0] - margins[1:]
    order = np.argsort(-lost[:number], kind="stable")
    rng = np.random.default_rng(seed)
    orders = np.stack([order, *(rng.permutation(number) for _ in range(num_random))])
    steps = np.unique(np.linspace(0, number, _POINTS + 1).round().astype(int))
    place = np.argsort(orders, axis=1)
    inserted = place[:, None] < steps[:, None]
    curves = []
    for kept in (~inserted, inserted):
        shares_of_label = softmax(scores_of(kept.reshape(-1, number)), axis=1)[:, label]
        curves.append(shares_of_label.reshape(len(orders), len(steps)))
    deletion, insertion = curves
    return ScaleOcclusion(
        margin_lost=lost[:number].reshape(bands, windows, windows),
        band_lost=lost[number:],
        margin=float(margins[0]),
        label=label,
        rival=rival,
        edges=edges,
        image=image,
        neutral=neutral,
        removed=steps / number,
        deletion=deletion[0],
        insertion=insertion[0],
        random_deletion=deletion[1:],
        random_insertion=insertion[1:],
        evaluations=len(first) + 2 * deletion.size,
    )
