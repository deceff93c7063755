"""What each layer of a classifier becomes on feature maps of any size."""

import contextlib
import warnings

import keras
import numpy as np
from keras import layers, ops

from keras_freq.dense.local_layers import (
    CHANNELWISE,
    POINTWISE,
    has_many_scales,
    input_shapes,
    is_pointwise_convolution,
    is_softmax,
    pads,
    pads_by_size,
    same_padding,
    why_not_local,
)
from keras_freq.layers import copy_weights


def as_functional(model):
    """A functional, uncompiled view of a model's own layers."""
    outputs = model.outputs if len(model.outputs) > 1 else model.outputs[0]
    return keras.Model(model.inputs[0], outputs, name=model.name)


def clone_layer(layer, **changes):
    """A new layer of the same configuration, but for the changes."""
    return type(layer).from_config({**_config(layer), **changes})


@contextlib.contextmanager
def starting_from_zeros(layer):
    """Lets a layer be built without random weights, which take seconds: it is given others."""
    drawn = {
        name: value
        for name, value in vars(layer).items()
        if isinstance(value, keras.initializers.Initializer)
    }
    for name in drawn:
        setattr(layer, name, keras.initializers.Zeros())
    try:
        yield
    finally:
        for name, value in drawn.items():
            setattr(layer, name, value)


