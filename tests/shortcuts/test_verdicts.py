"""Verdicts of rates, in words, and whether shortcuts hold elsewhere."""

import keras
import numpy as np
import pandas as pd
import pytest
from shortcuts_cases import PATTERNS, wave

import keras_freq as kf
from keras_freq.shortcuts import shortcut_table, shortcut_transfer


def test_verdicts_of_rates_alone(reader, data, maps):
    rates = kf.rates_under_maps(reader, data, maps, class_names=list(PATTERNS))
    table = shortcut_table(rates)
    assert table["is_shortcut"].tolist() == [True, False, False]
    # The third class is what the model says to every random map.
    assert table["finding"].tolist() == ["suspected shortcut", "enough", "cannot tell"]
    starts = zip(table["verdict"], table["finding"], strict=True)
    assert all(verdict.startswith(f"{finding}: ") for verdict, finding in starts)
    assert "answers to images of which nearly nothing is left" in table["verdict"][2]
    assert "recognised (97.5 % of random maps: at most 0 %)" in table["verdict"][0]
    maps = maps.copy()
    maps[1] = False
    rates = kf.rates_under_maps(reader, data, maps)
    table = shortcut_table(rates)
    assert table["verdict"][1] == "cannot tell: its map is empty" and not table["is_shortcut"][1]
    both = pd.concat([rates.assign(fraction=f) for f in (0.1, 0.2)], ignore_index=True)
    assert shortcut_table(both)["fraction"].tolist() == [0.1] * 3 + [0.2] * 3
    transfer = shortcut_transfer({"here": both, "there": both}, reference="here")
    assert len(transfer) == 12 and transfer["fraction"].nunique() == 2


def test_both_rates_need_an_effect_of_five_points(reader, data, maps):
    """One image of 300 makes no shortcut, nor does a rate that untouched images have too."""
    rates = kf.rates_under_maps(reader, data, maps)
    rates.loc[0, ["tpr", "random_tpr_high", "random_fpr_high"]] = 0.9, 0.1, 0.0
    for fpr, finding in ((1 / 300, "enough"), (0.051, "suspected shortcut")):
        assert shortcut_table(rates.assign(fpr=fpr))["finding"][0] == finding
    rates.loc[0, "random_fpr_high"] = 0.3  # 0.35 - 0.3 < 0.05 in floating point
    assert shortcut_table(rates.assign(fpr=0.35))["finding"][0] == "suspected shortcut"
    missing = rates.assign(fpr=[0.35, np.nan, 0.0])
    expected = shortcut_table(missing)["verdict"].tolist()
    assert shortcut_table(missing.convert_dtypes())["verdict"].tolist() == expected
    drawn = rates.assign(fpr=0.52, untouched_fpr=0.62)
    assert shortcut_table(drawn)["finding"][0] == "enough"
    rates.loc[0, "random_tpr_high"] = 0.86
    assert shortcut_table(rates.assign(fpr=0.5))["finding"][0] == "draws others"


def table_of(kind, rows):
    """A table of a test as the functions make them, with what a test changes."""
    plain = {
        "rates": {
            "positives": 60, "negatives": 120, "tpr": 0.5, "tpr_low": 0.4, "tpr_high": 0.6,
            "fpr": 0.1, "fpr_low": 0.05, "fpr_high": 0.15, "random_tpr": 0.3,
            "random_tpr_high": 0.5, "random_tpr_low": 0.2, "random_fpr": 0.1,
            "random_fpr_high": 0.2, "random_fpr_low": 0.05, "tpr_above_chance": False,
            "fpr_above_chance": False, "untouched_tpr": 0.9, "untouched_fpr": 0.05,
        },
        "without": {
            "images": 60, "recall": 0.9, "recall_without": 0.88, "random_recall": 0.89,
            "random_recall_low": 0.85, "is_needed": False, "p_value": 0.4, "untouched_fpr": 0.05,
        },
        "transplants": {
            "untouched_in": 0.05, "swapped_in": 0.06, "random_in": 0.05, "other_in": 0.05,
            "in_p_value": 0.4, "in_donor_p_value": 0.4, "untouched_out": 0.9, "swapped_out": 0.88,
            "random_out": 0.89, "same_out": 0.9, "out_p_value": 0.5, "out_donor_p_value": 0.5,
            "positives": 60, "negatives": 120, "num_random": 200, "what": "content",
        },
    }[kind]  # fmt: skip
    named = [{"class_id": k, "class_name": f"C{k}", "cells": 10} for k in range(len(rows))]
    return pd.DataFrame([key | plain | row for key, row in zip(named, rows, strict=True)])


