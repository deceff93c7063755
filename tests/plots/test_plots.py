"""The plots: what is drawn, where, and in which colours."""

import inspect
import itertools
import types

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgba
from matplotlib.patches import Circle

from keras_freq import plots
from keras_freq.plots import style
from keras_freq.plots.panels import frequency_extent

STRANGE = ["$x_1$ and $y$", "_private", "german_short_haired_pointer_no1", r"50 % \frac{1}"]
GREY = to_rgba(style.UNDEFINED)


@pytest.fixture(autouse=True)
def close_figures():
    plt.close("all")
    yield
    plt.close("all")


def metric_frame(num_classes=3, steps=6, sources=("train", "low-pass")):
    """A recorder's frame with random counts; class 1 is absent from the first training batch."""
    rng = np.random.default_rng(0)
    rows = []
    for source in sources:
        for step in range(1, steps + 1):
            for k in range(num_classes):
                tp, fp, fn = rng.integers(0, 9, 3)
                if source == "train" and step == 1 and k == 1:
                    tp = fp = fn = 0
                whole = 2 * tp + fp + fn
                recall = tp / (tp + fn) if tp + fn else np.nan
                f1 = 2 * tp / whole if whole else np.nan
                rows.append((step, source, k, tp, fp, fn, recall, f1))
    columns = ["step", "source", "class_id", "tp", "fp", "fn", "recall", "f1"]
    return pd.DataFrame(rows, columns=columns)


def rates_frame(names=("cat", "dog")):
    """Rates whose intervals are not symmetric, the last class without images."""
    rows = []
    for k, name in enumerate(names):
        row = {"class_name": name}
        for rate, value in (("tpr", 0.5 + 0.1 * k), ("fpr", 0.2)):
            row |= {rate: value, f"{rate}_low": value - 0.1, f"{rate}_high": value + 0.05}
            row |= {f"random_{rate}": 0.3, f"random_{rate}_high": 0.35}
            row[f"{rate}_above_chance"] = value - 0.1 > 0.35
        rows.append(row)
    rows[-1] |= {"tpr": np.nan, "tpr_low": np.nan, "tpr_high": np.nan, "tpr_above_chance": False}
    return pd.DataFrame(rows)


def recalls_frame(names=("cat", "dog")):
    """Recalls whose intervals are not symmetric, the last class without images."""
    rows = [
        {
            "class_name": name,
            "recall": 0.9,
            "recall_without": 0.3 + 0.2 * k,
            "recall_without_low": 0.2 + 0.2 * k,
            "recall_without_high": 0.35 + 0.2 * k,
            "random_recall": 0.6,
            "random_recall_low": 0.45,
            "is_needed": 0.35 + 0.2 * k < 0.45,
        }
        for k, name in enumerate(names)
    ]
    frame = pd.DataFrame(rows)
    columns = [c for c in frame if c.startswith(("recall", "random"))]
    frame.loc[len(names) - 1, columns] = np.nan
    return frame


def runs_frame(names=("cat", "dog")):
    """Two runs in the setting B1 and one in B2, with a filter each."""
    columns = ["setting", "class_name", "filter", "mean_f1", "recall_change"]
    rows = [
        (setting, name, "low-pass", f1, change)
        for setting, f1, change in (("B1", 0.2, -80.0), ("B1", 0.4, -40.0), ("B2", 0.9, np.nan))
        for name in names
    ]
    return pd.DataFrame(rows, columns=columns)


