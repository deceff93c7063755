"""The input check finds the values that a network was made for, and says what it cannot tell."""

import itertools
import math
import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy.special import logsumexp
from scipy.stats import ttest_1samp

import keras_freq as kf
from keras_freq.classifier import input_check, input_finding
from keras_freq.classifier.guessing import p_value_above
from keras_freq.classifier.input_conventions import CONVENTIONS

SHAPE = (4, 4, 3)
CLASSES = 6
RNG = np.random.default_rng(0)
LABELS = np.arange(48) % CLASSES
# The channels differ, and the class is the brightness of all of them.
COLOURS = (LABELS + RNG.uniform(0.3, 0.7, 48)) / CLASSES
OFFSETS = RNG.permuted(np.tile([-0.08, 0.0, 0.08], (48, 1)), axis=1)
IMAGES = np.clip((COLOURS[:, None] + OFFSETS)[:, None, None], 0, 1) * np.ones(SHAPE)
IMAGES = IMAGES.astype("float32")
CENTRES = (np.arange(CLASSES) + 0.5) / CLASSES


def reader(inputs, images, sharpness=2000.0):
    """Scores by brightness, right by construction for images in one convention."""
    scale, offset = CONVENTIONS[inputs]
    scale = np.broadcast_to(scale, 3)
    x = layers.Rescaling((1 / scale).tolist(), (-np.asarray(offset) / scale).tolist())(images)
    x = keras.ops.mean(layers.GlobalAveragePooling2D()(x), axis=-1, keepdims=True)
    return -sharpness * keras.ops.square(x - CENTRES[None].astype("float32"))


def network(inputs, begin=()):
    first = x = keras.Input(SHAPE)
    for layer in begin:
        x = layer(x)
    return keras.Model(first, layers.Softmax()(reader(inputs, x)))


@pytest.mark.parametrize("inputs", CONVENTIONS)
def test_each_convention_is_found(inputs):
    table = kf.check_inputs(network(inputs), (IMAGES, LABELS))
    assert (table.inputs[0], table.accuracy[0]) == (inputs, 1.0)
    assert sorted(table.inputs) == sorted(CONVENTIONS)
    assert table.is_best.tolist() == [True, False, False, False, False]
    assert table.accuracy.is_monotonic_decreasing
    finding = input_finding(table)
    assert (finding.inputs, finding.tied) == (inputs, [])
    other = next(name for name in CONVENTIONS if name != inputs)
    forced = input_finding(table, other)
    assert forced.inputs is None and f"use inputs={inputs!r}" in forced.sentence


def test_numbers_are_those_of_written_out_formulas():
    model = network("0..1")
    table = kf.check_inputs(model, (IMAGES, LABELS)).set_index("inputs")
    logits = -2000 * (IMAGES.astype("float64").mean(axis=(1, 2, 3))[:, None] - CENTRES) ** 2
    losses = logsumexp(logits, axis=1) - logits[np.arange(48), LABELS]
    assert table.loss["0..1"] == pytest.approx(losses.mean(), rel=1e-3)
    adapted = kf.adapt(model, inputs="-1..1")
    right = (np.argmax(adapted(IMAGES), axis=1) == LABELS).sum()
    row, z = table.loc["-1..1"], 1.959963984540054
    assert row.accuracy == right / 48
    centre = (right + z**2 / 2) / (48 + z**2)
    half = z / (48 + z**2) * math.sqrt(right * (48 - right) / 48 + z**2 / 4)
    np.testing.assert_allclose(
        [row.accuracy_low, row.accuracy_high], [centre - half, centre + half]
    )
    # The best one is right about all: McNemar's test is a sign test of those that this one misses.
    assert row.p_value == pytest.approx(min(1, 2 * 0.5 ** (48 - right)))
    assert np.isnan(table.p_value["0..1"]) and np.isnan(table.loss_p_value["0..1"])


def test_losses_are_compared_by_their_signed_ranks():
    first, second = RNG.uniform(size=(2, 8)) + np.array([[0], [0.4]])
    difference = second - first
    ranks = np.argsort(np.argsort(np.abs(difference))) + 1
    signs = np.array(list(itertools.product([0, 1], repeat=8)))
    sums = signs @ ranks
    observed = ((difference > 0) * ranks).sum()
    one_sided = min((sums >= observed).mean(), (sums <= observed).mean())
    given = input_check._signed_ranks(first, second)
    assert given == pytest.approx(min(1, 2 * one_sided))
    assert np.isnan(input_check._signed_ranks(first, first))


