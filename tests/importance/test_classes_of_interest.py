"""Some classes alone: the same rows as in a search of all, and nothing is spent on the others."""

import numpy as np
import pytest
from importance_cases import CLASSES, small_model, some_images

import keras_freq as kf
from keras_freq import plots
from keras_freq.importance import importance_cost

SHAPE = (9, 8, 2)
ROWS = ("loss_change", "stderr", "search_stderr", "base_loss", "images", "expected_overlap")


def search(classes=None, **options):
    options = {"class_names": ["a", "b", "c"], "progress": False, **options}
    data = options.pop("data", some_images(SHAPE, n=40))
    return kf.frequency_importance(small_model(SHAPE), data, CLASSES, classes=classes, **options)


@pytest.mark.parametrize("method", ["exhaustive", "screened"])
def test_rows_are_those_of_a_search_of_all(method):
    every, some = search(method=method), search([2, 0], method=method)
    for name in (*ROWS, "fold_sums", "fold_images"):
        np.testing.assert_array_equal(getattr(some, name), getattr(every, name)[[2, 0]])
    assert some.class_names == ["c", "a"]
    assert (some.class_ids.tolist(), every.class_ids.tolist()) == ([2, 0], [0, 1, 2])
    np.testing.assert_array_equal(some.neutral, every.neutral)
    for name, values in some.stability(0.2).items():
        np.testing.assert_array_equal(values, every.stability(0.2)[name][[2, 0]])
    pairs = len(kf.conjugate_pairs(SHAPE[:2]))
    assert some.exhaustive_evaluations == 27 * (pairs + 1)
    assert (some.evaluations == some.exhaustive_evaluations) == (method == "exhaustive")


def test_a_class_without_images_is_nan_and_only_such_are_refused():
    images, labels = some_images(SHAPE, n=10)
    data = images, labels % 2
    found = search([1, 2], data=data, method="exhaustive")
    assert found.images.tolist() == [3, 0]
    assert np.isnan(found.loss_change[1]).all() and np.isfinite(found.loss_change[0]).all()
    for by in ("class", "all"):
        with pytest.raises(ValueError, match=r"`classes` must name at least one .*\[2\]"):
            search([2], data=data, method="exhaustive", by=by)


def test_the_cost_is_that_of_the_classes():
    found = search([1], method="exhaustive")
    arguments = small_model(SHAPE), some_images(SHAPE, n=40), CLASSES
    cost = importance_cost(*arguments, method="exhaustive", classes=[1])
    assert cost["passes"] == found.evaluations


def test_files_of_earlier_versions_load(tmp_path):
    found = search(method="exhaustive")
    found.save(tmp_path / "new.npz")
    with np.load(tmp_path / "new.npz") as file:
        old = {name: file[name] for name in file.files if name != "class_ids"}
    np.savez(tmp_path / "old.npz", **old)
    loaded = kf.FrequencyImportance.load(tmp_path / "old.npz")
    assert loaded.class_ids.tolist() == [0, 1, 2]
    loaded.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "new.npz").read_bytes()
    del old["fold_sums"]
    np.savez(tmp_path / "broken.npz", **old)
    with pytest.raises(ValueError, match=r"FrequencyImportance\.save"):
        kf.FrequencyImportance.load(tmp_path / "broken.npz")


@pytest.mark.parametrize("options", [{"by": "all"}, {"classes": [2, 0]}, {"classes": [1]}])
def test_plots_draw_a_panel_for_each_row(options):
    found = search(**options)
    for axes in (
        plots.importance_maps(found),
        plots.importance_maps(found, shared_scale=True),
        plots.dominant_frequency_maps(found, fraction=0.05),
    ):
        assert [ax.get_title() for ax in axes] == found.class_names
    label = plots.importance_maps(found)[-1].images[0].colorbar.ax.get_ylabel()
    assert ("class's largest" in label) == ("by" not in options)


def test_maps_of_some_classes_are_not_taken_for_those_of_all():
    data, model = some_images(SHAPE, n=40), small_model(SHAPE)
    for options in ({"by": "all"}, {"classes": [2, 0]}):
        found = search(method="exhaustive", **options)
        maps = kf.dominant_frequency_maps(found, 0.1)
        assert maps.shape == (len(found.class_ids), *SHAPE[:2])
        with pytest.raises(ValueError, match="3"):
            kf.rates_under_maps(model, data, maps, num_random=40, progress=False)
