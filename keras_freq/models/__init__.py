"""The networks of the course, as functional Keras models.

Every builder is `Builder(input_shape, num_classes, *, mean, std, classifier_activation, ...)`. The
models take float images in [0, 1], `(N, H, W, C)`, and normalise them inside; they end in a linear
layer "logits" and, unless `classifier_activation=None`, the activation "predictions". `describe()`
lists them. Saved ones reload after `import keras_freq.layers`.

Networks of `keras.applications` join in the same way: images in [0, 1] at one end, class scores at
the other. EfficientNet and ConvNeXt normalise inside, from [0, 255]:

    images = keras.Input((224, 224, 3))
    x = keras.layers.Rescaling(255.0)(images)
    x = keras.applications.EfficientNetB0(weights=None, classes=10)(x)
    model = keras.Model(images, x)

`keras.utils.plot_model(model, "model.png", show_shapes=True)` draws them, with pydot (the extra
"plot-model") and the program Graphviz, which in some versions needs `show_shapes=False` for
ResNeXt50.

Importing this package loads no TensorFlow: each builder is imported at its first use (PEP 562).
"""

import importlib

# Public name -> the module of this package that defines it.
_EXPORTS = {
    "AUXILIARY_LOSS_WEIGHTS": "googlenet",
    "AlexNet": "alexnet",
    "AlexNet2012": "alexnet",
    "AlexNetFlowers": "alexnet",
    "AlexNetSmall": "alexnet",
    "GoogLeNet": "googlenet",
    "LeNet5": "lenet",
    "NiN": "nin",
    "ResNeXt50": "resnext",
    "ResNet18": "resnet",
    "ResNet34": "resnet",
    "ResNet50": "resnet",
    "VGG16": "vgg",
    "VGG19": "vgg",
    "aggregated_block": "resnext",
    "bottleneck_block": "resnet",
    "describe": "catalogue",
    "imagenet_class_names": "predictions",
    "inception_naive": "googlenet",
    "inception_reduced": "googlenet",
    "load_torch_weights": "weights",
    "mlp_convolution": "nin",
    "multiply_adds": "cost",
    "residual_block": "resnet",
    "top_predictions": "predictions",
    "trainable_parameters": "cost",
}

__all__ = sorted(_EXPORTS)


def __getattr__(name):
    if name not in _EXPORTS:
        raise AttributeError(f"module 'keras_freq.models' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"keras_freq.models.{_EXPORTS[name]}"), name)
    globals()[name] = value
    return value


def __dir__():
    return __all__
