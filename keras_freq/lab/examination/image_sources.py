"""The images for an examination: listed with their labels first, and read only when chosen."""

import dataclasses
import os
from pathlib import Path

import numpy as np

from keras_freq import data as kf_data
from keras_freq.data.batches import collected
from keras_freq.data.folder_tree import class_folders, part_folders
from keras_freq.data.labelled_files import COLOR_MODES, labelled_files
from keras_freq.data.listed_folders import listed_files
from keras_freq.data.planted_cues import CUES
from keras_freq.lab.array_files import ARRAY_KEYS, read_array_file
from keras_freq.lab.config import ConfigError
from keras_freq.lab.early_checks import check_tfds_name
from keras_freq.lab.examination.labels_in_csv import labelled_by
from keras_freq.lab.examination.listed_images import HALVES, Images, Source, data_sets
from keras_freq.lab.pages import counted


def open_source(
    source,
    image_shape,
    *,
    num_classes=None,
    class_names=None,
    search_dataset=None,
    resize="stretch",
    antialias=False,
    on_error="raise",
):
    """Lists the images of a source.

    Args:
        source: A folder of class folders, or of such folders for training and testing; a CSV file
            of files and labels, or a folder with one; an `.npz` file; "frequency_bands/b1" to "b4",
            or with other cues "frequency_bands/b1/none"; the name of a TFDS data set with the
            splits "train" and "test". Or a data set as in
            `keras_freq.data.checked_batches`.
        image_shape: `(H, W, C)` of the images that the model takes.
        num_classes: The number of classes of a data set. Defaults to None: its names, or its labels
            tell.
        class_names: Names of a data set's classes. Defaults to None: its own.
        search_dataset: Other images to choose frequencies on. Defaults to None: those of the
            source.
        resize: As in `keras_freq.data.image_folder`.
        antialias: Likewise.
        on_error: Likewise.

    Returns:
        A `Source`. No image file has been decoded.

    Raises:
        ConfigError: If there is no such source, or it has no images for this shape.
        ValueError: If the images cannot be listed or read.
    """
    if not isinstance(source, str | os.PathLike):
        return data_sets(source, search_dataset, num_classes, class_names)
    if search_dataset is not None:
        raise ConfigError("`search_dataset` goes with a data set, not with the path of one")
    path = Path(source).expanduser()
    reading = {"image_size": image_shape[:2], "resize": resize, "antialias": antialias}
    if path.suffix.lower() == ".npz":
        return _arrays(path, num_classes, class_names)
    is_table = path.suffix.lower() == ".csv"
    if not (path.is_dir() or is_table):
        return _named(str(source), image_shape, reading)
    modes = [mode for mode, channels in COLOR_MODES.items() if channels == image_shape[2]]
    if not modes:
        raise ConfigError(
            f"the model takes images of {image_shape[2]} channels, and files give 3 or 1"
        )
    reading |= {"color_mode": modes[0], "on_error": on_error}
    if not is_table and not class_folders(path):
        tables = sorted(path.glob("*.csv"))
        if len(tables) > 1:
            raise ConfigError(f"{path} holds several CSV files: name the one of the labels")
        path, is_table = (tables[0], True) if tables else (path, False)
    if is_table:
        names, files, labels = labelled_by(path)
        images = _files(names, files, labels, reading)
        return Source(names, images, images, "Half of them are searched, half are scored.")
    return _folders(path, reading)


def _resized(reading):
    """Says how images of another size than the model's were given it."""
    done = {"stretch": "stretched", "crop": "cropped to the centre and resized"}[reading["resize"]]
    height, width = reading["image_size"]
    folded = "with" if reading["antialias"] else "without"
    as_keras = reading["resize"] == "stretch" and not reading["antialias"]
    return (
        f"Images of other sizes were {done} to {height} x {width} pixels, {folded} antialiasing"
        + (", as Keras' image_dataset_from_directory does." if as_keras else ".")
    )