FOUND_IN = {"swapped_in": 0.4, "in_p_value": 1 / 201, "in_donor_p_value": 1e-9}
FOUND_OUT = {"swapped_out": 0.3, "out_p_value": 1 / 201, "out_donor_p_value": 1e-9}
NEEDED = {"recall_without": 0.4, "is_needed": True, "p_value": 1e-6}
ENOUGH = {"tpr": 0.8, "tpr_above_chance": True}


def test_words_of_all_tests_together():
    given = {
        "rates": table_of("rates", [{}, {}, ENOUGH, {}]),
        "without": table_of("without", [{}, {}, NEEDED, NEEDED]),
        "transplants": table_of("transplants", [FOUND_IN | FOUND_OUT, FOUND_OUT, {}, {}]),
    }
    table = shortcut_table(**given)
    assert table["finding"].tolist() == [
        "suspected shortcut",
        "needed and specific",
        "needed and specific",
        "needed",
    ]
    assert table["is_shortcut"].tolist() == [True, False, False, False]
    assert table["verdict"][0] == (
        "suspected shortcut: 40 % of other images become it with its content at these frequencies "
        "(untouched 5 %, with those of other classes 5 %, with random frequencies 5 %); its fine "
        "part was not asked; its recall falls from 90 % to 30 % with those of other "
        "classes (of its own 90 %, random frequencies 89 %)"
    )
    assert "others do not become it" in table["verdict"][1]
    # Corrected for the four classes.
    assert table["in_p_holm"][0] == pytest.approx(4 / 201)
    for name in given:
        one = shortcut_table(**{name: given[name]})
        assert len(one) == 4 and set(one["finding"]) <= {
            *("suspected shortcut", "needed", "needed and specific", "enough", "nothing found")
        }
    assert "swapped_in" in repr(table) and "finding" in repr(table)


def test_what_any_class_brings_is_no_sign_of_the_class():
    shared = FOUND_OUT | {"swapped_in": 0.4, "other_in": 0.45, "in_donor_p_value": 0.9}
    table = shortcut_table(transplants=table_of("transplants", [shared, {}, {}]))
    assert table["finding"][0] == "needed and specific"
    assert table["verdict"][0].endswith(
        "; 40 % of others become it (untouched 5 %), and not clearly more than with those of other "
        "classes (45 %) and random ones (5 %)"
    )


@pytest.mark.parametrize(
    "change",
    [
        {"untouched_in": 0.37},
        {"other_in": 0.37},
        {"random_in": 0.37},
        {"swapped_in": np.nan},
    ],
)
def test_a_shortcut_is_beyond_every_comparison(change):
    rows = [FOUND_IN | change, {}, {}]
    table = shortcut_table(transplants=table_of("transplants", rows))
    assert table["finding"].tolist() == ["nothing found"] * 3
    assert not table["is_shortcut"].any()


@pytest.mark.parametrize(
    "change, reason",
    [
        # 3 of 200 random maps do as much; of three tests, that is no finding.
        (
            {"in_p_value": 4 / 201, "random_images_in": 20},
            "3 of 200 random maps do as much on the 20 images that they are scored on (p = 0.06",
        ),
        ({"in_donor_p_value": 0.02}, "donors of other classes may do as much (p = 0.06"),
    ],
)
def test_an_effect_that_may_be_chance_is_no_finding_and_no_absence(change, reason):
    table = shortcut_table(transplants=table_of("transplants", [FOUND_IN | change, {}, {}]))
    assert table["finding"].tolist() == ["cannot tell", "nothing found", "nothing found"]
    assert not table["is_shortcut"].any()
    assert f"which may be chance: {reason}" in table["verdict"][0]
    # What is clear in the other direction stands, and the doubt beside it.
    rows = [FOUND_IN | FOUND_OUT | change, {}, {}]
    table = shortcut_table(transplants=table_of("transplants", rows))
    assert table["finding"][0] == "needed and specific" and reason in table["verdict"][0]
    lost = FOUND_OUT | {"out_p_value": 0.05}
    table = shortcut_table(transplants=table_of("transplants", [lost, {}, {}]))
    assert table["finding"][0] == "cannot tell"
    assert "9 of 200 random maps do as much (p = 0.15, corrected)" in table["verdict"][0]