def _config(layer):
    """The configuration of a layer, its activation as it is: Keras refuses to read lambdas."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The object being serialized includes a `lambda`")
        config = layer.get_config()
    return config | ({"activation": layer.activation} if hasattr(layer, "activation") else {})


# Pooling over the whole map, and pooling over a window.
_POOLS = {
    layers.GlobalAveragePooling2D: layers.AveragePooling2D,
    layers.GlobalMaxPooling2D: layers.MaxPooling2D,
}


class Conversion:
    """One walk through a model's graph.

    Some tensors of the new graph stand for vectors of the old one. For each of them, `cells`
    remembers how many cells of the old feature map (rows, columns) that vector holds: those of the
    map after `Flatten`, and (1, 1) after global pooling and after `Dense`.
    """

    def __init__(self, local):
        self.local = local
        self.pads = False  # whether a layer pads, so that cells differ from windows cut out
        self.cells = {}
        self.clones = {}  # layers that the old graph calls twice are also one layer in the new

    def convert(self, model, inputs, cells=None):
        """The new model on `inputs`, and the cells of each of its outputs."""
        self._remember(inputs, cells)
        new = keras.models.clone_model(
            as_functional(model),
            input_tensors=inputs,
            clone_function=lambda layer: layer,
            call_function=self._call,
        )
        return new, [self.cells.get(id(output), (None,))[0] for output in new.outputs]

    def _call(self, layer, *args, **kwargs):
        """Applies the counterpart of one layer to tensors of the new graph."""
        tensors = [x for x in keras.tree.flatten(args) if isinstance(x, keras.KerasTensor)]
        cells = [self.cells.get(id(x), (None,))[0] for x in tensors]
        self.pads |= pads(layer) or type(layer) in self.local
        if isinstance(layer, keras.Model):
            if kwargs.get("training"):
                raise _refusal(layer, "is called with `training=True`. Call it without")
            return self._call_model(layer, tensors, cells)
        if any(cells):
            outputs, new_cells = self._call_on_vectors(layer, cells, args, kwargs)
        else:
            outputs, new_cells = self._call_on_maps(layer, args, kwargs)
        for output in keras.tree.flatten(outputs):
            self._remember(output, new_cells)
        return outputs

    def _call_model(self, model, tensors, cells):
        """Converts a model inside the model, and calls it as one layer."""
        check_walkable(model)
        if id(model) not in self.clones:
            inside = keras.Input(tensors[0].shape[1:], dtype=tensors[0].dtype)
            self.clones[id(model)] = self.convert(model, inside, cells[0])
        converted, new_cells = self.clones[id(model)]
        outputs = converted(tensors[0])
        for output, cell in zip(keras.tree.flatten(outputs), new_cells, strict=True):
            self._remember(output, cell)
        return outputs

    def _call_on_maps(self, layer, args, kwargs):
        """Applies a layer whose input is a feature map in both graphs."""
        if isinstance(layer, layers.Flatten) or _flattens(layer):
            return self._flat(layer, args[0]), _map_size(layer)
        for of_all, of_window in _POOLS.items():
            if type(layer) is of_all:
                options = {"strides": 1, "name": layer.name, "dtype": layer.dtype_policy}
                return _applied(layer, of_window(_map_size(layer), **options), args[0]), (1, 1)
        if reason := why_not_local(layer, args, kwargs, local=self.local):
            raise _refusal(layer, reason)
        if not isinstance(layer, layers.Layer):  # an operation such as `x * 2`
            outputs = layer(*args, **kwargs)
        elif pads_by_size(layer) and None not in input_shapes(layer)[0][1:3]:
            outputs = self._call_padded(layer, args[0])
        else:
            outputs = self._call_clone(layer, args, kwargs)
        if any(len(output.shape) != 4 for output in keras.tree.flatten(outputs)):
            raise _refusal(layer, "does not give a feature map (N, rows, columns, channels)")
        return outputs, None

    def _call_on_vectors(self, layer, cells, args, kwargs):
        """Applies a layer whose input is a vector in the old graph, a map of vectors in the new."""
        known = set(cells)
        if len(known) > 1:
            raise _refusal(layer, "joins what has been pooled or flattened with what has not")
        (rows_columns,) = known
        if isinstance(layer, layers.Flatten) or _flattens(layer):
            return self._flat(layer, args[0]), rows_columns
        if reason := why_not_local(layer, args, kwargs, local=self.local):
            raise _refusal(layer, reason)
        if type(layer) is layers.Dense:
            return self._call_convolution(layer, rows_columns, args[0]), (1, 1)
        pointwise = type(layer) in POINTWISE and (
            rows_columns == (1, 1) or not (is_softmax(layer) or has_many_scales(layer))
        )
        # A convolution stands here after global pooling with `keepdims`.
        if pointwise or is_pointwise_convolution(layer):
            return self._call_clone(layer, args, kwargs), rows_columns
        if rows_columns == (1, 1) and not isinstance(layer, layers.Layer):
            return layer(*args, **kwargs), rows_columns
        if type(layer) in CHANNELWISE and rows_columns == (1, 1):
            # Axis 1 of a vector is its last, and -1 is the channels of a map too.
            changes = {"axis": -1} if hasattr(layer, "axis") else {}
            return self._call_clone(layer, args, kwargs, **changes), rows_columns
        raise _refusal(layer, "has no counterpart on feature maps")

    def _flat(self, layer, x):
        """Calls what takes the place of a layer that makes a vector."""
        # By name, since an identity with a policy itself could not be saved.
        return layers.Identity(name=layer.name, dtype=layer.dtype_policy.name)(x)

    def _call_convolution(self, dense, rows_columns, x):
        """Calls the convolution that does at each position what `dense` does to a vector."""
        if id(dense) not in self.clones:
            config = _config(dense)
            shared = config.keys() & layers.Conv2D(1, 1).get_config().keys() - {"dtype"}
            self.clones[id(dense)] = layers.Conv2D(
                dense.units,
                rows_columns,
                dtype=dense.dtype_policy,
                **{key: config[key] for key in shared},
            )
        convolution = self.clones[id(dense)]
        outputs = _applied(dense, convolution, x)
        # Both orders are (row, column, channel), so that the kernel only changes its shape.
        kernel, *bias = [np.asarray(weight) for weight in dense.weights]
        convolution.set_weights([kernel.reshape(convolution.kernel.shape), *bias])
        return outputs

    def _call_padded(self, layer, x):
        """Calls a layer with a stride on a map that is padded as at the model's own size.

        Where "same" pads depends on whether the map is even or odd, so that one more column of
        pixels at the right would move all windows.
        """
        before_after = same_padding(layer, _map_size(layer))
        if np.any(before_after) and isinstance(layer, layers.AveragePooling2D):
            raise _refusal(
                layer,
                "has padding='same' with a stride, and averages fewer pixels at the border. Build "
                "it with padding='valid'",
            )
        if np.any(before_after) and isinstance(layer, layers.MaxPooling2D):
            x = ops.pad(x, [(0, 0), *before_after, (0, 0)], constant_values=-np.inf)
        elif np.any(before_after):
            pad = self.clones.setdefault(
                (id(layer), "pad"),
                layers.ZeroPadding2D(
                    before_after, name=f"{layer.name}_pad", dtype=layer.dtype_policy
                ),
            )
            x = pad(x)
        return self._call_clone(layer, [x], {}, padding="valid")

    def _call_clone(self, layer, args, kwargs, **changes):
        """Calls a copy of the layer, with its weights."""
        if id(layer) not in self.clones:
            self.clones[id(layer)] = clone_layer(layer, **changes)
        clone = self.clones[id(layer)]
        outputs = _applied(layer, clone, *args, **kwargs)
        if layer.weights:
            copy_weights(layer, clone)
        return outputs

    def _remember(self, tensor, cells):
        """Notes what a new tensor stands for; keeping it alive keeps its id its own."""
        self.cells[id(tensor)] = (cells, tensor)


def check_walkable(model):
    """Raises unless the graph of `model` can be walked."""
    inputs = getattr(model, "inputs", None) if isinstance(model, keras.Model) else None
    if not inputs:
        raise TypeError(
            "`model` must be a functional keras.Model or a built keras.Sequential: the layers of a "
            f"subclassed model cannot be listed. Received: {type(model).__name__}. Try "
            "`keras.Model(inputs, model.call(inputs))` with `inputs = keras.Input(shape)`"
        )
    if len(inputs) != 1:
        raise ValueError(f"`model` must have one input. Received: {len(inputs)} inputs")


def _applied(layer, new, *args, **kwargs):
    """Calls the counterpart of a layer of the old graph, and names that layer if the call fails."""
    begin = starting_from_zeros(new) if layer.weights else contextlib.nullcontext()
    try:
        with begin:
            return new(*args, **kwargs)
    except (ValueError, TypeError) as error:
        reason = str(error).split("Arguments received")[0].strip().rstrip(".")
        raise _refusal(layer, f"fails on images of `input_shape`: {reason}") from error


def _map_size(layer):
    """Rows and columns of the feature map that the layer of the old graph takes."""
    shapes = set(input_shapes(layer))
    if len(shapes) > 1:
        raise _refusal(layer, f"is called on maps of several sizes, {sorted(shapes)}")
    (shape,) = shapes
    if len(shape) != 4:
        raise _refusal(layer, f"takes {shape}, not feature maps (N, rows, columns, channels)")
    if None in shape[1:3]:
        raise _refusal(
            layer, "takes maps of any size; build the model at the size that it is trained on"
        )
    if getattr(layer, "data_format", None) == "channels_first":
        raise _refusal(layer, "has its channels first. Build it with data_format='channels_last'")
    return shape[1:3]


def _flattens(layer):
    """Whether a `Reshape` makes vectors."""
    return isinstance(layer, layers.Reshape) and len(layer.target_shape) == 1


def _refusal(layer, why):
    """The error for a layer that has no fully convolutional counterpart."""
    return ValueError(
        f"`model` cannot be made fully convolutional: its layer {layer.name!r} "
        f"({type(layer).__name__}) {why}."
    )
