"""What a model does with images, read from its TensorFlow graph."""

import dataclasses
import re

import keras
import numpy as np
import tensorflow as tf

# Operations that treat all values of an image alike, or only move them.
_MOVING = {
    *("Identity", "Cast", "Reshape", "Squeeze", "ExpandDims", "Transpose", "StridedSlice"),
    *("ReverseV2", "Split", "SplitV", "Unpack", "Pack", "ConcatV2", "Pad", "PadV2", "MirrorPad"),
    *("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic", "ResizeArea"),
    *("ScaleAndTranslate", "ClipByValue", "Rint", "Round", "Floor", "StopGradient"),
}
_ARITHMETIC = {"Mul", "RealDiv", "Add", "AddV2", "Sub", "BiasAdd", "Neg", "Maximum", "Minimum"}
_RANDOM = re.compile(
    "Random|Multinomial|TruncatedNormal|StatefulUniform|StatefulStandardNormal|RngRead"
)


@dataclasses.dataclass(frozen=True)
class TracedModel:
    """What the graph of a model says.

    Attributes:
        entries: What images become by the operations with constants that the model begins with: a
            list of arrays `(N, ...)`, several if the model takes its images apart.
        whole_numbers: Likewise, of the images that the model then casts to integers.
        random: The names of layers, or of operations, that draw random numbers for the scores.
    """

    entries: list
    whole_numbers: list
    random: list


def traced(model, images):
    """Traces a model, and runs the beginning of its graph. None of its state changes.

    Args:
        model: A built `keras.Model` of one input and one output.
        images: `(N, H, W, C)` float32.

    Returns:
        A `TracedModel`.
    """
    found = {}

    def function(images):
        with keras.StatelessScope():
            scores = tf.convert_to_tensor(model(images, training=False))
        needed = _ancestors(scores)
        found["random"] = sorted(set(_random_layers(model, needed)))
        found["entries"], found["whole_numbers"] = _entries(images, images, needed)
        return scores

    spec = tf.TensorSpec((None, *images.shape[1:]), tf.float32)
    graph = tf.compat.v1.wrap_function(function, [spec])

    def values(tensors):
        beginnings = [graph.prune(graph.inputs[0], tensor) for tensor in tensors]
        # A model that begins with an FFT makes its images complex first.
        given = [np.real(begin(tf.constant(images)).numpy()) for begin in beginnings]
        return [value.astype(np.float64) for value in given]

    return TracedModel(values(found["entries"]), values(found["whole_numbers"]), found["random"])


def _ancestors(tensor):
    """Collects the operations that a tensor is computed by."""
    found, waiting = set(), [tensor.op]
    while waiting:
        operation = waiting.pop()
        if operation not in found:
            found.add(operation)
            waiting += [one.op for one in operation.inputs]
    return found


def _random_layers(model, operations):
    """Names what draws numbers that are others at each call, among some operations."""
    layers = {layer.name for layer in model._flatten_layers()} - {model.name}
    for operation in operations:
        if not _RANDOM.search(operation.type):
            continue
        # With a constant seed, a stateless operation gives the same numbers each time.
        if operation.type.startswith("Stateless") and not any(
            one.type == "ReadVariableOp" for one in _ancestors(operation.outputs[0])
        ):
            continue
        parts = [re.sub(r"_\d+$", "", part) for part in operation.name.split("/")]
        named = [
            part
            for pair in zip(operation.name.split("/"), parts, strict=True)
            for part in pair
            if part in layers
        ]
        yield named[-1] if named else operation.type


def _entries(tensor, images, needed):
    """Follows images to where a model first does more than arithmetic with constants.

    Returns:
        Two lists of tensors: where that is, and those that the model casts to integers.
    """
    consumers = [
        operation
        for operation in tensor.consumers()
        if operation in needed and operation.type not in ("Shape", "ShapeN", "Size", "Rank")
    ]
    entries, whole_numbers = [], []
    for operation in consumers:
        if operation.type == "Cast" and operation.outputs[0].dtype.is_integer:
            whole_numbers.append(tensor)
        elif operation.type in _MOVING or _is_with_constants(operation, tensor, images):
            for output in operation.outputs:
                found, cast = _entries(output, images, needed)
                entries += found
                whole_numbers += cast
        else:
            entries.append(tensor)
    return entries, whole_numbers


def _is_with_constants(operation, tensor, images):
    """Tells whether an operation is arithmetic of a tensor with what no training changes."""
    if operation.type not in _ARITHMETIC:
        return False
    for other in operation.inputs:
        if other is not tensor:
            origins = _ancestors(other)
            # Variables are left out, since those of a batch normalization are learned.
            if images.op in origins or any(one.type == "ReadVariableOp" for one in origins):
                return False
    return True
