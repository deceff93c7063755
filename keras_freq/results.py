"""The results folder: what a run writes, atomically, so that it can be resumed at any moment."""

import contextlib
import datetime
import json
import os
import platform
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from keras_freq.atomic import atomic_path
from keras_freq.config import DIRECTIONS, ConfigError, to_toml

FIGURE_DPI = 150
PACKAGES = ("keras-freq", "keras", "tensorflow", "numpy", "scikit-learn", "pandas")


def write_text(path, text):
    """Write text atomically."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_csv(path, frame):
    """Write a DataFrame atomically; floats keep every digit that tells them apart."""
    with atomic_path(path) as temporary:
        frame.to_csv(temporary, index=False, lineterminator="\n")


def write_npz(path, **arrays):
    """Write arrays atomically, uncompressed where that is faster than it is large."""
    with atomic_path(path) as temporary, open(temporary, "wb") as file:
        np.savez_compressed(file, **arrays)


def check_results(folder, experiment):
    """Check that a folder can take an experiment's results, and leave no trace.

    Args:
        folder: The results folder; it need not exist.
        experiment: The `Experiment` to be run there.

    Returns:
        The folder as a `Path`.

    Raises:
        ConfigError: If the folder cannot be written, or holds another experiment.
    """
    folder = check_writable(folder)
    config = folder / "config.toml"
    if config.exists():
        _check_same(config, experiment)
    elif folder.exists() and any(folder.iterdir()):
        raise ConfigError(
            f"the output folder {folder} holds files, but no experiment of ours. "
            "Choose another with --out"
        )
    return folder


def check_writable(folder):
    """Check that files can be written below a folder, which need not exist, and leave no trace."""
    folder = Path(folder)
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=existing):
            pass
    except OSError as error:
        raise ConfigError(
            f"cannot write to the output folder {folder}: {error.strerror or error}. "
            "Choose another with --out"
        ) from None
    return folder


def open_results(folder, experiment, command):
    """Make a checked folder ready: `config.toml` and `environment.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "config.toml").exists():
        write_text(folder / "config.toml", to_toml(experiment))
    if not (folder / "environment.json").exists():
        environment = json.dumps(_environment(experiment, command), indent=2)
        write_text(folder / "environment.json", environment + "\n")


def _check_same(config, experiment):
    """Refuse to mix two experiments in one folder."""
    stored = tomllib.loads(config.read_text(encoding="utf-8"))
    # A key that files did not have yet when the folder was written has its default. An experiment
    # of another kind or time differs as it stands.
    with contextlib.suppress(ValueError):
        stored = tomllib.loads(to_toml(type(experiment).model_validate(stored)))
    before, now = flat_keys(stored), flat_keys(tomllib.loads(to_toml(experiment)))
    if before == now:
        return
    differing = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    old, new = (
        "; ".join(f"{key} = {json.dumps(keys[key])}" for key in differing if key in keys)
        or "(nothing)"
        for keys in (before, now)
    )
    difference = f"there: {old} | now: {new}"
    raise ConfigError(
        f"the output folder {config.parent} holds another experiment ({difference}). "
        "Choose another folder with --out, or remove it"
    )


def flat_keys(table, prefix=""):
    """Nested tables of an experiment file as {dotted key: value}."""
    flat = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= flat_keys(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _environment(experiment, command):
    """Versions, seed and machine of a run."""
    return {
        "command": command,
        "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seed": experiment.seed,
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cpus": os.cpu_count(),
        },
        "seconds": {},
    }


def record_seconds(folder, stage, seconds):
    """Add to `environment.json` how long a stage took."""
    path = Path(folder) / "environment.json"
    environment = json.loads(path.read_text(encoding="utf-8"))
    environment["seconds"][stage] = round(environment["seconds"].get(stage, 0) + seconds, 1)
    write_text(path, json.dumps(environment, indent=2) + "\n")


def save_figure(folder, name, axes):
    """Save the figure of some axes atomically, as PNG and SVG, and close it."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    figure = np.asarray(axes).flat[0].figure
    # A fixed salt and no date: the same results give the same bytes.
    with mpl.rc_context({"svg.hashsalt": "keras_freq", "svg.fonttype": "path"}):
        for suffix, metadata in (("png", None), ("svg", {"Date": None})):
            with atomic_path(Path(folder) / f"{name}.{suffix}") as path:
                figure.savefig(path, dpi=FIGURE_DPI, bbox_inches="tight", metadata=metadata)
    plt.close(figure)


def fraction_label(fraction):
    """A fraction as part of a file name: 0.05 is "5_percent"."""
    return f"{fraction * 100:g}_percent".replace(".", "p")


def read_matrices(path, value, class_names):
    """Read what was written as one row a cell back into `{set: (K, K)}`."""
    frame = pd.read_csv(path, keep_default_na=False, na_values={value: [""]})
    size = len(class_names)
    return {
        name: cells[value].to_numpy().reshape(size, size)
        for name, cells in frame.groupby("set", sort=False)
    }


def say(message):
    """Tell the user what is going on, on standard error like the progress bars."""
    print(message, file=sys.stderr, flush=True)


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
        runs = [json.loads(run.read_text(encoding="utf-8")) for run in path.glob("runs/*.json")]
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
def claimed(folder):
    """Hold a results folder, so that no other process runs there at the same time.

    Partial files, which only a killed process leaves behind, are removed.

    Args:
        folder: The results folder; it exists.

    Raises:
        RunningElsewhereError: If another process holds it.
    """
    with _locked(folder) as free:
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
def _locked(folder):
    """Try to lock a folder until the end of the block; yields whether that worked.

    The lock dies with its process, so that a killed run leaves none behind.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such lock: nothing is detected there
        yield True
        return
    # The file that every run has from its start; nothing is written into it.
    with open(Path(folder) / "config.toml", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        except OSError:  # a file system without locks
            yield True
        else:
            yield True
