"""Checks of a model: it takes the images as they are, and gives finite class scores of each."""

import inspect
import warnings
import weakref

import keras
import numpy as np
import tensorflow as tf

from keras_freq.classifier.traced_model import traced

# What passed the checks of its graph, by the layers and images that were checked: tracing a large
# network takes seconds, and an analysis may ask about many data sets.
_CHECKED_GRAPHS = weakref.WeakKeyDictionary()


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
    scores = _float64(scores)
    check_finite(np.isfinite(scores).all(axis=1))
    _check_layout(model, images.shape[1:])
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
    sizes = expected if isinstance(expected, tuple) else (expected,)
    if not all(size is None or isinstance(size, int) for size in sizes):
        raise ValueError(
            f"`model` must have one input, images. Received: inputs {expected}. Fix the others: "
            "images = keras.Input(image_shape), and pass "
            "keras.Model(images, model([images, the_others]))"
        )
    if len(expected) != 4 or any(
        size not in (None, given) for size, given in zip(expected[1:], image_shape, strict=True)
    ):
        moved = (image_shape[-1], *image_shape[:-1])
        channels_first = len(expected) == 4 and all(
            size in (None, given) for size, given in zip(expected[1:], moved, strict=True)
        )
        raise ValueError(
            f"`model` must take images of shape {image_shape}, those of `dataset`. Received: a "
            f"model that takes {expected[1:]}"
            + (f", channels first. {_permuted(image_shape)}" if channels_first else "")
        )
    dtype = model.inputs[0].dtype if getattr(model, "inputs", None) else "float32"
    if not keras.backend.is_float_dtype(dtype):
        raise ValueError(_integer_message(f"keras.Input(..., dtype={dtype!r})"))


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
        raise ValueError(
            f"`model` must take images of shape {images.shape[1:]}, those of `dataset`. "
            f"It failed with: {_reason(error)}"
        ) from error


def _reason(error):
    # Keras appends every value of the images to its message.
    return str(error).split("Arguments received")[0].strip()


def _float64(scores):
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


def _integer_message(what):
    return (
        "`model` must take images as fractions, which become 0 when they are cast to integers. "
        f"Received: {what}. Build the model with a float input, or wrap it: "
        "images = keras.Input(image_shape); pixels = "
        "keras.ops.cast(keras.ops.round(keras.ops.clip(255 * images, 0, 255)), 'uint8'); "
        "keras.Model(images, model(pixels))"
    )


def _permuted(image_shape):
    return (
        f"Wrap it: keras.Sequential([keras.Input({tuple(image_shape)}), "
        "keras.layers.Permute((3, 1, 2)), model])"
    )


def _check_layout(model, image_shape):
    """Raises if the first convolution takes the rows of images for channels."""
    convolutions = [
        layer
        for layer in model._flatten_layers()
        if hasattr(layer, "kernel_size") and hasattr(layer, "data_format") and layer.built
    ]
    if not convolutions or convolutions[0].data_format != "channels_first":
        return
    first = convolutions[0]
    channels = first.kernel.shape[-2] * getattr(first, "groups", 1)
    if channels != image_shape[-1]:
        moved = (image_shape[-1], *image_shape[:-1])
        raise ValueError(
            "`model` must take images with the channels last, (N, H, W, C). Received: layer "
            f"{first.name!r} with data_format='channels_first', which takes {channels} channels. "
            f"Build the model with keras.Input({moved}). {_permuted(image_shape)}"
        )


