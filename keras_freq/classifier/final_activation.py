"""Taking the softmax or sigmoid off the end of a model, wherever its graph shows one."""

import warnings

import keras
import numpy as np
from scipy.special import expit, softmax

# Between them, `1 - p` and `p` are exact in any type of float.
_PROBABILITIES = np.array([[0.0], [0.25], [0.5], [0.75], [1.0]], np.float32)


def without_activation(model):
    """Builds a model that gives the logits of a classifier that ends in a softmax or sigmoid.

    The weights are shared, except that a last layer with its own activation is copied. A softmax is
    known by what it computes: a layer, an activation, `tf.nn.softmax` or a function of one's own.
    So are the two scores `1 - p` and `p` that are made of one sigmoid `p` of z, as by `Concatenate`
    or `Lambda`. Their logits are 0 and z.

    Args:
        model: A `keras.Model` that gives `(N, K)`.

    Returns:
        A `keras.Model` that gives logits `(N, K)`. None if the graph shows neither at the end.

    Example:
        >>> layers = [keras.Input((5,)), keras.layers.Dense(3, activation="softmax")]
        >>> logits = without_activation(keras.Sequential(layers))
        >>> bool(np.allclose(logits(np.zeros((1, 5))), 0))
        True
    """
    logits = _before(model, _is_softmax)
    return _up_to(model, _of_one_sigmoid(model) if logits is None else logits)


def without_sigmoids(model):
    """Builds a model that gives the logits of one that ends in sigmoids; None if it does not."""
    return _up_to(model, _before(model, _is_sigmoid))


def ends_in_sigmoids(model):
    """Tells whether a model ends in one sigmoid a class, each of its own logit."""
    return _before(model, _is_sigmoid) is not None


def ends_linearly(model):
    """Tells whether the model's last layer says that it has no activation."""
    operation, _, _ = _last_operation(model)
    if isinstance(operation, keras.Model):
        return ends_linearly(operation)
    return getattr(operation, "activation", None) is keras.activations.linear


def _up_to(model, tensor):
    """Gives a model up to one tensor of its graph; None if there is no such tensor."""
    if tensor is None:
        return None
    return keras.Model(model.inputs[0] if len(model.inputs) == 1 else model.inputs, tensor)


def _before(model, is_activation):
    """Gives what a model's last activation is computed of, a tensor; None if it is another."""
    operation, taken, given = _last_operation(model)
    return None if operation is None else _taken_off(operation, taken, given, is_activation)


def _taken_off(operation, taken, given, is_activation):
    """Gives what the activation at the end of an operation is computed of; None if it is another.

    Args:
        operation: A Keras layer or operation, or a model as a layer.
        taken: The tensor that it takes.
        given: The tensor that it gives.
        is_activation: `_is_softmax` or `_is_sigmoid`.
    """
    if isinstance(operation, keras.Model):
        inner = _up_to(operation, _before(operation, is_activation))
        return None if inner is None else inner(taken)
    if len(given.shape) != 2:
        return None
    half = keras.backend.standardize_dtype(given.dtype) in ("float16", "bfloat16")
    if not getattr(operation, "weights", ()):
        same = taken.shape == given.shape
        return taken if same and is_activation(operation, given.shape[-1], half) else None
    activation = getattr(operation, "activation", None)
    if activation is None or not is_activation(activation, given.shape[-1], half):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an activation by `lambda`, which is not copied
        config = {**operation.get_config(), "activation": "linear"}
    try:
        linear = type(operation).from_config(config)
    except Exception:  # by an initializer of somebody's own, which the weights need not
        zeros = {name: "zeros" for name in config if name.endswith("_initializer")}
        linear = type(operation).from_config(config | zeros)
    logits = linear(taken)
    try:
        linear.set_weights(operation.get_weights())
    except ValueError:  # in float8, a new layer has its weights in another order
        saved = {}
        operation.save_own_variables(saved)
        linear.load_own_variables(saved)
    return logits


