"""Patterns of one frequency, shared by tests of shortcuts."""

import numpy as np

SIZE = 32
PATTERNS = {"a": (3, 0), "b": (5, 7), "none": (9, 2)}


def wave(pattern):
    """Cosine of 5 cycles down and 7 across for pattern (5, 7)."""
    y, x = np.mgrid[:SIZE, :SIZE]
    return np.cos(2 * np.pi * (pattern[0] * y + pattern[1] * x) / SIZE)


def pair_mask(pattern):
    """Map of one conjugate pair."""
    mask = np.zeros((SIZE, SIZE), bool)
    for sign in (1, -1):
        mask[SIZE // 2 + sign * pattern[0], SIZE // 2 + sign * pattern[1]] = True
    return mask
