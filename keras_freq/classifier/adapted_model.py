"""Any classifier as a model from RGB images in [0, 1] to the classes that are wanted."""

import warnings

import keras
import numpy as np

from keras_freq import checks
from keras_freq.classifier.chosen_classes import logits_of_classes, read_classes, shares_of_classes
from keras_freq.classifier.final_activation import ends_in_sigmoids, ends_linearly
from keras_freq.classifier.input_conventions import (
    PREPARES,
    check_inputs_argument,
    converter_of,
    prepared,
)
from keras_freq.classifier.logits import WITHOUT_SIGMOIDS, stripped_model
from keras_freq.classifier.model_check import (
    check_finite,
    check_kind,
    check_one_input,
    check_scores,
    float64,
)
from keras_freq.classifier.subclassed_models import random_images, scores_of


def adapt(model, *, inputs="0..1", classes=None, image_shape=None, from_logits=None):
    """Makes of any classifier a model from RGB images in [0, 1] to the classes that are wanted.

    All analyses take such models. Unless `inputs` is "0..1", they then refuse images that are not
    in [0, 1]: those from 0 to 255, and those with values below -0.9. The result has plain Keras
    layers around `model`, whose weights it shares, and no `Lambda`: it is saved and loaded as
    `model` is.

    Args:
        model: A `keras.Model` from one batch of images to scores `(N, outputs)`, logits or
            probabilities, or to one unit `(N, 1)`.
        inputs: The values that `model` takes:

            - "0..1", "0..255" or "-1..1",
            - "torch" or "caffe", those of `preprocess_input(images, mode=...)` in
              `keras.applications.imagenet_utils` (whose mode "tf" is "-1..1"),
            - a Keras layer or model, which prepares images in [0, 1],
            - a KerasHub task or preprocessor, which resizes and scales images.

            Defaults to "0..1". A KerasHub classifier prepares images by its own preprocessor
            then; give `keras.layers.Identity()` to have none.
        classes: The outputs that make the classes, in their order: a sequence of indices, or a
            mapping from names to an index or several. The probability of a class of several
            outputs is their mean. For 1000 outputs, those of ImageNet, an index may be given as
            its WordNet id, "n02391049". Defaults to None: all outputs.
        image_shape: `(H, W, C)` of the images, for a model that does not say it. Defaults to None:
            that of `model`; sides may be None, for images of any size.
        from_logits: Whether the outputs of `model` are logits, where `classes` is given or there is
            one unit. Defaults to None: its graph tells, or its outputs for random images.

    Returns:
        A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`. If `classes` is None
        these are the outputs of `model`. With `classes` they are probabilities: the share of each
        class among the classes, which sum to 1. Outputs that are left out count for nothing. Of one
        unit, they are `1 - p` and `p`. A final softmax makes them, which analyses take off again,
        so that their losses are as exact as the logits of `model`.

    Raises:
        TypeError: If `model` is no `keras.Model`, or an argument is of another kind.
        ValueError: If the model's images or outputs are of another kind, if nothing tells the
            images' shape or what the outputs are, or an argument has another value.

    Warns:
        UserWarning: If some outputs of a model whose logits nothing shows are chosen. Their losses
            come from its rounded probabilities.

    Example:
        >>> layers = [keras.layers.Flatten(), keras.layers.Dense(4, activation="softmax")]
        >>> network = keras.Sequential([keras.Input((8, 8, 3)), *layers])
        >>> model = adapt(network, inputs="-1..1", classes={"cat": 2, "dog": [0, 3]})
        >>> scores = model(np.zeros((1, 8, 8, 3)))
        >>> cat, dog = scores.numpy()[0]
        >>> p = network(-np.ones((1, 8, 8, 3))).numpy()[0]
        >>> bool(np.isclose(cat / dog, p[2] / (p[0] / 2 + p[3] / 2)))
        True

    See Also:
        `keras_freq.check_inputs`, which finds out what a model takes.
    """
    check_kind(model)
    checks.choice("from_logits", from_logits, (None, True, False))
    shape = image_shape_of(model, image_shape, inputs)
    if isinstance(inputs, str) and inputs == "0..1" and converter_of(model) is not None:
        inputs = model
    check_inputs_argument(inputs, shape[-1])
    if isinstance(inputs, str):
        _check_fit(model, inputs, shape)
    named = "images" if isinstance(inputs, str) and inputs == "0..1" else PREPARES
    images = keras.Input(shape, name=named)
    ready = as_integers(model, prepared(images, inputs))
    whole = keras.Model(images, scores_of(model, ready))
    if classes is None and not _check_outputs(whole):
        return whole
    chosen, exact = class_scores(whole, classes, from_logits=from_logits)
    if not exact:
        if classes is not None:
            _warn_of_rounding()
        return chosen
    softmax = keras.layers.Softmax(dtype="float32", name="class_probabilities")
    return keras.Model(chosen.inputs[0], softmax(chosen.outputs[0]))


