"""`keras-freq examine`: it finds the frequency that a model reads, and refuses bad input."""

import re
import subprocess
import sys

import keras
import numpy as np
import pytest
from wave_cases import PAIRS, SIZE

import keras_freq as kf
from keras_freq.lab.cli import main
from keras_freq.lab.examination import Examination


@pytest.fixture(scope="module")
def examined(wave_folder):
    """The folder of a finished examination."""
    paths = [wave_folder / "wave.keras", wave_folder / "waves", "--out", wave_folder / "out"]
    assert main(["examine", *map(str, paths), "--minutes", "60"]) == 0
    return wave_folder / "out"


@pytest.fixture
def call(wave_folder, tmp_path, capsys):
    """Calls the command, and gives its exit status and what it printed."""

    def call(*options, model="wave.keras", data="waves", out="out"):
        paths = [str(wave_folder / model), str(wave_folder / data), "--out", str(tmp_path / out)]
        return main(["examine", *paths, *options]), capsys.readouterr()

    return call


def test_the_frequency_that_the_model_reads_is_found_and_carries_the_classes(examined):
    found = Examination.load(examined)
    assert found.importance.class_names == ["minus", "plus"]
    centre = SIZE // 2
    planted = {(centre + s * u, centre + s * v) for u, v in PAIRS for s in (1, -1)}
    for cells in kf.dominant_frequency_maps(found.importance, 0.05):
        assert planted <= set(map(tuple, np.argwhere(cells)))
    assert found.input_check["accuracy"][0] == 1
    untouched = found.filter_sweep[found.filter_sweep["kind"] == "untouched"]
    assert untouched["recall"].tolist() == [1, 1, 1]
    # Without the radii of the waves it guesses, and one wave of six is enough.
    of_all = found.filter_sweep[found.filter_sweep["class_id"] == -1]
    low_pass = of_all[of_all["kind"] == "low-pass"].set_index("high")["recall"]
    assert low_pass[2] < 0.8 and low_pass[8] == 1
    assert (of_all.loc[of_all["kind"] == "band-stop", "recall"] == 1).all()
    assert "Which ring of frequencies it needs cannot be told" in found.verdict[2]
    assert found.transplants["swapped_in"].tolist() == [1, 1]
    assert found.transplants["untouched_in"].tolist() == [0, 0]
    # Both classes have the waves, as strong: no test can know that this is not what they look like.
    assert any(
        "Few frequencies carry minus and plus, but it may be" in one for one in found.verdict
    )
    assert (found.transplants["fine_in"].fillna(0) == 0).all()
    assert len(found.verdict) <= 5


def test_the_page_stands_alone_and_names_what_was_done(examined):
    page = (examined / "report.html").read_text(encoding="utf-8")
    assert "http://" not in page and "https://" not in page
    assert "keras-freq examine" in page and "Half of the images of each class are searched" in page
    for title in ("Input check", "Accuracy through filters", "Are they a shortcut?"):
        assert f">{title}</h2>" in page
    assert (
        "Which ring of frequencies it needs cannot be told"
        in page.partition(">Accuracy through filters<")[2]
    )
    names = re.findall(r'<img src="data:image/png;base64,[^"]*" alt="([^"]*)"', page)
    assert len(names) >= 7


