"""The command line as a user meets it: exit status, one message, no traceback, nothing left."""

import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

import keras_freq as kf
from keras_freq.lab.cli import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def photographs(tmp_path):
    """Three images of each of two classes, one of them named to break HTML."""
    rng = np.random.default_rng(0)
    for name in ("cats", "<b>dogs & co</b>"):
        for part, count in (("train", 6), ("test", 3)):
            folder = tmp_path / "photographs" / part / name.replace("/", "∕")
            folder.mkdir(parents=True)
            for i in range(count):
                pixels = rng.integers(0, 255, (20, 24, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(folder / f"{i}.png")
    return tmp_path / "photographs"


@pytest.fixture
def config(tmp_path, photographs):
    """An experiment file on these images."""
    path = tmp_path / "pets.toml"
    path.write_text(
        f"""
        [data]
        source = "folder"
        path = "{photographs}"
        image_size = 16
        [model]
        name = "LeNet5"
        [train]
        epochs = 1
        [recording]
        probe_every = 1
        [analysis]
        fractions = [0.1]
        images_per_class = 2
        """
    )
    return path


def run(*arguments, capsys):
    """Exit status and standard error of a command."""
    status = main([str(argument) for argument in arguments])
    return status, capsys.readouterr().err


def test_the_whole_way_on_a_folder_and_a_report_that_escapes(config, tmp_path, capsys):
    out = tmp_path / "out"
    status, _ = run("run", config, "--out", out, "--quick", capsys=capsys)
    assert status == 0
    page = (out / "report.html").read_text()
    assert "<b>dogs" not in page
    assert "&lt;b&gt;dogs &amp; co&lt;∕b&gt;" in page
    # Nothing that the browser would fetch: only images inside the page.
    assert set(re.findall(r'(?:src|href)="([a-z]+:|#)', page)) == {"data:", "#"}
    (out / "report.html").unlink()
    assert main(["report", str(out)]) == 0
    assert (out / "report.html").read_text() == page
    # Other images behind the same file: nothing is mixed.
    first = Path(tomllib.loads(config.read_text())["data"]["path"]) / "train" / "cats" / "0.png"
    first.rename(first.with_name("z.png"))
    status, error = run("run", config, "--out", out, "--quick", capsys=capsys)
    assert (status, "holds results of other images" in error) == (2, True)
    first.with_name("z.png").rename(first)
    assert run("run", config, "--out", out, "--quick", capsys=capsys)[0] == 0


def test_dominance_of_a_saved_model_finds_the_frequency_it_was_given(tmp_path, capsys):
    # A classifier that reads one cosine: 3 cycles down and 2 across, in the first channel.
    rows, columns = np.mgrid[:16, :16] / 16
    wave = np.zeros((16, 16, 3), "float32")
    wave[..., 0] = np.cos(2 * np.pi * (3 * rows + 2 * columns))
    inputs = keras.Input((16, 16, 3))
    outputs = keras.layers.Dense(2)(keras.layers.Flatten()(inputs))
    model = keras.Model(inputs, outputs)
    kernel = np.stack([-wave.reshape(-1), wave.reshape(-1)], axis=1)
    model.set_weights([kernel / 8, np.zeros(2)])
    model.save(tmp_path / "wave.keras")
    rng = np.random.default_rng(0)
    for name, sign in (("plus", 1), ("minus", -1)):
        (tmp_path / "waves" / name).mkdir(parents=True)
        for i in range(12):
            image = 128 + 40 * sign * wave + rng.normal(0, 20, wave.shape)
            Image.fromarray(np.clip(image, 0, 255).astype("uint8")).save(
                tmp_path / "waves" / name / f"{i}.png"
            )
    (tmp_path / "model.txt").write_text("not a model")
    command = ["dominance", str(tmp_path / "wave.keras"), str(tmp_path / "waves")]
    status = main([*command, "--out", str(tmp_path / "out"), "--fractions", "0.01"])
    assert status == 0
    printed = capsys.readouterr()
    assert "verdict" in printed.out
    assert "minus" in printed.out
    assert "100.0 % of the 12 test images are classified correctly" in printed.err
    assert "scores are those of: minus, plus" in printed.err
    importance = kf.FrequencyImportance.load(tmp_path / "out" / "importance.npz")
    assert importance.class_names == ["minus", "plus"]
    for change in importance.loss_change:
        assert set(map(tuple, np.argwhere(change == change.max()))) == {(11, 10), (5, 6)}
    for name in ("rates_1_percent", "without_maps_1_percent"):
        assert (tmp_path / "out" / "figures" / f"{name}.png").exists()
    # The folder goes on with this search, and takes no other.
    again = [*command, "--out", tmp_path / "out", "--fractions"]
    assert run(*again, "0.01", capsys=capsys)[0] == 0
    status, error = run(*again, "0.05", capsys=capsys)
    assert (status, "holds another search (fractions: [0.01] there, [0.05] now)" in error) == (
        2,
        True,
    )
    model.set_weights([-kernel / 8, np.zeros(2)])
    model.save(tmp_path / "wave.keras")
    status, error = run(*again, "0.01", capsys=capsys)
    assert (status, "sha256 of the model" in error) == (2, True)
    other = tmp_path / "other"
    status, error = run(*command[:2], tmp_path / "out", "--out", other, capsys=capsys)
    assert (status, "figures" in error) == (2, True)
    status, _ = run(
        "dominance", tmp_path / "model.txt", *command[2:], "--out", other, capsys=capsys
    )
    assert status == 2
    assert not other.exists()
    status, error = run(*command, "--out", tmp_path / "o", "--fractions", "7", capsys=capsys)
    assert (status, error.startswith("keras-freq: --fractions must be in (0, 1]")) == (2, True)
    status, error = run(*command[:2], tmp_path / "wavse", "--out", tmp_path / "o", capsys=capsys)
    assert (status, f"there is no folder {tmp_path / 'wavse'}" in error) == (2, True)
    for shape, outputs, message in (
        ((16, 16, 3), 3, "knows 3 classes, and"),
        ((None, None, 3), 2, "takes images of any size"),
    ):
        pool = keras.layers.GlobalAveragePooling2D()
        layers = [keras.Input(shape), pool, keras.layers.Dense(outputs)]
        keras.Sequential(layers).save(tmp_path / "other.keras")
        status, error = run(
            "dominance", tmp_path / "other.keras", command[2], "--out", other, capsys=capsys
        )
        assert (status, message in error) == (2, True)
    (tmp_path / "waves" / "plus" / "broken.png").write_bytes(b"")
    status, error = run(*command, "--out", tmp_path / "o", capsys=capsys)
    assert (status, "1 of 25 image files cannot be decoded" in error) == (2, True)
    assert not (tmp_path / "o").exists()
    with pytest.warns(UserWarning, match="broken.png"):
        status = main(
            [*command, "--out", str(tmp_path / "o"), "--on-error", "skip", "--from-logits"]
        )
    assert status == 0
    status, error = run(
        "dominance", tmp_path / "no.keras", tmp_path, "--out", tmp_path / "o", capsys=capsys
    )
    assert (status, "there is no model file" in error) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "no.toml"], "cannot read the experiment file no.toml"),
        (["run", "CONFIG", "--set", "train.epoch=3"], "Did you mean `train.epochs`?"),
        (["run", "CONFIG", "--set", "data.path=nowhere"], "there is no folder nowhere"),
        (["run", "CONFIG", "--set", "model.name=LeNet"], 'Did you mean "LeNet5"?'),
        (["run", "CONFIG", "--set", "data.image_size=3"], "LeNet5 must be at least"),
        (["run", "CONFIG", "--out", "/dev/null/out"], "cannot write to the output folder"),
        (["report", "nowhere"], "there is no results folder nowhere"),
    ],
)
def test_mistakes_end_with_one_message_and_status_2(arguments, message, config, tmp_path, capsys):
    arguments = [str(config) if a == "CONFIG" else a for a in arguments]
    if arguments[0] == "run" and "--out" not in arguments:
        arguments += ["--out", str(tmp_path / "out")]
    status, error = run(*arguments, capsys=capsys)
    assert status == 2
    assert error.startswith("keras-freq: ")
    assert message in error
    assert "Traceback" not in error
    assert not (tmp_path / "out").exists()


