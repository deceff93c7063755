"""A small transfer experiment, the whole way: its files and numbers; it goes on, and it grows."""

import copy
import json
import re
import shutil
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pandas as pd
import pytest
from experiment_cases import GROUPS, TRANSFER, TRANSFER_TABLES, changed_transfer
from hostile_names import Page, check_names

import keras_freq as kf
from keras_freq.lab import cli
from keras_freq.lab.config import ConfigError, load_experiments, parse_experiment
from keras_freq.lab.experiments import run_transfer
from keras_freq.lab.experiments.data import load_data
from keras_freq.lab.experiments.transfer_tasks import split_data


def test_everything_is_written_and_nothing_else(finished_transfer):
    written = {
        p.relative_to(finished_transfer).as_posix()
        for p in finished_transfer.rglob("*")
        if p.is_file()
    }
    names = ["curves_random", "curves_groups_AtoB", "changes_random", "changes_groups"]
    names += ["degradation"]
    names += [f"map_overlap_{k}_{f}_percent" for k in ("random", "groups") for f in (5, 10)]
    figures = {f"figures/{name}.{suffix}" for name in names for suffix in ("png", "svg")}
    others = {"config.toml", "environment.json", "report.html"}
    assert {name for name in written if not name.startswith("splits/")} == (
        set(TRANSFER_TABLES) | figures | others
    )
    assert {path.name for path in (finished_transfer / "splits").iterdir()} == {
        "random-1",
        "groups",
    }


@pytest.mark.usefixtures("draws")
def test_no_name_becomes_code_of_the_page(finished_transfer, tmp_path):
    folder = tmp_path / "results"
    shutil.copytree(finished_transfer, folder)
    check_names(Page(folder / "report.html"), folder)


def test_the_networks_are_those_of_layerwise_transfer(finished_transfer, tmp_path):
    experiment = parse_experiment(TRANSFER)
    data = load_data(experiment.data, validation=False)
    halves = [
        kf.data.split_classes(part, 4, seed=1, class_names=data.class_names)
        for part in (data.train, data.test)
    ]

    def make_optimizer():
        rate = keras.optimizers.schedules.CosineDecay(0.01, 3)
        return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)

    result = kf.layerwise_transfer(
        lambda num_classes: kf.models.LeNet5((16, 16, 3), num_classes, weight_decay=1e-4),
        *zip(*halves, strict=True),
        layers=[4],
        treatments=["BnB", "AnB", "AnB+", "random"],
        directions=["A->B"],
        steps=3,
        batch_size=16,
        make_optimizer=make_optimizer,
        folder=tmp_path / "own",
        progress=False,
    )
    frame = pd.read_csv(finished_transfer / "transfer.csv")
    own = frame[(frame["split"] == "random-1") & (frame["n"] != 1)].reset_index(drop=True)
    pd.testing.assert_frame_equal(own[result.frame.columns], result.frame)
    assert set(own["type"]) == {"random"}
    assert set(own["chance"]) == {0.5}
    assert set(own["test_images"]) == {12}
    stored = kf.transfer.TransferResult.load(finished_transfer / "splits" / "random-1")
    for key in (("base", 0), ("AnB+", 4)):
        weights = zip(stored.model(*key).weights, result.model(*key).weights, strict=True)
        assert all(np.array_equal(a, b) for a, b in weights)


