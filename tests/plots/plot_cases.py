"""Small arguments for every plot function, and what tests ask of the figures."""

import functools

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.colors import to_rgba

from keras_freq import BandShapley, CriticalBands, FourierHeatMap, ScaleOcclusion, plots
from keras_freq.plots import style

STRANGE = ["$x_1$ and $y$", "_private", "german_short_haired_pointer_no1", r"50 % \frac{1}"]
TREATMENTS = ("BnB", "BnB+", "AnB", "AnB+", "random")
GREY = to_rgba(style.UNDEFINED)


def metric_frame(num_classes=3, steps=6, sources=("train", "low-pass")):
    """A recorder's frame with random counts; class 1 is absent from the first training batch."""
    rng = np.random.default_rng(0)
    rows = []
    for source in sources:
        for step in range(1, steps + 1):
            for k in range(num_classes):
                tp, fp, fn = rng.integers(0, 9, 3)
                if source == "train" and step == 1 and k == 1:
                    tp = fp = fn = 0
                whole = 2 * tp + fp + fn
                recall = tp / (tp + fn) if tp + fn else np.nan
                f1 = 2 * tp / whole if whole else np.nan
                rows.append((step, source, k, tp, fp, fn, recall, f1))
    columns = ["step", "source", "class_id", "tp", "fp", "fn", "recall", "f1"]
    return pd.DataFrame(rows, columns=columns)


def rates_frame(names=("cat", "dog")):
    """Rates whose intervals are not symmetric, the last class without images."""
    rows = []
    for k, name in enumerate(names):
        row = {"class_name": name}
        for rate, value in (("tpr", 0.5 + 0.1 * k), ("fpr", 0.2)):
            row |= {rate: value, f"{rate}_low": value - 0.1, f"{rate}_high": value + 0.05}
            row |= {f"random_{rate}": 0.3, f"random_{rate}_high": 0.35}
            row[f"{rate}_above_chance"] = value - 0.1 > 0.35
        rows.append(row)
    rows[-1] |= {"tpr": np.nan, "tpr_low": np.nan, "tpr_high": np.nan, "tpr_above_chance": False}
    return pd.DataFrame(rows)


def recalls_frame(names=("cat", "dog")):
    """Recalls whose intervals are not symmetric, the last class without images."""
    rows = [
        {
            "class_name": name,
            "recall": 0.9,
            "recall_without": 0.3 + 0.2 * k,
            "recall_without_low": 0.2 + 0.2 * k,
            "recall_without_high": 0.35 + 0.2 * k,
            "random_recall": 0.6,
            "random_recall_low": 0.45,
            "is_needed": 0.35 + 0.2 * k < 0.45,
        }
        for k, name in enumerate(names)
    ]
    frame = pd.DataFrame(rows)
    columns = [c for c in frame if c.startswith(("recall", "random"))]
    frame.loc[len(names) - 1, columns] = np.nan
    return frame


def matrix_frame(names=("cat", "dog")):
    """Who becomes what, of two classes."""
    rows = [
        (i, names[i], k, names[k], 0.9 if i == k else 0.1, 0.8 - 0.2 * i)
        for i in range(2)
        for k in range(2)
    ]
    columns = ["class_id", "class_name", "donor_id", "donor_name", "untouched", "swapped"]
    return pd.DataFrame(rows, columns=columns)


def transplants_frame(names=("cat", "dog")):
    """Both exchanges of two classes; nothing is known of the last one's."""
    rows = []
    for k, name in enumerate(names):
        row = {"class_name": name, "random_in_high": 0.3, "random_out_low": 0.7}
        for side, before, after in (("in", 0.1, 0.8 - 0.2 * k), ("out", 0.9, 0.2 + 0.2 * k)):
            row |= {f"untouched_{side}": before, f"random_{side}": before}
            row |= {f"swapped_{side}": after, f"{side}_p_holm": 0.01 + 0.2 * k}
            row |= {f"swapped_{side}_low": after - 0.1, f"swapped_{side}_high": after + 0.1}
        rows.append(row)
    frame = pd.DataFrame(rows)
    frame.loc[len(names) - 1, ["swapped_in", "swapped_in_low", "swapped_in_high"]] = np.nan
    return frame


