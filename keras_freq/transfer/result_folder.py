"""The folder of a transfer experiment: which file is which network, what is done, the result."""

import contextlib
import dataclasses
import functools
import hashlib
import json
import shutil
import tempfile
import threading
import weakref
from pathlib import Path

import keras

from keras_freq.notebooks import result_html, table_html
from keras_freq.saving import atomic_path
from keras_freq.transfer.layer_groups import network_of

TREATMENTS = ("BnB", "BnB+", "AnB", "AnB+", "random")
DIRECTIONS = ("A->B", "B->A")

MANIFEST = "transfer.json"

# Keras draws the seeds of layers from the process-wide generator: one network at a time.
KERAS_LOCK = threading.Lock()


@dataclasses.dataclass(frozen=True)
class NetworkKey:
    """Which network of the experiment.

    Attributes:
        treatment: "base" or one of `TREATMENTS`.
        n: Number of copied layers, 0 for "base".
        seed: Of initial weights and of the order of the images.
        direction: "A->B", trained and measured on task B; or "B->A".
    """

    treatment: str
    n: int
    seed: int
    direction: str

    @property
    def target(self):
        """Index of the task that it learns: 0 is A, 1 is B."""
        return DIRECTIONS.index(self.direction) ^ 1

    @property
    def source(self):
        """The base network whose layers it gets, or None."""
        if self.treatment in ("base", "random"):
            return None
        base = NetworkKey("base", 0, self.seed, self.direction)
        return base if self.treatment.startswith("B") else base.reversed()

    def reversed(self):
        """The same network with the roles of the tasks exchanged."""
        return dataclasses.replace(self, direction=DIRECTIONS[self.target])

    @property
    def frozen(self):
        """Whether the lower layers stay as they are."""
        return self.treatment in ("BnB", "AnB", "random")

    @property
    def file_name(self):
        """A name for its files that every file system takes."""
        where = self.direction.replace("->", "to")
        layer = "" if self.treatment == "base" else f"-{self.n}"
        return f"seed{self.seed}-{where}-{self.treatment.replace('+', 'plus')}{layer}"

    def random_seeds(self):
        """Seeds of the initial weights and of the order of the images.

        Networks of one `n` start from the same weights and see the same batches, whatever their
        treatment: they differ in what was copied. No other network shares these seeds.
        """
        parts = (self.seed, self.n, self.direction)
        digest = hashlib.sha256(repr(parts).encode()).digest()
        return [int.from_bytes(digest[i : i + 4], "little") for i in (0, 4)]


def model_path(folder, key):
    """Where a network is kept."""
    return Path(folder) / "networks" / f"{key.file_name}.keras"


def record_path(folder, key):
    """Where the accuracy of a network is kept."""
    return Path(folder) / "runs" / f"{key.file_name}.json"


def read_record(folder, key):
    """The record of a finished network, or None."""
    with contextlib.suppress(FileNotFoundError):
        return json.loads(record_path(folder, key).read_text(encoding="utf-8"))


def is_done(folder, key, save_models):
    """Whether a network was measured, and is on disk if it has to be."""
    if read_record(folder, key) is None:
        return False
    needs_model = save_models or key.treatment == "base"
    return not needs_model or model_path(folder, key).exists()


def load_model(path, custom_objects=None):
    """Reads a model, the package's own layers included."""
    # They must be known before a model that holds them is read.
    import keras_freq.layers  # noqa: F401

    with KERAS_LOCK:
        return keras.models.load_model(path, custom_objects=custom_objects, compile=False)


def load_network(path):
    """The `Network` in a file. The last two that were read are kept."""
    stat = Path(path).stat()
    return _load_network(str(path), stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=2)
def _load_network(path, changed, size):
    """Reads a `Network`; a file that was written anew is read anew."""
    return network_of(load_model(path))


class TemporaryFolder:
    """A folder that goes when nothing holds on to this object any more, or when Python ends."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="transfer-")
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


def open_folder(folder, settings):
    """Makes a folder ready for an experiment, or raises if it holds anything else.

    Args:
        folder: The folder, which need not exist.
        settings: What makes the experiment the same one, as JSON can write it. Its manifest.

    Returns:
        The folder as an absolute `Path`.
    """
    folder = Path(folder).absolute()
    path = folder / MANIFEST
    if path.exists():
        there = json.loads(path.read_text(encoding="utf-8"))
        told = "; ".join(
            f"{key} was {_short(there.get(key))} and is {_short(value)}"
            for key, value in settings.items()
            if there.get(key) != value
        )
        if told:
            raise ValueError(
                "`folder` must be that of this same experiment, or not exist: delete it or name "
                f"another. Received: folder={str(folder)!r}, where {told}"
            )
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ValueError(
            "`folder` must be empty, not exist, or hold this same experiment. "
            f"Received: folder={str(folder)!r}, which has other content"
        )
    else:
        try:
            write_json(path, settings)
        except OSError as error:
            raise ValueError(
                f"`folder` must be a folder that can be written. Received: {str(folder)!r} "
                f"({error.strerror or error})"
            ) from error
    for leftover in folder.rglob(".*.partial*"):
        leftover.unlink()
    return folder


def write_json(path, content):
    """Writes a file whole or not at all."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _short(value):
    """A setting in a few characters."""
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


