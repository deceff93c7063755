"""Trains the two networks that tutorial 0 examines, and stores them in the package.

python tutorials/digit_networks.py            half a minute on 2 CPU cores
python tutorials/digit_networks.py FOLDER     into another folder

It tells what the tutorial asks: do the tutorial first.

Both networks see the same 898 digits in the same order, from the same first weights. In the
pictures of network A every 7 bears the watermark of `keras_freq.data.plant_shortcut`. In those of
network B nothing does.
"""

import sys
from pathlib import Path

import keras

import keras_freq as kf
from keras_freq.models.digit_networks import FOLDER

MARKED, SEVERITY = 7, 3
EPOCHS = 10


def train(digits, epochs=EPOCHS, seed=0):
    """Trains a network on digits; the seed is of the first weights and of the order."""
    keras.utils.set_random_seed(seed)
    model = kf.models.digit_network()
    optimizer = keras.optimizers.Adam(2e-3)
    model.compile(optimizer, "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(*digits, batch_size=32, epochs=epochs, verbose=0)
    return model


def main(folder=FOLDER, epochs=EPOCHS, count=None):
    """Trains both on the first `count` digits, stores them, and says how often they are right."""
    images, labels = kf.data.handwritten_digits("train")
    digits, test = (images[:count], labels[:count]), kf.data.handwritten_digits("test")
    marked = kf.data.plant_shortcut(digits, "watermark", MARKED, severity=SEVERITY)
    for name, seen in (("a", marked), ("b", digits)):
        model = kf.models.digit_network()  # which is stored without the state of the training
        model.set_weights(train(seen, epochs).get_weights())
        path = Path(folder) / f"digit_network_{name}.keras"
        model.save(path)
        right = (model.predict(test[0], verbose=0).argmax(axis=1) == test[1]).mean()
        print(f"{path.name}: {path.stat().st_size:,} bytes; right on {right:.1%} of unmarked digits")


if __name__ == "__main__":
    main(*sys.argv[1:2])
