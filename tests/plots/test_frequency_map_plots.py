"""Maps over the frequency plane: where cells lie, on which scale, in which colours."""

import dataclasses

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgba
from plot_cases import GREY, heat_maps

from keras_freq import plots
from keras_freq.plots import style
from keras_freq.plots.frequency_maps import frequency_extent


@pytest.mark.parametrize("height, width", [(32, 32), (33, 32), (64, 48), (5, 7), (225, 225)])
def test_cells_lie_at_their_frequencies(height, width):
    maps = np.zeros((2, height, width), dtype=bool)
    maps[:, height // 2, width // 2] = True
    (ax, _) = plots.dominant_frequency_maps(maps)
    (image,) = ax.images
    left, right, bottom, top = image.get_extent()
    # Written out with NumPy's own frequencies: the centres of the first and last cells.
    rows = np.fft.fftshift(np.fft.fftfreq(height, 1 / height))
    columns = np.fft.fftshift(np.fft.fftfreq(width, 1 / width))
    assert (left + 0.5, right - 0.5) == (columns[0], columns[-1])
    assert (top + 0.5, bottom - 0.5) == (rows[0], rows[-1])
    assert frequency_extent(height, width) == (left, right, bottom, top)
    assert image.origin == "upper"
    # What the axes show at frequency (0, 0) is DC.
    x, y = ax.transData.transform((0, 0))
    event = mpl.backend_bases.MouseEvent("motion_notify_event", ax.figure.canvas, x, y)
    assert image.get_cursor_data(event) == 1
    ticks = np.array(ax.get_xticks())
    assert np.array_equal(ticks, ticks.round()) and 0 in ticks


def test_new_figure_labels_axes_with_units_and_given_axes_too():
    maps = np.zeros((3, 8, 8))
    figure = plots.importance_maps(maps)[0].figure
    assert "horizontal frequency (cycles per image)" in figure.get_supxlabel().replace("\n", " ")
    assert "vertical frequency (cycles per image)" in figure.get_supylabel().replace("\n", " ")
    axes = plots.importance_maps(maps, ax=plt.subplots(2, 2)[1])
    assert [bool(ax.get_xlabel()) for ax in axes] == [False, True, True]
    assert [bool(ax.get_ylabel()) for ax in axes] == [True, False, True]


@pytest.mark.parametrize("num_classes", [2, 4, 10, 20, 200])
def test_adcs_levels_are_symmetric_integers(num_classes):
    most = num_classes - 1
    values = np.arange(-most, most + 1)
    adcs = np.broadcast_to(values[:, None], (num_classes, len(values), 6))
    axes = plots.adcs_maps(adcs)
    for ax in (*axes[:20], axes[-1]):
        (image,) = ax.images
        assert np.array_equal(image.get_array(), adcs[0])
        colours = image.to_rgba(values)
        assert len(np.unique(colours, axis=0)) == len(values)
        assert np.allclose(colours[most][:3], to_rgba("#f7f7f7")[:3], atol=0.02)
        # Red for more energy, blue for less.
        assert colours[-1][0] > colours[-1][2] and colours[0][2] > colours[0][0]
    bar = image.colorbar
    ticks = np.array(bar.get_ticks())
    assert {-most, 0, most} <= set(ticks)
    assert np.array_equal(ticks, -ticks[::-1]) and np.array_equal(ticks, ticks.round())
    assert "ADCS" in bar.ax.get_ylabel()
    bar.ax.draw(axes[0].figure.canvas.get_renderer())  # which writes the labels of its ticks
    assert bar.ax.get_yticklabels()[-1].get_text() == f"+{most}"
    assert bar.ax.get_yticklabels()[0].get_text() == f"\N{MINUS SIGN}{most}"


def test_adcs_refuses_values_out_of_range():
    with pytest.raises(ValueError, match=r"`adcs` of 3 classes must lie in \[-2, 2\].*3"):
        plots.adcs_maps(np.full((3, 8, 8), 3))
    with pytest.raises(ValueError, match="at least 2 classes"):
        plots.adcs_maps(np.zeros((1, 8, 8)))


@pytest.mark.parametrize("name", ["adcs_maps", "class_spectra", "importance_maps"])
def test_undefined_maps_are_grey_and_say_so(name):
    maps = np.ones((2, 8, 8))
    maps[1] = np.nan
    maps[0, 0, 0] = np.nan
    axes = getattr(plots, name)(maps)
    image = axes[0].images[0]
    colours = image.to_rgba(image.get_array())
    assert np.allclose(colours[0, 0], GREY)
    assert not np.allclose(colours[1, 1], GREY)
    assert [text.get_text() for text in axes[1].texts] == ["undefined"]
    assert "undefined" not in [text.get_text() for text in axes[0].texts]


def test_nothing_but_nan_is_drawn():
    for name in ("adcs_maps", "class_spectra", "importance_maps"):
        getattr(plots, name)(np.full((2, 8, 8), np.nan))[0].figure.canvas.draw()
    plots.relative_confusion(np.full((2, 2), np.nan)).figure.canvas.draw()
    assert len(plt.get_fignums()) == 4


def test_spectra_are_channel_means_on_one_logarithmic_scale():
    rng = np.random.default_rng(0)
    spectra = rng.lognormal(size=(2, 16, 12, 3))
    spectra[:, 8, 6] = 1e6  # DC
    spectra[0, 3, 3] = 0  # an emptied frequency
    axes = plots.class_spectra(spectra)
    norms = [ax.images[0].norm for ax in axes]
    assert norms[0] is norms[1]
    assert isinstance(norms[0], mpl.colors.LogNorm)
    for ax, values in zip(axes, spectra, strict=True):
        np.testing.assert_allclose(ax.images[0].get_array(), values.mean(axis=-1))
    beside = spectra.mean(axis=-1)
    beside[:, 8, 6] = 0
    assert norms[0].vmax == beside.max()
    assert norms[0].vmin >= np.quantile(beside[beside > 0], 0.9) / 100
    image = axes[0].images[0]
    colours = image.to_rgba(image.get_array())
    assert np.allclose(colours[8, 6], style.SEQUENTIAL(1.0))  # beyond the end: the end's colour
    assert np.allclose(colours[3, 3], style.SEQUENTIAL(0.0))  # 0 is low, not undefined


def test_spectra_of_integers_and_without_any_energy():
    plots.class_spectra(np.arange(1, 129).reshape(2, 8, 8))
    plots.class_spectra(np.zeros((2, 8, 8)))[0].figure.canvas.draw()
    with pytest.raises(ValueError, match=r"amplitudes >= 0.*-1"):
        plots.class_spectra(np.full((2, 8, 8), -1.0))


@pytest.mark.parametrize("scale", [1e-9, 2.9e-3, 1.0, 29.0])
def test_importance_scale_can_be_shared(scale):
    rng = np.random.default_rng(0)
    change = scale * rng.normal(size=(3, 16, 16)) / 100
    change[1, 4, 5] = scale
    axes = plots.importance_maps(change, shared_scale=True)
    (norm,) = {id(ax.images[0].norm): ax.images[0].norm for ax in axes}.values()
    assert (norm.vmin, norm.vmax) == (-scale, scale)
    assert float(norm(0.0)) == pytest.approx(0.5)
    for ax, values in zip(axes, change, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), values)
    bar = axes[-1].images[0].colorbar
    ticks = np.array(bar.get_ticks())
    assert len(ticks) >= 3
    np.testing.assert_allclose(ticks, -ticks[::-1])
    assert "nats" in bar.ax.get_ylabel()


