"""Predictions over scales and crops, and what the cells of a map look at."""

import keras
import numpy as np
import pytest
from dense_cases import fc_head, random_images, valid_classifier
from keras import layers

from keras_freq import dense, models


def test_multiscale_is_the_mean_over_scales_of_the_mean_over_maps():
    model = dense.convolutionize(valid_classifier(head=fc_head()))
    image = random_images(40, 60)[0]
    received = dense.predict_multiscale(model, image, (24, 30, 50), flip=True)
    expected = []
    for scale, width in ((24, 36), (30, 45), (50, 75)):
        view = keras.ops.image.resize(image[None], (scale, width), antialias=True)
        for mirrored in (view, view[:, :, ::-1]):
            expected.append(np.asarray(model(mirrored)).mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(received, np.mean(expected, axis=0), rtol=1e-5)
    assert received.shape == (5,)


def test_multiscale_at_the_own_size_is_the_prediction():
    model = valid_classifier(head=fc_head())
    image = random_images(24, 24)
    received = dense.predict_multiscale(dense.convolutionize(model), image[0], [24])
    np.testing.assert_allclose(received, model(image)[0], atol=1e-6)
    pooled = models.NiN((None, None, 3), 4, stem="small")
    np.testing.assert_allclose(
        dense.predict_multiscale(pooled, image[0], [24]), pooled(image)[0], atol=1e-6
    )


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_scores_in_half_precision_are_averaged_in_float32(policy):
    keras.config.set_dtype_policy(policy)
    try:
        pooled = models.NiN((None, None, 3), 4, stem="small", classifier_activation=None)
        small = models.NiN((24, 24, 3), 4, stem="small", classifier_activation=None)
        constant = keras.Sequential(
            [keras.Input((None, None, 3)), layers.Conv2D(2, 1, kernel_initializer="zeros")]
        )
    finally:
        keras.config.set_dtype_policy("float32")
    constant.set_weights([np.zeros((1, 1, 3, 2)), np.ones(2)])
    # A sum of 600 ones in bfloat16 ends at 256.
    scores = dense.predict_multiscale(constant, random_images(20, 30)[0], [20])
    np.testing.assert_array_equal(scores, [1, 1])
    image = random_images(26, 26)
    scores = [
        dense.predict_multiscale(pooled, image[0], [26]),
        dense.predict_ten_crop(small, image),
    ]
    assert [one.dtype for one in scores] == ["float32", "float32"]


def test_ten_crops_by_hand():
    model = valid_classifier(head=fc_head())
    images = random_images(30, 34, count=3)
    views = []
    for top, left in ((0, 0), (0, 10), (6, 0), (6, 10), (3, 5)):
        crop = images[:, top : top + 24, left : left + 24]
        views += [crop, crop[:, :, ::-1]]
    expected = np.mean([model(view) for view in views], axis=0)
    received = dense.predict_ten_crop(model, images)
    assert received.shape == (3, 5)
    np.testing.assert_allclose(received, expected, atol=1e-6)


def test_refusals_of_views():
    model = valid_classifier(head=fc_head())
    convolutional = dense.convolutionize(model)
    image = random_images(40, 40)
    with pytest.raises(ValueError, match="`model` must take images of any size"):
        dense.predict_multiscale(model, image[0], [24])
    with pytest.raises(ValueError, match=r"`image` must be an array .* shape \(H, W, C\)"):
        dense.predict_multiscale(convolutional, image, [24])
    with pytest.raises(ValueError, match=r"smaller than the model's window\. Received: 12"):
        dense.predict_multiscale(convolutional, image[0], [24, 12])
    with pytest.raises(ValueError, match="`scales` must hold at least one"):
        dense.predict_multiscale(convolutional, image[0], [])
    with pytest.raises(ValueError, match="`model` must have a fixed input size"):
        dense.predict_ten_crop(convolutional, image)
    with pytest.raises(ValueError, match="at least 24 x 24"):
        dense.predict_ten_crop(model, random_images(20, 40))
    with pytest.raises(ValueError, match="`model` must give maps"):
        dense.map_geometry(model)
    with pytest.raises(ValueError, match="`model` must take images of any size"):
        dense.map_geometry(dense.convolutionize(model, (64, 64, 3)))


def test_pixels_that_nobody_divided_and_other_channels_are_refused():
    model = valid_classifier(head=fc_head())
    convolutional = dense.convolutionize(model)
    pixels = (255 * random_images(24, 24)).astype("uint8")
    with pytest.raises(
        ValueError, match=r"`images` must be floats in \[0, 1\]: divide them by 255"
    ):
        dense.predict_ten_crop(model, pixels)
    with pytest.raises(ValueError, match=r"`image` must be floats in \[0, 1\]: divide them by 255"):
        dense.predict_multiscale(convolutional, pixels[0], [24])
    with pytest.raises(ValueError, match="`images` must have the 3 channels"):
        dense.predict_ten_crop(model, random_images(24, 24, channels=1))
    with pytest.raises(ValueError, match="`images` must be finite"):
        dense.predict_ten_crop(model, np.full((1, 24, 24, 3), np.nan))


def test_windows_that_are_not_square_have_no_geometry():
    oblong = [keras.Input((8, 12, 3)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)]
    model = dense.convolutionize(keras.Sequential(oblong))
    with pytest.raises(ValueError, match=r"must have square windows.*has 5 x 1 cells"):
        dense.map_geometry(model)


def test_map_geometry_is_where_the_cells_look():
    model = dense.convolutionize(valid_classifier(head=fc_head()))
    assert dense.map_geometry(model) == (24, 4)
    assert dense.map_geometry(dense.dense_pooling(model)) == (24, 2)