def every_plot(names=("a", "b"), size=(8, 6)):
    """Each public function with small arguments for two classes: name -> callable of `ax`."""
    rng = np.random.default_rng(1)
    labels = np.arange(20) % 2
    draw = {
        "adcs_maps": lambda **k: plots.adcs_maps(
            rng.integers(-1, 2, (2, *size)), class_names=names, **k
        ),
        "class_spectra": lambda **k: plots.class_spectra(
            rng.exponential(size=(2, *size, 3)), class_names=names, **k
        ),
        "importance_maps": lambda **k: plots.importance_maps(
            rng.normal(size=(2, *size)), class_names=names, **k
        ),
        "dominant_frequency_maps": lambda **k: plots.dominant_frequency_maps(
            rng.random((2, *size)) < 0.2, class_names=names, bands=True, **k
        ),
        "class_metric_heatmap": lambda **k: plots.class_metric_heatmap(
            metric_frame(2), class_names=names, **k
        ),
        "class_metric_curves": lambda **k: plots.class_metric_curves(
            metric_frame(2), class_names=names, **k
        ),
        "confusion_matrix": lambda **k: plots.confusion_matrix(
            [[3, 1], [0, 4]], class_names=names, **k
        ),
        "relative_confusion": lambda **k: plots.relative_confusion(
            [[-5.0, 5.0], [0.0, 0.0]], class_names=names, **k
        ),
        "rates_under_maps": lambda **k: plots.rates_under_maps(rates_frame(names), **k),
        "recall_without_maps": lambda **k: plots.recall_without_maps(recalls_frame(names), **k),
        "filtered_images": lambda **k: plots.filtered_images(
            rng.random((1, 2, 8, 8, 3)), list(names), **k
        ),
        "augmentation_grid": lambda **k: plots.augmentation_grid(
            rng.random((1, 8, 8, 3)),
            {names[1]: rng.random((1, 6, 7, 3))},
            column_titles=names[:1],
            **k,
        ),
        "filter_reliance": lambda **k: plots.filter_reliance(
            metric_frame(2, sources=("test", "low-pass")), class_names=names, **k
        ),
        "class_comparison": lambda **k: plots.class_comparison(
            runs_frame(names), value="mean_f1", **k
        ),
        "filter_changes": lambda **k: plots.filter_changes(runs_frame(names), **k),
        "training_curves": lambda **k: plots.training_curves(
            {"loss": [2.0, 1.0], "accuracy": [0.2, 0.6]}, **k
        ),
        "roc_curves": lambda **k: plots.roc_curves(
            labels, rng.normal(size=(20, 2)), class_names=names, **k
        ),
    }
    return draw


ONE_AXES = {
    "class_comparison",
    "filter_changes",
    "class_metric_heatmap",
    "confusion_matrix",
    "relative_confusion",
    "rates_under_maps",
    "recall_without_maps",
    "roc_curves",
}


def flat(axes):
    """The axes that a function returned, as a list."""
    return list(np.atleast_1d(axes).flat)


def texts_of(figure):
    """All texts that a figure draws, as Text objects."""
    figure.canvas.draw()
    return [text for text in figure.findobj(mpl.text.Text) if text.get_text()]


# All functions


def test_every_public_function_is_tested_below():
    elsewhere = [f"keras_freq.plots.{name}" for name in ("dense", "transfer", "transfer_overlap")]
    own = {
        name
        for name in plots.__all__
        if inspect.unwrap(getattr(plots, name)).__module__ not in elsewhere
    }
    assert own == set(every_plot())


@pytest.mark.parametrize("name", every_plot())
def test_draws_one_new_figure_and_leaves_matplotlib_as_it_was(name):
    plt.figure()
    before = dict(mpl.rcParams)
    axes = every_plot()[name]()
    assert dict(mpl.rcParams) == before
    assert len(plt.get_fignums()) == 2
    assert isinstance(axes, mpl.axes.Axes if name in ONE_AXES else np.ndarray)
    assert {ax.figure.number for ax in flat(axes)} == {2}


@pytest.mark.parametrize("name", every_plot())
def test_ax_is_honoured(name):
    figure, given = plt.subplots(1, 2)
    axes = every_plot()[name](ax=given[0] if name in ONE_AXES else given)
    assert flat(axes) == list(given[: len(flat(axes))])
    assert plt.get_fignums() == [figure.number]
    assert all(ax.has_data() for ax in flat(axes))


