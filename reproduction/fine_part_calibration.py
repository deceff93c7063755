"""How often is something called a shortcut where none was planted, and is a planted one found?

    python reproduction/fine_part_calibration.py measure --kind clean_digits --networks 20
    python reproduction/fine_part_calibration.py measure --kind striped_digits --networks 10
    python reproduction/fine_part_calibration.py measure --kind clean_photographs --networks 10
    python reproduction/fine_part_calibration.py count
    python reproduction/fine_part_calibration.py look --kind watermarked_photographs --seed 5

Small networks of 32x32 images, each with other first weights and other classes:

- `clean_digits`: five of the ten digits that come with scikit-learn.
- `striped_digits`: the same; all images of one digit bear a faint wave, whose frequency is another
  for each network.
- `clean_photographs`: four classes of CIFAR-10.
- `watermarked_photographs`: the same; all images of one class bear a watermark.

Maps of 5 % come from training images and are tested on test images. Two rules tell a shortcut from
what is *carried by few* by the same exchanges: the fine part of the map, with random maps of the
same cells or of the same energy; and the energy that comes from the donor. A planted mark counts as
learned if it makes the class of half of the test images of other classes.

Photographs, clean or watermarked, need `--photographs path/to/cifar10`: a folder `train` and a
folder `test`, each with a folder for each class.

Result:   reproduction/fine_part_calibration.csv, a row for each network; `measure` goes on where it
          was stopped. `count` prints how many networks have which verdicts. `look` prints what the
          maps of one network do, also on test images that were not scored.
"""

import argparse
import os
import pathlib
import warnings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

import keras
import numpy as np
import pandas as pd

import keras_freq as kf
from keras_freq.metrics import wilson_interval

RESULT = pathlib.Path(__file__).with_suffix(".csv")
KINDS = ("clean_digits", "striped_digits", "clean_photographs", "watermarked_photographs")
RULES = ("fine", "fine_energy", "energy")
SIZE, FRACTION, SEARCHED = 32, 0.05, 30
TRAINED, SCORED = 1000, 100


def digits(split):
    """All digits of a split."""
    return kf.data.handwritten_digits(split)


def photographs(folder, split):
    """All photographs of a split."""
    dataset = kf.data.image_folder(folder / split, image_size=SIZE, batch_size=256)
    return tuple(np.concatenate(part) for part in zip(*dataset.as_numpy_iterator(), strict=True))


def some_of_each(dataset, number, first=0):
    """So many images of each class, from the first on."""
    images, labels = dataset
    of_class = [np.flatnonzero(labels == k)[first : first + number] for k in np.unique(labels)]
    return images[np.concatenate(of_class)], labels[np.concatenate(of_class)]


def of_classes(dataset, classes):
    """The images of some classes, which are numbered anew."""
    images, labels = dataset
    chosen = np.isin(labels, classes)
    return images[chosen], np.searchsorted(classes, labels[chosen])


def planter(kind, seed):
    """A function `(images, labels, class_id)` that plants the mark, and the mark's radius."""
    if kind == "watermarked_photographs":
        return lambda *images, class_id: kf.data.plant_shortcut(images, "watermark", class_id), 8.0
    rng = np.random.default_rng([seed, 1])
    radius, angle, phase = rng.uniform(4, 14), *rng.uniform(0, 2 * np.pi, 2)
    down, across = round(radius * np.sin(angle)), round(radius * np.cos(angle))
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE
    wave = 0.03 * np.cos(2 * np.pi * (down * y + across * x) + phase)[..., None]

    def plant(images, labels, *, class_id):
        marked = (labels == class_id)[:, None, None, None]
        return np.where(marked, images + wave, images).astype("float32"), labels

    return plant, float(np.hypot(down, across))


def trained(images, labels, num_classes, *, seed, epochs):
    """A small network after so many epochs."""
    keras.utils.set_random_seed(seed)
    layers = [keras.Input((SIZE, SIZE, 3)), keras.layers.Rescaling(4.0, -2.4)]
    for filters, kernel, strides in ((12, 5, 2), (24, 3, 1), (32, 3, 2)):
        layers += [
            keras.layers.Conv2D(filters, kernel, strides=strides, padding="same", use_bias=False),
            keras.layers.BatchNormalization(momentum=0.9),
            keras.layers.ReLU(),
        ]
    layers += [keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(num_classes)]
    model = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss, jit_compile=False)
    model.fit(images, labels, batch_size=32, epochs=epochs, verbose=0)
    return model


def network_of(kind, seed, train, tests):
    """A network, the images to search on, the test sets, and what is known of the network."""
    rng = np.random.default_rng([seed, 0])
    of_digits = kind.endswith("digits")
    classes = np.sort(rng.choice(10, 5 if of_digits else 4, replace=False))
    train, *tests = (of_classes(one, classes) for one in (train, *tests))
    known = {"kind": kind, "seed": seed, "classes": " ".join(map(str, classes))}
    if not kind.startswith("clean"):
        planted = int(rng.integers(len(classes)))
        plant, radius = planter(kind, seed)
        known |= {"planted": planted, "radius": radius}
        others = tests[0][0][tests[0][1] != planted]
        marked, _ = plant(others, np.full(len(others), planted), class_id=planted)
        train, *tests = (plant(*one, class_id=planted) for one in (train, *tests))
    model = trained(*train, len(classes), seed=seed, epochs=20 if of_digits else 12)
    answers = model.predict(tests[0][0], verbose=0).argmax(axis=1)
    known["accuracy"] = (answers == tests[0][1]).mean()
    if "planted" in known:
        answers = model.predict(marked, verbose=0).argmax(axis=1)
        known["marked_called_it"] = (answers == planted).mean()
    return model, some_of_each(train, SEARCHED), tests, known


