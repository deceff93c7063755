"""A classifier up to one of its layers."""

import keras

from keras_freq import checks
from keras_freq.classifier.model_check import check_kind


def layer_features(model, layer, image_shape):
    """Makes the model from images to what one layer gives, as one row of numbers an image.

    The weights are shared with `model`.

    Args:
        model: A functional or sequential `keras.Model` of images, built.
        layer: The name of one of its layers, or of a layer of a model in it. A layer that is used
            several times counts as where it is used last.
        image_shape: `(H, W, C)`.

    Returns:
        A `keras.Model` from images `(N, H, W, C)` to `(N, F)`.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If there is no such layer, or it gives several tensors, or the model is not
            functional.

    Example:
        >>> layers = [keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 2, name="first")]
        >>> model = keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(2)])
        >>> layer_features(model, "first", (4, 4, 1)).output_shape
        (None, 27)
    """
    check_kind(model)
    if not _is_functional(model):
        raise ValueError(
            "`layer` needs a functional or sequential model, whose layers are known. Received: a "
            f"model of the class {type(model).__name__}"
        )
    output = _output_of(model, layer)
    if output is None:
        names = list(_names(model))
        checks.choice("layer", layer, names)
    images = keras.Input(image_shape)
    features = keras.Model(model.inputs, output)(images)
    return keras.Model(images, keras.layers.Flatten()(features))


def _is_functional(model):
    """Whether the layers of a model are known as a graph."""
    return isinstance(model, keras.Model) and bool(getattr(model, "inputs", None))


def _output_of(model, name):
    """What a layer gives, as a tensor of the graph of `model`; None if there is no such layer."""
    for layer in model.layers:
        if layer.name == name:
            return _single(model, layer, "output")
    for layer in model.layers:
        inner = _output_of(layer, name) if _is_functional(layer) else None
        if inner is not None:
            return keras.Model(layer.inputs, inner)(_single(model, layer, "input"))
    return None


def _single(model, layer, end):
    """What a layer takes or gives in the graph of `model`, one tensor."""
    # Other models may use the same layer.
    graph = getattr(model, "_functional", model)
    own = [node for nodes in graph._nodes_by_depth.values() for node in nodes]
    node = [node for node in layer._inbound_nodes if any(node is one for one in own)][-1]
    tensors = node.input_tensors if end == "input" else node.output_tensors
    if len(tensors) != 1:
        raise ValueError(
            f"`layer` must be a layer of one {end}. Received: {layer.name!r}, of {len(tensors)}"
        )
    return tensors[0]


def _names(model):
    """The names of all layers, those of models in it too."""
    for layer in model.layers:
        yield layer.name
        if _is_functional(layer):
            yield from _names(layer)