def test_chance_is_that_of_the_same_answers_in_another_order():
    answers, labels = np.array([0, 0, 1, 1, 2]), np.array([0, 0, 1, 2, 2])
    given = input_check._chance(answers, labels, seed=0)
    assert given["chance"] == pytest.approx((2 * 2 + 2 * 1 + 1 * 2) / 25)
    # Of the 30 ways to place two 0, two 1 and one 2, those with at least four right, counted.
    ways = {p for p in itertools.permutations(answers.tolist())}
    exact = np.mean([(np.array(way) == labels).sum() >= 4 for way in ways])
    assert given["chance_p_value"] == pytest.approx(exact, abs=0.01)


def test_preprocessing_inside_is_found_where_analyses_refuse_the_model():
    model = network("0..1", [layers.Rescaling(1 / 255), layers.RandomFlip()])
    with pytest.raises(ValueError, match=r"`model` must take images in \[0, 1\]"):
        kf.confusion_matrix(model, (IMAGES, LABELS), CLASSES)
    assert kf.check_inputs(model, (IMAGES, LABELS)).inputs[0] == "0..255"
    adapted = kf.adapt(model, inputs="0..255")
    counts = kf.confusion_matrix(adapted, (IMAGES, LABELS), CLASSES)
    np.testing.assert_array_equal(counts, np.diag(np.bincount(LABELS)))


@pytest.mark.parametrize("end", ["sigmoid", None])
def test_heads_of_one_unit(end):
    begin = [layers.Rescaling(1 / 255), layers.GlobalAveragePooling2D()]
    dark = layers.Dense(1, end, kernel_initializer="ones")
    model = keras.Sequential([keras.Input(SHAPE), *begin, layers.Rescaling(1.0, -0.5), dark])
    labels = (COLOURS > 0.5).astype(int)
    table = kf.check_inputs(model, (IMAGES, labels))
    assert table.inputs[0] == "0..255" and table.accuracy[0] > 0.9
    z = 3 * (IMAGES.astype("float64").mean(axis=(1, 2, 3)) - 0.5)
    losses = np.logaddexp(0, np.where(labels == 1, -z, z))
    assert table.loss[0] == pytest.approx(losses.mean(), rel=1e-5)


def test_grey_images_and_8_bit_networks():
    first = keras.Input((4, 4, 1), dtype="uint8")
    x = keras.ops.mean(layers.Flatten()(layers.Rescaling(1 / 255)(first)), axis=-1, keepdims=True)
    model = keras.Model(first, -2000 * keras.ops.square(x - CENTRES[None].astype("float32")))
    table = kf.check_inputs(model, (IMAGES[..., :1].mean(-1, keepdims=True), LABELS))
    assert table.inputs[0] == "0..255" and len(table) == 3


def test_chosen_classes_are_those_of_the_data():
    keep = LABELS < 2
    table = kf.check_inputs(
        network("torch"), (IMAGES[keep], LABELS[keep]), classes={"low": 0, "next": [1, 2]}
    )
    assert (table.inputs[0], table.accuracy[0]) == ("torch", 1.0)


@pytest.mark.filterwarnings("ignore:.dataset. has values down to")
def test_images_from_0_to_255_are_divided():
    pixels = (255 * IMAGES, LABELS)
    with pytest.warns(UserWarning, match="up to"):
        table = kf.check_inputs(network("-1..1"), pixels)
    assert (table.inputs[0], table.accuracy[0]) == ("-1..1", 1.0)
    with pytest.raises(ValueError, match=r"`dataset` must hold images in \[0, 1\]"):
        kf.check_inputs(network("-1..1"), (2 * IMAGES - 1, LABELS))


