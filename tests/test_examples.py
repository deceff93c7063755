"""The gallery: each script is short, draws one figure, and runs in seconds."""

import importlib.util
import os
import re
import shutil
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

ROOT = Path(__file__).parents[1]
SCRIPTS = sorted((ROOT / "examples").glob("plot_*.py"))
each_script = pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
# Of the scripts that train a network, these run each time, and all of them with `--slow`.
ALWAYS = ("plot_filter_sweep", "plot_f1_over_steps", "plot_shortcut_examples")
each_script_in_turn = pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path,
            marks=[]
            if path.stem in ALWAYS or ".fit(" not in path.read_text(encoding="utf-8")
            else pytest.mark.slow,
        )
        for path in SCRIPTS
    ],
    ids=lambda path: path.stem,
)
MOST_LINES = 40
# Bytes of a picture in the repository.
MOST_BYTES = 200_000


@pytest.fixture(scope="module")
def draw_pictures():
    """`docs/draw_pictures.py` as a module."""
    path = ROOT / "docs" / "draw_pictures.py"
    spec = importlib.util.spec_from_file_location("draw_pictures", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@each_script
def test_is_short_and_begins_with_its_title(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MOST_LINES
    title, rule = lines[:2]
    assert title.startswith('"""') and set(rule) == {"="} and len(rule) >= len(title) - 3


@each_script_in_turn
def test_runs_and_its_one_figure_is_drawn(path, draw_pictures, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_FREQ_QUICK", "1")
    working, pictures = tmp_path / "working", tmp_path / "pictures"
    for folder in (working, pictures):
        folder.mkdir()
    monkeypatch.chdir(working)
    draw_pictures.draw(path, pictures)
    assert plt.get_fignums() == []
    assert os.listdir(working) == []
    (picture,) = pictures.iterdir()
    assert picture.name == draw_pictures.picture_name(path)


@each_script
def test_its_picture_is_in_the_repository_and_small(path, draw_pictures):
    """Draw it by `python docs/draw_pictures.py NAME`."""
    picture = ROOT / "docs" / "images" / draw_pictures.picture_name(path)
    assert 1000 < picture.stat().st_size < MOST_BYTES


def test_the_strip_of_readme_is_made_of_the_pictures(draw_pictures, tmp_path):
    images = ROOT / "docs" / "images"
    for name in draw_pictures.STRIP:
        shutil.copy(images / f"{name}.png", tmp_path)
    draw_pictures.draw_strip(tmp_path)
    for name in draw_pictures.STRIP:
        with (
            Image.open(tmp_path / f"strip_{name}.png") as made,
            Image.open(images / f"strip_{name}.png") as kept,
        ):
            assert made.size == kept.size == draw_pictures.STRIP_SIZE
            difference = np.abs(np.asarray(made.convert("RGB"), int) - kept.convert("RGB"))
            assert difference.mean() < 1, "python docs/draw_pictures.py draws the strip anew"


def test_every_picture_of_the_explanations_is_there():
    text = (ROOT / "docs" / "how_to_read_these_pictures.md").read_text(encoding="utf-8")
    named = re.findall(r"\]\((images/\w+\.png)\)", text)
    assert len(named) >= 14
    assert [name for name in named if not (ROOT / "docs" / name).exists()] == []
