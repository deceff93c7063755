"""Experiment files: every mistake is one clear line, found without TensorFlow."""

import copy
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel

from keras_freq import frequency_importance, models
from keras_freq.lab import config
from keras_freq.lab.config import (
    QUICK_LIMITS,
    ConfigError,
    load_experiments,
    parse_experiment,
    to_toml,
)
from keras_freq.lab.config import experiment_schema as schema
from keras_freq.lab.config.keys_listing import key_lines

BASE = {
    "name": "demo",
    "data": {"source": "frequency_bands", "band": 1},
    "model": {"name": "AlexNetSmall"},
    "train": {"steps": 500},
}
CONFIGS = sorted((Path(__file__).parents[2] / "configs").glob("*.toml"))


def changed(**keys):
    """The base file with dotted keys (written with two underscores) replaced."""
    raw = copy.deepcopy(BASE)
    for dotted, value in keys.items():
        *tables, last = dotted.split("__")
        here = raw
        for table in tables:
            here = here.setdefault(table, {})
        here[last] = value
    return raw


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (changed(train__stesp=3), "unknown key `train.stesp`. Did you mean `train.steps`?"),
        (changed(sede=3), "unknown key `sede`. Did you mean `seed`?"),
        (changed(steps=3), "unknown key `steps`. Did you mean `train.steps`?"),
        (changed(fractions=[0.1]), "unknown key `fractions`. Did you mean `analysis.fractions`?"),
        (changed(swep={}), "unknown key `swep`. Did you mean `sweep`?"),
        (changed(data__bend=3), "unknown key `data.bend`. Did you mean `data.band`?"),
        (changed(xyz=3), "unknown key `xyz`; valid keys here are: name, title, seed"),
        (changed(train__batch_size="64"), '`train.batch_size`: .*integer. Received: "64"'),
        (changed(train__nesterov=1), "`train.nesterov`: .*boolean. Received: 1"),
        (changed(train__learning_rate=-1), "`train.learning_rate`: .*greater than 0"),
        (changed(train__learning_rate=float("inf")), "`train.learning_rate`: .*finite number"),
        (changed(train__epochs=3), "`train`: give exactly one of `steps` and `epochs`"),
        (changed(data__band=7), "`data.band`: .*less than or equal to 4. Received: 7"),
        (changed(data__source="foldr"), "Received: \"foldr\". Did you mean 'folder'?"),
        (changed(data={}), "missing key `data.source`"),
        (changed(data={"source": "folder"}), "missing key `data.path`"),
        (changed(model__name="AlexNetSmal"), "Did you mean 'AlexNetSmall'?"),
        (changed(name="../up"), "`name`"),
        (changed(recording__probes=["tset"]), "unknown probe 'tset'; valid are: test, without"),
        (changed(filters={"a": {"type": "low-pas"}}), "Did you mean 'low-pass'?"),
        (changed(filters={"a": {"type": "low-pass"}}), "exactly one of `radius`"),
        (changed(filters={"a": {"type": "band-stop"}}), "either `bands`"),
        (changed(filters={"a": {"type": "band-stop", "low": 1}}), "either `bands`"),
        (changed(filters={"a": {"type": "band-stop", "low": 3, "high": 2}}), "must be < `high`"),
        (changed(filters={"a": {"type": "band-stop", "bandz": [1]}}), "mean `filters.a.bands`"),
        (changed(filters={"test": {"type": "low-pass", "radius": 1}}), "the name 'test'"),
        (changed(analysis__fractions=[0.1, 3]), "`analysis.fractions.1`.*Received: 3"),
        (changed(analysis__methd="x"), "Did you mean `analysis.method`?"),
    ],
)
def test_mistakes_are_named(raw, message):
    with pytest.raises(ConfigError) as error:
        parse_experiment(raw)
    text = str(error.value)
    for part in message.split(".*"):
        assert part in text


def test_all_mistakes_are_told_at_once():
    with pytest.raises(ConfigError) as error:
        parse_experiment(changed(train__stesp=3, data__band=9))
    assert len(str(error.value).splitlines()) == 2


def test_lists_of_names_are_those_of_the_code():
    builders = {
        name
        for name in models.__all__
        if name[0].isupper() and inspect.isfunction(getattr(models, name))
    }
    assert set(config.MODELS) == builders
    assert {row["name"] for row in models.describe()} == builders
    sources = [schema.FrequencyBandsData, schema.FolderData]
    sources += [schema.Imagenet10Data, schema.TfdsData]
    assert [s.model_fields["source"].annotation.__args__[0] for s in sources] == list(
        config.DATA_SOURCES
    )
    with pytest.raises(ValueError, match="`method` must be one of") as error:
        frequency_importance(None, None, 2, method="?")
    named = re.findall(r"'(\w+)'", str(error.value).partition("Received")[0])
    assert set(config.IMPORTANCE_METHODS) == set(named)


