"""The gallery: each script is short, draws one figure, and runs in seconds."""

import os
import runpy
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

SCRIPTS = sorted((Path(__file__).parents[1] / "examples").glob("plot_*.py"))
each_script = pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
MOST_LINES = 40


@each_script
def test_is_short_and_begins_with_its_title(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= MOST_LINES
    title, rule = lines[:2]
    assert title.startswith('"""') and set(rule) == {"="} and len(rule) >= len(title) - 3


@each_script
def test_runs_and_draws_one_figure(path, monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_FREQ_QUICK", "1")
    monkeypatch.setattr(plt, "show", lambda: None)  # there is no screen
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")
    assert len(plt.get_fignums()) == 1
    assert os.listdir(tmp_path) == []


@each_script
def test_its_picture_is_explained(path):
    """Draw it by `python docs/draw_pictures.py NAME`, and write a box for it."""
    docs, name = path.parents[1] / "docs", f"images/{path.stem.removeprefix('plot_')}.png"
    assert (docs / name).exists()
    assert name in (docs / "how_to_read_these_pictures.md").read_text(encoding="utf-8")
