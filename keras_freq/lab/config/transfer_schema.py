"""What the file of a transfer experiment may say: one with a `[transfer]` table.

The networks of such a file learn one half of the classes. They start from layers of a network that
has learned the other half. All of them are trained alike, and so a file has one `[train]`.
"""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from keras_freq import checks
from keras_freq.lab.config.experiment_schema import (
    IMPORTANCE_METHODS,
    ExperimentFile,
    Fraction,
    Positive,
    Seed,
    SgdTable,
    Table,
)

TREATMENTS = ("BnB", "BnB+", "AnB", "AnB+", "random")
DIRECTIONS = ("A->B", "B->A")
CLASS_GROUPS = ("cifar10", "imagenet")


def _distinct(values):
    """Refuses a list with repetitions."""
    if isinstance(values, list) and len(set(map(repr, values))) < len(values):
        raise ValueError(f"must hold every value once. Received: {values!r}")
    return values


def _groups(groups):
    """Checks the name of a mapping that is built in, or a mapping from class to group."""
    if groups in CLASS_GROUPS:
        return groups
    if not isinstance(groups, dict) or not all(isinstance(v, str) for v in groups.values()):
        raise ValueError(
            f"must be one of: {', '.join(CLASS_GROUPS)}, or a table of classes with their groups, "
            f'such as {{cat = "animals", ship = "vehicles"}}. Received: {groups!r}.'
            f"{checks.did_you_mean(groups, CLASS_GROUPS)}"
        )
    names = list(dict.fromkeys(group for group in groups.values() if group))
    if len(names) != 2:
        raise ValueError(
            'must name two groups, which are the two tasks; a class of the group "" is left out. '
            f"Received: {', '.join(map(repr, names)) or 'none'}"
        )
    return groups


Item = TypeVar("Item")
DistinctList = Annotated[list[Item], Field(min_length=1), BeforeValidator(_distinct)]
Treatments = DistinctList[Literal[TREATMENTS]]


class RandomSplit(Table):
    """`{ type = "random", seed = 0 }`: two similar tasks, each with half of the classes."""

    type: Literal["random"]
    seed: Seed = 0

    @property
    def name(self):
        """The name of the split in tables and folders."""
        return f"random-{self.seed}"


class GroupsSplit(Table):
    """`{ type = "groups", groups = "cifar10" }`: two tasks of different kinds of classes.

    `groups` is "cifar10" (vehicles and animals), "imagenet" (man-made and natural classes, named by
    WordNet ids), or a table from the name of each class to one of two groups.
    """

    type: Literal["groups"]
    groups: Annotated[Any, BeforeValidator(_groups)]

    @property
    def name(self):
        """The name of the split in tables and folders."""
        return f"groups-{self.groups}" if isinstance(self.groups, str) else "groups"


Split = Annotated[RandomSplit | GroupsSplit, Field(discriminator="type")]


class TransferTable(Table):
    """`[transfer]`: the tasks, and the networks that are trained on them.

    Without `layers` every number of layers is copied, from 1 to all but the last. Each seed makes
    base networks of its own, and all that follows from them. With `stream` images are read from
    disk in every epoch, for sets that do not fit into memory. All networks then see the images in
    the same order.
    """

    splits: Annotated[list[Split], Field(min_length=1)]
    layers: DistinctList[Positive] | None = None
    treatments: Treatments = Field(default=list(TREATMENTS))
    directions: DistinctList[Literal[DIRECTIONS]] = Field(default=list(DIRECTIONS))
    seeds: DistinctList[Seed] = Field(default=[0])
    stream: bool = False

    @model_validator(mode="after")
    def _splits_are_told_apart(self):
        names = [split.name for split in self.splits]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"`splits` has {name!r} twice")
        return self


class TransferTrainTable(SgdTable):
    """`[train]` of a transfer experiment: SGD for a number of steps, the same for every network.

    With `schedule = "cosine"` the learning rate falls to 0 over the steps of each network.
    """

    steps: Positive


class TransferAnalysisTable(Table):
    """`[analysis]` of a transfer experiment: which dominant frequencies the networks share.

    The importance of frequencies is searched on `images_per_class` test images, for the networks of
    `treatments` (by default those of all treatments). With `importance = false` it is not searched,
    and only the base networks are kept.
    """

    importance: bool = True
    method: Literal[IMPORTANCE_METHODS] = "screened"
    fractions: DistinctList[Fraction] = Field(default=[0.05])
    images_per_class: Positive = 20
    treatments: Treatments | None = None
    random_maps: Annotated[int, Field(ge=1)] = 200


class TransferExperiment(ExperimentFile):
    """One transfer experiment: what a file with a `[transfer]` table says."""

    train: TransferTrainTable
    transfer: TransferTable
    analysis: TransferAnalysisTable = TransferAnalysisTable()

    @model_validator(mode="after")
    def _analysed_networks_are_trained(self):
        for treatment in self.analysis.treatments or []:
            if treatment not in self.transfer.treatments:
                raise ValueError(
                    f"analysis.treatments: {treatment!r} is not in transfer.treatments"
                )
        return self

    @model_validator(mode="after")
    def _streams_are_whole_sets(self):
        if not self.transfer.stream:
            return self
        if self.data.source not in ("folder", "tfds"):
            raise ValueError('transfer.stream needs data.source = "folder" or "tfds"')
        if (self.data.max_train_per_class, self.data.max_test_per_class) != (None, None):
            raise ValueError(
                "transfer.stream reads all images: leave out data.max_train_per_class and "
                "data.max_test_per_class"
            )
        return self

    @property
    def analysed(self):
        """The treatments whose networks are searched for dominant frequencies."""
        return list(self.analysis.treatments or self.transfer.treatments)
