"""Augmentations of training images, as TensorFlow operations with seeds in place of state.

Every augmentation is a function of a batch of images and a stateless seed. The same seed gives the
same images, eagerly and inside `tf.data`. Every image of the batch draws for itself, by its place
in the batch alone; only `random_amplitude_mix` mixes it with another image of the batch. Use
`augmented` to augment a data set. It gives every batch its own seed:

    train = kf.augment.augmented(train, kf.augment.pad_crop_flip)
    model.fit(train, epochs=20)

`functools.partial` sets options, `compose` puts several in a row:

    augment = kf.augment.compose(
        functools.partial(kf.augment.random_resized_crop, size=224),
        kf.augment.random_flip,
        functools.partial(kf.augment.auto_augment, policy="imagenet"),
    )
    train = kf.augment.augmented(train, augment)
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
