"""How accurate a model is when phases, or amplitudes, are gone."""

import dataclasses
from typing import ClassVar

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.data import checked_batches, class_names_of
from keras_freq.data.batches import repeated
from keras_freq.fourier import amplitude_spectrum, phase_noise, phase_only
from keras_freq.interventions import ChangedImages, count_answers, numbered_items
from keras_freq.lenses.paired_with_untouched import with_paired_test
from keras_freq.metrics.recall_rows import recall_rows

WIDTHS = (0, 30, 60, 90, 120, 150, 180)


def phase_noise_sweep(
    model,
    dataset,
    num_classes,
    *,
    widths=WIDTHS,
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Measures the accuracy of a model, and the recall of each class, against noise in the phases.

    The phases of every image are turned by random angles (`keras_freq.phase_noise`). At 180 degrees
    nothing but the amplitudes is left. The opposite is measured, too: images that keep their phases
    and all have the mean amplitudes of these images (`keras_freq.phase_only`).

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            twice, and must give the same images each time.
        num_classes: The number of classes K, at least 2.
        widths: The largest angles, in degrees from 0 to 180, increasing. Defaults to 0, 30, ...,
            180.
        seed: Int >= 0, decides the angles: those of an image grow in proportion to the width.
            Defaults to 0.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        checkpoint: File of finished work, from which the same call goes on. Defaults to None.
        executor: A `concurrent.futures.Executor` that does the work. Defaults to None: this
            process.

    Returns:
        A pandas DataFrame, a row for each width and class, and "phase only" at the end.

        - `kind`: "phase noise" or "phase only".
        - `width`: in degrees; 0 for "phase only".
        - `class_id`, `class_name`: the class; -1 and "all" for all images together.
        - `images`: the number of images.
        - `recall`, `recall_low`, `recall_high`: the share of them that is given its class, and its
          95 % Wilson interval. For all images it is the accuracy. NaN without images.
        - `lost`, `won`, `p_value`, `p_holm`: the same images compared with the width 0, as in
          `filter_sweep`. NaN if 0 is none of `widths`.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, or the model does not fit the images.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> sweep = kf.phase_noise_sweep(keras.Sequential(layers), data, 2, widths=[0, 180])
        >>> sweep.loc[sweep["class_id"] == -1, ["kind", "width"]].values.tolist()
        [['phase noise', 0.0], ['phase noise', 180.0], ['phase only', 0.0]]

    See Also:
        `keras_freq.plots.phase_noise_sweep`, which draws it; `phase_preference`.

    Source:
        R. Geirhos et al., "Generalisation in humans and deep neural networks", NeurIPS 2018, with
        the same widths. Their images are grey.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    seed = checks.integer("seed", seed, least=0)
    widths = _checked_widths(widths)
    dataset = repeated(dataset)
    class_names = class_names_of(dataset, class_names, num_classes)
    amplitude, number = 0.0, 0
    for images, _ in checked_batches(dataset, num_classes):
        amplitude = amplitude + np.sum(amplitude_spectrum(images), axis=0, dtype=np.float64)
        number += len(images)
    conditions = [("phase noise", width) for width in widths] + [("phase only", 0.0)]
    noise = [_Noise(width) if width else None for width in widths]
    changes = [*noise, _MeanAmplitude(amplitude / number)]
    untouched = 0 if widths[0] == 0 else None
    counts = count_answers(
        model,
        dataset,
        num_classes,
        ChangedImages(changes, seed),
        numbered_items(len(changes), images_first=True),
        paired_with=untouched,
        task="accuracy by phase noise",
        total=len(changes) * number,
        batch_size=batch_size,
        progress=progress,
        checkpoint=checkpoint,
        executor=executor,
    )
    frames = [
        recall_rows(right, asked, class_names, kind=kind, width=width)
        for (kind, width), right, asked in zip(
            conditions, counts["right"], counts["asked"], strict=True
        )
    ]
    table = pd.concat(frames, ignore_index=True)
    return with_paired_test(table, counts, ["kind"], untouched=untouched)


@dataclasses.dataclass(frozen=True)
class _Noise:
    """Noise in the phases of images."""

    width: float
    is_random: ClassVar[bool] = True

    def __call__(self, images, *, seed):
        return phase_noise(images, self.width, seed=seed)


@dataclasses.dataclass(frozen=True, eq=False)
class _MeanAmplitude:
    """The same amplitudes `(H, W, C)` in all images."""

    amplitude: np.ndarray
    is_random: ClassVar[bool] = False

    def __call__(self, images, *, seed):
        return phase_only(images, self.amplitude)


def _checked_widths(widths):
    """Reads increasing angles."""
    read = checks.real_array("widths", widths, "(widths,)", ndim=1).astype(float)
    if not (np.diff(read) > 0).all() or not ((read >= 0) & (read <= 180)).all():
        raise ValueError(
            "`widths` must be increasing angles in degrees, from 0 to 180. "
            f"Received: widths={widths!r}"
        )
    return read.tolist()
