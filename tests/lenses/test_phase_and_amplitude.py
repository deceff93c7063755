"""Models that go by phases or by amplitudes alone, and the same the long way."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf
from keras_freq.shortcuts.donors import donors_of_other_classes

CLASSES = 3


def spectra(images):
    return np.fft.fft2(np.asarray(images, np.float64)[..., 0])


@keras.saving.register_keras_serializable("test")
class Nearest(keras.layers.Layer):
    """Scores of K classes by how near the amplitudes, or the phases, of an image are to theirs."""

    def __init__(self, templates, by, **options):
        super().__init__(**options)
        self.templates, self.by = tf.constant(templates, tf.complex64), by

    def call(self, images):
        spectrum = tf.signal.fft2d(tf.cast(images[..., 0], tf.complex64))[:, None]
        if self.by == "amplitude":
            return -tf.reduce_sum((tf.abs(spectrum) - tf.abs(self.templates)) ** 2, axis=(2, 3))
        turned = spectrum * tf.math.conj(self.templates)
        return tf.reduce_sum(tf.math.cos(tf.math.angle(turned)), axis=(2, 3))


@pytest.fixture(scope="module", params=[(8, 8), (7, 9)], ids=str)
def case(request):
    """Images of classes that differ in amplitudes and in phases, and the classes' spectra."""
    rng = np.random.default_rng(0)
    templates = spectra(0.5 + rng.normal(0, 0.1, (CLASSES, *request.param, 1)))
    # All are as bright, so that DC tells nothing.
    templates[:, 0, 0] = 0.5 * np.prod(request.param)
    labels = np.repeat(np.arange(CLASSES), [12, 8, 10])
    noise = rng.normal(0, 0.002, (30, *request.param))
    images = np.fft.ifft2(templates).real[labels] + noise
    return images[..., None].astype(np.float32), labels, templates


def model_by(by, templates):
    inputs = keras.Input((*templates.shape[1:], 1))
    return keras.Model(inputs, Nearest(templates, by)(inputs))


@pytest.mark.parametrize(("by", "preference"), [("phase", 1), ("amplitude", 0)])
def test_the_preference_of_models_that_have_one(case, by, preference):
    images, labels, templates = case
    names = ["a", "b", "c"]
    table = kf.phase_preference(
        model_by(by, templates), (images, labels), CLASSES, class_names=names
    )
    assert (table["preference"] == preference).all()
    assert (table[by] == 1).all()
    assert table["class_name"].tolist() == [*names, "all"]
    assert table["class_id"].tolist() == [0, 1, 2, -1]
    assert table["images"].tolist() == [12, 8, 10, 30]
    assert (table["untouched"] == 1).all()
    assert table["preference_low"].iloc[-1] <= preference <= table["preference_high"].iloc[-1]


@pytest.mark.parametrize("by", ["phase", "amplitude"])
def test_the_accuracy_of_such_models_against_noise(case, by):
    images, labels, templates = case
    sweep = kf.phase_noise_sweep(model_by(by, templates), (images, labels), CLASSES)
    of_all = sweep[sweep["class_id"] == -1]
    noise = of_all[of_all["kind"] == "phase noise"]
    assert noise["width"].tolist() == [0, 30, 60, 90, 120, 150, 180]
    only = of_all[of_all["kind"] == "phase only"]["recall"].item()
    # All images are right as they are, so that none is won, and those that are wrong are lost.
    assert (sweep["won"] == 0).all()
    np.testing.assert_allclose(sweep["lost"], sweep["images"] * (1 - sweep["recall"]))
    assert sweep["p_holm"].isna().tolist() == [
        *[True] * (CLASSES + 1),
        *[False] * 7 * (CLASSES + 1),
    ]
    if by == "amplitude":
        assert (noise["recall"] == 1).all()
        assert only in (12 / 30, 8 / 30, 10 / 30)  # all images are the same to it
    else:
        assert (noise["recall"].iloc[:4] == 1).all()
        assert noise["recall"].iloc[-1] < 0.7
        assert only == 1


def linear_model(shape, seed=0):
    rng = np.random.default_rng(seed)
    layers = [keras.Input(shape), keras.layers.Flatten(), keras.layers.Dense(CLASSES)]
    model = keras.Sequential(layers)
    model.set_weights([rng.normal(size=(np.prod(shape), CLASSES)), rng.normal(size=CLASSES)])
    return model


def test_shares_are_those_of_images_mixed_one_by_one(case):
    images, labels, _ = case
    model = linear_model(images.shape[1:])
    table = kf.phase_preference(model, (images, labels), CLASSES, seed=4, batch_size=7)
    donors = donors_of_other_classes(labels, 4)
    assert (labels[donors] != labels).all()
    mixed = np.abs(spectra(images[donors])) * np.exp(1j * np.angle(spectra(images)))
    weights, bias = model.get_weights()
    answers = (np.fft.ifft2(mixed).real.reshape(30, -1) @ weights + bias).argmax(axis=1)
    phase, amplitude = answers == labels, answers == labels[donors]
    assert 0 < amplitude.sum() < 30  # something to compare
    for k in (0, 1, 2, -1):
        own = labels == k if k >= 0 else np.full(30, True)
        row = table[table["class_id"] == k].iloc[0]
        assert row["phase"] == phase[own].mean()
        assert row["amplitude"] == amplitude[own].mean()
        named = phase[own].sum(), (phase | amplitude)[own].sum()
        assert row["preference"] == named[0] / named[1]
        low, high = kf.metrics.wilson_interval(*named)
        assert (row["preference_low"], row["preference_high"]) == (low, high)
        low, high = kf.metrics.wilson_interval(amplitude[own].sum(), own.sum())
        assert (row["amplitude_low"], row["amplitude_high"]) == (low, high)


def test_recalls_are_those_of_noisy_images_and_batches_decide_nothing(case):
    images, labels, _ = case
    model, options = linear_model(images.shape[1:]), {"widths": [60, 180], "seed": 5}
    sweep = kf.phase_noise_sweep(model, (images, labels), CLASSES, **options, batch_size=4)
    again = kf.phase_noise_sweep(model, (images, labels), CLASSES, **options, batch_size=32)
    assert sweep.equals(again)
    assert sweep[["lost", "won", "p_value", "p_holm"]].isna().all(axis=None)  # without the width 0
    amplitude = np.mean(kf.amplitude_spectrum(images), axis=0)
    conditions = [
        lambda image, n: kf.phase_noise(image, 60, seed=(5, n)),
        lambda image, n: kf.phase_noise(image, 180, seed=(5, n)),
        lambda image, n: kf.phase_only(image, amplitude),
    ]
    recalls = []
    for change in conditions:
        changed = np.array([change(image, n) for n, image in enumerate(images)])
        right = np.asarray(model(changed)).argmax(axis=1) == labels
        recalls += [right[labels == k].mean() for k in range(CLASSES)] + [right.mean()]
    np.testing.assert_allclose(sweep["recall"], recalls)


def test_a_data_set_is_read_and_its_names_are_kept(case):
    images, labels, templates = case
    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(8)
    batches = kf.data.with_class_names(batches, ["a", "b", "c"])
    for lens in (kf.phase_preference, kf.phase_noise_sweep):
        model = model_by("phase", templates)
        table = lens(model, batches, CLASSES)
        assert table.equals(lens(model, (images, labels), CLASSES, class_names=["a", "b", "c"]))


def test_images_of_one_class_have_nobody_to_exchange_with(case):
    images, labels, templates = case
    with pytest.raises(ValueError, match="at least two classes"):
        kf.phase_preference(model_by("phase", templates), (images, 0 * labels), CLASSES)
