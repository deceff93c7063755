"""The values that networks take their images in, and how images in [0, 1] become them."""

import keras
import numpy as np

from keras_freq import checks
from keras_freq.classifier.convention_values import CONVENTIONS, conventions_for

# The input of a model that prepares images in [0, 1] for another one. `check_model` knows it.
PREPARES = "images_in_0_1"
# The modes of `keras.applications.imagenet_utils.preprocess_input`, which takes 0 to 255.
KERAS_MODES = {"-1..1": "tf", "torch": "torch", "caffe": "caffe"}


def check_inputs_argument(inputs, channels):
    """Raises unless `inputs` is a convention for images of some channels, or a Keras layer.

    Args:
        inputs: What the user gave.
        channels: The number of channels of the images.
    """
    if converter_of(inputs) is not None or isinstance(inputs, keras.Layer):
        return
    if callable(inputs):
        raise TypeError(
            "`inputs` must be a name or a keras.Layer. "
            f"Received: the function {getattr(inputs, '__name__', inputs)!r}. For a "
            "`preprocess_input` of keras.applications give the name of what it makes: '0..255' "
            "(EfficientNet, ConvNeXt, MobileNetV3), '-1..1' (mode 'tf': MobileNet, Inception, "
            "Xception), 'torch' (DenseNet) or 'caffe' (VGG, ResNet50)"
        )
    checks.choice("inputs", inputs, tuple(CONVENTIONS))
    if inputs not in conventions_for(channels):
        raise ValueError(
            f"`inputs` must be one of {', '.join(map(repr, conventions_for(channels)))} for images "
            f"of {channels} channels: {inputs!r} has means of R, G and B. "
            f"Received: inputs={inputs!r}"
        )


def prepared(images, inputs):
    """Prepares images in [0, 1] as a network takes them.

    Args:
        images: A Keras tensor or an array `(N, H, W, C)`, RGB in [0, 1].
        inputs: A name of `CONVENTIONS`, a Keras layer or model, or a KerasHub task or preprocessor.

    Returns:
        A tensor `(N, H, W, C)`, float32; of a layer's own type if `inputs` is one.

    Example:
        >>> np.asarray(prepared(np.ones((1, 1, 1, 3), "float32"), "caffe")).ravel().round(2)
        array([151.06, 138.22, 131.32], dtype=float32)
    """
    converter = converter_of(inputs)
    if converter is not None:
        return _converted(images, converter)
    if isinstance(inputs, keras.Layer):
        return inputs(images)
    scale, offset = CONVENTIONS[inputs]
    if inputs == "caffe":
        images = keras.ops.flip(images, axis=-1)
    if inputs == "0..1":
        return images
    # In float32, whatever the policy: float16 would round 255 steps away.
    return keras.layers.Rescaling(scale, offset, dtype="float32")(images)


def converter_of(model):
    """Gives the image converter of a KerasHub task or preprocessor; None for all else."""
    preprocessor = getattr(model, "preprocessor", model)
    return getattr(preprocessor, "image_converter", None)


def _converted(images, converter):
    """Does what an image converter of KerasHub does, which takes values from 0 to 255.

    Its own call does not serialise as a part of a model.
    """
    size = converter.image_size
    if size is not None and tuple(size) != tuple(images.shape[1:3]):
        # Not by a Resizing layer, with which a plain call of the model would run as in training.
        ways = ("interpolation", "antialias", "crop_to_aspect_ratio", "pad_to_aspect_ratio")
        options = {way: getattr(converter.resizing, way) for way in ways}
        images = keras.ops.image.resize(images, tuple(size), **options)
    scale = np.asarray(1.0 if converter.scale is None else converter.scale) * 255
    offset = np.asarray(0.0 if converter.offset is None else converter.offset)
    return keras.layers.Rescaling(scale.tolist(), offset.tolist(), dtype="float32")(images)
