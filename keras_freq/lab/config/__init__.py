"""Experiment files: reading them with overrides and sweeps, and writing the resolved ones.

An experiment file is TOML, and is checked whole before anything runs. Two tables decide what it is:
with `[sweep]` every combination of some lists is run, and with `[transfer]` it is a transfer
experiment. Nothing here loads TensorFlow.

Example:
    >>> experiment = parse_experiment({
    ...     "name": "demo",
    ...     "data": {"source": "frequency_bands", "band": 1},
    ...     "model": {"name": "AlexNetSmall"},
    ...     "train": {"steps": 500},
    ... })
    >>> list(experiment.filters)
    ['without band 1', 'without band 2', 'without band 3', 'without band 4']
"""

import collections
import copy
import itertools
import math
import re
import tomllib
from pathlib import Path

import tomli_w
from pydantic import ValidationError

from keras_freq import checks
from keras_freq.lab.config.error_messages import ConfigError, error_lines
from keras_freq.lab.config.experiment_schema import (
    DATA_SOURCES,
    IMPORTANCE_METHODS,
    MODELS,
    Experiment,
)
from keras_freq.lab.config.transfer_schema import (
    CLASS_GROUPS,
    DIRECTIONS,
    TREATMENTS,
    TransferExperiment,
)

__all__ = [
    "CLASS_GROUPS",
    "DATA_SOURCES",
    "DIRECTIONS",
    "IMPORTANCE_METHODS",
    "MODELS",
    "QUICK_LIMITS",
    "TREATMENTS",
    "ConfigError",
    "Experiment",
    "TransferExperiment",
    "flat_keys",
    "load_experiments",
    "parse_experiment",
    "to_toml",
]

MOST_RUNS = 10_000
# What `--quick` caps: a run of seconds that goes the whole way, to see that it works.
QUICK_LIMITS = {
    "train.steps": 12,
    "train.epochs": 1,
    "train.batch_size": 32,
    "data.train_per_class": 64,
    "data.test_per_class": 16,
    "data.max_train_per_class": 64,
    "data.max_test_per_class": 16,
    "recording.probe_every": 6,
    "analysis.images_per_class": 2,
}


def load_experiments(path, overrides=(), *, quick=False):
    """Reads an experiment file into one `Experiment` for each combination of its sweep.

    Args:
        path: The TOML file.
        overrides: Strings `"train.steps=100"` that replace keys of the file. A value that is not
            valid TOML is read as a string.
        quick: Whether to cap everything that takes long. Such a run takes seconds, and only shows
            that everything works.

    Returns:
        A list of `Experiment`, of length 1 for a file without `[sweep]`. The name of an experiment
        is that of the file; in a sweep it is what is swept: "band=1,seed=0". A file with a
        `[transfer]` table gives one `TransferExperiment`.

    Raises:
        ConfigError: With one line for each thing that is wrong with the file.

    Example:
        >>> load_experiments("nowhere.toml")
        Traceback (most recent call last):
        ...
        keras_freq.lab.config.error_messages.ConfigError: cannot read the experiment file ...
    """
    raw = _read(path)
    raw.setdefault("name", Path(path).stem)
    for override in overrides:
        _override(raw, override)
    sweep = _swept_lists(raw.pop("sweep", {}))
    # The command line replaces a swept key, too.
    for override in overrides:
        sweep.pop(override.partition("=")[0].strip(), None)
    if sweep and "transfer" in raw:
        raise ConfigError(
            f"{path}: a transfer experiment has no `sweep`. List what differs in "
            "`transfer.splits` and `transfer.seeds`"
        )
    count = math.prod(map(len, sweep.values()))
    if count > MOST_RUNS:
        raise ConfigError(
            f"{path}: [sweep] has {count:,} combinations, and at most {MOST_RUNS:,} can be run. "
            "Divide it into several files"
        )
    experiments = []
    for values in itertools.product(*sweep.values()):
        variant = copy.deepcopy(raw)
        for key, value in zip(sweep, values, strict=True):
            _set(variant, key, value, origin="[sweep]")
        if sweep:
            variant["name"] = _run_name(sweep, values)
        try:
            experiment = parse_experiment(variant)
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None
        experiments.append(_quick(experiment) if quick else experiment)
    name, count = collections.Counter(one.name for one in experiments).most_common(1)[0]
    if count > 1:
        raise ConfigError(f"{path}: [sweep] has two runs of the name {name}; each needs its own")
    return experiments


