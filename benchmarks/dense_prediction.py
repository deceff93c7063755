"""How much a fully convolutional AlexNet saves: one dense map against the same crops one by one.

    python benchmarks/dense_prediction.py [--side 512] [--repeats 3]

Prints the time of the map of a picture, of its crops in batches of 1 and in one batch, and the
ratios. Random weights: the time does not depend on them.
"""

import argparse
import time

import keras
import numpy as np

from keras_freq import dense, models


def main():
    """Parses the command line, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=512, help="pixels, at least 224")
    parser.add_argument("--repeats", type=int, default=3, help="the fastest of so many runs counts")
    arguments = parser.parse_args()

    keras.utils.set_random_seed(0)
    model = models.AlexNet(num_classes=1000)
    convolutional = dense.convolutionize(model)
    _, stride = dense.map_geometry(convolutional)
    image = np.random.default_rng(0).uniform(size=(1, arguments.side, arguments.side, 3))
    image = image.astype("float32")
    window = model.input_shape[1]
    starts = range(0, arguments.side - window + 1, stride)
    crops = np.concatenate(
        [image[:, top : top + window, left : left + window] for top in starts for left in starts]
    )

    scores, one_map = measure(convolutional, [image], arguments.repeats)
    _, one_by_one = measure(model, list(crops[:, None]), arguments.repeats)
    _, one_batch = measure(model, [crops], arguments.repeats)
    print(f"picture {arguments.side} x {arguments.side}, map {scores.shape[1]} x {scores.shape[2]}")
    print(f"{'':24} {'seconds':>8} {'ratio':>6}")
    for label, seconds in (
        ("dense map", one_map),
        (f"{len(crops)} crops, one by one", one_by_one),
        (f"{len(crops)} crops, one batch", one_batch),
    ):
        print(f"{label:24} {seconds:8.3f} {seconds / one_map:6.1f}")


def measure(model, batches, repeats):
    """The last output, and the fastest time of a pass over all batches, without the tracing."""
    output = model.predict_on_batch(batches[0])
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        for batch in batches:
            output = model.predict_on_batch(batch)
        times.append(time.perf_counter() - start)
    return output, min(times)


if __name__ == "__main__":
    main()
