"""Checks of a model by its calls: it takes the images, and gives finite class scores of each."""

import keras
import numpy as np
import tensorflow as tf

from keras_freq.classifier.graph_check import (
    check_graph,
    check_layout,
    integer_message,
    permuted,
    reason_of,
)


def check_model(model, images, num_classes=None):
    """Runs a model on a few images and raises unless it classifies them.

    The model is run twice on at most two images. Its graph is traced, and tells what the model
    expects of its images: a range, a type, a layout.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        images: A few images `(N, H, W, C)` of the data set.
        num_classes: The number of classes K. Defaults to None, where any K is right.

    Returns:
        The scores, a float64 array `(N, K)`.

    Raises:
        TypeError: If `model` is not a `keras.Model` on TensorFlow.
        ValueError: If the model takes other images, in shape, type, range or layout; if it has
            several inputs or outputs; if it does not give K scores for each image, or gives NaN or
            infinity; if it draws random numbers, or an image's scores depend on the other images;
            or if its `predict` gives other scores than its call.

    Example:
        >>> model = keras.Sequential([keras.Input((2, 2, 1)), keras.layers.Flatten()])
        >>> check_model(model, np.ones((3, 2, 2, 1)), num_classes=4).shape
        (3, 4)
    """
    images = np.asarray(images, np.float32)
    check_input(model, images.shape[1:])
    scores = _scores(model, images)
    check_scores(scores, num_classes)
    scores = float64(scores)
    check_finite(np.isfinite(scores).all(axis=1))
    check_graph(model, images)
    _check_repeats(model, images, scores)
    _check_predict(model, images, scores)
    return scores


def check_kind(model):
    """Raises unless `model` is a Keras model on TensorFlow."""
    if not isinstance(model, keras.Model):
        raise TypeError(
            "`model` must be a keras.Model that maps images to class scores. "
            f"Received: {_kind(model)}"
        )
    if keras.config.backend() != "tensorflow":
        raise TypeError(
            "`model` must run on TensorFlow. Set the environment variable KERAS_BACKEND=tensorflow "
            "before Keras is imported, and load the model there with keras.models.load_model: a "
            f".keras file fits every backend. Received: the backend {keras.config.backend()!r}"
        )


def check_input(model, image_shape):
    """Raises unless `model` is a Keras model of one input, which takes images of this shape."""
    check_kind(model)
    # A model that is not built yet has no input shape: it takes any.
    expected = getattr(model, "input_shape", None)
    if expected is None:
        return
    check_one_input(expected)
    if len(expected) != 4 or any(
        size not in (None, given) for size, given in zip(expected[1:], image_shape, strict=True)
    ):
        moved = (image_shape[-1], *image_shape[:-1])
        channels_first = len(expected) == 4 and all(
            size in (None, given) for size, given in zip(expected[1:], moved, strict=True)
        )
        if channels_first or len(expected) != 4:
            raise ValueError(
                f"`model` must take images of shape {image_shape}, those of `dataset`. Received: a "
                f"model that takes {expected[1:]}"
                + (f", channels first. {permuted(image_shape)}" if channels_first else "")
            )
        raise ValueError(
            f"`dataset` must hold images of the shape that `model` takes, {expected[1:]}. "
            f"Received: images of shape {image_shape}{_resized(image_shape, expected[1:])}"
        )
    dtype = model.inputs[0].dtype if getattr(model, "inputs", None) else "float32"
    if not keras.backend.is_float_dtype(dtype):
        raise ValueError(integer_message(f"keras.Input(..., dtype={dtype!r})"))


def _resized(given, wanted):
    """Says how images of a shape `(H, W, C)` get another one."""
    cures = []
    if any(size not in (None, own) for size, own in zip(wanted[:2], given[:2], strict=True)):
        size = tuple(own if size is None else size for size, own in zip(wanted, given, strict=True))
        cures.append(f"Resize them: keras.ops.image.resize(images, {size[:2]})")
    if (given[2], wanted[2]) == (1, 3):
        cures.append("Repeat their channel: np.repeat(images, 3, axis=-1)")
    elif (given[2], wanted[2]) == (3, 1):
        cures.append("Make them grey: images @ [[0.299], [0.587], [0.114]]")
    return "".join(f". {cure}" for cure in cures)


def check_one_input(expected):
    """Raises unless the input shape of a model is that of one tensor."""
    sizes = expected if isinstance(expected, tuple | list) else (expected,)
    if not all(size is None or isinstance(size, int) for size in sizes):
        raise ValueError(
            f"`model` must have one input, images. Received: inputs {expected}. Fix the others: "
            "images = keras.Input(image_shape), and pass "
            "keras.Model(images, model([images, the_others]))"
        )


