"""Examining a classifier: which frequencies it relies on, and whether they are a shortcut."""

import contextlib
import dataclasses
import os
import tempfile
from pathlib import Path

import numpy as np

from keras_freq import checks
from keras_freq.classifier import adapt
from keras_freq.classifier.input_conventions import check_inputs_argument
from keras_freq.confusion import confusion_matrix
from keras_freq.lab.config import ConfigError
from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.examination.classes import outputs_of
from keras_freq.lab.examination.image_sources import open_source
from keras_freq.lab.examination.inputs import check_adapted, check_shapes, choose_inputs, named
from keras_freq.lab.examination.missing_classes import (
    check_halves,
    missing_classes,
    missing_in_words,
)
from keras_freq.lab.examination.network import digest, open_network
from keras_freq.lab.examination.page_content import write_content
from keras_freq.lab.examination.planning import (
    Plan,
    is_busy,
    make_plan,
    measured_speed,
    time_in_words,
)
from keras_freq.lab.examination.repeated_images import repeated_in_words
from keras_freq.lab.examination.result import FACTS, INPUT_CHECK, LOCK, Examination
from keras_freq.lab.examination.run_blocks import begin, run_blocks
from keras_freq.lab.examination.subject import Subject, available, choose_images, images_to_check
from keras_freq.lab.model_file_kinds import check_model_path, digest_of_model
from keras_freq.lab.pages import others_in_words, write_report
from keras_freq.lab.same_examination import check_same_examination
from keras_freq.lab.store import check_own, locked_folder, say
from keras_freq.lab.tables import read_json, write_csv, write_text
from keras_freq.metrics.rates import percent

# A smaller difference in accuracy between two ways to resize images is not worth a word.
_NOTABLE = 0.02


