"""`keras-freq dominance`: it finds the frequency that a model reads, and refuses bad input."""

import keras
import numpy as np
import pytest
from PIL import Image

import keras_freq as kf
from keras_freq.lab.cli import main


@pytest.fixture
def waves(tmp_path):
    """A model that reads one cosine, 3 cycles down and 2 across, and images of two classes."""
    rows, columns = np.mgrid[:16, :16] / 16
    wave = np.zeros((16, 16, 3), "float32")
    wave[..., 0] = np.cos(2 * np.pi * (3 * rows + 2 * columns))
    save_model(tmp_path / "wave.keras", wave)
    rng = np.random.default_rng(0)
    for name, sign in (("plus", 1), ("minus", -1)):
        (tmp_path / "waves" / name).mkdir(parents=True)
        for i in range(12):
            image = 128 + 40 * sign * wave + rng.normal(0, 20, wave.shape)
            image = Image.fromarray(np.clip(image, 0, 255).astype("uint8"))
            image.save(tmp_path / "waves" / name / f"{i}.png")
    return wave


def save_model(path, wave):
    """Saves the linear model that calls an image "plus" by its share of a wave."""
    inputs = keras.Input(wave.shape)
    outputs = keras.layers.Dense(2)(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, outputs)
    kernel = np.stack([-wave.reshape(-1), wave.reshape(-1)], axis=1)
    model.set_weights([kernel / 8, np.zeros(2)])
    model.save(path)


@pytest.fixture
def search(tmp_path, capsys):
    """Calls the command, and gives its exit status and what it printed."""

    def call(*options, model="wave.keras", data="waves", out="out"):
        paths = [str(tmp_path / path) for path in (model, data)]
        arguments = [*paths, "--out", str(tmp_path / out), *options]
        return main(["dominance", *arguments]), capsys.readouterr()

    return call


def test_the_frequency_that_the_model_reads_is_found(waves, search, tmp_path):
    status, printed = search("--fractions", "0.01")
    assert status == 0
    assert "verdict" in printed.out and "minus" in printed.out
    assert "100.0 % of the 12 test images are classified correctly" in printed.err
    assert "scores are those of: minus, plus" in printed.err
    importance = kf.FrequencyImportance.load(tmp_path / "out" / "importance.npz")
    assert importance.class_names == ["minus", "plus"]
    for change in importance.loss_change:
        assert set(map(tuple, np.argwhere(change == change.max()))) == {(11, 10), (5, 6)}
    for name in ("rates_1_percent", "without_maps_1_percent"):
        assert (tmp_path / "out" / "figures" / f"{name}.png").exists()
    # The folder goes on with this search, and takes no other.
    assert search("--fractions", "0.01")[0] == 0
    status, printed = search("--fractions", "0.05")
    assert status == 2
    difference = "there: fractions = [0.01] | now: fractions = [0.05]"
    assert f"holds another search ({difference})" in printed.err
    save_model(tmp_path / "wave.keras", -waves)
    status, printed = search("--fractions", "0.01")
    assert (status, "sha256 of the model" in printed.err) == (2, True)


@pytest.mark.parametrize(
    ("options", "paths", "message"),
    [
        ([], {"data": "."}, "waves"),  # a folder beside class folders
        ([], {"model": "model.txt"}, "model.txt"),
        ([], {"model": "no.keras"}, "there is no model file"),
        ([], {"data": "wavse"}, "there is no folder"),
        (["--fractions", "7"], {}, "--fractions must be in (0, 1]"),
    ],
)
def test_what_cannot_be_used_is_refused(options, paths, message, waves, search, tmp_path):
    (tmp_path / "model.txt").write_text("not a model")
    status, printed = search(*options, **paths)
    assert status == 2
    assert printed.err.startswith("keras-freq: ")
    assert message in printed.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("shape", "outputs", "message"),
    [
        ((16, 16, 3), 3, "knows 3 classes, and"),
        ((None, None, 3), 2, "takes images of any size"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(shape, outputs, message, waves, search, tmp_path):
    pool = keras.layers.GlobalAveragePooling2D()
    layers = [keras.Input(shape), pool, keras.layers.Dense(outputs)]
    keras.Sequential(layers).save(tmp_path / "other.keras")
    status, printed = search(model="other.keras")
    assert (status, message in printed.err) == (2, True)


def test_broken_images_stop_the_search_and_can_be_skipped(waves, search, tmp_path):
    (tmp_path / "waves" / "plus" / "broken.png").write_bytes(b"")
    status, printed = search()
    assert (status, "1 of 25 image files cannot be decoded" in printed.err) == (2, True)
    assert not (tmp_path / "out").exists()
    with pytest.warns(UserWarning, match="broken.png"):
        status, _ = search("--on-error", "skip", "--from-logits", "--fractions", "0.01")
    assert status == 0
