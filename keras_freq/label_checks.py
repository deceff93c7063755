"""The checks of labels. Call them as those of `checks`, which has them all.

`what` is the subject of a message: "The labels of batch 2".
"""

import numpy as np

from keras_freq.image_checks import kind_of

_NUMBERED = (
    ". Number them in the order of the model's outputs; in that of the alphabet: "
    "names, labels = np.unique(labels, return_inverse=True)"
)


def label_form(what, shape, num_classes=None):
    """Tells how labels of a shape are meant.

    `(N,)` are "integers" and `(N, 1)` are a "column" of integers, even if there is one class only.
    `(N, K)` are "one-hot". Other shapes raise.
    """
    if len(shape) == 1:
        return "integers"
    if len(shape) != 2 or shape[1] == 0:
        raise ValueError(
            f"{what} must be integers (N,) or one-hot (N, K). Received: shape {tuple(shape)}"
        )
    if shape[1] == 1:
        return "column"
    if num_classes is not None and shape[1] not in (num_classes, None):
        raise ValueError(
            f"{what} must have {num_classes} columns if they are one-hot, since "
            f"num_classes={num_classes}. Received: shape {tuple(shape)}"
        )
    return "one-hot"


def integer_labels(what, labels, num_classes=None):
    """Reads labels as int64 `(N,)`, each in [0, K - 1] if K is given.

    They may be stored as integers, or as whole floats or booleans; `label_form` says in which
    shapes. One-hot labels have a single 1 in each row. `integer_label_tensor` of `data` reads
    tensors by the same rules.

    Example:
        >>> integer_labels("`labels`", np.eye(3)[[2, 0]], num_classes=3)
        array([2, 0])
    """
    try:
        labels = np.asarray(labels)
    except ValueError as error:
        raise ValueError(
            f"{what} must be integers, or one-hot. Received: rows of different lengths"
        ) from error
    if kind_of(labels) not in "iufb":
        text = kind_of(labels) in "USO"
        raise ValueError(
            f"{what} must be integers, or one-hot. Received: {labels.dtype}"
            + (f", such as '{labels.ravel()[0]}'{_NUMBERED}" if text and labels.size else "")
        )
    form = label_form(what, labels.shape, num_classes)
    if form == "one-hot":
        if ((labels != 0) & (labels != 1)).any() or (labels.sum(axis=1) != 1).any():
            raise ValueError(
                f"{what} must have a single 1 in each row if they are one-hot: mixed or smoothed "
                f"labels name no class. Received: first row {labels[0]}"
            )
        return labels.argmax(axis=1)
    labels = labels.reshape(-1)
    integers = labels.astype(np.int64) if np.isfinite(labels).all() else None
    if integers is None or (integers != labels).any():
        raise ValueError(f"{what} must be whole numbers. Received: {labels[:5]}")
    if len(integers) and integers.min() < 0:
        raise ValueError(
            f"{what} must be >= 0. Received: {integers.min()}. Number the classes from 0: names, "
            "labels = np.unique(labels, return_inverse=True); leave out images without a class"
        )
    if num_classes is not None:
        labels_below(what, integers, num_classes, f"num_classes={num_classes}")
    return integers


def labels_below(what, labels, num_classes, reason, *, whole=False):
    """Raises unless integer labels are in [0, K - 1].

    Args:
        what: The subject of the message.
        labels: `(N,)`.
        num_classes: K.
        reason: Why labels must be below K.
        whole: Whether these are all labels of a data set, so that the lowest tells where they
            start.

    Example:
        >>> labels_below("`labels`", np.arange(5, 15), 10, "the model has 10 classes", whole=True)
        Traceback (most recent call last):
        ...
        ValueError: `labels` must be in [0, 9], since the model has 10 classes. Received: 10 to 14 \
        too. If the first class is 5, subtract 5 from all labels; else leave these images out
    """
    beyond = np.unique(labels[labels >= num_classes])
    if not len(beyond):
        return
    received = f"{beyond[0]}" if len(beyond) == 1 else f"{beyond[0]} to {beyond[-1]}"
    first, cure = labels.min(), ""
    if whole and first > 0 and labels.max() - first < num_classes:
        cure = f"If the first class is {first}, subtract {first} from all labels; else leave"
    elif whole:
        cure = "Leave"
    raise ValueError(
        f"{what} must be in [0, {num_classes - 1}], since {reason}. Received: {received}"
        + (f"{' too' if first < num_classes else ''}. {cure} these images out" if cure else "")
    )
