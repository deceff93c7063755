"""One map for all images together: against all exact changes, for a fraction of the passes."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from importance_cases import CLASSES, small_model, some_images
from keras import layers

import keras_freq as kf
from keras_freq.classifier import CompiledClassifier, logits_of
from keras_freq.importance import importance_cost, map_overlap, pooled_search
from keras_freq.importance.linearised_logits import LinearisedLossUnit
from keras_freq.interventions import RemovedPairs, Unit

# The network of these tests has learned nothing of the labels.
pytestmark = pytest.mark.filterwarnings("ignore:`model` .* guessing:UserWarning")
SHAPE = (10, 9, 2)
COUNT = 240


@pytest.fixture(autouse=True)
def small_start(monkeypatch):
    """Small images have few pairs: a search that is worth it begins with fewer passes."""
    monkeypatch.setattr(pooled_search, "_PILOT", 24)
    monkeypatch.setattr(pooled_search, "_GRADIENTS", 40)


@pytest.fixture(scope="module")
def case():
    """A network, its images, and every exact change `(N, P)`."""
    model, (images, labels) = small_model(SHAPE), some_images(SHAPE, n=COUNT)
    pairs = kf.conjugate_pairs(SHAPE[:2])
    classifier = CompiledClassifier(logits_of(model, images, CLASSES), SHAPE)
    neutral = images.mean(axis=(0, 1, 2), dtype=np.float64)
    base = Unit("losses", images, labels).run(classifier)
    removed = RemovedPairs(pairs, SHAPE[:2], neutral)
    changes = Unit("losses", images, labels, removed).run(classifier) - base[:, None]
    return model, (images, labels), changes, base, classifier


def search(model, data, **options):
    options = {"by": "all", "progress": False, "fractions": (0.1, 0.3), **options}
    return kf.frequency_importance(model, data, CLASSES, **options)


def of_pairs(maps):
    return maps[0].reshape(-1)[kf.conjugate_pairs(maps.shape[1:])[:, 0]]


def test_exhaustive_is_the_mean_of_all_images(case):
    model, data, changes, base, _ = case
    found = search(model, data, method="exhaustive")
    np.testing.assert_allclose(of_pairs(found.loss_change), changes.mean(axis=0), atol=1e-7)
    stderr = changes.std(axis=0, ddof=1) / np.sqrt(COUNT)
    np.testing.assert_allclose(of_pairs(found.stderr), stderr, rtol=1e-3, atol=1e-8)
    assert found.base_loss == pytest.approx([base.mean()], rel=1e-6)
    assert found.evaluations == found.exhaustive_evaluations == COUNT * (changes.shape[1] + 1)
    assert (found.class_names, found.class_ids.tolist()) == (["all"], [-1])
    assert (found.search_stderr == 0).all() and found.images.tolist() == [COUNT]
    assert "all classes together, 10x9, 240 images" in repr(found)
    # A screened search that may spend as much is exhaustive.
    screened = search(model, data)
    np.testing.assert_array_equal(screened.loss_change, found.loss_change)


def test_folds_are_random_and_add_up(case):
    model, data, *_ = case
    found = search(model, data, method="exhaustive")
    means = found.fold_sums[0].sum(axis=0) / COUNT
    np.testing.assert_allclose(means, of_pairs(found.loss_change), rtol=1e-9, atol=1e-12)
    assert found.fold_images.tolist() == [[24] * 10]
    assert 0 < found.stability(0.3)["split_half"][0] < 1


def test_a_screened_search_cannot_tell_how_stable_its_map_is(case):
    model, data, *_ = case
    stability = search(model, data, max_evaluations=4000).stability(0.3)
    assert stability.pop("images").tolist() == [COUNT]
    assert all(np.isnan(values).all() for values in stability.values())


def test_errors_are_what_a_screened_search_says(case):
    model, data, changes, *_ = case
    exact, units = changes.mean(axis=0), []
    for seed in range(6):
        found = search(model, data, max_evaluations=4000, seed=seed)
        assert 3000 < found.evaluations <= 4000 < 0.4 * found.exhaustive_evaluations
        error, stderr = of_pairs(found.loss_change) - exact, of_pairs(found.search_stderr)
        units.append(error[stderr > 0] / stderr[stderr > 0])
        assert (of_pairs(found.stderr) >= stderr).all()
    units = np.concatenate(units)
    assert 0.5 < np.sqrt((units**2).mean()) < 1.15
    assert (abs(units) < 2).mean() > 0.93


@pytest.mark.filterwarnings("ignore:The screened search has spent its passes")
def test_more_passes_bring_better_maps_and_the_search_says_how_good(case):
    model, data, *_ = case
    exhaustive = search(model, data, method="exhaustive")
    overlaps, expected = [], []
    for passes in (3000, 9000):
        found = search(model, data, max_evaluations=passes)
        maps = [kf.dominant_frequency_maps(one, 0.3) for one in (found, exhaustive)]
        overlaps.append(map_overlap(*maps)[0])
        expected.append(found.expected_overlap[0, 1])
    assert expected == sorted(expected)
    assert overlaps[1] > 0.9 and overlaps[0] > 0.5
    assert np.mean(expected) == pytest.approx(np.mean(overlaps), abs=0.15)


def test_a_planted_frequency_is_found():
    """One image in four depends on one cosine of high frequency, which has a usual power."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[:16, :16]
    wave = np.cos(2 * np.pi * (5 * rows + 4 * columns) / 16)[..., None]
    labels = np.arange(200) % 4
    images = (
        0.5
        + 0.1 * rng.normal(size=(200, 16, 16, 1))
        + 0.02 * wave * (labels == 0)[:, None, None, None]
    )
    model = keras.Sequential([keras.Input((16, 16, 1)), layers.Flatten(), layers.Dense(4)])
    template = wave.reshape(-1, 1) * [2.0, 0.0, 0.0, 0.0] + 0.05 * rng.normal(size=(256, 4))
    model.set_weights([template.astype("float32"), np.array([-4.0, 0, 0, 0], "float32")])
    found = kf.frequency_importance(
        model,
        (images.astype("float32"), labels),
        4,
        by="all",
        fractions=(0.01, 0.05),
        max_evaluations=4500,
        from_logits=True,
        progress=False,
    )
    assert found.evaluations < 0.2 * found.exhaustive_evaluations
    assert found.expected_overlap[0, 1] < 0.9
    with pytest.warns(UserWarning, match="has spent its passes before the map of 0.05"):
        kf.dominant_frequency_maps(found, 0.05)
    largest = found.loss_change[0, 8 + 5, 8 + 4]
    assert largest > 1.5 * found.search_stderr[0, 8 + 5, 8 + 4]
    assert largest == found.loss_change.max()


