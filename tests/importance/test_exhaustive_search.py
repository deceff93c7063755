"""Importance against written-out maths: FFT, zero the pair, inverse FFT, the model in float64."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from importance_cases import CLASSES, small_model, some_images
from keras import layers

import keras_freq as kf
from keras_freq.classifier import batch_size_for
from keras_freq.interventions import RemovedPairs, cosine_power, index_blocks

SIZES = [(8, 8, 3), (7, 7, 1), (6, 9, 3), (5, 4, 1), (1, 6, 2)]


def written_out(model, images, labels, neutral):
    """Loss changes `(N, H, W)` in float64, one frequency after the other."""
    first, first_bias, second, second_bias = (w.astype(np.float64) for w in model.get_weights())

    def loss(x):
        hidden = np.tanh(x.reshape(len(x), -1) @ first + first_bias)
        scores = hidden @ second + second_bias
        own = scores[np.arange(len(x)), labels]
        others = np.exp(scores - own[:, None])
        others[np.arange(len(x)), labels] = 0
        return np.log1p(others.sum(axis=1))

    n, height, width, _ = images.shape
    images = images.astype(np.float64)
    changes = np.empty((n, height, width))
    for row in range(height):
        for column in range(width):
            spectrum = np.fft.fft2(images - neutral, axes=(1, 2))
            u, v = row - height // 2, column - width // 2
            spectrum[:, u % height, v % width] = 0
            spectrum[:, -u % height, -v % width] = 0
            removed = np.fft.ifft2(spectrum, axes=(1, 2))
            assert abs(removed.imag).max() < 1e-12
            changes[:, row, column] = loss(removed.real + neutral) - loss(images)
    return changes


@pytest.mark.parametrize("shape", SIZES)
def test_exhaustive_equals_the_written_out_maths(shape):
    images, labels = some_images(shape)
    model = small_model(shape)
    importance = kf.frequency_importance(
        model, (images, labels), CLASSES, method="exhaustive", progress=False
    )
    neutral = images.astype(np.float64).mean(axis=(0, 1, 2))
    np.testing.assert_allclose(importance.neutral, neutral, rtol=1e-12)
    changes = written_out(model, images, labels, neutral)
    for label in range(CLASSES):
        own = changes[labels == label]
        np.testing.assert_allclose(
            importance.loss_change[label], own.mean(axis=0), rtol=1e-4, atol=1e-6
        )
        stderr = own.std(axis=0, ddof=1) / np.sqrt(len(own))
        np.testing.assert_allclose(importance.stderr[label], stderr, rtol=1e-4, atol=1e-6)
    assert (importance.search_stderr == 0).all()
    pairs = len(kf.conjugate_pairs(shape[:2]))
    assert importance.evaluations == importance.exhaustive_evaluations == 11 * (pairs + 1)
    np.testing.assert_array_equal(importance.images, np.bincount(labels))


def test_dc_is_replaced_by_neutral():
    images, labels = some_images((4, 6, 3))
    model = small_model((4, 6, 3))
    neutral = np.array([0.1, 0.5, 0.9])
    importance = kf.frequency_importance(
        model, (images, labels), CLASSES, method="exhaustive", neutral=neutral, progress=False
    )
    changes = written_out(model, images, labels, neutral)
    expected = [changes[labels == label, 2, 3].mean() for label in range(CLASSES)]
    np.testing.assert_allclose(importance.loss_change[:, 2, 3], expected, rtol=1e-4)


def test_base_loss_and_an_absent_class():
    images, labels = some_images((6, 6, 1))
    labels = labels % 2
    model = small_model((6, 6, 1))
    importance = kf.frequency_importance(
        model,
        (images, labels),
        CLASSES,
        method="exhaustive",
        class_names=["a", "b", "c"],
        progress=False,
    )
    losses = -np.log(np.asarray(model(images), np.float64)[np.arange(len(labels)), labels])
    for label in (0, 1):
        expected = losses[labels == label].mean()
        assert importance.base_loss[label] == pytest.approx(expected, rel=1e-5)
    assert importance.images.tolist() == [7, 4, 0]
    assert np.isnan(importance.base_loss[2])
    for maps in (importance.loss_change, importance.stderr, importance.search_stderr):
        assert np.isnan(maps[2]).all()
        assert np.isfinite(maps[:2]).all()
    assert importance.class_names == ["a", "b", "c"]


def test_well_learned_images_do_not_tie():
    """A margin of 30 nats leaves losses of 1e-13, and their changes still have a rank."""
    images, labels = some_images((6, 6, 1), n=3)
    model = small_model((6, 6, 1))
    *others, bias = model.get_weights()
    model.set_weights([*others, np.add(bias, [60.0, 30.0, 0.0])])
    importance = kf.frequency_importance(
        model, (images[:1], labels[:1]), CLASSES, method="exhaustive", progress=False
    )
    changes = written_out(model, images[:1], labels[:1], importance.neutral)
    found = importance.loss_change[0]
    assert 0 < abs(found).max() < 1e-10
    assert len(np.unique(found)) == len(kf.conjugate_pairs(6))
    np.testing.assert_allclose(found, changes[0], rtol=1e-3, atol=1e-3 * abs(changes).max())


def test_a_planted_frequency_is_recovered():
    """Class 0 is recognised by one cosine: its removal costs most, and that of no other pair."""
    rng = np.random.default_rng(3)
    rows, columns = np.mgrid[:12, :12]
    wave = np.cos(2 * np.pi * (3 * rows + 2 * columns) / 12)[..., None]
    images = (0.5 + 0.02 * rng.normal(size=(20, 12, 12, 1)) + 0.2 * wave).astype("float32")
    model = keras.Sequential([keras.Input((12, 12, 1)), layers.Flatten(), layers.Dense(2)])
    template = wave.reshape(-1, 1) * [1.0, -1.0]
    model.set_weights([template.astype("float32"), np.zeros(2, "float32")])
    importance = kf.frequency_importance(
        model, (images, np.zeros(20, int)), 2, method="exhaustive", progress=False
    )
    order = np.argsort(importance.loss_change[0].reshape(-1))[::-1]
    assert {tuple(divmod(int(cell), 12)) for cell in order[:2]} == {(9, 8), (3, 4)}
    others = importance.loss_change[0].reshape(-1)[order[2:]]
    assert abs(others).max() < 1e-3 * importance.loss_change[0].max()


@pytest.mark.parametrize("full", [False, True])
def test_pairs_are_removed_exactly(full):
    """Against an FFT pair in float64, at a size where phases in float32 would have drifted."""
    images = np.random.default_rng(0).uniform(size=(2, 200, 151, 2)).astype("float32")
    neutral = np.array([0.4, 0.6])
    pairs = kf.conjugate_pairs((200, 151))
    for row, column in ((199, 149), (100, 75), (0, 75), (37, 3)):
        removed = RemovedPairs(
            pairs[(pairs == row * 151 + column).any(axis=1)], (200, 151), neutral
        )
        prepared = removed.prepare(images)
        found = removed.apply(prepared, np.array([0, 1]), np.array([0, 0]), full=full)
        spectrum = np.fft.fft2(images.astype(np.float64) - neutral, axes=(1, 2))
        u, v = row - 100, column - 75
        spectrum[:, u, v] = spectrum[:, -u, -v] = 0
        expected = np.fft.ifft2(spectrum, axes=(1, 2)).real + neutral
        np.testing.assert_allclose(found, expected, atol=2e-7)


def test_frequencies_that_images_do_not_have_change_nothing():
    """Rounding noise gets no rank: such frequencies tie at exactly 0."""
    images, labels = some_images((8, 8, 2))
    kept = kf.band_stop_mask(8, 2, 3)
    images = np.asarray(kf.filter_images(images, kept))
    power = cosine_power(images, images.mean(axis=(0, 1, 2)), kf.conjugate_pairs(8))
    cells = kf.conjugate_pairs(8)[:, 0]
    assert ((power == 0) == ~kept.reshape(-1)[cells]).all()
    importance = kf.frequency_importance(
        small_model((8, 8, 2)), (images, labels), CLASSES, method="exhaustive", progress=False
    )
    assert (importance.loss_change[:, ~kept] == 0).all()
    assert (importance.loss_change[:, kept] != 0).all()


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1000])
def test_the_batch_size_changes_nothing(batch_size):
    images, labels = some_images((6, 5, 2))
    model = small_model((6, 5, 2))
    expected = kf.frequency_importance(
        model, (images, labels), CLASSES, method="exhaustive", progress=False
    )
    found = kf.frequency_importance(
        model,
        (images, labels),
        CLASSES,
        method="exhaustive",
        batch_size=batch_size,
        progress=False,
    )
    np.testing.assert_allclose(found.loss_change, expected.loss_change, rtol=1e-4, atol=1e-7)


def test_same_seed_same_bits_and_a_round_trip(tmp_path):
    images, labels = some_images((6, 5, 2))
    model = small_model((6, 5, 2))
    dataset = tf.data.Dataset.from_tensor_slices((images, labels)).batch(4)
    dataset.class_names = ["ä <b>", "b", "c"]
    for name in ("first.npz", "second.npz"):
        importance = kf.frequency_importance(
            model, dataset, CLASSES, method="exhaustive", progress=False
        )
        importance.save(tmp_path / name)
    first = (tmp_path / "first.npz").read_bytes()
    assert first == (tmp_path / "second.npz").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.npz", "second.npz"]
    loaded = kf.FrequencyImportance.load(tmp_path / "first.npz")
    loaded.save(tmp_path / "third.npz")
    assert first == (tmp_path / "third.npz").read_bytes()
    assert loaded.class_names == ["ä <b>", "b", "c"]
    assert isinstance(loaded.evaluations, int)
    assert "6x5" in repr(loaded)
    np.savez(tmp_path / "other.npz", loss_change=np.zeros(3))
    with pytest.raises(ValueError, match=r"FrequencyImportance\.save"):
        kf.FrequencyImportance.load(tmp_path / "other.npz")
    (tmp_path / "text.npz").write_text("no archive")
    with pytest.raises(ValueError, match=r"FrequencyImportance\.save"):
        kf.FrequencyImportance.load(tmp_path / "text.npz")
    (tmp_path / "cut.npz").write_bytes(first[: len(first) // 2])
    np.save(tmp_path / "array.npy", np.zeros(3))
    for name in ("cut.npz", "array.npy"):
        with pytest.raises(ValueError, match=r"FrequencyImportance\.save"):
            kf.FrequencyImportance.load(tmp_path / name)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"method": "fast"}, "`method` must be one of"),
        ({"fractions": 0}, "`fractions`"),
        ({"fractions": (0.1, 1.5)}, "`fractions`"),
        ({"neutral": [0.1, 0.2]}, "`neutral`"),
        ({"batch_size": 0}, "`batch_size`"),
        ({"class_names": ["a"]}, "`class_names`"),
        ({"num_classes": 2}, "label"),
        ({"num_classes": 4}, "num_classes=4"),
        ({"num_classes": 0}, "`num_classes`"),
        ({"num_classes": 1}, "`num_classes` must be an integer >= 2"),
        ({"seed": -1}, "`seed`"),
    ],
)
def test_wrong_arguments_are_named(change, message):
    images, labels = some_images((4, 4, 1))
    arguments = {"num_classes": CLASSES, "method": "exhaustive", **change}
    with pytest.raises(ValueError, match=message):
        kf.frequency_importance(
            small_model((4, 4, 1)), (images, labels), arguments.pop("num_classes"), **arguments
        )


@pytest.mark.parametrize("images", [1, 3, 50])
@pytest.mark.parametrize("pairs", [1, 13, 514])
@pytest.mark.parametrize("unit", [1, 100, 8192])
def test_blocks_cover_everything_once(images, pairs, unit):
    blocks = index_blocks(images, pairs, unit)
    cells = sum((i.stop - i.start) * (p.stop - p.start) for i, p in blocks)
    assert cells == images * pairs
    assert len({(i.start, p.start) for i, p in blocks}) == len(blocks)
    largest = max((i.stop - i.start) * (p.stop - p.start) for i, p in blocks)
    assert largest <= max(unit, 8)


def test_batch_sizes_follow_the_image():
    assert batch_size_for((32, 32, 3)) == batch_size_for((64, 64, 3)) == 256
    assert batch_size_for((224, 224, 3)) == 16
