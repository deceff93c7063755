"""What a model costs: its parameters and its multiply-adds."""

import math

import keras
from keras import layers


def trainable_parameters(model):
    """Counts the trainable parameters, the number that papers publish.

    `model.count_params()` also counts the moving statistics of BatchNormalization.

    Args:
        model: A built `keras.Model`.

    Returns:
        An integer.

    Example:
        >>> from keras_freq.models import LeNet5
        >>> trainable_parameters(LeNet5())
        44426
    """
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def multiply_adds(model):
    """Counts the multiply-adds of a forward pass of one image.

    As in papers, the count holds the products of kernels with activations in convolutions and dense
    layers. Biases, normalisation, pools and activations add little.

    Args:
        model: A functional or sequential `keras.Model` with a fixed input size; models inside it
            are counted too.

    Returns:
        An integer.

    Raises:
        ValueError: If a layer's output size is not known, a layer is called more than once, or this
            function cannot count its kind. The message names the layer.

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