def maps_of(model, searched, num_classes, seed):
    """The maps of 5 % and their fine parts."""
    importance = kf.frequency_importance(
        model, searched, num_classes, fractions=(FRACTION,), seed=seed, progress=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of maps that are filled up
        maps = kf.dominant_frequency_maps(importance, FRACTION)
    return maps, kf.fine_parts(maps, searched)


def measure(kind, seed, train, test):
    """The row of one network."""
    model, searched, (scored,), row = network_of(kind, seed, train, [test])
    maps, fine = maps_of(model, searched, model.output_shape[1], seed)
    options = {"seed": seed, "progress": False, "random_images": 25}
    whole = kf.transplant_rates(model, scored, maps, **options)
    options["num_random"] = 40
    by_rule = {
        "fine": kf.transplant_rates(model, scored, fine, **options),
        "fine_energy": kf.transplant_rates(model, scored, fine, random="energy", **options),
        "energy": None,
    }
    for rule in RULES:
        table = kf.shortcut_table(transplants=whole, fine=by_rule[rule])
        for finding in ("shortcut", "carried by few"):
            found = table.loc[table["finding"] == finding, "class_id"]
            row[f"{finding.replace(' ', '_')}_by_{rule}"] = " ".join(map(str, found)) or "none"
    return row


def look(kind, seed, train, tests):
    """Prints what maps and their fine parts do on the scored images, and on as many others."""
    model, searched, tests, known = network_of(kind, seed, train, tests)
    print(known)
    maps, fine = maps_of(model, searched, model.output_shape[1], seed)
    radii = kf.fourier.radius_map((SIZE, SIZE))
    for exchanged, name in ((maps, "maps"), (fine, "fine parts")):
        middle = [round(float(np.median(radii[one])), 1) for one in exchanged]
        print(f"{name}: {exchanged.sum(axis=(1, 2))} cells, median radii {middle}")
        for test, what in zip(tests, ("scored", "others"), strict=True):
            table = kf.transplant_rates(model, test, exchanged, num_random=40, progress=False)
            shown = ["class_name", "untouched_in", "swapped_in", "other_in", "random_in"]
            shown += ["in_p_value", "in_donor_p_value"]
            print(what, table[shown].round(3).to_string(index=False), sep="\n")


def count():
    """Prints in how many networks the planted class, and any other, has which verdict."""
    rows = pd.read_csv(RESULT)
    print("| networks | class | rule | shortcut | carried by few |")
    print("|---|---|---|---|---|")
    for kind in KINDS:
        of_kind = rows[rows["kind"] == kind]
        learned = of_kind[~(of_kind["marked_called_it"] < 0.5)]
        faint = of_kind[of_kind["marked_called_it"] < 0.5]
        parts = {"planted, learned": learned, "planted, not learned": faint, "any other": of_kind}
        for which, part in parts.items():
            if part.empty or (kind.startswith("clean") and which != "any other"):
                continue
            for rule in RULES:
                cells = [
                    hits_of(part, f"{finding}_by_{rule}", which != "any other")
                    for finding in ("shortcut", "carried_by_few")
                ]
                print(f"| {kind} | {which} | {rule} | {' | '.join(cells)} |")


def hits_of(rows, column, planted):
    """How many networks have a finding of the planted class, or of any other, in words."""
    hits = 0
    planted_classes = rows["planted"].fillna(-1).astype(int)
    for mark, found in zip(planted_classes, rows[column].astype(str), strict=True):
        found = set() if found == "none" else set(found.split())
        hits += str(mark) in found if planted else bool(found - {str(mark)})
    low, high = (100 * float(end) for end in wilson_interval(hits, len(rows)))
    return f"{hits} of {len(rows)} ({low:.0f} to {high:.0f} %)"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["measure", "count", "look"])
    parser.add_argument("--kind", choices=KINDS, default="clean_digits")
    parser.add_argument("--networks", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0, help="the network to look at")
    parser.add_argument("--photographs", type=pathlib.Path)
    arguments = parser.parse_args()
    kind = arguments.kind
    if arguments.what == "count":
        return count()
    if kind.endswith("digits"):
        train, test = digits("train"), digits("test")
    elif arguments.photographs is None:
        parser.error(f"--photographs is needed for {kind}")
    else:
        train, test = (photographs(arguments.photographs, split) for split in ("train", "test"))
    if kind.endswith("photographs"):
        train = some_of_each(train, TRAINED)
    scored = test if kind.endswith("digits") else some_of_each(test, SCORED)
    if arguments.what == "look":
        return look(kind, arguments.seed, train, [scored, some_of_each(test, SCORED, SCORED)])
    done = pd.read_csv(RESULT) if RESULT.exists() else pd.DataFrame({"kind": [], "seed": []})
    done = set(done.loc[done["kind"] == kind, "seed"])
    columns = ["kind", "seed", "classes", "planted", "radius", "accuracy", "marked_called_it"]
    columns += [
        f"{finding}_by_{rule}" for rule in RULES for finding in ("shortcut", "carried_by_few")
    ]
    for seed in sorted(set(range(arguments.networks)) - done):
        row = pd.DataFrame([measure(kind, seed, train, scored)], columns=columns).round(4)
        row.to_csv(RESULT, mode="a", header=not RESULT.exists(), index=False)
        print(row.to_dict("records")[0], flush=True)


if __name__ == "__main__":
    main()
