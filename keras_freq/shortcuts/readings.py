"""What each test of maps says of one class, in words: found, or not."""

import math

from keras_freq.metrics.rates import percent
from keras_freq.shortcuts.donor_energy import MOST
from keras_freq.shortcuts.evidence import LEVEL, maps_that_do_as_much, matters
from keras_freq.shortcuts.network_state import is_recognised

_PARTS = {
    "content": "its content at these frequencies",
    "amplitude": "its strength at these frequencies alone (without its phases)",
    "phase": "its phases at these frequencies alone (without their strength)",
}
MAY_BE_CHANCE = "which may be chance"
BY_THE_MEAN = "the mean of the image, which random maps hold as the map does, may do it"


def read_transplants(rows):
    """Reads the rows of `transplant_rates` of one map, one for each part that was exchanged.

    Returns:
        A dict from what is found (`"shortcut"`, `"suspected"`, `"carried"`, `"needed"`, `"others"`,
        `"unclear"`, `"nothing"`) to a sentence.
    """
    found = {}
    for row in rows.to_dict("records"):
        part, random_ones = _PARTS[row["what"]], "random frequencies" + and_dc(row)
        gain = row["swapped_in"] - _most(row["untouched_in"], row["other_in"], row["random_in"])
        loss = _least(row["untouched_out"], row["same_out"], row["random_out"]) - row["swapped_out"]
        becomes = (
            f"{percent(row['swapped_in'])} of other images become it with {part} (untouched "
            f"{percent(row['untouched_in'])}, with those of other classes "
            f"{percent(row['other_in'])}{_beside(f'with {random_ones}', row['random_in'])})"
        )
        falls = (
            f"its recall falls from {percent(row['untouched_out'])} to "
            f"{percent(row['swapped_out'])} with those of other classes (of its own "
            f"{percent(row['same_out'])}{_beside(random_ones, row['random_out'])})"
        )
        doubts = {"in": _doubt(row, "in", gain), "out": _doubt(row, "out", loss)}
        if doubts["in"]:
            found.setdefault("unclear", becomes + doubts["in"])
        elif matters(gain) and row["in_p_holm"] < LEVEL:
            kind, evidence = _shortcut_or_look(row)
            found.setdefault(kind, becomes + evidence)
        if matters(loss) and row["out_p_holm"] < LEVEL:
            found.setdefault("needed", falls)
        elif doubts["out"]:
            found.setdefault("unclear", falls + doubts["out"])
        before, after = percent(row["untouched_in"]), percent(row["swapped_in"])
        others = f"others do not become it ({after}, untouched {before})"
        if doubts["in"]:
            others = becomes + doubts["in"]
        elif matters(row["swapped_in"] - row["untouched_in"]):
            others = (
                f"{after} of others become it (untouched {before}), and not clearly more than with "
                f"those of other classes ({percent(row['other_in'])}) and random ones "
                f"({percent(row['random_in'])})"
            )
        found.setdefault("others", others)
        left = percent(row["swapped_out"])
        found.setdefault(
            "nothing",
            f"{becomes}; its recall is {left} with those of other classes (untouched "
            f"{percent(row['untouched_out'])})",
        )
    return found


def _shortcut_or_look(row):
    """Tells whether frequencies that carry a class may be just its look, and by what evidence.

    Args:
        row: A row of `transplant_rates`, as a dict. If it has the rates of the fine part of the
            map, these decide. Else it is suspected at most: the energy that comes from the donor
            tells shortcuts and looks apart too rarely.

    Returns:
        `"shortcut"`, `"suspected"` or `"carried"`, and words for the evidence.
    """
    if "fine_in" not in row:
        share = row.get("donor_energy", math.nan)
        asked = "its fine part was not asked"
        if math.isnan(share):
            return "suspected", f"; {asked}"
        brought = f"; they bring {percent(share)} of the energy of such an image ({asked})"
        return "carried" if share > MOST else "suspected", brought
    if not row["fine_cells"]:
        return "carried", "; the map has no fine part"
    beside = _most(row["untouched_in"], row["fine_other_in"], row["fine_random_in"])
    more = matters(row["fine_in"] - beside)
    p_values = row["fine_in_p_value"], row["fine_in_donor_p_value"]
    # Not corrected: only classes that passed the corrected test are asked.
    sure = all(p_value <= LEVEL for p_value in p_values)
    doubt = f", {MAY_BE_CHANCE}" if more and not sure else ""
    return "shortcut" if more and sure else "carried", (
        f"; with the fine part of the map alone ({row['fine_cells']:.0f} cells), "
        f"{percent(row['fine_in'])} become it (with that of other classes "
        f"{percent(row['fine_other_in'])}, with random frequencies "
        f"{percent(row['fine_random_in'])}){doubt}"
    )


def _beside(what, share):
    """Words for what random maps do, or "" where there are none."""
    return "" if math.isnan(share) else f", {what} {percent(share)}"


def and_dc(row):
    """Words for what random maps hold of a map that has DC, to follow "random frequencies"."""
    return " and the mean" if row.get("has_dc") else ""