def sweep_frame(names=("cat", "dog")):
    """Accuracy and recalls through two filters of one kind, and untouched."""
    rows = []
    for kind, high, recall in (
        ("untouched", np.inf, 0.9),
        ("low-pass", 2.0, 0.3),
        ("low-pass", 4.0, 0.6),
        ("band-stop", 4.0, 0.5),
    ):
        for class_id, name in [*enumerate(names), (-1, "all")]:
            row = {"kind": kind, "low": 0.0, "high": high, "class_id": class_id, "class_name": name}
            value = recall + 0.05 * class_id
            rows.append(
                row | {"recall": value, "recall_low": value - 0.1, "recall_high": value + 0.1}
            )
    return pd.DataFrame(rows)


def cues_frame(cues, preference, names=("cat", "dog")):
    """Which of two cues is named, of two classes and all; nothing is known of the last class."""
    rows = []
    for class_id, name in [*enumerate(names), (-1, "all")]:
        row = {"class_id": class_id, "class_name": name, preference: 0.6}
        for cue, value in zip(cues, (0.45, 0.3), strict=True):
            row |= {cue: value, f"{cue}_low": value - 0.1, f"{cue}_high": value + 0.15}
        rows.append(row)
    frame = pd.DataFrame(rows)
    frame.loc[len(names) - 1, [c for c in frame if not c.startswith("class")]] = np.nan
    return frame


def phase_noise_frame(names=("cat", "dog")):
    """Accuracy and recalls at two widths of noise, and with the phases alone."""
    sweep = sweep_frame(names)
    sweep = sweep[sweep["kind"] != "band-stop"].copy()
    sweep["kind"] = sweep["kind"].map({"untouched": "phase only", "low-pass": "phase noise"})
    return sweep.assign(width=sweep["high"] * 45)


def corruptions_frame(names=("cat", "dog")):
    """Errors of untouched images and under two corruptions."""
    sweep = sweep_frame(names).rename(columns=lambda column: column.replace("recall", "error"))
    places = {"untouched": ("none", 0), "low-pass": ("jpeg", 2), "band-stop": ("contrast", 4)}
    sweep = sweep[sweep["high"] != 2]
    corruption, severity = zip(*sweep["kind"].map(places), strict=True)
    return sweep.assign(corruption=corruption, severity=severity)


def layers_frame():
    """Spectra of the images and of two layers."""
    rows = [
        (layer, depth, share, -depth * share)
        for depth, layer in enumerate(("images", "first", "second"))
        for share in (0, 0.5, 1)
    ]
    return pd.DataFrame(rows, columns=["layer", "depth", "nyquist_share", "log_amplitude"])


def runs_frame(names=("cat", "dog")):
    """Two runs in the setting B1 and one in B2, with a filter each."""
    columns = ["setting", "class_name", "filter", "mean_f1", "recall_change"]
    rows = [
        (setting, name, "low-pass", f1, change)
        for setting, f1, change in (("B1", 0.2, -80.0), ("B1", 0.4, -40.0), ("B2", 0.9, np.nan))
        for name in names
    ]
    return pd.DataFrame(rows, columns=columns)


def transfer_frame(shift=0.0, layers=(1, 2, 3), seeds=(0, 1), treatments=TREATMENTS):
    """An experiment whose accuracies are known: 0.6 for bases, and a slope for each treatment."""
    rows = []
    for seed in seeds:
        for direction in ("A->B", "B->A"):
            base = 0.6 + 0.02 * seed
            rows.append(("base", 0, seed, direction, base))
            for slope, treatment in enumerate(treatments):
                rows += [(treatment, n, seed, direction, base - 0.01 * slope * n - shift * n)
                         for n in layers]  # fmt: skip
    return pd.DataFrame(rows, columns=["treatment", "n", "seed", "direction", "accuracy"])