def test_boosts_and_overlaps_are_those_of_their_functions(finished_transfer):
    frame = pd.read_csv(finished_transfer / "transfer.csv")
    boost = pd.read_csv(finished_transfer / "boost.csv")
    for kind in ("random", "groups"):
        expected = kf.transfer_boost(frame[frame["type"] == kind])
        own = boost[boost["splits"] == kind].reset_index(drop=True)
        pd.testing.assert_frame_equal(own[expected.columns], expected)
    overlap = pd.read_csv(finished_transfer / "map_overlap.csv")
    assert set(overlap["fraction"]) == {0.05, 0.1}
    assert set(overlap["treatment"]) == {"base", "AnB"}
    experiment = parse_experiment(TRANSFER)
    pair = split_data(experiment.transfer.splits[0], load_data(experiment.data, validation=False))
    stored = kf.transfer.TransferResult.load(finished_transfer / "splits" / "random-1")
    source, target = (task.sample(2, seed=0) for task in pair.tasks)
    options = {"treatments": ["AnB"], "fraction": [0.05, 0.1], "progress": False}
    options["num_random"] = experiment.analysis.random_maps
    expected = kf.transfer_map_overlap(stored, target, source, **options)
    own = overlap[overlap["split"] == "random-1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own[expected.columns], expected, check_dtype=False)
    tasks = pd.read_csv(finished_transfer / "tasks.csv")
    named = tasks[tasks["split"] == "groups"]
    assert dict(zip(named["class_name"], named["group"], strict=True)) == GROUPS
    assert set(tasks["train_images"]) == {12}


def test_the_page_is_whole_and_escaped(finished_transfer, capsys):
    page = (finished_transfer / "report.html").read_text()
    assert "Tiny &amp; &lt;small&gt;" in page
    assert "B: new" in page and "A: &lt;old&gt;" in page
    assert "<old>" not in page
    assert page.count('<img src="data:image/png;base64,') == 9
    assert set(re.findall(r'(?:src|href)="([a-z]+:|#)', page)) == {"data:", "#"}
    claims = pd.read_csv(finished_transfer / "claims.csv")
    for claim in claims["claim"].unique():
        assert claim in page
    (finished_transfer / "report.html").unlink()
    assert cli.main(["report", str(finished_transfer)]) == 0
    assert capsys.readouterr().out.strip() == str(finished_transfer / "report.html")
    assert (finished_transfer / "report.html").read_text() == page


def test_the_command_is_that_of_all_experiments(transfer_file, finished_transfer, capsys):
    assert cli.main(["run", str(transfer_file), "--out", str(finished_transfer), "--list"]) == 0
    listed = capsys.readouterr().out
    assert "1 done" in listed
    # One direction: two base networks, and four treatments of two layers.
    assert "10 of 10 networks  random-1" in listed
    assert cli.main(["run", str(transfer_file), "--out", str(finished_transfer)]) == 0
    assert "was done already" in capsys.readouterr().err


def test_a_killed_run_goes_on_to_the_same_bytes(finished_transfer, transfer_file, tmp_path):
    # Killed without warning in the third network of the second split. The first is done by then,
    # and the killed process does not come to search its maps again.
    folder = tmp_path / "killed"
    shutil.copytree(finished_transfer / "splits" / "random-1", folder / "splits" / "random-1")
    for name in ("config.toml", "environment.json"):
        shutil.copy(finished_transfer / name, folder)
    program = textwrap.dedent(
        f"""
        import os, pathlib
        import keras
        from keras_freq.lab.config import load_experiments
        from keras_freq.lab.experiments import run_transfer, transfer
        transfer._overlaps = lambda *_: []
        save, out = keras.Model.save, pathlib.Path({str(folder)!r})
        def save_or_die(*arguments, **options):
            if len(list(out.glob("splits/*/runs/*.json"))) == 12:
                os._exit(9)
            return save(*arguments, **options)
        keras.Model.save = save_or_die
        (experiment,) = load_experiments({str(transfer_file)!r})
        run_transfer(experiment, out, progress=False)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    assert not (folder / "transfer.csv").exists()
    before = {path: path.stat().st_mtime_ns for path in folder.glob("splits/*/runs/*.json")}
    assert len(before) == 12
    run_transfer(parse_experiment(TRANSFER), folder, progress=False)
    assert all(path.stat().st_mtime_ns == changed for path, changed in before.items())
    for table in TRANSFER_TABLES:
        assert (folder / table).read_bytes() == (finished_transfer / table).read_bytes()


def test_more_seeds_are_added_and_other_settings_refused(finished_transfer, tmp_path):
    small = changed_transfer(analysis={"importance": False}, transfer__splits=[{"type": "random"}])
    small["transfer"] |= {"layers": [1], "treatments": ["AnB", "AnB+"]}
    folder = tmp_path / "growing"
    run_transfer(parse_experiment(small), folder, command="first", progress=False)
    first = pd.read_csv(folder / "transfer.csv")
    networks = sorted(path.name for path in folder.glob("splits/*/networks/*"))
    assert networks == ["seed0-AtoB-base.keras", "seed0-BtoA-base.keras"]
    grown = copy.deepcopy(small)
    grown["transfer"]["seeds"] = [0, 1]
    run_transfer(parse_experiment(grown), folder, command="second", progress=False)
    both = pd.read_csv(folder / "transfer.csv")
    assert both["seed"].value_counts().to_dict() == {0: 3, 1: 3}
    own = both[both["seed"] == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, first)
    assert load_experiments(folder / "config.toml") == [parse_experiment(grown)]
    assert json.loads((folder / "environment.json").read_text())["command"] == "second"
    assert not pd.read_csv(folder / "claims.csv")["low"].isna().any()
    for other in (small, {**grown, "train": {"steps": 4}}):
        with pytest.raises(ConfigError, match="holds another experiment"):
            run_transfer(parse_experiment(other), folder, progress=False)
