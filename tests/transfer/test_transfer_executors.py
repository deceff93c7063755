"""Threads and processes give the same bits, and other executors are refused."""

import multiprocessing
import random
import threading
from concurrent import futures

import keras
import pandas as pd
import pytest
import tensorflow as tf
from transfer_cases import FEW, experiment, few, same, small_model, some_tasks, transfer

import keras_freq as kf
from keras_freq.transfer.training import build_network


def test_threads_give_the_same_bits(tmp_path):
    with futures.ThreadPoolExecutor(2) as pool:
        result = transfer(executor=pool, folder=tmp_path / "threads", **FEW)
    pd.testing.assert_frame_equal(result.frame, few(), check_exact=True)
    for key in (("base", 0), ("AnB", 3), ("random", 1)):
        one, other = experiment().model(*key), result.model(*key)
        assert same(one.get_weights(), other.get_weights())


def test_other_threads_may_draw_random_numbers():
    """As the threads of a dask worker do."""
    keras.utils.set_random_seed(4)
    weights = small_model(3).get_weights()
    drawn, stop = [], threading.Event()

    def draw():
        while not stop.wait(0.0005):
            drawn.append(random.random())

    other = threading.Thread(target=draw, daemon=True)
    other.start()
    try:
        networks = [build_network(small_model, 3, seed=4) for _ in range(3)]
    finally:
        stop.set()
        other.join()
    assert len(drawn) > 20
    assert all(same(network.model.get_weights(), weights) for network in networks)
    assert random.randint.__self__ is random.random.__self__


def test_processes_give_the_same_bits(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    folder = tmp_path / "processes"
    options = {"layers": [3], "treatments": ["AnB+"], "directions": ["A->B"], "folder": folder}
    with futures.ProcessPoolExecutor(1, mp_context=spawn) as pool:
        result = transfer(executor=pool, **options)
    wanted = experiment().frame.query("treatment == 'base' or treatment == 'AnB+' and n == 3")
    wanted = wanted[wanted["direction"] == "A->B"].reset_index(drop=True)
    pd.testing.assert_frame_equal(result.frame, wanted, check_exact=True)
    assert sorted(path.name for path in folder.iterdir()) == ["networks", "runs", "transfer.json"]


def test_executors_that_cannot_work_are_refused(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    with futures.ProcessPoolExecutor(1, mp_context=spawn) as pool:
        with pytest.raises(ValueError, match="`folder` must be given"):
            transfer(executor=pool)
        with pytest.raises(ValueError, match="`build_model` must be picklable"):
            transfer(lambda k: small_model(k), executor=pool, folder=tmp_path / "x")
        with pytest.raises(ValueError, match=r"a tf\.data\.Dataset cannot be sent"):
            a, b = some_tasks()
            batches = tf.data.Dataset.from_tensor_slices(tuple(a[0])).batch(8)
            kf.data.with_class_names(batches, a[0].class_names)
            transfer(tasks=((batches, a[1]), b), executor=pool, folder=tmp_path)
    assert not list(tmp_path.iterdir())
    with pytest.raises(TypeError, match=r"concurrent\.futures\.Executor"):
        transfer(executor=3)
