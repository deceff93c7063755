"""What an examination has found, and its files."""

import html
from pathlib import Path

from keras_freq.lab.config import ConfigError
from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.same_examination import FACTS
from keras_freq.lab.tables import read_json, read_table

CONTENT = "page.json"
REPORT, INPUT_CHECK = "report.html", "input_check.csv"
# Held while an examination is running. It is never written again, unlike the facts.
LOCK = ".running"


class Examination:
    """What an examination has found. In a notebook it shows its page.

    Attributes:
        folder: The results folder, a `Path`; None if none was kept.
        verdict: A list of at most five points, each of a few sentences.
        input_check: The DataFrame of `keras_freq.check_inputs`.
        results: A dict of all results by name: DataFrames, the `FrequencyImportance` and other
            results. They are attributes as well, such as `examination.filter_sweep`.
        page: The page, as HTML text.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"inputs": ["0..1"]})
        >>> Examination(None, ["It relies on low frequencies."], table, {}, "<html></html>")
        Examination:
        - It relies on low frequencies.
    """

    def __init__(self, folder, verdict, input_check, results, page):
        self.folder, self.verdict, self.input_check = folder, verdict, input_check
        self.results, self.page = results, page

    def __getattr__(self, name):
        results = self.__dict__.get("results", {})
        if name in results:
            return results[name]
        raise AttributeError(
            f"this examination has no {name!r}. It has: {', '.join(results) or 'no results'}"
        )

    def __repr__(self):
        return "\n".join(["Examination:", *(f"- {one}" for one in self.verdict)])

    def _repr_html_(self):
        return (
            f'<iframe srcdoc="{html.escape(self.page)}" style="width: 100%; height: 42rem; '
            'border: 1px solid #dcdfe4"></iframe>'
        )

    @classmethod
    def load(cls, folder):
        """Reads what an examination has written into its folder `out`."""
        folder = Path(folder)
        if not (folder / FACTS).exists() or not (folder / REPORT).exists():
            raise ConfigError(f"{folder} is not the folder of a finished examination")
        facts = read_json(folder / FACTS)
        return cls(
            folder,
            read_json(folder / CONTENT)["verdict"],
            read_table(folder / INPUT_CHECK),
            {
                block.name: read_result(folder, block)
                for block in BLOCKS
                if block.name in facts["plan"]["blocks"]
            },
            (folder / REPORT).read_text(encoding="utf-8"),
        )


def read_result(folder, block):
    """Reads the result of a block."""
    path = folder / block.file
    return read_table(path) if block.kind is None else block.kind.load(path)
