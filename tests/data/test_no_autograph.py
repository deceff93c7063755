"""AutoGraph is given none of this package's functions: on Python 3.13 it warns, or fails."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf


@pytest.fixture
def converted(capsys):
    """What AutoGraph says that it converts, but for a function of TensorFlow's own `rebatch`."""
    tf.autograph.set_verbosity(1, alsologtostdout=True)
    yield lambda: [
        line
        for line in capsys.readouterr().out.splitlines()
        if line.startswith("Converted call:") and "normalize_to_dense" not in line
    ]
    tf.autograph.set_verbosity(0, alsologtostdout=False)


def images_and_labels():
    return np.random.default_rng(0).random((8, 16, 16, 3), np.float32), np.arange(8) % 4


def folder_of_images(path):
    for label in "ab":
        (path / label).mkdir()
        for number in range(2):
            image = np.full((16, 16, 3), 99 * number, np.uint8)
            keras.utils.save_img(path / label / f"{number}.png", image, scale=False)
    return path


def test_pipelines_are_not_converted(converted, tmp_path):
    images, labels = images_and_labels()
    batches = kf.data.arrays(images, labels, batch_size=4, shuffle=True, first_epoch=0)
    augment = kf.augment.compose(
        functools.partial(kf.augment.random_crop, size=16, padding=2), kf.augment.random_flip
    )
    folder = kf.data.image_folder(folder_of_images(tmp_path), image_size=16, batch_size=2)
    for dataset in (
        kf.augment.augmented(batches, augment),
        kf.augment.augmented(batches, kf.augment.flowers_recipe),
        kf.augment.augmented(folder, kf.augment.pad_crop_flip),
        kf.data.filtered(folder, kf.low_pass_mask(16, 3)),
        *kf.data.split_classes(kf.data.arrays(images, labels, batch_size=4), 4),
    ):
        next(iter(dataset))
    model = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(4))
    kf.confusion_matrix(model, batches.take(2), 4)
    assert converted() == []


@pytest.mark.filterwarnings("ignore:.*___pyct_anno:DeprecationWarning")  # on Python 3.13
@pytest.mark.parametrize(
    ("function", "options"),
    [
        (kf.filter_images, {"mask": kf.low_pass_mask(16, 3)}),
        (kf.amplitude_spectrum, {}),
        (kf.augment.random_crop, {"size": 8, "seed": (0, 1)}),
        (kf.augment.rand_augment, {"seed": (0, 1)}),
        (kf.augment.pad_crop_flip, {"seed": (0, 1)}),
        (kf.augment.random_amplitude_mix, {"seed": (0, 1)}),
        (kf.augment.augmix_views, {"seed": (0, 1)}),
    ],
)
def test_what_a_users_map_calls_is_not_converted(function, options, converted):
    """AutoGraph enters the function of the user's, and none of this package's."""
    images, labels = images_and_labels()
    batches = tf.data.Dataset.from_tensors((images, labels))
    next(iter(batches.map(lambda images, labels: (function(images, **options), labels))))
    called = [line for line in converted() if "<lambda>" not in line]
    assert len(called) == 1 and function.__name__ in called[0]


@pytest.mark.filterwarnings("ignore:.*___pyct_anno:DeprecationWarning")  # on Python 3.13
def test_a_function_of_the_users_is_converted(converted):
    def darker(images, *, seed):
        if tf.reduce_mean(images) > 0.1:  # only AutoGraph can do this in a graph
            return images / 2
        return images

    images, labels = images_and_labels()
    batches = kf.data.arrays(images, labels, batch_size=4)
    for augment in (darker, kf.augment.compose(darker, kf.augment.random_flip)):
        augmented = next(iter(kf.augment.augmented(batches, augment)))[0]
        assert np.isclose(np.mean(augmented), images[:4].mean() / 2)
    assert any("darker" in line for line in converted())
