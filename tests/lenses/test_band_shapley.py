"""Worth of bands: games with a known answer, all permutations, and models with planted bands."""

import itertools
import math

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_freq as kf
from keras_freq.lenses import BandShapley
from keras_freq.metrics import mean_interval

SIZE = 8


def game(worth, labels=(0,), class_names=("a",)):
    """A game whose worth of each subset of bands is `worth(bands)`, or a list of such games."""
    games = worth if isinstance(worth, list) else [worth]
    number = 3
    subsets = [[b for b in range(number) if s >> b & 1] for s in range(2**number)]
    losses = np.array([[-one(subset) for subset in subsets] for one in games], float)
    masks = np.zeros((number, 1, 3), bool)
    names, edges = ["low", "middle", "high"], np.array([0, 1, 2, np.inf])
    return BandShapley(
        losses, np.array(labels), masks, edges, names, list(class_names), np.zeros(1)
    )


def test_in_an_additive_game_each_band_has_its_own_worth_and_none_interact():
    own = np.array([3.0, -1.0, 0.5])
    found = game(lambda bands: own[bands].sum() - 2)
    np.testing.assert_allclose(found.values, [own], atol=1e-12)
    np.testing.assert_allclose(found.leave_one_out, [own], atol=1e-12)
    pairs = found.interactions[0][~np.eye(3, dtype=bool)]
    np.testing.assert_allclose(pairs, 0, atol=1e-12)
    assert np.isnan(np.diag(found.interactions[0])).all()


def test_of_two_bands_that_are_each_enough_leaving_one_out_misses_neither():
    found = game(lambda bands: float(0 in bands or 2 in bands))
    np.testing.assert_allclose(found.leave_one_out, [[0, 0, 0]], atol=1e-12)
    np.testing.assert_allclose(found.values, [[0.5, 0, 0.5]], atol=1e-12)
    assert found.interactions[0, 0, 2] == found.interactions[0, 2, 0] == pytest.approx(-1)
    np.testing.assert_allclose(found.interactions[0, 1, [0, 2]], 0, atol=1e-12)


def test_two_bands_that_need_each_other_interact_with_the_other_sign():
    found = game(lambda bands: float(0 in bands and 2 in bands))
    np.testing.assert_allclose(found.values, [[0.5, 0, 0.5]], atol=1e-12)
    np.testing.assert_allclose(found.leave_one_out, [[1, 0, 1]], atol=1e-12)
    assert found.interactions[0, 0, 2] == pytest.approx(1)


def test_classes_are_means_over_their_images_and_all_images_are_together():
    games = [lambda bands, a=a: a * len(bands) ** 2 for a in (1.0, 2.0, 6.0)]
    found = game(games, labels=(0, 0, 2), class_names=("a", "b", "c"))
    assert found.images.tolist() == [2, 0, 1]
    np.testing.assert_allclose(found.values, [[4.5] * 3, [np.nan] * 3, [18] * 3])
    np.testing.assert_allclose(found.stderr[0], [1.5] * 3)  # of 3 and 6
    assert np.isnan(found.stderr[1:]).all()
    np.testing.assert_allclose(found.total, [13.5, np.nan, 54])
    together = found.together
    assert together.class_names == ["all"] and together.images.tolist() == [3]
    np.testing.assert_allclose(together.values, [[9] * 3])
    np.testing.assert_allclose(together.interactions[0, 0, 1], 6)  # 2 a, a = 3 on average
    frame = found.to_frame().set_index(["class_name", "band"])
    assert len(frame) == 4 * 3
    assert frame.loc[("all", "high"), ["images", "value", "low", "high"]].tolist() == [
        3,
        9,
        2,
        np.inf,
    ]
    low, high = mean_interval(found.image_values)
    assert frame.loc[("all", "low"), ["value_low", "value_high"]].tolist() == [low[0], high[0]]
    assert frame.loc["b"]["value"].isna().all()
    assert "4.500 ± 1.500" in found._repr_html_() and ">all<" in found._repr_html_()


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(0)
    return rng.uniform(size=(12, SIZE, SIZE, 2)).astype(np.float32), np.arange(12) % 3


