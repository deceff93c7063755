"""The dominant frequencies of a model that is there already: `keras-freq dominance`."""

import hashlib
import json
from pathlib import Path

import keras

from keras_freq.confusion import confusion_matrix
from keras_freq.fourier import FourierFilter
from keras_freq.lab.config import ConfigError
from keras_freq.lab.config.schema import FolderData, FrequencyBandsData, TfdsData
from keras_freq.lab.experiments.figures import write_dominance_figures
from keras_freq.lab.experiments.inputs import load_data
from keras_freq.lab.experiments.stages import write_importance, write_rates, write_without_maps
from keras_freq.lab.run_states import claimed
from keras_freq.lab.store import check_writable, say
from keras_freq.layers import LocalResponseNormalization
from keras_freq.saving import atomic_path

CUSTOM_OBJECTS = {
    "FourierFilter": FourierFilter,
    "LocalResponseNormalization": LocalResponseNormalization,
}


def run_dominance(
    model_path,
    source,
    folder,
    settings,
    *,
    on_error="raise",
    from_logits=None,
    seed=0,
    progress=True,
):
    """Search a model's dominant frequencies, score their maps, and draw both.

    Args:
        model_path: A `.keras` file of a model from images in [0, 1] to scores of the classes, in
            the order of their folders' names.
        source: A folder of class folders (half of its images are searched, the others scored), a
            folder with `train` and `test` (or `val`), "frequency_bands/b1" to "b4", or the name of
            a TFDS data set with the splits "train" and "test".
        folder: Where `dominance.json`, `importance.npz`, `stability.csv`, `rates.csv`,
            `without_maps.csv` and `figures/` are written. A search that was stopped goes on from
            there.
        settings: An `AnalysisTable`.
        on_error: "raise", or "skip" to leave broken image files of a folder out.
        from_logits: Whether the model's scores are logits. Default: find out.
        seed: Of the split, the images chosen, and the random maps.
        progress: Whether to show progress.

    Returns:
        The folder as a `pathlib.Path`.

    Raises:
        ConfigError: Before any long work, if the model, the data or the folder is not usable, or
            the folder holds the search of another model, data set or option.
        ValueError: Likewise, if image files cannot be read, or the model's scores used.
    """
    folder = check_writable(folder)
    model = _load(model_path)
    height, width = model.input_shape[1:3]
    if height is None or width is None:
        raise ConfigError(
            f"{model_path} takes images of any size, so that its frequencies have none: build it "
            "for one size"
        )
    data = _data(source, (height, width), on_error, seed)
    if model.output_shape[-1] != len(data.class_names):
        raise ConfigError(
            f"{model_path} knows {model.output_shape[-1]} classes, and {source} holds "
            f"{len(data.class_names)}: {', '.join(data.class_names[:10])}"
        )
    _claim(folder, _identity(model_path, source, data, settings, from_logits, seed))
    if progress:
        _say_accuracy(model, data)
    neutral = data.channel_means
    options = {"seed": seed, "neutral": neutral, "progress": progress}
    with claimed(folder, "dominance.json"):
        if not (folder / "importance.npz").exists():
            write_importance(folder, model, data, settings, from_logits=from_logits, **options)
        write_rates(folder, model, data, settings, **options)
        write_without_maps(folder, model, data, settings, **options)
        write_dominance_figures(folder, data, settings.fractions, neutral)
    return folder


def _identity(model_path, source, data, settings, from_logits, seed):
    """What makes a search another one, as `dominance.json` keeps it."""
    return {
        "model": str(model_path),
        "sha256 of the model": hashlib.sha256(Path(model_path).read_bytes()).hexdigest(),
        "data": str(source),
        "sha256 of the images": data.digest(),
        "from_logits": from_logits,
        "seed": seed,
        **settings.model_dump(exclude={"importance"}),
    }


def _claim(folder, identity):
    """Write `dominance.json`, or refuse a folder that holds another search."""
    path = folder / "dominance.json"
    if path.exists():
        stored = json.loads(path.read_text(encoding="utf-8"))
    else:
        # A search of which nobody knows what it was of.
        stored = {} if (folder / "importance.npz").exists() else identity
    # Files may have moved, and a path may hold another model or other images.
    differing = [
        f"{key}: {stored.get(key)!r} there, {value!r} now"
        for key, value in identity.items()
        if key not in ("model", "data") and stored.get(key) != value
    ]
    if differing:
        raise ConfigError(
            f"the output folder {folder} holds another search ({'; '.join(differing)}). Choose "
            "another with --out, or remove it"
        )
    with atomic_path(path, replace=False) as temporary:
        temporary.write_text(json.dumps(identity, indent=2) + "\n", encoding="utf-8")


def _say_accuracy(model, data):
    """How often the model is right: a wrong range or order of classes shows here first."""
    from keras_freq.lab.pages.findings import accuracy_finding

    say(accuracy_finding(confusion_matrix(model, data.test, len(data.class_names))))
    names = ", ".join(data.class_names[:10]) + (", ..." if len(data.class_names) > 10 else "")
    say(f"(It was given images in [0, 1], and its scores are those of: {names})")


def _load(path):
    """A model from a file, without its compile state."""
    if not Path(path).is_file():
        raise ConfigError(f"there is no model file {path}")
    model = keras.models.load_model(path, custom_objects=CUSTOM_OBJECTS, compile=False)
    if len(model.inputs) != 1 or len(model.outputs) != 1 or len(model.input_shape) != 4:
        raise ConfigError(f"{path} must map one batch of images (N, H, W, C) to class scores")
    return model


def _data(source, size, on_error, seed):
    """The `Data` that a source's name stands for."""
    if Path(source).is_dir():
        options = {"image_size": list(size), "test_fraction": 0.5, "on_error": on_error}
        return load_data(FolderData(source="folder", path=str(source), **options), seed)
    name, _, band = str(source).partition("/")
    if name == "frequency_bands":
        if band not in ("b1", "b2", "b3", "b4"):
            raise ConfigError(f'frequency_bands/b1 to frequency_bands/b4. Received: "{source}"')
        table = FrequencyBandsData(source="frequency_bands", band=int(band[1]), size=size[0])
        return load_data(table, seed)
    try:
        return load_data(TfdsData(source="tfds", name=str(source), image_size=list(size)), seed)
    except ValueError as error:
        raise ConfigError(f"there is no folder {source}; as a TFDS data set: {error}") from error
