"""The spectrum of the gradient: a linear softmax model written out, and a planted frequency."""

import keras
import numpy as np
import pytest
from scipy import special

import keras_freq as kf

SHAPE, CLASSES = (12, 9, 2), 3
QUIET = {"progress": False}


def linear(weights, bias, *last):
    layers = [keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(len(bias))]
    model = keras.Sequential([*layers, *last])
    model.set_weights([weights, bias])
    return model


@pytest.fixture(scope="module")
def weights():
    rng = np.random.default_rng(1)
    return rng.normal(0, 0.2, (np.prod(SHAPE), CLASSES)), rng.normal(size=CLASSES)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.uniform(size=(30, *SHAPE)).astype(np.float32), np.array([0, 1, 1] * 10)


def written_out(data, weights):
    """Normalised power `(N, H, W)` of d loss / d image, in float64."""
    images, labels = data
    probabilities = special.softmax(
        images.reshape(len(images), -1) @ weights[0] + weights[1], axis=1
    )
    gradients = (probabilities - np.eye(CLASSES)[labels]) @ weights[0].T
    spectra = np.fft.fft2(gradients.reshape(len(images), *SHAPE), axes=(1, 2), norm="ortho")
    power = np.fft.fftshift((np.abs(spectra) ** 2).sum(axis=3), axes=(1, 2))
    np.testing.assert_allclose(power.sum(axis=(1, 2)), (gradients**2).sum(axis=1))  # unitary
    power[:, SHAPE[0] // 2, SHAPE[1] // 2] = 0
    return power / power.sum(axis=(1, 2), keepdims=True)


@pytest.mark.parametrize("last", [(), (keras.layers.Softmax(),)])
def test_shares_are_those_of_the_written_out_gradient(data, weights, last):
    found = kf.gradient_spectrum(linear(*weights, *last), data, CLASSES, **QUIET)
    power, radii = written_out(data, weights), kf.radius_map(SHAPE[:2])
    edges = {"low": (0, 1.5), "middle": (1.5, 3), "high": (3, np.inf)}
    for row in found.itertuples():
        low, high = edges.get(row.part, (row.low, row.high))
        assert (row.low, row.high) == (low, high)
        cells = (radii >= low) & (radii < high) & (radii > 0)
        own = data[1] == row.class_id if row.class_id >= 0 else np.ones(30, bool)
        shares = power[own][:, cells].sum(axis=1)
        assert row.flat == pytest.approx(cells.sum() / (radii.size - 1))
        assert row.images == own.sum()
        if not own.any():
            assert np.isnan([row.share, row.share_low, row.share_high]).all()
            continue
        assert row.share == pytest.approx(shares.mean(), rel=1e-4)
        ends = kf.metrics.mean_interval(shares)
        np.testing.assert_allclose([row.share_low, row.share_high], ends, rtol=1e-3, atol=1e-6)
    rings = found[(found["part"] == "ring") & (found["class_id"] == -1)]
    assert rings["share"].sum() == pytest.approx(1) == rings["flat"].sum()
    assert rings["low"].tolist() == [k - 0.5 for k in range(1, len(rings) + 1)]


def test_a_model_of_one_wave_is_steep_there_alone():
    rows, columns = np.indices(SHAPE[:2])
    wave = np.cos(2 * np.pi * (4 * rows / SHAPE[0] + 2 * columns / SHAPE[1]))  # radius 4.47
    kernel = np.repeat(wave[..., None], 2, axis=-1).reshape(-1, 1)
    model = linear(np.concatenate([kernel, -kernel], axis=1), np.zeros(2))
    images = np.random.default_rng(0).uniform(size=(4, *SHAPE))
    found = kf.gradient_spectrum(model, (images, [0, 1, 0, 1]), 2, **QUIET)
    of_all = found[found["class_id"] == -1].set_index(["part", "low"])["share"]
    assert of_all["ring", 3.5] == pytest.approx(1, abs=1e-6)
    assert of_all["high", 3.0] == pytest.approx(1, abs=1e-6)


def test_images_without_a_gradient_are_left_out(data):
    zero = np.zeros((np.prod(SHAPE), CLASSES))
    found = kf.gradient_spectrum(linear(zero, np.zeros(CLASSES)), data, CLASSES, **QUIET)
    assert (found["images"] == 0).all() and found["share"].isna().all()


def test_looking_does_not_change_a_training(data):
    def trained(look):
        keras.utils.set_random_seed(0)
        layers = [keras.Input(SHAPE), keras.layers.Conv2D(2, 3), keras.layers.Flatten()]
        model = keras.Sequential([*layers, keras.layers.Dropout(0.5), keras.layers.Dense(CLASSES)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("adam", loss, metrics=["accuracy"])
        found = []

        def probe(step, logs):
            if look:
                found.append(kf.gradient_spectrum(model, data, CLASSES, **QUIET))

        callback = keras.callbacks.LambdaCallback(on_train_batch_end=probe)
        history = model.fit(*data, batch_size=10, callbacks=[callback], verbose=0, shuffle=False)
        return history.history, [np.asarray(weight) for weight in model.weights], found

    plain, probed = trained(look=False), trained(look=True)
    assert plain[0] == probed[0]
    for first, second in zip(plain[1], probed[1], strict=True):
        np.testing.assert_array_equal(first, second)
    first, *_, last = probed[2]
    assert len(probed[2]) == 3 and (first["share"] - last["share"]).abs().max() > 1e-4


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seed": -1}, "seed"),
        ({"num_classes": 1}, "num_classes"),
        ({"class_names": ["one"]}, "class_names"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_wrong_arguments_are_named(data, weights, options, message):
    with pytest.raises(ValueError, match=message):
        kf.gradient_spectrum(linear(*weights), data, **{"num_classes": CLASSES, **options})
