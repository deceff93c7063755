"""Bad input to the functions that only the rooms name: pipelines, builders, and other plots.

The others have theirs in `test_bad_input.py`.
"""

import inspect

import keras
import numpy as np
import pytest
import test_bad_input as known

import keras_freq as kf
from keras_freq import augment, data, dense, models, plots

about, changes, draws, model = known.about, known.changes, known.draws, known.model
IMAGES, LABELS, SET, MASK, MAPS = known.IMAGES, known.LABELS, known.SET, known.MASK, known.MAPS
FLIP, NAN, THING = augment.random_flip, np.nan, object()
FUNCTIONS_NOT = [None, "flip", 3, np.abs, keras.layers.RandomFlip()]
BUILDERS = [
    *(models.AlexNet, models.AlexNet2012, models.AlexNetFlowers, models.VGG19, models.NiN),
    *(models.GoogLeNet, models.ResNet34, models.ResNet50, models.ResNeXt50),
]
CASES = {
    "as_batches": about(
        data.as_batches, {"dataset": SET}, dataset=known.SET_NOT[:7], batch_size=known.COUNT
    ),
    "class_names_of": about(
        data.class_names_of,
        {"dataset": None, "num_classes": 2},
        class_names=known.NAMES_NOT,
    ),
    "group_classes": about(
        data.group_classes,
        {"dataset": SET, "groups": {0: "x", 1: "y"}, "num_classes": 2},
        dataset=known.SET_NOT[:4],
        groups=[None, 3, {}, {0: "x"}],
        batch_size=known.COUNT,
    ),
    "tfds_dataset": about(
        data.tfds_dataset,
        {"name": "frequency_bands/b1", "split": "train"},
        name=["frequency_bnds", "frequency_bands/b9"],
        image_size=known.SIZE[:6],
        batch_size=known.COUNT,
        seed=known.WHOLE,
        resize=known.CHOICE,
    ),
    "augmented": about(
        augment.augmented,
        {"dataset": SET, "augment": FLIP},
        dataset=known.SET_NOT[:4],
        augment=FUNCTIONS_NOT,
        seed=known.WHOLE,
        first_batch=known.WHOLE,
    ),
    "augmix_views": changes(augment.augmix_views, value_range=[1, (1, 0), (0, NAN), "01"]),
    "fit_pca_colour": about(augment.fit_pca_colour, dataset=known.SET_NOT[:7]),
    "pca_colour": changes(
        augment.pca_colour,
        ("pca", (np.ones(3), np.eye(3))),
        pca=[None, 3, "pca", (np.ones(3),), (np.ones(2), np.eye(2))],
        deviation=[-1, NAN, "0.1"],
    ),
    "dfm_x": changes(
        augment.dfm_x,
        ("labels", LABELS),
        ("maps", MAPS),
        labels=[None, "a", LABELS[:3]],
        maps=known.MAPS_NOT[:5],
        probability=[-1, 2, NAN, "0.3"],
    ),
    "flowers_recipe": changes(augment.flowers_recipe),
    "resized_crop_flip": changes(
        augment.resized_crop_flip,
        ("size", 6),
        size=known.SIZE[:4],
        padding=known.WHOLE,
        scale=[(0, 1), (1, 0.5), "ab", 3],
        ratio=[(0, 1), (2, 1), "ab", 3],
    ),
    "predict_multiscale": about(
        dense.predict_multiscale,
        {"model": model, "image": IMAGES[0], "scales": [8]},
        model=known.MODEL_NOT,
        image=[None, "a", known.RAGGED, IMAGES],
    ),
    "FrequencyImportance.load": about(kf.FrequencyImportance.load, path=known.PATH),
    "FourierHeatMap.load": about(kf.FourierHeatMap.load, path=known.PATH),
    "plot fourier_heat_map": about(
        plots.fourier_heat_map,
        {"heat_map": MASK * 1.0},
        heat_map=[None, "a", 3, {}, MAPS, {"a": MASK, "b": MASK[:4]}, THING],
        limits=[(1, 0), 3, "01", (0, NAN), known.RAGGED],
        ax=known.AXES,
    ),
    "BandShapley.load": about(kf.BandShapley.load, path=known.PATH),
    "CriticalBands.load": about(kf.CriticalBands.load, path=known.PATH),
    "plot critical_bands": about(
        plots.critical_bands,
        {"bands": None},
        bands=[None, "a", 3, {}, {"a": 3}, THING],
    ),
    "plot gradient_spectrum": about(
        plots.gradient_spectrum, {"spectrum": known.FRAME}, spectrum=[*known.TABLE, {}, {"a": 3}]
    ),
    "plot importance_maps": draws(
        plots.importance_maps, "loss_change", MAPS * 1.0, loss_change=[None, "a", MASK * 1.0]
    ),
    "plot corruption_errors": draws(plots.corruption_errors, "errors", known.FRAME, ax=[]),
    "plot layer_spectra": draws(plots.layer_spectra, "table", known.FRAME, ax=[]),
    "plot first_layer_kernels": about(
        plots.first_layer_kernels,
        {"kernels": np.ones((2, 3, 3, 1))},
        kernels=[None, "a", known.RAGGED, MASK],
        size=[*known.SIZE, 2],
        ax=known.AXES,
    ),
    "plot phase_preference": draws(plots.phase_preference, "table", known.FRAME, ax=[]),
    "plot shape_bias": draws(plots.shape_bias, "table", known.FRAME, ax=[]),
    "plot phase_noise_sweep": draws(plots.phase_noise_sweep, "sweep", known.FRAME, ax=[]),
    "plot roc_curves": about(
        plots.roc_curves,
        {"labels": LABELS, "scores": known.PROBABILITIES},
        labels=[None, known.RAGGED, LABELS[:3]],
        scores=[None, "a", LABELS],
    ),
    "plot changed_image": about(
        plots.changed_image,
        {"model": model, "image": IMAGES[0], "change": "low-pass", "value": 2},
        model=known.MODEL_NOT,
        image=[None, "image", 3, known.RAGGED, IMAGES, IMAGES[0] * np.nan, IMAGES[0, ..., :2]],
        change=known.CHOICE,
        value=[0, -1, NAN, "3", (1, 2), None],
        class_names=known.NAMES_NOT,
        seed=known.WHOLE,
        ax=known.AXES,
    ),
    "plot filtered_images": about(
        plots.filtered_images,
        {"image_rows": IMAGES[None]},
        image_rows=[None, "a", 3, LABELS],
        ax=known.AXES,
    ),
}
CASES |= {
    f"builder {builder.__name__}": about(
        builder,
        input_shape=[None, 3, (64, 64), (64, 64, 0), (2, 2, 3), ("64", 64, 3)],
        num_classes=known.CLASSES,
        classifier_activation=["softmix", 3, THING],
    )
    for builder in BUILDERS
}
INPUTS = [
    pytest.param(name, argument, number, id=f"{name}-{argument}-{number}")
    for name, (_, _, bad) in CASES.items()
    for argument, values in bad.items()
    for number in range(len(values))
]


def test_they_are_counted():
    print(f"{len(INPUTS)} bad inputs to {len(CASES)} functions")


@pytest.mark.parametrize(("name", "argument", "number"), INPUTS)
def test_bad_input_is_one_message_that_names_the_argument(
    name, argument, number, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    function, good, bad = CASES[name]
    arguments = {**good, argument: bad[argument][number]}
    arguments = {
        key: value() if value is model and inspect.isroutine(value) else value
        for key, value in arguments.items()
    }
    with pytest.raises((ValueError, TypeError)) as refused:
        function(**arguments)
    assert argument in str(refused.value)
    assert "/keras_freq/" in str(refused.traceback[-1].path)
    assert list(tmp_path.iterdir()) == []
