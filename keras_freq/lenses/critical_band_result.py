"""What noise in octave bands has shown, and keeping it on disk."""

import dataclasses

import numpy as np
import pandas as pd

from keras_freq.metrics.rates import percent
from keras_freq.notebooks import result_html, table_html
from keras_freq.saving import KeptInFile

# How a finding begins where the model knows too little of such images even without noise.
WITHOUT_NOISE = "without noise"


@dataclasses.dataclass(frozen=True, eq=False)
class CriticalBands(KeptInFile):
    """A model's accuracy with noise of one octave, and the channel that is fitted to it.

    Attributes:
        centres: `(B,)`, the centres of the bands, cycles per image.
        edges: `(B, 2)`, their radii, `low <= r < high`.
        strengths: `(S,)`, the root-mean-square of the noise.
        accuracy: `(B, S)`, the share of images that are right.
        accuracy_low: `(B, S)`, the lower end of its 95 % Wilson interval.
        accuracy_high: `(B, S)`, the upper end.
        class_recall: `(K, B, S)`, the same share of each class's images; NaN without images.
        base_accuracy: The accuracy without noise, at the same contrast.
        level: The accuracy at which noise has reached its threshold.
        thresholds: `(B,)`, the strength that does so; inf where the strongest does not.
        bandwidth: Full width of the fitted channel at half of its peak, octaves. It, `centre` and
            `sensitivity` are NaN if `finding` says why.
        bandwidth_interval: 95 % interval, from a bootstrap of images; NaN if few of its samples
            support a fit.
        centre: Centre of the channel, cycles per image.
        centre_interval: The same for it.
        sensitivity: 1 over the threshold at the peak.
        sensitivity_interval: The same for it.
        finding: Why no channel can be told; "" if it can.
        outside: `(B, S)`, the share of pixels that leave [0, 1]. They are not clipped.
        contrast: Of the images.
        grey: Whether the images had lost their colours.
        images: The number of images.
        class_names: K names.
        evaluations: Passes spent.
        seed: Of the noise and the bootstrap.
    """

    centres: np.ndarray
    edges: np.ndarray
    strengths: np.ndarray
    accuracy: np.ndarray
    accuracy_low: np.ndarray
    accuracy_high: np.ndarray
    class_recall: np.ndarray
    base_accuracy: float
    level: float
    thresholds: np.ndarray
    bandwidth: float
    bandwidth_interval: tuple[float, ...]
    centre: float
    centre_interval: tuple[float, ...]
    sensitivity: float
    sensitivity_interval: tuple[float, ...]
    finding: str
    outside: np.ndarray
    contrast: float
    grey: bool
    images: int
    class_names: list[str]
    evaluations: int
    seed: int

    def __repr__(self):
        told = f"cannot tell: {self.finding}"
        if not self.finding:
            low, high = self.bandwidth_interval
            told = (
                f"{self.bandwidth:.2g} octaves wide ({low:.2g} to {high:.2g}) around "
                f"{self.centre:.3g} cycles per image"
            )
        return (
            f"CriticalBands({self.images} images, {percent(self.base_accuracy, 1)} right without "
            f"noise; {told})"
        )

    def _repr_html_(self):
        columns = {
            "centre (cycles per image)": self.centres,
            "threshold (rms of the noise)": self.thresholds,
            "accuracy with the weakest": self.accuracy[:, 0],
            "with the strongest": self.accuracy[:, -1],
        }
        return result_html(self, table_html(pd.DataFrame(columns)))

    @property
    def blind(self):
        """Whether the model knows too little of such images even without noise."""
        return self.finding.startswith(WITHOUT_NOISE)
