"""AutoAugment, RandAugment and AugMix: the published tables, magnitudes, and what is drawn."""

import re
from collections import Counter

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_freq import augment
from keras_freq.augment import augmix_and_loss as augmix_module
from keras_freq.augment import autoaugment, operations
from keras_freq.augment.operations import OPERATIONS

# As in the papers' tables: probability and magnitude behind each name, in tenths and whole numbers.
IMAGENET = """
    Posterize 4 8 Rotate 6 9         Solarize 6 5 AutoContrast 6 5    Equalize 8 8 Equalize 6 3
    Posterize 6 7 Posterize 6 6      Equalize 4 7 Solarize 2 4        Equalize 4 4 Rotate 8 8
    Solarize 6 3 Equalize 6 7        Posterize 8 5 Equalize 10 2      Rotate 2 3 Solarize 6 8
    Equalize 6 8 Posterize 4 6       Rotate 8 8 Color 4 0             Rotate 4 9 Equalize 6 2
    Equalize 0 7 Equalize 8 8        Invert 6 4 Equalize 10 8         Color 6 4 Contrast 10 8
    Rotate 8 8 Color 10 2            Color 8 8 Solarize 8 7           Sharpness 4 7 Invert 6 8
    ShearX 6 5 Equalize 10 9         Color 4 0 Equalize 6 3           Equalize 4 7 Solarize 2 4
    Solarize 6 5 AutoContrast 6 5    Invert 6 4 Equalize 10 8         Color 6 4 Contrast 10 8
    Equalize 8 8 Equalize 6 3
"""
CIFAR10 = """
    Invert 1 7 Contrast 2 6          Rotate 7 2 TranslateX 3 9        Sharpness 8 1 Sharpness 9 3
    ShearY 5 8 TranslateY 7 9        AutoContrast 5 8 Equalize 9 2    ShearY 2 7 Posterize 3 7
    Color 4 3 Brightness 6 7         Sharpness 3 9 Brightness 7 9     Equalize 6 5 Equalize 5 1
    Contrast 6 7 Sharpness 6 5       Color 7 7 TranslateX 5 8         Equalize 3 7 AutoContrast 4 8
    TranslateY 4 3 Sharpness 2 6     Brightness 9 6 Color 2 8         Solarize 5 2 Invert 0 3
    Equalize 2 0 AutoContrast 6 0    Equalize 2 8 Equalize 6 4        Color 9 9 Equalize 6 6
    AutoContrast 8 4 Solarize 2 8    Brightness 1 3 Color 7 0         Solarize 4 5 AutoContrast 9 3
    TranslateY 9 9 TranslateY 7 9    AutoContrast 9 2 Solarize 8 3    Equalize 8 8 Invert 1 3
    TranslateY 7 9 AutoContrast 9 1
"""
OUR_NAMES = {"ShearX": "shear_x", "ShearY": "shear_y"}
OUR_NAMES |= {"TranslateX": "translate_x", "TranslateY": "translate_y"}


def parsed(table):
    found = re.findall(r"([A-Za-z]+) (\d+) (\d+)", table)
    triples = [(OUR_NAMES.get(n, n.lower()), int(p) / 10, int(m)) for n, p, m in found]
    return tuple(zip(triples[::2], triples[1::2], strict=True))


@pytest.mark.parametrize(
    ("policy", "table"),
    [(augment.IMAGENET_POLICY, IMAGENET), (augment.CIFAR10_POLICY, CIFAR10)],
)
def test_the_published_policies(policy, table):
    assert len(policy) == 25
    assert policy == parsed(table)


def strengths_of(name, shares, sign, magnitudes, **options):
    choice = tf.fill([len(shares)], OPERATIONS.index(name))
    shares = tf.constant(shares, tf.float32)
    return operations.strengths_of(
        choice, shares, tf.fill([len(shares)], sign), magnitudes, **options
    ).numpy()


