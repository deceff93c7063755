"""Names that would be code of a page, put into a results folder. Its page must only show them."""

import csv
import html.parser
import json
import tomllib

import numpy as np
import tomli_w

from keras_freq.lab.pages import write_report

HOSTILE = {
    "C0": "<script>alert(1)</script>",
    "C1": '"><img src=x onerror="alert(1)">',
    "C2": "</style></title></table><b>",
    "C3": "{{ 7 * 7 }} & 'a' <!-- $x_1$",
    "<old>": "</td><svg onload=alert(1)>",
    "new": "&lt;i&gt;",
    "without band 1": "<a href='javascript:alert(1)'>",
}
TITLE = "</title><script>alert('title')</script>"


class Page(html.parser.HTMLParser):
    """The elements of a page with the names of their attributes, and all that it shows."""

    def __init__(self, path):
        super().__init__()
        self.elements, self.shown = set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        self.elements.add((tag, *sorted(name for name, _ in attrs)))

    def handle_data(self, data):
        self.shown.append(data)


def renamed(value):
    """A value of a file with hostile names in place of those of the experiment."""
    if isinstance(value, dict):
        return {renamed(key): renamed(one) for key, one in value.items()}
    if isinstance(value, list):
        return [renamed(one) for one in value]
    return HOSTILE.get(value, value) if isinstance(value, str) else value


def rename_all(folder):
    """Puts hostile names into every table and text file of a results folder."""
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        if path.suffix == ".csv":
            with path.open(newline="", encoding="utf-8") as file:
                rows = [renamed(row) for row in csv.reader(file)]
            with path.open("w", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(rows)
        elif path.name == "spectra.npz":
            with np.load(path) as file:
                arrays = dict(file)
            arrays["class_names"] = np.array(renamed(arrays["class_names"].tolist()))
            np.savez(path, **arrays)
        elif path.name == "config.toml":
            config = tomllib.loads(path.read_text(encoding="utf-8"))
            path.write_text(tomli_w.dumps({**config, "title": TITLE}), encoding="utf-8")
        elif path.suffix == ".json":
            known = json.loads(path.read_text(encoding="utf-8"))
            if "command" in known:
                known["command"] = "keras-freq run '<script>.toml'"
            path.write_text(json.dumps(renamed(known)), encoding="utf-8")


def check_names(plain, folder):
    """Renames everything in a results folder, and compares its new page with the one of before."""
    rename_all(folder)
    page = Page(write_report(folder))
    # A long name has a cell that wraps, as long verdicts have, with quiet brackets.
    long_cells = {("td", "class", "data-title"), ("span", "class")}
    assert page.elements <= plain.elements | long_cells
    shown, before = "".join(page.shown), "".join(plain.shown)
    assert TITLE in shown
    assert "<script>.toml" in shown
    for name, hostile in HOSTILE.items():
        if name.startswith(("C", "<")) and name in before:
            assert hostile in shown, hostile
    assert sum(hostile in shown for hostile in HOSTILE.values()) >= 4
