"""Plots of a `FrequencyImportance` itself: its class names, and what was predicted in it."""

import dataclasses

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgba

import keras_freq as kf
from keras_freq import plots


def importance(method="screened", size=(8, 8)):
    """The result of a search whose numbers are made up: the right half was predicted."""
    rng = np.random.default_rng(0)
    change = rng.normal(size=(2, *size))
    change = (change + np.roll(change[:, ::-1, ::-1], 1, axis=(1, 2))) / 2
    stderr = np.zeros(change.shape)
    if method == "screened":
        stderr[:, :, 5:] = stderr[:, :, 1:4] = 0.1
        change[:, 3, 5] = change[:, 5, 3] = -23.0  # larger than anything that is known
    return kf.FrequencyImportance(
        loss_change=change,
        stderr=stderr + 0.2,
        search_stderr=stderr,
        base_loss=np.ones(2),
        images=np.array([5, 5]),
        evaluations=100,
        exhaustive_evaluations=350,
        class_names=["$cat$", "dog"],
        neutral=np.zeros(3),
        method=method,
        fractions=(0.1, 0.3),
        expected_overlap=np.ones((2, 2)),
        seed=0,
        fold_sums=np.zeros((2, 10, 34)),
        fold_images=np.ones((2, 10), int),
    )


@pytest.mark.parametrize("shared_scale", [False, True])
def test_predicted_frequencies_are_pale_and_do_not_set_the_scale(shared_scale):
    found = importance()
    axes = plots.importance_maps(found, shared_scale=shared_scale)
    known = np.where(found.search_stderr > 0, 0, found.loss_change)
    largest = [values.flat[abs(values).argmax()] for values in known]
    for ax, values, most, stderr in zip(
        axes, found.loss_change, largest, found.search_stderr, strict=True
    ):
        (image,) = ax.images
        unit = 1 if shared_scale else abs(most)
        np.testing.assert_allclose(image.get_array(), values / unit)
        assert np.array_equal(image.get_alpha() < 1, stderr > 0)
        assert image.norm.vmax == pytest.approx(abs(known).max() if shared_scale else 1)
        written = ax.texts[0].get_text().replace("\N{MINUS SIGN}", "-")
        assert written == f"largest: {most:+.3g} nats"
        # What is beyond the end of the scale has the colour of its end.
        assert image.to_rgba([-23.0])[0][:3] == pytest.approx(image.cmap(0.0)[:3])
    assert "pale: predicted" in axes[-1].images[0].colorbar.ax.get_ylabel()
    figure = axes[0].figure
    figure.canvas.draw()
    inside = figure.get_tightbbox().extents <= [0, 0, *figure.get_size_inches() + 0.02]
    assert inside[2:].all()
    # In the picture itself, a pale cell is nearer to white than a full one of the same value.
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3]
    place = axes[0].transData.transform([(1, -1), (0, 0)])[0]  # the prediction of -23
    colour = pixels[len(pixels) - 1 - int(place[1]), int(place[0])] / 255
    expected = 0.5 + 0.5 * np.array(axes[0].images[0].cmap(0.0)[:3])
    np.testing.assert_allclose(colour, expected, atol=0.02)


def test_an_exhaustive_result_is_drawn_as_its_array():
    found = importance("exhaustive")
    axes = plots.importance_maps(found)
    names = [literal.replace("\\", "") for literal in (ax.get_title() for ax in axes)]
    assert names == found.class_names
    others = plots.importance_maps(found.loss_change, class_names=["a", "b"])
    assert others[0].get_title() == "a"
    for ax, other in zip(axes, others, strict=True):
        np.testing.assert_array_equal(ax.images[0].get_array(), other.images[0].get_array())
        assert ax.images[0].get_alpha() is None
    label, other = (found[-1].images[0].colorbar.ax.get_ylabel() for found in (axes, others))
    assert label == other and "pale" not in label


def test_maps_of_a_result_are_made_with_its_names():
    found = importance("exhaustive")
    for fraction in (None, 0.1, 0.3):
        axes = plots.dominant_frequency_maps(found, fraction=fraction)
        maps = kf.dominant_frequency_maps(found, fraction or 0.1)
        for ax, expected in zip(axes, maps, strict=True):
            assert np.array_equal(ax.images[0].get_array(), expected)
            assert isinstance(ax.images[0].cmap, mpl.colors.ListedColormap)
        assert axes[1].get_title() == "dog"
    axes = plots.dominant_frequency_maps(found, class_names=["a", "b"], bands=True)
    assert axes[0].get_title() == "a"
    assert to_rgba(axes[0].images[0].cmap.colors[1])


def test_a_fraction_that_a_screened_search_has_not_settled_is_said():
    with pytest.warns(UserWarning, match="has settled the maps of 0.1, 0.3"):
        plots.dominant_frequency_maps(importance(), fraction=0.2)


def test_means_over_some_images_are_pale_where_they_may_be_0():
    """A screened search of all images together: every frequency has an error."""
    found = importance()
    stderr = np.full((1, 8, 8), 0.5)
    found = dataclasses.replace(
        found,
        loss_change=found.loss_change[:1].clip(-3),
        search_stderr=stderr,
        class_names=["all"],
        class_ids=np.array([-1]),
    )
    (ax,) = plots.importance_maps(found)
    (image,) = ax.images
    assert np.array_equal(image.get_alpha() < 1, abs(found.loss_change[0]) <= 1)
    assert "-3" in ax.texts[0].get_text().replace("\N{MINUS SIGN}", "-")
    label = image.colorbar.ax.get_ylabel()
    assert "within 2 errors of 0" in label and "class" not in label
    # Where nothing is far from 0, the scale is that of all.
    found = dataclasses.replace(found, search_stderr=9 * stderr)
    (ax,) = plots.importance_maps(found)
    assert "largest: 0" not in ax.texts[0].get_text()