TENTHS = np.arange(10)
# The enhancers of torchvision go both ways from 1, those of the authors one way from 0.1.
EXPECTED = {
    ("torchvision", "shear_x"): 0.3 * TENTHS / 9,
    ("torchvision", "translate_y"): 150 / 331 * TENTHS / 9,
    ("torchvision", "rotate"): 30 * TENTHS / 9,
    ("torchvision", "color"): 1 + 0.9 * TENTHS / 9,
    ("torchvision", "posterize"): [8, 8, 7, 7, 6, 6, 5, 5, 4, 4],
    ("torchvision", "solarize"): np.linspace(255, 0, 10),
    ("authors", "shear_y"): 0.03 * TENTHS,
    ("authors", "translate_x"): 150 / 3310 * TENTHS,
    ("authors", "rotate"): 3 * TENTHS,
    ("authors", "sharpness"): [0.1, 0.28, 0.46, 0.64, 0.82, 1.0, 1.18, 1.36, 1.54, 1.72],
    ("authors", "posterize"): [4, 4, 4, 3, 3, 2, 2, 2, 1, 1],
    ("authors", "solarize"): [256, 231, 205, 180, 154, 128, 103, 77, 52, 26],
}


@pytest.mark.parametrize(("magnitudes", "name"), EXPECTED)
def test_what_the_magnitudes_mean(magnitudes, name):
    shares = TENTHS / (9 if magnitudes == "torchvision" else 10)
    expected = np.array(EXPECTED[magnitudes, name], float)
    np.testing.assert_allclose(strengths_of(name, shares, 1.0, magnitudes), expected, atol=1e-5)
    mirrored = strengths_of(name, shares, -1.0, magnitudes)
    if name in ("posterize", "solarize") or (name, magnitudes) == ("sharpness", "authors"):
        np.testing.assert_allclose(mirrored, expected, atol=1e-5)
    elif name == "color":
        np.testing.assert_allclose(mirrored, 2 - expected, atol=1e-5)
    else:
        np.testing.assert_allclose(mirrored, -expected, atol=1e-5)


@pytest.mark.parametrize("name", ["equalize", "autocontrast", "invert", "identity"])
def test_what_has_no_strength_gets_none(name):
    for magnitudes in operations.MAGNITUDES:
        np.testing.assert_array_equal(strengths_of(name, [0.0, 1.0], 1.0, magnitudes), 0)


def grey(count, level=0.25):
    return np.full((count, 4, 4, 3), level, np.float32)


def test_operations_happen_as_often_as_their_probability_says():
    policy = [(("invert", 0.7, 0), ("invert", 0.0, 0)), (("solarize", 1.0, 9), ("invert", 1.0, 0))]
    result = augment.auto_augment(grey(4000), policy, seed=(1, 2)).numpy()[:, 0, 0, 0]
    # The first turns 70 % of its half over; the second does it twice.
    share = np.mean(np.isclose(result, 0.75))
    assert share == pytest.approx(0.35, abs=0.03)
    assert np.isclose(result, 0.25).mean() == pytest.approx(1 - share)


def test_the_two_operations_come_in_order():
    # Below the threshold of 128 nothing is solarized, unless it was inverted before.
    first = [(("invert", 1.0, 0), ("solarize", 1.0, 5))]
    second = [(("solarize", 1.0, 5), ("invert", 1.0, 0))]
    options = {"seed": (0, 1), "magnitudes": "authors"}
    np.testing.assert_allclose(augment.auto_augment(grey(3), first, **options), 0.25, atol=1e-6)
    np.testing.assert_allclose(augment.auto_augment(grey(3), second, **options), 0.75, atol=1e-6)


def test_signs_are_drawn_for_each_image():
    picture = np.zeros((400, 1, 9, 1), np.float32)
    picture[:, 0, 4] = 1
    policy = [(("translate_x", 1.0, 9), ("identity", 1.0, 0))]
    moved = augment.auto_augment(picture, policy, seed=(0, 1)).numpy()[:, 0, :, 0].argmax(axis=1)
    counts = Counter(moved.tolist())
    assert set(counts) == {0, 8}  # 150/331 of 9 pixels are four
    assert counts[0] == pytest.approx(200, abs=40)


