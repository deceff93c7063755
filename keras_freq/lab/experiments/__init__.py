"""One experiment file -> data, model, training, analysis, results on disk.

`run_experiment` writes everything into one folder. Every stage writes its files atomically at its
end, and is skipped where they are there: the same call again resumes where it stopped.
"""

import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.augmentation import augmentation_of
from keras_freq.lab.experiments.figures import write_figures
from keras_freq.lab.experiments.inputs import build_model, load_data
from keras_freq.lab.experiments.saved_model import run_dominance
from keras_freq.lab.experiments.stages import (
    filtered_test_sets,
    write_class_rates,
    write_confusions,
    write_importance,
    write_planted,
    write_rates,
    write_scores,
    write_spectra,
    write_without_maps,
)
from keras_freq.lab.experiments.training import train
from keras_freq.lab.experiments.transfer import run_transfer
from keras_freq.lab.run_states import RunningElsewhereError, claimed, run_state
from keras_freq.lab.store import (
    check_results,
    check_same_data,
    open_results,
    record_seconds,
    say,
)

__all__ = ["run_dominance", "run_experiment", "run_sweep", "run_transfer"]


def run_experiment(experiment, folder, *, command="", progress=True):
    """Run an experiment into a folder, or go on with one that was begun there.

    The same experiment gives the same numbers, bit for bit on the same machine: seeds are set, and
    TensorFlow's deterministic operations are switched on for the rest of the process.

    Args:
        experiment: An `Experiment`, as from `keras_freq.lab.config.load_experiments`.
        folder: The results folder. It gets `config.toml`, `environment.json`, `spectra.npz`,
            `history.csv`, `class_metrics.csv`, `model.keras`, `confusion.csv`,
            `relative_confusion.csv`, `scores.npz`, `class_rates.csv`, `importance.npz`,
            `stability.csv`, `rates.csv`, `without_maps.csv`, `figures/` and `report.html`.
        command: The command line that repeats the run, for the report.
        progress: Whether to show progress.

    Returns:
        The folder as a `pathlib.Path`.

    Raises:
        ConfigError: Before any long work, and with nothing written, if the data, the model, the
            augmentation or the folder is not usable, or the folder's results are of other images.
        ValueError: Likewise, if images cannot be read, or TFDS has no such set or split.
    """
    folder = check_results(folder, experiment)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(experiment.seed)
    data = load_data(experiment.data, experiment.seed)
    digest = data.digest()
    check_same_data(folder, digest)
    untrained = build_model(experiment, data)
    augmentation = augmentation_of(experiment, folder, data)
    open_results(folder, experiment, command, digest)
    with claimed(folder):
        _run_stages(experiment, folder, data, untrained, augmentation, progress)
    return folder


def run_sweep(experiments, folder, *, command="", progress=True):
    """Run several experiments into one folder, each into a folder of its name, and compare them.

    Runs that are done are not repeated, and one that another process is running is left to it: the
    same sweep may be started several times at once, to share the work.

    Args:
        experiments: A list of `Experiment` of different names.
        folder: The sweep's folder. Beside the runs' folders it gets `report.html`, which compares
            them, the tables behind it and `figures/`.
        command: The command line that repeats the sweep.
        progress: Whether to show progress.

    Returns:
        The folder as a `pathlib.Path`.

    Raises:
        ConfigError: Before any run, if a folder is not usable or holds another experiment; after
            all of them, if some could not be run to their end.
    """
    from keras_freq.lab.pages.comparison import write_comparison

    folder = Path(folder)
    for experiment in experiments:
        check_results(folder / experiment.name, experiment)
    failed = {}
    # A run that needs the maps of another may come before it: those come once more.
    for attempt in (experiments, [e for e in experiments if e.augmentation.recipe == "dfm_x"]):
        for experiment in attempt:
            if run_state(folder / experiment.name) == "done":
                continue
            if progress:
                place = f"{experiments.index(experiment) + 1} of {len(experiments)}"
                say(f"run {place}: {experiment.name}")
            failed.pop(experiment.name, None)
            keras.utils.clear_session()
            try:
                run_experiment(
                    experiment, folder / experiment.name, command=command, progress=progress
                )
            except RunningElsewhereError as error:
                say(str(error))
            except ValueError as error:  # the other runs do not depend on it
                failed[experiment.name] = error
    if any(run_state(folder / experiment.name) == "done" for experiment in experiments):
        page = write_comparison(folder, command=command)
        if progress:
            say(f"the runs side by side: {page}")
    if failed:
        raise ConfigError(_failures(failed, len(experiments))) from next(iter(failed.values()))
    return folder


