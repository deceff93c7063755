"""Several models examined on the same images, and one page that compares them."""

import pandas as pd

from keras_freq import checks
from keras_freq.lab.early_checks import names_of_models
from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.examination.blocks.accuracy_by_filter import untouched_row
from keras_freq.lab.examination.examination import examine
from keras_freq.lab.pages.comparison_page import write_comparison_page
from keras_freq.lab.store import check_writable
from keras_freq.lab.tables import save_figure, write_csv
from keras_freq.lenses import half_accuracy_radii


def examine_several(models, dataset, *, out, minutes=None, **options):
    """Examines several models on the same images, and compares them on one page.

    Args:
        models: Paths of saved models, or a dict from names to models.
        dataset: As in `keras_freq.examine`.
        out: The results folder. Each model gets a folder of its name in it.
        minutes: How long all of them may take together. Defaults to None.
        **options: The other options of `keras_freq.examine`.

    Returns:
        The `pathlib.Path` of the page, and a list of each model's `Examination`.

    Raises:
        TypeError, ValueError: As in `keras_freq.examine`, or if two models have one name.
    """
    out = check_writable(out)
    named = models if isinstance(models, dict) else names_of_models(models)
    if minutes is not None:
        minutes = checks.positive("minutes", minutes, "a time in minutes") / len(named)
    found = {
        name: examine(model, dataset, out=out / name, minutes=minutes, **options)
        for name, model in named.items()
    }
    sweeps = {name: one.filter_sweep for name, one in found.items()}
    write_csv(out / "comparison.csv", _comparison(sweeps))
    verdicts = {name: one.verdict for name, one in found.items()}
    return write_comparison_page(out, verdicts, _figures(out, found)), list(found.values())


def _figures(out, found):
    """Draws what several models have results of, side by side: name, title and caption of each."""
    figures = []
    for block in BLOCKS:
        results = {
            name: one.results[block.name]
            for name, one in found.items()
            if block.name in one.results
        }
        if block.compare is None or len(results) < 2:
            continue
        axes, caption = block.compare(results)
        save_figure(out / "figures", block.name, axes)
        missing = [name for name in found if name not in results]
        if missing:
            caption += f" Left out for the time: {', '.join(missing)}."
        figures.append((block.name, block.title, caption))
    return figures


def _comparison(sweeps):
    """A row a model: its accuracy, and the radii that leave half of it."""
    rows = []
    for name, sweep in sweeps.items():
        untouched = untouched_row(sweep)
        half = half_accuracy_radii(sweep[sweep["class_id"] == -1]).iloc[0]
        rows.append(
            {
                "model": name,
                "images": untouched["images"],
                "accuracy": untouched["recall"],
                "accuracy_low": untouched["recall_low"],
                "accuracy_high": untouched["recall_high"],
                **half.drop(["class_id", "class_name"]).add_prefix("half_"),
            }
        )
    return pd.DataFrame(rows)
