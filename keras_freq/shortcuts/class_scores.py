"""How well a model's score of a class tells its images from others, through a mask and without.

A recall depends on what a model says by default. The area under the ROC curve does not: it
compares scores of one and the same class, of images of the class and of others.
"""

import numpy as np
from scipy.special import log_softmax

from keras_freq.classifier.logits import are_probabilities
from keras_freq.interventions import KeptFrequencies, ask
from keras_freq.metrics.rates import ratio


def class_aucs(model, dataset, counts, masks, neutral, *, seed=0, **options):
    """Computes the AUC of each class's score against the rest, with and without filtering.

    The images of a class are compared with about as many others, drawn at random. So this takes
    about three passes an image, for any number of classes.

    Args:
        model: A `keras.Model`, or a `CompiledClassifier`.
        dataset: A data set, read once.
        counts: `(K,)`, images of each class.
        masks: `(K, H, W)` bool, through which the images are seen for each class.
        neutral: A number or `(C,)`.
        seed: Int.
        **options: Those of `keras_freq.interventions.ask`.

    Returns:
        `(K, 2)` float64, the area untouched and through the mask. NaN without images of the class,
        or without others. Ties count half.
    """
    num_classes, total = len(counts), int(counts.sum())
    share = ratio(counts, total - counts)
    # By the place of the image in the data, however it comes in batches.
    drawn = np.random.default_rng([seed, 2]).random((total, num_classes)) < share
    everything = np.ones((1, *masks.shape[1:]), bool)

    def items_of(labels, first):
        own = labels[:, None] == np.arange(num_classes)
        image, which = np.nonzero(own | drawn[first : first + len(labels)])
        plain = np.stack([np.arange(len(labels)), np.full(len(labels), num_classes)])
        return np.concatenate([np.stack([image, which]), plain], axis=1).T

    found, probabilities = [], True
    for labels, (image, which), scores in ask(
        "scores",
        model,
        dataset,
        num_classes,
        KeptFrequencies(np.concatenate([masks, everything]), neutral),
        items_of,
        task="scores of classes",
        total=total + int(np.minimum(2 * counts, total).sum()),
        **options,
    ):
        scores = scores.astype(np.float64)
        probabilities &= are_probabilities(scores)
        # Log-probabilities compare logits of different images. Probabilities stay as they are.
        scores = np.stack([log_softmax(scores, axis=1), scores])
        plain, filtered = which == num_classes, which < num_classes
        untouched = np.empty((2, len(labels), num_classes))
        untouched[:, image[plain]] = scores[:, plain]
        image, which, rows = image[filtered], which[filtered], scores[:, filtered]
        through = rows[:, np.arange(len(image)), which]
        found.append((which, labels[image] == which, untouched[:, image, which], through))
    which, own, *both = (np.concatenate(parts, axis=-1) for parts in zip(*found, strict=True))
    both = [scores[int(probabilities)] for scores in both]
    return np.array(
        [
            [_auc(score[(which == k) & own], score[(which == k) & ~own]) for score in both]
            for k in range(num_classes)
        ]
    )


def _auc(positive, negative):
    """The share of pairs in which the positive has the higher score; ties count half."""
    if not len(positive) or not len(negative):
        return np.nan
    ranked = np.sort(negative)
    below = np.searchsorted(ranked, positive, "left") + np.searchsorted(ranked, positive, "right")
    return float(below.mean() / 2 / len(negative))