def check_scores(scores, num_classes=None):
    """Raises a ValueError unless the output of a model is one tensor `(N, num_classes)`."""
    if not hasattr(scores, "shape"):
        named = isinstance(scores, dict)
        listed = (
            [f"{name!r} {tuple(one.shape)}" for name, one in scores.items()]
            if named
            else [str(tuple(one.shape)) for one in scores]
        )
        which = f"[{next(iter(scores))!r}]" if named else "[0]"
        raise ValueError(
            "`model` must have one output, the class scores. Received: "
            f"{len(scores)} outputs, {', '.join(listed)}. Choose the one that holds the scores: "
            f"images = keras.Input(image_shape), and pass keras.Model(images, model(images){which})"
        )
    shape, wanted = tuple(scores.shape), num_classes or "num_classes"
    if len(shape) == 2 and num_classes in (None, shape[1]):
        return
    hint = ""
    if shape[-1:] == (1,):
        hint = (
            ". Replace its single sigmoid unit by Dense(2, activation='softmax'), or wrap it: "
            "images = keras.Input(image_shape); p = model(images); "
            "keras.Model(images, keras.layers.Concatenate()([1 - p, p]))"
        )
    raise ValueError(
        f"`model` must give class scores of shape (N, {wanted})"
        f"{f', since num_classes={num_classes}' if num_classes else ''}. "
        f"Received: output shape {shape}{hint}"
    )


def check_finite(finite, where=""):
    """Raises a ValueError unless a model's scores of all images are finite.

    Args:
        finite: `(N,)` bool, whether the scores of each image are finite.
        where: What was done to the images, to follow the word "images" in the message.
    """
    finite = np.asarray(finite)
    if not finite.all():
        raise ValueError(
            f"`model` must give finite scores. Received: NaN or infinity for {(~finite).sum()} of "
            f"{finite.size} images{where}. Its training may have diverged"
        )


def _scores(model, images):
    """Calls a model on images, and names it in the message if that fails."""
    try:
        return model(images, training=False)
    except (ValueError, TypeError, tf.errors.OpError) as error:
        check_layout(model, images.shape[1:])  # many CPUs compute nothing with channels first
        raise ValueError(
            f"`model` must take images of shape {images.shape[1:]}, those of `dataset`. "
            f"It failed with: {reason_of(error)}"
        ) from error


def float64(scores):
    """Scores of any type of float as a float64 array."""
    return tf.cast(scores, tf.float64).numpy()


def _kind(model):
    """Says what came instead of a Keras 3 model, with the cure where it is known."""
    name = type(model).__name__
    modules = {one.__module__.split(".")[0] for one in type(model).__mro__}
    if modules & {"tf_keras", "tensorflow"} and hasattr(model, "get_weights"):
        return (
            f"{name} of Keras 2 (tf_keras). Save it with model.save('model.h5'), and load that "
            "with keras.models.load_model('model.h5'), or build it with Keras 3 and copy its "
            "weights with set_weights"
        )
    if "torch" in modules:
        return (
            f"{name} of PyTorch. Build the network with Keras, and copy its weights, as "
            "keras_freq.models.load_torch_weights does"
        )
    return name


def _check_repeats(model, images, scores):
    """Raises if a second call, of the first image without the others, gives other scores."""
    alone = images[:1] if len(images) > 1 else np.concatenate([images, 1 - images])
    with keras.StatelessScope():
        again = _scores(model, alone)
    difference = np.abs(float64(again)[0] - scores[0]).max()
    # The last digits may differ, since batches of another size are computed in another order.
    half = keras.backend.standardize_dtype(again.dtype) in ("float16", "bfloat16")
    if difference > (0.05 if half else 0.01) * np.abs(scores).max():
        raise ValueError(
            "`model` must give an image the same scores at each call, whatever the other images "
            f"are. Received: scores that differ by {difference:.3g} in a second call, of the first "
            "image alone. Dropout, noise and batch normalization must be off at inference: call "
            "such layers with `training=training`, not `training=True`"
        )


def _check_predict(model, images, scores):
    """Raises if a `predict` of the model's own gives other scores than its call.

    Classifiers that take their images through a preprocessor in `predict` do so.
    """
    if all(
        getattr(getattr(model, name), "__func__", None) is getattr(keras.Model, name)
        for name in ("predict", "predict_step", "make_predict_function")
    ):
        return
    try:
        predicted = float64(model.predict(images, verbose=0))
    except Exception:  # it may take other arguments, and then it says nothing of the call
        return
    same = predicted.shape == scores.shape and any(
        np.allclose(predicted, one, rtol=0.01, atol=0.01 * np.abs(one).max())
        for one in (scores, float64(keras.ops.softmax(scores)))
    )
    if not same:
        raise ValueError(
            "`model` must give the same scores when it is called and in `predict`. Received: "
            f"{type(model).__name__}, whose own `predict` gives others: it prepares images in a "
            "way that the call does not. Put the preparation into a model: images = "
            "keras.Input(image_shape), and pass keras.Model(images, model(prepared(images))), "
            "where `prepared` does what `predict` does first"
        )
