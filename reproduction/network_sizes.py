"""Parameters of networks and blocks, and where they sit, against what the documents say.

    python reproduction/network_sizes.py

Writes `networks_and_metrics/parameters.csv`: one row a network or block, trainable parameters,
those of its dense layers, multiply-adds, and the number of the document if it gives one; and
`networks_and_metrics/map_average.csv`: the average of a score map against the scores of the
averaged features, for a network whose last layer is linear.
"""

import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd

import keras_freq as kf
from keras_freq.models.network_sizes import multiply_adds, trainable_parameters

HERE = pathlib.Path(__file__).parent / "networks_and_metrics"
NETWORKS = ("AlexNet", "AlexNet2012", "AlexNetFlowers", "VGG16", "VGG19", "NiN", "GoogLeNet")
NETWORKS += ("ResNet18", "ResNet50", "ResNeXt50")


def of_network(name, model):
    """Parameters of a network, and how many of them are in dense layers."""
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    total = trainable_parameters(model)
    return {
        "name": name,
        "parameters": total,
        "in dense layers": sum(layer.count_params() for layer in dense),
        "multiply_adds": multiply_adds(model),
    }


def of_block(name, block, channels, filters, said):
    """Weights of the kernels of a block, and what the document says."""
    inputs = keras.Input((8, 8, channels))
    model = keras.Model(inputs, block(inputs, filters))
    kernels = [layer.kernel for layer in model.layers if hasattr(layer, "kernel")]
    total = sum(int(np.prod(kernel.shape)) for kernel in kernels)
    return {"name": name, "parameters": total, "document": said}


def with_average_pool(model):
    """VGG16 with its dense layers exchanged for an average: what is left of the parameters."""
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)]
    features = [layer for layer in model.layers if len(layer.output.shape) == 4][-1].output
    x = keras.layers.GlobalAveragePooling2D()(features)
    return keras.Model(model.inputs, keras.layers.Dense(dense[-1].units)(x))


def averages(seed):
    """The mean over a map of scores against the scores of the mean features."""
    keras.utils.set_random_seed(seed)
    inputs = keras.Input((None, None, 3))
    x = keras.layers.Conv2D(16, 3, activation="relu")(inputs)
    x = keras.layers.Conv2D(32, 3, strides=2, activation="relu")(x)
    head = keras.layers.Dense(10, kernel_initializer=keras.initializers.RandomNormal(stddev=2.0))
    of_map = keras.layers.GlobalAveragePooling2D()(head(x))  # scores at each place, then their mean
    of_features = head(keras.layers.GlobalAveragePooling2D()(x))
    both = keras.Model(
        inputs, [of_map, of_features, keras.ops.mean(keras.ops.softmax(head(x)), (1, 2))]
    )
    images = np.random.default_rng(seed).uniform(size=(8, 48, 64, 3)).astype("float32")
    scores, swapped, after_softmax = (np.asarray(one) for one in both(images))
    exponents = np.exp(swapped - swapped.max(axis=1, keepdims=True))
    softmax = exponents / exponents.sum(axis=1, keepdims=True)
    return {
        "seed": seed,
        "largest score": np.abs(scores).max(),
        "largest difference, linear head": np.abs(scores - swapped).max(),
        "largest difference, softmax head": np.abs(after_softmax - softmax).max(),
    }


def main():
    HERE.mkdir(exist_ok=True)
    rows = []
    for name in NETWORKS:
        model = getattr(kf.models, name)()
        rows.append(of_network(name, model))
        if name == "VGG16":
            rows.append(
                of_network("VGG16 with an average for its dense layers", with_average_pool(model))
            )
        print(rows[-1], flush=True)
    for name, said in (
        ("EfficientNetB1", 7_800_000),
        ("EfficientNetB7", 66_000_000),
        ("ResNet152", 60_000_000),
    ):
        size = trainable_parameters(getattr(keras.applications, name)(weights=None))
        rows.append({"name": name, "parameters": size, "document": said})
        print(rows[-1], flush=True)
    blocks = kf.models
    rows += [
        of_block("residual block, 64 channels", blocks.residual_block, 64, 64, 73_000),
        of_block("residual block, 256 channels", blocks.residual_block, 256, 256, 1_200_000),
        of_block("bottleneck block, 256 channels", blocks.bottleneck_block, 256, 64, 70_000),
        of_block("aggregated block, 32 paths", blocks.aggregated_block, 256, 64, 70_000),
    ]
    table = pd.DataFrame(rows).astype(
        {"document": "Int64", "multiply_adds": "Int64", "in dense layers": "Int64"}
    )
    table.to_csv(HERE / "parameters.csv", index=False)
    print(table.to_string(index=False))
    table = pd.DataFrame([averages(seed) for seed in range(5)])
    table.to_csv(HERE / "map_average.csv", index=False)
    print(table.to_string(index=False))


if __name__ == "__main__":
    main()