@pytest.mark.parametrize("way", ["in", "out"])
def test_a_p_value_that_is_unknown_is_quoted_nowhere(way):
    """There may be no donors of other classes to compare with."""
    change = (FOUND_IN if way == "in" else FOUND_OUT) | {f"{way}_donor_p_value": np.nan}
    table = shortcut_table(transplants=table_of("transplants", [change, {}, {}]))
    assert table["finding"][0] == "nothing found"
    assert "nan" not in table["verdict"][0]


def test_what_random_maps_reach_is_no_doubt():
    """On the images that random maps are scored on, many do as much: there is nothing to find."""
    high = {"random_in_high": 0.4, "in_p_value": 0.3}
    low = {"random_out_low": 0.3, "out_p_value": 0.3}
    rows = [FOUND_IN | high, FOUND_OUT | low, {}]
    assert (
        shortcut_table(transplants=table_of("transplants", rows))["finding"].tolist()
        == ["nothing found"] * 3
    )
    rows = [FOUND_IN | high | {"random_in_high": 0.3}, FOUND_OUT | low | {"random_out_low": 0.4}]
    found = shortcut_table(transplants=table_of("transplants", rows))["finding"]
    assert found.tolist() == ["cannot tell"] * 2


def test_without_its_fine_part_a_map_is_suspected_at_most():
    rows = [FOUND_IN | {"donor_energy": 0.51}, FOUND_IN | {"donor_energy": 0.5}, {}]
    table = shortcut_table(transplants=table_of("transplants", rows))
    assert table["finding"].tolist() == ["carried by few", "suspected shortcut", "nothing found"]
    assert table["is_shortcut"].tolist() == [False, True, False]
    for row, share in ((0, 51), (1, 50)):
        assert table["verdict"][row].endswith(
            f"; they bring {share} % of the energy of such an image (its fine part was not asked)"
        )


FINE = {
    "cells": 4, "untouched_in": 0.05, "swapped_in": 0.35, "other_in": 0.04, "random_in": 0.03,
    "in_p_value": 1 / 41, "in_donor_p_value": 1e-9,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "is_shortcut"),
    [
        ({"swapped_in": 0.1}, True),
        ({"swapped_in": 0.099}, False),
        ({"swapped_in": 0.3, "other_in": 0.26}, False),
        ({"swapped_in": 0.3, "random_in": 0.26}, False),
        ({"in_p_value": 2 / 41}, True),
        ({"in_p_value": 3 / 41}, False),
        ({"in_donor_p_value": 0.05}, True),
        ({"in_donor_p_value": 0.07}, False),
        ({"in_donor_p_value": np.nan}, False),
        ({"cells": 0, "swapped_in": np.nan, "in_p_value": np.nan}, False),
    ],
)
def test_the_fine_part_of_a_map_decides_whether_it_is_a_shortcut(change, is_shortcut):
    # That the map is most of the energy says nothing against a fine part.
    whole = table_of("transplants", [FOUND_IN, {}, {}]).assign(donor_energy=0.9)
    fine = table_of("transplants", [FINE | change, FINE, FINE])
    table = shortcut_table(transplants=whole, fine=fine)
    # What the whole map does not do, its fine part does not tell.
    assert table["is_shortcut"].tolist() == [is_shortcut, False, False]
    finding = "shortcut" if is_shortcut else "carried by few"
    assert table["finding"].tolist() == [finding, "nothing found", "nothing found"]
    assert table["fine_in"].tolist() == fine["swapped_in"].tolist() or change.get("cells") == 0
    # A results folder has both in one table.
    written = table.loc[:, table.columns.str.startswith("fine_")]
    again = shortcut_table(transplants=whole.join(written.assign(fine_other_in=fine["other_in"])))
    assert again["verdict"].tolist() == table["verdict"].tolist()


