"""A search shared out between devices; in a process of its own, since it splits the CPU in two."""

import subprocess
import sys

import pytest

SCRIPT = """
import keras
import numpy as np
import tensorflow as tf

import keras_freq as kf

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
assert strategy.num_replicas_in_sync == 2


def network():
    keras.utils.set_random_seed(0)
    body = [keras.layers.Conv2D(4, 3, activation="relu"), keras.layers.Flatten()]
    return keras.Sequential([keras.Input((7, 6, 2)), *body, keras.layers.Dense(3)])


images = np.random.default_rng(0).uniform(size=(11, 7, 6, 2)).astype("float32")
data = images, np.arange(11) % 3
options = {"batch_size": 8, "progress": False}
for method in ("exhaustive", "screened"):
    expected = kf.frequency_importance(network(), data, 3, method=method, **options)
    with strategy.scope():
        inside = network()
        found = kf.frequency_importance(inside, data, 3, method=method, **options)
        other = kf.frequency_importance(network(), data, 3, method=method, **options)
    np.testing.assert_allclose(found.loss_change, expected.loss_change, rtol=1e-4, atol=1e-6)
    np.testing.assert_array_equal(found.loss_change, other.loss_change)
outside = kf.frequency_importance(inside, data, 3, **options)
np.testing.assert_allclose(outside.loss_change, expected.loss_change, rtol=1e-4, atol=1e-6)
print("mirrored")
"""


@pytest.mark.slow
def test_two_devices_give_the_same_importance():
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.strip().endswith("mirrored")
