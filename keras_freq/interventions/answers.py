"""What a model answers on images of which only the frequencies of a mask are left."""

import numpy as np
from tqdm import tqdm

from keras_freq.confusion import highest_score
from keras_freq.data.batches import checked_batches
from keras_freq.interventions.kept_frequencies import KeptFrequencies


def filtered_answers(
    model, dataset, masks, masks_of_class, *, survey, neutral, batch_size, progress, task
):
    """Runs a model on images seen through masks, those of each class through masks of its own.

    Args:
        model: `keras.Model` from images `(N, H, W, C)` to class scores `(N, K)`.
        dataset: What `checked_batches` takes.
        masks: `(M, H, W)` bool, centred and symmetric.
        masks_of_class: K arrays of indices of masks.
        survey: The `ImageSurvey` of `dataset`.
        neutral: `(C,)`, or a number: filters act on `images - neutral`.
        batch_size: Filtered images that the model is given at once; None: by their size.
        progress: Whether to show a progress bar when it takes more than some seconds.
        task: Its name.

    Yields:
        For each batch of `dataset`, one item for each image and mask of its class: arrays of
        true classes, of indices of masks and of the classes that the model answered.

    Raises:
        ValueError: If the model gives NaN.
    """
    if not len(masks):
        return

    def answer(images):
        return highest_score(model(images, training=False))

    kept = KeptFrequencies(answer, survey.image_shape, neutral, batch_size)
    held = kept.on_device(masks)
    lengths = np.array([len(own) for own in masks_of_class])
    with tqdm(
        desc=task,
        total=int(lengths @ survey.counts),
        unit="pass",
        unit_scale=True,
        disable=not progress,
        delay=5,
    ) as bar:
        for images, labels in checked_batches(dataset, len(masks_of_class)):
            which_image = np.repeat(np.arange(len(images)), lengths[labels])
            which_mask = np.concatenate([masks_of_class[label] for label in labels])
            if not len(which_image):
                continue
            answered = kept(images, held, which_image, which_mask, on_batch=bar.update)
            if (answered < 0).any():
                raise ValueError(
                    "`model` must give finite scores. Received: NaN for an image without some of "
                    "its frequencies"
                )
            yield labels[which_image], which_mask, answered