def test_importance_is_relative_to_each_class_by_default():
    rng = np.random.default_rng(0)
    change = rng.normal(size=(3, 16, 16)) * [[[1e-4]], [[1.0]], [[np.nan]]]
    change[0, 2, 3], change[1, 2, 3] = 0.001, -20
    axes = plots.importance_maps(change)
    for ax, values, largest in zip(axes, change, (0.001, 20), strict=False):
        np.testing.assert_allclose(ax.images[0].get_array(), values / largest)
        assert (ax.images[0].norm.vmin, ax.images[0].norm.vmax) == (-1, 1)
    texts = [[text.get_text() for text in ax.texts] for ax in axes]
    minus = "\N{MINUS SIGN}"
    assert texts == [["largest: +0.001 nats"], [f"largest: {minus}20 nats"], ["undefined"]]


def test_rounding_is_not_drawn_as_importance():
    change = np.random.default_rng(0).normal(size=(2, 16, 16)) * [[[1e-8]], [[1e-4]]]
    change[0, 0, 0] = np.nan
    axes = plots.importance_maps(change)
    drawn = axes[0].images[0].get_array()
    assert not drawn[np.isfinite(change[0])].any() and np.ma.getmaskarray(drawn)[0, 0]
    assert abs(axes[1].images[0].get_array()).max() == 1