def test_classes_choose_the_images_of_the_map(case):
    model, (images, labels), *_ = case
    neutral = [0.4, 0.6]
    own = np.isin(labels, [0, 2])
    for options in ({"method": "exhaustive"}, {"max_evaluations": 4000}):
        found = search(model, (images, labels), classes=[2, 0], neutral=neutral, **options)
        alone = search(model, (images[own], labels[own]), neutral=neutral, **options)
        np.testing.assert_array_equal(found.loss_change, alone.loss_change)
        assert found.images.tolist() == [own.sum()]


def test_same_seed_same_bits_whatever_the_batches(case, tmp_path):
    model, (images, labels), *_ = case
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(13)
    for name, data in (("one", (images, labels)), ("two", dataset)):
        search(model, data, max_evaluations=4000).save(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    loaded = kf.FrequencyImportance.load(tmp_path / "one")
    assert loaded.class_ids.tolist() == [-1] and loaded.class_names == ["all"]
    other = search(model, dataset, max_evaluations=4000, seed=1)
    assert not np.array_equal(other.loss_change, loaded.loss_change)


def test_frequencies_that_no_image_has_change_nothing(case):
    model, (images, labels), *_ = case
    kept = kf.band_stop_mask(SHAPE[:2], 2, 3)
    images = np.asarray(kf.filter_images(images, kept, neutral=0.5))
    for options in ({"method": "exhaustive"}, {"max_evaluations": 4000}):
        found = search(model, (images, labels), **options)
        assert (found.loss_change[0][~kept] == 0).all()
        assert (found.search_stderr[0][~kept] == 0).all()


def test_linear_changes_are_the_derivative_of_the_loss(case):
    _, (images, labels), _, _, classifier = case
    pairs, neutral = kf.conjugate_pairs(SHAPE[:2])[1:], images.mean(axis=(0, 1, 2))
    faint = (neutral + 0.02 * (images[:8] - neutral)).astype(np.float32)
    base = Unit("losses", faint, labels[:8]).run(classifier)
    removed = RemovedPairs(pairs, SHAPE[:2], neutral)
    exact = Unit("losses", faint, labels[:8], removed).run(classifier) - base[:, None]
    unit = LinearisedLossUnit(faint, labels[:8], pairs, neutral)
    assert unit.passes(classifier) == 24
    assert abs(unit.run(classifier) - exact).max() < 0.05 * abs(exact).max()


def test_one_image_has_no_error_over_images(case):
    model, (images, labels), *_ = case
    found = search(model, (images[:1], labels[:1]))
    assert np.isfinite(found.loss_change).all()
    assert np.isnan(found.stderr).all()


def test_the_cost_is_known(case):
    model, data, *_ = case
    found = search(model, data, method="exhaustive")
    for options, passes in (
        ({"method": "exhaustive"}, found.evaluations),
        ({}, found.evaluations),
        ({"max_evaluations": 4000}, 4000),
    ):
        cost = importance_cost(model, data, CLASSES, by="all", **options)
        assert cost["passes"] == passes


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"by": "image"}, "`by` must be one of"),
        ({"max_evaluations": 100}, "`max_evaluations` must be at least"),
        ({"max_evaluations": 0}, "`max_evaluations`"),
        ({"max_evaluations": 4000, "by": "class"}, "`max_evaluations` bounds a screened search"),
        ({"max_evaluations": 4000, "method": "exhaustive"}, "`max_evaluations` bounds"),
        ({"classes": []}, "`classes`"),
        ({"classes": [1, 1]}, "`classes`"),
        ({"classes": [3]}, r"`classes` must be the labels .*\[0, 2\]"),
        ({"classes": ["1"]}, "`classes` must be the labels"),
    ],
)
def test_wrong_arguments_are_named(case, change, message):
    model, data, *_ = case
    with pytest.raises(ValueError, match=message):
        search(model, data, **change)


def test_a_screened_search_needs_gradients(case):
    _, data, *_ = case
    model = keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(3)])
    inputs = keras.Input(SHAPE)
    model = keras.Model(inputs, model(keras.ops.round(8 * inputs) / 8))
    options = {"from_logits": True}
    with pytest.raises(ValueError, match="must have gradients"):
        search(model, data, max_evaluations=4000, **options)
    assert np.isfinite(search(model, data, method="exhaustive", **options).loss_change).all()
