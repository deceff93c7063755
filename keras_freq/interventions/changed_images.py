"""Images changed by any functions, each image with a seed of its own."""

import functools

import numpy as np
import tensorflow as tf


class ChangedImages:
    """Changes images by one of several functions.

    Items have a third column, the number of the image in the whole data set. The seed of an image
    depends on this number alone. So the size of batches decides nothing, and all functions draw the
    same for an image.

    Args:
        changes: Functions `(images, *, seed)` of a batch `(N, H, W, C)`, which keep its shape and
            have an attribute `is_random`. They are hashable, picklable, and tell in their `repr`
            what they do, as frozen dataclasses. None: the images stay as they are.
        seed: Int >= 0.
    """

    def __init__(self, changes, seed):
        self.changes, self.seed = list(changes), seed

    def __len__(self):
        return len(self.changes)

    def untouched(self):
        """The numbers of the functions that leave images as they are."""
        return [number for number, change in enumerate(self.changes) if change is None]

    def prepare(self, images):
        """Puts the images on the device."""
        return tf.constant(images)

    def apply(self, images, image, which, number, *, full):
        """Changes image `image[b]` by function `which[b]`, for every item b: `(B, H, W, C)`."""
        seeds = np.stack([np.full_like(number, self.seed), number], axis=1).astype(np.int64)
        changed = np.empty((len(image), *images.shape[1:]), np.float32)
        for one in np.unique(which):
            own = np.flatnonzero(which == one)
            chosen = tf.gather(images, image[own])
            if self.changes[one] is not None:
                chosen = _compiled(self.changes[one], tuple(images.shape[1:]))(chosen, seeds[own])
            changed[own] = chosen
        return changed


@functools.lru_cache(maxsize=256)
def _compiled(change, shape):
    """A change of images `(N, H, W, C)` with seeds `(N, 2)`, as a graph for any N."""

    def changed(images, seeds):
        if not change.is_random:
            return change(images, seed=None)

        def one(image_and_seed):
            image, seed = image_and_seed
            return change(image[None], seed=seed)[0]

        return tf.map_fn(one, (images, seeds), fn_output_signature=tf.TensorSpec(shape, tf.float32))

    signature = [tf.TensorSpec((None, *shape), tf.float32), tf.TensorSpec((None, 2), tf.int64)]
    return tf.function(changed, signature, autograph=False).get_concrete_function()