def parse_experiment(raw):
    """Checks one experiment, given as a nested dict.

    Args:
        raw: The tables of an experiment file, without `sweep`.

    Returns:
        An `Experiment`, or a `TransferExperiment` if there is a table `transfer`.

    Raises:
        ConfigError: With one line for each thing that is wrong.

    Example:
        >>> parse_experiment({
        ...     "name": "demo",
        ...     "data": {"source": "frequency_bands", "band": 1},
        ...     "model": {"name": "AlexNetSmall"},
        ...     "train": {"steps": 500},
        ... }).train.batch_size
        64
    """
    model = TransferExperiment if "transfer" in raw else Experiment
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(error_lines(error, raw, model)) from None


def to_toml(experiment):
    """Writes an experiment, with every key resolved, as the text of an experiment file.

    Args:
        experiment: An `Experiment` or a `TransferExperiment`.

    Returns:
        TOML text that `load_experiments` reads back as the same experiment.

    Example:
        >>> experiment = parse_experiment({
        ...     "name": "demo",
        ...     "data": {"source": "frequency_bands", "band": 1},
        ...     "model": {"name": "AlexNetSmall"},
        ...     "train": {"steps": 500},
        ... })
        >>> print(to_toml(experiment).splitlines()[0])
        name = "demo"
    """
    # TOML has no null: a key that is None is left out, and is None when read again.
    return tomli_w.dumps(experiment.model_dump(exclude_none=True))


def flat_keys(table, prefix=""):
    """Turns the nested tables of an experiment file into `{dotted key: value}`.

    Example:
        >>> flat_keys({"seed": 0, "train": {"steps": 100}})
        {'seed': 0, 'train.steps': 100}
    """
    flat = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat |= flat_keys(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = value
    return flat


def _read(path):
    """Reads the raw tables of a file."""
    try:
        return read_toml(checks.text_file("the experiment file", path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    except ValueError as error:
        raise ConfigError(str(error)) from None


def read_toml(text):
    """Reads TOML; what is too deep or too long for Python is no valid TOML either."""
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise tomllib.TOMLDecodeError("its tables or lists are nested too deeply") from None
    except tomllib.TOMLDecodeError:
        raise
    except ValueError as error:  # a number of thousands of digits
        raise tomllib.TOMLDecodeError(str(error)) from None


def _override(raw, override):
    """Applies one `key=value` to the raw tables."""
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f'--set takes key=value, such as train.steps=100. Received: "{override}"')
    try:
        value = read_toml(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    _set(raw, key.strip(), value, origin="--set")


def _set(raw, dotted, value, origin):
    """Sets a dotted key in nested dicts, and makes the tables that are missing."""
    *tables, last = dotted.split(".")
    here = raw
    for table in tables:
        here = here.setdefault(table, {})
        if not isinstance(here, dict):
            raise ConfigError(f"{origin}: `{dotted}` goes through `{table}`, which is not a table")
    here[last] = value
    # A training has one length: a new one takes the place of the file's.
    if dotted in ("train.steps", "train.epochs"):
        here.pop("epochs" if last == "steps" else "steps", None)


def _swept_lists(table):
    """Reads a sweep as `{dotted key: list of values}`."""
    if not isinstance(table, dict):
        raise ConfigError("`sweep` must be a table of keys with lists of values")
    lists = flat_keys(table)
    for key, values in lists.items():
        if not (isinstance(values, list) and values):
            raise ConfigError(f"`sweep.{key}` must be a list of values, not {values!r}")
    return lists


def _run_name(keys, values):
    """Names a run by what differs, such as "band=1,seed=0"; it is the name of a folder, too."""
    pairs = zip(keys, values, strict=True)
    name = ",".join(f"{key.rpartition('.')[2]}={value}" for key, value in pairs)
    return re.sub(r"[^A-Za-z0-9._=,+ -]+", "-", name)


def _quick(experiment):
    """Caps what takes long."""
    raw = experiment.model_dump(exclude_none=True)
    transfer = raw.get("transfer", {})
    # Numbers of images that the file leaves open are capped, too, if they can be.
    limitable = raw["data"]["source"] != "frequency_bands" and not transfer.get("stream")
    for dotted, limit in QUICK_LIMITS.items():
        table, key = dotted.split(".")
        if key in raw.get(table, {}) or (key.startswith("max_") and limitable):
            raw[table][key] = min(raw[table].get(key, limit), limit)
    # Maps of one fraction: every other costs as much again.
    raw["analysis"]["fractions"] = raw["analysis"]["fractions"][:1]
    if transfer:
        # One split of each type, one seed and one direction.
        first = {split["type"]: split for split in reversed(transfer["splits"])}
        transfer["splits"] = [one for one in transfer["splits"] if one is first[one["type"]]]
        transfer["seeds"] = transfer["seeds"][:1]
        transfer["directions"] = transfer["directions"][:1]
        # The lowest and the highest layer, where networks differ most.
        layers = transfer.get("layers", [1, 2])
        transfer["layers"] = layers[:1] + layers[1:][-1:]
    return parse_experiment(raw)