@pytest.mark.parametrize("name", every_plot())
def test_wrong_ax_is_refused(name):
    with pytest.raises(TypeError, match="`ax` must be"):
        every_plot()[name](ax="left")
    if name not in ONE_AXES:
        with pytest.raises(ValueError, match=r"`ax` must hold at least 2 axes.*Received: 1"):
            every_plot()[name](ax=plt.figure().add_subplot())


@pytest.mark.parametrize("name", sorted(set(every_plot()) - {"training_curves"}))
def test_names_are_literal(name):
    for pair in (STRANGE[:2], STRANGE[2:]):
        axes = every_plot(pair)[name]()
        texts = {t.get_text().replace("\n", ""): t for t in texts_of(flat(axes)[0].figure)}
        for wanted in pair:
            # roc_curves adds the area to the name.
            found = [text for label, text in texts.items() if label.startswith(wanted)]
            assert found, (wanted, list(texts))
            assert not any(text.get_parse_math() or text.get_usetex() for text in found)


@pytest.mark.parametrize(
    "name",
    sorted(
        set(every_plot())
        - {"training_curves", "rates_under_maps", "recall_without_maps", "augmentation_grid"}
        - {"class_comparison", "filter_changes"}
    ),
)
def test_wrong_number_of_names_is_refused(name):
    with pytest.raises(ValueError, match=r"`(class_names|column_titles)` must .* 2 "):
        every_plot(["a", "b", "c"])[name]()


def test_spare_axes_are_switched_off():
    _, given = plt.subplots(2, 2)
    axes = plots.adcs_maps(np.zeros((3, 8, 8), int), ax=given)
    assert list(axes) == list(given.flat[:3])
    assert not given[1, 1].axison
    assert all(ax.axison for ax in axes)


# Names and colours


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


# Maps over the frequency plane


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
    axes[0].figure.canvas.draw()
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


def test_importance_of_zero_everywhere():
    image = plots.importance_maps(np.zeros((2, 8, 8), int))[0].images[0]
    assert np.allclose(image.to_rgba(np.zeros((1, 1)))[0, 0], style.DIVERGING(0.5), atol=0.02)


def test_dominant_frequency_maps_show_cells_counts_and_bands():
    maps = np.zeros((2, 32, 48), dtype=bool)
    maps[0, 10:12, :8] = True
    axes = plots.dominant_frequency_maps(maps, class_names=["cat", "dog"], bands=True)
    np.testing.assert_array_equal(axes[0].images[0].get_array(), maps[0])
    assert [ax.texts[0].get_text() for ax in axes] == ["16 cells (1.0 %)", "0 cells (0.0 %)"]
    for ax in axes:
        rings = [patch for patch in ax.patches if isinstance(patch, Circle)]
        assert [ring.radius for ring in rings] == [4, 8, 12]
        assert {ring.center for ring in rings} == {(0, 0)}
    assert not plots.dominant_frequency_maps(maps)[0].patches


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
    with pytest.raises(TypeError, match=r"an importance.*makes maps of it"):
        plots.dominant_frequency_maps(types.SimpleNamespace(loss_change=np.zeros((2, 8, 8))))
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


# Class metrics


def test_heatmap_has_classes_as_rows_and_steps_as_columns():
    frame = metric_frame()
    ax = plots.class_metric_heatmap(
        frame.sample(frac=1, random_state=0), class_names=["a", "b", "c"]
    )
    (mesh,) = ax.collections
    expected = frame[frame.source == "train"].pivot(index="class_id", columns="step", values="f1")
    np.testing.assert_array_equal(mesh.get_array().filled(np.nan), expected)
    colours = mesh.to_rgba(mesh.get_array())
    assert np.allclose(colours[1, 0], GREY)
    assert (mesh.norm.vmin, mesh.norm.vmax) == (0, 1)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]
    assert ax.get_ylim() == (2.5, -0.5)  # the first class on top
    assert ax.get_xlim() == (0.5, 6.5)  # step 1 is drawn around 1
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("training step", "class")
    assert mesh.colorbar.ax.get_ylabel() == "F1"
    assert "grey: undefined" in [text.get_text() for text in ax.texts]


