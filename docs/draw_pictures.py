"""Draws the pictures of README and of the site: one of each script in `examples/`.

python docs/draw_pictures.py                     all of them
python docs/draw_pictures.py plot_band_shapley   only this one

`images/shortcut.png` is drawn by `keras-freq run configs/quickstart.toml`.
"""

import io
import runpy
import sys
from pathlib import Path
from unittest import mock

import matplotlib as mpl
import matplotlib.pyplot as plt
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
DPI = 90


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
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(folder / picture_name(script), optimize=True)


def main(names):
    """Draws the pictures of some scripts, or of all."""
    mpl.use("agg")
    scripts = sorted((ROOT / "examples").glob("plot_*.py"))
    for script in scripts:
        if not names or script.stem in names:
            draw(script)
            print(script.stem, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
