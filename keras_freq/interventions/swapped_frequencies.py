"""Images in which the frequencies of a mask come from another image, the donor."""

import numpy as np
import tensorflow as tf

from keras_freq import checks
from keras_freq.fourier import half_spectrum_mask
from keras_freq.fourier.filters import half_spectrum
from keras_freq.fourier.masks import check_size
from keras_freq.fourier.phase import SMALLEST_AMPLITUDE, with_phases

WHAT = ("content", "amplitude", "phase")


class SwappedFrequencies:
    """Gives images the frequencies of other images, where a mask tells, and leaves all others.

    DC is a frequency like the others: if a mask holds it, the donor's mean comes too.

    Args:
        masks: `(M, H, W)` bool, centred and symmetric, True = from the donor.
        donors: `(N, H, W, C)` float32, the images that donors are taken from. They are held once,
            and a spectrum is computed where a batch needs it.
        what: What comes from the donor: `"content"` (the complex values), `"amplitude"` (their
            moduli; the image keeps its phases) or `"phase"` (their phases; the image keeps its
            moduli). A frequency that an image does not have has no phase. Its amplitude then comes
            with phase 0, and its phase does not come at all.
    """

    def __init__(self, masks, donors, what="content"):
        self.masks, self.donors = np.asarray(masks), donors
        self.what = checks.choice("what", what, WHAT)

    def __len__(self):
        return len(self.masks)

    def untouched(self):
        """The numbers of the masks that leave images as they are."""
        return np.flatnonzero(~self.masks.any(axis=(1, 2)))

    def for_items(self, items):
        """Gives the same with only the donors of some items, and the items with their new numbers.

        A unit of work that is sent to another process then holds few images.
        """
        used, place = np.unique(items[:, 2], return_inverse=True)
        renumbered = items.copy()
        renumbered[:, 2] = place
        return SwappedFrequencies(self.masks, self.donors[used], self.what), renumbered

    def prepare(self, images):
        """Computes what all masks share: the images' spectra, and the masks on the device."""
        check_size(self.masks, images.shape[1:3], "masks")
        return half_spectrum(images), tf.constant(half_spectrum_mask(self.masks))

    def apply(self, prepared, image, mask, donor, *_, full):
        """Puts frequencies of donor `donor[b]` into image `image[b]`, for every item b.

        Where items with the same donor are together, its spectrum is computed once for them.
        Further columns of the items are for whoever asks.
        """
        spectra, masks = prepared
        used, place = np.unique(donor, return_inverse=True)
        own = tf.gather(spectra, tf.constant(image, tf.int32))
        others = tf.gather(half_spectrum(self.donors[used]), tf.constant(place, tf.int32))
        swap = _swap_fused if full else _swap
        taken = tf.gather(masks, tf.constant(mask, tf.int32))
        height, width = self.masks.shape[1:]
        mixed = swap(own, others, taken, self.what, SMALLEST_AMPLITUDE * height * width)
        planes = tf.signal.irfft2d(mixed, fft_length=(height, width))
        return tf.transpose(planes, [0, 2, 3, 1])


def _swap(own, others, masks, what, least):
    """Chooses between two stacks of half spectra `(B, C, H, V)` by masks `(B, H, V)`.

    What is below the modulus `least` has no phase.
    """
    if what == "amplitude":
        others = with_phases(others, own, tf.cast(tf.abs(others), own.dtype), least)
    elif what == "phase":
        others = with_phases(own, others, own, least)
    # Products: `tf.where` that broadcasts takes as long as a small network.
    taken = tf.cast(masks, own.dtype)[:, None]
    return own * (1 - taken) + others * taken


# The same in one loop. Each size of batch is compiled anew, so that only full batches are worth it.
_swap_fused = tf.function(_swap, autograph=False, jit_compile=True, reduce_retracing=True)
