"""What is copied, what is frozen, what is drawn, and how networks are trained."""

import gc
import json

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from keras import layers
from transfer_cases import (
    ALL,
    FEW,
    SHAPE,
    experiment,
    network,
    same,
    small_model,
    some_tasks,
    still,
    transfer,
    weights,
)

import keras_freq as kf
from keras_freq.transfer import training
from keras_freq.transfer.result_folder import NetworkKey
from keras_freq.transfer.tasks import checked_task
from keras_freq.transfer.training import build_network


def test_the_frame_has_every_run():
    frame = experiment().frame
    assert list(frame.columns) == ["treatment", "n", "seed", "direction", "accuracy"]
    wanted = [
        (treatment, n, 0, direction)
        for direction in ("A->B", "B->A")
        for treatment in ("base", *ALL)
        for n in ((0,) if treatment == "base" else (1, 3))
    ]
    rows = frame[["treatment", "n", "seed", "direction"]].itertuples(index=False, name=None)
    assert list(rows) == wanted
    assert experiment().num_layers == 4
    names = [name for task in experiment().class_names.values() for name in task]
    assert sorted(names) == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("n", [1, 3])
def test_frozen_layers_are_the_base_networks_bytes(n):
    bases = {d: network(experiment(), "base", direction=d) for d in ("A->B", "B->A")}
    for treatment, base in (("BnB", bases["A->B"]), ("AnB", bases["B->A"])):
        frozen = network(experiment(), treatment, n)
        tuned = network(experiment(), treatment + "+", n)
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
def test_random_layers_are_those_of_a_new_network(n):
    made = network(experiment(), "random", n)
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


def test_accuracy_is_that_of_the_network_on_the_test_images():
    for direction, (_, (images, labels)) in zip(("B->A", "A->B"), some_tasks(), strict=True):
        for key in (("base", 0), ("AnB+", 3)):
            scores = experiment().model(*key, direction=direction)(images).numpy()
            rows = experiment().frame.query("treatment == @key[0] and n == @key[1]")
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


def test_a_step_is_traced_once_also_if_the_last_batch_is_smaller(monkeypatch):
    step_of, traced = training._step_of, []

    def counted(model):
        step = step_of(model)

        def one(batch):
            traced.append([image.shape[0] for image in batch])
            return step(batch)

        return one

    monkeypatch.setattr(training, "_step_of", counted)
    # 24 images of A and 36 of B: batches of 10 and 4, or 6.
    rows = transfer(layers=[1], steps=5, batch_size=10, **FEW).frame
    assert traced == [[None, None]] * (len(rows) + 1)  # the base network of A has no row


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


class Restless(layers.Layer):
    """A layer that changes its weight although it is frozen."""

    def build(self, shape):
        self.count = self.add_weight(shape=(1, 1), initializer="zeros", trainable=False)

    def call(self, x):
        self.count.assign_add([[1.0]])
        return x + 0 * self.count


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