def examine(
    model,
    dataset,
    num_classes=None,
    *,
    out=None,
    minutes=None,
    inputs=None,
    classes=None,
    class_names=None,
    search_dataset=None,
    image_size=None,
    from_logits=None,
    resize="stretch",
    antialias=False,
    on_error="raise",
    modules=(),
    seed=0,
    progress=True,
    executor=None,
    command=None,
):
    """Examines a classifier: which frequencies does it rely on, and are they a shortcut?

    First it finds out in which values the model takes its images. Then it measures its accuracy
    through filters, the importance of every frequency, and whether the most important ones are
    enough for a class, are needed, or turn other images into it. Frequencies are chosen on some
    images and tested on others.

    Args:
        model: A `keras.Model` from images to class scores: logits, probabilities, or one unit for
            two classes. Or the path of one, in any form that Keras saves.
        dataset: Images with labels. A `tf.data.Dataset` of `(images, labels)` batches or a pair of
            arrays, RGB in [0, 1], or from 0.0 to 255.0. Or a path: a folder of class folders, or of
            `train` and `test` with such folders; a CSV file with the columns `file` and `label`; an
            `.npz` file; or the name of a TFDS data set. Of files, only those that are needed are
            decoded.
        num_classes: The number of classes K. Defaults to None: the model tells.
        out: The results folder. The same call again goes on where it was. Defaults to None: nothing
            is kept on disk.
        minutes: How long it may take, roughly. With less time it takes fewer images, and then
            leaves out questions, the least telling ones first. Defaults to None: 50 images of each
            class to search on and 50 to score.
        inputs: The values that the model takes, as in `keras_freq.adapt`. Defaults to None: those
            with which it is right most often.
        classes: The names of the model's outputs, in their order, if they are not the classes of
            `dataset`: a list, or the path of a text file with a name a line. Or
            `{name: output or outputs}`, as in `keras_freq.adapt`.
        class_names: Names of the classes of a data set. Defaults to None: its own.
        search_dataset: Images to choose frequencies on, such as training images. Defaults to None:
            half of `dataset`, or its training part.
        image_size: Int or `(H, W)`, for a model that takes images of any size, or a subclassed one
            that does not say it.
        from_logits: Whether the model's outputs are logits. Defaults to None: the model tells.
        resize: How files get the model's size, as in `keras_freq.data.image_folder`. Defaults to
            "stretch", which is what Keras' own loader does.
        antialias: Likewise. Defaults to False.
        on_error: What to do with broken files: "raise" or "skip". Defaults to "raise".
        modules: Python files that define what a saved model is made of. They are run.
        seed: Int >= 0, decides which images are chosen, and all random maps. Defaults to 0.
        progress: Whether to say what is going on. Defaults to True.
        executor: A `concurrent.futures.Executor` for the long parts. Defaults to None.
        command: The command line that repeats it, for the page. Defaults to None.

    Returns:
        An `Examination`, which shows itself in a notebook. `out` gets `report.html`, a file for
        each result, and `figures/`.

    Raises:
        TypeError, ValueError: Before any long work, if the model, the images or an argument is not
            as above, if the model is no better than guessing in any convention, or if `out` holds
            something else.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.layers.Rescaling(2.0, -1.0), keras.layers.Flatten()]
        >>> layers += [keras.layers.Dense(2)]
        >>> model = keras.Sequential([keras.Input((8, 8, 3)), *layers])
        >>> images = np.random.default_rng(0).uniform(size=(80, 8, 8, 3)).astype("float32")
        >>> labels = np.asarray(model(images)).argmax(axis=1)
        >>> examination = kf.examine(model, (images, labels), minutes=0.2, progress=False)
        >>> examination.verdict[1][:39]
        'Of 40 images, the model is right about '

    See Also:
        `keras_freq.check_inputs`, `keras_freq.filter_sweep`, `keras_freq.frequency_importance`,
        `keras_freq.transplant_rates`, which it calls.
    """
    seed = checks.integer("seed", seed, least=0)
    if minutes is not None:
        minutes = checks.positive("minutes", minutes, "a time in minutes")
    checks.choice("resize", resize, ("stretch", "crop"))
    checks.choice("on_error", on_error, ("raise", "skip"))
    checks.choice("from_logits", from_logits, (None, True, False))
    if modules and executor is not None:
        raise ConfigError("`modules` (--import) works without --workers and --scheduler")
    tell = say if progress else lambda message: None
    with contextlib.ExitStack() as stack:
        temporary = stack.enter_context(tempfile.TemporaryDirectory()) if out is None else None
        folder = Path(temporary) if out is None else check_own(out, FACTS, "examination")
        names = {"model": _called(model), "data": _called(dataset)}
        identity = {"from_logits": from_logits, "seed": seed}
        if (folder / FACTS).exists() and isinstance(model, str | os.PathLike):
            check_model_path(model)
            identity["model"] = digest_of_model(model)
        check_same_examination(folder, identity, names)
        network, shape = open_network(model, dataset, image_size, modules)
        if inputs is not None:
            check_inputs_argument(network if inputs == "preprocessor" else inputs, shape[-1])
        known = max(2, network.output_shape[-1]) if classes is None else None
        source = open_source(
            dataset,
            shape,
            num_classes=known if num_classes is None else num_classes,
            class_names=class_names,
            search_dataset=search_dataset,
            resize=resize,
            antialias=antialias,
            on_error=on_error,
        )
        outputs = outputs_of(source.class_names, network.output_shape[-1], classes)
        check_shapes(network, source)
        check_halves(source)
        plan = _plan(folder, network, source, shape, minutes)
        tell(_plan_in_words(plan, source))
        searched, scored, resized_otherwise = choose_images(source, plan, seed)
        subject = Subject(None, source.class_names, searched, scored, plan.by)
        identity |= {"model": digest(model, network), "images": subject.digest()}
        identity["outputs"] = outputs
        given = {} if inputs is None or inputs == "preprocessor" else {"inputs": named(inputs)}
        check_same_examination(folder, identity | given, names)
        chosen_outputs = outputs
        if from_logits and outputs is None:
            # Chosen by number, they end in a softmax, so that no analysis has to ask what they are.
            chosen_outputs = range(len(source.class_names))
        adapting = {"classes": chosen_outputs, "from_logits": from_logits}
        checked = images_to_check(source, searched, seed)
        table, chosen, finding = choose_inputs(network, checked, inputs, progress, **adapting)
        tell(finding)
        adapted = adapt(network, inputs=chosen, image_shape=shape, **adapting)
        check_adapted(adapted, searched[0][:2], finding)
        subject = dataclasses.replace(subject, model=adapted)
        reading = _reading(source, subject, resized_otherwise)
        tell(reading)
        facts = {
            "identity": identity | {"inputs": named(chosen)},
            "names": names,
            "plan": dataclasses.asdict(plan),
            "inputs": finding,
            "reading": reading,
            "missing": missing_classes(source)[0],
            "class_names": source.class_names,
            "image_shape": list(shape),
            "command": command,
            "seconds": {},
            "warnings": {},
        }
        write_text(folder / LOCK, "", replace=False)
        with locked_folder(folder, LOCK, "examination"):
            # It goes while it is held, also after an interrupt. A killed process leaves it behind.
            stack.callback((folder / LOCK).unlink)
            begin(folder, facts)
            write_csv(folder / INPUT_CHECK, table)
            options = {"seed": seed, "progress": progress, "executor": executor}
            results = run_blocks(folder, subject, plan, options, tell)
            write_content(folder, subject, results, table)
            write_report(folder)
        found = Examination.load(folder)
        if out is None:
            found.folder = None
        return found