def test_heatmap_of_a_probe_spans_the_steps_between():
    frame = metric_frame(sources=("low-pass",))
    frame["step"] *= 25
    ax = plots.class_metric_heatmap(frame, source="low-pass")
    assert ax.get_xlim() == (12.5, 162.5)
    assert ax.get_title() == "low-pass"
    assert not ax.texts  # nothing undefined, so no remark


def test_heatmap_shows_what_was_not_recorded_as_grey():
    frame = metric_frame().query("not (step == 3 and class_id == 2)")
    mesh = plots.class_metric_heatmap(frame, source="low-pass").collections[0]
    assert np.argwhere(mesh.get_array().mask).tolist() == [[2, 2]]


def test_curves_pool_the_counts_of_training_batches_and_leave_probes():
    frame = metric_frame(steps=9)
    axes = plots.class_metric_curves(frame, window=3, class_names=["a", "b", "c"])
    assert [ax.get_title() for ax in axes] == ["train (3 batches together)", "low-pass"]
    for k in range(3):
        rows = frame[(frame.source == "train") & (frame.class_id == k)].sort_values("step")
        tp, fp, fn = (rows[c].to_numpy() for c in ("tp", "fp", "fn"))
        for t in range(9):
            near = slice(max(t - 1, 0), t + 2)
            f1 = 2 * tp[near].sum() / (2 * tp[near] + fp[near] + fn[near]).sum()
            assert axes[0].lines[k].get_ydata()[t] == pytest.approx(f1)
        probe = frame[(frame.source == "low-pass") & (frame.class_id == k)].f1
        np.testing.assert_allclose(axes[1].lines[k].get_ydata(), probe)
        assert axes[0].lines[k].get_color() == axes[1].lines[k].get_color()
    legend = axes[-1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "c"]


def test_curves_leave_a_gap_where_a_rate_is_undefined():
    axes = plots.class_metric_curves(metric_frame(), sources="train", window=1)
    assert np.isnan(axes[0].lines[1].get_ydata()[0])
    assert not np.isnan(axes[0].lines[1].get_ydata()[1:]).any()


def test_curves_of_many_classes_differ_in_colour_or_style():
    (ax,) = plots.class_metric_curves(metric_frame(20), sources=["train"], window=1)
    looks = {f"{line.get_color()} {line._dash_pattern}" for line in ax.lines}
    assert len(looks) == 20


@pytest.mark.parametrize("draw", [plots.class_metric_heatmap, plots.class_metric_curves])
def test_wrong_frames_are_refused(draw):
    frame = metric_frame()
    with pytest.raises(ValueError, match=r"`metric` must be one of f1, precision, recall.*'auc'"):
        draw(frame, metric="auc")
    with pytest.raises(TypeError, match=r"`frame` must be a DataFrame.*list"):
        draw([1, 2])
    with pytest.raises(ValueError, match=r"`frame` must have the columns.*without step"):
        draw(frame.drop(columns="step"))
    with pytest.raises(ValueError, match=r"`frame` must have rows.*callbacks=\[recorder\]"):
        draw(frame.iloc[:0])
    with pytest.raises(ValueError, match="one row for each step and class"):
        draw(pd.concat([frame, frame]))


def test_wrong_sources_and_windows_are_refused():
    with pytest.raises(ValueError, match=r"`source` must be among 'train', 'low-pass'.*'test'"):
        plots.class_metric_heatmap(metric_frame(), source="test")
    with pytest.raises(ValueError, match=r"`sources` must be among 'train', 'low-pass'.*'test'"):
        plots.class_metric_curves(metric_frame(), sources=["train", "test"])
    for window in (0, 2, 1.5):
        with pytest.raises(ValueError, match="`window` must be an odd number"):
            plots.class_metric_curves(metric_frame(), window=window)


# Training curves and ROC


class FakeHistory:
    """What `model.fit` returns."""

    def __init__(self):
        self.epoch = [0, 1, 2]
        self.history = {"accuracy": [0.2, 0.5, 0.7], "loss": [3, 2, 1.0], "val_loss": [3, 2.5, 2]}


