"""What bands are worth, and how they interact: every dot and cell is the number of the result."""

import numpy as np
import pytest
from plot_cases import available_frame, shapley_result

from keras_freq import plots
from keras_freq.plots import style


def test_dots_are_values_with_intervals_and_diamonds_what_leaving_out_costs():
    shapley = shapley_result()
    frame = shapley.to_frame()
    for given in (shapley, frame):
        ax = plots.band_shapley(given)
        lines = {
            line.get_marker(): line.get_ydata() for line in ax.lines if len(line.get_xdata()) == 3
        }
        own = frame[frame["class_id"] == -1]
        np.testing.assert_allclose(lines["o"], own["value"])
        np.testing.assert_allclose(lines["D"], own["leave_one_out"])
        (bars,) = ax.collections
        ends = [path.vertices[:, 1] for path in bars.get_paths()]
        np.testing.assert_allclose(ends, own[["value_low", "value_high"]])
        thin = [line.get_ydata() for line in ax.lines if line.get_linewidth() == 1]
        np.testing.assert_allclose(thin, shapley.values)
    assert not [line for line in plots.band_shapley(frame, by_class=False).lines
                if line.get_linewidth() == 1]  # fmt: skip


def test_several_models_stand_side_by_side():
    models = {"plain": shapley_result(), "robust": shapley_result(seed=1)}
    ax = plots.band_shapley(models)
    dots = [line for line in ax.lines if line.get_marker() == "o" and len(line.get_xdata()) == 3]
    first, second = (line.get_xdata() for line in dots)
    assert (first < second).all() and abs((first + second) / 2 - range(3)).max() < 1e-9
    np.testing.assert_allclose(dots[1].get_ydata(), models["robust"].together.values[0])
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["Shapley value", "leave one out", "plain", "robust"]
    other = models["robust"].to_frame().replace({"from 2": "from 3"})
    with pytest.raises(ValueError, match="`shapley` must hold models with the same bands"):
        plots.band_shapley({"a": models["plain"], "b": other})


def test_cells_are_interactions_and_only_those_that_are_sure_have_a_number():
    shapley = shapley_result()
    ax = plots.band_interactions(shapley)
    (values,), (errors,) = shapley.together.interactions, shapley.together.interaction_stderr
    drawn = ax.collections[0].get_array()
    np.testing.assert_allclose(drawn.filled(np.nan), values)
    assert drawn.mask[np.eye(3, dtype=bool)].all()
    texts = [text.get_text() for text in ax.texts]
    expected = [
        style.signed(v, digits=".2g") if abs(v) >= 2 * e else ""
        for v, e in zip(values.flat, errors.flat, strict=True)
    ]
    assert texts == expected


@pytest.mark.parametrize(("class_id", "who"), [(-1, ""), (1, ", dog")])
def test_what_is_available_stands_beside_what_is_used(class_id, who):
    table = available_frame()
    axes = plots.available_and_used(table, class_id=class_id)
    own = table[table["class_id"] == class_id]
    for ax, name in zip(axes, ("available", "used"), strict=True):
        np.testing.assert_allclose(ax.lines[0].get_ydata(), own[name])
        ends = [path.vertices[:, 1] for path in ax.collections[0].get_paths()]
        np.testing.assert_allclose(ends, own[[f"{name}_low", f"{name}_high"]])
    assert [ax.get_title().replace("\n", " ") for ax in axes] == [
        f"available in the data{who}",
        f"used by the model{who}",
    ]
    labels = [label.get_text() for label in axes[0].get_xticklabels()]
    assert labels == ["0 to 4", "from 4"]
    null = [path.vertices[:, 1] for path in axes[0].collections[1].get_paths()]
    np.testing.assert_allclose(null, 0.5)
    with pytest.raises(ValueError, match="`class_id` must be one of 0, 1, -1"):
        plots.available_and_used(table, class_id=3)
