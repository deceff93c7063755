"""`keras_freq.examine` in a script: arrays and data sets in, a result that shows itself out."""

import html
import re

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from wave_cases import wave_images

import keras_freq as kf
from keras_freq.classifier import logits_of
from keras_freq.lab.config import ConfigError


@pytest.fixture(scope="module")
def model(wave_folder):
    return keras.models.load_model(wave_folder / "wave.keras")


def test_arrays_in_a_notebook(model, wave):
    found = kf.examine(model, wave_images(wave, 80), minutes=0.05, progress=False)
    assert found.folder is None
    assert found.verdict[0] == (
        "Whether a class has a shortcut was not tested: the time was too short. Give it 1 minute "
        "or more (--minutes 1)."
    )
    assert found.verdict[1].endswith("%).")
    assert repr(found).startswith("Examination:\n- ")
    shown = re.fullmatch(
        r'<iframe srcdoc="(.*)" style="[^"]*"></iframe>', found._repr_html_(), re.DOTALL
    )
    assert html.unescape(shown[1]) == found.page
    assert found.filter_sweep is found.results["filter_sweep"]
    with pytest.raises(AttributeError, match="no 'importnace'"):
        _ = found.importnace


def test_a_data_set_with_names_from_0_to_255(model, wave, tmp_path):
    images, labels = wave_images(wave, 80)
    batches = tf.data.Dataset.from_tensor_slices((images * 255, labels)).batch(16)
    batches = kf.data.with_class_names(batches, ["minus", "plus"])
    found = kf.examine(model, batches, minutes=0.05, progress=False, out=tmp_path / "out")
    assert "It was examined with 0..1." in found.verdict[1]
    assert set(found.filter_sweep["class_name"]) == {"minus", "plus", "all"}


def test_one_unit_for_two_classes_with_its_own_rescaling(wave):
    inputs = keras.Input(wave.shape)
    outputs = keras.layers.Rescaling(1 / 255)(inputs)
    outputs = keras.layers.Dense(1, "sigmoid")(keras.layers.Flatten()(outputs))
    one = keras.Model(inputs, outputs)
    one.layers[-1].set_weights([wave.reshape(-1, 1) / 4, np.zeros(1)])
    found = kf.examine(one, wave_images(wave, 80), minutes=0.05, progress=False)
    assert "examined with 0..1" not in found.verdict[1]  # the graph tells, where the answers do not
    assert found.filter_sweep["recall"][2] == 1
    with pytest.raises(ConfigError, match="It cannot be examined otherwise"):
        kf.examine(one, wave_images(wave, 80), progress=False, inputs="0..1")


def test_a_model_that_guesses_is_refused(model, wave):
    images, labels = wave_images(wave, 80)
    labels = np.random.default_rng(1).permutation(labels)
    with pytest.raises(ConfigError, match="--inputs"):
        kf.examine(model, (images, labels), progress=False)


def test_of_ways_that_are_nearly_as_right_the_one_of_the_least_loss_is_taken(model, wave):
    images, labels = wave_images(wave, 80)
    rng = np.random.default_rng(0)
    wrong = rng.permutation(80)[:12]  # a model that is often wrong is right as often in other ways
    labels[wrong] = 1 - labels[wrong]
    found = kf.examine(model, (images, labels), minutes=0.05, progress=False)
    table = found.input_check.set_index("inputs")
    assert table["loss"].idxmin() == "0..1"
    assert "It was examined with 0..1." in found.verdict[1]


@pytest.mark.parametrize(("white", "chosen"), [(1, "0..1"), (255, "0..255")])
def test_of_ways_that_are_exactly_as_right_the_one_in_which_a_model_is_sure_is_taken(
    wave, white, chosen
):
    """Without a bias the answers are those of the wave in any multiple of an image."""
    network = keras.Sequential([keras.Input(wave.shape), keras.layers.Flatten()])
    network.add(keras.layers.Dense(2, use_bias=False, activation="softmax"))
    images, labels = wave_images(wave, 80)
    size = np.median(abs(images.reshape(80, -1) @ wave.reshape(-1)))
    kernel = np.stack([-wave.reshape(-1), wave.reshape(-1)], axis=1)
    network.layers[-1].set_weights([2 * kernel / size / white])  # margins of about 4 nats
    found = kf.examine(network, (images, labels), minutes=0.05, progress=False)
    assert set(found.input_check.set_index("inputs").loc[["0..1", "0..255"], "accuracy"]) == {1.0}
    assert f"It was examined with {chosen}." in found.verdict[1]


