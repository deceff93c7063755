"""Experiment files drawn at random: an experiment, or a ConfigError of ours; nothing else."""

import string
import tempfile
from pathlib import Path

import pytest
import tomli_w
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from keras_freq.lab.config import (
    ConfigError,
    flat_keys,
    load_experiments,
    parse_experiment,
    to_toml,
)
from keras_freq.lab.config.keys_listing import key_lines

RELAXED = {"deadline": None, "suppress_health_check": list(HealthCheck), "database": None}
BASE = {
    "name": "demo",
    "data": {"source": "frequency_bands", "band": 1},
    "model": {"name": "AlexNetSmall"},
    "train": {"steps": 500},
}
TABLES = ["data", "model", "train", "augmentation", "recording", "filters", "analysis", "transfer"]
TABLES += ["sweep"]
KEYS = sorted({line.split()[0] for line in key_lines() if line.startswith("  ") and line.strip()})
WORDS = ["folder", "tfds", "imagenet10", "frequency_bands", "ResNet18", "low-pass", "band-stop"]
WORDS += ["random", "groups", "cifar10", "BnB", "A->B", "cosine", "crop", "skip", "\0", "", "../x"]
TEXTS = st.sampled_from(WORDS) | st.text(max_size=10)
SCALARS = (
    st.integers(-3, 600)
    | st.integers()
    | st.floats()
    | st.booleans()
    | TEXTS
    | st.dates()
    | st.datetimes()
)
NAMES = st.sampled_from([*KEYS, *TABLES]) | st.text(max_size=6)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=5,
)
PATHS = st.lists(NAMES, min_size=1, max_size=3)


@st.composite
def tables(draw):
    """A valid file with some keys replaced, added or removed."""
    raw = {key: dict(value) if isinstance(value, dict) else value for key, value in BASE.items()}
    for _ in range(draw(st.integers(0, 5))):
        table = draw(st.sampled_from(TABLES))
        if draw(st.booleans()):
            raw.setdefault(table, {})
            if isinstance(raw[table], dict):
                raw[table][draw(NAMES)] = draw(VALUES)
        else:
            raw[draw(NAMES)] = draw(VALUES)
    for key in draw(st.lists(st.sampled_from(sorted(BASE)), max_size=1)):
        raw.pop(key, None)
    return raw


def check_written(raw, overrides, quick):
    """Checks a file that TOML can say."""
    try:
        contents = tomli_w.dumps(raw).encode()
    except (UnicodeEncodeError, ValueError, OverflowError):  # no TOML can say this
        return
    check_file(contents, overrides, quick)


def check_file(contents, overrides, quick=False):
    """Loads a file, and its resolved form again; or gets a message of ours."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.toml"
        path.write_bytes(contents)
        try:
            experiments = load_experiments(path, overrides, quick=quick)
        except ConfigError as error:
            assert str(error) and len(str(error)) < 20_000
            return
        for experiment in experiments[:3]:
            path.write_text(to_toml(experiment), encoding="utf-8")
            assert load_experiments(path) == [experiment]


def check_tables(raw):
    """Checks nested dictionaries, as a program gives them."""
    try:
        experiment = parse_experiment(raw)
    except ConfigError as error:
        assert str(error)
        return
    assert flat_keys(experiment.model_dump(exclude_none=True))


OVERRIDES = st.lists(
    st.builds(
        lambda path, value: f"{'.'.join(path)}={value}",
        PATHS,
        st.text(string.printable, max_size=12) | VALUES.map(str),
    )
    | st.text(max_size=12),
    max_size=3,
)


@settings(max_examples=150, **RELAXED)
@given(tables(), OVERRIDES, st.booleans())
@example({**BASE, "sweep": {"data": {"band": [1, 2]}}}, ["sweep=3"], False)
@example({**BASE, "seed": 10**30}, [], True)
@example({**BASE, "analysis": {"fractions": []}}, [], True)
@example(BASE, ["train.steps=" + "9" * 5000], False)
@example(BASE, ["a=" + "[" * 5000], False)
def test_any_tables_are_an_experiment_or_refused(raw, overrides, quick):
    check_written(raw, overrides, quick)


@settings(max_examples=150, **RELAXED)
@given(tables() | VALUES.map(lambda value: {**BASE, "data": value}))
def test_any_dictionary_is_an_experiment_or_refused(raw):
    check_tables(raw)


@settings(max_examples=150, **RELAXED)
@given(st.binary(max_size=60), st.integers(0, 400), st.integers(0, 400), OVERRIDES)
def test_any_bytes_are_an_experiment_or_refused(inserted, start, end, overrides):
    contents = tomli_w.dumps(BASE).encode()
    check_file(contents[:start] + inserted + contents[end:], overrides)


@pytest.mark.slow
def test_many_files():
    many = settings(max_examples=5000, **RELAXED)
    many(given(tables(), OVERRIDES, st.booleans())(check_written))()
    many(given(tables())(check_tables))()
