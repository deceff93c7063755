"""Names are broken into lines, colours are told apart, and ink reads on them."""

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from plot_cases import GREY, STRANGE

from keras_freq.plots import style


@pytest.mark.parametrize("name", [*STRANGE, "a b c d e f g h i j", "x" * 50, "a-" * 20, ""])
def test_wrapped_loses_nothing(name):
    lines = style.wrapped(name, 12).split("\n")
    assert max(map(len, lines)) <= 12
    assert "".join(lines).replace(" ", "") == name.replace(" ", "")


def cielab(rgb):
    """CIELAB (D65) of sRGB colours (N, 3)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    )
    x, y, z = np.cbrt(linear @ to_xyz.T / [0.9505, 1, 1.089]).T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def test_colour_maps_have_even_steps_and_monotonic_lightness():
    for colour_map, halves in ((style.BLUES, 1), (style.DIVERGING, 2)):
        lab = cielab(colour_map(np.linspace(0, 1, 65))[:, :3])
        steps = np.linalg.norm(np.diff(lab, axis=0), axis=1)
        assert steps.std() < 0.15 * steps.mean()
        for half in np.array_split(np.diff(lab[:, 0]), halves):
            assert (half < 0).all() or (half > 0).all()
    ends = cielab(style.DIVERGING(np.array([0.0, 1.0]))[:, :3])[:, 0]
    assert abs(ends[0] - ends[1]) < 5  # neither sign looks heavier


def test_grey_of_nan_is_far_from_every_colour():
    grey = cielab(np.array([GREY[:3]]))
    for colour_map in (style.SEQUENTIAL, style.BLUES, style.DIVERGING):
        colours = cielab(colour_map(np.linspace(0, 1, 256))[:, :3])
        assert np.linalg.norm(colours - grey, axis=1).min() > 7


def test_ink_reads_on_any_cell():
    def luminance(rgb):
        rgb = np.asarray(rgb)
        linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    for colour_map in (style.BLUES, style.DIVERGING):
        for rgba in colour_map(np.linspace(0, 1, 101)):
            a, b = luminance(rgba[:3]), luminance(to_rgba(style.readable_on(rgba))[:3])
            assert (max(a, b) + 0.05) / (min(a, b) + 0.05) > 3.4


def test_a_number_in_a_title_is_not_broken_at_its_point():
    assert style.wrapped("radius 0.13 of it", 8) == "radius\n0.13 of\nit"


def test_a_backend_may_turn_interactive_on_while_a_plot_is_drawn():
    was = mpl.is_interactive()
    try:
        mpl.interactive(False)
        style.house_style(lambda: mpl.interactive(True))()
        assert mpl.is_interactive()
    finally:
        mpl.interactive(was)
