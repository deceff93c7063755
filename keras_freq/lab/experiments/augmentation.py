"""From the `[augmentation]` table of an experiment to one function of a batch."""

import functools
from pathlib import Path

from keras_freq import augment
from keras_freq.importance import dominant_frequency_maps
from keras_freq.importance.result import FrequencyImportance
from keras_freq.lab.config import ConfigError

# Of the study's random resized crops and of its padding.
PADDING = 4


def augmentation_of(experiment, folder, data):
    """Builds the augmentation of an experiment.

    Args:
        experiment: An `Experiment`.
        folder: Its results folder, beside which a sweep's other runs lie.
        data: Its `Data`.

    Returns:
        A function `(images, labels, *, seed)` for `keras_freq.augment.augmented`, or None where
        the experiment has no augmentation.

    Raises:
        ConfigError: If DFM-X has no maps, or maps of other images or classes.
    """
    table = experiment.augmentation
    parts = []
    if table.geometry != "none":
        parts.append(_geometry(table, data.size))
    if table.recipe == "dfm_x":
        maps = _maps(experiment, Path(folder), data)
        options = {"maps": maps, "probability": table.probability, "neutral": data.channel_means}
        parts.append(functools.partial(augment.dfm_x, **options))
    elif table.recipe != "none":
        parts.append(_recipe(table.recipe))
    return augment.compose(*parts) if parts else None


def _geometry(table, size):
    """Where things are in the image."""
    scale = (table.crop_area, 1.0)
    return {
        "flowers": augment.flowers_recipe,
        "pad_crop_flip": functools.partial(augment.pad_crop_flip, padding=PADDING),
        "resized_crop_flip": functools.partial(
            augment.resized_crop_flip, size=size, padding=PADDING, scale=scale
        ),
    }[table.geometry]


def _recipe(name):
    """What they look like."""
    return {
        "auto_augment_imagenet": functools.partial(augment.auto_augment, policy="imagenet"),
        "auto_augment_cifar10": functools.partial(augment.auto_augment, policy="cifar10"),
        "rand_augment": augment.rand_augment,
        "augmix": augment.augmix,
        "amplitude_mix": augment.random_amplitude_mix,
    }[name]


def _maps(experiment, folder, data):
    """The dominant-frequency maps of the run that `maps_from` names."""
    table = experiment.augmentation
    source = _source(table.maps_from, folder)
    path = source / "importance.npz"
    if not path.exists():
        raise ConfigError(
            f"`augmentation.maps_from`: there is no {path}. Run that experiment first, with "
            "its importance"
        )
    importance = FrequencyImportance.load(path)
    expected = (len(data.class_names), *data.size)
    if importance.loss_change.shape != expected:
        raise ConfigError(
            f"`augmentation.maps_from`: the maps must be those of {expected[0]} classes of images "
            f"of {expected[1]} x {expected[2]} pixels. Received: {path} of shape "
            f"{importance.loss_change.shape}"
        )
    return dominant_frequency_maps(importance, table.maps_fraction)


def _source(maps_from, folder):
    """A results folder: the path itself, or a sweep's run that differs in one part of its name."""
    key, equals, _ = maps_from.partition("=")
    if not equals or len(Path(maps_from).parts) > 1 or Path(maps_from).is_dir():
        return Path(maps_from)
    parts = folder.name.split(",")
    keys = [part.partition("=")[0] for part in parts]
    if key not in keys:
        raise ConfigError(
            f'`augmentation.maps_from = "{maps_from}"` names a part of the name of a sweep\'s run. '
            f"This run is called {folder.name}"
        )
    parts[keys.index(key)] = maps_from
    return folder.with_name(",".join(parts))
