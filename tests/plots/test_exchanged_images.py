"""The picture of a shortcut: a network with a known answer, and what stands under its images."""

import keras
import numpy as np
import pytest
from matplotlib.patches import Rectangle
from plot_cases import matrix_frame, small_classifier, texts_of

import keras_freq as kf
from keras_freq import plots
from keras_freq.plots import style
from keras_freq.plots.exchanged_images import PLACES
from keras_freq.shortcuts.examples import VIEWS, transplant_examples

SIZE, NAMES = 16, ["ship", "cat", "dog"]


def wave():
    return np.cos(2 * np.pi * 3 * np.arange(SIZE) / SIZE)[:, None, None] * np.ones((SIZE, SIZE, 3))


@pytest.fixture(scope="module")
def ships():
    """A network that says "ship" where it sees a wave, else "cat" or "dog" by brightness."""
    kernel = np.stack([wave().reshape(-1), *np.zeros((2, wave().size))], axis=-1) * 40
    kernel[:, 1:] = [[20, -20]]
    model = keras.Sequential([keras.Input((SIZE, SIZE, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(3))
    model.layers[-1].set_weights([kernel / wave().size, np.array([-1.0, -10, 10])])
    rng = np.random.default_rng(0)
    labels = np.arange(60) % 3
    images = 0.5 + 0.02 * rng.normal(size=(60, SIZE, SIZE, 3))
    images[labels == 0] += 0.15 * wave()
    images[labels == 1] += 0.05
    images[labels == 2] -= 0.05
    maps = np.zeros((3, SIZE, SIZE), bool)
    maps[:, [5, 11], 8] = True
    return model, (images.astype("float32"), labels), maps


def test_examples_are_the_exchange_and_what_the_model_says(ships):
    model, (images, labels), maps = ships
    found = transplant_examples(*ships, 0, number=4, class_names=NAMES)
    assert sorted(found.labels) == ["cat", "cat", "dog", "dog"]
    assert found.rates.tolist() == [0, 1, 0, 1, 0] and found.counted == 40
    own = np.fft.fft2(found.images[:, 0], axes=(1, 2))
    other = np.fft.fft2(found.donors, axes=(1, 2))
    mask = np.fft.ifftshift(maps[0])[None, ..., None]
    swapped = np.fft.ifft2(np.where(mask, other, own), axes=(1, 2)).real
    np.testing.assert_allclose(found.images[:, 1], swapped, atol=1e-5)
    alone = kf.filter_images(found.donors, maps[0], neutral=images.mean(axis=(0, 1, 2)))
    np.testing.assert_allclose(found.images[:, 3], alone, atol=1e-5)
    for view in range(len(VIEWS)):
        scores = np.array(model(found.images[:, view]), np.float64)
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(found.probabilities[:, view], shares.max(axis=1), rtol=1e-4)
        assert found.answers[:, view].tolist() == [NAMES[k] for k in scores.argmax(axis=1)]
    assert {tuple(donor.ravel()) for donor in found.donors} <= {
        tuple(image.ravel()) for image in images[labels == 0]
    }
    again = transplant_examples(*ships, 0, number=4, class_names=NAMES)
    np.testing.assert_array_equal(found.images, again.images)
    other = transplant_examples(*ships, 0, number=40, class_names=NAMES, choose="random", seed=1)
    assert len(other.labels) == 40


def test_red_frames_stand_where_the_network_says_the_class(ships):
    axes = plots.shortcut_examples(*ships, 0, num_examples=3, class_names=NAMES)
    assert len(axes) == 3
    for ax in axes:
        frames = [
            patch for patch in ax.patches if isinstance(patch, Rectangle) and not patch.get_fill()
        ]
        assert [frame.get_x() for frame in frames] == [PLACES["swapped"], PLACES["alone"]]
    texts = [text.get_text() for text in texts_of(axes[0].figure)]
    assert texts.count("100 % “ship”") == 2 and texts.count("0 % “ship”") == 3
    assert any(text.startswith("100 % of other images become “ship” with 0.78 %") for text in texts)
    assert "in all 40\nsuch rows:" in texts
    said = [text for text in texts_of(axes[0].figure) if text.get_text().startswith("ship, ")]
    assert len(said) == 6 and {text.get_color() for text in said} == {style.RED}


def test_nothing_changes_where_nothing_is(ships):
    model, data, maps = ships
    maps = np.roll(maps, 2, axis=2)
    maps |= kf.fourier.conjugate(maps)
    axes = plots.shortcut_examples(model, data, maps, 0, num_examples=2, class_names=NAMES)
    assert not [p for ax in axes for p in ax.patches if not p.get_fill()]


def test_the_matrix_has_shares_and_changes():
    ax = plots.transplant_matrix(matrix_frame())
    said = [text.get_text() for text in ax.texts]
    assert said == ["80 %\n−10", "80 %\n+70", "60 %\n+50", "60 %\n−30"]
    np.testing.assert_allclose(ax.collections[0].get_array().ravel(), [-10, 70, 50, -30])
    missing = matrix_frame().assign(swapped=[0.5, np.nan, 0.5, 0.5])
    assert plots.transplant_matrix(missing).texts[1].get_text() == "–"
    with pytest.raises(ValueError, match=r"`table` must be .*without swapped"):
        plots.transplant_matrix(matrix_frame().drop(columns="swapped"))


def test_what_cannot_be_drawn_is_refused():
    model, (images, labels), maps = small_classifier()
    draw = plots.shortcut_examples
    with pytest.raises(ValueError, match=r"`class_id` must be one of 0, 1\. Received: class_id=2"):
        draw(model, (images, labels), maps, 2)
    with pytest.raises(ValueError, match=r"`class_id` must be a class with a map and with images"):
        draw(model, (images, labels * 0), maps, 1)
    with pytest.raises(ValueError, match=r"`num_examples` must be an integer >= 1"):
        draw(model, (images, labels), maps, 0, num_examples=0)
    with pytest.raises(ValueError, match=r"`choose` must be one of"):
        draw(model, (images, labels), maps, 0, choose="best")
