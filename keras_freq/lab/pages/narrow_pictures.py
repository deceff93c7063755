"""Pictures for narrow screens: the panels that stand side by side, one below the other."""

import io

import numpy as np
from PIL import Image

# Columns of pixels from this value on are empty.
_WHITE = 250
# Empty columns between panels are at least so many; those between letters are fewer.
_LEAST_GAP = 8
# Panels are this far from each other once they are stacked.
_BETWEEN = 24
# What a cut costs, in strips, through a gap of 1 pixel: cuts keep to the widest gaps.
_NARROW = 12.0


def stacked(picture, most_width):
    """Cuts a picture between its panels, and puts the strips below each other.

    Args:
        picture: The content of a PNG file, with a white ground.
        most_width: Width in pixels that a narrow screen shows.

    Returns:
        The content of a PNG file that is at most so wide. None: the picture is not wider, or it has
        no gaps at which it could be cut.

    Example:
        >>> pixels = np.full((20, 200, 3), 255, np.uint8)
        >>> pixels[:, 10:90] = pixels[:, 110:190] = 0
        >>> file = io.BytesIO()
        >>> Image.fromarray(pixels).save(file, "png")
        >>> Image.open(io.BytesIO(stacked(file.getvalue(), 100))).size
        (80, 64)
    """
    with Image.open(io.BytesIO(picture)) as image:
        pixels = np.asarray(image.convert("RGB"))
    if pixels.shape[1] <= most_width:
        return None
    strips = _strips(pixels, most_width)
    if strips is None:
        return None
    parts = [_trimmed(pixels[:, start:end]) for start, end in strips]
    height = sum(len(part) for part in parts) + _BETWEEN * (len(parts) - 1)
    whole = np.full((height, max(part.shape[1] for part in parts), 3), 255, np.uint8)
    top = 0
    for part in parts:
        whole[top : top + len(part), : part.shape[1]] = part
        top += len(part) + _BETWEEN
    file = io.BytesIO()
    Image.fromarray(whole).quantize(256).save(file, "png", optimize=True)
    return file.getvalue()


def _strips(pixels, most_width):
    """Where strips start and end: as few as fit, cut through wide gaps; None if none fit."""
    used = (pixels < _WHITE).any(axis=(0, 2))
    edges = np.flatnonzero(np.diff(np.concatenate([[False], used, [False]]).astype(int)))
    if not len(edges):
        return None
    starts, ends = edges[::2], edges[1::2]
    gaps = starts[1:] - ends[:-1]
    wide = np.flatnonzero(gaps >= _LEAST_GAP)
    # Pieces between possible cuts; a strip holds some pieces that follow each other.
    firsts = np.concatenate([[0], wide + 1])
    lasts = np.concatenate([wide, [len(starts) - 1]])
    costs = np.full(len(firsts) + 1, np.inf)
    costs[0], before = 0.0, np.zeros(len(firsts) + 1, int)
    for end in range(len(lasts)):
        for begin in range(end + 1):
            width = ends[lasts[end]] - starts[firsts[begin]]
            cut = _NARROW / gaps[wide[begin - 1]] if begin else 0.0
            cost = costs[begin] + 1 + cut
            if width <= most_width and cost < costs[end + 1]:
                costs[end + 1], before[end + 1] = cost, begin
    if not np.isfinite(costs[-1]):
        return None
    strips, end = [], len(lasts)
    while end:
        begin = before[end]
        strips.insert(0, (starts[firsts[begin]], ends[lasts[end - 1]]))
        end = begin
    return strips


def _trimmed(strip):
    """A strip without the empty rows above and below."""
    used = np.flatnonzero((strip < _WHITE).any(axis=(1, 2)))
    return strip[used[0] : used[-1] + 1]
