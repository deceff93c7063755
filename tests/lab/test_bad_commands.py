"""Bad values of every key of experiment files, and bad commands: one message, nothing written."""

import copy
import typing
import zipfile

import pytest
from pydantic import BaseModel

from keras_freq.lab.cli import main
from keras_freq.lab.config import ConfigError, parse_experiment, transfer_schema
from keras_freq.lab.config import experiment_schema as schema

SOURCES = {
    "frequency_bands": {"source": "frequency_bands", "band": 1},
    "folder": {"source": "folder", "path": "images", "image_size": 32},
    "imagenet10": {"source": "imagenet10"},
    "tfds": {"source": "tfds", "name": "cifar10", "image_size": 32},
}
RUN = {
    "name": "demo",
    "data": SOURCES["frequency_bands"],
    "model": {"name": "LeNet5"},
    "train": {"steps": 3},
}
TRANSFER = {**RUN, "transfer": {"splits": [{"type": "random"}]}}
TABLES = {
    "train": schema.TrainTable,
    "augmentation": schema.AugmentationTable,
    "recording": schema.RecordingTable,
    "analysis": schema.AnalysisTable,
    "model": schema.ModelTable,
    "transfer": transfer_schema.TransferTable,
}
# No key takes these. The last two are what people write for numbers and lists.
BAD = ({"no": "such"}, [], -1, "64 images", float("nan"))


def accepts(annotation, value):
    """Whether a key of this type may have a value like this one."""
    return type(value).__name__ in str(annotation) or annotation in (type(value), typing.Any)


def keys():
    """Every key of every table: the file around it, its dotted name, and a bad value."""
    for source, data in SOURCES.items():
        (table,) = (
            one
            for one in (
                schema.FrequencyBandsData,
                schema.FolderData,
                schema.Imagenet10Data,
                schema.TfdsData,
            )
            if one.model_fields["source"].annotation.__args__[0] == source
        )
        yield from _of_table(table, {**RUN, "data": data}, "data")
    for name, table in TABLES.items():
        yield from _of_table(table, TRANSFER if name == "transfer" else RUN, name)
    yield from _of_table(schema.Experiment, RUN, None)


def _of_table(table, raw, place):
    for key, field in table.model_fields.items():
        nested = isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
        for value in BAD:
            if nested and isinstance(value, dict):
                continue
            if accepts(field.annotation, value) and not isinstance(value, int | float):
                continue
            changed = copy.deepcopy(raw)
            (changed.setdefault(place, {}) if place else changed)[key] = value
            yield pytest.param(changed, key, id=f"{place}.{key}={value}")


