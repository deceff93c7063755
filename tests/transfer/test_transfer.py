"""Layer-wise transfer: what is copied, what is frozen, what is drawn, and what is refused."""

import gc
import json
import multiprocessing
import random
import subprocess
import sys
import threading
from concurrent import futures

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers

import keras_freq as kf
from keras_freq.transfer import training
from keras_freq.transfer.result_folder import NetworkKey
from keras_freq.transfer.tasks import checked_task
from keras_freq.transfer.training import build_network
from keras_freq.transfer.layer_groups import check_same_structure, network_of, structure_digest

SHAPE, CLASSES = (8, 8, 3), 5
ALL = ("BnB", "BnB+", "AnB", "AnB+", "random")


def small_model(num_classes):
    """Two convolutions, the first with BatchNormalization, and two dense layers."""
    inputs = keras.Input(SHAPE)
    x = layers.Conv2D(4, 3, use_bias=False)(inputs)
    x = layers.BatchNormalization(momentum=0.9)(x)
    x = layers.ReLU()(x)
    x = layers.Conv2D(6, 3, activation="relu")(x)
    x = layers.Flatten()(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(8, "relu")(x)
    return keras.Model(inputs, layers.Dense(num_classes, "softmax")(x))


def still():
    """An optimizer that changes nothing."""
    return keras.optimizers.SGD(0.0)


def some_tasks(seed=0, count=60):
    """Two tasks of 2 and 3 classes; the classes differ in colour, so that they can be learned."""
    rng = np.random.default_rng(seed)
    names, parts = ["a", "b", "c", "d", "e"], []
    for _ in range(2):
        labels = np.arange(count) % CLASSES
        images = 0.3 * rng.random((count, *SHAPE), np.float32)
        images[..., 0] += 0.15 * labels[:, None, None]
        parts.append(kf.data.split_classes((images, labels), CLASSES, seed, class_names=names))
    (a, b), (test_a, test_b) = parts
    return (a, test_a), (b, test_b)


def transfer(build_model=small_model, tasks=None, **options):
    """A short experiment."""
    options = {"steps": 3, "batch_size": 8, "progress": False, "layers": [1, 3], **options}
    return kf.layerwise_transfer(build_model, *(tasks or some_tasks()), **options)


def weights(network, unit):
    """Weights and moving statistics of a unit, counted from 1."""
    return [np.asarray(w) for layer in network.layer_groups[unit - 1] for w in layer.weights]


def same(one, other):
    """Whether two lists of arrays have the same bytes."""
    return all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    """Everything, once."""
    return transfer(folder=tmp_path_factory.mktemp("transfer") / "all")


def network(result, *key, **options):
    """The `Network` of a run."""
    return network_of(result.model(*key, **options))


# What is trained


def test_the_frame_has_every_run(experiment):
    frame = experiment.frame
    assert list(frame.columns) == ["treatment", "n", "seed", "direction", "accuracy"]
    wanted = [
        (treatment, n, 0, direction)
        for direction in ("A->B", "B->A")
        for treatment in ("base", *ALL)
        for n in ((0,) if treatment == "base" else (1, 3))
    ]
    rows = frame[["treatment", "n", "seed", "direction"]].itertuples(index=False, name=None)
    assert list(rows) == wanted
    assert experiment.num_layers == 4
    names = [name for task in experiment.class_names.values() for name in task]
    assert sorted(names) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("n", [1, 3])
def test_frozen_layers_are_the_base_networks_bytes(experiment, n):
    bases = {d: network(experiment, "base", direction=d) for d in ("A->B", "B->A")}
    for treatment, base in (("BnB", bases["A->B"]), ("AnB", bases["B->A"])):
        frozen = network(experiment, treatment, n)
        tuned = network(experiment, treatment + "+", n)
        for unit in range(1, 5):
            kept = same(weights(frozen, unit), weights(base, unit)) if unit < 4 else False
            assert kept == (unit <= n)
            if unit < 4:
                assert not same(weights(tuned, unit), weights(base, unit))
        for unit, found in enumerate(frozen.layer_groups, start=1):
            assert all(layer.trainable == (unit > n) for layer in found if layer.weights)
    # The first layer's BatchNormalization is copied with its statistics, which have moved.
    kernel, _, _, mean, _ = weights(bases["A->B"], 1)
    assert kernel.ndim == 4 and abs(mean).max() > 0


@pytest.mark.parametrize("n", [1, 3])
def test_random_layers_are_those_of_a_new_network(experiment, n):
    made = network(experiment, "random", n)
    new = build_network(small_model, 3, NetworkKey("random", n, 0, "A->B").random_seeds()[0])
    for unit in range(1, 5):
        assert same(weights(made, unit), weights(new, unit)) == (unit <= n)


def test_upper_layers_are_drawn_from_the_seed_alike_for_all_treatments(tmp_path):
    # With a learning rate of 0 networks end as they began, but for moving statistics.
    kinds = ("BnB", "AnB+", "random")
    options = {"make_optimizer": still, "directions": ["A->B"], "steps": 1, "treatments": kinds}
    result = transfer(layers=[2], seeds=[0, 1], folder=tmp_path / "still", **options)
    upper = {
        (t, s): [w for u in (3, 4) for w in weights(network(result, t, 2, s), u)]
        for t in kinds
        for s in (0, 1)
    }
    for seed in (0, 1):
        drawn = build_network(small_model, 3, NetworkKey("AnB", 2, seed, "A->B").random_seeds()[0])
        expected = [w for u in (3, 4) for w in weights(drawn, u)]
        assert all(same(upper[t, seed], expected) for t in kinds)
        base = network(result, "base", 0, seed)
        kernels = [w for u in (3, 4) for w in weights(base, u) if w.ndim > 1]
        drawn_kernels = [w for w in expected if w.ndim > 1]
        assert not any(np.allclose(a, b) for a, b in zip(kernels, drawn_kernels, strict=True))
    assert not same(upper["BnB", 0], upper["BnB", 1])


def test_seeds_are_shared_by_treatments_alone():
    keys = [(n, seed, d) for n in range(8) for seed in range(3) for d in ("A->B", "B->A")]
    assert len({tuple(NetworkKey("AnB", *key).random_seeds()) for key in keys}) == len(keys)
    for key in keys:
        assert len({tuple(NetworkKey(t, *key).random_seeds()) for t in ALL}) == 1


def test_accuracy_is_that_of_the_network_on_the_test_images(experiment):
    for direction, (_, (images, labels)) in zip(("B->A", "A->B"), some_tasks(), strict=True):
        for key in (("base", 0), ("AnB+", 3)):
            scores = experiment.model(*key, direction=direction)(images).numpy()
            rows = experiment.frame.query("treatment == @key[0] and n == @key[1]")
            found = rows[rows["direction"] == direction]["accuracy"].item()
            assert found == (scores.argmax(1) == labels).mean()


def test_every_network_is_trained_for_the_given_steps():
    made = []

    def make_optimizer():
        made.append(keras.optimizers.SGD(0.01))
        return made[-1]

    options = {"treatments": ["AnB", "BnB+"], "directions": ["A->B"], "steps": 4}
    result = transfer(layers=[1], make_optimizer=make_optimizer, **options)
    counts = [int(optimizer.iterations) for optimizer in made]
    assert [count for count in counts if count] == 4 * [4]
    assert len(result.frame) == 3


def test_training_is_that_of_fit(tmp_path):
    steps = 9  # 36 images in batches of 8: smaller batches at the end of both epochs
    result = transfer(layers=[1], treatments=["AnB"], steps=steps, folder=tmp_path / "one")
    weight_seed, order_seed = NetworkKey("base", 0, 0, "A->B").random_seeds()
    model = build_network(small_model, 3, weight_seed).model
    loss = keras.losses.SparseCategoricalCrossentropy()
    model.compile(keras.optimizers.SGD(0.01, momentum=0.9), loss, jit_compile=False)
    batches = checked_task(some_tasks()[1], "task_b").training_batches(8, order_seed)
    history = model.fit(batches, steps_per_epoch=steps, shuffle=False, verbose=0)
    # Up to rounding: two graphs of the same operations may add in another order.
    for one, other in zip(model.get_weights(), result.model("base").get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-7)
    record = json.loads((tmp_path / "one" / "runs" / "seed0-AtoB-base.json").read_text())
    assert record["loss"] == pytest.approx(history.history["loss"][0], rel=1e-6)


def test_the_graphs_of_finished_networks_are_freed():
    def graphs():
        gc.collect()
        return sum(isinstance(one, tf.Graph) for one in gc.get_objects())

    options = {"layers": [1], "directions": ["A->B"], "steps": 1}
    before = graphs()
    transfer(**options)
    assert graphs() <= before


def test_data_sets_are_trained_on_as_they_are():
    tasks = []
    for train, test in some_tasks():
        names = train.class_names
        parts = [tf.data.Dataset.from_tensor_slices(tuple(p)).batch(8) for p in (train, test)]
        tasks.append([kf.data.with_class_names(part, names) for part in parts])
    options = {"layers": [1], "treatments": ["AnB"], "directions": ["A->B"], "steps": 9}
    frames = [transfer(tasks=tasks, **options).frame for _ in range(2)]
    pd.testing.assert_frame_equal(*frames)
    assert len(frames[0]) == 2


# Interruption, executors and other processes

FEW = {"treatments": ["AnB", "random"], "directions": ["A->B"]}


def few(experiment):
    """The rows that an experiment of `FEW` has."""
    frame = experiment.frame
    rows = frame[frame["treatment"].isin(["base", "AnB", "random"])]
    return rows[rows["direction"] == "A->B"].reset_index(drop=True)


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def counted(monkeypatch):
    """Runs that are counted, and stop the process after some."""
    made = []

    def call(self, run, on_step=None, make=training.Trainer.__call__):
        if len(made) == counted.most:
            raise Killed
        record = make(self, run, on_step)
        made.append(run)
        return record

    def counted(most=None):
        counted.most = most
        made.clear()
        return made

    counted()
    monkeypatch.setattr(training.Trainer, "__call__", call)
    return counted


def test_a_killed_experiment_goes_on_where_it_was(experiment, counted, tmp_path):
    folder = tmp_path / "killed"
    total, result = [], None
    while result is None:
        made = counted(3)
        try:
            result = transfer(folder=folder, **FEW)
        except Killed:
            (folder / "networks" / ".x.1.partial.keras").write_text("what was being written")
        total += made
    assert len(total) == len(set(total)) == 6
    pd.testing.assert_frame_equal(result.frame, few(experiment), check_exact=True)
    made = counted()
    again = transfer(folder=folder, **FEW)
    assert not made
    pd.testing.assert_frame_equal(again.frame, few(experiment), check_exact=True)
    assert not list(folder.rglob("*.partial*"))


def test_a_folder_can_be_added_to(experiment, counted, tmp_path):
    options = {"treatments": ["AnB"], "folder": tmp_path / "more"}
    first = transfer(layers=[3], directions=["A->B"], **options)
    assert list(first.frame["treatment"]) == ["base", "AnB"]
    made = counted()
    more = transfer(layers=[1, 3], **options)
    assert [(run.n, run.direction) for run in made] == [(1, "A->B"), (1, "B->A"), (3, "B->A")]
    wanted = experiment.frame.query("treatment in ('base', 'AnB')").reset_index(drop=True)
    pd.testing.assert_frame_equal(more.frame, wanted, check_exact=True)
    everything = kf.TransferResult.load(tmp_path / "more")
    pd.testing.assert_frame_equal(everything.frame, wanted, check_exact=True)


def test_a_folder_of_another_experiment_is_refused(experiment, tmp_path):
    manifest = experiment.folder / "transfer.json"
    before = manifest.read_text()
    for options, told in (
        ({"steps": 5}, "steps was 3 and is 5"),
        ({"make_optimizer": still}, "optimizer was"),
        ({"tasks": some_tasks(1)}, "tasks was"),
        ({"batch_size": 9}, "batch_size was 8"),
    ):
        with pytest.raises(ValueError, match=told):
            transfer(folder=experiment.folder, **options)
    assert manifest.read_text() == before
    (tmp_path / "notes.txt").write_text("something else")
    with pytest.raises(ValueError, match="other content"):
        transfer(folder=tmp_path)
    with pytest.raises(ValueError, match=r"transfer\.json"):
        kf.TransferResult.load(tmp_path)


def test_a_result_can_be_read_at_any_time(counted, tmp_path):
    for done in (0, 1):
        counted(done)
        with pytest.raises(Killed):
            transfer(folder=tmp_path / "early", **FEW)
        result = kf.TransferResult.load(tmp_path / "early")
        assert len(result.frame) == done
        assert list(result.frame.columns) == ["treatment", "n", "seed", "direction", "accuracy"]


def test_threads_give_the_same_bits(experiment, tmp_path):
    with futures.ThreadPoolExecutor(2) as pool:
        result = transfer(executor=pool, folder=tmp_path / "threads", **FEW)
    pd.testing.assert_frame_equal(result.frame, few(experiment), check_exact=True)
    for key in (("base", 0), ("AnB", 3), ("random", 1)):
        one, other = experiment.model(*key), result.model(*key)
        assert same(one.get_weights(), other.get_weights())


def test_other_threads_may_draw_random_numbers():
    """As the threads of a dask worker do."""
    keras.utils.set_random_seed(4)
    weights = small_model(3).get_weights()
    drawn, stop = [], threading.Event()

    def draw():
        while not stop.wait(0.0005):
            drawn.append(random.random())

    other = threading.Thread(target=draw, daemon=True)
    other.start()
    try:
        networks = [build_network(small_model, 3, seed=4) for _ in range(3)]
    finally:
        stop.set()
        other.join()
    assert len(drawn) > 20
    assert all(same(network.model.get_weights(), weights) for network in networks)
    assert random.randint.__self__ is random.random.__self__


def test_processes_give_the_same_bits(experiment, tmp_path):
    spawn = multiprocessing.get_context("spawn")
    folder = tmp_path / "processes"
    options = {"layers": [3], "treatments": ["AnB+"], "directions": ["A->B"], "folder": folder}
    with futures.ProcessPoolExecutor(1, mp_context=spawn) as pool:
        result = transfer(executor=pool, **options)
    wanted = experiment.frame.query("treatment == 'base' or treatment == 'AnB+' and n == 3")
    wanted = wanted[wanted["direction"] == "A->B"].reset_index(drop=True)
    pd.testing.assert_frame_equal(result.frame, wanted, check_exact=True)
    assert sorted(path.name for path in folder.iterdir()) == ["networks", "runs", "transfer.json"]


def test_a_result_is_read_again_in_a_fresh_process(experiment, tmp_path):
    images = np.random.default_rng(5).random((4, *SHAPE), np.float32)
    np.save(tmp_path / "images.npy", images)
    program = (
        "import sys, numpy as np, keras_freq as kf\n"
        "folder, images, frame, scores = sys.argv[1:]\n"
        "result = kf.TransferResult.load(folder)\n"
        "result.frame.to_csv(frame, index=False)\n"
        "np.save(scores, result.model('AnB+', 3)(np.load(images)))\n"
    )
    paths = [experiment.folder, *(tmp_path / n for n in ("images.npy", "frame.csv", "scores.npy"))]
    subprocess.run([sys.executable, "-c", program, *map(str, paths)], check=True)
    assert (tmp_path / "frame.csv").read_text() == experiment.frame.to_csv(index=False)
    np.testing.assert_array_equal(
        np.load(tmp_path / "scores.npy"), experiment.model("AnB+", 3)(images)
    )


def test_only_the_bases_are_kept_if_so_wished(tmp_path):
    options = {"layers": [1], "folder": tmp_path / "few", **FEW}
    result = transfer(save_models=False, **options)
    assert len(list((tmp_path / "few" / "networks").iterdir())) == 2
    assert result.model("base").count_params()
    with pytest.raises(ValueError, match="only the base networks"):
        result.model("AnB", 1)


def test_a_temporary_folder_goes_with_the_result():
    result = transfer(layers=[1], treatments=["AnB"], directions=["A->B"], steps=1)
    folder = result.folder
    assert result.model("AnB", 1).count_params()
    del result
    assert not folder.exists()


def test_executors_that_cannot_work_are_refused(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    with futures.ProcessPoolExecutor(1, mp_context=spawn) as pool:
        with pytest.raises(ValueError, match="`folder` must be given"):
            transfer(executor=pool)
        with pytest.raises(ValueError, match="`build_model` must be picklable"):
            transfer(lambda k: small_model(k), executor=pool, folder=tmp_path / "x")
        with pytest.raises(ValueError, match=r"a tf\.data\.Dataset cannot be sent"):
            a, b = some_tasks()
            batches = tf.data.Dataset.from_tensor_slices(tuple(a[0])).batch(8)
            kf.data.with_class_names(batches, a[0].class_names)
            transfer(tasks=((batches, a[1]), b), executor=pool, folder=tmp_path)
    assert not list(tmp_path.iterdir())
    with pytest.raises(TypeError, match=r"concurrent\.futures\.Executor"):
        transfer(executor=3)


# Networks


@pytest.mark.parametrize(
    ("build", "options", "n"),
    [(kf.models.AlexNetSmall, {}, 5), (kf.models.ResNet18, {"stem": "small"}, 3)],
)
def test_alexnet_and_resnet(build, options, n, tmp_path):
    rng = np.random.default_rng(0)
    images = rng.random((16, 16, 16, 3), np.float32)
    halves = kf.data.split_classes((images, np.arange(16) % 4), 4)
    result = kf.layerwise_transfer(
        lambda num_classes: build((16, 16, 3), num_classes, **options),
        *[(half, half) for half in halves],
        layers=[n],
        treatments=["AnB"],
        directions=["A->B"],
        steps=1,
        batch_size=4,
        folder=tmp_path / "transfer",
        progress=False,
    )
    base, made = network(result, "base", direction="B->A"), network(result, "AnB", n)
    assert result.num_layers == {"AlexNetSmall": 8, "ResNet18": 10}[build.__name__]
    kept = [same(weights(base, u), weights(made, u)) for u in range(1, result.num_layers)]
    assert kept == [unit <= n for unit in range(1, result.num_layers)]
    assert len(result.frame) == 2


def test_what_counts_as_a_layer():
    inputs = keras.Input((8, 8, 3))
    x = layers.Normalization(mean=[0.5] * 3, variance=[0.1] * 3)(inputs)
    x = layers.BatchNormalization(name="first_bn")(x)
    x = layers.Conv2D(4, 3, padding="same", name="one")(x)
    x = layers.PReLU(name="prelu")(x)
    y = layers.Conv2D(4, 1, name="two_branch")(x)
    y = layers.BatchNormalization()(y)
    y = layers.Conv2D(4, 3, padding="same")(y)
    x = layers.Add()([x, y]) * 0.5
    x = layers.GroupNormalization(2, name="group")(x)
    x = layers.GlobalAveragePooling2D()(x)
    outputs = layers.Dense(3, name="three")(x)
    found = network_of(keras.Model(inputs, outputs))
    names = [[layer.name for layer in group] for group in found.layer_groups]
    assert len(names) == 3
    assert {"first_bn", "one", "prelu"} <= set(names[0])
    assert {"two_branch", "group"} <= set(names[1])
    assert names[2] == ["three"]
    chain = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Dense(2)])
    assert len(network_of(chain).layer_groups) == 2


