"""What is known to be local: each position of its output comes from a neighbourhood alone.

The lists name what is known. Anything else may look at the whole map, and is refused.
"""

import keras
import numpy as np
from keras import layers

from keras_freq.layers import LocalResponseNormalization

# Layers that treat each number, or each position, on its own.
POINTWISE = (
    layers.Activation,
    layers.ActivityRegularization,
    layers.AlphaDropout,
    layers.Dropout,
    layers.ELU,
    layers.GaussianDropout,
    layers.GaussianNoise,
    layers.Identity,
    layers.LeakyReLU,
    layers.ReLU,
    layers.Rescaling,
)

# Layers that mix the channels of one position: right once a vector is one position.
CHANNELWISE = (
    layers.Add,
    layers.Average,
    layers.BatchNormalization,
    layers.Concatenate,
    layers.LayerNormalization,
    layers.Maximum,
    layers.Minimum,
    layers.Multiply,
    layers.RMSNormalization,
    layers.Softmax,
    layers.Subtract,
    layers.UnitNormalization,
)

# Layers of feature maps alone.
_OF_MAPS = (
    layers.AveragePooling2D,
    layers.Conv2D,
    layers.Cropping2D,
    layers.Dense,
    layers.DepthwiseConv2D,
    layers.MaxPooling2D,
    layers.Normalization,
    layers.PReLU,
    layers.SeparableConv2D,
    layers.SpatialDropout2D,
    layers.ZeroPadding2D,
    LocalResponseNormalization,
)

# Augmentations, which change nothing when a model is applied.
_IN_TRAINING_ONLY = (
    layers.RandomBrightness,
    layers.RandomContrast,
    layers.RandomFlip,
    layers.RandomRotation,
    layers.RandomTranslation,
    layers.RandomZoom,
)

_LAYERS = {*POINTWISE, *CHANNELWISE, *_OF_MAPS, *_IN_TRAINING_ONLY}

# Operations of `keras.ops` on each number, and such with an axis, which must be the channels.
_OF_NUMBERS = {
    "Abs", "Absolute", "Add", "Arctan", "Cast", "Celu", "Clip", "Copy", "Cos", "Divide",
    "DivideNoNan", "Elu", "Equal", "Erf", "Exp", "Expm1", "Gelu", "Greater", "GreaterEqual",
    "HardShrink", "HardSigmoid", "HardSilu", "HardTanh", "LeakyRelu", "Less", "LessEqual",
    "Log", "Log10", "Log1p", "Log2", "LogSigmoid", "LogicalAnd", "LogicalNot", "LogicalOr",
    "Maximum", "Minimum", "Multiply", "Negative", "NotEqual", "Power", "Reciprocal", "Relu",
    "Relu6", "Round", "Rsqrt", "Selu", "Sigmoid", "Sign", "Silu", "Sin", "SoftShrink",
    "Softplus", "Softsign", "Sqrt", "Square", "Squareplus", "StopGradient", "Subtract", "Tanh",
    "TanhShrink", "Threshold", "TrueDivide", "Where",
}  # fmt: skip
_OF_CHANNELS = {
    "Concatenate", "LogSoftmax", "Max", "Mean", "Min", "Normalize", "Softmax", "Std", "Sum", "Var",
}  # fmt: skip

_CURES = {
    layers.GroupNormalization: "normalises by statistics of the whole map. Use BatchNormalization",
    layers.AdaptiveAveragePooling2D: "gives one size whatever the image's. Use AveragePooling2D",
    layers.AdaptiveMaxPooling2D: "gives one size whatever the image's. Use MaxPooling2D",
}
_CURES |= dict.fromkeys(
    (layers.CenterCrop, layers.RandomCrop, layers.Resizing),
    "gives one size whatever the image's. Change the size of images before the model",
)


def why_not_local(layer, args=(), kwargs=None, *, local=()):
    """Says why a layer or an operation may look beyond a neighbourhood of each position.

    Args:
        layer: The `keras.Layer` or operation, with its place in the old graph.
        args: What it is called with: tensors of the new graph, and constants.
        kwargs: Likewise.
        local: Layer classes and activation functions that the user says are local.

    Returns:
        The reason and the cure, to follow the layer's name in a message. None if it is local.
    """
    kwargs = kwargs or {}
    shapes = {tuple(shape[1:-1]) for shape in input_shapes(layer)}
    if len(shapes) > 1:
        return (
            f"joins maps of different sizes, {' and '.join(map(str, sorted(shapes)))}: the smaller "
            "one is spread over the larger one. Give both the same rows and columns"
        )
    reason = None
    if isinstance(layer, layers.Layer):
        if type(layer) not in local:
            reason = _why_not_layer(layer, local)
    else:
        reason = _why_not_operation(layer, [*args, *kwargs.values()])
    if reason is None and kwargs.get("training") and type(layer) not in _IN_TRAINING_ONLY:
        reason = "is called with `training=True`. Call it without"
    return reason


def input_shapes(layer):
    """The shapes of the tensors that a layer of the old graph takes, of all its calls."""
    return [tuple(x.shape) for node in layer._inbound_nodes for x in node.input_tensors]


def pads(layer):
    """Whether a layer, or an operation, puts something around the map."""
    layer = getattr(layer, "layer", layer)  # inside a SpectralNormalization
    window = getattr(layer, "kernel_size", getattr(layer, "pool_size", 1))
    same = getattr(layer, "padding", None) == "same" and np.max(window) > 1
    return same or type(layer).__name__ in ("Pad", "ZeroPadding2D")


