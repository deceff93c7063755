"""AugMix: its chains and weights, and the divergence that goes with it."""

import numpy as np
import pytest
import tensorflow as tf
from augment_cases import grey
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_freq import augment
from keras_freq.augment import augmix_and_loss
from keras_freq.augment.operations import OPERATIONS


def test_augmix_of_one_level_stays_one_level_inside():
    # All operations keep a picture of one level, away from what warps bring in.
    level = 64 / 255
    result = augment.augmix(np.full((30, 31, 31, 3), level), seed=(0, 1), fill=level).numpy()
    middle = result[:, 15:16, 15:16, :1]
    np.testing.assert_allclose(result, np.broadcast_to(middle, result.shape), atol=1e-5)


def test_augmix_by_hand(monkeypatch):
    """The mixture, with every draw known."""
    monkeypatch.setattr(
        augmix_and_loss,
        "draw_operations",
        lambda s, n, among: tf.fill([n], OPERATIONS.index("solarize")),
    )
    weights = {2: [[0.75, 0.25]], 3: [[0.5, 0.3, 0.2]]}
    monkeypatch.setattr(
        augmix_and_loss,
        "dirichlet",
        lambda s, n, size, a: tf.repeat(tf.constant(weights[size]), n, axis=0),
    )
    # Solarized from 256 - 256 * 10 / 10 on: always turned over. An odd depth turns 0.2 into 0.8.
    monkeypatch.setattr(augmix_and_loss, "uniform", lambda s, n, low, high: tf.fill([n], 1.0))
    for depth, chain in ((1, 0.8), (2, 0.2), (3, 0.8)):
        result = augment.augmix(grey(2, 0.2), seed=(0, 1), severity=10, depth=depth)
        np.testing.assert_allclose(result, 0.25 * 0.2 + 0.75 * chain, atol=1e-6)


@pytest.mark.parametrize("alpha", [0.1, 1.0, 5.0])
def test_the_weights_are_of_their_distributions(alpha):
    weights = augmix_and_loss.dirichlet((0, 1), 20000, 3, alpha).numpy()
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(weights.mean(axis=0), 1 / 3, atol=0.012)
    variance = (1 / 3) * (2 / 3) / (3 * alpha + 1)
    np.testing.assert_allclose(weights.var(axis=0), variance, rtol=0.06)
    share = augmix_and_loss.dirichlet((0, 1), 20000, 2, alpha).numpy()[:, 0]
    assert share.var() == pytest.approx(0.25 / (2 * alpha + 1), rel=0.06)


def test_a_tiny_alpha_still_gives_weights():
    weights = augmix_and_loss.dirichlet((0, 1), 1000, 3, 1e-3).numpy()
    assert np.isfinite(weights).all()
    assert (weights.max(axis=1) > 0.99).mean() > 0.97


def test_augmix_leaves_the_corruptions_out_unless_asked(monkeypatch):
    drawn = []
    original = augmix_and_loss.draw_operations
    monkeypatch.setattr(
        augmix_and_loss,
        "draw_operations",
        lambda s, n, among: drawn.append(among) or original(s, n, among),
    )
    augment.augmix(grey(2), seed=(0, 1))
    augment.augmix(grey(2), seed=(0, 1), all_operations=True)
    assert not set(drawn[0]) & {"color", "contrast", "brightness", "sharpness", "invert"}
    assert len(set(drawn[0])) == 9
    assert set(drawn[-1]) - set(drawn[0]) == {"color", "contrast", "brightness", "sharpness"}


def test_views_are_the_images_and_two_draws():
    images = np.random.default_rng(0).random((3, 8, 8, 3)).astype(np.float32)
    # Chains of one operation: a graph of longer ones takes seconds.
    options = {"seed": (0, 1), "severity": 2, "depth": 1}
    clean, first, second = augment.augmix_views(images, **options)
    np.testing.assert_array_equal(clean, images)
    assert np.abs(first - second).max() > 0.01
    mapped = tf.data.Dataset.from_tensors(images).map(lambda x: augment.augmix_views(x, **options))
    for one, other in zip(next(iter(mapped)), (clean, first, second), strict=True):
        np.testing.assert_array_equal(one, other)


