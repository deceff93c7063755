"""What an experiment file may say: its tables, and the lists of valid names.

The tables are strict: an unknown key is an error, and so is "64" where a number is meant. The
defaults are those of the frequency study (Wang et al., ICCV 2023): SGD with momentum 0.9, a
learning rate of 0.01 and batches of 64 images.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from keras_freq import checks
from keras_freq.lab.config.data_schema import (
    FolderData,
    Fraction,
    FrequencyBandsData,
    Imagenet10Data,
    NotNegative,
    Positive,
    Seed,
    Table,
    Text,
    TfdsData,
    default_is,
)
from keras_freq.models import describe
from keras_freq.models.network_sizes import builder_options

MODELS = tuple(sorted(row["name"] for row in describe()))
PRECISIONS = ("float32", "mixed_bfloat16")
DATA_SOURCES = ("frequency_bands", "folder", "imagenet10", "tfds")
IMPORTANCE_METHODS = ("screened", "exhaustive")
GEOMETRIES = ("none", "flowers", "pad_crop_flip", "resized_crop_flip")
RECIPES = (
    "none",
    "auto_augment_imagenet",
    "auto_augment_cifar10",
    "rand_augment",
    "augmix",
    "amplitude_mix",
    "dfm_x",
)


class ModelTable(Table):
    """`[model]`: one of `keras_freq.models`, with options of its builder."""

    name: Literal[MODELS]
    options: dict[str, Any] = Field(default={})

    @model_validator(mode="after")
    def _options_are_known(self):
        known = builder_options(self.name)
        for key in self.options:
            if key not in known:
                close = checks.closest(key, known)
                raise ValueError(
                    f"unknown key `model.options.{key}`. "
                    + (f"Did you mean `model.options.{close}`? " if close else "")
                    + f"{self.name} takes: {', '.join(known)}"
                )
        return self


class SgdTable(Table):
    """SGD: what the `[train]` of every kind of experiment says."""

    steps: Positive | None = None
    batch_size: Positive = 64
    learning_rate: Annotated[float, Field(gt=0)] = 0.01
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    nesterov: bool = True
    weight_decay: NotNegative = 1e-4
    schedule: Literal["constant", "cosine"] = "constant"


class TrainTable(SgdTable):
    """`[train]`: SGD for a number of steps, or of epochs.

    With `plateau_patience` the learning rate is multiplied by `plateau_factor` whenever the loss on
    the validation images has not improved by 1e-4 for that many epochs. With `schedule = "cosine"`
    it rises from 0 to `learning_rate` in the first `warmup_fraction` of the steps, and falls to 0
    along half a cosine in the others. `keep = "best"` ends with the weights of the epoch that was
    right most often on the validation images, `keep = "last"` with those of the last epoch. Test
    images choose nothing.
    `precision = "mixed_bfloat16"` trains with arithmetic in bfloat16. This is faster on processors
    that have it, and slower on others. Weights and the analysed network are in float32.
    """

    epochs: Positive | None = None
    plateau_patience: Positive | None = None
    plateau_factor: Annotated[float, Field(gt=0, lt=1)] = 0.1
    warmup_fraction: Annotated[float, Field(ge=0, lt=1)] = 0.0
    keep: Literal["last", "best"] = "last"
    precision: Literal[PRECISIONS] = "float32"
    checkpoint_seconds: NotNegative = 60.0
    tensorboard: bool = False

    @model_validator(mode="after")
    def _one_length(self):
        if (self.steps is None) == (self.epochs is None):
            raise ValueError("give exactly one of `steps` and `epochs`")
        return self

    @model_validator(mode="after")
    def _one_schedule(self):
        if self.schedule == "cosine" and self.plateau_patience is not None:
            raise ValueError('give `plateau_patience` or `schedule = "cosine"`, not both')
        if self.schedule == "constant" and self.warmup_fraction:
            raise ValueError('`warmup_fraction` needs `schedule = "cosine"`')
        return self


class AugmentationTable(Table):
    """`[augmentation]`: what is done to training images, first the geometry and then the recipe.

    The names stand for functions of `keras_freq.augment`: "flowers" is `flowers_recipe`,
    "amplitude_mix" is `random_amplitude_mix`, "auto_augment_imagenet" is `auto_augment` with that
    policy, and each other name is that of its function. "pad_crop_flip" and "resized_crop_flip"
    first add a black border of 4 pixels, as in the study. The windows of "resized_crop_flip" have
    at least the share `crop_area` of the (padded) image's area.
    The recipe "dfm_x" shows an image, with a probability, through the dominant-frequency map of
    another class. The maps, of `maps_fraction` of the frequencies, are those of the results folder
    `maps_from`. In a sweep, `maps_from = "recipe=none"` is the run that differs from this one in
    that part of its name.
    """

    geometry: Literal[GEOMETRIES] = "none"
    crop_area: Fraction = 0.08
    recipe: Literal[RECIPES] = "none"
    maps_from: Text | None = None
    maps_fraction: Fraction = 0.1
    probability: Annotated[float, Field(gt=0, le=1)] = 0.3

    @model_validator(mode="after")
    def _maps_are_given(self):
        if self.recipe == "dfm_x" and self.maps_from is None:
            raise ValueError(
                '`recipe = "dfm_x"` needs `maps_from`, the results folder of a run with '
                'importance, or in a sweep the part of its name that differs: "recipe=none"'
            )
        return self


class RecordingTable(Table):
    """`[recording]`: the class metrics of training batches and of probes."""

    max_steps: Positive = 500
    probes: Annotated[list[str] | None, default_is('"test" and every filter')] = None
    probe_every: Positive = 25


class CircleFilter(Table):
    """`[filters] "name" = { type = "low-pass", radius = 8 }`: a low-pass or high-pass.

    Give its size as `radius`, in cycles per image, or as `fraction`, the diameter over the side.
    """

    type: Literal["low-pass", "high-pass"]
    radius: Annotated[float, Field(gt=0)] | None = None
    fraction: Annotated[float, Field(gt=0, le=2)] | None = None

    @model_validator(mode="after")
    def _one_size(self):
        if (self.radius is None) == (self.fraction is None):
            raise ValueError("give exactly one of `radius` (cycles per image) and `fraction`")
        return self


class BandFilter(Table):
    """`[filters] "name" = { type = "band-stop", bands = [1] }`: a band-pass or band-stop.

    It passes or stops standard `bands`, or the radii `low <= r < high` in cycles per image. A file
    without `[filters]` has four band-stops, "without band 1" to "without band 4".
    """

    type: Literal["band-pass", "band-stop"]
    bands: Annotated[list[Annotated[int, Field(ge=1, le=4)]], Field(min_length=1)] | None = None
    low: NotNegative | None = None
    high: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_range(self):
        given = [value is not None for value in (self.bands, self.low, self.high)]
        if given not in ([True, False, False], [False, True, True]):
            raise ValueError("give either `bands` (a list of 1 to 4) or both `low` and `high`")
        if self.bands is None and not self.low < self.high:
            raise ValueError(f"`low` must be < `high`: low={self.low}, high={self.high}")
        return self


Filter = Annotated[CircleFilter | BandFilter, Field(discriminator="type")]


def standard_filters():
    """Makes the filters of a file without `[filters]`: each removes one of the four bands."""
    return {f"without band {b}": BandFilter(type="band-stop", bands=[b]) for b in range(1, 5)}


class AnalysisTable(Table):
    """`[analysis]`: the importance of frequencies, its maps, and three tests of each map.

    With `importance = false` all of this is left out. `random_maps` is the number of random maps
    for the rates under a map and the recall without it. `transplants` names what is exchanged
    between images, and `[]` leaves the exchange out. Its `transplant_maps` random maps are scored
    on `transplant_images` images; 40 do for the fine parts of the maps.
    """

    importance: bool = True
    method: Literal[IMPORTANCE_METHODS] = "screened"
    fractions: Annotated[list[Fraction], Field(min_length=1)] = Field(default=[0.01, 0.05, 0.1])
    images_per_class: Positive = 50
    search_split: Literal["train", "validation", "test"] = "train"
    random_maps: Annotated[int, Field(ge=40)] = 40
    transplants: list[Literal["content", "amplitude", "phase"]] = Field(default=["content"])
    transplant_maps: Annotated[
        int | None, default_is("20 for each class and fraction, at least 200"), Field(ge=40)
    ] = None
    transplant_images: Positive = 50


class ExperimentFile(Table):
    """The keys that the files of all experiments have."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._=,+ -]*$")]
    title: str = ""
    seed: Seed = 0
    data: Annotated[
        FrequencyBandsData | FolderData | Imagenet10Data | TfdsData, Field(discriminator="source")
    ]
    model: ModelTable


class Experiment(ExperimentFile):
    """One experiment: what a file says, or one combination of its sweep."""

    train: TrainTable
    augmentation: AugmentationTable = AugmentationTable()
    recording: RecordingTable = RecordingTable()
    filters: dict[str, Filter] = Field(default_factory=standard_filters)
    analysis: AnalysisTable = AnalysisTable()

    @model_validator(mode="after")
    def _filters_are_told_apart(self):
        for reserved in {"test", "train"} & set(self.filters):
            raise ValueError(f"filters: the name {reserved!r} stands for the untouched images")
        return self

    @model_validator(mode="after")
    def _probes_are_known(self):
        for probe in self.recording.probes or []:
            if probe != "test" and probe not in self.filters:
                known = ", ".join(["test", *self.filters])
                raise ValueError(f"recording.probes: unknown probe {probe!r}; valid are: {known}")
        return self

    @property
    def probes(self):
        """Names of the probes. Defaults to the untouched test set and every filter."""
        if self.recording.probes is None:
            return ["test", *self.filters]
        return list(self.recording.probes)
