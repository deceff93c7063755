"""Pictures that several test files of augmentations share."""

import numpy as np


def numbered(count, height, width):
    """Pictures whose pixels tell image, row and column."""
    parts = np.meshgrid(*(np.arange(n) for n in (count, height, width)), indexing="ij")
    return np.stack(parts, axis=-1).astype(np.float32)


def grey(count, level=0.25):
    """Small pictures of one level."""
    return np.full((count, 4, 4, 3), level, np.float32)
