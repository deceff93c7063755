"""What a command can be refused for before TensorFlow is loaded, which takes many seconds.

Whatever needs the model or the images is checked later, by the work itself.
"""

from pathlib import Path

from keras_freq import checks
from keras_freq.lab.config import ConfigError
from keras_freq.lab.model_file_kinds import check_model_path, digest_of_model


def check_examination(options):
    """Raises for options of `keras-freq examine` that cannot be right.

    Args:
        options: The options, as parsed.

    Raises:
        ConfigError, ValueError: With one message.
    """
    from keras_freq.classifier.convention_values import CONVENTIONS

    checks.positive("minutes", options.minutes, "a time in minutes")
    checks.integer("seed", options.seed, least=0)
    if options.size is not None:
        checks.integer("image_size", options.size)
    if options.inputs not in (None, "preprocessor"):
        checks.choice("inputs", options.inputs, tuple(CONVENTIONS))
    if options.modules and (options.workers is not None or options.scheduler is not None):
        raise ConfigError("--import works without --workers and --scheduler")
    for module in options.modules:
        if not Path(module).is_file():
            raise ConfigError(f"--import: there is no file {module}")
    models = [options.model, *options.compare]
    for model in models:
        check_model_path(model)
    named = names_of_models(models) if options.compare else {"": options.model}
    if not options.modules:  # which may have a data set of their own
        _check_data(options.data)
    _check_folders(options, named)


def check_run(experiments, out):
    """Raises for experiments of `keras-freq run` whose folders cannot be right.

    Args:
        experiments: As from `load_experiments`.
        out: The results folder.

    Raises:
        ConfigError, ValueError: With one message.
    """
    from keras_freq.data.listed_folders import checked_root
    from keras_freq.lab.config import TransferExperiment
    from keras_freq.lab.split_folders import split_folders
    from keras_freq.lab.store import CONFIG, check_own, check_results, run_state

    single = len(experiments) == 1
    left = []
    for experiment in experiments:
        folder = out if single else out / experiment.name
        if isinstance(experiment, TransferExperiment):  # it may have grown
            check_own(folder, CONFIG, "experiment")
        else:
            check_results(folder, experiment)
        if single or run_state(folder) != "done":
            left.append(experiment.data)
    # Runs of a sweep with other images do not depend on each other: each is refused by itself.
    if left and all(data == left[0] for data in left) and getattr(left[0], "path", None):
        if left[0].source == "folder":
            split_folders(left[0])
        else:
            checked_root(left[0].path)


def names_of_models(paths):
    """Names models to compare by their files: `{name: path}`."""
    names = [Path(path).stem for path in paths]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ConfigError(
            f"models to compare must have different names. Received: {', '.join(sorted(twice))} "
            "more than once"
        )
    return dict(zip(names, paths, strict=True))


def check_tfds_name(name):
    """Raises if a name is that of no file, and no set of TensorFlow Datasets has it."""
    if len(Path(name).parts) > 2 or name.startswith((".", "/", "~")):  # no name of TFDS
        raise ConfigError(f"there is no folder or file {name}")
    if ":" in name.partition("/")[0]:  # a namespace of others, such as huggingface:cifar10
        return
    import tensorflow_datasets as tfds

    base = name.partition("/")[0]
    known = tfds.list_builders(with_community_datasets=False)
    if base not in known:
        raise ConfigError(
            f"there is no folder or file {name}, and TensorFlow Datasets knows no set {base!r}."
            f"{checks.did_you_mean(base, known)}".removesuffix(".")
        )


def _check_data(data):
    """Raises unless there are images, as far as names of files and folders tell."""
    from keras_freq.data.folder_tree import class_folders, part_folders
    from keras_freq.data.listed_folders import check_class_folders
    from keras_freq.lab.array_files import check_array_file

    path = Path(data).expanduser()
    if path.suffix.lower() == ".npz":
        check_array_file(path)
    elif path.suffix.lower() == ".csv":
        if not path.is_file():
            raise ConfigError(f"there is no file {path}")
    elif path.is_file():
        raise ConfigError(
            f"{path} is a file. DATA must be a folder of class folders, a .csv or an .npz file, or "
            "the name of a data set"
        )
    elif path.is_dir():
        if not part_folders(path) and (class_folders(path) or not any(path.glob("*.csv"))):
            check_class_folders(path)
    elif data.partition("/")[0] != "frequency_bands":
        check_tfds_name(data)


def _check_folders(options, named):
    """Raises unless the results folders can take the results, as far as is known."""
    from keras_freq.lab.same_examination import FACTS, check_same_examination
    from keras_freq.lab.store import check_own, check_writable

    out = check_writable(options.out)
    for name, model in named.items():
        folder = check_own(out / name, FACTS, "examination")
        known = {"seed": options.seed, "from_logits": options.from_logits}
        if options.inputs not in (None, "preprocessor"):
            known["inputs"] = options.inputs
        if (folder / FACTS).exists():
            known["model"] = digest_of_model(model)
        check_same_examination(folder, known, {"model": model, "data": options.data})
