"""With the second recipe of the synthetic sets, is C0 learned second, after C3 alone?

    python reproduction/second_recipe.py --model LeNet5 --bands 1 2 3 4 --seeds 0 1 2
    python reproduction/second_recipe.py --model ResNet18 --width 0.25 --seeds 0 1
    python reproduction/second_recipe.py --model VGG16 --seeds 0 --precision mixed_bfloat16

Trains a network for 300 steps and writes F1 of each class: the mean over all training batches (each
before its update), over the last 100 of them, and on the test images at the end. The claim holds
where the lower of C0 and C3 is above the higher of C1 and C2, in the training batches and at the
end.

Result:   reproduction/second_recipe.csv, a row for each network
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pandas as pd
from sklearn.metrics import f1_score
from transplants_on_photographs import narrow_resnet18

import keras_freq as kf

RESULT = Path(__file__).with_suffix(".csv")


# As in other studies of 32x32 images.
OPTIONS = {"ResNet18": {"stem": "small"}, "VGG16": {"head": "gap", "batch_norm": True}}


def network(name, width):
    """A network for 32x32 images of four classes, all of it or `width` of its channels."""
    if name == "ResNet18" and width is not None:
        return narrow_resnet18(4, round(64 * width))
    options = OPTIONS.get(name, {}) if width is None else {"width": width}
    return getattr(kf.models, name)((32, 32, 3), 4, weight_decay=1e-4, **options)


def learned(name, width, train, test, *, steps, seed):
    """F1 of each class, `{column: value}`."""
    keras.utils.set_random_seed(seed)
    model = network(name, width)
    recorder = kf.ClassMetricsRecorder(4, max_steps=steps, stop_training=True)
    model.compile(
        optimizer=keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy", recorder.batch_counts],
    )
    batches = kf.data.arrays(*train, batch_size=64, shuffle=True, seed=seed)
    model.fit(batches, epochs=steps, callbacks=[recorder], shuffle=False, verbose=0)
    frame = recorder.to_frame().query("source == 'train'")
    last = frame[frame.step > steps - 100]
    parts = {
        "mean": frame.f1.fillna(0).groupby(frame.class_id).mean(),
        "last 100": last.f1.fillna(0).groupby(last.class_id).mean(),
        "test": f1_score(test[1], model.predict(test[0], verbose=0).argmax(axis=1), average=None),
    }
    return {f"{part} C{k}": parts[part][k] for part in parts for k in range(4)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="AlexNetSmall")
    parser.add_argument("--width", type=float)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--bands", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--precision", default="float32", help="mixed_bfloat16 is faster")
    arguments = parser.parse_args()
    keras.config.set_dtype_policy(arguments.precision)
    for band in arguments.bands:
        train, test = (kf.data.frequency_bands(band, split=split) for split in ("train", "test"))
        for seed in arguments.seeds:
            given = {"steps": arguments.steps, "seed": seed}
            row = learned(arguments.model, arguments.width, train, test, **given)
            facts = {"model": arguments.model, "width": arguments.width, "set": f"B{band}"}
            frame = pd.DataFrame([facts | given | row]).round(3)
            frame.to_csv(RESULT, mode="a", header=not RESULT.exists(), index=False)
            print(frame.to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
