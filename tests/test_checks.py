"""The checks of arguments: what each of them gives back, and what its message says."""

import re

import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from keras_freq import checks
from keras_freq.data.label_tensors import integer_label_tensor


def refused(call, message, error=ValueError):
    with pytest.raises(error, match=message):
        call()


# Numbers


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint8(3), np.array(3), tf.constant(3)])
def test_integers_of_any_kind_become_ints(value):
    result = checks.integer("steps", value)
    assert result == 3
    assert type(result) is int


@pytest.mark.parametrize(
    "value", [0, -1, 2.0, 2.5, np.array(2.5), np.array([3, 4]), True, np.True_, None, "3", [3]]
)
def test_what_is_no_integer_is_refused_by_name(value):
    expected = f"`steps` must be an integer >= 1. Received: steps={value!r}"
    refused(lambda: checks.integer("steps", value), f"^{re.escape(expected)}$")


def test_the_least_integer():
    assert checks.integer("seed", 0, least=0) == 0
    refused(lambda: checks.integer("size", 15, least=16), "`size` must be an integer >= 16")


def test_numbers_in_a_range_become_floats():
    for value in (0, 1, 0.5, np.float32(0.5), np.int64(1)):
        result = checks.number("share", value, 0, 1, "a share")
        assert result == value
        assert type(result) is float
    for value in (-0.1, 1.1, np.nan, True, "0.5", None, [0.5]):
        refused(
            lambda value=value: checks.number("share", value, 0, 1, "a share"),
            re.escape(f"`share` must be a share, from 0 to 1. Received: share={value!r}"),
        )


def test_positive_numbers():
    assert checks.positive("radius", 2, "a radius") == 2.0
    assert checks.positive("radius", 2, "a radius", most=2) == 2.0
    for value in (0, -1, np.nan, True, "2", None):
        refused(
            lambda value=value: checks.positive("radius", value, "a radius"), "a radius, > 0. R"
        )
    refused(lambda: checks.positive("radius", 3, "a radius", most=2), "a radius, > 0 and <= 2.")


def test_the_confidence_of_an_interval():
    assert checks.confidence(0.95) == 0.95
    for value in (0, 1, 95, np.nan, "0.95", None):
        refused(
            lambda value=value: checks.confidence(value), "`confidence` must be between 0 and 1"
        )


def test_pairs():
    for value in ((0, 1), [0.2, 0.2], np.array([0.1, 0.9])):
        assert checks.interval("scale", value, 0, 1, "areas") == tuple(float(one) for one in value)
    for value in ((1, 0), (-1, 0.5), (0, 2), 0.5, (0, 0.5, 1), "ab", None, (np.nan, 1)):
        refused(
            lambda value=value: checks.interval("scale", value, 0, 1, "areas"),
            r"`scale` must be a pair \(least, most\) of areas, from 0 to 1. Received: scale=",
        )


# Choices


def test_choices():
    assert checks.choice("kind", "b", ("a", "b")) == "b"
    assert checks.choice("kind", None, (None, "b")) is None
    message = "^`kind` must be one of 'low-pass', 'high-pass'. Received: kind="
    kinds = ("low-pass", "high-pass")
    refused(
        lambda: checks.choice("kind", "lowpass", kinds), f"{message}'lowpass'. Did you mean 'low"
    )
    refused(lambda: checks.choice("kind", "x", kinds), f"{message}'x'$")


def test_several_choices_come_in_their_order_and_each_once():
    assert checks.some_of("bands", ("c", "a"), ("a", "b", "c")) == ["a", "c"]
    assert checks.some_of("bands", "b", ("a", "b", "c")) == ["b"]
    refused(
        lambda: checks.some_of("bands", ["a", "d"], ("a", "b")), "`bands` must be one of 'a', 'b'"
    )
    assert checks.distinct("seeds", (3, 1, 2)) == [3, 1, 2]
    for values in ([], (1, 1), None, [[1], [1]]):
        refused(
            lambda values=values: checks.distinct("seeds", values), "`seeds` must hold distinct"
        )


def test_a_hint_is_given_where_something_is_alike():
    assert checks.did_you_mean("cifra10", ["mnist", "cifar10"]) == " Did you mean 'cifar10'?"
    assert checks.did_you_mean("zzz", ["mnist", "cifar10"]) == ""
    assert checks.did_you_mean(12, [1, 123]) == " Did you mean '123'?"