def divergence(*views):
    """The definition, in float64."""
    views = [np.asarray(view, np.float64) for view in views]
    mean = sum(views) / 3
    total = 0
    for view in views:
        ratio = np.divide(view, mean, out=np.ones_like(view), where=view > 0)
        total = total + (view * np.log(ratio)).sum(axis=-1) / 3
    return total


@given(st.integers(0, 10**6), st.integers(2, 12), st.floats(-2, 2))
@settings(max_examples=40, deadline=None)
def test_jensen_shannon_is_its_definition(seed, classes, sharpness):
    logits = np.random.default_rng(seed).normal(size=(3, 5, classes)) * 10**sharpness
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    views = (shifted / shifted.sum(axis=-1, keepdims=True)).astype(np.float32)
    result = augment.jensen_shannon(*views).numpy()
    np.testing.assert_allclose(result, divergence(*views), atol=2e-6, rtol=1e-4)
    assert (result >= 0).all()
    assert (result <= np.log(3) + 1e-6).all()


def test_jensen_shannon_at_its_ends():
    one_hot = np.eye(3)
    equal = augment.jensen_shannon(one_hot, one_hot, one_hot)
    np.testing.assert_allclose(equal, 0, atol=1e-6)
    apart = augment.jensen_shannon(
        one_hot, np.roll(one_hot, 1, axis=1), np.roll(one_hot, 2, axis=1)
    )
    np.testing.assert_allclose(apart, np.log(3), rtol=1e-6)


def test_the_loss_can_be_trained_on():
    logits = tf.Variable([[200.0, 0.0, -200.0], [0.3, -0.2, 0.1]])
    with tf.GradientTape() as tape:
        p = tf.nn.softmax(logits)
        first, second = tf.constant([[0.0, 1.0, 0.0]] * 2), tf.constant([[0.5, 0.0, 0.5]] * 2)
        loss = tf.reduce_mean(augment.jensen_shannon(p, first, second))
    gradient = tape.gradient(loss, logits)
    assert np.isfinite(gradient).all()
    assert np.abs(gradient[1]).max() > 0


def test_severity_is_a_magnitude_of_ten(monkeypatch):
    drawn = []

    def highest(seed, count, low, high):
        drawn.append((low, high))
        return tf.fill([count], high)

    monkeypatch.setattr(augmix_and_loss, "uniform", highest)
    augment.augmix(grey(2), seed=(0, 1), severity=4)
    assert set(drawn) == {(0.01, 0.4)}


def test_chains_are_one_to_three_operations_long(monkeypatch):
    monkeypatch.setattr(
        augmix_and_loss,
        "draw_operations",
        lambda s, n, among: tf.fill([n], OPERATIONS.index("posterize")),
    )
    chosen = []
    original = augmix_and_loss.apply_choices

    def seen(levels, choice, *arguments, **options):
        chosen.append(choice.numpy() == OPERATIONS.index("posterize"))
        return original(levels, choice, *arguments, **options)

    monkeypatch.setattr(augmix_and_loss, "apply_choices", seen)
    augment.augmix(grey(200), seed=(0, 1))
    lengths = np.sum(chosen, axis=0)
    assert set(lengths) == {1, 2, 3}
    assert np.bincount(lengths)[1:].min() > 150  # of 600 chains a third each


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: augment.augmix(x, seed=(0, 1), severity=0), "`severity` must be"),
        (lambda x: augment.augmix(x, seed=(0, 1), width=0), "`width` must be an integer >= 1"),
        (lambda x: augment.augmix(x, seed=(0, 1), depth=-1), "`depth` must be an integer >= 1"),
        (lambda x: augment.augmix(x, seed=(0, 1), alpha=0), "`alpha` must be"),
        (lambda x: augment.augmix(x, seed=(0, 1), fill=3), "`fill` must be a number within"),
        (
            lambda x: augment.jensen_shannon(np.ones((2, 3)), np.ones((2, 3)), np.ones((2, 4))),
            r"one shape \(N, K\)",
        ),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call(grey(2))


def test_a_graph_of_constants_gives_the_same_views():
    """TensorFlow computes constants beforehand, and would divide by an inexact inverse."""
    images = np.random.default_rng(0).random((40, 8, 8, 3)).astype("float32")
    eager = augment.augmix(images, seed=(0, 1), depth=1)
    graph = tf.function(lambda images: augment.augmix(images, seed=(0, 1), depth=1))(images)
    np.testing.assert_allclose(graph, eager, atol=1e-5)
