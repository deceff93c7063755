"""A results folder -> one self-contained HTML page.

Figures are inside the page, it needs no network, and every name from the data is escaped. Nothing
here loads TensorFlow.
"""

import base64
import re
import string
import tomllib
from pathlib import Path

import jinja2
import markupsafe
import numpy as np
import pandas as pd

from keras_freq.lab.config import ConfigError
from keras_freq.lab.pages.narrow_pictures import stacked
from keras_freq.lab.pages.words import between as between
from keras_freq.lab.pages.words import class_in_words as class_in_words
from keras_freq.lab.pages.words import counted as counted
from keras_freq.lab.pages.words import cycles as cycles
from keras_freq.lab.pages.words import names_in_words as names_in_words
from keras_freq.lab.pages.words import others_in_words as others_in_words
from keras_freq.lab.pages.words import p_in_words as p_in_words
from keras_freq.lab.store import CONFIG, ENVIRONMENT, REPORT
from keras_freq.lab.tables import FIGURE_DPI, read_json, write_text

PIXELS_PER_INCH = 105  # so that a figure's 9 point text reads like the page's small print
# What a phone shows beside its margins. A picture that would be smaller than the second scale is
# cut between its panels, so that each strip has the first scale at least.
PHONE_PIXELS, STRIP_SCALE, LEAST_SCALE = 358, 0.74, 0.65
UNDEFINED = "–"


def write_report(folder):
    """Writes `report.html` of a results folder: of a run, a sweep, a transfer experiment or an
    examination.

    Args:
        folder: A results folder of `keras-freq run` or `keras-freq examine`.

    Returns:
        The page's `pathlib.Path`.

    Raises:
        ConfigError: If it is no results folder, or its run has not come to its end.
    """
    from keras_freq.lab.pages.examination_page import is_examination, write_examination_page
    from keras_freq.lab.pages.run_page import write_run_page
    from keras_freq.lab.pages.sweep_page import write_sweep_page
    from keras_freq.lab.pages.transfer_page import write_transfer_page

    config = Path(folder) / CONFIG
    if is_examination(folder):
        write = write_examination_page
    elif is_sweep(folder):
        write = write_sweep_page
    elif config.exists() and "transfer" in tomllib.loads(config.read_text(encoding="utf-8-sig")):
        write = write_transfer_page
    else:
        write = write_run_page
    return write(folder)


def is_sweep(folder):
    """Tells whether a folder holds the folders of runs, and is not a run itself."""
    folder = Path(folder)
    return not (folder / CONFIG).exists() and any(folder.glob(f"*/{CONFIG}"))


def check_finished(folder, needed):
    """Gives a results folder as a `Path`; raises unless it holds all that its page needs."""
    folder = Path(folder)
    if not folder.is_dir():
        raise ConfigError(f"there is no results folder {folder}")
    missing = [name for name in needed if not (folder / name).exists()]
    if missing:
        raise ConfigError(
            f"{folder} has no {', '.join(missing)}: it is no results folder, or its run has not "
            "come to its end (`keras-freq run` with the same file resumes it)"
        )
    return folder


def facts_of(folder):
    """Reads what a page says of the run itself, as the names that templates use."""
    text = (folder / CONFIG).read_text(encoding="utf-8-sig")
    config = tomllib.loads(text)
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        "title": config["title"] or config["name"],
        "config": config,
        "config_text": text,
        "environment": read_json(folder / ENVIRONMENT),
        "files": sorted(
            file.as_posix()
            for file in files
            # The networks of a transfer experiment, in splits/, are many.
            if file.parts[0] not in ("splits", REPORT) and not file.name.startswith(".")
        ),
    }


