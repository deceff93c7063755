"""Transfer experiments from a file: what is refused, what is written, and that it goes on."""

import copy
import json
import re
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pandas as pd
import pytest
from PIL import Image
from pydantic import BaseModel

import keras_freq as kf
from keras_freq.lab import cli, config
from keras_freq.lab.config import ConfigError, load_experiments, parse_experiment, to_toml
from keras_freq.lab.config import transfer as schema
from keras_freq.lab.experiments import run_transfer
from keras_freq.lab.experiments import transfer_tasks as tasks_module
from keras_freq.lab.experiments.inputs import load_data
from keras_freq.lab.experiments.streamed_tasks import stream_tasks
from keras_freq.lab.experiments.transfer_tasks import make_tasks
from keras_freq.transfer import runs, transfer_claims

GROUPS = {"C0": "<old>", "C1": "<old>", "C2": "new", "C3": "new"}
TINY = {
    "name": "tiny",
    "title": "Tiny & <small>",
    "data": {
        "source": "frequency_bands",
        "band": 1,
        "size": 16,
        "train_per_class": 12,
        "test_per_class": 6,
    },
    "model": {"name": "LeNet5"},
    "train": {"steps": 3, "batch_size": 16, "schedule": "cosine"},
    "transfer": {
        "splits": [{"type": "random", "seed": 1}, {"type": "groups", "groups": GROUPS}],
        "layers": [1, 4],
        "treatments": ["BnB", "AnB", "AnB+", "random"],
        "directions": ["A->B"],
    },
    "analysis": {"images_per_class": 2, "treatments": ["AnB"], "fractions": [0.05, 0.1]},
}
TABLES = ("tasks.csv", "transfer.csv", "claims.csv", "boost.csv", "map_overlap.csv")


def changed(**keys):
    """The file with dotted keys (written with two underscores) replaced."""
    raw = copy.deepcopy(TINY)
    for dotted, value in keys.items():
        *tables, last = dotted.split("__")
        here = raw
        for table in tables:
            here = here.setdefault(table, {})
        here[last] = value
    return raw