# Arrays and tables


def test_arrays_of_real_numbers():
    result = checks.real_array("scores", [[1, 2], [3, 4]], "(N, K)", ndim=2)
    np.testing.assert_array_equal(result, [[1, 2], [3, 4]])
    assert checks.real_array("values", [True], "(N,) or (N, K)", ndim=(1, 2)).shape == (1,)
    for value in ([1, 2], [[]], [["a"]], [[1j]]):
        refused(
            lambda value=value: checks.real_array("scores", value, "(N, K)", ndim=2),
            r"`scores` must be an array of real numbers of shape \(N, K\), not empty. Received: sh",
        )
    ragged = [[1, 2], [3]]
    refused(
        lambda: checks.real_array("scores", ragged, "(N, K)", ndim=2), "`scores` must be an arr"
    )


def test_tables():
    frame = pd.DataFrame({"a": [1], "b": [2]})
    checks.table("results", frame, ("a", "b"), "make_results")
    message = "`results` must be a DataFrame as from `make_results`"
    refused(lambda: checks.table("results", [1], ("a",), "make_results"), message, TypeError)
    missing = f"{message}.*the columns a, c. Received: one without c"
    refused(lambda: checks.table("results", frame, ("a", "c"), "make_results"), missing)
    refused(lambda: checks.table("results", frame[:0], ("a",), "make_results"), "Received: no rows")


def test_one_value_or_one_for_each_channel():
    for value, expected in ((0.5, [0.5] * 3), ([0.5], [0.5] * 3), ((0, 1, 2), [0, 1, 2])):
        result = checks.per_channel("neutral", value, 3)
        assert result.dtype == np.float64
        np.testing.assert_array_equal(result, expected)
    for value in ([1, 2], np.zeros((1, 3)), np.nan, "grey", None, [0, np.inf, 0]):
        refused(
            lambda value=value: checks.per_channel("neutral", value, 3),
            "`neutral` must be a number, or one value for each of the 3 channels. Received:",
        )


# Images, labels, names


def test_class_names():
    assert checks.class_names(None, 2) == ["0", "1"]
    assert checks.class_names(("a", 1), 2) == ["a", "1"]
    assert checks.class_names(("a", "b", "c"), None) == ["a", "b", "c"]
    refused(lambda: checks.class_names("ab", 2), "`class_names` must be a sequence of strings")
    message = r"`names` must hold one name for each of the 7 classes. Received: 6 names, .* \.\.\.$"
    refused(lambda: checks.class_names(list("abcdef"), 7, "names"), message)
    assert checks.class_names(["crane", "crane"], 2) == ["crane", "crane"]


def test_names_that_a_data_set_brings_are_told_as_its_own():
    name = "dataset.class_names"
    message = (
        r"`dataset` names 9 classes.* must be 10 \(`num_classes`.* Received: \['0', '1', .*"
        r"keras_freq.adapt\(model, classes={name: output, ...}\)`, and take num_classes=9"
    )
    refused(lambda: checks.class_names(map(str, range(9)), 10, name), message)
    refused(lambda: checks.class_names(list("abc"), 2, name), "Take num_classes=3")


def test_two_passes_must_be_the_same():
    checks.same_images([1, 2], np.array([1, 2]))
    checks.same_images([1, 2, 0], [1, 2])
    refused(lambda: checks.same_images([1, 2], [2, 1]), r"\[1, 2\].* at first, and then \[2, 1\]")
    refused(lambda: checks.same_images([1, 2], [1, 2, 1]), r"\[1, 2, 0\].*, and then \[1, 2, 1\]")
    refused(
        lambda: checks.same_images([1, 2], []), "3 images at first, and then none: .* only once"
    )
    refused(
        lambda: checks.same_images([1, 2], [1, 2], same_pixels=False),
        "as many images of each class, 3 in all, but not the same ones",
    )


