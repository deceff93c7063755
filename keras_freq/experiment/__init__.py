"""One experiment file -> data, model, training, analysis, results on disk.

`run_experiment` writes everything into one folder. Every stage writes its files atomically at its
end, and is skipped where they are there: the same call again resumes where it stopped.
"""

import time

import keras
import numpy as np
import tensorflow as tf

from keras_freq.experiment.dominance import run_dominance
from keras_freq.experiment.figures import write_figures
from keras_freq.experiment.inputs import build_model, load_data
from keras_freq.experiment.stages import (
    filtered_test_sets,
    write_confusions,
    write_importance,
    write_planted,
    write_rates,
    write_spectra,
)
from keras_freq.experiment.training import train
from keras_freq.results import (
    check_results,
    open_results,
    record_seconds,
    say,
)

__all__ = ["run_dominance", "run_experiment"]


def run_experiment(experiment, folder, *, command="", progress=True):
    """Run an experiment into a folder, or go on with one that was begun there.

    The same experiment gives the same numbers, bit for bit on the same machine: seeds are set, and
    TensorFlow's deterministic operations are switched on for the rest of the process.

    Args:
        experiment: An `Experiment`, as from `keras_freq.config.load_experiments`.
        folder: The results folder. It gets `config.toml`, `environment.json`, `spectra.npz`,
            `history.csv`, `class_metrics.csv`, `model.keras`, `confusion.csv`,
            `relative_confusion.csv`, `importance.npz`, `stability.csv`, `rates.csv`, `figures/` and
            `report.html`.
        command: The command line that repeats the run, for the report.
        progress: Whether to show progress.

    Returns:
        The folder as a `pathlib.Path`.

    Raises:
        ConfigError: Before any long work, if the data, the model or the folder is not usable.
    """
    from keras_freq.report import write_report

    folder = check_results(folder, experiment)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(experiment.seed)
    data = load_data(experiment.data, experiment.seed)
    untrained = build_model(experiment, data)
    open_results(folder, experiment, command)
    if progress:
        say(
            f"{experiment.name}: {len(data.train_labels)} training and {len(data.test_labels)} "
            f"test images of {len(data.class_names)} classes, {untrained.name} with "
            f"{untrained.count_params():,} parameters -> {folder}"
        )

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
        train(untrained, data, experiment, probes=probes, folder=folder, progress=progress)

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
        if experiment.data.source == "frequency_bands":
            stage("planted", ["planted.csv"], lambda: write_planted(folder, experiment))
    if not (folder / "report.html").exists():
        write_figures(folder, data, experiment)
        write_report(folder)
    if progress:
        say(f"{experiment.name}: done, see {folder / 'report.html'}")
    return folder
