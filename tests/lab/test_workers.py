"""`--workers` and `--scheduler`: what they open, and what they refuse before anything runs."""

import os
import socket
import sys
import time

import pytest

from keras_freq.lab.cli import main
from keras_freq.lab.config import ConfigError, parse_experiment
from keras_freq.lab.experiments import run_transfer
from keras_freq.lab.workers import executor_of


def nobody():
    """An address of this machine where nothing answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{free.getsockname()[1]}"


def test_without_options_there_is_no_executor():
    with executor_of() as executor:
        assert executor is None


def test_processes_share_the_cores_and_print_nothing(capfd):
    with executor_of(2) as executor:
        threads = executor.submit(os.getenv, "TF_NUM_INTRAOP_THREADS").result()
        assert executor.submit(os.getpid).result() != os.getpid()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    assert int(threads) == max(1, cores // 2)
    assert capfd.readouterr() == ("", "")


def test_a_dask_cluster_computes():
    distributed = pytest.importorskip("distributed")
    options = {"processes": False, "dashboard_address": None, "n_workers": 1}
    with (
        distributed.LocalCluster(protocol="tcp", **options) as cluster,
        executor_of(scheduler=cluster.scheduler_address) as executor,
    ):
        assert executor.submit(sum, [1, 2]).result() == 3


def test_a_worker_that_dies_is_told_in_one_message():
    with pytest.raises(ConfigError, match="a worker process died"), executor_of(1) as executor:
        executor.submit(os._exit, 1).result()


@pytest.mark.parametrize("workers", [0, -1, 1.5])
def test_at_least_one_worker(workers):
    with pytest.raises(ValueError, match="`--workers` must be an integer >= 1"):
        executor_of(workers).__enter__()


def test_a_scheduler_that_does_not_answer_is_told_within_seconds():
    started = time.monotonic()
    for address in (nobody(), "nonsense", "foo://127.0.0.1:1"):
        with pytest.raises(ConfigError, match=f"no Dask scheduler answers at {address}"):
            executor_of(scheduler=address).__enter__()
    assert time.monotonic() - started < 10


def test_a_missing_dask_is_told_with_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r'pip install "keras-freq\[cluster\]"'):
        executor_of(scheduler=nobody()).__enter__()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--workers", "0"], "`--workers` must be an integer >= 1"),
        (["--workers", "2", "--scheduler", "tcp://x:1"], "give --workers or --scheduler, not both"),
        (["--scheduler", nobody()], "no Dask scheduler answers at"),
    ],
)
def test_long_commands_refuse_bad_options_first(options, message, tmp_path, capsys):
    file = tmp_path / "demo.toml"
    file.write_text(
        '[data]\nsource = "frequency_bands"\nband = 1\n'
        '[model]\nname = "LeNet5"\n[train]\nsteps = 1\n'
    )
    out = ["--out", str(tmp_path / "out")]
    for command in (["run", str(file)], ["examine", "no.keras", str(tmp_path)]):
        assert main([*command, *out, *options]) == 2
        error = capsys.readouterr().err
        assert error.startswith("keras-freq: ") and message in error
        assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_number_of_workers_must_be_a_number(capsys):
    with pytest.raises(SystemExit):
        main(["run", "demo.toml", "--workers", "two"])
    assert "argument --workers: invalid int value: 'two'" in capsys.readouterr().err


def test_streams_are_read_in_one_process(tmp_path):
    experiment = parse_experiment(
        {
            "name": "stream",
            "data": {"source": "folder", "path": "x", "image_size": 16},
            "model": {"name": "LeNet5"},
            "train": {"steps": 1},
            "transfer": {"splits": [{"type": "random"}], "stream": True},
        }
    )
    with (
        executor_of(1) as executor,
        pytest.raises(ConfigError, match=r"transfer.stream reads images in this process only"),
    ):
        run_transfer(experiment, tmp_path / "out", executor=executor)
    assert not (tmp_path / "out").exists()
