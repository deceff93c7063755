"""The WordNet ids of ImageNet's classes, in the order in which networks give them."""

import functools
from pathlib import Path


@functools.cache
def imagenet_wordnet_ids():
    """Gives the WordNet ids of the 1000 classes of ImageNet (ILSVRC-2012), in their order.

    Returns:
        A tuple of 1000 strings. The place of an id is the class's output of networks in
        `keras.applications` and elsewhere.

    Example:
        >>> imagenet_wordnet_ids().index("n02391049")  # zebra
        340
    """
    path = Path(__file__).with_name("imagenet_wordnet_ids.txt")
    return tuple(path.read_text(encoding="ascii").split())
