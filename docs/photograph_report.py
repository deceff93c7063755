"""Photographs the top of a page of `keras-freq examine`, for the README.

python docs/photograph_report.py FOLDER          into docs/images/report.png
python docs/photograph_report.py FOLDER --height 1700

FOLDER is the results folder of an examination. Chromium has to be installed.
"""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

IMAGES = Path(__file__).resolve().parent / "images"
WIDTH = 1080


def photograph(page, height, target):
    """Takes a picture of the top of a page, in 128 colours, which is a small file."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    if browser is None:
        raise SystemExit("Chromium is not installed")
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder) / "page.png"
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command += [f"--user-data-dir={folder}/profile", f"--window-size={WIDTH},{height}"]
        command += [f"--screenshot={shot}", page.resolve().as_uri()]
        subprocess.run(command, check=True, capture_output=True)
        with Image.open(shot) as picture:
            small = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    small.save(target, optimize=True)


def main():
    """Reads the folder and the height."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a results folder of keras-freq examine")
    parser.add_argument("--height", type=int, default=1500, help="pixels of the page")
    parser.add_argument("--out", type=Path, default=IMAGES / "report.png")
    arguments = parser.parse_args()
    photograph(arguments.folder / "report.html", arguments.height, arguments.out)
    print(arguments.out)


if __name__ == "__main__":
    main()
