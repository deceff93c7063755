"""Dense pooling is OverFeat's interleaving."""

import keras
import numpy as np
import pytest
from dense_cases import (
    classifier_with,
    fc_head,
    gap_head,
    random_images,
    randomize_statistics,
    valid_classifier,
)
from keras import layers

from keras_freq import dense, models


@pytest.mark.parametrize("head", [fc_head, gap_head])
def test_dense_pooling_is_overfeats_interleaving(head):
    """OverFeat by its own recipe: pool at each offset, classify, interleave."""
    model = valid_classifier(head=head())
    randomize_statistics(model)
    convolutional = dense.convolutionize(model)
    image = random_images(39, 45)

    names = [x.name for x in convolutional.layers]
    before = convolutional.layers[names.index("last_pool") - 1]
    below = keras.Model(convolutional.input, before.output)(image)
    received = dense.dense_pooling(model)(image)[0]
    expected = np.full(received.shape, np.nan)
    for top in range(2):
        for left in range(2):
            x = below[:, top:, left:]
            for layer in convolutional.layers[names.index("last_pool") :]:
                x = layer(x)
            expected[top::2, left::2] = x[0]
    np.testing.assert_allclose(received, expected, atol=1e-5)


def test_dense_pooling_refines_the_map():
    model = models.AlexNet((95, 95, 3), 4)
    convolutional, finer = dense.convolutionize(model), dense.dense_pooling(model)
    image = random_images(170, 210)
    coarse, fine = convolutional(image)[0], finer(image)[0]
    np.testing.assert_allclose(fine[::2, ::2], coarse, atol=1e-5)
    scores = model(random_images(95, 95))[0]
    for dense_model in (convolutional, finer):
        own_size = dense_model(random_images(95, 95))
        np.testing.assert_allclose(own_size[0, 0, 0], scores, rtol=1e-5, atol=1e-5)
    assert dense.map_geometry(convolutional) == (95, 32)
    assert dense.map_geometry(finer) == (95, 16)
    # What `convolutionize` returned is taken as well.
    np.testing.assert_array_equal(dense.dense_pooling(convolutional)(image)[0], fine)


@pytest.mark.parametrize("window", [2, 3])
def test_dense_pooling_of_a_padded_pool_refines_the_map(window):
    pool = layers.MaxPooling2D(window, 2, padding="same")
    model = classifier_with(pool, layers.Conv2D(3, 2), layers.Flatten(), layers.Dense(2))
    image = random_images(21, 18)
    coarse, fine = dense.convolutionize(model)(image)[0], dense.dense_pooling(model)(image)[0]
    np.testing.assert_allclose(fine[::2, ::2], coarse, atol=1e-6)
    assert coarse.shape[0] > 4


def test_dense_pooling_refusals():
    with pytest.raises(ValueError, match="must have a max-pool with a stride"):
        dense.dense_pooling(classifier_with(layers.GlobalAveragePooling2D()))
    # As in the networks that go on with strides, or with pools of stride 1, after the last pool.
    strided = layers.Conv2D(2, 1, strides=2, name="strided")
    for then in (strided, layers.MaxPooling2D(3, 1, padding="same", name="again")):
        model = classifier_with(layers.MaxPooling2D(2), then, layers.GlobalAveragePooling2D())
        with pytest.raises(ValueError, match=f"no dilated form: '{then.name}'"):
            dense.dense_pooling(model)
    padded = keras.Sequential(
        [keras.Input((None, None, 3)), layers.MaxPooling2D(2, padding="same", name="pad")]
    )
    with pytest.raises(ValueError, match="'pad' has padding"):
        dense.dense_pooling(padded)
    even = classifier_with(
        layers.MaxPooling2D(2), layers.Conv2D(4, 2, padding="same", name="even"), layers.Flatten()
    )
    with pytest.raises(ValueError, match=r"must not pad an even kernel.*'even'"):
        dense.dense_pooling(even)
    body = keras.Sequential([keras.Input((8, 8, 3)), layers.MaxPooling2D(2)], name="body")
    nested = keras.Sequential([keras.Input((8, 8, 3)), body, layers.Flatten(), layers.Dense(2)])
    with pytest.raises(ValueError, match=r"outside of \['body'\].*build it in one graph"):
        dense.dense_pooling(nested)
    inputs = keras.Input((9, 9, 3))
    pooled, strided = layers.MaxPooling2D(3, 2)(inputs), layers.Conv2D(3, 3, strides=2)(inputs)
    joined = layers.Flatten()(layers.Concatenate(name="joined")([pooled, strided]))
    with pytest.raises(ValueError, match=r"must not have a path around.*'joined'"):
        dense.dense_pooling(keras.Model(inputs, layers.Dense(2)(joined)))
