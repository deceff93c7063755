"""A classifier up to one of its layers, or to several."""

import keras
import numpy as np

from keras_freq import checks
from keras_freq.classifier.model_check import check_kind

# Layers whose maps are asked for if none are named: what comes between is pointwise.
_MAP_LAYERS = (
    *(keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D),
    *(keras.layers.MaxPooling2D, keras.layers.AveragePooling2D),
    *(keras.layers.Add, keras.layers.Concatenate),
)


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
    images = keras.Input(image_shape)
    maps = _maps(model, "layer", [layer], images)
    return keras.Model(images, keras.layers.Flatten()(maps[layer]))


def layer_maps(model, layers, image_shape):
    """Makes the model from images to the feature maps of some layers, in one pass.

    The weights are shared with `model`.

    Args:
        model: As in `layer_features`.
        layers: Names of layers that give maps `(N, H, W, C)`, in this model or in models in it.
            None: all convolutions, poolings, sums and concatenations of maps.
        image_shape: `(H, W, C)`.

    Returns:
        Names of the layers in the order of the model, after "images", the images themselves; and a
        `keras.Model` from images to a list of as many maps `(N, H, W, C)`.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: As in `layer_features`, or if a layer gives no maps.

    Example:
        >>> layers = [keras.Input((4, 4, 1)), keras.layers.Conv2D(3, 2, name="first")]
        >>> model = keras.Sequential([*layers, keras.layers.Flatten(), keras.layers.Dense(2)])
        >>> names, maps = layer_maps(model, None, (4, 4, 1))
        >>> names, maps.output_shape
        (['images', 'first'], [(None, 4, 4, 1), (None, 3, 3, 3)])
    """
    check_kind(model)
    if layers is not None:
        wanted = checks.distinct("layers", layers)
    else:
        wanted = [one.name for one in _layers(model) if isinstance(one, _MAP_LAYERS)]
    images = keras.Input(image_shape)
    maps = _maps(model, "layers", wanted, images)
    flat = [name for name, tensor in maps.items() if len(tensor.shape) != 4]
    if flat and layers is not None:
        raise ValueError(
            "`layers` must give feature maps (N, H, W, C). "
            f"Received: {flat[0]!r}, which gives {maps[flat[0]].shape}"
        )
    order = [one.name for one in _layers(model)]
    names = sorted(set(maps) - set(flat), key=order.index)
    return ["images", *names], keras.Model(images, [images, *(maps[name] for name in names)])


def first_kernels(model):
    """Gives the kernels of a model's first convolution, `(height, width, C, F)` float32.

    Args:
        model: A `keras.Model`.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If it has no `Conv2D` layer.
    """
    check_kind(model)
    for layer in _layers(model):
        if isinstance(layer, keras.layers.Conv2D):
            return np.asarray(layer.kernel, np.float32)
    raise ValueError(
        f"`model` must have a `Conv2D` layer. Received: a {type(model).__name__} without any"
    )


def _maps(model, argument, names, images):
    """What layers give for the input `images` of a new graph, a dict of tensors by name."""
    check_kind(model)
    if not _is_functional(model):
        raise ValueError(
            f"`{argument}` needs a functional or sequential model, whose layers are known. "
            f"Received: a model of the class {type(model).__name__}"
        )
    known = [one.name for one in _layers(model)]
    for name in names:
        checks.choice(argument, name, known)
    return keras.Model(model.inputs, _outputs_of(model, set(names)))(images) if names else {}


def _is_functional(model):
    """Whether the layers of a model are known as a graph."""
    return isinstance(model, keras.Model) and bool(getattr(model, "inputs", None))


def _outputs_of(model, names):
    """What layers give, a dict of tensors of the graph of `model` by name."""
    found = {
        layer.name: _single(model, layer, "output") for layer in model.layers if layer.name in names
    }
    for layer in model.layers:
        inner = _outputs_of(layer, names - set(found)) if _is_functional(layer) else {}
        if inner:
            found |= keras.Model(layer.inputs, inner)(_single(model, layer, "input"))
    return found


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


def _layers(model):
    """All layers, those of models in it too."""
    for layer in model.layers:
        yield layer
        if _is_functional(layer):
            yield from _layers(layer)