def pads_by_size(layer):
    """Whether a layer pads differently on maps of even and odd size."""
    return getattr(layer, "padding", None) == "same" and max(getattr(layer, "strides", [1])) > 1


def same_padding(layer, size):
    """What padding="same" puts before and after the rows and columns of a map of this size."""
    window = getattr(layer, "kernel_size", None) or layer.pool_size
    dilation = getattr(layer, "dilation_rate", (1, 1))
    both = []
    for side, width, stride, rate in zip(size, window, layer.strides, dilation, strict=True):
        reach = (-(-side // stride) - 1) * stride + (width - 1) * rate + 1
        total = max(reach - side, 0)
        both.append((total // 2, total - total // 2))
    return both


def has_many_scales(layer):
    """Whether a layer scales each number of a vector by itself."""
    return isinstance(layer, layers.Rescaling) and bool(
        np.shape(layer.scale) + np.shape(layer.offset)
    )


def is_pointwise_convolution(layer):
    """Whether a layer is a 1 x 1 convolution."""
    return isinstance(layer, layers.Conv2D) and max(*layer.kernel_size, *layer.strides) == 1


def is_softmax(layer):
    """Whether an activation mixes the numbers of a vector."""
    function = getattr(layer, "activation", None)
    return getattr(function, "__name__", "") in ("softmax", "log_softmax", "sparsemax")


def _why_not_layer(layer, local):
    """The reason of a layer."""
    kind = type(layer)
    if kind is layers.SpectralNormalization:
        if pads_by_size(layer.layer):
            return "has padding='same' with a stride. Use ZeroPadding2D and padding='valid'"
        return _why_not_layer(layer.layer, local)
    if kind not in _LAYERS:
        if kind in _CURES:
            return _CURES[kind]
        if kind.__module__.startswith("keras.") and kind is not layers.Lambda:
            return (
                "may use the whole map. Build the model of convolutions, pooling, "
                "BatchNormalization and layers that treat each position by itself"
            )
        return (
            "is not known to compute each position from its neighbourhood alone. If it does, say "
            f"so: `convolutionize(model, local=[{kind.__name__}])`"
        )
    if getattr(layer, "data_format", None) == "channels_first":
        return "has its channels first. Build it with data_format='channels_last'"
    if hasattr(layer, "axis") and not _is_channels(layer.axis, layer):
        return f"works along axis {layer.axis}, not the channels. Build it with axis=-1"
    if kind is layers.PReLU and not {1, 2} <= set(layer.shared_axes or ()):
        return "has a slope for each position. Build it with shared_axes=[1, 2]"
    if kind is layers.Rescaling and any(map(_differs_by_position, (layer.scale, layer.offset))):
        return "scales each position by itself. Give it a number, or one for each channel"
    function = getattr(layer, "activation", None)
    if function is not None and function not in local and not _is_known_function(function):
        name = getattr(function, "__name__", repr(function))
        say = "its_function" if name == "<lambda>" else name
        return (
            f"has the activation `{name}`, which is not known to treat each position by itself. If "
            f"it does, say so: `convolutionize(model, local=[{say}])`"
        )
    return None


def _why_not_operation(operation, arguments):
    """The reason of an operation such as `x * 2`."""
    name = type(operation).__name__
    ours = type(operation).__module__.startswith("keras.src.ops.")
    if ours and name == "Pad":
        return None
    if ours and name == "GetItem":
        key = arguments[1]
        if not isinstance(key, tuple) or len(key) < 2 or not _takes_channels(key):
            return "takes a part of the map. Use keras.layers.Cropping2D for a border"
    elif ours and name in _OF_CHANNELS:
        if not _is_channels(operation.axis, operation):
            return (
                f"works along axis {operation.axis}, not the channels, so that it may use the "
                "whole map. Use axis=-1, or GlobalAveragePooling2D and Dense at the end"
            )
    elif not ours or name not in _OF_NUMBERS:
        return "may use the whole map. Use a layer, or operations on each number"
    own = [value for key, value in vars(operation).items() if not key.startswith("_")]
    values = keras.tree.flatten([arguments, own])
    if any(_differs_by_position(x) for x in values if not isinstance(x, keras.KerasTensor)):
        return "uses an array with a value for each position. Use one for each channel"
    return None


def _is_channels(axis, layer):
    """Whether an axis, or all of several, is the channels in both graphs.

    Axis 1 of a vector is its channels, but rows in the new graph. A layer's axis is changed then;
    that of an operation stays.
    """
    last = len(input_shapes(layer)[0]) - 1 if isinstance(layer, layers.Layer) else 3
    return axis is not None and {int(one) for one in np.atleast_1d(axis)} <= {-1, last}


def _takes_channels(key):
    """Whether `x[key]` takes all positions, and some channels."""
    return isinstance(key[-1], slice) and (
        key[:-1] == (Ellipsis,) or key[:-1] == (slice(None),) * 3
    )


def _differs_by_position(value):
    """Whether a constant has more than one value for each channel."""
    return any(side != 1 for side in getattr(value, "shape", np.shape(value))[:-1])


def _is_known_function(function):
    """Whether an activation is one of Keras, or of TensorFlow under the same name."""
    module = getattr(function, "__module__", None) or ""
    name = getattr(function, "__name__", "")
    return module.startswith(("keras.", "tensorflow.")) and hasattr(keras.activations, name)
