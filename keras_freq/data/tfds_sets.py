"""Any image classification set of TensorFlow Datasets as batches."""

import math
import urllib.error
import urllib.request

import numpy as np
import tensorflow as tf
import tensorflow_datasets as tfds

from keras_freq import checks
from keras_freq.data.batches import with_class_names
from keras_freq.data.epochs import in_epochs
from keras_freq.data.image_files import RESIZES, resize_image
from keras_freq.fourier import height_width

_TIMEOUT = 5  # seconds, for the one request that tells whether a download can work
_SHUFFLE_BUFFER = 10_000  # examples, their images still encoded


def tfds_dataset(
    name,
    split,
    *,
    image_size=None,
    batch_size=32,
    shuffle=False,
    seed=0,
    data_dir=None,
    first_epoch=None,
    classes=None,
    resize="crop",
    antialias=True,
):
    """Reads one split of an image classification set of TensorFlow Datasets.

    A set that is not on disk is downloaded and prepared first. Before that, one request finds out
    whether its source can be reached.

    Args:
        name: The set, with its config if it has any: "cifar10", "frequency_bands/b1".
        split: "train", "test", "train[:10%]" and the like.
        image_size: Int or `(height, width)`, in pixels. Defaults to None, which keeps the images as
            they are. They must then have one size.
        batch_size: Int >= 1; the last batch of an epoch may be smaller. Defaults to 32.
        shuffle: True gives each epoch an order of its own, with a buffer of 10,000 examples.
            Defaults to False.
        seed: Int >= 0, decides the orders. Defaults to 0.
        data_dir: Where TFDS keeps its files. Defaults to None, its own default,
            `~/tensorflow_datasets`.
        first_epoch: None, the default, gives a data set of one epoch. An int e >= 0 gives the
            endless stream of the epochs e, e + 1, ... When shuffled, the order of an epoch depends
            on its number and `seed` alone.
        classes: The classes to read, in the order of their labels: a list of the set's names, or a
            dict `{name: new name}`. The split is read once to find them. Defaults to all.
        resize: "crop", the default, cuts out the largest centred window of the wanted aspect ratio
            and resizes it. "stretch" resizes the whole image. Both are bilinear.
        antialias: Whether to remove what a smaller image cannot show. Defaults to True.

    Returns:
        A `tf.data.Dataset` of `(images, labels)` batches: float32 `(N, height, width, C)` in [0, 1]
        and int64 `(N,)`. It has the attributes `class_names` and `resized`, whether the set may
        hold images of another size.

    Raises:
        ValueError: If there is no such set or class, if the set does not classify images, or if it
            is not on disk and cannot be downloaded.

    Example:
        >>> import keras_freq as kf
        >>> import tensorflow_datasets as tfds
        >>> with tfds.testing.mock_data(num_examples=3):  # random images: nothing is downloaded
        ...     dataset = kf.data.tfds_dataset("tf_flowers", "train", image_size=16)
        >>> [images.shape.as_list() for images, _ in dataset], dataset.class_names[:2]
        ([[3, 16, 16, 3]], ['dandelion', 'daisy'])
    """
    batch_size = checks.integer("batch_size", batch_size)
    seed = checks.integer("seed", seed, least=0)
    checks.choice("resize", resize, RESIZES)
    checks.choice("antialias", antialias, (True, False))
    builder = _builder(name, data_dir)
    image_feature, label_feature, decoders = _features(builder)
    if image_size is not None:
        image_size = height_width(image_size, "image_size")
    elif None in image_feature.shape:
        raise ValueError(
            f"`image_size` must be given, since the images of {name!r} differ in size. "
            "Received: image_size=None"
        )
    names = label_feature.names
    if classes is None:
        examples = _examples(builder, split, decoders)
    else:
        picked = _picked(classes, names)
        examples = _only(_examples(builder, split, decoders), picked, len(names))
        names = list(classes.values()) if isinstance(classes, dict) else list(classes)

    def load(image, label):
        if decoders:
            image = image_feature.decode_example(image)
        scale = image.dtype.max if image.dtype.is_integer else 1.0
        if image_size is not None:
            image = resize_image(image, image_size, resize=resize, antialias=antialias)
        return tf.cast(image, tf.float32) / scale, label

    def make_epoch(epoch):
        ordered = examples
        if shuffle:
            again = epoch is None
            key = seed if again else seed * 1_000_003 + epoch
            if not again:
                # `shuffle` mixes in the seed of its graph, which is the global one. The order would
                # depend on it, and with a global seed of 0 TensorFlow cannot compare the two.
                tf.compat.v1.get_default_graph().seed = 1
            ordered = examples.shuffle(_SHUFFLE_BUFFER, seed=key, reshuffle_each_iteration=again)
        return ordered.map(load, num_parallel_calls=tf.data.AUTOTUNE).batch(batch_size)

    dataset = in_epochs(make_epoch, math.ceil(len(examples) / batch_size), first_epoch)
    known = tuple(image_feature.shape[:2])
    dataset.resized = image_size is not None and known != tuple(image_size)
    return with_class_names(dataset, names)


