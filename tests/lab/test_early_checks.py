"""What can be told without TensorFlow is told before it is loaded, in words of the command line."""

import subprocess
import sys
import zipfile

import numpy as np
import pytest

from keras_freq.lab.cli import main
from keras_freq.lab.command_words import in_words_of

BAD = [
    (["--minutes", "-1"], "--minutes must be a time in minutes, > 0"),
    (["--seed", "-1"], "--seed must be an integer >= 0. Received: --seed -1"),
    (["--size", "0"], "--size must be an integer >= 1"),
    (["--inputs", "0..2"], "--inputs must be one of '0..1'"),
    (["--import", "no.py"], "--import: there is no file no.py"),
    (["--out", "a.txt"], "cannot write to the output folder a.txt"),
    (["--out", "images"], "holds files, but no examination of ours"),
    (["--compare", "other/model.keras"], "must have different names"),
    (["DATA", "nowhere"], "there is no folder or file nowhere, and TensorFlow Datasets knows"),
    (["DATA", "./no/where"], "there is no folder or file ./no/where"),
    (["DATA", "no.npz"], "there is no file no.npz"),
    (["DATA", "no.csv"], "there is no file no.csv"),
    (["DATA", "empty.npz"], "cannot read empty.npz: the file is empty"),
    (["DATA", "a.txt"], "DATA must be a folder of class folders"),
    (["DATA", "images/cat"], "DATA must hold one folder for each class"),
    (["DATA", "one"], "DATA must hold at least two class folders"),
    (["MODEL", "text.keras"], "no Keras model, since a .keras file is a zip file"),
    (["MODEL", "images"], "folder without saved_model.pb"),
]


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with images, with what may be a model, and with files that are neither."""
    monkeypatch.chdir(tmp_path)
    for folder in ("images/cat", "images/dog", "one/cat", "other"):
        (tmp_path / folder).mkdir(parents=True)
    for name in ("model.keras", "other/model.keras"):
        with zipfile.ZipFile(name, "w") as archive:
            archive.writestr("config.json", "{}")
    for name in ("a.txt", "text.keras"):
        (tmp_path / name).write_text("x\n")
    (tmp_path / "empty.npz").write_bytes(b"")


@pytest.mark.parametrize(("changed", "message"), BAD, ids=lambda part: " ".join(part))
def test_options_that_cannot_be_right_are_refused_early(
    changed, message, place, capsys, monkeypatch
):
    def no_tensorflow():
        raise AssertionError("TensorFlow would be loaded")

    monkeypatch.setattr("keras_freq.lab.quiet_start.import_tensorflow_quietly", no_tensorflow)
    named = dict(zip(changed[::2], changed[1::2], strict=True))
    paths = [named.pop("MODEL", "model.keras"), named.pop("DATA", "images")]
    options = [part for pair in ({"--out": "out"} | named).items() for part in pair]
    assert main(["examine", *paths, *options]) == 2
    printed = capsys.readouterr().err
    assert message in printed
    assert printed.count("\n") == 1


def test_these_checks_load_no_tensorflow(place):
    program = (
        "import sys; from keras_freq.lab.cli import main\n"
        "for data in ('nowhere', 'one', 'empty.npz'):\n"
        "    assert main(['examine', 'model.keras', data, '--out', 'out']) == 2\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_a_missing_folder_of_an_experiment_is_told_early(place, tmp_path, capsys, monkeypatch):
    (tmp_path / "pets.toml").write_text(
        '[data]\nsource = "folder"\npath = "nowhere"\nimage_size = 32\n'
        '[model]\nname = "LeNet5"\n[train]\nsteps = 2\n'
    )
    monkeypatch.setattr("keras_freq.lab.quiet_start.import_tensorflow_quietly", None)
    assert main(["run", "pets.toml"]) == 2
    assert "`data.path`: there is no folder nowhere" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "message", "told"),
    [
        ("examine", 'with `on_error="skip"`:', "with --on-error skip:"),
        ("examine", "say it with `inputs` (--inputs)", "say it with --inputs"),
        (
            "examine",
            "with `classes` (--classes: names, or a file)",
            "with --classes (names, or a file)",
        ),
        ("examine", "Leave `from_logits` out", "Leave --from-logits out"),
        ("examine", "`from_logits=False` says", "--no-from-logits says"),
        ("examine", "since from_logits=True says so", "since --from-logits says so"),
        ("examine", "The labels of `dataset`", "The labels of DATA"),
        ("examine", "If so, say so with `classes=['a', 'b']`", "If so, give them other names"),
        ("run", 'with `on_error="skip"`:', "with --set data.on_error=skip:"),
        ("run", "`path` must be a folder", "`data.path` must be a folder"),
        ("run", "missing key `data.path`", "missing key `data.path`"),
        ("report", "`dataset`", "`dataset`"),
    ],
)
def test_cures_are_in_words_of_the_command(command, message, told):
    assert in_words_of(command, message) == told


def test_warnings_of_a_command_have_no_line_of_python(place, capsys, monkeypatch):
    import warnings

    def warn(*_):
        warnings.warn("Skipped 1 of 2. Mend `dataset`", UserWarning, stacklevel=1)
        raise ValueError("done")

    monkeypatch.setattr("keras_freq.lab.early_checks.check_examination", warn)
    # pytest records warnings; here they are to be printed.
    monkeypatch.setattr(
        warnings,
        "showwarning",
        lambda message, category, *place, **_: sys.stderr.write(
            warnings.formatwarning(message, category, *place)
        ),
    )
    before = warnings.formatwarning
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert main(["examine", "model.keras", "images", "--out", "out"]) == 2
    printed = capsys.readouterr().err
    assert printed == "keras-freq: warning: Skipped 1 of 2. Mend DATA\nkeras-freq: done\n"
    assert warnings.formatwarning is before


def test_images_brought_to_other_ranges_are_one_message(place, capsys):
    images = np.random.default_rng(0).uniform(-1, 1, (8, 4, 4, 3)).astype("float32")
    np.savez("around_0.npz", images=images, labels=np.arange(8) % 2)
    import keras

    layers = [keras.Input((4, 4, 3)), keras.layers.Flatten(), keras.layers.Dense(2)]
    keras.Sequential(layers).save("dense.keras")
    # Warnings are errors in tests: one would take the place of the message.
    assert main(["examine", "dense.keras", "around_0.npz", "--out", "out"]) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("keras-freq: DATA must hold images in [0, 1]")
    assert "(images + 1) / 2" in printed and printed.count("\n") == 1
