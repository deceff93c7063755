"""Draws the pictures of README and of the site: one of each script in `examples/`.

python docs/draw_pictures.py                     all of them
python docs/draw_pictures.py plot_importance     only this one

The strip of README is made anew of them each time.

`images/shortcut.png` is drawn by `keras-freq run configs/quickstart.toml`.
"""

import io
import runpy
import sys
from pathlib import Path
from unittest import mock

import matplotlib as mpl
import matplotlib.pyplot as plt
from PIL import Image, ImageOps

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
DPI = 90
# The strip of README: pictures, and the part of each that is shown: left, top, right and bottom as
# shares.
STRIP = {
    "dominant_frequency_maps": (0.625, 0, 1, 0.86),
    "transplant_rates": (0, 0, 0.55, 1),
    "fourier_heat_map": (0, 0, 1, 1),
    "f1_over_steps": (0, 0, 1, 1),
    "adcs": (0.69, 0, 1, 0.81),
    "redundant_bands": (0, 0, 1, 1),
}
STRIP_SIZE = (440, 275)


def picture_name(script):
    """The name of a script's picture: that of `plot_importance.py` is importance.png."""
    return f"{script.stem.removeprefix('plot_')}.png"


def draw(script, folder=IMAGES):
    """Runs a script and saves its one figure, in 256 colours, which is a third of the bytes."""
    plt.close("all")
    with mock.patch.object(plt, "show"):  # there is no screen
        runpy.run_path(str(script), run_name="__main__")
    if len(plt.get_fignums()) != 1:
        raise ValueError(f"{script.name} must draw one figure, not {len(plt.get_fignums())}.")
    held = io.BytesIO()
    plt.gcf().savefig(held, format="png", dpi=DPI, bbox_inches="tight")
    plt.close("all")
    with Image.open(held) as picture:
        _save(picture.convert("RGB"), folder / picture_name(script))


def draw_strip(folder=IMAGES):
    """Makes the small pictures of README, all of one size, of the pictures that are there."""
    for name, shares in STRIP.items():
        with Image.open(folder / f"{name}.png") as picture:
            box = [share * side for share, side in zip(shares, picture.size * 2, strict=True)]
            part = picture.convert("RGB").crop(box)
        part = ImageOps.pad(part, STRIP_SIZE, Image.Resampling.LANCZOS, color="white")
        _save(part, folder / f"strip_{name}.png")


def _save(picture, path):
    picture.quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def main(names):
    """Draws the pictures of some scripts, or of all, and the strip."""
    mpl.use("agg")
    scripts = sorted((ROOT / "examples").glob("plot_*.py"))
    for script in scripts:
        if not names or script.stem in names:
            draw(script)
            print(script.stem, flush=True)
    draw_strip()


if __name__ == "__main__":
    main(sys.argv[1:])