def _plan(folder, network, source, shape, minutes):
    """Makes the plan; in a folder that has one, its images stay as they are."""
    before = None
    if (folder / FACTS).exists():
        before = Plan(**read_json(folder / FACTS)["plan"])
        if before.minutes == minutes:
            return before
    rate, start = measured_speed(network, shape)
    counts = available(source)
    return make_plan(BLOCKS, counts, shape[:2], rate, minutes, start=start, before=before)


def _plan_in_words(plan, source):
    """Says what will be done and how long it may take."""
    classes = len(source.class_names)
    titles = {block.name: f'"{block.title}"' for block in BLOCKS}
    left = ", ".join(titles[name] for name in plan.left_out)
    left = f" Left out for the time: {left}." if left else ""
    if any(block.name in plan.left_out and not block.lens for block in BLOCKS):
        needed = time_in_words(plan.verdict_seconds)
        left += f" All that the verdict reads takes about {needed}: give more `minutes`."
    near = [titles.get(name, f"the number of {name}") for name in plan.near]
    if near:
        more = f" and {others_in_words(len(near) - 2)}" if len(near) > 2 else ""
        near = ", ".join(near[:2]) if more else " and ".join(near)
        left += f" The speed is measured; another time it may decide otherwise about {near}{more}."
    if is_busy():
        left += " Other programs keep this machine busy: it may take longer."
    return (
        f"{classes} classes; {plan.searched} images to search on and {plan.scored} to "
        f"score. At {plan.passes_per_second:.0f} images a second this takes about "
        f"{time_in_words(plan.seconds)}.{left}"
    )


def _reading(source, subject, resized_otherwise):
    """Says how the images were read, and whether the model is as right if they are read otherwise.

    Args:
        source: The `Source`.
        subject: The `Subject`.
        resized_otherwise: The scored images with their labels, resized in the other common way; or
            None.
    """
    sentences = [source.reading, *dict.fromkeys(source.searched.notes + source.scored.notes)]
    repeated = repeated_in_words(subject.searched[0], subject.scored[0])
    sentences += filter(None, [missing_in_words(source), repeated])
    if resized_otherwise is not None and not np.array_equal(
        resized_otherwise[0], subject.scored[0]
    ):
        here, there = (
            np.trace(confusion_matrix(subject.model, pair, subject.num_classes, progress=False))
            / len(pair[1])
            for pair in (subject.scored, resized_otherwise)
        )
        if abs(here - there) >= _NOTABLE:
            sentences.append(
                f"The model is right for {percent(here, 1)} of the scored images so, and for "
                f"{percent(there, 1)} if they are resized in the other common way "
                "(--resize, --antialias). Take what it was trained with."
            )
    return " ".join(sentences)


def _called(value):
    """Says what a model or a data set is called."""
    if isinstance(value, str | os.PathLike):
        return str(value)
    in_memory = "arrays in memory" if isinstance(value, tuple | list) else type(value).__name__
    return getattr(value, "name", None) or in_memory