def _picked(classes, names):
    """The labels that some classes have in the set."""
    wanted = list(classes)
    unknown = [name for name in wanted if name not in names]
    if unknown or len(set(wanted)) != len(wanted) or len(wanted) < 2:
        hint = checks.did_you_mean(unknown[0], names) if unknown else ""
        raise ValueError(
            "`classes` must be at least two of the set's class names, each once, such as "
            f"{', '.join(map(repr, names[:3]))}. Received: {wanted}.{hint}".removesuffix(".")
        )
    return [names.index(name) for name in wanted]


def _only(examples, picked, num_classes):
    """The examples of some labels, relabelled 0, 1, ..."""
    new = np.full(num_classes, -1)
    new[picked] = np.arange(len(picked))
    new = tf.constant(new, tf.int64)
    as_it_is = tf.autograph.experimental.do_not_convert
    chosen = examples.map(as_it_is(lambda image, label: (image, tf.gather(new, label))))
    chosen = chosen.filter(as_it_is(lambda _, label: label >= 0))
    count = chosen.reduce(np.int64(0), as_it_is(lambda total, _: total + 1))
    return chosen.apply(tf.data.experimental.assert_cardinality(count))


def _builder(name, data_dir):
    """Finds the builder of a set by its name."""
    base, _, config = str(name).partition("/")
    base, config = base.split(":")[0], config.split(":")[0]
    try:
        configs = tfds.builder_cls(base).builder_configs
    except tfds.core.registered.DatasetNotFoundError:
        known = tfds.list_builders(with_community_datasets=False)
        raise _unknown("data set", name, base, known) from None
    if config and configs and config not in configs:
        raise _unknown(f"config of {base}", name, config, configs)
    return tfds.builder(name, data_dir=data_dir)


def _unknown(what, name, part, known):
    """The error for a part of a name that is not among the known ones."""
    message = f"`name`: TFDS knows no {what} {part!r}. Received: name={name!r}."
    return ValueError(f"{message}{checks.did_you_mean(part, known)}".removesuffix("."))


def _features(builder):
    """Finds the features of image and label, and what TFDS needs to leave the image encoded."""
    keys = builder.info.supervised_keys
    image, label = (builder.info.features[key] for key in keys) if keys else (None, None)
    is_image = isinstance(image, tfds.features.Image)
    is_tensor = isinstance(image, tfds.features.Tensor) and len(image.shape) == 3
    if not (is_image or is_tensor) or not isinstance(label, tfds.features.ClassLabel):
        raise ValueError(
            "`name` must be a set that classifies images: its supervised keys must be an image and "
            f"a class label. Received: name={builder.name!r} with supervised keys {keys}"
        )
    # Encoded images are small: they are decoded after shuffling, and in parallel.
    return image, label, {keys[0]: tfds.decode.SkipDecoding()} if is_image else None


def _examples(builder, split, decoders):
    """Reads a split, preparing the set if it is not there."""
    # Without a cycle of one file, the files would be interleaved by their timing.
    read_config = tfds.ReadConfig(try_autocache=False, interleave_cycle_length=1)

    def read():
        try:
            return builder.as_dataset(
                split=split, decoders=decoders, read_config=read_config, as_supervised=True
            )
        except ValueError as error:  # no such split, or none that can be read
            reason = " ".join(str(error).split()).rstrip(".")
            raise ValueError(
                f"`split`: {reason}. Parts of a split are written 'train[:90%]' and 'train[90%:]'. "
                f"Received: split={split!r} of {builder.name!r}"
            ) from error

    try:
        return read()
    except AssertionError:  # TFDS' way to say that the set is not on disk
        _check_reachable(builder)
        try:
            builder.download_and_prepare()
        except AssertionError as error:  # files that one has to fetch by hand
            raise ValueError(f"`name`: {builder.name!r} cannot be prepared. {error}") from error
        return read()


def _check_reachable(builder):
    """Raises at once if a download cannot work; TFDS would try again for minutes."""
    url = next((url for url in builder.url_infos or () if url.startswith("http")), None)
    if url is None or builder.MANUAL_DOWNLOAD_INSTRUCTIONS:
        return
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=_TIMEOUT):
            pass
    except urllib.error.HTTPError:
        pass  # somebody answered
    except OSError as error:
        raise ValueError(
            f"`name`: {builder.name!r} is not in {builder.data_dir}, and {url} cannot be reached "
            f"({getattr(error, 'reason', error)}). Connect to the network, or give a `data_dir` "
            "that holds the prepared set"
        ) from error