def class_scores(model, classes=None, *, from_logits=None):
    """Gives the scores of the classes that are wanted, as exactly as the model's graph shows them.

    Args:
        model: A functional `keras.Model` with one input.
        classes: As in `adapt`.
        from_logits: As in `adapt`.

    Returns:
        A `keras.Model` that gives `(N, K)`, and whether these are logits; else probabilities.

    Raises:
        TypeError, ValueError: As in `adapt`.
    """
    unit = _check_outputs(model)
    groups = None
    if classes is not None:
        groups = read_classes(classes, 2 if unit else model.output_shape[-1])
    logits = _logits(model, unit, from_logits)
    exact = logits is not None
    scores = (logits if exact else model).outputs[0]
    if unit:
        parts = [keras.ops.zeros_like(scores), scores] if exact else [1 - scores, scores]
        scores = keras.ops.concatenate(parts, axis=-1)
    if groups is not None:
        join = logits_of_classes if exact else shares_of_classes
        scores = join(keras.ops.cast(scores, "float32"), groups)
    return keras.Model((logits if exact else model).inputs[0], scores), exact


def _check_outputs(model):
    """Raises unless a model gives one score a class; tells whether it ends in one unit."""
    scores = model.outputs[0] if len(model.outputs) == 1 else model.outputs
    unit = getattr(scores, "shape", None) == (None, 1)
    if not unit:
        check_scores(scores)
    return unit


def image_shape_of(model, image_shape, inputs):
    """Finds the shape `(H, W, C)` of the images that a model takes, with the channels last."""
    if image_shape is not None:
        return _checked_shape(image_shape)
    converter = converter_of(inputs) or converter_of(model)
    if converter is not None and converter.image_size is not None:
        return (*converter.image_size, 3)
    expected = getattr(model, "input_shape", None)
    if expected is None:
        expected = (model.get_build_config() or {}).get("input_shape")
    if not isinstance(expected, tuple | list) or len(expected) == 0:
        raise ValueError(
            "`image_shape` must be given, as (H, W, C), since `model` does not say which images it "
            f"takes. Received: image_shape=None, and a {type(model).__name__} that is not built"
        )
    check_one_input(expected)
    if len(expected) != 4:
        raise ValueError(
            f"`model` must take images (N, H, W, C). Received: a model that takes {tuple(expected)}"
        )
    *sides, channels = expected[1:]
    if expected[1] in (1, 3) and channels not in (1, 3, 4):
        raise ValueError(
            "`model` must take images with the channels last, (N, H, W, C). Received: a model that "
            f"takes {tuple(expected)}. Wrap it: keras.Sequential([keras.Input("
            f"{(*expected[2:], expected[1])}), keras.layers.Permute((3, 1, 2)), model])"
        )
    return (*sides, 3 if channels is None else channels)


