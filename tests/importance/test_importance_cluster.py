"""A search on a dask cluster, one worker of which is killed: the same bits.

Needs the `cluster` extra; skipped without it.
"""

import os
import signal
import threading
import time

import numpy as np
import pytest
from importance_cases import CLASSES, small_model, some_images

import keras_freq as kf
from keras_freq.importance import importance_search

distributed = pytest.importorskip("distributed")


def kill_when_begun(path, pid, size, killed):
    """Ends a process as soon as a file has grown to a size."""
    while not (path.exists() and path.stat().st_size > size):
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    killed.append(pid)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_killed_worker_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(importance_search, "BATCHES_A_UNIT", 1)
    shape, options = (24, 24, 3), {"method": "exhaustive", "progress": False, "batch_size": 32}
    model, data = small_model(shape), some_images(shape, n=60)
    here = kf.frequency_importance(model, data, CLASSES, **options)
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
    )
    with cluster, distributed.Client(cluster) as client:
        pids = client.run(os.getpid)
        killed, log = [], tmp_path / "log"
        arguments = (log, next(iter(pids.values())), 3000, killed)
        threading.Thread(target=kill_when_begun, args=arguments, daemon=True).start()
        there = kf.frequency_importance(
            model, data, CLASSES, executor=client.get_executor(), checkpoint=log, **options
        )
        assert killed
        assert set(client.run(os.getpid).values()) != set(pids.values())
    for name in ("loss_change", "stderr", "fold_sums", "base_loss"):
        np.testing.assert_array_equal(getattr(here, name), getattr(there, name))
    assert here.evaluations == there.evaluations
    assert os.listdir(tmp_path) == ["log"]