def test_training_curves_of_a_history_count_epochs_from_1():
    axes = plots.training_curves(FakeHistory())
    assert [ax.get_ylabel() for ax in axes] == ["loss", "accuracy"]
    assert [ax.get_xlabel() for ax in axes] == ["epoch", "epoch"]
    train, validation = axes[0].lines
    np.testing.assert_array_equal(train.get_xdata(), [1, 2, 3])
    np.testing.assert_array_equal(train.get_ydata(), [3, 2, 1])
    np.testing.assert_array_equal(validation.get_ydata(), [3, 2.5, 2])
    assert [t.get_text() for t in axes[0].get_legend().get_texts()] == ["training", "validation"]
    assert axes[1].get_legend() is None
    assert axes[0].get_ylim()[0] == 0


def test_training_curves_of_steps_skip_missing_validation():
    frame = pd.DataFrame({"step": range(1, 101), "epoch": 0, "loss": np.linspace(2, 1, 100)})
    frame["val_loss"] = np.where(frame.step % 25 == 0, 1.5, np.nan)
    (ax,) = plots.training_curves(frame)
    assert ax.get_xlabel() == "training step"
    np.testing.assert_array_equal(ax.lines[1].get_xdata(), [25, 50, 75, 100])
    assert ax.lines[0].get_xdata()[-1] == 100


def test_learning_rate_is_logarithmic():
    history = {"loss": [2.0, 1.0], "learning_rate": [0.01, 0.001]}
    assert plots.training_curves(history)[1].get_yscale() == "log"
    history["learning_rate"] = [0.01, 0.01]
    assert plots.training_curves(history)[1].get_ylim()[0] == 0


def test_wrong_histories_are_refused():
    with pytest.raises(TypeError, match=r"`history` must be.*list"):
        plots.training_curves([1, 2])
    with pytest.raises(ValueError, match="at least one quantity"):
        plots.training_curves({"epoch": [1, 2]})
    with pytest.raises(ValueError, match=r"one length.*NaN.*{'loss': 2, 'val_loss': 1}"):
        plots.training_curves({"loss": [1, 2], "val_loss": [1]})


def test_roc_areas_are_scikit_learns():
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(0)
    labels, scores = rng.integers(0, 3, 60), rng.normal(size=(60, 3))
    ax = plots.roc_curves(labels, scores, class_names=["a", "b", "c"])
    areas = [roc_auc_score(labels == k, scores[:, k]) for k in range(3)]
    expected = [f"{name} ({area:.2f})" for name, area in zip("abc", areas, strict=True)]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == expected
    for line, area in zip(ax.lines[1:], areas, strict=True):
        assert np.trapezoid(line.get_ydata(), line.get_xdata()) == pytest.approx(area)


def test_wrong_labels_and_scores_are_refused():
    scores = np.random.default_rng(0).random((4, 2))
    for labels, message in (
        ([0, 1], "same length.*2 labels, 4 rows"),
        ([0, 1, 2, 0], r"integers in \[0, 2\)"),
        ([0, 0, 0, 0], "every class.*4 of 4 for class '0'"),
    ):
        with pytest.raises(ValueError, match=message):
            plots.roc_curves(labels, scores)
    with pytest.raises(ValueError, match="finite"):
        plots.roc_curves([0, 1, 0, 1], scores * np.nan)


# Confusion


