"""OverFeat's dense pooling: the last max-pool at every offset, for a finer map of scores."""

import math

import keras
from keras import layers

from keras_freq.dense.converted_layers import as_functional, clone_layer, starting_from_zeros
from keras_freq.dense.fully_convolutional import convolutionize
from keras_freq.dense.local_layers import CHANNELWISE, POINTWISE
from keras_freq.layers import LocalResponseNormalization, copy_weights


def dense_pooling(model, input_shape=(None, None, 3)):
    """Gives the last max-pool of a classifier stride 1, for scores on a finer grid.

    OverFeat applies the last pool at each of its stride's offsets, classifies each of the maps that
    result, and interleaves the scores. This function builds something simpler that gives the same
    numbers: a pool of stride 1, followed by kernels that are dilated by the old stride. The map is
    finer by that stride: an AlexNet's windows are 16 pixels apart instead of 32.

    Args:
        model: A classifier that `convolutionize` accepts, or a model that it has returned.
        input_shape: `(height, width, channels)` of the new model; None for any size.

    Returns:
        A fully convolutional `keras.Model` with copies of the weights. Every `stride`-th row and
        column of its map is the map of `convolutionize(model)`.

    Raises:
        ValueError: If the model has no max-pool with a stride, or has a path around the last one.
            Also if a layer after it has no dilated form: a strided convolution, an even kernel with
            padding, another pool. The message names the layer.

    Example:
        >>> import numpy as np
        >>> from keras_freq.models import LeNet5
        >>> image = np.zeros((1, 36, 36, 1), "float32")
        >>> convolutionize(LeNet5(), (None, None, 1))(image).shape
        TensorShape([1, 3, 3, 10])
        >>> dense_pooling(LeNet5(), (None, None, 1))(image).shape
        TensorShape([1, 5, 5, 10])

    Source:
        Sermanet et al. (2013), section 3.3; Fleuret, "Deep learning" 8.2.
    """
    model = convolutionize(model, input_shape)
    pools = [x for x in model.layers if isinstance(x, layers.MaxPooling2D) and max(x.strides) > 1]
    if not pools:
        inner = [layer.name for layer in model.layers if isinstance(layer, keras.Model)]
        where = f" outside of {inner}, the models inside it: build it in one graph" if inner else ""
        raise ValueError(
            f"`model` must have a max-pool with a stride. {model.name!r} has none{where}."
        )
    last_pool = pools[-1]
    if last_pool.padding != "valid":  # of a model of any size, for which nothing says where
        raise ValueError(
            "`model` must not pad its last max-pool. Its layer "
            f'{last_pool.name!r} has padding="same".'
        )

    spread = {}  # tensors after the pool, by id; the tensor keeps its id its own

    def call(layer, *args, **kwargs):
        tensors = [x for x in keras.tree.flatten(args) if isinstance(x, keras.KerasTensor)]
        if layer is last_pool:
            new = clone_layer(layer, strides=(1, 1))
        elif any(id(x) in spread for x in tensors):
            if not all(id(x) in spread for x in tensors):
                raise ValueError(
                    "`model` must not have a path around its last max-pool: its layer "
                    f"{layer.name!r} joins maps from {last_pool.name!r} with others."
                )
            new = _dilated(layer, last_pool.strides)
        elif not isinstance(layer, layers.Layer):
            return layer(*args, **kwargs)
        else:
            new = clone_layer(layer)
        if layer.weights:
            with starting_from_zeros(new):
                outputs = new(*args, **kwargs)
            copy_weights(layer, new)
        else:
            outputs = new(*args, **kwargs)
        if layer is last_pool or any(id(x) in spread for x in tensors):
            spread.update({id(x): x for x in keras.tree.flatten(outputs)})
        return outputs

    return keras.models.clone_model(
        as_functional(model), clone_function=lambda layer: layer, call_function=call
    )


def _dilated(layer, by):
    """What a layer becomes when its input has `by` times as many rows and columns."""
    if isinstance(layer, (*POINTWISE, *CHANNELWISE, LocalResponseNormalization)):
        return clone_layer(layer)
    if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D) and max(layer.strides) == 1:
        rates = [rate * factor for rate, factor in zip(layer.dilation_rate, by, strict=True)]
        reach = [(k - 1) * r for k, r in zip(layer.kernel_size, layer.dilation_rate, strict=True)]
        if layer.padding == "same" and any(one % 2 for one in reach):
            raise ValueError(
                f"`model` must not pad an even kernel after its last max-pool: {layer.name!r} pads "
                "one side more than the other, and its dilated form would not."
            )
        return clone_layer(layer, dilation_rate=tuple(rates))
    if isinstance(layer, layers.ZeroPadding2D):
        (top, bottom), (left, right) = layer.padding
        padding = ((top * by[0], bottom * by[0]), (left * by[1], right * by[1]))
        return clone_layer(layer, padding=padding)
    if (
        isinstance(layer, layers.AveragePooling2D)
        and max(layer.strides) == 1
        and layer.padding == "valid"
    ):
        # Keras has no dilated pool. The mean is a convolution with a constant kernel.
        return layers.DepthwiseConv2D(
            layer.pool_size,
            dilation_rate=tuple(by),
            depthwise_initializer=keras.initializers.Constant(1 / math.prod(layer.pool_size)),
            use_bias=False,
            trainable=False,
            name=layer.name,
            dtype=layer.dtype_policy,
        )
    raise ValueError(
        f"`model` has a layer after its last max-pool that has no dilated form: {layer.name!r} "
        f"({type(layer).__name__})."
    )
