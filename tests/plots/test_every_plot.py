"""What all plot functions keep to: new or given axes, literal names, settings left alone."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from plot_cases import NAMED, ONE_AXES, STRANGE, TAKE_NAMES, every_plot, flat, texts_of

from keras_freq import plots


def test_every_public_function_is_tested_below():
    assert set(plots.__all__) == set(every_plot())


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
    figure, given = plt.subplots(1, 3)
    axes = every_plot()[name](ax=given[0] if name in ONE_AXES else given)
    assert flat(axes) == list(given[: len(flat(axes))])
    assert plt.get_fignums() == [figure.number]
    assert all(ax.has_data() for ax in flat(axes))


@pytest.mark.parametrize("name", every_plot())
def test_wrong_ax_is_refused(name):
    with pytest.raises(TypeError, match="`ax` must be"):
        every_plot()[name](ax="left")
    if name not in ONE_AXES:
        with pytest.raises(ValueError, match=r"`ax` must hold at least [23] axes.*Received: 1"):
            every_plot()[name](ax=plt.figure().add_subplot())


@pytest.mark.parametrize("name", sorted(NAMED))
def test_names_are_literal(name):
    for pair in (STRANGE[:2], STRANGE[2:]):
        axes = every_plot(pair)[name]()
        texts = {t.get_text().replace("\n", ""): t for t in texts_of(flat(axes)[0].figure)}
        for wanted in pair:
            # roc_curves adds the area to the name.
            found = [text for label, text in texts.items() if label.startswith(wanted)]
            assert found, (wanted, list(texts))
            assert not any(text.get_parse_math() or text.get_usetex() for text in found)


@pytest.mark.parametrize("name", sorted(TAKE_NAMES))
def test_wrong_number_of_names_is_refused(name):
    with pytest.raises(ValueError, match=r"`(class_names|column_titles)` must .* 2 "):
        every_plot(["a", "b", "c"])[name]()


def test_spare_axes_are_switched_off():
    _, given = plt.subplots(2, 2)
    axes = plots.adcs_maps(np.zeros((3, 8, 8), int), ax=given)
    assert list(axes) == list(given.flat[:3])
    assert not given[1, 1].axison
    assert all(ax.axison for ax in axes)
