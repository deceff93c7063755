"""Two random layers against two learned ones, with abs(tanh) and with ReLU.

    python reproduction/random_layers.py path/to/cifar10_sample --seeds 0 1 2

Two stages of a convolution, an activation and an average pool, and a linear classifier, on
photographs of 32x32 pixels (ten classes, 5,000 for training). The stages learn, or they stay as
they were drawn and the classifier alone learns. Writes `transfer_cifar10/random_layers.csv`: one
row a network. Rows that are there are not computed again.
"""

import argparse
import itertools
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pandas as pd
from keras import layers

import keras_freq as kf
from keras_freq.data.batches import collected
from keras_freq.layers import abs_tanh

RESULT = pathlib.Path(__file__).parent / "transfer_cifar10" / "random_layers.csv"
STEPS, BATCH = 500, 64
ACTIVATIONS = {"abs(tanh)": abs_tanh, "ReLU": keras.ops.relu}


def network(num_classes, activation, *, learned):
    """Two stages, which learn or not, and a linear classifier."""
    inputs = keras.Input((32, 32, 3))
    x = layers.Rescaling(4.0, -2.0)(inputs)
    for filters in (16, 32):
        x = layers.Conv2D(filters, 5, padding="same", activation=activation, trainable=learned)(x)
        x = layers.AveragePooling2D(2)(x)
    scores = layers.Dense(num_classes, activation="softmax")(layers.Flatten()(x))
    return keras.Model(inputs, scores)


def accuracy(train, test, seed, activation, *, learned):
    """Test accuracy of one network after its training."""
    keras.utils.set_random_seed(seed)
    model = network(10, activation, learned=learned)
    model.compile(
        keras.optimizers.SGD(keras.optimizers.schedules.CosineDecay(0.01, STEPS), momentum=0.9),
        "sparse_categorical_crossentropy",
        jit_compile=False,
    )
    batches = kf.data.arrays(*train, batch_size=BATCH, shuffle=True, seed=seed, first_epoch=0)
    model.fit(batches, steps_per_epoch=STEPS, shuffle=False, verbose=0)
    return float((model.predict(test[0], verbose=0).argmax(axis=1) == test[1]).mean())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photographs", type=pathlib.Path, help="with folders train and test")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    train, test = (
        collected(kf.data.image_folder(arguments.photographs / part, image_size=32))
        for part in ("train", "test")
    )
    rows = pd.read_csv(RESULT).to_dict("records") if RESULT.exists() else []
    done = {(row["seed"], row["activation"], row["layers"]) for row in rows}
    for seed, name, kind in itertools.product(arguments.seeds, ACTIVATIONS, ("learned", "random")):
        if (seed, name, kind) in done:
            continue
        right = accuracy(train, test, seed, ACTIVATIONS[name], learned=kind == "learned")
        facts = {"seed": seed, "activation": name, "layers": kind}
        rows.append({**facts, "accuracy": right, "test_images": len(test[1])})
        pd.DataFrame(rows).to_csv(RESULT, index=False)
        print(rows[-1], flush=True)


if __name__ == "__main__":
    main()