@pytest.mark.parametrize(("raw", "key"), list(keys()))
def test_a_bad_value_of_a_key_is_named(raw, key):
    with pytest.raises(ConfigError) as refused:
        parse_experiment(raw)
    assert key in str(refused.value)
    assert "Traceback" not in str(refused.value)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """An empty folder beside an experiment file, a broken file, and a file that is no model."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "demo.toml").write_text(
        '[data]\nsource = "frequency_bands"\nband = 1\nsize = 16\ntrain_per_class = 4\n'
        'test_per_class = 4\n[model]\nname = "LeNet5"\n[train]\nsteps = 2\n'
    )
    (tmp_path / "broken.toml").write_text("[data\n")
    with zipfile.ZipFile(tmp_path / "model.keras", "w") as archive:
        archive.writestr("notes.txt", "no model")
    for name in ("cat", "dog"):
        (tmp_path / "images" / name).mkdir(parents=True)
    return tmp_path


DEMO, MODEL, IMAGES = "../demo.toml", "../model.keras", "../images"
EXAMINE = ["examine", MODEL, IMAGES, "--out", "out"]
COMMANDS = [
    (["run", "no.toml"], "no.toml"),
    (["run", ".."], ".."),
    (["run", ""], "experiment file"),
    (["run", "../broken.toml"], "broken.toml"),
    (["run", MODEL], "model.keras"),
    (["run", DEMO, "--set", "seed"], "--set"),
    (["run", DEMO, "--set", "=3"], "--set"),
    (["run", DEMO, "--set", "seed=-1"], "`seed`"),
    (["run", DEMO, "--set", "seed=one"], "`seed`"),
    (["run", DEMO, "--set", "sed=1"], "`sed`"),
    (["run", DEMO, "--set", "data.band=9"], "`data.band`"),
    (["run", DEMO, "--set", "data.band.deeper=1"], "data.band.deeper"),
    (["run", DEMO, "--set", "data.size=15"], "`data.size`"),
    (["run", DEMO, "--set", "model.name=LeNet"], "`model.name`"),
    (["run", DEMO, "--set", "model.options.width=0"], "LeNet5 takes: mean, std"),
    (["run", DEMO, "--set", "model.options={men=0}"], "Did you mean `model.options.mean`?"),
    (["run", DEMO, "--set", "model.options.std=-1"], "`std`"),
    (["run", DEMO, "--set", "model.options={weight_decay=-1}"], "weight_decay"),
    (["run", DEMO, "--set", "train.steps=0"], "`train.steps`"),
    (["run", DEMO, "--set", "train.learning_rate=nan"], "`train.learning_rate`"),
    (["run", DEMO, "--set", "train.learning_rate=inf"], "`train.learning_rate`"),
    (["run", DEMO, "--set", "analysis.fractions=[2]"], "analysis.fractions"),
    (["run", DEMO, "--set", "sweep.seed=3"], "sweep.seed"),
    (["run", DEMO, "--set", "sweep.seed=[]"], "sweep.seed"),
    (["run", DEMO, "--out", "/dev/null/out"], "output folder"),
    (["run", DEMO, "--out", "../images/../demo.toml"], "output folder"),
    (["run", DEMO, "--workers", "0"], "--workers"),
    (["run", DEMO, "--workers", "-2"], "--workers"),
    (["run", DEMO, "--workers", "2", "--scheduler", "tcp://x:1"], "--workers"),
    (["run", DEMO, "--scheduler", "nowhere"], "nowhere"),
    ([*EXAMINE, "--minutes", "0"], "minutes"),
    ([*EXAMINE, "--minutes", "-1"], "minutes"),
    ([*EXAMINE, "--minutes", "nan"], "minutes"),
    ([*EXAMINE, "--seed", "-1"], "seed"),
    ([*EXAMINE, "--import", "no.py"], "no.py"),
    ([*EXAMINE, "--compare", MODEL], "model"),
    (EXAMINE, "model.keras"),
    (["examine", "no.keras", IMAGES, "--out", "out"], "no.keras"),
    (["examine", IMAGES, IMAGES, "--out", "out"], "images"),
    (["examine", MODEL, IMAGES, "--out", "/dev/null/out"], "output folder"),
    (["report", "nowhere"], "nowhere"),
    (["report", MODEL], "model.keras"),
    (["report", "."], "."),
]
USAGE = [
    ([], "COMMAND"),
    (["rnu"], "rnu"),
    (["run"], "CONFIG"),
    (["run", DEMO, "--wrokers", "2"], "--wrokers"),
    (["run", DEMO, "--workers", "two"], "--workers"),
    (["examine", MODEL, IMAGES], "--out"),
    ([*EXAMINE, "--minutes", "half"], "--minutes"),
    ([*EXAMINE, "--size", "large"], "--size"),
    ([*EXAMINE, "--resize", "fit"], "--resize"),
    ([*EXAMINE, "--seed", "x"], "--seed"),
    ([*EXAMINE, "--on-error", "stop"], "--on-error"),
    (["list", "nets"], "nets"),
]


@pytest.mark.parametrize(("arguments", "named"), COMMANDS, ids=lambda part: " ".join(part))
def test_a_bad_command_ends_with_one_line_and_status_2(arguments, named, place, capsys):
    assert main(arguments) == 2
    printed = capsys.readouterr().err
    assert printed.startswith("keras-freq: ")
    assert named in printed
    assert printed.count("\n") == 1, printed
    assert list((place / "here").iterdir()) == []


@pytest.mark.parametrize(("arguments", "named"), USAGE, ids=lambda part: " ".join(part))
def test_the_parser_refuses_with_status_2(arguments, named, place, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert named in capsys.readouterr().err.splitlines()[-1]
    assert list((place / "here").iterdir()) == []
