"""Tables of the study pages, below that of the claims, made from the tables of results.

`python reproduction/draw_claims.py` writes them into the pages, and a test compares them.
"""

from key_number_texts import span, table
from key_numbers_shortcuts import (
    BANDS,
    CLASSES,
    RECIPES,
    first_500_steps,
    second_recipe,
    trained,
)


def _table(head, rows):
    """A table of Markdown, of cells as text."""
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(map(str, row))} |" for row in rows)])


def first_steps():
    """Mean F1 of each class over the first steps: a row a network and set."""
    networks = {
        "AlexNetSmall, 500 steps": first_500_steps(),
        "LeNet5, 300 steps": second_recipe("LeNet5"),
        "ResNet18 of a quarter of the width, 300 steps": second_recipe("ResNet18"),
    }
    rows = []
    for name, means in networks.items():
        sets = means.index.get_level_values(0)
        for band in BANDS:
            own = means[sets == band]
            if len(own):
                rows.append([name, band, len(own), *(span(own[one]) for one in CLASSES)])
    return _table(["network", "set", "seeds", *CLASSES], rows)


def full_training():
    """What networks that were trained to the end need: a row a set, both seeds."""
    rows = []
    for name, own in trained().groupby("set"):
        planted = own["planted"].iloc[0]
        rows.append(
            [
                name,
                f"{span(100 * own['accuracy'], '{:.0f}')} %",
                span(own["C3 without its band"], "{:.0f}"),
                span(own["C0 without that band"], "{:.0f}"),
                f"{own['pattern of C0'].iloc[0]}: {span(own['C0 without these'], '{:.0f}')}",
                f"{span(own['planted in the map'], '{:.0f}')} of {planted:.0f}",
                f"{span(100 * own['become C0'], '{:.0f}')} % "
                f"({span(100 * own['with random frequencies'], '{:.0f}')})",
                "; ".join(own["shortcuts"]),
            ]
        )
    head = (
        "set",
        "accuracy",
        "C3 without its band (points of recall)",
        "C0 without that band",
        "C0 without the bands of its pattern",
        "planted pairs in its map",
        "become C0 by exchange (random)",
        "classes with a shortcut, by seed",
    )
    return _table(head, rows)


def photographs():
    """What an exchange of each map does in photographs, and of its fine part alone."""
    found = table("transplants_on_photographs.csv").sort_values("swapped_in", ascending=False)
    rows = [
        [
            row.class_name,
            f"{100 * row.swapped_in:.0f} % ({100 * row.untouched_in:.0f}, "
            f"{100 * row.random_in:.0f})",
            f"{100 * row.donor_energy:.0f} %",
            f"{100 * row.fine_in:.0f} % ({100 * row.fine_random_in:.0f})",
            f"{row.swapped_out:.2f} ({row.untouched_out:.2f}, {row.random_out:.2f})",
            row.finding,
        ]
        for row in found.itertuples()
    ]
    head = (
        "class",
        "others that become it (untouched, random frequencies)",
        "energy of such an image that is its donor's",
        "by the fine part alone (random)",
        "its recall with others' frequencies (untouched, random)",
        "verdict",
    )
    return _table(head, rows)


def augmentation():
    """What is left without the old maps, by recipe: means over seeds, and gains."""
    networks, gains = table("augmentation/recall_left.csv"), table("augmentation/gains.csv")
    gains = gains.set_index(["recipe", "measured"])
    rows = []
    for recipe, name in ({"none": "none"} | RECIPES).items():
        own = networks[networks["recipe"] == recipe].mean(numeric_only=True)
        cells = [name, f"{own['accuracy']:.2f}"]
        for measured, beside in (
            ("recall left", "without as many others"),
            ("become it by exchange", "become it by random exchange"),
        ):
            cells.append(f"{own[measured]:.2f} ({own[beside]:.2f})")
            gain = gains.loc[(recipe, measured)] if recipe != "none" else None
            cells.append("" if gain is None else _gain(gain))
        rows.append([*cells, f"{own['overlap']:.2f}" if recipe != "none" else ""])
    head = (
        "training",
        "accuracy",
        "recall without the old maps (as many others)",
        "gain",
        "become it by exchange (random)",
        "gain",
        "overlap of old and own maps (chance 0.10)",
    )
    return _table(head, rows)


def _gain(row):
    return f"{row['gain']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})"
