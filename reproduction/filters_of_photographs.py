"""How much do filters decide which classes a network seems to see? Three cut-offs, and bands.

    python reproduction/filters_of_photographs.py runs/filters_0 runs/filters_1

The folders are runs of `configs/first_1200_steps.toml` with low-, high- and band-pass filters, one
a seed (`photographs.md` has the command). Writes `first_1200_steps/filters.csv`: recall and
precision of each class through each filter, means over the second half of the steps; and prints
how well the recalls of classes through two filters go together.
"""

import argparse
import pathlib
import tomllib

import pandas as pd

RESULT = pathlib.Path(__file__).parent / "first_1200_steps" / "filters.csv"


def of_classes(folder):
    """One row a filter and class of a run."""
    settings = tomllib.loads((folder / "config.toml").read_text())
    metrics = pd.read_csv(folder / "class_metrics.csv")
    names = pd.read_csv(folder / "class_rates.csv")["class_name"].drop_duplicates().tolist()
    late = metrics[(metrics["source"] != "train") & (metrics["step"] > metrics["step"].max() / 2)]
    table = late.groupby(["source", "class_id"], sort=False)[["recall", "precision"]].mean()
    table = table.reset_index().rename(columns={"source": "filter"})
    table.insert(0, "network", settings["model"]["name"])
    table.insert(1, "seed", settings["seed"])
    table.insert(4, "class_name", [names[k] for k in table["class_id"]])
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=pathlib.Path, nargs="+", help="folders of the runs")
    folders = parser.parse_args().results
    table = pd.concat([of_classes(folder) for folder in folders], ignore_index=True)
    table.round(4).to_csv(RESULT, index=False)
    recalls = table.pivot_table("recall", index=["seed", "class_id"], columns="filter")
    print(recalls.mean().round(3).to_string())
    print(recalls.corr("spearman").round(2).to_string())


if __name__ == "__main__":
    main()
