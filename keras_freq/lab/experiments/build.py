"""What the tables of an experiment name, built: network, optimizer, filter masks, augmentation."""

import functools
import math
from pathlib import Path

import keras
import numpy as np

from keras_freq import augment, models
from keras_freq.fourier import band_edges, band_pass_mask, high_pass_mask, low_pass_mask
from keras_freq.fourier.masks import ring_mask
from keras_freq.importance import FrequencyImportance
from keras_freq.importance.dominant_maps import leading_maps
from keras_freq.lab.config import ConfigError

# In pixels: the border of the study's crops.
PADDING = 4


def build_model(experiment, image_shape, num_classes):
    """Builds the network of an experiment.

    Args:
        experiment: An `Experiment` or a `TransferExperiment`.
        image_shape: `(H, W, C)`.
        num_classes: The number of classes.

    Returns:
        An uncompiled `keras.Model`.

    Raises:
        ConfigError: If the builder refuses the options or the size of the images.
    """
    builder = getattr(models, experiment.model.name)
    options = {"weight_decay": experiment.train.weight_decay, **experiment.model.options}
    try:
        return builder(image_shape, num_classes, **options)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"`model`: {error}") from None


def build_optimizer(table, steps):
    """Builds the optimizer: SGD, whose schedule is a function of its own steps.

    Args:
        table: The `[train]` table of an experiment.
        steps: The number of steps of the training.

    Returns:
        A `keras.optimizers.SGD`.
    """
    rate = table.learning_rate
    if table.schedule == "cosine":
        # A transfer experiment has no warm-up.
        warmup = round(getattr(table, "warmup_fraction", 0.0) * steps)
        rising = {"warmup_target": rate, "warmup_steps": warmup} if warmup else {}
        rate = keras.optimizers.schedules.CosineDecay(
            0.0 if warmup else rate, max(1, steps - warmup), **rising
        )
    return keras.optimizers.SGD(rate, momentum=table.momentum, nesterov=table.nesterov)


def filter_mask(table, size):
    """Builds the mask of one entry of `[filters]`.

    Args:
        table: A `CircleFilter` or a `BandFilter`. The `fraction` of a circle is its diameter as a
            share of the image's side.
        size: `(H, W)` of the images.

    Returns:
        A boolean mask `(H, W)`, True where a frequency is kept.
    """
    if table.type in ("low-pass", "high-pass"):
        circle = low_pass_mask if table.type == "low-pass" else high_pass_mask
        return circle(size, table.radius, fraction=table.fraction)
    if table.bands is None:
        passed = band_pass_mask(size, table.low, table.high)
    else:
        edges = [*band_edges(size)[:-1], math.inf]
        bands = [ring_mask(size, edges[b - 1], edges[b]) for b in table.bands]
        passed = np.any(bands, axis=0)
    return passed if table.type == "band-pass" else ~passed


def check_filters(filters, size):
    """Raises a ConfigError if one of the `[filters]` keeps or stops no frequency of the images."""
    for name, table in filters.items():
        try:
            filter_mask(table, size)
        except ValueError as error:
            raise ConfigError(f"`filters.{name}`: {error}") from None


def build_augmentation(experiment, folder, data):
    """Builds the augmentation of an experiment: first the geometry, then the recipe.

    Args:
        experiment: An `Experiment`.
        folder: Its results folder. The other runs of a sweep lie beside it.
        data: Its `Data`.

    Returns:
        A function `(images, labels, *, seed)` for `keras_freq.augment.augmented`, or None if the
        experiment has no augmentation.

    Raises:
        ConfigError: If DFM-X has no maps, or maps of other images or classes.
    """
    table = experiment.augmentation
    partial = functools.partial
    functions = {
        "flowers": augment.flowers_recipe,
        "pad_crop_flip": partial(augment.pad_crop_flip, padding=PADDING),
        "resized_crop_flip": partial(
            augment.resized_crop_flip, size=data.size, padding=PADDING, scale=(table.crop_area, 1.0)
        ),
        "auto_augment_imagenet": partial(augment.auto_augment, policy="imagenet"),
        "auto_augment_cifar10": partial(augment.auto_augment, policy="cifar10"),
        "rand_augment": augment.rand_augment,
        "augmix": augment.augmix,
        "amplitude_mix": augment.random_amplitude_mix,
    }
    if table.recipe == "dfm_x":
        functions["dfm_x"] = partial(
            augment.dfm_x,
            maps=_maps(table, Path(folder), data),
            probability=table.probability,
            neutral=data.channel_means,
        )
    parts = [functions[name] for name in (table.geometry, table.recipe) if name != "none"]
    return augment.compose(*parts) if parts else None


def _maps(table, folder, data):
    """Makes the dominant-frequency maps of the run that `maps_from` names."""
    path = run_of(table.maps_from, folder) / "importance.npz"
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
    return leading_maps(importance.loss_change, table.maps_fraction)


def run_of(maps_from, folder):
    """Finds the results folder that `augmentation.maps_from` names.

    Args:
        maps_from: A results folder, or in a sweep "key=value": the run whose name differs from
            that of `folder` in this part.
        folder: The results folder of the run that needs the maps.

    Returns:
        The folder as a `Path`.

    Raises:
        ConfigError: If the name of `folder` has no such part.
    """
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