def test_all_sub_policies_are_drawn():
    policy = [(("solarize", 0.0, 0), ("posterize", 1.0, m)) for m in range(10)]
    images = np.full((500, 1, 1, 1), 255 / 255, np.float32)
    results = augment.auto_augment(images, policy, seed=(0, 1)).numpy() * 255
    # 4 to 8 bits keep 240, 248, 252, 254 and 255.
    assert set(np.round(results).ravel()) == {240, 248, 252, 254, 255}


def test_rand_augment_draws_every_operation_but_invert():
    drawn = autoaugment.draw_operations((0, 1), 5000, autoaugment.RAND_OPERATIONS).numpy()
    counts = Counter(OPERATIONS[index] for index in drawn)
    assert set(counts) == set(OPERATIONS) - {"invert"}
    assert len(counts) == 14
    assert max(counts.values()) < 1.35 * min(counts.values())


def test_rand_augment_at_magnitude_0():
    images = np.random.default_rng(0).random((40, 6, 6, 3)).astype(np.float32)
    # Pictures whose levels span 0 to 255, so that autocontrast leaves them as they are, and too
    # small for equalize.
    images[:, 0, 0], images[:, 0, 1] = 0.0, 1.0
    result = augment.rand_augment(images, seed=(0, 1), magnitude=0).numpy()
    # Solarizing from 255 on, as torchvision does, turns white black.
    same = np.isclose(result, images, atol=1.01 / 255).all(axis=(1, 2, 3))
    assert same.mean() > 0.8
    result = augment.rand_augment(images, seed=(0, 1), magnitude=10).numpy()
    assert np.isclose(result, images, atol=1.01 / 255).all(axis=(1, 2, 3)).mean() < 0.3


def test_rand_augment_applies_as_many_as_asked(monkeypatch):
    seen = []
    original = autoaugment.apply_choices
    monkeypatch.setattr(
        autoaugment, "apply_choices", lambda *a, **k: seen.append(1) or original(*a, **k)
    )
    augment.rand_augment(grey(2), seed=(0, 1), num_operations=3)
    assert len(seen) == 3


# AugMix


def test_augmix_of_one_level_stays_one_level_inside():
    # All operations keep a picture of one level, away from what warps bring in.
    level = 64 / 255
    result = augment.augmix(np.full((30, 31, 31, 3), level), seed=(0, 1), fill=level).numpy()
    middle = result[:, 15:16, 15:16, :1]
    np.testing.assert_allclose(result, np.broadcast_to(middle, result.shape), atol=1e-5)


def test_augmix_by_hand(monkeypatch):
    """The mixture, with every draw known."""
    monkeypatch.setattr(
        augmix_module,
        "draw_operations",
        lambda s, n, among: tf.fill([n], OPERATIONS.index("solarize")),
    )
    weights = {2: [[0.75, 0.25]], 3: [[0.5, 0.3, 0.2]]}
    monkeypatch.setattr(
        augmix_module,
        "dirichlet",
        lambda s, n, size, a: tf.repeat(tf.constant(weights[size]), n, axis=0),
    )
    # Solarized from 256 - 256 * 10 / 10 on: always turned over. An odd depth turns 0.2 into 0.8.
    monkeypatch.setattr(augmix_module, "uniform", lambda s, n, low, high: tf.fill([n], 1.0))
    for depth, chain in ((1, 0.8), (2, 0.2), (3, 0.8)):
        result = augment.augmix(grey(2, 0.2), seed=(0, 1), severity=10, depth=depth)
        np.testing.assert_allclose(result, 0.25 * 0.2 + 0.75 * chain, atol=1e-6)


