"""The screened search: its predictions, its estimates and its errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import keras_freq as kf
from keras_freq.classifier import CompiledClassifier, cross_entropy, logits_of
from keras_freq.classifier.compiled import MOST_MARGINS, num_margins, strongest_margins
from keras_freq.importance import map_overlap
from keras_freq.importance.control_variate import fit_control
from keras_freq.importance.linearised_logits import LinearisedUnit, prediction_passes
from keras_freq.importance.screened_search import _allowed, undecided
from keras_freq.interventions import RemovedPairs, Unit


def classifier_of(shape, num_classes, hidden=None, seed=0):
    """A `CompiledClassifier` of a linear network, or of one with a hidden tanh layer."""
    keras.utils.set_random_seed(seed)
    body = [layers.Dense(hidden, "tanh")] if hidden else []
    model = keras.Sequential(
        [keras.Input(shape), layers.Flatten(), *body, layers.Dense(num_classes)]
    )
    images = np.random.default_rng(seed).uniform(size=(4, *shape)).astype("float32")
    logits = logits_of(model, images, num_classes, from_logits=True)
    return CompiledClassifier(logits, shape), images, images.mean(axis=(0, 1, 2))


def changes(classifier, images, labels, pairs, neutral):
    """Exact and predicted changes of the loss, `(N, P)` each."""
    removed = RemovedPairs(pairs, images.shape[1:3], neutral)
    base = Unit("losses", images, labels).run(classifier)
    exact = Unit("losses", images, labels, removed).run(classifier) - base[:, None]
    return exact, LinearisedUnit(images, labels, pairs, neutral).run(classifier)


@pytest.mark.parametrize(
    ("shape", "num_classes"), [((8, 8, 3), 2), ((7, 5, 1), MOST_MARGINS + 1), ((6, 9, 2), 3)]
)
def test_predictions_are_exact_where_logits_are_linear(shape, num_classes):
    classifier, images, neutral = classifier_of(shape, num_classes)
    labels, pairs = np.arange(4) % num_classes, kf.conjugate_pairs(shape[:2])
    exact, predicted = changes(classifier, images, labels, pairs, neutral)
    np.testing.assert_allclose(predicted, exact, rtol=1e-3, atol=2e-6)


@pytest.mark.parametrize("num_classes", [4, 40])
def test_predictions_are_the_derivative_for_many_classes_too(num_classes):
    """Faint images around a constant: what is left of the change is its linear part."""
    shape = (6, 7, 2)
    classifier, images, neutral = classifier_of(shape, num_classes, hidden=20)
    labels, pairs = np.arange(4), kf.conjugate_pairs(shape[:2])[1:]
    faint = (neutral + 0.02 * (images - neutral)).astype(np.float32)
    exact, predicted = changes(classifier, faint, labels, pairs, neutral)
    assert abs(predicted - exact).max() < 0.02 * abs(exact).max()


@pytest.mark.parametrize("num_classes", [2, 5, MOST_MARGINS + 1, MOST_MARGINS + 2, 1000])
def test_margins_hold_the_whole_cross_entropy(num_classes):
    rng = np.random.default_rng(0)
    logits = tf.constant(rng.normal(0, 4, size=(6, num_classes)), tf.float32)
    labels = rng.integers(0, num_classes, size=6)
    margins = strongest_margins(logits, labels)
    assert margins.shape == (6, num_margins(num_classes))
    loss = np.log1p(np.exp(margins.numpy().astype(np.float64)).sum(axis=1))
    np.testing.assert_allclose(loss, cross_entropy(logits, labels), rtol=1e-5)


def test_predictions_cost_a_forward_pass_and_two_a_margin():
    assert prediction_passes(classifier_of((4, 4, 1), 2)[0]) == 3
    assert prediction_passes(classifier_of((4, 4, 1), 4)[0]) == 7
    assert prediction_passes(classifier_of((4, 4, 1), 1000)[0]) == 1 + 2 * MOST_MARGINS


@pytest.fixture(scope="module")
def searched():
    """An untrained convolutional network, searched in both ways."""
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((16, 15, 3)),
            layers.Conv2D(16, 3, 2, activation="relu", kernel_initializer="he_normal"),
            layers.Conv2D(32, 3, 2, activation="relu", kernel_initializer="he_normal"),
            layers.Flatten(),
            layers.Dense(4, kernel_initializer=keras.initializers.RandomNormal(stddev=0.3)),
            layers.Softmax(),
        ]
    )
    rng = np.random.default_rng(0)
    images = rng.uniform(size=(90, 16, 15, 3)).astype("float32")
    labels = np.arange(90) % 3
    labels[labels == 2] = 0
    labels[-1] = 2

    def search(method="screened", **options):
        options = {"fractions": (0.05, 0.1), "progress": False, **options}
        return kf.frequency_importance(model, (images, labels), 4, method=method, **options)

    return search, search("exhaustive"), search()


def test_the_maps_are_those_of_the_exhaustive_search(searched):
    _, exhaustive, screened = searched
    assert screened.evaluations < 0.7 * exhaustive.evaluations
    assert screened.exhaustive_evaluations == exhaustive.evaluations
    for number, fraction in enumerate(screened.fractions):
        found = kf.dominant_frequency_maps(screened, fraction)
        expected = kf.dominant_frequency_maps(exhaustive, fraction)
        overlap = map_overlap(found, expected)
        assert (overlap[:3] > 0.94).all()
        assert (screened.expected_overlap[:3, number] > 0.95).all()
    assert (exhaustive.expected_overlap[:3] == 1).all()


def test_errors_are_what_the_search_says(searched):
    _, exhaustive, screened = searched
    error = screened.loss_change - exhaustive.loss_change
    exact = screened.search_stderr == 0
    assert 0.05 < exact[:2].mean() < 0.9
    np.testing.assert_allclose(error[exact], 0, atol=1e-6)
    units = error[:2][~exact[:2]] / screened.search_stderr[:2][~exact[:2]]
    assert 0.4 < np.sqrt((units**2).mean()) < 1.4
    assert (abs(units) < 2).mean() > 0.9


def test_stderr_holds_both_errors(searched):
    _, exhaustive, screened = searched
    assert (screened.stderr[:2] >= screened.search_stderr[:2]).all()
    exact = screened.search_stderr == 0
    exact[2:] = False
    np.testing.assert_allclose(screened.stderr[exact], exhaustive.stderr[exact], rtol=1e-3)
    ratio = screened.stderr[:2] / exhaustive.stderr[:2]
    assert 0.8 < np.median(ratio) < 1.5


def test_folds_add_up(searched):
    _, _, screened = searched
    means = screened.fold_sums.sum(axis=1)[:3] / screened.images[:3, None]
    cells = kf.conjugate_pairs((16, 15))[:, 0]
    expected = screened.loss_change[:3].reshape(3, -1)[:, cells]
    np.testing.assert_allclose(means, expected, rtol=1e-9, atol=1e-12)


def test_one_image_and_no_image(searched):
    _, exhaustive, screened = searched
    assert screened.images.tolist() == [59, 30, 1, 0]
    assert np.isfinite(screened.loss_change[2]).all()
    assert np.isnan(screened.stderr[2]).all() and np.isnan(exhaustive.stderr[2]).all()
    assert np.isnan(screened.loss_change[3]).all()
    assert np.isnan(screened.expected_overlap[3]).all()


def test_same_seed_same_bits_and_another_seed_another_search(searched, tmp_path):
    search, _, screened = searched
    screened.save(tmp_path / "first.npz")
    search().save(tmp_path / "second.npz")
    assert (tmp_path / "first.npz").read_bytes() == (tmp_path / "second.npz").read_bytes()
    assert not np.array_equal(search(seed=1).search_stderr, screened.search_stderr)
    loaded = kf.FrequencyImportance.load(tmp_path / "first.npz")
    assert loaded.fractions == (0.05, 0.1)
    np.testing.assert_array_equal(loaded.expected_overlap, screened.expected_overlap)


def test_fewer_fractions_cost_less(searched):
    search, _, screened = searched
    assert search(fractions=0.05).evaluations < screened.evaluations


def test_images_without_any_frequency_cost_nothing():
    classifier, images, _ = classifier_of((6, 6, 1), 3)
    flat = np.full_like(images, 0.5)
    importance = kf.frequency_importance(
        classifier.logits.model, (flat, np.arange(4) % 3), 3, from_logits=True, progress=False
    )
    assert (importance.loss_change == 0).all()
    # Not even a prediction: all that is there was evaluated.
    assert importance.evaluations == 4


def drawn(rng, pairs=400, count=40, sample=40):
    """Changes that follow the model: slopes by image, scales by image and pair."""
    radii = np.sort(rng.uniform(0, 16, pairs))
    scales = np.exp(rng.normal(0, 1.5, size=(count, 1)))
    predicted = scales * rng.normal(0.3, 1, size=(count, pairs))
    power = rng.uniform(0.5, 1.5, size=(count, pairs))
    shared = rng.normal(0, 0.1, size=pairs)
    noise = 0.3 * scales * (shared + rng.normal(size=(count, pairs)))
    exact = rng.uniform(0.5, 0.9, size=(count, 1)) * predicted + 0.2 * scales * power + noise
    known = np.zeros(exact.shape, bool)
    known[:, rng.choice(pairs, sample, replace=False)] = True
    known_only = np.where(known, exact, np.nan)
    return fit_control(predicted, power, known_only, known, radii), exact, predicted


def test_the_control_variate_knows_its_errors():
    control, exact, predicted = drawn(np.random.default_rng(0))
    truth = exact.mean(axis=0)
    # Calibrated predictions are better than raw ones before anything else is evaluated.
    assert np.std(control.predicted.mean(axis=0) - truth) < 0.85 * np.std(
        predicted.mean(axis=0) - truth
    )
    errors = []
    for images in (0, 5, 10, 20, 40):
        seen = np.zeros(exact.shape, bool)
        np.put_along_axis(seen, control.order[:images], True, axis=0)
        changes, stderr, unseen = control.estimate(exact, seen)
        error = changes.mean(axis=0) - truth
        errors.append(np.std(error))
        if images < 40:
            assert 0.5 < np.sqrt(np.mean((error / stderr) ** 2)) < 1.2
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 1e-12 and (stderr == 0).all() and (unseen == 0).all()
    # Half of the images, the uncertain ones, leave a tenth of the error.
    assert errors[3] < 0.15 * errors[0]


def test_low_frequencies_do_not_spoil_what_is_learned_of_high_ones():
    rng = np.random.default_rng(0)
    pairs, count = 400, 40
    radii = np.sort(rng.uniform(4, 64, pairs))
    # As in photographs: at high frequencies small changes, which are all but linear.
    predicted = rng.normal(0.3, 1, size=(count, pairs)) * (4 / radii) ** 2
    power = (predicted**2) * rng.uniform(0.5, 2, size=predicted.shape)
    noise = rng.normal(size=predicted.shape) * (4 / radii) ** 4
    exact = 0.8 * predicted + noise
    known = np.zeros(exact.shape, bool)
    known[:, rng.choice(pairs, 40, replace=False)] = True
    control = fit_control(predicted, power, exact, known, radii)
    high = radii > 48
    # A fit in which all count alike leaves a third of the error of uncalibrated predictions.
    error = np.abs(control.predicted - exact)[:, high].mean()
    assert error < 0.15 * np.abs(predicted - exact)[:, high].mean()


def test_images_without_a_gradient_are_evaluated():
    rng = np.random.default_rng(0)
    predicted, power = np.zeros((6, 50)), rng.uniform(0.5, 1.5, size=(6, 50))
    exact = rng.normal(size=(6, 50))
    known = np.zeros(exact.shape, bool)
    known[:, :20] = True
    control = fit_control(predicted, power, exact, known, np.linspace(4, 16, 50))
    np.testing.assert_array_less(0.3, control.estimate(exact, known)[1][20:] * np.sqrt(6))


def test_undecided_pairs_are_those_near_a_threshold():
    values = np.arange(50.0)[::-1]
    weights, done = np.full(50, 2), np.zeros(50, int)
    for stderr, expected in ((0.01, 0), (1.0, 3)):
        needed, overlap = undecided(values, np.full(50, stderr), done, weights, [10])
        assert len(needed) >= expected if expected else not len(needed)
        assert (abs(needed - 4.5) < 15).all()
        assert (overlap[0] > 0.99) == (expected == 0)
    exact = np.full(50, 1.0)
    exact[:10] = 0
    needed, _ = undecided(values, exact, done, weights, [24])
    assert len(needed)
    assert (needed >= 10).all()
    # Losses of images in a wrong range may be huge. Nothing overflows, and the order decides.
    assert not undecided(1e12 * values, exact, done, weights, [24])[0].size
    needed, overlap = undecided(values, np.zeros(50), done, weights, [10, 20])
    assert len(needed) == 0 and (overlap == 1).all()


def test_few_wrong_pairs_are_allowed_in_small_maps_and_more_in_large_ones():
    # One wrong pair of six or of 26 (5 % of 32x32) may be there, with a chance of 1 in 1000.
    for pairs in (6, 26):
        expected = _allowed(pairs) * pairs
        assert np.isclose(1 - np.exp(-expected) * (1 + expected), 0.001, rtol=1e-3)
    assert np.isclose(_allowed(2509), 0.03)
