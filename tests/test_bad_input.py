"""Bad input to every public function: one message of ours that names the argument, at once.

A case is a function, good arguments, and bad values for one argument after the other. Keys of
experiment files and the command line have theirs in `tests/lab/test_bad_commands.py`.
"""

import functools
import inspect

import keras
import numpy as np
import pandas as pd
import pytest

import keras_freq as kf
from keras_freq import augment, data, metrics, models, plots

RNG = np.random.default_rng(0)
IMAGES = RNG.random((6, 8, 8, 3)).astype("float32")
LABELS = np.array([0, 1, 0, 1, 0, 1])
SET = (IMAGES, LABELS)
PROBABILITIES = np.tile([0.4, 0.6], (6, 1))
MASK = kf.low_pass_mask(8, 2)
MAPS = np.stack([MASK, kf.low_pass_mask(8, 3)])
COUNTS = [[3, 1], [0, 4]]
FRAME = pd.DataFrame({"a": [1]})
NAN, THING, RAGGED = np.nan, object(), [[1, 2], [3]]
SEED = (0, 1)
RECORDER = kf.ClassMetricsRecorder(2)

SIZE = [0, -1, 1.5, "8", (8,), (8, 0), (8, 8, 8), None, NAN]
COUNT = [0, -1, 1.5, "2", NAN, True, [2]]
CLASSES = [*COUNT, 10**9]
RADIUS = [0, -1, NAN, "3", True, [2]]
IMAGES_NOT = [None, "images", 3, RAGGED, THING, np.zeros((8, 8)), np.zeros((2, 8, 8, 3), "uint8")]
SET_NOT = [None, "images", 3, THING, (IMAGES,), (IMAGES, LABELS[:3]), (IMAGES[0], LABELS)]
SET_NOT += [(IMAGES, LABELS + 0.5), (IMAGES * np.nan, LABELS), (IMAGES[:0], LABELS[:0])]
MODEL_NOT = [None, "model.keras", 3, THING, np.mean]
NAMES_NOT = ["ab", 3, THING, ["a"], ["a", "b", "c"], [["a"], ["b"]], True]
MASK_NOT = [None, "mask", 3, RAGGED, MASK.astype(float), MASK[0], np.triu(np.ones((8, 8), bool))]
MAPS_NOT = [None, "maps", RAGGED, MASK, MAPS.astype(float), np.triu(np.ones((2, 8, 8), bool))]
COUNTS_NOT = [None, "counts", 3, RAGGED, [[0.5, 1], [1, 1]], [[-1, 1], [1, 1]], [[NAN, 1], [1, 1]]]
CHOICE = ["no such", None, 3, THING, np.ones(2), ["mean"]]
SEED_NOT = [None, 3, "seed", (1,), (0.5, 1.5), RAGGED]
WHOLE = [-1, 1.5, "0", NAN, [2]]
NEUTRAL = ["grey", [1, 2], NAN, RAGGED, THING]
FRACTION = [0, -1, 2, NAN, "half"]
TABLE = [None, 3, "table.csv", FRAME, FRAME[:0]]
AXES = ["left", 3, THING, RAGGED]
PATH = [None, 3, 1.5, THING, ["a"]]