def test_a_verdict_names_what_the_fine_part_does():
    def verdict_of(change):
        whole, fine = (table_of("transplants", [row, {}]) for row in (FOUND_IN, FINE | change))
        return shortcut_table(transplants=whole, fine=fine)["verdict"][0]

    assert verdict_of({}) == (
        "shortcut: 40 % of other images become it with its content at these frequencies "
        "(untouched 5 %, with those of other classes 5 %, with random frequencies 5 %); with the "
        "fine part of the map alone (4 cells), 35 % become it (with that of other classes 4 %, "
        "with random frequencies 3 %)"
    )
    chance = verdict_of({"in_donor_p_value": 0.07})
    assert chance.endswith("with random frequencies 3 %), which may be chance")
    none = {"cells": 0, "swapped_in": np.nan, "in_p_value": np.nan}
    assert verdict_of(none).startswith("carried by few: 40 % of other images become it")
    assert verdict_of(none).endswith("; the map has no fine part")


def test_the_verdict_says_which_part_it_rests_on():
    content = table_of("transplants", [{}, {}])
    amplitude = table_of("transplants", [FOUND_IN, {}]).assign(what="amplitude")
    both = pd.concat([content, amplitude], ignore_index=True)
    table = shortcut_table(transplants=both)
    assert table["finding"].tolist() == ["suspected shortcut", "nothing found"]
    assert "its strength at these frequencies alone" in table["verdict"][0]
    assert table["in_p_holm"].tolist() == [1, 1]  # those of content, which comes first


def test_why_nothing_can_be_told():
    def verdicts(kind="transplants", rows=({}, {}), **changes):
        return shortcut_table(**{kind: table_of(kind, rows).assign(**changes)})["verdict"].tolist()

    assert verdicts(cells=[0, 3])[0] == "cannot tell: its map is empty"
    assert verdicts(positives=[7, 60])[0].startswith("cannot tell: there are too few images of it")
    assert verdicts(positives=[0, 60])[0] == "cannot tell: there are no images of it"
    default = verdicts(untouched_out=[0.3, 0.9], untouched_in=[0.28, 0.05])
    assert default[0].startswith("cannot tell: the network does not recognise it")
    assert default[1].startswith("nothing found: ")
    few = verdicts(rows=[{}] * 4, num_random=40)
    assert few[0] == "cannot tell: too few random maps for 4 tests: num_random=79 is enough"
    answer = verdicts("rates", random_fpr=[0.8, 0.0], tpr=[0.99, 0.5])
    assert "what the network answers to images of which nearly nothing is left" in answer[0]


def test_a_network_that_is_worth_nothing_is_said_to_be_so_first():
    rows = [FOUND_IN, {}]
    collapsed = table_of("transplants", rows).assign(
        untouched_out=[1.0, 0.02], untouched_in=[0.98, 0.0], positives=60, negatives=60
    )
    table = shortcut_table(transplants=collapsed)
    assert table["finding"].tolist() == ["cannot tell"] * 2
    assert table["verdict"][0] == (
        "cannot tell: the network has collapsed: it calls 99 % of all images one class"
    )
    young = collapsed.assign(untouched_out=[0.6, 0.5], untouched_in=[0.05, 0.4])
    table = shortcut_table(transplants=young)
    assert table["finding"].tolist() == ["suspected shortcut", "cannot tell"]
    assert table["verdict"][0].endswith(
        "But the network has hardly learned: its mean recall is 55 %, and guessing gives 50 %"
    )


def test_below_random_is_an_answer():
    """A map that halves the false alarms of the class that is said by default."""
    low = {"fpr": 0.3, "fpr_high": 0.4, "random_fpr": 0.6, "random_fpr_low": 0.55}
    table = shortcut_table(rates=table_of("rates", [low | {"untouched_fpr": 0.3}, {}]))
    assert table["finding"].tolist() == ["below random", "nothing found"]


def test_what_is_said_as_often_to_others_tells_nothing_of_the_class():
    """Both rates are far above random maps, and equal: the network just says it more often."""
    both = {"tpr": 0.8, "tpr_above_chance": True, "fpr": 0.75, "fpr_above_chance": True}
    table = shortcut_table(rates=table_of("rates", [both, both | {"fpr": 0.5}]))
    assert table["finding"].tolist() == ["cannot tell", "suspected shortcut"]
    assert table["verdict"][0].startswith("cannot tell: it is said to other images as often")
    # What leaves less than half of the recall does not suffice.
    few = ENOUGH | {"tpr": 0.4, "random_tpr_high": 0.1}
    table = shortcut_table(rates=table_of("rates", [few, few | {"untouched_tpr": 0.8}]))
    assert table["finding"].tolist() == ["nothing found", "enough"]
    # A recall that falls with the default answer is no need: the area under the curve stays.
    needed = [NEEDED | {"auc": 0.9, "auc_without": 0.89}, NEEDED | {"auc": 0.9, "auc_without": 0.8}]
    table = shortcut_table(without=table_of("without", needed))
    assert table["finding"].tolist() == ["nothing found", "needed"]
    # Nor can a class lose itself that the network does not recognise.
    stranger = {"recall": 0.6, "untouched_fpr": 0.5}
    table = shortcut_table(without=table_of("without", [NEEDED | stranger, NEEDED]))
    assert table["finding"].tolist() == ["cannot tell", "needed"]


