"""Finished runs that several files of tests share. TensorFlow is loaded only if one is used."""

import functools
from pathlib import Path

import pytest

# What each figure's first file of a kind holds, in this process; and whether all are drawn.
_DRAWN, _DRAWS = {}, [False]


@pytest.fixture(scope="session", autouse=True)
def figures_drawn_once():
    """Draws each figure once in a process, and copies it where it is saved or narrowed again.

    Drawing is most of the time of a small run. Finished runs are shared by all files of tests, so
    that this begins before them.
    """
    from matplotlib.figure import Figure

    from keras_freq.lab import pages, tables

    draw = Figure.savefig

    def savefig(figure, path, **options):
        # The name of the file is within that of the temporary one: ".name.process.partial.png".
        kind = Path(path).name.split(".")[1], Path(path).suffix
        if _DRAWS[0] or kind not in _DRAWN:
            draw(figure, path, **options)
            _DRAWN.setdefault(kind, Path(path).read_bytes())
        else:
            Path(path).write_bytes(_DRAWN[kind])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", savefig)
        # A figure that is copied is not laid out. `test_saved_figures.py` lays out as users do.
        patch.setattr(tables, "_laid_out", lambda figure: "tight")
        patch.setattr(pages, "stacked", functools.cache(pages.stacked))
        yield


@pytest.fixture
def draws():
    """For a test that has to see what its own figures show."""
    _DRAWS[0] = True
    yield
    _DRAWS[0] = False


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
