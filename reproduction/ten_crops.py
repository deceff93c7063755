"""How much do ten crops add at test time? Trained networks on the same photographs.

    python reproduction/ten_crops.py runs/flowers_resnet18 --photographs path/to/flowers/val

The corners, the centre and their mirror images, cut from images that are 256 / 224 times as large
as the network's input, as AlexNet's were in 2012. Writes `flowers/ten_crops.csv`: one row a
network, how many images it has right with one view (the whole image at its size) and with ten.
"""

import argparse
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np
import pandas as pd

import keras_freq as kf
import keras_freq.layers  # AlexNet's, for `load_model`
from keras_freq.data.batches import collected

RATIO = 256 / 224


def right_of_both(model, photographs):
    """How many photographs a network has right, with one view and with ten.

    Args:
        model: a `keras.Model` of a fixed input size.
        photographs: a folder of class folders.

    Returns:
        A dict: `images`, `whole` and `ten_crops`.
    """
    size = model.input_shape[1]
    images, labels = collected(kf.data.image_folder(photographs, image_size=size))
    larger, _ = collected(kf.data.image_folder(photographs, image_size=round(size * RATIO)))
    scores = {
        "whole": model.predict(images, verbose=0),
        "ten_crops": kf.predict_ten_crop(model, larger),
    }
    right = {name: int(np.sum(one.argmax(axis=1) == labels)) for name, one in scores.items()}
    return {"images": len(labels), **right}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", nargs="+", type=pathlib.Path, help="folders of runs or sweeps")
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    paths = [path for folder in arguments.results for path in sorted(folder.rglob("model.keras"))]
    if not paths:
        raise SystemExit(f"there is no model.keras in {', '.join(map(str, arguments.results))}")
    rows = []
    for path in paths:
        model = keras.models.load_model(path, compile=False)
        facts = {"network": model.name, "size": model.input_shape[1], "run": path.parent.name}
        rows.append({**facts, **right_of_both(model, arguments.photographs)})
        print(rows[-1], flush=True)
    path = pathlib.Path(__file__).parent / "flowers" / "ten_crops.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    print(f"written: {path}")


if __name__ == "__main__":
    main()
