"""The plan of an examination: what fits into the time is done, the most telling first."""

import json
import types

import numpy as np
import pytest

from keras_freq.lab.config import ConfigError
from keras_freq.lab.examination import examination
from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.examination.classes import outputs_of
from keras_freq.lab.examination.planning import make_plan, measured_speed, minutes_needed

NAMES = tuple(block.name for block in BLOCKS)
LENSES = {block.name for block in BLOCKS if block.lens}


def counts(num_classes, each):
    return [np.full(num_classes, each)] * 2


def test_without_a_limit_all_is_done_on_fifty_images_of_a_class():
    plan = make_plan(BLOCKS, counts(10, 200), (32, 32), 1000.0)
    assert (plan.by, plan.searched_per_class, plan.searched) == ("class", 50, 500)
    assert (plan.scored_per_class, plan.scored) == (50, 500)
    assert (plan.blocks, plan.left_out) == (NAMES, ())


def test_less_time_means_fewer_images_then_fewer_questions():
    plans = [
        make_plan(BLOCKS, counts(10, 200), (64, 64), 300.0, minutes)
        for minutes in (0.1, 1, 5, 20, 60, 600)
    ]
    sizes = [plan.searched for plan in plans]
    asked = [len(set(plan.blocks) - LENSES) for plan in plans]
    assert sizes == sorted(sizes) and sizes[-1] == 500 and sizes[0] == 100
    assert asked == sorted(asked) and asked[0] == 1 and plans[-1].blocks == NAMES
    for plan in plans:
        assert sorted(plan.blocks + plan.left_out) == sorted(NAMES)
        assert plan.blocks == tuple(name for name in NAMES if name in plan.blocks)
        # What is left out of the questions of the verdict are the last ones.
        questions = [name for name in NAMES if name not in LENSES]
        kept = [name for name in questions if name in plan.blocks]
        assert kept == questions[: len(kept)]
        assert plan.seconds <= 60 * plan.minutes or len(plan.blocks) == 1


def test_the_minutes_that_are_advised_are_enough_also_on_a_slower_machine():
    amount = counts(10, 200), (64, 64)
    for rate in (100.0, 300.0, 2000.0):
        short = make_plan(BLOCKS, *amount, rate, 0.1)
        assert "transplants" in short.left_out
        minutes = minutes_needed(short.verdict_seconds)
        for slower in (rate, rate / 1.2):
            plan = make_plan(BLOCKS, *amount, slower, minutes)
            assert set(NAMES) - LENSES <= set(plan.blocks)
        assert minutes <= 1 + 1.2 * short.verdict_seconds / 60


def test_lenses_take_no_images_and_fill_the_time_that_is_left():
    questions = [block for block in BLOCKS if not block.lens]
    for minutes in (1, 5, 20, 60):
        amount = counts(10, 200), (64, 64), 300.0, minutes
        plan, without = make_plan(BLOCKS, *amount), make_plan(questions, *amount)
        assert (plan.searched, plan.scored) == (without.searched, without.scored)
        assert set(plan.blocks) - LENSES == set(without.blocks)
    # With images for a question, but no time for the next lens, a cheaper lens is taken.
    costly, cheap = "fourier_heat_map", "phase_preference"
    plans = [make_plan(BLOCKS, counts(10, 200), (64, 64), 300.0, m) for m in range(10, 20)]
    assert any(costly in plan.left_out and cheap in plan.blocks for plan in plans)


def test_too_few_images_of_a_class_are_taken_together():
    plan = make_plan(BLOCKS, counts(1000, 1), (224, 224), 100.0, 15)
    assert plan.by == "all"
    assert plan.searched <= 500
    assert "transplants" not in plan.blocks + plan.left_out


def test_more_time_adds_questions_about_the_same_images():
    before = make_plan(BLOCKS, counts(10, 200), (64, 64), 300.0, 1)
    after = make_plan(BLOCKS, counts(10, 200), (64, 64), 300.0, 600, before=before)
    assert (after.searched, after.scored) == (before.searched, before.scored)
    assert after.blocks == NAMES
    slower = make_plan(BLOCKS, counts(10, 200), (64, 64), 1.0, 0.1, before=after)
    assert slower.blocks == NAMES  # what was done stays


