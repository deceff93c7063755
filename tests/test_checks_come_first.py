"""What is wrong is told before a data set is read: by its first batch, or without any."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf
from keras_freq.importance import importance_cost
from keras_freq.shortcuts.examples import transplant_examples

SHAPE = (8, 8, 1)
MAPS = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])


def model(num_classes):
    return keras.Sequential(
        [keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(num_classes)]
    )


def _examples(model, dataset, maps, class_id):
    return transplant_examples(model, dataset, maps, class_id, number=1)


@pytest.fixture(scope="module")
def models():
    return {num_classes: model(num_classes) for num_classes in (2, 3)}


@pytest.mark.parametrize(
    ("function", "maps", "options"),
    [
        (kf.rates_under_maps, True, {"neutral": [0, 1]}),
        (kf.rates_under_maps, True, {"batch_size": 0}),
        (kf.rates_under_maps, True, {"checkpoint": "no/such/folder/log"}),
        (kf.recall_without_maps, True, {"neutral": [0, 1]}),
        (kf.recall_without_maps, True, {"batch_size": 0}),
        (kf.recall_without_maps, True, {"checkpoint": "no/such/folder/log"}),
        (kf.transplant_rates, True, {"model": 3}),
        (kf.transplant_rates, True, {"batch_size": 0}),
        (kf.transplant_rates, True, {"checkpoint": "no/such/folder/log"}),
        (kf.transplant_matrix, True, {"model": 3}),
        (kf.transplant_matrix, True, {"batch_size": 0}),
        (_examples, True, {"class_id": 2}),
        (kf.frequency_search, False, {"patches": [99]}),
        (kf.frequency_search, False, {"neutral": [0, 1]}),
        (kf.frequency_importance, False, {"model": 3}),
        (kf.frequency_importance, False, {"neutral": [0, 1]}),
        (kf.frequency_importance, False, {"checkpoint": "no/such/folder/log"}),
        (importance_cost, False, {"model": 3}),
        (importance_cost, False, {"batch_size": 0}),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_by_the_first_of_many_batches(models, function, maps, options):
    read = []

    def batches():
        for number in range(60):
            read.append(number)
            yield np.full((4, *SHAPE), number / 60, np.float32), np.arange(4) % 2

    signature = (tf.TensorSpec((None, *SHAPE), tf.float32), tf.TensorSpec((None,), tf.int64))
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    options = dict(options)
    network = models[options.pop("model", 2)]
    name = next(iter(options), "maps|model")
    with pytest.raises(ValueError, match=f"`({name})`"):
        function(network, dataset, MAPS if maps else 2, **options)
    assert len(read) < 10  # some are read ahead
