"""Two cues that are each enough: does leaving one out miss them, and do their Shapley values?

    python reproduction/redundant_bands.py --band 4 --seeds 0 1 2

Trains a network on the synthetic set with two planted cues in C0, and one on the set with the first
cue alone. The frequencies are shared out into those of the first cue, those of the second, and all
others. On the test images of C0 it measures what each of the three is worth, how much the loss
rises without one of the cues, and how the two cues interact. The claim holds where the interaction
of two planted cues is negative, and that of the control is about 0.

Result:   reproduction/redundant_bands.csv, two rows for each set and seed, one for each cue
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import pandas as pd

import keras_freq as kf

RESULT = Path(__file__).with_suffix(".csv")


def trained(name, images, labels, *, steps, seed):
    """A network after so many steps."""
    keras.utils.set_random_seed(seed)
    model = getattr(kf.models, name)((32, 32, 3), 4, weight_decay=1e-4)
    model.compile(
        optimizer=keras.optimizers.SGD(0.01, momentum=0.9, nesterov=True),
        loss="sparse_categorical_crossentropy",
    )
    batches = kf.data.arrays(images, labels, batch_size=64, shuffle=True, seed=seed)
    model.fit(batches.repeat().take(steps), shuffle=False, verbose=0)
    return model


def groups_of(band):
    """The frequencies of both cues and all others, `{name: mask}`."""
    first = kf.data.planted_masks(band)[0]
    both = kf.data.planted_masks(band, cues="two")[0]
    return {"first cue": first, "second cue": both & ~first, "others": ~both}


def rows_of(shapley):
    """The worth of both cues for C0, and their interaction, with standard errors."""
    frame = shapley.to_frame().query("class_id == 0").set_index("band")
    for cue in ("first cue", "second cue"):
        one = frame.loc[cue]
        yield {
            "cue": cue,
            "value": one["value"],
            "value_stderr": shapley.stderr[0, shapley.band_names.index(cue)],
            "leave_one_out": one["leave_one_out"],
            "interaction": shapley.interactions[0, 0, 1],
            "interaction_stderr": shapley.interaction_stderr[0, 0, 1],
            "total": shapley.total[0],
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="LeNet5")
    parser.add_argument("--band", type=int, default=4)
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    arguments = parser.parse_args()
    rows = []
    for cues in ("two", "planted"):
        train, test = (
            kf.data.frequency_bands(arguments.band, split=split, cues=cues)
            for split in ("train", "test")
        )
        for seed in arguments.seeds:
            model = trained(arguments.model, *train, steps=arguments.steps, seed=seed)
            confusion = kf.confusion_matrix(model, test, 4)
            shapley = kf.band_shapley(model, test, 4, bands=groups_of(arguments.band))
            start = {"model": arguments.model, "set": f"B{arguments.band}", "cues": cues}
            start |= {"steps": arguments.steps, "seed": seed}
            start["recall"] = kf.class_rates(confusion)["recall"][0]
            rows += [start | row for row in rows_of(shapley)]
            print(pd.DataFrame(rows[-2:]).round(3).to_string(), flush=True)
    pd.DataFrame(rows).round(4).to_csv(RESULT, index=False)


if __name__ == "__main__":
    main()