def _folders(path, reading):
    """A folder of class folders, or the parts of a data set."""
    parts = part_folders(path)
    test = parts.get("test", parts.get("validation"))
    if "train" in parts and test is not None:
        names, files, labels = listed_files(parts["train"])
        only = {folder.name for folder in class_folders(test)} ^ {
            folder.name for folder in class_folders(parts["train"])
        }
        if only:
            raise ConfigError(
                f"{parts['train'].name} and {test.name} of {path} must have the same class "
                f"folders. Only in one of them: {', '.join(sorted(only)[:10])}"
            )
        _, scored_files, scored_labels = listed_files(test, names)
        return Source(
            names,
            _files(names, files, labels, reading),
            _files(names, scored_files, scored_labels, reading),
            f"Those of {parts['train'].name} are searched, those of {test.name} are scored.",
        )
    alone = next(iter(parts.values())) if len(parts) == 1 else path
    names, files, labels = listed_files(alone)
    images = _files(names, files, labels, reading)
    only = f"Only {alone.name} is there: " if alone != path else ""
    return Source(names, images, images, f"{only}{HALVES}")


def _files(names, files, labels, reading):
    """Image files as `Images`."""
    labels, notes = np.asarray(labels, np.int64), []

    def read(numbers, **changed):
        chosen = [files[number] for number in numbers]
        dataset = labelled_files(chosen, labels[numbers].tolist(), names, **reading | changed)
        if not changed and dataset.resized:
            notes.append(_resized(reading))
        if not changed and dataset.turned:
            were = "was" if dataset.turned == 1 else "were"
            notes.append(
                f"{counted(dataset.turned, 'photograph')} {were} turned upright. Keras' loader "
                "does not do so."
            )
        if not changed and dataset.skipped:
            left = "was left out" if len(dataset.skipped) == 1 else "were left out"
            notes.append(f"{counted(len(dataset.skipped), 'broken file')} {left}.")
        return collected(dataset)

    return Images(labels, read, lambda numbers: read(numbers, **other_reading(reading)), notes)


def other_reading(reading):
    """The other common way to give files the model's size."""
    if reading["resize"] == "stretch":
        return {"resize": "crop", "antialias": True}
    return {"resize": "stretch", "antialias": False}


def _arrays(path, num_classes, class_names):
    """An `.npz` file of images and labels; without names, there are `num_classes` classes."""
    pairs, own_names = read_array_file(path)
    names = own_names if class_names is None else class_names
    train, test = (pairs.get(keys) for keys in ARRAY_KEYS[:2])
    either = next(iter(pairs.values()))
    scored, searched = (test, train) if train and test else (either, None)
    scored, searched = (one and _in_unit_range(*one, path) for one in (scored, searched))
    return data_sets(scored, searched, None if names else num_classes, names)


def _in_unit_range(images, labels, path):
    """Images of whole numbers from 0 to 255 as fractions; grey ones get a channel."""
    if images.dtype.kind in "ui":
        if images.max(initial=0) > 255 or images.min(initial=0) < 0:
            raise ConfigError(f"{path} must hold images from 0 to 255, or from 0 to 1")
        # Of black and white alone, white is 1.
        images = images.astype(np.float32) / (255 if images.max(initial=0) > 1 else 1)
    if images.ndim == 3:
        images = images[..., None]
    return images, labels


def _named(name, image_shape, reading):
    """The synthetic bands, or a data set of TFDS."""
    kind, *rest = name.split("/")
    if kind == "frequency_bands":
        band, cues = rest if len(rest) == 2 else (*rest, "planted", "")[:2]
        known = band in ("b1", "b2", "b3", "b4") and cues in CUES and len(rest) <= 2
        if not known or image_shape[0] != image_shape[1]:
            raise ConfigError(
                "the synthetic sets are frequency_bands/b1 to frequency_bands/b4, of square "
                f"images, also with the cues {', '.join(CUES)}, as frequency_bands/b1/none. "
                f"Received: {name}, and a model of {image_shape[0]} x {image_shape[1]}"
            )
        options = {"size": image_shape[0], "cues": cues}
        parts = [
            kf_data.frequency_bands(int(band[1]), split=split, **options)
            for split in ("test", "train")
        ]
        return data_sets(*parts, 4, ["C0", "C1", "C2", "C3"])
    check_tfds_name(name)
    try:
        train, test = (kf_data.tfds_dataset(name, split, **reading) for split in ("train", "test"))
    except ValueError as error:
        raise ConfigError(
            f"there is no folder or file {name}, and as a TFDS data set: {error}"
        ) from error
    found = data_sets(test, train, None, None)
    if not (train.resized or test.resized):
        return found
    return dataclasses.replace(found, reading=f"{_resized(reading)} {found.reading}")
