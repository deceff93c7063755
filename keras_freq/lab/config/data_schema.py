"""What the `[data]` table of an experiment file may say, and the values that all tables share."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Fraction = Annotated[float, Field(gt=0, le=1)]
Positive = Annotated[int, Field(ge=1)]
NotNegative = Annotated[float, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]
Seed = Annotated[int, Field(ge=0)]
# Of the training images, the share that chooses epochs and rates.
HeldOut = Annotated[float, Field(gt=0, lt=1)]
Resize = Literal["crop", "stretch"]


def _image_size(value):
    """Refuses what is neither a side, nor height and width."""
    sides = value if isinstance(value, list) and len(value) == 2 else [value]
    if not all(isinstance(side, int) and not isinstance(side, bool) and side > 0 for side in sides):
        raise ValueError(
            "must be an integer >= 1, or a list of two, [height, width], in pixels. "
            f"Received: {value!r}"
        )
    return value


def _classes(value):
    """Refuses what is no list or table of class names."""
    texts = [*value, *value.values()] if isinstance(value, dict) else value
    listed = isinstance(value, dict | list) and len(value) > 1
    if not listed or not all(isinstance(text, str) for text in texts):
        raise ValueError(
            'must be a list of at least two names in quotes, such as ["cat", "dog"], or a table of '
            f'folders or classes and their names, such as {{n02124075 = "cat", ...}}. '
            f"Received: {value!r}"
        )
    return value


def _classes_or_file(value):
    """Takes the path of a file of names, too."""
    return value if isinstance(value, str) and value else _classes(value)


ImageSize = Annotated[
    Positive | Annotated[list[Positive], Field(min_length=2, max_length=2)],
    BeforeValidator(_image_size),
]
Classes = Annotated[list[str] | dict[str, str], BeforeValidator(_classes)]
ClassesOrFile = Annotated[list[str] | dict[str, str] | Text, BeforeValidator(_classes_or_file)]


def default_is(words):
    """Says in words what a key is by default, where that is not one value."""
    return Field(json_schema_extra={"default_in_words": words})


class Table(BaseModel):
    """A table of the file. Unknown keys are errors, and "64" is not a number."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class FrequencyBandsData(Table):
    """`[data] source = "frequency_bands"`: the synthetic set B1 to B4 of one seed.

    `cues` and `seed` are those of `keras_freq.data.frequency_bands`. The experiment's seed changes
    the network and not the images.
    """

    source: Literal["frequency_bands"]
    band: Annotated[int, Field(ge=1, le=4)]
    cues: Literal["planted", "none", "two", "honest", "planted_and_honest"] = "planted"
    size: Annotated[int, Field(ge=16)] = 32
    train_per_class: Positive = 1000
    validation_per_class: Positive = 100
    test_per_class: Positive = 100
    seed: Seed = 0


class FolderData(Table):
    """`[data] source = "folder"`: class folders of images.

    `path` holds the class folders, of whose images `test_fraction` is set aside. Or it holds
    `train` and one of `test`, `val`, `validation`, or alike, each with the same class folders. The
    one is for testing. Beside a `test`, a `val` or `validation` is for validation. Otherwise
    `validation_fraction` of the training images is set aside, as a function of `seed`.
    `classes` picks folders: a list of names, a text file with one name a line, or a table of
    `folder = "name"`. The order of the labels is theirs. `resize`, `antialias` and `color_mode` are
    those of `keras_freq.data.image_folder`.
    """

    source: Literal["folder"]
    path: Text
    image_size: ImageSize
    classes: ClassesOrFile | None = None
    color_mode: Literal["rgb", "grayscale"] = "rgb"
    resize: Resize = "crop"
    antialias: bool = True
    test_fraction: HeldOut = 0.2
    validation_fraction: HeldOut = 0.1
    max_train_per_class: Positive | None = None
    max_test_per_class: Positive | None = None
    seed: Seed = 0
    on_error: Literal["raise", "skip"] = "raise"


class Imagenet10Data(Table):
    """`[data] source = "imagenet10"`: the ten classes of the frequency study, out of ImageNet.

    `path` holds `train` and one of `val`, `validation`, `test` with class folders, named by their
    WordNet ids or by the classes. Other classes are left out. Without `path`, the set
    `imagenet2012` of TensorFlow Datasets is read. Of the training images `validation_fraction` is
    set aside, as a function of `seed`.
    """

    source: Literal["imagenet10"]
    path: Text | None = None
    image_size: ImageSize = 224
    resize: Resize = "crop"
    antialias: bool = True
    validation_fraction: HeldOut = 0.1
    max_train_per_class: Positive | None = None
    max_test_per_class: Positive | None = None
    seed: Seed = 0
    on_error: Literal["raise", "skip"] = "raise"


class TfdsData(Table):
    """`[data] source = "tfds"`: a data set of TensorFlow Datasets.

    A split may be a part: divide a set that has only "train" into "train[:90%]" and
    "train[90%:]". `classes` picks classes: a list of the set's names, or a table of
    `name = "new name"`. The order of the labels is that of the list or table. Without a
    `validation_split`, `validation_fraction` of the training images is set aside, as a function of
    `seed`.
    """

    source: Literal["tfds"]
    name: Text
    image_size: ImageSize
    resize: Resize = "crop"
    antialias: bool = True
    train_split: str = "train"
    validation_split: Annotated[str | None, default_is("a part of `train_split`")] = None
    test_split: str = "test"
    validation_fraction: HeldOut = 0.1
    classes: Classes | None = None
    max_train_per_class: Positive | None = None
    max_test_per_class: Positive | None = None
    seed: Seed = 0
    data_dir: str | None = None
