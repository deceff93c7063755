"""Which values a classifier takes its images in, found out from its answers."""

import keras
import numpy as np
import tensorflow as tf
from scipy.stats import binomtest, wilcoxon

from keras_freq import checks
from keras_freq.classifier.adapted_model import as_integers, class_scores, takes_integers
from keras_freq.classifier.compiled import batch_size_for, highest_score
from keras_freq.classifier.guessing import p_value_above
from keras_freq.classifier.input_conventions import conventions_for, converter_of, prepared
from keras_freq.classifier.logits import Logits, cross_entropy
from keras_freq.classifier.model_check import check_finite, check_input, check_kind
from keras_freq.classifier.subclassed_models import scores_of
from keras_freq.data.batches import repeated
from keras_freq.data.even_sample import even_sample
from keras_freq.image_checks import MIXED
from keras_freq.metrics import wilson_interval
from keras_freq.progress import progress_bar

# Images in [0, 1] may be a little beyond after resizing; those up to 255 are far beyond.
_FAR = 16
# No images in [0, 1] are so dark, but those that were divided by 255 twice are.
_TWICE = 1.5 / 255
_DEALS = 9999


def check_inputs(
    model,
    dataset,
    *,
    max_images=256,
    classes=None,
    from_logits=None,
    seed=0,
    batch_size=None,
    progress=True,
):
    """Finds out in which values a classifier takes its images, from how often it is right.

    The same images are given to it in each convention that `keras_freq.adapt` knows. The right one
    is usually that of the highest accuracy. A wrong one is often not far below, and all analyses
    are then of another function.

    Args:
        model: A `keras.Model` from one batch of images to scores `(N, outputs)`, or to one unit.
            For a KerasHub classifier its own preprocessor is a row, too.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches or a pair of arrays, of RGB
            images in [0, 1]. Images from 0.0 to 255.0, as Keras' loaders give them, are divided by
            255 first. It is read once; of `keras_freq.data.image_folder`, if it is not shuffled,
            only the images that are used.
        max_images: Images that are used, of each class as many as possible, in whatever order the
            data set has them. Defaults to 256.
        classes: The outputs that make the classes of `dataset`, as in `keras_freq.adapt`. Defaults
            to None: all outputs.
        from_logits: As in `keras_freq.adapt`.
        seed: Int >= 0, decides which images are used. Defaults to 0.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when this takes longer than 5 s.

    Returns:
        A DataFrame, a row a convention, the best one first:

        - `inputs`: its name, for `keras_freq.adapt`, or "preprocessor" for that of `model`.
        - `accuracy`, `accuracy_low`, `accuracy_high`: the share of images that the model is right
          about, with its 95 % interval (Wilson).
        - `loss`: the mean cross-entropy, nats.
        - `is_best`: whether it is the first row.
        - `images`: the number of images.
        - `p_value`: how likely accuracies are to differ as much from that of the best row, if both
          rows were as good, from the images that only one of them is right about (McNemar's exact
          test, two-sided). NaN for the best row.
        - `loss_p_value`: the same for the losses of all images (Wilcoxon's signed ranks).
        - `guessing_p_value`: how likely so high a loss is, if its true mean were that of equal
          scores for all K classes, the logarithm of K (Student's t, one-sided).
        - `chance`: the accuracy of the same answers, dealt out to the images at random.
        - `chance_p_value`: how often they are then right as often, in 9,999 deals.

    Raises:
        TypeError: If `model` is no `keras.Model`, or `dataset` no data set.
        ValueError: If the model does not fit the images or their labels, nothing tells what its
            outputs are, the images have another range, or no convention gives finite scores.

    Source:
        Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
        percentages", Psychometrika 12 (1947); the exact form is a sign test. F. Wilcoxon,
        "Individual comparisons by ranking methods", Biometrics Bulletin 1 (1945).

    Example:
        >>> images = np.random.default_rng(0).uniform(size=(40, 4, 4, 3)).astype("float32")
        >>> labels = (images.mean(axis=(1, 2, 3)) > 0.5).astype(int)
        >>> scores = keras.layers.Dense(1, "sigmoid", kernel_initializer="ones")
        >>> begin = [keras.layers.Rescaling(1 / 255), keras.layers.GlobalAveragePooling2D()]
        >>> end = [keras.layers.Rescaling(1.0, -0.5), scores]
        >>> model = keras.Sequential([keras.Input((4, 4, 3)), *begin, *end])
        >>> table = check_inputs(model, (images, labels))
        >>> table.inputs[0], float(table.accuracy[0])
        ('0..255', 1.0)

    See Also:
        `keras_freq.classifier.input_finding`, which says what the table means.
    """
    checks.choice("from_logits", from_logits, (None, True, False))
    seed = checks.integer("seed", seed, least=0)
    max_images = checks.integer("max_images", max_images)
    batch_size = checks.batch_size(batch_size)
    passes = repeated(dataset)
    shape = passes.first_batch()[0].shape[1:]
    network, exact = _scores_of(model, shape, classes, from_logits)
    num_classes = network.output_shape[-1]
    _check_number_of_classes(num_classes, len(passes.class_names or ()))
    images, labels = even_sample(passes, max_images, seed=seed)
    reason = f"`model` gives scores for {num_classes} classes"
    checks.labels_below("The labels of `dataset`", labels, num_classes, reason, whole=True)
    share = checks.has_fractions(images).mean()
    images = images / np.float32(white_of(images.min(), images.max(), share))
    names = conventions_for(shape[-1])
    ways = dict(zip(names, names, strict=True))
    if converter_of(model) is not None:
        ways["preprocessor"] = model
    answers, losses = {name: [] for name in ways}, {name: [] for name in ways}
    ask = _compiled(Logits(network, num_classes, take_log=not exact))
    size = batch_size or batch_size_for(shape)
    bar = progress_bar(range(0, len(images), size), task="input check", shown=progress)
    for start in bar:
        batch, true = images[start : start + size], labels[start : start + size]
        for name, way in ways.items():
            logits = ask(prepared(batch, way))
            answers[name].append(highest_score(logits).numpy())
            losses[name].append(cross_entropy(logits, true).numpy())
    answers, losses = (
        {name: np.concatenate(parts) for name, parts in given.items()}
        for given in (answers, losses)
    )
    check_finite(np.any([given >= 0 for given in answers.values()], axis=0))
    return _table(answers, losses, labels, num_classes, seed)


