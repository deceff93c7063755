"""Which does a model name in cue conflicts: the shape of an image, or its texture?"""

import re
from pathlib import Path

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.data import as_batches, class_names_of, image_folder
from keras_freq.fourier import height_width
from keras_freq.interventions import ask
from keras_freq.lenses.named_cues import named_cues

# Such as "knife2-elephant1.png": the shape of a knife, and the skin of an elephant.
_FILE_NAME = re.compile(r"(?P<shape>.+?)\d*-(?P<texture>.+?)\d*")


def shape_bias(
    model,
    conflicts,
    num_classes,
    *,
    class_names=None,
    image_size=None,
    batch_size=None,
    progress=True,
    executor=None,
):
    """Measures whether a model goes by the shape or by the texture of images.

    A cue conflict is an image with the shape of one class and the texture of another, as style
    transfer makes. Images whose two classes are the same are left out.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`.
            `keras_freq.adapt` with `classes={name: outputs}` makes one of the 16 classes of the
            published conflicts out of a model of ImageNet.
        conflicts: The folder of the published conflicts, or one like it: a sub-folder for each
            class of shapes, with files such as `knife/knife2-elephant1.png` (shape, then texture).
            Or three arrays: images `(N, H, W, C)`, labels of shapes `(N,)`, labels of textures
            `(N,)`.
        num_classes: The number of classes K, at least 2.
        class_names: K names. A folder needs them, in the order of the model's outputs. Defaults to
            None: numbers.
        image_size: Int or `(H, W)`: the size for the files of a folder. Defaults to None: what the
            model takes.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        executor: A `concurrent.futures.Executor` that does the work. Defaults to None: this
            process.

    Returns:
        A pandas DataFrame, a row for each class of shapes, and one for all images together:

        - `class_id`, `class_name`: the class of the shape; -1 and "all" for all.
        - `images`: how many conflicts there are.
        - `shape`, `shape_low`, `shape_high`: the share that is given the class of its shape, and
          its 95 % Wilson interval.
        - `texture`, `texture_low`, `texture_high`: the share that is given that of its texture.
        - `shape_bias`, `shape_bias_low`, `shape_bias_high`: of those that are given one of the two,
          the share that is given that of its shape. NaN if none is.

    Raises:
        TypeError: If `model` is no `keras.Model`, or `conflicts` are neither.
        ValueError: If names or labels do not fit, or an argument is out of range.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(3)]
        >>> images = np.random.default_rng(0).uniform(size=(4, 8, 8, 1))
        >>> table = kf.shape_bias(keras.Sequential(layers), (images, [0, 1, 2, 2], [1, 2, 0, 2]), 3)
        >>> table[["class_name", "images"]].values.tolist()
        [['0', 1], ['1', 1], ['2', 1], ['all', 3]]

    See Also:
        `keras_freq.plots.shape_bias`, which draws it; `phase_preference`.

    Source:
        R. Geirhos et al., "ImageNet-trained CNNs are biased towards texture", ICLR 2019. Their
        `shape_bias` counts images whose untouched originals a model knows; ours counts all.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    batches, shapes, textures, class_names = _read(
        conflicts, model, num_classes, class_names, image_size
    )
    of_two = shapes != textures
    if not of_two.any():
        raise ValueError(
            "`conflicts` must hold an image whose shape and texture are of different classes. "
            f"Received: {len(shapes)} images without any"
        )

    def items_of(labels, first):
        image = np.flatnonzero(of_two[first : first + len(labels)])
        return np.stack([image, np.zeros_like(image)], axis=1)

    answers = ask(
        "answers",
        model,
        batches,
        num_classes,
        None,
        items_of,
        task="shape or texture",
        total=int(of_two.sum()),
        batch_size=batch_size,
        progress=progress,
        executor=executor,
    )
    given = np.concatenate([given for *_, given in answers])
    cues = {"cues": ("shape", "texture"), "preference": "shape_bias"}
    return named_cues(given, shapes[of_two], textures[of_two], class_names, **cues)


def _read(conflicts, model, num_classes, class_names, image_size):
    """Reads conflicts as batches of images and shapes, the labels of both, and the class names."""
    if isinstance(conflicts, tuple | list):
        if len(conflicts) != 3:
            raise ValueError(
                "`conflicts` must be three arrays: images, labels of shapes, labels of textures. "
                f"Received: {len(conflicts)}"
            )
        images, *labels = conflicts
        shapes, textures = (
            checks.integer_labels(f"The {what} of `conflicts`", own, num_classes)
            for what, own in zip(("shapes", "textures"), labels, strict=True)
        )
        if len(shapes) != len(textures):
            raise ValueError(
                "`conflicts` must hold as many shapes as textures. "
                f"Received: {len(shapes)} and {len(textures)}"
            )
        images = np.asarray(images)
        checks.images("The images of `conflicts`", images)
        return (
            as_batches((images, shapes)),
            shapes,
            textures,
            class_names_of(None, class_names, num_classes),
        )
    if not isinstance(conflicts, str | Path):
        raise TypeError(
            "`conflicts` must be a folder, or three arrays (images, shapes, textures). "
            f"Received: {type(conflicts).__name__}"
        )
    if class_names is None:
        raise ValueError(
            "`class_names` must name the outputs of `model` in their order, to find the folders of "
            "`conflicts`. Received: class_names=None"
        )
    class_names = checks.class_names(class_names, num_classes)
    checks.keras_model("model", model)
    folder = image_folder(conflicts, image_size=_image_size(model, image_size))
    number = {name: label for label, name in enumerate(class_names)}
    shapes, textures = np.array(
        [_labels_of_file(path, number) for path in folder.file_paths], np.int64
    ).T
    known = tf.constant([number[name] for name in folder.class_names], tf.int64)

    @tf.autograph.experimental.do_not_convert
    def renumbered(images, labels):
        return images, tf.gather(known, labels)

    return folder.map(renumbered), shapes, textures, class_names


def _image_size(model, image_size):
    """The size for files: the given one, or the model's."""
    if image_size is not None:
        return height_width(image_size, "image_size")
    size = model.input_shape[1:3]
    if None in size:
        raise ValueError(
            "`image_size` must be given, since `model` takes images of any size. "
            "Received: image_size=None"
        )
    return size


def _labels_of_file(path, number):
    """The labels of the shape, which its folder names, and of the texture of a file."""
    named = _FILE_NAME.fullmatch(Path(path).stem)
    shape = Path(path).parent.name
    if named is None or named["shape"] != shape or not {shape, named["texture"]} <= set(number):
        raise ValueError(
            "`conflicts` must hold files such as knife/knife2-elephant1.png, of classes in "
            f"`class_names`. Received: {shape}/{Path(path).name}, class_names={list(number)}"
        )
    return number[shape], number[named["texture"]]
