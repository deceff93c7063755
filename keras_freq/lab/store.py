"""A results folder: which experiment it belongs to, who runs there, and how far the run is.

The *identity* of a results folder is a flat dictionary of everything that would give other results:
the keys of the experiment's file, and hashes of the images and of a model. A run writes it into the
folder first. Each later run compares it with its own before it goes on.
"""

import contextlib
import datetime
import itertools
import json
import os
import platform
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

from keras_freq.lab.config import DIRECTIONS, ConfigError, flat_keys, to_toml
from keras_freq.lab.tables import read_json, write_json, write_text

CONFIG, ENVIRONMENT, REPORT = "config.toml", "environment.json", "report.html"
PACKAGES = ("keras-freq", "keras", "tensorflow", "numpy", "scikit-learn", "pandas")


class RunningElsewhereError(ConfigError):
    """Another process is using the folder."""


# Which experiment a folder belongs to


def check_results(folder, experiment, *, growing=()):
    """Checks that a folder can take an experiment's results, and writes nothing.

    Args:
        folder: The results folder; it need not exist.
        experiment: The `Experiment` or `TransferExperiment` to be run there.
        growing: Dotted keys of lists that may be longer now than they were in the folder.

    Returns:
        The folder as a `Path`.

    Raises:
        ConfigError: If the folder cannot be written, or holds another experiment.
    """
    folder = check_own(folder, CONFIG, "experiment")
    if (folder / CONFIG).exists():
        check_same(folder, _stored_identity(folder, experiment), _identity(experiment), growing)
    return folder


def check_own(folder, file, kind):
    """Checks that a folder can take results: it can be written, and it is empty or one of ours.

    Args:
        folder: The results folder; it need not exist.
        file: The file that only a folder of this kind has.
        kind: What the folder would hold: "experiment".

    Returns:
        The folder as a `Path`.

    Raises:
        ConfigError: If it cannot be written, or holds other files.
    """
    folder = check_writable(folder)
    empty = not folder.exists() or all(path.name.startswith(".") for path in folder.iterdir())
    if not empty and not (folder / file).exists():
        raise ConfigError(
            f"the output folder {folder} holds files, but no {kind} of ours. "
            "Choose another with --out"
        )
    return folder


def check_same_images(folder, digest):
    """Raises a ConfigError if a folder holds results of other images than those that are there now.

    Args:
        folder: The results folder; it need not exist.
        digest: The hash of the experiment's data. Results without a hash, which are old, pass.
    """
    path = folder / ENVIRONMENT
    stored = read_json(path).get("data_sha256", digest) if path.exists() else digest
    holds = "results of other images: those of `data` have changed since"
    check_same(folder, {"data_sha256": stored}, {"data_sha256": digest}, holds=holds)


def check_same(folder, before, now, growing=(), *, holds="another experiment"):
    """Raises a ConfigError that names all differences if two identities are not the same.

    Args:
        folder: The results folder.
        before: Its identity, a flat dictionary.
        now: The identity of what is to be run there.
        growing: Keys of lists that may hold more values now. A key that is missing now stands for
            all values.
        holds: What the message says that the folder holds.
    """

    def grows(key):
        if key not in growing or key not in before:
            return False
        return key not in now or all(value in now[key] for value in before[key])

    differing = [key for key in {**before, **now} if before.get(key) != now.get(key)]
    if all(map(grows, differing)):
        return
    told = [
        "; ".join(f"{key} = {json.dumps(keys[key])}" for key in differing if key in keys)
        for keys in (before, now)
    ]
    raise ConfigError(
        f"the output folder {folder} holds {holds} "
        f"(there: {told[0] or '(nothing)'} | now: {told[1] or '(nothing)'}). "
        "Choose another folder with --out, or remove it"
    )


def _identity(experiment):
    """Makes the identity of an experiment."""
    return flat_keys(tomllib.loads(to_toml(experiment)))


def _stored_identity(folder, experiment):
    """Reads the identity of a folder."""
    stored = tomllib.loads((folder / CONFIG).read_text(encoding="utf-8-sig"))
    # The folder may be older than a key, which then has its default. A file that is not valid for
    # this kind of experiment is compared as it stands.
    with contextlib.suppress(ValueError):
        return _identity(type(experiment).model_validate(stored))
    return flat_keys(stored)


# Making a folder, and holding it


