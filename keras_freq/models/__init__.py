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

Importing this package loads no TensorFlow: each builder is imported at its first use.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
