"""The page that compares several examined models."""

from keras_freq.lab import pages
from keras_freq.lab.tables import read_table

COLUMNS = [
    ("model", "{model}"),
    ("images", "{images}"),
    ("accuracy", "{accuracy:percent} ({accuracy_low:percent} to {accuracy_high:percent})"),
    ("keeps half of it below", "{half_low_pass:radius}"),
    ("keeps half of it above", "{half_high_pass:radius}"),
]


def write_comparison_page(folder, verdicts, figures):
    """Writes `report.html` of several examinations.

    Args:
        folder: The results folder, with `comparison.csv` and `figures/`.
        verdicts: A dict from the names of the models to their sentences.
        figures: The name, the title and the caption of each picture, the main one first.

    Returns:
        The page's `pathlib.Path`.
    """
    shown = {
        "title": " and ".join(verdicts),
        "verdicts": verdicts,
        "figures": figures,
        "comparison": pages.table(read_table(folder / "comparison.csv"), COLUMNS),
    }
    return pages.write_page(folder, "comparison.html", shown)
