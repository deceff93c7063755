"""The page that compares several examined models."""

from keras_freq.lab import pages
from keras_freq.lab.tables import read_table

COLUMNS = [
    ("model", "{model}"),
    ("images", "{images}"),
    ("accuracy", "{accuracy:percent} ({accuracy_low:percent} to {accuracy_high:percent})"),
    ("keeps half of it below", "{half_low_pass:radius} ({low_pass_interval})"),
    ("keeps half of it above", "{half_high_pass:radius} ({high_pass_interval})"),
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
    compared = read_table(folder / "comparison.csv")
    for kind in ("low_pass", "high_pass"):
        ends = (compared[f"half_{kind}_{end}"] for end in ("low", "high"))
        compared[f"{kind}_interval"] = list(map(pages.between, *ends))
    shown = {
        "title": " and ".join(verdicts),
        "verdicts": verdicts,
        "figures": figures,
        "comparison": pages.table(compared, COLUMNS),
    }
    return pages.write_page(folder, "comparison.html", shown)
