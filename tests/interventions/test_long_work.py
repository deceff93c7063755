"""Checkpoints and executors of the engine: the same bits, however the work was done."""

from concurrent import futures

import numpy as np
import pytest
from interventions_cases import CLASSES, linear_model, some_images, some_masks

from keras_freq.interventions import (
    KeptFrequencies,
    count_answers,
    engine,
    every_item,
    sum_losses,
    work_units,
)

# The network of these tests has learned nothing of the labels.
pytestmark = pytest.mark.filterwarnings("ignore:`model` .* guessing:UserWarning")


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def work(monkeypatch):
    """Work of many small units, and how many of them were run."""
    monkeypatch.setattr(engine, "BATCHES_A_UNIT", 1)
    run_unit, runs = work_units.run_unit, []

    def counting(classifier, unit):
        if runs[0] is not None and len(runs) > runs[0]:
            raise Killed
        runs.append(unit)
        return run_unit(classifier, unit)

    monkeypatch.setattr(work_units, "run_unit", counting)

    def run(kill_after=None, data=None, masks=None, ask=sum_losses, **options):
        runs[:] = [kill_after]
        masks = some_masks() if masks is None else masks
        change = KeptFrequencies(masks, 0.5)
        try:
            found = ask(
                linear_model(),
                data or some_images(200),
                CLASSES,
                change,
                every_item(len(masks)),
                task="test",
                batch_size=16,
                **options,
            )
        except Killed:
            found = None
        return found, len(runs) - 1

    return run


def test_killed_work_goes_on_where_it_was(work, tmp_path):
    whole, units = work()
    assert units > 50
    total = 0
    for _ in range(units):
        found, run = work(kill_after=23, checkpoint=tmp_path / "log")
        total += run
        if found is not None:
            break
    assert total == units
    for one, other in zip(found, whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_images_are_computed_anew_and_other_work_is_refused(work, tmp_path):
    options = {"checkpoint": tmp_path / "log"}
    images, labels = some_images(200)
    _, units = work(**options)
    # The network and the first images tell which work it is, and each unit which images.
    changed = images.copy()
    changed[100] = 0.25
    expected, _ = work(data=(changed, labels))
    found, run = work(data=(changed, labels), **options)
    assert run == 1
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_array_equal(one, other)
    assert work(**options)[1] == 0 < units
    for other in ({"masks": some_masks()[:-1]}, {"ask": count_answers}):
        with pytest.raises(ValueError, match=r"`checkpoint`.*of another search"):
            work(**other, **options)


def test_threads_give_the_same_bits(work):
    whole, units = work()
    with futures.ThreadPoolExecutor(3) as pool:
        found, run = work(executor=pool)
    assert run == units
    for one, other in zip(found, whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_an_executor_is_given_a_bounded_number_of_units(work, monkeypatch):
    monkeypatch.setattr(work_units, "_IN_FLIGHT", 3)
    held, most = set(), []

    class Pool(futures.Executor):
        """Runs what it is given at once, and counts what it has been given and not taken back."""

        def submit(self, function, unit):
            future = futures.Future()
            future.set_result(function(unit))
            held.add(future)
            most.append(len(held))
            return future

    wait = futures.wait

    def waiting(running, **options):
        done, left = wait(running, **options)
        held.difference_update(done)
        return done, left

    monkeypatch.setattr(work_units.futures, "wait", waiting)
    work(executor=Pool())
    assert max(most) == 3