def test_unknown_keys_are_forbidden_in_every_table():
    tables = [t for t in vars(schema).values() if isinstance(t, type) and issubclass(t, BaseModel)]
    for table in tables:
        if table is not BaseModel:
            assert table.model_config["extra"] == "forbid"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_shipped_configs_are_valid_and_say_how_to_run_them(path):
    text = path.read_text()
    assert text.startswith("# ")
    assert f"keras-freq run configs/{path.name}" in text
    for experiment in load_experiments(path):
        assert parse_experiment(_without_none(experiment)) == experiment
    for quick in load_experiments(path, quick=True):
        assert (quick.train.steps or quick.train.epochs) <= QUICK_LIMITS["train.steps"]


def _without_none(experiment):
    return experiment.model_dump(exclude_none=True)


def test_a_resolved_file_reads_back_as_the_same_experiment(tmp_path):
    filters = {"low": {"type": "low-pass", "radius": 4}, "1+2": {"type": "band-stop", "bands": [1]}}
    experiment = parse_experiment(changed(filters=filters, model__options={"dropout": 0.2}))
    path = tmp_path / "demo.toml"
    path.write_text(to_toml(experiment))
    assert load_experiments(path) == [experiment]


def test_overrides_are_read_as_toml_or_as_text(tmp_path):
    path = tmp_path / "demo.toml"
    path.write_text(to_toml(parse_experiment(BASE)))
    (experiment,) = load_experiments(
        path, ["train.steps=7", "model.name=ResNet18", "analysis.fractions=[0.2]", "name=other one"]
    )
    assert experiment.train.steps == 7
    assert experiment.model.name == "ResNet18"
    assert experiment.analysis.fractions == [0.2]
    assert experiment.name == "other one"
    with pytest.raises(ConfigError, match="--set takes key=value"):
        load_experiments(path, ["train.steps"])
    with pytest.raises(ConfigError, match="not a table"):
        load_experiments(path, ["seed.deeper=1"])
    with pytest.raises(ConfigError, match=r"Did you mean `train.steps`"):
        load_experiments(path, ["train.step=7"])


def test_a_sweep_runs_every_combination(tmp_path):
    path = tmp_path / "demo.toml"
    sweep = '\n[sweep]\ndata.band = [1, 4]\n"model.name" = ["AlexNetSmall", "ResNet18"]\n'
    path.write_text(to_toml(parse_experiment(BASE)) + sweep)
    experiments = load_experiments(path)
    assert [(e.data.band, e.model.name) for e in experiments] == [
        (1, "AlexNetSmall"),
        (1, "ResNet18"),
        (4, "AlexNetSmall"),
        (4, "ResNet18"),
    ]
    assert experiments[0].name == "band=1,name=AlexNetSmall"
    assert len({e.name for e in experiments}) == 4
    path.write_text(path.read_text().replace("[1, 4]", "[1, 9]"))
    with pytest.raises(ConfigError, match=r"demo.toml: `data.band`.*Received: 9"):
        load_experiments(path)
    path.write_text(to_toml(parse_experiment(BASE)) + "\n[sweep]\nseed = 3\n")
    with pytest.raises(ConfigError, match=r"`sweep.seed` must be a list"):
        load_experiments(path)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the experiment file"):
        load_experiments(tmp_path / "missing.toml")
    with pytest.raises(ConfigError, match="cannot read the experiment file"):
        load_experiments(tmp_path)
    broken = tmp_path / "broken.toml"
    broken.write_text("[train\nsteps = 3")
    with pytest.raises(ConfigError, match="not valid TOML"):
        load_experiments(broken)
    broken.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not a text file in UTF-8"):
        load_experiments(broken)
    broken.write_bytes(b"name = '\xe9'")
    with pytest.raises(ConfigError, match="not a text file in UTF-8, but in another encoding"):
        load_experiments(broken)
    broken.write_text("a = " + "[" * 5000)
    with pytest.raises(ConfigError, match=r"not valid TOML: .*nested too deeply"):
        load_experiments(broken)


def test_a_sweep_without_end_is_refused_at_once(tmp_path):
    path = tmp_path / "demo.toml"
    keys = ["seed", "train.steps", "train.batch_size", "data.size", "data.seed"]
    lists = "".join(f"{key} = {[*range(16, 116)]}\n" for key in keys)
    path.write_text(to_toml(parse_experiment(BASE)) + "\n[sweep]\n" + lists)
    with pytest.raises(ConfigError, match=r"10,000,000,000 combinations, and at most 10,000"):
        load_experiments(path)


