"""The layers of a network as transfer counts them, and whether two networks have the same ones.

What transfer counts as a layer is a *layer group* here: the Keras layers that are copied together.
"""

import dataclasses
import hashlib
import json
import re

import keras
from keras import layers

from keras_freq.layers import copy_weights

# Layers whose weights only shift and scale: they belong to the layer before them.
_BELONGING = (
    layers.BatchNormalization,
    layers.GroupNormalization,
    layers.LayerNormalization,
    layers.Normalization,
    layers.PReLU,
)


@dataclasses.dataclass(frozen=True, eq=False)
class Network:
    """A model, and its layers in groups that can be copied and frozen.

    Attributes:
        model: A functional `keras.Model`.
        layer_groups: One list of Keras layers a group, those without weights included, in the order
            of the network. "n copied layers" are the first n lists.
        operations: All operations in the order of the network, the input first.
        parents: For each operation the indices of those that it takes its input from.
    """

    model: keras.Model
    layer_groups: list[list]
    operations: list
    parents: list[tuple[int, ...]]

    def lower(self, n):
        """The Keras layers of the first `n` groups."""
        return [layer for group in self.layer_groups[:n] for layer in group]

    def copy_lower(self, other, n):
        """Copies weights and moving statistics of the first `n` groups of another `Network`."""
        for layer, source in zip(self.lower(n), other.lower(n), strict=True):
            copy_weights(source, layer)


