"""Single images whose frequencies are exchanged, and what the model says to them."""

import dataclasses

import numpy as np
from scipy.special import softmax

from keras_freq import checks
from keras_freq.classifier import logits_of
from keras_freq.fourier import check_maps
from keras_freq.interventions import KeptFrequencies, SwappedFrequencies
from keras_freq.interventions.swapped_frequencies import WHAT
from keras_freq.shortcuts.donors import dealt_donors
from keras_freq.shortcuts.images_and_maps import hold_images_and_maps
from keras_freq.shortcuts.random_baseline import leaves_as_much, random_maps

# What is shown: an image as it is, with frequencies of its donor (those of the map, random ones),
# and these frequencies of the donor alone.
VIEWS = ("untouched", "swapped", "random", "alone", "alone_random")
# Images that are counted, at most, and that are held changed at a time.
_MOST, _BATCH = 500, 64


@dataclasses.dataclass(frozen=True, eq=False)
class TransplantExamples:
    """Images of other classes, changed in five ways, and what the model says to each.

    Attributes:
        class_name: The name of class k.
        labels: n names, the classes of the images.
        donors: `(n, H, W, C)`, images of class k.
        images: `(n, 5, H, W, C)`, the pictures of each of `VIEWS`.
        answers: `(n, 5)` names.
        probabilities: `(n, 5)`, of these answers.
        is_class: `(n, 5)` bool, whether the answer is k.
        rates: `(5,)`, the share of all counted images, each with its donor, that are called k in
            each view.
        counted: How many images were counted.
        maps: `(2, H, W)` bool, the map and a random one.
    """

    class_name: str
    labels: list
    donors: np.ndarray
    images: np.ndarray
    answers: np.ndarray
    probabilities: np.ndarray
    is_class: np.ndarray
    rates: np.ndarray
    counted: int
    maps: np.ndarray


def transplant_examples(
    model,
    dataset,
    maps,
    class_id,
    *,
    number,
    what="content",
    random="cells",
    choose="changed",
    seed=0,
    class_names=None,
):
    """Changes images of other classes by the map of one class, and chooses some to show.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        dataset: A data set of `(images, labels)` batches, or a pair of arrays, held in memory.
        maps: `(K, H, W)` bool.
        class_id: The class k.
        number: How many images to choose.
        what: As in `transplant_rates`.
        random: As in `transplant_rates`.
        choose: `"changed"`, first those that the model knows and that become k; or `"random"`. Both
            take images of different classes in turn.
        seed: Int.
        class_names: K names. Defaults to those of `dataset`.

    Returns:
        A `TransplantExamples`.

    Raises:
        TypeError, ValueError: If an argument is wrong, or class k has no map, no images or no
            others.
    """
    checks.choice("what", what, WHAT)
    checks.choice("random", random, ("cells", "energy"))
    checks.choice("choose", choose, ("changed", "random"))
    number, seed = checks.integer("number", number), checks.integer("seed", seed, least=0)
    maps, class_id = check_maps(maps), checks.integer("class_id", class_id, least=0)
    checks.choice("class_id", class_id, range(len(maps)))
    held = hold_images_and_maps(model, dataset, maps, class_names, with_power=random == "energy")
    donors = dealt_donors(held.labels, len(held.maps), seed)[class_id, :, 1]
    others = np.flatnonzero((held.labels != class_id) & (donors >= 0))
    if not len(others) or not held.maps[class_id].any():
        raise ValueError(
            "`class_id` must be a class with a map and with images, and there must be others. "
            f"Received: class_id={class_id} with {held.maps[class_id].sum()} cells, "
            f"{held.counts[class_id]} images, and {(held.labels != class_id).sum()} others"
        )
    rng = np.random.default_rng([seed, class_id, 3])
    others = rng.permutation(others)[:_MOST]
    logits = logits_of(model, held.images, len(held.maps), labels=held.labels)
    own = held.maps[[class_id]]
    options = {"power": held.power, "disjoint": bool(leaves_as_much(own, held.power)[0])}
    both = np.concatenate([own, random_maps(own[0], 1, **options, seed=(seed, class_id))])

    def views(chosen):
        return _views(held.images[chosen], held.images[donors[chosen]], both, what, held.neutral)

    scores = _scores(logits, views, others, len(held.maps))
    answers = scores.argmax(axis=2)
    called = answers == class_id
    known = answers[:, 0] == held.labels[others]
    rank = np.zeros(len(others))
    if choose == "changed":
        rank = -(2.0 * (called[:, 1] & ~called[:, 0]) + known)
    chosen = _in_turn(rank, held.labels[others])[:number]
    names = np.array(held.class_names, object)
    probabilities = softmax(scores[chosen].astype(np.float64), axis=2).max(axis=2)
    return TransplantExamples(
        class_name=held.class_names[class_id],
        labels=names[held.labels[others[chosen]]].tolist(),
        donors=held.images[donors[others[chosen]]],
        images=np.stack(views(others[chosen]), axis=1),
        answers=names[answers[chosen]],
        probabilities=probabilities,
        is_class=called[chosen],
        rates=called.mean(axis=0),
        counted=len(others),
        maps=both,
    )


def _views(images, donors, maps, what, neutral):
    """The pictures of each of `VIEWS`; `maps` are the class's and a random one."""
    place, found = np.arange(len(images)), [images]
    for intervention, changed, donor in (
        (SwappedFrequencies(maps, donors, what), images, [place]),
        (KeptFrequencies(maps, neutral), donors, []),
    ):
        prepared = intervention.prepare(changed)
        for which in np.arange(2):
            numbers = place, np.full(len(images), which), *donor
            found.append(np.asarray(intervention.apply(prepared, *numbers, full=False)))
    return found


def _scores(logits, views, others, num_classes):
    """The logits of every view of the images: `(n, 5, K)`."""
    scores = np.empty((len(others), len(VIEWS), num_classes), np.float32)
    for first in range(0, len(others), _BATCH):
        part = slice(first, first + _BATCH)
        for number, view in enumerate(views(others[part])):
            scores[part, number] = logits(view)
    return scores


def _in_turn(rank, labels):
    """Positions by rank; among equals, the classes take turns."""
    turn = np.empty(len(labels), int)
    for value in np.unique(rank):
        for label in np.unique(labels):
            group = (rank == value) & (labels == label)
            turn[group] = np.arange(group.sum())
    return np.lexsort((turn, rank))
