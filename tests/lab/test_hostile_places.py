"""Full disks, folders that become read-only, two runs at once, a clock that goes backwards."""

import contextlib
import errno
import itertools
import os
import resource
import shutil
import time

import pytest
from experiment_cases import FILES, same_content

from keras_freq.lab.cli import main
from keras_freq.lab.config import to_toml
from keras_freq.lab.store import locked_folder


@pytest.fixture
def run(tiny, tmp_path, capsys):
    """Runs the small experiment, and gives the exit status and what was printed."""
    (tmp_path / "tiny.toml").write_text(to_toml(tiny))

    def call(out=tmp_path / "out"):
        status = main(["run", str(tmp_path / "tiny.toml"), "--out", str(out)])
        return status, capsys.readouterr().err

    return call


@contextlib.contextmanager
def no_file_beyond(size):
    """Lets no file grow beyond a size, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def is_one_message(printed):
    """Whether the last line is one message of ours, and none is a traceback."""
    last = printed.splitlines()[-1]
    return last.startswith("keras-freq: ") and "Traceback" not in printed


def leftovers(folder):
    return [path for path in folder.rglob("*") if "partial" in path.name]


def test_a_full_disk_loses_nothing(run, finished, tmp_path):
    out = tmp_path / "out"
    for size in (200, 2_000, 30_000, 100_000):
        with no_file_beyond(size):
            status, printed = run()
        assert status == 2, (size, printed)
        assert is_one_message(printed), printed
        assert "File too large" in printed and "resumes where it stopped" in printed
        assert leftovers(out) == []
    assert run()[0] == 0
    assert [name for name in FILES if not same_content(out / name, finished / name)] == []


def test_a_message_stands_below_the_bar_of_the_training(run, tmp_path, monkeypatch):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with no_file_beyond(30_000):
        status, printed = run()
    assert status == 2 and "training:" in printed
    assert is_one_message(printed), printed


def test_a_folder_that_becomes_read_only_loses_nothing(run, finished, tmp_path, monkeypatch):
    replace, calls = os.replace, itertools.count()

    def until_the_fifth(source, target):
        if next(calls) >= 5:
            raise PermissionError(errno.EACCES, "Permission denied", str(source))
        return replace(source, target)

    monkeypatch.setattr(os, "replace", until_the_fifth)
    status, printed = run()
    assert (status, is_one_message(printed)) == (2, True)
    assert "Permission denied" in printed and "partial" not in printed
    assert leftovers(tmp_path / "out") == []
    monkeypatch.undo()
    assert run()[0] == 0
    assert [n for n in FILES if not same_content(tmp_path / "out" / n, finished / n)] == []


def test_the_second_of_two_runs_is_refused(run, finished, tmp_path):
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    (folder / "rates.csv").unlink()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    with locked_folder(folder):
        status, printed = run(folder)
    assert (status, printed.count("\n")) == (2, 1)
    assert "another process is running the experiment" in printed
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_a_clock_that_goes_backwards_changes_nothing(run, finished, tmp_path, monkeypatch):
    now = itertools.count(time.time(), -3600)
    monkeypatch.setattr(time, "time", lambda: next(now))
    assert run()[0] == 0
    out = tmp_path / "out"
    assert [name for name in FILES if not same_content(out / name, finished / name)] == []