def _check_fit(model, inputs, shape):
    """Raises if a model cannot take images of a shape, or values of a convention."""
    expected = getattr(model, "input_shape", None)
    if expected is not None:
        check_one_input(expected)
        if len(expected) != 4 or any(
            None not in (own, given) and own != given
            for own, given in zip(expected[1:], shape, strict=True)
        ):
            raise ValueError(
                f"`image_shape` must be one that `model` takes, {tuple(expected[1:])}. "
                f"Received: image_shape={shape}"
            )
    if inputs != "0..255" and takes_integers(model):
        raise ValueError(
            "`inputs` must be '0..255' for a model that takes images as integers, since fractions "
            f"would be rounded. Received: inputs={inputs!r}"
        )


def _checked_shape(image_shape):
    """Reads `image_shape`."""
    try:
        *sides, channels = image_shape
        valid = len(sides) == 2 and not isinstance(image_shape, str)
    except (TypeError, ValueError):
        valid = False
    if not valid:
        raise ValueError(
            "`image_shape` must be (H, W, C), a height and a width in pixels (or None for any) and "
            f"a number of channels. Received: image_shape={image_shape!r}"
        )
    sides = [None if side is None else checks.integer("image_shape", side) for side in sides]
    return (*sides, checks.integer("image_shape", channels))


def takes_integers(model):
    """Tells whether a model takes images of 8 bits, as with `Input(dtype="uint8")`."""
    inputs = getattr(model, "inputs", None)
    return bool(inputs) and not keras.backend.is_float_dtype(inputs[0].dtype)


def as_integers(model, images):
    """Rounds images for a model that takes integers."""
    if not takes_integers(model):
        return images
    rounded = keras.ops.round(keras.ops.clip(images, 0, 255))
    return keras.ops.cast(rounded, model.inputs[0].dtype)


def _logits(model, unit, from_logits):
    """Gives a model of the logits; None if the scores are probabilities that hide them.

    Args:
        model: A functional model with one input.
        unit: Whether it ends in one unit.
        from_logits: As in `adapt`.
    """
    trial = random_images(model.inputs[0])
    with keras.StatelessScope():
        scores = float64(model(trial, training=False))
    stripped = stripped_model(model, trial, scores, from_logits, unit=unit)
    if stripped is not None:
        return stripped
    if from_logits or (from_logits is None and ends_linearly(model)):
        return model
    _check_not_sigmoids(model, unit)
    check_finite(np.isfinite(scores).all(axis=1), " of random values")
    low, high = scores.min(), scores.max()
    shares = low >= -1e-6 and high <= 1 + 1e-3
    if from_logits is None and not shares:
        return model
    whole = np.allclose(scores.sum(axis=1), 1, atol=1e-2)
    what = "probabilities" if unit else "probabilities of classes"
    received = f"Received: outputs from {low:.4g} to {high:.4g} for random images"
    if from_logits is None and (unit or not whole):
        raise ValueError(
            "`from_logits` must be given, as True or False: nothing tells whether the outputs of "
            f"`model` are logits or {what}. Its graph shows no softmax or sigmoid at the end. "
            f"{received}"
        )
    if not (shares and (unit or whole)):
        raise ValueError(
            f"`from_logits=False` says that the outputs of `model` are {what}. {received}"
        )
    return None


def _warn_of_rounding():
    """Warns that the rounding of probabilities cannot be told once classes are chosen of them."""
    warnings.warn(
        "The softmax of `model` cannot be taken off, since its graph does not show it at the end. "
        "So the losses of chosen classes come from its probabilities, and those that it has "
        "rounded to 0 cannot be told. Build the model with an activation layer at its end",
        stacklevel=3,
    )


def _check_not_sigmoids(model, unit):
    """Raises if a model ends in one sigmoid for each of several classes."""
    if not unit and ends_in_sigmoids(model):
        raise ValueError(
            "`classes` must be of a model whose outputs exclude each other. Received: a model that "
            f"ends in one sigmoid a class. {WITHOUT_SIGMOIDS}"
        )