def test_folders_are_read_as_their_keys_say():
    folder = {"source": "folder", "path": "x", "image_size": 32}
    table = parse_experiment({**BASE, "data": folder}).data
    assert (table.resize, table.antialias, table.color_mode) == ("crop", True, "rgb")
    assert table.classes is None
    wrong = [("resize", "pad"), ("color_mode", "rgba"), ("antialias", 1), ("classes", "")]
    wrong += [("classes", value) for value in (7, [1, 2], ["a"], {"a": 1, "b": "c"})]
    wrong += [("image_size", value) for value in (0, "x", True, [1], [1, "x"])]
    for key, value in wrong:
        with pytest.raises(ConfigError, match=f"^`data.{key}`.*Received") as error:
            parse_experiment({**BASE, "data": {**folder, key: value}})
        assert len(str(error.value).splitlines()) == 1


def test_checking_a_file_loads_no_tensorflow():
    program = (
        "import sys\n"
        "from keras_freq.lab.config import load_experiments\n"
        f"load_experiments({str(CONFIGS[0])!r})\n"
        "import keras_freq, keras_freq.models, keras_freq.lab.pages\n"
        "heavy = {'tensorflow', 'keras', 'seaborn', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(f'loaded {heavy}' if heavy else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_names_of_runs_are_names_of_folders(tmp_path):
    path = tmp_path / "demo.toml"
    folder = {"source": "folder", "path": "x", "image_size": 32}
    path.write_text(to_toml(parse_experiment({**BASE, "data": folder})))
    path.write_text(path.read_text() + '[sweep]\ndata.path = ["some/cats", "some/dogs"]\n')
    assert [e.name for e in load_experiments(path)] == ["path=some-cats", "path=some-dogs"]
    path.write_text(path.read_text().replace("some/dogs", "some-cats"))
    with pytest.raises(ConfigError, match=r"\[sweep\] has two runs of the name path=some-cats"):
        load_experiments(path)


def test_the_command_line_replaces_a_swept_key(tmp_path):
    path = tmp_path / "demo.toml"
    text = to_toml(parse_experiment(BASE)) + "\n[sweep]\ndata.band = [1, 4]\nseed = [0, 1]\n"
    path.write_text(text)
    experiments = load_experiments(path, ["data.band=3"])
    assert [(e.name, e.data.band) for e in experiments] == [("seed=0", 3), ("seed=1", 3)]
    (experiment,) = load_experiments(path, ["data.band=3", "seed=5"])
    assert (experiment.name, experiment.seed) == ("demo", 5)


def test_a_new_length_takes_the_place_of_the_file_s(tmp_path):
    path = tmp_path / "demo.toml"
    path.write_text(to_toml(parse_experiment(BASE)))
    (experiment,) = load_experiments(path, ["train.epochs=3"])
    assert (experiment.train.steps, experiment.train.epochs) == (None, 3)
    (experiment,) = load_experiments(path, ["train.epochs=3", "train.steps=7"])
    assert (experiment.train.steps, experiment.train.epochs) == (7, None)


def test_the_reference_has_every_key_of_every_table():
    blocks = {b.splitlines()[0]: b for b in "\n".join(key_lines()).split("\n\n")}
    for table in (schema.TrainTable, schema.AnalysisTable, schema.AugmentationTable):
        title = table.__doc__.splitlines()[0].replace("`", "")
        lines = [line.split()[0] for line in blocks[title].splitlines() if line[:2] == "  "]
        assert set(table.model_fields) <= set(lines)
    sources = [title for title in blocks if title.startswith("[data] source")]
    assert len(sources) == len(config.DATA_SOURCES)
    analysis = next(b for title, b in blocks.items() if title.startswith("[analysis]: "))
    assert 'method                "screened", "exhaustive" (default "screened")' in analysis
    assert "random_maps           integer >= 40 (default 40)" in analysis
    assert "(default [0.01, 0.05, 0.1])" in analysis
    bands = next(b for t, b in blocks.items() if t.startswith('[data] source = "frequency_bands"'))
    assert "seed                  integer >= 0 (default 0)" in bands
    recording = next(b for title, b in blocks.items() if title.startswith("[recording]"))
    assert 'probes                list of texts (default: "test" and every filter)' in recording
    assert any(title.startswith("[transfer]") for title in blocks)
    assert max(map(len, key_lines())) <= 100