@dataclasses.dataclass(frozen=True, eq=False)
class TransferResult:
    """Accuracies of a transfer experiment, and where its networks are.

    Attributes:
        frame: A DataFrame, one row a network: `treatment` ("base", "BnB", "BnB+", "AnB", "AnB+",
            "random"), `n` (copied layers; 0 for "base"), `seed`, `direction` ("A->B": trained and
            measured on task B) and `accuracy`, the share of the test images that were right. The
            row "base" of a direction is the base network of its target task.
        folder: The experiment's folder, a `Path`.
        num_layers: Number of layers with weights that the network has.
        class_names: `{"A": names, "B": names}`; numbers in place of names where there are none.
    """

    frame: object
    folder: Path
    num_layers: int
    class_names: dict
    _keep: object = dataclasses.field(default=None, init=False, repr=False)

    def __repr__(self):
        return (
            f"TransferResult({len(self.frame)} networks of {self.num_layers} layers, "
            f"{len(self.class_names['A'])} and {len(self.class_names['B'])} classes, "
            f"{str(self.folder)!r})"
        )

    def _repr_html_(self):
        return result_html(self, table_html(self.frame))

    def model(self, treatment, n=0, seed=None, direction="A->B", *, custom_objects=None):
        """Loads a network.

        Args:
            treatment: As in the frame.
            n: Number of copied layers; 0 for "base".
            seed: Which seed. Defaults to the only one there is.
            direction: "A->B" or "B->A". `model("base", direction="B->A")` is base A.
            custom_objects: As in `keras.models.load_model`. The layers of this package and
                registered ones do not need it.

        Returns:
            A `keras.Model`, as it was when its training ended. Layers that were frozen still have
            `trainable=False`.

        Raises:
            ValueError: If there is no such network, or it was not kept.
        """
        if seed is None:
            seeds = self.frame["seed"].unique()
            if len(seeds) > 1:
                raise ValueError(
                    f"`seed` must be one of {', '.join(map(str, seeds))}. Received: seed=None"
                )
            seed = seeds[0]
        key = NetworkKey(str(treatment), int(n), int(seed), str(direction))
        path = model_path(self.folder, key)
        if not path.exists():
            raise ValueError(
                f"There is no network {key} in {str(self.folder)!r}. See `frame` for the networks "
                "there are; with `save_models=False` only the base networks are kept"
            )
        return load_model(path, custom_objects)

    @classmethod
    def load(cls, folder):
        """Reads all finished networks of a folder.

        Args:
            folder: The `folder` of a `layerwise_transfer`, finished or not.

        Returns:
            A `TransferResult`.

        Raises:
            ValueError: If the folder holds no transfer experiment.
        """
        folder = Path(folder).absolute()
        path = folder / MANIFEST
        if not path.exists():
            raise ValueError(
                "`folder` must be one that `layerwise_transfer` has written to. "
                f"Received: folder={str(folder)!r}, which has no {MANIFEST}"
            )
        records = [
            json.loads(one.read_text(encoding="utf-8"))
            for one in (folder / "runs").glob("[!.]*.json")
        ]
        return cls._of(folder, records, json.loads(path.read_text(encoding="utf-8")))

    @classmethod
    def _of(cls, folder, records, settings, keep=None):
        """A result from the records of its networks."""
        import pandas as pd

        columns = ["treatment", "n", "seed", "direction", "accuracy"]
        order = {treatment: place for place, treatment in enumerate(("base", *TREATMENTS))}
        frame = pd.DataFrame(records, columns=columns).sort_values(
            ["direction", "seed", "treatment", "n"],
            key=lambda column: column.map(order) if column.name == "treatment" else column,
            ignore_index=True,
        )
        names = {
            task: given if isinstance(given, list) else [str(k) for k in range(given)]
            for task, given in zip("AB", settings["classes"], strict=True)
        }
        result = cls(frame, Path(folder), settings["layers_of_network"], names)
        object.__setattr__(result, "_keep", keep)  # holds on to a temporary folder
        return result
