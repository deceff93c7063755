"""What adding waves has shown: a Fourier heat map with its errors, and keeping it on disk."""

import dataclasses

import numpy as np
import pandas as pd
from scipy import special

from keras_freq import checks
from keras_freq.fourier import conjugate_pairs, radius_map
from keras_freq.metrics import mean_interval, wilson_interval
from keras_freq.notebooks import maps_html, result_html
from keras_freq.saving import KeptInFile


@dataclasses.dataclass(frozen=True, eq=False)
class FourierHeatMap(KeptInFile):
    """How much a wave of each frequency harms a model.

    Attributes:
        error: `(H, W)` float64, centred: the mean over images with the wave of what `measure` says.
        stderr: `(H, W)`, the standard error of `error` over the population of images. Where the map
            is interpolated, the root-mean-square error of the interpolation.
        class_error: `(K, H, W)`, the same for each class, NaN without images; `(0, H, W)` with
            `by="all"`.
        base_error: The mean without a wave; 0 for distances.
        class_base_error: `(K,)`, the same for each class.
        strength: The norm of a wave in each channel, before images are clipped.
        evaluations: Passes spent.
        measured: `(H, W)` bool, where the wave was added; elsewhere the map is interpolated.
        interpolation_error: The root-mean-square error of what is interpolated; 0 if nothing is.
        image_rings: `(N, R)`, what `measure` says for each image, averaged over the measured waves
            of the radii that round to 0, 1, ..., R - 1. NaN without one.
        labels: `(N,)`, the classes of these images.
        class_names: K names.
        measure: "error" (share of wrong answers), "loss" (nats) or "distance" (of what `layer`
            gives).
        layer: The layer of the distances; "" without.
        phase: As in `fourier_heat_map`, as text.
        seed: Of the signs, the phases and the sample.
    """

    error: np.ndarray
    stderr: np.ndarray
    class_error: np.ndarray
    base_error: float
    class_base_error: np.ndarray
    strength: float
    evaluations: int
    measured: np.ndarray
    interpolation_error: float
    image_rings: np.ndarray
    labels: np.ndarray
    class_names: list[str]
    measure: str
    layer: str
    phase: str
    seed: int

    def __repr__(self):
        height, width = self.error.shape
        cells = int(self.measured.sum())
        rest = "" if self.measured.all() else f", {cells:,} of {self.error.size:,} cells measured"
        return (
            f"FourierHeatMap({self.measure}, {height}x{width}, {len(self.labels)} images{rest}: "
            f"{self.base_error:.3g} without a wave, {self.error.min():.3g} to "
            f"{self.error.max():.3g} with one of strength {self.strength:.3g})"
        )

    def _repr_html_(self):
        from matplotlib.colors import Normalize

        from keras_freq.colours import SEQUENTIAL

        maps = np.concatenate([self.error[None], self.class_error])
        counts = np.bincount(self.labels, minlength=len(self.class_names))[: len(self.class_error)]
        names = [f"all {len(self.labels)} images"]
        names += [
            f"{name}, {images} images"
            for name, images in zip(self.class_names, counts, strict=False)
        ]
        norm = Normalize(np.nanmin(maps), np.nanmax(maps))
        note = (
            f"Mean {self.measure} with a wave of each frequency, DC in the middle: from "
            f"{norm.vmin:.3g} (dark) to {norm.vmax:.3g} (yellow)."
        )
        return result_html(self, maps_html(maps, names, colours=SEQUENTIAL, norm=norm, note=note))

    def interval(self, confidence=0.95):
        """Gives an interval of the map: what other images of the same kind would show.

        Args:
            confidence: Coverage, between 0 and 1. Defaults to 0.95.

        Returns:
            `(low, high)`, two arrays `(H, W)`: Wilson's for a measured share of wrong answers,
            else Student's t with the standard error.
        """
        confidence = checks.confidence(confidence)
        images = len(self.labels)
        reach = special.stdtrit(max(images - 1, 1), 0.5 + confidence / 2) * self.stderr
        low, high = self.error - reach, self.error + reach
        if self.measure == "error":
            wrong = np.rint(self.error * images)
            exact = wilson_interval(np.clip(wrong, 0, images), images, confidence)
            low, high = (
                np.where(self.measured, own, np.clip(rough, 0, 1))
                for own, rough in zip(exact, (low, high), strict=True)
            )
        return low, high

    def to_frame(self, *, confidence=0.95):
        """Gives the map as a table.

        Args:
            confidence: Of the intervals, between 0 and 1. Defaults to 0.95.

        Returns:
            A pandas DataFrame, a row for each class and conjugate pair of frequencies; class -1,
            "all", is that of all images together.

            - `vertical`, `horizontal`, `radius`: the frequency, cycles per image. Of a pair, it is
              the one that comes first in row-major order.
            - `class_id`, `class_name`: the class.
            - `measured`: whether the wave was added, and not interpolated.
            - `error`: the mean over images with the wave of what `measure` says.
            - `low`, `high`: for all images, the interval of `interval`. NaN for classes.
            - `without`: the mean without a wave.
        """
        height, width = self.error.shape
        first = conjugate_pairs((height, width))[:, 0]
        low, high = self.interval(confidence)
        rows, columns = np.unravel_index(first, (height, width))
        place = {
            "vertical": rows - height // 2,
            "horizontal": columns - width // 2,
            "radius": radius_map((height, width)).flat[first],
        }
        maps = [*self.class_error, self.error]
        names = [*self.class_names[: len(self.class_error)], "all"]
        bases = [*self.class_base_error[: len(self.class_error)], self.base_error]
        frames = []
        for number, (errors, name, base) in enumerate(zip(maps, names, bases, strict=True)):
            of_all = number == len(maps) - 1
            ends = (one.flat[first] if of_all else np.nan for one in (low, high))
            frames.append(
                pd.DataFrame(
                    {
                        **place,
                        "class_id": -1 if of_all else number,
                        "class_name": name,
                        "measured": self.measured.flat[first],
                        "error": errors.flat[first],
                        **dict(zip(("low", "high"), ends, strict=True)),
                        "without": base,
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)

    def profile(self, *, confidence=0.95, seed=0):
        """Averages the measured waves of each radius.

        Args:
            confidence: Coverage of the intervals, between 0 and 1. Defaults to 0.95.
            seed: Of the bootstrap over images. Defaults to 0.

        Returns:
            A pandas DataFrame, a row for each ring: `radius` (to the nearest integer, cycles per
            image), `error`, and the interval `low`, `high` of its mean, which
            `keras_freq.metrics.mean_interval` makes of the images. NaN where no wave was measured.
        """
        known = np.isfinite(self.image_rings).all(axis=0)
        rows = np.full((self.image_rings.shape[1], 3), np.nan)
        rings = self.image_rings[:, known]
        interval = mean_interval(rings, confidence=confidence, seed=seed)
        rows[known] = np.stack([rings.mean(axis=0), *interval], axis=1)
        frame = pd.DataFrame(rows, columns=["error", "low", "high"])
        frame.insert(0, "radius", np.arange(len(frame)))
        return frame