def check_writable(folder):
    """Checks that files can be written below a folder, which need not exist; writes nothing."""
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
    """Makes a checked folder ready: writes `config.toml` and `environment.json`.

    If the experiment has grown, the folder becomes that of the larger one.

    Args:
        folder: The results folder, as from `check_results`.
        experiment: The experiment.
        command: The command line that repeats the run.
        digest: The hash of the experiment's data, for `check_same_images`.
    """
    environment = {
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
        **({"data_sha256": digest} if digest else {}),
    }
    write_text(folder / CONFIG, to_toml(experiment), replace=False)
    write_json(folder / ENVIRONMENT, environment, replace=False)
    if _stored_identity(folder, experiment) == _identity(experiment):
        return
    with locked_folder(folder):
        (folder / REPORT).unlink(missing_ok=True)
        write_json(folder / ENVIRONMENT, {**read_json(folder / ENVIRONMENT), "command": command})
        # Last, since this file is also the lock: from here on the run claims the new one.
        write_text(folder / CONFIG, to_toml(experiment))


@contextlib.contextmanager
def locked_folder(folder, file=CONFIG, kind="experiment"):
    """Holds a results folder, so that no other process runs there at the same time.

    Partial files, which only a killed process leaves behind, are removed.

    Args:
        folder: The results folder; it exists.
        file: The file to lock. It is there from the start of each run and is not replaced while
            the folder is held: the lock belongs to the file, not to its name.
        kind: What the folder holds, for the message.

    Raises:
        RunningElsewhereError: If another process holds the folder.
    """
    with _try_lock(folder, file) as free:
        if not free:
            raise RunningElsewhereError(
                f"another process is running the {kind} in {folder}. Wait for it, or choose "
                "another folder with --out"
            )
        for leftover in Path(folder).rglob(".*.partial*"):
            leftover.unlink()
        yield


@contextlib.contextmanager
def _try_lock(folder, file=CONFIG):
    """Tries to lock a folder until the end of the block, and yields whether that worked.

    A lock ends with its process, so that a killed run leaves none behind.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such lock: nothing is detected there
        yield True
        return
    # Nothing is written into the file.
    path = Path(folder) / file
    with open(path, encoding="utf-8") as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        except OSError:  # a file system without locks
            yield True
        else:
            # Who held it may have removed it meanwhile: then another one may be held by now.
            yield path.exists() and os.path.samestat(os.fstat(opened.fileno()), path.stat())


# How far a run is


def run_state(folder):
    """Says how far the run in a folder is.

    Args:
        folder: The results folder, which need not exist.

    Returns:
        "done", "running" (in some process), "begun" or "left".
    """
    folder = Path(folder)
    if (folder / REPORT).exists():
        return "done"
    if not (folder / CONFIG).exists():
        return "left"
    with _try_lock(folder) as free:
        return "begun" if free else "running"


def network_counts(experiment, folder):
    """Counts the networks of each split of a transfer experiment.

    Args:
        experiment: The `TransferExperiment`.
        folder: Its results folder, which need not exist.

    Returns:
        `{split: (done, planned)}`. `planned` is None while nothing tells how many layers the
        networks have.
    """
    table, counts = experiment.transfer, {}
    # If layers go from one task to the other, the base networks of both tasks are trained.
    transferred = any(treatment.startswith("A") for treatment in table.treatments)
    bases = DIRECTIONS if transferred else table.directions
    for split in table.splits:
        path = Path(folder) / "splits" / split.name
        layers = table.layers
        if layers is None and (path / "transfer.json").exists():
            layers = range(1, read_json(path / "transfer.json")["layers_of_network"])
        copies = itertools.product(table.directions, table.treatments, layers or ())
        networks = [*((direction, "base", 0) for direction in bases), *copies]
        planned = set(itertools.product(table.seeds, networks))
        runs = map(read_json, path.glob("runs/[!.]*.json"))
        done = {(run["seed"], (run["direction"], run["treatment"], run["n"])) for run in runs}
        counts[split.name] = (len(done & planned), len(planned) if layers else None)
    return counts


def record_seconds(folder, stage, seconds):
    """Adds to `environment.json` how long a stage took."""
    environment = read_json(folder / ENVIRONMENT)
    environment["seconds"][stage] = round(environment["seconds"].get(stage, 0) + seconds, 1)
    write_json(folder / ENVIRONMENT, environment)


def say(message):
    """Tells the user what is going on, on standard error like the progress bars."""
    print(message, file=sys.stderr, flush=True)
