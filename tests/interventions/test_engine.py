"""Counts and losses by class and intervention, against NumPy in float64."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from interventions_cases import CLASSES, linear_model, some_images, some_masks, written_out_scores

import keras_freq as kf
from keras_freq.interventions import (
    KeptFrequencies,
    RemovedPairs,
    ask,
    count_answers,
    every_item,
    items_by_class,
    sum_losses,
)

# The network of these tests has learned nothing of the labels.
pytestmark = pytest.mark.filterwarnings("ignore:`model` .* guessing:UserWarning")
NEUTRAL = np.array([0.4, 0.6])


def losses_of(scores, labels):
    """Cross-entropies in float64."""
    margins = scores - scores[np.arange(len(labels)), labels][:, None]
    return np.log(np.exp(margins).sum(axis=1))


@pytest.mark.parametrize("batch_size", [None, 1, 7])
@pytest.mark.parametrize("batches_of", [3, 64])
def test_answers_of_every_mask_are_counted_by_class(batch_size, batches_of):
    model, (images, labels), masks = linear_model(), some_images(), some_masks()
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(batches_of)
    counts = count_answers(
        model,
        dataset,
        CLASSES,
        KeptFrequencies(masks, NEUTRAL),
        every_item(len(masks)),
        confusion=True,
        paired_with=2,
        task="test",
        batch_size=batch_size,
    )
    before = written_out_scores(model, images, masks[2], NEUTRAL).argmax(axis=1) == labels
    for number, mask in enumerate(masks):
        answers = written_out_scores(model, images, mask, NEUTRAL).argmax(axis=1)
        expected = np.zeros((CLASSES, CLASSES), int)
        np.add.at(expected, (labels, answers), 1)
        np.testing.assert_array_equal(counts["confusion"][number], expected)
        np.testing.assert_array_equal(counts["right"][number], expected.diagonal())
        np.testing.assert_array_equal(counts["answered"][number], expected.sum(axis=0))
        np.testing.assert_array_equal(counts["asked"][number], np.bincount(labels))
        right = answers == labels
        for name, changed in (("lost", before & ~right), ("won", ~before & right)):
            expected = np.bincount(labels[changed], minlength=CLASSES)
            np.testing.assert_array_equal(counts[name][number], expected)


def test_losses_of_pairs_that_each_class_asks_for():
    model, (images, labels) = linear_model(), some_images()
    size = images.shape[1:3]
    pairs = kf.conjugate_pairs(size)
    pairs_of_class = [[0, 3], [], np.arange(5, len(pairs))]
    asked, losses = sum_losses(
        model,
        (images, labels),
        CLASSES,
        RemovedPairs(pairs, size, NEUTRAL),
        items_by_class(pairs_of_class),
        task="test",
    )
    for label, own in enumerate(pairs_of_class):
        chosen = labels == label
        for number in range(len(pairs)):
            wanted = number in own
            assert asked[number, label] == (chosen.sum() if wanted else 0)
            mask = np.ones(size, bool)
            mask.reshape(-1)[pairs[number]] = False
            scores = written_out_scores(model, images[chosen], mask, NEUTRAL)
            expected = losses_of(scores, labels[chosen]).sum() if wanted else 0
            np.testing.assert_allclose(losses[number, label], expected, rtol=1e-5)


def test_items_know_the_place_of_their_image_in_the_data():
    """As an exchange of content needs it, whose partners are other images."""
    model, (images, labels) = linear_model(), some_images(50)
    seen = []

    def items_of(labels, first):
        seen.append((first, len(labels)))
        return np.stack([np.arange(len(labels)), (first + np.arange(len(labels))) % 7], axis=1)

    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(11)
    answers = ask(
        "answers",
        model,
        dataset,
        CLASSES,
        KeptFrequencies(some_masks(), NEUTRAL),
        items_of,
        task="test",
        batch_size=1,
    )
    given = np.concatenate([columns[1] for _, columns, _ in answers])
    np.testing.assert_array_equal(given, np.arange(50) % 7)
    assert sum(number for first, number in seen[1:]) == 50
    assert [first for first, _ in seen[1:]] == np.cumsum([0, *(n for _, n in seen[1:-1])]).tolist()


class Counting(keras.Model):
    """Counts the images that it is given, and the batches that are not full."""

    def __init__(self, batch_size):
        super().__init__()
        self.batch_size, self.inner = batch_size, linear_model()
        self.images, self.short = tf.Variable(0), tf.Variable(0)

    def call(self, images):
        number = tf.shape(images)[0]
        self.images.assign_add(number)
        self.short.assign_add(tf.cast(number < self.batch_size, tf.int32))
        return self.inner(images)


@pytest.mark.parametrize("batches_of", [1, 40])
def test_the_network_gets_full_batches_whatever_the_data_comes_in(batches_of):
    model, data, masks = Counting(64), some_images(256), some_masks()
    dataset = tf.data.Dataset.from_tensor_slices(data).batch(batches_of)
    kf.confusion_matrix(model, dataset, CLASSES, masks=masks, neutral=0.5, batch_size=64)
    # Three images are to try the model on: two and then one, or one and then two.
    assert int(model.images) == 256 * len(masks) + 3
    assert int(model.short) <= 3


def test_the_data_is_read_once_and_nothing_of_the_model_changes():
    images, labels = some_images()
    reads = []

    def batches():
        reads.append(1)
        yield images, labels

    dataset = tf.data.Dataset.from_generator(
        batches,
        output_signature=(
            tf.TensorSpec((None, *images.shape[1:]), tf.float32),
            tf.TensorSpec((None,), tf.int64),
        ),
    )
    keras.utils.set_random_seed(0)
    layers = [keras.layers.Dropout(0.5), keras.layers.Flatten(), keras.layers.Dense(CLASSES)]
    model = keras.Sequential([keras.Input(images.shape[1:]), *layers])
    before = [np.asarray(variable) for variable in model.variables]
    kf.confusion_matrix(model, dataset, CLASSES, masks=some_masks(), neutral=0.5)
    assert len(reads) == 1
    for variable, value in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)


def test_data_that_differs_from_pass_to_pass_is_refused():
    images, labels = some_images(200)
    rng = np.random.default_rng(0)
    labels = rng.integers(0, CLASSES, 200)
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(200, seed=3)
    maps = np.stack([kf.low_pass_mask(images.shape[1:3], 2)] * CLASSES)
    for test in (kf.rates_under_maps, kf.recall_without_maps):
        with pytest.raises(ValueError, match=r"`dataset`.*reshuffle_each_iteration=False"):
            test(linear_model(), dataset.take(60).batch(20), maps, progress=False)
        test(linear_model(), dataset.take(60).cache().batch(20), maps, progress=False)


def test_models_and_masks_that_do_not_fit_are_named():
    data, masks = some_images(), some_masks()
    with pytest.raises(ValueError, match=r"`masks` must be symmetric"):
        kf.confusion_matrix(linear_model(), data, CLASSES, masks=np.eye(9, 6)[None] > 0)
    with pytest.raises(ValueError, match=r"`neutral` must be a number"):
        kf.confusion_matrix(linear_model(), data, CLASSES, masks=masks, neutral=[0, 1, 2])
    with pytest.raises(ValueError, match=r"`batch_size` must be an integer >= 1"):
        kf.confusion_matrix(linear_model(), data, CLASSES, batch_size=0)
    with pytest.raises(ValueError, match=r"`masks` must have the size of the images, \(9, 6\)"):
        kf.confusion_matrix(linear_model(), data, CLASSES, masks=np.ones((1, 8, 8), bool))
    diverged = linear_model()
    diverged.set_weights([weight * np.nan for weight in diverged.get_weights()])
    with pytest.raises(ValueError, match="NaN or infinity for 2 of 2 images"):
        kf.confusion_matrix(diverged, data, CLASSES)


def test_losses_of_a_softmax_are_those_of_its_logits():
    """Probabilities that are read as logits give about log(K) - 1 for a right answer."""
    images, labels = some_images(6)
    model = linear_model()
    softmax = keras.Sequential([model, keras.layers.Softmax()])
    scores = np.asarray(model(images), np.float64)
    for network in (model, softmax):
        _, sums = sum_losses(
            network, (images, labels), CLASSES, None, every_item(1), task="losses", progress=False
        )
        expected = np.bincount(labels, losses_of(scores, labels), CLASSES)
        np.testing.assert_allclose(sums[0], expected, rtol=1e-5)