def test_resizing_may_lead_a_little_beyond_255_and_preparation_further():
    assert [input_check.white_of(*ends) for ends in ((-0.1, 1.1), (-9, 264))] == [1, 255]
    assert input_check.white_of(0, 255, fractions=0.02) == 255  # some are nearly black
    with pytest.raises(ValueError, match=r"50 % of the images with fractions up to 1, and others"):
        input_check.white_of(0, 255, fractions=0.5)
    for low, high in ((-124, 151), (0, 1000), (-1, 1), (0, 15)):
        with pytest.raises(ValueError, match=f"Received: values from {low} to {high}"):
            input_check.white_of(low, high)
    with pytest.raises(ValueError, match=r"to 1. If they were brought to .*: \(images \+ 1\) / 2"):
        input_check.white_of(-1, 1)


def test_a_data_set_in_class_order_is_read_once_and_gives_every_class():
    order, reads = np.argsort(LABELS, kind="stable"), []

    def batches():
        reads.append(1)
        for part in np.split(order, 12):
            yield IMAGES[part], LABELS[part]

    spec = (tf.TensorSpec((None, *SHAPE), tf.float32), tf.TensorSpec((None,), tf.int64))
    dataset = tf.data.Dataset.from_generator(batches, output_signature=spec)
    table = kf.check_inputs(network("0..1"), dataset, max_images=CLASSES)
    assert (len(reads), table.images[0], table.accuracy[0]) == (1, CLASSES, 1.0)
    # One image of each class: answers of one class are right about one image.
    assert table.chance.tolist() == pytest.approx([1 / CLASSES] * 5)


def test_no_state_changes_and_the_same_seed_gives_the_same_table():
    model = keras.Sequential(
        [
            keras.Input(SHAPE),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(CLASSES),
        ]
    )
    before = [np.asarray(one) for one in model.variables]
    first, second = (kf.check_inputs(model, (IMAGES, LABELS), max_images=20) for _ in range(2))
    assert first.equals(second)
    for one, other in zip(before, model.variables, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_network_that_overflows_in_some_conventions():
    first = keras.Input(SHAPE)
    scores = reader("0..1", first) + 0 * keras.ops.exp(keras.ops.max(first)) * first[:, 0, 0, :1]
    table = kf.check_inputs(keras.Model(first, scores), (IMAGES, LABELS))
    assert table.inputs[0] == "0..1" and np.isnan(table.loss).any()
    nothing = keras.Model(first, scores * np.float32(np.nan))
    with pytest.raises(ValueError, match="finite scores"):
        kf.check_inputs(nothing, (IMAGES, LABELS), from_logits=True)


def test_images_that_were_divided_twice_are_refused():
    with pytest.raises(ValueError, match=r"up to 0\.0039.*divided by 255 twice"):
        kf.check_inputs(network("0..1"), (IMAGES / IMAGES.max() / 255, LABELS))


def test_labels_beyond_the_model_are_named():
    with pytest.raises(
        ValueError, match=r"in \[0, 5\], since .* 6 classes. Received: 6 to 8.*tract 3"
    ):
        kf.check_inputs(network("0..1"), (IMAGES, LABELS + 3))
    named = tf.data.Dataset.from_tensors((IMAGES[:4], LABELS[:4]))
    named.class_names = ["a", "b", "c", "d"]
    with pytest.raises(ValueError, match=r"each of the 4 classes .* Received: 6 classes"):
        kf.check_inputs(network("0..1"), named)


def test_conventions_that_make_no_difference_are_told():
    first = keras.Input(SHAPE)
    grey = keras.ops.mean(first, axis=(1, 2))
    # Which channel is larger is the same in [0, 1], 0 to 255 and [-1, 1].
    model = keras.Model(first, 50 * (grey - keras.ops.roll(grey, 1, axis=-1)))
    images = RNG.uniform(size=(60, *SHAPE)).astype("float32")
    labels = np.argmax(model(images), axis=1)
    finding = input_finding(kf.check_inputs(model, (images, labels)))
    assert {"0..1", "0..255", "-1..1"} <= {finding.best, *finding.tied}
    assert "cannot be told" in finding.sentence
    assert input_finding(kf.check_inputs(model, (images, labels)), "0..1").inputs == "0..1"


def test_where_accuracy_tells_nothing_a_loss_above_that_of_guessing_does():
    first = keras.Input(SHAPE)
    grey = keras.ops.mean(first, axis=(1, 2))
    model = keras.Model(first, 50 * (grey - keras.ops.roll(grey, 1, axis=-1)))
    images = RNG.uniform(size=(60, *SHAPE)).astype("float32")
    labels = np.argmax(model(images), axis=1)
    labels[::5] = (labels[::5] + 1) % 3  # 255-fold logits are as often right, and sure when wrong
    table = kf.check_inputs(model, (images, labels)).set_index("inputs")
    assert table.accuracy["0..1"] == table.accuracy["0..255"] == 0.8
    logits = 255 * np.asarray(model(images), "float64")
    losses = logsumexp(logits, axis=1) - logits[np.arange(60), labels]
    expected = ttest_1samp(losses, np.log(3), alternative="greater").pvalue
    assert table.guessing_p_value["0..255"] == pytest.approx(expected, rel=1e-3)
    finding = input_finding(table.reset_index())
    assert finding.inputs == "0..1" and "0..255" not in finding.tied
    loss = table.loss.map("{:.3g}".format)
    ruled_out = f"The loss rules out 0 to 255 ({loss['0..255']} nats): it is {loss['0..1']} nats"
    assert f"{ruled_out} with [0, 1]." in finding.sentence
    forced = input_finding(table.reset_index(), "0..255")
    assert forced.inputs is None and ruled_out in forced.sentence


@pytest.mark.parametrize(
    ("losses", "p_value"),
    [([0.0] * 9, 1), ([1e-300] + [0.0] * 9, 1), ([2.0] * 9, 0), ([1.0, np.inf], np.nan)],
)
def test_losses_without_a_spread_are_above_or_not(losses, p_value):
    np.testing.assert_equal(p_value_above(np.array(losses), np.log(2)), p_value)


def test_untrained_networks_are_no_better_than_chance():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(CLASSES)])
    labels = np.random.default_rng(1).permutation(LABELS)
    finding = input_finding(kf.check_inputs(model, (IMAGES, labels)))
    assert finding.inputs is None and "no better than chance" in finding.sentence