def overlap_frame():
    """Overlaps of two classes, both references."""
    rows = []
    for n in (0, 1, 2):
        treatment = "base" if n == 0 else "AnB"
        for seed in (0, 1):
            for reference, names in (("target", ["cat", "dog", "all"]), ("source", ["all"])):
                rows += [
                    (treatment, n, seed, "A->B", reference, name, 1 - 0.1 * n - 0.1 * i, 0.05)
                    for i, name in enumerate(names)
                ]
    columns = ["treatment", "n", "seed", "direction", "reference", "class_name", "overlap"]
    return pd.DataFrame(rows, columns=[*columns, "chance"])


def heat_maps(size=(8, 6)):
    """The heat maps of two models, the second one of a sample of the frequencies."""
    rng = np.random.default_rng(2)
    measured = np.zeros(size, bool)
    measured[2:5, 2:4] = True
    maps = []
    for known in (np.ones(size, bool), measured):
        error = rng.random(size)
        maps.append(
            FourierHeatMap(
                error, error / 10, np.stack([error, error]), 0.1, np.full(2, 0.1), 4.0, 99, known,
                0.05, rng.random((5, 4)), np.arange(5) % 2, ["a", "b"], "error", "", "0.0", 0,
            )
        )  # fmt: skip
    return maps


def gradient_frame(names=("cat", "dog")):
    """Shares of the gradient's power, the last class without images."""
    rows = []
    for class_id, name in [*enumerate(names), (-1, "all")]:
        parts = [("low", 0, 2, 0.7), ("high", 2, 9, 0.3), ("ring", 0.5, 1.5, 0.6)]
        for part, low, high, share in [*parts, ("ring", 1.5, 2.5, 0.2)]:
            value = np.nan if class_id == len(names) - 1 else share
            ends = value - 0.1, value + 0.1
            rows.append((part, low, high, class_id, name, 9, value, *ends, 0.25))
    columns = ["part", "low", "high", "class_id", "class_name", "images", "share", "share_low"]
    return pd.DataFrame(rows, columns=[*columns, "share_high", "flat"])


def critical_bands(finding=""):
    """Accuracy with noise of three octaves at two strengths."""
    accuracy = np.array([[0.8, 0.4], [0.5, 0.2], [0.9, 0.9]])
    known = np.nan if finding else 2.0
    ends = (known, known + 1)
    thresholds = np.array([0.15, 0.05, np.inf])
    return CriticalBands(
        np.array([1.0, 2.0, 4.0]), np.ones((3, 2)), np.array([0.1, 0.2]), accuracy, accuracy - 0.1,
        accuracy + 0.1, accuracy[None], 0.9, 0.6, thresholds, known, ends, known, ends, 12.0,
        (10.0, 14.0), finding, accuracy, 0.2, True, 40, ["a"], 99, 0,
    )  # fmt: skip


@functools.cache
def small_classifier():
    """A linear network of 8x8 images in two classes, with images and maps."""
    import keras

    keras.utils.set_random_seed(0)
    layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    images = np.random.default_rng(0).random((12, 8, 8, 1), np.float32)
    maps = np.zeros((2, 8, 8), bool)
    maps[:, 3:6, 3:6] = True
    return keras.Sequential(layers), (images, np.arange(12) % 2), maps


def shapley_result(names=("cat", "dog"), seed=0):
    """The worth of three bands in a random game of eight images; the last class has one."""
    labels = np.array([0] * 7 + [1])
    losses = np.random.default_rng(seed).normal(size=(8, 8))
    masks, edges = np.zeros((3, 1, 3), bool), np.array([0, 1, 2, np.inf])
    bands = ["0 to 1", "1 to 2", "from 2"]
    return BandShapley(losses, labels, masks, edges, bands, list(names), np.zeros(1))