@pytest.fixture(scope="module")
def model():
    rng = np.random.default_rng(1)
    inputs = keras.Input((SIZE, SIZE, 2))
    hidden = keras.layers.Dense(5, "tanh")(keras.layers.Flatten()(inputs))
    network = keras.Model(inputs, keras.layers.Dense(3, "softmax")(hidden))
    network.set_weights([rng.normal(size=weight.shape) for weight in network.get_weights()])
    return network


def losses_in_float64(model, images, labels, kept, neutral):
    """The cross-entropy of images of which only the cells `kept` are left."""
    spectra = np.fft.fftshift(np.fft.fft2(images - neutral, axes=(1, 2)), axes=(1, 2))
    spectra = np.fft.ifftshift(spectra * kept[..., None], axes=(1, 2))
    filtered = np.fft.ifft2(spectra, axes=(1, 2)).real + neutral
    first, bias, second, last = (weight.astype(float) for weight in model.get_weights())
    logits = np.tanh(filtered.reshape(len(images), -1) @ first + bias) @ second + last
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return -np.log(exponents[range(len(labels)), labels] / exponents.sum(axis=1))


def test_values_are_the_mean_gains_over_all_orders_of_the_bands(model, data):
    images, labels = data
    neutral = images.mean(axis=(0, 1, 2), dtype=float)
    found = kf.band_shapley(model, data, 3, bands=4, class_names=["a", "b", "c"])
    np.testing.assert_array_equal(found.edges, kf.band_edges(SIZE, 4))
    radii, edges = kf.radius_map(SIZE), kf.band_edges(SIZE, 4)
    bands = [(radii >= a) & (radii < b) for a, b in itertools.pairwise(edges)]
    worth = {}
    for size in range(5):
        for some in itertools.combinations(range(4), size):
            kept = sum([bands[b] for b in some], np.zeros_like(bands[0]))
            worth[some] = -losses_in_float64(model, images.astype(float), labels, kept, neutral)
    gains = np.zeros((12, 4))
    for order in itertools.permutations(range(4)):
        for place, band in enumerate(order):
            before, after = sorted(order[:place]), sorted(order[: place + 1])
            gains[:, band] += worth[tuple(after)] - worth[tuple(before)]
    gains /= math.factorial(4)
    np.testing.assert_allclose(found.image_values, gains, atol=2e-5)
    means = np.array([gains[labels == k].mean(axis=0) for k in range(3)])
    errors = [gains[labels == k].std(axis=0, ddof=1) / 2 for k in range(3)]
    np.testing.assert_allclose(found.values, means, atol=2e-5)
    np.testing.assert_allclose(found.stderr, errors, atol=2e-5)
    np.testing.assert_allclose(found.values.sum(axis=1), found.total, rtol=1e-12)
    whole = worth[0, 1, 2, 3] - worth[()]
    np.testing.assert_allclose(
        found.total, [whole[labels == k].mean() for k in range(3)], atol=2e-5
    )
    # The interaction of two bands: a sum over what else is there.
    for a, b in itertools.combinations(range(4), 2):
        others = [c for c in range(4) if c not in (a, b)]
        expected = 0
        for size in range(3):
            weight = math.factorial(size) * math.factorial(2 - size) / math.factorial(3)
            for some in itertools.combinations(others, size):
                joined = [tuple(sorted({*some, *more})) for more in ([a, b], [a], [b], [])]
                both, one, other, none = (worth[key] for key in joined)
                expected = expected + weight * (both - one - other + none)
        np.testing.assert_allclose(found.together.interactions[0, a, b], expected.mean(), atol=2e-5)
    without = worth[0, 1, 2, 3] - worth[0, 1, 3]
    np.testing.assert_allclose(found.together.leave_one_out[0, 2], without.mean(), atol=2e-5)
    assert found.evaluations == 12 * 16


@keras.saving.register_keras_serializable("test")
class Either(keras.layers.Layer):
    """Class 1 if an image holds one of two waves, or both."""

    def __init__(self, waves, **options):
        super().__init__(**options)
        self.waves = tf.constant(waves, tf.float32)

    def call(self, images):
        amounts = keras.ops.tensordot(images[..., 0], self.waves, axes=[[1, 2], [1, 2]])
        seen = keras.ops.any(amounts > 1, axis=1)
        margin = keras.ops.where(seen, 2.0, -2.0)
        return keras.ops.stack([keras.ops.zeros_like(margin), margin], axis=1)


