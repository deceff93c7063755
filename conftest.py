"""Options and fixtures shared by all tests."""

import gc
import os
import sys

# Before TensorFlow is imported: no start-up chatter, no GPU, and figures without a screen.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("MPLBACKEND", "Agg")
# Of processes side by side each has one core: with more threads than cores all of them wait.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")

import pytest

# They hold no examples, and several of one name cannot be collected as modules.
collect_ignore_glob = ["*conftest.py"]


def pytest_addoption(parser):
    parser.addoption("--slow", action="store_true", help="also run the long forms of tests")


def pytest_collection_modifyitems(config, items):
    # Experiments switch deterministic operations on for the rest of the process, in which XLA and
    # the bits of a training are then others. So the lab's tests come last.
    items.sort(key=lambda item: "tests/lab/" in item.path.as_posix())
    if config.getoption("--slow"):
        return
    skip = pytest.mark.skip(reason="long form; run with --slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


def pytest_collection():
    """Searches for no garbage while modules are imported, which makes hardly any."""
    gc.disable()


def pytest_collection_finish():
    """Spares the search for garbage what is imported by now, which is most of what there is."""
    gc.enable()
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def _freeze_what_stays():
    """What a file of tests leaves behind is searched once: graphs are many objects."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _close_figures():
    """Close what a test or a docstring's example has drawn; matplotlib warns of 21 open figures."""
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
