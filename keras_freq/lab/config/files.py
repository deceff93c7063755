"""Reading experiment files, with overrides and sweeps; writing the resolved ones."""

import copy
import itertools
import re
import tomllib
from pathlib import Path

import tomli_w
from pydantic import ValidationError

from keras_freq.lab.config.errors import ConfigError, explain
from keras_freq.lab.config.schema import Experiment
from keras_freq.lab.config.transfer import TransferExperiment

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
    """Read an experiment file into one `Experiment` for each combination of its sweep.

    Args:
        path: The TOML file.
        overrides: Strings `"train.steps=100"` that replace keys of the file. The value is read as
            TOML, or as a string where it is none.
        quick: Cap everything that takes long, for a run of seconds that shows nothing but that it
            works.

    Returns:
        A list of `Experiment`, of length 1 for a file without `[sweep]`. The name is the file's,
        or in a sweep what is swept: "band=1,seed=0". A file with a `[transfer]` table gives one
        `TransferExperiment`.

    Raises:
        ConfigError: With one line for each thing that is wrong with the file.

    Example:
        >>> load_experiments("nowhere.toml")
        Traceback (most recent call last):
        ...
        keras_freq.lab.config.errors.ConfigError: cannot read the experiment file nowhere.toml: ...
    """
    raw = _read(path)
    raw.setdefault("name", Path(path).stem)
    for override in overrides:
        _override(raw, override)
    sweep = _flatten(raw.pop("sweep", {}))
    # What the command line says of a key holds instead of the sweep's values.
    for override in overrides:
        sweep.pop(override.partition("=")[0].strip(), None)
    if sweep and "transfer" in raw:
        raise ConfigError(
            f"{path}: a transfer experiment has no `sweep`. List what differs in "
            "`transfer.splits` and `transfer.seeds`"
        )
    experiments = []
    for combination in _combinations(sweep):
        variant = copy.deepcopy(raw)
        for key, value in combination.items():
            _set(variant, key, value, origin="[sweep]")
        if combination:
            variant["name"] = _run_name(combination)
        try:
            experiment = parse_experiment(variant)
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None
        experiments.append(_quick(experiment) if quick else experiment)
    names = [experiment.name for experiment in experiments]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(
                f"{path}: [sweep] has two runs of the name {name}; each needs its own"
            )
    return experiments


def parse_experiment(raw):
    """Check one experiment given as a nested dict.

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
        raise ConfigError(explain(error, raw, model)) from None


def to_toml(experiment):
    """Write an experiment, every key resolved, as the text of an experiment file.

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


def _read(path):
    """The raw tables of a file."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        reason = error.strerror or error
        raise ConfigError(f"cannot read the experiment file {path}: {reason}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not a text file in UTF-8") from None
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None


def _override(raw, override):
    """Apply one `key=value` to the raw tables."""
    key, equals, text = override.partition("=")
    if not equals or not key.strip():
        raise ConfigError(f'--set takes key=value, such as train.steps=100. Received: "{override}"')
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    _set(raw, key.strip(), value, origin="--set")


def _set(raw, dotted, value, origin):
    """Set a dotted key in nested dicts, making tables on the way."""
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


def _flatten(table, prefix=""):
    """A sweep as {dotted key: list of values}: TOML reads `data.band = [...]` as nested tables."""
    if not isinstance(table, dict):
        raise ConfigError("`sweep` must be a table of keys with lists of values")
    flat = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{prefix}{key}."))
        elif isinstance(value, list) and value:
            flat[prefix + key] = value
        else:
            raise ConfigError(f"`sweep.{prefix}{key}` must be a list of values, not {value!r}")
    return flat


def _combinations(sweep):
    """Every combination of the swept values, as {dotted key: value}."""
    return [dict(zip(sweep, values, strict=True)) for values in itertools.product(*sweep.values())]


def _run_name(combination):
    """What differs, such as "band=1,seed=0": the name of a folder, without slashes and the like."""
    name = ",".join(f"{key.split('.')[-1]}={value}" for key, value in combination.items())
    return re.sub(r"[^A-Za-z0-9._=,+ -]+", "-", name)


def _quick(experiment):
    """Cap what takes long."""
    raw = experiment.model_dump(exclude_none=True)
    for dotted, limit in QUICK_LIMITS.items():
        table, key = dotted.split(".")
        if table not in raw:
            continue
        if key.startswith("max_") and raw.get("transfer", {}).get("stream"):
            continue
        optional = key.startswith("max_") and raw[table].get("source") != "frequency_bands"
        if key in raw[table] or optional:
            raw[table][key] = min(raw[table].get(key, limit), limit)
    # Maps of one fraction: every other costs as much again.
    raw["analysis"]["fractions"] = raw["analysis"]["fractions"][:1]
    if "transfer" in raw:
        _quick_transfer(raw["transfer"])
    return parse_experiment(raw)


def _quick_transfer(table):
    """Cap the number of networks: one split of each type, one seed and one direction each."""
    first = {split["type"]: split for split in reversed(table["splits"])}
    table["splits"] = [split for split in table["splits"] if split is first[split["type"]]]
    table["seeds"] = table["seeds"][:1]
    table["directions"] = table["directions"][:1]
    # The lowest and the highest, which is where networks differ most.
    layers = table.get("layers", [1, 2])
    table["layers"] = layers[:1] + layers[1:][-1:]
