"""Whether images of an examination are there more than once, and so tell less than it seems."""

import hashlib


def repeated_in_words(searched, scored):
    """Says which of the scored images are no further evidence.

    Args:
        searched: `(M, H, W, C)`, the images that maps are chosen on.
        scored: `(N, H, W, C)`, the images that they are tested on.

    Returns:
        A sentence; "" if each image is there once.

    Example:
        >>> import numpy as np
        >>> images = np.arange(12.0).reshape(3, 2, 2, 1)
        >>> repeated_in_words(images[:1], images[1:])
        ''
        >>> print(repeated_in_words(images[:2], images[1:]))
        Of the 2 images that are scored, 1 is also among those that maps are chosen on: results \
        are those of images that the maps know.
    """
    known, marks = set(map(_mark, searched)), list(map(_mark, scored))
    different, shared = len(set(marks)), sum(mark in known for mark in marks)
    found, meaning = [], []
    if shared:
        found.append(f"{shared} {_is(shared)} also among those that maps are chosen on")
        meaning.append("results are those of images that the maps know")
    if different < len(marks):
        found.append(f"only {different} {_is(different)} different")
        meaning.append("intervals are too narrow")
    if not found:
        return ""
    return (
        f"Of the {len(marks)} images that are scored, {' and '.join(found)}: "
        f"{', and '.join(meaning)}."
    )


def _mark(image):
    return hashlib.blake2b(image.tobytes(), digest_size=16).digest()


def _is(number):
    return "is" if number == 1 else "are"
