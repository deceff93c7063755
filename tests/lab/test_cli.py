"""The command line as a user meets it: exit status, one message, no traceback, nothing left."""

import re
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

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


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "no.toml"], "cannot read the experiment file no.toml"),
        (["run", "CONFIG", "--set", "train.epoch=3"], "Did you mean `train.epochs`?"),
        (["run", "CONFIG", "--set", "data.path=nowhere"], "there is no folder nowhere"),
        (["run", "CONFIG", "--set", "model.name=LeNet"], "Did you mean 'LeNet5'?"),
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
    assert "leave them out with --set data.on_error=skip" in error
    assert not out.exists()
    changes = ("--set", "data.on_error=skip", "--set", "analysis.importance=false")
    with pytest.warns(UserWarning, match="Skipped 1 of 12"):
        status, _ = run("run", config, "--out", out, "--quick", *changes, capsys=capsys)
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
        "assert main(['examine', 'no.keras', 'data', '--out', 'out']) == 2\n"
        "heavy = {'tensorflow', 'keras', 'pydantic.v1', 'seaborn', 'matplotlib', 'pandas'}\n"
        "assert not heavy & set(sys.modules)\n"
    )
    for _ in range(3):  # on a machine with other work, one of three times
        started = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
        seconds = time.perf_counter() - started
        assert done.returncode == 0, done.stderr
        if seconds < 1:
            break
    assert seconds < 1
