"""The images for a model of somebody else: read as it was probably trained to see them."""

import os
import warnings

import numpy as np

from keras_freq.confusion import confusion_matrix
from keras_freq.data.folder_tree import class_list
from keras_freq.data.labelled_files import COLOR_MODES
from keras_freq.lab.config import ConfigError
from keras_freq.lab.config.data_schema import FolderData, FrequencyBandsData, TfdsData
from keras_freq.lab.experiments.data import load_data
from keras_freq.lab.store import say


def load_source(
    source, shape, *, classes=None, resize="stretch", antialias=False, on_error="raise", seed=0
):
    """Loads the images that a source's name stands for.

    Args:
        source: A folder, "frequency_bands/b1" to "b4", or the name of a TFDS data set.
        shape: `(height, width, channels)` of the images that the model takes. For one channel,
            the images of a folder are read as grey ones.
        classes: None, a list of class names, or a list of one text file with a name a line.
        resize: As in `kf.data.image_folder`; the default is that of Keras' loader.
        antialias: Likewise.
        on_error: "raise", or "skip" to leave broken image files of a folder out.
        seed: Seed of the split of a folder, and of synthetic images.

    Returns:
        The `Data`.

    Raises:
        ConfigError: If there is no such source, or it has no images for this shape.
        ValueError: If images or classes cannot be read.
    """
    *size, channels = shape
    if classes is not None:
        one_file = len(classes) == 1 and os.path.isfile(classes[0])
        classes = list(class_list(classes[0] if one_file else classes))
    options = {"image_size": size, "classes": classes, "resize": resize, "antialias": antialias}
    options |= {"seed": seed}
    if os.path.isdir(source):
        mode = next((mode for mode, count in COLOR_MODES.items() if count == channels), None)
        if mode is None:
            raise ConfigError(
                f"the model takes images of {channels} channels, and files give images of 3 or 1"
            )
        options |= {"color_mode": mode, "test_fraction": 0.5, "on_error": on_error}
        return load_data(FolderData(source="folder", path=str(source), **options), validation=False)
    name, _, band = str(source).partition("/")
    if name == "frequency_bands":
        if band not in ("b1", "b2", "b3", "b4"):
            raise ConfigError(f'frequency_bands/b1 to frequency_bands/b4. Received: "{source}"')
        if classes is not None:
            raise ConfigError(
                "--classes is for folders and TFDS data sets, not for synthetic bands"
            )
        table = {"source": "frequency_bands", "band": int(band[1]), "size": size[0], "seed": seed}
        return load_data(FrequencyBandsData(**table), validation=False)
    try:
        return load_data(TfdsData(source="tfds", name=str(source), **options), validation=False)
    except ValueError as error:
        raise ConfigError(f"there is no folder {source}; as a TFDS data set: {error}") from error


def say_reading(model, data, source, *, resize="stretch", antialias=False, **options):
    """Says how the images of a folder were read, and how right the model is if read otherwise.

    Args:
        model: The model.
        data: Its `Data`, as from `load_source`.
        source: The source; nothing is said if it is no folder.
        resize: As in `load_source`, as the other options are.
        antialias: Likewise.
        **options: Likewise.
    """
    if not os.path.isdir(source):
        return
    height, width, channels = shape = data.image_shape
    done = {"stretch": "stretched", "crop": "cropped and resized"}
    with_filter = {False: "without antialiasing", True: "with antialiasing"}
    keras_does = ", as Keras' image_dataset_from_directory does"
    colour = ", and turned grey" if channels == 1 else ""
    say(
        f"(Images of other sizes were {done[resize]} to {height} x {width} pixels, "
        f"{with_filter[antialias]}{keras_does if (resize, antialias) == ('stretch', False) else ''}"
        f"{colour}. Change it with --resize and --antialias)"
    )
    if data.turned:
        say(f"({data.turned} photographs were turned upright, which Keras' loader does not do)")
    other = {"stretch": ("crop", True), "crop": ("stretch", False)}[resize]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they were shown the first time
        again = load_source(source, shape, resize=other[0], antialias=other[1], **options)
    if np.array_equal(again.test_images, data.test_images):
        return
    here, there = (_percent_right(model, one) for one in (data, again))
    if here != there:
        say(
            f"(The model is right for {here:.1f} % of the test images so, and for {there:.1f} % if "
            f"they are {done[other[0]]} {with_filter[other[1]]}. Take what it was trained with)"
        )


def _percent_right(model, data):
    """How many of the test images a model is right about, in percent."""
    counts = confusion_matrix(model, data.test, len(data.class_names))
    return 100 * np.trace(counts) / counts.sum()
