"""Draws the pictures of `how_to_read_these_pictures.md`: one of each script in `examples/`.

python docs/draw_pictures.py                     all of them
python docs/draw_pictures.py plot_band_shapley   only this one
"""

import io
import runpy
import sys
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
DPI = 90


def draw(script, folder=IMAGES):
    """Runs a script and saves its figure, in 256 colours, which is a third of the bytes."""
    runpy.run_path(str(script), run_name="__main__")
    held = io.BytesIO()
    plt.gcf().savefig(held, format="png", dpi=DPI, bbox_inches="tight")
    plt.close("all")
    with Image.open(held) as picture:
        small = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    small.save(folder / f"{script.stem.removeprefix('plot_')}.png", optimize=True)


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