def available_frame(names=("cat", "dog")):
    """What is available in two bands, and what is used, of two classes and all images."""
    rows = []
    for class_id, name in [*enumerate(names), (-1, "all")]:
        for band, (low, high) in enumerate([(0, 4), (4, np.inf)]):
            row = {"class_id": class_id, "class_name": name, "low": low, "high": high, "null": 0.5}
            for what, value in (("available", 0.6 - 0.1 * band), ("used", class_id + 2.0 * band)):
                row |= {what: value, f"{what}_low": value - 0.1, f"{what}_high": value + 0.2}
            rows.append(row)
    return pd.DataFrame(rows)


def occlusion_result(bands=1):
    """Random pieces of an image, in three windows along each side."""
    rng = np.random.default_rng(0)
    edges, image = np.array([*range(bands), np.inf]), rng.random((8, 6, 1))
    curves = rng.random((2, 5)), rng.random((2, 3, 5))
    lost = rng.normal(size=(bands, 3, 3))
    return ScaleOcclusion(
        *(lost, lost.sum(axis=(1, 2)), 2.0, 1, 0, edges, image, np.zeros(1)),
        *(np.arange(5) / 4, *curves[0], *curves[1], 99),
    )


def every_plot(names=("a", "b"), size=(8, 6)):
    """Each public function with small arguments for two classes: name -> callable of `ax`."""
    rng = np.random.default_rng(1)
    labels = np.arange(20) % 2
    draw = {
        "adcs_maps": lambda **k: plots.adcs_maps(
            rng.integers(-1, 2, (2, *size)), class_names=names, **k
        ),
        "class_spectra": lambda **k: plots.class_spectra(
            rng.exponential(size=(2, *size, 3)), class_names=names, **k
        ),
        "importance_maps": lambda **k: plots.importance_maps(
            rng.normal(size=(2, *size)), class_names=names, **k
        ),
        "dominant_frequency_maps": lambda **k: plots.dominant_frequency_maps(
            rng.random((2, *size)) < 0.2, class_names=names, bands=True, **k
        ),
        "class_metric_heatmap": lambda **k: plots.class_metric_heatmap(
            metric_frame(2), class_names=names, **k
        ),
        "class_metric_curves": lambda **k: plots.class_metric_curves(
            metric_frame(2), class_names=names, **k
        ),
        "confusion_matrix": lambda **k: plots.confusion_matrix(
            [[3, 1], [0, 4]], class_names=names, **k
        ),
        "relative_confusion": lambda **k: plots.relative_confusion(
            [[-5.0, 5.0], [0.0, 0.0]], class_names=names, **k
        ),
        "rates_under_maps": lambda **k: plots.rates_under_maps(rates_frame(names), **k),
        "recall_without_maps": lambda **k: plots.recall_without_maps(recalls_frame(names), **k),
        "shortcut_examples": lambda **k: plots.shortcut_examples(
            *small_classifier(), 0, num_examples=2, class_names=names, **k
        ),
        "transplant_rates": lambda **k: plots.transplant_rates(transplants_frame(names), **k),
        "band_shapley": lambda **k: plots.band_shapley(shapley_result(names), **k),
        "band_interactions": lambda **k: plots.band_interactions(shapley_result(names), **k),
        "available_and_used": lambda **k: plots.available_and_used(
            available_frame(names), class_id=1, **k
        ),
        "scale_occlusion": lambda **k: plots.scale_occlusion(
            occlusion_result(), class_names=names, **k
        ),
        "filter_sweep": lambda **k: plots.filter_sweep(sweep_frame(names), **k),
        "fourier_heat_map": lambda **k: plots.fourier_heat_map(
            dict(zip(names, heat_maps(size), strict=False)), **k
        ),
        "layer_spectra": lambda **k: plots.layer_spectra(dict.fromkeys(names, layers_frame()), **k),
        "first_layer_kernels": lambda **k: plots.first_layer_kernels(
            rng.normal(size=(6, 5, 5, 3)), **k
        ),
        "corruption_errors": lambda **k: plots.corruption_errors(corruptions_frame(names), **k),
        "phase_preference": lambda **k: plots.phase_preference(
            cues_frame(("phase", "amplitude"), "preference", names), **k
        ),
        "shape_bias": lambda **k: plots.shape_bias(
            cues_frame(("shape", "texture"), "shape_bias", names), **k
        ),
        "phase_noise_sweep": lambda **k: plots.phase_noise_sweep(phase_noise_frame(names), **k),
        "gradient_spectrum": lambda **k: plots.gradient_spectrum(gradient_frame(names), **k),
        "critical_bands": lambda **k: plots.critical_bands(critical_bands(), **k),
        "transplant_matrix": lambda **k: plots.transplant_matrix(matrix_frame(names), **k),
        "filtered_images": lambda **k: plots.filtered_images(
            rng.random((1, 2, 8, 8, 3)), list(names), **k
        ),
        "augmentation_grid": lambda **k: plots.augmentation_grid(
            rng.random((1, 8, 8, 3)),
            {names[1]: rng.random((1, 6, 7, 3))},
            column_titles=names[:1],
            **k,
        ),
        "filter_reliance": lambda **k: plots.filter_reliance(
            metric_frame(2, sources=("test", "low-pass")), class_names=names, **k
        ),
        "class_comparison": lambda **k: plots.class_comparison(
            runs_frame(names), value="mean_f1", **k
        ),
        "filter_changes": lambda **k: plots.filter_changes(runs_frame(names), **k),
        "training_curves": lambda **k: plots.training_curves(
            {"loss": [2.0, 1.0], "accuracy": [0.2, 0.6]}, **k
        ),
        "changed_image": lambda **k: plots.changed_image(
            small_classifier()[0],
            small_classifier()[1][0][0],
            "low-pass",
            2,
            **{"class_names": names, **k},
        ),
        "score_map": lambda **k: plots.score_map(
            rng.random((8, 8)), np.eye(4), class_name=names[0], **k
        ),
        "transfer_curves": lambda **k: plots.transfer_curves(transfer_frame(), chance=0.2, **k),
        "transfer_degradation": lambda **k: plots.transfer_degradation(
            transfer_frame(), transfer_frame(0.02), **k
        ),
        "transfer_map_overlap": lambda **k: plots.transfer_map_overlap(overlap_frame(), **k),
        "roc_curves": lambda **k: plots.roc_curves(
            labels, rng.normal(size=(20, 2)), class_names=names, **k
        ),
    }
    return draw