def test_confusion_matrix_shows_counts_and_shares_of_rows():
    matrix = np.array([[8, 2, 0], [1, 3, 0], [0, 0, 0]])
    ax = plots.confusion_matrix(matrix, class_names=["a", "b", "c"], title="test")
    (image,) = ax.images
    np.testing.assert_allclose(image.get_array().filled(np.nan)[:2], [[80, 20, 0], [25, 75, 0]])
    assert image.get_array().mask[2].all()
    assert np.allclose(image.to_rgba(image.get_array())[2], GREY)
    cells = {text.get_position(): text.get_text() for text in ax.texts}
    assert cells[(1, 0)] == "2\n20 %"  # column 1 of row 0
    assert cells[(0, 1)] == "1\n25 %"
    assert cells[(0, 2)] == "0"
    for axis in (ax.xaxis, ax.yaxis):
        assert [label.get_text() for label in axis.get_ticklabels()] == ["a", "b", "c"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")
    assert ax.get_title() == "test"
    assert (image.norm.vmin, image.norm.vmax) == (0, 100)


@pytest.mark.parametrize("num_classes", [40, 100, 300])
def test_names_of_many_classes_do_not_overlap(num_classes):
    names = [f"class {k}" for k in range(num_classes)]
    ax = plots.confusion_matrix(np.eye(num_classes, dtype=int), class_names=names)
    ax.figure.canvas.draw()
    labels = [label for label in ax.get_yticklabels() if label.get_text()]
    assert labels[0].get_text() == "class 0" and len(labels) >= 40
    boxes = [label.get_window_extent() for label in labels]
    # The axis runs downwards.
    assert all(upper.y0 >= lower.y1 - 1 for upper, lower in itertools.pairwise(boxes))


def test_relative_confusion_is_centred_at_0():
    matrix = np.array([[-30.04, 30.04], [np.nan, np.nan]])
    ax = plots.relative_confusion(matrix)
    (image,) = ax.images
    np.testing.assert_array_equal(image.get_array().filled(np.nan), matrix)
    assert (image.norm.vmin, image.norm.vmax) == (-30.04, 30.04)
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["\N{MINUS SIGN}30.0", "+30.0", "–", "–"]
    assert np.allclose(image.to_rgba(image.get_array())[1], GREY)
    assert "percentage points" in image.colorbar.ax.get_ylabel()
    assert plots.relative_confusion(np.zeros((2, 2))).images[0].norm.vmax == 1


def test_relative_confusion_takes_a_common_limit():
    image = plots.relative_confusion(np.eye(3), limit=80).images[0]
    assert (image.norm.vmin, image.norm.vmax) == (-80, 80)
    with pytest.raises(ValueError, match="`limit` must be > 0"):
        plots.relative_confusion(np.eye(3), limit=0)


def test_only_small_matrices_are_annotated():
    assert len(plots.confusion_matrix(np.eye(12, dtype=int)).texts) == 144
    assert not plots.confusion_matrix(np.eye(13, dtype=int)).texts


def test_wrong_matrices_are_refused():
    for draw in (plots.confusion_matrix, plots.relative_confusion):
        with pytest.raises(ValueError, match=r"`matrix` must be square.*\(2, 3\)"):
            draw(np.zeros((2, 3)))
        with pytest.raises(ValueError, match=r"`matrix` .*\(K, K\).*shape \(3,\)"):
            draw(np.zeros(3))
    with pytest.raises(ValueError, match=r"counts >= 0.*-1"):
        plots.confusion_matrix([[1, -1], [0, 2]])


# Rates under maps


def test_rates_have_bars_intervals_and_the_reach_of_random_maps():
    frame = rates_frame()
    ax = plots.rates_under_maps(frame)
    bars = {round(bar.get_y() + bar.get_height() / 2, 2): bar for bar in ax.patches}
    tpr, fpr = bars[-0.24], bars[0.18]
    assert (tpr.get_width(), fpr.get_width()) == (0.5, 0.2)
    # 0.4 > 0.35: above chance, so solid; 0.1 is not, so pale.
    assert (tpr.get_alpha(), fpr.get_alpha()) == (1.0, 0.35)
    assert tpr.get_facecolor()[:3] != fpr.get_facecolor()[:3]
    segments = [segment for lines in ax.collections for segment in lines.get_segments()]
    for y, low, high in ((-0.24, 0.4, 0.55), (0.18, 0.1, 0.25), (1.18, 0.1, 0.25)):
        assert any(
            len(segment) == 2 and np.allclose(segment, [(low, y), (high, y)])
            for segment in segments
        )
    random = [line for line in ax.lines if line.get_marker() == "D"]
    assert len(random) == 4
    for line in random:
        np.testing.assert_allclose(line.get_xdata(), [0.3, 0.35])
        assert line.get_markevery() == [0]  # the diamond is the mean
    assert [text.get_text() for text in ax.texts] == ["undefined"]
    assert ax.texts[0].get_position()[1] == pytest.approx(0.76)  # the second class's TPR
    assert [label.get_text() for label in ax.get_yticklabels()] == ["cat", "dog"]
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 1), (1.5, -0.5))


