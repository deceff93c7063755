"""The engine: change every image in many ways, and collect what the model answers, by class.

`ask` reads the data once, runs the model on every image under the interventions that are wanted
for it, and yields what it answers. `count_answers` and `sum_losses` add that up by class and
intervention. An analysis chooses interventions, calls one of the two, and makes a table of it.
"""

import contextlib
import itertools

import numpy as np

from keras_freq import checks
from keras_freq.classifier import CompiledClassifier, Logits, check_model, logits_of
from keras_freq.data import checked_batches
from keras_freq.interventions.checkpoint import ResultLog, fingerprint_of
from keras_freq.interventions.executors import remote_runner
from keras_freq.interventions.work_units import BATCHES_A_UNIT, Unit, UnitRunner, num_parameters
from keras_freq.progress import progress_bar

# Bytes of images that are held for one unit of work.
_UNIT_BYTES = 2**26


def ask(
    question,
    model,
    dataset,
    num_classes,
    intervention,
    items_of,
    *,
    task,
    total=None,
    batch_size=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Asks a model about images under interventions. The data set is read once.

    Args:
        question: "answers" (class of the highest score), "losses" (cross-entropy, nats), "scores"
            (those of all classes) or "distances" (of the scores from those of the untouched image).
        model: A `keras.Model` from images `(N, H, W, C)` to K scores, or a `CompiledClassifier`,
            which an analysis that asks several times compiles once. For losses of a `keras.Model`,
            logits are found as `keras_freq.classifier.logits_of` does.
        dataset: What `keras_freq.data.checked_batches` takes.
        num_classes: The number of classes K.
        intervention: What is done to images, see `keras_freq.interventions`. None: nothing.
        items_of: Function from `(labels, first)` to items `(B, 2)` int, or more columns: the
            position of an image among these labels, and the parameters of its intervention.
            `first` is the number of images before these.
        task: Name of the task, for the progress bar and the checkpoint.
        total: Passes in all, for the progress bar. Defaults to None: unknown.
        batch_size: Images that a model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        checkpoint: File of finished units of work. The same call, after it was killed, goes on
            from there and gives the same bits. Defaults to None: none is kept.
        executor: A `concurrent.futures.Executor` to run units on. Defaults to None: this process.

    Yields:
        For some images at a time: their labels `(N,)`, the items, one in a column, and the results
        `(B,)`: int64 classes, or float64 losses or distances; or float32 scores `(B, K)`.

    Raises:
        TypeError, ValueError: If the model does not fit the images or gives NaN, or as in
            `checked_batches`.

    Warns:
        UserWarning: At the end, if the model does no better than guessing on the images as they
            are, where the interventions leave 100 or more of them so.
    """
    batch_size, checkpoint = checks.batch_size(batch_size), checks.checkpoint(checkpoint)
    batches = checked_batches(dataset, num_classes)
    images, labels = first_batch = next(batches)
    classifier = model
    if not isinstance(model, CompiledClassifier):
        check_model(model, images[:2], num_classes)
        logits = Logits(model, num_classes)
        if question == "losses":  # a softmax is taken off: probabilities are no logits
            logits = logits_of(model, images, num_classes, labels=labels)
        classifier = CompiledClassifier(logits, images.shape[1:], batch_size)
    items_each = len(items_of(labels, 0)) // len(labels)
    units = _units(
        itertools.chain([first_batch], batches),
        _images_each(classifier, items_each),
        *(question, intervention, items_of),
    )
    with contextlib.ExitStack() as stack:
        log = None
        if checkpoint is not None:
            name = _fingerprint(classifier, images[:2], intervention, question, task)
            log = stack.enter_context(contextlib.closing(ResultLog(checkpoint, name)))
        runner = UnitRunner(
            classifier,
            stack.enter_context(pass_bar(task, progress, total)),
            log=log,
            executor=executor,
            remote=stack.enter_context(remote_runner(executor, classifier, checkpoint)),
            by_content=True,
        )
        for unit, results in runner.stream(units):
            yield unit.labels, unit.items.T, results
    runner.untouched.warn(num_classes)


def count_answers(
    model,
    dataset,
    num_classes,
    intervention,
    items_of,
    *,
    confusion=False,
    paired_with=None,
    **options,
):
    """Counts what a model answers under each of M interventions, by class.

    Args:
        model: As in `ask`.
        dataset: As in `ask`.
        num_classes: As in `ask`.
        intervention: As in `ask`.
        items_of: As in `ask`; of items, the first two columns are counted by.
        confusion: Whether to count every true class with every answer, in `M K^2` numbers.
        paired_with: The number of one intervention, such as that which leaves images untouched.
            Each image is compared with itself under it. Defaults to None: none is compared.
        **options: Those of `ask`.

    Returns:
        A dict of int64 arrays:

        - `asked`: `(M, K)`, images of each class that were seen under each intervention.
        - `right`: `(M, K)`, those of them that the model gave their class.
        - `answered`: `(M, K)`, images of any class that the model gave the class.
        - `confusion`: `(M, K, K)` if wanted, rows are true classes and columns answers.
        - `lost`, `won`: `(M, K)` with `paired_with`. Of the images that were seen under it, those
          that were right then and are wrong now, and the reverse.

    Raises:
        TypeError, ValueError: As in `ask`.
    """

    def zeros():
        shape = num_parameters(intervention), num_classes
        names = ["asked", "right", "answered"] + ([] if paired_with is None else ["lost", "won"])
        counts = {name: np.zeros(shape, np.int64) for name in names}
        return counts | (
            {"confusion": np.zeros((*shape, num_classes), np.int64)} if confusion else {}
        )

    counts = {}
    for labels, (image, which, *_), answers in ask(
        "answers", model, dataset, num_classes, intervention, items_of, **options
    ):
        counts = counts or zeros()  # here the model is known to have so many classes
        true = labels[image]
        right = answers == true
        np.add.at(counts["asked"], (which, true), 1)
        np.add.at(counts["right"], (which, true), right)
        np.add.at(counts["answered"], (which, answers), 1)
        if confusion:
            np.add.at(counts["confusion"], (which, true, answers), 1)
        if paired_with is not None:  # all items of an image are in one unit
            own = which == paired_with
            was_right, was_wrong = (np.zeros(len(labels), bool) for _ in range(2))
            was_right[image[own & right]] = was_wrong[image[own & ~right]] = True
            np.add.at(counts["lost"], (which, true), was_right[image] & ~right)
            np.add.at(counts["won"], (which, true), was_wrong[image] & right)
    return counts or zeros()


def sum_losses(model, dataset, num_classes, intervention, items_of, **options):
    """Adds up the losses under each of M interventions, by class.

    Args:
        model: As in `ask`.
        dataset: As in `ask`.
        num_classes: As in `ask`.
        intervention: As in `ask`.
        items_of: As in `ask`; of items, the first two columns are counted by.
        **options: Those of `ask`.

    Returns:
        Two arrays `(M, K)`: int64 images of each class under each intervention, and the float64
        sums of their cross-entropies, nats.

    Raises:
        TypeError, ValueError: As in `ask`.
    """
    asked = np.zeros((num_parameters(intervention), num_classes), np.int64)
    losses = np.zeros(asked.shape)
    for labels, (image, which, *_), results in ask(
        "losses", model, dataset, num_classes, intervention, items_of, **options
    ):
        np.add.at(asked, (which, labels[image]), 1)
        np.add.at(losses, (which, labels[image]), results)
    return asked, losses


def pass_bar(task, shown, total=None):
    """Makes a bar of passes, with the time left."""
    return progress_bar(task=task, shown=shown, total=total, unit="pass", unit_scale=True)


def _images_each(classifier, items_each):
    """Images of a unit: some full batches of items, and not too many bytes of images."""
    passes = BATCHES_A_UNIT * classifier.batch_size
    image_bytes = 4 * int(np.prod(classifier.image_shape))
    most = max(classifier.batch_size, _UNIT_BYTES // image_bytes)
    return min(most, max(1, passes // max(1, items_each)))


def _units(batches, images_each, question, intervention, items_of):
    """Yields the units of work; images without items make none."""
    first = 0
    for images, labels in _cut(batches, images_each):
        items, part = items_of(labels, first), intervention
        if len(items):
            # An intervention that holds other images gives those that these items need.
            if hasattr(intervention, "for_items"):
                part, items = intervention.for_items(items)
            yield Unit(question, images, labels, part, items)
        first += len(labels)


def _cut(batches, size):
    """Yields the images and labels of any batches `size` at a time."""
    held, number = [], 0
    for batch in batches:
        held.append(batch)
        number += len(batch[0])
        if number < size:
            continue
        images, labels = (np.concatenate(arrays) for arrays in zip(*held, strict=True))
        whole = number - number % size
        for start in range(0, whole, size):
            yield images[start : start + size], labels[start : start + size]
        held, number = [(images[whole:], labels[whole:])], number - whole
    if number:
        yield tuple(np.concatenate(arrays) for arrays in zip(*held, strict=True))


def _fingerprint(classifier, images, intervention, *facts):
    """Names a piece of work by the network and the interventions; its log names the images."""
    weights = [np.asarray(weight) for weight in classifier.logits.model.weights]
    # Networks of the same weights may still differ in how they are put together.
    outputs = np.asarray(classifier.logits(images))
    parameters = [value for _, value in sorted(vars(intervention).items())] if intervention else []
    kind = type(intervention).__name__
    return fingerprint_of(*weights, outputs, classifier.batch_size, kind, *parameters, *facts)