@functools.cache
def model():
    """A model of two classes for these images."""
    layers = [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    return keras.Sequential(layers)


def about(function, good=(), **bad):
    """A case: good arguments that have no default, and lists of bad values."""
    return function, dict(good), bad


def sized(function, *good, **bad):
    return about(function, {"size": 8, **dict(good)}, size=SIZE, **bad)


def asks(function, *good, **bad):
    """A case of a function that asks a model about images."""
    start = {"model": model, "dataset": SET, **dict(good)}
    shared = {"model": MODEL_NOT, "dataset": SET_NOT, "neutral": NEUTRAL, "batch_size": COUNT}
    shared = {name: values for name, values in shared.items() if needs(function, name)}
    return about(function, start, **shared, **bad)


def changes(function, *good, **bad):
    """A case of an augmentation."""
    start = {"images": IMAGES, **({"seed": SEED} if needs(function, "seed") else {})}
    shared = {"images": IMAGES_NOT, **({"seed": SEED_NOT} if needs(function, "seed") else {})}
    return about(function, {**start, **dict(good)}, **shared, **bad)


def needs(function, name):
    return name in inspect.signature(function).parameters


def draws(function, name, value, **bad):
    """A case of a plot."""
    return about(function, {name: value}, **{name: TABLE, "ax": AXES, **bad})


def builds(function, **bad):
    """A case of a builder of a model."""
    shapes = [None, 3, (64, 64), (64, 64, 0), (2, 2, 3), ("64", 64, 3)]
    shared = {"classifier_activation": ["softmix", 3, THING], "weight_decay": [-1, "0", NAN]}
    shared |= {"mean": ["grey", [1, 2], NAN], "std": [0, -1, "grey"]}
    return about(function, input_shape=shapes, num_classes=CLASSES, **shared, **bad)


OPERATES = {"fill": [-1, 2, "grey", [1, 2]], "value_range": [1, (1, 0), (0, NAN), "01"]}
SEARCH = ("num_classes", 2)
BLOCK = ("x", lambda: keras.Input((8, 8, 4)))
RATES = pd.DataFrame(
    [[0, "a", 3, 0.9, 0.1, 0.5, 0.1, True, True]],
    columns=[
        *("class_id", "class_name", "cells", "tpr", "random_tpr_high", "fpr", "random_fpr_high"),
        *("tpr_above_chance", "fpr_above_chance"),
    ],
)
ERRORS = pd.DataFrame(
    {"corruption": ["none", "jpeg"], "severity": [0, 1], "class_id": -1, "error": [0.1, 0.2]}
).assign(error_low=0.05, error_high=0.3)
CASES = {
    "band_edges": sized(kf.band_edges, num_bands=COUNT),
    "low_pass_mask": sized(kf.low_pass_mask, ("radius", 2), radius=RADIUS),
    "low_pass_mask by fraction": sized(kf.low_pass_mask, ("fraction", 0.5), fraction=[0, 3, NAN]),
    "high_pass_mask": sized(kf.high_pass_mask, ("radius", 2), radius=RADIUS),
    "band_pass_mask": sized(
        kf.band_pass_mask, ("low", 1), ("high", 3), low=[-1, NAN, "1", 4], high=[-1, NAN, "3", 1]
    ),
    "band_stop_mask": sized(
        kf.band_stop_mask, ("low", 1), ("high", 3), low=[-1, NAN, "1", 4], high=[-1, NAN, "3", 1]
    ),
    "radius_map": sized(kf.radius_map),
    "conjugate_pairs": sized(kf.conjugate_pairs),
    "filter_images": about(
        kf.filter_images,
        {"images": IMAGES, "mask": MASK},
        images=IMAGES_NOT,
        mask=[*MASK_NOT, kf.low_pass_mask(6, 2)],
        neutral=NEUTRAL,
    ),
    "amplitude_spectrum": about(kf.amplitude_spectrum, images=IMAGES_NOT),
    "swap_phase": about(
        kf.swap_phase,
        {"images": IMAGES, "others": IMAGES},
        images=[*IMAGES_NOT, IMAGES[:, :6]],
        others=[*IMAGES_NOT, IMAGES[:2]],
    ),
    "phase_noise": changes(kf.phase_noise, ("width", 90), width=[-1, 181, NAN, "90", None, [90]]),
    "phase_only": changes(
        kf.phase_only,
        ("amplitude", np.ones((8, 8, 3))),
        amplitude=[None, "a", RAGGED, MASK, -IMAGES[0], IMAGES[0], np.ones((8, 8, 1))],
    ),
    "amplitude_only": changes(kf.amplitude_only),
    "FourierFilter": about(kf.FourierFilter, {"mask": MASK}, mask=MASK_NOT, neutral=[NAN, "grey"]),
    "LocalResponseNormalization": about(
        kf.LocalResponseNormalization, depth_radius=[-1, 1.5, "2", NAN]
    ),
    "adcs": about(
        kf.adcs, {"spectra": IMAGES}, spectra=[None, "a", RAGGED, LABELS], channels=CHOICE
    ),
    "scale_occlusion": about(
        kf.scale_occlusion,
        {"model": model, "image": IMAGES[0], "label": 0},
        model=MODEL_NOT,
        image=[None, "image", 3, RAGGED, THING, IMAGES, IMAGES[0] * NAN, IMAGES[0] * 1j],
        label=[-1, 2, 0.5, "0", None, NAN, [0]],
        bands=[*COUNT, 9],
        windows=[*COUNT, 9],
        num_random=COUNT,
        neutral=NEUTRAL,
        from_logits=["yes", 3, THING],
        seed=[*WHOLE, None],
        batch_size=COUNT,
    ),
    "spectral_baseline": about(
        kf.spectral_baseline,
        {"train": SET, "test": SET, "num_classes": 2},
        train=[*SET_NOT, (IMAGES, 0 * LABELS)],
        test=[*SET_NOT, (IMAGES[:, :6], LABELS)],
        num_classes=[*CLASSES, 1],
        bands=[*COUNT[:-1], 9, [2, 1], [0, 1], []],
        num_permutations=COUNT,
        class_names=NAMES_NOT,
        seed=[*WHOLE, None],
    ),
    "available_and_used": about(
        kf.available_and_used,
        {"baseline": FRAME, "shapley": None},
        baseline=TABLE,
    ),
    "radial_profile": about(kf.radial_profile, maps=[None, "a", RAGGED, LABELS]),
    "spectral_slope": about(
        kf.spectral_slope,
        {"maps": MASK},
        maps=[None, "a", RAGGED, LABELS],
        low=[0, 4, 1.5, "1", NAN],
        high=[1, 5, 1.5, "3", NAN],
    ),
    "class_rates": about(kf.class_rates, confusion=COUNTS_NOT),
    "relative_confusion": about(
        kf.relative_confusion,
        {"filtered": COUNTS, "reference": COUNTS},
        filtered=[*COUNTS_NOT, np.ones((3, 3), int)],
        reference=COUNTS_NOT,
    ),
    "multiclass_auc": about(
        kf.multiclass_auc,
        {"labels": LABELS, "scores": PROBABILITIES},
        labels=[None, RAGGED, LABELS[:3], LABELS + 1, LABELS * 1.0, LABELS * 0],
        scores=[None, "a", RAGGED, LABELS, PROBABILITIES * 2, PROBABILITIES * NAN],
        average=CHOICE,
    ),
    "average_rates": about(
        metrics.average_rates, {"confusion": COUNTS}, confusion=COUNTS_NOT, average=CHOICE
    ),
    "rates_from_counts": about(
        metrics.rates_from_counts,
        {"tp": 1, "fp": 1, "fn": 1, "tn": 1},
        **{key: ["a", -1, NAN, RAGGED, THING] for key in ("tp", "fp", "fn", "tn")},
    ),
    "wilson_interval": about(
        metrics.wilson_interval,
        {"successes": 1, "trials": 2},
        successes=["a", -1, NAN, 3, RAGGED],
        trials=["a", -1, NAN, RAGGED],
        confidence=[0, 1, NAN, "0.9"],
    ),
    "class_spectra": about(
        kf.class_spectra,
        {"dataset": SET, "num_classes": 2},
        dataset=SET_NOT,
        num_classes=[*CLASSES, 1, 500_000],
        class_names=NAMES_NOT,
    ),
    "adapt": about(
        kf.adapt,
        {"model": model},
        model=MODEL_NOT,
        inputs=[*CHOICE, np.mean, "0..2", "tf"],
        classes=["cat", 3, THING, [0], [0, 2], [0, 0], [0, 0.5], {"a": 0, "b": []}, RAGGED, ["n1"]],
        image_shape=[3, "abc", (8, 8), (8, 8, 0), (8, 8, 3, 1), THING, (8.5, 8, 3)],
        from_logits=["yes", 3, THING],
    ),
    "check_inputs": about(
        kf.check_inputs,
        {"model": model, "dataset": SET},
        model=MODEL_NOT,
        dataset=[*SET_NOT, (15 * IMAGES, LABELS)],
        max_images=[*COUNT, None],
        classes=["cat", 3, THING, [0], [0, 2], [0, 0], RAGGED],
        from_logits=["yes", 3, THING],
        seed=[*WHOLE, None],
        batch_size=COUNT,
    ),
    "confusion_matrix": asks(
        kf.confusion_matrix,
        SEARCH,
        ("masks", MAPS),
        num_classes=[*CLASSES, 1, 500_000],
        masks=["m", RAGGED, MASK * 1.0],
    ),
    "band_shapley": asks(
        kf.band_shapley,
        SEARCH,
        ("bands", 3),
        num_classes=[*CLASSES, 1, 3],
        bands=[
            *COUNT[:-1],
            1,
            8,
            11,
            10**9,
            [2, 1],
            [0, 3],
            {},
            {"a": MASK},
            {"a": MASK, "b": MASK},
        ],
        from_logits=["yes", 3, THING],
        class_names=NAMES_NOT,
        checkpoint=[3, 0.5, ["a"]],
    ),
    "frequency_importance": asks(
        kf.frequency_importance,
        SEARCH,
        num_classes=[*CLASSES, 1, 3],
        method=CHOICE,
        fractions=[0, 2, NAN, "0.1", [], RAGGED, [-1]],
        from_logits=["yes", 3, THING],
        seed=WHOLE,
        class_names=NAMES_NOT,
        checkpoint=[3, 0.5, ["a"], "no/such/folder/log"],
    ),
    "critical_bands": asks(
        kf.critical_bands,
        SEARCH,
        num_classes=[*CLASSES, 1, 3],
        strengths=[None, 3, "0.1", [0.1], [0.2, 0.1], [0, 0.1], [0.1, NAN], RAGGED],
        contrast=[0, -1, 2, NAN, "low"],
        grey=["yes", None, 3, THING],
        level=[0, 1, NAN, "half"],
        seed=WHOLE,
        class_names=NAMES_NOT,
        checkpoint=[3, 0.5, ["a"]],
    ),
    "gradient_spectrum": asks(
        kf.gradient_spectrum,
        SEARCH,
        num_classes=[*CLASSES, 1, 3],
        from_logits=["yes", 3, THING],
        seed=WHOLE,
        class_names=NAMES_NOT,
    ),
    "fourier_heat_map": asks(
        kf.fourier_heat_map,
        SEARCH,
        num_classes=[*CLASSES, 1, 3],
        strength=[0, -1, NAN, "4", [4]],
        frequencies=[*COUNT, "some"],
        measure=CHOICE,
        layer=["no such", 3, THING, ["dense"]],
        phase=["some", NAN, 400, None, [0]],
        by=CHOICE,
        seed=WHOLE,
        class_names=NAMES_NOT,
        checkpoint=[3, 0.5, ["a"]],
    ),
    "frequency_search": asks(
        kf.frequency_search,
        SEARCH,
        num_classes=[*CLASSES, 1, 500_000],
        patches=[[], [0], [1, 2], "42", [1.5]],
        keep=[*FRACTION, 1.5],
        num_candidates=COUNT,
        num_parents=COUNT,
        seed=WHOLE,
        class_names=NAMES_NOT,
    ),
    "phase_preference": asks(
        kf.phase_preference,
        SEARCH,
        num_classes=[*CLASSES, 1, 3],
        seed=WHOLE,
        class_names=NAMES_NOT,
    ),
    "phase_noise_sweep": asks(
        kf.phase_noise_sweep,
        SEARCH,
        num_classes=[*CLASSES, 1, 3],
        widths=[None, "a", [], [90, 0], [-1, 2], [181], RAGGED],
        seed=WHOLE,
        class_names=NAMES_NOT,
    ),
    "shape_bias": about(
        kf.shape_bias,
        {"model": model, "conflicts": (IMAGES, LABELS, 1 - LABELS), "num_classes": 2},
        model=MODEL_NOT,
        conflicts=[
            *(None, 3, "no such folder", SET, (IMAGES, LABELS, LABELS), (IMAGES, LABELS, [0])),
            *((IMAGES, LABELS, 2 - LABELS), (IMAGES * NAN, LABELS, 1 - LABELS)),
        ],
        num_classes=[*CLASSES, 1, 3],
        class_names=NAMES_NOT,
        batch_size=COUNT,
    ),
    "layer_spectra": asks(kf.layer_spectra, layers=[3, ["no such"], [3], "flatten"]),
    "first_layer_kernels": about(kf.first_layer_kernels, {"model": model}, model=MODEL_NOT),
    "kernel_spectra": about(
        kf.kernel_spectra,
        {"kernels": np.ones((2, 3, 3, 1))},
        kernels=[None, "a", RAGGED, MASK],
        size=[*SIZE, 2],
    ),
    "corruption_errors": asks(
        kf.corruption_errors,
        SEARCH,
        num_classes=[*CLASSES, 1, 3],
        corruptions=[None, "fog", 3, [], ["jpeg", "jpeg"], RAGGED],
        severities=[None, 0, 6, [], [1, 1], ["1"], RAGGED],
        benchmark=CHOICE,
        seed=WHOLE,
        class_names=NAMES_NOT,
    ),
    "mean_corruption_error": about(
        kf.mean_corruption_error,
        {"errors": ERRORS, "reference": ERRORS},
        errors=[*TABLE, ERRORS[1:], ERRORS[:1]],
        reference=[*TABLE, ERRORS[1:], ERRORS.replace("jpeg", "contrast")],
    ),
    "corruption_spectrum": about(
        kf.corruption_spectrum,
        {"dataset": SET, "corruption": "jpeg"},
        dataset=SET_NOT,
        corruption=CHOICE,
        severity=[*COUNT, 6],
        benchmark=CHOICE,
        seed=WHOLE,
    ),
    "corrupt": changes(
        augment.corrupt,
        ("corruption", "gaussian_noise"),
        corruption=CHOICE,
        severity=[*COUNT, 6],
        benchmark=CHOICE,
    ),
    "rates_under_maps": asks(
        kf.rates_under_maps,
        ("maps", MAPS),
        maps=[*MAPS_NOT, MAPS[:1]],
        num_random=COUNT,
        random=CHOICE,
        seed=WHOLE,
        class_names=NAMES_NOT,
        checkpoint=[3, 0.5, ["a"]],
    ),
    "transplant_rates": asks(
        kf.transplant_rates,
        ("maps", MAPS),
        maps=[*MAPS_NOT, MAPS[:1]],
        num_random=COUNT,
        random=CHOICE,
        what=CHOICE,
        seed=WHOLE,
        class_names=NAMES_NOT,
    ),
    "transplant_matrix": asks(
        kf.transplant_matrix,
        ("maps", MAPS),
        maps=[*MAPS_NOT, MAPS[:1]],
        what=CHOICE,
        seed=WHOLE,
        class_names=NAMES_NOT,
    ),
    "recall_without_maps": asks(
        kf.recall_without_maps,
        ("maps", MAPS),
        maps=[*MAPS_NOT, MAPS[:1]],
        num_random=COUNT,
        seed=WHOLE,
        class_names=NAMES_NOT,
    ),
    "dominant_frequency_maps": about(
        kf.dominant_frequency_maps,
        {"imp": np.ones((2, 8, 8)), "fraction": 0.1},
        imp=[None, "a", 3, RAGGED, MASK],
        fraction=FRACTION,
    ),
    "map_overlap": about(
        kf.map_overlap, {"maps": MAPS, "reference": MAPS}, maps=MAPS_NOT, reference=[MAPS[:1], "a"]
    ),
    "planted_recovery": about(
        kf.planted_recovery, {"maps": MAPS, "planted": MAPS}, maps=MAPS_NOT, planted=[MAPS[:1], "a"]
    ),
    "random_maps": about(
        kf.random_maps, {"mask": MASK}, mask=MASK_NOT, num_maps=COUNT, power=["a", -1.0 * MASK, 3]
    ),
    "fine_parts": about(
        kf.fine_parts,
        {"maps": MAPS, "dataset": SET},
        maps=[*MAPS_NOT, MAPS[:1]],
        dataset=SET_NOT,
    ),
    "shortcut_table": about(kf.shortcut_table, rates=TABLE),
    "shortcut_transfer": about(
        kf.shortcut_transfer,
        {"rates": {"a": RATES}, "reference": "a"},
        rates=[None, 3, RATES, {"a": FRAME}, {}],
        reference=["b", None, 3],
    ),
    "transfer_boost": about(kf.transfer_boost, frame=TABLE),
    "map_geometry": about(kf.map_geometry, model=MODEL_NOT),
    "convolutionize": about(
        kf.convolutionize,
        {"model": model},
        model=MODEL_NOT,
        input_shape=[3, "a", (8, 8), (8, 8, 1), (-1, 8, 3), (8.5, 8, 3), ("a", 8, 3), (4, 8, 3)],
        local=[None, 3, "Conv2D", keras.layers.Conv2D, ["Conv2D"]],
    ),
    "dense_pooling": about(
        kf.dense_pooling, {"model": model}, model=MODEL_NOT, input_shape=[3, "a", (8, 8)]
    ),
    "predict_ten_crop": about(
        kf.predict_ten_crop,
        {"model": model, "images": np.ones((2, 9, 9, 3))},
        model=MODEL_NOT,
        images=[None, "a", RAGGED, np.ones((2, 4, 4, 3)), np.ones((9, 9))],
        batch_size=COUNT,
    ),
    "ClassMetricsRecorder": about(
        kf.ClassMetricsRecorder,
        {"num_classes": 2},
        num_classes=[*CLASSES, 1, 500_000],
        max_steps=[*COUNT, 10**9],
        probe_every=COUNT,
        probes=[3, "test", {"train": SET}, {"test": 3}],
    ),
    "ClassMetricsTensorBoard": about(
        kf.ClassMetricsTensorBoard,
        {"recorder": RECORDER},
        recorder=[None, "logs", 3, THING, RECORDER.batch_counts],
        log_dir=[None, 3, "", THING],
        metrics=[None, "f2", [], ["f1", "f1"], 3],
        figures=[3, "f1", [np.abs], {"curves": "f1"}],
        class_names=NAMES_NOT,
    ),
    "arrays": about(
        data.arrays,
        {"images": IMAGES, "labels": LABELS},
        images=[None, "a", RAGGED, IMAGES[0], IMAGES[:3], (IMAGES * 255).astype("uint8")],
        labels=[None, "a", RAGGED, LABELS[:3], LABELS + 0.5, -LABELS],
        batch_size=COUNT,
        seed=WHOLE,
        class_names=["ab", 3, ["a"]],
        first_epoch=WHOLE,
    ),
    "filtered": about(
        data.filtered, {"dataset": SET, "mask": MASK}, dataset=SET_NOT[:4], mask=MASK_NOT
    ),
    "imagenet10": about(data.imagenet10, path=PATH[1:], split=CHOICE, image_size=SIZE[:-2]),
    "channel_means": about(data.channel_means, dataset=SET_NOT),
    "frequency_bands": about(
        data.frequency_bands,
        {"band": 1},
        band=[0, 5, "1", None, 1.5],
        split=CHOICE,
        per_class=COUNT,
        size=[0, 8, "32", 1.5],
        seed=WHOLE,
    ),
    "planted_masks": about(data.planted_masks, {"band": 1}, band=[0, 5, "1"], size=[0, "32"]),
    "plant_shortcut": about(
        data.plant_shortcut,
        {"dataset": SET, "shortcut": "moire", "class_id": 0},
        dataset=SET_NOT[:6],
        shortcut=CHOICE,
        class_id=[*WHOLE, 2],
        severity=[*COUNT, 6],
    ),
    "shortcut_masks": about(
        data.shortcut_masks,
        {"shortcut": "jpeg", "size": 8, "class_id": 0, "num_classes": 2},
        shortcut=CHOICE,
        size=[*SIZE, 7],
        class_id=[*WHOLE, 2],
        num_classes=CLASSES,
        severity=[*COUNT, 6],
    ),
    "handwritten_digits": about(data.handwritten_digits, split=CHOICE, size=[*COUNT, 7]),
    "frequency_slider": about(
        kf.frequency_slider,
        {"model": model, "images": IMAGES},
        model=MODEL_NOT,
        images=[None, "images", 3, RAGGED, IMAGES[:0], IMAGES[..., :2], IMAGES * NAN],
        change=CHOICE,
        class_names=NAMES_NOT,
        seed=WHOLE,
    ),
    "digit_network": about(models.digit_network, name=[*CHOICE, "a"]),
    "mark_maps": about(
        kf.mark_maps,
        {"maps": MAPS, "truth": MAPS},
        maps=MAPS_NOT,
        truth=MAPS_NOT,
        class_names=NAMES_NOT,
    ),
    "split_classes": about(
        data.split_classes,
        {"dataset": SET, "num_classes": 2},
        dataset=SET_NOT[:4],
        num_classes=[*CLASSES, 1],
        seed=WHOLE,
        class_names=NAMES_NOT,
    ),
    "image_folder": about(
        data.image_folder,
        {"path": "images", "image_size": 8},
        path=[*PATH, "no such folder"],
        image_size=SIZE,
        batch_size=COUNT,
        seed=WHOLE,
        on_error=CHOICE,
    ),
    "random_crop": changes(
        augment.random_crop, ("size", 4), size=[*SIZE, 99], padding=WHOLE, fill=NEUTRAL
    ),
    "random_flip": changes(augment.random_flip, probability=[-1, 2, NAN, "0.5"]),
    "random_resized_crop": changes(
        augment.random_resized_crop,
        ("size", 4),
        size=SIZE,
        scale=[0, (0, 1), (1, 0.5), "01", (NAN, 1)],
        ratio=[0, (0, 1), (2, 1), "01"],
        fill=NEUTRAL,
    ),
    "random_affine": changes(
        augment.random_affine,
        rotation_degrees=[-1, 181, "3", NAN],
        shift=[-1, 1, "3"],
        shear_degrees=[-1, 90],
        zoom=[-1, 1],
        fill_mode=CHOICE,
        interpolation=CHOICE,
        fill=NEUTRAL,
    ),
    "resize_short_side": changes(augment.resize_short_side, ("size", 4), size=[0, 1.5, "8"]),
    "pad_crop_flip": changes(augment.pad_crop_flip, padding=WHOLE, fill=NEUTRAL),
    "apply_operation": changes(
        augment.apply_operation,
        ("operation", "rotate"),
        operation=CHOICE,
        strength=["a", None, [1, 2], RAGGED],
        interpolation=CHOICE,
        **OPERATES,
    ),
    "auto_augment": changes(
        augment.auto_augment, magnitudes=CHOICE, policy=["no such"], **OPERATES
    ),
    "rand_augment": changes(
        augment.rand_augment, num_operations=COUNT, magnitude=[-1, 31, "9", NAN], **OPERATES
    ),
    "augmix": changes(
        augment.augmix, severity=[0, 11, "3", NAN], width=COUNT, alpha=[0, -1, "1"], **OPERATES
    ),
    "amplitude_mix": changes(
        augment.amplitude_mix, ("others", IMAGES), strength=[-1, 2, NAN, "a", [1, 1]]
    ),
    "random_amplitude_mix": changes(
        augment.random_amplitude_mix, strength=[2, (1, 0), (0, 2), "a"]
    ),
    "jensen_shannon": about(
        augment.jensen_shannon,
        dict.fromkeys(("p_clean", "p_first", "p_second"), PROBABILITIES),
        p_clean=[None, "a", RAGGED, LABELS],
        p_second=[PROBABILITIES[:3], THING],
    ),
    "residual_block": about(
        models.residual_block, [BLOCK, ("filters", 4)], x=[None, 3], filters=COUNT, strides=COUNT
    ),
    "mlp_convolution": about(
        models.mlp_convolution,
        [BLOCK, ("filters", (4, 4)), ("size", 3)],
        filters=[4, (), (0, 4), "44"],
        size=COUNT,
        padding=CHOICE,
    ),
    "inception_naive": about(
        models.inception_naive, [BLOCK, ("filters", (4, 4, 4))], filters=[4, (4, 4), (4, 4, 0)]
    ),
    "LeNet5": builds(models.LeNet5),
    "AlexNetSmall": builds(
        models.AlexNetSmall, width=[0, -1, "1"], dropout=[-1, 2, "0.5"], activation=CHOICE
    ),
    "ResNet18": builds(models.ResNet18, stem=CHOICE),
    "VGG16": builds(models.VGG16, head=CHOICE, dropout=[-1, 2, NAN]),
    "multiply_adds": about(models.multiply_adds, model=MODEL_NOT),
    "trainable_parameters": about(models.trainable_parameters, model=MODEL_NOT),
    "load_torch_weights": about(
        models.load_torch_weights, {"model": model, "path": "a.npz"}, model=MODEL_NOT, path=PATH
    ),
    "imagenet_class_names": about(models.imagenet_class_names, path=[*PATH, "no such file", "."]),
    "top_predictions": about(
        models.top_predictions,
        {"model": model, "images": IMAGES, "class_names": ["a", "b"], "k": 1},
        model=MODEL_NOT,
        images=[None, "a", RAGGED, IMAGES[0, 0], IMAGES[:0]],
        class_names=NAMES_NOT,
        k=[*COUNT, 3],
    ),
    "plot confusion_matrix": draws(plots.confusion_matrix, "matrix", COUNTS, matrix=COUNTS_NOT[:4]),
    "plot adcs_maps": draws(plots.adcs_maps, "adcs", MAPS * 1, adcs=[None, "a", RAGGED, MASK]),
    "plot dominant maps": draws(plots.dominant_frequency_maps, "maps", MAPS, maps=MAPS_NOT[:5]),
    "plot scale_occlusion": about(plots.scale_occlusion, occlusion=[*TABLE, MAPS]),
    "plot available_and_used": draws(plots.available_and_used, "table", FRAME, ax=[]),
    "plot band_shapley": draws(plots.band_shapley, "shapley", FRAME, ax=[], shapley=[*TABLE, {}]),
    "plot band_interactions": about(plots.band_interactions, shapley=[*TABLE, MAPS]),
    "plot rates_under_maps": draws(plots.rates_under_maps, "rates", RATES, ax=[]),
    "plot class_metric_curves": draws(plots.class_metric_curves, "frame", FRAME, ax=[]),
    "plot filter_reliance": draws(plots.filter_reliance, "frame", FRAME, ax=[]),
    "plot transfer_curves": draws(plots.transfer_curves, "frame", FRAME, ax=[]),
    "plot training_curves": draws(
        plots.training_curves, "history", {"loss": [1.0]}, history=[None, 3, {"loss": 1}, {}]
    ),
    "plot score_map": about(
        plots.score_map,
        {"image": MASK * 1.0, "scores": np.eye(4)},
        image=[None, "a", RAGGED, LABELS],
        scores=[None, "a", RAGGED, LABELS],
        geometry=[3, "ab", (1,), (2, 0)],
        limits=[3, "ab", (1, 0)],
        ax=AXES,
    ),
}
INPUTS = [
    pytest.param(name, argument, number, id=f"{name}-{argument}-{number}")
    for name, (_, _, bad) in CASES.items()
    for argument, values in bad.items()
    for number in range(len(values))
]


def test_there_are_many():
    assert len(INPUTS) >= 200
    print(f"{len(INPUTS)} bad inputs to {len(CASES)} functions")


@pytest.mark.parametrize(("name", "argument", "number"), INPUTS)
def test_bad_input_is_one_message_that_names_the_argument(
    name, argument, number, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    function, good, bad = CASES[name]
    arguments = {**good, argument: bad[argument][number]}
    # Keras makes these, which takes a moment: only when a case needs them.
    arguments = {
        key: value() if value is good.get(key, ...) and inspect.isroutine(value) else value
        for key, value in arguments.items()
    }
    with pytest.raises((ValueError, TypeError)) as refused:
        function(**arguments)
    assert argument in str(refused.value)
    assert "/keras_freq/" in str(refused.traceback[-1].path)
    assert list(tmp_path.iterdir()) == []
