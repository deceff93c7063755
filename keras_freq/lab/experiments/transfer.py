"""A transfer experiment: the networks of every split, and the tables made of them.

Each split of the classes has a folder of its own in `splits/`, from which a run that was stopped
goes on network by network. The tables, figures and the page are made once all of them are there.
"""

import functools
import time

import keras
import pandas as pd
import tensorflow as tf

from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.inputs import build_network, load_data
from keras_freq.lab.experiments.streamed_tasks import stream_tasks
from keras_freq.lab.experiments.transfer_figures import write_transfer_figures
from keras_freq.lab.experiments.transfer_growth import check_folder, grow
from keras_freq.lab.experiments.transfer_tasks import make_tasks
from keras_freq.lab.run_states import claimed
from keras_freq.lab.store import (
    open_results,
    record_seconds,
    say,
    write_csv,
)
from keras_freq.transfer import (
    layerwise_transfer,
    transfer_boost,
    transfer_claims,
    transfer_map_overlap,
)
from keras_freq.transfer.arguments import checked_layers
from keras_freq.transfer.runs import built
from keras_freq.transfer.units import check_same_structure


def run_transfer(experiment, folder, *, command="", progress=True):
    """Run a transfer experiment into a folder, or go on with one that was begun there.

    An experiment with more splits, layers, treatments, directions or seeds than the one in the
    folder adds these to it.

    Args:
        experiment: A `TransferExperiment`.
        folder: The results folder. It gets `config.toml`, `environment.json`, `splits/` (the
            networks), `tasks.csv`, `transfer.csv`, `claims.csv`, `boost.csv`, `map_overlap.csv`,
            `figures/` and `report.html`.
        command: The command line that repeats the run, for the report.
        progress: Whether to show progress.

    Returns:
        The folder as a `pathlib.Path`.

    Raises:
        ConfigError: Before any long work, and with nothing written, if the data, the splits, the
            model or the folder is not usable.
    """
    folder = check_folder(folder, experiment)
    tf.config.experimental.enable_op_determinism()
    splits = _tasks(experiment)
    build_model = functools.partial(build_network, experiment, splits[0].image_shape)
    num_layers = _check_network(experiment, build_model, splits)
    grow(folder, experiment, command)
    open_results(folder, experiment, command)
    with claimed(folder):
        if (folder / "report.html").exists():
            outcome = "was done already, nothing to do"
        else:
            outcome = "done"
            _run_splits(experiment, folder, splits, build_model, num_layers, progress)
    if progress:
        say(f"{experiment.name}: {outcome}, see {folder / 'report.html'}")
    return folder


def _tasks(experiment):
    """The tasks of every split."""
    if experiment.transfer.stream:
        return stream_tasks(experiment)
    data = load_data(experiment.data, experiment.seed)
    return [make_tasks(split, data) for split in experiment.transfer.splits]


def _check_network(experiment, build_model, splits):
    """Builds the networks of every split, and returns how many layers they have."""
    for counts in {(len(s.class_names(0)), len(s.class_names(1))) for s in splits}:
        try:
            networks = [built(build_model, count, 0) for count in counts]
            check_same_structure(*networks, counts)
        except (TypeError, ValueError) as error:
            message = str(error).removeprefix("`model`: ")
            raise ConfigError(f"`model`: {message}") from None
    num_layers = len(networks[0].units)
    try:
        checked_layers(experiment.transfer.layers, num_layers)
    except ValueError as error:
        raise ConfigError(str(error).replace("`layers`", "`transfer.layers`", 1)) from None
    return num_layers


