"""One experiment: data, network, training, analyses and figures, written into one folder.

Each stage writes its files at its end, and is skipped if they are there: the same call again
resumes where it stopped.
"""

import functools
import time

import keras
import tensorflow as tf

from keras_freq.lab import store
from keras_freq.lab.experiments import analyses, training
from keras_freq.lab.experiments.build import build_augmentation, build_model, check_filters
from keras_freq.lab.experiments.cost import say_cost
from keras_freq.lab.experiments.data import load_data
from keras_freq.lab.experiments.figures import write_figures, write_shortcut_picture


def run_experiment(experiment, folder, *, command="", callbacks=(), progress=True, executor=None):
    """Runs an experiment into a folder, or goes on with one that was begun there.

    The same experiment gives the same numbers, bit for bit on the same machine: seeds are set, and
    TensorFlow's deterministic operations are switched on for the rest of the process.

    Args:
        experiment: An `Experiment`, as from `keras_freq.lab.config.load_experiments`.
        folder: The results folder. It gets `config.toml`, `environment.json`, `spectra.npz`,
            `history.csv`, `class_metrics.csv`, `model.keras`, `confusion.csv`,
            `relative_confusion.csv`, `scores.npz`, `class_rates.csv`, `importance.npz`,
            `stability.csv`, `rates.csv`, `without_maps.csv`, `transplants.csv`, `verdicts.csv`,
            `figures/` and `report.html`.
        command: The command line that repeats the run, for the report.
        callbacks: More Keras callbacks for the training. They are called after the checkpoint of
            an epoch is written.
        progress: Whether to show progress.
        executor: A `concurrent.futures.Executor` for the long parts, as from
            `keras_freq.lab.workers.executor_of`. Defaults to computing in this process.

    Returns:
        The folder as a `pathlib.Path`.

    Raises:
        ConfigError: Before any long work, and with nothing written, if the data, the model, the
            augmentation or the folder is not usable, or the folder's results are of other images.
        ValueError: Likewise, if images cannot be read, or TFDS has no such set or split.
    """
    folder = store.check_results(folder, experiment)
    tf.config.experimental.enable_op_determinism()
    keras.utils.set_random_seed(experiment.seed)
    data = load_data(experiment.data)
    digest = data.digest()
    store.check_same_images(folder, digest)
    untrained = build_model(experiment, data.image_shape, len(data.class_names))
    check_filters(experiment.filters, data.size)
    augmentation = build_augmentation(experiment, folder, data)
    store.open_results(folder, experiment, command, digest)
    report = folder / store.REPORT
    with store.locked_folder(folder):
        if progress:
            store.say(
                f"{experiment.name}: {len(data.train_labels)} training and {len(data.test_labels)} "
                f"test images of {len(data.class_names)} classes, {untrained.name} with "
                f"{untrained.count_params():,} parameters -> {folder}"
            )
        done_before = report.exists()
        training_options = {"augmentation": augmentation, "callbacks": callbacks}
        _run_stages(experiment, folder, data, untrained, training_options, progress, executor)
        outcome = "was done already, nothing to do"
        if not (done_before and report.exists()):
            from keras_freq.lab.pages.run_page import write_run_page

            write_figures(folder, data, experiment, augmentation)
            write_run_page(folder)
            outcome = "done"
    if progress:
        store.say(f"{experiment.name}: {outcome}, see {report}")
    return folder


def _run_stages(experiment, folder, data, untrained, training_options, progress, executor):
    """Runs every stage whose files are not there yet."""

    def stage(name, files, work):
        if all((folder / file).exists() for file in files):
            return
        # The page shows what the stages wrote: if a stage runs again, the page is written again.
        (folder / store.REPORT).unlink(missing_ok=True)
        started = time.monotonic()
        work()
        store.record_seconds(folder, name, time.monotonic() - started)

    def train():
        sets = analyses.filtered_test_sets(experiment, data)
        probes = {name: sets[name] for name in experiment.probes}
        options = {"probes": probes, "folder": folder, "progress": progress, **training_options}
        training.train(untrained, data, experiment, **options)

    stage("spectra", ["spectra.npz"], lambda: analyses.write_spectra(folder, data))
    stage("training", training.FILES, train)
    # Read back from disk, so that a resumed run analyses the very same model.
    model = keras.models.load_model(folder / "model.keras", compile=False)
    stage(
        "confusion",
        ["confusion.csv", "relative_confusion.csv"],
        lambda: analyses.write_confusions(folder, model, experiment, data),
    )
    stage("scores", ["scores.npz"], lambda: analyses.write_scores(folder, model, data))
    stage(
        "class rates",
        ["class_rates.csv"],
        lambda: analyses.write_class_rates(folder, data.class_names),
    )
    if not experiment.analysis.importance:
        return
    tests = [
        ("importance", ["stability.csv", "importance.npz"], analyses.write_importance),
        ("rates", ["rates.csv"], analyses.write_rates),
        ("recall without maps", ["without_maps.csv"], analyses.write_without_maps),
    ]
    if experiment.analysis.transplants:
        tests.append(("transplants", ["transplants.csv"], analyses.write_transplants))
    if progress and not (folder / "verdicts.csv").exists():
        say_cost(model, data, experiment.analysis)
    for name, files, write in tests:
        arguments = (folder, model, data, experiment.analysis)
        options = {"seed": experiment.seed, "progress": progress, "executor": executor}
        stage(name, files, functools.partial(write, *arguments, **options))
    stage("verdicts", ["verdicts.csv"], lambda: analyses.write_verdicts(folder))
    if experiment.analysis.transplants:
        picture = functools.partial(write_shortcut_picture, folder, model, data, experiment.seed)
        stage("picture", ["figures/shortcut.png"], picture)
    if analyses.planted_in(experiment.data) is not None:
        stage("planted", ["planted.csv"], lambda: analyses.write_planted(folder, experiment))
