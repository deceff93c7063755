"""Data that is read several times holds the same images each time, and every pass ends."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from sklearn.datasets import load_sample_image

import keras_freq as kf
from keras_freq.data import passes
from keras_freq.data.batches import collected, repeated
from keras_freq.transfer.tasks import accuracy, checked_task

K, COUNT = 4, 120
LABELS = np.arange(COUNT) % K
IMAGES = np.random.default_rng(0).random((COUNT, 8, 8, 3)).astype("float32")
IMAGES[:, 0, 0, 0] = LABELS / K
MAPS = np.ones((K, 8, 8), bool)
SIGNATURE = (tf.TensorSpec((None, 8, 8, 3)), tf.TensorSpec((None,), tf.int64))


class ReadsTheLabel(keras.layers.Layer):
    """The label stands in a pixel: a model that is right by construction."""

    def call(self, images):
        return -20 * (K * images[:, 0, 0, :1] - tf.range(float(K))) ** 2


def right_model():
    return keras.Sequential([keras.Input((8, 8, 3)), ReadsTheLabel()])


def single():
    return tf.data.Dataset.from_tensor_slices((IMAGES, LABELS))


def generated(make_batches):
    return tf.data.Dataset.from_generator(make_batches, output_signature=SIGNATURE)


def batches_of(order, size=8):
    for first in range(0, len(order), size):
        yield IMAGES[order[first : first + size]], LABELS[order[first : first + size]]


def read_once():
    batches = batches_of(np.arange(COUNT))
    return generated(lambda: batches)


ANALYSES = {
    "rates": lambda data: kf.rates_under_maps(right_model(), data, MAPS),
    "recalls": lambda data: kf.recall_without_maps(right_model(), data, MAPS),
    "joint search": lambda data: kf.frequency_search(
        right_model(), data, K, num_candidates=2, from_logits=True
    ),
    "confusion": lambda data: kf.confusion_matrix(right_model(), data, K, masks=MAPS),
}
OTHER_EACH_TIME = {
    "subsets": lambda: single().shuffle(COUNT).take(40).batch(8),
    "noise": lambda: (
        single().batch(8).map(lambda x, y: (x + tf.random.uniform(tf.shape(x), maxval=0.01), y))
    ),
    "mirrored": lambda: single().batch(8).map(lambda x, y: (tf.image.random_flip_left_right(x), y)),
    "labels": lambda: tf.data.Dataset.zip(
        single().map(lambda x, y: x), single().map(lambda x, y: y).shuffle(COUNT)
    ).batch(8),
    "read once": read_once,
}
SAME_EACH_TIME = {
    "arrays": lambda: (IMAGES, LABELS),
    "another order": lambda: single().shuffle(COUNT).batch(7),
    "one subset": lambda: (
        single().shuffle(COUNT, reshuffle_each_iteration=False).take(COUNT).batch(8)
    ),
    "cached": lambda: single().shuffle(COUNT).batch(8).cache(),
    "read once and cached": lambda: read_once().cache(),
    "filtered in batches": lambda: kf.data.filtered(
        single().shuffle(COUNT).batch(7), np.ones((8, 8), bool)
    ),
}


@pytest.mark.parametrize("data", OTHER_EACH_TIME)
@pytest.mark.parametrize("analysis", ANALYSES)
def test_passes_that_differ_are_refused(analysis, data):
    message = (
        "`dataset` must hold the same images each time it is read.*reshuffle_each_iteration=False"
    )
    # With a seed of the whole process, which other tests set, `tf.data` draws the same each time.
    tf.random.set_seed(None)
    with pytest.raises(ValueError, match=message):
        ANALYSES[analysis](OTHER_EACH_TIME[data]())


@pytest.mark.parametrize("data", SAME_EACH_TIME)
def test_the_same_images_in_any_order_give_the_right_numbers(data):
    rates = kf.rates_under_maps(right_model(), SAME_EACH_TIME[data](), MAPS)
    assert rates["tpr"].tolist() == [1.0] * K
    assert rates["positives"].tolist() == [COUNT // K] * K
    recalls = kf.recall_without_maps(right_model(), SAME_EACH_TIME[data](), MAPS)
    assert recalls["recall"].tolist() == [1.0] * K
    counts = kf.confusion_matrix(right_model(), SAME_EACH_TIME[data](), K, masks=MAPS)
    np.testing.assert_array_equal(counts, [np.eye(K) * COUNT / K] * K)


def test_a_first_look_takes_nothing_from_the_first_pass():
    data = repeated(read_once())
    images, _ = data.first_batch()
    np.testing.assert_array_equal(images, IMAGES[:8])
    got = list(kf.data.checked_batches(data, K))
    np.testing.assert_array_equal(np.concatenate([y for _, y in got]), LABELS)
    with pytest.raises(ValueError, match="120 images at first, and then none"):
        list(kf.data.checked_batches(data, K))


def test_one_other_image_is_noticed():
    changed = [0]

    def batches():
        images = IMAGES.copy()
        images[17] = images[17 + changed[0] * K]
        yield images, LABELS

    data = repeated(generated(batches))
    assert len(list(kf.data.checked_batches(data))) == 1
    assert len(list(kf.data.checked_batches(data))) == 1
    changed[0] = 1
    with pytest.raises(ValueError, match="as many images of each class, 120 in all, but not the"):
        list(kf.data.checked_batches(data))


def test_probes_that_change_are_refused_by_name():
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(K)]
    )
    recorder = kf.ClassMetricsRecorder(
        K, probes={"some": single().shuffle(COUNT).take(40).batch(8)}
    )
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[recorder.batch_counts])
    with pytest.raises(ValueError, match=r"`probes\['some'\]` cannot be used.*the same images"):
        model.fit(single().batch(8), epochs=1, shuffle=False, verbose=0, callbacks=[recorder])


def test_networks_of_a_transfer_are_measured_on_the_same_images():
    test = single().shuffle(COUNT).take(40).batch(8)
    test = kf.data.with_class_names(test, ["a", "b", "c", "d"])
    task = checked_task((single().batch(8), test), "task_a")
    assert accuracy(right_model(), task.test_passes) == 1.0
    with pytest.raises(ValueError, match="the same images each time"):
        accuracy(right_model(), task.test_passes)


def endless(shuffled):
    rng = np.random.default_rng(1)
    while True:
        yield from batches_of(rng.permutation(COUNT) if shuffled else np.arange(COUNT), 60)


@pytest.mark.parametrize("shuffled", [False, True])
def test_data_that_repeats_itself_for_ever_is_noticed(shuffled):
    data = generated(lambda: endless(shuffled))
    for read in (kf.data.channel_means, lambda data: kf.class_spectra(data, K), collected):
        with pytest.raises(ValueError, match=r"must end.* only 120 are different.*\.take\(number"):
            read(data)
    np.testing.assert_allclose(
        kf.data.channel_means(data.take(COUNT // 60)), IMAGES.mean(axis=(0, 1, 2)), rtol=1e-5
    )


def test_new_images_for_ever_end_with_a_message(monkeypatch):
    """The limit of batches that the documentation promises, here a smaller one."""
    monkeypatch.setattr(passes, "MOST_BATCHES", 30)
    monkeypatch.setattr(passes, "_MANY_BATCHES", 20)
    rng = np.random.default_rng(0)

    def batches():
        while True:
            yield rng.random((8, 8, 8, 3)), rng.integers(0, K, 8)

    with (
        pytest.warns(UserWarning, match="has given 20 batches, and does not say how many"),
        pytest.raises(ValueError, match=r"must end.*more than 30 batches.*assert_cardinality"),
    ):
        kf.data.channel_means(generated(batches))
    # Data that says its length may be as long as it wants.
    known = generated(batches).apply(tf.data.experimental.assert_cardinality(40)).take(40)
    assert sum(1 for _ in kf.data.checked_batches(known)) == 40


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (lambda: batches_of(np.arange(COUNT)), "generator. An iterator can be read only once"),
        (lambda: iter(single().batch(8)), "An iterator can be read only once"),
        (lambda: single().batch(8).as_numpy_iterator(), "An iterator can be read only once"),
        (lambda: list(batches_of(np.arange(COUNT))), r"from_generator\(lambda: iter\(batches\)"),
        (lambda: {"image": IMAGES, "label": LABELS}, "Give two entries of it"),
    ],
)
def test_what_is_no_data_set_is_refused_with_the_cure(data, message):
    with pytest.raises(TypeError, match=message):
        kf.class_spectra(data(), K)


def test_a_generator_that_has_ended_is_told_from_no_data():
    data = read_once()
    kf.data.channel_means(data)
    with pytest.raises(ValueError, match=r"is empty.*a function that starts a new one"):
        kf.data.channel_means(data)


def test_floats_of_8_bit_images_are_warned_of_once_a_data_set():
    # It takes them: models that are made for images in [0, 1] refuse them.
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Rescaling(1 / 255)])
    model.add(ReadsTheLabel())
    for data in ((IMAGES * 255, LABELS), single().batch(8).map(lambda x, y: (x * 255, y))):
        with pytest.warns(UserWarning, match="Divide them by 255") as warned:
            for _ in range(2):
                kf.rates_under_maps(model, data, MAPS)
                kf.class_spectra(data, K)
        assert len([one for one in warned if "255" in str(one.message)]) == 1
    with pytest.warns(UserWarning, match="Divide them by 255"):
        kf.class_spectra((IMAGES * 255, LABELS), K)


def test_filtered_images_are_not_taken_for_prepared_ones():
    """High-passed without their mean, images in [0, 1] lie around 0."""
    photograph = load_sample_image("china.jpg")[:384, 128:512] / 255
    around_0 = np.array(kf.filter_images(photograph[None], kf.high_pass_mask(384, 2)))
    assert around_0.min() < -0.5
    kf.class_spectra((around_0, [0]), 1)


@pytest.mark.parametrize("prepared", [IMAGES * 2 - 1, (IMAGES - 0.5) / 0.25, IMAGES * 255 - 120])
def test_images_that_were_prepared_for_a_model_are_warned_of(prepared):
    with pytest.warns(UserWarning, match="has values down to -.* Leave out what prepares them"):
        kf.class_spectra((prepared, LABELS), K)
    model = keras.Sequential([keras.Input((8, 8, 3)), ReadsTheLabel()])
    model = kf.adapt(model, inputs="-1..1")
    # The array was warned of once.
    with pytest.raises(ValueError, match=r"images in \[0, 1\], since `keras_freq.adapt` has made"):
        kf.rates_under_maps(model, (prepared, LABELS), MAPS)