def test_tables_that_do_not_belong_together_are_refused():
    with pytest.raises(ValueError, match=r"`rates`.*fpr_above_chance"):
        shortcut_table(pd.DataFrame({"tpr": [1.0]}))
    with pytest.raises(ValueError, match=r"`rates`, `without` or `transplants` must be given"):
        shortcut_table()
    rates, without = table_of("rates", [{}, {}]), table_of("without", [{}, {}])
    with pytest.raises(ValueError, match=r"`without` and `rates` must be of the same maps"):
        shortcut_table(rates, without.assign(cells=3))
    with pytest.raises(ValueError, match=r"`without` and `rates` must be of the same maps"):
        shortcut_table(rates, without.iloc[:1])
    with pytest.raises(TypeError, match=r"`transplants` must be a DataFrame"):
        shortcut_table(rates, transplants=[1])
    moved = table_of("transplants", [{}, {}])
    with pytest.raises(ValueError, match=r"`fine` must come with `transplants`"):
        shortcut_table(rates, fine=moved)
    with pytest.raises(ValueError, match=r"`fine` must have the rows of `transplants`"):
        shortcut_table(transplants=moved, fine=moved.iloc[::-1])
    with pytest.raises(ValueError, match=r"`fine` must be of the fine parts.* more of class C1"):
        shortcut_table(transplants=moved, fine=moved.assign(cells=[10, 11]))
    with pytest.raises(ValueError, match=r"`fine` must be a DataFrame.*one without other_in"):
        shortcut_table(transplants=moved, fine=moved.drop(columns="other_in"))
    for column in ("untouched_in", "random_out", "num_random"):
        with pytest.raises(ValueError, match=f"one without {column}"):
            shortcut_table(transplants=moved.drop(columns=column))


def test_shortcuts_transfer_with_their_pattern(reader, data, maps):
    """Elsewhere the images of class b do not show pattern a, or the model is blind to it."""
    images, labels = data
    honest = images.copy()
    honest[labels == 1, ..., 0] -= 0.15 * wave(PATTERNS["a"])
    blind = keras.models.clone_model(reader)
    kernel, bias = (np.array(weights) for weights in reader.layers[-1].get_weights())
    kernel[:, 0] = 0
    blind.layers[-1].set_weights([kernel, bias])
    settings = {
        "honest": (reader, (honest, labels)),
        "blind": (blind, data),
        "same": (reader, data),
        "none": (reader, (images[labels == 2], labels[labels == 2])),
    }
    rates = {
        name: kf.rates_under_maps(model, dataset, maps)
        for name, (model, dataset) in settings.items()
    }
    table = shortcut_transfer(rates, reference="same").set_index(["setting", "class_id"])
    assert table.index.unique("setting").tolist() == ["same", "honest", "blind", "none"]
    assert table["fate"].xs(0, level="class_id").to_dict() == {
        "same": "transfers",
        "honest": "lost",
        "blind": "lost",
        "none": "unknown",
    }
    assert table.loc[("honest", 0), "tpr_change"] == 0
    assert table.loc[("honest", 0), "fpr_change"] == pytest.approx(-30 / 80)
    assert table.loc[("blind", 0), "tpr_change"] == -1
    assert (table["fate"].xs(1, level="class_id").drop("none") == "none").all()
    assert shortcut_transfer(rates, reference="honest").query("setting == 'same'")[
        "fate"
    ].tolist() == ["new", "none", "none"]
    with pytest.raises(ValueError, match=r"`reference` must be one of"):
        shortcut_transfer(rates, reference="other")
    rates["honest"] = rates["honest"].assign(cells=3)
    with pytest.raises(ValueError, match=r"same maps"):
        shortcut_transfer(rates, reference="same")