def test_a_corrupt_image_stops_the_run_and_can_be_skipped(config, photographs, tmp_path, capsys):
    broken = photographs / "train" / "cats" / "0.png"
    broken.write_bytes(broken.read_bytes()[:60])
    out = tmp_path / "out"
    status, error = run("run", config, "--out", out, capsys=capsys)
    assert status == 2
    assert str(broken) in error
    assert 'on_error="skip"' in error
    assert not out.exists()
    with pytest.warns(UserWarning, match="Skipped 1 of 12"):
        status, _ = run(
            "run", config, "--out", out, "--quick", "--set", "data.on_error=skip", capsys=capsys
        )
    assert status == 0


def test_an_empty_class_is_named(config, photographs, tmp_path, capsys):
    for file in (photographs / "test" / "cats").iterdir():
        file.unlink()
    status, error = run("run", config, "--out", tmp_path / "out", capsys=capsys)
    assert status == 2
    assert "cats" in error


def test_unknown_commands_are_refused_by_the_parser(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["rnu"])
    assert stop.value.code == 2
    assert "invalid choice: 'rnu'" in capsys.readouterr().err


def test_list_shows_models_data_and_configs(capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    assert main(["list"]) == 0
    listing = capsys.readouterr().out
    assert "AlexNetSmall" in listing
    assert "frequency_bands" in listing
    assert "configs/quickstart.toml" in listing
    assert main(["list", "models"]) == 0
    models = capsys.readouterr().out
    assert "61,100,840" in models
    assert "configs" not in models


def test_the_module_is_the_command():
    run = [sys.executable, "-m", "keras_freq"]
    done = subprocess.run([*run, "list", "data"], capture_output=True, text=True)
    assert done.returncode == 0 and "frequency_bands" in done.stdout
    assert subprocess.run([*run, "lst"], capture_output=True).returncode == 2


def test_help_loads_no_tensorflow_and_takes_under_a_second():
    program = (
        "import sys; from keras_freq.lab.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "main(['list'])\n"
        "assert not {'tensorflow', 'keras', 'pydantic.v1'} & set(sys.modules)\n"
    )
    times = []
    for _ in range(3):
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        times.append(time.perf_counter() - started)
        assert done.returncode == 0, done.stderr
    assert min(times) < 1
