"""The page of an examination in a real browser: it asks for nothing, and fits a phone."""

import html
import json
import re
import shutil
import subprocess

import pytest

from keras_freq.lab.pages import write_report
from keras_freq.lab.tables import save_figure, write_json

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--enable-logging=stderr", "--virtual-time-budget=20000"),
)
MEASURE = """
<script>
const frame = document.querySelector("iframe");
frame.addEventListener("load", () => {
  const page = frame.contentDocument, root = page.documentElement;
  const images = [...page.images];
  document.querySelector("pre").textContent = JSON.stringify({
    wide: root.scrollWidth, room: root.clientWidth, images: images.length,
    hidden: images.filter(i => !i.complete || !i.naturalWidth || !i.getBoundingClientRect().width)
      .length,
    requests: frame.contentWindow.performance.getEntriesByType("resource")
      .filter(entry => !entry.name.startsWith("data:")).length,
    title: page.querySelector("h1").textContent,
    silent: [...page.querySelectorAll("*")].filter(one => one.scrollWidth > one.clientWidth + 1
      && ["auto", "scroll"].includes(frame.contentWindow.getComputedStyle(one).overflowX)
      && !frame.contentWindow.getComputedStyle(one, "::before").content.includes("swipe")).length,
  });
});
frame.srcdoc = document.querySelector("template").innerHTML;
</script>
"""
NAMES = [
    "<script>alert(1)</script>",
    '"quoted"',
    "</style>",
    "a_name_that_is_" + "very_" * 9 + "long",
]

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The page of an examination whose names are hostile, long, and many."""
    import matplotlib.pyplot as plt

    folder = tmp_path_factory.mktemp("page")
    for name in ("hero", "wide"):
        _, ax = plt.subplots(figsize=(11, 3))
        ax.plot([1, 2])
        save_figure(folder / "figures", name, ax)
    plan = {"searched": 100, "scored": 200, "left_out": ["rates"]}
    facts = {
        "identity": {"model": "0" * 64, "images": "1" * 64, "seed": 0},
        "names": {"model": "models/<b>net.keras", "data": "folder/of/images" * 9},
        "plan": plan,
        "inputs": f"It takes {NAMES[0]}.",
        "reading": "Images were read.",
        "class_names": NAMES,
        "image_shape": [32, 32, 3],
        "command": "keras-freq examine " + "model" * 40,
        "seconds": {"filter_sweep": 1.5},
        "warnings": {"filter_sweep": [f"Beware of {NAMES[2]}"]},
    }
    columns = ["class", *(f"column {n}" for n in range(8))]
    table = {"columns": columns, "rows": [[name, *["0.12 (0.05 to 0.30)"] * 8] for name in NAMES]}
    block = {
        "name": "filter_sweep",
        "title": "Accuracy through filters",
        "how_to_read": "Read it.",
        "figures": [["hero", NAMES[1]], ["wide", NAMES[0]]],
        "table": table,
        "file": "filter_sweep.csv",
    }
    content = {
        "verdict": [f"It relies on {name}." for name in NAMES],
        "classes": {
            "columns": ["class", "why"],
            "rows": [[name, "long words " * 20] for name in NAMES],
        },
        "input_check": table,
        "blocks": [block],
        "left_out": ["Are they enough?"],
        "bands": ["band 1: less than 4 cycles per image"],
    }
    write_json(folder / "examination.json", facts)
    write_json(folder / "page.json", content)
    return write_report(folder)


def measured(page, folder, width):
    """Opens a page in a frame of some width, and gives its measures and what the console said."""
    text = page.read_text(encoding="utf-8")
    harness = folder / "harness.html"
    harness.write_text(
        f'<template>{html.escape(text)}</template><pre></pre><iframe width="{width}" height="900">'
        "</iframe>" + MEASURE.replace("innerHTML", "content.textContent"),
        encoding="utf-8",
    )
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [BROWSER, *QUIET, profile, "--dump-dom", harness.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    measures = json.loads(html.unescape(re.search(r"<pre>(.*?)</pre>", done.stdout)[1]))
    return measures, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@pytest.mark.parametrize("width", [390, 1200])
def test_the_page_fits_the_screen_and_asks_for_nothing(page, tmp_path, width):
    found, console = measured(page, tmp_path, width)
    assert found["title"] == "<b>net.keras: the frequencies it relies on"
    assert found["wide"] <= found["room"]
    assert (found["images"], found["hidden"], found["requests"]) == (2, 0, 0)
    assert found["silent"] == 0  # what scrolls sideways says so
    assert console == []


def test_names_are_escaped(page):
    text = page.read_text(encoding="utf-8")
    assert "<script>" not in text
    assert text.count("</style>") == 1
