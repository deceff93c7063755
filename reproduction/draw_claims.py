"""Draws the tables of `claims.csv` into the pages of this folder, and the picture of all verdicts.

    python reproduction/draw_claims.py

The truth of the tables is `claims.csv`. Its key numbers are made anew from the tables of results by
`key_numbers.py`; everything else in it is written by hand. A page has its place for a table between
`<!-- drawn: NAME -->` and `<!-- end -->`.
"""

import pathlib
import re

import pandas as pd
from detail_tables import augmentation, first_steps, full_training, photographs
from key_numbers import key_numbers
from key_numbers_networks import features, sizes, top_12
from key_numbers_shortcuts import filters
from key_numbers_transfer import few_images, intervals, random_layers

HERE = pathlib.Path(__file__).parent
CLAIMS = HERE / "claims.csv"
VERDICTS = {
    "reproduced": "it shows here; or the system is there, and a number or a test shows it",
    "partly": "a part of it shows, or it shows on other data or a smaller network only in part",
    "not reproduced": "it was asked, and the answer is no",
    "cannot tell": "it was asked, and the answer leaves it open; the note says what would close it",
    "not run": "with the reason, and what it would cost",
}
SAME = ("yes", "stand-in", "no")
STUDIES = (
    *("adcs", "first_steps", "trained_networks", "photographs"),
    *("augmentation", "transfer", "flowers", "networks_and_metrics"),
)
DOCUMENTS = {
    "000": "frequency shortcuts",
    "001": "AlexNet on flowers",
    "002": "review of AlexNet",
    "003": "lecture on networks",
    "004": "transfer of features",
}


def claims():
    """The rows of `claims.csv` as text, with "" where nothing is said."""
    return pd.read_csv(CLAIMS, dtype=str, keep_default_na=False)


def rebuilt(table):
    """The same rows, with the key numbers of the tables of results."""
    found = key_numbers(table.loc[table["verdict"] != "not run", "row"])
    return table.assign(key_number=[found.get(row, "") for row in table["row"]])


def links(row, with_page):
    """The links of a row: its page, tables and tests."""
    made = [f"[{row['study'].replace('_', ' ')}]({row['study']}.md)"] if with_page else []
    places = [place for place in row["results"].split("; ") if place]
    names = [pathlib.PurePath(place).name for place in places]
    for place, name in zip(places, names, strict=True):
        path, _, test = place.partition("::")
        if test:
            made.append(f"[test](../{path})")
        else:  # the folder tells tables of one name apart
            words = "/".join(pathlib.PurePath(path).parts[-2:]) if names.count(name) > 1 else name
            made.append(f"[{words}]({path})")
    return ", ".join(made)


def counts(table):
    """How many claims have which verdict, and what it means."""
    number = table["verdict"].value_counts()
    lines = ["| verdict | claims | it means |", "|---|---|---|"]
    lines += [
        f"| **{verdict}** | {number.get(verdict, 0)} | {meaning} |"
        for verdict, meaning in VERDICTS.items()
    ]
    return "\n".join(lines)


def ten(table):
    """The claims that matter most, in their order."""
    table = table[table["matters"] != ""]
    table = table.iloc[table["matters"].astype(int).argsort()]
    lines = ["| | claim | verdict | key number | same data and network? | more |", "|---" * 6 + "|"]
    for _, row in table.iterrows():
        page = f"[{row['study'].replace('_', ' ')}]({row['study']}.md)"
        cells = (row["matters"], row["claim"], f"**{row['verdict']}**", row["key_number"])
        cells = (*cells, row["same"], page)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def rows(table, with_page=True):
    """A row a claim."""
    head = ("#", "source", "claim", "same data and network?", "verdict", "key number, and why")
    lines = [f"| {' | '.join((*head, 'seeds x images', 'link'))} |", "|---" * 8 + "|"]
    for _, row in table.iterrows():
        number = row["key_number"] or ("shown by a test" if "::" in row["results"] else "")
        said = ". ".join(part for part in (number, _sentence(row["note"])) if part)
        cells = (
            row["row"],
            row["source"],
            row["claim"],
            row["same"],
            f"**{row['verdict']}**",
            said,
        )
        lines.append(f"| {' | '.join((*cells, row['seeds_and_images'], links(row, with_page)))} |")
    return "\n".join(lines)


def _sentence(text):
    """With a capital letter, unless it begins with code or a number."""
    return text[:1].upper() + text[1:]


def pages(table):
    """The blocks of every page: a dict from its path to a dict from names to text."""
    blocks = {"README.md": {"counts": counts(table), "ten": ten(table), "all": rows(table)}}
    for study in STUDIES:
        own = table[table["study"] == study]
        blocks[f"{study}.md"] = {"rows": rows(own, with_page=False)}
    blocks["first_steps.md"]["first steps"] = first_steps()
    blocks["trained_networks.md"]["photographs"] = photographs()
    blocks["trained_networks.md"]["full training"] = full_training()
    blocks["augmentation.md"]["recall left"] = augmentation()
    blocks["photographs.md"]["filters"] = filters()
    blocks["transfer.md"] |= {
        "intervals": intervals(),
        "few images": few_images(),
        "random layers": random_layers(),
    }
    blocks["flowers.md"]["features"] = features()
    blocks["networks_and_metrics.md"] |= {"sizes": sizes(), "top 12": top_12()}
    return blocks


def drawn(text, blocks):
    """The text of a page with its blocks put in."""
    for name, block in blocks.items():
        pattern = rf"(<!-- drawn: {name} -->\n).*?(<!-- end -->)"
        text, found = re.subn(
            pattern, lambda match, block=block: f"{match[1]}{block}\n{match[2]}", text, flags=re.S
        )
        if found != 1:
            raise ValueError(f"a page must have one place for {name!r}. Received: {found}")
    return text


def draw_verdicts(table, path):
    """One bar a document, of as many parts as there are verdicts."""
    import matplotlib.pyplot as plt

    from keras_freq.plots.style import GREEN, ORANGE

    colours = (GREEN, "#9fd8c4", ORANGE, "#bcd3e8", "#e6e6e6")
    of = pd.crosstab(table["source"].str[:3], table["verdict"])
    of = of.reindex(index=list(DOCUMENTS), columns=list(VERDICTS), fill_value=0)
    figure, ax = plt.subplots(figsize=(8, 2.6), layout="constrained")
    names = [f"{code}  {name}" for code, name in DOCUMENTS.items()]
    left = pd.Series(0, index=of.index)
    for verdict, colour in zip(VERDICTS, colours, strict=True):
        ax.barh(names, of[verdict], left=left, color=colour, edgecolor="white", label=verdict)
        for place, number, start in zip(names, of[verdict], left, strict=True):
            if number:
                ax.text(start + number / 2, place, number, ha="center", va="center", fontsize=9)
        left = left + of[verdict]
    ax.invert_yaxis()
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(left=False)
    ax.set_xlabel("claims")
    figure.legend(loc="outside upper center", ncols=len(VERDICTS), frameon=False)
    ax.set_xlim(0, left.max())
    figure.savefig(path, dpi=110)
    plt.close(figure)


def main():
    table = rebuilt(claims())
    table.to_csv(CLAIMS, index=False, lineterminator="\n")
    for name, blocks in pages(table).items():
        path = HERE / name
        path.write_text(drawn(path.read_text(encoding="utf-8"), blocks), encoding="utf-8")
    draw_verdicts(table, HERE / "claims.png")
    print(counts(table))


if __name__ == "__main__":
    main()