def network_of(model):
    """Finds the layer groups of a model.

    A group is the smallest piece of the network that has two properties. It holds a kernel (weights
    of two or more dimensions), and it lies between two tensors that every path from the input to
    the output runs through. So in a chain each convolution and each dense layer is a group. Where
    the network branches, the whole is one group: a residual block with its shortcut, an inception
    module. Normalisation layers, PReLU and layers without weights belong to the group before them,
    or to the first one if there is none before.

    Args:
        model: A functional `keras.Model`, or a built `keras.Sequential`, with one input and one
            output.

    Returns:
        A `Network`.

    Raises:
        TypeError: If the layers of the model cannot be listed.
        ValueError: If it has several inputs or outputs, a layer that is called twice, a model with
            kernels inside it, or fewer than two layers.

    Example:
        >>> from keras_freq.models import ResNet18
        >>> network = network_of(ResNet18((32, 32, 3), 10, stem="small"))
        >>> len(network.layer_groups)
        10

    Source:
        Yosinski et al. (2014), whose network is a chain of eight layers.
    """
    if not isinstance(model, keras.Model) or not getattr(model, "inputs", None):
        raise TypeError(
            "`build_model` must return a functional keras.Model, or a keras.Sequential that begins "
            "with keras.Input: the layers of a subclassed model cannot be listed. "
            f"Received: {type(model).__name__}. Try `keras.Model(inputs, model.call(inputs))` with "
            "`inputs = keras.Input(shape)`"
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError(
            "`build_model` must return a model with one input and one output. "
            f"Received: {len(model.inputs)} inputs, {len(model.outputs)} outputs"
        )
    operations, parents = _ordered(model.inputs[0], model.outputs[0])
    groups, front = [], []
    for segment in _segments(parents):
        found = [operations[i] for i in segment if isinstance(operations[i], layers.Layer)]
        if any(_has_kernel(layer) for layer in found):
            groups.append([*front, *found])
            front = []
        else:
            (groups[-1] if groups else front).extend(found)
    if len(groups) < 2:
        raise ValueError(
            "`build_model` must return a network of at least two layers with weights, one to copy "
            f"and one to train. Received: {len(groups)} in {model.name!r}"
        )
    return Network(model, groups, operations, parents)


def check_same_structure(network, other, classes):
    """Raises unless two networks have the same layers, but for the number of classes.

    Args:
        network: A `Network`.
        other: Another.
        classes: The two numbers of classes that they were built for.
    """
    built = f"build_model({classes[0]}) and build_model({classes[1]})"
    counts = [len(network.layer_groups), len(other.layer_groups)]
    if counts[0] != counts[1]:
        raise ValueError(
            f"`build_model` must give the same layers each time. Received: {counts[0]} and "
            f"{counts[1]} layers with weights from {built}"
        )
    pairs = zip(network.layer_groups, other.layer_groups, strict=True)
    for n, groups in enumerate(pairs, start=1):
        last = n == counts[0]
        first, second = (
            [_description(layer, with_shapes=not last) for layer in group] for group in groups
        )
        if first != second:
            differing = [pair for pair in zip(first, second, strict=False) if pair[0] != pair[1]]
            told = " against ".join(differing[0]) if differing else "more layers in one of them"
            raise ValueError(
                "`build_model` must give the same layers each time; only the last one may depend "
                f"on the number of classes. Received: from {built}, layer {n} differs: {told}"
            )
    first, second = ([type(op).__name__ for op in one.operations] for one in (network, other))
    if (first, network.parents) != (second, other.parents):
        raise ValueError(
            f"`build_model` must connect its layers in the same way each time. Received: {built}, "
            "which differ"
        )


def structure_digest(network):
    """Names what a network is made of, whatever its layers are called: 16 hexadecimal digits."""
    facts = _facts(network.operations, network.parents)
    text = json.dumps(facts, default=repr, sort_keys=True)
    # Objects without a representation of their own show their address, which changes each time.
    return hashlib.sha256(re.sub(r" at 0x[0-9a-f]+", "", text).encode()).hexdigest()[:16]


def _facts(operations, parents):
    """What operations are, and how they are connected."""
    return [
        [type(operation).__name__, list(before), _without_names(_config(operation))]
        for operation, before in zip(operations, parents, strict=True)
    ]


def _ordered(start, end):
    """Operations from `start` to `end`, each after its parents, and the indices of the parents."""
    order, parents, places = [], [], {}
    stack = [(end._keras_history, False)]
    while stack:
        history, done = stack.pop()
        operation, node_index = history.operation, history.node_index
        if places.get(id(operation), (node_index,))[0] != node_index:
            raise ValueError(
                "`build_model` must use each layer once, since part of a shared layer cannot be "
                f"copied or frozen. Received: {operation.name!r} is called twice"
            )
        if id(operation) in places:
            continue
        node = operation._inbound_nodes[node_index]
        if not done:
            # A block of augmentations, say, is one operation. Kernels inside must be told apart.
            if isinstance(operation, keras.Model) and _has_kernel(operation):
                raise ValueError(
                    "`build_model` must return a model without models that have weights inside, "
                    "since their layers could not be told apart. "
                    f"Received: {operation.name!r} inside. Build it in one "
                    "graph: `x = inner.layers[1](x)` and so on, or `input_tensor=x` for "
                    "keras.applications"
                )
            stack.append((history, True))
            stack.extend((tensor._keras_history, False) for tensor in reversed(node.input_tensors))
            continue
        places[id(operation)] = (node_index, len(order))
        histories = [tensor._keras_history for tensor in node.input_tensors]
        parents.append(tuple(places[id(one.operation)][1] for one in histories))
        order.append(operation)
    if order[0] is not start._keras_history.operation:
        raise ValueError("`build_model` must return a model whose output depends on its input only")
    return order, parents


def _segments(parents):
    """Cuts the network after each operation that no path goes around.

    Yields the indices of the operations of one piece after the other.
    """
    reach = list(range(len(parents)))  # the last operation that takes the output of each
    for index, before in enumerate(parents):
        for parent in before:
            reach[parent] = max(reach[parent], index)
    begun, furthest = 0, 0
    for index in range(len(parents)):
        # All edges from earlier operations end here or earlier: every path runs through `index`.
        if furthest <= index:
            yield range(begun, index + 1)
            begun = index + 1
        furthest = max(furthest, reach[index])


def _has_kernel(layer):
    """Whether a layer counts by itself."""
    return not isinstance(layer, _BELONGING) and any(
        len(weight.shape) >= 2 for weight in layer.weights
    )


def _description(layer, *, with_shapes):
    """A layer by its class and shapes, in words."""
    if not with_shapes:
        return type(layer).__name__
    weights = [tuple(weight.shape) for weight in layer.weights]
    return f"{type(layer).__name__} with weights {weights} and outputs {layer.output.shape[1:]}"


def _config(operation):
    """How an operation was made; {} if it cannot say so."""
    # A model's own config is full of names. A subclassed one has no graph.
    if isinstance(operation, keras.Model) and getattr(operation, "inputs", None):
        return _facts(*_ordered(operation.inputs[0], operation.outputs[0]))
    try:
        return operation.get_config()
    except (NotImplementedError, TypeError, ValueError):
        return {}


def _without_names(config):
    """A config without the names that Keras gives, which differ between builds."""
    if isinstance(config, dict):
        kept = {key: value for key, value in config.items() if key != "name"}
        return {str(key): _without_names(value) for key, value in kept.items()}
    if isinstance(config, list | tuple):
        return [_without_names(value) for value in config]
    return config
