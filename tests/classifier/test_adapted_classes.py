"""Chosen and joined classes have the maths of probabilities, and losses that lose no digits."""

import warnings

import keras
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers
from scipy.special import log_softmax, logsumexp, softmax

import keras_freq as kf
from keras_freq.classifier import cross_entropy, logits_of
from keras_freq.classifier.chosen_classes import read_classes
from keras_freq.data.wordnet_ids import imagenet_wordnet_ids

OUTPUTS = 6
RNG = np.random.default_rng(0)


def network(*end, outputs=OUTPUTS):
    """A network whose logits are the values of its images."""
    return keras.Sequential([keras.Input((1, outputs, 1)), layers.Flatten(), *end])


def as_images(logits):
    return np.asarray(logits, "float32")[:, None, :, None]


def identity_dense(outputs, activation):
    return layers.Dense(outputs, activation, kernel_initializer=keras.initializers.Identity())


ENDS = {
    "softmax layer": lambda: network(layers.Softmax()),
    "softmax dense": lambda: network(identity_dense(OUTPUTS, "softmax")),
    "logits": lambda: network(identity_dense(OUTPUTS, None)),
    "float32 end": lambda: network(layers.Activation("softmax", dtype="float32")),
    "nested": lambda: keras.Sequential([keras.Input((1, OUTPUTS, 1)), network(layers.Softmax())]),
    "operation": lambda: network(identity_dense(OUTPUTS, keras.ops.softmax)),
}
CLASSES = {
    "all": list(range(OUTPUTS)),
    "some": [4, 0, 3],
    "joined": {"a": [1, 2], "b": 5, "c": [0, 3, 4]},
    "array": np.array([5, 1]),
}


def groups_of(classes):
    values = classes.values() if isinstance(classes, dict) else classes
    return [np.atleast_1d(value) for value in values]


def wanted(logits, classes):
    """Log-probabilities of classes in float64: means of all outputs' probabilities, divided."""
    means = [
        logsumexp(log_softmax(np.float64(logits), axis=1)[:, group], axis=1) - np.log(len(group))
        for group in groups_of(classes)
    ]
    return log_softmax(np.stack(means, axis=1), axis=1)


@pytest.mark.parametrize("classes", CLASSES)
@pytest.mark.parametrize("end", ENDS)
def test_losses_are_exact_at_margins_of_40(end, classes):
    classes = CLASSES[classes]
    logits = RNG.normal(0, 1, (12, OUTPUTS)).round(3)
    logits[np.arange(12), np.arange(12) % OUTPUTS] += 40
    images = as_images(logits)
    model = kf.adapt(ENDS[end](), classes=classes)
    expected = wanted(np.float32(logits), classes)
    np.testing.assert_allclose(model(images), np.exp(expected), rtol=1e-4, atol=1e-30)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read = logits_of(model, images, len(classes))
    assert not read.take_log
    for label in range(len(classes)):
        given_losses = cross_entropy(read(images), np.full(12, label)).numpy()
        others = np.delete(expected, label, axis=1)
        exact = np.log1p(np.exp(logsumexp(others, axis=1) - expected[:, label]))
        # The logits are float32: at 40, the last digit is 4e-6.
        np.testing.assert_allclose(given_losses, exact, rtol=2e-5)


@given(
    logits=st.lists(
        st.lists(st.floats(-30, 30, width=32), min_size=5, max_size=5), min_size=1, max_size=4
    ),
    order=st.permutations(range(5)),
    cuts=st.sets(st.integers(1, 4), min_size=1),
)
@settings(max_examples=20, deadline=None)
def test_any_way_of_joining_is_the_mean_of_probabilities(logits, order, cuts):
    groups = [list(map(int, group)) for group in np.split(order, sorted(cuts))]
    model = kf.adapt(
        network(layers.Softmax(), outputs=5), classes={str(i): g for i, g in enumerate(groups)}
    )
    p = softmax(np.float64(np.float32(logits)), axis=1)
    means = np.stack([p[:, group].mean(axis=1) for group in groups], axis=1)
    np.testing.assert_allclose(
        model(as_images(logits)), means / means.sum(axis=1, keepdims=True), rtol=1e-4, atol=1e-12
    )


@pytest.mark.parametrize("end", ["sigmoid", None])
def test_one_unit_is_two_classes_with_exact_losses(end):
    z = np.array([-60.0, -40.0, -3.0, 0.0, 0.5, 40.0, 90.0], "float32")
    unit = layers.Dense(1, end, kernel_initializer="ones")
    images = as_images(z[:, None])
    model = kf.adapt(network(unit, outputs=1))
    np.testing.assert_allclose(model(images)[:, 1], 1 / (1 + np.exp(-np.float64(z))), rtol=1e-5)
    read = logits_of(model, images, 2)
    assert not read.take_log
    for label, sign in ((0, 1), (1, -1)):
        losses = cross_entropy(read(images), np.full(len(z), label)).numpy()
        exact = np.logaddexp(0, sign * np.float64(z))
        tiny = sign * np.float64(z) < -30
        exact[tiny] = np.exp(sign * np.float64(z[tiny]))
        np.testing.assert_allclose(losses, exact, rtol=1e-6)


