"""The file of a transfer experiment: what is refused, and what it means."""

import pytest
from experiment_cases import GROUPS, TRANSFER, changed_transfer, transfer_of_groups
from pydantic import BaseModel

from keras_freq.lab import cli, config
from keras_freq.lab.config import ConfigError, load_experiments, parse_experiment
from keras_freq.lab.config import transfer_schema as schema
from keras_freq.lab.experiments import run_transfer, transfer_tasks
from keras_freq.transfer import result_folder


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            changed_transfer(transfer__splts=3),
            "unknown key `transfer.splts`. Did you mean `transfer.spl",
        ),
        (changed_transfer(transfer__splits=[{"type": "randm"}]), "Did you mean 'random'?"),
        (
            changed_transfer(transfer__splits=[{"type": "random", "sed": 1}]),
            "unknown key `transfer.splits.0.sed`. Did you mean `transfer.splits.0.seed`?",
        ),
        (
            changed_transfer(transfer__splits=2 * [{"type": "random"}]),
            "`splits` has 'random-0' twice",
        ),
        (changed_transfer(transfer__splits=[]), "`transfer.splits`: .*at least 1"),
        (changed_transfer(transfer={}), "missing key `transfer.splits`"),
        (transfer_of_groups("cifar"), "`transfer.splits.0.groups`: .*Did you mean 'cifar10'?"),
        (transfer_of_groups(3), "or a table of classes with their groups"),
        (transfer_of_groups({"C0": "a", "C1": ""}), "must name two groups"),
        (changed_transfer(transfer__treatments=["AnC"]), "Did you mean 'AnB'?"),
        (changed_transfer(transfer__treatments=["AnB", "AnB"]), "must hold every value once"),
        (
            changed_transfer(transfer__directions=["B"]),
            "`transfer.directions.0` must be one of: A->B, B->A",
        ),
        (changed_transfer(transfer__layers=[0]), "`transfer.layers.0`: .*Received: 0"),
        (changed_transfer(transfer__seeds=[-1]), "`transfer.seeds.0`: .*Received: -1"),
        (
            changed_transfer(train={"steps": 3, "epochs": 3}),
            "unknown key `train.epochs`; valid keys here",
        ),
        (changed_transfer(train={}), "missing key `train.steps`"),
        (
            changed_transfer(recording={}),
            "unknown key `recording`; valid keys here are: name, title",
        ),
        (changed_transfer(seeds=[1]), "unknown key `seeds`. Did you mean `transfer.seeds`?"),
        (changed_transfer(analysis__treatments=["BnB+"]), "'BnB+' is not in transfer.treatments"),
    ],
)
def test_mistakes_are_named(raw, message):
    with pytest.raises(ConfigError) as error:
        parse_experiment(raw)
    for part in message.split(".*"):
        assert part in str(error.value)


def test_a_mistyped_table_is_not_another_experiment():
    raw = changed_transfer()
    raw["tranfser"] = raw.pop("transfer")
    with pytest.raises(ConfigError, match=r"unknown key `tranfser`. Did you mean `transfer`?"):
        parse_experiment(raw)


def test_a_sweep_is_refused(transfer_file, tmp_path):
    path = tmp_path / "swept.toml"
    path.write_text(transfer_file.read_text() + "\n[sweep]\nseed = [0, 1]\n")
    with pytest.raises(ConfigError, match=r"no `sweep`.*`transfer.seeds`"):
        load_experiments(path)


def test_a_resolved_file_reads_back_as_the_same_experiment(transfer_file):
    assert load_experiments(transfer_file) == [parse_experiment(TRANSFER)]


def test_lists_of_names_are_those_of_the_code():
    assert config.TREATMENTS == result_folder.TREATMENTS
    assert config.DIRECTIONS == result_folder.DIRECTIONS
    assert set(config.CLASS_GROUPS) == set(transfer_tasks.GROUPS)
    for table in vars(schema).values():
        if isinstance(table, type) and issubclass(table, BaseModel):
            assert table.model_config["extra"] == "forbid"


def test_quick_keeps_a_split_of_each_type_and_the_ends_of_the_layers(transfer_file):
    random = '{type="random"}, {type="random", seed=7}'
    splits = f'transfer.splits=[{random}, {{type="groups", groups="cifar10"}}]'
    overrides = [splits, "transfer.seeds=[3, 4]", "transfer.layers=[2, 3, 4]", "train.steps=900"]
    (quick,) = load_experiments(transfer_file, overrides, quick=True)
    assert [split.name for split in quick.transfer.splits] == ["random-0", "groups-cifar10"]
    assert quick.transfer.layers == [2, 4]
    assert quick.transfer.seeds == [3]
    assert quick.transfer.directions == ["A->B"]
    assert quick.train.steps <= 12


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({**GROUPS, "C33": "new"}, "no class 'C33'. Did you mean 'C3'"),
        ({"C0": "a", "C1": "a", "C2": "b"}, "names no group for 'C3'"),
        ({"C0": "a", "C1": "a", "C2": "b", "C3": ""}, "the task 'b' .* has only 1 class"),
        ("cifar10", "must name the group of every class"),
    ],
)
def test_mappings_that_do_not_fit_the_classes_are_refused(mapping, message, tmp_path):
    with pytest.raises(ConfigError, match=f"`transfer.splits`: .*{message}"):
        run_transfer(
            parse_experiment(transfer_of_groups(mapping)), tmp_path / "out", progress=False
        )
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("transfer.layers=[5]", "`transfer.layers` must be from 1 to 4"),
        ("model.options={stem='small'}", "`model`: "),
        ("data.band=9", "`data.band`"),
        ("transfer.seed=[1]", "Did you mean `transfer.seeds`?"),
    ],
)
def test_mistakes_end_with_one_message_and_nothing_written(
    override, message, transfer_file, tmp_path, capsys
):
    out = tmp_path / "out"
    assert cli.main(["run", str(transfer_file), "--out", str(out), "--set", override]) == 2
    error = capsys.readouterr().err
    assert error.startswith("keras-freq: ")
    assert message in error
    assert "Traceback" not in error
    assert not out.exists()