@pytest.mark.parametrize(
    "simulations", [30, pytest.param(300, marks=pytest.mark.slow)], ids=["quick", "slow"]
)
@pytest.mark.parametrize("kind", ["random", "constant", "skewed"])
def test_how_often_something_is_found_where_nothing_is(kind, simulations, monkeypatch):
    """Answers that know nothing of the labels: at most a few in a hundred are taken for skill."""
    monkeypatch.setattr(input_check, "_DEALS", 999)
    draw, found = np.random.default_rng(0), 0
    for _ in range(simulations):
        labels = draw.integers(0, 3, 50)
        if kind == "skewed":
            labels = (draw.random(50) < 0.1).astype(int)
        answers = {name: draw.integers(0, 3, 50) for name in CONVENTIONS}
        if kind == "constant":
            answers = {name: np.full(50, draw.integers(0, 3)) for name in CONVENTIONS}
        losses = dict.fromkeys(CONVENTIONS, np.zeros(50))
        found += input_finding(input_check._table(answers, losses, labels, 3, 0)).inputs is not None
    assert found <= 1 + 0.02 * simulations


@pytest.mark.parametrize(
    "simulations", [40, pytest.param(400, marks=pytest.mark.slow)], ids=["quick", "slow"]
)
def test_how_often_an_equally_good_convention_is_called_worse(simulations, monkeypatch):
    monkeypatch.setattr(input_check, "_DEALS", 999)
    draw, worse = np.random.default_rng(1), 0
    for _ in range(simulations):
        labels = draw.integers(0, 4, 80)
        answers = {
            name: np.where(draw.random(80) < 0.7, labels, (labels + 1) % 4) for name in CONVENTIONS
        }
        losses = {name: draw.exponential(size=80) for name in CONVENTIONS}
        table = input_check._table(answers, losses, labels, 4, 0)
        worse += input_finding(table, "torch").inputs is None
    assert worse <= 1 + 0.03 * simulations


def test_a_finding_needs_a_table_of_the_check():
    with pytest.raises(TypeError, match="`table` must be a DataFrame as from"):
        input_finding(3)
    table = kf.check_inputs(network("0..1"), (IMAGES, LABELS))
    with pytest.raises(ValueError, match="`chosen` must be one of"):
        input_finding(table, "bgr")


def test_the_finding_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        kf.check_inputs(network("0..1"), (IMAGES, LABELS), progress=False)
