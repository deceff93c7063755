"""Work on a Dask cluster of two processes, one of which is killed: the same bits as here."""

import dataclasses
import os
import signal
import threading
import time

import distributed
import numpy as np
import pandas as pd
import pytest
from interventions_cases import CLASSES, SHAPE, linear_model, some_images

import keras_freq as kf
from keras_freq.importance import importance_search, pooled_search
from keras_freq.interventions import engine

# The processes of a cluster warn of what they like, at any time.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def client():
    """A client of a cluster with two workers."""
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        yield client


def kill_when_begun(path, pid, killed):
    """Ends a process as soon as some units of work are in a log."""
    while not (path.exists() and path.stat().st_size > 2000):
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    killed.append(pid)


def test_rates_are_those_of_this_process(client, monkeypatch):
    monkeypatch.setattr(engine, "BATCHES_A_UNIT", 1)
    maps = np.stack([kf.low_pass_mask(SHAPE[:2], radius) for radius in (1, 2, 3)])
    arguments = linear_model(), some_images(60), maps
    options = {"batch_size": 32, "progress": False}
    for test in (kf.rates_under_maps, kf.recall_without_maps):
        there = test(*arguments, executor=client.get_executor(), **options)
        pd.testing.assert_frame_equal(there, test(*arguments, **options), check_exact=True)


@pytest.mark.parametrize(
    "options",
    [
        {"by": "all", "max_evaluations": 600},
        {"classes": [2], "method": "exhaustive"},
    ],
)
def test_importance_is_that_of_this_process(client, monkeypatch, options):
    monkeypatch.setattr(importance_search, "BATCHES_A_UNIT", 1)
    monkeypatch.setattr(pooled_search, "_PILOT", 8)
    monkeypatch.setattr(pooled_search, "_GRADIENTS", 8)
    options = {"progress": False, "batch_size": 8, **options}
    arguments = linear_model(), some_images(60), CLASSES
    here = kf.frequency_importance(*arguments, **options)
    there = kf.frequency_importance(*arguments, executor=client.get_executor(), **options)
    assert ("max_evaluations" in options) == (here.search_stderr > 0).any()
    for field in dataclasses.fields(here):
        one, other = (getattr(found, field.name) for found in (here, there))
        np.testing.assert_array_equal(one, other)


def test_a_killed_worker_changes_nothing(client, tmp_path, monkeypatch):
    monkeypatch.setattr(importance_search, "BATCHES_A_UNIT", 1)
    arguments = linear_model(), some_images(80), CLASSES
    options = {"method": "exhaustive", "progress": False, "batch_size": 8}
    here = kf.frequency_importance(*arguments, **options)
    pids = client.run(os.getpid)
    # No other process takes its place: it would import TensorFlow for nothing.
    client.run(lambda dask_worker: dask_worker.close_gracefully(), nanny=True)
    killed, log = [], tmp_path / "log"
    watch = threading.Thread(
        target=kill_when_begun, args=(log, next(iter(pids.values())), killed), daemon=True
    )
    watch.start()
    there = kf.frequency_importance(
        *arguments, executor=client.get_executor(), checkpoint=log, **options
    )
    assert killed and len(client.scheduler_info()["workers"]) == 1
    for name in ("loss_change", "stderr", "fold_sums", "base_loss"):
        np.testing.assert_array_equal(getattr(here, name), getattr(there, name))
    assert here.evaluations == there.evaluations
    assert os.listdir(tmp_path) == ["log"]
