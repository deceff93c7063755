"""ImageNet-10: the ten classes of the frequency study, out of any copy of ImageNet."""

from keras_freq import checks
from keras_freq.data.class_folders import image_folder
from keras_freq.data.folder_tree import class_folders, part_folders
from keras_freq.data.listed_folders import checked_root
from keras_freq.data.tfds_sets import tfds_dataset
from keras_freq.fourier import height_width

# WordNet id -> the study's name, in the study's order.
IMAGENET10 = {
    "n02690373": "airliner",
    "n02814533": "wagon",
    "n01833805": "humming bird",
    "n02123597": "Siamese cat",
    "n02403003": "ox",
    "n02099601": "golden retriever",
    "n01644900": "tailed frog",
    "n02391049": "zebra",
    "n03095699": "container ship",
    "n04467665": "trailer truck",
}
_PARTS = {"train": ("train",), "validation": ("validation", "test")}


def imagenet10(path=None, *, split="train", image_size=224, **options):
    """Reads the ten classes of ImageNet-10.

    Args:
        path: A folder of class folders named by their WordNet id (`n02391049`) or by the class
            (`zebra`). Or a folder that holds such folders called `train` and one of `val`,
            `validation` and `test`, or alike. All other classes are left out, so it may hold all of
            ImageNet. Defaults to None, which reads the set `imagenet2012` of TensorFlow Datasets.
        split: "train" or "validation". Defaults to "train".
        image_size: Int or `(height, width)`, in pixels. Defaults to 224.
        **options: Those of `image_folder`, or, without a path, of `tfds_dataset`.

    Returns:
        A `tf.data.Dataset` of `(images, labels)` batches with labels from 0 to 9 and
        `class_names`: airliner, wagon, humming bird, Siamese cat, ox, golden retriever, tailed
        frog, zebra, container ship, trailer truck.

    Raises:
        ValueError: If `split` is none of the two, if the folder is not there, or if classes are
            missing in it. The message says which.

    Example:
        >>> import keras_freq as kf
        >>> kf.data.imagenet10("no/such/folder")
        Traceback (most recent call last):
        ...
        ValueError: `path` must be a folder of class folders. Received: no/such/folder ...

    Source:
        The classes of Wang et al., "What do neural networks learn in image classification? A
        frequency shortcut perspective", ICCV 2023. "Wagon" is ImageNet's beach wagon, n02814533.
    """
    checks.choice("split", split, tuple(_PARTS))
    image_size = height_width(image_size, "image_size")
    if path is None:
        options = {"image_size": image_size, "classes": IMAGENET10, **options}
        return tfds_dataset("imagenet2012", split, **options)
    folder = _split_folder(checked_root(path), split)
    options = {"image_size": image_size, "classes": _class_folders(folder), **options}
    return image_folder(folder, **options)


def _class_folders(folder):
    """Finds the folder of each of the ten classes, by its WordNet id or its name.

    Returns:
        A dict `{folder name: class name}`, in the study's order.
    """
    there = {_plain(entry.name): entry.name for entry in class_folders(folder)}
    found, missing = {}, []
    for wordnet_id, name in IMAGENET10.items():
        if (key := next((k for k in (wordnet_id, _plain(name)) if k in there), None)) is None:
            missing.append(f"{name} ({wordnet_id})")
        else:
            found[there[key]] = name
    if missing:
        raise ValueError(
            f"`path` must hold a folder for each of the ten classes. Missing in {folder}: "
            f"{', '.join(missing)}"
        )
    return found


def _split_folder(path, split):
    """The folder of one split: a sub-folder, or the folder itself if it has no splits."""
    parts = part_folders(path)
    for part in _PARTS[split]:
        if part in parts:
            return parts[part]
    if parts:
        raise ValueError(
            f"`path` has no folder for the split {split!r} ({' or '.join(_PARTS[split])}). "
            f"Received: {path}, which holds {', '.join(part.name for part in parts.values())}"
        )
    return path


def _plain(name):
    """A class name as folders may spell it: no capitals, spaces or dashes."""
    return "".join(character for character in name.lower() if character.isalnum())