def _scores_of(model, shape, classes, from_logits):
    """Gives the network that is asked, without any preparation, and whether it gives logits."""
    check_kind(model)
    if not takes_integers(model):
        check_input(model, shape)
    images = keras.Input(model.input_shape[1:] if converter_of(model) else shape)
    network = keras.Model(images, scores_of(model, as_integers(model, images)))
    return class_scores(network, classes, from_logits=from_logits)


def _check_number_of_classes(outputs, classes):
    """Raises unless a model has an output for each class of the images; 0 classes are unknown."""
    if classes and outputs != classes:
        raise ValueError(
            f"`model` must give a score for each of the {classes} classes of `dataset`. Received: "
            f"{outputs} classes. Say with `classes` which of its outputs they are, in the order of "
            "the labels"
        )


def _compiled(logits):
    """Makes a function from images to logits, which is traced once for each size of images."""
    graphs = {}

    def stateless(images):
        with keras.StatelessScope():
            return logits(images)

    def call(images):
        images = tf.cast(images, tf.float32)
        shape = tuple(images.shape[1:])
        if shape not in graphs:
            graph = tf.function(stateless, autograph=False)
            graphs[shape] = graph.get_concrete_function(tf.TensorSpec((None, *shape), tf.float32))
        return graphs[shape](images)

    return call


