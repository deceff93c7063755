"""Key numbers of document 000: spectra of classes, first steps, maps, augmentation."""

import itertools

from key_number_texts import some, span, table
from scipy.stats import spearmanr

BANDS = ("B1", "B2", "B3", "B4")
CLASSES = ("C0", "C1", "C2", "C3")
RECIPES = {
    "dfm_x": "DFM-X",
    "auto_augment_cifar10": "AutoAugment",
    "augmix": "AugMix",
    "amplitude_mix": "amplitudes mixed",
}


# ADCS


def row_2():
    leak = table("ground_truth_leak.csv")
    second = leak[leak["recipe"] == "second"]
    first = leak[(leak["recipe"] == "first") & (leak["kind"] == "energy")]
    return (
        f"no band, ring or moment tells C0: AUC {second['min'].min():.2f} to "
        f"{second['max'].max():.2f} (first recipe: up to {first['max'].max():.2f})"
    )


def row_3():
    own = table("adcs/adcs.csv")
    own = own[own["set"].isin(BANDS) & (own["class_name"] == "C3")]
    inside = [row[f"band {row['set'][1]}"] for _, row in own.iterrows()]
    elsewhere = [
        row[f"band {b}"] for _, row in own.iterrows() for b in "1234" if b != row["set"][1]
    ]
    return f"C3 in its band {span(inside, '{:+.2f}')} of 3, elsewhere {span(elsewhere, '{:+.2f}')}"


def row_4():
    found = table("adcs/published_code.csv").set_index("variant")
    itself = found.loc["a class against itself, ties -1"]
    sums = found.loc["sums, C3 with half of its images"].set_index("set").loc["B4"]
    luma = 100 * found.loc["channels by luma", "cells changed"]
    formula, variant = "C3 in its band, formula", "C3 in its band, variant"
    lower = itself[formula] - itself[variant]
    return (
        f"a class compared with itself: maps lie {span(lower, '{:.0f}')} lower; luma: "
        f"{span(luma, '{:.0f}')} % of the cells change; sums with half of the images of C3: "
        f"its band in B4 turns from {sums[formula]:+.0f} to {sums[variant]:+.0f}"
    )


def row_10():
    own = table("adcs/adcs.csv").query("set == 'photographs'")
    equal = table("adcs/contrast.csv").query("set == 'of equal contrast'")
    column = "split-half correlation"
    return (
        f"halves of a class correlate by {span(own[column])}, with contrast made equal by "
        f"{span(equal[column])}"
    )


def row_11():
    halves = table("adcs/adcs.csv").pivot(
        index="class_name", columns="set", values="split-half correlation"
    )
    halves = halves[["photographs", "stylised"]].dropna()
    less = halves["stylised"] < halves["photographs"]
    return (
        f"halves correlate less than in photographs in {some(less)} classes, and still by "
        f"{span(halves['stylised'])}"
    )


# First steps


def _before(means):
    """Which runs have both C0 and C3 above C1 and C2, and which C3 above C0."""
    both = means[["C0", "C3"]].min(axis=1) > means[["C1", "C2"]].max(axis=1)
    return both, means["C3"] > means["C0"]


def _order(means):
    """In how many runs the order of the source shows, from a row a run and a column a class."""
    both, third = _before(means)
    return f"C0 and C3 above C1 and C2 in {some(both)} runs, C3 above C0 in {some(third)}"


def first_500_steps():
    """Mean F1 of AlexNetSmall over 500 training batches: a row a set and seed, a column a class."""
    means = table("first_500_steps/alexnet/classes.csv")
    return means.pivot(index=["setting", "seed"], columns="class_name", values="mean_f1")


def second_recipe(model):
    """The same of another network, over the steps of `second_recipe.py`."""
    found = table("second_recipe.csv").query("model == @model").set_index(["set", "seed"])
    return found[[f"mean C{k}" for k in range(4)]].set_axis(CLASSES, axis=1)


def row_6():
    means = first_500_steps()
    said = ", ".join(f"{name} {means[name].mean():.2f}" for name in means)
    return f"{_order(means)}; mean F1 {said}"


def row_7():
    return _order(second_recipe("ResNet18"))


def after_300_steps(model):
    """F1 on test images after 300 steps: a row a set, a column a class."""
    found = table("transplants_on_bands.csv").query(
        "model == @model and cues == 'planted' and steps == 300 and maps == 'found'"
    )
    right, false = found["untouched_out"], 3 * found["untouched_in"]  # images of a class are alike
    found = found.assign(f1=2 * right / (1 + right + false), set="B" + found["band"].astype(str))
    return found.assign(name="C" + found["class_id"].astype(str)).pivot(
        index="set", columns="name", values="f1"
    )


def row_8():
    f1 = after_300_steps("VGG16")
    both, _ = _before(f1)
    first, last = f1[["C0", "C3"]].min(axis=1), f1[["C1", "C2"]].max(axis=1)
    return (
        f"C0 and C3 above C1 and C2 in {some(both)} runs after 300 steps: F1 on test images "
        f"{span(first)} against {span(last)}"
    )


def row_26():
    by_set = first_500_steps()["C3"].groupby("setting").mean()
    said = ", ".join(f"{by_set[one]:.2f}" for one in BANDS)
    return f"mean F1 of C3, B1 to B4: {said}"


# Trained networks


def trained():
    """AlexNetSmall of second-recipe sets, trained to the end: a row a network."""
    return table("full_training/networks.csv")


