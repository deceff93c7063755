"""What a model costs: its parameters and its multiplications."""

import math

import keras
from keras import layers


def trainable_parameters(model):
    """Number of trainable parameters, which is what papers publish.

    `model.count_params()` also counts the moving statistics of BatchNormalization.

    Args:
        model: a built `keras.Model`.

    Returns:
        An integer.

    Example:
        >>> from keras_freq.models import LeNet5
        >>> trainable_parameters(LeNet5())
        44426
    """
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def multiply_adds(model):
    """Multiply-adds of a forward pass of one image.

    Counted are the products of kernels with activations in convolutions and dense layers, as papers
    do; biases, normalisation, pools and activations add little.

    Args:
        model: a functional or sequential `keras.Model` with a fixed input size; models inside it
            are counted too.

    Returns:
        An integer.

    Raises:
        ValueError: naming the layer whose output size is not known, that is called more than once,
            or whose kind this function cannot count.

    Example:
        >>> from keras_freq.models import LeNet5
        >>> multiply_adds(LeNet5())
        281640

    Source:
        He et al. (2016), table 1, "FLOPs (multiply-adds)". PyTorch's tables of models give the same
        numbers under the name GFLOPS.
    """
    _refuse_repeated(model)
    return sum(_layer_multiply_adds(layer) for layer in model.layers)


def _refuse_repeated(model):
    """Raises if a layer with weights is called twice, since only one of its sizes is known."""
    for entry in model.get_config()["layers"]:
        if len(entry.get("inbound_nodes", ())) > 1 and model.get_layer(entry["name"]).weights:
            raise ValueError(
                f"`model` calls the layer {entry['name']!r} more than once: its multiplications "
                "cannot be counted."
            )


def _layer_multiply_adds(layer):
    """Multiply-adds of one layer, 0 for one that multiplies nothing."""
    if isinstance(layer, keras.Model):
        return multiply_adds(layer)
    kernels = [weight.shape for weight in layer.weights if len(weight.shape) > 1]
    if not kernels:
        return 0
    if not isinstance(layer, _COUNTED):
        raise ValueError(
            f"`model` has a layer whose multiplications cannot be counted: {layer.name!r} "
            f"({type(layer).__name__}). Convolutions and dense layers can."
        )
    shape = layer.output.shape
    if None in shape[1:]:
        raise ValueError(
            "`model` must have a fixed input size, since the multiplications depend on it. "
            f"Received: a layer {layer.name!r} with output shape {shape}"
        )
    # Every kernel is applied once at each position of the output.
    return math.prod(shape[1:-1]) * sum(math.prod(kernel) for kernel in kernels)


_COUNTED = (
    layers.Dense,
    layers.Conv1D,
    layers.Conv2D,
    layers.Conv3D,
    layers.DepthwiseConv1D,
    layers.DepthwiseConv2D,
    layers.SeparableConv1D,
    layers.SeparableConv2D,
)
