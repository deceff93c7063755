"""A run that was killed goes on to the same bits, and a finished one is not run again."""

import subprocess
import sys
import textwrap

import pytest
from experiment_cases import FILES, same_content

from keras_freq.lab.config import to_toml
from keras_freq.lab.experiments import analyses, run_experiment, training


def test_a_finished_run_is_not_run_again(finished, tiny, monkeypatch):
    names = (*FILES, "model.keras", "report.html", "figures/adcs.png")
    before = {name: (finished / name).stat().st_mtime_ns for name in names}
    monkeypatch.setattr(training, "train", None)
    run_experiment(tiny, finished, progress=False)
    assert before == {name: (finished / name).stat().st_mtime_ns for name in before}


def test_killed_twice_and_resumed_it_is_the_uninterrupted_run(finished, tiny, tmp_path):
    (tmp_path / "tiny.toml").write_text(to_toml(tiny))
    # Killed by the operating system's exit, so that no handler can tidy up: first right after the
    # second epoch's checkpoint, then in the middle of writing the rates.
    program = textwrap.dedent(
        f"""
        import os, pathlib
        from keras.callbacks import LambdaCallback
        from keras_freq.lab.config import load_experiments
        from keras_freq.lab.experiments import run_experiment
        def die(epoch, logs):
            if epoch == 1:
                os._exit(9)
        (experiment,) = load_experiments({str(tmp_path / "tiny.toml")!r})
        callbacks = [LambdaCallback(on_epoch_end=die)]
        run_experiment(experiment, {str(tmp_path / "out")!r}, callbacks=callbacks, progress=False)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    out = tmp_path / "out"
    assert (out / "checkpoint.npz").exists()
    assert not (out / "model.keras").exists()
    (out / ".rates.1.partial.csv").write_text("half a f")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyses, "write_rates", _interrupt)
        with pytest.raises(KeyboardInterrupt):
            run_experiment(tiny, out, progress=False)
    assert (out / "importance.npz").exists()
    assert not (out / "rates.csv").exists()

    run_experiment(tiny, out, progress=False)
    different = [name for name in FILES if not same_content(out / name, finished / name)]
    assert not different
    assert not list(out.glob("**/.*"))
    assert not (out / "checkpoint.npz").exists()


def _interrupt(*_args, **_options):
    raise KeyboardInterrupt
