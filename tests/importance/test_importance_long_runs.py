"""Checkpoints and executors: the same bits, however a search was interrupted or spread."""

import multiprocessing
import os
from concurrent import futures

import numpy as np
import pytest
from importance_cases import CLASSES, small_model, some_images

import keras_freq as kf
from keras_freq.importance import importance_search, pooled_search
from keras_freq.interventions import work_units as work
from keras_freq.interventions.checkpoint import ResultLog, fingerprint_of

SHAPE = (9, 6, 2)
SEARCHES = {
    "exhaustive": {"method": "exhaustive"},
    "screened": {},
    "classes": {"classes": [2, 0]},
    "all exhaustive": {"by": "all", "method": "exhaustive"},
    "all screened": {"by": "all", "max_evaluations": 600},
}
every_search = pytest.mark.parametrize("options", SEARCHES.values(), ids=SEARCHES)


WHOLE = {}


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def search(monkeypatch):
    """A search of many small units, and how many units it has run."""
    monkeypatch.setattr(importance_search, "BATCHES_A_UNIT", 1)
    monkeypatch.setattr(pooled_search, "_PILOT", 8)
    monkeypatch.setattr(pooled_search, "_GRADIENTS", 8)
    model, data = small_model(SHAPE), some_images(SHAPE, n=30)
    runs = []

    def run_unit(classifier, unit, run=work.run_unit):
        if runs and runs[0] is not None and len(runs) > runs[0]:
            raise Killed
        runs.append(unit)
        return run(classifier, unit)

    monkeypatch.setattr(work, "run_unit", run_unit)

    def run(kill_after=None, **options):
        runs[:] = [kill_after]
        try:
            found = kf.frequency_importance(
                model, data, CLASSES, batch_size=16, progress=False, **options
            )
        except Killed:
            found = None
        return found, len(runs) - 1

    return run


def whole_search(search, options):
    """A search that nothing interrupts, and its units: once for all tests."""
    if str(options) not in WHOLE:
        WHOLE[str(options)] = search(**options)
    return WHOLE[str(options)]


def bits(importance, folder):
    importance.save(folder / "bits.npz")
    return (folder / "bits.npz").read_bytes()


@every_search
def test_a_killed_search_goes_on_where_it_was(search, tmp_path, options):
    whole, units = whole_search(search, options)
    assert units > 30
    path, runs, found = tmp_path / "search.log", [], None
    while found is None:
        found, run = search(kill_after=units * 2 // 5, **options, checkpoint=path)
        runs.append(run)
    assert (sum(runs), len(runs)) == (units, 3)
    assert bits(found, tmp_path) == bits(whole, tmp_path)
    again, run = search(**options, checkpoint=path)
    assert run == 0
    assert bits(again, tmp_path) == bits(whole, tmp_path)


def test_a_torn_record_is_dropped_and_computed_again(search, tmp_path):
    path = tmp_path / "search.log"
    whole, _ = whole_search(search, SEARCHES["exhaustive"])
    search(method="exhaustive", checkpoint=path)
    content = path.read_bytes()
    for length in (0, 10, 60, len(content) - 1):
        path.write_bytes(content[:length])
        found, _ = search(method="exhaustive", checkpoint=path)
        assert bits(found, tmp_path) == bits(whole, tmp_path)
        assert len(path.read_bytes()) == len(content)
    broken = bytearray(content)
    broken[-5] ^= 1
    path.write_bytes(broken)
    found, run = search(method="exhaustive", checkpoint=path)
    assert run == 1
    assert bits(found, tmp_path) == bits(whole, tmp_path)
    # What a power cut may leave: the length of the file, and no content.
    path.write_bytes(content + bytes(64))
    found, run = search(method="exhaustive", checkpoint=path)
    assert run == 0
    assert bits(found, tmp_path) == bits(whole, tmp_path)


def test_an_interrupt_cancels_what_waits(search, monkeypatch):
    submitted = []

    class Pool(futures.Executor):
        def submit(self, *_):
            submitted.append(futures.Future())
            return submitted[-1]

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(work.futures, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        search(method="exhaustive", executor=Pool())
    assert submitted
    assert all(future.cancelled() for future in submitted)


def test_a_checkpoint_of_another_search_is_refused(search, tmp_path):
    path = tmp_path / "search.log"
    search(method="exhaustive", checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"`checkpoint`.*of another search"):
        search(method="exhaustive", checkpoint=path, seed=1)
    assert path.read_bytes() == before
    (tmp_path / "notes.txt").write_text("something that must not be lost, whatever happens")
    with pytest.raises(ValueError, match="another file"):
        search(method="exhaustive", checkpoint=tmp_path / "notes.txt")
    assert "must not be lost" in (tmp_path / "notes.txt").read_text()
    with pytest.raises(ValueError, match="folder that exists"):
        search(method="exhaustive", checkpoint=tmp_path / "none" / "search.log")


def test_the_log_keeps_arrays_as_they_are(tmp_path):
    name = fingerprint_of(np.arange(3), "a", None, (0.1, 0.2))
    assert name != fingerprint_of(np.arange(3), "b", None, (0.1, 0.2))
    log = ResultLog(tmp_path / "log", name)
    arrays = [np.random.default_rng(n).normal(size=(n, 2)) for n in range(4)]
    for number, array in enumerate(arrays):
        log.append(2 * number, array)
    log.close()
    log = ResultLog(tmp_path / "log", name)
    assert len(log) == 4
    assert log.get(1) is None
    for number, array in enumerate(arrays):
        np.testing.assert_array_equal(log.get(2 * number), array)
    log.close()


@every_search
def test_threads_give_the_same_bits(search, tmp_path, options):
    whole, units = whole_search(search, options)
    with futures.ThreadPoolExecutor(3) as pool:
        found, run = search(**options, executor=pool)
    assert run == units
    assert bits(found, tmp_path) == bits(whole, tmp_path)


def test_executors_that_cannot_work_are_refused(search):
    with pytest.raises(TypeError, match=r"concurrent\.futures\.Executor"):
        search(method="exhaustive", executor=4)
    fork = multiprocessing.get_context("fork")
    with (
        futures.ProcessPoolExecutor(1, mp_context=fork) as pool,
        pytest.raises(ValueError, match="spawn"),
    ):
        search(method="exhaustive", executor=pool)


@pytest.mark.slow
@every_search
def test_processes_give_the_same_bits(search, tmp_path, options):
    whole, _ = whole_search(search, options)
    spawn = multiprocessing.get_context("spawn")
    with futures.ProcessPoolExecutor(2, mp_context=spawn) as pool:
        found, _ = search(**options, executor=pool, checkpoint=tmp_path / "log")
    assert bits(found, tmp_path) == bits(whole, tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["bits.npz", "log"]