def test_one_unit_takes_classes_in_another_order():
    unit = network(layers.Dense(1, "sigmoid"), outputs=1)
    images = as_images([[0.3], [-2.0]])
    straight, turned = kf.adapt(unit), kf.adapt(unit, classes={"dog": 1, "cat": 0})
    np.testing.assert_allclose(turned(images), straight(images)[:, ::-1], rtol=1e-6)


def test_all_outputs_stay_what_they_are():
    model = network(identity_dense(OUTPUTS, None))
    images = as_images(RNG.normal(size=(3, OUTPUTS)))
    np.testing.assert_array_equal(kf.adapt(model)(images), model(images))


class Hidden(keras.layers.Layer):
    """Probabilities by a layer that does more after its softmax."""

    def call(self, logits):
        return 1.0 * keras.ops.softmax(logits) + 0.0


def test_a_softmax_that_nothing_takes_off_is_told():
    logits = RNG.normal(0, 2, (8, OUTPUTS))
    hidden = keras.Sequential([network(), Hidden(), layers.Rescaling(1.0)])
    hidden.build((None, 1, OUTPUTS, 1))
    with pytest.warns(UserWarning, match="cannot be taken off"):
        model = kf.adapt(hidden, classes=CLASSES["joined"])
    expected = np.exp(wanted(logits, CLASSES["joined"]))
    np.testing.assert_allclose(model(as_images(logits)), expected, rtol=1e-5)


def test_scores_that_nothing_settles_are_asked_for():
    sigmoids = network(identity_dense(OUTPUTS, "sigmoid"))
    with pytest.raises(ValueError, match="`classes` must be of a model whose outputs exclude"):
        kf.adapt(sigmoids, classes=[0, 1])
    hidden = keras.Sequential(
        [network(layers.Dense(1, "sigmoid"), outputs=1), layers.Rescaling(1.0)]
    )
    hidden.build((None, 1, 1, 1))
    with pytest.raises(ValueError, match="`from_logits` must be given"):
        kf.adapt(hidden)
    p = np.asarray(hidden(as_images([[0.3]])))
    scores = kf.adapt(hidden, from_logits=False)(as_images([[0.3]]))
    np.testing.assert_allclose(scores, np.concatenate([1 - p, p], axis=1), rtol=1e-6)
    with pytest.raises(ValueError, match="ends in a softmax"):
        kf.adapt(network(layers.Softmax()), classes=[0, 1], from_logits=True)


@pytest.mark.parametrize("outputs", [1, OUTPUTS])
def test_logits_are_not_taken_for_probabilities(outputs):
    model = network(layers.Rescaling(9.0, -4.0), outputs=outputs)
    message = "`from_logits=False` says that the outputs of `model` are probabilities"
    with pytest.raises(ValueError, match=message):
        kf.adapt(model, classes=None if outputs == 1 else [0, 1], from_logits=False)


def test_scores_that_are_no_numbers_are_told():
    broken = network(identity_dense(OUTPUTS, "softmax"))
    broken.set_weights([np.full_like(one, np.nan) for one in broken.get_weights()])
    with pytest.raises(ValueError, match="`model` must give finite scores"):
        kf.adapt(broken, classes=[0, 1])


def test_imagenet_classes_go_by_their_wordnet_ids():
    ids = imagenet_wordnet_ids()
    assert len(set(ids)) == 1000 and list(ids) == sorted(ids)
    # Places that every list of these classes agrees on: tench, goldfinch, zebra, airliner, toilet
    # tissue; two classes are called crane.
    known = {"n01440764": 0, "n01531178": 11, "n02391049": 340, "n02690373": 404, "n15075141": 999}
    assert read_classes(list(known), 1000) == [[place] for place in known.values()]
    cranes = {"zebra": "n02391049", "crane": ["n02012849", "n03126707"]}
    assert read_classes(cranes, 1000) == [[340], [134, 517]]
    # With a background class in front.
    assert read_classes(cranes, 1001) == [[341], [135, 518]]


def test_classes_are_read_of_any_sequence():
    for outputs in (np.array([2, 0]), pd.Series([2, 0]), iter([2, 0])):
        assert read_classes(outputs, OUTPUTS) == [[2], [0]]


@pytest.mark.parametrize(
    ("classes", "outputs", "message"),
    [
        ([0, OUTPUTS], OUTPUTS, "`classes` must hold outputs of the model, integers from 0 to 5"),
        ([0, -1], OUTPUTS, "integers from 0 to 5"),
        ([0, True], OUTPUTS, "integers from 0 to 5"),
        ([0.5, 1], OUTPUTS, "integers from 0 to 5"),
        ([0], OUTPUTS, "at least two classes"),
        ({"a": 0, "b": []}, OUTPUTS, "at least one output"),
        ([0, 1, 0], OUTPUTS, "output 0 more than once"),
        ({"a": [0, 1], "b": [1, 2]}, OUTPUTS, "output 1 more than once"),
        (["n02391049", 3], OUTPUTS, "ImageNet's 1000"),
        (["n02391048", 3], 1000, "Did you mean 'n0239"),
    ],
)
def test_wrong_classes_are_refused(classes, outputs, message):
    with pytest.raises(ValueError, match=message):
        read_classes(classes, outputs)


@pytest.mark.parametrize("classes", ["cat", 3, [[0, 1], [2]]])
def test_classes_of_another_kind(classes):
    with pytest.raises(TypeError, match="`classes` must be a sequence"):
        read_classes(classes, OUTPUTS)
