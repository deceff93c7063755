"""Which experiment a results folder belongs to, who runs there, and how far the run is."""

import json
import re
import subprocess
import sys
import textwrap

import pytest
from experiment_cases import TINY

from keras_freq.lab.config import ConfigError, load_experiments, parse_experiment, to_toml
from keras_freq.lab.store import (
    RunningElsewhereError,
    check_results,
    check_same_images,
    locked_folder,
    open_results,
    run_state,
)


def test_a_folder_of_another_experiment_is_refused(finished):
    other = parse_experiment({**TINY, "seed": 7})
    expected = "another experiment (there: seed = 0 | now: seed = 7)"
    with pytest.raises(ConfigError, match=re.escape(expected)):
        check_results(finished, other)


def test_a_folder_of_something_else_is_refused(tiny, tmp_path):
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(ConfigError, match="no experiment of ours"):
        check_results(tmp_path, tiny)
    assert check_results(tmp_path / "new" / "deeper", tiny) == tmp_path / "new" / "deeper"
    assert not (tmp_path / "new").exists()


def test_an_unwritable_folder_is_refused(tiny, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(ConfigError, match="cannot write to the output folder"):
        check_results(tmp_path / "file" / "out", tiny)


def test_what_a_killed_process_leaves_is_no_other_experiment(tiny, tmp_path):
    (tmp_path / ".config.7.partial.toml").write_text("[da")
    check_results(tmp_path, tiny)
    open_results(tmp_path, tiny, "first")
    open_results(tmp_path, tiny, "second")
    assert json.loads((tmp_path / "environment.json").read_text())["command"] == "first"
    assert load_experiments(tmp_path / "config.toml") == [tiny]


def test_results_of_other_images_are_refused(tiny, tmp_path):
    check_same_images(tmp_path / "new", "1234")
    open_results(tmp_path, tiny, "first", digest="1234")
    check_same_images(tmp_path, "1234")
    with pytest.raises(ConfigError, match=r"results of other images: those of `data` have changed"):
        check_same_images(tmp_path, "5678")
    # A folder that is older than the hash goes on.
    environment = json.loads((tmp_path / "environment.json").read_text())
    del environment["data_sha256"]
    (tmp_path / "environment.json").write_text(json.dumps(environment))
    check_same_images(tmp_path, "5678")


def test_lists_may_grow_if_they_are_named(tiny, tmp_path):
    def with_fractions(*fractions):
        analysis = {**TINY["analysis"], "fractions": list(fractions)}
        return parse_experiment({**TINY, "analysis": analysis})

    open_results(tmp_path, tiny, "first")
    (tmp_path / "report.html").write_text("of fewer fractions")
    larger = with_fractions(0.1, 0.05)
    with pytest.raises(ConfigError, match=r"there: analysis.fractions = \[0.05\] \| now: "):
        check_results(tmp_path, larger)
    growing = ["analysis.fractions"]
    for other in (with_fractions(0.1), larger.model_copy(update={"seed": 3})):
        with pytest.raises(ConfigError, match="holds another experiment"):
            check_results(tmp_path, other, growing=growing)
    check_results(tmp_path, larger, growing=growing)
    open_results(tmp_path, larger, "second")
    assert not (tmp_path / "report.html").exists()
    assert load_experiments(tmp_path / "config.toml") == [larger]
    assert json.loads((tmp_path / "environment.json").read_text())["command"] == "second"


def test_a_folder_from_before_a_key_existed_goes_on(tmp_path):
    plain = parse_experiment({**TINY, "train": {"epochs": 1}})
    text = to_toml(plain)
    for key in ('schedule = "constant"\n', "warmup_fraction = 0.0\n"):
        assert key in text
        text = text.replace(key, "")
    (tmp_path / "config.toml").write_text(text)
    check_results(tmp_path, plain)
    with pytest.raises(ConfigError, match=r"constant.*now.*train.schedule = .cosine"):
        check_results(
            tmp_path, parse_experiment({**TINY, "train": {"epochs": 1, "schedule": "cosine"}})
        )


def test_states_of_a_run_and_who_holds_its_folder(finished, tmp_path):
    assert run_state(finished) == "done"
    assert run_state(tmp_path / "nowhere") == "left"
    (tmp_path / "config.toml").write_text("")
    assert run_state(tmp_path) == "begun"
    program = textwrap.dedent(
        f"""
        import sys, time
        from keras_freq.lab.store import locked_folder
        with locked_folder({str(tmp_path)!r}):
            print("mine", flush=True)
            sys.stdin.read()
        """
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program], **pipes) as other:
        assert other.stdout.readline() == "mine\n"
        assert run_state(tmp_path) == "running"
        with pytest.raises(RunningElsewhereError, match="another process"), locked_folder(tmp_path):
            pass
        other.kill()
    assert run_state(tmp_path) == "begun"


def test_a_lock_that_was_removed_meanwhile_holds_nothing(tmp_path, monkeypatch):
    """Of two that wait for a third, one may get the file that the third one has removed."""
    import fcntl

    (tmp_path / "lock").touch()
    lock = fcntl.flock

    def after_removal(*arguments):
        (tmp_path / "lock").unlink()
        (tmp_path / "lock").touch()
        lock(*arguments)

    monkeypatch.setattr(fcntl, "flock", after_removal)
    with pytest.raises(RunningElsewhereError), locked_folder(tmp_path, "lock"):
        pass
