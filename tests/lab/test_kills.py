"""SIGKILL at random moments, then the same command again: the numbers of an undisturbed run.

The quick form kills a run and an examination once. The long form sends 20 kills more, several of
them to one folder, and to sweeps and transfer experiments, too.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from experiment_cases import changed_transfer, parse_experiment, same_content
from PIL import Image

from keras_freq.lab.cli import main
from keras_freq.lab.config import to_toml

SWEEP = """
[data]
source = "frequency_bands"
band = 1
size = 16
train_per_class = 16
test_per_class = 6
[model]
name = "LeNet5"
[train]
epochs = 2
checkpoint_seconds = 0.0
[recording]
probes = ["test"]
[analysis]
images_per_class = 2
fractions = [0.05]
[sweep]
seed = [0, 1]
"""


def seconds_of_work(folder):
    """Seconds between the first and the last file of a finished folder."""
    times = [path.stat().st_mtime for path in folder.rglob("*") if path.is_file()]
    return max(times) - min(times)


def kill_at(arguments, out, seconds):
    """Runs the command, and kills it some seconds after its first file.

    Returns whether it was still at work.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "keras_freq", *map(str, arguments)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    before = set(out.rglob("*"))
    while process.poll() is None and before >= set(out.rglob("*")):
        time.sleep(0.02)
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    at_work = process.poll() is None
    if at_work:
        os.killpg(process.pid, signal.SIGKILL)
    _, printed = process.communicate()
    assert process.returncode == (-signal.SIGKILL if at_work else 0), printed.decode()
    return at_work


def numbers_in(folder):
    """The tables and arrays of a results folder, and whatever a kill has left behind."""
    paths = (path for path in Path(folder).rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path
        for path in paths
        if path.suffix in (".csv", ".npz") or "partial" in path.name
    }


def assert_kills_change_nothing(arguments, whole, out, moments):
    """Kills the command at some moments of its work, and compares what it writes in the end."""
    arguments = [*arguments, "--out", out]
    kills = sum(kill_at(arguments, out, seconds) for seconds in moments)
    assert main([str(one) for one in arguments]) == 0
    expected, found = numbers_in(whole), numbers_in(out)
    assert set(expected) == set(found)
    different = [name for name, path in expected.items() if not same_content(path, found[name])]
    assert not different
    assert (out / "report.html").exists()
    return kills


@pytest.fixture(scope="module")
def moments():
    """Draws the seconds after which a folder's command is killed: how many, out of how much."""
    rng = random.Random(0)
    return lambda count, folder: [rng.random() * seconds_of_work(folder) for _ in range(count)]


@pytest.fixture(scope="module")
def run_file(tiny, tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "tiny.toml"
    path.write_text(to_toml(tiny))
    return path


@pytest.fixture(scope="module")
def transferred(tmp_path_factory):
    """A finished transfer experiment of three networks, and the arguments that make it."""
    folder = tmp_path_factory.mktemp("transfer")
    raw = changed_transfer(transfer__splits=[{"type": "random"}], transfer__layers=[1])
    raw["transfer"]["treatments"] = ["AnB"]
    (folder / "tiny.toml").write_text(to_toml(parse_experiment(raw)))
    arguments = ["run", folder / "tiny.toml"]
    assert main([*map(str, arguments), "--out", str(folder / "whole")]) == 0
    return folder / "whole", arguments


@pytest.fixture(scope="module")
def examined(tmp_path_factory):
    """A finished examination, and the arguments that make it."""
    folder = tmp_path_factory.mktemp("examination")
    rng = np.random.default_rng(0)
    for name, level in (("dark", 100), ("light", 150)):
        (folder / "images" / name).mkdir(parents=True)
        for i in range(40):
            pixels = rng.normal(level, 50, (8, 8, 3)).clip(0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "images" / name / f"{i}.png")
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(2))
    model.layers[-1].set_weights([np.tile([[-1.0, 1.0]], (192, 1)) / 9, np.array([10.5, -10.5])])
    model.save(folder / "model.keras")
    arguments = ["examine", folder / "model.keras", folder / "images", "--minutes", 1000]
    assert main([*map(str, arguments), "--out", str(folder / "whole")]) == 0
    return folder / "whole", arguments


def test_a_killed_run(run_file, finished, moments, tmp_path):
    when = moments(1, finished)
    assert_kills_change_nothing(["run", run_file], finished, tmp_path / "out", when)


def test_a_killed_examination(examined, moments, tmp_path):
    whole, arguments = examined
    assert_kills_change_nothing(arguments, whole, tmp_path / "out", moments(1, whole))


@pytest.mark.slow
def test_a_killed_transfer_experiment(transferred, moments, tmp_path):
    whole, arguments = transferred
    assert_kills_change_nothing(arguments, whole, tmp_path / "out", moments(1, whole))


@pytest.mark.slow
def test_twenty_kills(run_file, finished, examined, transferred, moments, tmp_path):
    sweep = tmp_path / "sweep.toml"
    sweep.write_text(SWEEP)
    assert main(["run", str(sweep), "--out", str(tmp_path / "whole")]) == 0
    cases = {
        "run": (["run", run_file], finished),
        "sweep": (["run", sweep], tmp_path / "whole"),
        "examine": (examined[1], examined[0]),
        "transfer": (transferred[1], transferred[0]),
    }
    kills = {}
    for name, (arguments, whole) in cases.items():
        # A run that was killed before goes on where it stopped, so it ends earlier.
        folders = [tmp_path / f"{name}{i}" for i in range(2)]
        counts = (3, 2)
        kills[name] = sum(
            assert_kills_change_nothing(arguments, whole, folder, moments(count, whole))
            for folder, count in zip(folders, counts, strict=True)
        )
    print(f"survived: {kills}")
    assert sum(kills.values()) >= 10