ONE_AXES = {
    "band_interactions",
    "band_shapley",
    "class_comparison",
    "filter_changes",
    "class_metric_heatmap",
    "confusion_matrix",
    "relative_confusion",
    "rates_under_maps",
    "recall_without_maps",
    "phase_noise_sweep",
    "phase_preference",
    "roc_curves",
    "score_map",
    "shape_bias",
    "transplant_matrix",
    "transfer_curves",
    "transfer_degradation",
}
# They draw the names of classes, and take as many of them as there are classes.
NAMED = {name for name in every_plot() if not name.startswith(("transfer", "training", "score"))}
NAMED -= {"scale_occlusion"}
NAMED -= {"band_interactions", "critical_bands"}
NAMED -= {"band_interactions", "available_and_used"}
NAMED -= {"first_layer_kernels"}
TAKE_NAMES = NAMED - {"rates_under_maps", "recall_without_maps", "augmentation_grid"}
TAKE_NAMES -= {"class_comparison", "filter_changes", "transplant_matrix", "transplant_rates"}
TAKE_NAMES -= {"filter_sweep", "fourier_heat_map", "gradient_spectrum"}
TAKE_NAMES -= {"phase_preference", "phase_noise_sweep", "shape_bias"}
TAKE_NAMES -= {"corruption_errors", "layer_spectra"}
TAKE_NAMES -= {"band_shapley"}


def flat(axes):
    """The axes that a function returned, as a list."""
    return list(np.atleast_1d(axes).flat)


def texts_of(figure):
    """All texts that a figure draws, as Text objects."""
    figure.canvas.draw()
    return [text for text in figure.findobj(mpl.text.Text) if text.get_text()]
