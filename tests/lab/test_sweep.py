"""A sweep: what is run, what is skipped, and the page that compares the runs."""

import shutil

import numpy as np
import pandas as pd
import pytest

from keras_freq.lab import cli
from keras_freq.lab.config import ConfigError, load_experiments
from keras_freq.lab.experiments import run_sweep, sweep
from keras_freq.lab.pages import is_sweep
from keras_freq.lab.pages.sweep_page import write_sweep_page
from keras_freq.lab.store import RunningElsewhereError, run_state

FILE = """
name = "sweep"
title = "Two <bands>, two seeds"

[data]
source = "frequency_bands"
band = 1
size = 16
train_per_class = 16
test_per_class = 6

[model]
name = "LeNet5"

[train]
epochs = 1
batch_size = 32

[recording]
probes = ["test", "without band 1"]
probe_every = 2

[analysis]
images_per_class = 2
fractions = [0.05]
transplant_maps = 40
transplant_images = 4

[sweep]
data.band = [1, 4]
seed = [0, 1]
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "sweep.toml"
    path.write_text(FILE)
    return path


@pytest.fixture(scope="module")
def swept(file, tmp_path_factory):
    """A sweep of which three of four runs are done."""
    folder = tmp_path_factory.mktemp("runs") / "sweep"
    experiments = load_experiments(file)
    run_sweep(experiments[:3], folder, command="keras-freq run sweep.toml", progress=False)
    return folder, experiments


def test_runs_are_compared_by_what_differs(swept):
    folder, _ = swept
    classes = pd.read_csv(folder / "classes.csv")
    runs = classes[["setting", "seed"]].drop_duplicates().to_numpy().tolist()
    assert runs == [["B1", 0], ["B1", 1], ["B4", 0]]
    filters = pd.read_csv(folder / "filters.csv")
    relative = pd.read_csv(folder / "band=4,seed=0" / "relative_confusion.csv")
    diagonal = relative[relative["true_class"] == relative["predicted_class"]]
    own = filters[filters["setting"] == "B4"]
    np.testing.assert_allclose(own["recall_change"], diagonal["percent"])
    maps = pd.read_csv(folder / "maps.csv")
    assert len(maps) == 3 * 4
    assert maps.groupby("class_name")["planted"].max().dropna().index.tolist() == ["C0"]
    frame = pd.read_csv(folder / "band=1,seed=1" / "class_metrics.csv")
    train = frame[(frame["source"] == "train") & (frame["class_id"] == 2)]
    mean = classes.query("setting == 'B1' and seed == 1 and class_id == 2")["mean_f1"]
    np.testing.assert_allclose(mean, train["f1"].fillna(0).mean())


def test_recall_lost_over_training_is_the_mean_over_seeds(swept):
    folder, _ = swept
    reliance = pd.read_csv(folder / "reliance.csv")
    assert reliance.groupby("setting")["runs"].unique().map(list).to_dict() == {
        "B1": [2],
        "B4": [1],
    }
    lost = []
    for name in ("band=1,seed=0", "band=1,seed=1"):
        frame = pd.read_csv(folder / name / "class_metrics.csv").query(
            "class_id == 3 and step == 2"
        )
        recall = frame.set_index("source")["recall"]
        lost.append(100 * (recall["test"] - recall["without band 1"]))
    own = reliance.query("setting == 'B1' and class_name == 'C3' and step == 2")
    assert own["filter"].tolist() == ["without band 1"]
    np.testing.assert_allclose(own["recall_lost"], np.mean(lost), atol=0.006)
    assert (folder / "figures" / "reliance.png").stat().st_size > 10_000


def test_the_page_is_whole_and_escaped(swept):
    page = (swept[0] / "report.html").read_text()
    assert "Two &lt;bands&gt;, two seeds" in page
    assert page.count('<img src="data:image/png;base64,') == 9
    assert 'href="band%3D1%2Cseed%3D0/report.html"' in page
    assert "keras-freq run sweep.toml" in page
    assert "http" not in page.replace("http-equiv", "")


def test_states_of_runs(swept):
    folder, experiments = swept
    assert [run_state(folder / e.name) for e in experiments] == ["done"] * 3 + ["left"]


def test_done_runs_are_not_repeated_and_running_ones_are_left(swept, monkeypatch):
    folder, experiments = swept
    before = (folder / "classes.csv").read_bytes()
    tried = []

    def run(experiment, folder, **_options):
        tried.append(experiment.name)
        raise RunningElsewhereError("another process is running it")

    monkeypatch.setattr(sweep, "run_experiment", run)
    run_sweep(experiments, folder, command="keras-freq run sweep.toml", progress=False)
    assert tried == ["band=4,seed=1"]
    assert (folder / "classes.csv").read_bytes() == before


def test_the_command_lists_states_and_writes_the_page_again(swept, file, capsys):
    folder, _ = swept
    assert cli.main(["run", str(file), "--out", str(folder), "--list"]) == 0
    printed = capsys.readouterr().out
    assert "3 done, 1 left" in printed
    assert "  done    band=1,seed=0" in printed
    assert is_sweep(folder)
    assert not is_sweep(folder / "band=1,seed=0")
    (folder / "report.html").unlink()
    assert cli.main(["report", str(folder)]) == 0
    # Written again, it still names the command that makes the runs.
    assert "keras-freq run sweep.toml" in (folder / "report.html").read_text()


def test_nothing_to_compare(tmp_path):
    with pytest.raises(ConfigError, match="has come to its end"):
        write_sweep_page(tmp_path)


def test_a_run_that_fails_does_not_stop_the_others(file, tmp_path):
    overrides = ["sweep.seed=[0]", "sweep.data.band=[1]", "analysis.importance=false"]
    experiments = load_experiments(file, [*overrides, "sweep.train.learning_rate=[1e30, 0.01]"])
    wild, tame = (experiment.name for experiment in experiments)
    with pytest.raises(ConfigError, match=r"1 of 2 runs failed:\ntraining diverged.*=1e\+30"):
        run_sweep(experiments, tmp_path, progress=False)
    assert [run_state(tmp_path / name) for name in (wild, tame)] == ["begun", "done"]
    assert tame in (tmp_path / "report.html").read_text()


def test_figures_of_an_earlier_page_are_removed(swept):
    folder, _ = swept
    before = {path.name for path in (folder / "figures").iterdir()}
    (folder / "figures" / "roc.png").write_bytes(b"of fewer runs")
    write_sweep_page(folder)
    assert {path.name for path in (folder / "figures").iterdir()} == before


def test_a_page_without_filters_speaks_of_none(swept, tmp_path):
    folder = tmp_path / "sweep"
    shutil.copytree(swept[0], folder)
    (folder / "filters.csv").unlink()
    for path in folder.glob("*/*confusion.csv"):
        frame = pd.read_csv(path)
        frame[frame["set"] == "test"].to_csv(path, index=False)
    for path in folder.glob("*/class_metrics.csv"):
        frame = pd.read_csv(path)
        frame[frame["source"].isin(["train", "test"])].to_csv(path, index=False)
    page = write_sweep_page(folder).read_text()
    assert "Which bands" not in page and "filters.csv" not in page
    assert "Which bands" in (swept[0] / "report.html").read_text()
