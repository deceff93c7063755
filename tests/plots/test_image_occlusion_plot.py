"""Pieces over their image: maps are mixed as the windows are, and curves those of the result."""

import numpy as np
from plot_cases import occlusion_result

from keras_freq import plots


def test_each_band_has_a_map_and_the_last_panel_the_curves():
    result = occlusion_result(bands=2)
    *maps, curves = plots.scale_occlusion(result, class_names=["cat", "dog"])
    windows = result.windows.reshape(9, 8, 6)
    expected = [np.einsum("p,pyx->yx", lost.reshape(-1), windows) for lost in result.margin_lost]
    limits = np.abs(expected).max()
    for ax, values, name in zip(maps, expected, ("0 to 1", "from 1"), strict=True):
        grey, drawn = ax.images
        np.testing.assert_allclose(grey.get_array(), result.image[..., 0])
        np.testing.assert_allclose(drawn.get_array(), values)
        np.testing.assert_allclose(drawn.get_clim(), [-limits, limits])
        assert ax.get_title() == name
    assert curves.get_title() == "probability of dog"
    lines = {line.get_label(): line.get_ydata() for line in curves.lines}
    np.testing.assert_array_equal(lines["removed"], result.deletion)
    np.testing.assert_array_equal(lines["put in"], result.insertion)
    assert len(curves.lines) == 8