def test_wrong_rates_are_refused():
    with pytest.raises(TypeError, match="`rates` must be a DataFrame"):
        plots.rates_under_maps({"tpr": [1]})
    with pytest.raises(ValueError, match=r"missing columns.*random_tpr_high"):
        plots.rates_under_maps(rates_frame().drop(columns="random_tpr_high"))
    with pytest.raises(ValueError, match="0 rows"):
        plots.rates_under_maps(rates_frame().iloc[:0])


def test_recalls_have_bars_intervals_strokes_and_the_reach_of_other_frequencies():
    ax = plots.recall_without_maps(recalls_frame(("cat", "cow", "dog")))
    assert [bar.get_width() for bar in ax.patches][:2] == [0.3, 0.5]
    # 0.35 < 0.45: the class needs its map, so solid; 0.55 is not, so pale.
    assert [bar.get_alpha() for bar in ax.patches] == [1.0, 0.35, 0.35]
    segments = [segment for lines in ax.collections for segment in lines.get_segments()]
    for y, low, high in ((-0.1, 0.2, 0.35), (0.9, 0.4, 0.55)):
        assert any(
            len(segment) == 2 and np.allclose(segment, [(low, y), (high, y)])
            for segment in segments
        )
    others = [line for line in ax.lines if line.get_marker() == "D"]
    for line in others[:2]:
        np.testing.assert_allclose(line.get_xdata(), [0.6, 0.45])
        assert line.get_markevery() == [0]  # the diamond is the mean
    caps = {cap for bars in ax.containers if hasattr(bars, "lines") for cap in bars.lines[1]}
    (untouched,) = (line for line in set(ax.lines) - caps if line.get_marker() == "|")
    np.testing.assert_allclose(untouched.get_xydata()[:2], [(0.9, -0.1), (0.9, 0.9)])
    assert [text.get_text() for text in ax.texts] == ["undefined"]
    assert ax.texts[0].get_position()[1] == pytest.approx(1.9)


def test_a_class_that_loses_everything_is_seen_to_need_its_map():
    frame = recalls_frame(("cat", "cow", "dog")).assign(recall_without=0.0)
    ends = [line for line in plots.recall_without_maps(frame).lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in ends] == [0, 0, 0]
    assert ends[0].get_markerfacecolor() != ends[1].get_markerfacecolor() == "white"


def test_wrong_recalls_are_refused():
    with pytest.raises(TypeError, match=r"`recalls` must be .*keras_freq\.recall_without_maps"):
        plots.recall_without_maps([0.5])
    with pytest.raises(ValueError, match=r"missing columns.*is_needed"):
        plots.recall_without_maps(recalls_frame().drop(columns="is_needed"))


# Images


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
        ([[np.zeros((8, 8, 2))]], r"shape \(8, 8, 2\)"),
        ([[image * np.nan]], "finite"),
        (3, "`image_rows` must hold rows of images"),
    ):
        with pytest.raises(ValueError, match=message):
            plots.filtered_images(rows, ["a"])
    with pytest.raises(ValueError, match="`row_titles` must hold 1 titles"):
        plots.filtered_images([[image]], ["a"], row_titles=["x", "y"])
    with pytest.raises(ValueError, match=r"one batch of images, shape \(2, 8, 8, 3\)"):
        plots.filtered_images(np.zeros((2, 8, 8, 3)))


