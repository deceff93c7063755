"""`tfds.load("frequency_bands/b1")`: the same bits as the arrays, with nothing downloaded."""

import numpy as np
import pytest
import tensorflow_datasets as tfds

import keras_freq as kf

SMALL = {"train_per_class": 3, "validation_per_class": 1, "test_per_class": 2}


def prepared(config, folder):
    builder = tfds.builder("frequency_bands", config=config, data_dir=folder)
    builder.download_and_prepare()
    return builder


def test_the_four_configs_are_registered():
    kf.data  # noqa: B018 (importing keras_freq.data registers the builder)
    configs = tfds.builder_cls("frequency_bands").BUILDER_CONFIGS
    assert [(c.name, c.band, c.size, c.seed) for c in configs] == [
        (f"b{band}", band, 32, 0) for band in (1, 2, 3, 4)
    ]
    assert all((c.train_per_class, c.validation_per_class) == (1000, 100) for c in configs)
    assert all((c.test_per_class, c.cues) == (100, "planted") for c in configs)


def test_stored_images_are_the_arrays_bit_for_bit(tmp_path):
    config = kf.data.FrequencyBandsConfig(name="mine", band=3, size=17, seed=5, cues="two", **SMALL)
    builder = prepared(config, tmp_path)
    assert builder.info.features["label"].names == ["C0", "C1", "C2", "C3"]
    assert builder.info.download_size == 0
    for split, per_class in [("train", 3), ("validation", 1), ("test", 2)]:
        stored = list(builder.as_dataset(split=split, as_supervised=True).as_numpy_iterator())
        images, labels = kf.data.frequency_bands(
            3, split=split, per_class=per_class, size=17, seed=5, cues="two"
        )
        assert np.stack([image for image, _ in stored]).tobytes() == images.tobytes()
        np.testing.assert_array_equal([label for _, label in stored], labels)


@pytest.mark.slow
def test_load_by_name(tmp_path):
    train, test = tfds.load("frequency_bands/b1", split=["train", "test"], data_dir=tmp_path)
    assert (len(train), len(test)) == (4000, 400)
