"""The verdict of an examination: at most five plain sentences."""

from keras_freq.lab.examination.blocks import BLOCKS
from keras_freq.lab.examination.blocks.exchanged import verdicts
from keras_freq.lab.examination.blocks.which_frequencies import unstable_classes
from keras_freq.metrics import wilson_interval

MOST = 5


def verdict(facts, results):
    """Says what an examination has found.

    Args:
        facts: A dict with what is known of the model beside the blocks: `inputs` (a sentence of the
            input check), `plan` (the `Plan` as a dict), `class_names`.
        results: The results of the blocks, by name.

    Returns:
        A list of at most five sentences.
    """
    told = {block.name: block.tell(results) for block in BLOCKS if block.name in results}
    sentences = [
        f"{facts['inputs']} {_accuracy(results['filter_sweep'])}",
        " ".join(told["filter_sweep"]),
        _shortcuts(results),
        " ".join(told.get("without_maps", []) or told.get("importance", [])),
        _unknown(facts, results),
    ]
    return [sentence for sentence in sentences if sentence][:MOST]


def _accuracy(sweep):
    """Says how often the model is right on the scored images as they are."""
    row = sweep[(sweep["class_id"] == -1) & (sweep["kind"] == "untouched")].iloc[0]
    return (
        f"It is right for {row['recall']:.1%} of {row['images']} images that chose nothing "
        f"(95 % interval {row['recall_low']:.1%} to {row['recall_high']:.1%})."
    )


def _shortcuts(results):
    """Says which classes have a shortcut, or that none was found."""
    if "transplants" not in results:
        return ""
    table = verdicts(results)
    found = table[table["verdict"].str.startswith("shortcut")]
    transplants = results["transplants"].set_index("class_name")
    if found.empty:
        return (
            "No shortcut was found: other images do not become a class when they get the content "
            "of its map, or not more than with random frequencies."
        )
    parts = []
    for name in found["class_name"].unique()[:3]:
        row = transplants.loc[name]
        parts.append(
            f"{name} ({row['swapped_in']:.0%} of other images become it with the content of "
            f"{row['cells']} frequencies, {row['untouched_in']:.0%} are called it untouched, "
            f"{row['random_in']:.0%} with random ones)"
        )
    more = len(found["class_name"].unique()) - len(parts)
    return f"Shortcut: {'; '.join(parts)}{f'; and {more} more' if more else ''}."


def _unknown(facts, results):
    """Says what cannot be told, and why."""
    reasons = []
    plan = facts["plan"]
    if plan["by"] == "all":
        reasons.append(
            "single classes, since there are too few images of each (10 to search on and 10 to "
            "score are needed)"
        )
    elif "importance" in results:
        unstable = unstable_classes(results)
        if unstable:
            shown = ", ".join(unstable[:4]) + (" and others" if len(unstable) > 4 else "")
            reasons.append(
                f"the exact frequencies of {shown}, since two halves of the images give other maps"
            )
    weak = _near_chance(results["filter_sweep"], len(facts["class_names"]))
    if weak:
        shown = ", ".join(weak[:4]) + (" and others" if len(weak) > 4 else "")
        reasons.append(f"anything of {shown}, since the model hardly knows them")
    if plan["left_out"]:
        reasons.append("what did not fit into the time (see the end of the page)")
    return f"It cannot tell: {'; '.join(reasons)}." if reasons else ""


def _near_chance(sweep, num_classes):
    """Names of the classes whose recall may be that of guessing."""
    own = sweep[(sweep["class_id"] >= 0) & (sweep["kind"] == "untouched")]
    low, _ = wilson_interval((own["recall"] * own["images"]).round().fillna(0), own["images"])
    known = own["images"] >= 10
    return own.loc[known & (low <= 1 / num_classes), "class_name"].tolist()
