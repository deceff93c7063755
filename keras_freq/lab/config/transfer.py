"""What the file of a transfer experiment may say: one with a `[transfer]` table.

The networks of such a file learn one half of the classes with layers of a network that has learned
the other half. All of them are trained alike, so that a file has one `[train]`, without epochs.
"""

import difflib
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from keras_freq.lab.config.schema import (
    IMPORTANCE_METHODS,
    ExperimentFile,
    Fraction,
    Positive,
    Table,
)

TREATMENTS = ("BnB", "BnB+", "AnB", "AnB+", "random")
DIRECTIONS = ("A->B", "B->A")
CLASS_GROUPS = ("cifar10", "imagenet")

Seed = Annotated[int, Field(ge=0)]


def _distinct(values):
    """A list without repetitions."""
    if isinstance(values, list) and len(set(map(repr, values))) < len(values):
        raise ValueError(f"must hold every value once. Received: {values!r}")
    return values


def _groups(groups):
    """The name of a mapping that comes along, or a mapping from class to one of two groups."""
    if isinstance(groups, str):
        if groups not in CLASS_GROUPS:
            close = difflib.get_close_matches(groups, CLASS_GROUPS, n=1)
            hint = f' Did you mean "{close[0]}"?' if close else ""
            raise ValueError(
                f"must be one of: {', '.join(CLASS_GROUPS)}, or a table of classes with their "
                f'groups. Received: "{groups}".{hint}'
            )
        return groups
    if not isinstance(groups, dict) or not all(isinstance(v, str) for v in groups.values()):
        raise ValueError(
            f"must be one of: {', '.join(CLASS_GROUPS)}, or a table of classes with their groups, "
            f'such as {{cat = "animals", ship = "vehicles"}}. Received: {groups!r}'
        )
    names = list(dict.fromkeys(group for group in groups.values() if group))
    if len(names) != 2:
        raise ValueError(
            'must name two groups, which are the two tasks; a class of the group "" is left out. '
            f"Received: {', '.join(map(repr, names)) or 'none'}"
        )
    return groups


Distinct = BeforeValidator(_distinct)
Treatments = Annotated[list[Literal[TREATMENTS]], Field(min_length=1), Distinct]


class RandomSplit(Table):
    """`{ type = "random", seed = 0 }`: two tasks of half of the classes each, which are alike."""

    type: Literal["random"]
    seed: Seed = 0

    @property
    def name(self):
        """Its name in tables and folders."""
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
        """Its name in tables and folders."""
        return f"groups-{self.groups}" if isinstance(self.groups, str) else "groups"


Split = Annotated[RandomSplit | GroupsSplit, Field(discriminator="type")]


class TransferTable(Table):
    """`[transfer]`: the tasks, and the networks that are trained on them.

    Without `layers` every number of layers is copied, from 1 to all but the last. A seed makes base
    networks, and all that follows from them, of its own. With `stream` images are read from disk in
    every epoch, for sets that do not fit into memory; all networks then see them in the same order.
    """

    splits: Annotated[list[Split], Field(min_length=1)]
    layers: Annotated[list[Positive], Field(min_length=1), Distinct] | None = None
    treatments: Treatments = Field(default=list(TREATMENTS))
    directions: Annotated[list[Literal[DIRECTIONS]], Field(min_length=1), Distinct] = Field(
        default=list(DIRECTIONS)
    )
    seeds: Annotated[list[Seed], Field(min_length=1), Distinct] = Field(default=[0])
    stream: bool = False

    @model_validator(mode="after")
    def _splits_are_told_apart(self):
        names = [split.name for split in self.splits]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"`splits` has {name!r} twice")
        return self


class TransferTrainTable(Table):
    """`[train]` of a transfer experiment: SGD for a number of steps, the same for every network.

    With `schedule = "cosine"` the learning rate falls to 0 over the steps of each network.
    """

    steps: Positive
    batch_size: Positive = 64
    learning_rate: Annotated[float, Field(gt=0)] = 0.01
    schedule: Literal["constant", "cosine"] = "constant"
    momentum: Annotated[float, Field(ge=0, lt=1)] = 0.9
    nesterov: bool = True
    weight_decay: Annotated[float, Field(ge=0)] = 1e-4


class TransferAnalysisTable(Table):
    """`[analysis]` of a transfer experiment: what networks share in dominant frequencies.

    The importance of frequencies is searched on `images_per_class` test images, for the networks of
    `treatments` (all of the experiment, if left out). With `importance = false` networks other than
    the bases are not kept.
    """

    importance: bool = True
    method: Literal[IMPORTANCE_METHODS] = "screened"
    fractions: Annotated[list[Fraction], Field(min_length=1), Distinct] = Field(default=[0.05])
    images_per_class: Positive = 20
    treatments: Treatments | None = None
    random_maps: Annotated[int, Field(ge=1)] = 200


class TransferExperiment(ExperimentFile):
    """A transfer experiment: what a file with a `[transfer]` table says."""

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