@pytest.mark.parametrize("alpha", [0.1, 1.0, 5.0])
def test_the_weights_are_of_their_distributions(alpha):
    weights = augmix_module.dirichlet((0, 1), 20000, 3, alpha).numpy()
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(weights.mean(axis=0), 1 / 3, atol=0.012)
    variance = (1 / 3) * (2 / 3) / (3 * alpha + 1)
    np.testing.assert_allclose(weights.var(axis=0), variance, rtol=0.06)
    share = augmix_module.dirichlet((0, 1), 20000, 2, alpha).numpy()[:, 0]
    assert share.var() == pytest.approx(0.25 / (2 * alpha + 1), rel=0.06)


def test_a_tiny_alpha_still_gives_weights():
    weights = augmix_module.dirichlet((0, 1), 1000, 3, 1e-3).numpy()
    assert np.isfinite(weights).all()
    assert (weights.max(axis=1) > 0.99).mean() > 0.97


def test_augmix_leaves_the_corruptions_out_unless_asked(monkeypatch):
    drawn = []
    original = augmix_module.draw_operations
    monkeypatch.setattr(
        augmix_module,
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
    clean, first, second = augment.augmix_views(images, seed=(0, 1), severity=2)
    np.testing.assert_array_equal(clean, images)
    assert np.abs(first - second).max() > 0.01
    mapped = tf.data.Dataset.from_tensors(images).map(
        lambda x: augment.augmix_views(x, seed=(0, 1), severity=2)
    )
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


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: augment.auto_augment(x, "svhn", seed=(0, 1)), "`policy` must be one of"),
        (lambda x: augment.auto_augment(x, [], seed=(0, 1)), "`policy` must be"),
        (
            lambda x: augment.auto_augment(x, [(("cutout", 1, 1), ("invert", 1, 1))], seed=(0, 1)),
            "`policy` must be.*with operations of shear_x",
        ),
        (
            lambda x: augment.auto_augment(x, [(("invert", 1.5, 1),) * 2], seed=(0, 1)),
            r"probability in \[0, 1\]",
        ),
        (
            lambda x: augment.auto_augment(x, seed=(0, 1), magnitudes="paper"),
            "`magnitudes` must be one of 'torchvision', 'authors'",
        ),
        (lambda x: augment.rand_augment(x, seed=(0, 1), magnitude=11), "`magnitude` must be"),
        (lambda x: augment.rand_augment(x, seed=(0, 1), num_operations=0), "`num_operations` must"),
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


def test_severity_is_a_magnitude_of_ten(monkeypatch):
    drawn = []

    def highest(seed, count, low, high):
        drawn.append((low, high))
        return tf.fill([count], high)

    monkeypatch.setattr(augmix_module, "uniform", highest)
    augment.augmix(grey(2), seed=(0, 1), severity=4)
    assert set(drawn) == {(0.01, 0.4)}


def test_chains_are_one_to_three_operations_long(monkeypatch):
    monkeypatch.setattr(
        augmix_module,
        "draw_operations",
        lambda s, n, among: tf.fill([n], OPERATIONS.index("posterize")),
    )
    chosen = []
    original = augmix_module.apply_choices

    def seen(levels, choice, *arguments, **options):
        chosen.append(choice.numpy() == OPERATIONS.index("posterize"))
        return original(levels, choice, *arguments, **options)

    monkeypatch.setattr(augmix_module, "apply_choices", seen)
    augment.augmix(grey(200), seed=(0, 1))
    lengths = np.sum(chosen, axis=0)
    assert set(lengths) == {1, 2, 3}
    assert np.bincount(lengths)[1:].min() > 150  # of 600 chains a third each


@pytest.mark.parametrize(("magnitude", "change"), [(5, 0.45), (10, 0.9)])
def test_the_magnitude_of_rand_augment_is_a_share_of_ten(magnitude, change, monkeypatch):
    monkeypatch.setattr(autoaugment, "RAND_OPERATIONS", ("brightness",))
    images = augment.rand_augment(grey(50), seed=(0, 1), magnitude=magnitude, num_operations=1)
    levels = np.unique(np.asarray(images).round(4))
    np.testing.assert_allclose(levels, [0.25 * (1 - change), 0.25 * (1 + change)], atol=1e-4)