def _run_splits(experiment, folder, splits, build_model, num_layers, progress):
    """Make all networks, search their frequencies, and write what was found."""
    from keras_freq.lab.pages.transfer import write_transfer_report

    frames, overlaps = [], []
    for number, tasks in enumerate(splits, start=1):
        if progress:
            say(f"split {number} of {len(splits)}, {tasks.split}: {_described(tasks)}")
        result = _networks(experiment, folder, tasks, build_model, progress)
        frames.append(_joined(result.frame, tasks))
        if experiment.analysis.importance:
            started = time.monotonic()
            overlaps += _overlaps(experiment, result, tasks, progress)
            record_seconds(folder, f"maps of {tasks.split}", time.monotonic() - started)
        keras.utils.clear_session()
    frame = pd.concat(frames, ignore_index=True)
    write_csv(folder / "tasks.csv", _classes(splits))
    write_csv(folder / "transfer.csv", frame)
    write_csv(folder / "claims.csv", transfer_claims(frame, num_layers))
    if "AnB+" in experiment.transfer.treatments:
        write_csv(folder / "boost.csv", _boosts(frame))
    if overlaps:
        write_csv(folder / "map_overlap.csv", pd.concat(overlaps, ignore_index=True))
    write_transfer_figures(folder)
    write_transfer_report(folder)


def _networks(experiment, folder, tasks, build_model, progress):
    """The networks of a split, those that are on disk read from there."""
    transfer, train = experiment.transfer, experiment.train
    return layerwise_transfer(
        build_model,
        *tasks,
        layers=transfer.layers,
        treatments=transfer.treatments,
        seeds=transfer.seeds,
        directions=transfer.directions,
        steps=train.steps,
        batch_size=train.batch_size,
        make_optimizer=functools.partial(_optimizer, train),
        folder=folder / "splits" / tasks.split,
        save_models=experiment.analysis.importance,
        progress=progress,
    )


def _optimizer(train):
    """The optimizer of a network."""
    rate = train.learning_rate
    if train.schedule == "cosine":
        rate = keras.optimizers.schedules.CosineDecay(rate, train.steps)
    return keras.optimizers.SGD(rate, momentum=train.momentum, nesterov=train.nesterov)


def _overlaps(experiment, result, tasks, progress):
    """What the networks of a split share in dominant frequencies, one frame a direction."""
    settings = experiment.analysis
    samples = [tasks.sample(task, settings.images_per_class, experiment.seed) for task in (0, 1)]
    trained = set(experiment.transfer.treatments) & {"AnB", "AnB+"}
    both = len(experiment.transfer.directions) == 2
    frames = []
    for direction in experiment.transfer.directions:
        source, target = samples if direction == "A->B" else samples[::-1]
        frame = transfer_map_overlap(
            result,
            target,
            # Without these there is no base network of the source task.
            source if trained or both else None,
            direction=direction,
            fraction=settings.fractions,
            treatments=experiment.analysed,
            method=settings.method,
            num_random=settings.random_maps,
            seed=experiment.seed,
            progress=progress,
        )
        frame.insert(0, "type", tasks.type)
        frame.insert(0, "split", tasks.split)
        frames.append(frame)
    return frames


def _joined(frame, tasks):
    """The accuracies of a split, with what they are to be compared with."""
    frame = frame.copy()
    frame.insert(0, "type", tasks.type)
    frame.insert(0, "split", tasks.split)
    counts = {"A->B": tasks.test_counts(1), "B->A": tasks.test_counts(0)}
    images = frame["direction"].map({key: total for key, (total, _) in counts.items()})
    commonest = frame["direction"].map({key: most for key, (_, most) in counts.items()})
    return frame.assign(chance=commonest / images, test_images=images)


def _boosts(frame):
    """Table 1 of each type of split."""
    tables = []
    for kind, rows in frame.groupby("type", sort=False):
        table = transfer_boost(rows)
        table.insert(0, "splits", kind)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _classes(splits):
    """Which class is in which task, one row a class of a split."""
    rows = []
    for tasks in splits:
        for task, group in enumerate(tasks.groups):
            classes = zip(tasks.class_names(task), tasks.image_counts(task), strict=True)
            for name, counts in classes:
                rows.append((tasks.split, tasks.type, "AB"[task], group, name, *counts))
    columns = ["split", "type", "task", "group", "class_name", "train_images", "test_images"]
    return pd.DataFrame(rows, columns=columns)


def _described(tasks):
    """The two tasks in a line."""
    parts = []
    for letter, group, task in zip("AB", tasks.groups, (0, 1), strict=True):
        names = tasks.class_names(task)
        shown = ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
        parts.append(f"{letter} = {shown}" if group == letter else f"{letter} = {group}: {shown}")
    return "; ".join(parts)