def test_the_page_can_be_written_again_without_tensorflow(examined):
    before = (examined / "report.html").read_bytes()
    (examined / "report.html").unlink()
    program = (
        "import sys\nfrom keras_freq.lab.cli import main\n"
        f"assert main(['report', {str(examined)!r}]) == 0\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
    assert (examined / "report.html").read_bytes() == before


def test_the_same_command_goes_on_and_another_model_is_refused(examined, wave_folder, capsys):
    times = {path: path.stat().st_mtime_ns for path in examined.glob("*.csv")}
    paths = [wave_folder / "wave.keras", wave_folder / "waves", "--out", examined]
    assert main(["examine", *map(str, paths), "--minutes", "60"]) == 0
    del times[examined / "input_check.csv"]  # it is what the others stand on, and is made anew
    assert {path: path.stat().st_mtime_ns for path in times} == times
    model = keras.models.load_model(wave_folder / "wave.keras")
    model.set_weights([2 * weight for weight in model.get_weights()])
    model.save(wave_folder / "other.keras")
    paths[0] = wave_folder / "other.keras"
    capsys.readouterr()
    assert main(["examine", *map(str, paths), "--minutes", "60"]) == 2
    error = capsys.readouterr().err
    told = "another model (there {0}/wave.keras, now {0}/other.keras). Choose another folder"
    assert "holds another examination: " + told.format(wave_folder) in error
    # Options are told before the model and the images are read.
    paths[1] = wave_folder
    options = ["--minutes", "60", "--seed", "3", "--inputs", "0..255"]
    assert main(["examine", *map(str, paths), *options]) == 2
    error = capsys.readouterr().err
    assert 'other values that the model takes (inputs) (there "0..1", now' in error
    assert "another seed (there 0, now 3)" in error


def test_little_time_leaves_questions_for_later(call, tmp_path):
    status, printed = call("--minutes", "0.05")
    assert status == 0
    assert "Left out for the time: " in printed.err
    page = (tmp_path / "out" / "report.html").read_text()
    assert "with more <code>--minutes</code> adds what is left" in page
    assert not (tmp_path / "out" / "transplants.csv").exists()


def test_a_wrong_range_that_is_forced_is_told_at_once(call):
    _, printed = call("--inputs", "0..255", "--minutes", "0.05")
    said = printed.err + printed.out
    assert "0 to 255" in said and "[0, 1]" in said


@pytest.mark.parametrize(
    ("options", "paths", "message"),
    [
        ([], {"data": "waves/plus"}, "one folder for each class"),
        ([], {"model": "model.txt"}, "model.txt"),
        ([], {"model": "no.keras"}, "there is no model file"),
        ([], {"data": "wavse"}, "there is no folder"),
        (["--inputs", "0..256"], {}, "0..255"),
        (["--size", "32"], {}, "16 x 16"),
        (["--classes", "a", "b", "c"], {}, "all 2 of them"),
    ],
)
def test_what_cannot_be_used_is_refused(options, paths, message, wave_folder, call, tmp_path):
    (wave_folder / "model.txt").write_text("not a model")
    status, printed = call(*options, **paths)
    assert status == 2
    assert "keras-freq: " in printed.err
    assert message in printed.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("shape", "outputs", "message"),
    [
        ((16, 16, 3), 3, "knows 3 classes, and"),
        ((None, None, 3), 2, "takes images of any size"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(shape, outputs, message, wave_folder, call):
    pool = keras.layers.GlobalAveragePooling2D()
    layers = [keras.Input(shape), pool, keras.layers.Dense(outputs)]
    keras.Sequential(layers).save(wave_folder / "misfit.keras")
    status, printed = call(model="misfit.keras")
    assert (status, message in printed.err) == (2, True)


def test_models_are_compared_on_one_page(wave_folder, call, tmp_path):
    model = keras.models.load_model(wave_folder / "wave.keras")
    model.set_weights([weight / 2 for weight in model.get_weights()])
    model.save(wave_folder / "half.keras")
    other = str(wave_folder / "half.keras")
    status, printed = call("--compare", other, "--minutes", "0.1")
    assert status == 0
    assert printed.out.count("Examination:") == 2
    table = (tmp_path / "out" / "comparison.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in table] == ["model", "wave", "half"]
    page = (tmp_path / "out" / "report.html").read_text()
    assert "half/report.html" in page and "wave/report.html" in page


def test_classes_in_another_order_are_named(wave_folder, call, tmp_path):
    model = keras.models.load_model(wave_folder / "wave.keras")
    kernel, bias = model.get_weights()
    model.set_weights([kernel[:, ::-1], bias])
    model.save(wave_folder / "turned.keras")
    status, _ = call("--classes", "plus", "minus", "--minutes", "0.05", model="turned.keras")
    assert status == 0
    found = Examination.load(tmp_path / "out").filter_sweep
    assert found["recall"][2] == 1
