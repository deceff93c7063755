"""A trained network on flowers: fine-tuned as a whole, beside the same network from random weights.

    python reproduction/fine_tuned_flowers.py lite0.keras --photographs path/to/flowers --seeds 0 1

The 800 training photographs are those of `features_of_flowers.py`, which has the third way: a
linear classifier on the features of the network, that is not trained on. Both kinds here have 5
epochs with mirrors, and learn the last layer and all convolutions. The normalisations of the
trained network keep their statistics. Nothing is chosen on the validation photographs.

Result:   reproduction/flowers/fine_tuned.csv, a row for each network; 6 minutes of one core each
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pandas as pd
from features_of_flowers import extractor

import keras_freq as kf
from keras_freq.data.batches import collected
from keras_freq.metrics.intervals import wilson_interval

RESULT = pathlib.Path(__file__).parent / "flowers" / "fine_tuned.csv"
BATCH, EPOCHS = 16, 5
RATES = {"fine-tuned": 3e-4, "from scratch": 1e-3}
# Of the averages of normalisations. With Keras' 0.99 they lag after 250 steps: the network is then
# right for 65 % of the last training batches, and for 24 % of the validation photographs.
MOMENTUM = 0.9


def network(path, start, classes):
    """The network with a new last layer, with its weights or with random ones."""
    model = keras.models.load_model(path, compile=False)
    if start == "from scratch":
        model = keras.models.clone_model(model)  # draws its weights anew
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            if start == "from scratch":
                layer.momentum = MOMENTUM
            else:
                layer.trainable = False
    features = extractor(model)
    outputs = keras.layers.Dense(classes, activation="softmax")(features.output)
    return keras.Model(features.input, outputs)


def accuracy(path, start, train, val, seed):
    """Share of the validation photographs that are right, and how many."""
    keras.utils.set_random_seed(seed)
    model = network(path, start, int(train[1].max()) + 1)
    batches = kf.data.arrays(*train, batch_size=BATCH, shuffle=True, seed=seed, first_epoch=0)
    batches = kf.augment.augmented(batches, kf.augment.random_flip, seed=seed)
    steps = len(train[0]) // BATCH
    rate = keras.optimizers.schedules.CosineDecay(RATES[start], EPOCHS * steps)
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(batches, epochs=EPOCHS, steps_per_epoch=steps, shuffle=False, verbose=2)
    return int((model.predict(val[0], verbose=0).argmax(axis=1) == val[1]).sum()), len(val[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=pathlib.Path)
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--starts", nargs="+", choices=RATES, default=list(RATES))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    arguments = parser.parse_args()
    folders = [arguments.photographs / part for part in ("train", "val")]
    train, val = (
        kf.data.image_folder(folder, image_size=224, shuffle=folder.name == "train")
        for folder in folders
    )
    train, val = collected(train.take(25)), collected(val)
    for seed in arguments.seeds:
        for start in arguments.starts:
            right, images = accuracy(arguments.model, start, train, val, seed)
            low, high = wilson_interval(right, images)
            row = {
                "start": start,
                "seed": seed,
                "training_images": len(train[1]),
                "images": images,
                "right": right,
                "accuracy": right / images,
                "low": float(low),
                "high": float(high),
            }
            frame = pd.DataFrame([row]).round(4)
            frame.to_csv(RESULT, mode="a", header=not RESULT.exists(), index=False)
            print(frame.to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
