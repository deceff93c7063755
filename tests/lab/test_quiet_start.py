"""No command shows TensorFlow's start-up lines; our own warnings, and failures, still show."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from keras_freq.lab.cli import main

START_UP_LINES = r"[IWE]0000|All log messages before absl|cuda|oneDNN|TF-TRT|AVX"
FILE = """
[data]
source = "folder"
path = "{images}"
image_size = 16
on_error = "skip"
[model]
name = "LeNet5"
[train]
epochs = 1
[analysis]
fractions = [0.1]
images_per_class = 2
"""


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Images of two classes, one of which cannot be read."""
    folder = tmp_path_factory.mktemp("images")
    rng = np.random.default_rng(0)
    for name in ("cat", "dog"):
        (folder / name).mkdir()
        for i in range(10):
            pixels = rng.integers(0, 255, (16, 16, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    (folder / "dog" / "broken.png").write_bytes(b"")
    return folder


@pytest.fixture(scope="module")
def run_folder(images, tmp_path_factory):
    """The results of `keras-freq run`, in this process."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "pets.toml").write_text(FILE.format(images=images))
    with pytest.warns(UserWarning, match="Skipped 1 of 21 image files"):
        run = ["run", str(folder / "pets.toml"), "--quick", "--out", str(folder / "out")]
        assert main(run) == 0
    return folder / "out"


def command(*arguments):
    """Calls the command as a user does, and returns what it printed, without a start-up line."""
    environment = {key: value for key, value in os.environ.items() if key[:6] != "TF_CPP"}
    done = subprocess.run(
        [sys.executable, "-m", "keras_freq", *map(str, arguments)],
        capture_output=True,
        text=True,
        env=environment,
    )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    assert not re.search(START_UP_LINES, printed, re.IGNORECASE)
    return printed


def test_a_run_is_quiet_and_so_is_its_worker_which_computes_the_same(run_folder):
    other = run_folder.with_name("other")
    file = run_folder.with_name("pets.toml")
    printed = command("run", file, "--quick", "--out", other, "--workers", 1)
    assert "pets: done" in printed
    assert "Skipped 1 of 21 image files" in printed  # a warning of ours
    for name in ("stability.csv", "rates.csv", "without_maps.csv"):
        assert (other / name).read_bytes() == (run_folder / name).read_bytes()


def test_an_examination_is_quiet(run_folder, images, tmp_path):
    model = run_folder / "model.keras"
    options = ("--out", tmp_path, "--inputs", "0..1", "--on-error", "skip", "--minutes", 0.1)
    printed = command("examine", model, images, *options)
    assert "Examination:" in printed and "written to" in printed


def test_reports_and_lists_are_quiet(run_folder):
    assert str(run_folder / "report.html") in command("report", run_folder)
    assert "AlexNetSmall" in command("list", "models")
    assert "[train]" in command("list", "keys")


def start(folder, after, *, failure=""):
    """Starts stand-ins for Keras and TensorFlow, which write to file descriptor 2 themselves."""
    (folder / "keras.py").write_text("import os\nos.write(2, b'I0000 start-up\\n')\n" + failure)
    (folder / "tensorflow.py").write_text(
        "import os, types\n"
        "def devices():\n    os.write(2, b'E0000 no cuda\\n')\n"
        "config = types.SimpleNamespace(list_physical_devices=devices)\n"
    )
    program = (
        f"import os, sys\nsys.path.insert(0, {str(folder)!r})\n"
        "from keras_freq.lab.quiet_start import import_tensorflow_quietly\n"
        f"import_tensorflow_quietly()\n{after}"
    )
    return [sys.executable, "-c", program]


def test_standard_error_is_given_back(tmp_path):
    after = "os.write(2, b'from C++\\n')\nprint('from Python', file=sys.stderr)"
    done = subprocess.run(start(tmp_path, after), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "from C++\nfrom Python\n")


def test_a_closed_standard_error_stays_closed(tmp_path):
    after = "try:\n    os.fstat(2)\nexcept OSError:\n    print('closed')"
    command = ["sh", "-c", '"$@" 2>&-', "sh", *start(tmp_path, after)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
    assert (done.returncode, done.stdout) == (0, "closed\n")


def test_a_failed_start_shows_what_was_said_before(tmp_path):
    failing = start(tmp_path, "", failure="raise ImportError('no such library')\n")
    done = subprocess.run(failing, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("I0000 start-up\nTraceback")
    assert done.stderr.endswith("ImportError: no such library\n")
