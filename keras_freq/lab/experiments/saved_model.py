"""The dominant frequencies of a model that somebody has saved: `keras-freq dominance`."""

import warnings

from keras_freq.classifier.logits import outputs_are_logits
from keras_freq.confusion import confusion_matrix
from keras_freq.lab.config import ConfigError
from keras_freq.lab.experiments.analyses import write_importance, write_rates, write_without_maps
from keras_freq.lab.experiments.figures import write_dominance_figures
from keras_freq.lab.experiments.source_images import load_source, say_reading
from keras_freq.lab.model_files import digest_of_model, load_model_file
from keras_freq.lab.store import check_same, check_writable, locked_folder, say
from keras_freq.lab.tables import read_json, write_json

IDENTITY = "dominance.json"
# Kept for the reader: files may have moved, and a path may hold another model or other images.
PATHS = ("model", "data")


def run_dominance(
    model_path,
    source,
    folder,
    settings,
    *,
    modules=(),
    on_error="raise",
    classes=None,
    resize="stretch",
    antialias=False,
    from_logits=None,
    seed=0,
    progress=True,
    executor=None,
):
    """Searches a model's dominant frequencies, scores their maps, and draws both.

    Args:
        model_path: A `.keras` or `.h5` file, or a SavedModel folder, of a model from images in
            [0, 1] to scores of the classes, in the order of their folders' names.
        source: A folder of class folders (half of its images are searched, the others scored), a
            folder with `train` and `test` (or `val`), "frequency_bands/b1" to "b4", or the name of
            a TFDS data set with the splits "train" and "test".
        folder: The results folder. It gets `dominance.json`, `importance.npz`, `stability.csv`,
            `rates.csv`, `without_maps.csv` and `figures/`. A search that was stopped goes on from
            there.
        settings: An `AnalysisTable`.
        modules: Python files that define what the model is made of, if that is not Keras' own.
            They are run. Defaults to none.
        on_error: "raise", or "skip" to leave broken image files of a folder out.
        classes: The class folders in the order of the model's scores: a list of names, or of one
            text file with a name a line. Defaults to the order of `kf.data.image_folder`.
        resize: "stretch" or "crop", as in `kf.data.image_folder`. It and `antialias` are by default
            what Keras' `image_dataset_from_directory` does, since most models are trained so.
        antialias: Whether shrunk images are antialiased. Defaults to False.
        from_logits: Whether the model's scores are logits. Defaults to finding out.
        seed: Seed of the split, of the images chosen, and of the random maps.
        progress: Whether to show progress.
        executor: A `concurrent.futures.Executor` for the long parts, as from
            `keras_freq.lab.workers.executor_of`. Defaults to computing in this process.

    Returns:
        The folder as a `pathlib.Path`.

    Raises:
        ConfigError: Before any long work, if the model, the data or the folder is not usable, or
            the folder holds the search of another model, data set or option.
        ValueError: Likewise, if image files cannot be read, or the model's scores used.
    """
    folder = check_writable(folder)
    if modules and executor is not None:
        raise ConfigError("--import works without --workers and --scheduler: leave these out")
    model = load_model_file(model_path, modules)
    height, width = model.input_shape[1:3]
    if height is None or width is None:
        raise ConfigError(
            f"{model_path} takes images of any size, so that its frequencies have none: build it "
            "for one size"
        )
    reading = {"classes": classes, "resize": resize, "antialias": antialias}
    reading |= {"on_error": on_error, "seed": seed}
    data = load_source(source, model.input_shape[1:], **reading)
    if model.output_shape[-1] != len(data.class_names):
        raise ConfigError(
            f"{model_path} knows {model.output_shape[-1]} classes, and {source} holds "
            f"{len(data.class_names)}: {', '.join(data.class_names[:10])}. Name the model's with "
            "--classes, in its order"
        )
    identity = {
        "model": str(model_path),
        "sha256 of the model": digest_of_model(model_path),
        "data": str(source),
        "sha256 of the images": data.digest(),
        "from_logits": from_logits,
        "seed": seed,
        **settings.model_dump(exclude={"importance"}),
    }
    _check_same_search(folder, identity)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the search warns of the same
        outputs_are_logits(
            model, data.test_images[:2], len(data.class_names), from_logits=from_logits
        )
    write_json(folder / IDENTITY, identity, replace=False)
    with locked_folder(folder, IDENTITY):
        _check_same_search(folder, identity)  # another process may have been faster
        if progress:
            _say_accuracy(model, data)
            say_reading(model, data, source, **reading)
        arguments = folder, model, data, settings
        options = {"seed": seed, "progress": progress, "executor": executor}
        if not (folder / "importance.npz").exists():
            write_importance(*arguments, from_logits=from_logits, **options)
        if not (folder / "rates.csv").exists():
            write_rates(*arguments, **options)
        if not (folder / "without_maps.csv").exists():
            write_without_maps(*arguments, **options)
        write_dominance_figures(folder, data, settings.fractions)
    return folder


def _check_same_search(folder, identity):
    """Raises if a folder holds another search."""
    before = identity
    if (folder / IDENTITY).exists():
        before = read_json(folder / IDENTITY)
    elif (folder / "importance.npz").exists():  # nobody knows what it is the importance of
        before = {}
    before, now = (
        {key: value for key, value in keys.items() if key not in PATHS}
        for keys in (before, identity)
    )
    check_same(folder, before, now, holds="another search")


def _say_accuracy(model, data):
    """Says how often the model is right: a wrong range or order of classes shows here first."""
    from keras_freq.lab.pages.run_findings import accuracy_finding

    say(accuracy_finding(confusion_matrix(model, data.test, len(data.class_names))))
    names = ", ".join(data.class_names[:10]) + (", ..." if len(data.class_names) > 10 else "")
    say(f"(It was given images in [0, 1], and its scores are those of: {names})")
