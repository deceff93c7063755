"""Which runs are done, running or left, and the lock that keeps two processes out of one folder."""

import contextlib
import json
from pathlib import Path

from keras_freq.lab.config import DIRECTIONS, ConfigError


def run_state(folder):
    """How far a run's folder is: "done", "running" (in some process), "begun" or "left".

    Args:
        folder: The results folder, which need not exist.

    Returns:
        One of the four words.
    """
    folder = Path(folder)
    if (folder / "report.html").exists():
        return "done"
    if not (folder / "config.toml").exists():
        return "left"
    with _locked(folder) as free:
        return "begun" if free else "running"


def network_counts(experiment, folder):
    """How many networks of each split of a transfer experiment are done, and how many there are.

    Args:
        experiment: The `TransferExperiment`.
        folder: Its results folder, which need not exist.

    Returns:
        `{split: (done, planned)}`; planned is None while nothing tells how many layers there are.
    """
    table, counts = experiment.transfer, {}
    # A base network of the other task is trained even if only its layers are asked for.
    transferred = any(treatment.startswith("A") for treatment in table.treatments)
    directions = DIRECTIONS if transferred else table.directions
    for split in table.splits:
        path = Path(folder) / "splits" / split.name
        layers = table.layers
        if layers is None and (path / "transfer.json").exists():
            settings = json.loads((path / "transfer.json").read_text(encoding="utf-8"))
            layers = range(1, settings["layers_of_network"])
        copies = layers and len(table.directions) * len(table.treatments) * len(layers)
        planned = copies and len(table.seeds) * (len(directions) + copies)
        runs = [json.loads(run.read_text(encoding="utf-8")) for run in path.glob("runs/[!.]*.json")]
        done = sum(
            run["seed"] in table.seeds
            and (
                run["direction"] in directions
                if run["treatment"] == "base"
                else run["direction"] in table.directions
                and run["treatment"] in table.treatments
                and run["n"] in layers
            )
            for run in runs
        )
        counts[split.name] = (done, planned)
    return counts


@contextlib.contextmanager
def claimed(folder, file="config.toml"):
    """Hold a results folder, so that no other process runs there at the same time.

    Partial files, which only a killed process leaves behind, are removed.

    Args:
        folder: The results folder; it exists.
        file: The file in it that every run has from its start: the one that is locked.

    Raises:
        RunningElsewhereError: If another process holds it.
    """
    with _locked(folder, file) as free:
        if not free:
            raise RunningElsewhereError(
                f"another process is running the experiment in {folder}. Wait for it, or choose "
                "another folder with --out"
            )
        for leftover in Path(folder).rglob(".*.partial*"):
            leftover.unlink()
        yield


class RunningElsewhereError(ConfigError):
    """The folder is in use by another process."""


@contextlib.contextmanager
def _locked(folder, file="config.toml"):
    """Try to lock a folder until the end of the block; yields whether that worked.

    The lock dies with its process, so that a killed run leaves none behind.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such lock: nothing is detected there
        yield True
        return
    # Nothing is written into the file.
    with open(Path(folder) / file, encoding="utf-8") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        except OSError:  # a file system without locks
            yield True
        else:
            yield True
