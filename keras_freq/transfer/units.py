"""The layers of a network as transfer counts them, and whether two networks have the same ones."""

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
    """A model, and its layers with weights in units that can be copied and frozen.

    Attributes:
        model: A functional `keras.Model`.
        units: One list of Keras layers a unit, those without weights included, in the order of the
            network: n copied layers are the first n lists.
        operations: All operations in the order of the network, the input first.
        parents: For each of them the indices of those that it takes its input from.
    """

    model: keras.Model
    units: list[list]
    operations: list
    parents: list[tuple[int, ...]]

    def lower(self, n):
        """The Keras layers of the first `n` units."""
        return [layer for unit in self.units[:n] for layer in unit]

    def copy_lower(self, other, n):
        """Copies weights and moving statistics of the first `n` units of another `Network`."""
        for layer, source in zip(self.lower(n), other.lower(n), strict=True):
            copy_weights(source, layer)

    def freeze_lower(self, n):
        """Makes the first `n` units constants of the training."""
        for layer in self.lower(n):
            layer.trainable = False


def network_of(model):
    """Finds the layers that transfer counts.

    A layer is the smallest piece of the network that holds a kernel (weights of two or more
    dimensions) and lies between two tensors that every path from the input to the output runs
    through. So a chain counts its convolutions and dense layers, and what branches counts as a
    whole: a residual block with its shortcut, an inception module. Normalisation layers, PReLU and
    all that has no weights belong to the layer before them, or to the first layer if there is none
    before.

    Args:
        model: A functional `keras.Model`, or a built `keras.Sequential`, with one input and one
            output.

    Returns:
        A `Network`.

    Raises:
        TypeError: If the layers of the model cannot be listed.
        ValueError: If it has several inputs or outputs, a layer that is called twice, a model
            inside it, or fewer than two layers.

    Example:
        >>> from keras_freq.models import ResNet18
        >>> network = network_of(ResNet18((32, 32, 3), 10, stem="small"))
        >>> len(network.units)
        10

    Source:
        Yosinski et al. (2014), whose network is a chain of eight layers.
    """
    if not isinstance(model, keras.Model):
        raise TypeError(
            f"`build_model` must return a keras.Model. Received: {type(model).__name__}"
        )
    if not getattr(model, "inputs", None) or not getattr(model, "outputs", None):
        raise TypeError(
            "`build_model` must return a functional keras.Model (or a keras.Sequential that begins "
            "with keras.Input): the layers of a subclassed model cannot be listed. "
            f"Received: {type(model).__name__}"
        )
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ValueError(
            "`build_model` must return a model with one input and one output. "
            f"Received: {len(model.inputs)} inputs, {len(model.outputs)} outputs"
        )
    operations, parents = _ordered(model.inputs[0], model.outputs[0])
    units, front = [], []
    for segment in _segments(parents):
        found = [operations[i] for i in segment if isinstance(operations[i], layers.Layer)]
        if any(_has_kernel(layer) for layer in found):
            units.append([*front, *found])
            front = []
        else:
            (units[-1] if units else front).extend(found)
    if len(units) < 2:
        raise ValueError(
            "`build_model` must return a network of at least two layers with weights, one to copy "
            f"and one to train. Received: {len(units)} in {model.name!r}"
        )
    return Network(model, units, operations, parents)


def check_same_structure(network, other, classes):
    """Raises unless two networks have the same layers, but for the number of classes.

    Args:
        network: A `Network`.
        other: Another.
        classes: The two numbers of classes that they were built for.
    """
    counts = [len(network.units), len(other.units)]
    built = f"build_model({classes[0]}) and build_model({classes[1]})"
    if counts[0] != counts[1]:
        raise ValueError(
            f"`build_model` must give the same layers each time. Received: {counts[0]} and "
            f"{counts[1]} layers with weights from {built}"
        )
    for n, pair in enumerate(zip(network.units, other.units, strict=True), start=1):
        last = n == counts[0]
        described = [[_description(layer, with_shapes=not last) for layer in unit] for unit in pair]
        if described[0] != described[1]:
            differing = [(a, b) for a, b in zip(*described, strict=False) if a != b]
            told = " against ".join(differing[0]) if differing else "more layers in one of them"
            raise ValueError(
                "`build_model` must give the same layers each time; only the last one may depend "
                f"on the number of classes. Received: from {built}, layer {n} differs: {told}"
            )
    wired = [
        [
            (type(op).__name__, before)
            for op, before in zip(one.operations, one.parents, strict=True)
        ]
        for one in (network, other)
    ]
    if wired[0] != wired[1]:
        raise ValueError(
            f"`build_model` must connect its layers in the same way each time. Received: {built}, "
            "which differ"
        )


def structure_digest(network):
    """Names what a network is made of, whatever its layers are called: 16 hexadecimal digits."""
    facts = []
    for operation, before in zip(network.operations, network.parents, strict=True):
        config = _without_names(operation.get_config()) if _configurable(operation) else {}
        facts.append([type(operation).__name__, list(before), config])
    text = json.dumps(facts, default=repr, sort_keys=True)
    # Objects without a representation of their own show their address, which is another each time.
    return hashlib.sha256(re.sub(r" at 0x[0-9a-f]+", "", text).encode()).hexdigest()[:16]


def _ordered(start, end):
    """Operations from `start` to `end`, each after those it depends on, and these as indices."""
    order, parents, places = [], [], {}
    stack = [(end._keras_history, False)]
    while stack:
        history, done = stack.pop()
        operation, node_index = history.operation, history.node_index
        if places.get(id(operation), (node_index,))[0] != node_index:
            raise ValueError(
                "`build_model` must use each layer once: copying and freezing part of a layer that "
                f"is shared has no meaning. Received: {operation.name!r} is called twice"
            )
        if id(operation) in places:
            continue
        node = operation._inbound_nodes[node_index]
        if not done:
            if isinstance(operation, keras.Model):
                raise ValueError(
                    "`build_model` must return a model without models inside, whose layers could "
                    f"not be told apart. Received: {operation.name!r} inside. Build it in one "
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
    """Cuts the order after each operation that no path goes around.

    Yields the indices of the operations of a piece.
    """
    reach = list(range(len(parents)))  # the last operation that takes the output of each
    for index, before in enumerate(parents):
        for parent in before:
            reach[parent] = max(reach[parent], index)
    begun, furthest = 0, 0
    for index in range(len(parents)):
        # Edges from before `index` all end at it or earlier: every path is through `index`.
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


def _configurable(operation):
    """Whether an operation can say how it was made."""
    try:
        operation.get_config()
    except (NotImplementedError, TypeError, ValueError):
        return False
    return True


def _without_names(config):
    """A config without the names that Keras gives, which differ between builds."""
    if isinstance(config, dict):
        kept = {key: value for key, value in config.items() if key != "name"}
        return {str(key): _without_names(value) for key, value in kept.items()}
    if isinstance(config, list | tuple):
        return [_without_names(value) for value in config]
    return config