def test_the_digest_tells_networks_apart_but_not_builds():
    first, second = network_of(small_model(3)), network_of(small_model(3))
    assert structure_digest(first) == structure_digest(second)
    check_same_structure(first, second, (3, 3))
    assert structure_digest(network_of(small_model(4))) != structure_digest(first)


def chain(num_classes, *, hidden=8, depth=1, shape=SHAPE):
    """A network of dense layers."""
    inside = [layers.Dense(hidden) for _ in range(depth)]
    return keras.Sequential(
        [keras.Input(shape), layers.Flatten(), *inside, layers.Dense(num_classes)]
    )


def shared(num_classes):
    """One layer called twice."""
    inputs = keras.Input(SHAPE)
    twice = layers.Dense(3)
    return keras.Model(inputs, layers.Dense(num_classes)(layers.Flatten()(twice(twice(inputs)))))


def nested(num_classes):
    """A model inside a model."""
    inner = keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(4)])
    inputs = keras.Input(SHAPE)
    return keras.Model(inputs, layers.Dense(num_classes)(inner(inputs)))


class Subclassed(keras.Model):
    """A model whose layers cannot be listed."""


class Restless(layers.Layer):
    """A layer that changes its weight although it is frozen."""

    def build(self, shape):
        self.count = self.add_weight(shape=(1, 1), initializer="zeros", trainable=False)

    def call(self, x):
        self.count.assign_add([[1.0]])
        return x + 0 * self.count