def row_9():
    networks = trained()
    lost = networks["C3 without its band"]
    without_pattern = -networks["C0 without these"]
    unharmed = -networks["C0 without that band"].min()
    return (
        f"C3 loses all without its band in {some(lost < -90)} networks, nothing in "
        f"{some(lost > -10)}; C0 loses {span(without_pattern, '{:.0f}')} points "
        "without the two bands that hold most of its pattern, "
        f"{abs(unharmed):.0f} without C3's band"
    )


def row_17():
    rates = {
        kind: table(f"transplant_calibration/{kind}_rates.csv")
        for kind in ("planted", "relabelled")
    }
    for frame in rates.values():
        frame["both"] = frame["tpr_above_chance"] & frame["fpr_above_chance"]
    planted, relabelled = rates["planted"], rates["relabelled"]
    cue = planted[planted["class_id"] == 0]["both"]
    others = planted[planted["class_id"].isin([1, 2])].groupby("seed")["both"].any()
    return (
        f"TPR and FPR above random maps: the planted class in {some(cue)} networks, a class "
        f"without a "
        f"cue in {some(others)}, any class of shuffled labels in "
        f"{some(relabelled.groupby('seed')['both'].any())}"
    )


def row_18():
    bands = table("transplants_on_bands.csv").query(
        "class_id == 0 and cues == 'planted' and maps == 'found' and accuracy > 0.7"
    )
    hits = bands["planted_cells"] / 24
    chance = (bands["cells"] / 1024).mean()
    return (
        f"maps of 5 % hold {100 * hits.mean():.0f} % of the planted cells ({100 * hits.min():.0f} "
        f"to "
        f"{100 * hits.max():.0f} in {len(hits)} networks; chance {100 * chance:.0f})"
    )


def row_20():
    falls = span(trained()["falls of the rate"], "{:.0f}")
    return f"falls {falls} times in 30 epochs, on each of B1 to B4"


def row_21():
    return f"{trained()['steps an epoch'].iloc[0]} batches of 64 an epoch of 4,000 images"


def row_22():
    return f"{trained()['epochs'].max()} epochs"


def row_24():
    classes = table("shortcuts_under_corruptions.csv")
    found = spearmanr(classes["lost by the map"], classes["lost by corruptions"])
    shortcut = classes["finding"] == "shortcut"
    return (
        f"{some(shortcut)} classes have a shortcut; recall lost by corruptions against what the "
        f"map costs: rank correlation {found.statistic:+.2f} (p = {found.pvalue:.2f})"
    )


# Photographs


def _ranks(images, network):
    own = table("first_1200_steps/classes.csv")
    own = own[(own["images"] == images) & (own["network"] == network)]
    parts = []
    for name, column in (("training", "f1_train"), ("test", "f1_test")):
        found = spearmanr(own["adcs_size"], own[column])
        parts.append(f"{found.statistic:+.2f} (p = {found.pvalue:.2f}) in {name}")
    return " and ".join(parts)


def row_12():
    return "rank correlation of the size of ADCS and F1: " + _ranks("cifar10_sample", "ResNet18")


def row_13():
    return "; ".join(
        f"{network} {_ranks('cifar10_sample', network)}" for network in ("ResNet50", "VGG16")
    )


BAND_FILTERS = ("band-pass 2-4", "band-pass 4-8")


def _filters():
    """Recalls of classes through filters (a frame a seed), and how they go together."""
    found = table("first_1200_steps/filters.csv")
    recalls = [
        own.pivot(index="class_id", columns="filter", values="recall")
        for _, own in found.groupby("seed")
    ]

    def ranks(one, other):
        """Rank correlations over classes: within each seed, of one filter between two seeds."""
        pairs = (
            itertools.combinations(recalls, 2)
            if one == other
            else zip(recalls, recalls, strict=True)
        )
        values = [spearmanr(a[one], b[other]).statistic for a, b in pairs]
        return span(values, "{:+.2f}")

    return found, ranks


def row_15():
    found, ranks = _filters()
    low, high = BAND_FILTERS
    pairs = (("low-pass 2", low), ("low-pass 8", low), ("high-pass 2", high), ("high-pass 8", high))
    same = [ranks(name, name).split(" to ")[0] for name in found["filter"].unique()]
    return (
        f"rank correlation of the recalls of classes through two filters: "
        f"{', '.join(f'{one} and {band} {ranks(one, band)}' for one, band in pairs)}; through the "
        f"same filter in two networks {min(same, key=float)} at least"
    )


def filters():
    """The table of filters: recall and precision over classes, and which classes are still seen."""
    found, ranks = _filters()
    lines = [
        "| filter (cycles per image) | recall | precision | same filter, two networks "
        f"| {' | '.join(f'{band}, same network' for band in BAND_FILTERS)} |",
        "|---" * 6 + "|",
    ]
    for name, own in found.groupby("filter", sort=False):
        means = own.groupby("seed")[["recall", "precision"]].mean()
        cells = [name, span(means["recall"]), span(means["precision"]), ranks(name, name)]
        cells += ["" if name == band else ranks(name, band) for band in BAND_FILTERS]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


# Augmentation


def row_19():
    left, gains = table("augmentation/recall_left.csv"), table("augmentation/gains.csv")
    own = gains[gains["measured"] == "recall left"].set_index("recipe")
    said = ", ".join(
        f"{name} {row.gain:+.2f} ({row.low:+.2f} to {row.high:+.2f})"
        for name, row in zip(RECIPES.values(), own.loc[list(RECIPES)].itertuples(), strict=True)
    )
    none = left.loc[left["recipe"] == "none", "recall left"].mean()
    return f"recall left without the old maps: {none:.2f}; {said}"