def test_a_number_in_a_title_is_not_broken_at_its_point():
    assert style.wrapped("radius 0.13 of it", 8) == "radius\n0.13 of\nit"


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


# Reliance and comparison


def test_reliance_is_the_recall_lost_averaged_over_runs():
    frame = pd.DataFrame(
        {
            "step": [10, 20] * 6,
            "class_id": [0, 0, 1, 1] * 3,
            "source": ["train"] * 4 + ["test"] * 4 + ["low"] * 4,
            "recall": [0.0] * 4 + [0.5, 0.9, 0.2, 1.0] + [0.4, 0.1, 0.3, np.nan],
        }
    )
    other = frame.assign(recall=frame["recall"].where(frame["source"] != "low", 0.0))
    # A training batch between two probes leaves no gap in their lines.
    between = frame.iloc[:1].assign(step=15)
    first = plots.filter_reliance(pd.concat([frame, between]))
    np.testing.assert_allclose(first[0].lines[-1].get_ydata(), [10, 80])
    np.testing.assert_allclose(first[1].lines[-1].get_ydata(), [-10, np.nan])
    both = plots.filter_reliance(pd.concat([frame, other]))
    np.testing.assert_allclose(both[0].lines[-1].get_ydata(), [30, 85])
    with pytest.raises(ValueError, match=r"must be probes of `frame`.*there are \['test', 'low'\]"):
        plots.filter_reliance(frame, reference="tset")
    below = plots.filter_reliance(frame, columns=1)
    boxes = [one.get_window_extent() for one in below]
    assert boxes[0].y0 > boxes[1].y1 and below[0].get_legend() and not below[1].get_legend()
    with pytest.raises(ValueError, match="`columns` must be an integer >= 1"):
        plots.filter_reliance(frame, columns=0)
    with pytest.raises(ValueError, match="one without recall"):
        plots.filter_reliance(frame.drop(columns="recall"))
    # A class of which the probes hold no image, and one that has no row.
    none = frame.assign(recall=frame["recall"].where(frame["class_id"] == 0, np.nan))
    gaps = plots.filter_reliance(none.assign(class_id=none["class_id"] * 2))
    np.testing.assert_allclose(gaps[0].lines[-1].get_ydata(), [10, 80])
    assert np.isnan(gaps[2].lines[-1].get_ydata()).all() and not len(gaps[1].lines[-1].get_ydata())


def test_comparison_has_a_point_a_run_and_a_bar_at_the_mean():
    ax = plots.class_comparison(runs_frame(), value="mean_f1")
    cat, dog = (line for line in ax.lines if len(line.get_xdata()) == 3)
    np.testing.assert_allclose(cat.get_ydata(), [0.2, 0.4, 0.9])
    np.testing.assert_array_equal(np.round(cat.get_xdata()), [0, 0, 1])
    assert (cat.get_xdata() < dog.get_xdata()).all()
    bars = ax.collections[0].get_segments()
    np.testing.assert_allclose([bar[0][1] for bar in bars], [0.3, 0.9])
    with pytest.raises(ValueError, match="one without accuracy"):
        plots.class_comparison(runs_frame(), value="accuracy")
    with pytest.raises(ValueError, match="no rows"):
        plots.class_comparison(runs_frame().iloc[:0], value="mean_f1")


def test_comparison_tells_many_classes_apart():
    names = [f"class {k}" for k in range(21)]
    frame = pd.DataFrame({"setting": "B1", "class_name": names, "mean_f1": 0.5})
    lines = plots.class_comparison(frame, value="mean_f1").lines
    assert len({(line.get_color(), line.get_marker()) for line in lines}) == 21


def test_filter_changes_average_runs_and_leave_gaps():
    ax = plots.filter_changes(runs_frame())
    values = ax.images[0].get_array()
    np.testing.assert_allclose(values[:2], [[-60.0], [-60.0]])
    assert values.mask[2:].all()
    assert [text.get_text() for text in ax.texts] == ["\u221260", "\u221260", "–", "–", "B1", "B2"]