@pytest.mark.parametrize(
    ("build_model", "told"),
    [
        (shared, "use each layer once"),
        (nested, "without models inside"),
        (lambda k: Subclassed(), "subclassed model"),
        (lambda k: chain(k, depth=0), "at least two layers"),
        (lambda k: chain(k, hidden=4 * k), r"layer 1 differs: Dense with weights \[\(192, "),
        (lambda k: chain(k, depth=k), "the same layers each time"),
        (lambda k: chain(4), r"4 class scores|class scores. Received"),
        (lambda k: chain(k).layers, "must return a functional keras.Model.*: list"),
        (small_model(3), "must be a function"),
        (lambda k: chain(k, shape=(9, 9, 3)), "tasks' images"),
    ],
)
def test_networks_that_cannot_be_transferred_are_refused(build_model, told, monkeypatch):
    monkeypatch.setattr(training.Trainer, "__call__", None)
    with pytest.raises((ValueError, TypeError), match=told):
        transfer(build_model, layers=[1])


def test_a_layer_that_changes_while_frozen_is_an_error(tmp_path):
    def build_model(num_classes):
        inputs = keras.Input(SHAPE)
        x = layers.Flatten()(Restless()(inputs))
        return keras.Model(inputs, layers.Dense(num_classes)(layers.Dense(4)(x)))

    with pytest.raises(ValueError, match="can be saved and loaded"):
        transfer(build_model, layers=[1], folder=tmp_path / "one")
    keras.saving.register_keras_serializable("test_transfer")(Restless)
    with pytest.raises(RuntimeError, match="has changed while frozen"):
        transfer(build_model, layers=[1], folder=tmp_path / "two")


