"""Images of which class become which, with the frequencies of another class's map."""

import numpy as np
import pandas as pd

from keras_freq import checks
from keras_freq.interventions import SwappedFrequencies, ask
from keras_freq.interventions.swapped_frequencies import WHAT
from keras_freq.metrics import wilson_interval
from keras_freq.metrics.rates import ratio
from keras_freq.shortcuts.donors import dealt_donors
from keras_freq.shortcuts.images_and_maps import hold_images_and_maps, untouched_answers


def transplant_matrix(
    model,
    dataset,
    maps,
    *,
    what="content",
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
    executor=None,
):
    """Measures how often images of each class become each other class.

    Every image gets the frequencies of the map of class k from a random image of class k, for every
    class k. How often is it then called k? `transplant_rates` asks the same of all other images
    together, and compares it with random maps. This shows which classes a shortcut draws.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays. It is read
            once and held in memory.
        maps: `(K, H, W)` bool, the map of each class, centred and symmetric.
        what: What is exchanged, `"content"`, `"amplitude"` or `"phase"`, as in `transplant_rates`.
        seed: Int, the seed of the donors: those of `transplant_rates` with the same seed.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        executor: A `concurrent.futures.Executor` that does the work. Defaults to None: this
            process.

    Returns:
        A pandas DataFrame with a row for each class of images and class of donors:

        - `class_id`, `class_name`: the class of the images.
        - `donor_id`, `donor_name`: the class k of the donors and of the map.
        - `images`: how many images there are.
        - `untouched`, `swapped`, `swapped_low`, `swapped_high`: the share of them called k before
          and after, and the 95 % Wilson interval of the latter. NaN without images, donors or map.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, or if maps, images and model do not fit.

    Example:
        >>> import keras, numpy as np, keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> maps = np.stack([kf.low_pass_mask(8, 2), kf.high_pass_mask(8, 2)])
        >>> table = kf.transplant_matrix(keras.Sequential(layers), data, maps)
        >>> table.pivot(index="class_name", columns="donor_name", values="images").values.tolist()
        [[3, 3], [3, 3]]

    See Also:
        `transplant_rates`; `keras_freq.plots.transplant_matrix`, which draws it.

    Source:
        Ours.
    """
    checks.choice("what", what, WHAT)
    seed, batch_size = checks.integer("seed", seed, least=0), checks.batch_size(batch_size)
    held = hold_images_and_maps(model, dataset, maps, class_names)
    num_classes = len(held.maps)
    donors = dealt_donors(held.labels, num_classes, seed)[..., 1]
    given = (donors >= 0) & held.testable()[:, None]

    def items_of(labels, first):
        k, image = np.nonzero(given[:, first : first + len(labels)])
        order = np.argsort(image, kind="stable")
        k, image = k[order], image[order]
        return np.stack([image, k, donors[k, first + image]], axis=1)

    classifier = held.classifier(model, batch_size)
    options = {"progress": progress, "executor": executor}
    became, asked, before = np.zeros((3, num_classes, num_classes), np.int64)
    for labels, (image, k, _), answers in ask(
        "answers",
        classifier,
        held.batches(),
        num_classes,
        SwappedFrequencies(held.maps, held.images, what),
        items_of,
        task="transplants from class to class",
        total=int(given.sum()),
        **options,
    ):
        np.add.at(became, (labels[image], k), answers == k)
        np.add.at(asked, (labels[image], k), 1)
    np.add.at(before, (held.labels, untouched_answers(classifier, held, **options)), 1)
    true, donor = np.indices(became.shape).reshape(2, -1)
    low, high = wilson_interval(became, asked)
    names = np.array(held.class_names, object)
    return pd.DataFrame(
        {
            "class_id": true,
            "class_name": names[true],
            "donor_id": donor,
            "donor_name": names[donor],
            "images": held.counts[true],
            "untouched": ratio(before, held.counts[:, None]).reshape(-1),
            "swapped": ratio(became, asked).reshape(-1),
            "swapped_low": low.reshape(-1),
            "swapped_high": high.reshape(-1),
        }
    )
