"""A results folder -> one self-contained HTML page.

Figures are inside the page, it needs no network, and every name from the data is escaped.
TensorFlow is not needed.
"""

import base64
import json
import tomllib
from pathlib import Path

import jinja2
import numpy as np

from keras_freq.lab.config import ConfigError
from keras_freq.lab.pages import findings
from keras_freq.lab.store import (
    FIGURE_DPI,
    fraction_label,
    read_matrices,
    read_table,
    read_table_if_there,
    write_text,
)

PIXELS_PER_INCH = 105  # so that a figure's 9 point text reads like the page's small print

NEEDED = (
    "config.toml",
    "environment.json",
    "history.csv",
    "class_metrics.csv",
    "confusion.csv",
    "class_rates.csv",
    "relative_confusion.csv",
    "scores.npz",
    "spectra.npz",
    "figures",
)


def write_report(folder):
    """Write `report.html` of a results folder.

    Args:
        folder: A results folder of `run_experiment`.

    Returns:
        The page's `pathlib.Path`.

    Raises:
        ConfigError: If the folder is not one, or its run has not come to its end.
    """
    folder = check_finished(folder, NEEDED)
    page = page_of("template.html", **_context(folder))
    write_text(folder / "report.html", page)
    return folder / "report.html"


def check_finished(folder, needed):
    """A results folder as a `Path`, or a `ConfigError` unless it holds all that its page needs."""
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


def page_of(template, **context):
    """The HTML of a template of this package; names are escaped, and unknown ones an error."""
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("keras_freq.lab.pages", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(template).render(context)


def _context(folder):
    """Everything the page shows."""
    config_text = (folder / "config.toml").read_text(encoding="utf-8")
    config = tomllib.loads(config_text)
    with np.load(folder / "spectra.npz") as stored:
        names = stored["class_names"].tolist()
    with np.load(folder / "scores.npz") as stored:
        labels, scores = stored["labels"], stored["scores"]
    confusion = read_matrices(folder / "confusion.csv", "count", names)["test"]
    relative = read_matrices(folder / "relative_confusion.csv", "percent", names)
    frame = read_table(folder / "class_metrics.csv")
    rates, without, planted, stability = (
        read_table_if_there(folder / f"{name}.csv")
        for name in ("rates", "without_maps", "planted", "stability")
    )
    sentences = [
        findings.accuracy_finding(confusion),
        findings.learning_finding(frame, names),
        findings.filter_finding(relative, names),
    ]
    if planted is not None:
        sentences.append(findings.planted_finding(planted))
    if rates is not None:
        sentences.append(findings.shortcut_finding(rates))
        sentences.append(findings.emptiness_finding(rates))
    if without is not None:
        sentences.append(findings.need_finding(without))
    fractions = config["analysis"]["fractions"] if rates is not None else []
    return {
        "title": config["title"] or config["name"],
        "config": config,
        "config_text": config_text,
        "environment": json.loads((folder / "environment.json").read_text(encoding="utf-8")),
        "class_names": names,
        "findings": [sentence for sentence in sentences if sentence],
        "rates_table": findings.rates_table(read_table_if_there(folder / "class_rates.csv")),
        "auc_sentence": findings.auc_sentence(labels, scores),
        "evidence": [
            (
                fraction,
                fraction_label(fraction),
                findings.evidence_table(
                    rates[np.isclose(rates["fraction"], fraction)],
                    stability[np.isclose(stability["fraction"], fraction)],
                ),
                None
                if without is None
                else findings.recalls_table(without[np.isclose(without["fraction"], fraction)]),
            )
            for fraction in fractions
        ],
        "figure": lambda name: picture_source(folder / "figures" / f"{name}.png"),
        "has_figure": lambda name: (folder / "figures" / f"{name}.png").exists(),
        "files": sorted(
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".") and path.name != "report.html"
        ),
    }


def picture_source(path):
    """A PNG as the address of an image inside the page, and its width there in pixels."""
    content = path.read_bytes()
    # A PNG's header holds its width; text of all figures then has the same size on the page.
    pixels = int.from_bytes(content[16:20], "big")
    source = "data:image/png;base64," + base64.b64encode(content).decode("ascii")
    return source, round(pixels * PIXELS_PER_INCH / FIGURE_DPI)