def _failures(failed, total):
    """One message for the runs of a sweep that failed, by what happened."""
    names = {}
    for name, error in failed.items():
        names.setdefault(str(error), []).append(name)
    lines = [f"{message} ({'; '.join(runs)})" for message, runs in names.items()]
    return "\n".join([f"{len(failed)} of {total} runs failed:", *lines])


def _run_stages(experiment, folder, data, untrained, augmentation, progress):
    """Run every stage whose files are not there yet."""
    from keras_freq.lab.pages import write_report

    if progress:
        say(
            f"{experiment.name}: {len(data.train_labels)} training and {len(data.test_labels)} "
            f"test images of {len(data.class_names)} classes, {untrained.name} with "
            f"{untrained.count_params():,} parameters -> {folder}"
        )

    done_before = (folder / "report.html").exists()

    def stage(name, files, work):
        if all((folder / file).exists() for file in files):
            return
        # The page shows what the stages wrote: whatever is done anew, it is written anew.
        (folder / "report.html").unlink(missing_ok=True)
        started = time.monotonic()
        work()
        record_seconds(folder, name, time.monotonic() - started)

    stage("spectra", ["spectra.npz"], lambda: write_spectra(folder, data))
    with np.load(folder / "spectra.npz") as stored:
        neutral = stored["neutral"]

    def train_model():
        sets = filtered_test_sets(experiment, data, neutral)
        probes = {name: sets[name] for name in experiment.probes}
        train(
            untrained,
            data,
            experiment,
            probes=probes,
            folder=folder,
            augmentation=augmentation,
            progress=progress,
        )

    stage("training", ["history.csv", "class_metrics.csv", "model.keras"], train_model)
    # Read back from disk, so that a resumed run analyses the very same model.
    model = keras.models.load_model(folder / "model.keras", compile=False)
    settings = experiment.analysis
    options = {"seed": experiment.seed, "neutral": neutral, "progress": progress}
    stage(
        "confusion",
        ["confusion.csv", "relative_confusion.csv"],
        lambda: write_confusions(folder, model, experiment, data, neutral),
    )
    stage("scores", ["scores.npz"], lambda: write_scores(folder, model, data))
    stage("class rates", ["class_rates.csv"], lambda: write_class_rates(folder, data.class_names))
    if settings.importance:
        stage(
            "importance",
            ["stability.csv", "importance.npz"],
            lambda: write_importance(folder, model, data, settings, **options),
        )
        stage(
            "rates",
            ["rates.csv"],
            lambda: write_rates(folder, model, data, settings, **options),
        )
        stage(
            "recall without maps",
            ["without_maps.csv"],
            lambda: write_without_maps(folder, model, data, settings, **options),
        )
        if experiment.data.source == "frequency_bands":
            stage("planted", ["planted.csv"], lambda: write_planted(folder, experiment))
    if done_before and (folder / "report.html").exists():
        outcome = "was done already, nothing to do"
    else:
        outcome = "done"
        write_figures(folder, data, experiment, augmentation)
        write_report(folder)
    if progress:
        say(f"{experiment.name}: {outcome}, see {folder / 'report.html'}")