def white_of(low, high, fractions=0.0):
    """Gives the value of white, 1 or 255, in images with values from `low` to `high`.

    Args:
        low: The lowest value.
        high: The highest one.
        fractions: The share of the images of which `checks.has_fractions` is true.

    Raises:
        ValueError: If they are in neither range, or some in one and some in the other, or all of
            them so dark that they were divided by 255 twice.

    Example:
        >>> white_of(0.0, 0.9), white_of(-3.0, 258.0)
        (1, 255)
    """
    white, slack = (255, 64) if high > _FAR else (1, 0.5)
    if low < -slack or high > white + slack:
        raise ValueError(
            "`dataset` must hold images in [0, 1], or from 0.0 to 255.0, before any other "
            f"preparation. Received: values from {low:.4g} to {high:.4g}"
            + (
                ". If they were brought to [-1, 1]: (images + 1) / 2"
                if low >= -1 and high <= 1
                else ""
            )
        )
    if 0 < high <= _TWICE and low > -_TWICE:
        raise ValueError(
            "`dataset` must hold images in [0, 1], or from 0.0 to 255.0. Received: values up to "
            f"{high:.4g}, which is black. If they were divided by 255 twice, multiply them by 255"
        )
    if white == 255 and fractions >= MIXED:
        raise ValueError(
            "`dataset` must hold images of one range, in [0, 1] or from 0.0 to 255.0. Received: "
            f"{100 * fractions:.0f} % of the images with fractions up to 1, and others with values "
            f"up to {high:.4g}. Divide these by 255"
        )
    return white


def _table(answers, losses, labels, num_classes, seed):
    """Makes the table of `check_inputs` of the answers and losses `(N,)` of each convention."""
    import pandas as pd

    right = {name: given == labels for name, given in answers.items()}
    # The same answers in all conventions give losses that differ in their last digits.
    rank = {name: (-right[name].sum(), float(f"{losses[name].mean():.4g}")) for name in answers}
    names = sorted(answers, key=lambda name: np.nan_to_num(rank[name], nan=np.inf).tolist())
    rows = []
    for name in names:
        low, high = wilson_interval(right[name].sum(), len(labels))
        rows.append(
            {
                "inputs": name,
                "accuracy": right[name].mean(),
                "accuracy_low": float(low),
                "accuracy_high": float(high),
                "loss": losses[name].mean(),
                "is_best": name == names[0],
                "images": len(labels),
                "p_value": np.nan if name == names[0] else _mcnemar(right[names[0]], right[name]),
                "loss_p_value": _signed_ranks(losses[names[0]], losses[name]),
                "guessing_p_value": p_value_above(losses[name], np.log(num_classes)),
                **_chance(answers[name], labels, seed),
            }
        )
    return pd.DataFrame(rows)


def _mcnemar(first, second):
    """Gives the p-value of McNemar's exact test of two answers to the same questions."""
    only_first, only_second = (first & ~second).sum(), (second & ~first).sum()
    number = int(only_first + only_second)
    return binomtest(int(only_first), number).pvalue if number else 1.0


def _signed_ranks(first, second):
    """Gives the p-value of Wilcoxon's test of two losses of the same images; NaN if it has none."""
    difference = second - first
    if not np.isfinite(difference).all() or not difference.any():
        return np.nan
    return float(wilcoxon(difference).pvalue)


def _chance(answers, labels, seed):
    """Compares answers with the same ones, dealt out to the images at random."""
    classes = max(answers.max(), labels.max()) + 1
    given = np.bincount(answers[answers >= 0], minlength=classes) / len(answers)
    expected = given @ np.bincount(labels, minlength=classes) / len(labels)
    draw, right = np.random.default_rng(seed), (answers == labels).sum()
    # Some thousand deals at a time, in a few megabytes.
    as_good, each = 0, max(1, 2**20 // len(labels))
    for start in range(0, _DEALS, each):
        deals = np.tile(answers, (min(each, _DEALS - start), 1))
        dealt = draw.permuted(deals, axis=1, out=deals)
        as_good += ((dealt == labels).sum(axis=1) >= right).sum()
    return {"chance": expected, "chance_p_value": (1 + as_good) / (1 + _DEALS)}