def check_graph(model, images):
    """Raises if the graph shows random numbers, or an entry for images of another range or type."""
    key = (images.shape[1:], images.max() > 16, *map(id, model._flatten_layers()))
    if _CHECKED_GRAPHS.get(model) == key:
        return
    black_and_white = np.stack([np.zeros_like(images[0]), np.ones_like(images[0])])
    try:
        graph = traced(model, black_and_white)
    except (ValueError, TypeError, AttributeError, NotImplementedError, tf.errors.OpError) as error:
        raise ValueError(
            "`model` must run inside a tf.function, as it does in `model.predict`. "
            f"It failed with: {_reason(error)}"
        ) from error
    if graph.random:
        raise ValueError(
            "`model` must give the same scores at each call. Received: random numbers from "
            f"{', '.join(map(repr, graph.random))}, also with training=False. Dropout and noise "
            "must be off at inference: call such layers with `training=training`, not "
            "`training=True`, and load the weights into the model that is built so"
        )
    for black, white in graph.whole_numbers:
        if np.abs(white - black).max() < 16:
            raise ValueError(_integer_message("a model that casts its images to integers"))
    # Filtered images may leave [0, 1], but stay far below 16. Images that are all black say nothing
    # of their range.
    _warn_of_forced_training(model)
    if graph.entries and 0 < images.max() <= 16:
        _check_range(graph.entries)
    _CHECKED_GRAPHS[model] = key


def _warn_of_forced_training(model):
    """Warns of `layer(x, training=True)` in a graph, which the call of the model overrules."""
    forced = sorted(
        {
            operation.name
            for network in model._flatten_layers()
            for operation in getattr(network, "operations", [])
            for node in operation._inbound_nodes
            if node.arguments.kwargs.get("training") is True and not _trains_by_default(operation)
        }
    )
    if forced:
        warnings.warn(
            f"`model` was built with training=True for {', '.join(map(repr, forced))}. Analyses "
            "call a model with training=False, as `model.predict` does, and Keras then runs these "
            "layers as at inference, without dropout or noise",
            stacklevel=5,
        )


def _trains_by_default(operation):
    """Whether a call without `training` stands in the graph as True, as of augmenting layers."""
    training = inspect.signature(type(operation).call).parameters.get("training")
    return training is not None and training.default is True


def _check_range(entries):
    """Raises if images in [0, 1] are far from what a model's first arithmetic is made for.

    Where that is `(x - centre) / scale`, images in [0, 1] have their mean below 1 and a standard
    deviation below 0.5. A scale above 16, or a centre above 2, is for larger values.
    """
    for black, white in entries:
        slope = (white - black).ravel()
        told = slope != 0  # padding does not depend on the images
        slope, black = slope[told], black.ravel()[told]
        large = np.abs(slope).max(initial=0) < 1 / 16 or (-black / slope).min(initial=np.inf) > 2
        if not told.any() or not large:
            return
    black, white = (entries[0][one].ravel()[told.argmax()] for one in (0, 1))
    raise ValueError(
        "`model` must take images in [0, 1], those of `dataset`. Received: a model that begins "
        "with arithmetic for larger values, such as those from 0 to 255: black (0) becomes "
        f"{black:.4g}, and white (1) becomes {white:.4g}. Wrap it: "
        "keras.Sequential([keras.Input(image_shape), keras.layers.Rescaling(255.0), model])"
    )


def _check_repeats(model, images, scores):
    """Raises if a second call, of the first image without the others, gives other scores."""
    alone = images[:1] if len(images) > 1 else np.concatenate([images, 1 - images])
    with keras.StatelessScope():
        again = _scores(model, alone)
    difference = np.abs(_float64(again)[0] - scores[0]).max()
    # The last digits may differ, since batches of another size are computed in another order.
    half = keras.backend.standardize_dtype(again.dtype) != "float32"
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
        predicted = _float64(model.predict(images, verbose=0))
    except Exception:  # it may take other arguments, and then it says nothing of the call
        return
    same = predicted.shape == scores.shape and any(
        np.allclose(predicted, one, rtol=0.01, atol=0.01 * np.abs(one).max())
        for one in (scores, _float64(keras.ops.softmax(scores)))
    )
    if not same:
        raise ValueError(
            "`model` must give the same scores when it is called and in `predict`. Received: "
            f"{type(model).__name__}, whose own `predict` gives others: it prepares images in a "
            "way that the call does not. Put the preparation into a model: images = "
            "keras.Input(image_shape), and pass keras.Model(images, model(prepared(images))), "
            "where `prepared` does what `predict` does first"
        )
