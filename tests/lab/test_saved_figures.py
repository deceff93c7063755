"""Figures of a run: what is laid out once for both files is what matplotlib would have saved."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from keras_freq.lab import tables

# The other tests of the lab are spared it.
LAID_OUT = tables._laid_out


def bars():
    """A figure with all that may stand outside of its axes, laid out by an engine."""
    figure, axes = plt.subplots(1, 2, figsize=(5, 2), layout="constrained")
    axes[0].plot([0, 1000], label="a rather long name of what is shown")
    axes[0].set_ylabel("share of the images, %")
    axes[0].legend(bbox_to_anchor=(1.0, 1.3))
    figure.colorbar(axes[1].imshow(np.eye(3)), ax=axes[1], label="cycles per image")
    figure.suptitle("Two lines\nof a title", x=0.02, ha="left")
    return axes


def cells():
    """A figure without an engine, whose text leaves its bounds."""
    figure = plt.figure(figsize=(2, 2))
    ax = figure.add_axes([0.1, 0.1, 0.8, 0.8])
    ax.text(1.2, 1.1, "outside", rotation=30)
    return np.array([ax])


@pytest.mark.usefixtures("draws")
@pytest.mark.parametrize("drawn", [bars, cells])
def test_both_files_are_those_of_matplotlib(drawn, monkeypatch, tmp_path):
    monkeypatch.setattr(tables, "_laid_out", LAID_OUT)
    tables.save_figure(tmp_path, "one", drawn())
    plain = tmp_path / ".plain.partial.png"
    figure = drawn()[0].figure
    figure.savefig(plain, dpi=tables.FIGURE_DPI, bbox_inches="tight")
    assert (tmp_path / "one.png").read_bytes() == plain.read_bytes()
    assert plt.get_fignums() == [figure.number]
    page = (tmp_path / "one.svg").read_text()
    again = tmp_path / "again"
    tables.save_figure(again, "one", drawn())
    assert page.startswith("<?xml") and page == (again / "one.svg").read_text()
    # The same bounds: an SVG's sizes are in points, of which an inch has 72.
    height, width = plt.imread(plain).shape[:2]
    size = [float(part) for part in page.split('viewBox="')[1].split('"')[0].split()[2:]]
    np.testing.assert_allclose(size, np.array([width, height]) * 72 / tables.FIGURE_DPI, atol=1)