def groups(mapping):
    """The file with one split by these groups."""
    return changed(transfer__splits=[{"type": "groups", "groups": mapping}])


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A small experiment, the whole way."""
    folder = tmp_path_factory.mktemp("runs") / "tiny"
    command = "keras-freq run tiny.toml"
    return run_transfer(parse_experiment(TINY), folder, command=command, progress=False)


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    """The same as a file."""
    path = tmp_path_factory.mktemp("files") / "tiny.toml"
    path.write_text(to_toml(parse_experiment(TINY)))
    return path


# The file


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (changed(transfer__splts=3), "unknown key `transfer.splts`. Did you mean `transfer.spl"),
        (changed(transfer__splits=[{"type": "randm"}]), 'Did you mean "random"?'),
        (
            changed(transfer__splits=[{"type": "random", "sed": 1}]),
            "unknown key `transfer.splits.0.sed`. Did you mean `transfer.splits.0.seed`?",
        ),
        (changed(transfer__splits=2 * [{"type": "random"}]), "`splits` has 'random-0' twice"),
        (changed(transfer__splits=[]), "`transfer.splits`: .*at least 1"),
        (changed(transfer={}), "missing key `transfer.splits`"),
        (groups("cifar"), '`transfer.splits.0.groups`: .*Did you mean "cifar10"?'),
        (groups(3), "or a table of classes with their groups"),
        (groups({"C0": "a", "C1": ""}), "must name two groups"),
        (changed(transfer__treatments=["AnC"]), 'Did you mean "AnB"?'),
        (changed(transfer__treatments=["AnB", "AnB"]), "must hold every value once"),
        (changed(transfer__directions=["B"]), "`transfer.directions.0` must be one of: A->B, B->A"),
        (changed(transfer__layers=[0]), "`transfer.layers.0`: .*Received: 0"),
        (changed(transfer__seeds=[-1]), "`transfer.seeds.0`: .*Received: -1"),
        (changed(train={"steps": 3, "epochs": 3}), "unknown key `train.epochs`; valid keys here"),
        (changed(train={}), "missing key `train.steps`"),
        (changed(recording={}), "unknown key `recording`; valid keys here are: name, title"),
        (changed(seeds=[1]), "unknown key `seeds`. Did you mean `transfer.seeds`?"),
        (changed(analysis__treatments=["BnB+"]), "'BnB+' is not in transfer.treatments"),
    ],
)
def test_mistakes_are_named(raw, message):
    with pytest.raises(ConfigError) as error:
        parse_experiment(raw)
    for part in message.split(".*"):
        assert part in str(error.value)


def test_a_mistyped_table_is_not_another_experiment():
    raw = changed()
    raw["tranfser"] = raw.pop("transfer")
    with pytest.raises(ConfigError, match=r"unknown key `tranfser`. Did you mean `transfer`?"):
        parse_experiment(raw)


def test_a_sweep_is_refused(file, tmp_path):
    path = tmp_path / "swept.toml"
    path.write_text(file.read_text() + "\n[sweep]\nseed = [0, 1]\n")
    with pytest.raises(ConfigError, match=r"no `sweep`.*`transfer.seeds`"):
        load_experiments(path)


def test_a_resolved_file_reads_back_as_the_same_experiment(file):
    assert load_experiments(file) == [parse_experiment(TINY)]


def test_lists_of_names_are_those_of_the_code():
    assert config.TREATMENTS == runs.TREATMENTS
    assert config.DIRECTIONS == runs.DIRECTIONS
    assert set(config.CLASS_GROUPS) == set(tasks_module.GROUPS)
    for table in vars(schema).values():
        if isinstance(table, type) and issubclass(table, BaseModel):
            assert table.model_config["extra"] == "forbid"


def test_quick_keeps_a_split_of_each_type_and_the_ends_of_the_layers(file):
    random = '{type="random"}, {type="random", seed=7}'
    splits = f'transfer.splits=[{random}, {{type="groups", groups="cifar10"}}]'
    overrides = [splits, "transfer.seeds=[3, 4]", "transfer.layers=[2, 3, 4]", "train.steps=900"]
    (quick,) = load_experiments(file, overrides, quick=True)
    assert [split.name for split in quick.transfer.splits] == ["random-0", "groups-cifar10"]
    assert quick.transfer.layers == [2, 4]
    assert quick.transfer.seeds == [3]
    assert quick.transfer.directions == ["A->B"]
    assert quick.train.steps <= 12


# The tasks


def test_random_halves_are_those_of_split_classes():
    data = load_data(parse_experiment(TINY).data, 0)
    tasks = make_tasks(schema.RandomSplit(type="random", seed=1), data)
    expected = kf.data.split_classes(data.train, 4, seed=1, class_names=data.class_names)
    for task, (train, _) in enumerate(tasks):
        assert tasks.class_names(task) == expected[task].class_names
        np.testing.assert_array_equal(train[0], expected[task][0])
    assert not set(tasks.class_names(0)) & set(tasks.class_names(1))
    images, labels = tasks.sample(0, 2, seed=0)
    assert np.bincount(labels).tolist() == [2, 2] and len(images) == 4
    assert tasks.test_counts(1) == (12, 6)


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
        run_transfer(parse_experiment(groups(mapping)), tmp_path / "out", progress=False)
    assert not (tmp_path / "out").exists()


def test_a_class_of_no_group_is_left_out():
    data = load_data(parse_experiment(TINY).data, 0)
    five = np.arange(5).repeat(3)
    images = np.zeros((15, 16, 16, 3), np.float32)
    data = type(data)(images, five, images, five, class_names=["C0", "C1", "C2", "C3", "rest"])
    split = schema.GroupsSplit(type="groups", groups={**GROUPS, "rest": ""})
    tasks = make_tasks(split, data)
    assert tasks.groups == ("<old>", "new")
    assert [tasks.class_names(task) for task in (0, 1)] == [["C0", "C1"], ["C2", "C3"]]


# The results


def test_everything_is_written_and_nothing_else(finished):
    written = {p.relative_to(finished).as_posix() for p in finished.rglob("*") if p.is_file()}
    names = ["curves_random", "curves_groups_AtoB", "changes_random", "changes_groups"]
    names += ["degradation"]
    names += [f"map_overlap_{k}_{f}_percent" for k in ("random", "groups") for f in (5, 10)]
    figures = {f"figures/{name}.{suffix}" for name in names for suffix in ("png", "svg")}
    others = {"config.toml", "environment.json", "report.html"}
    assert {name for name in written if not name.startswith("splits/")} == (
        set(TABLES) | figures | others
    )
    assert {path.name for path in (finished / "splits").iterdir()} == {"random-1", "groups"}


def test_the_networks_are_those_of_layerwise_transfer(finished, tmp_path):
    experiment = parse_experiment(TINY)
    data = load_data(experiment.data, 0)
    halves = [
        kf.data.split_classes(part, 4, seed=1, class_names=data.class_names)
        for part in (data.train, data.test)
    ]

    def make_optimizer():
        rate = keras.optimizers.schedules.CosineDecay(0.01, 3)
        return keras.optimizers.SGD(rate, momentum=0.9, nesterov=True)

    result = kf.layerwise_transfer(
        lambda num_classes: kf.models.LeNet5((16, 16, 3), num_classes, weight_decay=1e-4),
        *zip(*halves, strict=True),
        layers=[1, 4],
        treatments=["BnB", "AnB", "AnB+", "random"],
        directions=["A->B"],
        steps=3,
        batch_size=16,
        make_optimizer=make_optimizer,
        folder=tmp_path / "own",
        progress=False,
    )
    frame = pd.read_csv(finished / "transfer.csv")
    own = frame[frame["split"] == "random-1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own[result.frame.columns], result.frame)
    assert set(own["type"]) == {"random"}
    assert set(own["chance"]) == {0.5}
    assert set(own["test_images"]) == {12}
    stored = kf.transfer.TransferResult.load(finished / "splits" / "random-1")
    for key in (("base", 0), ("AnB+", 4)):
        weights = zip(stored.model(*key).weights, result.model(*key).weights, strict=True)
        assert all(np.array_equal(a, b) for a, b in weights)


def test_boosts_and_overlaps_are_those_of_their_functions(finished):
    frame = pd.read_csv(finished / "transfer.csv")
    boost = pd.read_csv(finished / "boost.csv")
    for kind in ("random", "groups"):
        expected = kf.transfer_boost(frame[frame["type"] == kind])
        own = boost[boost["splits"] == kind].reset_index(drop=True)
        pd.testing.assert_frame_equal(own[expected.columns], expected)
    overlap = pd.read_csv(finished / "map_overlap.csv")
    assert set(overlap["fraction"]) == {0.05, 0.1}
    assert set(overlap["treatment"]) == {"base", "AnB"}
    experiment = parse_experiment(TINY)
    tasks = make_tasks(experiment.transfer.splits[0], load_data(experiment.data, 0))
    stored = kf.transfer.TransferResult.load(finished / "splits" / "random-1")
    source, target = tasks.sample(0, 2, 0), tasks.sample(1, 2, 0)
    options = {"treatments": ["AnB"], "fraction": [0.05, 0.1], "progress": False}
    options["num_random"] = experiment.analysis.random_maps
    expected = kf.transfer_map_overlap(stored, target, source, **options)
    own = overlap[overlap["split"] == "random-1"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own[expected.columns], expected, check_dtype=False)
    tasks = pd.read_csv(finished / "tasks.csv")
    named = tasks[tasks["split"] == "groups"]
    assert dict(zip(named["class_name"], named["group"], strict=True)) == GROUPS
    assert set(tasks["train_images"]) == {12}


def test_the_page_is_whole_and_escaped(finished, capsys):
    page = (finished / "report.html").read_text()
    assert "Tiny &amp; &lt;small&gt;" in page
    assert "B: new" in page and "A: &lt;old&gt;" in page
    assert "<old>" not in page
    assert page.count('<img src="data:image/png;base64,') == 9
    assert set(re.findall(r'(?:src|href)="([a-z]+:|#)', page)) == {"data:", "#"}
    claims = pd.read_csv(finished / "claims.csv")
    for claim in claims["claim"].unique():
        assert claim in page
    (finished / "report.html").unlink()
    assert cli.main(["report", str(finished)]) == 0
    assert capsys.readouterr().out.strip() == str(finished / "report.html")
    assert (finished / "report.html").read_text() == page


def test_the_command_is_that_of_all_experiments(file, finished, capsys):
    assert cli.main(["run", str(file), "--out", str(finished), "--list"]) == 0
    listed = capsys.readouterr().out
    assert "1 done" in listed
    # One direction: two base networks, and four treatments of two layers.
    assert "10 of 10 networks  random-1" in listed
    assert cli.main(["run", str(file), "--out", str(finished)]) == 0
    assert "was done already" in capsys.readouterr().err


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
    override, message, file, tmp_path, capsys
):
    out = tmp_path / "out"
    assert cli.main(["run", str(file), "--out", str(out), "--set", override]) == 2
    error = capsys.readouterr().err
    assert error.startswith("keras-freq: ")
    assert message in error
    assert "Traceback" not in error
    assert not out.exists()


# Interruption and growth


def test_a_killed_run_goes_on_to_the_same_bytes(finished, file, tmp_path):
    # Killed without warning in the third network of the second split.
    program = textwrap.dedent(
        f"""
        import os
        from keras_freq.lab.config import load_experiments
        from keras_freq.lab.experiments import run_transfer
        from keras_freq.transfer.runs import Job
        make, count = Job._write, 0
        def write(self, run, model, record):
            global count
            count += 1
            if count == 13:
                os._exit(9)
            make(self, run, model, record)
        Job._write = write
        (experiment,) = load_experiments({str(file)!r})
        run_transfer(experiment, {str(tmp_path / "killed")!r}, progress=False)
        """
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 9, done.stderr
    folder = tmp_path / "killed"
    assert not (folder / "transfer.csv").exists()
    before = {path: path.stat().st_mtime_ns for path in folder.glob("splits/*/runs/*.json")}
    assert len(before) == 12
    run_transfer(parse_experiment(TINY), folder, progress=False)
    assert all(path.stat().st_mtime_ns == changed for path, changed in before.items())
    for table in TABLES:
        assert (folder / table).read_bytes() == (finished / table).read_bytes()


def test_more_seeds_are_added_and_other_settings_refused(finished, tmp_path):
    small = changed(analysis={"importance": False}, transfer__splits=[{"type": "random"}])
    small["transfer"] |= {"layers": [1], "treatments": ["AnB", "AnB+"]}
    folder = tmp_path / "growing"
    run_transfer(parse_experiment(small), folder, command="first", progress=False)
    first = pd.read_csv(folder / "transfer.csv")
    networks = sorted(path.name for path in folder.glob("splits/*/networks/*"))
    assert networks == ["seed0-AtoB-base.keras", "seed0-BtoA-base.keras"]
    grown = copy.deepcopy(small)
    grown["transfer"]["seeds"] = [0, 1]
    run_transfer(parse_experiment(grown), folder, command="second", progress=False)
    both = pd.read_csv(folder / "transfer.csv")
    assert both["seed"].value_counts().to_dict() == {0: 3, 1: 3}
    own = both[both["seed"] == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, first)
    assert load_experiments(folder / "config.toml") == [parse_experiment(grown)]
    assert json.loads((folder / "environment.json").read_text())["command"] == "second"
    assert not pd.read_csv(folder / "claims.csv")["low"].isna().any()
    for other in (small, {**grown, "train": {"steps": 4}}):
        with pytest.raises(ConfigError, match="holds another experiment"):
            run_transfer(parse_experiment(other), folder, progress=False)


# The claims


def claim_frame(seeds=3):
    """Accuracies whose differences are known: a slope for each treatment, twice for groups."""
    slopes = {"BnB": -0.01, "BnB+": 0.0, "AnB": -0.02, "AnB+": 0.01, "random": -0.05}
    rows = []
    for kind, factor in (("random", 1), ("groups", 2)):
        for seed in range(seeds):
            for direction in ("A->B", "B->A"):
                base = 0.8 + 0.01 * seed
                rows.append((kind, "base", 0, seed, direction, base))
                rows += [
                    (kind, name, n, seed, direction, base + factor * slope * n)
                    for name, slope in slopes.items()
                    for n in range(1, 8)
                ]
    frame = pd.DataFrame(rows, columns=["type", "treatment", "n", "seed", "direction", "accuracy"])
    return frame.assign(split=frame["type"], chance=0.2)


def test_claims_are_means_of_differences():
    table = transfer_claims(claim_frame(), 8)
    found = {(row.measured, row.splits, row.layers): row for row in table.itertuples(index=False)}
    expected = {
        ("AnB - base", "random", "1-2"): -0.02 * 1.5,
        ("BnB - base", "random", "3-6"): -0.01 * 4.5,
        ("BnB+ - base", "random", "3-6"): 0.0,
        ("BnB+ - BnB", "random", "3-6"): 0.01 * 4.5,
        ("AnB - BnB", "random", "4-7"): -0.01 * 5.5,
        ("AnB - base", "random", "7"): -0.14,
        ("AnB - base", "groups", "7"): -0.28,
        ("AnB - base", "groups - random", "1-7"): -0.02 * 4,
        ("AnB+ - base", "random", "1-7"): 0.04,
        ("AnB+ - BnB+", "random", "1-7"): 0.04,
        ("random - base", "random", "1-2"): -0.05 * 1.5,
        ("random - chance", "random", "3-7"): 0.81 - 0.05 * 5 - 0.2,
        ("AnB - random", "groups", "1-7"): 0.06 * 4,
    }
    assert set(found) == set(expected)
    for key, value in expected.items():
        row = found[key]
        assert row.mean == pytest.approx(value)
        assert row.low <= row.mean + 1e-12 and row.mean - 1e-12 <= row.high
        assert row.observations == (6 if " - " in row.splits else 3)
    # The same in every seed but for random networks against chance.
    assert found["random - chance", "random", "3-7"].low == pytest.approx(0.35, abs=1e-6)
    assert found["random - chance", "random", "3-7"].high == pytest.approx(0.37, abs=1e-6)


def test_claims_of_few_networks_and_of_deeper_ones():
    frame = claim_frame(seeds=1)
    assert transfer_claims(frame, 8)["low"].isna().all()
    only = frame[(frame["type"] == "groups") & frame["treatment"].isin(["base", "AnB"])]
    assert transfer_claims(only, 8)["measured"].tolist() == ["AnB - base"]
    layers = transfer_claims(frame, 15).set_index(["measured", "splits"])["layers"]
    assert layers["BnB - base", "random"] == "5-12"
    with pytest.raises(ValueError, match="missing columns"):
        transfer_claims(frame.drop(columns="chance"), 8)


# Images that stay on disk


@pytest.fixture(scope="module")
def photographs(tmp_path_factory):
    """Some images of four classes, named as ImageNet names them."""
    rng = np.random.default_rng(0)
    root = tmp_path_factory.mktemp("data") / "photographs"
    for part, count in (("train", 5), ("val", 3)):
        for name in ("n01440764", "n01443537", "n02708093", "n02747177"):
            (root / part / name).mkdir(parents=True)
            for i in range(count + (name == "n02747177")):
                pixels = rng.integers(0, 255, (18, 20, 3), dtype=np.uint8)
                Image.fromarray(pixels).save(root / part / name / f"{i}.png")
    return root


def streamed(path, **keys):
    """The file with images on disk."""
    data = {"source": "folder", "path": str(path), "image_size": 16}
    raw = changed(data=data, transfer__stream=True, **keys)
    raw["transfer"]["splits"] = [
        {"type": "random", "seed": 2},
        {"type": "groups", "groups": "imagenet"},
    ]
    return parse_experiment(raw)


def test_streams_hold_the_images_of_arrays(photographs):
    experiment = streamed(photographs)
    data = load_data(experiment.data, 0)
    for split, tasks in zip(experiment.transfer.splits, stream_tasks(experiment), strict=True):
        arrays = make_tasks(split, data)
        assert (tasks.split, tasks.groups) == (arrays.split, arrays.groups)
        assert tasks.image_shape == arrays.image_shape == (16, 16, 3)
        for task in (0, 1):
            assert tasks.class_names(task) == arrays.class_names(task)
            assert tasks.test_counts(task) == arrays.test_counts(task)
            test = [np.concatenate(p) for p in zip(*tasks.test[task], strict=True)]
            for one, other in zip(test, arrays.test[task], strict=True):
                np.testing.assert_array_equal(one, other)
            images, labels = tasks.sample(task, 2, seed=0)
            assert np.bincount(labels).tolist() == [2, 2] and images.shape == (4, 16, 16, 3)


def test_a_streamed_experiment_goes_the_whole_way_and_on(photographs, tmp_path):
    experiment = streamed(photographs, transfer__treatments=["AnB"], analysis__fractions=[0.1])
    folder = run_transfer(experiment, tmp_path / "out", progress=False)
    assert "natural" in (folder / "report.html").read_text()
    before = (folder / "transfer.csv").read_bytes()
    frame = pd.read_csv(folder / "transfer.csv")
    natural = frame[(frame["type"] == "groups") & (frame["direction"] == "A->B")]
    # B are the man-made classes, with 3 and 4 test images.
    assert set(natural["test_images"]) == {7} and set(natural["chance"]) == {4 / 7}
    for name in ("report.html", "transfer.csv"):
        (folder / name).unlink()
    run_transfer(experiment, folder, progress=False)
    assert (folder / "transfer.csv").read_bytes() == before


def test_streams_that_cannot_be_are_refused(photographs, tmp_path):
    with pytest.raises(ConfigError, match=r'transfer.stream needs data.source = "folder"'):
        parse_experiment(changed(transfer__stream=True))
    data = {"source": "folder", "path": "x", "image_size": 16, "max_test_per_class": 3}
    with pytest.raises(ConfigError, match=r"leave out data.max_train_per_class"):
        parse_experiment(changed(transfer__stream=True, data=data))
    with pytest.raises(ConfigError, match="must hold train and one of test, val"):
        run_transfer(streamed(photographs / "train"), tmp_path / "out", progress=False)
    assert not (tmp_path / "out").exists()


def test_a_stream_of_tfds_has_the_classes_asked_for(tmp_path):
    import tensorflow_datasets as tfds

    # Without the network TFDS knows the classes by their numbers alone.
    classes = {"0": "plane", "3": "cat", "5": "dog", "8": "ship"}
    data = {"source": "tfds", "name": "cifar10", "image_size": 16, "classes": classes}
    mapping = {"plane": "vehicles", "ship": "vehicles", "cat": "animals", "dog": "animals"}
    splits = [{"type": "groups", "groups": mapping}]
    raw = changed(data=data, transfer__stream=True, transfer__splits=splits)
    with tfds.testing.mock_data(num_examples=80):
        (tasks,) = stream_tasks(parse_experiment(raw))
        assert tasks.groups == ("vehicles", "animals")
        assert [tasks.class_names(task) for task in (0, 1)] == [["plane", "ship"], ["cat", "dog"]]
        images, labels = tasks.sample(1, 1, seed=0)
    assert labels.tolist() in ([0, 1], [1, 0]) and images.shape == (2, 16, 16, 3)
