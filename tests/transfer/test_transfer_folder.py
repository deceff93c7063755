"""Interrupted and growing experiments, and results that are read again."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from transfer_cases import FEW, SHAPE, Killed, experiment, few, some_tasks, still, transfer

import keras_freq as kf
from keras_freq.transfer import training


@pytest.fixture
def counted(monkeypatch):
    """Networks that are counted, and stop the process after some."""
    experiment()  # made before, so that it is not counted
    made = []

    def call(self, key, on_step=None, make=training.Trainer.__call__):
        if len(made) == counted.most:
            raise Killed
        record = make(self, key, on_step)
        made.append(key)
        return record

    def counted(most=None):
        counted.most = most
        made.clear()
        return made

    counted()
    monkeypatch.setattr(training.Trainer, "__call__", call)
    return counted


def test_a_killed_experiment_goes_on_where_it_was(counted, tmp_path):
    folder = tmp_path / "killed"
    total, result = [], None
    while result is None:
        made = counted(3)
        try:
            result = transfer(folder=folder, **FEW)
        except Killed:
            (folder / "networks" / ".x.1.partial.keras").write_text("what was being written")
        total += made
    assert len(total) == len(set(total)) == 6
    pd.testing.assert_frame_equal(result.frame, few(), check_exact=True)
    made = counted()
    again = transfer(folder=folder, **FEW)
    assert not made
    pd.testing.assert_frame_equal(again.frame, few(), check_exact=True)
    assert not list(folder.rglob("*.partial*"))


def test_a_folder_can_be_added_to(counted, tmp_path):
    options = {"treatments": ["AnB"], "folder": tmp_path / "more"}
    first = transfer(layers=[3], directions=["A->B"], **options)
    assert list(first.frame["treatment"]) == ["base", "AnB"]
    made = counted()
    more = transfer(layers=[1, 3], **options)
    assert [(run.n, run.direction) for run in made] == [(1, "A->B"), (1, "B->A"), (3, "B->A")]
    wanted = experiment().frame.query("treatment in ('base', 'AnB')").reset_index(drop=True)
    pd.testing.assert_frame_equal(more.frame, wanted, check_exact=True)
    everything = kf.TransferResult.load(tmp_path / "more")
    pd.testing.assert_frame_equal(everything.frame, wanted, check_exact=True)


def test_a_folder_of_another_experiment_is_refused(tmp_path):
    manifest = experiment().folder / "transfer.json"
    before = manifest.read_text()
    for options, told in (
        ({"steps": 5}, "steps was 3 and is 5"),
        ({"make_optimizer": still}, "optimizer was"),
        ({"tasks": some_tasks(1)}, "tasks was"),
        ({"batch_size": 9}, "batch_size was 8"),
    ):
        with pytest.raises(ValueError, match=told):
            transfer(folder=experiment().folder, **options)
    assert manifest.read_text() == before
    (tmp_path / "notes.txt").write_text("something else")
    with pytest.raises(ValueError, match="other content"):
        transfer(folder=tmp_path)
    with pytest.raises(ValueError, match=r"transfer\.json"):
        kf.TransferResult.load(tmp_path)


def test_a_result_can_be_read_at_any_time(counted, tmp_path):
    for done in (0, 1):
        counted(done)
        with pytest.raises(Killed):
            transfer(folder=tmp_path / "early", **FEW)
        result = kf.TransferResult.load(tmp_path / "early")
        assert len(result.frame) == done
        assert list(result.frame.columns) == ["treatment", "n", "seed", "direction", "accuracy"]


def test_a_result_is_read_again_in_a_fresh_process(tmp_path):
    images = np.random.default_rng(5).random((4, *SHAPE), np.float32)
    np.save(tmp_path / "images.npy", images)
    program = (
        "import sys, numpy as np, keras_freq as kf\n"
        "folder, images, frame, scores = sys.argv[1:]\n"
        "result = kf.TransferResult.load(folder)\n"
        "result.frame.to_csv(frame, index=False)\n"
        "np.save(scores, result.model('AnB+', 3)(np.load(images)))\n"
    )
    paths = [
        experiment().folder,
        *(tmp_path / n for n in ("images.npy", "frame.csv", "scores.npy")),
    ]
    subprocess.run([sys.executable, "-c", program, *map(str, paths)], check=True)
    assert (tmp_path / "frame.csv").read_text() == experiment().frame.to_csv(index=False)
    np.testing.assert_array_equal(
        np.load(tmp_path / "scores.npy"), experiment().model("AnB+", 3)(images)
    )


def test_only_the_bases_are_kept_if_so_wished(tmp_path):
    options = {"layers": [1], "folder": tmp_path / "few", **FEW}
    result = transfer(save_models=False, **options)
    assert len(list((tmp_path / "few" / "networks").iterdir())) == 2
    assert result.model("base").count_params()
    with pytest.raises(ValueError, match="only the base networks"):
        result.model("AnB", 1)


def test_a_temporary_folder_goes_with_the_result():
    result = transfer(layers=[1], treatments=["AnB"], directions=["A->B"], steps=1)
    folder = result.folder
    assert result.model("AnB", 1).count_params()
    del result
    assert not folder.exists()
