"""Pictures for phones: cut between panels, and nothing else."""

import io

import numpy as np
import pytest
from PIL import Image

from keras_freq.lab.pages.narrow_pictures import stacked

PANELS = {"red": (10, 110), "green": (140, 240), "blue": (270, 370)}


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "png")
    return file.getvalue()


def picture(width=400, letters=()):
    """Three panels of 100 x 50 pixels, and thin strokes like those of letters."""
    pixels = np.full((80, width, 3), 255, np.uint8)
    for channel, (start, end) in enumerate(PANELS.values()):
        pixels[10:60, start:end] = 0
        pixels[10:60, start:end, channel] = 200
    for column in letters:
        pixels[20:30, column : column + 2] = 0
    return pixels


def colours(content):
    """The colours of a stacked picture from top to bottom, without the gaps."""
    with Image.open(io.BytesIO(content)) as image:
        pixels = np.asarray(image.convert("RGB"))[:, 50]
    found = [int(row.argmax()) for row in pixels if row.min() < 250]
    return [one for one, before in zip(found, [None, *found], strict=False) if one != before]


def size(content):
    with Image.open(io.BytesIO(content)) as image:
        return image.size


def test_panels_are_put_below_each_other_in_their_order():
    narrow = stacked(png(picture()), 120)
    assert size(narrow) == (100, 3 * 50 + 2 * 24)
    assert colours(narrow) == [0, 1, 2]


def test_no_more_cuts_are_made_than_the_width_needs():
    assert size(stacked(png(picture()), 240)) == (230, 2 * 50 + 24)


def test_cuts_go_through_the_widest_gaps():
    # A label stands 10 pixels before the blue panel, and 18 behind the green one. Two strips may
    # be cut there, on either side of it, or between the red and the green panel: 30 pixels.
    narrow = stacked(png(picture(letters=[258])), 250)
    assert colours(narrow) == [0, 1]
    assert size(narrow)[0] == 230


@pytest.mark.parametrize(("pixels", "most"), [(picture(), 400), (picture(), 90)])
def test_what_fits_or_cannot_be_cut_stays_as_it_is(pixels, most):
    assert stacked(png(pixels), most) is None
    assert stacked(png(np.full((9, 500, 3), 255, np.uint8)), 100) is None
