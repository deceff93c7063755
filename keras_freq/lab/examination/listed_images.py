"""Images with known labels, which are read only when they are chosen; those of data sets."""

import contextlib
import dataclasses
import re
import warnings
from collections.abc import Callable

import numpy as np

from keras_freq import checks
from keras_freq import data as kf_data
from keras_freq.classifier.input_check import white_of
from keras_freq.data.batches import checked_batches, collected, repeated

# Images of a data set are kept from the pass for its labels on, if they are not more bytes.
_HELD_BYTES = 2**30
# How images are read that come without a part to search on.
HALVES = "Half of the images of each class are searched, half are scored."


@dataclasses.dataclass(frozen=True)
class Images:
    """Images with known labels.

    Attributes:
        labels: `(N,)` int64.
        read: Function from increasing numbers of images to these images, float32 `(n, H, W, C)` in
            [0, 1], and their labels. Broken files may be left out.
        read_otherwise: The same for the other way to resize files. None: there is no other.
        notes: Sentences about files, which `read` adds to.
        shape: `(H, W, C)` of images that come in a size of their own. None: they get the model's.
    """

    labels: np.ndarray
    read: Callable
    read_otherwise: Callable | None = None
    notes: list = dataclasses.field(default_factory=list)
    shape: tuple | None = None


@dataclasses.dataclass(frozen=True)
class Source:
    """Where the images of an examination come from.

    Attributes:
        class_names: K names, in the order of the labels.
        searched: The `Images` to choose frequencies on.
        scored: The `Images` to test on. The same object if there is only one set, to be divided.
        reading: How the images were read, in a sentence.
    """

    class_names: list
    searched: Images
    scored: Images
    reading: str


def data_sets(scored, searched, num_classes, class_names):
    """Lists data sets in memory or of tf.data, whose labels are read first.

    Args:
        scored: The data set to test on.
        searched: The one to choose frequencies on. None: half of `scored`.
        num_classes: The number of classes. None: the names tell, or the labels.
        class_names: Their names. None: those of `scored`.

    Returns:
        A `Source`.
    """
    own_names = getattr(scored, "class_names", None) if class_names is None else class_names
    names = None
    if own_names is not None or num_classes is not None:
        names = kf_data.class_names_of(scored, class_names, num_classes)
        check_labels(scored, len(names))
    listed = _listed(scored, names and len(names))
    other = listed
    if searched is not None:
        with _called("search_dataset"):
            _check_same_names(searched, getattr(scored, "class_names", None))
            if names is not None:
                check_labels(searched, len(names))
            other = _listed(searched, names and len(names))
        _check_same_shape(other.shape, listed.shape)
    if names is None:
        most = max(listed.labels.max(), other.labels.max())
        names = kf_data.class_names_of(None, None, int(most) + 1)
    reading = (
        HALVES
        if searched is None
        else "The training images are searched, the test images are scored."
    )
    return Source(names, other, listed, reading)


def check_labels(dataset, num_classes):
    """Raises if a data set is a pair of arrays with labels that are no class of the model."""
    if isinstance(dataset, tuple | list) and len(dataset) == 2:
        what, reason = "The labels of `dataset`", f"the model has {num_classes} classes"
        labels = checks.integer_labels(what, dataset[1])
        checks.labels_below(what, labels, num_classes, reason, whole=True)


@contextlib.contextmanager
def _called(name):
    """Has errors of the block, which are those of an argument `dataset`, name another argument."""
    try:
        yield
    except (TypeError, ValueError) as error:
        raise type(error)(re.sub(r"\bdataset\b", name, str(error))) from error


def _check_same_names(dataset, names):
    """Raises if a data set has class names, and they are not those of the other one."""
    own = getattr(dataset, "class_names", None)
    if own is not None and names is not None and list(map(str, own)) != list(map(str, names)):
        raise ValueError(
            "`dataset` must have the classes of the images to score, in their order, since its "
            f"labels mean the same. Received: {list(own)[:10]}, and for the images to score "
            f"{list(names)[:10]}. Read it with `classes=` the class names of the other"
        )


def _check_same_shape(searched, scored):
    """Raises if images to search on have another shape than those to score, where both have one."""
    if None not in (searched, scored) and searched != scored:
        raise ValueError(
            f"`search_dataset` must hold images of the shape of those of `dataset`, {scored}. "
            f"Received: {searched}"
        )


def _listed(dataset, num_classes):
    """A data set as `Images`, which are read once. If they are many, another pass reads the chosen.

    Of image files in their order, the labels are known.
    """
    passes, parts, least, largest = repeated(dataset), [], 0.0, 0.0
    held, held_bytes, fractions = [], 0, 0
    files = passes.listed_files
    if files is not None and (num_classes is None or files.labels.max() < num_classes):
        return Images(files.labels, lambda numbers: collected(files.read(numbers)))

    def batches():
        with warnings.catch_warnings():
            # They are divided, or refused with a message of their own.
            warnings.filterwarnings("ignore", "`dataset` has values (up|down) to")
            yield from checked_batches(passes, num_classes)

    for images, labels in batches():
        parts.append(labels)
        shape = images.shape[1:]
        least, largest = min(least, images.min()), max(largest, images.max())
        fractions += checks.has_fractions(images).sum()
        held_bytes += images.nbytes
        if held_bytes <= _HELD_BYTES:
            held.append((images, labels))
        else:
            held.clear()
    white = np.float32(white_of(least, largest, fractions / sum(map(len, parts))))

    def read(numbers):
        chosen, found, first = [], [], 0
        for images, labels in held or batches():
            here = numbers[(numbers >= first) & (numbers < first + len(labels))] - first
            chosen.append(images[here] / white)
            found.append(labels[here])
            first += len(labels)
        return np.concatenate(chosen), np.concatenate(found)

    return Images(np.concatenate(parts), read, shape=shape)
