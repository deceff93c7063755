"""A transfer experiment: the networks of every split, and the tables made of them.

Each split of the classes has a folder of its own in `splits/`, from which a run that was stopped
goes on network by network. The tables, figures and the page are made once all networks are there.
"""

import functools
import time

import keras
import pandas as pd
import tensorflow as tf

from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.build import build_model, build_optimizer
from keras_freq.lab.experiments.figures import write_transfer_figures
from keras_freq.lab.experiments.transfer_tasks import load_tasks
from keras_freq.lab.store import (
    REPORT,
    check_results,
    locked_folder,
    open_results,
    record_seconds,
    say,
)
from keras_freq.lab.tables import write_csv
from keras_freq.transfer import (
    layerwise_transfer,
    transfer_boost,
    transfer_claims,
    transfer_map_overlap,
)
from keras_freq.transfer.arguments import checked_layers
from keras_freq.transfer.layer_groups import check_same_structure
from keras_freq.transfer.training import build_network

# These lists may grow from run to run. Any other change would make the networks that are there
# other networks.
GROWING = [f"transfer.{key}" for key in ("splits", "layers", "treatments", "directions", "seeds")]


def run_transfer(experiment, folder, *, command="", progress=True, executor=None):
    """Runs a transfer experiment into a folder, or goes on with one that was begun there.

    An experiment with more splits, layers, treatments, directions or seeds than the one in the
    folder adds these to it.

    Args:
        experiment: A `TransferExperiment`.
        folder: The results folder. It gets `config.toml`, `environment.json`, `splits/` (the
            networks), `tasks.csv`, `transfer.csv`, `claims.csv`, `boost.csv`, `map_overlap.csv`,
            `figures/` and `report.html`.
        command: The command line that repeats the run, for the report.
        progress: Whether to show progress.
        executor: A `concurrent.futures.Executor` for the long parts, as from
            `keras_freq.lab.workers.executor_of`. Defaults to computing in this process.

    Returns:
        The folder as a `pathlib.Path`.

    Raises:
        ConfigError: Before any long work, and with nothing written, if the data, the splits, the
            model or the folder is not usable.
    """
    if executor is not None and experiment.transfer.stream:
        raise ConfigError(
            "transfer.stream reads images in this process only: leave out --workers and --scheduler"
        )
    folder = check_results(folder, experiment, growing=GROWING)
    tf.config.experimental.enable_op_determinism()
    pairs = load_tasks(experiment)
    build = functools.partial(build_model, experiment, pairs[0].tasks[0].image_shape)
    num_layers = _check_network(experiment, build, pairs)
    open_results(folder, experiment, command)
    with locked_folder(folder):
        if (folder / REPORT).exists():
            outcome = "was done already, nothing to do"
        else:
            outcome = "done"
            _run_splits(experiment, folder, pairs, build, num_layers, progress, executor)
    if progress:
        say(f"{experiment.name}: {outcome}, see {folder / REPORT}")
    return folder


def _check_network(experiment, build, pairs):
    """Builds the networks of every split, and returns how many layers they have."""
    for counts in {tuple(len(task.class_names) for task in pair.tasks) for pair in pairs}:
        try:
            networks = [build_network(build, count, 0) for count in counts]
            check_same_structure(*networks, counts)
        except (TypeError, ValueError) as error:
            message = str(error).removeprefix("`model`: ")
            raise ConfigError(f"`model`: {message}") from None
    num_layers = len(networks[0].layer_groups)
    try:
        checked_layers(experiment.transfer.layers, num_layers)
    except ValueError as error:
        raise ConfigError(str(error).replace("`layers`", "`transfer.layers`", 1)) from None
    return num_layers


