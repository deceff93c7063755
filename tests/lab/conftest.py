"""Finished runs that several files of tests share. TensorFlow is loaded only if one is used."""

import pytest


@pytest.fixture(scope="session")
def tiny():
    """A small experiment."""
    from experiment_cases import TINY, parse_experiment

    return parse_experiment(TINY)


@pytest.fixture(scope="session")
def finished(tiny, tmp_path_factory):
    """A small experiment, the whole way."""
    from keras_freq.lab.experiments import run_experiment

    folder = tmp_path_factory.mktemp("runs") / "tiny"
    return run_experiment(tiny, folder, command="keras-freq run tiny.toml", progress=False)


@pytest.fixture(scope="session")
def finished_transfer(tmp_path_factory):
    """A small transfer experiment, the whole way."""
    from experiment_cases import TRANSFER, parse_experiment

    from keras_freq.lab.experiments import run_transfer

    folder = tmp_path_factory.mktemp("runs") / "transfer"
    command = "keras-freq run tiny.toml"
    return run_transfer(parse_experiment(TRANSFER), folder, command=command, progress=False)


@pytest.fixture(scope="session")
def transfer_file(tmp_path_factory):
    """The small transfer experiment as a file."""
    from experiment_cases import TRANSFER, parse_experiment

    from keras_freq.lab.config import to_toml

    path = tmp_path_factory.mktemp("files") / "tiny.toml"
    path.write_text(to_toml(parse_experiment(TRANSFER)))
    return path
