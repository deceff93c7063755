"""A table of the networks with their sizes.

The sizes are written down, so that the list does not load TensorFlow. A test builds every network
and compares.
"""

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
