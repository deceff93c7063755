"""The Fourier heat map: a linear softmax model written out, wave by wave and sign by sign."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from scipy import special

import keras_freq as kf
from keras_freq.interventions import AddedWaves
from keras_freq.lenses.sampled_pairs import interpolated, ring_numbers, sample_pairs

SIZE, CLASSES = 8, 3
PAIRS = kf.conjugate_pairs(SIZE)
QUIET = {"progress": False}


def linear(weights, bias, softmax=False):
    layers = [keras.layers.Flatten(name="flat"), keras.layers.Dense(len(bias), name="scores")]
    layers += [keras.layers.Softmax()] if softmax else []
    model = keras.Sequential([keras.Input((SIZE, SIZE, 2)), *layers])
    model.set_weights([weights, bias])
    return model


@pytest.fixture(scope="module")
def weights():
    rng = np.random.default_rng(1)
    return rng.normal(size=(SIZE * SIZE * 2, CLASSES)), rng.normal(size=CLASSES)


@pytest.fixture(scope="module")
def data(weights):
    rng = np.random.default_rng(0)
    images = rng.uniform(size=(30, SIZE, SIZE, 2)).astype(np.float32)
    labels = (images.reshape(30, -1) @ weights[0] + weights[1]).argmax(axis=1)
    labels[:4] = (labels[:4] + 1) % CLASSES
    return images, labels


def unit_wave(pair):
    spectrum = np.zeros(SIZE * SIZE)
    spectrum[pair] = 1.0
    wave = np.fft.ifft2(np.fft.ifftshift(spectrum.reshape(SIZE, SIZE))).real
    return wave / np.linalg.norm(wave)


def signs(number, seed):
    """The sign of each image, pair and channel, read off grey images."""
    waves = AddedWaves(PAIRS, (SIZE, SIZE), np.full(len(PAIRS), 0.1), seed=seed)
    grey = np.full((1, SIZE, SIZE, 2), 0.5, np.float32)
    image, wave = np.indices((number, len(PAIRS))).reshape(2, -1)
    changed = np.asarray(
        waves.apply(waves.prepare(grey), 0 * image, wave, image, full=False), np.float64
    )
    units = np.stack([unit_wave(pair) for pair in PAIRS])[wave]
    return np.sign(np.einsum("nhw,nhwc->nc", units, changed - 0.5)).reshape(number, len(PAIRS), 2)


def brute_force(data, weights, strength, seed):
    """Scores `(N, P + 1, K)` in float64, each image and wave by itself; the last is no wave."""
    drawn = signs(len(data[0]), seed)
    scores = np.empty((len(data[0]), len(PAIRS) + 1, CLASSES))
    for n, image in enumerate(data[0].astype(np.float64)):
        for p, pair in enumerate(PAIRS):
            wave = strength * unit_wave(pair)[..., None] * drawn[n, p]
            scores[n, p] = np.clip(image + wave, 0, 1).reshape(-1) @ weights[0] + weights[1]
        scores[n, -1] = image.reshape(-1) @ weights[0] + weights[1]
    return scores


def as_map(values):
    """The value of each pair in both of its cells."""
    maps = np.full(SIZE * SIZE, np.nan)
    for pair, value in zip(PAIRS, values, strict=True):
        maps[pair] = value
    return maps.reshape(SIZE, SIZE)


def test_errors_are_those_of_each_wave_added_by_itself(data, weights):
    found = kf.fourier_heat_map(linear(*weights), data, CLASSES, strength=1.5, seed=3, **QUIET)
    wrong = brute_force(data, weights, 1.5, 3).argmax(axis=-1) != data[1][:, None]
    np.testing.assert_allclose(found.error, as_map(wrong.mean(axis=0)[:-1]), atol=1e-12)
    stderr = wrong.std(axis=0, ddof=1)[:-1] / np.sqrt(30)
    np.testing.assert_allclose(found.stderr, as_map(stderr), atol=1e-12)
    for label in range(CLASSES):
        own = wrong[data[1] == label].mean(axis=0)
        np.testing.assert_allclose(found.class_error[label], as_map(own[:-1]), atol=1e-12)
        assert found.class_base_error[label] == pytest.approx(own[-1])
    assert found.base_error == wrong[:, -1].mean() == pytest.approx(4 / 30)
    assert found.evaluations == 30 * (len(PAIRS) + 1)
    assert found.measured.all() and found.interpolation_error == 0
    assert found.error.std() > 0.02  # not all alike
    low, high = found.interval()
    expected = kf.metrics.wilson_interval(np.rint(found.error * 30), 30)
    np.testing.assert_array_equal([low, high], expected)


def test_loss_takes_a_softmax_off_and_is_exact(data, weights):
    model = linear(*weights, softmax=True)
    found = kf.fourier_heat_map(model, data, CLASSES, strength=1.5, measure="loss", **QUIET)
    scores = brute_force(data, weights, 1.5, 0)
    losses = special.logsumexp(scores, axis=-1)
    losses -= np.take_along_axis(scores, data[1][:, None, None], axis=-1)[..., 0]
    np.testing.assert_allclose(found.error, as_map(losses.mean(axis=0)[:-1]), rtol=1e-5)
    assert found.base_error == pytest.approx(losses[:, -1].mean(), rel=1e-5)
    assert found.measure == "loss"


def test_distances_of_a_layer(data, weights):
    found = kf.fourier_heat_map(linear(*weights), data, CLASSES, layer="scores", **QUIET)
    scores = brute_force(data, weights, found.strength, 0)
    moved = np.linalg.norm(scores - scores[:, -1:], axis=-1)
    np.testing.assert_allclose(found.error, as_map(moved.mean(axis=0)[:-1]), rtol=1e-4)
    assert (found.measure, found.layer, found.base_error) == ("distance", "scores", 0.0)


def test_half_of_the_signs_harm_a_sure_model():
    """One grey channel and margins m: a wave moves them by +-d, so that all with m < d err half."""
    rng = np.random.default_rng(0)
    kernel = 3 * unit_wave(PAIRS[5]) + 0.5 * unit_wave(PAIRS[12])
    labels = np.arange(1000) % 2
    margins = rng.uniform(0, 1, 1000)
    images = 0.5 + np.where(labels, 1, -1)[:, None, None] * margins[
        :, None, None
    ] * kernel / np.sum(kernel**2)
    model = keras.Sequential(
        [keras.Input((SIZE, SIZE, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
    )
    model.set_weights([np.stack([-kernel, kernel], -1).reshape(-1, 2) / 2, np.zeros(2)])
    found = kf.fourier_heat_map(model, (images[..., None], labels), 2, strength=0.2, **QUIET)
    expected = np.array(
        [0.5 * np.mean(margins < 0.2 * abs(np.sum(kernel * unit_wave(p)))) for p in PAIRS]
    )
    assert expected[5] > 0.25 and expected[0] == 0
    error = np.sqrt(expected * (1 - expected) / 1000)
    assert (np.abs(found.error - as_map(expected)) <= 4 * as_map(error) + 1e-9).all()


def test_the_same_whatever_the_batches_and_saved_bit_for_bit(data, weights, tmp_path):
    model = linear(*weights)
    whole = kf.fourier_heat_map(model, data, CLASSES, strength=1.5, **QUIET)
    batches = tf.data.Dataset.from_tensor_slices(data).batch(7)
    parts = kf.fourier_heat_map(model, batches, CLASSES, strength=1.5, batch_size=5, **QUIET)
    np.testing.assert_array_equal(whole.error, parts.error)
    whole.save(tmp_path / "map.npz")
    again = kf.FourierHeatMap.load(tmp_path / "map.npz")
    for name, value in vars(whole).items():
        np.testing.assert_array_equal(getattr(again, name), value)
    assert again.class_names == ["0", "1", "2"] and isinstance(again.strength, float)
    assert "FourierHeatMap(error, 8x8, 30 images" in repr(again)


def test_the_profile_averages_rings_and_its_interval_covers_the_images(data, weights):
    found = kf.fourier_heat_map(linear(*weights), data, CLASSES, strength=1.5, **QUIET)
    profile = found.profile()
    rings = np.rint(kf.radius_map(SIZE))
    for row in profile.itertuples():
        assert row.error == pytest.approx(found.error[rings == row.radius].mean())
        assert row.low <= row.error <= row.high
    assert profile["radius"].tolist() == [0, 1, 2, 3, 4, 5, 6]


def test_a_sample_is_the_same_waves_and_tells_the_rest(data, weights):
    model = linear(*weights)
    whole = kf.fourier_heat_map(model, data, CLASSES, strength=1.5, **QUIET)
    part = kf.fourier_heat_map(
        model, data, CLASSES, strength=1.5, frequencies=20, by="all", **QUIET
    )
    assert part.evaluations == 30 * 21 and part.class_error.shape == (0, SIZE, SIZE)
    known = part.measured
    assert known.sum() in (36, 37, 38, 39)
    np.testing.assert_array_equal(part.error[known], whole.error[known])
    np.testing.assert_array_equal(part.stderr[known], whole.stderr[known])
    missed = np.abs(part.error - whole.error)[~known]
    assert 0 < np.sqrt(np.mean(missed**2)) < 2 * part.interpolation_error
    assert (part.stderr[~known] > 0).all()
    assert np.array_equal(part.error, kf.fourier.conjugate(part.error))


@pytest.mark.parametrize(("size", "number"), [((16, 16), 60), ((16, 16), 5), ((9, 12), 30)])
def test_a_sample_takes_as_many_from_each_ring(size, number):
    pairs = kf.conjugate_pairs(size)
    chosen = sample_pairs(pairs, size, number, seed=0)
    assert len(chosen) == len(set(chosen)) == number
    rings = ring_numbers(size).reshape(-1)[pairs[:, 0]]
    if number > rings.max():
        taken, there = (
            np.bincount(own, minlength=rings.max() + 1) for own in (rings[chosen], rings)
        )
        assert taken.min() >= 1
        short = taken < there
        assert (
            taken[short].max() - taken[short].min() <= 1
            and (taken[~short] <= taken[short].max()).all()
        )
    assert sample_pairs(pairs, size, len(pairs), seed=0).tolist() == list(range(len(pairs)))


def test_the_told_error_of_an_interpolation_is_that_of_a_rough_map():
    size = (32, 32)
    pairs = kf.conjugate_pairs(size)
    rng = np.random.default_rng(0)
    for noise in (0.01, 0.2):
        smooth = np.exp(-kf.radius_map(size).reshape(-1)[pairs[:, 0]] / 8)
        truth = smooth + rng.normal(0, noise, len(pairs))
        chosen = sample_pairs(pairs, size, 120, seed=1)
        found, errors = interpolated(truth[chosen, None], chosen, pairs, size, seed=0)
        rest = np.setdiff1d(np.arange(len(pairs)), chosen)
        missed = np.sqrt(np.mean((found[rest, 0] - truth[rest]) ** 2))
        assert np.sqrt(np.mean(errors[rest] ** 2)) == pytest.approx(missed, rel=0.25)
        np.testing.assert_array_equal(found[chosen, 0], truth[chosen])


def test_a_plane_is_interpolated_without_error():
    size = (12, 12)
    pairs = kf.conjugate_pairs(size)
    radii = kf.radius_map(size).reshape(-1)[pairs[:, 0]]
    chosen = np.union1d(sample_pairs(pairs, size, 30, seed=0), np.flatnonzero(radii > 7.5))
    found, errors = interpolated(np.ones((len(chosen), 2)), chosen, pairs, size, seed=0)
    np.testing.assert_allclose(found, 1, atol=1e-12)
    np.testing.assert_allclose(errors, 0, atol=1e-12)


def test_strengths_are_those_of_the_source():
    images = np.full((1, 224, 224, 1), 0.5, np.float32)
    layers = [keras.Input((None, None, 1)), keras.layers.GlobalAveragePooling2D()]
    model = keras.Sequential([*layers, keras.layers.Dense(2)])
    for side, strength in ((32, 4.0), (224, 15.7)):
        part = images[:, :side, :side]
        found = kf.fourier_heat_map(model, (part, [0]), 2, frequencies=3, **QUIET)
        assert found.strength == pytest.approx(strength)
        assert found.measured.sum() <= 6 and np.isnan(found.stderr[found.measured]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"strength": 0}, "strength"),
        ({"frequencies": 0}, '`frequencies` .* Or give "all"'),
        ({"frequencies": "most"}, "frequencies"),
        ({"measure": "accuracy"}, "measure"),
        ({"layer": "flatt"}, "Did you mean 'flat'"),
        ({"layer": "flat", "measure": "loss"}, "`layer` measures distances"),
        ({"phase": "any"}, "phase"),
        ({"by": "image"}, "by"),
        ({"seed": -1}, "seed"),
        ({"num_classes": 1}, "num_classes"),
        ({"class_names": ["one"]}, "class_names"),
    ],
)
def test_wrong_arguments_are_named(data, weights, options, message):
    options = {"num_classes": CLASSES, **options}
    with pytest.raises(ValueError, match=message):
        kf.fourier_heat_map(linear(*weights), data, **options)


@pytest.mark.filterwarnings("ignore:.dataset. has values down to")
def test_images_that_would_be_clipped_without_a_wave_are_refused(data, weights):
    with pytest.raises(ValueError, match=r"images in \[0, 1\]"):
        kf.fourier_heat_map(linear(*weights), (2 * data[0] - 1, data[1]), CLASSES, **QUIET)


def test_the_table_has_each_pair_once_for_each_class_and_all(data, weights):
    heat = kf.fourier_heat_map(linear(*weights), data, CLASSES, strength=2.0, **QUIET)
    table = heat.to_frame(confidence=0.9)
    assert len(table) == len(PAIRS) * (CLASSES + 1)
    maps = dict(zip([*range(CLASSES), -1], [*heat.class_error, heat.error], strict=True))
    low, high = heat.interval(0.9)
    for class_id, own in table.groupby("class_id"):
        places = SIZE // 2 + own[["vertical", "horizontal"]].to_numpy().T
        np.testing.assert_array_equal(own["error"], maps[class_id][tuple(places)])
        if class_id == -1:
            np.testing.assert_array_equal(own[["low", "high"]].T, [low[*places], high[*places]])
    of_all = table[table["class_id"] == -1]
    np.testing.assert_allclose(of_all["radius"], np.hypot(of_all.vertical, of_all.horizontal))
    assert (of_all["without"] == heat.base_error).all() and of_all["measured"].all()
    # A pair has its conjugate nowhere else in the table.
    cells = set(zip(of_all.vertical % SIZE, of_all.horizontal % SIZE, strict=True))
    twins = {(-u % SIZE, -v % SIZE) for u, v in cells}
    assert len(cells | twins) == SIZE**2 and len(cells & twins) == 4
