"""Checks a package that was installed from its wheel, with no source tree beside it.

Call it in an empty folder, with the files that the wheel must hold on standard input, one a line,
relative to the source tree.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np

import keras_freq as kf

root = Path(kf.__file__).parents[1]
assert Path(sys.prefix) in root.parents, f"{root} is not installed here"
wanted = sys.stdin.read().split()
lacking = [name for name in wanted if not (root / name).exists()]
assert len(wanted) > 200 and not lacking, f"the wheel lacks {lacking}"

import keras  # noqa: E402
from PIL import Image  # noqa: E402

rng = np.random.default_rng(0)
for name, level in (("dark", 100), ("light", 150)):
    folder = Path("images") / name
    folder.mkdir(parents=True)
    for i in range(30):
        pixels = rng.normal(level, 50, (8, 8, 3)).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{i}.png")
model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
model.layers[-1].set_weights([np.tile([[-1.0, 1.0]], (192, 1)) / 9, np.array([10.5, -10.5])])
model.save("model.keras")

command = str(Path(sys.executable).with_name("keras-freq"))
shown = subprocess.run([command, "--help"], check=True, capture_output=True, text=True).stdout
assert "examine" in shown
arguments = ["examine", "model.keras", "images", "--out", "examined", "--minutes", "0.05"]
subprocess.run([command, *arguments], check=True)
page = Path("examined", "report.html").read_text(encoding="utf-8")
assert "data:image/png;base64," in page and "</html>" in page
