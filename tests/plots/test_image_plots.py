"""Images: clipped, in grey or in colour, and above their augmented versions."""

import numpy as np
import pytest

from keras_freq import plots


def test_images_are_clipped_for_display_only(caplog):
    rows = np.random.default_rng(0).normal(0.5, 1.0, (2, 3, 8, 8, 3))
    before = rows.copy()
    axes = plots.filtered_images(rows, ["x", "y", "z"], row_titles=["cat", "dog"])
    assert axes.shape == (2, 3)
    for index in np.ndindex(2, 3):
        np.testing.assert_array_equal(axes[index].images[0].get_array(), rows[index].clip(0, 1))
    np.testing.assert_array_equal(rows, before)
    assert not caplog.records  # clipped by us, so that matplotlib has nothing to remark
    assert [ax.get_title() for ax in axes[0]] == ["x", "y", "z"]
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["cat", "dog"]
    assert not any(ax.get_title() for ax in axes[1])


def test_grey_images_share_one_scale():
    rows = [[np.full((8, 6, 1), 0.2), np.full((8, 6), 0.4)]]
    axes = plots.filtered_images(rows, ["a", "b"])
    for ax, value in zip(axes.flat, (0.2, 0.4), strict=True):
        (image,) = ax.images
        assert image.get_array().shape == (8, 6)
        assert (image.norm.vmin, image.norm.vmax) == (0, 1)
        np.testing.assert_allclose(image.to_rgba(image.get_array())[0, 0, :3], value, atol=0.01)


def test_wrong_images_are_refused():
    image = np.zeros((8, 8, 3))
    for rows, message in (
        ([[image], [image, image]], r"same number of images.*\[1, 2\]"),
        ([], "at least one row"),
        ([[np.zeros((8, 8, 2))]], r"1 or 3 channels.*\(8, 8, 2\)"),
        ([[image * np.nan]], "finite"),
        (3, "`image_rows` must hold rows of images"),
    ):
        with pytest.raises(ValueError, match=message):
            plots.filtered_images(rows, ["a"])
    with pytest.raises(ValueError, match="`row_titles` must hold 1 titles"):
        plots.filtered_images([[image]], ["a"], row_titles=["x", "y"])
    with pytest.raises(ValueError, match=r"one batch of images, shape \(2, 8, 8, 3\)"):
        plots.filtered_images(np.zeros((2, 8, 8, 3)))


def test_augmentations_are_drawn_below_their_images():
    rng = np.random.default_rng(0)
    images, small = rng.random((3, 8, 8, 3)), rng.random((3, 5, 6, 1)) * 3 - 1
    axes = plots.augmentation_grid(images, {"crop": small}, column_titles=["a", "b", "c"])
    assert axes.shape == (2, 3)
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["original", "crop"]
    assert [ax.get_title() for ax in axes[0]] == ["a", "b", "c"]
    for column in range(3):
        np.testing.assert_array_equal(axes[0, column].images[0].get_array(), images[column])
        np.testing.assert_array_equal(
            axes[1, column].images[0].get_array(), small[column, ..., 0].clip(0, 1)
        )


def test_wrong_views_are_refused():
    images = np.zeros((2, 8, 8, 3))
    with pytest.raises(TypeError, match="`views` must be a dictionary"):
        plots.augmentation_grid(images, [images])
    for views, message in (({}, "an empty dictionary"), ({"crop": images[:1]}, r"\{'crop': 1\}")):
        with pytest.raises(ValueError, match=f"`views` must hold 2 images.*{message}"):
            plots.augmentation_grid(images, views)
    with pytest.raises(ValueError, match="`column_titles` must hold 2 titles"):
        plots.augmentation_grid(images, {"crop": images}, column_titles=["a"])