def test_importance_of_zero_everywhere():
    image = plots.importance_maps(np.zeros((2, 8, 8), int))[0].images[0]
    assert np.allclose(image.to_rgba(np.zeros((1, 1)))[0, 0], style.DIVERGING(0.5), atol=0.02)


def test_maps_of_wrong_shape_or_type_are_refused():
    for name, argument in (
        ("adcs_maps", "adcs"),
        ("importance_maps", "loss_change"),
        ("dominant_frequency_maps", "maps"),
    ):
        with pytest.raises(ValueError, match=rf"`{argument}` .*\(K, H, W\).*shape \(8, 8\)"):
            getattr(plots, name)(np.zeros((8, 8), dtype=bool))
    with pytest.raises(ValueError, match=r"`spectra` .*shape \(8, 8\)"):
        plots.class_spectra(np.zeros((8, 8)))
    with pytest.raises(ValueError, match=r"`maps` must be boolean.*float64"):
        plots.dominant_frequency_maps(np.zeros((2, 8, 8)))
    with pytest.raises(
        ValueError, match=r"`fraction` must be None where `maps` is an array.*0\.05"
    ):
        plots.dominant_frequency_maps(np.zeros((2, 8, 8), bool), fraction=0.05)
    with pytest.raises(ValueError, match="complex"):
        plots.importance_maps(np.zeros((2, 8, 8), complex))
    with pytest.raises(ValueError, match="`adcs`"):
        plots.adcs_maps([[[0, 1], [0]]])
    assert not plt.get_fignums()  # refused before anything is drawn


@pytest.mark.parametrize("num_classes, size", [(4, (32, 32)), (10, (225, 225)), (20, (64, 48))])
def test_panels_titles_and_labels_lie_inside_the_figure_without_overlap(num_classes, size):
    names = [f"a_rather_long_class_name_no_{k:02d}" for k in range(num_classes)]
    axes = plots.dominant_frequency_maps(np.zeros((num_classes, *size), bool), class_names=names)
    figure = axes[0].figure
    figure.canvas.draw()
    renderer = figure.canvas.get_renderer()
    boxes = [ax.get_tightbbox(renderer) for ax in axes]
    boxes += [figure._supxlabel.get_window_extent(), figure._supylabel.get_window_extent()]
    for i, box in enumerate(boxes):
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1 + 1
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1 + 1
        for other in boxes[i + 1 :]:
            shared = mpl.transforms.Bbox.intersection(box, other)
            # Tick labels at the corner of a panel may reach a few pixels over its edge.
            assert shared is None or min(shared.width, shared.height) <= 8
    for ax in axes:
        shape = ax.get_window_extent()
        assert shape.width / shape.height == pytest.approx(size[1] / size[0], rel=0.01)


def test_colours_of_a_heat_map_begin_at_what_the_model_does_without_a_wave():
    plain, sampled = (
        dataclasses.replace(one, base_error=base)
        for one, base in zip(heat_maps(), (0.3, 0.2), strict=True)
    )
    (drawn,) = plots.fourier_heat_map(plain)[0].get_images()
    assert drawn.get_clim() == (plain.base_error, plain.error.max())
    several = plots.fourier_heat_map({"a": plain, "b": sampled})
    assert [ax.get_images()[0].get_clim()[0] for ax in several] == [0.2, 0.2]