def test_a_diverging_network_is_told_of(tmp_path):
    options = {"layers": [1], "treatments": ["random"], "directions": ["A->B"], "steps": 9}
    with pytest.warns(UserWarning, match="diverged"):
        result = transfer(make_optimizer=lambda: keras.optimizers.SGD(1e38), **options)
    assert np.isfinite(result.frame["accuracy"]).all()
    record = json.loads((result.folder / "runs" / "seed0-AtoB-base.json").read_text())
    assert record["loss"] is None


# Arguments


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"layers": [4]}, r"`layers` must be from 1 to 3.*has 4 layers"),
        ({"layers": [0]}, "`layers` must be an integer >= 1"),
        ({"layers": []}, "at least one"),
        ({"layers": [1, 1]}, "distinct"),
        ({"treatments": ["AnA"]}, "`treatments` must be one of"),
        ({"directions": "A-B"}, "`directions` must be one of"),
        ({"seeds": [-1]}, "`seeds`"),
        ({"steps": 0}, "`steps`"),
        ({"batch_size": 0.5}, "`batch_size`"),
        ({"make_optimizer": keras.optimizers.SGD()}, "must be a function"),
        ({"make_optimizer": lambda o=keras.optimizers.SGD(): o}, "new optimizer each time"),  # noqa: B008
        ({"make_optimizer": lambda: "sgd"}, "must return a keras.optimizers.Optimizer"),
    ],
)
def test_wrong_arguments_are_refused(options, told, monkeypatch):
    monkeypatch.setattr(training.Trainer, "__call__", None)
    with pytest.raises((ValueError, TypeError), match=told):
        transfer(**options)


