"""Which does a model name: what an image has its phases from, or its amplitudes?"""

import numpy as np

from keras_freq import checks
from keras_freq.data import class_names_of
from keras_freq.data.held_arrays import array_batches, held_arrays
from keras_freq.interventions import SwappedFrequencies, ask
from keras_freq.lenses.named_cues import named_cues
from keras_freq.metrics.rates import ratio
from keras_freq.shortcuts.donors import donors_of_other_classes


def phase_preference(
    model,
    dataset,
    num_classes,
    *,
    seed=0,
    class_names=None,
    batch_size=None,
    progress=True,
    checkpoint=None,
    executor=None,
):
    """Measures whether a model goes by the phases of images or by their amplitudes.

    Every image keeps its phases and gets the amplitudes, and with them the mean colour, of a random
    image of another class. The model can name the class of the phases, that of the amplitudes, or a
    third one. People name that of the phases.

    The result is no natural image. A model that names a third class nearly always has no
    preference: look at both shares, not at their quotient alone.

    Args:
        model: A `keras.Model` from images `(N, H, W, C)` to class scores `(N, num_classes)`.
        dataset: A `tf.data.Dataset` of `(images, labels)` batches, or a pair of arrays, of two
            classes at least. It is read once and held in memory.
        num_classes: The number of classes K, at least 2.
        seed: Int >= 0, decides whose amplitudes an image gets. Defaults to 0.
        class_names: K names. Defaults to those of `dataset`.
        batch_size: Images that the model is given at once. Defaults to None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        checkpoint: File of finished work, from which the same call goes on. Defaults to None.
        executor: A `concurrent.futures.Executor` that does the work. Defaults to None: this
            process.

    Returns:
        A pandas DataFrame, a row for each class of the phases, and one for all images together:

        - `class_id`, `class_name`: the class of the phases; -1 and "all" for all.
        - `images`: how many there are.
        - `phase`, `phase_low`, `phase_high`: the share that is given the class of its phases, and
          its 95 % Wilson interval.
        - `amplitude`, `amplitude_low`, `amplitude_high`: the share that is given the class of its
          amplitudes.
        - `preference`, `preference_low`, `preference_high`: of those that are given one of the two,
          the share that is given the class of its phases: 1 is all phase, 0 all amplitude. NaN if
          none is.
        - `untouched`: the share of the untouched images that is given its class.

    Raises:
        TypeError: If `model` is no `keras.Model`.
        ValueError: If an argument is out of range, the model does not fit the images, or all images
            are of one class.

    Example:
        >>> import keras
        >>> import keras_freq as kf
        >>> layers = [keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2)]
        >>> data = np.random.default_rng(0).uniform(size=(6, 8, 8, 1)), [0, 1, 0, 1, 0, 1]
        >>> table = kf.phase_preference(keras.Sequential(layers), data, 2)
        >>> table[["class_name", "images"]].values.tolist()
        [['0', 3], ['1', 3], ['all', 6]]

    See Also:
        `keras_freq.plots.phase_preference`, which draws it; `keras_freq.swap_phase`, which makes
        such images; `phase_noise_sweep`; `transplant_rates` with `what="phase"`, for the
        frequencies of a map.

    Source:
        G. Chen et al., "Amplitude-phase recombination", ICCV 2021, who recombine images so. The
        measure is ours, after the shape bias of R. Geirhos et al., ICLR 2019.
    """
    num_classes = checks.num_classes(num_classes, least=2)
    seed = checks.integer("seed", seed, least=0)
    class_names = class_names_of(dataset, class_names, num_classes)
    images, labels = held_arrays(dataset)
    if len(np.unique(labels)) < 2:
        raise ValueError(
            "`dataset` must hold images of at least two classes, which exchange amplitudes. "
            f"Received: images of class {labels[0]} alone"
        )
    donors = donors_of_other_classes(labels, seed)
    # Nothing is exchanged by the first mask, and everything by the second.
    masks = np.stack([np.full(images.shape[1:3], kept) for kept in (False, True)])

    def items_of(labels, first):
        image, mask = np.indices((len(labels), 2)).reshape(2, -1)
        return np.stack([image, mask, donors[first + image]], axis=1)

    answers = ask(
        "answers",
        model,
        array_batches(images, labels),
        num_classes,
        SwappedFrequencies(masks, images, "amplitude"),
        items_of,
        task="phase or amplitude",
        total=2 * len(labels),
        batch_size=batch_size,
        progress=progress,
        checkpoint=checkpoint,
        executor=executor,
    )
    untouched, mixed = np.concatenate([given.reshape(-1, 2) for *_, given in answers]).T
    cues = {"cues": ("phase", "amplitude"), "preference": "preference"}
    table = named_cues(mixed, labels, labels[donors], class_names, **cues)
    right = np.bincount(labels[untouched == labels], minlength=num_classes)
    return table.assign(untouched=ratio(np.append(right, right.sum()), table["images"]))
