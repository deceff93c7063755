"""The plot of a map of scores over its image."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from dense_cases import random_images

from keras_freq import plots


def test_score_map_puts_each_cell_at_the_centre_of_its_window():
    scores = np.zeros((3, 5))
    scores[2, 1] = 1
    axes = plots.score_map(random_images(44, 60)[0], scores, geometry=(28, 8), class_name="a_$b$")
    drawn = axes.images[1]
    left, right, bottom, top = drawn.get_extent()
    # Pixel i reaches from i - 0.5 to i + 0.5; the first window is pixels 0 to 27.
    assert (left + 4, top + 4) == (13.5, 13.5)
    assert (right - left, bottom - top) == (5 * 8, 3 * 8)
    outline = axes.patches[0]
    assert (outline.get_x(), outline.get_y(), outline.get_width()) == (7.5, 15.5, 28)
    assert axes.get_title() == "a_$b$"
    assert not axes.title.get_parse_math()
    plt.close(axes.figure)


def test_score_map_without_geometry_covers_the_picture():
    axes = plots.score_map(random_images(44, 60, 1)[0], np.eye(4), limits=(0, 2))
    assert axes.images[1].get_extent() == [-0.5, 59.5, 43.5, -0.5]
    assert axes.images[1].get_clim() == (0, 2)
    assert not axes.patches
    plt.close(axes.figure)


def test_score_map_refusals():
    image = random_images(44, 60)[0]
    with pytest.raises(ValueError, match="3 windows of 28 pixels, 9 apart, do not fit into 44"):
        plots.score_map(image, np.zeros((3, 2)), geometry=(28, 9))
    with pytest.raises(ValueError, match="`image` must have 1 or 3 channels"):
        plots.score_map(image[..., :2], np.zeros((3, 2)))
    with pytest.raises(ValueError, match="`scores` must be an array"):
        plots.score_map(image, np.zeros(3))