def _run_splits(experiment, folder, pairs, build, num_layers, progress, executor):
    """Makes all networks, searches their frequencies, and writes what was found."""
    from keras_freq.lab.pages.transfer_page import write_transfer_page

    frames, overlaps = [], []
    for number, pair in enumerate(pairs, start=1):
        if progress:
            say(f"split {number} of {len(pairs)}, {pair.split}: {_described(pair.tasks)}")
        result = _networks(experiment, folder, pair, build, progress, executor)
        frames.append(_of_split(pair, _with_chance(result.frame, pair.tasks)))
        if experiment.analysis.importance:
            started = time.monotonic()
            overlaps += _overlaps(experiment, result, pair, progress)
            record_seconds(folder, f"maps of {pair.split}", time.monotonic() - started)
        keras.utils.clear_session()
    frame = pd.concat(frames, ignore_index=True)
    classes = pd.concat([_of_split(pair, _classes(pair.tasks)) for pair in pairs])
    write_csv(folder / "tasks.csv", classes)
    write_csv(folder / "transfer.csv", frame)
    write_csv(folder / "claims.csv", transfer_claims(frame, num_layers))
    if "AnB+" in experiment.transfer.treatments:
        types = frame.groupby("type", sort=False)
        boosts = {name: transfer_boost(rows) for name, rows in types}
        boost = pd.concat(boosts, names=["splits"]).reset_index("splits")
        write_csv(folder / "boost.csv", boost)
    if overlaps:
        write_csv(folder / "map_overlap.csv", pd.concat(overlaps, ignore_index=True))
    write_transfer_figures(folder)
    write_transfer_page(folder)


def _networks(experiment, folder, pair, build, progress, executor):
    """Makes the networks of a split; those that are on disk are read."""
    transfer, train = experiment.transfer, experiment.train
    return layerwise_transfer(
        build,
        *((task.train, task.test) for task in pair.tasks),
        layers=transfer.layers,
        treatments=transfer.treatments,
        seeds=transfer.seeds,
        directions=transfer.directions,
        steps=train.steps,
        batch_size=train.batch_size,
        make_optimizer=functools.partial(build_optimizer, train, train.steps),
        folder=folder / "splits" / pair.split,
        save_models=experiment.analysis.importance,
        progress=progress,
        executor=executor,
    )


def _overlaps(experiment, result, pair, progress):
    """Measures what networks of a split share in dominant frequencies, one frame a direction."""
    settings = experiment.analysis
    samples = [task.sample(settings.images_per_class, experiment.seed) for task in pair.tasks]
    trained = set(experiment.transfer.treatments) & {"AnB", "AnB+"}
    # Without these there is no base network of the source task.
    has_source = trained or len(experiment.transfer.directions) == 2
    frames = []
    for direction in experiment.transfer.directions:
        source, target = samples if direction == "A->B" else samples[::-1]
        frame = transfer_map_overlap(
            result,
            target,
            source if has_source else None,
            direction=direction,
            fraction=settings.fractions,
            treatments=experiment.analysed,
            method=settings.method,
            num_random=settings.random_maps,
            seed=experiment.seed,
            progress=progress,
        )
        frames.append(_of_split(pair, frame))
    return frames


def _of_split(pair, frame):
    """Puts before a table which split it is of."""
    frame = frame.copy()
    frame.insert(0, "type", pair.type)
    frame.insert(0, "split", pair.split)
    return frame


def _with_chance(frame, tasks):
    """Adds to the accuracies how often the commonest class is right, and on how many images."""
    counts = {"A->B": tasks[1].test_counts, "B->A": tasks[0].test_counts}
    images = frame["direction"].map({key: int(own.sum()) for key, own in counts.items()})
    commonest = frame["direction"].map({key: int(own.max()) for key, own in counts.items()})
    return frame.assign(chance=commonest / images, test_images=images)


def _classes(tasks):
    """Tells which class is in which task, one row a class."""
    rows = []
    for letter, task in zip("AB", tasks, strict=True):
        classes = zip(task.class_names, task.image_counts(), strict=True)
        rows += [(letter, task.group, name, *counts) for name, counts in classes]
    columns = ["task", "group", "class_name", "train_images", "test_images"]
    return pd.DataFrame(rows, columns=columns)


def _described(tasks):
    """Describes the two tasks in a line."""
    parts = []
    for letter, task in zip("AB", tasks, strict=True):
        shown = ", ".join(task.class_names[:6]) + (", ..." if len(task.class_names) > 6 else "")
        group = "" if task.group == letter else f"{task.group}: "
        parts.append(f"{letter} = {group}{shown}")
    return "; ".join(parts)