def test_a_model_that_either_of_two_waves_is_enough_for():
    rows, columns = np.indices((SIZE, SIZE))
    waves = np.cos(2 * np.pi * np.array([rows, 3 * columns]) / SIZE)  # of radius 1 and 3
    inputs = keras.Input((SIZE, SIZE, 1))
    model = keras.Model(inputs, Either(waves)(inputs))
    images = np.repeat((0.5 + 0.2 * waves.sum(axis=0))[None, ..., None], 3, axis=0)
    found = kf.band_shapley(model, (images, [1, 1, 1]), 2, bands=[1, 2, 3])
    worth = np.log1p(np.exp(2)) - np.log1p(np.exp(-2))
    assert found.band_names == ["0 to 1", "1 to 2", "2 to 3", "from 3"]
    np.testing.assert_allclose(found.leave_one_out[1], 0, atol=1e-6)
    np.testing.assert_allclose(found.values[1], [0, worth / 2, 0, worth / 2], atol=1e-6)
    assert found.interactions[1, 1, 3] == pytest.approx(-worth)
    assert np.isnan(found.values[0]).all()
    # The same two waves as masks that somebody has thought of.
    first, second = kf.band_pass_mask(SIZE, 1, 2), kf.high_pass_mask(SIZE, 3)
    named = {"long": first, "short": second, "rest": ~(first | second)}
    again = kf.band_shapley(model, (images, [1, 1, 1]), 2, bands=named)
    assert again.band_names == ["long", "short", "rest"] and np.isnan(again.edges).all()
    np.testing.assert_allclose(again.values[1], [worth / 2, worth / 2, 0], atol=1e-6)
    assert again.interactions[1, 0, 1] == pytest.approx(-worth)


def test_what_was_saved_is_read_back(model, data, tmp_path):
    found = kf.band_shapley(model, data, 3, bands=2, neutral=[0.25, 0.5])
    found.save(tmp_path / "shapley.npz")
    again = BandShapley.load(tmp_path / "shapley.npz")
    for name in ("losses", "labels", "masks", "edges", "neutral", "values", "interactions"):
        np.testing.assert_array_equal(getattr(again, name), getattr(found, name))
    assert (again.band_names, again.class_names) == (found.band_names, found.class_names)
    assert found.neutral.tolist() == [0.25, 0.5]


def test_batches_and_a_checkpoint_change_nothing(model, data, tmp_path):
    options = {"bands": 3, "checkpoint": tmp_path / "log", "batch_size": 16}
    found = kf.band_shapley(model, data, 3, **options)
    again = kf.band_shapley(model, data, 3, **options)
    np.testing.assert_array_equal(found.losses, again.losses)
    batches = tf.data.Dataset.from_tensor_slices(data).batch(5)
    other = kf.band_shapley(model, batches, 3, bands=3)
    np.testing.assert_allclose(other.losses, found.losses, rtol=1e-5)


@pytest.mark.parametrize(
    ("bands", "message"),
    [
        (1, "from 2 to 10"),
        (11, "from 2 to 10"),
        (8, "none with 0.5 <= r < 1"),
        ([2, 2], "increasing numbers > 0"),
        ([1, 7], "none with 7 <= r < inf"),
        ({"all": kf.low_pass_mask(SIZE, 9)}, "from 2 to 10"),
        (
            {"low": kf.low_pass_mask(SIZE, 2), "high": kf.high_pass_mask(SIZE, 3)},
            "exactly one mask",
        ),
        ({"low": kf.low_pass_mask(4, 2), "high": kf.high_pass_mask(4, 2)}, "size of the images"),
    ],
)
def test_bands_that_do_not_share_out_the_frequencies_are_refused(model, data, bands, message):
    with pytest.raises(ValueError, match=rf"`bands`.*{message}"):
        kf.band_shapley(model, data, 3, bands=bands)
