"""AutoAugment and RandAugment: the published tables, what magnitudes mean, what is drawn."""

import re
from collections import Counter

import numpy as np
import pytest
import tensorflow as tf
from augment_cases import grey

from keras_freq import augment
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


@pytest.mark.parametrize(("magnitude", "change"), [(5, 0.45), (10, 0.9)])
def test_the_magnitude_of_rand_augment_is_a_share_of_ten(magnitude, change, monkeypatch):
    monkeypatch.setattr(autoaugment, "RAND_OPERATIONS", ("brightness",))
    images = augment.rand_augment(grey(50), seed=(0, 1), magnitude=magnitude, num_operations=1)
    levels = np.unique(np.asarray(images).round(4))
    np.testing.assert_allclose(levels, [0.25 * (1 - change), 0.25 * (1 + change)], atol=1e-4)


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
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call(grey(2))