def test_what_the_verdict_reads_comes_before_lenses_even_if_it_takes_a_fifth_more():
    needed = [block for block in BLOCKS if not block.lens]
    fewest = [np.full(10, 10), np.full(10, 20)]
    least = make_plan(needed, fewest, (32, 32), 1000.0)
    for share, all_of_them in ((0.9, True), (0.8, False)):
        plan = make_plan(BLOCKS, fewest, (32, 32), 1000.0, share * least.seconds / 60)
        assert (set(plan.blocks) >= {block.name for block in needed}) == all_of_them
        if all_of_them:
            assert not LENSES & set(plan.blocks)
        told = examination._plan_in_words(plan, types.SimpleNamespace(class_names=["a"] * 10))
        assert ("All that the verdict reads takes about 3 min" in told) != all_of_them


def test_what_another_measurement_of_the_speed_may_change_is_said(monkeypatch):
    given = BLOCKS, counts(10, 200), (64, 64)
    plan = make_plan(*given, 300.0, 10)
    slow, fast = (make_plan(*given, 300.0 * factor, 10) for factor in (1 / 1.2, 1.2))
    changed = set(fast.blocks) ^ set(slow.blocks)
    assert changed and set(plan.near) - {"images"} == changed
    assert ("images" in plan.near) == (slow.searched != fast.searched or slow.scored != fast.scored)
    assert make_plan(*given, 300.0).near == ()
    source = types.SimpleNamespace(class_names=["a"] * 10)
    for load, busy in (((0.1, 9, 9), False), ((999, 0, 0), True)):
        monkeypatch.setattr("os.getloadavg", lambda load=load: load)
        told = examination._plan_in_words(plan, source)
        assert "another time it may decide otherwise about" in told
        assert told.endswith("it may take longer.") == busy


def test_every_block_compiles_the_model():
    slow, fast = (
        make_plan(BLOCKS, counts(4, 100), (32, 32), 1000.0, start=start) for start in (5.0, 0.0)
    )
    assert slow.seconds - fast.seconds == pytest.approx(3 * 5 * len(BLOCKS))


def test_the_speed_of_a_model_is_that_of_its_batches_and_not_of_its_first_call(monkeypatch):
    clock = iter(np.cumsum([0, 7, *[0.5] * 99]))  # 7 s until it runs, then 0.5 s for each look

    class Classifier:
        batch_size = 10

        def __init__(self, logits, image_shape):
            self.answers = len

    monkeypatch.setattr("keras_freq.lab.examination.planning.CompiledClassifier", Classifier)
    monkeypatch.setattr("time.perf_counter", lambda: float(next(clock)))
    model = types.SimpleNamespace(output_shape=(None, 4))
    assert measured_speed(model, (8, 8, 3)) == (20.0, 7.0)


def test_outputs_of_classes():
    assert outputs_of(["cat", "dog"], 2) is None
    assert outputs_of(["cat", "dog"], 1) is None
    assert outputs_of(["cat", "dog"], 2, ["dog", "cat"]) == {"cat": 1, "dog": 0}
    assert outputs_of(["cat", "dog"], 2, ["cat", "dog"]) is None
    named = {"bird": 3, "dog": np.int64(2), "cat": np.array([0, 4])}
    chosen = outputs_of(["cat", "dog"], 5, named)
    assert json.dumps(chosen) == '{"cat": [0, 4], "dog": 2}'
    with pytest.raises(ValueError, match="integers from 0 to 3"):
        outputs_of(["cat", "dog"], 4, named)
    wordnet = ["n01440764", "n01443537"]
    assert outputs_of(wordnet, 1000) == {name: name for name in wordnet}


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (None, "knows 5 classes, and the images are of 2: cat, dog"),
        (["cat", "dog"], "all 5 of them"),
        (["a", "b", "c", "d", "cat"], "'dog', which is no output"),
        ({"cat": 1}, "'dog', which has no output"),
    ],
)
def test_outputs_that_do_not_fit(classes, message):
    with pytest.raises(ConfigError, match=message):
        outputs_of(["cat", "dog"], 5, classes)


def test_of_more_classes_than_the_model_has_some_must_be_left_out():
    with pytest.raises(ConfigError, match=r"a, b, c\. Leave out the images"):
        outputs_of(["a", "b", "c"], 2)