@pytest.mark.parametrize(
    ("shape", "first"),
    [
        ((2, 3, 32, 32), True),
        ((2, 1, 28, 28), True),
        ((3, 32, 32), True),
        ((None, 3, 32, 32), True),
        ((None, 3, None, 32), True),
        ((2, 32, 32, 3), False),
        ((2, 3, 3, 3), False),
        ((2, 4, 4, 1), False),
        ((2, 3, 32, 3), False),
        ((2, 3, 3, 16), False),
        ((2, 1, 128, 12), False),
        ((2, 2, 32, 32), False),
        ((None, None, None, 3), False),
        ((None, None, None, None), False),
        ((None, 3, 32, None), False),
    ],
)
def test_channels_first_are_told_by_the_shape(shape, first):
    if first:
        axis = len(shape) - 3
        message = rf"channels last, .*Move them: np.moveaxis\(images, {axis}, -1\)"
        refused(lambda: checks.channels_last("`images`", shape), f"^`images` must have.*{message}")
    else:
        checks.channels_last("`images`", shape)


def test_images():
    for good in (np.zeros((2, 3, 3, 1)), np.ones((1, 2, 2, 3), int), np.zeros((0, 2, 2, 1))):
        checks.images("The images", good)
    for bad, message in (
        (np.zeros((3, 3, 1)), r"rank 4, \(N, H, W, C\). Received: shape \(3, 3, 1\)"),
        (np.full((1, 2, 2, 1), 9), "floats in .*divide them by 255. .*int64 values from 9 to 9"),
        (np.full((1, 2, 2, 1), "a"), "floats in"),
        (np.full((2, 2, 2, 1), np.inf), "finite. .* in 2 of 2, first in image 0"),
    ):
        refused(lambda bad=bad: checks.images("The images", bad), f"^The images must .*{message}")


LABELS = [
    np.array([2, 0, 1]),
    np.array([[2], [0], [1]], np.uint8),
    np.array([2.0, 0.0, 1.0], np.float32),
    np.eye(3)[[2, 0, 1]],
]


@pytest.mark.parametrize("labels", LABELS, ids=["integers", "column", "whole floats", "one-hot"])
def test_arrays_and_tensors_of_labels_are_read_alike(labels):
    in_graph = tf.function(integer_label_tensor)(tf.constant(labels), 3)
    for result in (
        checks.integer_labels("`labels`", labels, 3),
        checks.integer_labels("`labels`", labels.tolist()),
        integer_label_tensor(labels, 3),
        in_graph,
    ):
        assert np.asarray(result).dtype == np.int64
        assert np.asarray(result).tolist() == [2, 0, 1]


@pytest.mark.parametrize("read", [checks.integer_labels, None], ids=["array", "tensor"])
@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.zeros((2, 2, 2)), r"integers \(N,\) or one-hot \(N, K\). Received: shape \(2, 2, 2\)"),
        (np.zeros((2, 0)), r"integers \(N,\) or one-hot"),
        (np.eye(3), r"4 columns if they are one-hot.*Received: shape \(3, 3\)"),
    ],
)
def test_both_refuse_the_same_shapes(read, labels, message):
    message = f"^The labels must (be|have) {message}"
    if read is None:
        refused(lambda: integer_label_tensor(labels, 4, "The labels"), message)
    else:
        refused(lambda: read("The labels", labels, 4), message)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 0.5], "be whole numbers"),
        ([0, np.nan], "be whole numbers"),
        ([0, -1], "be >= 0. Received: -1"),
        ([0, 4], r"be in \[0, 3\], since num_classes=4. Received: 4"),
        (["a"], "be integers, or one-hot"),
        (np.full((2, 4), 0.25), "have a single 1 in each row.*mixed or smoothed labels"),
    ],
)
def test_values_that_are_no_labels_are_refused(labels, message):
    refused(lambda: checks.integer_labels("`labels`", labels, 4), f"^`labels` must {message}")


def test_elements_that_are_no_batches_are_refused_with_the_cure():
    images, labels = tf.TensorSpec((None, 8, 8, 3)), tf.TensorSpec((None,), tf.int64)
    checks.element_spec("train", (images, labels))
    for spec, message in (
        ({"image": images}, r"elements a dictionary with keys \['image'\]"),
        ((images, labels, labels), "elements a tuple of 3"),
        (images, "a single tensor of shape"),
        ((tf.TensorSpec((8, 8, 3)), labels), r"single images.*Call `train.batch\(64\)` first"),
        (
            (tf.TensorSpec((8, 8)), labels),
            r"images of rank 4, .*Received: images of shape \(8, 8\)",
        ),
    ):
        refused(
            lambda spec=spec: checks.element_spec("train", spec), f"`train` must yield .*{message}"
        )
