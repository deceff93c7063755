"""How much do filters decide which classes a network seems to see? Three cut-offs, and bands.

    python reproduction/filters_of_photographs.py runs/filters

The folder is a run of `configs/first_1200_steps.toml` with low-, high- and band-pass filters
(`photographs.md` has the command). Writes `first_1200_steps/filters.csv`: recall and precision of
each class through each filter, means over the second half of the steps; and prints how well the
recalls of classes through two filters go together.
"""

import argparse
import pathlib

import pandas as pd

RESULT = pathlib.Path(__file__).parent / "first_1200_steps" / "filters.csv"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("results", type=pathlib.Path, help="folder of the run")
    folder = parser.parse_args().results
    metrics = pd.read_csv(folder / "class_metrics.csv")
    names = pd.read_csv(folder / "classes.csv")["class_name"].drop_duplicates().tolist()
    late = metrics[(metrics["source"] != "train") & (metrics["step"] > metrics["step"].max() / 2)]
    table = late.groupby(["source", "class_id"], sort=False)[["recall", "precision"]].mean()
    table = table.reset_index().rename(columns={"source": "filter"})
    table.insert(2, "class_name", [names[k] for k in table["class_id"]])
    table.round(4).to_csv(RESULT, index=False)
    recalls = table.pivot(index="class_id", columns="filter", values="recall")
    print(recalls.mean().round(3).to_string())
    print(recalls.corr("spearman").round(2).to_string())


if __name__ == "__main__":
    main()
