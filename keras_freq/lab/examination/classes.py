"""Which outputs of a model are the classes of the images."""

import os
import re

import numpy as np

from keras_freq.classifier.chosen_classes import read_classes
from keras_freq.data.folder_tree import class_list, same_name
from keras_freq.lab.config import ConfigError
from keras_freq.lab.pages import counted

IMAGENET_CLASSES = 1000


def outputs_of(class_names, num_outputs, classes=None):
    """Finds the outputs of a model that are the classes of the images.

    Args:
        class_names: K names of the classes of the images.
        num_outputs: The number of the model's outputs; one unit stands for two classes.
        classes: The names of all outputs, in their order: a list, or a text file with a name a
            line. Or `{name: output or outputs}`. Defaults to None: the outputs are the classes, in
            their order. The 1000 outputs of ImageNet are found by names that are WordNet ids.

    Returns:
        None if the outputs are the classes in their order, else the argument `classes` of
        `keras_freq.adapt`.

    Raises:
        ConfigError: If outputs and classes do not fit.

    Example:
        >>> outputs_of(["cat", "dog"], 3, ["dog", "horse", "cat"])
        {'cat': 2, 'dog': 0}
    """
    num_outputs = max(2, num_outputs)
    if isinstance(classes, dict):
        _check_named(class_names, classes, "has no output")
        # Plain numbers, since the results folder keeps them as JSON.
        chosen = {name: np.asarray(classes[name]).tolist() for name in class_names}
        read_classes(chosen, num_outputs)
        return chosen
    if classes is not None:
        one_file = not isinstance(classes, str) and len(classes) == 1 and os.path.isfile(classes[0])
        names = [same_name(name) for name in class_list(classes[0] if one_file else classes)]
        if len(names) != num_outputs:
            raise ConfigError(
                f"`classes` must name the model's outputs, all {num_outputs} of them, in their "
                f"order. Received: {len(names)} names"
            )
        _check_named(class_names, names, "is no output")
        if names == list(class_names):
            return None
        return {name: names.index(name) for name in class_names}
    if len(class_names) == num_outputs:
        return None
    if num_outputs == IMAGENET_CLASSES and all(re.fullmatch(r"n\d{8}", n) for n in class_names):
        return {name: name for name in class_names}
    shown = ", ".join(class_names[:10]) + (", ..." if len(class_names) > 10 else "")
    cure = (
        "Name the model's outputs in their order with `classes` (--classes: names, or a file with "
        "a name a line)"
    )
    if len(class_names) > num_outputs:
        cure = "Leave out the images of classes that the model does not know. " + cure
    raise ConfigError(
        f"the model knows {counted(num_outputs, 'class', 'classes')}, and the images are of "
        f"{len(class_names)}: {shown}. {cure}"
    )


def _check_named(class_names, known, what):
    """Raises if a class of the images is not among the model's."""
    missing = [name for name in class_names if name not in known]
    if missing:
        raise ConfigError(
            f"`classes` must name every class of the images. Received: {missing[0]!r}, which {what}"
        )
