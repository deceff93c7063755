"""A transfer experiment that goes on with more networks than it was begun with."""

import json

from keras_freq.lab.config import TransferExperiment, load_experiments, to_toml
from keras_freq.lab.run_states import claimed
from keras_freq.lab.store import check_results, check_writable, write_text

# What may be added to: everything else would make the networks that are there other networks.
LISTS = ("splits", "layers", "treatments", "directions", "seeds")


def check_folder(folder, experiment):
    """Check that a folder can take a transfer experiment, and leave no trace.

    Args:
        folder: The results folder; it need not exist.
        experiment: The `TransferExperiment` to be run there.

    Returns:
        The folder as a `Path`.

    Raises:
        ConfigError: If the folder cannot be written, or holds an experiment that this one does
            not contain.
    """
    folder = check_writable(folder)
    return folder if _grows(folder, experiment) else check_results(folder, experiment)


def grow(folder, experiment, command):
    """Make a checked folder that of a larger experiment, if it holds a smaller one."""
    if not _grows(folder, experiment):
        return
    with claimed(folder):
        (folder / "report.html").unlink(missing_ok=True)
        environment = json.loads((folder / "environment.json").read_text(encoding="utf-8"))
        environment["command"] = command
        write_text(folder / "environment.json", json.dumps(environment, indent=2) + "\n")
        # Last, and by a new file: whoever runs the experiment claims this file once more.
        write_text(folder / "config.toml", to_toml(experiment))


def _grows(folder, experiment):
    """Whether a folder holds a part of an experiment, and not all of it."""
    config = folder / "config.toml"
    if not config.exists():
        return False
    (before,) = load_experiments(config)
    if not isinstance(before, TransferExperiment) or before == experiment:
        return False
    added = {}
    for name in LISTS:
        was, now = getattr(before.transfer, name), getattr(experiment.transfer, name)
        # Without `layers`, all there are.
        if now is not None and (was is None or any(one not in now for one in was)):
            return False
        added[name] = now
    transfer = before.transfer.model_copy(update=added)
    return before.model_copy(update={"transfer": transfer}) == experiment