def _doubt(row, way, effect):
    """Says why an effect that is large enough is no finding yet; "" if there is none, or no doubt.

    Args:
        row: A row of `transplant_rates`, as a dict.
        way: "in" or "out".
        effect: How far the rate is beyond all that it is compared with.
    """
    p_value, corrected = row[f"{way}_p_value"], f"p = {row[f'{way}_p_holm']:.2g}, corrected"
    donors, after = row.get(f"{way}_donor_p_value", math.nan), row[f"swapped_{way}"]
    if way == "in":
        beyond = not after <= row.get("random_in_high", math.nan)
        beside_donors = after - _most(row["untouched_in"], row["other_in"])
    else:
        beyond = not after >= row.get("random_out_low", math.nan)
        beside_donors = _least(row["untouched_out"], row["same_out"]) - after
    shared = _shared_with_random_maps(row)
    if not beyond and shared and matters(beside_donors) and donors < LEVEL:
        return f"; but {shared}"
    # What nearly all random maps stay behind may still be chance: there are several tests.
    if not (matters(effect) and beyond and row[f"{way}_p_holm"] >= LEVEL):
        return ""
    if math.isnan(p_value) or donors > p_value:
        return f", {MAY_BE_CHANCE}: donors of other classes may do as much ({corrected})"
    reached = maps_that_do_as_much(p_value, row["num_random"])
    images = row.get(f"random_images_{way}", math.nan)
    scored = "" if math.isnan(images) else f" on the {images:.0f} images that they are scored on"
    return (
        f", {MAY_BE_CHANCE}: {reached:.0f} of {row['num_random']:.0f} random maps do as much"
        f"{scored} ({corrected})"
    )


def _shared_with_random_maps(row):
    """Says what random maps have of the map, so that they may do as much; "" if nothing."""
    overlap = row.get("random_overlap", 0.0)
    if overlap > 0:
        return (
            f"random maps hold {percent(overlap)} of the map's frequencies themselves, since it "
            'has half or more of all; take smaller maps, or random="cells"'
        )
    if row.get("has_dc"):
        return f"{BY_THE_MEAN}; exchange maps without DC, and DC alone"
    return ""


def read_without(row):
    """Reads a row of `recall_without_maps`: a dict as of `read_transplants`."""
    loss = _least(row["recall"], row.get("random_recall", math.nan)) - row["recall_without"]
    said = f"its recall is {percent(row['recall_without'])} without these frequencies"
    beside = f"with all of them {percent(row['recall'])}"
    if not math.isnan(row.get("random_recall", math.nan)):
        beside += f", without random others {percent(row['random_recall'])}"
    # A recall may fall because the model says another class by default. The area under the ROC
    # curve then stays: it is half of one more than recall minus false alarms, for a plain answer.
    told_apart = matters(2 * (row.get("auc", 1.0) - row.get("auc_without", 0.0)))
    if row["is_needed"] and row.get("p_holm", 0.0) < LEVEL and matters(loss) and told_apart:
        return {"needed": f"{said} ({beside})"}
    return {"nothing": f"{said} ({beside})"}


def read_rates(row):
    """Reads a row of `rates_under_maps`: a dict as of `read_transplants`."""
    true, false = row["tpr"], row["fpr"]
    plain = row.get("untouched_fpr", math.nan)
    said = (
        f"seen through it alone, {percent(true)} of the class are recognised (97.5 % of random "
        f"maps: at most {percent(row['random_tpr_high'])}) and {percent(false)} of other images "
        f"are called so (random at most {percent(row['random_fpr_high'])}"
    )
    said += ")" if math.isnan(plain) else f", untouched {percent(plain)})"
    # A map by which less than half of the recall is left does not suffice.
    half = _most(row.get("untouched_tpr", math.nan), 0.0) / 2
    enough = row["tpr_above_chance"] and matters(true - row["random_tpr_high"]) and true >= half
    draws = row["fpr_above_chance"] and matters(false - _most(row["random_fpr_high"], plain))
    # Where images of the class are called so no more often than others, the network only says it
    # more often: its map tells it nothing of the class.
    images = [row.get(name, math.inf) for name in ("positives", "negatives")]
    if (enough or draws) and not is_recognised(true, false, *images):
        return {"unclear": f"it is said to other images as often, {said}"}
    if enough or draws:
        both = {(True, True): "shortcut", (True, False): "enough", (False, True): "draws others"}
        return {both[bool(enough), bool(draws)]: said}
    for rate in ("fpr", "tpr"):
        lowest = row.get(f"random_{rate}_low", math.nan)
        if row.get(f"{rate}_high", math.nan) < lowest and matters(lowest - row[rate]):
            return {"below random": f"{said}; 97.5 % of random maps reach {percent(lowest)}"}
    return {"nothing": said}


def untouched_rates(row):
    """Recall of a class and false alarms on untouched images; (None, None) if the row has none."""
    for names in (
        ("untouched_out", "untouched_in"),
        ("recall", "untouched_fpr"),
        ("untouched_tpr", "untouched_fpr"),
    ):
        if all(name in row for name in names):
            return row[names[0]], row[names[1]]
    return None, None


def _most(*values):
    return max((value for value in values if not math.isnan(value)), default=math.nan)


def _least(*values):
    return min((value for value in values if not math.isnan(value)), default=math.nan)
