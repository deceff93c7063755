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

from keras_freq.lab.config import ConfigError, to_toml
from keras_freq.saving import atomic_path

FIGURE_DPI = 150
# Columns of tables that hold names given by the user.
_NAME_COLUMNS = (
    *("class_name", "true_class", "predicted_class", "group"),
    *("set", "source", "filter", "setting"),
)
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
    """Write arrays atomically, compressed."""
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
    elif folder.exists() and any(p for p in folder.iterdir() if not p.name.startswith(".")):
        raise ConfigError(
            f"the output folder {folder} holds files, but no experiment of ours. "
            "Choose another with --out"
        )
    return folder


def check_same_data(folder, digest):
    """Refuse to go on with results of other images than those that are there now.

    Args:
        folder: The results folder; it need not exist.
        digest: Hash of the experiment's data.

    Raises:
        ConfigError: If the folder's results are of other data. Results of a time when this was not
            written down pass.
    """
    path = Path(folder) / "environment.json"
    if not path.exists():
        return
    stored = json.loads(path.read_text(encoding="utf-8")).get("data_sha256")
    if stored not in (None, digest):
        raise ConfigError(
            f"the output folder {folder} holds results of other images: those of `data` have "
            "changed since. Choose another folder with --out, or remove it"
        )


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


def open_results(folder, experiment, command, digest=None):
    """Make a checked folder ready: `config.toml` and `environment.json`.

    Of processes that do so at the same time one writes each file: that is what they lock.

    Args:
        folder: The results folder.
        experiment: The `Experiment`.
        command: The command line that repeats the run.
        digest: Hash of the experiment's data, for `check_same_data`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"config.toml": to_toml(experiment)}
    environment = _environment(experiment, command)
    if digest:
        environment["data_sha256"] = digest
    texts["environment.json"] = json.dumps(environment, indent=2) + "\n"
    for name, text in texts.items():
        with atomic_path(folder / name, replace=False) as temporary:
            temporary.write_text(text, encoding="utf-8")


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


def read_table(path):
    """Read a table as it was written: a class may be called "nan" or "007", a filter "None"."""
    return pd.read_csv(
        path, keep_default_na=False, na_values=[""], dtype=dict.fromkeys(_NAME_COLUMNS, str)
    )


def read_table_if_there(path):
    """A table, or None where there is no such file."""
    return read_table(path) if path.exists() else None


def read_matrices(path, value, class_names):
    """Read what was written as one row a cell back into `{set: (K, K)}`."""
    frame = read_table(path)
    size = len(class_names)
    return {
        name: cells[value].to_numpy().reshape(size, size)
        for name, cells in frame.groupby("set", sort=False)
    }


def say(message):
    """Tell the user what is going on, on standard error like the progress bars."""
    print(message, file=sys.stderr, flush=True)