def write_page(folder, template, context):
    """Writes `report.html` from a template of this package.

    Args:
        folder: The results folder; templates show pictures of its `figures/`.
        template: The name of the template.
        context: A dict of the names that the template uses. A missing name is an error.

    Returns:
        The page's `pathlib.Path`.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("keras_freq.lab.pages", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "top": top,
        "clauses": clauses,
        "prose": prose,
    }
    environment.globals |= {
        "figure": lambda name: _picture(folder / "figures" / f"{name}.png"),
        "has_figure": lambda name: (folder / "figures" / f"{name}.png").exists(),
    }
    path = folder / REPORT
    write_text(path, environment.get_template(template).render(context))
    return path


def prose(text):
    """Makes HTML of sentences: a number and its unit on one line, and arguments as code.

    Example:
        >>> print(prose("Give `inputs` if x < 1."))
        Give <code>inputs</code> if x &lt; 1.
    """
    text = str(markupsafe.escape(text.replace(" %", "\N{NO-BREAK SPACE}%")))
    return markupsafe.Markup(re.sub("`(inputs|minutes)`", r"<code>\1</code>", text))


def clauses(text):
    """Makes HTML of a long cell: a line for each clause, and quiet letters for what is in brackets.

    Example:
        >>> print(clauses("30 % become it (random 2 %; donors 5 %); it is < others"))
        30 % become it <span class="quiet">(random 2 %; donors 5 %)</span>;<br>it is &lt; others
    """
    lines = [
        re.sub(r"\([^()]*\)", r'<span class="quiet">\g<0></span>', str(markupsafe.escape(line)))
        for line in re.split(r"; (?![^(]*\))", text)
    ]
    return markupsafe.Markup(";<br>".join(lines))


def table(frame, columns):
    """Makes a table of a page, whose cells are text.

    Args:
        frame: A DataFrame of results.
        columns: Pairs of a title and the format of the cells below it. A format names columns of
            `frame`, and after a colon how to write the value: one of `FORMATS`, or as in Python.

    Returns:
        A DataFrame of strings, which templates show as it is.

    Example:
        >>> frame = pd.DataFrame({"name": ["cat"], "tpr": [0.5], "low": [0.25], "high": [np.nan]})
        >>> columns = [("class", "{name}"), ("TPR", "{tpr:rate} ({low:rate} to {high:.2f})")]
        >>> table(frame, columns).values.tolist()
        [['cat', '0.50 (0.25 to –)']]
    """
    rows = [
        [_CellFormatter().vformat(cell, (), row) for _, cell in columns]
        for row in frame.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=[title for title, _ in columns])


def rate(value):
    """Writes a rate with two digits, and a dash where it is undefined."""
    return UNDEFINED if pd.isna(value) else f"{float(value):.2f}"


def percent(value):
    """Writes a share as a percentage."""
    return UNDEFINED if pd.isna(value) else f"{100 * float(value):.1f} %"


def share(value):
    """Writes a share as a whole percentage."""
    return UNDEFINED if pd.isna(value) else f"{100 * float(value):.0f} %"


def points(value):
    """Writes a difference of shares in percentage points."""
    return UNDEFINED if pd.isna(value) else f"{100 * float(value):+.1f}".replace("-", "−")


def count(value):
    """Writes a number of things."""
    return UNDEFINED if pd.isna(value) else str(int(value))


def radius(value):
    """Writes a radius in the frequency plane."""
    return UNDEFINED if pd.isna(value) else cycles(value)


def top(fraction):
    """Writes the share of the frequencies in a map: 0.05 is "top 5 %"."""
    return f"top {100 * fraction:.3g} %"


def at_fraction(frame, fraction):
    """Selects the rows of one share of the frequencies."""
    return frame[np.isclose(frame["fraction"], fraction)]


FORMATS = {one.__name__: one for one in (rate, percent, share, points, count, radius, top)}


class _CellFormatter(string.Formatter):
    """Fills the format of a cell."""

    def format_field(self, value, spec):
        if pd.isna(value):
            return UNDEFINED
        write = FORMATS.get(spec)
        return write(value) if write else super().format_field(value, spec)


def _picture(path):
    """Reads a PNG for a page.

    Returns:
        The image, and the one for phones, or None: pairs of an address inside the page and a width
        there in pixels. Last, whether a phone has to scroll.
    """
    content = path.read_bytes()
    scale = FIGURE_DPI / PIXELS_PER_INCH
    image, narrow = _address(content), None
    scrolls = image[1] * LEAST_SCALE > PHONE_PIXELS
    if scrolls:
        narrow = stacked(content, round(PHONE_PIXELS * scale / STRIP_SCALE))
    return image, narrow and _address(narrow), scrolls and narrow is None


def _address(content):
    """The address of a PNG inside the page, and its width there in pixels."""
    # A PNG's header holds its width. With it, the text of all figures has the same size.
    pixels = int.from_bytes(content[16:20], "big")
    source = "data:image/png;base64," + base64.b64encode(content).decode("ascii")
    return source, round(pixels * PIXELS_PER_INCH / FIGURE_DPI)