def test_data_that_differ_from_pass_to_pass_are_refused(model, wave, monkeypatch):
    monkeypatch.setattr("keras_freq.lab.examination.listed_images._HELD_BYTES", 0)
    batches = (
        tf.data.Dataset.from_tensor_slices(wave_images(wave, 120)).shuffle(120).take(80).batch(16)
    )
    with pytest.raises(ValueError, match="reshuffle_each_iteration=False"):
        kf.examine(model, batches, progress=False)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"minutes": 0}, "minutes"),
        ({"seed": -1}, "seed"),
        ({"resize": "fit"}, "resize"),
        ({"on_error": "stop"}, "on_error"),
        ({"image_size": 8}, "16 x 16"),
        ({"inputs": "0-255"}, "Did you mean '0..255'"),
        ({"classes": ["one"]}, "classes"),
        ({"class_names": ["one"]}, "class_names"),
        ({"num_classes": 5}, "class"),
    ],
)
def test_wrong_arguments_are_named(model, wave, tmp_path, options, message):
    with pytest.raises((ValueError, TypeError), match=message):
        kf.examine(model, wave_images(wave, 80), out=tmp_path / "out", progress=False, **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("options", [{"inputs": "0-255"}, {"from_logits": "yes"}])
def test_arguments_are_checked_before_images_are_looked_for(model, options):
    (name,) = options
    with pytest.raises((ValueError, TypeError), match=f"`{name}`"):
        kf.examine(model, "no/such/folder", progress=False, **options)


@pytest.mark.parametrize("label", [0, 1])
def test_one_image_cannot_be_divided(model, wave, label):
    images, _ = wave_images(wave, 2)
    with pytest.raises(ConfigError, match="at least two"):
        kf.examine(model, (images[:1], [label]), progress=False)


def test_a_wrong_size_is_told_before_the_plan(model, wave, tmp_path, capsys):
    images, labels = wave_images(wave, 80)
    file = tmp_path / "small.npz"
    np.savez(file, images=images[:, :8, :8], labels=labels)
    for small in (file, (images[:, :8, :8], labels)):
        with pytest.raises(ValueError, match=r"Resize them: keras.ops.image.resize\(images, \(16"):
            kf.examine(model, small)
    assert "images to search on" not in "".join(capsys.readouterr())


def test_outputs_that_are_logits_by_word_alone_are_read_by_all_analyses(wave, monkeypatch):
    inputs = keras.Input(wave.shape)
    hidden = keras.layers.Dense(2, "sigmoid")(keras.layers.Flatten()(inputs))
    one = keras.Model(inputs, keras.layers.Rescaling(1.0)(hidden))
    one.layers[2].set_weights([np.stack([-wave, wave], -1).reshape(-1, 2) / 40, np.zeros(2)])
    subjects = []

    def caught(folder, subject, *_):
        subjects.append(subject)
        raise KeyboardInterrupt

    monkeypatch.setattr("keras_freq.lab.examination.examination.run_blocks", caught)
    images = wave_images(wave, 80)
    with pytest.raises(KeyboardInterrupt):
        kf.examine(one, images, progress=False, inputs="0..1", from_logits=True)
    logits = logits_of(subjects[0].model, images[0], 2)(images[0])
    np.testing.assert_allclose(logits, one(images[0]), rtol=1e-5)


def level_model(num_classes):
    """A model of grey images: class k has the level (k + 0.5) / K."""
    levels = (np.arange(num_classes) + 0.5) / num_classes
    inputs = keras.Input((8, 8, 1))
    outputs = keras.layers.Dense(num_classes)(keras.layers.GlobalAveragePooling2D()(inputs))
    model = keras.Model(inputs, outputs)
    # The nearest level has the least (x - level)^2, up to x^2.
    model.set_weights([200 * levels[None], -100 * levels**2])
    return model, levels


def test_classes_with_few_images_are_taken_together():
    model, levels = level_model(10)
    labels = np.arange(60) % 10
    noise = np.random.default_rng(0).normal(0, 0.03, (60, 8, 8, 1))
    images = (levels[labels][:, None, None, None] + noise - noise.mean((1, 2), keepdims=True)).clip(
        0, 1
    )
    found = kf.examine(model, (images.astype(np.float32), labels), progress=False, inputs="0..1")
    assert found.importance.loss_change.shape == (1, 8, 8)
    # The mean alone tells the class: DC is all that matters.
    importance = found.importance.loss_change[0]
    assert importance.argmax() == np.ravel_multi_index((4, 4), (8, 8))
    assert np.sort(importance, axis=None)[-2] < importance.max() / 100
    assert "transplants" not in found.results
    assert found.verdict[0] == (
        "Whether a class has a shortcut was not tested: that takes 10 images of each class to "
        "search on, and 20 to score. Give more images."
    )
    assert "classes apart, since there are too few images of each" in found.verdict[-1]
    assert (found.seen["answer"] == found.seen["class_name"])[
        found.seen["view"] == "untouched"
    ].all()


class Own(keras.Model):
    """A subclassed model, which has no graph of its own."""

    def __init__(self, kernel):
        super().__init__()
        self.flatten = keras.layers.Flatten()
        self.dense = keras.layers.Dense(2)
        self.dense.build((None, len(kernel)))
        self.dense.set_weights([kernel, np.zeros(2)])

    def call(self, images):
        return self.dense(self.flatten(images))


def test_a_subclassed_model_is_examined_as_the_same_model_with_a_graph(model, wave):
    images = wave_images(wave, 80)
    own = Own(model.get_weights()[0])
    with pytest.raises(ConfigError, match="give `image_size`"):
        kf.examine(own, "no/such/folder", progress=False)
    options = {"minutes": 0.05, "progress": False}
    found, expected = (kf.examine(one, images, **options) for one in (own, model))
    pd.testing.assert_frame_equal(found.filter_sweep, expected.filter_sweep)
    assert found.verdict == expected.verdict