def _is_softmax(function, num_classes, half):
    return num_classes > 1 and _computes(function, softmax, num_classes, half)


def _is_sigmoid(function, num_classes, half):
    return _computes(function, lambda logits, axis: expit(logits), num_classes, half)


def _computes(function, wanted, num_classes, half):
    """Tells whether a function of logits `(N, K)` is a wanted one, also where that is tiny."""
    size, tolerance = (3, 0.05) if half else (30, 1e-3)
    logits = np.random.default_rng(0).uniform(-size, size, (8, num_classes)).astype("float32")
    try:
        with keras.StatelessScope():
            values = keras.ops.convert_to_numpy(function(keras.ops.convert_to_tensor(logits)))
    except Exception:  # a function of somebody's own, which takes something else
        return False
    expected = wanted(np.asarray(logits, np.float64), axis=-1)
    return values.shape == expected.shape and np.allclose(
        np.asarray(values, np.float64), expected, rtol=tolerance, atol=0
    )


def _of_one_sigmoid(model):
    """Gives the logits 0 and z of a model whose two scores are made of one sigmoid of z."""
    outputs = getattr(model, "outputs", None) or []
    if len(outputs) != 1 or tuple(outputs[0].shape[1:]) != (2,):
        return None
    operation, taken, _ = _last_operation(model)
    if isinstance(operation, keras.Model) and taken is not None:
        inner = _up_to(operation, _of_one_sigmoid(operation))
        if inner is not None:
            return inner(taken)
    for operation, taken, sigmoid in _operations_before(outputs[0]):
        if len(sigmoid.shape) == 2 and sigmoid.shape[1] == 1:
            order = _order_of_scores(sigmoid, outputs[0])
            logit = order and _taken_off(operation, taken, sigmoid, _is_sigmoid)
            if logit is not None:
                pair = [keras.ops.zeros_like(logit), logit][::order]
                return keras.ops.concatenate(pair, axis=-1)
    return None


def _operations_before(tensor):
    """Yields what computes a tensor, the last first: operations of one tensor, what each takes and
    gives.
    """
    waiting, seen = [tensor], set()
    while waiting:
        given = waiting.pop(0)
        history = getattr(given, "_keras_history", None)
        if history is None or id(given) in seen:
            continue
        seen.add(id(given))
        node = history.operation._inbound_nodes[history.node_index]
        if len(node.input_tensors) == 1:
            yield history.operation, node.input_tensors[0], given
        waiting += node.input_tensors


def _order_of_scores(probability, scores):
    """Tells whether scores are `1 - p` and `p` (1), or `p` and `1 - p` (-1); None if neither."""
    try:
        end = keras.Model(probability, scores)
        values = np.asarray(keras.ops.convert_to_numpy(end(_PROBABILITIES, training=False)))
    except Exception:  # the scores depend on more than this tensor
        return None
    pair = np.concatenate([1 - _PROBABILITIES, _PROBABILITIES], axis=1)
    return next((order for order in (1, -1) if np.array_equal(values, pair[:, ::order])), None)


def _last_operation(model):
    """Finds the operation that makes the output of a model, what it takes, and what it gives.

    All are None where there is no graph, or where that operation takes several tensors.
    """
    outputs = getattr(model, "outputs", None) or []
    tensors = outputs
    while len(tensors) == 1 and (history := getattr(tensors[0], "_keras_history", None)):
        given = tensors[0]
        tensors = history.operation._inbound_nodes[history.node_index].input_tensors
        if not _changes_nothing(history.operation):
            one = len(tensors) == 1
            return (history.operation, tensors[0], given) if one else (None, None, None)
    return None, None, None


def _changes_nothing(operation):
    """Tells whether the output of an operation is its input.

    `Activation("linear", dtype="float32")` is the usual end of models in mixed precision.
    """
    if isinstance(operation, keras.layers.Activation):
        return operation.activation is keras.activations.linear
    # The operation behind `keras.ops.cast` has no public name.
    return isinstance(operation, keras.layers.Identity) or type(operation).__name__ == "Cast"
