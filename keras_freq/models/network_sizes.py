"""The sizes of the networks: a table of them, and how to count parameters and multiply-adds.

The table and the options of builders are written down, so that listing and checking them does not
load TensorFlow. A test builds every network and compares.
"""

import math

_COLUMNS = ("name", "input", "classes", "parameters", "multiply_adds", "source")

_MODELS = (
    ("LeNet5", (28, 28, 1), 10, 44_426, 281_640, "LeCun et al. 1998, as in Fleuret 8.2"),
    ("AlexNet", (224, 224, 3), 1000, 61_100_840, 714_188_480, "Krizhevsky 2014, as in PyTorch"),
    ("AlexNet2012", (224, 224, 3), 1000, 60_965_224, 724_406_816, "Krizhevsky et al. 2012"),
    ("AlexNetFlowers", (224, 224, 3), 5, 46_767_493, 1_005_870_208, "Nammi et al. 2024"),
    ("AlexNetSmall", (32, 32, 3), 10, 24_343_786, 85_377_024, "AlexNet's widths, for small images"),
    ("VGG16", (224, 224, 3), 1000, 138_357_544, 15_470_264_320, "Simonyan and Zisserman 2014"),
    ("VGG19", (224, 224, 3), 1000, 143_667_240, 19_632_062_464, "Simonyan and Zisserman 2014"),
    ("NiN", (224, 224, 3), 1000, 7_595_176, 969_460_864, "Lin et al. 2013"),
    ("GoogLeNet", (224, 224, 3), 1000, 6_998_552, 1_582_671_872, "Szegedy et al. 2015"),
    ("ResNet18", (224, 224, 3), 1000, 11_689_512, 1_814_073_344, "He et al. 2016"),
    ("ResNet34", (224, 224, 3), 1000, 21_797_672, 3_663_761_408, "He et al. 2016"),
    (
        "ResNet50",
        (224, 224, 3),
        1000,
        25_583_592,
        3_857_973_248,
        "He et al. 2016, keras.applications",
    ),
    ("ResNeXt50", (224, 224, 3), 1000, 25_028_904, 4_230_479_872, "Xie et al. 2017"),
)

_OPTIONS = ("mean", "std", "classifier_activation", "weight_decay", "name")
_MORE_OPTIONS = {
    **dict.fromkeys(("AlexNet", "AlexNet2012", "AlexNetFlowers"), ("dropout",)),
    "AlexNetSmall": ("dropout", "width", "activation", "batch_norm"),
    **dict.fromkeys(("VGG16", "VGG19"), ("head", "batch_norm", "dropout")),
    "NiN": ("stem", "dropout"),
    "GoogLeNet": ("batch_norm", "torchvision", "auxiliary", "dropout"),
    **dict.fromkeys(("ResNet18", "ResNet34", "ResNeXt50"), ("stem",)),
}


def builder_options(name):
    """Names the options of a builder beside the shape of images and the number of classes.

    Args:
        name: The name of a network, as from `describe`.

    Returns:
        A tuple of strings.

    Example:
        >>> builder_options("LeNet5")
        ('mean', 'std', 'classifier_activation', 'weight_decay', 'name')
    """
    return (*_MORE_OPTIONS.get(name, ()), *_OPTIONS)


def describe():
    """Lists the builders of `keras_freq.models`, with the sizes at their default arguments.

    Returns:
        A list of dictionaries with the keys `name`, `input` (height, width, channels), `classes`,
        `parameters` (trainable ones), `multiply_adds` (of one image, in convolutions and dense
        layers) and `source`, family by family.

    Example:
        >>> describe()[0]["name"], describe()[0]["parameters"]
        ('LeNet5', 44426)
    """
    return [dict(zip(_COLUMNS, row, strict=True)) for row in _MODELS]


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
    _check_model(model)
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
    _check_model(model)
    _refuse_repeated(model)
    return sum(_layer_multiply_adds(layer) for layer in model.layers)


def _check_model(model):
    """Raises unless it is a `keras.Model`."""
    from keras_freq import checks  # it loads NumPy, and listing the models does not

    checks.keras_model("model", model)


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
    import keras
    from keras import layers

    counted = (
        layers.Dense,
        layers.Conv1D,
        layers.Conv2D,
        layers.Conv3D,
        layers.DepthwiseConv1D,
        layers.DepthwiseConv2D,
        layers.SeparableConv1D,
        layers.SeparableConv2D,
    )
    if isinstance(layer, keras.Model):
        return multiply_adds(layer)
    kernels = [weight.shape for weight in layer.weights if len(weight.shape) > 1]
    if not kernels:
        return 0
    if not isinstance(layer, counted):
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
