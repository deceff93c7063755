"""The public names with their types, for editors and type checkers."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any, Literal, TypeAlias

import ipywidgets
import keras
import numpy as np
import pandas as pd
import tensorflow as tf
from numpy.typing import ArrayLike, NDArray

from . import augment as augment
from . import classifier as classifier
from . import data as data
from . import dense as dense
from . import fourier as fourier
from . import importance as importance
from . import interventions as interventions
from . import lab as lab
from . import lenses as lenses
from . import metrics as metrics
from . import models as models
from . import plots as plots
from . import recording as recording
from . import shortcuts as shortcuts
from . import spectra as spectra
from . import transfer as transfer
from .fourier import FourierFilter as FourierFilter
from .importance import FrequencyImportance as FrequencyImportance
from .lab.examination import Examination as Examination
from .layers import LocalResponseNormalization as LocalResponseNormalization
from .lenses import BandShapley as BandShapley
from .lenses import CriticalBands as CriticalBands
from .lenses import FourierHeatMap as FourierHeatMap
from .lenses import ScaleOcclusion as ScaleOcclusion
from .recording import ClassMetricsRecorder as ClassMetricsRecorder
from .recording import ClassMetricsTensorBoard as ClassMetricsTensorBoard
from .shortcuts import FrequencySearch as FrequencySearch
from .transfer import TransferResult as TransferResult

# Batches of (images, labels), or both as arrays.
Dataset: TypeAlias = tf.data.Dataset | tuple[ArrayLike, ArrayLike]
# The training and the test images of a task.
Task: TypeAlias = tuple[Dataset, Dataset]

__version__: str

def adapt(
    model: keras.Model,
    *,
    inputs: str | keras.Layer = "0..1",
    classes: Sequence[int | str] | Mapping[str, int | str | Sequence[int | str]] | None = None,
    image_shape: tuple[int | None, int | None, int] | None = None,
    from_logits: bool | None = None,
) -> keras.Model: ...
def adcs(
    spectra: ArrayLike,
    *,
    channels: Literal["mean", "luma"] = "mean",
) -> NDArray[np.int64]: ...
def amplitude_only(
    images: ArrayLike,
    *,
    seed: Sequence[int] | tf.Tensor,
) -> tf.Tensor: ...
def amplitude_spectrum(
    images: ArrayLike,
) -> tf.Tensor: ...
def available_and_used(
    baseline: pd.DataFrame,
    shapley: BandShapley,
) -> pd.DataFrame: ...
def band_edges(
    size: int | tuple[int, int],
    num_bands: int = 4,
) -> NDArray[np.float64]: ...
def band_pass_mask(
    size: int | tuple[int, int],
    low: float,
    high: float,
) -> NDArray[np.bool_]: ...
def band_shapley(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    bands: int | Sequence[float] | Mapping[str, NDArray[np.bool_]] = 8,
    neutral: ArrayLike | None = None,
    from_logits: bool | None = None,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
) -> BandShapley: ...
def band_stop_mask(
    size: int | tuple[int, int],
    low: float,
    high: float,
) -> NDArray[np.bool_]: ...
def check_inputs(
    model: keras.Model,
    dataset: Dataset,
    *,
    max_images: int = 256,
    classes: Sequence[int | str] | Mapping[str, int | str | Sequence[int | str]] | None = None,
    from_logits: bool | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    progress: bool = True,
) -> pd.DataFrame: ...
def class_rates(
    confusion: ArrayLike,
) -> dict[str, NDArray[np.float64]]: ...
def class_spectra(
    dataset: Dataset,
    num_classes: int,
    *,
    class_names: Sequence[str] | None = None,
    progress: bool = True,
) -> NDArray[np.float64]: ...
def confusion_matrix(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    masks: NDArray[np.bool_] | None = None,
    neutral: ArrayLike | None = None,
    batch_size: int | None = None,
    progress: bool = True,
) -> NDArray[np.int64]: ...
def conjugate_pairs(
    size: int | tuple[int, int],
) -> NDArray[np.int64]: ...
def convolutionize(
    model: keras.Model,
    input_shape: tuple[int | None, int | None, int] = (None, None, 3),
    *,
    local: Sequence[type[keras.Layer] | Callable[..., Any]] = (),
) -> keras.Model: ...
def corruption_errors(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    corruptions: Sequence[str] = (
        "gaussian_noise",
        "shot_noise",
        "impulse_noise",
        "speckle_noise",
        "gaussian_blur",
        "contrast",
        "brightness",
        "pixelate",
        "jpeg",
    ),
    severities: Sequence[int] = (1, 2, 3, 4, 5),
    benchmark: Literal["cifar", "imagenet"] = "cifar",
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame: ...
def corruption_spectrum(
    dataset: Dataset,
    corruption: str,
    severity: int = 3,
    *,
    benchmark: Literal["cifar", "imagenet"] = "cifar",
    seed: int = 0,
) -> NDArray[np.float64]: ...
def critical_bands(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    strengths: Sequence[float] = (0.02, 0.04, 0.08, 0.16),
    contrast: float = 0.2,
    grey: bool = True,
    level: float | None = None,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
) -> CriticalBands: ...
def dense_pooling(
    model: keras.Model,
    input_shape: tuple[int | None, int | None, int] = (None, None, 3),
) -> keras.Model: ...
def dominant_frequency_maps(
    imp: FrequencyImportance | ArrayLike,
    fraction: float,
) -> NDArray[np.bool_]: ...
def examine(
    model: keras.Model | str | Path,
    dataset: Dataset | str | Path,
    num_classes: int | None = None,
    *,
    out: str | Path | None = None,
    minutes: float | None = None,
    inputs: str | keras.Layer | None = None,
    classes: Sequence[str]
    | Mapping[str, int | str | Sequence[int | str]]
    | str
    | Path
    | None = None,
    class_names: Sequence[str] | None = None,
    search_dataset: Dataset | None = None,
    image_size: int | tuple[int, int] | None = None,
    from_logits: bool | None = None,
    resize: Literal["stretch", "crop"] = "stretch",
    antialias: bool = False,
    on_error: Literal["raise", "skip"] = "raise",
    modules: Sequence[str | Path] = (),
    seed: int = 0,
    progress: bool = True,
    executor: Executor | None = None,
    command: str | None = None,
) -> Examination: ...
def filter_images(
    images: ArrayLike,
    mask: NDArray[np.bool_],
    *,
    neutral: ArrayLike = 0.0,
) -> tf.Tensor: ...
def filter_sweep(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    kinds: Sequence[str] = ("low-pass", "high-pass", "band-stop"),
    radii: Literal["octaves", "even", "energy"] | Sequence[float] | None = None,
    sigmas: Sequence[float] | None = None,
    neutral: ArrayLike | None = None,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame: ...
def fine_parts(
    maps: NDArray[np.bool_],
    dataset: Dataset,
) -> NDArray[np.bool_]: ...
def first_layer_kernels(
    model: keras.Model,
) -> NDArray[np.float32]: ...
def fourier_heat_map(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    strength: float | None = None,
    frequencies: Literal["all"] | int = "all",
    measure: Literal["error", "loss"] = "error",
    layer: str | None = None,
    phase: float | Literal["random"] = 0.0,
    by: Literal["class", "all"] = "class",
    from_logits: bool | None = None,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
) -> FourierHeatMap: ...
def frequency_importance(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    method: Literal["screened", "exhaustive"] = "screened",
    by: Literal["class", "all"] = "class",
    classes: Sequence[int] | None = None,
    fractions: float | Sequence[float] = (0.01, 0.05, 0.1),
    neutral: ArrayLike | None = None,
    from_logits: bool | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    class_names: Sequence[str] | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
    max_evaluations: int | None = None,
) -> FrequencyImportance: ...
def frequency_search(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    patches: Sequence[int] | None = None,
    keep: float = 0.6,
    num_candidates: int = 100,
    num_parents: int = 5,
    neutral: ArrayLike | None = None,
    from_logits: bool | None = None,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
) -> FrequencySearch: ...
def frequency_slider(
    model: keras.Model,
    images: ArrayLike,
    *,
    change: Literal["low-pass", "high-pass", "band-pass", "band-stop", "phase noise"] = "low-pass",
    class_names: Sequence[str] | None = None,
    seed: int = 0,
) -> ipywidgets.VBox: ...
def gradient_spectrum(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    from_logits: bool | None = None,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
) -> pd.DataFrame: ...
def half_accuracy_radii(
    sweep: pd.DataFrame,
) -> pd.DataFrame: ...
def high_pass_mask(
    size: int | tuple[int, int],
    radius: float | None = None,
    *,
    fraction: float | None = None,
) -> NDArray[np.bool_]: ...
def kernel_spectra(
    kernels: ArrayLike,
    size: int | tuple[int, int] = 64,
) -> NDArray[np.float64]: ...
def layer_spectra(
    model: keras.Model,
    dataset: Dataset,
    layers: Sequence[str] | None = None,
    *,
    batch_size: int | None = None,
    progress: bool = True,
) -> pd.DataFrame: ...
def layerwise_transfer(
    build_model: Callable[[int], keras.Model],
    task_a: Task,
    task_b: Task,
    *,
    layers: Sequence[int] | None = None,
    treatments: Sequence[str] = ("BnB", "BnB+", "AnB", "AnB+", "random"),
    seeds: Sequence[int] = (0,),
    directions: Sequence[str] = ("A->B", "B->A"),
    steps: int = 1000,
    batch_size: int = 64,
    make_optimizer: Callable[[], keras.optimizers.Optimizer] = ...,
    from_logits: bool | None = None,
    folder: str | Path | None = None,
    save_models: bool = True,
    executor: Executor | None = None,
    progress: bool = True,
) -> TransferResult: ...
def low_pass_mask(
    size: int | tuple[int, int],
    radius: float | None = None,
    *,
    fraction: float | None = None,
) -> NDArray[np.bool_]: ...
def map_geometry(
    model: keras.Model,
) -> tuple[int, int]: ...
def map_overlap(
    maps: NDArray[np.bool_],
    reference: NDArray[np.bool_],
) -> NDArray[np.float64]: ...
def mark_maps(
    maps: NDArray[np.bool_],
    truth: NDArray[np.bool_],
    *,
    class_names: Sequence[str] | None = None,
) -> pd.DataFrame: ...
def mean_corruption_error(
    errors: pd.DataFrame,
    reference: pd.DataFrame,
) -> pd.DataFrame: ...
def multiclass_auc(
    labels: ArrayLike,
    scores: ArrayLike,
    *,
    average: Literal["hand_till", "provost_domingos"] = "hand_till",
) -> float: ...
def phase_noise(
    images: ArrayLike,
    width: float,
    *,
    seed: Sequence[int] | tf.Tensor,
) -> tf.Tensor: ...
def phase_noise_sweep(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    widths: Sequence[float] = (0, 30, 60, 90, 120, 150, 180),
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame: ...
def phase_only(
    images: ArrayLike,
    amplitude: ArrayLike,
) -> tf.Tensor: ...
def phase_preference(
    model: keras.Model,
    dataset: Dataset,
    num_classes: int,
    *,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame: ...
def planted_recovery(
    maps: NDArray[np.bool_],
    planted: NDArray[np.bool_],
) -> dict[str, NDArray[Any]]: ...
def predict_multiscale(
    model: keras.Model,
    image: ArrayLike,
    scales: Sequence[int],
    *,
    flip: bool = False,
) -> NDArray[np.float32]: ...
def predict_ten_crop(
    model: keras.Model,
    images: ArrayLike,
    *,
    batch_size: int = 64,
) -> NDArray[np.float32]: ...
def radial_profile(
    maps: ArrayLike,
) -> NDArray[np.float64]: ...
def radius_map(
    size: int | tuple[int, int],
) -> NDArray[np.float64]: ...
def random_maps(
    mask: NDArray[np.bool_],
    num_maps: int = 40,
    *,
    power: ArrayLike | None = None,
    disjoint: bool = False,
    seed: int | Sequence[int] = 0,
) -> NDArray[np.bool_]: ...
def rates_under_maps(
    model: keras.Model,
    dataset: Dataset,
    maps: NDArray[np.bool_],
    *,
    num_random: int = 40,
    random: Literal["cells", "energy"] = "cells",
    neutral: ArrayLike | None = None,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame: ...
def recall_without_maps(
    model: keras.Model,
    dataset: Dataset,
    maps: NDArray[np.bool_],
    *,
    num_random: int = 40,
    random: Literal["cells", "energy"] = "cells",
    neutral: ArrayLike | None = None,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame: ...
def relative_confusion(
    filtered: ArrayLike,
    reference: ArrayLike,
) -> NDArray[np.float64]: ...
def shape_bias(
    model: keras.Model,
    conflicts: str | Path | tuple[ArrayLike, ArrayLike, ArrayLike],
    num_classes: int,
    *,
    class_names: Sequence[str] | None = None,
    image_size: int | tuple[int, int] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    executor: Executor | None = None,
) -> pd.DataFrame: ...
def scale_occlusion(
    model: keras.Model,
    image: ArrayLike,
    label: int,
    *,
    bands: int = 4,
    windows: int = 7,
    num_random: int = 20,
    neutral: ArrayLike | None = None,
    from_logits: bool | None = None,
    seed: int = 0,
    batch_size: int | None = None,
    progress: bool = True,
) -> ScaleOcclusion: ...
def shortcut_table(
    rates: pd.DataFrame | None = None,
    without: pd.DataFrame | None = None,
    transplants: pd.DataFrame | None = None,
    fine: pd.DataFrame | None = None,
) -> pd.DataFrame: ...
def shortcut_transfer(
    rates: Mapping[str, pd.DataFrame],
    *,
    reference: str,
) -> pd.DataFrame: ...
def spectral_baseline(
    train: Dataset,
    test: Dataset,
    num_classes: int,
    *,
    bands: int | Sequence[float] | None = None,
    num_permutations: int = 1000,
    class_names: Sequence[str] | None = None,
    seed: int = 0,
) -> pd.DataFrame: ...
def spectral_slope(
    maps: ArrayLike,
    *,
    low: int = 1,
    high: int | None = None,
) -> NDArray[np.float64]: ...
def strongest_frequencies(
    imp: FrequencyImportance,
    maps: ArrayLike | None = None,
    *,
    number: int = 5,
) -> pd.DataFrame: ...
def swap_phase(
    images: ArrayLike,
    others: ArrayLike,
) -> tf.Tensor: ...
def transfer_boost(
    frame: pd.DataFrame,
    *,
    layers: Sequence[tuple[int, int]] | None = None,
    num_bootstrap: int = 10000,
    confidence: float = 0.95,
    seed: int = 0,
) -> pd.DataFrame: ...
def transfer_map_overlap(
    result: TransferResult,
    target_images: Dataset,
    source_images: Dataset | None = None,
    *,
    direction: str = "A->B",
    fraction: float | Sequence[float] = 0.05,
    treatments: Sequence[str] = ("AnB", "AnB+", "random"),
    layers: Sequence[int] | None = None,
    method: Literal["screened", "exhaustive"] = "screened",
    num_random: int = 200,
    seed: int = 0,
    progress: bool = True,
) -> pd.DataFrame: ...
def transplant_matrix(
    model: keras.Model,
    dataset: Dataset,
    maps: NDArray[np.bool_],
    *,
    what: Literal["content", "amplitude", "phase"] = "content",
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    executor: Executor | None = None,
) -> pd.DataFrame: ...
def transplant_rates(
    model: keras.Model,
    dataset: Dataset,
    maps: NDArray[np.bool_],
    *,
    what: Literal["content", "amplitude", "phase"] = "content",
    num_random: int = 200,
    random: Literal["cells", "energy"] = "cells",
    random_images: int | None = 100,
    seed: int = 0,
    class_names: Sequence[str] | None = None,
    batch_size: int | None = None,
    progress: bool = True,
    checkpoint: str | Path | None = None,
    executor: Executor | None = None,
) -> pd.DataFrame: ...
