"""The folder of an examination: one process at a time, and no folder of other files."""

import contextlib

import pytest
from wave_cases import SIZE, wave_images, wave_model

import keras_freq as kf
from keras_freq.lab.config import ConfigError
from keras_freq.lab.examination import examination
from keras_freq.lab.store import RunningElsewhereError


@pytest.fixture
def examine(wave, tmp_path):
    """Examines the model, with time for one question only."""
    wave_model(wave, tmp_path / "wave.keras")
    options = {"out": tmp_path / "out", "minutes": 0.01, "progress": False}
    return lambda: kf.examine(tmp_path / "wave.keras", wave_images(wave, 88), **options)


def test_a_second_one_at_once_is_refused_until_the_page_is_written(examine, monkeypatch):
    write, refused = examination.write_content, []

    def while_it_is_running(folder, *results):
        if not refused:
            with pytest.raises(RunningElsewhereError, match="running the examination") as error:
                examine()
            refused.append(error)
        return write(folder, *results)

    monkeypatch.setattr(examination, "write_content", while_it_is_running)
    first = examine()
    assert len(refused) == 1
    assert first.verdict == examine().verdict


@pytest.mark.parametrize("interrupted", [False, True])
def test_the_file_that_is_locked_goes_with_the_run(examine, tmp_path, monkeypatch, interrupted):
    def stop(*arguments):
        assert (tmp_path / "out" / ".running").exists()
        if interrupted:
            raise KeyboardInterrupt

    monkeypatch.setattr(examination, "write_content", stop)
    monkeypatch.setattr(examination, "write_report", stop)
    monkeypatch.setattr(examination.Examination, "load", lambda folder: None)
    with contextlib.suppress(KeyboardInterrupt):
        examine()
    assert "filter_sweep.csv" in [path.name for path in (tmp_path / "out").iterdir()]
    assert not (tmp_path / "out" / ".running").exists()


def test_a_folder_of_other_files_is_left_alone(examine, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text(f"{SIZE} pages")
    with pytest.raises(ConfigError, match="holds files, but no examination of ours"):
        examine()
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["thesis.txt"]


def test_a_file_is_no_folder(examine, tmp_path):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(ConfigError, match="Not a directory"):
        examine()
