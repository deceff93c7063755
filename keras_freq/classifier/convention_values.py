"""The values that networks take their images in: names and numbers, which need no Keras."""

_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_DEVIATION = (0.229, 0.224, 0.225)
_CAFFE_MEAN = (103.939, 116.779, 123.68)

# Name -> scale and offset of images in [0, 1]. "caffe" also turns RGB into BGR, first.
CONVENTIONS = {
    "0..1": (1.0, 0.0),
    "0..255": (255.0, 0.0),
    "-1..1": (2.0, -1.0),
    "torch": (
        [1 / deviation for deviation in _IMAGENET_DEVIATION],
        [-m / d for m, d in zip(_IMAGENET_MEAN, _IMAGENET_DEVIATION, strict=True)],
    ),
    "caffe": (255.0, [-mean for mean in _CAFFE_MEAN]),
}
_FOR_RGB = ("torch", "caffe")


def conventions_for(channels):
    """Names the conventions that images of some channels can have.

    Example:
        >>> conventions_for(1)
        ['0..1', '0..255', '-1..1']
    """
    return [name for name in CONVENTIONS if channels == 3 or name not in _FOR_RGB]
