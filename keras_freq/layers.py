"""Layers and an activation that Keras does not have, and how the weights of layers are copied.

They are written with `keras.ops` alone, so that any backend runs them.
"""

import keras
import numpy as np
from keras import ops

from keras_freq import checks


@keras.saving.register_keras_serializable(package="keras_freq")
class LocalResponseNormalization(keras.layers.Layer):
    """Divides each activation by the activity of the channels beside it.

    `y[c] = x[c] / (bias + alpha * sum(x[j]^2 for j in c - r .. c + r)) ** beta`, where `r` is
    `depth_radius` and channels outside the range count as zero. The sum runs over the *last* axis
    and is taken in float32 at least, also in a mixed-precision model.

    Args:
        depth_radius: `r`, an integer >= 0. The window holds `2 r + 1` channels. Defaults to 2.
        bias: The paper's k, > 0. Defaults to 2.
        alpha: The weight of the sum of squares, >= 0. Defaults to 1e-4.
        beta: The exponent, > 0. Defaults to 0.75.
        alpha_per_channel: Whether `alpha` is divided by the window `2 r + 1`, so that it weighs
            the *mean* square. Caffe and PyTorch do so: their `alpha` is `2 r + 1` times the
            paper's. Defaults to False.
        **kwargs: `name`, `dtype` and other arguments of a Keras layer.

    Call shapes: `(..., channels)` in and out. A saved model with this layer reloads where
    `keras_freq.layers` has been imported.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
        >>> layer = LocalResponseNormalization(depth_radius=1, bias=1.0, alpha=1.0, beta=1.0)
        >>> [round(float(y), 3) for y in layer(ops.array([[1.0, 2.0, 3.0]]))[0]]
        [0.167, 0.133, 0.214]

    Source:
        Krizhevsky, Sutskever and Hinton (2012), section 3.3. The defaults are the paper's: k = 2,
        n = 5 channels, alpha = 1e-4, beta = 0.75. `tf.nn.local_response_normalization` is the same
        formula with other defaults (radius 5, bias 1, alpha 1, beta 0.5).
    """

    def __init__(
        self,
        depth_radius=2,
        bias=2.0,
        alpha=1e-4,
        beta=0.75,
        alpha_per_channel=False,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.depth_radius = checks.integer("depth_radius", depth_radius, least=0)
        self.bias = checks.positive("bias", bias, "a number")
        self.alpha = checks.number("alpha", alpha, 0, np.inf, "a number")
        self.beta = checks.positive("beta", beta, "a number")
        self.alpha_per_channel = bool(alpha_per_channel)
        self.supports_masking = True

    def call(self, inputs):
        """Normalises `inputs`, `(..., channels)`."""
        # In float16 the square of an activation above 255 is already infinite.
        low_precision = keras.backend.standardize_dtype(inputs.dtype) in ("float16", "bfloat16")
        x = ops.cast(inputs, "float32") if low_precision else inputs
        alpha = self.alpha / (2 * self.depth_radius + 1) if self.alpha_per_channel else self.alpha

        # A product with a band of ones: its gradient takes a quarter of the time of added slices.
        channel = ops.arange(inputs.shape[-1])
        near = ops.abs(channel[:, None] - channel[None, :]) <= self.depth_radius
        total = ops.matmul(ops.square(x), ops.cast(near, x.dtype))
        normalised = x * ops.power(self.bias + alpha * total, -self.beta)
        return ops.cast(normalised, inputs.dtype)

    def compute_output_shape(self, input_shape):
        """The shape is unchanged."""
        return input_shape

    def get_config(self):
        """The arguments, for saving."""
        return {
            **super().get_config(),
            "depth_radius": self.depth_radius,
            "bias": self.bias,
            "alpha": self.alpha,
            "beta": self.beta,
            "alpha_per_channel": self.alpha_per_channel,
        }


@keras.saving.register_keras_serializable(package="keras_freq")
def abs_tanh(x):
    """The rectified hyperbolic tangent `abs(tanh(x))`, an activation.

    Args:
        x: Tensor of any shape.

    Returns:
        A tensor of the same shape, within 0 and 1.

    Example:
        >>> [round(float(y), 3) for y in abs_tanh(ops.array([-1.0, 0.0, 2.0]))]
        [0.762, 0.0, 0.964]

    Source:
        Jarrett et al. (2009), section 2: the nonlinearity and rectification after which random
        filters are nearly as good as learned ones there.
    """
    return ops.abs(ops.tanh(x))


def copy_weights(source, target):
    """Copies the weights of a layer or model into one of the same structure.

    `set_weights` alone is not enough for Keras' `Normalization`. That layer computes with constants
    that it derives from its weights, and `set_weights` does not derive them anew.

    Args:
        source: `keras.Layer`, built.
        target: `keras.Layer`, built, with weights of the same shapes.

    Raises:
        ValueError: If number or shapes of the weights differ.

    Example:
        >>> images = np.array([[[[1.0]], [[3.0]]]], "float32")
        >>> learned, copy = keras.layers.Normalization(), keras.layers.Normalization()
        >>> learned.adapt(images)
        >>> copy.build(images.shape)
        >>> copy_weights(learned, copy)
        >>> np.asarray(copy(images)).ravel().tolist()
        [-1.0, 1.0]
    """
    target.set_weights([np.asarray(weight) for weight in source.weights])
    for layer in _with_layers_inside(target):
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()


def _with_layers_inside(layer):
    """A layer, and if it is a model its layers, however deep."""
    yield layer
    for inner in getattr(layer, "layers", []):
        yield from _with_layers_inside(inner)