def test_tasks_that_cannot_be_compared_are_refused(monkeypatch):
    monkeypatch.setattr(training.Trainer, "__call__", None)
    a, b = some_tasks()
    unnamed = [[tuple(part) for part in task] for task in (a, b)]
    small = tuple((part[0][:, :4], part[1]) for part in unnamed[1])
    relabelled = tuple((part[0], part[1] + 3) for part in b)
    for part, of_b in zip(relabelled, b, strict=True):
        assert len(part[0]) == len(of_b[0])
    with_names = [kf.data.ClassSubset(*p, ["x", "y"], [0, 1]) for p in relabelled]
    for tasks, told in (
        ((a, a), "must not share classes.* in both"),
        ((unnamed[0], unnamed[0]), "must not share classes.*training images"),
        ((a, small), "images of one size"),
        ((a, (b[0], a[1])), "same classes"),
        ((a, with_names), "labels from 0 to 1"),
        ((a, b[0][0]), r"must be \(train, test\)"),
        ((a, (b[0], 3)), "pair of arrays"),
    ):
        with pytest.raises((ValueError, TypeError), match=told):
            transfer(tasks=tasks)
    batches = [tf.data.Dataset.from_tensor_slices(tuple(part)).batch(8) for part in a]
    with pytest.raises(ValueError, match="must name its classes"):
        transfer(tasks=(batches, b))
